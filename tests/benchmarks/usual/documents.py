"""The documents of the usual class, and how results are compared with them."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId

__all__ = [
    "LEVELS",
    "LOADED",
    "NEW",
    "QUERY",
    "Row",
    "is_address",
    "literal",
    "read",
    "right",
    "rows",
    "shape",
    "values",
]

LOADED = "members"
NEW = "new_members"
QUERY = ("board", 10_000, 20_000, datetime(2020, 6, 1), ObjectId(f"{3:024x}"))

LEVELS = ("guest", "member", "board")
COUNTRY = "Indonesia"
"""The default of its field: no row has it, every stored document does."""
TYPES = (str, str, int, float, str, str, dict, str, ObjectId, datetime, str, str, str, str)

Row = tuple[
    str,
    str,
    int,
    float,
    str,
    dict[str, str],
    str | None,
    ObjectId,
    datetime,
    tuple[tuple[str, str], tuple[str, str]],
]
"""The values of one document: a member of a club; the age is in days, the phone may be missing."""


def is_address(value: str) -> bool:
    """Tell whether a text may be an address: the validator that every library is given."""
    return "@" in value


def rows(count: int) -> list[Row]:
    """Make the values of *count* documents, the same ones in every process."""
    dice = random.Random(2025)
    start = datetime(2020, 1, 1)
    return [
        (
            f"member number {i}",
            f"member-{i}@example.org",
            dice.randrange(6_000, 30_000),
            1.2 + dice.random(),
            dice.choice(LEVELS),
            {"language": dice.choice(("id", "jv", "en")), "theme": dice.choice(("dark", "light"))},
            f"+62 {i:09}" if dice.random() < 0.5 else None,
            ObjectId(f"{dice.randrange(5):024x}"),
            start + timedelta(milliseconds=dice.randrange(10**11)),
            (("home", f"street {i}"), ("work", f"road {dice.randrange(10_000)}")),
        )
        for i in range(count)
    ]


def literal(row: Row) -> dict[str, Any]:
    """Give the stored form of a row, without an ``_id``: what pymongo alone is given."""
    name, email, age, height, level, settings, phone, club, joined, places = row
    document = {
        "name": name,
        "email": email,
        "age": age,
        "height": height,
        "level": level,
        "country": COUNTRY,
        "settings": {**settings},
        "club": club,
        "joined": joined,
        "places": [{"label": label, "street": street} for label, street in places],
    }
    if phone is not None:
        document["phone"] = phone
    return document


def values(row: Row) -> tuple[Any, ...]:
    """Give the values of a row as one flat tuple: what reading every field once gives."""
    name, email, age, height, level, settings, phone, club, joined, (home, work) = row
    return (name, email, age, height, level, COUNTRY, settings, phone, club, joined, *home, *work)


def read(d: dict[str, Any]) -> tuple[Any, ...]:
    """Read every field of a stored document once."""
    home, work = d["places"]
    return (d["name"], d["email"], d["age"], d["height"], d["level"], d["country"], d["settings"],
            d.get("phone"), d["club"], d["joined"], home["label"], home["street"], work["label"],
            work["street"])  # fmt: skip


def right(found: tuple[Any, ...], wanted: tuple[Any, ...], types: Mapping[type, type] = {}) -> bool:
    """
    Tell whether flat values are equal to those wanted, and of the same types.

    Args:
        found: What a library gave.
        wanted: What `values` gives.
        types: What the library gives where no plain Python or BSON type is to be expected.

    Returns:
        Whether they are.
    """
    return found == wanted and all(
        value is None if good is None else type(value) is types.get(kind, kind)
        for value, good, kind in zip(found, wanted, TYPES, strict=True)
    )


def shape(
    level: str, low: int, high: int, since: datetime, club: ObjectId
) -> tuple[dict[str, Any], list[tuple[str, int]], int]:
    """Write the query of *QUERY* as pymongo alone is given it."""
    return (
        {
            "level": level,
            "age": {"$gte": low, "$lt": high},
            "joined": {"$gte": since},
            "club": club,
        },
        [("joined", -1)],
        50,
    )
