"""`Session`: the front desk, which connects the rooms."""

from __future__ import annotations

import atexit
import os
import weakref
from collections.abc import Iterable
from datetime import tzinfo
from typing import TYPE_CHECKING, Any

from ommongo._unsent import tell_of_unsent
from ommongo.session._base import SessionBase, open_sessions
from ommongo.session._blocks import Blocks
from ommongo.session._closed import CLOSED
from ommongo.session._executing import Executing
from ommongo.session._indexes import Indexes
from ommongo.session._objects import Objects
from ommongo.session._reading import Reading
from ommongo.session._transactions import Transactions
from ommongo.session._writing import Writing

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Session"]


_OWN = ("safe", "tz_aware", "atomic", "upsert_on_save", "causal")
"""What `Session.connect` takes by keyword for the session, and not for its client."""


class Session(Writing, Reading, Objects, Blocks, Transactions, Indexes, Executing):
    """
    The place where objects are loaded and stored.

    Writes are queued, and sent together when the queue is flushed: outside a block by everything
    but `add`, inside a ``with session:`` block by its end. A session serves one thread at a time.

    Args:
        database: The database to work on.
        tz_aware: Whether dates come as aware datetimes, in UTC unless *timezone* says otherwise.
        timezone: The time zone in which dates come; it makes them aware.
        safe: Whether an error that the server reports for a write is raised (instead of logged).
        cache_size: How many objects the identity map holds; ``None`` for all until the session
            ends.
        auto_ensure: Whether a class's indexes are ensured before its writes.
        atomic: Whether the outermost block is one server transaction: ``None`` where the server
            has them, ``True`` always (or `TransactionException`), ``False`` never.
        upsert_on_save: Whether `save` inserts a stored document that is gone. Without it, saving
            that raises `StaleDocumentException`, and a user who may update and not insert can save.
        causal: Whether reads see what this session has written on whichever member they are
            answered, which they wait for: ``None`` where they may go to secondaries, ``True``
            always, ``False`` never. Never where the database's writes are not acknowledged.

    Raises:
        InvalidConfigException: *cache_size* is no such number, *atomic* or *causal* none of the
            three, or *upsert_on_save* no bool.
        TypeError: *database* is no database of pymongo.

    Attributes:
        db: The database.
        queue: The pending operations, in order.
        safe: As given. This and the next four can be set, and hold from the next operation on.
        timezone: As given.
        tz_aware: Whether dates come aware.
        auto_ensure: As given.
        cache_size: As given; fewer drop those that were not used for the longest time.
        atomic: As given; it can be set.
        upsert_on_save: As given; it can be set.
        causal: As given.
        cache: The identity map: a mapping of the objects that the session holds.
        transactions: The ids of the open blocks, the innermost last.

    Example:
        >>> from ommongo import Session, Document, StringField
        >>> class Note(Document):
        ...     text = StringField()
        >>> session = Session(session.db, safe=True)
        >>> session.save(Note(text="hello"))
        >>> session.query(Note).one().text
        'hello'
    """

    @classmethod
    def connect(
        cls,
        database: str | None,
        timezone: tzinfo | str | None = None,
        cache_size: int | None = 0,
        auto_ensure: bool = True,
        replica_set: str | None = None,
        *args: Any,
        **kwds: Any,
    ) -> Self:
        """
        Make a session with a client of its own.

        The call does not wait for a server. The client is closed by `close`, and when the session
        is garbage-collected.

        Args:
            database: The database's name; or a URI that names it, and the address with it; or
                ``None`` where *host* is a URI that names it.
            timezone: As for `Session`; or the address as a URI, in the place of *host*.
            cache_size: As for `Session`.
            auto_ensure: As for `Session`.
            replica_set: The name of the replica set to connect to; an empty one is none.
            args: Arguments for `pymongo.MongoClient`: host, port and so on.
            kwds: The same by name: ``host`` (a name or a URI), ``port`` and so on. ``safe``,
                ``tz_aware``, ``atomic``, ``upsert_on_save`` and ``causal`` are for `Session`.

        Returns:
            The session.

        Raises:
            InvalidConfigException: *cache_size* is no number of objects; two databases, or two
                addresses, are named, or no database; a password in a URI is not escaped; or an
                option about the encryption of the connection is empty.
            TypeError: *database* is no text, or *timezone* neither a time zone nor a URI.
            pymongo.errors.ConfigurationError: The client's arguments make no sense.

        Example:
            >>> from ommongo import Session
            >>> session = Session.connect("library", host="localhost", safe=True)
            >>> session.close()
            >>> session = Session.connect("mongodb://localhost/library", safe=True)
            >>> session.db.name
            'library'
            >>> session.close()

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/connection-string/
        """
        from ommongo.session._connecting import connected  # some programs make their own client

        own = {name: kwds.pop(name) for name in _OWN if name in kwds}
        if replica_set is not None:
            kwds["replicaSet"] = replica_set
        own_database, zone = connected(database, timezone, args, kwds)
        client = own_database.client
        try:
            session = cls(
                own_database,
                timezone=zone,
                cache_size=cache_size,
                auto_ensure=auto_ensure,
                **own,
            )
        except BaseException:
            client.close()
            raise
        # A finalizer runs before the client itself is collected, so that one never warns.
        session._close_client = weakref.finalize(session, client.close)
        return session

    def close(self) -> None:
        """
        End the session for good, and close the client if the session owns one.

        Raises:
            TransactionException: A block is open.
            pymongo.errors.PyMongoError: Pending operations could not be flushed.

        Example:
            >>> session = Session.connect("library", host="localhost")
            >>> session.close()
        """
        if self._unit_of_work is CLOSED:
            return
        try:
            self.end()
        finally:
            self._causality.end()
            if self._close_client is not None:
                self._close_client()
        vars(self).update(dict.fromkeys(_WORKING, CLOSED))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} on {self.db.name!r}, {len(self.queue)} pending>"

    def __del__(self) -> None:
        work = getattr(self, "_unit_of_work", None)
        if work is not None:
            _warn_of_pending(self)


_WORKING = ("_unit_of_work", "_loader", "_causality", "_scope", "transactions")
"""The attributes with which a session works."""


def _warn_of_pending(session: SessionBase) -> None:
    """Warn of operations that nobody flushed; they are not flushed behind the user's back."""
    pending = len(session.queue)
    if pending and not session._turn.is_carried:  # else they are of the process that was forked
        tell_of_unsent(
            f"{session!r} is gone with {pending} operation{'s'[: pending > 1]} never sent. Call "
            f"flush() or end(), use save() instead of add(), or clear_queue() to drop them.",
            session,
        )


def _warn_at_exit(sessions: Iterable[SessionBase] = open_sessions) -> None:
    for session in list(sessions):
        _warn_of_pending(session)
        session.queue.clear()


def _carry_over(sessions: Iterable[SessionBase] = open_sessions) -> None:
    """Have the sessions that this process was forked with refuse to work; nothing ends them."""
    for session in list(sessions):
        session._carry_over()


atexit.register(_warn_at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_carry_over)
