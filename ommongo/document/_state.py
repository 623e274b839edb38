"""What the library knows of one document beside its values."""

from __future__ import annotations

import marshal
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Protocol

from ommongo.document._retrieved import Retrieved
from ommongo.document._stored import Encoded

__all__ = [
    "LISTS_FORMAT",
    "UNSTORED",
    "Saved",
    "State",
    "lists_as_loaded",
]

LISTS_FORMAT: Final = 2
"""The format of marshal in which equal lists always give equal bytes, whoever else holds them."""

_NO_SNAPSHOTS: Final[Mapping[str, Any]] = MappingProxyType({})
_NO_NAMES: Final[frozenset[str]] = frozenset()


class Saved(bytes):
    """The BSON of a document as it was saved last, which says all that there is to know of it."""

    __slots__ = ()


if TYPE_CHECKING:

    class StateMaker(Protocol):
        """What gives a document's state when somebody wants to know it."""

        def make_state(self) -> State:
            """Give the state, which the document then has."""
            ...


class State:
    """
    One document's knowledge of what is stored.

    A loaded document that nobody has touched has none (``None`` in its slot): its values are
    what is stored. Of lists, which can change when they are read, it has `lists_as_loaded` there; a
    new one that was saved has the write of it, and then `Saved`. Most documents of a bulk never
    need more, and a state each would be one object more through which the garbage collector walks.
    All names are Python names.

    Attributes:
        stored: Whether the document is known to be in the database.
        sent: Whether a write of it was ever sent.
        id_given: Whether the session, or an automatic default, gave it its ``_id``.
        retrieved: What a partial document has; ``None`` for a whole one.
        baseline: Snapshots of stored values (`UNSET`: not stored), taken when a value was first
            read or assigned. A name that is missing here is stored as it stands.
        loaded: The BSON of a large document as it was loaded.
        source: The whole document as it was last saved; what *baseline* does not know.
        assigned: Names that were assigned since.
        defaults: Snapshots of the defaults that reading gave.
        extra: Extra fields by stored name.
        extra_baseline: Snapshot of the extra fields as they are stored.
        removed: Stored names that `Document.transform_incoming` took out.
        score: The text-search score.
    """

    __slots__ = (
        "_baseline",
        "_list_names",
        "_lists",
        "assigned",
        "defaults",
        "extra",
        "extra_baseline",
        "id_given",
        "loaded",
        "removed",
        "retrieved",
        "score",
        "sent",
        "source",
        "stored",
    )

    def __init__(
        self, stored: bool, retrieved: Retrieved | None = None, source: Encoded | None = None
    ) -> None:
        self.stored = self.sent = stored
        self.retrieved = retrieved
        self.source = source
        self.loaded: bytes | None = None
        self.id_given = False
        self.assigned: frozenset[str] = _NO_NAMES
        self.defaults: dict[str, Any] | None = None
        self.extra: dict[str, Any] | None = None
        self.extra_baseline: Encoded | None = None
        self.removed: tuple[str, ...] = ()
        self.score: float = 0
        self._baseline: dict[str, Any] | None = None
        self._list_names: tuple[str, ...] = ()
        self._lists: bytes | None = None

    def __getstate__(self) -> dict[str, Any]:
        # A copy that is sent elsewhere need not be twice as large.
        return {name: getattr(self, name) for name in self.__slots__} | {"loaded": None}

    def __setstate__(self, attributes: dict[str, Any]) -> None:
        self.loaded = None  # which a state of an earlier version does not have
        for name, value in attributes.items():
            setattr(self, name, value)

    @property
    def baseline(self) -> dict[str, Any]:
        """The snapshots; the dict is made when it is first needed, as most states need none."""
        if self._baseline is None:
            self._baseline = {}
        if self._lists is not None:
            lists, self._lists = marshal.loads(self._lists), None
            for name, value in zip(self._list_names, lists, strict=True):
                if value is not None:
                    self._baseline[name] = tuple(value)
        return self._baseline

    @baseline.setter
    def baseline(self, snapshots: dict[str, Any]) -> None:
        self._baseline = snapshots
        self._lists = None

    def snapshot_of(self, name: str, otherwise: Any = None) -> Any:
        """Give the snapshot of a field, or something else where there is none."""
        if self._lists is not None and name in self._list_names:
            return self.baseline.get(name, otherwise)
        return otherwise if self._baseline is None else self._baseline.get(name, otherwise)

    def knows(self, name: str) -> bool:
        """Tell whether there is a snapshot of a field."""
        if self._lists is not None and name in self._list_names:
            return name in self.baseline  # one that was not there, or None, is not packed
        return self._baseline is not None and name in self._baseline

    def keep(self, snapshots: Mapping[str, Any]) -> None:
        """Put snapshots into *baseline*; those of unchanged lists can stay packed."""
        if self._lists is not None and not snapshots.keys().isdisjoint(self._list_names):
            self.baseline.update(snapshots)
        elif self._baseline is None:
            self._baseline = {**snapshots}
        else:
            self._baseline.update(snapshots)

    def keep_constant(self, name: str, value: Any) -> None:
        """Keep the stored value of a plain field, which is its own snapshot, if there is none."""
        if self._baseline is None:
            self._baseline = {name: value}
        else:
            self._baseline.setdefault(name, value)

    @property
    def snapshots(self) -> Mapping[str, Any]:
        """The snapshots that were taken since the document was loaded, those of lists packed."""
        return self._baseline or _NO_SNAPSHOTS

    def is_whole_as_loaded(self, held: Mapping[str, Any]) -> bool:
        """
        Tell whether the document is loaded as a whole, and `snapshots` say what may have changed.

        Args:
            held: What the document holds, by name.
        """
        return (
            self.stored
            and self.source is None
            and self.retrieved is None
            and self.defaults is None
            and self.extra is None
            and not self.removed
            and (
                self._lists is None
                or lists_as_loaded(*map(held.get, self._list_names)) == self._lists
            )
        )

    def touched(self, held: Mapping[str, Any]) -> Iterable[str]:
        """
        Give the names of the fields that may differ from what is stored.

        Args:
            held: What the document holds, by name.
        """
        if self._lists is not None:
            now = lists_as_loaded(*map(held.get, self._list_names))
            if now != self._lists:
                return self.baseline
        return self._baseline or ()

    @classmethod
    def of_lists(cls, names: tuple[str, ...], snapshot: bytes) -> State:
        """
        Give the state of a loaded document of which nothing but its lists may have changed.

        Args:
            names: The names of the lists.
            snapshot: What `lists_as_loaded` gave for them.
        """
        state = cls(stored=True)
        state._list_names, state._lists = names, snapshot
        return state

    def copy(self) -> State:
        """Give a state that can change without this one."""
        other: State = State.__new__(State)  # every attribute is set below
        other.stored = self.stored
        other.sent = self.sent
        other.retrieved = self.retrieved
        other.source = self.source
        other.loaded = self.loaded
        other.id_given = self.id_given
        other.assigned = self.assigned
        other.defaults = None if self.defaults is None else dict(self.defaults)
        other.extra = None if self.extra is None else dict(self.extra)
        other.extra_baseline = self.extra_baseline
        other.removed = self.removed
        other.score = self.score
        other._list_names, other._lists = self._list_names, self._lists
        other._baseline = None if self._baseline is None else dict(self._baseline)
        return other

    def after_setting(self, values: Mapping[str, Any]) -> State:
        """
        Give the state that is to come of an update.

        Args:
            values: What it sets: values of plain fields, which are their own snapshots.
        """
        after = self.copy()
        after._baseline = {**(self._baseline or {}), **values}
        after.sent = True
        after.assigned = self.assigned.difference(values)
        return after


UNSTORED: Final = State(stored=False)
"""Shared by new documents of which nothing more is to be known; never changed."""


def lists_as_loaded(*lists: Any) -> bytes | None:
    """
    Take the snapshot of a loaded document's lists that is all there is to know of it.

    A list can be changed by whoever reads it. A `State` with a snapshot of each would be three
    objects or more for each document; this is one, in which the garbage collector has nothing to
    look at.

    Args:
        lists: The lists, of values of Python's own types; ``None`` for one that is not there.

    Returns:
        The snapshot; ``None`` where it cannot be taken, of 64-bit integers for instance, which are
        of a type of BSON's own.
    """
    try:
        return marshal.dumps(lists, LISTS_FORMAT)
    except ValueError:
        return None
