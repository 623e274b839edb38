"""Fields of numbers and booleans."""

from __future__ import annotations

import enum
import math
from decimal import Decimal
from fractions import Fraction

import bson
import pytest
from bson.int64 import Int64

from ommongo.exceptions import InvalidConfigException
from ommongo.fields import BoolField, FloatField, IntField, NumberField
from tests.unit.fields.refusals import refusal

BOTH = pytest.mark.parametrize("name", ["wrap", "unwrap", "validate_wrap", "validate_unwrap"])


class Level(enum.IntEnum):
    HIGH = 3


class Celsius(float):
    pass


# -- IntField -------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("number", [0, -1, 2**31, 2**63 - 1, -(2**63), Int64(5), Level.HIGH])
def test_ints_of_64_bits(name, number):
    """Every int that MongoDB has is accepted."""
    getattr(IntField(), name)(number)


@BOTH
@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 10**30])
def test_longer_ints_are_refused(name, number):
    """An int that 64 bits cannot hold is refused, with what to do."""
    error = refusal(getattr(IntField(), name), number)
    assert "at most 64 bits" in str(error)
    assert "StringField()" in str(error)


@BOTH
@pytest.mark.parametrize("value", [True, False, 3.0, "33333", Decimal(3), Fraction(3), [3], {}])
def test_ints_only(name, value):
    """Booleans are no ints, nor is anything else."""
    assert "takes int, not" in str(refusal(getattr(IntField(), name), value))


def test_int_subclasses_are_stored_as_ints():
    """A member of an IntEnum is stored as its number."""
    assert type(IntField().wrap(Level.HIGH)) is int


@pytest.mark.parametrize("name", ["wrap", "unwrap"])
def test_int64_stays_one(name):
    """An Int64 is stored in 64 bits again after loading."""
    assert type(getattr(IntField(), name)(Int64(3))) is Int64


@BOTH
def test_int_bounds(name):
    """The bounds are included."""
    field = IntField(min_value=2, max_value=5)

    getattr(field, name)(2)
    getattr(field, name)(5)
    assert "from 2 up" in str(refusal(getattr(field, name), 1))
    assert "up to 5" in str(refusal(getattr(field, name), 6))


def test_bounds_by_position():
    """The lower bound comes first."""
    assert IntField(1, 2).min_value == FloatField(1, 2).min_value == 1
    assert IntField(1, 2).max_value == FloatField(1, 2).max_value == 2


@pytest.mark.parametrize("bound", ["3", True, object()])
@pytest.mark.parametrize("name", ["min_value", "max_value"])
@pytest.mark.parametrize("field_class", [IntField, FloatField])
def test_bounds_are_numbers(field_class, name, bound):
    """A bound that no number can be compared with is refused."""
    with pytest.raises(InvalidConfigException, match=f"{name} is a value of"):
        field_class(**{name: bound})


# -- FloatField -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["wrap", "unwrap"])
@pytest.mark.parametrize("number", [1.5, 3, -0.0, math.inf, Int64(4), Celsius(20.5), 2**80])
def test_floats_and_ints_become_floats(name, number):
    """A FloatField stores and gives floats, whatever number came."""
    converted = getattr(FloatField(), name)(number)

    assert converted == number
    assert type(converted) is float


def test_nan_without_bounds():
    """Not-a-number is a float."""
    assert math.isnan(FloatField().wrap(math.nan))


@BOTH
@pytest.mark.parametrize("bounds", [{"min_value": 0}, {"max_value": 0}])
def test_nan_with_bounds_is_refused(name, bounds):
    """Where there are bounds, not-a-number is within none of them."""
    refusal(getattr(FloatField(**bounds), name), math.nan)


@BOTH
def test_float_bounds(name):
    """The bounds are included; infinity is beyond them."""
    field = FloatField(min_value=-1.5, max_value=2)

    getattr(field, name)(-1.5)
    getattr(field, name)(2)
    refusal(getattr(field, name), -1.500001)
    refusal(getattr(field, name), math.inf)


@BOTH
@pytest.mark.parametrize("value", [True, "33333", Decimal("1.5"), None, 1j, [1.5]])
def test_floats_only(name, value):
    """Booleans are no floats, nor is anything else but ints."""
    assert "takes float or int, not" in str(refusal(getattr(FloatField(), name), value))


@BOTH
def test_ints_that_no_float_can_hold_are_refused(name):
    """An int beyond the greatest float is refused, with the driver's reason as its cause."""
    error = refusal(getattr(FloatField(), name), 10**400)
    assert isinstance(error.cause, OverflowError)


# -- NumberField ----------------------------------------------------------------------------------


def test_number_field_takes_its_type_alone():
    """The base of the two judges by the type that it was given."""
    field = NumberField(float, 1, 2)

    assert field.constructor is float
    assert field.wrap(Celsius(1.5)) == 1.5
    assert type(field.wrap(Celsius(1.5))) is float
    refusal(field.wrap, 1)
    refusal(field.wrap, 2.5)


@pytest.mark.parametrize("constructor", ["int", 3, None, len])
def test_number_field_needs_a_type(constructor):
    """What is no type is refused."""
    with pytest.raises(InvalidConfigException, match="constructor is a value of"):
        NumberField(constructor)


# -- BoolField ------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("value", [True, False])
def test_bools(name, value):
    """Both truth values are accepted and converted to themselves."""
    assert getattr(BoolField(), name)(value) in (value, None)
    assert BoolField().unwrap(BoolField().wrap(value)) is value


@BOTH
@pytest.mark.parametrize("value", [0, 1, 1.0, "True", Int64(2), []])
def test_bools_only(name, value):
    """Numbers are no truth values."""
    assert "takes bool, not" in str(refusal(getattr(BoolField(), name), value))


@pytest.mark.parametrize(
    ("field", "value", "kind"),
    [(IntField(), 3, 16), (IntField(), 2**40, 18), (FloatField(), 3, 1), (BoolField(), True, 8)],
)
def test_stored_types(field, value, kind):
    """Each field stores the BSON type that the manual names."""
    assert bson.encode({"": field.wrap(value)})[4] == kind
