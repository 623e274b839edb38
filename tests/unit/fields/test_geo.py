"""Fields of places."""

from __future__ import annotations

import pytest

from ommongo.fields import GeoField
from tests.unit.fields.refusals import refusal


@pytest.mark.parametrize("value", [(106.8, -6.2), [106.8, -6.2]], ids=["tuple", "list"])
def test_a_place_is_a_pair(value):
    """A pair is stored as a list and loads as a tuple."""
    assert GeoField().wrap(value) == [106.8, -6.2]
    assert GeoField().unwrap([106.8, -6.2]) == (106.8, -6.2)


def test_coordinates_are_floats():
    """Ints become floats."""
    assert list(map(type, GeoField().wrap((1, 2)))) == [float, float]


@pytest.mark.parametrize("value", [(1,), (1, 2, 3), "1, 2", {"x": 1, "y": 2}, 1.5], ids=repr)
@pytest.mark.parametrize("name", ["wrap", "unwrap"])
def test_pairs_only(name, value):
    """Anything but a pair is refused."""
    refusal(getattr(GeoField(), name), value)


def test_coordinates_are_numbers():
    """A coordinate of another type is refused by its place."""
    with pytest.raises(Exception, match=r"^\[1\] takes float or int, not str"):
        GeoField().wrap((1, "2"))
