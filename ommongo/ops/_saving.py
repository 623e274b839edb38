"""Writes of whole documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import bson
from pymongo import ReplaceOne
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.errors import OperationFailure

from ommongo._bson import Encoded, id_filter
from ommongo._tracking import (
    NO_ORIGINS,
    UNKNOWN,
    UNSTORED,
    SaveLayer,
    State,
    Times,
    Tracked,
    Undo,
    has_origins_below,
    hold_version,
    put_times,
    set_state,
    stored_times,
)
from ommongo.document import Document
from ommongo.ops._local_dates import refuse_what_has_no_local_form
from ommongo.ops._operation import Operation

__all__ = ["SaveOp"]


class SaveOp(Operation):
    """
    Store a whole document.

    Args:
        collection: The collection to write to.
        document: The document.
        stored: What `Document.wrap` gave for it, with its ``_id``.
        insert: Whether the document is new to the server.
        gave_id: Whether the session gave it its ``_id`` for this.
        safe: Whether an error of the server is raised.
        made: What was made when it was wrapped: documents with names of their fields.
        upsert: Whether a stored document is inserted when it is gone.
        raw: The same as *stored*, as BSON, where that is there already; with no version in it.
    """

    kind = "save"
    counted_as: str = "inserted"
    gives_reply = False
    run: str | None = "insert"
    document: Document
    layer: SaveLayer | None = None
    upsert: bool = False
    version: Mapping[str, Any]
    insert: bool = True
    gave_id: bool = True
    # Where the values of a new document came from, if that was known before.
    origins: Mapping[str, Any] = NO_ORIGINS
    size: int
    is_told: bool
    is_plain: bool
    undo: Undo | None
    _times: Times = ()
    _refusal: OperationFailure | None = None
    _made: Sequence[tuple[Tracked, str]] | None = None

    def __init__(
        self,
        collection: Collection[Any],
        document: Document,
        stored: Mapping[str, Any],
        insert: bool,
        gave_id: bool,
        safe: bool | None,
        made: Sequence[tuple[Tracked, str]] = (),
        upsert: bool = True,
        raw: bytes | None = None,
    ) -> None:
        # As Operation does, which would be one call more for each document of a bulk.
        self.collection = collection
        cls = type(document)
        self.document_class: Any = cls
        self.document = document
        self.safe = safe
        self.document_id: Any = stored["_id"]
        self.insert = insert
        self.gave_id = gave_id
        plan = cls._plan
        version = None if cls._version_name is None else cls._version_field
        if version is not None:
            self.version = document._version_condition()
            self._next_version = document._next_version()
            stored = {**stored, version.db_field: self._next_version}
        if not insert:
            self.upsert = not self.version and (upsert or not _is_stored(document))
            # A replacement that has to match tells by its own reply whether it did.
            self.run = "update" if self.upsert else None
            self.counted_as = "replaced"
        options = collection.codec_options
        if raw is None:
            raw = bson.encode(stored, codec_options=options)
        self.raw = raw
        if options.tzinfo is not None:
            refuse_what_has_no_local_form(cls, stored, options, raw)
        self.size = len(raw)
        if plan.has_times:
            self._times = stored_times(document, stored)
            self.is_told = True
        if document._known is UNSTORED and not (plan.embedded and has_origins_below(document)):
            self.is_plain = version is None
        else:
            self.is_plain = False
            self._made = made

    @classmethod
    def of_new(
        cls,
        collection: Collection[Any],
        document: Document,
        stored: Mapping[str, Any],
        raw: bytes,
        safe: bool | None,
    ) -> SaveOp:
        """
        Make the operation that inserts a new document of which nothing is known.

        It is what the constructor makes of a document without a version that got its ``_id`` just
        now, and in which no other document has a history. (If the document has values that are
        defaults, that is for ``origins``.)

        Args:
            collection: The collection to write to.
            document: The document.
            stored: What `Document.wrap` gave for it, with its ``_id``.
            raw: The same as BSON, which `lay` is to let the document be known as.
            safe: Whether an error of the server is raised.
        """
        operation = cls.__new__(cls)
        operation.collection = collection
        operation.document_class = document_class = type(document)
        operation.document = document
        operation.safe = safe
        operation.document_id = stored["_id"]
        operation.raw = raw
        operation.size = len(raw)
        if document_class._plan.has_times:
            operation._times = stored_times(document, stored)
            operation.is_told = True
        return operation

    def lay(self) -> None:
        document = self.document
        if self._made is not None:
            self.layer = SaveLayer(document, document._packed_image(self.raw), self._made)
            return
        # Nothing is known of it, and nothing stored: its BSON says all there is to know.
        set_state(document, self.raw)
        version = None if self.is_plain else self.document_class._version_field
        if version is not None:
            document.__dict__[version._name] = self._next_version

    @property
    def is_laid(self) -> bool:
        return self.document._known is self.raw

    @property
    def is_by_id(self) -> bool:
        return not self.version and self.copied_from is None

    def _encoded(self) -> Encoded:
        return Encoded(self.raw, self.collection.codec_options)

    def execute(self, collection: Collection[Any], session: ClientSession | None) -> Any:
        if self.insert:
            collection.insert_one(self._encoded(), session=session)
        else:
            result = collection.replace_one(
                {**id_filter(self.document_id), **self.version},
                self._encoded(),
                upsert=self.upsert,
                session=session,
            )
            if not self.upsert and result.acknowledged and result.matched_count == 0:
                raise self._refusal or self.stale()
        return self.document_id

    def request(self) -> Any:
        if self.insert:
            return self._encoded()
        return ReplaceOne(id_filter(self.document_id), self._encoded(), upsert=True)

    def result_in_bulk(self, inserted_id: Any) -> Any:
        return self.document_id

    def do_without_insert(self, error: OperationFailure, is_shared: bool) -> bool:
        was_upsert, self.upsert = self.upsert, False
        if was_upsert:
            self._refusal = error
        return was_upsert

    def needed_rights(self) -> str:
        if not (self.upsert or self._refusal):
            return super().needed_rights()
        return (
            "It replaces the document, or inserts it where there is none: a user needs the rights "
            "to update and to insert for that. Who may only update can update() objects that are "
            "stored, or save them by Session(..., upsert_on_save=False)."
        )

    def succeeded(self, result: Any) -> None:
        self.undo = self.undo or Undo()
        put_times(self._times, self.undo)
        self.is_told = False

    def _take_back(self, sent: bool, unknown: bool) -> None:
        document = self.document
        if self.layer is None and document._known is self.raw and not unknown:
            state = State(None)
            state.origins = self.origins
            set_state(document, state)
            hold_version(document)
        else:
            image = document._packed_image(self.raw)
            layer = self.layer or SaveLayer.under_all(document, image, self.origins)
            layer.take_back(unknown)
        state = document._own_state()
        state.id_is_new = (state.id_is_new or self.gave_id) and not sent

    def take_back_id(self) -> None:
        if self.gave_id:
            self.document.__dict__.pop(self.document._id_field()._name, None)
            self.document._own_state().id_is_new = False  # nobody knows the document any more


def _is_stored(document: Document) -> bool:
    """Whether a document is known to be stored, or will be by what is pending."""
    known = document._known
    if type(known) is not State:
        return True
    name = document._plan.id_name
    return known.committed is not None and known.committed.get(name) is not UNKNOWN
