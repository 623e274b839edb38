"""How a query field calls the operators that people look for under other names."""

from __future__ import annotations

from typing import Final

__all__ = ["ELSEWHERE"]

_COMPARE: Final = "Compare the field itself: ==, !=, <, <=, > or >=."
_NONE: Final = "Call exists(False); a field that may hold None is compared with it by == and !=."
_PART: Final = "Call regex(re.escape(text), ignore_case=True), startswith(text) or endswith(text)."
_ITEM: Final = "Compare the list with one item by ==, or call elem_match(...)."
_QUERY: Final = "Call {} on the query."

ELSEWHERE: Final = {
    "any": _ITEM,
    "asc": _QUERY.format("ascending(field)"),
    "between": "Write (field >= low) & (field <= high).",
    "contains": f"{_ITEM} In text: {_PART[0].lower()}{_PART[1:]}",
    "count": _QUERY.format("count()"),
    "desc": _QUERY.format("descending(field)"),
    "distinct": _QUERY.format("distinct(field)"),
    "eq": _COMPARE,
    "gt": _COMPARE,
    "gte": _COMPARE,
    "has": _ITEM,
    "icontains": _PART,
    "iexact": _PART,
    "ilike": _PART,
    "is_": _NONE,
    "is_not": _NONE,
    "is_null": _NONE,
    "isnot": _NONE,
    "isnull": _NONE,
    "like": _PART,
    "lt": _COMPARE,
    "lte": _COMPARE,
    "match": _PART,
    "ne": _COMPARE,
    "notin_": "Call nin(...).",
    "not_in_": "Call nin(...).",
}
"""What is to be written instead, by name."""
