"""What every field can do, whichever it is."""

from __future__ import annotations

import pytest

from ommongo.document import Document
from ommongo.exceptions import BadFieldSpecification, BadValueException, InvalidConfigException
from ommongo.fields import (
    ANY_MODIFIER,
    LIST_MODIFIERS,
    NUMBER_MODIFIERS,
    SCALAR_MODIFIERS,
    AnythingField,
    BoolField,
    ComputedField,
    DictField,
    EnumField,
    Field,
    FloatField,
    IntField,
    KVField,
    ListField,
    ObjectIdField,
    SetField,
    StringField,
    TupleField,
)
from ommongo.util import UNSET
from tests.unit.fields.refusals import refusal

CALLS = ("wrap", "unwrap", "validate_wrap", "validate_unwrap")


@pytest.mark.parametrize("name", [*CALLS, "is_valid_wrap", "is_valid_unwrap"])
def test_base_class_judges_nothing(name):
    """A field type that defines no conversion has none."""
    with pytest.raises(NotImplementedError, match="Field does not define"):
        getattr(Field(), name)(3)


def test_defaults_of_the_options():
    """A field without options is required, has no default, refuses None and is set by updates."""
    field = Field()

    assert field.required is True
    assert field.default is UNSET
    assert field.has_default is False
    assert field.allow_none is False
    assert field.on_update == "$set"
    assert field.is_id is False
    assert field.ignore_missing is False
    assert field.proxy is None
    assert field.iproxy is None
    assert field.has_autoload is False
    assert field.has_subfields is False
    assert field.subfields() == {}
    assert field.is_sequence_field is False


def test_options_in_the_order_of_the_signature():
    """Options can be given by position."""
    field = Field(False, 3, None, "x", True, "ignore", None, None, None, False, 1, 2, True)

    assert (field.required, field.default, field.db_field, field.allow_none) == (
        False,
        3,
        "x",
        True,
    )
    assert (field.on_update, field.proxy, field.iproxy, field.ignore_missing) == (
        "ignore",
        1,
        2,
        True,
    )


def test_default_and_default_f_exclude_each_other():
    """Two defaults are refused, even when one of them is None."""
    with pytest.raises(InvalidConfigException, match=r"default and default_f.*Keep one"):
        IntField(default=None, default_f=int)


def test_id_and_db_field_exclude_each_other():
    """A field with _id=True has its stored name already."""
    with pytest.raises(InvalidConfigException, match=r"_id and db_field='x'.*leave db_field out"):
        IntField(_id=True, db_field="x")


@pytest.mark.parametrize(("options", "is_id"), [({"_id": True}, True), ({"db_field": "_id"}, True)])
def test_id_field(options, is_id):
    """A field is the id by _id=True or by its stored name."""
    field = IntField(**options)

    assert field.is_id is is_id
    assert field.db_field == "_id"


def test_stored_name_is_the_attribute_name():
    """Without db_field a field is stored under its Python name."""

    class Person(Document):
        age = IntField()
        nick = StringField(db_field="n")

    assert Person.get_fields()["age"].db_field == "age"
    assert Person.get_fields()["nick"].db_field == "n"


def test_default_none_allows_none():
    """A default of None makes None a value."""
    assert IntField(default=None).allow_none
    assert IntField(default=None).is_valid_wrap(None)


@pytest.mark.parametrize("name", CALLS)
def test_none_skips_every_check(name):
    """With allow_none neither the field nor its validators see None."""

    def refuse(value):
        raise AssertionError(value)

    field = IntField(allow_none=True, validator=refuse)

    assert getattr(field, name)(None) is None


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize(
    "field",
    [
        BoolField(),
        EnumField(IntField(), 1),
        DictField(IntField()),
        FloatField(),
        IntField(),
        KVField(IntField(), IntField()),
        ListField(IntField()),
        ObjectIdField(),
        SetField(IntField()),
        StringField(),
        TupleField(IntField()),
    ],
)
def test_none_is_refused_unless_allowed(field, name):
    """Without allow_none None is a value of a wrong type."""
    refusal(getattr(field, name), None)


