"""Defaults and fields that a class body declares, judged when the class is made."""

from __future__ import annotations

import enum
import functools
import math
from datetime import datetime, timezone

import pytest

from ommongo import (
    AnythingField,
    BoolField,
    CreatedField,
    DateTimeField,
    DictField,
    Document,
    DocumentField,
    EnumField,
    Field,
    FloatField,
    Index,
    IntField,
    KVField,
    ListField,
    ObjectIdField,
    RefField,
    SetField,
    SRefField,
    StringField,
    TupleField,
    computed_field,
)
from ommongo.exceptions import BadFieldSpecification, BadValueException, InvalidConfigException


class Point(Document):
    config_namespace = None

    x = IntField(default=0)


class Callable(Point):
    def __call__(self):
        """What an application may do with its objects."""


def declare(field):
    """Make a class of which a field is the only one."""
    return type("Box", (Document,), {"config_namespace": None, "thing": field})


REFUSED = {
    "str for int": lambda: IntField(default="2"),
    "int for str": lambda: StringField(default=2),
    "bool for int": lambda: IntField(default=True),
    "out of bounds": lambda: IntField(min_value=1, default=0),
    "not a number": lambda: FloatField(min_value=0, default=math.nan),
    "too short": lambda: StringField(min_length=3, default="ab"),
    "too many bits": lambda: IntField(default=2**64),
    "none of the values": lambda: EnumField(StringField(), "a", default="b"),
    "text for a date": lambda: DateTimeField(default="2020-01-01"),
    "a digit short": lambda: ObjectIdField(default="0" * 23),
    "an item": lambda: ListField(IntField(), default=["a"]),
    "too many items": lambda: ListField(IntField(), max_capacity=1, default=[1, 2]),
    "a tuple's size": lambda: TupleField(IntField(), IntField(), default=(1,)),
    "a key": lambda: DictField(IntField(), default={1: 1}),
    "a value": lambda: KVField(IntField(), IntField(), default={1: "a"}),
    "another class": lambda: DocumentField(Point, default=3),
    "an id": lambda: SRefField(Point, default="a"),
    "no reference": lambda: RefField(default="a"),
    "a validator": lambda: IntField(validator=lambda value: value > 3, default=3),
    "in a list": lambda: ListField(IntField(default="2")),
    "in a list in a dict": lambda: DictField(ListField(StringField(default=1))),
}

CALLABLE = {
    "a function": (lambda: StringField(default=lambda: "a"), "<lambda>"),
    "a built-in function": (lambda: DateTimeField(default=datetime.now), "datetime.now"),
    "a class": (lambda: ListField(StringField(), default=list), "list"),
    "a document class": (lambda: DocumentField(Point, default=Point), "Point"),
    "anything": (lambda: AnythingField(default=dict), "dict"),
    "a partial": (lambda: IntField(default=functools.partial(int, "1")), "partial"),
    "a bound method": (lambda: StringField(default="a".upper), "str.upper"),
    "in a list": (lambda: ListField(IntField(default=int)), "int"),
}


@pytest.mark.parametrize("make", REFUSED.values(), ids=REFUSED)
def test_a_default_that_its_field_refuses(make):
    """The class is not made: its first object could not be saved."""
    field = make()  # the field alone may have any default

    with pytest.raises(InvalidConfigException, match=r"Box\.thing refuses its own default: it "):
        declare(field)


@pytest.mark.parametrize(("make", "name"), CALLABLE.values(), ids=CALLABLE)
def test_a_default_that_wants_to_be_called(make, name):
    """A function or a class would be the value itself; who means what it gives says default_f."""
    field = make()

    with pytest.raises(InvalidConfigException) as raised:
        declare(field)
    for part in ("Box.thing", f"default is {name}", "default_f="):
        assert part in str(raised.value)


@pytest.mark.parametrize(
    "make",
    [
        lambda: IntField(default=None),
        lambda: StringField(default=""),
        lambda: BoolField(default=False),
        lambda: SetField(StringField(), default={"a"}),
        lambda: AnythingField(default=[1, "a"]),
        lambda: DocumentField(Point, default=Point(x=3)),
        lambda: DocumentField(Point, default=Callable()),
        lambda: ListField(IntField(), default_empty=True),
    ],
)
def test_a_default_that_is_right(make):
    """What the field accepts is a default, and what reads as it can be saved."""
    field = make()
    box = declare(field)()

    assert box.wrap()["thing"] == (None if field.default is None else field.wrap(field.default))


