"""The queue of writes: what is pending, how it is sent, what a failure leaves."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from pymongo.database import Database

from ommongo._persistence.flush import Flush
from ommongo._persistence.identity_map import IdentityMap
from ommongo._persistence.index_builder import IndexBuilder
from ommongo._persistence.notes import add_note
from ommongo._persistence.report import FlushReport
from ommongo._persistence.transactions import ServerTransaction, run_atomically
from ommongo.ops import ClearCollectionOp, Operation

__all__ = ["UnitOfWork"]

log = logging.getLogger("ommongo")


class UnitOfWork:
    """
    The pending writes of a session.

    Args:
        database: The session's database.
        identity_map: The objects that the session holds.
        safe: The session's setting: whether an error of the server is raised.
        auto_ensure: Whether indexes are ensured before the writes of a class.

    Attributes:
        queue: The pending operations, in the order in which they were asked for.
        report: What the last flush did.
    """

    def __init__(
        self, database: Database[Any], identity_map: IdentityMap, safe: bool, auto_ensure: bool
    ) -> None:
        self.queue: list[Operation] = []
        self.report = FlushReport()
        self._database = database
        self._identity_map = identity_map
        self._safe = safe
        self._auto_ensure = auto_ensure

    def add(self, operation: Operation, transactions: tuple[Any, ...]) -> None:
        """
        Queue an operation.

        Args:
            operation: The operation.
            transactions: The ids of the blocks that are open.
        """
        operation.transactions = transactions
        self.queue.append(operation)

    def drop(self, chosen: Callable[[Operation], bool]) -> None:
        """
        Drop pending operations; their documents are dirty again.

        Args:
            chosen: Tells which.
        """
        dropped = [operation for operation in self.queue if chosen(operation)]
        self.queue[:] = [operation for operation in self.queue if not chosen(operation)]
        # The last first, so that each finds its document as it left it.
        for operation in reversed(dropped):
            self._undo(operation, sent=False)

    def flush(
        self,
        safe: bool | None = None,
        atomic: bool = False,
        transaction: ServerTransaction | None = None,
    ) -> Any:
        """
        Send every pending operation, in order.

        Args:
            safe: Whether errors of the server are raised, over what each operation says.
            atomic: Whether to send them in one server transaction.
            transaction: The interactive transaction that is open, if one is.

        Returns:
            The last operation's own result; ``None`` for an empty queue.

        Raises:
            pymongo.errors.PyMongoError: The driver's own error, with a note on what was applied.
            StaleDocumentException: A document to update is not there.
        """
        operations, self.queue[:] = list(self.queue), []
        if not operations:
            self.report = FlushReport()
            return None
        must_be_safe = atomic or transaction is not None
        flush = Flush(operations, lambda op: must_be_safe or self._is_safe(op, safe))
        error: BaseException | None = None
        try:
            self._prepare(operations, atomic, transaction)
            if atomic:
                run_atomically(self._database, flush.send_in_transaction)
                flush.settle()
            else:
                forget = None if must_be_safe else self._forget
                in_use = None if transaction is None else transaction.client_session_in_use()
                flush.send(in_use, forget)
        except BaseException as stopped:
            error = stopped
            self._fail(stopped, flush, atomic)
            raise
        finally:
            self.report = flush.report(atomic, error)
            if transaction is not None:
                transaction.journal.extend(operations[: flush.position])
        return flush.result

    def roll_back(
        self, transaction: ServerTransaction, unknown: bool = False, take_back_ids: bool = False
    ) -> None:
        """
        Let everything that was sent in a transaction, or is pending in it, be dirty again.

        Args:
            transaction: The transaction.
            unknown: Whether it may have been committed all the same.
            take_back_ids: Whether documents lose the ``_id`` that the session gave them.
        """
        pending, self.queue[:] = list(self.queue), []
        undone = [*reversed(pending), *reversed(transaction.journal)]
        sent = set(map(id, transaction.journal))
        for operation in undone:
            self._undo(operation, id(operation) in sent, unknown and id(operation) in sent)
        if take_back_ids:
            for operation in undone:
                operation.take_back_id()
        transaction.journal.clear()
        transaction.begun = False
        transaction.doomed = False
        self._identity_map.clear()

    def _is_safe(self, operation: Operation, safe: bool | None) -> bool:
        return next(s for s in (safe, operation.safe, self._safe) if s is not None)

    def _prepare(
        self, operations: list[Operation], atomic: bool, transaction: ServerTransaction | None
    ) -> None:
        """Ensure indexes, and before a transaction the collections, while that can be done."""
        begun = transaction is not None and transaction.begun
        seen: set[tuple[Any, str]] = set()
        for operation in operations:
            cls, collection = operation.document_class, operation.collection
            if (cls, collection.full_name) in seen:
                continue
            seen.add((cls, collection.full_name))
            builder = IndexBuilder(collection, cls)
            if atomic or (transaction is not None and not begun):
                builder.ensure_collection()
            if self._auto_ensure:
                builder.ensure_once(in_transaction=begun)

    def _fail(self, error: BaseException, flush: Flush, atomic: bool) -> None:
        """Let everything that was not applied for certain be dirty again, and say so."""
        if atomic:
            flush.roll_back(error)
        flush.settle()
        # The last first, so that each finds its document as it left it.
        for place in range(len(flush.operations) - 1, flush.position - 1, -1):
            unknown = place < flush.position + flush.unknown
            sent = unknown or place == flush.position or atomic
            self._undo(flush.operations[place], sent, unknown)
        self._identity_map.clear()
        add_note(error, flush.note(error, atomic))

    def _forget(self, operation: Operation, error: BaseException) -> None:
        """Log what an unsafe operation ran into, and go on behind it."""
        log.error("The unsafe %s failed: %s", operation.describe(), error)
        self._undo(operation, sent=True)

    def _undo(self, operation: Operation, sent: bool, unknown: bool = False) -> None:
        """Make an operation's document dirty again, and let the identity map forget it."""
        operation.failed(sent, unknown)
        collection = operation.collection
        database = collection.database.name
        if isinstance(operation, ClearCollectionOp):
            self._identity_map.drop_collection(database, collection.name)
        elif operation.document is not None:
            key = IdentityMap.key(database, collection.name, operation.document_id)
            self._identity_map.drop(key)
