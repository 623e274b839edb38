"""Defaults and fields that a class body declares, judged when the class is made."""

from __future__ import annotations

import functools
import math
from datetime import datetime

import pytest

from ommongo import (
    AnythingField,
    BoolField,
    DateTimeField,
    DictField,
    Document,
    DocumentField,
    EnumField,
    Field,
    FloatField,
    IntField,
    KVField,
    ListField,
    ObjectIdField,
    RefField,
    SetField,
    SRefField,
    StringField,
    TupleField,
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
