"""
Conditions in parts, of which dicts are made when somebody looks.

What a query and its conditions hold must never be what a caller holds. A dict has to be copied for
that, with all that is in it; of parts that cannot change a new one is made for less than half.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ommongo.query_expression._merging import absorb
from ommongo.query_expression._names import own_copy

__all__ = ["OR", "Parts", "add", "add_one", "both", "condition_of", "in_full", "in_parts"]

Parts = tuple[str | None, Any]
"""
What a filter holds under a name: an operator and what is below it, a value that cannot change or a
list of such that nobody else holds. Without an operator (``None``) it is the value that the field
is compared with; below `OR` there are expressions. Anything else has `_ANY` for its operator, and
is copied.
"""

OR = "$or"

_ANY = ""


def in_full(conditions: Mapping[str, Parts]) -> dict[str, Any]:
    """
    Make a query dict of parts.

    Args:
        conditions: The parts by name.

    Returns:
        A dict that nobody else holds, nor the dicts, lists and tuples in it.
    """
    query: dict[str, Any] = {}
    for name in conditions:
        operator, argument = conditions[name]
        if operator is None:
            query[name] = argument
        elif operator == OR:
            query[name] = [condition_of(each) for each in argument]
        elif operator:
            query[name] = {operator: [*argument] if type(argument) is list else argument}
        else:
            query[name] = own_copy({name: argument})[name]
    return query


def condition_of(expression: Any) -> dict[str, Any]:
    """
    Make the query dict of an expression whose names are final.

    Args:
        expression: The expression.

    Returns:
        A dict that nobody else holds, as from `in_full`.
    """
    name = expression._name
    if name is None:
        return own_copy(expression._held)
    operator, argument = expression._held
    if operator is None:
        return {name: argument}
    if operator == OR:
        return {name: [*map(condition_of, argument)]}
    return {name: {operator: [*argument] if type(argument) is list else argument}}


def in_parts(query: Mapping[Any, Any]) -> dict[Any, Parts]:
    """
    Take a query dict as it is.

    Args:
        query: The dict, which is not to change any more.

    Returns:
        Its parts.
    """
    return {name: (_ANY, value) for name, value in query.items()}


def both(first: Parts, second: Parts) -> dict[str, Any] | None:
    """
    Join two conditions on one field, if it is plain what they are together.

    Args:
        first: The parts of one.
        second: Those of the other.

    Returns:
        A dict of both operators; ``None`` where `absorb` has to judge.
    """
    if not first[0] or not second[0] or first[0] == second[0]:
        return None
    return {first[0]: first[1], second[0]: second[1]}


def add_one(conditions: dict[Any, Parts], expression: Any) -> None:
    """
    Add an expression whose names are final to conditions, strictly.

    Args:
        conditions: The parts, which are changed.
        expression: The expression.

    Raises:
        BadQueryException: As from `absorb`; *conditions* are of no use then.
    """
    name = expression._name
    joined = both(conditions[name], expression._held) if name in conditions else None
    if joined is None:
        add(conditions, expression._query, strict=True)
    else:
        conditions[name] = (_ANY, joined)


def add(conditions: dict[Any, Parts], query: Mapping[Any, Any], strict: bool) -> None:
    """
    Add a query dict to conditions, as `absorb` does.

    Args:
        conditions: The parts, which are changed.
        query: The dict, which is not to change any more.
        strict: As for `absorb`.

    Raises:
        BadQueryException: As from `absorb`; *conditions* are of no use then.
    """
    touched = {name: conditions[name] for name in (*query, "$and") if name in conditions}
    if not touched or (touched.keys() == {"$and"} and "$and" not in query):
        conditions.update(in_parts(query))
        return
    merged = absorb(in_full(touched), dict(query), strict)
    gone = touched.keys() - merged.keys()
    if gone:  # to the $and, which comes last then
        for name in (*gone, "$and"):
            conditions.pop(name, None)
    conditions.update(in_parts(merged))
