"""The layers of pending writes of whole documents: saves and removals."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ommongo._bson import freeze
from ommongo._tracking.committed import is_default, stored_form
from ommongo._tracking.diff import full_diff
from ommongo._tracking.in_doubt import either, nothing_known
from ommongo._tracking.layers import Layer, Snapshots
from ommongo._tracking.marks import EXTRA
from ommongo._tracking.packed import PackedBson
from ommongo._tracking.stamps import hold_version, remember_version
from ommongo._tracking.state import NO_DIFFERENCE, State
from ommongo._tracking.tracked import Tracked, hold
from ommongo.fields import ComputedField
from ommongo.util import UNSET

__all__ = ["RemovalLayer", "SaveLayer", "is_as_removed"]


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
        self._lie_on_top()
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
    def under_all(
        cls, document: Tracked, image: PackedBson, origins: Mapping[str, Any]
    ) -> SaveLayer:
        """Make the layer of the save that stored a new document, under all that came since."""
        layer = cls.__new__(cls)
        layer.document, layer._image = document, image
        layer.below = layer._packed = layer.under = None
        layer._origins = ((document, origins),) if origins else ()
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
        values = nothing_known(self.document)
        for name in type(self.document)._fields:
            if self.stored(name) is UNSET or name == type(self.document)._version_name:
                values[name] = UNSET
        return values

    def rise(self, values: Snapshots | None) -> Snapshots | None:
        if values is None:
            self.below = self._packed = None
        else:
            self.below = {**(self.below or {}), **values}
        return NO_DIFFERENCE

    def documents(self) -> list[Tracked]:
        return [*super().documents(), *(document for document, _ in self._made)]

    def stores(self, name: str) -> bool:
        return True

    def stored(self, name: str) -> Any:
        cls = type(self.document)
        if name == EXTRA:
            return self._image.extra(cls._by_db_field)
        return self._image.value_of(cls._fields[name].db_field)

    def _return_origins(
        self,
        above: Sequence[Layer],
        under: Layer | None,
        unknown: bool,
        wanted: Collection[tuple[int, str]],
    ) -> None:
        super()._return_origins(above, under, unknown, wanted)
        for document, name in self._made:
            if (id(document), name) in wanted:
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
        self._lie_on_top()
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


def is_as_removed(document: Tracked) -> bool:
    """Tell whether a document whose removal is pending has not changed since that was queued."""
    state = document._known
    if type(state) is not State or not isinstance(state.top, RemovalLayer):
        return False
    state.committed = state.top.below  # for the comparison, as if it were not to be removed
    try:
        return not full_diff(document).sent
    finally:
        state.committed = None
