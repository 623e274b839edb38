"""What is shown of a query or an update to whoever looks at it; it is no message, and no log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["shown"]

_MOST_NAMES = 20
_MOST_ITEMS = 6
_LONGEST = 80
_DEEPEST = 8


def shown(value: Any, depth: int = 0) -> str:
    """
    Give the representation of what is sent, shortened where there is much of it.

    Args:
        value: A filter, an update document, or what is in one.
        depth: How deep in it the value is.

    Returns:
        The text.

    Example:
        >>> shown({"n": {"$in": list(range(1000))}})
        "{'n': {'$in': [0, 1, 2, 3, 4, 5, ... 994 more]}}"
        >>> len(shown("x" * 1000))
        85
    """
    if isinstance(value, (str, bytes)):
        rest = "..." if len(value) > _LONGEST else ""
        return f"{value[:_LONGEST]!r}{rest}"
    if isinstance(value, Mapping):
        begin, end, parts = "{", "}", _pairs(value, depth)
    elif isinstance(value, (list, tuple)):
        begin, end = ("(", ",)" if len(value) == 1 else ")") if type(value) is tuple else ("[", "]")
        parts = [shown(item, depth + 1) for item in value[:_MOST_ITEMS]] if depth < _DEEPEST else []
    else:
        try:
            text = repr(value)
        except Exception:  # of a class of the application's: nobody asked for its text
            text = object.__repr__(value)
        return f"{text[:_LONGEST]}..." if len(text) > _LONGEST else text
    left_out = len(value) - len(parts)
    if left_out:
        parts.append(f"... {left_out} more")
    return f"{begin}{', '.join(parts)}{end}"


def _pairs(value: Mapping[Any, Any], depth: int) -> list[str]:
    """Give the first names of a dict, and what is shown of their values."""
    if depth >= _DEEPEST:
        return []
    return [f"{name!r}: {shown(value[name], depth + 1)}" for name in [*value][:_MOST_NAMES]]
