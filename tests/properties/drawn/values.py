"""Values as source: those that fit a field, those that nearly do, and all the others."""

from __future__ import annotations

import datetime
from typing import Any

from bson import DBRef, Decimal128, ObjectId, Regex, Timestamp
from bson.binary import Binary
from bson.int64 import Int64
from hypothesis import strategies as st

__all__ = [
    "ANYTHING",
    "BINARY",
    "BINARY_NEAR",
    "DATES",
    "DATES_NEAR",
    "ID",
    "IDS",
    "IDS_NEAR",
    "INTS_NEAR",
    "KEYS",
    "KEYS_NEAR",
    "TEXTS",
    "TEXTS_NEAR",
    "source_of",
]

Source = st.SearchStrategy[str]

ID = "ObjectId('0123456789abcdef01234567')"

INTS_NEAR = [
    *("0", "1", "-1", "2", "3", "2**31", "2**53 + 1", "2**63 - 1", "-2**63", "2**63", "-2**63 - 1"),
    *("10**400", "True", "False", "0.0", "-0.0", "1.0", "0.5", "nan", "inf", "-inf", "1e308"),
    *("Int64(1)", "Int64(2**62)", "Number(1)", "Number(2**63)", "Real(1.5)", "Real(nan)"),
    *("Level.LOW", "Level.HIGH", "Decimal128('1')", "'1'", "None", "1j"),
]
TEXTS = ["''", "'a'", "'aa'", "'x'", "'y'", "'é'", "'aaa'", "'red'", "' a '", "'日本語'"]
TEXTS_NEAR = [
    *("'aaaa'", "'ééé'", r"'\ud800'", r"'a\ud800'", r"'\0'", "'$a'", "'a.b'", "'A'", "None"),
    *("Text('a')", r"Text('\ud800')", "Colour.RED", "Colour.A", "b'a'", "1", "['a']", "True"),
    *(r"'𝒂'", r"'\udfff'", r"'a\udfff'", r"'\ud800é'"),
    "'0123456789abcdef01234567'",
]
BINARY = ["b''", "b'a'", "Binary(b'a', 0)", "Binary(b'a', 5)", "Binary(bytes(16), 4)"]
BINARY_NEAR = ["Raw(b'a')", "bytearray(b'a')", "memoryview(b'a')", "'a'", "None", "[97]"]
DATES = [
    "datetime.datetime(2000, 1, 1)",
    "datetime.datetime(2000, 1, 1, tzinfo=UTC)",
    "datetime.datetime(2000, 1, 1, 0, 0, 0, 123000)",
    "datetime.datetime(2000, 1, 1, 7, tzinfo=EAST)",
    "datetime.datetime(2024, 10, 27, 2, 30, fold=1, tzinfo=BERLIN)",
]
DATES_NEAR = [
    "datetime.datetime(2000, 1, 1, 0, 0, 0, 123456)",
    "datetime.datetime(1999, 12, 31, 23, 59, 59, 999999)",
    "datetime.datetime(2000, 1, 1, 0, 0, 0, 1)",
    "datetime.datetime(2000, 1, 1, 7, 0, 0, 999, tzinfo=EAST)",
    "datetime.datetime(2024, 10, 27, 2, 30, tzinfo=BERLIN)",
    "datetime.datetime(1, 1, 1, tzinfo=EAST)",
    "datetime.datetime(9999, 12, 31, 23, tzinfo=datetime.timezone(datetime.timedelta(hours=-7)))",
    "datetime.datetime.min",
    "datetime.datetime.max",
    "Date(2000, 1, 1)",
    "Date(2000, 1, 1, tzinfo=UTC)",
    "datetime.date(2000, 1, 1)",
    "DatetimeMS(0)",
    "DatetimeMS(946684800000)",
    "DatetimeMS(2**60)",
    "None",
    "0",
    "'2000-01-01'",
]
IDS = [ID, "'0123456789abcdef01234567'", "b'0123456789ab'"]
IDS_NEAR = ["'0123'", "b'0123'", "Text('0123456789abcdef01234567')", "Raw(b'0123456789ab')", "1"]
KEYS = ["'a'", "'b'", "'é'", "''", "'_id'"]
KEYS_NEAR = ["'$a'", "'a$'", "'a.b'", r"'a\0'", r"'\ud800'", "1", "None", "b'a'", "Text('a')"]

_OTHERS = [
    *("{}", "[]", "()", "set()", "{'a': 1}", "{'k': 1, 'v': 'a'}", "[1]", "(1, 'a')", "{'a'}"),
    *("[None]", "[{}]", "[[]]", "['a', 1]", "[nan]", "{1: 'a'}", "{'$a': 1}", "{'a.b': 1}"),
    *("Items([1])", "Pairs(a=1)", "Pair((1, 'a'))", "frozenset({1})", "generated(1, 2)"),
    *("cyclic()", "cyclic_dict()", "object", "object()", "Regex('a')", "Timestamp(1, 1)"),
    *("DBRef('Inner', 1)", f"DBRef('Target', {ID})", f"DBRef('Target', {ID}, 'db')", "[[1, 2]]"),
    *("[1.5, 2]", "(0, 0)", "[True, False]", "{'_id': 1}", "[b'a']", "re.compile('a')"),
]
ANYTHING: Source = st.sampled_from(
    [*INTS_NEAR, *TEXTS, *TEXTS_NEAR, *BINARY, *BINARY_NEAR, *DATES, *DATES_NEAR, *IDS, *_OTHERS]
)
"""Whatever an application may come with."""


def source_of(value: Any) -> str:
    """Give source for what was decoded of BSON."""
    if isinstance(value, dict):
        items = ", ".join(f"{key!r}: {source_of(item)}" for key, item in value.items())
        return f"{{{items}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(source_of, value))}]"
    if isinstance(value, Int64):
        return f"Int64({int(value)})"
    if isinstance(value, datetime.datetime) and value.tzinfo is not None:
        return f"{value.replace(tzinfo=None)!r}.replace(tzinfo=UTC)"
    return repr(value)


# What `source_of` writes has to be among the names of drawn source.
_ = (Binary, DBRef, Decimal128, ObjectId, Regex, Timestamp)