def test_a_default_of_an_inherited_field():
    """A field is judged where it is declared, also in a base that is no document."""

    class Mixin:
        thing = IntField(default="2")

    with pytest.raises(InvalidConfigException, match=r"thing refuses its own default"):

        class Box(Mixin, Document):
            config_namespace = None


def test_a_function_that_makes_what_the_field_refuses():
    """It is told when the first default is wanted, and by the field's name."""
    cls = declare(IntField(default_f=lambda: "2"))
    box = cls()

    for want in (lambda: box.thing, box.wrap):
        with pytest.raises(InvalidConfigException, match=r"Box\.thing: default_f made .* it takes"):
            want()
    assert "thing" not in vars(box)


def test_a_function_that_makes_none():
    """None is a default where the field takes it."""
    assert declare(IntField(default_f=lambda: None, allow_none=True))().thing is None
    with pytest.raises(InvalidConfigException):
        declare(IntField(default_f=lambda: None))().thing


def test_a_function_is_judged_once():
    """The first value tells of what kind they are; each is judged again when it is saved."""
    made = iter([1, "a"])
    cls = declare(IntField(default_f=lambda: next(made)))
    assert cls().thing == 1

    with pytest.raises(BadValueException, match=r"Box\.thing"):
        cls().wrap()


@pytest.mark.parametrize("kind", [StringField, IntField, Field])
def test_a_field_without_parentheses(kind):
    """A class of fields in a class body would be no field, and no error until much later."""
    with pytest.raises(BadFieldSpecification, match=rf"Call it: thing = {kind.__name__}\(\)"):
        declare(kind)


NOTHING = {
    "a comma": (lambda: {"thing": (IntField(),)}, "Take away the comma behind IntField"),
    "a comma behind a class": (lambda: {"thing": (IntField,)}, "Take away the comma behind Int"),
    "a comma behind an index": (
        lambda: {"number": IntField(), "thing": (Index().ascending("number"),)},
        "Take away the comma behind Index",
    ),
    "a list": (lambda: {"thing": [IntField()]}, r"thing = ListField\(IntField\(\)\)"),
    "a list of a class": (lambda: {"thing": [IntField]}, r"thing = ListField\(IntField\(\)\)"),
    "a schema": (lambda: {"thing": {"name": IntField()}}, "Give each field a name"),
    "indexes": (
        lambda: {"a": IntField(), "thing": [Index().ascending("a"), Index().descending("a")]},
        "Give each index a name",
    ),
    "a colon": (lambda: {"__annotations__": {"thing": IntField()}}, "equals sign for the colon"),
    "a colon in text": (
        lambda: {"__annotations__": {"thing": "IntField(min_value=1)"}},
        "equals sign for the colon: thing = ",
    ),
    "a class of indexes": (lambda: {"thing": Index}, r"thing = Index\(\)\.ascending"),
    "a function of fields": (lambda: {"thing": CreatedField}, r"Call it: thing = CreatedField\(\)"),
    "a decorator": (lambda: {"thing": computed_field}, r"Call it: thing = computed_field\(\)"),
    "a bare decorator": (
        lambda: {"thing": computed_field(lambda values: 1)},
        r"given the function <lambda>\. Call it .*@computed_field\(IntField\(\)",
    ),
    "an _id that is none": (
        lambda: {"mongo_id": IntField()},
        r"Box\.mongo_id takes the place .* Declare it with _id=True",
    ),
    "an _id that is no field": (lambda: {"mongo_id": None}, r"Box\.mongo_id takes the place"),
    "no stored name": (
        lambda: {"thing": IntField(db_field="")},
        r"Box\.thing has the stored name ''\. A stored name is text, is not empty",
    ),
    "a stored name that is no text": (
        lambda: {"thing": IntField(db_field=3)},
        r"Box\.thing has the stored name 3\. A stored name is text",
    ),
}


@pytest.mark.parametrize(("make", "advice"), NOTHING.values(), ids=NOTHING)
def test_what_would_declare_nothing(make, advice):
    """It would be no field, in silence: its values would be refused, or lost."""
    with pytest.raises(BadFieldSpecification, match=advice):
        type("Box", (Document,), {"config_namespace": None, **make()})


