"""Joining two conditions into one query, so that none is ever dropped."""

from __future__ import annotations

from typing import Any

from ommongo._bson import same
from ommongo.exceptions import BadQueryException
from ommongo.query_expression._conditions import is_operator_name, is_operators
from ommongo.query_expression._names import name_of

__all__ = ["absorb", "merge"]

QueryDict = dict[Any, Any]

# Operators that mean something only together: they are one condition.
_COMPOUND_OPERATORS = (
    ("$regex", "$options"),
    ("$near", "$nearSphere", "$minDistance", "$maxDistance"),
)
_PARTS_OF_COMPOUNDS = frozenset(name for names in _COMPOUND_OPERATORS for name in names)


def _same(first: Any, second: Any) -> bool:
    """Tell whether the server would take two arguments for the same."""
    if first is second:
        return True
    try:
        return same(first, second)
    except Exception:  # a type that only the session's codec knows: keeping both is always right
        return False


def _merge_operators(first: QueryDict, second: QueryDict) -> QueryDict | None:
    """Give both dicts of operators as one, or ``None`` where that would lose a condition."""
    merged = dict(first)
    for operator, argument in second.items():
        if operator in merged and not _same(merged[operator], argument):
            return None
        merged[operator] = argument
    if not _PARTS_OF_COMPOUNDS.isdisjoint(second):
        for names in _COMPOUND_OPERATORS:
            ours = {name: first[name] for name in names if name in first}
            theirs = {name: second[name] for name in names if name in second}
            if ours and theirs and ours.keys() != theirs.keys():
                return None
    return merged


def _key_in(query: QueryDict, key: Any) -> Any:
    """Give the key object of *query* that is equal to *key*."""
    for held in query:
        if held is key:  # as it is for two conditions on one query field
            return held
    # The hashes first: comparing a query field with a string makes an expression.
    return next(held for held in query if hash(held) == hash(key) and held == key)


def _plain_twice(key: Any) -> BadQueryException:
    """Make the error for a second condition beside a plain value."""
    return BadQueryException(
        f"{name_of(key)} has two conditions, and at least one of them is a plain value, so they "
        f"cannot be one condition. Keep one of them, or join them with & (which makes an $and)."
    )


def _are_lists(*values: Any) -> bool:
    """Tell whether all values are arrays, as ``$and`` and its kin take them."""
    return all(isinstance(value, (list, tuple)) for value in values)


def merge(first: QueryDict, second: QueryDict, *, strict: bool = True) -> QueryDict:
    """
    Give a query for what both queries match.

    Conditions on one field become one dict of operators where both are such dicts. The same
    operator with an equal argument is one condition; with two arguments both are kept, joined
    by ``$and``.

    Args:
        first: A query dict; it is left as it is.
        second: Another one; it is left as it is.
        strict: Whether to refuse two conditions on one field of which one is a plain value.
            Without it they are joined by ``$and``, and nothing is ever refused.

    Returns:
        A new query dict. It shares the arguments with *first* and *second*.

    Raises:
        BadQueryException: With *strict*, both have a condition on one field and at least one
            of these is no dict of operators.

    Example:
        >>> merge({"age": {"$gt": 3}}, {"age": {"$lt": 9}})
        {'age': {'$gt': 3, '$lt': 9}}
        >>> merge({"age": {"$gt": 3}}, {"age": {"$gt": 5}})
        {'$and': [{'age': {'$gt': 3}}, {'age': {'$gt': 5}}]}

    MongoDB manual:
        https://www.mongodb.com/docs/manual/reference/operator/query/and/
    """
    return absorb(dict(first), second, strict)


def absorb(result: QueryDict, second: QueryDict, strict: bool) -> QueryDict:
    """
    Merge as `merge` does, into a dict that is the caller's own.

    Args:
        result: The first query dict, which is changed.
        second: As for `merge`.
        strict: As for `merge`.

    Returns:
        *result*.

    Raises:
        BadQueryException: As from `merge`; *result* is of no use then.
    """
    for key in second:
        if key in result:
            break
    else:
        result.update(second)
        return result
    apart: list[QueryDict] = []
    for key, value in second.items():
        if key not in result:
            result[key] = value
            continue
        held_key = _key_in(result, key)
        held = result[held_key]
        merged: Any
        if type(held_key) is not type(key):
            # One is final, the other a name of a raw dict that may yet mean another field.
            merged = None
        elif is_operators(held) and is_operators(value):
            merged = _merge_operators(held, value)
        elif not is_operator_name(key):
            if strict:
                raise _plain_twice(key)
            merged = held if _same(held, value) else None
        elif key in ("$and", "$nor") and _are_lists(held, value):
            merged = [*held, *value]
        else:
            merged = held if _same(held, value) else None
        if merged is not None:
            result[held_key] = merged
        else:
            del result[held_key]
            apart += [{held_key: held}, {key: value}]
    if apart:
        joined = result.pop("$and", [])
        # What is no list is for the server to refuse, not for us to lose.
        result["$and"] = [*(joined if _are_lists(joined) else [{"$and": joined}]), *apart]
    return result
