"""Running what was built outside the session: queries, removals, update expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pymongo.errors import OperationFailure

from ommongo import _tracking, ops
from ommongo._notes import add_note, note_text_index
from ommongo._persistence.decoding import decoded, undecoded
from ommongo.exceptions import BadDocumentException, TransactionException
from ommongo.session._base import SessionBase
from ommongo.util import UNSET

if TYPE_CHECKING:
    from ommongo.query import Query, QueryResult, RemoveQuery

__all__ = ["Executing"]


class Executing(SessionBase):
    """The methods of a session that queries and update expressions call."""

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
        self._turn.check()
        collection = self._loader.collection(remove.type)
        operation = ops.RemoveOp(
            collection, remove.type, remove.query, remove._safe, remove._write_options
        )
        self._unit_of_work.let_go(operation)
        self._unit_of_work.add(operation, self.transactions)
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
        filter, data = update._prepared()
        operation = ops.UpdateOp(
            self._loader.collection(query.type),
            query.type,
            filter,
            data,
            upsert=update._upsert,
            multi=update._multi,
            safe=update._safe,
            write_options=update._write_options,
            call_options={name: value for name, value in options.items() if value is not None},
            limits=update._limits(),
        )
        self._unit_of_work.add(operation, self.transactions)
        return self._autoflush()

    def execute_find_and_modify(self, expression: Any) -> Any:
        """
        Run a find-and-modify; what `FindAndModifyExpression` calls.

        Args:
            expression: The expression.

        Returns:
            The object, or ``None``.

        Raises:
            BadDocumentException: The document cannot be loaded; it was changed all the same.
            TransactionException: A block is open: its writes are queued, and this one cannot be.
        """
        query = expression.query  # which counts as an attempt: nobody has forgotten it
        self._turn.check()
        if self.in_transaction:
            raise TransactionException(
                "find_and_modify inside a 'with session:' block: its result is needed at once, and "
                "what the block writes is sent at its end. Call it before or after the block."
            )
        collection = self._collection_to_read(query.type)
        if not query.is_raw:
            self.auto_ensure_indexes(query.type)
            if self.timezone is not None and not expression._remove:
                update = expression.update_data
                ops.refuse_what_has_no_local_form(query.type, update, collection.codec_options)
        source = collection if query.is_raw else undecoded(collection)
        with self._sending as client_session:
            try:
                stored = expression._perform(source, client_session)
            except OperationFailure as error:
                note_text_index(error, query.type)
                raise
        if stored is None or query.is_raw:
            return stored
        retrieved = query._criteria.retrieved()
        try:
            raw = decoded(query.type, stored, collection.codec_options)
            key = self._loader.key(query.type, raw.get("_id", UNSET))
            if expression._remove:
                self.cache.drop(key)
            document = self._loader.load_new(self, query.type, raw, retrieved)
        except BadDocumentException as error:
            if expression._remove:
                self.cache.drop(self._loader.key(query.type, error.document_id))
            done = "removed" if expression._remove else "changed"
            add_note(error, f"It was {done}: only its object could not be made.")
            raise
        self._loader.let_know(document, collection.database.name, collection.name)
        if expression._new and retrieved is None:
            self.cache.write(key, document)
        elif expression._remove and retrieved is None:
            document._make_unstored()
        elif not (expression._new or expression._remove):
            _tracking.be_past(document, expression._changed)
        return document
