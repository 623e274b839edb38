"""What operators make of a stored value, as far as that can be told without the server."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from operator import add, mul
from typing import Any

from bson.errors import BSONError
from bson.int64 import Int64

from ommongo._bson import equal_key
from ommongo._tracking.marks import UNKNOWN
from ommongo.query_expression import is_obeyed
from ommongo.util import UNSET

__all__ = ["apply", "combine", "needs_exact_pull"]


def _items(argument: Any) -> list[Any]:
    return argument if isinstance(argument, list) else [argument]


def _add_to_set(old: list[Any], items: list[Any]) -> list[Any]:
    held = set(map(equal_key, old))
    for item in items:
        key = equal_key(item)
        if key not in held:
            held.add(key)
            old.append(item)
    return old


def _pull(old: list[Any], items: list[Any]) -> list[Any]:
    taken = set(map(equal_key, items))
    return [held for held in old if equal_key(held) not in taken]


def _pull_matching(old: list[Any], items: list[Any]) -> Any:
    # An array in the array is taken out for one of its items as well.
    if any(isinstance(held, (list, tuple)) for held in old) and not needs_exact_pull(items):
        return UNKNOWN
    return _pull(old, items)


def needs_exact_pull(items: Any) -> bool:
    """
    Tell whether ``$pull`` would take one of some items for a condition.

    Args:
        items: A list of BSON-ready values, or one that is no list.
    """
    if not isinstance(items, list):
        return isinstance(items, Mapping) or is_obeyed(items)
    return any(isinstance(item, (list, tuple)) or is_obeyed(item) for item in items)


def _changed(old: Any, by: Any, change: Callable[[Any, Any], Any]) -> Any:
    """Give what a number is changed to; `TypeError` for what is none."""
    if not {type(old), type(by)} <= _NUMBERS:
        raise TypeError
    new = change(old, by)
    # To the server a zero that becomes its negative is no change.
    return old if new == old and type(new) is type(old) else new


_NUMBERS = {int, float, Int64}


def _ordered(one: Any, other: Any) -> tuple[Any, Any]:
    """Give two values that Python orders as the server does; `TypeError` for others."""
    kinds = {type(one), type(other)}
    is_nan = one != one or other != other
    if is_nan or not (kinds <= _NUMBERS or kinds == {str} or kinds == {datetime}):
        raise TypeError
    return one, other


_RESULTS: dict[str, Callable[[Any, Any], Any]] = {
    "$inc": lambda old, by: by if old is UNSET else _changed(old, by, add),
    "$mul": lambda old, by: type(by)(0) if old is UNSET else _changed(old, by, mul),
    "$min": lambda old, other: other if old is UNSET else min(_ordered(old, other)),
    "$max": lambda old, other: other if old is UNSET else max(_ordered(old, other)),
    "$push": lambda old, items: [*([] if old is UNSET else old), *_items(items)],
    "$pushAll": lambda old, items: [*([] if old is UNSET else old), *_items(items)],
    "$addToSet": lambda old, items: _add_to_set([] if old is UNSET else list(old), _items(items)),
    "$pull": lambda old, items: old if old is UNSET else _pull_matching(old, _items(items)),
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
    except (TypeError, BSONError, OverflowError, ValueError):
        return UNKNOWN  # the server's own order decides, or it takes what Python does not know


_COMBINED: dict[str, Callable[[Any, Any], Any]] = {
    "$inc": lambda one, other: one + other,
    "$mul": lambda one, other: one * other,
    "$min": lambda one, other: min(_ordered(one, other)),
    "$max": lambda one, other: max(_ordered(one, other)),
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
