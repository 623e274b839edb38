"""Loading: queries, references, fresh copies."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from bson import DBRef

from ommongo import _registry
from ommongo._persistence.identity_map import IdentityMap
from ommongo.document import Document
from ommongo.exceptions import (
    BadReferenceException,
    BadResultException,
    FieldNotFoundException,
    TransactionException,
)
from ommongo.fields import Field
from ommongo.ops import RemoveOp, UpdateOp
from ommongo.query_expression import QueryField
from ommongo.session._indexes import Indexes
from ommongo.session._writing import Writing
from ommongo.util import UNSET, resolve_name

if TYPE_CHECKING:
    from ommongo.query import Query, QueryResult, RemoveQuery

__all__ = ["Reading"]


@cache
def _query_class() -> type[Query[Any]]:
    """Import what asks when the first query is made, and not with the library."""
    from ommongo.query import Query

    return Query


class Reading(Writing, Indexes):
    """The methods of a session that load."""

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
        return _query_class()(type, self, exclude_subclasses)

    def remove_query(self, type: Any) -> RemoveQuery:
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
        from ommongo.query import RemoveQuery

        return RemoveQuery(type, self)

    def execute_query(self, query: Query[Any], session: Any) -> QueryResult[Any]:
        """
        Run a query; what `Query` calls.

        Args:
            query: The query.
            session: The session that loads the objects.

        Returns:
            The results.
        """
        return query._result(self._collection_to_read(query.type), session)

    def execute_remove(self, remove: RemoveQuery) -> Any:
        """
        Queue a removal by query and, outside a block, flush; what `RemoveQuery` calls.

        Args:
            remove: The removal.

        Returns:
            The server's reply when it was flushed and acknowledged, else ``None``.
        """
        collection = self._collection(remove.type)
        operation = RemoveOp(
            collection, remove.type, remove.query, remove._safe, remove._write_options
        )
        self._queue(operation)
        return self._autoflush()

    def execute_update(self, update: Any) -> Any:
        """
        Queue an update expression and, outside a block, flush; what `UpdateExpression` calls.

        Args:
            update: The expression.

        Returns:
            The server's reply when it was flushed and acknowledged, else ``None``.
        """
        query = update.query
        options = {
            "array_filters": update._array_filters or None,
            "hint": query.hints or None,
        }
        operation = UpdateOp(
            self._collection(query.type),
            query.type,
            query.query,
            update.update_data,
            upsert=update._upsert,
            multi=update._multi,
            safe=update._safe,
            write_options=update._write_options,
            call_options={name: value for name, value in options.items() if value is not None},
        )
        self._queue(operation)
        return self._autoflush()

    def execute_find_and_modify(self, expression: Any) -> Any:
        """
        Run a find-and-modify; what `FindAndModifyExpression` calls.

        Args:
            expression: The expression.

        Returns:
            The object, or ``None``.

        Raises:
            TransactionException: A block is open: its writes are queued, and this one cannot be.
        """
        if self.transactions:
            raise TransactionException(
                "find_and_modify inside a 'with session:' block: its result is needed at once, and "
                "what the block writes is sent at its end. Call it before or after the block."
            )
        query = expression.query
        collection = self._collection_to_read(query.type)
        if not query.is_raw:
            self.auto_ensure_indexes(query.type)
        raw = expression._perform(collection, self._client_session)
        if raw is None or query.is_raw:
            return raw
        retrieved = query._retrieved()
        stored_id = raw.get("_id", UNSET)
        document = query.type._load(raw, self, retrieved)
        key = self._key(type(document), stored_id)
        if expression._new and retrieved is None:
            self.cache.write(key, document)
        elif expression._remove:
            self.cache.drop(key)
        return document

    def refresh(self, document: Document) -> Any:
        """
        Load a new copy of a document; neither it nor the one held is replaced.

        Args:
            document: The document.

        Returns:
            The copy.

        Raises:
            BadResultException: The document is not in the database (any more), or has no ``_id``.
            FieldNotRetrieved: The ``_id`` of a partial document was not retrieved.

        Example:
            >>> ada.age = 99
            >>> session.refresh(ada).age, ada.age
            (36, 99)
        """
        raw = self._stored(document)
        return type(document)._load(raw, self, None)

    def reload(self, document: Document, *fields: Any) -> None:
        """
        Load a document again, in place; its unsaved changes are lost.

        Args:
            document: The document.
            fields: Names or query fields of the document's own fields; all when left out.

        Raises:
            BadResultException: The document is not in the database (any more), or has no ``_id``.
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
        names = [_own_name(cls, field) for field in fields]
        fresh = cls._load(self._stored(document), self, None)
        document._take_over(fresh, names or list(cls._fields))

    def get(self, cls: type[Document], id: Any) -> Any:
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
        held = self.cache.read(self._key(cls, cls._id_field().wrap(id)))
        if isinstance(held, cls):
            return held
        return self.query(cls).get(id)

    def _stored(self, document: Document) -> dict[str, Any]:
        """Give what is stored of a document."""
        self._check_document(document)
        document._check_id_retrieved()
        cls, stored_id = type(document), document._wrapped_id()
        raw = None
        if stored_id is not UNSET:
            raw = self._collection_to_read(cls).find_one(
                {"_id": stored_id}, session=self._client_session
            )
        if raw is None:
            raise BadResultException(
                f"{cls.__name__} with _id {None if stored_id is UNSET else stored_id!r} is not in "
                f"the collection {cls.get_collection_name()!r}, so it cannot be loaded anew."
            )
        found: dict[str, Any] = raw
        return found

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
        """
        Load what references name, one query for each collection and database.

        Args:
            refs: The references.
            cls: The class of their targets; looked up by collection when ``None``.

        Returns:
            The documents in the same order, ``None`` for each that is not there.
        """
        places = [(ref.database or self.db.name, ref.collection) for ref in refs]
        keys = [IdentityMap.key(*place, ref.id) for place, ref in zip(places, refs, strict=True)]
        found = [self.cache.read(key) for key in keys]
        for place in dict.fromkeys(places):
            wanted = [i for i, p in enumerate(places) if p == place and found[i] is None]
            if not wanted:
                continue
            target = cls or self._class_of(refs[wanted[0]])
            self._before_read()
            collection = self._collection(target, *place)
            ids = [refs[i].id for i in wanted]
            condition = {"_id": ids[0] if len(ids) == 1 else {"$in": ids}}
            for raw in collection.find(condition, session=self._client_session):
                stored_id = raw["_id"]
                key = IdentityMap.key(*place, stored_id)
                document = self._load(target, raw, None, place)
                for i in wanted:
                    if keys[i] == key and (key is not None or refs[i].id == stored_id):
                        found[i] = document
        return found

    @staticmethod
    def _class_of(ref: DBRef) -> Any:
        cls = _registry.collection_registry.get("global", {}).get(ref.collection)
        if cls is None:
            raise BadReferenceException(
                f"{ref!r} names the collection {ref.collection!r}, for which no document class is "
                f"registered. Declare one, or follow the reference by a field with a class.",
                reference=ref,
            )
        return cls


def _own_name(cls: Any, field: Any) -> str:
    """Give the attribute name of one of a class's own fields, which were named in any form."""
    found = resolve_name(cls, field)
    if isinstance(found, QueryField) and found._get_parent() is None:
        own: Field[Any] = found.get_type()
        if cls._fields.get(own._name) is own:
            return str(own._name)
    raise FieldNotFoundException(
        f"{field!r} is no field of {cls.__name__} itself. A document is reloaded by whole fields "
        f"of its own: name one of {', '.join(cls._fields)}.",
        name=str(field),
        document_class=cls.__name__,
    )
