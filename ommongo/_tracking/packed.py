"""
What is stored of the values that can change in place, packed until somebody asks.

A list can be changed by whoever reads it, so what is stored of it has to be kept from the start. A
snapshot of each list would be some objects more for every document that is loaded; its packed lists
are one, bytes in which the garbage collector has nothing to look at, and most are never unpacked.
Of a document that was saved the BSON serves in the same way. (An object of a subclass of bytes
would be one for the garbage collector, so these two are told apart by their last byte.)
"""

from __future__ import annotations

import marshal
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol

import bson
from bson import CodecOptions
from bson.codec_options import DatetimeConversion
from bson.errors import BSONError
from bson.raw_bson import RawBSONDocument

from ommongo._bson import Encoded, freeze
from ommongo._tracking.marks import EXTRA
from ommongo.util import UNSET

__all__ = [
    "LARGE",
    "LISTS_END",
    "LISTS_FORMAT",
    "PackedBson",
    "PackedLists",
    "decodes_exactly",
    "is_lists",
    "pack_lists",
]

LISTS_FORMAT: Final = 2
"""The format of marshal in which equal lists always give equal bytes, whoever else holds them."""

LISTS_END: Final = True
"""Packed behind the lists: what marshal makes of it is not the NUL with which all BSON ends."""

LARGE: Final = 64 * 1024
"""From how many bytes on the BSON of a loaded document is kept: less is encoded as quickly."""

# By these there is nothing that cannot be decoded: what stands beside a value is not looked at.
_ANYTHING: CodecOptions[RawBSONDocument] = CodecOptions(
    document_class=RawBSONDocument,
    unicode_decode_error_handler="replace",
    datetime_conversion=DatetimeConversion.DATETIME_MS,
)


# What stands around a dict in its snapshot.
_HEAD, _END = bson.encode({"v": {}})[4:7], b"\0"


def pack_lists(names: Iterable[str], held: Mapping[str, Any]) -> bytes:
    """
    Pack lists.

    Args:
        names: Their names.
        held: What the document holds, by name.

    Raises:
        ValueError: One holds values that marshal does not know, such as 64-bit integers, which are
            of a type of BSON's own.
    """
    # As the functions that load do themselves, with None in the place of one that is not there.
    return marshal.dumps((*map(held.get, names), LISTS_END), LISTS_FORMAT)


def is_lists(packed: bytes) -> bool:
    """Tell packed lists from the BSON of a whole document."""
    return packed[-1] != 0


if TYPE_CHECKING:

    class Packed(Protocol):
        """
        Stored values in a form that has to be unpacked.

        Attributes:
            names: The names of the fields that it knows.
        """

        @property
        def names(self) -> Collection[str]: ...

        def is_as_held(self, held: Mapping[str, Any]) -> bool:
            """Tell quickly whether all of them are still stored as they are held."""

        def unpack(self) -> dict[str, Any]:
            """Give the snapshots by name."""

        def rest(self) -> Packed | None:
            """Give what is left to be told once it was unpacked."""


class PackedLists:
    """
    The lists of a loaded document.

    Args:
        names: Their names.
        raw: What `pack_lists` gave for them.
    """

    __slots__ = ("_raw", "names")

    def __init__(self, names: tuple[str, ...], raw: bytes) -> None:
        self.names = names
        self._raw = raw

    def is_as_held(self, held: Mapping[str, Any]) -> bool:
        try:  # as `pack_lists`, which would be a call more for each document that changes
            now = marshal.dumps((*map(held.get, self.names), LISTS_END), LISTS_FORMAT)
        except ValueError:
            return False  # a list holds something else now
        return now == self._raw

    def unpack(self) -> dict[str, Any]:
        # Of one that is None nothing is known here: it is not there, or None is stored.
        return {
            name: tuple(items)
            for name, items in zip(self.names, marshal.loads(self._raw), strict=False)
            if items is not None
        }

    def rest(self) -> None:
        return None


