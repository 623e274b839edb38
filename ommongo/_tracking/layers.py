"""
Layers: what each pending write makes of what is stored of a document.

What is stored is a base and, on top of it, a layer for each write that is pending. A `State` tells
it as of after all of them. A write that was applied for good sinks into the base. One that failed
or was dropped is taken out, and what is stored is told anew from there up: each layer above works
on what is now below it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from ommongo._bson import freeze, same, thaw
from ommongo._tracking.changes import ARGUMENT_OPERATORS
from ommongo._tracking.committed import is_default, stored_form
from ommongo._tracking.marks import (
    EXTRA,
    IN_DOUBT,
    UNCHANGED,
    UNKNOWN,
    Assigned,
    Returned,
    is_known,
)
from ommongo._tracking.packed import PackedBson
from ommongo._tracking.results import Result, hold, want
from ommongo._tracking.state import NO_DIFFERENCE, UNSTORED, State
from ommongo._tracking.tracked import Tracked
from ommongo.fields import ComputedField
from ommongo.util import UNSET

__all__ = [
    "Layer",
    "RemovalLayer",
    "SaveLayer",
    "Snapshots",
    "copied_state",
    "either",
    "embedded_in",
    "has_origins_below",
    "hold_version",
    "nothing_known",
]

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

    def __init__(self, document: Tracked) -> None:
        # Many are made, so what would be a call more for each is looked up here.
        known = document._known
        state = known if type(known) is State and known is not UNSTORED else document._own_state()
        self.document = document
        self.above: Layer | None = None
        self.under: Any = state.top  # whatever is pending is a layer
        self._is_applied = self._is_taken_back = self.is_read = False
        self._origins: tuple[tuple[Tracked, Mapping[str, Any]], ...] = ()
        self._id_was_new, state.id_is_new = state.id_is_new, False
        if self.under is not None:
            self.under.above = self
        state.top = self

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
        above, under = self._layers_above(), self.under
        wanted = () if unknown else self._want_what_came_behind()
        self.take_out(unknown)
        self._take_back_results(above, unknown)
        self._return_origins(under, unknown, wanted)
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

    def _layers_above(self) -> list[Layer]:
        found = []
        layer = self.above
        while layer is not None:
            found.append(layer)
            layer = layer.above
        return found

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
        return ()

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

    def _return_origins(self, under: Layer | None, unknown: bool, wanted: Collection[str]) -> None:
        for document, dropped in self._origins:
            state = document._own_state()
            for name, origin in dropped.items():
                if document is self.document and name in wanted:
                    continue
                if unknown and _is_argument(document, name, origin):
                    continue  # it may be stored as it is, and is wanted so
                if name in document.__dict__ and name not in state.origins:
                    state.note(name, origin)
                if document is self.document and isinstance(origin, Assigned) and self.stores(name):
                    _supersede(under, (id(document), name))

    def _take_back_results(self, above: Sequence[Layer], unknown: bool) -> None:
        """Let the arguments of its operations be pending again."""

    def _want_what_came_behind(self) -> Collection[str]:
        """
        Let fields hold what operations behind this write were to make of what it does not store.

        Their arguments, pending again, were meant for what it was to store.

        Returns:
            The names of these fields.
        """
        document, wanted = self.document, []
        for name, origin in [*document._own_state().origins.items()]:
            if isinstance(origin, Returned) and self.stores(name) and self._differs(name):
                field = type(document)._fields[name]
                argument = document.__dict__.get(name, UNSET)
                want(document, field, origin.operator, self.stored(name), argument)
                wanted.append(name)
        return wanted

    def _differs(self, name: str) -> bool:
        """Whether it changes what is stored of a field."""
        old = UNSET if self.below is None else self.below.get(name, UNCHANGED)
        return old is not UNCHANGED and either(old, self.stored(name)) is UNKNOWN


def _is_argument(document: Tracked, name: str, origin: Any) -> bool:
    """Whether a value that came from somewhere is the argument of its field's operation."""
    on_update = type(document)._fields[name].on_update
    return isinstance(origin, Assigned) and on_update in ARGUMENT_OPERATORS


