"""Interactive transactions: what is read and written together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from pymongo import ReadPreference, WriteConcern
from pymongo.client_session import ClientSession
from pymongo.read_concern import ReadConcern

from ommongo.exceptions import TransactionException
from ommongo.session._base import SessionBase

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Transactions"]

T = TypeVar("T")


class Transactions(SessionBase):
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
        # In these functions, and not with the library: few programs have transactions.
        from ommongo._persistence.transactions import commit, transaction_concern

        self._turn.check()
        outer = self._scope.transaction
        if outer is not None:
            with self._scope.joined(outer):
                yield self
            return
        self._check_can_begin("session.transaction()")
        with self._causality.of_transaction() as client_session:
            client_session.start_transaction(
                read_concern=read_concern,
                write_concern=write_concern or transaction_concern(self.db),
                read_preference=read_preference or ReadPreference.PRIMARY,
                max_commit_time_ms=max_commit_time_ms,
            )
            with self._scope.opened(client_session) as transaction:
                yield self
                self._scope.finish(transaction, self.flush)
                commit(client_session)

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
            TypeError: The function is a generator or coroutine function, or returned an iterator,
                which would go on when the transaction is over. Nothing is stored then.
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
        from ommongo._persistence.transactions import transaction_concern
        from ommongo._persistence.unfinished import check_function, check_result

        outer, name = self._scope.transaction, "session.run_in_transaction()"
        check_function(callback, name)
        self._turn.check()
        if outer is not None:
            with self._scope.joined(outer):
                result = callback(self)
                check_result(result, name)
                return result
        self._check_can_begin(name)
        options["write_concern"] = options.get("write_concern") or transaction_concern(self.db)
        options["read_preference"] = options.get("read_preference") or ReadPreference.PRIMARY
        with (
            self._causality.of_transaction() as client_session,
            self._scope.opened(client_session) as transaction,
        ):

            def attempt(_: ClientSession) -> T:
                self._scope.begin_again(transaction)
                returned = callback(self)
                check_result(returned, name)
                self._scope.finish(transaction, self.flush)
                return returned

            done: T = client_session.with_transaction(attempt, **options)
        return done

    def _check_can_begin(self, what: str) -> None:
        if self.transactions:
            raise TransactionException(
                f"{what} inside a 'with session:' block, whose writes are queued until its end. "
                f"Open the transaction first, and the block inside it."
            )
        from ommongo._persistence.transactions import require_transactions

        require_transactions(self.db.client, what)
        self.flush()
