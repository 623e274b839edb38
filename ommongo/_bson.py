"""What BSON takes for the same, and snapshots: stored values that are kept for comparison."""

from __future__ import annotations

from collections.abc import Callable, Hashable, ItemsView, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from itertools import zip_longest
from typing import Any, Final

import bson
from bson import CodecOptions, DBRef, Int64, ObjectId
from bson.binary import Binary, UuidRepresentation
from bson.codec_options import DatetimeConversion
from bson.decimal128 import Decimal128
from bson.errors import BSONError
from bson.raw_bson import RawBSONDocument

__all__ = [
    "ANYTHING",
    "CONSTANTS",
    "EXACT",
    "SNAPSHOT_OPTIONS",
    "Encoded",
    "compared",
    "encode",
    "equal_key",
    "fits_bson",
    "freeze",
    "id_filter",
    "id_key",
    "same",
    "snapshot_options",
    "stored_key",
    "thaw",
]

SNAPSHOT_OPTIONS: CodecOptions[dict[str, Any]] = CodecOptions(
    uuid_representation=UuidRepresentation.STANDARD,
    datetime_conversion=DatetimeConversion.DATETIME_AUTO,
)
"""How snapshots are encoded for documents that are bound to no session."""

# As the driver gives back what it has encoded, whatever a session would make of it.
_AS_STORED: CodecOptions[dict[str, Any]] = CodecOptions(
    uuid_representation=UuidRepresentation.UNSPECIFIED,
    datetime_conversion=DatetimeConversion.DATETIME_AUTO,
)

ANYTHING: Final[Callable[[Any], object]] = type
"""A test that every value passes: what it gives is true, and it is called without a frame."""

CONSTANTS: Final[Mapping[type, bool]] = {
    str: True,
    int: True,
    bool: True,
    type(None): True,
    bytes: True,
    ObjectId: True,
    Int64: False,
    Binary: False,
    float: False,  # 0.0 == -0.0, NaN != NaN
    datetime: False,  # microseconds, repeated local times
}
"""
Types whose values cannot change in place, so that a value is its own snapshot; and whether ``==``
and Python's order say of two values of the type exactly what BSON would.
"""

EXACT: Final = frozenset(kind for kind, is_exact in CONSTANTS.items() if is_exact)
"""Those of which they do."""


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

    That is a wider question than the one of `same`: to an index a number is one number, whatever
    its type. Everything else is one id where BSON stores it alike.

    Args:
        stored_id: The ``_id`` as it is stored, or about to be.

    Returns:
        Whether it is a bool (to Python ``True == 1``, to the server they are two ids), and the id
        as the driver gives it back: dates as naive UTC in whole milliseconds, binary of subtype 0
        as bytes.
    """
    kind = type(stored_id)
    if kind not in EXACT and kind is not float and kind is not Int64:
        # If not of a type that only the database's own options know.
        with suppress(BSONError, OverflowError, ValueError):
            stored_id = _as_stored(encode({"v": stored_id}, SNAPSHOT_OPTIONS))
    if type(stored_id) is dict:  # of which Python does not compare the order
        stored_id = [(name, id_key(value)) for name, value in stored_id.items()]
    return isinstance(stored_id, bool), stored_id


def id_filter(stored_id: Any) -> dict[str, Any]:
    """
    Give the filter for the document with an ``_id``.

    Args:
        stored_id: The ``_id`` as it is stored, or what is to be asked for.

    Returns:
        A filter in which *stored_id* is a value, and neither an operator nor a pattern.
    """
    return {"_id": stored_id if type(stored_id) in CONSTANTS else {"$eq": stored_id}}


def encode(document: Mapping[str, Any], options: CodecOptions[Any]) -> Encoded:
    """Take a snapshot of a whole dict."""
    return Encoded(bson.encode(document, codec_options=options), options)


def fits_bson(document: Mapping[str, Any]) -> bool:
    """Tell whether a server can hold a dict, as far as the driver knows."""
    try:
        bson.encode(document, codec_options=SNAPSHOT_OPTIONS)
    except (BSONError, OverflowError, RecursionError, TypeError, ValueError):
        return False
    return True


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
    if kind in CONSTANTS:
        return wrapped
    if kind is list and all(map(CONSTANTS.__contains__, map(type, wrapped))):
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
        NaN is one, the order of keys counts, and integers of 32 and 64 bits are one kind. Nothing
        is the same as what BSON cannot have.
    """
    at_once = compared(frozen, wrapped)
    if at_once is not None:
        return at_once
    old = frozen if type(frozen) is Encoded else encode({"v": thaw(frozen)}, options)
    try:
        new = encode({"v": wrapped}, options)
    except (BSONError, OverflowError, ValueError):
        return False  # what cannot be stored is not what is stored: who is to store it says so
    return old == new or all(
        one == other for one, other in zip_longest(_parts(_as_stored(old)), _parts(_as_stored(new)))
    )


def stored_key(value: Any, options: CodecOptions[Any] = SNAPSHOT_OPTIONS) -> Hashable:
    """
    Give what two values have in common exactly when they are the `same`.

    Args:
        value: A BSON-ready value.
        options: How to encode it.

    Returns:
        A key for a dict or a set, of no use beside that.
    """
    return tuple(_parts(_as_stored(encode({"v": value}, options))))


def equal_key(value: Any) -> Hashable:
    """
    Give what two values have in common exactly when the server takes them for equal.

    That is a wider question than the one of `same`: a number is equal to another of any type.

    Args:
        value: A BSON-ready value.

    Returns:
        A key for a dict or a set, of no use beside that.
    """
    if type(value) is str:  # as most, and told by itself
        return value
    return tuple(_parts(_as_stored(encode({"v": value}, SNAPSHOT_OPTIONS)), _any_number))


def _any_number(value: Any) -> Hashable | None:
    """Give what numbers have in common that the server takes for equal; ``None`` for no number."""
    kind = type(value)
    if kind is Decimal128:
        value = value.to_decimal()
    elif kind is not int and kind is not float and kind is not Int64:
        return None
    return "number", "NaN" if value != value else value


def _as_stored(snapshot: Encoded) -> Any:
    """Give the value of a snapshot as BSON has it."""
    return bson.decode(snapshot.raw, _AS_STORED)["v"]


def _parts(
    value: Any, number: Callable[[Any], Hashable | None] | None = None
) -> Iterator[Hashable]:
    """
    Give what a decoded value is made of, in order: the definition of *the same to BSON*.

    Two values are the same where all of these are equal.
    """
    kind = type(value)
    same_number = None if number is None else number(value)
    if same_number is not None:
        yield same_number
    elif kind is Int64:
        yield int, int(value)
    elif kind in EXACT:
        yield kind, value
    elif kind is float:
        yield kind, value.hex()  # which tells a zero from its negative, and not one NaN from others
    elif kind is dict:
        yield kind, len(value)
        for key, item in value.items():
            yield key
            yield from _parts(item, number)
    elif kind is list:
        yield kind, len(value)
        for item in value:
            yield from _parts(item, number)
    elif kind is DBRef:  # whose parts are of any kind
        yield kind, None
        yield from _parts(dict(value.as_doc()), number)
    else:
        yield kind, bson.encode({"v": value}, codec_options=_AS_STORED)


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
        if kind in EXACT:
            return bool(frozen == value)
        if kind is float and value and value == value:  # neither a zero, which has a sign, nor NaN
            return bool(frozen == value)
    elif kind is list and type(frozen) is tuple:
        kinds = [*map(type, value)]
        if [*map(type, frozen)] == kinds and EXACT.issuperset(kinds):
            return bool(frozen == tuple(value))
    return None
