"""Who a document is: its ``_id``, references to it, equality."""

from __future__ import annotations

import reprlib
from typing import TYPE_CHECKING, Any

from bson import DBRef, ObjectId

from ommongo._bson import id_key, same, thaw
from ommongo._tracking import (
    UNCHANGED,
    UNKNOWN,
    State,
    Tracked,
    is_known,
    keep_id,
    keep_whole,
    kept_id,
    kept_whole,
    partial_wrap,
    set_state,
    stored_form,
)
from ommongo.document._values import Values
from ommongo.exceptions import BadReferenceException, FieldNotRetrieved, InvalidUpdateException
from ommongo.fields import Field
from ommongo.util import UNSET

__all__ = ["Identity"]

_SHOWN_FIELDS = 4


class Identity(Values):
    """What `Document` does with its ``_id``."""

    __slots__ = ()

    if TYPE_CHECKING:

        @classmethod
        def get_collection_name(cls) -> str: ...

    @classmethod
    def _id_field(cls) -> Field[Any]:
        """Give the field that is stored as ``_id``."""
        return cls._by_db_field["_id"]

    def _id_value(self) -> Any:
        """Give the id in its Python form, or `UNSET`; an automatic one is made."""
        value = self._id_field()._value_to_store(self)
        return UNSET if value is None else value

    def _wrapped_id(self) -> Any:
        """Give the id as it is stored, or `UNSET`."""
        plan = self._plan
        value = self.__dict__.get(plan.id_name, UNSET)
        known = self._known
        if value is UNSET:
            return UNSET
        if value is None:  # which `$group` makes of all documents; a new document has none yet
            is_stored = type(known) is not State or known.committed is not None
            return None if is_stored else UNSET
        if type(known) is State and known.particulars.stored_id is not None:
            stored = kept_id(self, value)
            if stored is not UNSET:
                return stored
        if plan.takes_ids and type(value) is ObjectId:
            return value
        return self._id_field().wrap(value)

    def _keep_id(self, stored: Any) -> None:
        """Take *stored* for the ``_id``, which is stored so and was just loaded."""
        keep_id(self, stored)

    def _keep_whole(self, stored: Any) -> None:
        """Take *stored* for what this document is stored as, which is an ``_id`` itself."""
        keep_whole(self, stored)

    def _kept_whole(self) -> Any:
        """Give what this document, an ``_id`` itself, was loaded from if it is stored otherwise."""
        return kept_whole(self)

    def _check_id_retrieved(self) -> None:
        """Refuse a partial document whose ``_id`` was not retrieved."""
        name = self._plan.id_name
        if not self._is_retrieved(name):
            owner = type(self).__name__
            raise FieldNotRetrieved(
                f"The _id of this {owner} was not retrieved, so it cannot be told which document "
                f"is meant. Load it with {name}.",
                name=name,
                document_class=owner,
            )

    def _check_id_unchanged(self) -> None:
        """Refuse a stored document whose ``_id`` is not the stored one any more."""
        state, value = self._state, self.__dict__.get(self._plan.id_name)
        known: Any = UNCHANGED
        if state is not None:
            if state.committed is None:
                return
            known = state.known(self._plan.id_name)
            if state.particulars.stored_id is not None:
                if kept_id(self, value) is not UNSET:
                    return
                known = state.particulars.stored_id[0]  # in a form that no other snapshot has it in
        if known is UNCHANGED and isinstance(value, Tracked):
            known, held = stored_form(value), partial_wrap(value)  # it says itself what is stored
            now: Any = {name: held[name] for name in (*known, *held) if name in held}
        elif is_known(known):
            now = self._wrapped_id()
        else:
            return
        if now is UNSET or not same(known, now, self._snapshot_options()):
            raise InvalidUpdateException(
                f"The _id of this {type(self).__name__} was changed after it was stored. An _id "
                f"never changes: set it back, or copy the document with session.clone().",
                document_class=type(self).__name__,
                document_id=thaw(known),
            )

    def _make_unstored(self) -> None:
        """Forget that this document came from stored data."""
        state = State(None)
        if self._state is not None:
            state.extra = self._state.extra
        set_state(self, state)

    def _is_version_unknown(self) -> bool:
        """Whether an update changes, or will change, a document that nobody has loaded."""
        name, state = type(self)._version_name, self._known
        return (
            name is not None
            and name not in self.__dict__
            and type(state) is State
            and state.committed is not None
            and state.known(name) is UNKNOWN
        )

    def _version_condition(self) -> dict[str, Any]:
        """Give the condition under which a write of this document may go ahead."""
        field = type(self)._version_field
        state = self._state
        if field is None or (state is not None and state.committed is None):
            return {}
        if self._is_version_unknown():
            return {}
        # A document from before its class counted versions has none: null matches that too.
        return {field.db_field: self.__dict__.get(field._name)}

    def _next_version(self) -> int:
        """Give the version that the whole document is stored under."""
        field = type(self)._version_field
        state = self._state
        if field is None or (state is not None and state.committed is None):
            return 1
        return 1 + (self.__dict__.get(field._name) or 0)

    def has_id(self) -> bool:
        """Tell whether the document has an ``_id``."""
        return self._wrapped_id() is not UNSET

    def to_ref(self, db: str | None = None) -> DBRef:
        """
        Give a reference to this document.

        Args:
            db: The database to name in it. When left out, that of a document which its session
                loaded from another database than its own, and else none: the reference is then one
                within a database.

        Returns:
            The reference.

        Raises:
            BadReferenceException: The document has no ``_id`` yet.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/database-references/
        """
        stored = self._wrapped_id()
        if stored is UNSET:
            raise BadReferenceException(
                f"This {type(self).__name__} has no _id yet, so nothing can refer to it. Add it to "
                f"a session first.",
                reference=self,
            )
        home = self._home()
        if home is None or self._database() is None:
            return DBRef(self.get_collection_name(), stored, database=db)
        return DBRef(home.collection, stored, database=db or home.database)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Identity):
            return NotImplemented
        mine = self._wrapped_id()
        return (
            mine is not UNSET
            and self.get_collection_name() == other.get_collection_name()
            and other._wrapped_id() is not UNSET
            and bool(id_key(mine) == id_key(other._wrapped_id()))
        )

    def __hash__(self) -> int:
        stored = self._wrapped_id()
        if stored is UNSET:
            raise TypeError(
                f"This {type(self).__name__} has no _id yet, and saving it would change its hash. "
                f"Add it to a session first."
            )
        return hash((self.get_collection_name(), id_key(stored)))

    def __repr__(self) -> str:
        cls = type(self)
        id_name = self._id_field()._name
        shown = [f"{id_name}={self.__dict__[id_name]!r}"] if id_name in self.__dict__ else []
        names = [n for n in cls._fields if n != id_name and n in self.__dict__]
        shown += [f"{n}={reprlib.repr(self.__dict__[n])}" for n in names[:_SHOWN_FIELDS]]
        more = ", …" if len(names) > _SHOWN_FIELDS else ""
        return f"{cls.__name__}({', '.join(shown)}{more})"
