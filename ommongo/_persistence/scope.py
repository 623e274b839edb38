"""What one outcome is about: the open blocks of a session, or its interactive transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import get_ident
from types import FrameType
from typing import TYPE_CHECKING, Any

from pymongo.client_session import ClientSession

from ommongo._notes import add_note
from ommongo._persistence.blocks import OpenBlocks
from ommongo._persistence.callbacks import Callbacks
from ommongo._persistence.identity_map import IdentityMap
from ommongo._persistence.loader import Loader
from ommongo._persistence.striking import to_the_end
from ommongo._persistence.turn import Turn, user_frame
from ommongo._persistence.unit_of_work import UnitOfWork
from ommongo.exceptions import TransactionException

if TYPE_CHECKING:
    from ommongo._persistence.transactions import ServerTransaction
    from ommongo.ops import Operation

__all__ = ["Scope"]


Chosen = Callable[["Operation"], bool]

_NO_BLOCK = (
    "end_trans() without begin_trans(): the code that calls it is inside no open block. Use "
    "'with session:', which ends the block that it has begun."
)


class Ending:
    """
    A block that ends.

    Args:
        block: Its id.
        is_last: Whether the running code is inside no block any more when it is closed.

    Attributes:
        failed: Whether what was queued in it is dropped.
        committed: Whether it is stored; ``None`` if nobody knows.
        error: What it ended with.
    """

    def __init__(self, block: int, is_last: bool) -> None:
        self.block = block
        self.is_last = is_last
        self.failed = False
        self.committed: bool | None = False
        self.error: BaseException | None = None


class Scope:
    """
    What a session has open, and what waits for its outcome.

    Args:
        unit_of_work: The pending writes of the session.
        identity_map: The objects that the session holds.
        loader: What makes objects of what is read.
        turn: Which thread's turn it is in the session.

    Attributes:
        blocks: The ids of the open blocks, the innermost last.
        transaction: The interactive transaction that is open, if one is.
        callbacks: What is called once the outcome is known.
    """

    def __init__(
        self, unit_of_work: UnitOfWork, identity_map: IdentityMap, loader: Loader, turn: Turn
    ) -> None:
        self.blocks = OpenBlocks(turn)
        self.transaction: ServerTransaction | None = None
        self.callbacks = Callbacks()
        self._unit_of_work = unit_of_work
        self._identity_map = identity_map
        self._loader = loader
        self._turn = turn

    @property
    def has_begun(self) -> bool:
        """Whether a command was sent in the open transaction, if there is one."""
        return self.transaction is not None and self.transaction.begun

    @contextmanager
    def opened(self, client_session: ClientSession) -> Iterator[ServerTransaction]:
        """
        Have a transaction open, and tell all who took part in it how it ended.

        Args:
            client_session: The driver's session that carries it.

        Yields:
            The transaction. It is committed by the caller, and rolled back on an error.
        """
        from ommongo._persistence.transactions import ServerTransaction  # few open one

        transaction = ServerTransaction(client_session)
        # Whatever strikes at any line below, and there once more: all hear how it ended.
        try:
            try:
                self.transaction, self._loader.reads = transaction, transaction.reads
                self._turn.open(transaction, user_frame())
                yield transaction
                transaction.committed = True
                self._close(transaction)
            except BaseException as error:
                transaction.end_by(error)
                self._close(transaction)
                raise
        except BaseException as error:
            transaction.end_by(error)
            to_the_end(self._close, transaction)
            raise

    @contextmanager
    def joined(self, outer: ServerTransaction) -> Iterator[None]:
        """
        Have an inner transaction doom the outer one when it fails.

        Args:
            outer: The transaction that is open.

        Raises:
            TransactionException: A block is open in it.
        """
        if self.blocks:
            raise TransactionException(
                "A transaction inside a 'with session:' block, whose writes are queued until its "
                "end. Open the block inside the transaction."
            )
        try:
            yield
        except BaseException:
            outer.doomed = True
            raise

    def begin_again(self, transaction: ServerTransaction) -> None:
        """
        Put back what a try that failed has changed.

        Args:
            transaction: The transaction, of which there is going to be another try.
        """
        self.blocks.clear()
        self._unit_of_work.roll_back(transaction, take_back_ids=True)
        self.callbacks.clear()

    def finish(self, transaction: ServerTransaction, flush: Callable[[], Any]) -> None:
        """
        Send what is still pending, and get ready to commit.

        Args:
            transaction: The transaction.
            flush: Sends what is pending.

        Raises:
            TransactionException: A write in it has failed, or a transaction inside it.
            pymongo.errors.PyMongoError: What is pending could not be sent.
        """
        transaction.check_alive()
        if transaction.doomed:
            raise TransactionException(
                "The transaction is rolled back: one inside it failed, and its exception was "
                "caught. Let the exception through, or do without the inner transaction."
            )
        if self._unit_of_work.queue:  # an empty flush would only wipe the report of the last one
            flush()
        transaction.committing = True

    def _close(self, transaction: ServerTransaction) -> None:
        """Tell all who took part in a transaction how it ended; goes on where it was stopped."""
        self.transaction = self._loader.reads = None
        self._turn.close(transaction)
        committed, error = transaction.committed, transaction.error
        if error is not None:
            self.blocks.clear()
            self._identity_map.clear()
        if committed:
            self._unit_of_work.release(transaction.journal)
        else:
            self._unit_of_work.roll_back(transaction, unknown=committed is None)
            transaction.abort()
        if error is not None and transaction.is_silent:
            from ommongo._persistence.transactions import about_outcome  # as in `opened`

            transaction.is_silent = False
            add_note(error, about_outcome(error, committed))
        self.callbacks.run(committed, error)

    # -- blocks -----------------------------------------------------------------------------------

    def leave(
        self,
        frame: FrameType,
        left_by: tuple[Any, Any],
        send: Callable[[Chosen | None], Any],
        ending: Ending | None = None,
    ) -> None:
        """
        End a block: send what is queued after the last one, or drop what was queued in it.

        Args:
            frame: The frame of what the end of the ``with`` calls.
            left_by: The class of the exception that left the block, and that exception.
            send: Sends what is pending, or chosen of it, in a transaction of its own.
            ending: For its own use.

        Raises:
            TransactionException: The running code is inside no block.
            pymongo.errors.PyMongoError: What is pending could not be sent.
            SessionThreadError: Another thread is inside the session, or the block.
        """
        turn, me = self._turn, get_ident()  # as `take`, in which a strike would come too early
        before = turn.thread
        if (before or me) != me or (turn.home or me) != me:
            before = turn.check()
        # Whatever strikes at any line, the block is closed afterwards.
        try:
            turn.thread = me
            ending = self._ending(frame)
            if ending is None:
                raise TransactionException(_NO_BLOCK)
            kind, error = left_by
            ending.failed = kind is not None
            ending.error = error if isinstance(error, BaseException) else None
            if not ending.failed and ending.is_last:
                self._send(ending, send)
            self._end(ending)
        except BaseException as stopped:
            ending = ending or self._ending(frame)
            if ending is not None:
                ending.error = ending.error or stopped
                ending.failed = ending.committed is not True
                to_the_end(self._end, ending)
            raise
        finally:
            turn.thread = before

    def _ending(self, frame: FrameType) -> Ending | None:
        """Give the block that ends, if the running code is inside one."""
        block = self.blocks.ended_by(frame)
        return None if block is None else Ending(block, {*self.blocks.entered()} <= {block})

    def _send(self, ending: Ending, send: Callable[[Chosen | None], Any]) -> None:
        """Send what is pending, and belongs to no block that is open beside the one that ends."""
        work, beside = self._unit_of_work, {*self.blocks} - {ending.block}
        if not work.queue:  # an empty flush would only wipe the report of the last one
            ending.committed = True
            return
        before = work.report
        try:
            send((lambda one: beside.isdisjoint(one.transactions)) if beside else None)
            ending.committed = True
        except BaseException:
            report = work.report
            if report is not before:
                rest = report.failed or report.not_attempted
                ending.committed = None if report.unknown else not rest
            raise

    def _end(self, ending: Ending) -> None:
        """Close a block, and tell all who wait for that; goes on where it was stopped."""
        if ending.failed:
            self._unit_of_work.drop_since(ending.block, not self.blocks.are_nested)
            if ending.committed is False:
                self.callbacks.fail(ending.block)
        self.blocks.close(ending.block)
        if ending.is_last:
            self._identity_map.clear()
            if self.transaction is None:
                self.callbacks.run(ending.committed, ending.error, self.blocks)
