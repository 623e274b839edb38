"""What a library has to be able to do to be measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from documents import Row
from pymongo.database import Database

__all__ = ["BIG", "LOADED", "NEW", "Mapper", "Shape"]

LOADED = "people"
"""The collection that documents are loaded from."""
NEW = "new_people"
"""The collection that new documents are stored in."""
BIG = "big"
"""The collection that holds the large document, in its field ``body``."""

Shape = tuple[dict[str, Any], list[tuple[str, int]], int]
"""A query as the driver takes it: filter, sort, limit."""


class Mapper(Protocol):
    """
    One library, on the documents of `documents`.

    Attributes:
        name: Its name.
        version: Its version.
        module: What is imported to use it.
        types: What it loads values as, where that is no plain Python or BSON type.
    """

    name: str
    version: str
    module: str
    types: dict[type, type]

    def __init__(self, database: Database[Any], uri: str) -> None: ...

    def load(self) -> Sequence[Any]:
        """Load all of the collection *LOADED*, in the order in which it is stored."""

    def read(self, person: Any) -> tuple[Any, ...]:
        """Read every field of an object once, those of the embedded document too."""

    def construct(self, rows: Sequence[Row]) -> list[Any]:
        """Make objects, validated."""

    def save_each(self, rows: Sequence[Row]) -> None:
        """Make objects and store each with a call of its own, acknowledged, in *NEW*."""

    def save_bulk(self, rows: Sequence[Row]) -> None:
        """Make objects and store them together in *NEW*."""

    def save_and_change(self, rows: Sequence[Row]) -> None:
        """Make objects and store each with a call of its own; add one to its age, store that."""

    def save_and_change_bulk(self, rows: Sequence[Row]) -> None:
        """Make objects and store them together; add one to each age, and store that."""

    def change(self) -> None:
        """Load all of *NEW*, add one to each age, and store that."""

    def build(self, age: int, city: str, tags: list[str]) -> Any:
        """Build ``age > x and active and (city == x or tags in […])``, oldest first, 50 of them."""

    def shape(self, query: Any) -> Shape:
        """Give what a query built by `build` sends."""

    def read_any(self) -> Any:
        """Load the large document in a field of any type; read a value in it."""

    def read_dict(self) -> Any:
        """Load the large document in a field of dicts of any type; read a value in it."""
