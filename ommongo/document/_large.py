"""
Large documents: what is stored of a value is cut out of their BSON.

A value that can change in place is remembered when it is first read. That means to encode it, which
for megabytes of nested values takes a good part of the time that it took to load them.
"""

from __future__ import annotations

from typing import Any

import bson
from bson import CodecOptions
from bson.codec_options import DatetimeConversion
from bson.raw_bson import RawBSONDocument

from ommongo.document._plan import plan_of
from ommongo.document._stored import Encoded

__all__ = ["cut_out", "is_exact", "keep_bson"]

# To encode less costs no more than to look for it.
_LARGE = 64 * 1024

# By these there is nothing that cannot be decoded: what stands beside the value is not looked at.
_ANYTHING = CodecOptions(
    document_class=RawBSONDocument,
    unicode_decode_error_handler="replace",
    datetime_conversion=DatetimeConversion.DATETIME_MS,
)

_HEAD, _END = bson.encode({"v": {}})[4:7], b"\0"


def is_exact(options: CodecOptions[Any]) -> bool:
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


def keep_bson(document: Any, raw: bytes | memoryview) -> None:
    """
    Let a document that was just loaded remember what is stored of it, if that is large.

    Args:
        document: The document.
        raw: The BSON that it was loaded from.
    """
    if len(raw) >= _LARGE and plan_of(type(document)).verbatim:
        document._own_state().loaded = bytes(raw)


def cut_out(raw: bytes, name: str, options: CodecOptions[Any]) -> Encoded | None:
    """
    Give the snapshot of one value of a document.

    Args:
        raw: The document's BSON.
        name: The value's stored name.
        options: How the snapshot is decoded.

    Returns:
        As `ommongo.document._stored.freeze` gives it; ``None`` for a value that is no document.
    """
    value = RawBSONDocument(raw, _ANYTHING).get(name)
    if not isinstance(value, RawBSONDocument):
        return None
    length = 4 + len(_HEAD) + len(value.raw) + len(_END)
    return Encoded(b"".join((length.to_bytes(4, "little"), _HEAD, value.raw, _END)), options)
