"""
One small class for each kind of queued write.

An operation knows how to become a call of the driver and what its outcome means for its document,
not when it is sent. It takes its snapshot, in BSON, when it is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, ClassVar

import bson
from bson import CodecOptions, ObjectId
from pymongo import DeleteOne, ReplaceOne, UpdateOne
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from ommongo.document._changes import Changes
from ommongo.document._holding import stored_times
from ommongo.document._settling import NextVersion, SavedDocument
from ommongo.document._stored import Encoded
from ommongo.document._truth import UNKNOWN
from ommongo.document._updated import UpdatedDocument
from ommongo.exceptions import StaleDocumentException
from ommongo.util import UNSET

__all__ = [
    "ClearCollectionOp",
    "Operation",
    "RemoveDocumentOp",
    "RemoveOp",
    "SaveOp",
    "UpdateDocumentOp",
    "UpdateOp",
]

Reply = dict[str, Any]

_NO_OPTIONS: Mapping[str, Any] = MappingProxyType({})

_SIZE_OF_FILTER_BY_ID = len(bson.encode({"_id": ObjectId()}))

# What a guarded update would insert under, if it could: one of them is not the document's own.
_OTHER_IDS = (ObjectId("000000000000000000000000"), ObjectId("000000000000000000000001"))

# The element of an update document that says so, in BSON: what stands between length and end.
_GUARDS = tuple(bson.encode({"$setOnInsert": {"_id": other}})[4:-1] for other in _OTHER_IDS)


class Operation:
    """
    One queued write.

    Args:
        collection: The collection to write to, with the session's codec options.
        document_class: The class on whose behalf it is written.
        safe: Whether an error of the server is raised; ``None`` for the session's setting.
        write_options: Options of the write concern: ``w``, ``wtimeout`` (milliseconds), ``j``.

    Attributes:
        kind: What it does, in one word for messages.
        document: The object that it writes, if it writes one.
        document_id: That object's ``_id`` as it is stored.
        version: The condition on the document's stored version, empty where it has none.
        run: The kind of operations with which it can share a call (``insert``, ``update``,
            ``delete``); ``None`` when it needs one of its own.
        gives_reply: Whether its result is the server's reply, which only a call of its own has.
        is_guarded: Whether, in a shared call, it fails where its document is not there.
        size: How many bytes it has, about.
        counted_as: What a flush report counts it as.
        transactions: The ids of the blocks that were open when it was queued.
    """

    # What most operations have in common is told by the class: they are made in large numbers.
    kind: ClassVar[str] = "operation"
    counted_as: str = "updated"
    gives_reply: ClassVar[bool] = True
    run: str | None = None
    is_guarded: bool = False
    version: Mapping[str, Any] = _NO_OPTIONS
    size: int = 0
    document: Any = None
    document_id: Any = None
    write_options: Mapping[str, Any] = _NO_OPTIONS
    transactions: tuple[Any, ...] = ()

    def __init__(
        self,
        collection: Collection[Any],
        document_class: Any,
        safe: bool | None = None,
        write_options: Mapping[str, Any] | None = None,
    ) -> None:
        self.collection = collection
        self.document_class = document_class
        self.safe = safe
        if write_options:
            self.write_options = write_options

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.describe()}>"

    def describe(self) -> str:
        """Say what it writes, for messages."""
        named = isinstance(self.document_class, type)
        name = self.document_class.__name__ if named else repr(self.collection.name)
        if self.document is None:
            return f"{self.kind} on {name}"
        return f"{self.kind} of {name} with _id {self.document_id!r}"

    def execute(self, collection: Collection[Any], session: ClientSession | None) -> Any:
        """
        Send it by a call of its own.

        Args:
            collection: The collection, with the write concern to use.
            session: The driver's session, if one is in use.

        Returns:
            The operation's result; ``None`` when the server was not asked to acknowledge it.

        Raises:
            pymongo.errors.PyMongoError: The driver's own error.
            StaleDocumentException: The document to update is not there.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define execute()")

    def request(self) -> Any:
        """Give what a shared call takes for it."""
        raise NotImplementedError(f"{type(self).__name__} needs a call of its own")

    def result_in_bulk(self, inserted_id: Any) -> Any:
        """
        Give the operation's result after a shared call.

        Args:
            inserted_id: The ``_id`` of the document that its upsert inserted, or ``None``.

        Returns:
            The result as far as a shared call tells it.
        """
        return None

    def take_back_id(self) -> None:
        """Take an ``_id`` that the session gave away from the document again."""

    def stale(self) -> StaleDocumentException:
        """Give the error for a document that is not there."""
        name = self.document_class.__name__
        where = f"the collection {self.collection.name!r}"
        if self.version:
            expected = next(iter(self.version.values()))
            return StaleDocumentException(
                f"{name} with _id {self.document_id!r} is not in {where} at version {expected} any "
                f"more: it was changed or removed by another writer. Nothing was written. Load it "
                f"anew (session.refresh), merge your changes, and try again.",
                document_class=name,
                document_id=self.document_id,
                expected_version=expected,
                is_versioned=True,
            )
        return StaleDocumentException(
            f"{name} with _id {self.document_id!r} is not in {where} any more, so it was not "
            f"updated, and not created either. Save a whole copy to store it anew, or update it "
            f"with upsert=True.",
            document_class=name,
            document_id=self.document_id,
        )

    def succeeded(self, result: Any) -> None:
        """
        Tell the document that the operation was applied.

        Args:
            result: What `execute` or `result_in_bulk` gave.
        """

    def failed(self, sent: bool, unknown: bool = False) -> None:
        """
        Tell the document that the operation was not applied for certain.

        Args:
            sent: Whether it may have reached the server.
            unknown: Whether the server may have applied it.
        """


