"""Interactive transactions: what is read and written together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from pymongo import ReadPreference, WriteConcern
from pymongo.client_session import ClientSession
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern

from ommongo._persistence.notes import add_note
from ommongo._persistence.transactions import (
    ServerTransaction,
    about_outcome,
    commit,
    is_committed,
    require_transactions,
    transaction_concern,
)
from ommongo.exceptions import TransactionException
from ommongo.session._blocks import Blocks

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Transactions"]

T = TypeVar("T")


class Transactions(Blocks):
    """The methods of a session that open server transactions which cover reads."""

    @contextmanager
    def transaction(
        self,
        read_concern: ReadConcern | None = None,
        write_concern: WriteConcern | None = None,
        read_preference: Any = None,
        max_commit_time_ms: int | None = None,
    ) -> Iterator[Self]:
        """
        Open a server transaction that covers reads too.

        Inside, calls behave as outside a block (writes are sent at once, reads see them), all in
        the transaction. An exception rolls everything back. What was pending before is sent
        first, outside the transaction. Inside another transaction it joins that one, which then
        fails if this one does.

        Args:
            read_concern: How isolated reads are; the client's when left out.
            write_concern: When the commit counts as done; the database's (acknowledged) when left
                out.
            read_preference: Where reads go; servers take the primary only.
            max_commit_time_ms: For how many milliseconds the commit may run.

        Yields:
            This session.

        Raises:
            TransactionException: The server has no transactions, a ``with session:`` block is
                open, or a transaction inside this one failed.
            pymongo.errors.PyMongoError: As the calls inside, and the commit.

        Example:
            >>> with session.transaction():
            ...     ada = session.query(User).filter(User.name == "Ada").one()
            ...     ada.age += 1
            ...     session.save(ada)

        MongoDB manual:
            https://www.mongodb.com/docs/manual/core/transactions/
        """
        if self._transaction is not None:
            with self._joined(self._transaction):
                yield self
            return
        self._check_can_begin("session.transaction()")
        with self.db.client.start_session() as client_session:
            client_session.start_transaction(
                read_concern=read_concern,
                write_concern=write_concern or transaction_concern(self.db),
                read_preference=read_preference or ReadPreference.PRIMARY,
                max_commit_time_ms=max_commit_time_ms,
            )
            transaction = self._transaction = ServerTransaction(client_session)
            try:
                yield self
                self._finish(transaction)
                commit(client_session)
            except BaseException as error:
                if client_session.in_transaction:
                    client_session.abort_transaction()
                self._fail(transaction, error)
                raise
            finally:
                self._transaction = None
        self._unit_of_work.release(transaction.journal)
        self._run_callbacks(True)

    def run_in_transaction(self, callback: Callable[[Self], T], **options: Any) -> T:
        """
        Call a function in a server transaction, again when the driver's rules say so.

        Before each new try the queue, the identity map and what the documents know of the
        database are put back to what they were. Field values are not: the function loads or makes
        what it changes.

        Args:
            callback: The function; it is given this session.
            options: As for `transaction`.

        Returns:
            What the function returned in the try that was committed.

        Raises:
            TransactionException: As for `transaction`.
            Exception: What the function, or the commit, failed with.

        Example:
            >>> def birthday(session):
            ...     ada = session.query(User).filter(User.name == "Ada").one()
            ...     ada.age += 1
            ...     session.save(ada)
            >>> session.run_in_transaction(birthday)

        MongoDB manual:
            https://www.mongodb.com/docs/manual/core/transactions-in-applications/
        """
        if self._transaction is not None:
            with self._joined(self._transaction):
                return callback(self)
        self._check_can_begin("session.run_in_transaction()")
        options["write_concern"] = options.get("write_concern") or transaction_concern(self.db)
        options["read_preference"] = options.get("read_preference") or ReadPreference.PRIMARY
        with self.db.client.start_session() as client_session:
            transaction = self._transaction = ServerTransaction(client_session)

            def attempt(_: ClientSession) -> T:
                self._begin_again(transaction)
                result = callback(self)
                self._finish(transaction)
                return result

            try:
                result: T = client_session.with_transaction(attempt, **options)
            except BaseException as error:
                self._fail(transaction, error)
                raise
            finally:
                self._transaction = None
        self._unit_of_work.release(transaction.journal)
        self._run_callbacks(True)
        return result

    def _check_can_begin(self, what: str) -> None:
        if self.transactions:
            raise TransactionException(
                f"{what} inside a 'with session:' block, whose writes are queued until its end. "
                f"Open the transaction first, and the block inside it."
            )
        require_transactions(self.db.client, what)
        self.flush()

    @contextmanager
    def _joined(self, outer: ServerTransaction) -> Iterator[None]:
        """Let an inner transaction doom the outer one when it fails."""
        if self.transactions:
            raise TransactionException(
                "A transaction inside a 'with session:' block, whose writes are queued until its "
                "end. Open the block inside the transaction."
            )
        try:
            yield
        except BaseException:
            outer.doomed = True
            raise

    def _finish(self, transaction: ServerTransaction) -> None:
        """Send what is still pending, and refuse to commit a transaction that is doomed."""
        transaction.check_alive()
        if transaction.doomed:
            raise TransactionException(
                "The transaction is rolled back: one inside it failed, and its exception was "
                "caught. Let the exception through, or do without the inner transaction."
            )
        if self.queue:  # an empty flush would only wipe the report of the last one
            self.flush()
        transaction.committing = True

    def _begin_again(self, transaction: ServerTransaction) -> None:
        """Put back what a try that failed has changed."""
        self.transactions.clear()
        self._unit_of_work.roll_back(transaction, take_back_ids=True)
        self._callbacks.clear()

    def _fail(self, transaction: ServerTransaction, error: BaseException) -> None:
        """Let everything that a failed transaction wrote be dirty again."""
        self.transactions.clear()
        self._transaction = None
        failure = transaction.failure  # it has its note
        committed = is_committed(error) if transaction.committing else False
        if committed:
            self._unit_of_work.release(transaction.journal)
            self.cache.clear()
        else:
            self._unit_of_work.roll_back(transaction, unknown=committed is None)
        if isinstance(error, PyMongoError) and error is not failure:
            add_note(error, about_outcome(error, committed))
        self._run_callbacks(committed)