class PackedBson:
    """
    A document as BSON: as it was saved, or as it was loaded if that is large.

    Args:
        raw: The BSON.
        options: How snapshots of it are decoded.
        names: Stored names by the names of the fields that can change in place.
        stored_names: The stored names of all fields, where there may be extra fields beside them.
        is_kept: Whether it serves on, when it was unpacked, for the snapshots of other values.
    """

    __slots__ = ("_names", "_options", "_raw", "_stored_names", "is_kept")

    def __init__(
        self,
        raw: bytes,
        options: CodecOptions[Any],
        names: Mapping[str, str],
        stored_names: Collection[str] | None = None,
        is_kept: bool = False,
    ) -> None:
        self._raw = raw
        self._options = options
        self._names = names
        self._stored_names = stored_names
        self.is_kept: bool = is_kept

    @property
    def names(self) -> Collection[str]:
        return self._names if self._stored_names is None else (*self._names, EXTRA)

    def is_as_held(self, held: Mapping[str, Any]) -> bool:
        return not self.names  # else that takes as long as to unpack it

    def unpack(self) -> dict[str, Any]:
        if not self._names and self._stored_names is None:
            return {}
        stored = RawBSONDocument(self._raw, _raw_options(self._options))
        snapshots: dict[str, Any] = {}
        for name, stored_name in self._names.items():
            value = stored.get(stored_name, UNSET)
            snapshots[name] = UNSET if value is UNSET else freeze(value, self._options)
        if self._stored_names is not None:
            snapshots[EXTRA] = self.extra(self._stored_names)
        return snapshots

    def holds(self, document: Mapping[str, Any]) -> bool:
        """Tell whether a dict would be stored as just this."""
        try:
            return bson.encode(document, codec_options=self._options) == self._raw
        except (BSONError, OverflowError):
            return False

    def rest(self) -> PackedBson | None:
        return PackedBson(self._raw, self._options, {}, None, True) if self.is_kept else None

    def extra(self, stored_names: Collection[str]) -> Encoded:
        """Give the snapshot of what belongs to none of the fields that have these stored names."""
        stored = RawBSONDocument(self._raw, _raw_options(self._options))
        extra = {name: value for name, value in stored.items() if name not in stored_names}
        return freeze({**extra}, self._options)  # type: ignore[no-any-return]  # of a dict

    def value_of(self, stored_name: str) -> Any:
        """Give the snapshot of any value, or `UNSET`."""
        value = RawBSONDocument(self._raw, _raw_options(self._options)).get(stored_name, UNSET)
        return UNSET if value is UNSET else freeze(value, self._options)

    def cut_out(self, stored_name: str) -> Encoded | None:
        """
        Give the snapshot of a dict, cut out of the BSON without a look at the rest.

        Args:
            stored_name: The dict's stored name.

        Returns:
            As `ommongo._bson.freeze` gives it; ``None`` for a value that is no dict.
        """
        value = RawBSONDocument(self._raw, _ANYTHING).get(stored_name)
        if not isinstance(value, RawBSONDocument):
            return None
        length = 4 + len(_HEAD) + len(value.raw) + len(_END)
        raw = b"".join((length.to_bytes(4, "little"), _HEAD, value.raw, _END))
        return Encoded(raw, self._options)


def _raw_options(options: CodecOptions[Any]) -> CodecOptions[RawBSONDocument]:
    """Give the options under which dicts inside a document stay BSON."""
    return options.with_options(document_class=RawBSONDocument)


def decodes_exactly(options: CodecOptions[Any]) -> bool:
    """
    Tell whether what is decoded is always what is stored.

    Args:
        options: How the driver decodes.

    Returns:
        Whether no text and no date is replaced by another one. Where that may be, a value is
        compared with what it was when it was loaded, and not with what is stored.
    """
    return (
        options.unicode_decode_error_handler == "strict"
        and options.datetime_conversion is not DatetimeConversion.DATETIME_CLAMP
    )
