"""What surely can be stored as it is, as a test in the source."""

from __future__ import annotations

from typing import Any

from ommongo.document._codec.source import Source, embedded_class
from ommongo.fields import DocumentField, Field

__all__ = ["acceptance", "loading_acceptance"]


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
    return _plain_acceptance(source, field, value) if field._is_plain else ""


def loading_acceptance(source: Source, field: Field[Any], value: str) -> str:
    """
    Give an expression that is true when a stored value is loaded as it is.

    Args:
        source: The source that it is for.
        field: A field with plain values.
        value: The variable that holds the value.
    """
    if field._trusts_stored:
        test = _type_test(source, field, value)
    else:
        test = _plain_acceptance(source, field, value)
    return f"{test} or {value} is None" if field.allow_none else test


def _plain_acceptance(source: Source, field: Field[Any], value: str) -> str:
    test = _type_test(source, field, value)
    judged = field._plain_source(value, source.name)
    return f"{test} and {judged}" if judged else test


def _type_test(source: Source, field: Field[Any], value: str) -> str:
    tests = [f"type({value}) is {source.name(kind)}" for kind in field.plain_types]
    return tests[0] if len(tests) == 1 else f"({' or '.join(tests)})"
