"""Writes of whole documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import bson
from pymongo import ReplaceOne
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from ommongo.document._holding import stored_times
from ommongo.document._plan import plan_of
from ommongo.document._settling import NextVersion, SavedDocument
from ommongo.ops._operation import Operation

__all__ = ["SaveOp"]


class SaveOp(SavedDocument, Operation):
    """
    Store a whole document, whose BSON it is itself.

    Args:
        collection: The collection to write to.
        document: The document.
        stored: What `Document.wrap` gave for it, with its ``_id``.
        insert: Whether the document is new to the server.
        gave_id: Whether the session gave it its ``_id`` for this.
        safe: Whether an error of the server is raised.
    """

    kind = "save"
    counted_as = "inserted"
    gives_reply = False
    run: str | None = "insert"
    _next_version: NextVersion | None = None

    def __init__(
        self,
        collection: Collection[Any],
        document: Any,
        stored: Mapping[str, Any],
        insert: bool,
        gave_id: bool,
        safe: bool | None,
    ) -> None:
        # As Operation does, which would be one call more for each document of a bulk.
        self.collection = collection
        self.document_class = cls = type(document)
        self.safe = safe
        self.document_id = stored["_id"]
        self.insert = insert
        self.gave_id = gave_id
        versioned = None
        if cls._version_name is not None:
            self.version = document._version_condition()
            versioned = NextVersion(document)
            stored = versioned.stored(stored)
        if not insert:
            # A replacement that depends on the version tells by its own reply whether it matched.
            self.run = None if self.version else "update"
            self.counted_as = "replaced"
        raw = bson.encode(stored, codec_options=collection.codec_options)
        self.size = len(raw)
        times = stored_times(document, stored) if plan_of(cls).has_times else ()
        SavedDocument.__init__(self, document, raw, times)
        if versioned is not None:
            versioned.take()
            self._next_version = versioned

    __repr__ = Operation.__repr__  # and not that of BSON

    def execute(self, collection: Collection[Any], session: ClientSession | None) -> Any:
        if self.insert:
            collection.insert_one(self, session=session)
        else:
            result = collection.replace_one(
                {"_id": self.document_id, **self.version},
                self,
                upsert=not self.version,
                session=session,
            )
            if self.version and result.acknowledged and result.matched_count == 0:
                raise self.stale()
        return self.document_id

    def take_back_id(self) -> None:
        if self.gave_id:
            self.document.__dict__.pop(self.document._id_field()._name, None)
            state = self.document._own_state()
            state.sent = state.id_given = False  # nobody knows the document any more

    def request(self) -> Any:
        if self.insert:
            return self
        return ReplaceOne({"_id": self.document_id}, self, upsert=True)

    def result_in_bulk(self, inserted_id: Any) -> Any:
        return self.document_id

    def succeeded(self, result: Any) -> None:
        if self._times:
            self._was_applied()

    def failed(self, sent: bool, unknown: bool = False) -> None:
        self._restore(sent)
        if self.gave_id:
            self.document._own_state().id_given = True
        if self._next_version is not None:
            self._next_version.take_back()
