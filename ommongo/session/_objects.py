"""The objects that a session knows: which it holds, which are pending, which are dirty."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any, TypeVar

from ommongo._cycles import refuse_endless
from ommongo.document import Document
from ommongo.exceptions import FieldNotRetrieved, SessionCacheException
from ommongo.session._base import SessionBase
from ommongo.util import UNSET

__all__ = ["Objects"]

D = TypeVar("D", bound=Document)


class Objects(SessionBase):
    """The methods of a session about objects."""

    def cache_write(self, obj: Document, mongo_id: Any = None) -> None:
        """
        Let the identity map hold an object.

        Args:
            obj: The object.
            mongo_id: The ``_id`` to hold it under; its own when left out.

        Raises:
            SessionCacheException: The object has no ``_id``, or is partial.

        Example:
            >>> session = Session(session.db, cache_size=10)
            >>> session.cache_write(ada)
            >>> session.get(User, ada.mongo_id) is ada
            True
        """
        self._check_document(obj)
        self._turn.check()
        obj._renew()
        stored_id = obj._wrapped_id() if mongo_id is None else mongo_id
        if stored_id is UNSET or not obj._is_whole():
            what = "has no _id" if stored_id is UNSET else "is partial"
            raise SessionCacheException(
                f"This {type(obj).__name__} {what}, so the identity map cannot hold it: a later "
                f"query would not find it, or take it for the whole document."
            )
        self.cache.write(self._loader.key_of(obj, stored_id), obj)

    def cache_read(self, id: Any, cls: Any = None) -> Any:
        """
        Give a held object.

        Args:
            id: Its ``_id``.
            cls: Its class; without one the object is given when exactly one collection has it.

        Returns:
            The object, or ``None``.

        Example:
            >>> session = Session(session.db, cache_size=10)
            >>> session.cache_write(ada)
            >>> session.cache_read(ada.mongo_id, User) is ada
            True
        """
        if cls is not None:
            field = cls._id_field()
            stored_id = field.wrap(id) if field.is_valid_wrap(id) else id
            return self.cache.read(self._loader.key(cls, stored_id))
        held = self.cache.with_id(id)
        return held[0] if len(held) == 1 else None

    def clear_cache(self) -> None:
        """Let the identity map forget every object."""
        self._turn.check()
        self.cache.clear()

    @property
    def pending(self) -> list[Document]:
        """
        The documents in the queue, each once, in the order in which they came into it.

        Example:
            >>> session.add(ada)
            >>> [user.name for user in session.pending]
            ['Ada']
            >>> session.clear_queue()
        """
        return _each_once(op.document for op in self.queue if op.document is not None)

    @property
    def dirty(self) -> list[Document]:
        """
        The documents of this session that differ from what is stored, or queued.

        These are the held and the pending ones; what the session does not hold (``cache_size``),
        it does not know.

        Example:
            >>> session = Session(session.db, cache_size=10)
            >>> for user in session.query(User):
            ...     user.age += 1
            >>> [user.name for user in session.dirty]
            ['Ada', 'Grace']
        """
        known = _each_once([*self.cache.documents(), *self.pending])
        return [document for document in known if document._is_dirty()]

    def __contains__(self, document: object) -> bool:
        """Whether the session holds a document, or has it in its queue."""
        if not isinstance(document, Document):
            return False
        return self.cache.holds(document) or bool(self._unit_of_work.queue.of(document))

    def expunge(self, document: Document) -> None:
        """
        Let go of a document: it is neither held nor pending any more, and bound to no session.

        What was queued of it is dropped, so it is dirty again; nothing is sent.

        Args:
            document: The document.

        Example:
            >>> ken = User(name="Ken")
            >>> session.add(ken)
            >>> session.expunge(ken)
            >>> ken in session, session.queue
            (False, [])
        """
        self._check_document(document)
        self._turn.check()
        self._unit_of_work.drop_of(document)
        key = self._loader.key_of(document, document._wrapped_id())
        if self.cache.read(key) is document:
            self.cache.drop(key)
        document._set_session(None)

    def add_to_session(self, obj: Document) -> None:
        """
        Bind an object to this session, so that its references can be followed; queue nothing.

        Args:
            obj: The document.

        Example:
            >>> session.add_to_session(User(name="Ken"))
            >>> session.queue
            []
        """
        self._check_document(obj)
        try:
            obj._set_session(self)
        except RecursionError as error:
            refuse_endless(obj, error)

    def clone(self, document: D) -> D:
        """
        Make an unsaved document with the same content and no ``_id``.

        Args:
            document: The document.

        Returns:
            The copy.

        Raises:
            FieldNotRetrieved: The document is partial.
            MissingValueException: A required field is not set.

        Example:
            >>> copy = session.clone(ada)
            >>> copy.name, copy.has_id()
            ('Ada', False)
        """
        self._check_document(document)
        document._renew()
        if not document._is_whole():
            raise FieldNotRetrieved(
                f"This {type(document).__name__} is partial, and so would its copy be. Load it as "
                f"a whole (session.refresh) and clone that.",
                document_class=type(document).__name__,
            )
        stored = copy.deepcopy(document.wrap())
        stored.pop("_id", None)
        version_field: Any = type(document)._version_field
        if version_field is not None:
            stored.pop(version_field.db_field, None)
        copied: D = type(document)._load(stored, self, None)
        copied._make_unstored()
        return copied


def _each_once(documents: Iterable[Document]) -> list[Document]:
    """Give each object once, by identity: two objects can be equal."""
    return list({id(document): document for document in documents}.values())
