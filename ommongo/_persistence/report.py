"""What a flush did: the public `ommongo.session.FlushReport`."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FlushReport"]


@dataclass(frozen=True)
class FlushReport:
    """
    What became of the operations of a flush; `Session.flush_report` gives that of the last one.

    It counts operations, not documents: an update of many documents is one.

    Attributes:
        inserted: How many saves of new documents were applied.
        replaced: How many saves of stored documents, or of such with an ``_id`` of the
            application's own, were applied.
        updated: How many updates were applied, also such that matched nothing.
        removed: How many removals were applied, also such that matched nothing.
        failed: How many operations failed.
        not_attempted: How many were not sent, or were rolled back with the one that failed.
        unknown: How many the server may have applied, because the connection was lost.
        server_calls: How many calls of the driver were made to write, those of tries that were
            repeated included.
        atomic: Whether all ran in one server transaction.

    Example:
        >>> session.add(User(name="Ken"))
        >>> session.add(User(name="Edsger"))
        >>> _ = session.flush()
        >>> session.flush_report.inserted, session.flush_report.server_calls
        (2, 1)
    """

    inserted: int = 0
    replaced: int = 0
    updated: int = 0
    removed: int = 0
    failed: int = 0
    not_attempted: int = 0
    unknown: int = 0
    server_calls: int = 0
    atomic: bool = False

    @property
    def applied(self) -> int:
        """How many operations were applied for certain."""
        return self.inserted + self.replaced + self.updated + self.removed