def test_lists_of_fields_that_are_declared():
    """A class may keep lists of its own fields, of inherited ones, and of classes of fields."""

    class Base(Document):
        config_namespace = None
        first = IntField()
        i_first = Index().ascending("first")
        shown = (first,)
        kinds = (IntField, StringField)
        indexed = [i_first]

    class Box(Base):
        second: IntField = IntField()
        shown = [Base._fields["first"], second]
        note: int
        later: str

    assert [field._name for field in Box.shown] == ["first", "second"]


FUNCTIONS = {
    "a value for a function": (lambda: IntField(default_f=3), "default_f is a value of int"),
    "a result for a function": (
        lambda: DateTimeField(default_f=datetime.now()),
        r"value of datetime\. Pass a function .* default",
    ),
    "a list": (lambda: ListField(IntField(), default_f=[]), "default_f is a value of list"),
    "a parameter": (lambda: IntField(default_f=lambda doc: 3), r"has parameters\..*computed_field"),
    "a parameter by name": (lambda: IntField(default_f=lambda *, n: 3), "has parameters"),
    "a list of validators": (lambda: StringField(validator=[len]), "validator is a value of list"),
    "text for a validator": (lambda: StringField(wrap_validator="x"), "wrap_validator is a value"),
    "a number for one": (lambda: StringField(unwrap_validator=3), "unwrap_validator is a value"),
}


@pytest.mark.parametrize(("make", "reason"), FUNCTIONS.values(), ids=FUNCTIONS)
def test_what_is_no_function(make, reason):
    """It is told when the field is made, and not when the first document asks it."""
    with pytest.raises(InvalidConfigException, match=rf"Field: {reason}|{reason}"):
        make()


@pytest.mark.parametrize(
    "function",
    [
        lambda: 3,
        lambda number=3: number,
        lambda *numbers, **named: 3,
        int,
        functools.partial(int, "3"),
        "3".__len__,
        Point(x=3).has_id,
    ],
)
def test_what_is_called_without_arguments(function):
    """Functions with defaults, classes, partial functions and bound methods make defaults."""
    assert declare(AnythingField(default_f=function))().thing in (3, 1, 0, False)


def test_a_default_that_is_read_once():
    """A generator would be shared by all documents, and empty for all but the first."""
    for default in ((n for n in "abc"), iter("abc"), map(str, "abc")):
        with pytest.raises(InvalidConfigException, match=r"Box\.thing: default is a .* list of"):
            declare(ListField(StringField(), default=default))


@pytest.mark.parametrize(
    "make",
    [
        lambda: StringField(min_length=5, max_length=2),
        lambda: IntField(min_value=5, max_value=2),
        lambda: FloatField(min_value=0.5, max_value=-0.5),
        lambda: ListField(IntField(), min_capacity=2, max_capacity=1),
        lambda: SetField(IntField(), min_capacity=2, max_capacity=1),
        lambda: DateTimeField(min_date=datetime(2021, 1, 1), max_date=datetime(2020, 1, 1)),
        lambda: DateTimeField(
            min_date=datetime(2020, 1, 1, 1), max_date=datetime(2020, 1, 1, tzinfo=timezone.utc)
        ),
    ],
)
def test_bounds_between_which_nothing_is(make):
    """A field that refuses every value is told of when it is made."""
    with pytest.raises(InvalidConfigException, match=r"is above .* Exchange them"):
        make()


def test_bounds_between_which_one_value_is():
    """Both bounds are included, so they may be equal."""
    assert IntField(min_value=3, max_value=3).wrap(3) == 3
    assert StringField(min_length=1, max_length=1).wrap("a") == "a"


class Colour(enum.Enum):
    RED = "red"


@pytest.mark.parametrize(
    ("make", "advice"),
    [
        (lambda: ListField(IntField), r"Pass an instance of a field class: IntField\(\)\."),
        (lambda: ListField(Point), r"DocumentField\(Point\) embeds .* SRefField\(Point\) refers"),
        (lambda: DictField(Point()), r"DocumentField\(Point\) embeds"),
        (lambda: ListField(str), r"StringField\(\), not StringField or str"),
        (lambda: EnumField(Colour), r"EnumField\(StringField\(\), \*\[member\.value for member in"),
    ],
)
def test_what_is_no_field_inside_another(make, advice):
    """The message says which field was meant."""
    with pytest.raises(BadFieldSpecification, match=advice):
        make()
