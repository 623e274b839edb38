"""What comes where the names of retrieved fields may: mostly values, which go by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ommongo._spelling import an
from ommongo._tracking import Tracked

__all__ = ["refuse_positional", "refuse_values"]


def refuse_positional(cls: Any, given: tuple[Any, ...]) -> None:
    """
    Refuse more arguments by position than a document has parameters.

    Args:
        cls: The class, whose constructor is that of every document.
        given: The arguments.

    Raises:
        TypeError: There are too many, or one is a value.
    """
    if len(given) > 2 or (len(given) == 2 and not isinstance(given[1], bool)):
        raise TypeError(_by_name(cls, f"{len(given)} arguments without a name"))


def refuse_values(cls: Any, given: Any) -> None:
    """
    Refuse a value in the place of the names of retrieved fields.

    Args:
        cls: The class of the document.
        given: What was given.

    Raises:
        TypeError: It is text, a dict, an object or a number, and no list of names.
    """
    if isinstance(given, Mapping):
        raise TypeError(
            f"{cls.__name__}() takes values by name, and was given a dict. Write "
            f"{cls.__name__}(**values); stored data is loaded by {cls.__name__}.unwrap(data)."
        )
    if isinstance(given, (str, bytes, bytearray, Tracked)) or not isinstance(given, Iterable):
        raise TypeError(_by_name(cls, f"{an(type(given).__name__)} without a name"))


def _by_name(cls: Any, came: str) -> str:
    first = next((name for name, field in cls._fields.items() if not field.is_id), "name")
    return (
        f"{cls.__name__}() takes values by name, and was given {came}. Write "
        f"{cls.__name__}({first}=...)."
    )
