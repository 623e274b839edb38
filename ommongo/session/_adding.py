"""Queueing a document to be stored: the quick way for a new one, and the plain way for any."""

from __future__ import annotations

from collections.abc import Mapping
from threading import get_ident
from typing import TYPE_CHECKING, Any

import bson
from bson import ObjectId

from ommongo import ops
from ommongo._cycles import refuse_endless
from ommongo._tracking import UNSTORED, State, has_origins_below, set_session, set_state
from ommongo.document import Document
from ommongo.session._elsewhere import Elsewhere

if TYPE_CHECKING:
    from ommongo._persistence.insert_plan import InsertPlan

__all__ = ["Adding"]


class Adding(Elsewhere):
    """
    What a session does to queue a document.

    There are two ways. The plain one, `_add_any`, takes any document: it asks what is known of it,
    where it is stored, and by which operation, and lays a layer on what is known. Of a new document
    without an ``_id`` the answers are there: nothing, where the session keeps its class, and by an
    insert, on which nothing lies. So `add` does for such a one in a single function what the plain
    way does in ten, with what is the same for all documents of the class kept in an `InsertPlan`.

    It is as safe as the plain way because it never guesses: what anybody could have changed is
    looked at for each document (whose turn it is, what is known of it, its collection's name, its
    blocks), ``wrap`` is called as everywhere, and the rest follows from the class and the session's
    codec options, with which the plans go. Whatever is not so goes the plain way.
    """

    def add(self, item: Document, safe: bool | None = None) -> None:
        """
        Queue a document to be stored, as it is now.

        It gets an ``_id`` at once if it has none, so that others can refer to it.

        Args:
            item: The document.
            safe: Whether an error of the server is raised; the session's setting when left out.

        Raises:
            BadValueException: A value cannot be stored.
            FieldNotRetrieved: A partial document's ``_id`` was not retrieved, or a value that was
                loaded in part was changed in place.
            InvalidUpdateException: The ``_id`` of a stored document was changed.
            MissingValueException: A required field is not set.
            TypeError: *item* is no document, or *safe* no bool.
            bson.errors.InvalidDocument: BSON cannot encode a value.
            OverflowError: An integer has more than 64 bits.

        Example:
            >>> session.add(User(name="Ken"))
            >>> session.queue
            [<SaveOp save of User with _id ObjectId('...')>]
            >>> _ = session.flush()

        MongoDB manual:
            https://www.mongodb.com/docs/manual/tutorial/insert-documents/
        """
        if safe is not None and not isinstance(safe, int):
            self._refuse_safe("add", safe)
        turn, me = self._turn, get_ident()
        if (turn.thread or me) != me or (turn.home or me) != me:
            turn.check()  # before anything is done to the document
        cls = type(item)
        plan = self._loader.insert_plans.get(cls)
        if (
            plan is None
            or (item._known is not UNSTORED and not _has_defaults_alone(item._known))
            or plan.id_name in item.__dict__
            or (item._session is not None and item._session is not self)
            or plan.collection_name != cls.get_collection_name()
        ):
            self._add_any(item, safe)
            return
        values = item.__dict__
        try:
            values[plan.id_name] = ObjectId()
            stored = item.wrap()
            raw = bson.encode(stored, codec_options=plan.options)
        except BaseException as error:
            values.pop(plan.id_name, None)
            if isinstance(error, RecursionError):
                refuse_endless(item, error)
            raise
        known: Any = item._known
        # Else a hook has added it, or it was given a default that can change in place.
        is_blank = is_flat = known is UNSTORED or _has_defaults_alone(known)
        for name in plan.holding:
            value: Any = values.get(name)
            if type(value) in plan.flat and value._known is UNSTORED:
                set_session(value, self)
            elif value is not None:
                is_flat = False
        if is_flat:
            set_session(item, self)
        elif not (self._binds_blank_parts(item, known) and is_blank):
            self._add_wrapped(item, plan, stored, raw, safe)
            return
        # What follows is `UnitOfWork.add`, where a plain operation can be laid by one assignment.
        operation = plan.make_operation(plan.collection, item, stored, raw, safe)
        if known is not UNSTORED:
            operation.origins = known.origins
        before = turn.thread
        if (before or me) != me or (turn.home or me) != me:
            before = turn.check()
        try:
            turn.thread = me
            if self.transactions:
                operation.transactions = self.transactions.entered()
            self._unit_of_work.queue.append(operation)
            set_state(item, raw)
        except BaseException:
            now: Any = item._known
            if now is not raw:
                self._unit_of_work.withdraw(operation)
            raise
        finally:
            turn.thread = before
        if self.cache.size != 0:
            self.cache.write(self._key_in(plan.collection, operation.document_id), item)

    def _binds_blank_parts(self, item: Document, known: Any) -> bool:
        """Bind a document and those in it; tell whether nothing is known of these."""
        try:
            item._set_session(self, is_at_home=True)
        except RecursionError as error:
            refuse_endless(item, error)
        return item._known is known and not has_origins_below(item)

    def _add_wrapped(
        self,
        item: Document,
        plan: InsertPlan,
        stored: Mapping[str, Any],
        raw: bytes,
        safe: bool | None,
    ) -> None:
        """Queue a document of which something is known since it was wrapped."""
        known = item._known
        if type(known) is not State or known.committed is not None or known.top is not None:
            self._add_any(item, safe)  # a hook has added it
            return
        operation = ops.SaveOp(plan.collection, item, stored, True, True, safe, raw=raw)
        self._unit_of_work.add(operation, self.transactions)
        if self.cache.size != 0:
            self.cache.write(self._key_in(plan.collection, operation.document_id), item)

    def _add_any(self, item: Document, safe: bool | None) -> None:
        """Queue any document."""
        collection = self._own_collection(item)
        original = item
        if collection is None:
            item, collection = self._to_save(item)
        elif type(item) not in self._loader.insert_plans:
            from ommongo._persistence.insert_plan import insert_plan  # with the first write

            self._loader.insert_plans[type(item)] = insert_plan(type(item), collection)
        try:
            operation = ops.save_operation(collection, item, safe, upsert=self._upsert_on_save)
            item._set_session(self, is_at_home=True)
        except RecursionError as error:
            refuse_endless(item, error)
        if operation is not None:
            if item is not original and operation.run == "insert":
                operation.copied_from = original._home()
                operation.safe = True  # who is told of no error takes what is there for the copy
            self._unit_of_work.add(operation, self.transactions)
        if self.cache.size != 0 and item._is_whole():
            self.cache.write(self._key_in(collection, item._wrapped_id()), item)


def _has_defaults_alone(known: Any) -> bool:
    """Tell whether nothing is known of a new document but which of its values are defaults."""
    return type(known) is State and known.has_defaults_alone
