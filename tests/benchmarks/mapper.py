"""What a library has to be able to do to be measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from documents import LOADED, NEW
from pymongo.database import Database

__all__ = ["BIG", "LOADED", "NEW", "Kind", "Mapper", "Shape"]

BIG = "big"
"""The collection that holds the large document, in its field ``body``."""

Shape = tuple[dict[str, Any], list[tuple[str, int]], int]
"""A query as the driver takes it: filter, sort, limit."""


class Kind(Protocol):
    """
    A kind of documents: a module, like `documents`.

    Attributes:
        LOADED: The collection that documents are loaded from.
        NEW: The collection that new documents are stored in.
        QUERY: What a query looks for.
    """

    LOADED: str
    NEW: str
    QUERY: tuple[Any, ...]

    def rows(self, count: int) -> Sequence[Any]:
        """Make the values of *count* documents, the same ones in every process."""

    def literal(self, row: Any) -> dict[str, Any]:
        """Give the stored form of a row, without an ``_id``."""

    def values(self, row: Any) -> tuple[Any, ...]:
        """Give the values of a row as one flat tuple."""

    def read(self, document: dict[str, Any]) -> tuple[Any, ...]:
        """Read every field of a stored document once."""

    def right(
        self, found: tuple[Any, ...], wanted: tuple[Any, ...], types: Mapping[type, type] = ...
    ) -> bool:
        """Tell whether flat values are equal to those wanted, and of the same types."""

    def shape(self, *looked_for: Any) -> Shape:
        """Write the query of *QUERY* as pymongo alone is given it."""


class Mapper(Protocol):
    """
    One library, on the documents of one kind.

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

    def construct(self, rows: Sequence[Any]) -> list[Any]:
        """Make objects, validated."""

    def save_each(self, rows: Sequence[Any]) -> None:
        """Make objects and store each with a call of its own, acknowledged, in *NEW*."""

    def save_bulk(self, rows: Sequence[Any]) -> None:
        """Make objects and store them together in *NEW*."""

    def save_and_change(self, rows: Sequence[Any]) -> None:
        """Make objects and store each with a call of its own; add one to its age, store that."""

    def save_and_change_bulk(self, rows: Sequence[Any]) -> None:
        """Make objects and store them together; add one to each age, and store that."""

    def change(self) -> None:
        """Load all of *NEW*, add one to each age, and store that."""

    def build(self, *looked_for: Any) -> Any:
        """Build the query that the kind's `shape` gives."""

    def shape(self, query: Any) -> Shape:
        """Give what a query built by `build` sends."""

    def read_any(self) -> Any:
        """Load the large document in a field of any type; read a value in it."""

    def read_dict(self) -> Any:
        """Load the large document in a field of dicts of any type; read a value in it."""
