"""What BSON takes for the same, and snapshots: stored values that are kept for comparison."""

from __future__ import annotations

import math
from collections.abc import ItemsView, Iterator, Mapping
from datetime import datetime, timezone
from typing import Any

import bson
from bson import CodecOptions, DBRef, Int64, ObjectId
from bson.binary import Binary, UuidRepresentation
from bson.codec_options import DatetimeConversion
from bson.raw_bson import RawBSONDocument

__all__ = [
    "SNAPSHOT_OPTIONS",
    "Encoded",
    "compared",
    "encode",
    "freeze",
    "id_key",
    "same",
    "snapshot_options",
    "thaw",
]

SNAPSHOT_OPTIONS: CodecOptions[dict[str, Any]] = CodecOptions(
    uuid_representation=UuidRepresentation.STANDARD,
    datetime_conversion=DatetimeConversion.DATETIME_AUTO,
)
"""How snapshots are encoded for documents that are bound to no session."""

# Types whose values cannot change in place, so that the value is its own snapshot.
_CONSTANTS = frozenset(
    {str, int, Int64, float, bool, type(None), bytes, Binary, ObjectId, datetime}
)

# Those of them for which == says exactly what BSON would: not float (0.0 == -0.0, NaN != NaN) and
# not datetime (microseconds, repeated local times).
_EXACT = frozenset({str, int, bool, type(None), bytes, ObjectId})


class Encoded(RawBSONDocument):
    """
    A snapshot of a dict in the cheapest exact form, its BSON, which the driver sends as it is.

    Args:
        raw: The BSON.
        options: How it is decoded.
    """

    # The base class would check the BSON anew, and keep two things more for each snapshot.
    __slots__ = ("options", "raw")

    raw: bytes
    options: CodecOptions[Any]

    def __init__(self, raw: bytes, options: CodecOptions[Any]) -> None:
        self.raw = raw
        self.options = options

    def decode(self) -> dict[str, Any]:
        """Give the snapshot as a new dict."""
        return bson.decode(self.raw, self.options)

    def __getitem__(self, key: str) -> Any:
        return self.decode()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.decode())

    def __len__(self) -> int:
        return len(self.decode())

    def items(self) -> ItemsView[str, Any]:
        """Give the decoded items."""
        return self.decode().items()

    def __eq__(self, other: object) -> bool:
        return self.raw == other.raw if isinstance(other, Encoded) else NotImplemented

    __hash__ = None  # as any mapping

    def __reduce__(self) -> tuple[Any, ...]:
        return Encoded, (self.raw, self.options)

    def __repr__(self) -> str:
        return f"Encoded({self.raw!r})"


