"""What an update needs of the query that it was started from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

__all__ = ["CriteriaLike", "QueryLike"]


class CriteriaLike(Protocol):
    """What a query asks for, as updates see it."""

    def asked(self) -> dict[str, Any]:
        """Give what was asked for itself, without the class's own conditions."""
        ...

    @property
    def sort(self) -> tuple[tuple[str, int], ...]:
        """The order that was asked for, as pairs of a stored name and a direction."""
        ...

    @property
    def limit(self) -> int:
        """How many results there are at most; 0 for all."""
        ...

    @property
    def skip(self) -> int:
        """How many results are left out."""
        ...

    @property
    def version_name(self) -> str | None:
        """The stored name of the class's version, if it counts versions."""
        ...

    def identity(self) -> dict[str, Any]:
        """Give what a new document of the class holds in the attributes that select it."""
        ...

    def insertion(
        self, update: Mapping[str, Any], named: Mapping[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """
        Give what an upsert has to store beside filter and update, if it inserts.

        Args:
            update: The update document.
            named: What selects the class, unless filter or update say it.

        Returns:
            The filter to send, and values for ``$setOnInsert``.

        Raises:
            BadValueException: The class could not load what would be inserted.
            MissingValueException: A required field is in neither, and has no default.
        """
        ...

    def order(self) -> Any:
        """Give the order that the server is to use, or ``None``."""
        ...

    def projection(self) -> dict[str, Any] | None:
        """Give the projection, or ``None`` for whole documents."""
        ...

    def command_options(self) -> dict[str, Any]:
        """Give the options that every command on behalf of the query carries."""
        ...


class QueryLike(Protocol):
    """
    A query, as updates see it.

    Attributes:
        type: The document class, or the free-form document of a collection.
        session: The session that runs the query, or ``None``.
    """

    type: Any
    session: Any

    @property
    def query(self) -> dict[str, Any]:
        """The whole filter, as it is sent."""
        ...

    @property
    def _criteria(self) -> CriteriaLike:
        """What is asked for, as a value."""
        ...
