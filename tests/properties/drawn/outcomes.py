"""What a call gave or raised, in a form in which two ways can be compared."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

from bson import DBRef, ObjectId, Regex
from bson.binary import Binary

from ommongo import Document
from ommongo._tracking import State

__all__ = ["assert_same", "exact", "outcome", "shared", "steady"]

_ADDRESS = re.compile(r"0x[0-9a-f]+")
_LONG = timedelta(hours=1)


def outcome(function: Any, *args: Any) -> Any:
    """Give what a function gave, or how it failed."""
    try:
        return "gave", function(*args)
    except Exception as error:  # whatever one way raises, the other has to raise as well
        return "raised", *_failure(error)


def _failure(error: BaseException) -> tuple[Any, ...]:
    told = [getattr(error, name, None) for name in ("name", "reason", "document_id", "raw")]
    cause = error.__cause__
    return (
        type(error),
        _told(error),
        exact(getattr(error, "value", None)),
        exact(told),
        getattr(error, "__notes__", None),
        None if cause is None else (type(cause), _told(cause)),
    )


def _told(error: BaseException) -> str:
    # Where Python finds itself too deep depends on how deep each call is.
    return "" if isinstance(error, RecursionError) else _ADDRESS.sub("0x", str(error))


def assert_same(first: Any, second: Any) -> None:
    """Compare two outcomes."""
    assert first[0] == second[0], f"{first}\n{second}"
    if first[0] == "raised":
        assert first == second
    else:
        assert exact(first[1]) == exact(second[1])


def exact(value: Any, within: tuple[int, ...] = ()) -> Any:
    """Give something that is equal for two values only if they are the same, types included."""
    kind = type(value)
    if id(value) in within:
        return named(kind), "again"
    within = (*within, id(value))
    if isinstance(value, Document):
        values = [(name, exact(item, within)) for name, item in sorted(vars(value).items())]
        return named(kind), values, exact(_extra(value), within), value._get_session() is None
    if isinstance(value, dict):
        return kind, [(exact(key), exact(item, within)) for key, item in value.items()]
    if isinstance(value, (list, tuple)):
        return kind, [exact(item, within) for item in value]
    if isinstance(value, (set, frozenset)):
        return kind, sorted(repr(exact(item, within)) for item in value)
    if isinstance(value, float):
        return kind, "nan" if math.isnan(value) else (value, math.copysign(1, value))
    if isinstance(value, datetime):
        if _is_now(value):
            return kind, "now", value.utcoffset(), value.microsecond % 1000 == 0
        return kind, value.replace(tzinfo=None), value.utcoffset(), value.fold
    if isinstance(value, ObjectId):
        return kind, "new" if _is_now(value.generation_time) else value
    if isinstance(value, Binary):
        return kind, value.subtype, bytes(value)
    if isinstance(value, Regex):
        return kind, value.pattern, value.flags
    if isinstance(value, type):
        return named(value)
    if isinstance(value, (str, int, bytes, bytearray, DBRef, type(None))):
        return kind, value
    return kind, _ADDRESS.sub("0x", repr(value))


def named(kind: type) -> str:
    """Give the name of a class: two ways may have one each of the same source."""
    return f"{kind.__module__}.{kind.__qualname__}"


def _extra(document: Any) -> Any:
    """Give the extra fields, without making it known that they are read."""
    known = document._known
    extra = (known.extra if type(known) is State else None) or {}
    # What tells its class is put among them when it is wrapped, also where that fails later.
    return {name: value for name, value in extra.items() if name not in document._identities}


def _is_now(date: datetime) -> bool:
    now = datetime.now(timezone.utc)
    if date.tzinfo is None:
        date = date.replace(tzinfo=timezone.utc)
    try:
        return abs(date - now) < _LONG
    except OverflowError:
        return False


def steady(value: Any, depth: int = 99) -> Any:
    """Give a stored value with the same in the place of each present time and new id."""
    if not depth:
        return value  # it holds itself
    if type(value) is dict:
        return {key: steady(item, depth - 1) for key, item in value.items()}
    if type(value) is list:
        return [steady(item, depth - 1) for item in value]
    if isinstance(value, datetime) and _is_now(value):
        return value.replace(2001, 2, 3, 4, 5, 6, 0)
    if isinstance(value, ObjectId) and _is_now(value.generation_time):
        return ObjectId("0" * 23 + "1")
    return value


def shared(first: Any, second: Any) -> list[tuple[str, str]]:
    """Give the paths of what can be changed in place, and is in both of two values."""
    places = {id(value): path for path, value in _changeable(first, "", ())}
    return [
        (places[id(value)], path)
        for path, value in _changeable(second, "", ())
        if id(value) in places
    ]


def _changeable(value: Any, path: str, within: tuple[int, ...]) -> Iterator[tuple[str, Any]]:
    if id(value) in within:
        return
    within = (*within, id(value))
    if isinstance(value, (list, dict, set, bytearray, Document)):
        yield path, value
    if isinstance(value, Document):
        value = vars(value)
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _changeable(item, f"{path}.{key}", within)
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from _changeable(item, f"{path}[{index}]", within)
