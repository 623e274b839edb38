"""What is known of one document beside its values."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Protocol, final

from ommongo._tracking.marks import UNCHANGED, UNKNOWN
from ommongo._tracking.particulars import ORDINARY, Particulars
from ommongo._tracking.retrieved import Retrieved

if TYPE_CHECKING:
    from ommongo._tracking.packed import Packed

__all__ = ["NO_DIFFERENCE", "NO_ORIGINS", "UNSTORED", "State"]

NO_ORIGINS: Final[Mapping[str, Any]] = MappingProxyType({})
"""The origins of a document that nobody has assigned anything to."""


if TYPE_CHECKING:

    class Pending(Protocol):
        """
        A write that is pending, as far as a state looks at it; `ommongo._tracking.layers` has them.

        Attributes:
            below: Snapshots of what is stored without it, by name.
            under: The write before it that is pending, if one is.
            above: The write after it that is pending, if one is.
            is_read: Whether what is loaded is as of after it.
        """

        is_read: bool

        below: dict[str, Any] | None
        under: Any
        above: Any

        def beneath(self, unknown: bool) -> dict[str, Any] | None:
            """Give what is stored without it, where that may differ."""

        def rise(self, values: dict[str, Any] | None) -> dict[str, Any] | None:
            """Work on something else than before; give what is stored then where that differs."""


NO_DIFFERENCE: Final[dict[str, Any]] = {}
"""What a write makes of something else below it where it stores the same all the same."""


@final
class State:
    """
    What is stored of one document, and how its values came to be.

    A loaded document that nobody has touched has none (``None`` in its slot): what it holds is what
    is stored. Of lists that can change when they are read it has their packed form there, and one
    that was saved has its BSON. Most documents never need more, and a state each would be an object
    more through which the garbage collector walks. All names are Python names.

    What is stored is told as of after every write that is pending: a document is dirty in what
    differs from that. Each of these writes is a layer, which knows what lies under it
    (`ommongo._tracking.layers`).

    Attributes:
        committed: Snapshots of what is stored, by name, taken before a value could change (`UNSET`:
            not stored; `UNKNOWN`: not known). What is not named is stored as it is held. ``None``
            for a document that is not stored.
        packed: The same of the values that can change in place, in a form that has to be unpacked.
        extra: The extra fields by stored name; ``None`` where there are none, and nobody has asked.
        id_is_new: Whether the ``_id`` is of the session's or an automatic default's making, and no
            write with it was ever sent, so that no stored document can have it.
        origins: Where values come from that were not loaded: `ASSIGNED`, or the snapshot of the
            default that reading gave.
        particulars: What is known of few documents only; `ORDINARY` for the others.
        retrieved: What a partial document has; ``None`` for a whole one.
        top: The last of the writes that are pending.
    """

    __slots__ = (
        "committed",
        "extra",
        "id_is_new",
        "origins",
        "packed",
        "particulars",
        "retrieved",
        "top",
    )

    def __init__(
        self,
        committed: dict[str, Any] | None,
        retrieved: Retrieved | None = None,
        packed: Packed | None = None,
    ) -> None:
        self.committed = committed
        self.packed = packed
        self.retrieved = retrieved
        self.extra: dict[str, Any] | None = None
        self.id_is_new = False
        self.origins: Mapping[str, Any] = NO_ORIGINS
        self.particulars: Particulars = ORDINARY
        self.top: Pending | None = None

    def copy(self) -> State:
        """Give a state that can change without this one, and that no pending write knows of."""
        other = State(None if self.committed is None else {**self.committed}, self.retrieved)
        other.packed = self.packed
        other.extra = None if self.extra is None else {**self.extra}
        other.id_is_new = self.id_is_new
        other.origins = {**self.origins} if self.origins else NO_ORIGINS
        if self.particulars is not ORDINARY:
            other.particulars = self.particulars.copy()
        return other

    def own_particulars(self) -> Particulars:
        """Give what is known of few documents only, for this one to be among them."""
        if self.particulars is ORDINARY:
            self.particulars = Particulars()
        return self.particulars

    def __getstate__(self) -> dict[str, Any]:
        # Unpacked: a copy that is sent elsewhere need not hold the document twice.
        self.unpack()
        names = set(self.__slots__) - {"packed", "top"}
        return {name: getattr(self, name) for name in names} | {"origins": {**self.origins}}

    def __setstate__(self, attributes: dict[str, Any]) -> None:
        State.__init__(self, None)  # for what a state of an earlier version does not have
        for name, value in attributes.items():
            setattr(self if name in State.__slots__ else self.own_particulars(), name, value)

    @property
    def has_defaults_alone(self) -> bool:
        """Whether all that is known is which values are defaults that cannot change in place."""
        return (
            self.committed is None
            and self.packed is None
            and self.top is None
            and self.retrieved is None
            and self.extra is None
            and self.particulars is ORDINARY
            and not self.id_is_new
            and all(origin is UNKNOWN for origin in self.origins.values())
        )

    # -- what is stored ---------------------------------------------------------------------------

    @property
    def remembered(self) -> dict[str, Any] | None:
        """
        The snapshots to which one is added before a value changes, or ``None``.

        Of a document whose removal is pending they are those that come back if that fails.
        """
        known, layer = self.committed, self.top
        while known is None and layer is not None:
            known, layer = layer.below, layer.under
        return known

    def knows(self, name: str) -> bool:
        """Tell whether there is a snapshot of a field."""
        known = self.remembered
        if known is None:
            return False
        if name not in known and self.packed is not None and name in self.packed.names:
            self.unpack()
        return name in known

    def known(self, name: str) -> Any:
        """Give the snapshot of a field of a stored document, or a mark for one."""
        committed = self.committed
        if committed is None:
            committed = self.remembered
            if committed is None:
                return UNCHANGED
        if name not in committed and self.packed is not None and name in self.packed.names:
            self.unpack()
        return committed.get(name, UNCHANGED)

    def remember(self, name: str, snapshot: Any) -> None:
        """Keep what is stored of a field, if that is not known yet, before its value changes."""
        known = self.remembered
        if known is not None:
            known.setdefault(name, snapshot)

    def renew(self, values: dict[str, Any]) -> None:
        """
        Take what was just loaded for what is stored, under the writes that are pending.

        Args:
            values: Snapshots by name.
        """
        layer, lowest = self.top, None
        while layer is not None and not layer.is_read:
            layer, lowest = layer.under, layer
        self.rise(lowest, {**values})

    def rise(self, layer: Pending | None, values: dict[str, Any] | None) -> dict[str, Any] | None:
        """
        Tell what is stored anew, from a write on that works on something else than before.

        Args:
            layer: The write, if there is one; all above it follow.
            values: What is now stored below: snapshots of what differs; ``None`` for nothing.

        Returns:
            The same, as of after the last write; `NO_DIFFERENCE` where nothing differs then.
        """
        while layer is not None and values is not NO_DIFFERENCE:
            values = layer.rise(values)
            layer = layer.above
        if values is None:
            self.committed = self.packed = None
        elif values is not NO_DIFFERENCE:
            self.committed = {**(self.committed or {}), **values}
        return values

    def unpack(self) -> None:
        """Put what is packed among the other snapshots."""
        packed = self.packed
        if packed is not None and self.committed is not None:
            for name, snapshot in packed.unpack().items():
                self.committed.setdefault(name, snapshot)
            self.packed = packed.rest()

    def touched(self, held: Mapping[str, Any]) -> Iterable[str]:
        """
        Give the names of the fields that may differ from what is stored.

        Args:
            held: What the document holds, by name.
        """
        if self.packed is not None and not self.packed.is_as_held(held):
            self.unpack()
        return {*(self.committed or ()), *self.origins}

    def is_whole_as_loaded(self, held: Mapping[str, Any], is_as_saved: bool = False) -> bool:
        """
        Tell whether the document is stored as a whole, and snapshots say all that may have changed.

        Args:
            held: What the document holds, by name.
            is_as_saved: Whether that is known to be stored, but for what snapshots tell.
        """
        if self.committed is None or self.retrieved is not None or self.extra is not None:
            return False
        if self.particulars.past is not None:
            return False
        if self.packed is not None and not is_as_saved and not self.packed.is_as_held(held):
            self.unpack()
        return True

    # -- where values come from -------------------------------------------------------------------

    def note(self, name: str, origin: Any) -> None:
        """Keep where the value of a field comes from."""
        if self.origins is NO_ORIGINS:
            self.origins = {name: origin}
        else:
            self.origins[name] = origin  # type: ignore[index]  # then it is a dict

    def drop_origins(self, names: Collection[str]) -> Mapping[str, Any]:
        """Forget where the values of some fields come from; give what was known of it."""
        dropped = {name: origin for name, origin in self.origins.items() if name in names}
        if dropped:
            rest = {name: o for name, o in self.origins.items() if name not in dropped}
            self.origins = rest or NO_ORIGINS
        return dropped


UNSTORED: Final = State(None)
"""Shared by new documents of which nothing more is to be known; never changed."""
