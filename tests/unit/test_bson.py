"""What BSON takes for the same."""

from __future__ import annotations

import math
import uuid
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from bson import SON, DBRef, Decimal128, Int64, ObjectId, Regex
from bson.binary import Binary, UuidRepresentation

from ommongo._bson import freeze, id_key, same, stored_key

NOON = datetime(2020, 10, 25, 12)
JAKARTA = timezone(timedelta(hours=7))
OBJECT_ID = ObjectId("5f0c5e3b8f1b2c3d4e5f6a7b")
UUID = uuid.UUID(int=7)

# The values of a row are one to the server, those of two rows are not.
ROWS: list[list[Any]] = [
    [None],
    [True],
    [False],
    [0, Int64(0)],
    [1, Int64(1)],
    [2**40, Int64(2**40)],
    [0.0],
    [-0.0],
    [1.0],
    [math.nan, -math.nan],
    [Decimal128("1")],
    [""],
    ["a"],
    [b"a", Binary(b"a", 0)],
    [Binary(b"a", 5)],
    [UUID, Binary.from_uuid(UUID, UuidRepresentation.STANDARD)],
    [OBJECT_ID],
    [
        NOON,
        NOON.replace(microsecond=999),
        NOON.replace(tzinfo=timezone.utc),
        (NOON + timedelta(hours=7)).replace(tzinfo=JAKARTA),
    ],
    [NOON.replace(tzinfo=JAKARTA)],
    [Regex("a")],
    [Regex("a", "i")],
    [[]],
    [{}],
    [[1], [Int64(1)]],
    [[True]],
    [[1, [2]], [1, [Int64(2)]]],
    [[[1], 2]],
    [[[1, 2]]],
    [{"a": 1}, {"a": Int64(1)}, SON(a=1)],
    [{"a": 1.0}],
    [{"a": {"b": 1}}],
    [{"a": {}, "b": 1}],
    [{"b": 1, "a": {}}],
    [{"a": [math.nan]}, {"a": [-math.nan]}],
    [DBRef("c", 1), DBRef("c", Int64(1))],
    [DBRef("c", True)],
    [DBRef("c", 1, "d")],
]
VALUES = [(row, value) for row, values in enumerate(ROWS) for value in values]


@pytest.mark.parametrize(("row", "value"), VALUES, ids=repr)
def test_what_the_server_takes_for_one_value_is_the_same(row, value):
    """Types count, but not how many bits an integer has; so do signs of zeros, and order."""
    frozen, key = freeze(value), stored_key(value)

    assert [other for _, other in VALUES if same(frozen, other)] == ROWS[row]
    assert [other for _, other in VALUES if stored_key(other) == key] == ROWS[row]


IDS = [
    (row, value)
    for row, value in VALUES
    if not isinstance(value, (Regex, list, dict, DBRef)) and value == value
]


@pytest.mark.parametrize(("row", "value"), IDS, ids=repr)
def test_ids_are_one_where_the_values_are_the_same_or_one_number(row, value):
    """An index tells numbers by their value alone, and everything else as it is stored."""
    numbers = (int, Int64, float)
    ids = {
        repr(other)
        for other_row, other in IDS
        if other_row == row
        or (type(value) in numbers and type(other) in numbers and value == other)
    }

    assert {repr(other) for _, other in IDS if id_key(other) == id_key(value)} == ids


def test_an_id_of_a_type_that_bson_does_not_know_is_itself():
    """Only the database's own options may know it."""
    value = object()

    assert id_key(value) == (False, value)
