"""Blocks and transactions: what happens together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from pymongo import ReadPreference, WriteConcern
from pymongo.client_session import ClientSession
from pymongo.read_concern import ReadConcern

from ommongo._persistence.transactions import (
    ServerTransaction,
    commit,
    has_transactions,
    is_in_doubt,
    require_transactions,
    transaction_concern,
)
from ommongo.exceptions import TransactionException
from ommongo.session._writing import Writing

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Blocks"]

T = TypeVar("T")


class Blocks(Writing):
    """The methods of a session that open and close blocks."""

    def begin_trans(self) -> Self:
        """
        Open a block: what follows is queued until it ends.

        Returns:
            This session.
        """
        self.transactions.append(next(self._transaction_ids))
        return self

    def end_trans(self, exc_type: Any = None, exc_val: Any = None, exc_tb: Any = None) -> bool:
        """
        Leave the innermost block: flush after the outermost one, drop its operations on an error.

        Args:
            exc_type: The class of the exception that left the block, if one did.
            exc_val: That exception.
            exc_tb: Its traceback.

        Returns:
            ``False``: an exception is never swallowed.

        Raises:
            TransactionException: No block is open.
            pymongo.errors.PyMongoError: As `flush`.
        """
        if not self.transactions:
            raise TransactionException(
                "end_trans() without begin_trans(): no block is open. Use 'with session:'."
            )
        if exc_type is not None:
            self.clear_queue(self.transactions[-1])
        self.transactions.pop()
        if not self.transactions:
            self._end_block(failed=exc_type is not None)
        return False

    def _end_block(self, failed: bool) -> None:
        """Flush what the outermost block has queued, unless it failed, and end the session."""
        try:
            if not failed and self.queue:
                self._send(atomic=self._is_atomic())
        except BaseException:
            failed = True
            raise
        finally:
            self.cache.clear()
            if self._transaction is None:
                self._run_callbacks(committed=not failed)

    def _is_atomic(self) -> bool:
        """Whether the flush at the end of a block is a server transaction of its own."""
        if self._transaction is not None:
            return False
        if self.atomic:
            require_transactions(self.db.client, "A block of a session with atomic=True")
            return True
        return self.atomic is None and has_transactions(self.db.client)

    def __enter__(self) -> Self:
        return self.begin_trans()

    def __exit__(self, exc_type: Any, exc_val: Any, exc_tb: Any) -> bool:
        return self.end_trans(exc_type, exc_val, exc_tb)

    def end(self) -> None:
        """
        End the session: flush pending operations and empty the identity map. It can be used again.

        Raises:
            TransactionException: A block is open.
            pymongo.errors.PyMongoError: As `flush`.
        """
        if self.transactions:
            raise TransactionException(
                "end() inside a 'with session:' block. Leave the block; it flushes and ends the "
                "session itself."
            )
        self.flush()
        self.cache.clear()

    # -- interactive transactions ---------------------------------------------------------------

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
                self._roll_back(transaction, in_doubt=is_in_doubt(error))
                raise
            finally:
                self._transaction = None
        self._run_callbacks(committed=True)

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
                self._roll_back(transaction, in_doubt=is_in_doubt(error))
                raise
            finally:
                self._transaction = None
        self._run_callbacks(committed=True)
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
        if transaction.doomed:
            raise TransactionException(
                "The transaction is rolled back: one inside it failed, and its exception was "
                "caught. Let the exception through, or do without the inner transaction."
            )
        self.flush()

    def _begin_again(self, transaction: ServerTransaction) -> None:
        """Put back what a try that failed has changed."""
        self._unit_of_work.roll_back(transaction, take_back_ids=True)
        self._callbacks.clear()

    def _roll_back(self, transaction: ServerTransaction, in_doubt: bool) -> None:
        """Let everything that a failed transaction wrote be dirty again."""
        self.transactions.clear()
        self._unit_of_work.roll_back(transaction, unknown=in_doubt)
        self._transaction = None
        self._run_callbacks(committed=False)

    # -- callbacks ------------------------------------------------------------------------------

    def after_commit(self, callback: Callable[[], Any]) -> None:
        """
        Have a function called once the open block or transaction is stored.

        Args:
            callback: The function; it is called once, never for a try that is repeated.

        Raises:
            TransactionException: No block and no transaction is open.
        """
        self._add_callback(True, callback)

    def after_rollback(self, callback: Callable[[], Any]) -> None:
        """
        Have a function called once the open block or transaction has failed.

        Args:
            callback: The function; it is called once, never for a try that is repeated.

        Raises:
            TransactionException: No block and no transaction is open.
        """
        self._add_callback(False, callback)

    def _add_callback(self, committed: bool, callback: Callable[[], Any]) -> None:
        if self._transaction is None and not self.transactions:
            raise TransactionException(
                "Nothing is open that could be committed or rolled back. Call this inside a "
                "'with session:' block or a transaction."
            )
        self._callbacks.append((committed, callback))

    def _run_callbacks(self, committed: bool) -> None:
        """Call what waits for this outcome, each once; then raise what the first one raised."""
        callbacks, self._callbacks = self._callbacks, []
        first: BaseException | None = None
        for wanted, callback in callbacks:
            if wanted is committed:
                try:
                    callback()
                except Exception as error:  # the others are to be called all the same
                    first = first or error
        if first is not None:
            raise first
