"""What is to be loaded anew of a document, because a transaction read it in vain."""

from __future__ import annotations

from typing import Any

from ommongo._tracking.retrieved import Retrieved

__all__ = ["Expired"]


class Expired:
    """
    What is to be loaded anew of a document.

    Args:
        document: The document.
        retrieved: What it had before; ``None`` for all.

    Attributes:
        names: The names of its fields, and `EXTRA` for what is none.
        deleted: The names of extra fields that were deleted.
        inside: The names of fields that hold an embedded document of which a part expired.
    """

    __slots__ = ("deleted", "document", "inside", "names", "retrieved")

    def __init__(self, document: Any, retrieved: Retrieved | None) -> None:
        self.document: Any = document
        self.retrieved = retrieved
        self.names: set[str] = set()
        self.deleted: set[str] = set()
        self.inside: set[str] = set()

    def copy_for(self, document: Any) -> Expired:
        """Give the same for a copy of the document."""
        other = Expired(document, self.retrieved)
        other.names, other.deleted, other.inside = {*self.names}, {*self.deleted}, {*self.inside}
        return other
