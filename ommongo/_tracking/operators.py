"""What operators make of a stored value, as far as that can be told without the server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ommongo._bson import same
from ommongo._tracking.marks import UNKNOWN
from ommongo.util import UNSET

__all__ = ["apply", "combine"]


def _items(argument: Any) -> list[Any]:
    return argument if isinstance(argument, list) else [argument]


def _add_to_set(old: list[Any], items: list[Any]) -> list[Any]:
    for item in items:
        if not any(same(held, item) for held in old):
            old.append(item)
    return old


def _pull(old: list[Any], items: list[Any]) -> list[Any]:
    return [held for held in old if not any(same(held, item) for item in items)]


_RESULTS: dict[str, Callable[[Any, Any], Any]] = {
    "$inc": lambda old, by: by if old is UNSET else old + by,
    "$mul": lambda old, by: type(by)(0) if old is UNSET else old * by,
    "$min": lambda old, other: other if old is UNSET else min(old, other),
    "$max": lambda old, other: other if old is UNSET else max(old, other),
    "$push": lambda old, items: [*([] if old is UNSET else old), *_items(items)],
    "$pushAll": lambda old, items: [*([] if old is UNSET else old), *_items(items)],
    "$addToSet": lambda old, items: _add_to_set([] if old is UNSET else list(old), _items(items)),
    "$pull": lambda old, items: old if old is UNSET else _pull(old, _items(items)),
    "$pullAll": lambda old, items: old if old is UNSET else _pull(old, _items(items)),
    "$pop": lambda old, _: old if old is UNSET else list(old)[:-1],
}


def apply(operator: str, old: Any, argument: Any) -> Any:
    """
    Give what is stored after an operation.

    Args:
        operator: The update operator.
        old: The stored value, or `UNSET`.
        argument: What was sent with the operator.

    Returns:
        The new value, or `UNKNOWN` where only the server knows it.

    MongoDB manual:
        https://www.mongodb.com/docs/manual/reference/operator/update/
    """
    try:
        return _RESULTS[operator](old, argument)
    except TypeError:  # values of two types: the server's own order decides
        return UNKNOWN


_COMBINED: dict[str, Callable[[Any, Any], Any]] = {
    "$inc": lambda one, other: one + other,
    "$mul": lambda one, other: one * other,
    "$min": min,
    "$max": max,
    **dict.fromkeys(
        ("$push", "$pushAll", "$addToSet", "$pull", "$pullAll"),
        lambda one, other: one | other if isinstance(one, set) else [*one, *other],
    ),
}


def combine(operator: str, one: Any, other: Any) -> Any:
    """
    Give the argument by which one operation does what two would do, one after the other.

    Args:
        operator: The update operator of both.
        one: The argument of the first, in its Python form.
        other: That of the second.

    Returns:
        The argument; `UNKNOWN` where there is none.
    """
    try:
        return _COMBINED[operator](one, other)
    except (KeyError, TypeError):
        return UNKNOWN
