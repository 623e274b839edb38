"""What surely can be stored as it is, as a test in the source."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId

from ommongo._tracking import is_free, plain_types
from ommongo.document._codec.source import Source, embedded_class
from ommongo.fields import (
    BoolField,
    DateTimeField,
    DocumentField,
    Field,
    FloatField,
    IntField,
    ListField,
    ObjectIdField,
    StringField,
)

__all__ = ["acceptance", "accepted_item", "is_plain"]

_MAX_INT = 2**63 - 1

_PYTHON_TYPES: dict[type[Field[Any]], type] = {
    StringField: str,
    IntField: int,
    FloatField: float,
    BoolField: bool,
    ObjectIdField: ObjectId,
    DateTimeField: datetime,
}
"""The one type of value that a plain field stores as it is."""


def acceptance(source: Source, field: Field[Any], value: str) -> str:
    """
    Give an expression that is true when a field surely accepts a value and stores it as it is.

    Args:
        source: The source that it is for.
        field: The field.
        value: The variable that holds the value.

    Returns:
        The expression; empty for a field that has to be asked.
    """
    if type(field) is DocumentField:
        cls = embedded_class(field)
        return "" if cls is None else f"type({value}) is {source.name(cls)}"
    kind = _kind(field)
    if kind is None:
        return ""
    test = f"type({value}) is {source.name(kind)}"
    if kind is str:
        test += f" and ({value}.isascii() or {source.name(_is_text)}({value}))"
    elif kind is int:
        test += f" and -{_MAX_INT} <= {value} <= {_MAX_INT}"
    elif kind is datetime:
        test += f" and {value}.tzinfo is None"
    return test


def accepted_item(field: Field[Any]) -> Field[Any] | None:
    """
    Give the field of the items that a list holds, where it is a list of plain values.

    Args:
        field: The field of the list.

    Returns:
        The field, whose `acceptance` of every item is all that the list needs; ``None`` for any
        other field.
    """
    if type(field) is not ListField or not is_free(field):
        return None
    item: Field[Any] = field.item_field
    return item if is_plain(item) else None


def is_plain(field: Field[Any]) -> bool:
    """
    Tell whether a field's values are of one type, and never change in place.

    Args:
        field: The field.

    Returns:
        Whether a value that was accepted once is so for good.
    """
    return _kind(field) is not None


def _kind(field: Field[Any]) -> type | None:
    """Give the type that a plain field stores as it is; ``None`` for a field of another kind."""
    return None if plain_types(field) is None else _PYTHON_TYPES.get(type(field))


def _is_text(value: str) -> bool:
    """Whether UTF-8 can encode a text."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
