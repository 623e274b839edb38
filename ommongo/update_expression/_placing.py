"""Conditions on what an update's path leads to, also below positions in arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ommongo.exceptions import BadValueException
from ommongo.query_expression import is_operators
from ommongo.update_expression._rules import ARRAY, EXPR, KEY, Leaf

__all__ = ["placed"]

Chosen = Mapping[str, Any]


def placed(
    path: str,
    leaf: Leaf,
    filter: Mapping[str, Any],
    array_filters: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """
    Give the condition that something under a path fulfils.

    Where the path has a position of the update (``pages.$.number``), that is an item of the array:
    one that the filter, or an array filter, picks out, as far as that can be said.

    Args:
        path: The stored dotted name, with positions.
        leaf: The condition on what is there.
        filter: The filter of the update, which says what ``$`` stands for.
        array_filters: What identifiers in the path stand for.

    Returns:
        A condition on the whole document.

    Raises:
        BadValueException: There is no such condition below a position.

    MongoDB manual:
        https://www.mongodb.com/docs/manual/reference/operator/update/positional/
    """
    if KEY in leaf:
        rest = {suffix: condition for suffix, condition in leaf.items() if suffix != KEY}
        return {"$and": [leaf[KEY], placed(path, rest, filter, array_filters)]}
    parts = path.split(".")
    position = next((place for place, part in enumerate(parts) if part.startswith("$")), None)
    if EXPR in leaf:
        if any(part.startswith("$") or part.isdecimal() for part in parts):
            raise BadValueException(
                path,
                None,
                "is an array within an array whose items have to be counted, which the server "
                "cannot do there. Change one item at a time, or pass unchecked=True.",
            )
        return {EXPR: _expression(leaf[EXPR], path)}
    if position is None:
        return {path + suffix: condition for suffix, condition in leaf.items()}
    array, below = ".".join(parts[:position]), ".".join(parts[position + 1 :])
    if parts[position] == "$":
        chosen = _chosen_by_filter(filter, array)
    else:
        chosen = _chosen_by_identifier(array_filters, parts[position][2:-1])
    if below:
        item = placed(below, leaf, {}, array_filters)
    else:
        # Of what stands for the item itself nothing but its value can be asked.
        item = {suffix.removeprefix("."): condition for suffix, condition in leaf.items()}
    return {array: {"$elemMatch": _both(chosen, item)}}


def _expression(expression: Any, path: str) -> Any:
    """Give an aggregation expression with the array under *path* for `ARRAY`."""
    if expression == ARRAY:
        return {"$cond": [{"$isArray": [f"${path}"]}, f"${path}", []]}
    if isinstance(expression, dict):
        if "$literal" in expression:
            return expression
        return {name: _expression(part, path) for name, part in expression.items()}
    if isinstance(expression, list):
        return [_expression(part, path) for part in expression]
    return expression


def _both(chosen: Chosen | None, item: dict[str, Any]) -> dict[str, Any]:
    """Join what picks an item out with a condition on it: of two kinds, the latter alone holds."""
    is_value = chosen is not None and _is_value(chosen)
    if "" in item:
        value = item[""]
        fit = chosen is not None and is_value and not chosen.keys() & value.keys()
        return {**(chosen if fit and chosen else {}), **value}
    if chosen is None or is_value:
        return item
    return {"$and": [dict(chosen), item]}


def _is_value(condition: Chosen) -> bool:
    """Whether a condition is one on the value of an item, and not on its fields."""
    return is_operators(condition) and condition.keys().isdisjoint(("$and", "$or", "$nor"))


def _chosen_by_filter(filter: Mapping[str, Any], array: str) -> Chosen | None:
    """Give what the filter says of the item that ``$`` stands for; ``None`` where that is open."""
    found: list[Chosen] = []
    for name, condition in _conditions(filter):
        if name == array:
            if not is_operators(condition):
                found.append({"$eq": condition})
            elif "$elemMatch" in condition:
                found.append(condition["$elemMatch"])
            else:
                found.append(condition)
        elif name.startswith(array + "."):
            found.append({name[len(array) + 1 :]: condition})
    if len(found) < 2:
        return found[0] if found else None
    # It may be any of them by which the server picks the item.
    return None if any(map(_is_value, found)) else {"$or": found}


def _conditions(filter: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Give the conditions that all hold, by name."""
    found: list[tuple[str, Any]] = []
    for name, condition in filter.items():
        if name == "$and":
            for part in condition:
                found.extend(_conditions(part))
        elif not name.startswith("$"):
            found.append((name, condition))
    return found


def _chosen_by_identifier(
    array_filters: Sequence[Mapping[str, Any]], identifier: str
) -> Chosen | None:
    """Give what an array filter says of the items of an identifier; ``None`` for all of them."""
    if not identifier:
        return None
    found: dict[str, Any] = {}
    for array_filter in array_filters:
        for name, condition in array_filter.items():
            if name == identifier:
                return condition if is_operators(condition) else {"$eq": condition}
            if name.startswith(identifier + "."):
                found[name[len(identifier) + 1 :]] = condition
    return found or None
