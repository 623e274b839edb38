"""
What a document holds once a write of it was queued, and again when that write failed.

A queued write makes its document clean, and a failed or dropped one makes it dirty again; so
success, the common case, costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ommongo.document._changes import (
    ARGUMENT_OPERATORS,
    UNCHANGED,
    UNKNOWN,
    Change,
    Changes,
    Truth,
    stored_form,
)
from ommongo.document._retrieved import Retrieved
from ommongo.document._state import State
from ommongo.document._stored import Encoded, encode, freeze, same, thaw
from ommongo.fields import ModifiedField, VersionField
from ommongo.util import UNSET

__all__ = ["NextVersion", "SavedDocument", "UpdatedDocument", "stored_times"]

Times = list[tuple[Any, str, Any]]


def stored_times(document: Any, stored: Mapping[str, Any]) -> Times:
    """
    Give the times of modification that are about to be stored.

    Args:
        document: The document.
        stored: Its stored form.

    Returns:
        Documents, attribute names and values: what they hold once that is stored.
    """
    times: Times = []
    for name, field in type(document)._fields.items():
        value = stored.get(field.db_field)
        if isinstance(field, ModifiedField) and value is not None:
            times.append((document, name, field.unwrap(value, document._session)))
        elif isinstance(value, Mapping) and hasattr(document.__dict__.get(name), "_state"):
            times.extend(stored_times(document.__dict__[name], value))
    return times


class _Embedded:
    """Assignments inside embedded documents that a write takes care of."""

    def __init__(self) -> None:
        self._cleared: list[tuple[State, frozenset[str]]] = []

    def clear(self, document: Any) -> None:
        """Forget what was assigned in the documents embedded in *document*."""
        for name, field in type(document)._fields.items():
            value = document.__dict__.get(name)
            state: State | None = getattr(value, "_state", None)
            if value is None or not field.has_subfields or not hasattr(value, "_state"):
                continue
            if state is not None and state.assigned:
                self._cleared.append((state, state.assigned))
                state.assigned = frozenset()
            self.clear(value)

    def restore(self) -> None:
        """Put the assignments back."""
        for state, assigned in self._cleared:
            state.assigned |= assigned


class NextVersion:
    """
    The version that a whole document is stored under.

    Args:
        document: The document.
    """

    def __init__(self, document: Any) -> None:
        self._document = document
        self._field = type(document)._version_field
        self._before: Any = UNSET
        self._number = 1
        state = document._state
        if self._field is not None and (state is None or state.stored):
            self._before = document.__dict__.get(self._field._name, UNSET)
            self._number += self._before or 0

    def stored(self, stored: Mapping[str, Any]) -> Mapping[str, Any]:
        """Give *stored* with the new version."""
        if self._field is None:
            return stored
        return {**stored, self._field.db_field: self._number}

    def take(self) -> None:
        """Let the document have the new version: the next write follows this one."""
        if self._field is not None:
            self._document.__dict__[self._field._name] = self._number

    def take_back(self) -> None:
        """Let the document have the version again that is stored."""
        if self._field is None:
            return
        self._document.__dict__.pop(self._field._name, None)
        if self._before is not UNSET:
            self._document.__dict__[self._field._name] = self._before


class SavedDocument:
    """
    A document whose whole content was queued.

    Args:
        document: The document.
        source: Its BSON, as it will be sent.
        times: Documents, attribute names and the values that they take over when it was stored.
    """

    def __init__(self, document: Any, source: Encoded, times: Times) -> None:
        self.document = document
        self._before: State | None = document._state
        self._source = source
        self._times = times
        self._embedded = _Embedded()
        self._embedded.clear(document)
        before = self._before
        state = State(stored=True)
        state.source = source
        if before is not None:
            state.extra = before.extra
            state.score = before.score
            state.id_given = before.id_given
        object.__setattr__(document, "_state", state)

    def succeeded(self) -> None:
        """Take over the times that were stored."""
        _take(self._times)

    def restore(self, sent: bool) -> None:
        """
        Make the document dirty again.

        Args:
            sent: Whether the write may have reached the server.
        """
        after: State = self.document._own_state()
        state = State(stored=True) if self._before is None else self._before.copy()
        if state.stored and state.source is None and state.retrieved is None:
            _fill_baseline(self.document, state, self._source)
        state.assigned |= after.assigned
        state.extra = after.extra
        state.sent = state.sent or sent
        object.__setattr__(self.document, "_state", state)
        self._embedded.restore()


def _fill_baseline(document: Any, state: State, source: Encoded) -> None:
    """Let *state* know what was stored when a failed write was queued, where it did not yet."""
    stored = source.decode()
    for name, field in type(document)._fields.items():
        if name not in state.baseline:
            state.baseline[name] = _keep(stored.get(field.db_field, UNSET), source.options)


def _keep(value: Any, options: Any) -> Any:
    """Take a snapshot of a stored value, or keep the mark that stands for one."""
    return value if value is UNSET or value is UNKNOWN else freeze(value, options)


def _take(times: Times) -> None:
    for document, name, value in times:
        document.__dict__[name] = value


class UpdatedDocument:
    """
    A document whose changes were queued as an update.

    Args:
        document: The document.
        changes: What the update sends.
    """

    def __init__(self, document: Any, changes: Changes) -> None:
        self.document = document
        self._times: Times = [
            (change.document, change.field._name, change.field.unwrap(change.value, None))
            for change in changes.always
            if isinstance(change.field, ModifiedField)
        ]
        self._changes = changes
        before: State = document._own_state()
        self._before = before
        self._values: list[tuple[Any, str, Any, Any]] = []
        self._embedded = _Embedded()
        self._truths: dict[str, Any] = {}
        state = before.copy()
        object.__setattr__(document, "_state", state)
        self._settle(state)

    @property
    def _sent(self) -> list[Change]:
        return [*self._changes.sent, *self._changes.always]

    def _settle(self, state: State, inserted: bool = False) -> None:
        """Let the document know what the update leaves in the database."""
        document = self.document
        options = document._snapshot_options()
        truth = Truth(document) if not inserted else Truth(document, {})
        if inserted:
            truth.state = state
        by_field: dict[str, list[Change]] = {}
        for change in self._sent:
            top = change.path.split(".", 1)[0]
            field = type(document)._by_db_field.get(top)
            if field is not None and change.field is not None:
                by_field.setdefault(field._name, []).append(change)
        unknown: list[str] = []
        for name, changes in by_field.items():
            field = type(document)._fields[name]
            old = self._old(document, field, truth)
            self._truths.setdefault(name, _keep(old, options))
            new = old
            for change in changes:
                new = self._apply(new, change, unknown)
            state.baseline[name] = _keep(new, options)
        state.stored = True
        state.sent = True
        state.assigned = state.assigned.difference(by_field)
        state.removed = ()
        if state.defaults is not None:
            for name in by_field:
                state.defaults.pop(name, None)
        if state.extra is not None:
            state.extra_baseline = encode(state.extra, options)
        for name in unknown:
            retrieved = state.retrieved or Retrieved.everything(type(document))
            state.retrieved = retrieved.without({name})
        self._embedded.clear(document)

    @staticmethod
    def _old(document: Any, field: Any, truth: Truth) -> Any:
        """Give the stored value of a top-level field as a value that can be changed."""
        old = truth.of(field)
        if old is UNCHANGED:
            value = document.__dict__.get(field._name, UNSET)
            if value is UNSET:
                return UNSET
            return stored_form(value) if hasattr(value, "_state") else field.wrap(value)
        return old if old is UNSET or old is UNKNOWN else thaw(old)

    def _apply(self, old: Any, change: Change, unknown: list[str]) -> Any:
        """Give what is stored of a top-level field after one change of it, or below it."""
        below = change.path.split(".")[1:]
        if not below:
            return self._result(old, change, unknown)
        root = old = dict(old) if isinstance(old, Mapping) else {}
        for part in below[:-1]:
            inner = old.get(part)
            old[part] = dict(inner) if isinstance(inner, Mapping) else {}
            old = old[part]
        new = self._result(old.get(below[-1], UNSET), change, unknown)
        if new is UNSET or new is UNKNOWN:
            old.pop(below[-1], None)
        else:
            old[below[-1]] = new
        return root

    def _result(self, old: Any, change: Change, unknown: list[str]) -> Any:
        """Give what is stored after *change*, and let its field hold that."""
        if change.operator == "$unset":
            name, document = change.field._name, change.document
            if name in document.__dict__:  # the field's own operation, not a deletion
                self._values.append((document, name, document.__dict__.pop(name), UNSET))
            return UNSET
        if change.operator not in ARGUMENT_OPERATORS:
            return change.value
        name, document = change.field._name, change.document
        held = document.__dict__.get(name, UNSET)
        new = UNKNOWN if old is UNKNOWN else applied(change.operator, old, change.value)
        if new is UNKNOWN:
            document.__dict__.pop(name, None)
            if document is self.document:
                unknown.append(name)
            value = UNSET
        else:
            value = change.field.unwrap(new, document._session)
            document.__dict__[name] = value
        self._values.append((document, name, held, value))
        return new

    def succeeded(self, inserted: bool) -> None:
        """
        Take over what only the server's reply tells.

        Args:
            inserted: Whether an upsert inserted: operators then worked on nothing.
        """
        if inserted and any(c.operator in ARGUMENT_OPERATORS for c in self._sent):
            self._settle(self.document._own_state(), inserted=True)
        _take(self._times)

    def restore(self, sent: bool, unknown: bool = False) -> None:
        """
        Make the document dirty again.

        Args:
            sent: Whether the write may have reached the server.
            unknown: Whether the server may have applied it: a field whose value was an argument
                is then not retrieved any more, because sending it again might count it twice.
        """
        state: State = self.document._own_state()
        before = self._before
        state.stored = before.stored
        state.sent = before.sent or sent
        state.removed = before.removed
        state.retrieved = before.retrieved
        state.extra_baseline = before.extra_baseline
        state.assigned |= before.assigned
        for name, truth in self._truths.items():
            if before.source is not None and name not in before.baseline:
                state.baseline.pop(name, None)
            else:
                state.baseline[name] = truth
        self._embedded.restore()
        for document, name, held, value in reversed(self._values):
            if document.__dict__.get(name, UNSET) is not value:
                continue  # the application has set another one since
            document.__dict__[name] = held
            if unknown and not isinstance(type(document)._fields[name], VersionField):
                _forget_value(document, name)


def _forget_value(document: Any, name: str) -> None:
    """Let a field of a document be one that was not retrieved."""
    del document.__dict__[name]
    state: State = document._own_state()
    retrieved = state.retrieved or Retrieved.everything(type(document))
    state.retrieved = retrieved.without({name})
    state.assigned -= {name}
    state.baseline[name] = UNKNOWN


def _items(argument: Any) -> list[Any]:
    return list(argument) if isinstance(argument, (list, tuple)) else [argument]


def _add_to_set(old: list[Any], items: list[Any]) -> list[Any]:
    for item in items:
        if not any(same(held, item) for held in old):
            old.append(item)
    return old


def _pull(old: list[Any], items: list[Any]) -> list[Any]:
    return [held for held in old if not any(same(held, item) for item in items)]


_RESULTS: dict[str, Callable[[Any, Any], Any]] = {
    "$inc": lambda old, by: by if old is UNSET else old + by,
    "$mul": lambda old, by: by * 0 if old is UNSET else old * by,
    "$min": lambda old, other: other if old is UNSET else min(old, other),
    "$max": lambda old, other: other if old is UNSET else max(old, other),
    "$push": lambda old, items: [*([] if old is UNSET else old), *_items(items)],
    "$pushAll": lambda old, items: [*([] if old is UNSET else old), *_items(items)],
    "$addToSet": lambda old, items: _add_to_set([] if old is UNSET else list(old), _items(items)),
    "$pull": lambda old, items: old if old is UNSET else _pull(old, _items(items)),
    "$pullAll": lambda old, items: old if old is UNSET else _pull(old, _items(items)),
    "$pop": lambda old, _: old if old is UNSET else list(old)[:-1],
}


def applied(operator: str, old: Any, argument: Any) -> Any:
    """
    Give what is stored after an operation.

    Args:
        operator: The update operator.
        old: The stored value, or `UNSET`.
        argument: What was sent with the operator.

    Returns:
        The new value, or `UNKNOWN` where only the server knows it.

    MongoDB manual:
        https://www.mongodb.com/docs/manual/reference/operator/update/
    """
    try:
        return _RESULTS[operator](old, argument)
    except TypeError:  # values of two types: the server's own order decides
        return UNKNOWN
