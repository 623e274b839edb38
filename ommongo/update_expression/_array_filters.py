"""What identifiers in the paths of an update (``pages.$[long]``) stand for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

from ommongo.query_expression import (
    FREE_TYPE,
    QueryExpression,
    flatten,
    is_operators,
    stored_item_query,
)
from ommongo.update_expression._conditions import pull_condition
from ommongo.update_expression._operands import Target, copy_of

__all__ = ["item_condition", "stored_array_filter"]

_LOGICAL = ("$and", "$or", "$nor")


def item_condition(identifier: str, value: Any, targets: Iterable[Target]) -> dict[str, Any]:
    """
    Give the array filter that says of an identifier what its items fulfil.

    Args:
        identifier: The identifier.
        value: An expression on the array or on the fields of its items, a dict of these, or an
            item.
        targets: What the update changes.

    Raises:
        FieldNotFoundException: A name is no field of the items, or a query field is one of
            another class.
    """
    array = _array_of(identifier, targets)
    if array is None:
        condition = flatten(value) if isinstance(value, QueryExpression) else copy_of(value)
    elif isinstance(value, dict) and is_operators(value):
        condition = copy_of(value)
    else:
        condition = pull_condition(array, value)
    is_fields = isinstance(condition, Mapping) and (
        not is_operators(condition) or not condition.keys().isdisjoint(_LOGICAL)
    )
    if not is_fields:
        return {identifier: condition}
    return _prefixed(identifier, condition)


def _prefixed(identifier: str, condition: Mapping[str, Any]) -> dict[str, Any]:
    """Let the names of a condition on an item begin with its identifier."""
    return {
        name if name in _LOGICAL else f"{identifier}.{name}": (
            [_prefixed(identifier, part) for part in value] if name in _LOGICAL else value
        )
        for name, value in condition.items()
    }


def stored_array_filter(raw: Mapping[str, Any], targets: Iterable[Target]) -> dict[str, Any]:
    """
    Translate an array filter.

    Args:
        raw: A dict of names that begin with an identifier each, Python names or stored ones.
        targets: What the update changes.

    Returns:
        A new dict with stored names. What follows an identifier that no path has is left alone.

    Raises:
        FieldNotFoundException: A name is no field of the items.
    """
    stored: dict[str, Any] = {}
    for name, value in raw.items():
        if name in _LOGICAL and isinstance(value, (list, tuple)):
            stored[name] = [
                stored_array_filter(part, targets) if isinstance(part, Mapping) else part
                for part in value
            ]
            continue
        identifier, _, below = name.partition(".")
        array = _array_of(identifier, targets) if below else None
        if array is None:
            stored[name] = copy_of(value)
            continue
        translated = flatten(stored_item_query(array.field, {below: value}))
        stored.update(_prefixed(identifier, translated))
    return stored


def _array_of(identifier: str, targets: Iterable[Target]) -> Target | None:
    """Give the array whose items an identifier stands for, if its items are known."""
    for target in targets:
        for above, below in pairwise(target.levels()):
            if below.get_absolute_name().rpartition(".")[2] == f"$[{identifier}]":
                return None if above.get_type() is FREE_TYPE else Target(above)
    return None
