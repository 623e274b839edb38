"""Updates: of what changed in a document, and by expressions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import bson
from bson import CodecOptions, ObjectId
from pymongo import UpdateOne
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.errors import OperationFailure

from ommongo._bson import Encoded
from ommongo._tracking import (
    Changes,
    QuickUpdateLayer,
    Times,
    Undo,
    UpdateLayer,
    put_times,
    sent_times,
)
from ommongo.document import Document
from ommongo.ops._limited import LimitedFilter
from ommongo.ops._local_dates import refuse_what_has_no_local_form
from ommongo.ops._operation import Operation, Reply, encoded, reply_of
from ommongo.util import UNSET

if TYPE_CHECKING:
    from ommongo.update_expression import Limits

__all__ = ["UpdateDocumentOp", "UpdateOp"]

_SIZE_OF_FILTER_BY_ID = len(bson.encode({"_id": ObjectId()}))

# The element of an update document, in BSON, by which an update that cannot insert would insert
# another _id than the document's: one that is of another type.
_GUARD, _GUARD_OF_OBJECT_ID = (
    bson.encode({"$setOnInsert": {"_id": other}})[4:-1] for other in (ObjectId(b"\0" * 12), "")
)

_SET = ("$set",)


class _EncodedUpdate(Encoded):
    """
    An update document, which the driver looks into before it sends it.

    Args:
        raw: Its BSON.
        options: How it is decoded.
        operators: Its keys.
    """

    __slots__ = ("_operators",)

    def __init__(self, raw: bytes, options: CodecOptions[Any], operators: tuple[str, ...]) -> None:
        self.raw = raw
        self.options = options
        self._operators = operators

    def __iter__(self) -> Iterator[str]:
        return iter(self._operators)

    def __len__(self) -> int:
        return len(self._operators)


class UpdateDocumentOp(Operation):
    """
    Store what changed in one document.

    Args:
        collection: The collection to write to.
        document: The document.
        condition: The filter that picks it out.
        update: The update document.
        changes: What the update sends, for the document to know.
        by_id: Whether the filter is the document's own ``_id``, so that it has to match.
        upsert: Whether to insert when nothing matches.
        safe: Whether an error of the server is raised.
        limits: What the update may not leave.
    """

    kind = "update"
    by_id: bool = True
    upsert: bool = False
    _limited: LimitedFilter | None = None
    run: str | None = "update"
    is_guarded: bool = True
    document: Document
    document_id: Any
    version: Mapping[str, Any]
    size: int
    is_told: bool
    undo: Undo | None
    layer: UpdateLayer | QuickUpdateLayer
    _times: Times = ()
    _refusal: OperationFailure | None = None
    _values: Mapping[str, Any]

    def __init__(
        self,
        collection: Collection[Any],
        document: Document,
        condition: Mapping[str, Any],
        update: Mapping[str, Any],
        changes: Changes,
        by_id: bool,
        upsert: bool,
        safe: bool | None,
        limits: Limits | None = None,
    ) -> None:
        Operation.__init__(self, collection, type(document), safe)
        stored_id = document._wrapped_id()
        self.document_id = None if stored_id is UNSET else stored_id
        self.by_id = by_id
        self.upsert = upsert
        # An update by other conditions may match nothing, which only its own reply tells.
        self.run = "update" if (by_id or upsert) and not limits else None
        self.is_guarded = by_id and not upsert
        if not upsert and changes.counts_version:
            self.version = document._version_condition()
        options = collection.codec_options
        raw = bson.encode(update, codec_options=options)
        if options.tzinfo is not None:
            refuse_what_has_no_local_form(type(document), update, options, raw)
        self._raw = raw
        self._codec_options = options
        self._operators = tuple(update)
        self._filter: Mapping[str, Any] = condition
        if by_id and not self.version and type(stored_id) is ObjectId:
            self.size = len(raw) + _SIZE_OF_FILTER_BY_ID  # nothing in it can change
        else:
            self._filter = encoded({**condition, **self.version}, collection)
            self.size = len(raw) + len(self._filter.raw)
        if limits:
            self._limited = LimitedFilter(limits, {**condition, **self.version}, collection)
        self.document = document
        self.is_told = True
        self.undo = Undo()
        everything = [*changes.sent, *changes.always]
        self._times = sent_times(everything)
        self._changes = everything
        self.is_plain = False

    @classmethod
    def of_assigned(
        cls,
        collection: Collection[Any],
        document: Document,
        values: Mapping[str, Any],
        safe: bool | None,
    ) -> UpdateDocumentOp:
        """
        Make the operation that sets plain values of a document that has an ``ObjectId``.

        Args:
            collection: The collection to write to.
            document: The document.
            values: What `quick_diff` gave for it.
            safe: Whether an error of the server is raised.
        """
        document_class = type(document)
        plan = document_class._plan
        names, options = plan.stored_names, collection.codec_options
        update = {"$set": {names[name]: value for name, value in values.items()}}
        raw = bson.encode(update, codec_options=options)
        if options.tzinfo is not None:
            refuse_what_has_no_local_form(document_class, update, options, raw)
        operation = cls.__new__(cls)
        operation.collection = collection
        operation.document_class = document_class
        operation.document = document
        operation.safe = safe
        operation.document_id = document_id = document.__dict__[plan.id_name]
        operation._filter = {"_id": document_id}
        operation._raw = raw
        operation._codec_options = options
        operation._operators = _SET
        operation.size = len(raw) + _SIZE_OF_FILTER_BY_ID
        operation._values = values
        return operation

    def lay(self) -> None:
        if self.is_plain:
            QuickUpdateLayer(self.document, self._values, self)
        else:
            self.layer = UpdateLayer(self.document, self._changes, self.undo or Undo())

    @property
    def is_laid(self) -> bool:
        return self.layer is not None

    @property
    def is_by_id(self) -> bool:
        return self.by_id and not self.version

    def _update(self, guard: bytes = b"") -> _EncodedUpdate:
        """Give the update document, with another element at its end."""
        raw = self._raw
        if guard:
            length = len(raw) + len(guard)
            raw = b"".join((length.to_bytes(4, "little"), raw[4:-1], guard, b"\0"))
        return _EncodedUpdate(raw, self._codec_options, self._operators)

    def execute(self, collection: Collection[Any], session: ClientSession | None) -> Any:
        def send(filter: Mapping[str, Any], upsert: bool) -> Reply | None:
            update = self._update()
            return reply_of(collection.update_one(filter, update, upsert=upsert, session=session))

        if self._limited is None:
            reply = send(self._filter, self.upsert)
        else:
            reply = self._limited.send(send, self.upsert, collection, session)
        if reply is not None and reply["n"] == 0:
            if self._refusal is not None:
                raise self._refusal
            if self.is_guarded or self.version:
                raise self.stale()
        return reply

    def request(self) -> Any:
        if not self.is_guarded:
            return UpdateOne(self._filter, self._update(), upsert=self.upsert)
        # A shared call does not say which update matched nothing. So this one is an upsert that
        # cannot insert: where it would, the server refuses it, at its place.
        guard = _GUARD_OF_OBJECT_ID if isinstance(self.document_id, ObjectId) else _GUARD
        return UpdateOne(self._filter, self._update(guard), upsert=True)

    def result_in_bulk(self, inserted_id: Any) -> Any:
        reply = {"ok": 1.0, "n": 1}
        return reply if inserted_id is None else {**reply, "upserted": inserted_id}

    def do_without_insert(self, error: OperationFailure, is_shared: bool) -> bool:
        if self.upsert:
            self.upsert, self._refusal = False, error
            return True
        return is_shared and self.is_guarded  # in a call of its own it has no guard

    def needed_rights(self) -> str:
        if self._refusal is None:
            return super().needed_rights()
        return "It is an upsert: a user needs the rights to update and to insert for it."

    def succeeded(self, result: Any) -> None:
        if result is not None and result["n"] == 0:
            self.failed(sent=False)  # an id_expression that matched nothing
            return
        undo = self.undo or Undo()
        is_open = isinstance(self.layer, UpdateLayer) and not self.layer.was_stored
        if (result is None or "upserted" not in result) and not is_open:
            put_times(self._times, undo)
            self.is_told = False
            return
        with self._memento(self.document):
            self._learn(result, undo)
            put_times(self._times, undo)
            self.is_told = False

    def _learn(self, result: Any, undo: Undo) -> None:
        """Let the document know what an upsert, or an update of what nobody knew, worked on."""
        if result is not None and "upserted" in result:
            self._was_inserted(result["upserted"], undo)
        elif isinstance(self.layer, UpdateLayer):
            self.layer.worked_on_something(undo)

    def _was_inserted(self, stored_id: Any, undo: Undo) -> None:
        """Let the document know that an upsert has inserted it, under which ``_id``."""
        if isinstance(self.layer, UpdateLayer):
            self.layer.worked_on_nothing(undo)
        field = self.document._id_field()
        undo.put(
            self.document.__dict__, field._name, field.unwrap(stored_id, self.document._session)
        )
        self.document._keep_id(stored_id)
        self.document_id = stored_id

    def _take_back(self, sent: bool, unknown: bool) -> None:
        self.layer.take_back(unknown)
        if sent:
            self.document._own_state().id_is_new = False


class UpdateOp(Operation):
    """
    Execute an update expression.

    Args:
        collection: The collection to write to.
        document_class: The class that the expression is about.
        condition: The filter.
        update: The update document.
        upsert: Whether to insert when nothing matches.
        multi: Whether to change all matches.
        safe: Whether an error of the server is raised.
        write_options: Options of the write concern.
        call_options: Further options of the driver's call (``array_filters``, ``hint`` …).
        limits: What the update may not leave.
    """

    kind = "update"

    def __init__(
        self,
        collection: Collection[Any],
        document_class: Any,
        condition: Mapping[str, Any],
        update: Mapping[str, Any],
        *,
        upsert: bool = False,
        multi: bool = False,
        safe: bool | None = None,
        write_options: Mapping[str, Any] | None = None,
        call_options: Mapping[str, Any] | None = None,
        limits: Limits | None = None,
    ) -> None:
        super().__init__(collection, document_class, safe, write_options)
        self.upsert = upsert
        self.multi = multi
        # Whether an update within limits matched nothing, only its own reply tells.
        self.run = None if multi or limits else "update"
        self._call_options = dict(call_options or {})
        self._filter = encoded(condition, collection)
        self._update = encoded(update, collection)
        self._limited: LimitedFilter | None = None
        if limits:
            filters = self._call_options.get("array_filters") or ()
            self._limited = LimitedFilter(limits, condition, collection, filters, multi)
        if collection.codec_options.tzinfo is not None and isinstance(document_class, type):
            # An upsert stores what its condition says, too.
            asked = {name: value for name, value in condition.items() if type(value) is not dict}
            refuse_what_has_no_local_form(
                document_class, {**asked, **update} if upsert else update, collection.codec_options
            )
        self.size: int = len(self._filter.raw) + len(self._update.raw)

    def execute(self, collection: Collection[Any], session: ClientSession | None) -> Any:
        many = collection.update_many if self.multi else collection.update_one

        def send(filter: Mapping[str, Any], upsert: bool) -> Reply | None:
            return reply_of(
                many(filter, self._update, upsert=upsert, session=session, **self._call_options)
            )

        if self._limited is None:
            return send(self._filter, self.upsert)
        return self._limited.send(send, self.upsert, collection, session)

    def request(self) -> Any:
        return UpdateOne(self._filter, self._update, upsert=self.upsert, **self._call_options)
