"""Removals: of a document, of what a query matches, of everything in a collection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pymongo import DeleteOne
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from ommongo._bson import CONSTANTS, id_filter, id_key
from ommongo._tracking import RemovalLayer
from ommongo.document import Document, DocumentMeta
from ommongo.ops._operation import Operation, encoded, reply_of
from ommongo.util import UNSET

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
    removes_many = True

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
        self._id_keys = _id_keys(condition)
        # Of a collection's name, or where no class is asked for, the documents of all classes go.
        is_class = isinstance(document_class, DocumentMeta)
        self._is_of_class = is_class and bool(document_class.base_query())

    def execute(self, collection: Collection[Any], session: ClientSession | None) -> Any:
        return reply_of(collection.delete_many(self._filter, session=session))

    def may_remove(self, document: Document, key: tuple[bool, Any]) -> bool:
        """
        Tell whether it may remove a stored document.

        What is held of a document may be out of date, so only what never changes tells that it is
        not removed: its ``_id``, and the class that the removal is about.

        Args:
            document: An object of its collection.
            key: The `ommongo._bson.id_key` of the object's ``_id``.
        """
        if self._is_of_class and not isinstance(document, self.document_class):
            return False
        return self._id_keys is None or key in self._id_keys


def _id_keys(condition: Mapping[str, Any]) -> list[tuple[bool, Any]] | None:
    """Give the keys of the ids that a filter asks for; ``None`` where it may be any."""
    parts = [condition, *condition.get("$and", ())]
    asked = next((part["_id"] for part in parts if "_id" in part), UNSET)
    values = [asked]
    if isinstance(asked, Mapping) and len(asked) == 1:
        values = asked["$in"] if "$in" in asked else [asked.get("$eq", UNSET)]
    # By a collation of the collection two texts may be one to the server.
    if all(type(value) in CONSTANTS and type(value) is not str for value in values):
        return [id_key(value) for value in values]
    return None


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
    is_plain: bool = False
    document: Document
    document_id: Any
    version: Mapping[str, Any]
    size: int
    layer: RemovalLayer

    def __init__(self, collection: Collection[Any], document: Document, safe: bool | None) -> None:
        super().__init__(collection, type(document), safe)
        self.document = document
        self.document_id = document._wrapped_id()
        self.version = document._version_condition()
        self.run = None if self.version else "delete"
        self._filter = encoded({**id_filter(self.document_id), **self.version}, collection)
        self.size = len(self._filter.raw)

    def lay(self) -> None:
        self.layer = RemovalLayer(self.document)

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

    def _take_back(self, sent: bool, unknown: bool) -> None:
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
    removes_many = True

    def execute(self, collection: Collection[Any], session: ClientSession | None) -> Any:
        return reply_of(collection.delete_many({}, session=session))
