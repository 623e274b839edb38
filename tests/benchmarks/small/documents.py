"""The documents of the small classes: a book, and a book with one value more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

__all__ = ["LITERALS", "NAMES", "STATES", "Row", "is_address", "rows"]

Row = tuple[str, int, list[str], Any]
"""A title, a year, tags, and the value that the class is named after."""

STATES = ("new", "paid", "sent")
JAKARTA = timezone(timedelta(hours=7))


def is_address(value: str) -> bool:
    """Tell whether a text may be an address: the validator that every library is given."""
    return "@" in value


NAMES = {"book": "", "enum": "state", "dict": "prices", "validator": "email", "tz": "at"}
"""Of each class the name of its fourth field; a plain book has none."""

LITERALS: dict[str, Callable[[str, int, list[str], Any], dict[str, Any]]] = {
    "book": lambda title, year, tags, _: {"title": title, "year": year, "tags": [*tags]},
    "enum": lambda title, year, tags, state: {
        "title": title, "year": year, "tags": [*tags], "state": state,
    },
    "dict": lambda title, year, tags, prices: {
        "title": title, "year": year, "tags": [*tags], "prices": {**prices},
    },
    "validator": lambda title, year, tags, email: {
        "title": title, "year": year, "tags": [*tags], "email": email,
    },
    "tz": lambda title, year, tags, at: {
        "title": title, "year": year, "tags": [*tags], "at": at,
    },
}  # fmt: skip
"""What a document is as a literal: what pymongo alone is given."""

FOURTH: dict[str, Callable[[int], Any]] = {
    "book": lambda i: None,
    "enum": lambda i: STATES[i % 3],
    "dict": lambda i: {"rice": i / 8, "salt": 0.5},
    "validator": lambda i: f"reader-{i}@example.org",
    "tz": lambda i: datetime(2024, 8, 17, tzinfo=JAKARTA) + timedelta(seconds=i),
}


def rows(name: str, count: int) -> list[Row]:
    """Make the values of *count* documents of a class."""
    fourth = FOURTH[name]
    return [(f"title {i}", 1900 + i % 100, ["novel", f"tag {i}"], fourth(i)) for i in range(count)]
