"""Server transactions: whether the server has them, and a flush in one."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pymongo import MongoClient, ReadPreference, WriteConcern
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import (
    ConfigurationError,
    InvalidOperation,
    OperationFailure,
    PyMongoError,
    WriteConcernError,
)

from ommongo._persistence.reads import Reads
from ommongo.exceptions import TransactionException
from ommongo.util import UNSET

if TYPE_CHECKING:
    from ommongo.ops import Operation

__all__ = [
    "ServerTransaction",
    "about_outcome",
    "commit",
    "has_transactions",
    "is_committed",
    "require_transactions",
    "run_atomically",
    "transaction_concern",
]

_COMMIT_SECONDS = 120
"""For how many seconds a commit is repeated whose outcome is not known, as drivers do."""

_MAX_TIME_EXPIRED = 50

_WAYS_OUT = (
    "Make it smaller, raise the server's transactionLifetimeLimitSeconds, or use a block of "
    "Session(..., atomic=False), of which a part may be stored when it fails."
)

_KNOWN = {
    112: f"it lost against other writers of the same documents, or did not fit into the server's "
    f"cache. Try it again, as run_in_transaction() does. Where that does not help: {_WAYS_OUT}",
    225: "a later one was begun in its place. Try it again.",
    251: f"the server had ended it before this command, and does not say why. Where it takes "
    f"longer than the server allows: {_WAYS_OUT}",
    263: "the server does not do this in a transaction, such as a write to a capped collection or "
    "a time series. Do it outside of the block or transaction, or in a block of "
    "Session(..., atomic=False).",
    257: f"it was too large for the server. {_WAYS_OUT}",
    290: f"it was too slow for the server. {_WAYS_OUT}",
    388: f"it was too large for the server's cache. {_WAYS_OUT}",
}
"""What is known of a transaction that ended with one of these codes of the server."""


class ServerTransaction:
    """
    An interactive transaction that is open.

    Args:
        client_session: The driver's session that carries it.

    Attributes:
        begun: Whether a command was sent in it, so that nothing can be prepared any more.
        doomed: Whether a transaction inside it failed.
        failure: What the first command in it failed with, so that the server has rolled it back.
        noted: The error that has its note already.
        committing: Whether its commit was sent, so that an error may leave its outcome open.
        journal: The operations that were sent in it, in order.
        reads: What was read in it.
        error: What it was left by.
        committed: How it ended: whether it is committed, `UNSET` before, ``None`` if nobody knows.
        is_silent: Whether the error it was left by says nothing yet of how it ended.
    """

    def __init__(self, client_session: ClientSession) -> None:
        self._client_session = client_session
        self.reads = Reads()
        self.error: BaseException | None = None
        self.committed: Any = UNSET
        self.is_silent = False
        self.begin()

    def begin(self) -> None:
        """Be a transaction in which nothing has happened."""
        self.begun = False
        self.doomed = False
        self.failure: BaseException | None = None
        self.noted: BaseException | None = None
        self.committing = False
        self.journal: list[Operation] = []

    def client_session_in_use(self) -> ClientSession:
        """
        Give the driver's session to a call that is about to be made.

        Raises:
            TransactionException: A command in the transaction has failed.
        """
        self.check_alive()
        self.begun = True
        return self._client_session

    def __enter__(self) -> ClientSession:
        return self.client_session_in_use()

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if error is not None:
            self.note_failure(error)

    def note_failure(self, error: BaseException) -> None:
        """Note what a command failed with, after which nothing more can be done in it."""
        if self.failure is None and _is_from_command(error):
            self.failure = error

    def end_by(self, error: BaseException) -> None:
        """
        Note what it was left by, and find out whether it is committed.

        Args:
            error: The first error it was left by.
        """
        self.error = self.error or error
        if self.committed is UNSET:
            was_sent = self.committing and not self._client_session.in_transaction
            self.is_silent = isinstance(error, PyMongoError) and error is not self.noted
            self.committed = is_committed(error) if was_sent else False

    def abort(self) -> None:
        """Let the server forget it, if its commit was not sent."""
        if self._client_session.in_transaction:
            self._client_session.abort_transaction()

    def keep(self, operations: list[Operation]) -> None:
        """Note operations that were sent: what is read in the transaction is as of after them."""
        self.journal.extend(operations)
        for operation in operations:
            if operation.layer is not None:
                operation.layer.is_read = True

    def check_alive(self) -> None:
        """
        Refuse to go on in a transaction that the server has rolled back.

        Raises:
            TransactionException: A command in the transaction has failed.
        """
        if self.failure is not None:
            code = getattr(self.failure, "code", None)
            raise TransactionException(
                f"The transaction is rolled back: a command in it failed "
                f"({type(self.failure).__name__}{'' if code is None else f', code {code}'}), and "
                f"the exception was caught inside. Nothing more can be done in it. Let the "
                f"exception through, and catch it around the transaction."
            ) from self.failure


def _is_from_command(error: BaseException) -> bool:
    """Tell whether an error came of a command that was sent, or may have been."""
    if isinstance(error, (ConfigurationError, InvalidOperation)):
        return False  # the driver refused to send it
    return isinstance(error, PyMongoError) or not isinstance(error, Exception)


def commit(client_session: ClientSession) -> None:
    """
    Commit, again while the outcome is not known.

    Args:
        client_session: The driver's session, with its transaction open.

    Raises:
        pymongo.errors.PyMongoError: The commit failed, or its outcome stays unknown.

    MongoDB manual:
        https://www.mongodb.com/docs/manual/core/transactions-in-applications/
    """
    until = time.monotonic() + _COMMIT_SECONDS
    while True:
        try:
            client_session.commit_transaction()
        except PyMongoError as error:
            out_of_time = getattr(error, "code", None) == _MAX_TIME_EXPIRED
            if not _is_in_doubt(error) or out_of_time or time.monotonic() >= until:
                raise
        else:
            return


def _is_in_doubt(error: BaseException) -> bool:
    """
    Tell whether an error leaves open whether a transaction was committed.

    Args:
        error: What the transaction ended with.

    Returns:
        Whether it has the label ``UnknownTransactionCommitResult``.
    """
    return isinstance(error, PyMongoError) and error.has_error_label(
        "UnknownTransactionCommitResult"
    )


def is_committed(error: BaseException) -> bool | None:
    """
    Tell what the error of a commit says about the transaction.

    Args:
        error: What the commit ended with.

    Returns:
        ``True``: it is committed, only not confirmed as the write concern asks; ``False``: it is
        rolled back; ``None``: nobody knows.
    """
    if isinstance(error, WriteConcernError):
        return True
    # Anything but the driver's word, such as what a signal handler raises, strikes at any moment.
    return None if _is_in_doubt(error) or not isinstance(error, PyMongoError) else False


def about_outcome(error: BaseException, committed: bool | None) -> str:
    """
    Say what became of a transaction, and what to do about one that was too much for the server.

    Args:
        error: What it ended with.
        committed: What `is_committed` said.

    Returns:
        A note for the error.

    MongoDB manual:
        https://www.mongodb.com/docs/manual/core/transactions-production-consideration/
    """
    if committed is None:
        return "Whether the transaction was committed is not known."
    if committed:
        return "The transaction was committed."
    behind: BaseException | None = error
    while behind is not None:  # the driver wraps the last error when its time is up
        if isinstance(behind, OperationFailure) and behind.code in _KNOWN:
            return f"The transaction was rolled back: {_KNOWN[behind.code]}"
        behind = behind.__cause__
    return "The transaction was rolled back."


def has_transactions(client: MongoClient[Any]) -> bool:
    """
    Tell from the driver's topology whether the deployment has transactions.

    Args:
        client: The client; it waits until it knows its server.

    Returns:
        ``False`` for a standalone server.

    Raises:
        pymongo.errors.ServerSelectionTimeoutError: No server answers.

    MongoDB manual:
        https://www.mongodb.com/docs/manual/core/transactions/
    """
    client.is_mongos  # noqa: B018 - waits until the driver knows the deployment
    servers = client.topology_description.server_descriptions().values()
    return any(server.server_type_name not in ("Standalone", "Unknown") for server in servers)


def require_transactions(client: MongoClient[Any], purpose: str) -> None:
    """
    Refuse to go on without transactions.

    Args:
        client: The client.
        purpose: What needs them, for the message.

    Raises:
        TransactionException: The server is a standalone.
        pymongo.errors.ServerSelectionTimeoutError: No server answers.
    """
    if not has_transactions(client):
        raise TransactionException(
            f"{purpose} needs server transactions, and this server is a standalone, which has "
            f"none. Make it a replica set (one member is enough), or do without: atomic=None."
        )


def transaction_concern(database: Database[Any]) -> WriteConcern:
    """
    Give the write concern with which transactions commit: always an acknowledged one.

    Args:
        database: The session's database.

    Returns:
        Its write concern, with ``w=1`` where that is 0.
    """
    concern = database.write_concern
    return concern if concern.acknowledged else WriteConcern(**{**concern.document, "w": 1})


def run_atomically(
    client_session: ClientSession, database: Database[Any], send: Callable[[ClientSession], None]
) -> None:
    """
    Run *send* in a transaction, again and again where the driver's rules say so.

    Args:
        client_session: The driver's session that is to carry it.
        database: The session's database.
        send: Sends what belongs into the transaction; it may be called more than once.

    Raises:
        BaseException: What *send*, or the commit, failed with; nothing is stored then, unless the
            error has the label ``UnknownTransactionCommitResult``.

    MongoDB manual:
        https://www.mongodb.com/docs/manual/core/transactions-in-applications/
    """
    client_session.with_transaction(
        send,
        write_concern=transaction_concern(database),
        read_preference=ReadPreference.PRIMARY,
    )
