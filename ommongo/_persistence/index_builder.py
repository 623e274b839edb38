"""Indexes are ensured before writes, once in a while for each client and collection."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable
from functools import partial
from typing import Any

from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.errors import OperationFailure, WriteConcernError

from ommongo._notes import add_note
from ommongo._persistence.failover import repeated
from ommongo.exceptions import TransactionException

__all__ = ["ENSURED_SECONDS", "IndexBuilder", "forget_all"]

ENSURED_SECONDS = 300
"""For how many seconds a set of indexes that was ensured is taken to be there."""

_COLLECTION = ("the collection itself",)
_NAMESPACE_EXISTS = 48
_UNAUTHORIZED = 13

clock: Callable[[], float] = time.monotonic

_lock = threading.Lock()
# Clients that address one server are equal, so they are told apart by id; a finalizer takes a
# client's entry away before its id can be used again.
_ensured: dict[int, dict[tuple[str, str], dict[tuple[str, ...], float]]] = {}
# What a class declares does not change; spelling it out for every write would.
_signatures: weakref.WeakKeyDictionary[type, tuple[int, tuple[str, ...]]] = (
    weakref.WeakKeyDictionary()
)


def _memory(client: MongoClient[Any]) -> dict[tuple[str, str], dict[tuple[str, ...], float]]:
    """Give what was ensured through *client*."""
    with _lock:
        if id(client) not in _ensured:
            _ensured[id(client)] = {}
            weakref.finalize(client, _ensured.pop, id(client), None)
        return _ensured[id(client)]


def forget_all(client: MongoClient[Any], *names: tuple[str, str]) -> None:
    """
    Let the next write ensure indexes again.

    Args:
        client: The client.
        names: Databases and collections; all of the client's when left out.
    """
    memory = _memory(client)
    if not names:
        memory.clear()
    for name in names:
        memory.pop(name, None)


class IndexBuilder:
    """
    Creates the indexes that a class declares.

    Args:
        collection: The class's collection.
        document_class: The class.
        is_patient: Whether a transaction follows, so that commands are repeated as long as that is.
    """

    def __init__(
        self, collection: Collection[Any], document_class: Any, is_patient: bool = False
    ) -> None:
        self.collection = collection
        self.document_class = document_class
        self._is_patient = is_patient

    def ensure(self) -> None:
        """
        Create every index of the class, always asking the server.

        Raises:
            BadIndexException: An index names what is no field.
            pymongo.errors.OperationFailure: The server refused one; a note says which.
        """
        indexes = self._indexes()
        for index in indexes:
            try:
                self._repeated(
                    partial(index.ensure, self.collection, document_class=self.document_class)
                )
            except OperationFailure as error:
                from ommongo._persistence.index_notes import about_index  # seldom wanted

                add_note(error, about_index(error, index, self.document_class, self.collection))
                raise
        if indexes:
            self._remember(self._signature(indexes))

    def ensure_once(self, in_transaction: bool = False) -> None:
        """
        Create the indexes unless that succeeded a short time ago.

        Args:
            in_transaction: Whether a server transaction has begun, in which none can be created.

        Raises:
            BadIndexException: An index names what is no field.
            TransactionException: There is something to create, and a transaction has begun.
            pymongo.errors.OperationFailure: The server refused one; a note says which.
        """
        indexes = self._indexes()
        if not indexes or self._is_fresh(self._signature(indexes)):
            return
        if in_transaction:
            self._require(indexes)
        else:
            self.ensure()

    def _require(self, indexes: list[Any]) -> None:
        """Refuse to go on without the indexes: here they cannot be created."""
        name = self.document_class.__name__
        wanted = {index.server_name(self.document_class) for index in indexes}
        # Outside the transaction, in which the server would not tell.
        missing = sorted(wanted.difference(self.collection.index_information()))
        if missing:
            raise TransactionException(
                f"{name} lacks the indexes {', '.join(missing)}, and in a server transaction that "
                f"has begun they cannot be created. Call session.ensure_indexes({name}) before the "
                f"transaction."
            )
        self._remember(self._signature(indexes))

    def ensure_collection(self) -> None:
        """
        Create the collection unless it was there a short time ago: a transaction should not.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/core/transactions-operations/
        """
        if self._is_fresh(_COLLECTION):
            return
        try:
            name = self.collection.name
            create = self.collection.database.create_collection
            self._repeated(partial(create, name, check_exists=False))
        except WriteConcernError:
            pass  # it is there; how well the write itself is confirmed is another matter
        except OperationFailure as error:
            # It is there, or who may not create it may still write: the write itself will tell.
            if error.code not in (_NAMESPACE_EXISTS, _UNAUTHORIZED):
                raise
        self._remember(_COLLECTION)

    def _repeated(self, command: Callable[[], Any]) -> None:
        """Send a command, again while another member becomes the primary."""
        repeated(command, self._client, self._is_patient)

    def _indexes(self) -> list[Any]:
        """Give the declared indexes; a collection that was named as text has none."""
        if not isinstance(self.document_class, type):
            return []
        cls: Any = self.document_class
        return list(cls.get_indexes())

    def _is_fresh(self, signature: tuple[str, ...]) -> bool:
        at = _memory(self._client).get(self._place, {}).get(signature)
        return at is not None and clock() - at < ENSURED_SECONDS

    @property
    def _client(self) -> MongoClient[Any]:
        return self.collection.database.client

    @property
    def _place(self) -> tuple[str, str]:
        return self.collection.database.name, self.collection.name

    def _signature(self, indexes: list[Any]) -> tuple[str, ...]:
        # A subclass that came since may be one that an index of a class above it is about.
        changes = self.document_class._selector.changes
        known = _signatures.get(self.document_class)
        signature = known[1] if known is not None and known[0] == changes else None
        if signature is None:
            signature = tuple(repr(index.specification(self.document_class)) for index in indexes)
            _signatures[self.document_class] = changes, signature
        return signature

    def _remember(self, signature: tuple[str, ...]) -> None:
        _memory(self._client).setdefault(self._place, {})[signature] = clock()
