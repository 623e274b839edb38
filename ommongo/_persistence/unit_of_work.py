"""The queue of writes: what is pending, how it is sent, what a failure leaves."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from functools import cache, partial
from importlib import import_module
from threading import get_ident
from typing import TYPE_CHECKING, Any

from pymongo.database import Database
from pymongo.errors import OperationFailure, WriteConcernError

from ommongo import _tracking
from ommongo._notes import add_note
from ommongo._persistence.blocks import OpenBlocks
from ommongo._persistence.causality import Causality
from ommongo._persistence.identity_map import IdentityMap
from ommongo._persistence.index_builder import IndexBuilder
from ommongo._persistence.queue import Queue
from ommongo._persistence.striking import to_the_end
from ommongo._persistence.turn import Turn
from ommongo.document import Document

if TYPE_CHECKING:
    from ommongo._persistence.flush import Flush
    from ommongo._persistence.report import FlushReport
    from ommongo._persistence.transactions import ServerTransaction
    from ommongo.ops import Operation

__all__ = ["UnitOfWork"]

log = logging.getLogger("ommongo")

_ALL = slice(None)


@cache
def _sending() -> tuple[type[Flush], type[FlushReport], Callable[[BaseException], str]]:
    """
    Import what a flush needs with the first one, and not with the library.

    No other module is imported once the queue is emptied: who presses Ctrl-C then would lose it.
    """
    import_module("ommongo.query_expression.field")  # which finds the fields of an index
    from ommongo._persistence.flush import Flush
    from ommongo._persistence.redaction import redacted
    from ommongo._persistence.report import FlushReport

    return Flush, FlushReport, redacted


class UnitOfWork:
    """
    The pending writes of a session.

    Args:
        database: The session's database.
        identity_map: The objects that the session holds.
        causality: What orders its commands outside of transactions.
        turn: Which thread's turn it is in the session.
        safe: The session's setting: whether an error of the server is raised.
        auto_ensure: Whether indexes are ensured before the writes of a class.

    Attributes:
        queue: The pending operations, in the order in which they were asked for.
        safe: As given; it can be set.
        auto_ensure: As given; it can be set.
    """

    def __init__(
        self,
        database: Database[Any],
        identity_map: IdentityMap,
        causality: Causality,
        turn: Turn,
        safe: bool,
        auto_ensure: bool,
    ) -> None:
        self.queue = Queue()
        self._report: FlushReport | None = None
        self._database = database
        self._identity_map = identity_map
        self._causality = causality
        self._turn = turn
        self.safe = safe
        self.auto_ensure = auto_ensure

    @property
    def report(self) -> FlushReport:
        """What the last flush did."""
        if self._report is None:
            _, report_class, _ = _sending()
            self._report = report_class()
        return self._report

    def add(self, operation: Operation, blocks: OpenBlocks) -> None:
        """
        Queue an operation, and let its document be as of after it: both, or neither.

        Args:
            operation: The operation.
            blocks: The blocks that are open.

        Raises:
            SessionThreadError: Another thread is inside the session.
        """
        turn, me = self._turn, get_ident()  # as `take`, which would be a call more
        before = turn.thread
        if (before or me) != me or (turn.home or me) != me:
            before = turn.check()
        memento = None
        try:
            turn.thread = me
            if blocks:
                # As `entered` does, which would be a call more for each operation.
                operation.transactions = tuple(blocks) if blocks.are_nested else blocks.entered()
            document = None if operation.is_plain else operation.document
            memento = None if document is None else _tracking.Memento(document)
            self.queue.append(operation)  # first: what is pending is not lost
            operation.lay()
        except BaseException:
            if memento is not None:
                memento.restore()
            if memento is not None or not operation.is_laid:
                self.withdraw(operation)
            raise
        finally:
            turn.thread = before

    def withdraw(self, operation: Operation) -> None:
        """Take an operation out of the queue that its document does not know of."""
        self.queue[:] = [queued for queued in self.queue if queued is not operation]

    def drop_all(self) -> None:
        """Drop the pending operations; their documents are dirty again."""
        self._drop(lambda: [*self.queue], self.queue.clear)

    def drop_since(self, block: int, everywhere: bool = False) -> None:
        """
        Drop the operations that were queued in a block.

        Args:
            block: The id of the block, which is open.
            everywhere: Whether they may stand between those of others.
        """
        queue = self.queue
        self._drop(
            partial(queue.since, block, everywhere), partial(queue.take_since, block, everywhere)
        )

    def drop_of(self, document: Document) -> None:
        """
        Drop the operations of a document.

        Args:
            document: The document.
        """
        self._drop(partial(self.queue.of, document), partial(self.queue.take_of, document))

    def _drop(self, find: Callable[[], list[Operation]], take: Callable[[], object]) -> None:
        """Let documents of operations be dirty again, and take these out of the queue then."""

        def drop() -> None:
            for operation in reversed(find()):  # so that each finds its document as it left it
                self._undo(operation, sent=False)
            take()

        to_the_end(drop)

    def flush(
        self,
        safe: bool | None = None,
        is_atomic: Callable[[], bool] = lambda: False,
        transaction: ServerTransaction | None = None,
        wants_result: bool = True,
        chosen: Callable[[Operation], bool] | None = None,
    ) -> Any:
        """
        Send every pending operation, in order.

        Args:
            safe: Whether errors of the server are raised, over what each operation says.
            is_atomic: Tells whether to send them in one server transaction.
            transaction: The interactive transaction that is open, if one is.
            wants_result: Whether the last operation's own result is wanted. Where it is the
                server's reply, the operation then needs a call of its own.
            chosen: Tells which operations to send; all when left out.

        Returns:
            The last operation's own result, if it is wanted; ``None`` for an empty queue.

        Raises:
            pymongo.errors.PyMongoError: The driver's own error, with a note on what was applied.
            StaleDocumentException: A document to update is not there.
        """
        # Before the queue is emptied: a Ctrl-C during the import must not lose what is pending.
        flush_class, *_ = _sending()
        operations = [one for one in self.queue if chosen is None or chosen(one)]
        rest = [] if chosen is None else [one for one in self.queue if not chosen(one)]
        if not operations:
            self._report = None
            return None
        flush = flush_class(operations, safe, self.safe, wants_result)
        flush.in_transaction = transaction is not None
        # Whatever strikes at any line below, and there once more: every operation hears of it.
        try:
            try:
                self.queue.lookup = None
                list.__setitem__(self.queue, _ALL, rest)  # that of a queue would be calls more
                self._perform(flush, is_atomic, transaction)
                self._conclude(flush, transaction)
            except BaseException as stopped:
                flush.error = stopped
                self._conclude(flush, transaction)
                raise
        except BaseException as stopped:
            flush.error = flush.error or stopped
            to_the_end(self._conclude, flush, transaction)
            raise
        if flush.untold:
            flush.raise_untold(in_transaction=transaction is not None)
        return flush.result

    def _perform(
        self, flush: Flush, is_atomic: Callable[[], bool], transaction: ServerTransaction | None
    ) -> None:
        """Send the operations of a flush."""
        if transaction is not None:
            transaction.check_alive()
        atomic = transaction is None and is_atomic()
        flush.in_transaction = flush.in_transaction or atomic
        self._prepare(flush.operations, atomic, transaction)
        if atomic:
            self._send_atomically(flush)
        elif transaction is not None:
            begun = transaction.begun
            flush.send(transaction.client_session_in_use(), None, begun)
        else:
            flush.send(self._causality.client_session, self._forget)

    def _conclude(self, flush: Flush, transaction: ServerTransaction | None) -> None:
        """Let every operation of a flush hear what became of it; goes on where it was stopped."""
        if flush.error is not None:
            if transaction is not None and flush.server_calls:
                transaction.failure = transaction.noted = flush.error
            self._fail(flush.error, flush)
        self._report = flush.report(flush.in_transaction, flush.error)
        applied = flush.operations[: flush.position]
        if self._identity_map.size != 0:
            self._let_go_of_removed(applied)
        if transaction is not None:
            transaction.keep(applied)
            return
        for operation in applied:  # as `release` does, which would be a call more for each flush
            if operation.layer is not None:
                operation.layer.settle()

    def _send_atomically(self, flush: Flush) -> None:
        """Send a flush in a transaction, and tell its operations once that is committed."""
        from ommongo._persistence.transactions import run_atomically  # few flushes are atomic

        while True:
            try:
                with self._causality.of_transaction() as client_session:
                    run_atomically(client_session, self._database, flush.send_in_transaction)
            except OperationFailure:
                # A call that is refused as a whole goes operation by operation the next time, so
                # that the error is about the one to blame.
                if not flush.refused:
                    raise
            else:
                flush.is_committed = True
                flush.settle()
                return

    @staticmethod
    def release(operations: list[Operation]) -> None:
        """Let documents go of operations that were applied, and that nothing can undo any more."""
        for operation in operations:
            if operation.layer is not None:
                operation.layer.settle()

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
        to_the_end(self._roll_back, transaction, unknown, take_back_ids)

    def _roll_back(
        self, transaction: ServerTransaction, unknown: bool, take_back_ids: bool
    ) -> None:
        sent = set(map(id, transaction.journal))
        undone = [*reversed(self.queue), *reversed(transaction.journal)]
        for operation in undone:
            in_doubt = unknown and id(operation) in sent
            self._undo(operation, in_doubt, in_doubt)
        if take_back_ids:
            for operation in undone:
                operation.take_back_id()
        self.queue.clear()
        transaction.reads.expire()
        transaction.begin()
        self._identity_map.clear()

    def _prepare(
        self, operations: list[Operation], atomic: bool, transaction: ServerTransaction | None
    ) -> None:
        """Ensure indexes, and before a transaction the collections, while that can be done."""
        begun = transaction is not None and transaction.begun
        in_transaction = atomic or transaction is not None
        seen: set[tuple[Any, str]] = set()
        cls = collection = None
        for operation in operations:
            if operation.document_class is cls and operation.collection is collection:
                continue  # as the one before, as a rule
            cls, collection = operation.document_class, operation.collection
            if (cls, collection.full_name) in seen:
                continue
            seen.add((cls, collection.full_name))
            builder = IndexBuilder(collection, cls, is_patient=in_transaction)
            if in_transaction and not begun:
                builder.ensure_collection()
            if self.auto_ensure:
                builder.ensure_once(in_transaction=begun)

    def _fail(self, error: BaseException, flush: Flush) -> None:
        """Let everything that was not applied for certain be dirty again, and say so."""
        if flush.in_transaction:
            flush.roll_back(error)
        flush.settle()
        # The last first, so that each finds its document as it left it.
        for place in range(len(flush.operations) - 1, flush.position - 1, -1):
            unknown = place < flush.position + flush.unknown
            # What a transaction has sent that is rolled back for certain is as if it were not.
            sent = unknown or (place == flush.position and not flush.in_transaction)
            self._undo(flush.operations[place], sent, unknown)
        for operation in reversed(flush.passed_over()):
            self._undo(operation, sent=True)
        # Struck before these were taken out, it may hold them still.
        self.queue[:] = [operation for operation in self.queue if not operation.is_over]
        self._identity_map.clear()
        if flush.is_noted:
            return
        flush.is_noted = True
        add_note(error, flush.note(error, flush.in_transaction))
        for operation, untold in flush.untold:
            what = f"{type(untold).__name__}: {untold}"
            add_note(error, f"The {operation.describe()} is stored, and its object raised {what}")

    def _forget(self, operations: list[Operation], error: BaseException, in_doubt: bool) -> None:
        """Log what unsafe operations ran into, and go on behind them."""
        applied = isinstance(error, WriteConcernError)
        what = "is applied but not confirmed" if applied else "failed"
        if in_doubt:
            what = "has an unknown outcome"
        more = f" (like {len(operations) - 1} before it)" if len(operations) > 1 else ""
        # The server's own words hold values of documents, and a record's arguments are kept too.
        _, _, redacted = _sending()
        why = str(error) if log.isEnabledFor(logging.DEBUG) else redacted(error)
        log.error("The unsafe %s %s%s: %s", operations[-1].describe(), what, more, why)
        for operation in reversed(operations):
            if not applied:
                self._undo(operation, sent=True, unknown=in_doubt)
            elif operation.document is not None:
                self.let_go(operation)

    def _undo(self, operation: Operation, sent: bool, unknown: bool = False) -> None:
        """Make an operation's document dirty again, and let the identity map forget it."""
        operation.failed(sent, unknown)
        # What a removal by condition may have removed is let go behind it: see below.
        if operation.document is not None:
            self.let_go(operation)

    def let_go(self, operation: Operation, but: Collection[int] = ()) -> None:
        """
        Let the identity map forget what an operation writes.

        Args:
            operation: The operation.
            but: The `id` of objects that stay.
        """
        collection = operation.collection
        place = collection.database.name, collection.name
        if operation.removes_many:
            self._identity_map.drop_collection(
                *place, lambda one, key: id(one) not in but and operation.may_remove(one, key)
            )
        elif operation.document is not None:
            key = IdentityMap.key(*place, operation.document_id)
            if not but or id(self._identity_map.read(key)) not in but:
                self._identity_map.drop(key)

    def _let_go_of_removed(self, operations: list[Operation]) -> None:
        """Let the identity map forget what was removed, and may have been loaded again since."""
        written: set[int] = set()  # behind the removal
        for operation in reversed(operations):
            if operation.counted_as == "removed":
                self.let_go(operation, but=written)
            else:
                written.add(id(operation.document))
