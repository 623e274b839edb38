"""Values that contain themselves, which nothing can store."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn

from ommongo.exceptions import BadValueException

__all__ = ["refuse_endless"]

_TOO_DEEP = 100
"""How many levels a document of MongoDB may have."""


def refuse_endless(value: Any, error: RecursionError, name: str = "") -> NoReturn:
    """
    Refuse a value to which there is no end, or none that can be stored.

    Args:
        value: A document, or any other value, that was walked through.
        error: What the walk failed with.
        name: What the value is called in a message; by its class when left out.

    Raises:
        BadValueException: It contains itself, or is nested too deeply; the name is the path.
        RecursionError: *error*, where the value is not to blame.

    MongoDB manual:
        https://www.mongodb.com/docs/manual/reference/limits/
    """
    name = name or type(value).__name__
    path, depth = _find(value)
    if path is not None:
        raise BadValueException(
            name + path,
            value,
            "contains itself, and what is stored contains all that is inside. Hold a copy, or "
            "refer to it by its _id (SRefField).",
            error,
        ) from error
    if depth > _TOO_DEEP:
        raise BadValueException(
            name,
            value,
            f"is nested more than {_TOO_DEEP} levels deep, and MongoDB stores no more. Store what "
            f"is inside as documents of their own.",
            error,
        ) from error
    raise error


def _find(value: Any) -> tuple[str | None, int]:
    """Give the path to what contains itself, and how deep a value goes; without recursion."""
    deepest = 0
    above, done = {id(value)}, set()
    levels = [(value, "", _inside(value))]
    while levels:
        deepest = max(deepest, len(levels))
        holder, path, rest = levels[-1]
        step, inner = next(rest, (None, None))
        if step is None:
            levels.pop()
            above.discard(id(holder))
            done.add(id(holder))
        elif id(inner) in above:
            return path + step, deepest
        elif id(inner) not in done and _holds_more(inner):
            above.add(id(inner))
            levels.append((inner, path + step, _inside(inner)))
    return None, deepest


def _holds_more(value: Any) -> bool:
    return isinstance(value, (list, tuple, set, frozenset, dict)) or hasattr(value, "_fields")


def _inside(value: Any) -> Iterator[tuple[str, Any]]:
    """Give what a value holds, each with what leads to it in a path."""
    if isinstance(value, dict):
        for key, inner in list(value.items()):
            yield f".{key}", inner
    elif isinstance(value, (list, tuple)):
        for position, inner in enumerate(list(value)):
            yield f"[{position}]", inner
    elif isinstance(value, (set, frozenset)):
        for inner in list(value):
            yield "[]", inner
    else:
        for name, inner in list(getattr(value, "__dict__", {}).items()):
            yield f".{name}", inner
