"""The values of a document: assigned, read, deleted, and what each of that makes known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ommongo import _tracking
from ommongo._bson import freeze
from ommongo._spelling import id_of, suggestion
from ommongo._tracking import (
    ASSIGNED,
    EXTRA,
    NO_ORIGINS,
    UNKNOWN,
    PackedBson,
    State,
    Tracked,
    kept_form,
    partial_wrap,
    stored_form,
)
from ommongo.document._traits.aliases import given_by_alias
from ommongo.document._traits.described import Described
from ommongo.document._traits.identity import check_identity_value
from ommongo.document._traits.unknown_names import about_annotation, judge_attribute
from ommongo.exceptions import (
    BadValueException,
    DocumentException,
    ExtraValueException,
    FieldNotRetrieved,
)
from ommongo.fields import Field
from ommongo.util import UNSET

__all__ = ["Values"]

_NO_TESTS: Mapping[type, Any] = MappingProxyType({})


class Values(Described):
    """What `Document` does with the values of its fields."""

    __slots__ = ()

    def _set_attribute(self, name: str, value: Any) -> None:
        """Set an attribute; that of a field is judged, and known to be assigned."""
        cls = type(self)
        field = cls._fields.get(name)
        if field is None:
            if name not in cls._judged_attributes:
                judge_attribute(cls, name)
            object.__setattr__(self, name, value)
            return
        if field._own_set is not None:
            self._set_its_way(field, value)
            return
        values = self.__dict__
        old = values.get(name, UNSET)
        tests = cls._plan.accepted.get(name, _NO_TESTS)
        state = self._own_state()
        if type(old) in tests:  # its own snapshot: it cannot change in place
            known = state.committed
            if known is None:
                known = state.remembered
            if known is not None and name not in known:
                known[name] = old if name not in state.origins else UNSET
        else:
            self._remember(field)
        test = tests.get(type(value))
        if test is not None and test(value):
            values[name] = value
        else:
            try:
                field._put(self, value)
            except BadValueException as error:
                raise error.within(cls.__name__) from error
        self._note_assignment(state, field, old is not value)

    if not TYPE_CHECKING:  # a class that has it may be given any attribute, for all a checker knows
        __setattr__ = _set_attribute

    def __delattr__(self, name: str) -> None:
        field = type(self)._fields.get(name)
        if field is None:
            object.__delattr__(self, name)
            return
        if field._own_delete is None:
            self._delete(field)
        else:
            field._own_delete(self)

    def _check_identity_value(self, name: str, value: Any) -> None:
        """Refuse a value of a field that says of this document that it is of another class."""
        stored_name = self._fields[name].db_field
        if stored_name in self._identities and not self._overrides_subclass:
            check_identity_value(type(self), stored_name, value)

    def _set_its_way(self, field: Any, value: Any) -> None:
        """Let a field set a value that has its own way to do so; for no value it has none."""
        try:
            if value is None and field.optional:
                self._assign(field, value)
            else:
                field._own_set(self, value)
        except BadValueException as error:
            raise error.within(type(self).__name__) from error

    def _assign(self, field: Field[Any], value: Any) -> None:
        """Put a value, once its field accepts it, and note that it was assigned."""
        held = self._before_change(field)
        field._put(self, value)
        self._note_assignment(self._own_state(), field, held is not value)

    def _delete(self, field: Field[Any]) -> None:
        """Let a field be unset."""
        name = field._name
        self._renew()
        if name not in self.__dict__:
            raise AttributeError(
                f"{type(self).__name__}.{name} is not set, so it cannot be deleted."
            )
        state = self._remember(field)
        del self.__dict__[name]
        state.drop_origins({name})

    def _unset(self, name: str) -> None:
        """Let an optional field have no value, which is then known of it."""
        self.__dict__.pop(name, None)
        known = self._known
        if type(known) is State and known.retrieved is not None:
            known.retrieved = known.retrieved.with_whole([name])

    def _before_change(self, field: Field[Any]) -> Any:
        """Keep what is stored of a field that may be about to change; give what is held of it."""
        self._remember(field)
        return self.__dict__.get(field._name, UNSET)

    def _after_change(self, field: Field[Any], before: Any) -> None:
        """Note that a field holds something else than *before*, if nobody has noted it."""
        held = self.__dict__.get(field._name, UNSET)
        if held is UNSET:
            self._own_state().drop_origins({field._name})
        elif held is not before:
            self._note_assignment(self._own_state(), field, True)

    def _remember(self, field: Field[Any]) -> State:
        """Keep what is stored of *field*, before its value can change."""
        state = self._own_state()
        name = field._name
        if state.remembered is None or state.knows(name):
            return state
        if name not in self.__dict__:
            known = UNSET if self._is_retrieved(name) else UNKNOWN
        elif not self._is_set(name):
            known = UNSET
        else:
            known = self._snapshot(state, field, self.__dict__[name])
        state.remember(name, known)
        return state

    def _snapshot(self, state: State, field: Field[Any], value: Any) -> Any:
        """Take a snapshot of a value that is stored as it stands."""
        plan = self._plan
        if type(value) in plan.accepted.get(field._name, ()):
            return value  # stored as it is, and it cannot change in place
        plain_types = plan.plain_lists.get(field._name)
        if plain_types is not None and type(value) is list:
            for item in value:
                if type(item) not in plain_types:
                    break
            else:
                return tuple(value)
        if type(state.packed) is PackedBson and field._name in plan.verbatim:
            found = state.packed.cut_out(field.db_field)
            if found is not None:
                return found
        of_itself = isinstance(value, Tracked) and not field.is_id
        form = stored_form(value) if of_itself else kept_form(field, value)
        return freeze(form, self._snapshot_options())

    def _know_as(self, fresh: Values, names: Iterable[str]) -> None:
        """Take what *fresh*, a newly loaded copy, knows of some fields for what is stored."""
        state, known = self._own_state(), {}
        state.drop_origins(names := [*names])
        for name in names:
            known[name] = fresh._remember(self._fields[name]).known(name)
            origin = fresh._origin_of(name)
            if origin is not None:  # a hook has rewritten what is stored
                state.note(name, origin)
        state.renew(known)
        past = state.particulars.past
        if past is not None:
            is_all = known.keys() == self._fields.keys()
            state.particulars.past = None if is_all else past - known.keys()
        if state.retrieved is not None:
            state.retrieved = state.retrieved.with_whole(known)

    def _know_extra_as(self, fresh: Values) -> None:
        """Hold the extra fields of *fresh*, a newly loaded copy, and know of them as it does."""
        self.get_extra_fields()
        state, extra = self._own_state(), fresh.get_extra_fields()
        state.extra = extra
        state.renew({EXTRA: fresh._own_state().known(EXTRA)})

    def _renew(self) -> bool:
        """
        Load anew what a transaction has read that was not committed, if there is such.

        Returns:
            Whether there was.

        Raises:
            BadResultException: The document is not in the database.
            FieldNotRetrieved: The document is bound to no session that could load it.
        """
        known = self._known
        if type(known) is not State or known.particulars.expired is None:
            return False
        particulars = known.particulars
        document: Any = (
            known.particulars.expired.document
        )  # the one that this one is embedded in, or itself
        expired, session = document._own_state().particulars.expired, document._session
        if expired is None:  # and this one is embedded in it no more
            particulars.expired = None
            return False
        if session is None:
            owner = type(document).__name__
            raise FieldNotRetrieved(
                f"This {owner} was read in a transaction that was not committed, so what it held "
                f"is not known to be stored, and it is bound to no session that could load it "
                f"anew. Bind it with session.add_to_session(document), or query it again.",
                document_class=owner,
            )
        names = None if expired.retrieved is None else expired.names
        _tracking.renew(document, session._load_anew(document, names))
        is_renewed, particulars.expired = particulars.expired is None, None
        return is_renewed

    def _before_read(self, field: Field[Any]) -> None:
        """Keep what is stored of a value that the reader may change in place."""
        known = self._known
        if type(known) is State and (known.remembered is None or known.knows(field._name)):
            return
        self._remember(field)

    @staticmethod
    def _note_assignment(state: State, field: Field[Any], replaced: bool) -> None:
        """Keep that *field* was assigned."""
        name = field._name
        if state.origins is NO_ORIGINS:
            state.origins = {name: ASSIGNED}
        else:
            state.origins[name] = ASSIGNED  # type: ignore[index]  # then it is a dict
        if state.id_is_new and field.is_id:
            state.id_is_new = False
        past = state.particulars.past
        if past and name in past and (replaced or not field._mutable_values):
            state.particulars.past = past - {name}  # whatever it was, it is not what is stored
            if state.committed is not None:
                state.committed[name] = UNKNOWN
        if replaced and state.retrieved is not None and state.retrieved.has_part_of(name):
            state.retrieved = state.retrieved.with_whole([name])
            if state.committed is not None:
                state.committed[name] = UNKNOWN

    def _read_absent(self, field: Field[Any]) -> Any:
        """Give the value of a field that is not set: its default, or the fitting error."""
        name = field._name
        owner = type(self).__name__
        if not self._is_retrieved(name):
            if self._renew():
                return getattr(self, name)
            raise FieldNotRetrieved(
                f"{owner}.{name} was not retrieved. Load the document with this field, or set it.",
                name=name,
                document_class=owner,
            )
        value = self._default_of(field)
        if value is UNSET:
            if field.optional:
                return None
            raise AttributeError(
                f"{owner}.{name} is not set and has no default. Set it, give the field one, or "
                f"declare the field with optional=True to read None."
            )
        return value

    def _default_of(self, field: Field[Any]) -> Any:
        """Give the default of an unset field and keep it; `UNSET` where there is none."""
        name = field._name
        if not self._is_retrieved(name):
            return UNSET
        value = type(self)._identities.get(field.db_field, UNSET)
        if value is UNSET:
            if not field.has_default:
                return UNSET
            value = field._make_default()
        state = self._own_state()
        state.remember(name, UNSET)
        state.note(name, self._frozen_default(field, value))
        if field.is_id:
            state.id_is_new = True
        self.__dict__[name] = value
        return value

    def _frozen_default(self, field: Field[Any], value: Any) -> Any:
        """Take the snapshot that tells later whether a default was changed in place."""
        if not field._mutable_values and not isinstance(value, Tracked):
            return UNKNOWN  # only an assignment can change it
        try:
            return freeze(field.wrap(value), self._snapshot_options())
        except (BadValueException, DocumentException):
            return UNKNOWN  # not fit to be stored: judged when it is

    def _partial_wrap(self) -> dict[str, Any]:
        """Give the values that this document holds, whatever it lacks."""
        return partial_wrap(self)

    def _otherwise_named(self, name: str, given: Mapping[str, Any]) -> Field[Any] | None:
        """Give the field that is meant by a name which is no field's own, if there is one."""
        try:
            alias = given_by_alias(type(self), name, given)
        except BadValueException as error:
            raise error.within(type(self).__name__) from error
        if alias is not None:
            return alias
        # Its stored name, which an extra field would have.
        if self.config_extra_fields != "ignore":
            return None  # it is refused as any name is that is no field's
        field = self._by_db_field.get(name)
        if field is not None and field._name in given:
            owner = type(self).__name__
            raise ExtraValueException(
                f"{owner} was given {field._name!r} and {name!r}, which is the stored name of the "
                f"same field. Give one of them.",
                name=name,
                document_class=owner,
            )
        return field

    def _take_extra(self, name: str, value: Any) -> None:
        owner = type(self).__name__
        if self.config_extra_fields != "ignore":
            alias = self._aliases.get(name)
            if alias is not None:
                advice = f" Here it is another name of {alias._name}: give that, if it is meant."
            elif name in ("_id", "pk"):
                advice = id_of(type(self))
            else:
                advice = (
                    f"{suggestion(name, self._fields)}{about_annotation(type(self), name)} Check "
                    f"the spelling, declare the field, or "
                    f"set config_extra_fields = 'ignore' to keep such values."
                )
            raise ExtraValueException(
                f"{owner} has no field {name!r}.{advice}",
                name=name,
                document_class=owner,
            )
        state = self._own_state()
        if state.extra is None:
            state.extra = {}
        state.extra[name] = value

    def get_extra_fields(self) -> dict[str, Any]:
        """
        Give the values that belong to no field.

        Returns:
            A live dict by stored name: changes to it are stored.
        """
        self._renew()
        state = self._own_state()
        if state.extra is None:
            state.extra = {}
        if state.remembered is not None and not state.knows(EXTRA):
            state.remember(EXTRA, freeze({**state.extra}, self._snapshot_options()))
        return state.extra
