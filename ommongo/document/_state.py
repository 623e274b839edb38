"""What the library knows of one document beside its values."""

from __future__ import annotations

from typing import Any, Final

from ommongo.document._retrieved import Retrieved
from ommongo.document._stored import Encoded

__all__ = ["UNSTORED", "State"]


class State:
    """
    One document's knowledge of what is stored.

    A loaded document that nobody has touched has none (``None`` in its slot): its values are
    what is stored. All names are Python names.

    Attributes:
        stored: Whether the document is known to be in the database.
        sent: Whether a write of it was ever sent.
        id_given: Whether the session, or an automatic default, gave it its ``_id``.
        retrieved: What a partial document has; ``None`` for a whole one.
        baseline: Snapshots of stored values (`UNSET`: not stored), taken when a value was first
            read or assigned. A name that is missing here is stored as it stands.
        source: The whole document as it was last saved; what *baseline* does not know.
        assigned: Names that were assigned since.
        defaults: Snapshots of the defaults that reading gave.
        extra: Extra fields by stored name.
        extra_baseline: Snapshot of the extra fields as they are stored.
        removed: Stored names that `Document.transform_incoming` took out.
        score: The text-search score.
    """

    __slots__ = (
        "assigned",
        "baseline",
        "defaults",
        "extra",
        "extra_baseline",
        "id_given",
        "removed",
        "retrieved",
        "score",
        "sent",
        "source",
        "stored",
    )

    def __init__(self, stored: bool, retrieved: Retrieved | None = None) -> None:
        self.stored = stored
        self.sent = stored
        self.id_given = False
        self.retrieved = retrieved
        self.baseline: dict[str, Any] = {}
        self.source: Encoded | None = None
        self.assigned: frozenset[str] = frozenset()
        self.defaults: dict[str, Any] | None = None
        self.extra: dict[str, Any] | None = None
        self.extra_baseline: Encoded | None = None
        self.removed: tuple[str, ...] = ()
        self.score: float = 0

    def copy(self) -> State:
        """Give a state that can change without this one."""
        other = State.__new__(State)
        for name in State.__slots__:
            setattr(other, name, getattr(self, name))
        other.baseline = dict(self.baseline)
        other.defaults = None if self.defaults is None else dict(self.defaults)
        other.extra = None if self.extra is None else dict(self.extra)
        return other

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, tuple(getattr(self, name) for name in State.__slots__)


def _restored(*values: Any) -> State:
    """Make a state again from what was pickled."""
    state = State.__new__(State)
    for name, value in zip(State.__slots__, values, strict=True):
        setattr(state, name, value)
    return state


UNSTORED: Final = State(stored=False)
"""Shared by new documents of which nothing more is to be known; never changed."""
