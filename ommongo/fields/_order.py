"""An order for values of any kind, so that a set is always stored alike."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime
from typing import Any

from bson.errors import BSONError

from ommongo._bson import EXACT, SNAPSHOT_OPTIONS, encode, stored_key

__all__ = ["distinct_key", "in_stable_order"]


def in_stable_order(values: list[Any]) -> list[Any]:
    """
    Sort values, of one kind by their own order, else by type and stored form.

    Args:
        values: BSON-ready values in any order.

    Returns:
        A new list, in which values that are stored alike stand once.
    """
    if _has_one_order(values):
        return sorted(set(values))
    return sorted({distinct_key(value): value for value in values}.values(), key=_sort_key)


def _has_one_order(values: list[Any]) -> bool:
    """Tell whether any two of *values* compare, so that how they came has no effect."""
    kinds = set(map(type, values))
    if kinds == {float}:
        return all(value == value for value in values)  # NaN is neither less nor greater
    if kinds == {datetime}:
        # Some that differ are the same instant to the millisecond, which is what BSON has.
        return all(value.tzinfo is None and not value.microsecond % 1000 for value in values)
    return len(kinds) < 2 and kinds <= EXACT


def distinct_key(value: Any) -> Hashable:
    """
    Give what tells a BSON-ready value from every other that is stored otherwise.

    Args:
        value: The value.

    Returns:
        As `stored_key`; of what has no BSON, the object itself is told apart.
    """
    try:
        return stored_key(value)
    except (BSONError, OverflowError, ValueError):
        # The database's own codec options may know the type; if not, the driver says so.
        return id(value)


def _sort_key(value: Any) -> tuple[str, bytes]:
    """Give the name of a value's type, and its BSON; where it has none, its `repr`."""
    try:
        stored = encode({"": value}, SNAPSHOT_OPTIONS).raw
    except (BSONError, OverflowError, ValueError):  # as above
        stored = repr(value).encode("utf-8", "backslashreplace")
    return type(value).__name__, stored
