"""The values of a document: assigned, read, deleted, and what each of that makes known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from ommongo.document._plan import Plan, plan_of
from ommongo.document._polymorphism import Selector
from ommongo.document._state import UNSTORED, Saved, State
from ommongo.document._stored import SNAPSHOT_OPTIONS, Encoded, encode, freeze
from ommongo.document._truth import UNKNOWN, held_form, kept_form, stored_form
from ommongo.exceptions import (
    BadValueException,
    DocumentException,
    ExtraValueException,
    FieldNotRetrieved,
)
from ommongo.fields import Field
from ommongo.util import UNSET

if TYPE_CHECKING:
    from ommongo.document._state import StateMaker

__all__ = ["Values", "set_session", "set_state", "set_values"]


_NO_TESTS: Mapping[type, Any] = MappingProxyType({})


class Values:
    """What `Document` does with the values of its fields."""

    # __dict__ holds the field values by Python name, and nothing of the library's own.
    __slots__ = ("__dict__", "__weakref__", "_known", "_session")

    _session: Any
    _known: State | bytes | StateMaker | None
    _fields: ClassVar[dict[str, Field[Any]]]
    _selector: ClassVar[Selector]
    _plan: ClassVar[Plan | None]
    config_extra_fields: ClassVar[str]

    def __setattr__(self, name: str, value: Any) -> None:
        cls = type(self)
        field = cls._fields.get(name)
        if field is None:
            object.__setattr__(self, name, value)
            return
        values = self.__dict__
        old = values.get(name, UNSET)
        tests = (cls._plan or plan_of(cls)).accepted.get(name, _NO_TESTS)
        state = self._own_state()
        if type(old) in tests and state.stored and state.source is None and not state.defaults:
            state.keep_constant(name, old)
        else:
            self._remember(field)
        test = tests.get(type(value))
        if test is not None and test(value):
            values[name] = value
        else:
            try:
                field.set_value(self, value)
            except BadValueException as error:
                raise error.within(cls.__name__) from error
        self._note_assignment(state, field, old is not value)

    def __delattr__(self, name: str) -> None:
        field = type(self)._fields.get(name)
        if field is None:
            object.__delattr__(self, name)
            return
        if name not in self.__dict__:
            raise AttributeError(
                f"{type(self).__name__}.{name} is not set, so it cannot be deleted."
            )
        state = self._remember(field)
        del self.__dict__[name]
        state.assigned -= {name}
        if state.defaults is not None:
            state.defaults.pop(name, None)

    @property
    def _state(self) -> State | None:
        """What is known of this document; ``None`` when it was loaded and nobody touched it."""
        known: Any = self._known
        if known is None or type(known) is State:
            return known
        state = self._state_of(known)
        set_state(self, state)
        return state

    def _state_of(self, known: bytes | StateMaker) -> State:
        """Give the state for which another object stood in the slot."""
        if type(known) is bytes:
            return State.of_lists(plan_of(type(self)).simple_lists, known)
        if isinstance(known, Saved):
            return State(True, None, Encoded(known, self._snapshot_options()))
        return known.make_state()  # type: ignore[union-attr]  # there are no other bytes

    def _own_state(self) -> State:
        """Give this document's state, made when there was none."""
        known: Any = self._known
        if type(known) is State:
            if known is not UNSTORED:
                return known
            state = UNSTORED.copy()
        elif known is None:
            state = State(stored=True)
        elif type(known) is bytes:  # as `_state_of` does, for most of the documents that change
            plan = self._plan or plan_of(type(self))
            state = State.of_lists(plan.simple_lists, known)
        else:
            state = self._state_of(known)
        set_state(self, state)
        return state

    def _remember(self, field: Field[Any]) -> State:
        """Keep what is stored of *field*, before its value can change."""
        state = self._own_state()
        name = field._name
        if not state.stored or state.source is not None or state.knows(name):
            return state
        if name not in self.__dict__:
            known = UNSET if self._is_retrieved(name) else UNKNOWN
        elif state.defaults is not None and name in state.defaults:
            known = UNSET
        else:
            known = self._snapshot(state, field, self.__dict__[name])
        state.keep({name: known})
        return state

    def _snapshot(self, state: State, field: Field[Any], value: Any) -> Any:
        """Take a snapshot of a value that is stored as it stands."""
        plan = plan_of(type(self))
        if type(value) in plan.accepted.get(field._name, ()):
            return value  # stored as it is, and it cannot change in place
        plain_types = plan.plain_lists.get(field._name)
        if plain_types is not None and type(value) is list:
            for item in value:
                if type(item) not in plain_types:
                    break
            else:
                return tuple(value)
        if state.loaded is not None and field._name in plan.verbatim:
            from ommongo.document._large import cut_out  # few documents are

            found = cut_out(state.loaded, field.db_field, self._snapshot_options())
            if found is not None:
                return found
        form = stored_form(value) if isinstance(value, Values) else kept_form(field, value)
        return freeze(form, self._snapshot_options())

    def _know_stored(self, names: Iterable[str]) -> None:
        """Take the values of some fields, just loaded, for what is stored."""
        state = self._own_state()
        options = self._snapshot_options()
        for name in names:
            value = self.__dict__.get(name, UNSET)
            if isinstance(value, Values):
                value = stored_form(value)
            elif value is not UNSET:
                value = kept_form(self._fields[name], value)
            state.baseline[name] = UNSET if value is UNSET else freeze(value, options)
            if state.defaults is not None:
                state.defaults.pop(name, None)
        state.assigned = state.assigned.difference(names)
        if state.retrieved is not None:
            state.retrieved = state.retrieved.with_whole(names)

    def _before_read(self, field: Field[Any]) -> None:
        """Keep what is stored of a value that the reader may change in place."""
        known = self._known
        if type(known) is State and (
            not known.stored or known.source is not None or known.knows(field._name)
        ):
            return
        self._remember(field)

    @staticmethod
    def _note_assignment(state: State, field: Field[Any], replaced: bool) -> None:
        """Keep that *field* was assigned."""
        name = field._name
        if name not in state.assigned:
            state.assigned |= {name}
        if state.defaults is not None:
            state.defaults.pop(name, None)
        if state.id_given and field.is_id:
            state.id_given = False
        if replaced and state.retrieved is not None and name in state.retrieved.parts:
            state.retrieved = state.retrieved.without_part(name)
            state.baseline[name] = UNKNOWN

    def _read_absent(self, field: Field[Any]) -> Any:
        """Give the value of a field that is not set: its default, or the fitting error."""
        name = field._name
        owner = type(self).__name__
        if not self._is_retrieved(name):
            raise FieldNotRetrieved(
                f"{owner}.{name} was not retrieved. Load the document with this field, or set it.",
                name=name,
                document_class=owner,
            )
        value = self._default_of(field)
        if value is UNSET:
            raise AttributeError(
                f"{owner}.{name} is not set and has no default. Set it, or give the field one."
            )
        return value

    def _default_of(self, field: Field[Any]) -> Any:
        """Give the default of an unset field and keep it; `UNSET` where there is none."""
        name = field._name
        if not self._is_retrieved(name):
            return UNSET
        if field.has_default:
            value = field._make_default()
        else:
            value = type(self)._selector.identities().get(field.db_field, UNSET)
            if value is UNSET:
                return UNSET
        state = self._own_state()
        if state.stored and state.source is None:
            state.baseline.setdefault(name, UNSET)
        if state.defaults is None:
            state.defaults = {}
        state.defaults[name] = self._frozen_default(field, value)
        if field.is_id:
            state.id_given = True
        self.__dict__[name] = value
        return value

    def _frozen_default(self, field: Field[Any], value: Any) -> Any:
        """Take the snapshot that tells later whether a default was changed in place."""
        if not field._mutable_values and not isinstance(value, Values):
            return UNKNOWN  # only an assignment can change it
        try:
            return freeze(field.wrap(value), self._snapshot_options())
        except (BadValueException, DocumentException):
            return UNKNOWN  # not fit to be stored: judged when it is

    def _is_retrieved(self, name: str) -> bool:
        """Whether a field can be read: retrieved, or set since."""
        known = self._known
        return (
            type(known) is not State
            or known.retrieved is None
            or name in known.retrieved
            or name in self.__dict__
        )

    def _is_set(self, name: str) -> bool:
        """Whether a field has a value of its own (not a default that was only read)."""
        state = self._state
        return name in self.__dict__ and not (
            state is not None and state.defaults is not None and name in state.defaults
        )

    def _held_form(self) -> dict[str, Any]:
        """Give the values that this document holds, whatever it lacks."""
        return held_form(self)

    def _snapshot_options(self) -> Any:
        """Give the options under which snapshots of this document are encoded."""
        if self._session is None:
            return SNAPSHOT_OPTIONS
        return getattr(self._session, "_snapshot_options", SNAPSHOT_OPTIONS)

    def _take_extra(self, name: str, value: Any) -> None:
        owner = type(self).__name__
        if self.config_extra_fields != "ignore":
            raise ExtraValueException(
                f"{owner} has no field {name!r}. Check the spelling, declare the field, or set "
                f"config_extra_fields = 'ignore' to keep such values.",
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
        state = self._own_state()
        if state.extra is None:
            state.extra = {}
        if state.stored and state.extra_baseline is None and state.source is None:
            state.extra_baseline = encode(state.extra, self._snapshot_options())
        return state.extra


# The slots' own setters: setattr would pass Values.__setattr__, which is for fields.
set_values = vars(Values)["__dict__"].__set__
set_session = vars(Values)["_session"].__set__
set_state = vars(Values)["_known"].__set__