class _EncodedUpdate(Encoded):
    """
    An update document, which the driver looks into before it sends it.

    Args:
        raw: Its BSON.
        options: How it is decoded.
        operators: Its keys.
    """

    __slots__ = ("_operators",)

    def __init__(self, raw: bytes, options: CodecOptions[Any], operators: Iterable[str]) -> None:
        super().__init__(raw, options)
        self._operators = tuple(operators)

    def __iter__(self) -> Iterator[str]:
        return iter(self._operators)

    def __len__(self) -> int:
        return len(self._operators)

    def guarded(self, document_id: Any) -> _EncodedUpdate:
        """Give the update as an upsert that cannot insert, of the document with an ``_id``."""
        guard = _GUARDS[document_id == _OTHER_IDS[0]]
        length = len(self.raw) + len(guard)
        raw = length.to_bytes(4, "little") + self.raw[4:-1] + guard + b"\0"
        return _EncodedUpdate(raw, self.options, self._operators)


def _snapshot(document: Mapping[str, Any], collection: Collection[Any]) -> Encoded:
    """Encode now what is sent later, so that no later change reaches it."""
    options = collection.codec_options
    return Encoded(bson.encode(document, codec_options=options), options)


def _reply(result: Any) -> Reply | None:
    """Give the server's reply as a dict, without what is of use to the driver only."""
    if not result.acknowledged:
        return None
    raw = result.raw_result
    return {name: raw[name] for name in ("ok", "n", "nModified", "upserted") if name in raw}


