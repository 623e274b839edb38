"""What the package gives away."""

from __future__ import annotations

import bson
import pytest

from ommongo import exceptions, fields

CLASSES = {
    "AnythingField", "BinaryField", "BoolField", "ComputedField", "DateTimeField", "DictField",
    "DocumentField", "EnumField", "Field", "FloatField", "GeoField", "IntField", "KVField",
    "ListField", "ModifiedField", "NumberField", "ObjectIdField", "RefField", "RegExStringField",
    "SRefField", "SetField", "StringField", "TupleField", "VersionField",
}  # fmt: skip
FUNCTIONS = {"CreatedField", "computed_field"}
PROXIES = {"ListProxy", "Proxy"}
MODIFIERS = {"SCALAR_MODIFIERS", "NUMBER_MODIFIERS", "LIST_MODIFIERS", "ANY_MODIFIER"}
EXCEPTIONS = {
    "BadFieldSpecification", "BadValueException", "FieldNotRetrieved", "InvalidConfigException",
    "MissingValueException",
}  # fmt: skip
BSON = {"Binary", "DBRef", "ObjectId"}


def test_star_import():
    """A star import gives these names and no others."""
    names = {}
    exec("from ommongo.fields import *", names)
    del names["__builtins__"]

    assert set(names) == CLASSES | FUNCTIONS | PROXIES | MODIFIERS | EXCEPTIONS | BSON


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_classes_are_fields(name):
    """Every field class is a subclass of Field."""
    assert issubclass(getattr(fields, name), fields.Field)


@pytest.mark.parametrize("name", sorted(EXCEPTIONS))
def test_exceptions_are_those_of_the_library(name):
    """An exception that is named here is the one class of that name."""
    assert getattr(fields, name) is getattr(exceptions, name)


def test_bson_types_are_those_of_the_driver():
    """The types come from the driver."""
    assert fields.ObjectId is bson.ObjectId
    assert fields.DBRef is bson.DBRef
    assert fields.Binary is bson.Binary
