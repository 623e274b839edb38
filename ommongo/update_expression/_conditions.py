"""Conditions on the items of an array, as ``$pull`` takes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ommongo.exceptions import UpdateException
from ommongo.query_expression import (
    QueryExpression,
    flatten,
    is_operators,
    stored_item_query,
)
from ommongo.update_expression._operands import Target, copy_of, exactly

__all__ = ["pull_condition"]

_LOGICAL = ("$and", "$or", "$nor")


def pull_condition(target: Target, value: Any) -> Any:
    """
    Give the operand of ``$pull``.

    Args:
        target: The array.
        value: An item, an expression, or for embedded documents a dict of conditions.

    Returns:
        A condition that an item fulfils when it is to be taken out.

    Raises:
        BadValueException: The array can hold no such item.
        FieldNotFoundException: A name is no field of the items, or a query field is one of
            another class.
        UpdateException: The condition says nothing, is one on other fields, or is one on the array
            and on the fields of its items at once.
    """
    if isinstance(value, QueryExpression):
        return _from_expression(target, value)
    if target.field is None:
        return copy_of(value)
    if isinstance(value, dict) and target.item_field.has_subfields:
        return _judged(target, _translated(target, value))
    return exactly(target.wrap_only(value, "remove_all"))


def _from_expression(target: Target, expression: QueryExpression) -> Any:
    """Turn an expression on the array, or on the fields of its items, into one on an item."""
    if target.field is None:
        conditions, below = flatten(expression), None
    else:
        conditions = _translated(target, expression)
        below = {field.db_field for field in target.field.subfields().values()}
    own = _own_name(target)
    if conditions.keys() == {own} and not (below and own in below):
        condition = conditions[own]
        if isinstance(condition, dict) and condition.keys() == {"$elemMatch"}:
            return _judged(target, condition["$elemMatch"])
        if not is_operators(condition):
            condition = exactly(condition)
        elif next(iter(condition)) == "$not":
            # The server knows a condition on the item by its first operator, and not by $not.
            condition = {"$nin": [], **condition}
        return copy_of(condition)
    return _judged(target, _on_items(target, own, below, conditions))


def _translated(target: Target, condition: Any) -> dict[str, Any]:
    """Give a condition on the items with stored names."""
    own = _own_name(target)
    return flatten(stored_item_query(target.field, condition, own, target.roots))


def _own_name(target: Target) -> str:
    """Give the name of the array in an expression, where the path to it has no positions."""
    parts = target.name.split(".")
    return ".".join(part for part in parts if not part.startswith("$") and not part.isdigit())


def _on_items(
    target: Target, own: str, below: set[str] | None, conditions: Mapping[str, Any]
) -> dict[str, Any]:
    """Make the names of *conditions* relative to an item of the array called *own*."""
    relative: dict[str, Any] = {}
    for name, condition in conditions.items():
        if name in _LOGICAL:
            condition = [_on_items(target, own, below, part) for part in condition]
        elif not name.startswith("$") and (below is None or name.split(".")[0] not in below):
            if below != set() and name.startswith(own + "."):
                name = name[len(own) + 1 :]
            elif below is not None or name == own:
                raise _misplaced(target, name)
        relative[name] = condition
    return relative


def _judged(target: Target, condition: dict[str, Any]) -> dict[str, Any]:
    """Refuse a condition that every item fulfils."""
    if not condition:
        raise UpdateException(
            f"The condition for the items to be removed from {target.name!r} is empty, which would "
            f"remove them all. To empty the list, set it to [].",
            name=target.name,
            operation="$pull",
        )
    return copy_of(condition)  # type: ignore[no-any-return]  # a dict gives a dict


def _misplaced(target: Target, name: str) -> UpdateException:
    return UpdateException(
        f"The condition for the items to be removed from {target.name!r} names {name!r}, which is "
        f"no field of these items (or is the list itself beside other conditions). Use one "
        f"condition on the list, or conditions on the fields of its items.",
        name=target.name,
        operation="$pull",
    )