class SaveOp(SavedDocument, Operation):
    """
    Store a whole document.

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
        Operation.__init__(self, collection, type(document), safe)
        self.document_id = stored["_id"]
        self.insert = insert
        self.gave_id = gave_id
        versioned = None
        if self.document_class._version_name is not None:
            self.version = document._version_condition()
            versioned = NextVersion(document)
            stored = versioned.stored(stored)
        if not insert:
            # A replacement that depends on the version tells by its own reply whether it matched.
            self.run = None if self.version else "update"
            self.counted_as = "replaced"
        raw = bson.encode(stored, codec_options=collection.codec_options)
        self.size = len(raw)
        source = Encoded(raw, document._snapshot_options())
        times = stored_times(document, stored)
        SavedDocument.__init__(self, document, source, times)
        if versioned is not None:
            versioned.take()
            self._next_version = versioned

    def execute(self, collection: Collection[Any], session: ClientSession | None) -> Any:
        if self.insert:
            collection.insert_one(self._source, session=session)
        else:
            result = collection.replace_one(
                {"_id": self.document_id, **self.version},
                self._source,
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
            return self._source
        return ReplaceOne({"_id": self.document_id}, self._source, upsert=True)

    def result_in_bulk(self, inserted_id: Any) -> Any:
        return self.document_id

    def succeeded(self, result: Any) -> None:
        self._was_applied()

    def failed(self, sent: bool, unknown: bool = False) -> None:
        self._restore(sent)
        if self.gave_id:
            self.document._own_state().id_given = True
        if self._next_version is not None:
            self._next_version.take_back()


class UpdateDocumentOp(UpdatedDocument, Operation):
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
    """

    kind = "update"

    def __init__(
        self,
        collection: Collection[Any],
        document: Any,
        condition: Mapping[str, Any],
        update: Mapping[str, Any],
        changes: Changes,
        by_id: bool,
        upsert: bool,
        safe: bool | None,
    ) -> None:
        Operation.__init__(self, collection, type(document), safe)
        stored_id = condition["_id"] if by_id else document._wrapped_id()
        self.document_id = None if stored_id is UNSET else stored_id
        self.by_id = by_id
        self.upsert = upsert
        # An update by other conditions may match nothing, which only its own reply tells.
        self.run = "update" if by_id or upsert else None
        self.is_guarded = by_id and not upsert
        if not upsert and self.document_class._version_name is not None:
            self.version = document._version_condition()
        options = collection.codec_options
        raw = bson.encode(update, codec_options=options)
        self._update = _EncodedUpdate(raw, options, update)
        self._filter: Mapping[str, Any] = condition
        if by_id and not self.version and type(stored_id) is ObjectId:
            self.size = len(raw) + _SIZE_OF_FILTER_BY_ID  # nothing in it can change
        else:
            self._filter = _snapshot({**condition, **self.version}, collection)
            self.size = len(raw) + len(self._filter.raw)
        UpdatedDocument.__init__(self, document, changes)
        # Whether an upsert has inserted the document, and the server has given it its _id.
        self._gave_id = False

    def execute(self, collection: Collection[Any], session: ClientSession | None) -> Any:
        result = collection.update_one(
            self._filter, self._update, upsert=self.upsert, session=session
        )
        reply = _reply(result)
        if (self.is_guarded or self.version) and reply is not None and reply["n"] == 0:
            raise self.stale()
        return reply

    def request(self) -> Any:
        if not self.is_guarded:
            return UpdateOne(self._filter, self._update, upsert=self.upsert)
        # A shared call does not say which update matched nothing. So this one is an upsert that
        # cannot insert: where it would, the server refuses it, at its place.
        return UpdateOne(self._filter, self._update.guarded(self.document_id), upsert=True)

    def result_in_bulk(self, inserted_id: Any) -> Any:
        reply = {"ok": 1.0, "n": 1}
        return reply if inserted_id is None else {**reply, "upserted": inserted_id}

    def succeeded(self, result: Any) -> None:
        if result is not None and result["n"] == 0:
            self.failed(sent=False)  # an id_expression that matched nothing
            return
        inserted = result is not None and "upserted" in result
        self._was_applied(inserted)
        if inserted:
            field = self.document._id_field()
            value = field.unwrap(result["upserted"], self.document._session)
            self._gave_id = field._name not in self.document.__dict__
            self.document.__dict__[field._name] = value
            self.document_id = result["upserted"]

    def failed(self, sent: bool, unknown: bool = False) -> None:
        self._restore(sent, unknown)
        if self._gave_id:
            self._gave_id = False
            self.document.__dict__.pop(self.document._id_field()._name, None)


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
    ) -> None:
        super().__init__(collection, document_class, safe, write_options)
        self.upsert = upsert
        self.multi = multi
        self.run = None if multi else "update"
        self._filter = _snapshot(condition, collection)
        self._update = _snapshot(update, collection)
        self.size = len(self._filter.raw) + len(self._update.raw)
        self._call_options = dict(call_options or {})

    def execute(self, collection: Collection[Any], session: ClientSession | None) -> Any:
        send = collection.update_many if self.multi else collection.update_one
        return _reply(
            send(
                self._filter,
                self._update,
                upsert=self.upsert,
                session=session,
                **self._call_options,
            )
        )

    def request(self) -> Any:
        return UpdateOne(self._filter, self._update, upsert=self.upsert, **self._call_options)


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
        self._filter = _snapshot(condition, collection)

    def execute(self, collection: Collection[Any], session: ClientSession | None) -> Any:
        return _reply(collection.delete_many(self._filter, session=session))


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

    def __init__(self, collection: Collection[Any], document: Any, safe: bool | None) -> None:
        super().__init__(collection, type(document), safe)
        self.document = document
        self.document_id = document._wrapped_id()
        self.version = document._version_condition()
        self.run = None if self.version else "delete"
        self._filter = _snapshot({"_id": self.document_id, **self.version}, collection)
        self.size = len(self._filter.raw)
        self._state = document._own_state()
        self._before: Any = None

    def execute(self, collection: Collection[Any], session: ClientSession | None) -> Any:
        reply = _reply(collection.delete_one(self._filter, session=session))
        if self.version and reply is not None and reply["n"] == 0:
            raise self.stale()
        return reply

    def request(self) -> Any:
        return DeleteOne(self._filter)

    def succeeded(self, result: Any) -> None:
        # A document that was queued again since is stored again.
        state = self._state
        if self.document._state is state:
            self._before = state.stored, state.source, state.baseline
            state.stored, state.source, state.baseline = False, None, {}

    def failed(self, sent: bool, unknown: bool = False) -> None:
        if self._before is not None and self.document._state is self._state:
            state = self._state
            state.stored, state.source, state.baseline = self._before
            # What happened since has been remembered as of a document that is not stored.
            for name in (*state.assigned, *(state.defaults or ())):
                if state.source is None and not state.knows(name):
                    state.baseline[name] = UNKNOWN if name in state.assigned else UNSET


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
        return _reply(collection.delete_many({}, session=session))
