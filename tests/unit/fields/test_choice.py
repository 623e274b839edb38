"""Fields of choices, and of anything."""

from __future__ import annotations

from datetime import datetime

import pytest

from ommongo.exceptions import BadValueException
from ommongo.fields import (
    AnythingField,
    BinaryField,
    DateTimeField,
    DictField,
    EnumField,
    IntField,
    ListField,
    StringField,
)
from tests.unit.fields.refusals import refusal

CALLS = ("wrap", "unwrap", "validate_wrap", "validate_unwrap")
BOTH = pytest.mark.parametrize("name", CALLS)


@BOTH
def test_declared_values_are_accepted(name):
    """Each of the values is one; every other is refused, on loading too."""
    field = EnumField(StringField(), "new", "paid")

    getattr(field, name)("new")
    getattr(field, name)("paid")
    assert "('new', 'paid')" in str(refusal(getattr(field, name), "stolen"))


def test_values_are_converted_by_the_item_field():
    """A choice is stored as the item field stores it."""

    class Upper(StringField):
        def wrap(self, value):
            return value.upper()

        def unwrap(self, value, session=None):
            return value.lower()

    field = EnumField(Upper(), "new")

    assert field.wrap("new") == "NEW"
    assert field.unwrap("NEW") == "new"


@BOTH
def test_values_need_not_be_hashable(name):
    """Lists can be choices."""
    field = EnumField(ListField(IntField()), [1, 2], [3])

    getattr(field, name)([1, 2])
    refusal(getattr(field, name), [111, 222])


@BOTH
def test_values_need_not_be_valid(name):
    """A declared value that the item field refuses is refused when it is used."""
    field = EnumField(IntField(), 4, "four")

    getattr(field, name)(4)
    refusal(getattr(field, name), "four")
    refusal(getattr(field, name), 55555)


@BOTH
@pytest.mark.parametrize("value", [True, 1.0], ids=["bool", "float"])
def test_equal_values_of_another_type(name, value):
    """A value that is only equal to a declared one is left to the item field."""
    refusal(getattr(EnumField(IntField(), 1), name), value)
    assert EnumField(AnythingField(), 1).is_valid_wrap(value)


@pytest.mark.parametrize(
    ("field", "value", "stored"),
    [
        (
            EnumField(DateTimeField(), datetime(2024, 1, 1, 0, 0, 0, 123456)),
            datetime(2024, 1, 1, 0, 0, 0, 123456),
            datetime(2024, 1, 1, 0, 0, 0, 123000),
        ),
        (EnumField(BinaryField(), b"a"), b"a", b"a"),
    ],
    ids=["microseconds", "bytes"],
)
def test_what_can_be_stored_can_be_loaded(field, value, stored):
    """A choice loads although what comes back is equal to it for the server only."""
    assert field.is_valid_wrap(value)
    assert field.is_valid_unwrap(stored)
    assert field.unwrap(stored) == field.item_type.unwrap(stored)


def test_no_values():
    """Without values nothing is accepted."""
    assert not EnumField(IntField()).is_valid_wrap(0)


def test_item_field_names_the_place():
    """A refusal within a choice has the path to it."""
    field = EnumField(ListField(IntField()), ["a"])
    with pytest.raises(BadValueException, match=r"^\[0\] takes int, not str"):
        field.wrap(["a"])


def test_autoload_is_that_of_the_item_field():
    """A choice of dates needs the session as a date does."""
    assert EnumField(DateTimeField()).has_autoload
    assert not EnumField(IntField()).has_autoload


@pytest.mark.parametrize("name", ["wrap", "unwrap", "wrap_value"])
@pytest.mark.parametrize(
    "value", [3, "text", None, [1, {"a": 2}], {"$gt": 3}, ..., 2**80, "\ud800"], ids=ascii
)
def test_anything_is_anything(name, value):
    """An AnythingField refuses nothing and converts nothing."""
    assert getattr(AnythingField(), name)(value) is value


@pytest.mark.parametrize("name", CALLS)
def test_anything_in_a_container(name):
    """Containers of anything judge their own shape only."""
    getattr(DictField(AnythingField()), name)({"a": object()})
