"""Who a document is: its ``_id``, references to it, equality."""

from __future__ import annotations

import reprlib
from typing import TYPE_CHECKING, Any, ClassVar

from bson import DBRef, ObjectId

from ommongo.document._plan import plan_of
from ommongo.document._state import State
from ommongo.document._stored import comparable_id, same, thaw
from ommongo.document._truth import UNKNOWN, Truth
from ommongo.document._values import Values, set_state
from ommongo.exceptions import BadReferenceException, FieldNotRetrieved, InvalidUpdateException
from ommongo.fields import Field, VersionField
from ommongo.util import UNSET

__all__ = ["Identity"]

_SHOWN_FIELDS = 4


class Identity(Values):
    """What `Document` does with its ``_id``."""

    __slots__ = ()

    _by_db_field: ClassVar[dict[str, Field[Any]]]
    _version_field: ClassVar[VersionField | None]

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
        plan = plan_of(type(self))
        value = self.__dict__.get(plan.id_name, UNSET)
        if value is UNSET or value is None:
            return UNSET
        if plan.takes_ids and type(value) is ObjectId:
            return value
        return self._id_field().wrap(value)

    def _check_id_retrieved(self) -> None:
        """Refuse a partial document whose ``_id`` was not retrieved."""
        name = plan_of(type(self)).id_name
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
        state = self._state
        if state is None or not state.stored:
            return
        if state.source is not None:
            known = Truth(self).of(self._id_field())
        else:
            known = state.snapshot_of(plan_of(type(self)).id_name, UNSET)
        if known is UNSET or known is UNKNOWN:
            return
        now = self._wrapped_id()
        if now is UNSET or not same(known, now, self._snapshot_options()):
            raise InvalidUpdateException(
                f"The _id of this {type(self).__name__} was changed after it was stored. An _id "
                f"never changes: set it back, or copy the document with session.clone().",
                document_class=type(self).__name__,
                document_id=thaw(known),
            )

    def _is_whole(self) -> bool:
        """Whether this is no partial document."""
        known = self._known
        return type(known) is not State or known.retrieved is None

    def _make_unstored(self) -> None:
        """Forget that this document came from stored data."""
        state = State(stored=False)
        if self._state is not None:
            state.extra = self._state.extra
        set_state(self, state)

    def _version_condition(self) -> dict[str, Any]:
        """Give the condition under which a write of this document may go ahead."""
        field = type(self)._version_field
        state = self._state
        if field is None or not (state is None or state.stored):
            return {}
        # A document from before its class counted versions has none: null matches that too.
        return {field.db_field: self.__dict__.get(field._name)}

    def has_id(self) -> bool:
        """Tell whether the document has an ``_id``."""
        return self._wrapped_id() is not UNSET

    def to_ref(self, db: str | None = None) -> DBRef:
        """
        Give a reference to this document.

        Args:
            db: The database to name in it.

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
        return DBRef(self.get_collection_name(), stored, database=db)

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
            and bool(comparable_id(mine) == comparable_id(other._wrapped_id()))
        )

    def __hash__(self) -> int:
        stored = self._wrapped_id()
        if stored is UNSET:
            raise TypeError(
                f"This {type(self).__name__} has no _id yet, and saving it would change its hash. "
                f"Add it to a session first."
            )
        return hash((self.get_collection_name(), comparable_id(stored)))

    def __repr__(self) -> str:
        cls = type(self)
        id_name = self._id_field()._name
        shown = [f"{id_name}={self.__dict__[id_name]!r}"] if id_name in self.__dict__ else []
        names = [n for n in cls._fields if n != id_name and n in self.__dict__]
        shown += [f"{n}={reprlib.repr(self.__dict__[n])}" for n in names[:_SHOWN_FIELDS]]
        more = ", …" if len(names) > _SHOWN_FIELDS else ""
        return f"{cls.__name__}({', '.join(shown)}{more})"
