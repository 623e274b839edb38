"""What is known of few documents only, so that the others need not carry it."""

from __future__ import annotations

from typing import Any, Final, final

from ommongo._tracking.expired import Expired
from ommongo._tracking.places import Places

__all__ = ["ORDINARY", "Particulars"]


@final
class Particulars:
    """
    What is known of few documents only.

    Attributes:
        expired: What is to be loaded anew, because a transaction read it that was not committed.
        past: Of a document as it was before an update, the names of the fields that this changed:
            what they hold is not what is stored. ``None`` for any other document.
        places: Where it is stored, if that is not where its session keeps the documents of its
            class.
        score: The text-search score.
        stored_id: The ``_id`` as it is stored and as it is held, in two snapshots, where it would
            be stored otherwise (`ommongo._tracking.originals`).
        stored_whole: The same of a document that is an ``_id`` itself.
    """

    __slots__ = ("expired", "past", "places", "score", "stored_id", "stored_whole")

    def __init__(self) -> None:
        self.expired: Expired | None = None
        self.past: frozenset[str] | None = None
        self.places: Places | None = None
        self.score: float = 0
        self.stored_id: tuple[Any, Any] | None = None
        self.stored_whole: tuple[Any, Any] | None = None

    def copy(self) -> Particulars:
        """Give those of a copy of the document; copies elsewhere stay those of the document."""
        other = Particulars()
        other.expired, other.past = self.expired, self.past
        other.places = None if self.places is None else Places(self.places.home)
        other.score = self.score
        other.stored_id, other.stored_whole = self.stored_id, self.stored_whole
        return other

    def __reduce__(self) -> Any:
        if self is ORDINARY:
            return "ORDINARY"
        return Particulars, (), (None, {name: getattr(self, name) for name in self.__slots__})


ORDINARY: Final = Particulars()
"""Shared by all documents that have none; never changed."""
