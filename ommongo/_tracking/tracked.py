"""A document, as far as what is stored of it is concerned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from ommongo._bson import SNAPSHOT_OPTIONS
from ommongo._tracking.marks import UNKNOWN, Assigned
from ommongo._tracking.packed import PackedBson, PackedLists, is_lists
from ommongo._tracking.places import Place
from ommongo._tracking.plan import Plan
from ommongo._tracking.retrieved import Retrieved
from ommongo._tracking.state import UNSTORED, State
from ommongo._tracking.undo import Undo
from ommongo.exceptions import DocumentException, FieldNotRetrieved, MissingValueException
from ommongo.fields import Field
from ommongo.util import UNSET

if TYPE_CHECKING:
    from ommongo.fields import VersionField

__all__ = ["Tracked", "forget", "hold", "missing", "set_session", "set_state", "set_values"]


class Tracked:
    """
    What a document is to whatever compares it with what is stored.

    ``__dict__`` holds the values of its fields by Python name, and nothing of the library's own.
    Beside it there are the session that the document is bound to, and what is known of it: ``None``
    for one that was loaded and that nobody has touched, a packed form of what can change in place
    (bytes, see `ommongo._tracking.packed`), or a `State`.
    """

    __slots__ = ("__dict__", "__weakref__", "_known", "_session")

    _session: Any
    _known: State | bytes | None
    _fields: ClassVar[dict[str, Field[Any]]]
    _by_db_field: ClassVar[dict[str, Field[Any]]]
    _plan: ClassVar[Plan]
    _version_name: ClassVar[str | None]
    _version_field: ClassVar[VersionField | None]
    _identities: ClassVar[dict[str, Any]]
    _is_family: ClassVar[bool]

    if TYPE_CHECKING:

        @classmethod
        def _id_field(cls) -> Field[Any]: ...
        def _wrap_relative(self) -> dict[str, Any]: ...
        def _partial_wrap(self) -> dict[str, Any]: ...
        def _wrapped_id(self) -> Any: ...
        def _remember(self, field: Field[Any]) -> State: ...
        def _check_identity_value(self, name: str, value: Any) -> None: ...
        def get_extra_fields(self) -> dict[str, Any]: ...
        @classmethod
        def get_collection_name(cls) -> str: ...

    @property
    def _state(self) -> State | None:
        """What is known of this document; ``None`` when it was loaded and nobody touched it."""
        known = self._known
        if known is None or type(known) is State:
            return known
        return self._own_state()

    def _own_state(self) -> State:
        """Give this document's state, made when there was none."""
        known = self._known
        if type(known) is State:
            if known is not UNSTORED:
                return known
            state = State(None)
        elif known is None:
            state = State({})
        elif is_lists(known):
            state = State({}, None, PackedLists(self._plan.simple_lists, known))
        else:
            state = State({}, None, self._packed_image(known))
        set_state(self, state)
        return state

    def _packed_image(self, raw: bytes) -> PackedBson:
        """Give the packed form of what can change in place, after a save of the whole."""
        plan = self._plan
        stored_names = self._by_db_field if plan.may_have_extra else None
        return PackedBson(raw, self._snapshot_options(), plan.changeable, stored_names)

    def _keep_bson(self, raw: bytes) -> None:
        """Keep the BSON that this document was just loaded from, of which snapshots can be cut."""
        plan = self._plan
        if plan.verbatim:
            names = {name: plan.stored_names[name] for name in plan.simple_lists}
            packed = PackedBson(raw, self._snapshot_options(), names, is_kept=True)
            self._own_state().packed = packed

    def _snapshot_options(self) -> Any:
        """Give the options under which snapshots of this document are encoded."""
        if self._session is None:
            return SNAPSHOT_OPTIONS
        return getattr(self._session, "_snapshot_options", SNAPSHOT_OPTIONS)

    def _home(self) -> Place | None:
        """
        Give where this document is stored, or is about to be.

        Returns:
            The place; ``None`` for a new document, for one that has no ``_id`` (such as those that
            are embedded in another), and where nobody knows.
        """
        known = self._known
        if known is UNSTORED or self._plan.id_name not in self.__dict__:
            return None
        if type(known) is State:
            if known.committed is None and known.top is None:
                return None
            places = known.particulars.places
            if places is not None and places.home is not None:
                return places.home
        return Place.of(self._session, self.get_collection_name())

    def _database(self) -> str | None:
        """Give the database of this document, by name, if that is not its session's own."""
        known = self._known
        places = known.particulars.places if type(known) is State else None
        return None if places is None or places.home is None else places.home.database

    def _is_whole(self) -> bool:
        """Whether this is no partial document, and not one as it was before an update."""
        known = self._known
        return type(known) is not State or (
            known.retrieved is None and (known.particulars.past is None or known.committed is None)
        )

    def _is_past(self) -> bool:
        """Whether this is a document as it was before an update."""
        known = self._known
        return type(known) is State and not (
            known.particulars.past is None or known.committed is None
        )

    def _is_retrieved(self, name: str) -> bool:
        """Whether a field can be read: retrieved, set since, or stored by a write that says all."""
        known = self._known
        return (
            type(known) is not State
            or known.retrieved is None
            or name in known.retrieved
            or name in self.__dict__
            or (known.knows(name) and known.known(name) is not UNKNOWN)
        )

    def _is_set(self, name: str) -> bool:
        """Whether a field has a value of its own (not a default that was only read)."""
        origin = self._origin_of(name)
        return name in self.__dict__ and (origin is None or isinstance(origin, Assigned))

    def _was_assigned(self, name: str) -> bool:
        """Whether a field was assigned since it was loaded or stored."""
        return isinstance(self._origin_of(name), Assigned)

    def _origin_of(self, name: str) -> Any:
        """Give where a value comes from, if it was not loaded."""
        known = self._known
        return known.origins.get(name) if type(known) is State else None


