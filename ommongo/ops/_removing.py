"""Removals: of a document, of what a query matches, of everything in a collection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pymongo import DeleteOne
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from ommongo._bson import id_filter
from ommongo._tracking import RemovalLayer
from ommongo.document import Document
from ommongo.ops._operation import Operation, encoded, reply_of

__all__ = ["ClearCollectionOp", "RemoveDocumentOp", "RemoveOp"]


class RemoveOp(Operation):
    """
    Delete everything that a removal query matches.

    Args:
        collection: The collection to write to.
        document_class: The class that the query is about.
        condition: The filter.
        safe: Whether an error of the server is raised.
        write_options: Options of the write concern.
    """

    kind = "removal"
    counted_as = "removed"

    def __init__(
        self,
        collection: Collection[Any],
        document_class: Any,
        condition: Mapping[str, Any],
        safe: bool | None = None,
        write_options: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(collection, document_class, safe, write_options)
        self._filter = encoded(condition, collection)

    def execute(self, collection: Collection[Any], session: ClientSession | None) -> Any:
        return reply_of(collection.delete_many(self._filter, session=session))


class RemoveDocumentOp(Operation):
    """
    Delete one document by its ``_id``.

    Args:
        collection: The collection to write to.
        document: The document.
        safe: Whether an error of the server is raised.
    """

    kind = "removal"
    counted_as = "removed"
    document: Document
    layer: RemovalLayer

    def __init__(self, collection: Collection[Any], document: Document, safe: bool | None) -> None:
        super().__init__(collection, type(document), safe)
        self.document = document
        self.document_id = document._wrapped_id()
        self.version = document._version_condition()
        self.run = None if self.version else "delete"
        self._filter = encoded({**id_filter(self.document_id), **self.version}, collection)
        self.size = len(self._filter.raw)
        self.layer = RemovalLayer(document)

    @property
    def is_by_id(self) -> bool:
        return not self.version

    def execute(self, collection: Collection[Any], session: ClientSession | None) -> Any:
        reply = reply_of(collection.delete_one(self._filter, session=session))
        if self.version and reply is not None and reply["n"] == 0:
            raise self.stale()
        return reply

    def request(self) -> Any:
        return DeleteOne(self._filter)

    def failed(self, sent: bool, unknown: bool = False) -> None:
        self.layer.take_back(unknown)


class ClearCollectionOp(Operation):
    """
    Delete every document of a collection.

    Args:
        collection: The collection to write to.
        document_class: The class whose collection it is.
        safe: Whether an error of the server is raised.
    """

    kind = "clearing"
    counted_as = "removed"

    def execute(self, collection: Collection[Any], session: ClientSession | None) -> Any:
        return reply_of(collection.delete_many({}, session=session))
