"""What all queued writes have in common."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

import bson
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError, OperationFailure

from ommongo._bson import Encoded
from ommongo._tracking import Layer, Memento, Place, Undo, layers_of
from ommongo.document import Document
from ommongo.exceptions import InvalidUpdateException, StaleDocumentException

__all__ = ["Operation", "Reply", "encoded", "reply_of"]

Reply = dict[str, Any]

_RIGHTS = {"inserted": "insert", "removed": "remove", "replaced": "update", "updated": "update"}

_NO_OPTIONS: Mapping[str, Any] = MappingProxyType({})


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
        is_told: Whether its document has something to learn when it was applied.
        removes_many: Whether it removes whatever fits a condition; `may_remove` says what does.
        gives_reply: Whether its result is the server's reply, which only a call of its own has.
        is_guarded: Whether, in a shared call, it fails where its document is not there.
        size: How many bytes it has, about.
        counted_as: What a flush report counts it as.
        transactions: The ids of the blocks that were open when it was queued.
        layer: What it makes of what is stored of its document; ``None`` where that is nothing that
            was known before.
        undo: What it changed in objects beside that.
        copied_from: Where the object is stored that it saves a copy of; ``None`` for all others.
        is_plain: Whether `lay` is one step, or none.
        is_over: Whether it was told that it failed.
        raw: Of an insert, the document as BSON.
    """

    # What most operations have in common is told by the class: they are made in large numbers.
    kind: ClassVar[str] = "operation"
    counted_as: str = "updated"
    gives_reply: ClassVar[bool] = True
    removes_many: ClassVar[bool] = False
    is_told: bool = False
    run: str | None = None
    is_guarded: bool = False
    version: Mapping[str, Any] = _NO_OPTIONS
    size: int = 0
    document: Document | None = None
    document_id: Any = None
    write_options: Mapping[str, Any] = _NO_OPTIONS
    transactions: tuple[Any, ...] = ()
    layer: Layer | None = None
    undo: Undo | None = None
    copied_from: Place | None = None
    is_plain: bool = True
    is_over: bool = False
    raw: bytes

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

    @property
    def is_by_id(self) -> bool:
        """Whether it is about the document with `document_id` alone, whatever that holds."""
        return False

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.describe()}>"

    def describe(self) -> str:
        """Say what it writes, for messages."""
        named = isinstance(self.document_class, type)
        name = self.document_class.__name__ if named else repr(self.collection.name)
        if self.document is None:
            return f"{self.kind} on {name}"
        return f"{self.kind} of {name} with _id {self.document_id!r}"

    def may_remove(self, document: Document, key: tuple[bool, Any]) -> bool:
        """
        Tell whether it may remove a stored document that it does not name.

        Args:
            document: An object of its collection.
            key: That object's ``_id``, as the identity map keys it.
        """
        return self.removes_many

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

    def do_without_insert(self, error: OperationFailure, is_shared: bool) -> bool:
        """
        Insert nothing from now on: the user may not, and perhaps the document is there.

        Args:
            error: With what the server has refused it as an upsert.
            is_shared: Whether that was in a shared call.

        Returns:
            Whether it was sent as an upsert, and is another one now.
        """
        return False

    def needed_rights(self) -> str:
        """Say, for messages, which rights the user needs for it."""
        return f"A user needs the right to {_RIGHTS[self.counted_as]} for it."

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
            is_versioned=getattr(self.document_class, "_version_name", None) is not None,
        )

    def taken(self, error: DuplicateKeyError) -> Exception:
        """Give the error for a value of a unique index that another document has already."""
        pattern = (error.details or {}).get("keyPattern")
        if self.copied_from is None or pattern != {"_id": 1}:
            return error
        name = self.document_class.__name__
        return InvalidUpdateException(
            f"{name} with _id {self.document_id!r} is in {self.collection.full_name} already, and "
            f"the object to be copied there comes from {self.copied_from}. Nothing was written. "
            f"Load the one that is there and change that, or remove it first.",
            document_class=name,
            document_id=self.document_id,
        )

    def lay(self) -> None:
        """Let its document be as of after it: from here on that is clean."""

    @property
    def is_laid(self) -> bool:
        """Whether `lay` has come about, of one that is plain."""
        return True

    def succeeded(self, result: Any) -> None:
        """
        Tell the document that the operation was applied. To be told so again does no harm.

        Args:
            result: What `execute` or `result_in_bulk` gave.
        """

    def failed(self, sent: bool, unknown: bool = False) -> None:
        """
        Tell the document that the operation was not applied for certain, once.

        Args:
            sent: Whether it may have reached the server.
            unknown: Whether the server may have applied it.

        Raises:
            BaseException: What a signal handler raises; the document has not heard of it then.
        """
        if self.document is None:
            self.is_over = True
            return
        if self.is_over:
            return
        with self._memento(self.document):
            self._take_back(sent, unknown)
            if self.undo is not None:
                self.undo.take_back()
            self.is_over = True

    def _memento(self, document: Document) -> Memento:
        """Keep what the outcome may change."""
        layers = layers_of(document) if self.layer is None else self.layer.and_above()
        return Memento(document, layers, self.undo)

    def _take_back(self, sent: bool, unknown: bool) -> None:
        """Let the document be dirty again in what the operation was to store."""


def encoded(document: Mapping[str, Any], collection: Collection[Any]) -> Encoded:
    """Encode now what is sent later, so that no later change reaches it."""
    options = collection.codec_options
    return Encoded(bson.encode(document, codec_options=options), options)


def reply_of(result: Any) -> Reply | None:
    """Give the server's reply as a dict, without what is of use to the driver only."""
    if not result.acknowledged:
        return None
    raw = result.raw_result
    return {name: raw[name] for name in ("ok", "n", "nModified", "upserted") if name in raw}
