"""
``optional=True`` as it is declared: on which fields, beside which options, and as what.

On every field class that has the options of a field, alone and as the result of a computed one; not
on what is inside a value (items, keys and values, parts of a tuple, the values of an enumeration,
the class of a reference). Beside it neither a default in any of its forms, nor what stores a null,
nor the ``_id``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ommongo import (
    AnythingField,
    BinaryField,
    BoolField,
    ComputedField,
    CreatedField,
    DateTimeField,
    DictField,
    Document,
    DocumentField,
    EnumField,
    FloatField,
    GeoField,
    IntField,
    KVField,
    ListField,
    ModifiedField,
    ObjectIdField,
    RefField,
    RegExStringField,
    SetField,
    SRefField,
    StringField,
    TupleField,
    computed_field,
)
from ommongo.exceptions import BadValueException, InvalidConfigException
from ommongo.fields import Field, NumberField


class Street(Document):
    config_namespace = "tests.unit.optional"
    name = StringField()


FIELDS: dict[str, Callable[..., Field[Any]]] = {
    "anything": AnythingField,
    "binary": BinaryField,
    "bool": BoolField,
    "date": DateTimeField,
    "dict": lambda **options: DictField(IntField(), **options),
    "document": lambda **options: DocumentField(Street, **options),
    "enum": lambda **options: EnumField(StringField(), "a", "b", **options),
    "float": FloatField,
    "geo": GeoField,
    "int": IntField,
    "kv": lambda **options: KVField(StringField(), IntField(), **options),
    "list": lambda **options: ListField(StringField(), **options),
    "number": lambda **options: NumberField(int, **options),
    "id": ObjectIdField,
    "ref": RefField,
    "sref": lambda **options: SRefField(Street, **options),
    "regex": lambda **options: RegExStringField("a+", **options),
    "set": lambda **options: SetField(StringField(), **options),
    "text": StringField,
    "tuple": lambda **options: TupleField(IntField(), **options),
    "computed": lambda **options: ComputedField(IntField(), lambda values: None, **options),
    "created": CreatedField,
}


@pytest.mark.parametrize("kind", FIELDS)
def test_every_field_can_be_optional(kind):
    """An optional field is not required, and says so; others are what they were."""
    field, other = FIELDS[kind](optional=True), FIELDS[kind]()

    assert (field.optional, field.required) == (True, False)
    assert (other.optional, other.required) == (False, True)
    assert FIELDS[kind](optional=True, required=False).optional
    assert field.schema_json()["optional"] is True
    assert (field.schema_json()["required"], field.schema_json()["default_unset"]) == (False, True)
    assert "optional" not in other.schema_json()


@pytest.mark.parametrize("kind", FIELDS)
@pytest.mark.parametrize(
    "options",
    [
        {"default": None},
        {"default": 3},
        {"default_f": dict},
        {"required": True},
        {"allow_none": True},
        {"_id": True},
        {"db_field": "_id"},
    ],
    ids=lambda options: "".join(options),
)
def test_what_contradicts_optional_is_refused(kind, options):
    """What reads, stores or requires something else than no value contradicts optional."""
    with pytest.raises(InvalidConfigException, match="optional=True") as caught:
        FIELDS[kind](optional=True, **options)
    assert type(FIELDS[kind]()).__name__ in str(caught.value)


@pytest.mark.parametrize(
    "declare",
    [
        lambda: Field(True, optional=True),
        lambda: ListField(StringField(), default_empty=True, optional=True),
        lambda: SetField(StringField(), default_empty=True, optional=True),
        lambda: DictField(StringField(), default_empty=True, optional=True),
        lambda: KVField(StringField(), StringField(), default_empty=True, optional=True),
        lambda: ObjectIdField(auto=True, optional=True),
        lambda: ModifiedField(optional=True),
    ],
)
def test_other_forms_of_these_are_refused(declare):
    """A positional required, and the defaults that have names of their own, contradict it too."""
    with pytest.raises(InvalidConfigException, match="optional=True"):
        declare()


OPTIONAL = StringField(optional=True)


@pytest.mark.parametrize(
    "declare",
    [
        lambda: ListField(OPTIONAL),
        lambda: SetField(OPTIONAL),
        lambda: TupleField(IntField(), OPTIONAL),
        lambda: DictField(OPTIONAL),
        lambda: KVField(OPTIONAL, IntField()),
        lambda: KVField(IntField(), OPTIONAL),
        lambda: EnumField(OPTIONAL, "a"),
        lambda: RefField(DocumentField(Street, optional=True)),
        lambda: SRefField(DocumentField(Street, optional=True)),
        lambda: ListField(ListField(StringField(), optional=True)),
        lambda: DictField(DocumentField(Street, optional=True)),
    ],
)
def test_what_is_inside_a_value_cannot_be_optional(declare):
    """Items and their like are refused, and the message names allow_none."""
    with pytest.raises(InvalidConfigException, match=r"optional=True.*allow_none=True"):
        declare()


def test_a_computed_value_is_optional_as_its_result_is():
    """It makes no difference which of the two is declared so."""

    class Person(Document):
        config_namespace = "tests.unit.optional"
        first = StringField(optional=True)

        @computed_field(StringField(optional=True), deps=[first])
        def inner(values):
            return values["first"]

        @computed_field(StringField(), deps=[first], optional=True)
        def outer(values):
            return values["first"]

        @computed_field(StringField(), deps=[first], one_time=True, optional=True)
        def once(values):
            return values["first"]

    person = Person()
    assert (person.inner, person.outer, person.once) == (None, None, None)
    assert person.wrap() == {}
    person.first = "Ada"
    everything = dict.fromkeys(("first", "inner", "outer", "once"), "Ada")
    assert person.wrap() == everything
    person.first = None
    assert person.wrap() == {"once": "Ada"}


class Person(Document):
    config_namespace = "tests.unit.optional"
    email = StringField(required=False)
    boss_id = SRefField("Person", required=False)
    boss = boss_id.rel(allow_none=True)


@pytest.mark.parametrize("name", ["email", "boss_id"])
def test_messages_of_other_fields_name_it(name):
    """Who reads an unset value, or gives None, is told of the option that makes it natural."""
    with pytest.raises(AttributeError, match="optional=True"):
        getattr(Person(), name)
    with pytest.raises(
        BadValueException, match=rf"Person\.{name} .*optional=True.*allow_none=True"
    ):
        Person(**{name: None})
    with pytest.raises(
        BadValueException, match=rf"Person\.{name} .*optional=True.*allow_none=True"
    ):
        setattr(Person(), name, None)


def test_message_of_a_reference_names_it():
    """So is who assigns None to what follows a reference."""
    with pytest.raises(BadValueException, match=r"Person\.boss_id .*optional=True"):
        Person().boss = None
