"""What the server takes for operators, and what for a value to compare with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bson.regex import Regex

__all__ = [
    "LOGICAL_OPERATORS",
    "PATTERNS",
    "count_operators",
    "holds_operators",
    "is_obeyed",
    "is_operator_name",
    "is_operators",
]

PATTERNS = (re.Pattern, Regex)
"""The types of a compiled regular expression."""

LOGICAL_OPERATORS = frozenset({"$and", "$or", "$nor"})
"""The operators that join a list of queries."""

# A dict that begins with this key is a reference, which the server compares as a value.
_REFERENCE = "$ref"
_REFERENCE_KEYS = frozenset({"$ref", "$id", "$db"})


def is_operator_name(key: Any) -> bool:
    """
    Tell whether a key of a query dict is an operator and not a field.

    Args:
        key: The key.

    Returns:
        Whether it is text that begins with ``$``.
    """
    return isinstance(key, str) and key[:1] == "$"


def count_operators(value: Any) -> int:
    """
    Count the keys of a value that the server takes for operators.

    Args:
        value: What a query dict holds under a field's name.

    Returns:
        As many as the dict is long for operators (``{"$gt": 3}``), 0 for a value that the field is
        compared with, and something between for a dict that mixes them, which is neither.
    """
    if not isinstance(value, dict):
        return 0
    count = 0
    for key in value:
        if isinstance(key, str) and key[:1] == "$":
            if not count and key == _REFERENCE:
                return 0
            count += 1
    return count


def is_operators(value: Any) -> bool:
    """
    Tell operators (``{"$gt": 3}``) from a value that a field is compared with.

    Args:
        value: What a query dict holds under a field's name.

    Returns:
        Whether *value* is a dict of operators and of nothing else.
    """
    count = count_operators(value)
    return count > 0 and count == len(value)


def is_obeyed(value: Any) -> bool:
    """
    Tell whether the server may take a value for an order, in a place where it looks for one.

    Args:
        value: A BSON-ready value.

    Returns:
        Whether it is a pattern, or a dict with a key that begins with ``$`` and is no reference.
    """
    if not isinstance(value, Mapping):
        return isinstance(value, PATTERNS)
    operators = {name for name in value if is_operator_name(name)}
    return bool(operators) and not (
        operators <= _REFERENCE_KEYS and "$ref" in operators and "$id" in operators
    )


def holds_operators(value: Any) -> bool:
    """
    Tell whether a value is one that the server may obey, or holds such a dict at any depth.

    Args:
        value: A BSON-ready value.

    Returns:
        Whether it is, as `is_obeyed` says, or does.
    """
    if is_obeyed(value):
        return True
    if isinstance(value, Mapping):
        value = value.values()
    elif not isinstance(value, (list, tuple, set, frozenset)):
        return False
    return any(holds_operators(part) for part in value if not isinstance(part, PATTERNS))