def test_none_is_a_query_value_where_it_is_allowed():
    """A query compares with None where the field holds it."""
    assert IntField(allow_none=True).wrap_value(None) is None
    assert ListField(IntField(), allow_none=True).wrap_value(None) is None
    assert ComputedField(IntField(), len, allow_none=True).wrap_value(None) is None
    assert not IntField().is_valid_wrap(None)
    refusal(ListField(IntField()).wrap_value, None)
    refusal(ComputedField(IntField(), len).wrap_value, None)


def test_default_is_given_as_it_was_declared():
    """A default is neither validated nor wrapped when the field is made."""
    assert IntField(default="no int").default == "no int"
    assert IntField(default_f=lambda: 3).default == 3


def test_mutable_default_is_never_shared():
    """Each document has its own copy of a default."""

    class Basket(Document):
        fruits = ListField(StringField(), default=["apple"])

    one, other = Basket(), Basket()
    one.fruits.append("pear")

    assert other.fruits == ["apple"]
    assert Basket.get_fields()["fruits"].default == ["apple"]


def test_default_f_is_called_for_each_document():
    """What default_f makes belongs to one document."""

    class Basket(Document):
        fruits = ListField(StringField(), default_f=list)

    one, other = Basket(), Basket()
    one.fruits.append("pear")

    assert other.fruits == []


def test_on_update_takes_a_modifier_or_ignore():
    """Operations that the field supports can be declared."""
    assert IntField(on_update="$inc").on_update == "$inc"
    assert IntField(on_update="ignore").on_update == "ignore"


@pytest.mark.parametrize(
    ("field_class", "operation"),
    [(StringField, "$inc"), (IntField, "$push"), (IntField, "set"), (BoolField, "$pop")],
)
def test_on_update_refuses_other_operations(field_class, operation):
    """An operation that the field does not support is refused, with those that it does."""
    with pytest.raises(InvalidConfigException, match=r"Use one of .*\$set"):
        field_class(on_update=operation)


def test_modifier_sets():
    """The sets name the operators that the server has, and the old $pushAll."""
    assert {"$set", "$unset"} == SCALAR_MODIFIERS
    assert SCALAR_MODIFIERS | {"$inc", "$mul", "$min", "$max"} == NUMBER_MODIFIERS
    assert (
        SCALAR_MODIFIERS | {"$push", "$addToSet", "$pull", "$pushAll", "$pullAll", "$pop"}
        == LIST_MODIFIERS
    )
    assert NUMBER_MODIFIERS | LIST_MODIFIERS == ANY_MODIFIER


@pytest.mark.parametrize(
    ("field", "modifiers"),
    [
        (AnythingField(), ANY_MODIFIER),
        (DictField(IntField()), SCALAR_MODIFIERS),
        (FloatField(), NUMBER_MODIFIERS),
        (KVField(IntField(), IntField()), SCALAR_MODIFIERS),
        (ListField(IntField()), LIST_MODIFIERS),
        (SetField(IntField()), LIST_MODIFIERS),
        (StringField(), SCALAR_MODIFIERS),
        (TupleField(IntField()), SCALAR_MODIFIERS),
    ],
)
def test_modifiers_of_a_field(field, modifiers):
    """Each field says which operators it supports."""
    assert field.valid_modifiers == modifiers


# -- validators -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CALLS)
def test_validator_is_asked_both_ways(name):
    """A validator that gives False refuses, storing and loading, and the message names it."""

    def is_even(value):
        return value % 2 == 0

    field = IntField(validator=is_even)

    getattr(field, name)(2)
    assert "is_even" in str(refusal(getattr(field, name), 3333333))


@pytest.mark.parametrize(
    ("option", "asked"),
    [
        ("wrap_validator", {"wrap", "validate_wrap"}),
        ("unwrap_validator", {"unwrap", "validate_unwrap"}),
    ],
)
@pytest.mark.parametrize(
    "make", [IntField, lambda **kw: EnumField(IntField(), 3, **kw)], ids=["plain", "compound"]
)
def test_validator_of_one_way(make, option, asked):
    """A wrap_validator is asked on storing, an unwrap_validator on loading."""
    field = make(**{option: lambda value: False})

    refusing = set()
    for name in CALLS:
        try:
            getattr(field, name)(3)
        except BadValueException:
            refusing.add(name)

    assert refusing == asked


