"""What the server takes for operators, and what for a value to compare with."""

from __future__ import annotations

import re
from typing import Any

from bson.regex import Regex

__all__ = ["LOGICAL_OPERATORS", "PATTERNS", "count_operators", "is_operator_name", "is_operators"]

PATTERNS = (re.Pattern, Regex)
"""The types of a compiled regular expression."""

LOGICAL_OPERATORS = frozenset({"$and", "$or", "$nor"})
"""The operators that join a list of queries."""

# A dict that begins with this key is a reference, which the server compares as a value.
_REFERENCE = "$ref"


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
