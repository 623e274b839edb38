"""The documents that every library is measured on, and how results are compared with them."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId

__all__ = [
    "LOADED",
    "NEW",
    "QUERY",
    "Row",
    "large",
    "literal",
    "read",
    "right",
    "rows",
    "shape",
    "values",
]

LOADED = "people"
NEW = "new_people"
QUERY = (30, "city number 7", ["word-001", "word-002", "word-003"])

Row = tuple[
    str, str, int, float, bool, datetime, list[str], list[int], tuple[str, str, str], ObjectId
]
"""The values of one document, in the order of its ten fields."""

CITIES = [f"city number {i}" for i in range(100)]
WORDS = [f"word-{i:03}" for i in range(500)]
TYPES = (str, str, int, float, bool, datetime, list, list, str, str, str, ObjectId)


def rows(count: int) -> list[Row]:
    """Make the values of *count* documents, the same ones in every process."""
    dice = random.Random(2024)
    start = datetime(2020, 1, 1)
    return [
        (
            f"person number {i}",
            dice.choice(CITIES),
            dice.randrange(1_000_000),
            dice.random() * 100,
            dice.random() < 0.5,
            start + timedelta(milliseconds=dice.randrange(10**11)),
            [dice.choice(WORDS) for _ in range(4)],
            [dice.randrange(10_000) for _ in range(5)],
            (f"street {i}", f"{dice.randrange(100_000):05}", f"country {i % 50}"),
            ObjectId(f"{i:024x}"),
        )
        for i in range(count)
    ]


def literal(row: Row) -> dict[str, Any]:
    """Give the stored form of a row, without an ``_id``: what pymongo alone is given."""
    name, city, age, score, active, created, tags, numbers, (street, code, country), owner = row
    return {
        "name": name,
        "city": city,
        "age": age,
        "score": score,
        "active": active,
        "created": created,
        "tags": [*tags],
        "numbers": [*numbers],
        "address": {"street": street, "code": code, "country": country},
        "owner": owner,
    }


def values(row: Row) -> tuple[Any, ...]:
    """Give the values of a row as one flat tuple: what reading every field once gives."""
    *simple, address, owner = row
    return (*simple, *address, owner)


def read(d: dict[str, Any]) -> tuple[Any, ...]:
    """Read every field of a stored document once."""
    a = d["address"]
    return (d["name"], d["city"], d["age"], d["score"], d["active"], d["created"], d["tags"],
            d["numbers"], a["street"], a["code"], a["country"], d["owner"])  # fmt: skip


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
    kinds = tuple(types.get(kind, kind) for kind in TYPES) if types else TYPES
    return (
        found == wanted
        and tuple(map(type, found)) == kinds
        and set(map(type, found[6])) == {str}
        and set(map(type, found[7])) == {int}
    )


def shape(
    age: int, city: str, tags: list[str]
) -> tuple[dict[str, Any], list[tuple[str, int]], int]:
    """Write the query of *QUERY* as pymongo alone is given it."""
    return (
        {
            "age": {"$gt": age},
            "active": True,
            "$or": [{"city": city}, {"tags": {"$in": [*tags]}}],
        },
        [("age", -1)],
        50,
    )


def large(size: int) -> dict[str, Any]:
    """Make nested dicts and lists of about *size* bytes of BSON."""
    dice = random.Random(2024)

    def section(i: int) -> dict[str, Any]:
        return {
            "title": f"section {i}",
            "number": i,
            "open": bool(i % 2),
            "weights": [dice.random() for _ in range(10)],
            "parts": [
                {"name": dice.choice(WORDS), "count": j, "labels": {"a": dice.choice(WORDS)}}
                for j in range(10)
            ],
        }

    # A chapter of 100 sections has close to 86,000 bytes.
    return {
        f"chapter {chapter}": [section(chapter * 100 + i) for i in range(100)]
        for chapter in range(size // 86_000)
    }
