"""Where a document is stored, if not where its session keeps the documents of its class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, final

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Place", "Places"]


@final
class Place:
    """
    A collection of a database.

    Args:
        client: The client of the database; ``None`` where nobody knows it any more.
        database: The database's name.
        collection: The collection's name.
    """

    __slots__ = ("client", "collection", "database")

    def __init__(self, client: Any, database: str, collection: str) -> None:
        self.client: Any = client
        self.database: str = database
        self.collection: str = collection

    @classmethod
    def of(cls, session: Any, collection: str) -> Self | None:
        """Give a collection in the database of a session; ``None`` for one that has none."""
        database = getattr(session, "db", None)
        return None if database is None else cls(database.client, database.name, collection)

    def __reduce__(self) -> tuple[Any, ...]:
        return Place, (None, self.database, self.collection)  # a client stays in its process

    def __repr__(self) -> str:
        return f"{self.database}.{self.collection}"

    def is_same(self, other: Place) -> bool:
        """Tell whether this is the same collection as another, whatever client leads there."""
        return self.collection == other.collection and self.is_beside(other)

    def is_beside(self, other: Place) -> bool:
        """Tell whether this is in the same database as another."""
        return self.database == other.database and self.is_reached_by(other.client)

    def is_reached_by(self, client: Any) -> bool:
        """Tell whether a client is one of the same deployment, as far as that is known."""
        mine = self.client
        return (
            mine is client
            or mine is None
            or client is None
            or mine == client
            or not mine.nodes.isdisjoint(client.nodes)
        )


@final
class Places:
    """
    Where a document is stored.

    Attributes:
        home: Where it was loaded from, or stored first; ``None`` where its session keeps the
            documents of its class.
        copies: The copies that sessions of other databases have stored of it, with their places.
    """

    __slots__ = ("copies", "home")

    def __init__(self, home: Place | None = None) -> None:
        self.home = home
        self.copies: list[tuple[Place, Any]] = []

    def __reduce__(self) -> tuple[Any, ...]:
        return Places, (self.home,)

    def copy_at(self, place: Place) -> Any:
        """Give the copy that is stored in a place, or ``None``."""
        return next((copy for where, copy in self.copies if where.is_same(place)), None)
