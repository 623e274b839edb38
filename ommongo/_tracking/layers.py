"""
Layers: what each pending write makes of what is stored of a document.

What is stored is a base and, on top of it, a layer for each write that is pending. A `State` tells
it as of after all of them. A write that was applied for good sinks into the base. One that failed
or was dropped is taken out, and what is stored is told anew from there up: each layer above works
on what is now below it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ommongo._bson import freeze, thaw
from ommongo._tracking.changes import ARGUMENT_OPERATORS
from ommongo._tracking.embedded import embedded_in, has_origins_below
from ommongo._tracking.in_doubt import either, nothing_known
from ommongo._tracking.marks import UNCHANGED, Assigned, Returned
from ommongo._tracking.results import Result, want
from ommongo._tracking.stamps import hold_version
from ommongo._tracking.state import UNSTORED, State
from ommongo._tracking.tracked import Tracked
from ommongo.fields import Field
from ommongo.util import UNSET

__all__ = ["Layer", "Snapshots", "copied_state", "layers_of", "top_of"]

Snapshots = dict[str, Any]
"""What is stored of some fields, by name; the others are not concerned."""


class Layer:
    """
    A pending write of a document, the last one when it is made.

    Args:
        document: The document.

    Attributes:
        below: Snapshots of what is stored without it, by name; ``None`` where nothing is.
        under: The write before it that is pending, if one is.
        above: The write after it that is pending, if one is.
        is_read: Whether what is loaded is as of after it: it was sent in a transaction.
        results: What its operations make of fields whose value is an argument.
    """

    __slots__ = (
        "_id_was_new",
        "_is_applied",
        "_is_taken_back",
        "_origins",
        "above",
        "below",
        "document",
        "is_read",
        "under",
    )

    below: Snapshots | None
    results: Sequence[Result] = ()

    def __init__(self, document: Tracked) -> None:
        # Many are made, so what would be a call more for each is looked up here.
        known = document._known
        state = known if type(known) is State and known is not UNSTORED else document._own_state()
        if state.committed is None and state.top is not None:
            _remember_all(document)
        self.document: Tracked = document
        self.above: Layer | None = None
        self.under: Any = state.top  # whatever is pending is a layer
        self._is_applied = self._is_taken_back = False
        self.is_read: bool = False
        self._origins: tuple[tuple[Tracked, Mapping[str, Any]], ...] = ()
        self._id_was_new = state.id_is_new

    def _lie_on_top(self) -> None:
        """Become the last write that is pending: from here on, what is known is as of after it."""
        state, under = self.document._own_state(), self.under
        if under is not None:
            under.above = self
        state.top, state.id_is_new = self, False

    # -- what comes of it ---------------------------------------------------------------------

    def settle(self) -> None:
        """Sink into what is stored: the write was applied, and nothing can undo it any more."""
        self._is_applied = True
        layer: Layer | None = self
        # One on top of a write that is still pending waits for it.
        while layer is not None and layer._is_applied and layer.under is None:
            above = layer.above
            layer._unlink()
            layer = above

    def take_back(self, unknown: bool = False) -> None:
        """
        Let the document be dirty again in what this write was to store: it was not applied.

        Args:
            unknown: Whether it may have been applied all the same.
        """
        if self._is_taken_back:
            return  # an update that matched nothing is so before its transaction is rolled back
        self._is_taken_back = True
        # Those above may sink in at once, and those below are many where the last one is dropped.
        above, under = [*_upwards(self.above)], self.under
        wanted = () if unknown else self._want_what_came_behind(above)
        self.take_out(unknown)
        self._take_back_results(above, unknown)
        self._return_origins(above, under, unknown, wanted)
        hold_version(self.document)
        if self._id_was_new:
            self.document._own_state().id_is_new = True

    def take_out(self, unknown: bool) -> None:
        """
        Tell what is stored without this write.

        Args:
            unknown: Whether it may have been applied all the same.
        """
        values = self.beneath(unknown)
        above = self.above
        self._unlink()
        self.document._own_state().rise(above, values)
        if above is not None and above._is_applied:
            above.settle()

    def _unlink(self) -> None:
        above, under, state = self.above, self.under, self.document._known
        if above is not None:
            above.under = under
        elif type(state) is State and state.top is self:
            state.top = under
        if under is not None:
            under.above = above
        self.above = self.under = None

    def and_above(self) -> list[Layer]:
        """Give this write and those behind it that are pending."""
        return [*_upwards(self)]

    # -- what is stored ---------------------------------------------------------------------------

    def beneath(self, unknown: bool) -> Snapshots | None:
        """
        Give what is stored without this write, where that may differ.

        Args:
            unknown: Whether it may have been applied.

        Returns:
            Snapshots by name, a new dict; ``None`` where the document is not stored then.
        """
        raise NotImplementedError

    def rise(self, values: Snapshots | None) -> Snapshots | None:
        """
        Work on something else than before.

        Args:
            values: What is now stored below: snapshots of what differs; ``None`` for nothing.

        Returns:
            The same, as of after this write; `NO_DIFFERENCE` where nothing differs then.
        """
        raise NotImplementedError

    def stores(self, name: str) -> bool:
        """Tell whether it stores something of a field that does not depend on what was there."""
        raise NotImplementedError

    def stored(self, name: str) -> Any:
        """Give the snapshot of what it stores of a field that it `stores`."""
        raise NotImplementedError

    def results_at(self, place: tuple[int, str]) -> Sequence[Result]:
        """Give what its operations make of a field of the document, or of one embedded in it."""
        return [result for result in self.results if result.place == place]

    def documents(self) -> list[Tracked]:
        """Give the documents that it changes when it is taken back, beside those there are now."""
        changed = [result.document for result in self.results]
        return [*changed, *(document for document, _ in self._origins)]

    # -- what the document holds ------------------------------------------------------------------

    def keep_origins(self, names: Collection[str]) -> None:
        """Forget where the values come from that are now to be stored, until it is taken back."""
        self._keep(self.document, self.document._own_state().drop_origins(names))
        if not self.document._plan.embedded:
            return
        for document in embedded_in(self.document):
            state = document._state
            if state is not None and state.origins:
                assigned = [
                    n for n, origin in state.origins.items() if isinstance(origin, Assigned)
                ]
                self._keep(document, state.drop_origins(assigned))

    def _keep(self, document: Tracked, dropped: Mapping[str, Any]) -> None:
        if dropped:
            self._origins = (*self._origins, (document, dropped))

    def _return_origins(
        self,
        above: Sequence[Layer],
        under: Layer | None,
        unknown: bool,
        wanted: Collection[tuple[int, str]],
    ) -> None:
        for document, dropped in self._origins:
            state = document._own_state()
            for name, origin in dropped.items():
                place = id(document), name
                if place in wanted:
                    continue
                if _is_argument(document, name, origin) and (
                    # It may be stored as it is, and is wanted so; or it was the argument.
                    unknown or any(layer.results_at(place) for layer in above)
                ):
                    continue
                is_told = name in document.__dict__ or type(document)._fields[name].optional
                if is_told and name not in state.origins:
                    state.note(name, origin)
                if document is self.document and isinstance(origin, Assigned) and self.stores(name):
                    _supersede(_downwards(under), place, name)

    def _take_back_results(self, above: Sequence[Layer], unknown: bool) -> None:
        """Let the arguments of its operations be pending again."""

    def _want_what_came_behind(self, above: Sequence[Layer]) -> Collection[tuple[int, str]]:
        """
        Let fields hold what operations behind this write were to make of what it does not store.

        Their arguments, pending again, were meant for what it was to store.

        Returns:
            The places of these fields.
        """
        document = self.document
        wanted: list[tuple[int, str]] = []
        if not (above or document._own_state().origins or has_origins_below(document)):
            return wanted
        for root in type(document)._fields.values():
            old = UNSET if self.below is None else self.below.get(root._name, UNCHANGED)
            if old is UNCHANGED or not self.stores(root._name):
                continue
            for holder, field, stored in _rewritten(document, root, old, self.stored(root._name)):
                name, origin = field._name, holder._origin_of(field._name)
                _supersede(above, (id(holder), name), root._name)
                if isinstance(origin, Returned):
                    argument = holder.__dict__.get(name, UNSET)
                    want(holder, field, origin.operator, stored, argument)
                    wanted.append((id(holder), name))
        return wanted


def top_of(document: Tracked) -> Layer | None:
    """Give the layer of the last write of a document that is pending, if there is one."""
    known = document._known
    top: Any = known.top if type(known) is State else None
    return top  # type: ignore[no-any-return]  # whatever is pending is a layer


def layers_of(document: Tracked) -> list[Layer]:
    """Give the layers of all writes of a document that are pending, the first one first."""
    return [*_downwards(top_of(document))][::-1]


def _upwards(layer: Layer | None) -> Iterator[Layer]:
    """Give a pending write, if there is one, and then each that came after it."""
    while layer is not None:
        yield layer
        layer = layer.above


def _downwards(layer: Layer | None) -> Iterator[Layer]:
    """Give a pending write, if there is one, and then each that came before it."""
    while layer is not None:
        yield layer
        layer = layer.under


def _remember_all(document: Tracked) -> None:
    """Keep all that is stored of a document whose removal is pending, before one more write."""
    for field in type(document)._fields.values():
        document._remember(field)
    if document._own_state().extra is not None:
        document.get_extra_fields()


def _rewritten(
    document: Tracked, field: Field[Any], old: Any, new: Any
) -> Iterator[tuple[Tracked, Field[Any], Any]]:
    """
    Give the fields, of a document and of what is embedded in it, that a write stores otherwise.

    Args:
        document: The document.
        field: One of its fields; those below it follow.
        old: What is stored of that without the write.
        new: What it stores.

    Yields:
        Documents with their fields, and the snapshots of what the write stores of them.
    """
    if either(old, new) is old:
        return
    yield document, field, new
    inner, form, before = document.__dict__.get(field._name), thaw(new), thaw(old)
    if isinstance(inner, Tracked) and isinstance(form, Mapping):
        known = before if isinstance(before, Mapping) else {}
        for below in type(inner)._fields.values():
            pair = (form.get(below.db_field, UNSET) for form in (known, form))
            yield from _rewritten(inner, below, *(v if v is UNSET else freeze(v) for v in pair))


def _is_argument(document: Tracked, name: str, origin: Any) -> bool:
    """Whether a value that came from somewhere is the argument of its field's operation."""
    on_update = type(document)._fields[name].on_update
    return isinstance(origin, Assigned) and on_update in ARGUMENT_OPERATORS


def _supersede(layers: Iterable[Layer], place: tuple[int, str], root: str) -> None:
    """
    Let what a field holds be wanted as it is, and no argument any more.

    Args:
        layers: The writes that wait for their outcome, up to one that stores the field as it is.
        place: What tells the field from all others.
        root: The name of the top-level field that it is, or is a part of.
    """
    for layer in layers:
        for result in layer.results_at(place):
            result.is_superseded = True
        if layer.stores(root):
            return


def copied_state(document: Tracked) -> State | None:
    """
    Give what a copy of a document knows, which nobody tells what becomes of pending writes.

    Args:
        document: The document.

    Returns:
        Its state, in which each of these writes may be applied or not.
    """
    state = document._state
    if state is None or state.top is None:
        return state and state.copy()
    state.unpack()
    other, layer = state.copy(), state.top
    while layer is not None:
        beneath = layer.beneath(unknown=True)
        known = other.committed
        if (beneath is None) is not (known is None):
            other.committed = nothing_known(document)
        elif beneath is not None and known is not None:
            merged = {**beneath, **known}
            other.committed = {n: either(beneath.get(n, old), old) for n, old in merged.items()}
        layer = layer.under
    return other
