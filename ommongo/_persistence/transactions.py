"""Server transactions: whether the server has them, and a flush in one."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from pymongo import MongoClient, ReadPreference, WriteConcern
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import PyMongoError

from ommongo.exceptions import TransactionException
from ommongo.ops import Operation

__all__ = [
    "ServerTransaction",
    "commit",
    "has_transactions",
    "is_in_doubt",
    "require_transactions",
    "run_atomically",
    "transaction_concern",
]

_COMMIT_SECONDS = 120
"""For how many seconds a commit is repeated whose outcome is not known, as drivers do."""

_MAX_TIME_EXPIRED = 50


class ServerTransaction:
    """
    An interactive transaction that is open.

    Args:
        client_session: The driver's session that carries it.

    Attributes:
        begun: Whether a command was sent in it, so that nothing can be prepared any more.
        doomed: Whether a transaction inside it failed.
        journal: The operations that were sent in it, in order.
    """

    def __init__(self, client_session: ClientSession) -> None:
        self._client_session = client_session
        self.begun = False
        self.doomed = False
        self.journal: list[Operation] = []

    def client_session_in_use(self) -> ClientSession:
        """Give the driver's session to a call that is about to be made."""
        self.begun = True
        return self._client_session


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
            if not is_in_doubt(error) or out_of_time or time.monotonic() >= until:
                raise
        else:
            return


def is_in_doubt(error: BaseException) -> bool:
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


def run_atomically(database: Database[Any], send: Callable[[ClientSession], None]) -> None:
    """
    Run *send* in a transaction, again and again where the driver's rules say so.

    Args:
        database: The session's database.
        send: Sends what belongs into the transaction; it may be called more than once.

    Raises:
        BaseException: What *send*, or the commit, failed with; nothing is stored then, unless the
            error has the label ``UnknownTransactionCommitResult``.

    MongoDB manual:
        https://www.mongodb.com/docs/manual/core/transactions-in-applications/
    """
    with database.client.start_session() as client_session:
        client_session.with_transaction(
            send,
            write_concern=transaction_concern(database),
            read_preference=ReadPreference.PRIMARY,
        )
