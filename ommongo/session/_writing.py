"""Storing: what is queued, and when it is sent."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from typing import Any

from ommongo import ops
from ommongo._cycles import refuse_endless
from ommongo.document import Document
from ommongo.session._adding import Adding

__all__ = ["Writing"]


class Writing(Adding):
    """The methods of a session that store and remove."""

    def save(self, item: Document, safe: bool | None = None) -> None:
        """
        Queue a document to be stored and, outside a block, flush.

        Args:
            item: The document.
            safe: Whether an error of the server is raised; the session's setting when left out.

        Raises:
            Exception: As `add` and `flush`.

        Example:
            >>> session.save(User(name="Ken"))
            >>> session.query(User).filter(User.name == "Ken").count()
            1

        MongoDB manual:
            https://www.mongodb.com/docs/manual/tutorial/insert-documents/
        """
        self.add(item, safe)
        self._autoflush()

    def add_all(self, items: Iterable[Document], safe: bool | None = None) -> None:
        """
        Queue several documents to be stored, each as `add` does.

        Args:
            items: The documents.
            safe: As for `add`.

        Raises:
            Exception: As `add`. The documents before the one that it is about are queued.
            TypeError: *items* is one document, or something else that is not several.

        Example:
            >>> session.add_all(User(name=name) for name in ("Ken", "Barbara"))
            >>> len(session.queue)
            2
            >>> session.commit()

        MongoDB manual:
            https://www.mongodb.com/docs/manual/tutorial/insert-documents/
        """
        if isinstance(items, (Document, type, str, Mapping)):
            raise TypeError(
                f"add_all() takes several documents, a list for instance, and was given one "
                f"{type(items).__name__}. Use add() for one document."
            )
        for item in items:
            self.add(item, safe)

    def insert_new(self, item: Document) -> None:
        """
        Queue a document to be stored where its ``_id`` is free and, outside a block, flush.

        `save` replaces what is stored under an ``_id`` of the application's own. This is an insert,
        and never replaces anything. An error of the server is raised whatever the session's
        setting is.

        Args:
            item: The document.

        Raises:
            FieldNotRetrieved: The document is partial.
            pymongo.errors.DuplicateKeyError: The ``_id``, or another value of a unique index, is
                taken. What is stored is as it was, and the document is not stored.
            Exception: As `add` and `flush`.

        Example:
            >>> session.insert_new(User(name="Ken"))
            >>> session.query(User).filter(User.name == "Ken").count()
            1

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/method/db.collection.insertOne/
        """
        collection = self._own_collection(item)
        if collection is None:
            item, collection = self._to_save(item)
        try:
            operation: Any = ops.save_operation(collection, item, safe=True, insert=True)
            item._set_session(self, is_at_home=True)
        except RecursionError as error:
            refuse_endless(item, error)
        self._unit_of_work.add(operation, self.transactions)
        self.cache.write(self._key_in(collection, operation.document_id), item)
        self._autoflush()

    def insert(self, item: Document, safe: bool | None = None) -> None:
        """
        Save a document; deprecated, the name is confusing.

        Args:
            item: The document.
            safe: Whether an error of the server is raised; the session's setting when left out.

        Raises:
            Exception: As `save`.
        """
        warnings.warn(
            "Session.insert() saves, whatever its name says. Use save().",
            PendingDeprecationWarning,
            stacklevel=2,
        )
        self.save(item, safe)

    def update(
        self,
        item: Document,
        id_expression: Any = None,
        upsert: bool = False,
        update_ops: Mapping[Any, str] = {},
        safe: bool | None = None,
        **kwargs: str,
    ) -> Any:
        """
        Store what changed in a document, as one update.

        Args:
            item: The document.
            id_expression: A query expression or dict that picks the stored document out; its
                ``_id`` when left out.
            upsert: Whether to insert when nothing matches; every required field is then sent.
            update_ops: Operations by query field or name, over those that the fields declare.
            safe: Whether an error of the server is raised; the session's setting when left out.
            kwargs: Operations by top-level attribute name.

        Returns:
            The server's reply when it was flushed and acknowledged, else ``None``; ``None`` too
            when nothing changed (then nothing is sent).

        Raises:
            BadValueException: A changed value cannot be stored.
            FieldNotFoundException: *update_ops* or *kwargs* name what is no field.
            FieldNotRetrieved: A value that was loaded in part was changed in place.
            InvalidModifierException: A field does not allow its operation.
            InvalidUpdateException: There is neither an ``_id`` nor an *id_expression*, the
                ``_id`` was changed, or an extra field changed that no update can name.
            MissingValueException: With *upsert*, a required field is not set.
            StaleDocumentException: The document with this ``_id`` is not there any more, or not
                at the version that was loaded.
            pymongo.errors.PyMongoError: As `flush`.

        Example:
            >>> ada.age = 37
            >>> session.update(ada)["nModified"]
            1
            >>> ada.visits = 1
            >>> session.update(ada, visits="$inc")["nModified"]
            1

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/update/
        """
        collection = self._own_collection(item)
        is_own = collection is not None
        if collection is None:
            item, collection = self._to_change(item)
        try:
            operation = ops.update_operation(
                collection,
                item,
                id_expression,
                upsert,
                {**update_ops, **kwargs} if kwargs else update_ops,
                safe,
            )
        except RecursionError as error:
            refuse_endless(item, error)
        if is_own or item._session is None:
            item._set_session(self, is_at_home=True)  # what is stored elsewhere stays as it is
        if operation is None:
            return None
        self._unit_of_work.add(operation, self.transactions)
        return self.flush() if self.autoflush else None

    def remove(self, obj: Document, safe: bool | None = None) -> Any:
        """
        Queue the removal of a document by its ``_id`` and, outside a block, flush.

        Args:
            obj: The document; nothing happens for one without an ``_id``.
            safe: Whether an error of the server is raised; the session's setting when left out.

        Returns:
            The server's reply (``ok``, ``n``) when it was flushed and acknowledged, else ``None``.

        Raises:
            FieldNotRetrieved: The ``_id`` of a partial document was not retrieved.
            InvalidUpdateException: The ``_id`` was changed.
            StaleDocumentException: The document is not at the version that was loaded any more.
            pymongo.errors.PyMongoError: As `flush`.

        Example:
            >>> session.remove(ada)["n"]
            1

        MongoDB manual:
            https://www.mongodb.com/docs/manual/tutorial/remove-documents/
        """
        if safe is not None and not isinstance(safe, int):
            self._refuse_safe("remove", safe)
        collection = self._own_collection(obj)
        if collection is None:
            obj, collection = self._to_change(obj)
        obj._check_id_retrieved()
        ops.make_known(obj)
        if not obj.has_id():
            return None
        obj._check_id_unchanged()
        operation = ops.RemoveDocumentOp(collection, obj, safe)
        self.cache.drop(self._key_in(collection, operation.document_id))
        self._unit_of_work.add(operation, self.transactions)
        return self._autoflush()

    def delete(self, obj: Document, safe: bool | None = None) -> Any:
        """
        Queue the removal of a document and, outside a block, flush: the same as `remove`.

        Args:
            obj: The document; all that match a condition are removed by `Query.delete`.
            safe: As for `remove`.

        Returns:
            As `remove`.

        Raises:
            Exception: As `remove`.

        Example:
            >>> session.delete(ada)["n"]
            1

        MongoDB manual:
            https://www.mongodb.com/docs/manual/tutorial/remove-documents/
        """
        return self.remove(obj, safe)

    def clear_collection(self, *classes: type[Document]) -> Any:
        """
        Queue the removal of every document in the classes' collections; their indexes stay.

        Args:
            classes: The classes. Other classes' documents in these collections go too.

        Returns:
            The flush's result, outside a block.

        Example:
            >>> session.clear_collection(User)["n"]
            2

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/method/db.collection.deleteMany/
        """
        self._turn.check()
        for cls in classes:
            self._check_class(cls)
        for cls in classes:
            operation = ops.ClearCollectionOp(self._loader.collection(cls), cls)
            self._unit_of_work.let_go(operation)
            self._unit_of_work.add(operation, self.transactions)
        return self._autoflush()
