"""Reads that see what the session has written, on whichever member of a replica set."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pymongo import ReadPreference
from pymongo.client_session import ClientSession
from pymongo.database import Database

__all__ = ["Causality"]

_COMPATIBLE = (None, "local", "majority", "snapshot")
"""The levels of read concern with which a read can wait."""


class Causality:
    """
    The driver's session that the commands of a session carry outside of transactions.

    By it a member that is behind answers a read when it has what was written and read before.

    Args:
        database: The session's database.
        causal: Whether there is one; ``None`` where reads may go to secondaries.

    Attributes:
        client_session: The driver's session; ``None`` where there is to be none.

    MongoDB manual:
        https://www.mongodb.com/docs/manual/core/read-isolation-consistency-recency/#causal-consistency
    """

    def __init__(self, database: Database[Any], causal: bool | None) -> None:
        self._client = database.client
        if causal is None:
            read = (database.read_preference, database.client.read_preference)
            causal = any(preference != ReadPreference.PRIMARY for preference in read)
            causal = causal and database.read_concern.level in _COMPATIBLE
        # The driver refuses a session for a write that is not acknowledged.
        self._is_wanted = causal and database.write_concern.acknowledged
        self.client_session: ClientSession | None = None
        self._end: Any = None
        self._begin()

    def _begin(self) -> None:
        """Have a session of the driver, if there is to be one; the server is not asked for it."""
        if self._is_wanted:
            self.client_session = self._client.start_session(causal_consistency=True)
            # Who forgets a session need not end it: the server would keep it for half an hour.
            self._end = weakref.finalize(self, self.client_session.end_session)
            self._end.atexit = False

    def end(self) -> None:
        """End the driver's session, and have another one for what may come."""
        if self._end is not None:
            self._end()
        self._begin()

    def let_go(self) -> None:
        """Leave the driver's session to the process that this one was forked from."""
        if self._end is not None:
            self._end.detach()

    @contextmanager
    def of_transaction(self) -> Iterator[ClientSession]:
        """
        Give a driver's session for a transaction, which comes after all that was done before.

        Yields:
            The session; what comes later is after the transaction.
        """
        with self._client.start_session() as client_session:
            own = self.client_session
            if own is None:
                yield client_session
                return
            _advance(client_session, own)
            try:
                yield client_session
            finally:
                _advance(own, client_session)


def _advance(later: ClientSession, earlier: ClientSession) -> None:
    """Let one of the driver's sessions come after another."""
    if earlier.cluster_time is not None:
        later.advance_cluster_time(earlier.cluster_time)
    if earlier.operation_time is not None:
        later.advance_operation_time(earlier.operation_time)
