"""How each field describes itself."""

from __future__ import annotations

from datetime import datetime

import pytest

from ommongo.document import Document
from ommongo.fields import (
    AnythingField,
    BinaryField,
    BoolField,
    ComputedField,
    CreatedField,
    DateTimeField,
    DictField,
    DocumentField,
    EnumField,
    FloatField,
    GeoField,
    IntField,
    KVField,
    ListField,
    ModifiedField,
    NumberField,
    ObjectIdField,
    RefField,
    RegExStringField,
    SetField,
    SRefField,
    StringField,
    TupleField,
)

NOON = datetime(2024, 8, 17, 12)


class City(Document):
    config_namespace = "tests.schema"

    number = IntField(_id=True)


def common(kind, **others):
    """The settings that every field describes, at their defaults."""
    return {
        "type": kind,
        "required": True,
        "db_field": None,
        "allow_none": False,
        "on_update": "$set",
        "validator_set": False,
        "unwrap_validator": False,
        "wrap_validator": False,
        "ignore_missing": False,
        "default_unset": True,
        **others,
    }


def number(kind="IntField", **others):
    """The same of a number."""
    return common(kind, **{"min_value": None, "max_value": None, **others})


def date(kind="DateTimeField", **others):
    """The same of a date."""
    return common(kind, **{"min_date": None, "max_date": None, "use_tz": False, **others})


def document(**others):
    """The same of an embedded City."""
    return common("DocumentField", subtype="tests.schema:City", **others)


NO_CAPACITY = {"min_capacity": None, "max_capacity": None, "default_empty": False}


@pytest.mark.parametrize(
    ("field", "schema"),
    [
        (StringField(), common("StringField")),
        (RegExStringField("a"), common("RegExStringField")),
        (BinaryField(), common("BinaryField")),
        (BoolField(), common("BoolField")),
        (AnythingField(), common("AnythingField")),
        (IntField(), number()),
        (IntField(1, 2), number(min_value=1, max_value=2)),
        (FloatField(0.5), number("FloatField", min_value=0.5)),
        (NumberField(int), number("NumberField")),
        (DateTimeField(), date()),
        (DateTimeField(NOON, use_tz=True), date(min_date=NOON, use_tz=True)),
        (ModifiedField(), date("ModifiedField")),
        (ObjectIdField(), common("ObjectIdField", auto=False, auth=False)),
        (TupleField(IntField(), StringField()), common(
            "TupleField", types=[number(), common("StringField")])),
        (GeoField(), common("GeoField", types=[number("FloatField"), number("FloatField")])),
        (EnumField(IntField(), 1, "x"), common("EnumField", item_type=number(), values=[1, "x"])),
        (EnumField(TupleField(IntField()), (1,)), common(
            "EnumField", item_type=common("TupleField", types=[number()]), values=[[1]])),
        (DictField(IntField()), common("DictField", value_type=number(), default_empty=False)),
        (ListField(IntField()), common("ListField", item_type=number(), **NO_CAPACITY)),
        (SetField(IntField(), 1, 2), common(
            "SetField", item_type=number(), min_capacity=1, max_capacity=2, default_empty=False)),
        (DocumentField(City), document()),
        (RefField(), common(
            "RefField", subtype=None, db=None, db_required=False, namespace="global")),
        (RefField(City, "d", True, "n"), common(
            "RefField", subtype=document(), db="d", db_required=True, namespace="n")),
        (SRefField(City), common("SRefField", subtype=document(), db=None)),
        (SRefField(DocumentField(City, required=False), db="d"), common(
            "SRefField", subtype=document(required=False), db="d")),
        (ComputedField(IntField(), len), common(
            "ComputedField", computed_type=number(), one_time=False, deps=[])),
        (ComputedField(IntField(), len, True, ["a"]), common(
            "ComputedField", computed_type=number(), one_time=True, deps=["a"])),
        (CreatedField(tz_aware=True), common(
            "ComputedField", computed_type=date(use_tz=True), one_time=True, deps=[])),
    ],
)  # fmt: skip
def test_schema(field, schema):
    """A field describes its class and every setting of it."""
    assert field.schema_json() == schema


def test_schema_of_a_mapping_of_any_keys():
    """A KVField describes the fields of its keys and of its values."""
    schema = KVField(IntField(), StringField()).schema_json()

    assert schema == common(
        "KVField", key_type=number(), value_type=common("StringField"), default_empty=False
    )


def test_schema_of_options():
    """Options that were given are described, functions by their presence alone."""

    def accept(value):
        return True

    field = StringField(
        required=False,
        db_field="s",
        allow_none=True,
        on_update="ignore",
        validator=accept,
        unwrap_validator=accept,
        wrap_validator=accept,
        ignore_missing=True,
    )
    assert field.schema_json() == common(
        "StringField",
        required=False,
        db_field="s",
        allow_none=True,
        on_update="ignore",
        validator_set=True,
        unwrap_validator=True,
        wrap_validator=True,
        ignore_missing=True,
    )


@pytest.mark.parametrize(
    ("field", "default"),
    [
        (TupleField(IntField(), default=(1,)), [1]),
        (IntField(default=None), None),
        (IntField(default="no int"), "no int"),
    ],
    ids=["wrapped", "none", "invalid"],
)
def test_schema_of_a_default(field, default):
    """A default is described wrapped, or as it is where the field would refuse it."""
    schema = field.schema_json()

    assert schema["default"] == default
    assert "default_unset" not in schema
    assert "default_f" not in schema


@pytest.mark.parametrize(
    ("field", "text"),
    [
        (IntField(default_f=int), "<class 'int'>"),
        (ListField(IntField(), default_empty=True), "<class 'list'>"),
        (ObjectIdField(auto=True), "<bound method ObjectIdField.gen of "),
    ],
    ids=["given", "empty", "auto"],
)
def test_schema_of_a_default_function(field, text):
    """A function that makes the default is described by its repr."""
    schema = field.schema_json()

    assert schema["default_f"].startswith(text)
    assert "default_unset" not in schema
    assert "default" not in schema


def test_schema_of_the_id():
    """A field that is the id has its stored name from that."""
    assert IntField(_id=True).schema_json()["db_field"] == "_id"


def test_schema_of_dependencies():
    """Dependencies are described by name, however they were given."""

    class Row(Document):
        a = IntField()
        b = IntField()
        total = ComputedField(IntField(), len, deps=[a, "b"])

    assert Row.get_fields()["total"].schema_json()["deps"] == ["a", "b"]
