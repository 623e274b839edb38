"""What an update needs of the query that it was started from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

__all__ = ["QueryLike"]


class QueryLike(Protocol):
    """
    A query, as updates see it.

    Attributes:
        type: The document class, or the free-form document of a collection.
        session: The session that runs the query, or ``None``.
        hints: The index to use, as ``(stored name, direction)``.
    """

    type: Any
    session: Any
    hints: list[tuple[str, int]]

    # What was asked for itself, without the class's own conditions, order and bounds.
    _conditions: Mapping[str, Any]
    _sort: list[tuple[str, int]]
    _limit: int
    _skip: int

    @property
    def query(self) -> dict[str, Any]:
        """The whole filter, as it is sent."""
        ...

    def _identity(self) -> dict[str, Any]:
        """Give what a new document of the class holds in the attributes that select it."""
        ...

    def _version_name(self) -> str | None:
        """Give the stored name of the class's version, if it counts versions."""
        ...

    def _sort_to_send(self) -> Any:
        """Give the order that the server is to use, or ``None``."""
        ...

    def _fields_expression(self) -> dict[str, Any] | None:
        """Give the projection, or ``None`` for whole documents."""
        ...

    def _command_options(self) -> dict[str, Any]:
        """Give the options that every command on behalf of the query carries."""
        ...
