"""Which document it is that the driver could not decode: it holds text that is none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import bson
from bson.codec_options import CodecOptions
from bson.errors import InvalidBSON
from bson.raw_bson import RawBSONDocument
from pymongo.collection import Collection

from ommongo.document import Document

if TYPE_CHECKING:
    from ommongo._persistence.loader import LoadingSession

__all__ = ["decoded", "telling_undecodable", "undecoded"]


def undecoded(collection: Collection[Any]) -> Collection[Any]:
    """Give a collection whose documents the driver does not decode."""
    options = collection.codec_options.with_options(document_class=RawBSONDocument)
    return collection.with_options(codec_options=options)


def decoded(
    cls: type[Document], stored: RawBSONDocument, options: CodecOptions[Any]
) -> dict[str, Any]:
    """
    Decode a document.

    Args:
        cls: The class that it is to be loaded as.
        stored: The document, as the driver gives it undecoded.
        options: How to decode it.

    Raises:
        BadDocumentException: It holds text that is none.
    """
    try:
        return bson.decode(stored.raw, options)
    except InvalidBSON as error:
        raise cls._undecodable(bytes(stored.raw), options, error) from error


@contextmanager
def telling_undecodable(
    session: LoadingSession,
    cls: type[Document],
    collection: Collection[Any],
    condition: Mapping[str, Any],
) -> Iterator[None]:
    """
    Let an error of decoding say which document it is about.

    Args:
        session: The session that reads.
        cls: The class that the documents are to be loaded as.
        collection: Where they are.
        condition: Which they are.

    Raises:
        BadDocumentException: One holds text that is none.
    """
    try:
        yield
    except InvalidBSON:
        found = undecoded(collection).find(condition, session=session._client_session)
        for stored in session._watched(found):
            decoded(cls, stored, collection.codec_options)
        raise  # it was corrected meanwhile