def _supersede(layer: Layer | None, place: tuple[int, str]) -> None:
    """Let a field be no argument of the writes under one which was to store it as it is."""
    while layer is not None:
        results = layer.results_at(place)
        for result in results:
            result.is_superseded = True
        if results or layer.stores(place[1]):
            return
        layer = layer.under


class SaveLayer(Layer):
    """
    The pending save of a whole document.

    Args:
        document: The document.
        image: What is stored once it was applied.
        made: What was made when the document was wrapped: documents with names of their fields.
    """

    __slots__ = ("_embedded", "_image", "_made", "_packed")

    def __init__(
        self, document: Tracked, image: PackedBson, made: Sequence[tuple[Tracked, str]] = ()
    ) -> None:
        remember_version(document)
        is_known = document._own_state().remembered is not None
        for holder, name in made:  # it is held, and nothing of it was stored
            holder._own_state().remember(name, UNSET)
        super().__init__(document)
        state = document._own_state()
        self.below, self._packed = state.committed, state.packed
        self._image = image
        # What is stored of these they tell themselves, if their parent does not.
        self._embedded = {name: document.__dict__.get(name) for name in document._plan.embedded}
        self._made = [*made] if is_known else []
        self.keep_origins(type(document)._fields)
        state.committed, state.packed = {}, image
        version = type(document)._version_name
        if version is not None:
            state.committed[version] = self.stored(version)
            hold_version(document)

    @classmethod
    def under_all(cls, document: Tracked, image: PackedBson) -> SaveLayer:
        """Make the layer of the save that stored a new document, under all that came since."""
        layer = cls.__new__(cls)
        layer.document, layer._image = document, image
        layer.below = layer._packed = layer.under = None
        layer._origins = ()
        layer._made, layer._embedded = [], {}
        layer._is_applied = layer._is_taken_back = layer._id_was_new = layer.is_read = False
        state = document._own_state()
        lowest: Any = state.top
        while lowest is not None and lowest.under is not None:
            lowest = lowest.under
        layer.above = lowest
        if lowest is None:
            state.top = layer
        else:
            lowest.under = layer
        return layer

    def beneath(self, unknown: bool) -> Snapshots | None:
        if self.below is None:
            return self._stored_or_not() if unknown else None
        before = {**self.below}
        if self._packed is not None:
            before = {**self._packed.unpack(), **before}
        if unknown:
            for name, old in before.items():
                if name != type(self.document)._version_name:
                    before[name] = either(old, self.stored(name))
        # What nobody had touched until the save is stored as the save has it.
        values = {**self._image.unpack(), **before}
        for name, inner in self._embedded.items():
            if isinstance(inner, Tracked) and name not in before:
                values[name] = freeze(stored_form(inner), self.document._snapshot_options())
        return values

    def _stored_or_not(self) -> Snapshots:
        """Give what is stored where the document is stored as it was saved, or not at all."""
        version = type(self.document)._version_field
        values = nothing_known(self.document)
        for name in type(self.document)._fields:
            if self.stored(name) is UNSET or (version is not None and name == version._name):
                values[name] = UNSET
        return values

    def rise(self, values: Snapshots | None) -> Snapshots | None:
        if values is None:
            self.below = self._packed = None
        else:
            self.below = {**(self.below or {}), **values}
        return NO_DIFFERENCE

    def stores(self, name: str) -> bool:
        return True

    def stored(self, name: str) -> Any:
        cls = type(self.document)
        if name == EXTRA:
            return self._image.extra(cls._by_db_field)
        return self._image.value_of(cls._fields[name].db_field)

    def _return_origins(self, under: Layer | None, unknown: bool, wanted: Collection[str]) -> None:
        super()._return_origins(under, unknown, wanted)
        for document, name in self._made:
            if document is self.document and name in wanted:
                continue
            held, field = document.__dict__.get(name, UNSET), type(document)._fields[name]
            options = document._snapshot_options()
            is_computed = isinstance(field, ComputedField) and not field._mutable_values
            if held is not UNSET and (is_computed or is_default(document, field, held, options)):
                hold(document, name, UNSET)
                document._own_state().drop_origins({name})