def hold(document: Tracked, name: str, value: Any) -> None:
    """
    Let a field hold a value that its user has not put there.

    Args:
        document: The document.
        name: The field's name.
        value: The value, or `UNSET` for none.
    """
    document.__dict__.pop(name, None)
    if value is not UNSET:
        document.__dict__[name] = value


def forget(document: Tracked, name: str, undo: Undo | None = None) -> None:
    """
    Let a field of a document be one that was not retrieved.

    Args:
        document: The document.
        name: The field's name.
        undo: Notes that the document is partial for it.
    """
    document.__dict__.pop(name, None)
    state = document._own_state()
    retrieved = (state.retrieved or Retrieved.everything(type(document))).without({name})
    if undo is None:
        state.retrieved = retrieved
    else:
        undo.put(state, "retrieved", retrieved)
    state.drop_origins({name})
    if state.committed is not None:
        state.committed[name] = UNKNOWN


def missing(document: Tracked, field: Field[Any]) -> DocumentException:
    """
    Give the error for a required field that is not set.

    Args:
        document: The document.
        field: The field.

    Returns:
        `FieldNotRetrieved` for one that was not retrieved, else `MissingValueException`.
    """
    owner = type(document).__name__
    if not document._is_retrieved(field._name):
        return FieldNotRetrieved(
            f"{owner}.{field._name} is required and was not retrieved. Load the document with "
            f"this field, or save only what was retrieved.",
            name=field._name,
            document_class=owner,
        )
    return MissingValueException(
        f"{owner}.{field._name} is required and not set. Set it, give it a default, or declare "
        f"the field with required=False.",
        name=field._name,
        document_class=owner,
    )


# The slots' own setters: setattr would pass the document's __setattr__, which is for fields.
set_values = vars(Tracked)["__dict__"].__set__
set_session = vars(Tracked)["_session"].__set__
set_state = vars(Tracked)["_known"].__set__
