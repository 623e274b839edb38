"""What a document holds once an update of it was queued, and again when that update failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ommongo.document._changes import ARGUMENT_OPERATORS, Change, Changes
from ommongo.document._holding import Embedded, forget, knows_changes, put, put_times
from ommongo.document._plan import plan_of
from ommongo.document._results import applied
from ommongo.document._settling import QueuedWrite
from ommongo.document._state import State
from ommongo.document._stored import encode, same, thaw
from ommongo.document._truth import (
    UNCHANGED,
    UNKNOWN,
    Truth,
    is_document,
    is_known,
    kept_form,
    snapshot,
    stored_form,
)
from ommongo.document._values import set_state
from ommongo.fields import ModifiedField, VersionField
from ommongo.util import UNSET

__all__ = ["UpdatedDocument"]


class _Result:
    """
    What a field holds once its operation was applied.

    Args:
        document: The document.
        name: The field's name.
        held: What it held before.
        value: What it holds then: `UNSET` for nothing, `UNKNOWN` for what only the server knows.
        stored: A snapshot of that.
    """

    __slots__ = ("document", "held", "name", "stored", "value")

    def __init__(self, document: Any, name: str, held: Any, value: Any, stored: Any) -> None:
        self.document = document
        self.name = name
        self.held = held
        self.value = value
        self.stored = stored


class UpdatedDocument(QueuedWrite):
    """
    A document whose changes were queued as an update.

    Args:
        document: The document.
        changes: What the update sends.

    Raises:
        BadValueException: A field refuses what its operation makes of the loaded value; the
            document is then unchanged.
    """

    # What holds for an update that `_take_assigned` notes; any other one has its own.
    _sent: Sequence[Change] = ()
    _results: Sequence[_Result] = ()
    _truths: Mapping[str, Any]

    def __init__(self, document: Any, changes: Changes) -> None:
        before: State = document._own_state()
        self._sent = [*changes.sent, *changes.always]
        self._options = document._snapshot_options()
        # Of a document that was never stored or loaded, an update may meet any stored form.
        truth = Truth(document) if before.stored else None
        truths, baseline, results = self._outcome(document, truth)
        after = before.copy()
        after.extra = before.extra  # the application may hold this dict
        super().__init__(document, after)
        self._truths = truths
        self._results = results
        if changes.always:
            self._times = [
                (
                    change.document,
                    change.field._name,
                    change.field.unwrap(change.value, change.document._session),
                )
                for change in changes.always
                if isinstance(change.field, ModifiedField)
            ]
        after.keep(baseline)
        after.stored = after.sent = True
        after.assigned = after.assigned.difference(baseline)
        after.removed = ()
        if after.defaults is not None:
            after.defaults = {n: d for n, d in after.defaults.items() if n not in baseline}
        if after.extra is not None:
            after.extra_baseline = encode(after.extra, self._options)
        embedded = plan_of(type(document)).embedded
        is_below = any(change.document is not document for change in self._sent)
        if is_below or (embedded and knows_changes(document, embedded)):
            self._embedded = Embedded()
            self._embedded.clear(document)
        self._take(results)

    def _take_assigned(self, document: Any, values: Mapping[str, Any]) -> None:
        """
        Note that an update was queued which sets plain values, and nothing else.

        Args:
            document: The document.
            values: What `assigned_values` gave for it.
        """
        before: State = document._known
        snapshots = before.snapshots
        self.document = document
        self._before = before
        self._after = before.after_setting(values)
        self._truths = {name: snapshots[name] for name in values}
        set_state(document, self._after)

    def _outcome(
        self, document: Any, truth: Truth | None
    ) -> tuple[dict[str, Any], dict[str, Any], list[_Result]]:
        """
        Give what the update makes of what is stored; change nothing.

        Args:
            document: The document.
            truth: What is stored; ``None`` when nothing is known of it.

        Returns:
            Snapshots of the top-level fields before and after, by name, and what fields hold then.
        """
        by_field: dict[str, list[Change]] = {}
        truths: dict[str, Any] = {}
        baseline: dict[str, Any] = {}
        results: list[_Result] = []
        accepted = plan_of(type(document)).accepted
        for change in self._sent:
            field, value = change.field, change.value
            if (
                truth is not None
                and field is not None
                and change.document is document
                and change.operator == "$set"
                and type(value) in accepted.get(field._name, ())
            ):
                old = truth.of(field)
                if old is not UNCHANGED:  # both are values that cannot change in place
                    truths[field._name] = snapshot(old, self._options)
                    baseline[field._name] = value
                    continue
            field = type(document)._by_db_field.get(change.path.split(".", 1)[0])
            if field is not None:
                by_field.setdefault(field._name, []).append(change)
        for name, changes in by_field.items():
            field = type(document)._fields[name]
            new = old = UNKNOWN if truth is None else _old(document, field, truth)
            truths[name] = snapshot(old, self._options)
            for change in changes:
                is_open = truth is None or not (truth.by_parent or _was_retrieved(change))
                new = self._apply(new, change, results, is_open)
            baseline[name] = snapshot(new, self._options)
        return truths, baseline, results

    def _apply(self, old: Any, change: Change, results: list[_Result], is_open: bool) -> Any:
        """Give what is stored of a top-level field after one change of it, or below it."""
        below = change.path.split(".")[1:]
        if not below:
            return self._result(old, change, results)
        root = old = dict(old) if isinstance(old, Mapping) else {}
        for part in below[:-1]:
            inner = old.get(part)
            old[part] = dict(inner) if isinstance(inner, Mapping) else {}
            old = old[part]
        before = UNKNOWN if is_open else old.get(below[-1], UNSET)
        new = self._result(before, change, results)
        if new is UNSET or new is UNKNOWN:
            old.pop(below[-1], None)
        else:
            old[below[-1]] = new
        return root

    def _result(self, old: Any, change: Change, results: list[_Result]) -> Any:
        """Give what is stored after *change*, and note what its field holds then."""
        operator, document, field = change.operator, change.document, change.field
        held = UNSET if field is None else document.__dict__.get(field._name, UNSET)
        if operator == "$unset":
            if held is not UNSET:  # the field's own operation, not a deletion
                results.append(_Result(document, field._name, held, UNSET, UNSET))
            return UNSET
        if operator not in ARGUMENT_OPERATORS:
            return change.value
        new = UNKNOWN if old is UNKNOWN else applied(operator, old, change.value)
        value = new if new is UNKNOWN or new is UNSET else field.unwrap(new, document._session)
        stored = snapshot(new, self._options)
        results.append(_Result(document, field._name, held, value, stored))
        return new

    def _take(self, results: list[_Result]) -> None:
        """Let fields hold what their operations make of them; what was sent is known from now."""
        for result in results:
            if result.value is UNKNOWN:
                self._mark(result.document, result.name, is_retrieved=False)
            else:
                put(result.document, result.name, result.value)
        if self._embedded is None and self._after.retrieved is None:
            return  # everything was retrieved
        unknown = {_place(result) for result in self._results if result.value is UNKNOWN}
        for change in self._sent:
            document, field = change.document, change.field
            if field is not None and (id(document), field._name) not in unknown:
                self._mark(document, field._name, is_retrieved=True)

    def _mark(self, document: Any, name: str, is_retrieved: bool) -> None:
        """Let a field be one that was retrieved, or was not."""
        if document is not self.document:
            if self._embedded is not None:  # it is, where there are such documents
                self._embedded.mark(document, name, is_retrieved)
        elif not is_retrieved:
            forget(document, name)
        elif self._after.retrieved is not None and name not in self._after.retrieved:
            self._after.retrieved = self._after.retrieved.with_whole({name})

    def _holds(self, result: _Result) -> bool:
        """Whether a field still holds what the update let it hold."""
        document, name = result.document, result.name
        state: State | None = document._state
        if state is not None and name in state.assigned:
            return False
        if not is_known(result.value):
            return True
        value = document.__dict__.get(name, UNSET)
        field = type(document)._fields[name]
        return value is result.value and (
            not field._mutable_values or same(result.stored, kept_form(field, value), self._options)
        )

    def _was_applied(self, inserted: bool) -> None:
        """
        Take over what only the server's reply tells.

        Args:
            inserted: Whether an upsert inserted: operators then worked on nothing.
        """
        if inserted and any(change.operator in ARGUMENT_OPERATORS for change in self._sent):
            self._take_inserted()
        if self._times:
            self._earlier = put_times(self._times)

    def _take_inserted(self) -> None:
        """Let the document know what the operators made of nothing."""
        _, baseline, results = self._outcome(self.document, Truth(self.document, {}))
        held = {_place(result): result for result in self._results}
        untouched = {_place(result) for result in self._results if self._holds(result)}
        self._after.baseline.update(baseline)
        if not self._is_last:
            for result in results:  # a write behind this one has worked on another value
                if not _is_assigned(result):
                    forget(result.document, result.name)
            return
        self._after.retrieved = None if self._before is None else self._before.retrieved
        if self._embedded is not None:
            self._embedded.unmark()
        for result in results:
            result.held = held[_place(result)].held
            held[_place(result)] = result
        self._results = list(held.values())
        self._take([r for r in self._results if _place(r) in untouched])

    def _restore(self, sent: bool, unknown: bool = False) -> None:
        """
        Make the document dirty again.

        Args:
            sent: Whether the write may have reached the server.
            unknown: Whether the server may have applied it: a field whose value was an argument
                is then not retrieved any more, because sending it again might count it twice.
        """
        is_last = self._is_last
        untouched = [result for result in self._results if self._holds(result)]
        changed = [r for r in self._results if r not in untouched and not _is_assigned(r)]
        self._take_back(self._truths, sent)
        for result in changed:  # in place, so the value is the wanted one, and no argument
            result.document._own_state().assigned -= {result.name}
            if not is_last:
                forget(result.document, result.name)
        for result in reversed(untouched):
            document, name = result.document, result.name
            put(document, name, result.held)
            is_version = isinstance(type(document)._fields[name], VersionField)
            if unknown and result.value is not UNSET and not is_version:
                forget(document, name)


def _old(document: Any, field: Any, truth: Truth) -> Any:
    """Give the stored value of a top-level field as a value that can be changed."""
    old = truth.of(field)
    if old is UNCHANGED:
        value = document.__dict__.get(field._name, UNSET)
        if value is UNSET:
            return UNSET
        return stored_form(value) if is_document(value) else kept_form(field, value)
    return old if old is UNSET or old is UNKNOWN else thaw(old)


def _was_retrieved(change: Change) -> bool:
    """Whether the field that *change* is about was retrieved (and not only set)."""
    state: State | None = change.document._state
    if change.field is None or state is None or state.retrieved is None:
        return True
    return change.field._name in state.retrieved


def _place(result: _Result) -> tuple[int, str]:
    """Tell the field of a result from all others."""
    return id(result.document), result.name


def _is_assigned(result: _Result) -> bool:
    """Whether a field was assigned since an update of it was queued."""
    state: State | None = result.document._state
    return state is not None and result.name in state.assigned
