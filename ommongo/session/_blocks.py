"""Blocks: what is queued together, and what is called when its outcome is known."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ommongo.exceptions import TransactionException
from ommongo.session._base import SessionBase

if TYPE_CHECKING:
    from typing_extensions import Self

    from ommongo.ops import Operation

__all__ = ["Blocks"]


class Blocks(SessionBase):
    """The methods of a session that open and close blocks."""

    def begin_trans(self) -> Self:
        """
        Open a block: what follows is queued until it ends. ``with session:`` calls this.

        Returns:
            This session.

        Example:
            >>> with session:
            ...     session.add(User(name="Ken"))
            ...     session.add(User(name="Edsger"))
        """
        self._turn.check()
        block = next(self._transaction_ids)
        try:
            self.transactions.open(block, sys._getframe(1))
            return self
        except BaseException:
            self.transactions.close(block)
            raise

    def end_trans(self, exc_type: Any = None, exc_val: Any = None, exc_tb: Any = None) -> bool:
        """
        Leave the innermost block: flush after the outermost one, drop its operations on an error.

        The end of a ``with session:`` block calls this. The flush is one server transaction where
        the server has them and ``atomic`` is not ``False``.

        Args:
            exc_type: The class of the exception that left the block, if one did.
            exc_val: That exception.
            exc_tb: Its traceback.

        Returns:
            ``False``: an exception is never swallowed.

        Raises:
            SessionThreadError: Another thread is inside the session, or the block.
            TransactionException: No block is open, or the server has no transactions and
                ``atomic`` is ``True``.
            pymongo.errors.PyMongoError: As `flush`.

        Example:
            >>> _ = session.begin_trans()
            >>> session.add(User(name="Ken"))
            >>> session.end_trans()
            False

        MongoDB manual:
            https://www.mongodb.com/docs/manual/core/transactions/
        """
        self._scope.leave(sys._getframe(1), (exc_type, exc_val), self._flush_block)
        return False

    def _flush_block(self, chosen: Callable[[Operation], bool] | None) -> None:
        """Flush at the end of a block: what is pending, or chosen of it."""
        transaction = self._scope.transaction
        self._unit_of_work.flush(None, self._is_atomic, transaction, False, chosen)

    def _is_atomic(self) -> bool:
        """Whether the flush at the end of a block is a server transaction of its own."""
        # With the first flush, and not with the library.
        from ommongo._persistence.transactions import has_transactions, require_transactions

        if self.atomic:
            require_transactions(self.db.client, "A block of a session with atomic=True")
            return True
        return self.atomic is None and has_transactions(self.db.client)

    def __enter__(self) -> Self:
        before = {*self.transactions}
        try:
            return self.begin_trans()
        except BaseException:
            for block in {*self.transactions} - before:
                self.transactions.close(block)  # no end of a 'with' is going to
            raise

    def __exit__(self, exc_type: Any, exc_val: Any, exc_tb: Any) -> bool:
        return self.end_trans(exc_type, exc_val, exc_tb)

    def end(self) -> None:
        """
        End the session: flush pending operations and empty the identity map. It can be used again.

        Raises:
            TransactionException: A block is open.
            pymongo.errors.PyMongoError: As `flush`.

        Example:
            >>> session.add(User(name="Ken"))
            >>> session.end()
            >>> session.queue
            []
        """
        self._turn.check()
        if self.transactions:
            raise TransactionException(
                "end() inside a 'with session:' block. Leave the block; it flushes and ends the "
                "session itself."
            )
        self.flush()
        self.cache.clear()

    def commit(self) -> None:
        """
        Store everything that is pending, all of it or none, as the end of a block does.

        It is one server transaction where the server has them and ``atomic`` is not ``False``; else
        operations go in order up to the first error. An error of the server is always raised. The
        identity map stays as it is.

        Raises:
            TransactionException: A block or a transaction is open, whose end does this; or the
                server has no transactions and ``atomic`` is ``True``.
            pymongo.errors.PyMongoError: As `flush`.

        Example:
            >>> session.add(User(name="Ken"))
            >>> session.commit()
            >>> session.queue
            []

        MongoDB manual:
            https://www.mongodb.com/docs/manual/core/transactions/
        """
        self._refuse_inside(
            "commit()",
            self.in_transaction,
            "Its end stores what is queued; flush() sends it before.",
        )
        chosen = None if self.transactions.are_nested else self.transactions.is_own
        with self._turn.taken():
            self._unit_of_work.flush(True, self._is_atomic, None, False, chosen)

    def rollback(self) -> None:
        """
        Drop everything that is pending; nothing of it is stored.

        The documents are dirty again and leave the identity map. Their fields keep their values:
        `reload` loads what is stored. What was sent already (by `save`, `flush`, `commit`) stays.

        Raises:
            TransactionException: A block or a transaction is open, which an exception rolls back.

        Example:
            >>> session.add(User(name="Ken"))
            >>> session.rollback()
            >>> session.query(User).filter(User.name == "Ken").count()
            0
        """
        self._refuse_inside(
            "rollback()",
            bool(self.transactions),
            "To roll it back, raise an exception; it drops what the block has queued.",
        )
        self.clear_queue()

    def _refuse_inside(self, method: str, is_in_block: bool, instead: str) -> None:
        """Refuse to end what has an end of its own."""
        self._turn.check()
        if self._scope.transaction is not None:
            raise TransactionException(
                f"{method} inside an open transaction. Leave it: its end commits, and an exception "
                f"rolls it back."
            )
        if is_in_block:
            raise TransactionException(f"{method} inside a 'with session:' block. {instead}")

    # -- callbacks ------------------------------------------------------------------------------

    def after_commit(self, callback: Callable[[], Any]) -> None:
        """
        Have a function called once the outermost open block or transaction is stored.

        Args:
            callback: The function; it is called once, never for a try that is repeated, and not
                when an inner block that it was given in fails.

        Raises:
            TransactionException: No block and no transaction is open.
            TypeError: It is a generator or coroutine function, of which a call does nothing.

        Example:
            >>> with session:
            ...     session.add(User(name="Ken"))
            ...     session.after_commit(lambda: print("welcome"))
            welcome
        """
        self._add_callback(True, callback)

    def after_rollback(self, callback: Callable[[], Any]) -> None:
        """
        Have a function called once it is known that the open block or transaction is not stored.

        It is not called when a connection that was lost leaves that open.

        Args:
            callback: The function; it is called once, never for a try that is repeated.

        Raises:
            TransactionException: No block and no transaction is open.
            TypeError: It is a generator or coroutine function, of which a call does nothing.

        Example:
            >>> try:
            ...     with session:
            ...         session.after_rollback(lambda: print("nothing was stored"))
            ...         raise ValueError("changed my mind")
            ... except ValueError:
            ...     pass
            nothing was stored
        """
        self._add_callback(False, callback)

    def _add_callback(self, committed: bool, callback: Callable[[], Any]) -> None:
        from ommongo._persistence.unfinished import check_function  # few programs have callbacks

        check_function(callback, "after_commit()" if committed else "after_rollback()")
        self._turn.check()
        if self._scope.transaction is None and not self.transactions:
            raise TransactionException(
                "Nothing is open that could be committed or rolled back. Call this inside a "
                "'with session:' block or a transaction."
            )
        self._scope.callbacks.add(committed, self.transactions.entered(), callback)
