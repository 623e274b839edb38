"""The layers of pending updates, which store some fields, or parts of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from ommongo._bson import thaw
from ommongo._tracking.changes import ARGUMENT_OPERATORS, Change
from ommongo._tracking.committed import Committed, held_form, snapshot
from ommongo._tracking.effects import Effect
from ommongo._tracking.in_doubt import either, nothing_known
from ommongo._tracking.layers import Layer, Snapshots
from ommongo._tracking.marks import ASSIGNED, EXTRA, UNCHANGED, UNKNOWN, is_known
from ommongo._tracking.results import Result
from ommongo._tracking.stamps import hold_version
from ommongo._tracking.state import NO_DIFFERENCE, NO_ORIGINS
from ommongo._tracking.tracked import Tracked, forget
from ommongo._tracking.undo import Undo
from ommongo.fields import VersionField
from ommongo.util import UNSET

__all__ = ["QuickUpdateLayer", "UpdateLayer"]


class QuickUpdateLayer(Layer):
    """
    A pending update that sets plain values, and nothing else.

    Args:
        document: The document, of whose fields the stored values are known.
        values: The values by name, which are their own snapshots.
        op: The operation, which holds it from when it is there.
    """

    __slots__ = ("_values",)

    below: Snapshots

    def __init__(self, document: Tracked, values: Mapping[str, Any], op: Any) -> None:
        super().__init__(document)
        state: Any = document._known  # that of a stored document
        committed, under = state.committed, self.under
        self._values = values
        self.below = {name: committed[name] for name in values}
        now = {**committed, **values}
        kept = NO_ORIGINS  # all of these were assigned, which `_return_origins` knows
        if not state.origins.keys() <= values.keys():
            kept = {n: origin for n, origin in state.origins.items() if n not in values}
        low, up = (self, None) if under is None else (under, self)
        # One line without a call: no signal strikes before all of it has come about.
        low.above, state.top, state.committed, state.origins, op.layer = up, self, now, kept, self

    def beneath(self, unknown: bool) -> Snapshots | None:
        if not unknown:
            return {**self.below}
        return {name: either(old, self._values[name]) for name, old in self.below.items()}

    def rise(self, values: Snapshots | None) -> Snapshots | None:
        if values is None:
            values = nothing_known(self.document)
        for name in self._values:
            if name in values:
                self.below[name] = values.pop(name)
        return values or NO_DIFFERENCE

    def stores(self, name: str) -> bool:
        return name in self._values

    def _return_origins(
        self,
        above: Sequence[Layer],
        under: Layer | None,
        unknown: bool,
        wanted: Collection[tuple[int, str]],
    ) -> None:
        self._keep(self.document, dict.fromkeys(self._values, ASSIGNED))
        super()._return_origins(above, under, unknown, wanted)

    def stored(self, name: str) -> Any:
        return self._values[name]


class UpdateLayer(Layer):
    """
    A pending update, whatever it sends.

    Args:
        document: The document.
        changes: What it sends.
        undo: Notes what it changes in the document beside.

    Attributes:
        was_stored: Whether the document was loaded or stored before.

    Raises:
        BadValueException: A field refuses what its operation makes of the loaded value; the
            document is then unchanged.
    """

    __slots__ = ("_effects", "results", "was_stored")

    below: Snapshots
    results: Sequence[Result]
    was_stored: bool

    def __init__(self, document: Tracked, changes: Sequence[Change], undo: Undo) -> None:
        state = document._own_state()
        # Of a document that was never stored or loaded, an update may meet any stored form.
        self.was_stored = state.committed is not None
        self._effects = effects_by_name(document, changes, is_open=not self.was_stored)
        below = stored_values(document, self._effects) if self.was_stored else {}
        after, self.results = self._outcome(document, below, UNKNOWN)
        super().__init__(document)
        self._lie_on_top()
        options = document._snapshot_options()
        self.below = {name: snapshot(below.get(name, UNKNOWN), options) for name in self._effects}
        if state.committed is None:
            state.committed = self._not_sent(after)
        state.committed = {**state.committed, **after}
        for result in self.results:  # these are arguments: what comes back says so itself
            result.document._own_state().drop_origins({result.field._name})
        self.keep_origins(after)
        for result in self.results:
            result.take(undo)
        hold_version(document)

    def _outcome(
        self, document: Tracked, below: Mapping[str, Any], otherwise: Any
    ) -> tuple[Snapshots, list[Result]]:
        """Give what is stored after, by name, and what fields hold then; change nothing."""
        options = document._snapshot_options()
        after: Snapshots = {}
        results: list[Result] = []
        for name, effects in self._effects.items():
            value = below.get(name, otherwise)
            for effect in effects:
                value = effect.on(value)
                change = effect.change
                if is_operation(change):
                    results.append(Result(change, name, effect.made, options))
            after[name] = snapshot(value, options)
        return after, results

    def _not_sent(self, after: Snapshots) -> Snapshots:
        """Give what is stored, beside *after*, of the fields of an unstored document: who knows."""
        document = self.document
        return {
            name: UNKNOWN
            for name, field in type(document)._fields.items()
            if name not in after and not field.is_id and document._is_set(name)
        }

    def _after(self, name: str, old: Any) -> Any:
        """Give the snapshot of a field once the update was applied, of that before."""
        value = thaw(old) if is_known(old) else old
        for effect in self._effects[name]:
            value = effect.on(value)
        return snapshot(value, self.document._snapshot_options())

    def beneath(self, unknown: bool) -> Snapshots | None:
        version = type(self.document)._version_name
        if not self.was_stored:
            # One with a version is sent again as it was: nobody has seen another one.
            return nothing_known(self.document) if unknown and version is None else None
        if not unknown:
            return {**self.below}
        return {
            # A version is sent again: when the first try was applied, that one is stale.
            name: old if name == version else either(old, new)
            for name, old in self.below.items()
            for new in [self._after(name, old)]
        }

    def rise(self, values: Snapshots | None) -> Snapshots | None:
        self.was_stored = values is not None
        if values is None:
            values = nothing_known(self.document)
        for name in self._effects:
            if name in values:
                old = self.below[name] = values[name]
                if self.stores(name):
                    del values[name]
                else:
                    values[name] = self._after(name, old)
        return values or NO_DIFFERENCE

    def stores(self, name: str) -> bool:
        return any(effect.is_constant for effect in self._effects.get(name, ()))

    def stored(self, name: str) -> Any:
        return self._after(name, self.below[name])

    def _take_back_results(self, above: Sequence[Layer], unknown: bool) -> None:
        for result in reversed(self.results):
            later = [other for layer in above for other in layer.results_at(result.place)]
            is_covered = any(layer.stores(result.root) for layer in above)
            if unknown:
                result.doubt(later, is_covered)
            else:
                result.take_back(later, is_covered)

    def worked_on_something(self, undo: Undo) -> None:
        """
        Take over that the update changed a stored document, which nobody has loaded.

        Args:
            undo: Notes what that changes in the document beside.
        """
        document = self.document
        for name in (type(document)._version_name, document._plan.id_name):
            if name is not None and name not in document.__dict__:
                forget(document, name, undo)

    def worked_on_nothing(self, undo: Undo) -> None:
        """
        Take over what the update stored as an insert: its operators then worked on nothing.

        Args:
            undo: Notes what that changes in the document beside.
        """
        undo.take_back()  # nothing need be forgotten any more
        for effects in self._effects.values():
            for effect in effects:
                effect.is_open = False
        above = self.and_above()[1:]
        after, results = self._outcome(self.document, {}, UNSET)
        risen = self.document._own_state().rise(self.above, after) or NO_DIFFERENCE
        for old, new in zip(self.results, results, strict=True):
            later = [other for layer in above for other in layer.results_at(old.place)]
            last = later[-1] if later else old
            origins = old.document._own_state().origins
            is_untouched = old.field._name not in origins and last.is_held()
            old.value, old.stored = new.value, new.stored
            if not is_untouched:
                continue
            if not later:
                old.take(undo)
            elif old.document is not self.document:
                forget(old.document, old.field._name)
            elif old.root in risen:
                last.stored = risen[old.root]
                known, session = is_known(last.stored), self.document._session
                last.value = old.field.unwrap(thaw(last.stored), session) if known else UNKNOWN
                last.take(undo)
        hold_version(self.document)


def effects_by_name(
    document: Tracked, changes: Sequence[Change], is_open: bool
) -> dict[str, list[Effect]]:
    """
    Give what an update makes of the top-level fields of a document.

    Args:
        document: The document.
        changes: What the update sends.
        is_open: Whether nothing is known of what is stored.

    Returns:
        The effects by the fields' names, in order; those of extra fields under `EXTRA`.
    """
    effects: dict[str, list[Effect]] = {}
    options = document._snapshot_options()
    for change in changes:
        first, *below = change.path.split(".")
        field = type(document)._by_db_field.get(first)
        name, parts = (EXTRA, (change.path,)) if field is None else (field._name, tuple(below))
        effect = Effect(change, parts, is_open or not _was_retrieved(change), options)
        effects.setdefault(name, []).append(effect)
    return effects


def _was_retrieved(change: Change) -> bool:
    """Whether the field that *change* is about was retrieved (and not only set)."""
    state = change.document._state
    if change.field is None or state is None or state.retrieved is None:
        return True
    return change.field._name in state.retrieved


def stored_values(document: Tracked, names: Iterable[str]) -> dict[str, Any]:
    """
    Give what is stored of some fields of a document, as values that can be changed.

    Args:
        document: The document, which is stored.
        names: The names of the fields, and `EXTRA`.

    Returns:
        The values by name; `UNSET` and `UNKNOWN` among them.
    """
    committed, fields = Committed(document), type(document)._fields
    values: dict[str, Any] = {}
    for name in names:
        if name == EXTRA:
            is_open = committed.state is not None and committed.state.known(name) is UNKNOWN
            values[name] = UNKNOWN if is_open else {**(committed.extra(document) or {})}
            continue
        old = committed.of(fields[name])
        if old is UNCHANGED:
            held = document.__dict__.get(name, UNSET)
            values[name] = held if held is UNSET else held_form(fields[name], held)
        else:
            values[name] = thaw(old) if is_known(old) else old
    return values


def is_operation(change: Change) -> bool:
    """Whether the field of a change holds something else once it was applied."""
    field = change.field
    if field is None or isinstance(field, VersionField):
        return False
    if change.operator == "$unset":  # the field's own operation, if it holds a value
        return field._name in change.document.__dict__
    return change.operator in ARGUMENT_OPERATORS
