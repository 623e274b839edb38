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

    # Most states say little, so what they do not say is told by the class.
    id_given: bool = False
    source: Encoded | None = None
    assigned: frozenset[str] = frozenset()
    defaults: dict[str, Any] | None = None
    extra: dict[str, Any] | None = None
    extra_baseline: Encoded | None = None
    removed: tuple[str, ...] = ()
    score: float = 0
    retrieved: Retrieved | None = None

    def __init__(self, stored: bool, retrieved: Retrieved | None = None) -> None:
        self.stored = self.sent = stored
        self.baseline: dict[str, Any] = {}
        if retrieved is not None:
            self.retrieved = retrieved

    def copy(self) -> State:
        """Give a state that can change without this one."""
        other = State(self.stored)
        other.__dict__.update(self.__dict__)
        other.baseline = dict(self.baseline)
        if self.defaults is not None:
            other.defaults = dict(self.defaults)
        if self.extra is not None:
            other.extra = dict(self.extra)
        return other


UNSTORED: Final = State(stored=False)
"""Shared by new documents of which nothing more is to be known; never changed."""
