"""What an operator would leave that its field refuses to load, as far as the server can tell."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, NoReturn

from bson.decimal128 import Decimal128

from ommongo._spelling import counted
from ommongo.exceptions import BadValueException
from ommongo.query_expression import is_operators
from ommongo.update_expression._document import Each

__all__ = ["ARRAY", "EXPR", "KEY", "Leaf", "asks_python", "renames_safely", "violations"]

Leaf = dict[str, Any]
"""
A condition on what is stored under a path: what follows the path, and the condition on that. An
empty text stands for the path itself, ``".3"`` for the fourth item of the array there.
"""

_MISSING: Leaf = {"": {"$exists": False}}


def violations(field: Any, operator: str, operand: Any) -> list[Leaf]:
    """
    Say in which cases an operation would leave what its field refuses to load.

    Args:
        field: The field that is changed.
        operator: The update operator.
        operand: What the operator is given, BSON-ready.

    Returns:
        Conditions on what is stored before; it must fulfil none of them.

    Raises:
        BadValueException: The operation leaves it whatever is stored, or only Python could tell.
    """
    rule = _RULES.get(operator)
    if rule is None:
        return []
    if asks_python(field):
        _refuse(
            operand,
            f"has rules of its own (a validator, or a field class of the application), which only "
            f"Python can ask, and {operator} is carried out by the server. Load the object, change "
            f"it and update that, or pass unchecked=True.",
        )
    return rule(field, operand)


def asks_python(field: Any) -> bool:
    """Tell whether what a field loads is judged by code that the server does not have."""
    if field._validator is not None or field._unwrap_validator is not None:
        return True
    return any(
        not cls.__module__.startswith("ommongo.") and vars(cls).keys() & _JUDGES
        for cls in type(field).__mro__
        if cls is not object
    )


_JUDGES = frozenset({"unwrap", "validate_unwrap"})


def renames_safely(source: Any, goal: Any) -> bool:
    """
    Tell whether one field takes everything that another one holds.

    Args:
        source: The field that a value comes from.
        goal: The field that is to hold it.
    """
    if asks_python(goal) and not _asks_the_same(source, goal):
        return False
    if goal.allow_none < source.allow_none:
        return False
    if getattr(type(goal), "_is_verbatim", False) is True:
        return True  # whatever it is
    inside = source._inner_fields(), goal._inner_fields()
    return (
        type(goal) is type(source)
        and len(inside[0]) == len(inside[1])
        and all(map(renames_safely, *inside))
        and _takes_rules_of(_rules_of(source), _rules_of(goal))
    )


def _asks_the_same(source: Any, goal: Any) -> bool:
    return type(source) is type(goal) and all(
        getattr(source, name) == getattr(goal, name) for name in ("_validator", "_unwrap_validator")
    )


def _rules_of(field: Any) -> dict[str, Any]:
    """Give the settings of a field that say what it takes, but for its inner fields."""
    rules = {
        name: setting
        for name, setting in vars(field).items()
        if not name.startswith("_") and name not in _NO_RULES and not _is_field(setting)
    }
    return {**rules, "subtype": field.schema_json().get("subtype")}  # of what kind of document


def _takes_rules_of(source: Mapping[str, Any], goal: Mapping[str, Any]) -> bool:
    """Tell whether what is in the bounds of some settings is in those of others."""
    for name, rule in goal.items():
        old = source.get(name)
        if rule is None:
            continue
        if name.startswith("min"):
            if old is None or old < rule:
                return False
        elif name.startswith("max"):
            if old is None or old > rule:
                return False
        elif rule != old:
            return False
    return True


def _is_field(setting: Any) -> bool:
    inside = setting if isinstance(setting, tuple) and setting else (setting,)
    return all(hasattr(each, "valid_modifiers") for each in inside)


_NO_RULES = frozenset(
    {
        "counts_version",
        "default_empty",
        "description",
        "examples",
        "hidden",
        "ignore_missing",
        "index",
        "iproxy",
        "on_update",
        "optional",
        "proxy",
        "required",
        "unique",
    }
)


def _refuse(operand: Any, reason: str) -> NoReturn:
    raise BadValueException("", operand, reason)


# -- numbers --------------------------------------------------------------------------------------


def _bounds(field: Any) -> tuple[Any, Any]:
    bounds = getattr(field, "min_value", None), getattr(field, "max_value", None)
    low, high = (bound if bound is not None and math.isfinite(bound) else None for bound in bounds)
    return low, high


def _added(field: Any, amount: Any) -> list[Leaf]:
    low, high = _bounds(field)
    if low is None and high is None:
        return []
    by = _finite(amount)
    found = _where_missing(by, low, high)
    if by < 0 and low is not None:
        found.append({"": {"$lt": _edge(lambda old: old + by >= low, low - by, by, up=True)}})
    if by > 0 and high is not None:
        found.append({"": {"$gt": _edge(lambda old: old + by <= high, high - by, by, up=False)}})
    return found


def _multiplied(field: Any, amount: Any) -> list[Leaf]:
    low, high = _bounds(field)
    if low is None and high is None:
        return []
    by = _finite(amount)
    found = _where_missing(0, low, high)
    if by == 0 and found:
        _refuse(amount, "would be 0, which is out of its bounds. Correct the factor or the bounds.")
    if by in (0, 1):
        return found
    if by < 0:  # the greatest come out as the least
        low, high = high, low
    if low is not None:
        is_in: Callable[[Any], bool] = lambda old: (  # noqa: E731 - one line each, beside its use
            old * by >= low if by > 0 else old * by <= low
        )
        found.append({"": {"$lt": _edge(is_in, _quotient(low, by), by, up=True)}})
    if high is not None:
        is_in = lambda old: old * by <= high if by > 0 else old * by >= high  # noqa: E731
        found.append({"": {"$gt": _edge(is_in, _quotient(high, by), by, up=False)}})
    return found


def _where_missing(made: Any, low: Any, high: Any) -> list[Leaf]:
    """Give the violation of an operation that makes *made* of nothing."""
    is_in = (low is None or made >= low) and (high is None or made <= high)
    return [] if is_in else [dict(_MISSING)]


def _finite(amount: Any) -> Any:
    number = amount.to_decimal() if isinstance(amount, Decimal128) else amount
    if not math.isfinite(number):
        _refuse(amount, "has bounds, and is changed by finite numbers only. Give one.")
    return number


def _quotient(bound: Any, by: Any) -> Any:
    return Fraction(bound) / by if isinstance(by, int) else bound / by


def _edge(is_in: Callable[[Any], bool], guess: Any, by: Any, up: bool) -> Any:
    """
    Give the last stored value of which an operation leaves what is in bounds.

    Args:
        is_in: Tells whether it does of a stored value.
        guess: About that value; the server's arithmetic may round otherwise.
        by: The operand, whose type is that of the stored numbers.
        up: Whether greater values are safe too, or smaller ones.
    """
    if isinstance(by, int):
        edge = math.ceil(guess) if up else math.floor(guess)
        # What has more than 64 bits is beyond all that is stored.
        return edge if -(2**63) <= edge < 2**63 else math.copysign(math.inf, edge)
    if isinstance(by, float):
        while not is_in(guess):
            guess = math.nextafter(guess, math.inf if up else -math.inf)
        return guess
    return Decimal128(guess)


# -- arrays ---------------------------------------------------------------------------------------


def _capacity(field: Any) -> tuple[int, int | None]:
    return getattr(field, "min_capacity", None) or 0, getattr(field, "max_capacity", None)


def _items(operand: Any) -> tuple[Any, ...]:
    return tuple(operand["$each"]) if isinstance(operand, Each) else (operand,)


def _pushed(field: Any, operand: Any) -> list[Leaf]:
    low, high = _capacity(field)
    count = len(_items(operand))
    kept = abs(operand["$slice"]) if isinstance(operand, Each) and "$slice" in operand else None
    if kept is not None and kept < low:
        _refuse(
            operand,
            f"takes at least {counted(low, 'item')}, and $slice would leave {kept}. Keep more.",
        )
    if kept is not None and high is not None and kept <= high:
        high = None
    return _grown(operand, low, high, count)


def _grown(operand: Any, low: int, high: int | None, count: int) -> list[Leaf]:
    """Give the violations of an operation that adds *count* items to an array."""
    found: list[Leaf] = []
    if high is not None and count > high:
        _refuse(
            operand, f"takes at most {counted(high, 'item')}, and would get {count}. Give fewer."
        )
    if high is not None and count:
        found.append({f".{high - count}": {"$exists": True}})
    if count < low:
        found.append({f".{low - count - 1}": {"$exists": False}})
    return found


def _added_to_set(field: Any, operand: Any) -> list[Leaf]:
    low, high = _capacity(field)
    items = _items(operand)
    found = _grown(operand, low, None, min(1, len(items)))
    if high is None or not items:
        return found
    if high == 0:
        _refuse(operand, "takes no items at all. Raise max_capacity.")
    # Whichever of them are there already add nothing. Each case: so many are not, and so many have
    # no place.
    if len(items) == 1:
        found.append({f".{high - 1}": {"$exists": True}, "": {"$not": _holds(items[0])}})
    else:
        found.append({EXPR: {"$gt": [_size_with(items), high]}})
    return found


EXPR = "$expr"
"""The key of a leaf that is an aggregation expression on the array, which is named by `ARRAY`."""

ARRAY = "$ARRAY"

KEY = "$KEY"
"""The key of a leaf that is a further condition, on the whole document."""


def _holds(item: Any) -> dict[str, Any]:
    return {"$elemMatch": {"$eq": item}}


def _size_with(items: tuple[Any, ...]) -> dict[str, Any]:
    new = {"$setDifference": [{"$literal": list(items)}, ARRAY]}
    return {"$add": [{"$size": [ARRAY]}, {"$size": [new]}]}


def _popped(field: Any, operand: Any) -> list[Leaf]:
    low, _ = _capacity(field)
    if not low:
        return []
    return [{f".{low - 1}": {"$exists": True}, f".{low}": {"$exists": False}}]


def _pulled_all(field: Any, operand: Any) -> list[Leaf]:
    low, _ = _capacity(field)
    return _without(low, list(operand)) if low else []


def _without(low: int, values: list[Any]) -> list[Leaf]:
    """Give the violation of an operation that takes out all items that are among *values*."""
    if low == 1:
        return [_all_of({"$in": values}, {"$nin": values})]
    kept = {
        "$filter": {"input": ARRAY, "cond": {"$not": [{"$in": ["$$this", {"$literal": values}]}]}}
    }
    size = {"$size": [kept]}
    return [{EXPR: {"$and": [{"$lt": [size, low]}, {"$lt": [size, {"$size": [ARRAY]}]}]}}]


def _all_of(taken: Mapping[str, Any], kept: Mapping[str, Any]) -> Leaf:
    """Give the violation of an operation that takes out items and leaves none."""
    return {"": {"$elemMatch": taken, "$not": {"$elemMatch": kept}}}


def _pulled(field: Any, operand: Any) -> list[Leaf]:
    low, _ = _capacity(field)
    if not low:
        return []
    if not isinstance(operand, Mapping):
        return _without(low, [operand])
    if operand.keys() <= {"$eq", "$in"} and len(operand) == 1:
        [(name, value)] = operand.items()
        return _without(low, [value] if name == "$eq" else list(value))
    if low > 1:
        _refuse(
            operand,
            f"takes at least {counted(low, 'item')}, and how many items fulfil a condition cannot "
            f"be told before. Take out given values, or pass unchecked=True.",
        )
    is_value = is_operators(operand)
    return [_all_of(operand, {"$not": operand} if is_value else {"$nor": [operand]})]


_RULES: dict[str, Callable[[Any, Any], list[Leaf]]] = {
    "$inc": _added,
    "$mul": _multiplied,
    "$push": _pushed,
    "$addToSet": _added_to_set,
    "$pop": _popped,
    "$pull": _pulled,
    "$pullAll": _pulled_all,
}