def id_key(stored_id: Any) -> tuple[bool, Any]:
    """
    Give an ``_id`` in a form that is equal for what the server holds to be one id.

    Args:
        stored_id: The ``_id`` as it is stored, or about to be.

    Returns:
        Whether it is a bool (to Python ``True == 1``, to the server they are two ids), and the id:
        dates as naive UTC in whole milliseconds, binary of subtype 0 as bytes.
    """
    if isinstance(stored_id, Binary) and stored_id.subtype == 0:
        return False, bytes(stored_id)
    if isinstance(stored_id, datetime):
        if stored_id.utcoffset() is not None:
            stored_id = stored_id.astimezone(timezone.utc).replace(tzinfo=None)
        return False, stored_id.replace(microsecond=stored_id.microsecond // 1000 * 1000, fold=0)
    return isinstance(stored_id, bool), stored_id


def encode(document: Mapping[str, Any], options: CodecOptions[Any]) -> Encoded:
    """Take a snapshot of a whole dict."""
    return Encoded(bson.encode(document, codec_options=options), options)


def snapshot_options(options: CodecOptions[Any]) -> CodecOptions[dict[str, Any]]:
    """
    Derive the options for snapshots from those of a database.

    Args:
        options: The database's own options.

    Returns:
        Options under which everything that was loaded can be encoded and decoded again.
    """
    uuids = options.uuid_representation
    if uuids == UuidRepresentation.UNSPECIFIED:
        uuids = UuidRepresentation.STANDARD
    return CodecOptions(
        uuid_representation=uuids,
        type_registry=options.type_registry,
        datetime_conversion=DatetimeConversion.DATETIME_AUTO,
    )


def freeze(wrapped: Any, options: CodecOptions[Any] = SNAPSHOT_OPTIONS) -> Any:
    """
    Take a snapshot that no later change of *wrapped* can reach.

    Args:
        wrapped: A BSON-ready value.
        options: How to encode what needs encoding.

    Returns:
        The value itself where it cannot change, a tuple for a list of such values, else an
        `Encoded`.
    """
    kind = type(wrapped)
    if kind in _CONSTANTS:
        return wrapped
    if kind is list and _CONSTANTS.issuperset(map(type, wrapped)):
        return tuple(wrapped)
    return encode({"v": wrapped}, options)


def thaw(frozen: Any) -> Any:
    """
    Give the value of a snapshot, free to be changed.

    Args:
        frozen: What `freeze` gave.

    Returns:
        The BSON-ready value.
    """
    if type(frozen) is Encoded:
        return frozen.decode()["v"]
    if type(frozen) is tuple:
        return list(frozen)
    return frozen


def same(frozen: Any, wrapped: Any, options: CodecOptions[Any] = SNAPSHOT_OPTIONS) -> bool:
    """
    Tell whether BSON would store *wrapped* as it stored what *frozen* was taken of.

    Args:
        frozen: What `freeze` gave, or any BSON-ready value.
        wrapped: A BSON-ready value.
        options: How to encode what needs encoding.

    Returns:
        Whether the two are the same to the server: ``True``, ``1`` and ``1.0`` are three values,
        NaN is one, the order of keys counts, and integers of 32 and 64 bits are one kind.
    """
    at_once = compared(frozen, wrapped)
    if at_once is not None:
        return at_once
    old = frozen if type(frozen) is Encoded else encode({"v": thaw(frozen)}, options)
    new = encode({"v": wrapped}, options)
    return old == new or _equal(old.decode()["v"], new.decode()["v"])


def compared(frozen: Any, value: Any) -> bool | None:
    """
    Tell quickly whether two plain values, or lists of such, are the same to BSON.

    Args:
        frozen: What `freeze` gave, or a mark.
        value: Any value.

    Returns:
        Whether they are; ``None`` where both are not of one type for which ``==`` says it: then
        `same` has to be asked.
    """
    kind = type(value)
    if kind is type(frozen):
        if kind in _EXACT:
            return bool(frozen == value)
        if kind is float and value and value == value:  # neither a zero, which has a sign, nor NaN
            return bool(frozen == value)
    elif kind is list and type(frozen) is tuple:
        kinds = [*map(type, value)]
        if [*map(type, frozen)] == kinds and _EXACT.issuperset(kinds):
            return bool(frozen == tuple(value))
    return None


def _equal(one: Any, other: Any) -> bool:
    """Compare two values as the driver decodes them."""
    kind = type(one)
    if kind in (int, Int64):
        return type(other) in (int, Int64) and bool(one == other)
    if kind is not type(other):
        return False
    if kind is float:
        if math.isnan(one) or one == 0:
            return math.isnan(one) == math.isnan(other) and (
                math.isnan(one)
                or (one == other and math.copysign(1, one) == math.copysign(1, other))
            )
        return bool(one == other)
    if isinstance(one, Mapping):
        return list(one) == list(other) and all(
            _equal(value, other[key]) for key, value in one.items()
        )
    if isinstance(one, DBRef):  # whose own == takes 1 for True
        return _equal(one.as_doc(), other.as_doc())
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_equal, one, other))
    return bool(one == other)
