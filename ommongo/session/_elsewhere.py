"""Objects that are stored in another place, and what a session stores of them in its own."""

from __future__ import annotations

from typing import Any

from pymongo.collection import Collection

from ommongo import _tracking
from ommongo._tracking import Places, hold
from ommongo.document import Document
from ommongo.session._objects import Objects
from ommongo.util import UNSET

__all__ = ["Elsewhere"]


class Elsewhere(Objects):
    """
    What a session does with an object of another database, or of another collection of its own.

    An object belongs to one place. What another session saves of it is a copy: a document with the
    same ``_id``, of which what is stored is known apart.
    """

    def _to_save(self, item: Document) -> tuple[Document, Collection[Any]]:
        """Give what to save where, for an object that is stored in another place."""
        copy = self._copy_of(item)
        if copy is None and item._session is self:
            return item, self._loader.collection_of(item)
        copy = self._copied(item, copy)
        return copy, self._loader.collection(type(copy))

    def _to_change(self, item: Document) -> tuple[Document, Collection[Any]]:
        """Give what to update or remove where, for an object that is stored in another place."""
        copy = self._copy_of(item)
        if copy is None:
            return item, self._loader.collection_of(item)
        return self._copied(item, copy), self._loader.collection(type(copy))

    def _copy_of(self, item: Document) -> Any:
        """Give the copy of an object that was saved in the session's own place, if one was."""
        state = item._state
        places = None if state is None else state.particulars.places
        return None if places is None else places.copy_at(self._loader.place(type(item)))

    def _copied(self, item: Document, copy: Any) -> Any:
        """Let the copy of an object, a new one if there is none, hold what the object holds."""
        fresh = self.clone(item)
        name = item._plan.id_name
        if copy is None or copy._home() is None:
            fresh.__dict__[name] = item.__dict__[name]
            fresh._own_state().id_is_new = True  # an insert: what has this _id here is not ours
            self._keep_copy(item, fresh)
            return fresh
        for field in type(item)._fields.values():
            if field._name not in (name, type(item)._version_name):
                _take(copy, field, fresh.__dict__.get(field._name, UNSET), item)
        if item._own_state().extra is not None:
            copy.get_extra_fields()
            copy._own_state().extra = fresh.get_extra_fields()
        return copy

    def _keep_copy(self, item: Document, copy: Document) -> None:
        """Let an object know the copy of it that the session is about to store."""
        particulars, place = item._own_state().own_particulars(), self._loader.place(type(item))
        places = particulars.places = particulars.places or Places()
        others = [(where, other) for where, other in places.copies if not where.is_same(place)]
        places.copies = [*others, (place, copy)]


def _take(copy: Document, field: Any, value: Any, item: Document) -> None:
    """Let a field of a copy hold a value as that of the object holds it."""
    copy._remember(field)
    was_assigned = item._was_assigned(field._name)
    if field.on_update in _tracking.ARGUMENT_OPERATORS and not was_assigned:
        return  # what an operator made of it in the object's own place
    hold(copy, field._name, value)
    copy._own_state().drop_origins({field._name})
    if was_assigned and value is not UNSET:
        copy._note_assignment(copy._own_state(), field, True)
