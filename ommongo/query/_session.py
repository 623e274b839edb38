"""What queries need of the session that runs them."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

from bson.raw_bson import RawBSONDocument
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from ommongo._tracking import Retrieved

__all__ = ["SessionLike"]

C = TypeVar("C")


class ReadsLike(Protocol):
    """Everything that was loaded in a transaction, as queries see it."""

    def note_result(self, result: Any) -> None:
        """Note what is going to give objects that were read."""
        ...


class LoaderLike(Protocol):
    """What makes objects of stored documents, as queries see it."""

    @property
    def reads(self) -> ReadsLike | None:
        """Where it is noted what is loaded, while a transaction is open."""
        ...

    def load(
        self, session: SessionLike, cls: Any, raw: dict[str, Any], retrieved: Retrieved | None
    ) -> Any:
        """Make an object of a stored document, or find the one that the identity map holds."""
        ...

    def load_all(
        self,
        session: SessionLike,
        cls: Any,
        raws: list[dict[str, Any]],
        retrieved: Retrieved | None,
    ) -> list[Any]:
        """As `load`, of several documents."""
        ...

    def load_encoded(
        self,
        session: SessionLike,
        cls: Any,
        stored: RawBSONDocument,
        retrieved: Retrieved | None,
    ) -> Any:
        """As `load`, of a document that may be large, as the driver gives it undecoded."""
        ...


class TurnLike(Protocol):
    """Which thread's turn it is in a session, as results see it."""

    thread: int | None
    home: int | None

    def check(self) -> int | None:
        """Refuse to go on where another thread is inside; give the one that is."""
        ...

    def taken(self) -> AbstractContextManager[None]:
        """Be inside for the length of a ``with`` block."""
        ...


class SessionLike(Protocol):
    """A session, as queries see it."""

    @property
    def _loader(self) -> LoaderLike:
        """What makes objects of stored documents."""
        ...

    @property
    def _turn(self) -> TurnLike:
        """Which thread's turn it is."""
        ...

    @property
    def _client_session(self) -> ClientSession | None:
        """The driver's session that every call is to carry; ``None`` for none in particular."""
        ...

    @property
    def _sending(self) -> AbstractContextManager[ClientSession | None]:
        """The same for a command that is sent while it is entered."""
        ...

    def _watched(self, cursor: C) -> C:
        """Have a cursor tell the open transaction what it fails with, if one is open."""
        ...

    def _collection_to_read(self, type: Any) -> Collection[dict[str, Any]]:
        """
        Get ready to read, which flushes pending operations where the session does so.

        Args:
            type: A document class or a free-form document; it names the collection.

        Returns:
            The collection, with the codec options of the session.
        """
        ...

    def _create_index(self, type: Any, keys: list[tuple[str, str]]) -> None:
        """
        Create an index, which cannot be done in a server transaction.

        Args:
            type: A document class or a free-form document; it names the collection.
            keys: Stored names with the kinds of the index.

        Raises:
            TransactionException: A server transaction has begun.
        """
        ...

    def _before_read(self) -> None:
        """Flush pending operations where the session does so before it reads."""
        ...

    def execute_query(self, query: Any, session: Any) -> Any:
        """
        Run a query.

        It gets ready to read, and gives what ``query._result(collection, session)`` does.

        Args:
            query: A `Query`.
            session: The session that loads the objects.

        Returns:
            A `QueryResult`.
        """
        ...

    def execute_remove(self, remove: Any) -> dict[str, Any] | None:
        """
        Queue a removal, and flush outside a block.

        Args:
            remove: A `RemoveQuery`: its ``type`` names the collection, its ``query`` is the filter;
                ``_safe`` (``None``: the session's setting) and ``_write_options`` (``w``,
                ``wtimeout``, ``j``) say how it is written.

        Returns:
            The server's reply, or ``None``.
        """
        ...

    def execute_update(self, update: Any) -> dict[str, Any] | None:
        """
        Queue an update, and flush outside a block.

        Args:
            update: An `UpdateExpression`: ``query.type`` names the collection, ``_prepared()``
                gives filter and update document, ``_limits()`` what it may not leave,
                ``query.hints`` the index to use; ``_multi``, ``_upsert``, ``_array_filters``,
                ``_safe`` and ``_write_options`` say how.

        Returns:
            The server's reply, or ``None``.
        """
        ...

    def execute_find_and_modify(self, expression: Any) -> Any:
        """
        Flush, change a document, and give it.

        Args:
            expression: A `FindAndModifyExpression`: ``_perform(collection, client_session)`` sends
                the command and gives the stored document or ``None``; ``query._criteria`` says
                what was loaded of it, ``query.is_raw`` whether it is wanted as a dict.

        Returns:
            The object, or ``None``.
        """
        ...
