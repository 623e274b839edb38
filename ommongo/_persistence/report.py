"""What a flush did."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FlushReport"]


@dataclass(frozen=True)
class FlushReport:
    """
    What became of the operations of a flush.

    Attributes:
        inserted: How many documents were inserted by a save.
        replaced: How many were replaced, or inserted under an ``_id`` of the application's.
        updated: How many update operations were applied.
        removed: How many removals were applied.
        failed: How many operations failed.
        not_attempted: How many were not sent, or were rolled back with the one that failed.
        unknown: How many the server may have applied, because the connection was lost.
        server_calls: How many calls of the driver were made to write.
        atomic: Whether all ran in one server transaction.
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