def test_validator_may_give_none():
    """A validator refuses by False only, so one that returns nothing accepts."""
    assert IntField(validator=lambda value: None).is_valid_wrap(3)


def test_validator_may_raise_the_refusal_itself():
    """A BadValueException of a validator goes through as it is."""
    error = BadValueException("age", 3, "is too low")

    def refuse(value):
        raise error

    with pytest.raises(BadValueException) as caught:
        IntField(validator=refuse).wrap(3)
    assert caught.value is error


def test_validator_without_a_name():
    """A validator may be any callable; the message names its class."""

    class Never:
        def __call__(self, value):
            return False

    assert "Never()" in str(refusal(IntField(validator=Never()).wrap, 3333333))


def test_validator_is_asked_after_the_field():
    """A validator never sees a value of a wrong type."""
    seen = []
    field = IntField(validator=seen.append)

    assert not field.is_valid_wrap("3")
    assert seen == []


@pytest.mark.parametrize(
    "field_of",
    [
        lambda validator: IntField(validator=validator),
        lambda validator: ListField(IntField(validator=validator)),
        lambda validator: ListField(IntField(), validator=validator),
    ],
    ids=["plain", "item", "list"],
)
def test_validator_is_asked_once_in_each_conversion(field_of):
    """Neither wrap nor unwrap asks a validator twice, however deep the field is."""
    seen = []
    field = field_of(seen.append)
    value = 3 if isinstance(field, IntField) else [3]

    field.wrap(value)
    assert len(seen) == 1
    field.unwrap(value)
    assert len(seen) == 2


def test_validators_of_a_field_type_of_an_application():
    """Validators are asked after an application's own judgement too, once, and not about None."""

    class Even(IntField):
        def validate_wrap(self, value):
            super().validate_wrap(value)
            if value % 2:
                self._fail_validation(
                    value, f"takes even numbers, not this {type(value).__name__}."
                )

    seen = []
    field = Even(validator=seen.append, allow_none=True)

    assert field.wrap(2) == 2
    assert field.wrap(None) is None
    assert not field.is_valid_wrap(3)
    assert seen == [2]


# -- the error ------------------------------------------------------------------------------------


def test_refusal_has_the_name_of_the_field():
    """The path of the field is in the message and is an attribute; so are value and cause."""

    class Person(Document):
        age = IntField()

    with pytest.raises(BadValueException, match=r"^Person\.age takes int, not str\. ") as caught:
        Person(age="3")
    assert (caught.value.name, caught.value.value, caught.value.cause) == ("Person.age", "3", None)


def test_refusal_of_a_field_without_a_name():
    """A field that belongs to no class says so."""
    assert str(refusal(IntField().wrap, "abc")).startswith("A field without a name takes int")


# -- item fields ----------------------------------------------------------------------------------


@pytest.mark.parametrize("item", [StringField, str, "a name", None, 3])
@pytest.mark.parametrize(
    "make",
    [
        ListField,
        SetField,
        DictField,
        TupleField,
        EnumField,
        lambda item: KVField(item, IntField()),
        lambda item: KVField(IntField(), item),
        lambda item: ComputedField(item, len),
    ],
    ids=["list", "set", "dict", "tuple", "enum", "key", "value", "computed"],
)
def test_items_have_fields(make, item):
    """What is no field cannot be one's item, value or result."""
    with pytest.raises(BadFieldSpecification, match=r"Pass an instance of a field class"):
        make(item)


# -- fields of applications -----------------------------------------------------------------------


class UpperField(StringField):
    """Stores upper case, reads lower case."""

    def wrap(self, value):
        return super().wrap(value).upper()

    def unwrap(self, value, session=None):
        return super().unwrap(value, session).lower()


