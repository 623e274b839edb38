"""What is said of a stored document that its class cannot load."""

from __future__ import annotations

from typing import Any

import bson
from bson.codec_options import CodecOptions
from bson.errors import InvalidBSON

from ommongo._spelling import an
from ommongo.document._traits.described import Described
from ommongo.exceptions import (
    BadDocumentException,
    BadValueException,
    ExtraValueException,
    UnknownKeyException,
)
from ommongo.fields import DATA_ERRORS, located, raised

__all__ = ["bad_document", "undecodable"]


def bad_document(
    cls: type[Described], error: Exception, raw: Any, collection: str | None
) -> BadDocumentException:
    """
    Say which document could not be loaded, and what of it.

    Args:
        cls: The class that it was to be loaded as, or a base of that.
        error: What its fields, or the hooks of the application, raised.
        raw: What is stored of it.
        collection: The name of its collection; that of *cls* when left out.

    Returns:
        The exception to raise.
    """
    cls = _own_class(cls, raw)
    owner = cls.__name__
    # What a hook could not load by itself is about another document.
    is_of_another = isinstance(error, BadDocumentException) and error.document_class is not None
    found = raised(error, owner, raw) if is_of_another else located(error, owner, raw)
    kind = UnknownKeyException if isinstance(error, ExtraValueException) else BadDocumentException
    return kind(
        found.name,
        found.value,
        found.reason,
        found.cause,
        document_class=owner,
        document_id=raw.get("_id"),
        collection=collection or cls.get_collection_name(),
        raw=raw,
    )


def undecodable(
    cls: type[Described], stored: bytes, options: CodecOptions[Any], error: InvalidBSON
) -> BadDocumentException:
    """
    Say which document the driver could not decode, because of text that is none.

    Args:
        cls: The class that it was to be loaded as, or a base of that.
        stored: Its BSON.
        options: How the driver was to decode it.
        error: What it raised.

    Returns:
        The exception to raise.
    """
    raw, other = (
        bson.decode(stored, options.with_options(unicode_decode_error_handler=way))
        for way in ("replace", "backslashreplace")
    )
    name = next((name for name, value in raw.items() if other.get(name) != value), "")
    field = cls._by_db_field.get(name)
    value = raw.get(name)
    refusal = BadValueException(
        name if field is None else field._name,
        value,
        f"holds {an(type(value).__name__)} with text that is no UTF-8. Correct what is stored.",
        error,
    )
    return bad_document(cls, refusal, raw, None)


def _own_class(cls: type[Described], raw: Any) -> type[Described]:
    """Give the class that a document says it is of."""
    if cls._overrides_transform:  # it says so when it is rewritten
        return cls
    try:
        return cls.get_subclass(raw) or cls
    except DATA_ERRORS:
        return cls
