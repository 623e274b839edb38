"""Marks: what is said of a value in its place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from bson.binary import Binary

from ommongo.util import UNSET

__all__ = [
    "ASSIGNED",
    "EXTRA",
    "IN_DOUBT",
    "UNCHANGED",
    "UNKNOWN",
    "Assigned",
    "Mark",
    "Returned",
    "is_in_doubt",
    "is_known",
]


class Mark:
    """A value of its own kind, named for messages."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name

    def __reduce__(self) -> Any:
        return self.name


UNCHANGED: Final = Mark("UNCHANGED")
"""In place of a stored value: nobody has touched it, it is stored as the document holds it."""

UNKNOWN: Final = Mark("UNKNOWN")
"""In place of a stored value: it was never retrieved, or a write left open what it is."""


IN_DOUBT: Final = Binary(b"ommongo: not known", 0xEF)
"""In a dict of which a part is not known, in place of that part: nothing stored equals it."""


class Assigned(Mark):
    """In place of a default, among the origins of values: the application assigned the value."""

    __slots__ = ()


class Returned(Assigned):
    """
    The application assigned the argument of operations that did not come about.

    Args:
        operator: Their operator.
        parts: Their arguments, each with a number by which they are in order.
    """

    __slots__ = ("operator", "parts")

    def __init__(self, operator: str, parts: Sequence[tuple[float, Any]] = ()) -> None:
        super().__init__(f"RETURNED {operator}")
        self.operator = operator
        self.parts = parts

    def __reduce__(self) -> Any:
        return Returned, (self.operator,)


ASSIGNED: Final = Assigned("ASSIGNED")
"""The usual origin: the application assigned the value."""

EXTRA: Final = ""
"""The name under which the extra fields are known, which no field can have."""


def is_in_doubt(stored: Any) -> bool:
    """Tell whether *stored* stands for a part of a dict that is not known."""
    return type(stored) is Binary and stored == IN_DOUBT


def is_known(stored: Any) -> bool:
    """Tell whether *stored* is a stored value, and no mark for one."""
    return stored is not UNSET and stored is not UNCHANGED and stored is not UNKNOWN