def test_field_type_of_an_application_converts():
    """A subclass's own conversions are used alone, in containers and in queries."""
    assert UpperField().wrap("ab") == "AB"
    assert UpperField().wrap_value("ab") == "AB"
    assert ListField(UpperField()).wrap(["ab"]) == ["AB"]
    assert ListField(UpperField()).wrap_value("ab") == "AB"
    assert DictField(UpperField()).unwrap({"k": "AB"}) == {"k": "ab"}


def test_field_type_of_an_application_in_a_document():
    """A subclass's own conversions are used when a document is stored and loaded."""

    class Flight(Document):
        origin = UpperField()

    assert Flight(origin="cgk").wrap() == {"origin": "CGK"}
    assert Flight.unwrap({"origin": "CGK"}).origin == "cgk"


def test_set_value_of_an_application():
    """A subclass may override how a value gets into the document, assigned and loaded."""

    class Stripped(StringField):
        def set_value(self, instance, value, from_db=False):
            super().set_value(instance, value if from_db else value.strip(), from_db)

    class Page(Document):
        title = Stripped()

    page = Page(title=" a ")
    assert page.title == "a"
    page.title = " b "
    assert page.title == "b"
    assert Page.unwrap({"title": " c "}).title == " c "


def test_get_of_an_application_is_honoured_on_every_read():
    """A subclass's own __get__ is asked although the value is there."""

    class Loud(StringField):
        def __get__(self, instance, owner):
            value = super().__get__(instance, owner)
            return value if instance is None else value.upper()

    class Sign(Document):
        text = Loud()

    assert Sign(text="stop").text == "STOP"
    assert str(Sign.text) == "text"


@pytest.mark.parametrize("name", ["wrap", "unwrap"])
def test_container_of_an_application_judges_its_own_way(name):
    """An overridden judgement of a container is asked by its conversions too."""

    class Sorted(ListField):
        def validate_wrap(self, value):
            super().validate_wrap(value)
            if value != sorted(value):
                self._fail_validation(value, f"takes a sorted {type(value).__name__}. Sort it.")

        def validate_unwrap(self, value):
            self.validate_wrap(value)

    field = Sorted(IntField())

    assert getattr(field, name)([1, 2]) == [1, 2]
    refusal(getattr(field, name), [20, 10])
    assert not field.is_valid_wrap([2, 1])
    assert not field.is_valid_unwrap([2, 1])


class Loose:
    """Accepts what its base class refuses."""

    def validate_wrap(self, value):
        pass

    validate_unwrap = validate_wrap


@pytest.mark.parametrize(
    "base",
    [StringField, IntField, FloatField, ObjectIdField],
)
def test_field_type_of_an_application_may_accept_more(base):
    """A value that only the subclass accepts is passed through as it is."""

    class LooseField(Loose, base):
        pass

    value = ["whatever"]
    assert LooseField().wrap(value) is value
    assert LooseField().unwrap(value) is value


def test_plain_fields_read_at_native_speed():
    """A built-in scalar field has no __set__, so Python finds its value without asking it."""
    assert not hasattr(IntField(), "__set__")
    assert hasattr(ListField(IntField()), "__set__")
    assert hasattr(UpperField(), "__set__")


def test_assigning_to_a_field_that_is_asked_on_every_read():
    """Python's own way into a data descriptor ends in the document's assignment."""

    class Basket(Document):
        fruits = ListField(StringField())

    basket = Basket()
    Basket.get_fields()["fruits"].__set__(basket, ["apple"])

    assert basket.fruits == ["apple"]


def test_field_of_a_class_that_is_no_document():
    """A mixin's field is a query field there too."""

    class Named:
        name = StringField()

    assert str(Named.name) == "name"


def test_a_field_class_that_says_which_fields_are_equal_is_a_field_like_any():
    """Python takes the hash away from a class with an `__eq__`; a document needs it."""

    class EqualField(StringField):
        def __eq__(self, other):
            return isinstance(other, EqualField)

    class Pair(Document):
        config_namespace = None
        first = EqualField()
        second = EqualField(db_field="s")

    assert (Pair.first == "a").obj == {"first": "a"}
    assert (Pair.second == "b").obj == {"s": "b"}
    assert Pair.unwrap(Pair(first="a", second="b").wrap()).second == "b"
