"""An order for values of any kind, so that a set is always stored alike."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import bson
from bson import CodecOptions, ObjectId
from bson.binary import UuidRepresentation
from bson.errors import BSONError

__all__ = ["in_stable_order", "sort_key", "stored_bytes"]

_ORDERED = frozenset({str, int, float, bytes, ObjectId, datetime})

_OPTIONS: CodecOptions[Any] = CodecOptions(uuid_representation=UuidRepresentation.STANDARD)


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
    by_key = {sort_key(value): value for value in values}
    return [by_key[key] for key in sorted(by_key)]


def _has_one_order(values: list[Any]) -> bool:
    """Tell whether any two of *values* compare, so that how they came has no effect."""
    kinds = set(map(type, values))
    if len(kinds) > 1 or not kinds <= _ORDERED:
        return False
    if kinds == {float}:
        return all(value == value for value in values)  # NaN is neither less nor greater
    if kinds == {datetime}:
        return all(value.tzinfo is None for value in values)
    return True


def stored_bytes(value: Any) -> bytes:
    """
    Give a BSON-ready value as it is stored.

    Args:
        value: The value.

    Returns:
        Its BSON; where it has none, its `repr`.
    """
    try:
        return bson.encode({"": value}, codec_options=_OPTIONS)
    except (BSONError, OverflowError, ValueError):
        # The database's own codec options may know the type; if not, the driver says so.
        return repr(value).encode("utf-8", "backslashreplace")


def sort_key(value: Any) -> tuple[str, bytes]:
    """
    Give what tells a BSON-ready value from every other.

    Args:
        value: The value.

    Returns:
        The name of its type, and the value as it is stored.
    """
    return type(value).__name__, stored_bytes(value)
