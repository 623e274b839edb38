"""The objects that a session holds, one for each stored document."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ommongo._bson import id_key
from ommongo.document import Document
from ommongo.exceptions import InvalidConfigException
from ommongo.util import UNSET

__all__ = ["IdentityMap", "Key"]

Key = tuple[str, str, bool, Any]
"""Database, collection, whether the id is a bool, and the id."""


class IdentityMap(Mapping[Key, Document]):
    """
    Documents by database, collection and ``_id``, the least recently used dropped first.

    Args:
        size: How many objects to hold; ``None`` for all, 0 for none.

    Raises:
        InvalidConfigException: *size* is no such number.
    """

    def __init__(self, size: int | None) -> None:
        self._held: OrderedDict[Key, Document] = OrderedDict()
        self.resize(size)
        # What was found out of all that is held, until that changes.
        self._identities: frozenset[int] | None = None
        self._by_id: dict[tuple[bool, Any], list[Document]] | None = None

    def resize(self, size: int | None) -> None:
        """
        Hold another number of objects from now on; the least recently used beyond it are dropped.

        Args:
            size: How many; ``None`` for all, 0 for none.

        Raises:
            InvalidConfigException: *size* is no such number.
        """
        if size is not None and (type(size) is not int or size < 0):
            raise InvalidConfigException(
                f"cache_size is {size!r}. It is a number of objects from 0 (hold none), or None "
                f"(hold all until the session ends)."
            )
        self.size = size
        while size is not None and len(self._held) > size:
            self._held.popitem(last=False)
        self._identities = self._by_id = None

    def __getitem__(self, key: Key) -> Document:
        return self._held[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)

    def __repr__(self) -> str:
        return f"<IdentityMap of {len(self)} objects, at most {self.size}>"

    @staticmethod
    def key(database: str, collection: str, stored_id: Any) -> Key | None:
        """
        Give the key of a stored document.

        Args:
            database: The database's name.
            collection: The collection's name.
            stored_id: The ``_id`` as it is stored.

        Returns:
            The key; ``None`` for a document that cannot be held (no id, or one without a hash).
        """
        if stored_id is UNSET or stored_id is None:
            return None
        try:
            hash(stored_id)
            key = database, collection, *id_key(stored_id)
            hash(key)  # what is stored of a value may have no hash, though that has one
        except TypeError:
            return None
        return key

    def read(self, key: Key | None) -> Document | None:
        """
        Give the held object, and count it as used.

        Args:
            key: Its key.

        Returns:
            The object, or ``None``.
        """
        if key is None or key not in self._held:
            return None
        self._held.move_to_end(key)
        return self._held[key]

    def write(self, key: Key | None, document: Document) -> None:
        """
        Hold an object in place of the one with the same key.

        Args:
            key: Its key; without one it is not held.
            document: The object.
        """
        if key is None or self.size == 0:
            return
        self._held[key] = document
        self._held.move_to_end(key)
        self._identities = self._by_id = None
        if self.size is not None and len(self._held) > self.size:
            self._held.popitem(last=False)

    def drop(self, key: Key | None) -> None:
        """Let one object go, if it is held."""
        if key is not None and self._held.pop(key, None) is not None:
            self._identities = self._by_id = None

    def drop_collection(
        self,
        database: str,
        collection: str,
        goes: Callable[[Document, tuple[bool, Any]], bool] = lambda document, key: True,
    ) -> None:
        """
        Let objects of one collection go.

        Args:
            database: The database's name.
            collection: The collection's name.
            goes: Tells of an object, and the `ommongo._bson.id_key` of its ``_id``, whether it
                goes; all do when left out.
        """
        place = database, collection
        held = [(key, one) for key, one in self._held.items() if key[:2] == place]
        for key, document in held:
            if goes(document, key[2:]):
                self.drop(key)

    def holds(self, document: Document) -> bool:
        """Tell whether an object is held, under whatever key."""
        if self._identities is None:
            self._identities = frozenset(map(id, self._held.values()))
        return id(document) in self._identities

    def with_id(self, stored_id: Any) -> list[Document]:
        """Give the held objects with an id, whatever their collection."""
        wanted = self.key("", "", stored_id)
        if wanted is None:
            return []
        if self._by_id is None:
            self._by_id = {}
            for key, document in self._held.items():
                self._by_id.setdefault(key[2:], []).append(document)
        return self._by_id.get(wanted[2:], [])

    def documents(self) -> list[Document]:
        """Give the held objects, the least recently used first."""
        return list(self._held.values())

    def clear(self) -> None:
        """Let all objects go."""
        self._held.clear()
        self._identities = self._by_id = None
