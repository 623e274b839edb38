"""What one outcome is about: the open blocks of a session, or its interactive transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.errors import PyMongoError

from ommongo._persistence.callbacks import Callbacks
from ommongo._persistence.identity_map import IdentityMap
from ommongo._persistence.loader import Loader
from ommongo._persistence.notes import add_note
from ommongo._persistence.transactions import ServerTransaction, about_outcome, is_committed
from ommongo._persistence.unit_of_work import UnitOfWork
from ommongo.exceptions import TransactionException

__all__ = ["Scope"]


class Scope:
    """
    What a session has open, and what waits for its outcome.

    Args:
        unit_of_work: The pending writes of the session.
        identity_map: The objects that the session holds.
        loader: What makes objects of what is read.

    Attributes:
        blocks: The ids of the open blocks, the innermost last.
        transaction: The interactive transaction that is open, if one is.
        callbacks: What is called once the outcome is known.
    """

    def __init__(self, unit_of_work: UnitOfWork, identity_map: IdentityMap, loader: Loader) -> None:
        self.blocks: list[int] = []
        self.transaction: ServerTransaction | None = None
        self.callbacks = Callbacks()
        self._unit_of_work = unit_of_work
        self._identity_map = identity_map
        self._loader = loader

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
        transaction = self.transaction = ServerTransaction(client_session)
        self._loader.reads = transaction.reads
        try:
            yield transaction
        except BaseException as error:
            if client_session.in_transaction:
                client_session.abort_transaction()
            self._fail(transaction, error)
            raise
        finally:
            self.transaction = self._loader.reads = None
        self._unit_of_work.release(transaction.journal)
        self.callbacks.run(True)

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

    def _fail(self, transaction: ServerTransaction, error: BaseException) -> None:
        """Let everything that a failed transaction wrote be dirty again."""
        self.blocks.clear()
        self.transaction = None
        noted = transaction.noted
        committed = is_committed(error) if transaction.committing else False
        if committed:
            self._unit_of_work.release(transaction.journal)
            self._identity_map.clear()
        else:
            self._unit_of_work.roll_back(transaction, unknown=committed is None)
        if isinstance(error, PyMongoError) and error is not noted:
            add_note(error, about_outcome(error, committed))
        self.callbacks.run(committed, error)