class RemovalLayer(Layer):
    """
    The pending removal of a document.

    Args:
        document: The document.
    """

    __slots__ = ()

    def __init__(self, document: Tracked) -> None:
        remember_version(document)
        super().__init__(document)
        state = document._own_state()
        state.unpack()
        self.below = state.committed
        state.committed = state.packed = None

    def beneath(self, unknown: bool) -> Snapshots | None:
        return None if self.below is None else {**self.below}

    def rise(self, values: Snapshots | None) -> Snapshots | None:
        self.below = None if values is None else {**(self.below or {}), **values}
        return NO_DIFFERENCE

    def stores(self, name: str) -> bool:
        return False


def nothing_known(document: Tracked) -> Snapshots:
    """Give what is stored of a document of which nobody knows anything."""
    state = document._own_state()
    known = state.remembered[EXTRA] if state.remembered and state.knows(EXTRA) else UNKNOWN
    extra = [*(state.extra or ()), *(thaw(known) if is_known(known) else ())]
    in_doubt = freeze(dict.fromkeys(extra, IN_DOUBT), document._snapshot_options())
    return {**dict.fromkeys(type(document)._fields, UNKNOWN), EXTRA: in_doubt}


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


def embedded_in(document: Tracked) -> Iterable[Tracked]:
    """Give the documents that are embedded in another, at any depth, as values of their own."""
    for name in document._plan.embedded:
        inner = document.__dict__.get(name)
        if isinstance(inner, Tracked):
            yield inner
            yield from embedded_in(inner)


def has_origins_below(document: Tracked) -> bool:
    """Tell whether a document embedded in another knows of values that were assigned to it."""
    for name in document._plan.embedded:
        inner = document.__dict__.get(name)
        if inner is None:
            continue
        known = inner._known
        if type(known) is State and known.origins:
            return True
        if inner._plan.embedded and has_origins_below(inner):
            return True
    return False


def remember_version(document: Tracked) -> None:
    """Keep the version that is stored of a document, before a write of it counts on."""
    name = type(document)._version_name
    if name is not None:
        document._own_state().remember(name, document.__dict__.get(name, UNSET))


def hold_version(document: Tracked) -> None:
    """Let a document hold the version that is stored, or will be."""
    name = type(document)._version_name
    if name is None:
        return
    state = document._own_state()
    if state.committed is None and state.top is not None:
        return  # of one whose removal is pending, the version is still wanted
    version = UNSET if state.committed is None else state.known(name)
    if version is not UNCHANGED and version is not UNKNOWN:
        hold(document, name, version)


def either(old: Any, new: Any) -> Any:
    """
    Give what is stored when it is one of two.

    Args:
        old: A snapshot, or a mark.
        new: Another one.

    Returns:
        The snapshot where both are the same; else `UNKNOWN`, or for two dicts one of what is the
        same in both, in which everything else is in doubt.
    """
    if old is new or old is UNCHANGED:
        return old
    if old is UNKNOWN or new is UNKNOWN or old is UNSET or new is UNSET:
        return UNKNOWN
    one, other = thaw(old), thaw(new)
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return freeze(_either(one, other), old.options)
    return old if same(old, other) else UNKNOWN


def _either(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Give the dict that one of two is, as far as that is known."""
    known: dict[str, Any] = {}
    for name in [*one, *(name for name in other if name not in one)]:
        here, there = one.get(name, UNSET), other.get(name, UNSET)
        if isinstance(here, Mapping) and isinstance(there, Mapping):
            known[name] = _either(here, there)
        elif here is not UNSET and there is not UNSET and same(freeze(here), there):
            known[name] = here
        else:
            known[name] = IN_DOUBT
    return known
