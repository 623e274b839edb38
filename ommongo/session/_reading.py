"""Loading: queries, references, fresh copies."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, overload

from bson import DBRef

from ommongo import _tracking, query_expression
from ommongo._bson import id_filter
from ommongo._persistence.decoding import telling_undecodable
from ommongo._spelling import an
from ommongo._tracking import Retrieved
from ommongo.document import Document
from ommongo.exceptions import (
    BadDocumentException,
    BadReferenceException,
    BadResultException,
    BadValueException,
    FieldNotFoundException,
)
from ommongo.fields import Field
from ommongo.session._base import SessionBase
from ommongo.util import UNSET, resolve_name

if TYPE_CHECKING:
    from ommongo._tracking import Held
    from ommongo.query import Query, RemoveQuery
    from ommongo.query_expression import FreeFormDoc

__all__ = ["Reading"]

D = TypeVar("D", bound=Document)


@cache
def _asking() -> Any:
    """Import what asks when the first query is made, and not with the library."""
    from ommongo import query

    return query


class Reading(SessionBase):
    """The methods of a session that load."""

    @overload
    def query(self, type: type[D], exclude_subclasses: bool = False) -> Query[D]: ...
    @overload
    def query(
        self, type: str | FreeFormDoc, exclude_subclasses: bool = False
    ) -> Query[dict[str, Any]]: ...
    def query(self, type: Any, exclude_subclasses: bool = False) -> Query[Any]:
        """
        Begin a query.

        Args:
            type: A document class, or a collection's name for dicts without any checks.
            exclude_subclasses: Whether documents of subclasses are left out.

        Returns:
            The query; iterating runs it.

        Example:
            >>> [user.name for user in session.query(User).filter(User.age > 40)]
            ['Grace']

        MongoDB manual:
            https://www.mongodb.com/docs/manual/tutorial/query-documents/
        """
        query: Query[Any] = _asking().Query(type, self, exclude_subclasses)
        return query

    def remove_query(self, type: type[Document] | str | FreeFormDoc) -> RemoveQuery:
        """
        Begin a removal by query.

        Args:
            type: A document class, or a collection's name.

        Returns:
            The removal; ``execute()`` runs it.

        Example:
            >>> session.remove_query(User).filter(User.age > 40).execute()["n"]
            1

        MongoDB manual:
            https://www.mongodb.com/docs/manual/tutorial/remove-documents/
        """
        removal: RemoveQuery = _asking().RemoveQuery(type, self)
        return removal

    def refresh(self, document: D) -> D:
        """
        Load a new copy of a document, from where it came; neither it nor the held one is replaced.

        Args:
            document: The document.

        Returns:
            The copy, of the class that the document is stored as by now.

        Raises:
            BadDocumentException: It cannot be loaded.
            BadResultException: The document is not in the database (any more), or has no ``_id``.
            FieldNotRetrieved: The ``_id`` of a partial document was not retrieved.

        Example:
            >>> ada.age = 99
            >>> session.refresh(ada).age, ada.age
            (36, 99)
        """
        raw, place = self._stored(document)
        cls = type(document)._class_stored(raw)
        fresh: D = self._loader.load_new(self, cls, raw, None, place)
        return fresh

    def reload(self, document: Document, *fields: Any) -> None:
        """
        Load a document again, in place; its unsaved changes are lost.

        Args:
            document: The document.
            fields: Names or query fields of the document's own fields; all when left out.

        Raises:
            BadResultException: The document is not in the database (any more), or has no ``_id``.
            BadDocumentException: It cannot be loaded, or its class is another one now.
            FieldNotFoundException: There is no such field.
            FieldNotRetrieved: The ``_id`` of a partial document was not retrieved.

        Example:
            >>> ada.age, ada.visits = 99, 5
            >>> session.reload(ada, User.age)
            >>> ada.age, ada.visits
            (36, 5)
        """
        self._check_document(document)
        cls = type(document)
        names = [_own_name(cls, field) for field in fields] or list(cls._fields)
        raw, place = self._stored(document)
        fresh = self._loaded_again(document, raw, None, place)
        before = _tracking.held_values(document, names)
        document._take_over(fresh, names)
        self._note_renewed(document, before)

    def _loaded_again(
        self,
        document: Document,
        raw: dict[str, Any],
        retrieved: Retrieved | None,
        place: tuple[str, str],
    ) -> Document:
        """Load what is stored of a document, which is to be of its class still."""
        cls = type(document)
        fresh: Document = cls._load(raw, self, retrieved, place[1])
        if type(fresh) is cls or cls._overrides_subclass:
            self._loader.let_know(fresh, *place)
            return fresh
        raise BadDocumentException(
            cls.__name__,
            raw,
            f"is stored as {an(type(fresh).__name__)} by now, which this dict says, and an object "
            f"keeps its class. Load it by refresh() or a query, and let this object go.",
            document_class=cls.__name__,
            document_id=raw.get("_id"),
            collection=place[1],
            raw=raw,
        )

    def _load_anew(self, document: Document, names: Collection[str] | None) -> Document:
        """
        Load a copy of a document of which something is not known any more.

        Args:
            document: The document.
            names: The names of what is wanted, of a partial document; ``None`` for all.

        Returns:
            The copy; a partial one if *names* are given.

        Raises:
            BadResultException: The document is not in the database.
        """
        cls, retrieved = type(document), None
        raw, place = self._stored(document)
        if names is not None:
            retrieved = Retrieved(dict.fromkeys(names))
            if not cls._reads_whole():
                raw = {name: value for name, value in raw.items() if name in cls._by_db_field}
        fresh = self._loaded_again(document, raw, retrieved, place)
        # What is loaded in a transaction is known only as long as that may be committed.
        self._note_renewed(document, _tracking.held_values(document, names or cls._fields))
        return fresh

    def _note_renewed(self, document: Document, before: Held) -> None:
        """Note an object that was loaded anew in a transaction, with what it held before."""
        if self._loader.reads is not None:
            self._loader.reads.note_renewed(document, before)

    def _note_copy(self, document: Document, copy: Document) -> None:
        """Note the copy of an object that was loaded in a transaction."""
        if self._loader.reads is not None:
            self._loader.reads.note_copy(document, copy)

    def get(self, cls: type[D], id: Any) -> D | None:
        """
        Give a document by its ``_id``: the held one, or the stored one.

        Args:
            cls: Its class.
            id: Its ``_id``, as the class's field takes it.

        Returns:
            The document, or ``None`` when there is none.

        Raises:
            BadValueException: The field refuses *id*.

        Example:
            >>> session.get(User, ada.mongo_id).name
            'Ada'
        """
        self._check_class(cls)
        self._turn.check()
        try:
            key = self._loader.key(cls, cls._id_field().wrap(id))
        except BadValueException as error:
            raise error.within(cls.__name__) from error
        held = self.cache.read(key)
        if isinstance(held, cls):
            return held
        return self.query(cls).get(id)

    def _stored(self, document: Document) -> tuple[dict[str, Any], tuple[str, str]]:
        """Give what is stored of a document, and the names of its database and collection."""
        self._check_document(document)
        document._check_id_retrieved()
        cls, stored_id = type(document), document._wrapped_id()
        collection = self._loader.collection_of(document)
        if stored_id is UNSET:
            raise BadResultException(
                f"This {cls.__name__} has no _id: it was never stored, so it cannot be loaded anew."
            )
        self._before_read()
        condition = id_filter(stored_id)
        with (
            telling_undecodable(self, cls, collection, condition),
            self._sending as client_session,
        ):
            raw = collection.find_one(condition, session=client_session)
        if raw is None:
            raise BadResultException(
                f"{cls.__name__} with _id {stored_id!r} is not in the collection "
                f"{collection.name!r}, so it cannot be loaded anew."
            )
        return raw, (collection.database.name, collection.name)

    def dereference(self, ref: Any, allow_none: bool = False) -> Any:
        """
        Load what a reference names.

        Args:
            ref: A `bson.DBRef`; a document is given back as it is.
            allow_none: Whether a document that is not there gives ``None``.

        Returns:
            The document.

        Raises:
            BadReferenceException: No class is known for the collection, or there is no such
                document.

        Example:
            >>> session.dereference(ada.to_ref()).name
            'Ada'

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/database-references/
        """
        if isinstance(ref, Document):
            return ref
        if not isinstance(ref, DBRef):
            raise BadReferenceException(
                f"dereference() takes a bson.DBRef, not {type(ref).__name__}. For an id alone use "
                f"a query.",
                reference=ref,
            )
        (found,) = self._follow([ref], None)
        if found is None and not allow_none:
            raise BadReferenceException(
                f"{ref!r} names a document that is not there. Pass allow_none=True to get None.",
                reference=ref,
            )
        return found

    def _follow(self, refs: list[DBRef], cls: Any) -> list[Any]:
        """Load what references name; what the attributes that follow references call."""
        with self._turn.taken():
            return self._loader.follow(self, refs, cls)


def _own_name(cls: Any, field: Any) -> str:
    """Give the attribute name of one of a class's own fields, which were named in any form."""
    found = resolve_name(cls, field)
    if isinstance(found, query_expression.QueryField) and found._get_parent() is None:
        own: Field[Any] = found.get_type()
        if cls._fields.get(own._name) is own:
            return str(own._name)
    raise FieldNotFoundException(
        f"{field!r} is no field of {cls.__name__} itself. A document is reloaded by whole fields "
        f"of its own: name one of {', '.join(cls._fields)}.",
        name=str(field),
        document_class=cls.__name__,
    )
