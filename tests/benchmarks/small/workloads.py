"""What is measured on small classes, without a server: making them, and their codec alone."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from bson import ObjectId, decode, encode
from pymongo.database import Database
from sizes import Sizes, want
from timing import Pairs, Side, in_pairs

from small.documents import LITERALS, NAMES, rows

__all__ = ["SmallMapper", "SmallWorkloads"]


class SmallMapper(Protocol):
    """
    What a library has to be able to do.

    Attributes:
        make: Of each class in `small.documents` what makes an object, validated.
        types: What the library has values as, where that is no plain Python type.
    """

    make: dict[str, Callable[..., Any]]
    types: dict[type, type]

    def __init__(self, database: Database[Any], uri: str) -> None: ...

    def encode(self, book: Any) -> bytes:
        """Give an object's BSON."""

    def load(self, document: dict[str, Any]) -> Any:
        """Make an object of a book that is decoded already."""


class SmallWorkloads:
    """
    The workloads of one library.

    Args:
        library: The library.
        seconds: About how long to measure each.
        sizes: How many documents each handles.
    """

    def __init__(self, library: SmallMapper, seconds: float, sizes: Sizes) -> None:
        self.library = library
        self.seconds = seconds
        self.count = sizes.objects

    def construct(self, name: str) -> Pairs:
        """Make objects, validated; against dict literals."""
        some, literal, make = rows(name, self.count), LITERALS[name], self.library.make[name]
        return self._pairs(
            Side(
                lambda: [literal(*row) for row in some],
                lambda found: self._check_dicts(found, name),
            ),
            Side(
                lambda: [make(*row) for row in some],
                lambda found: self._check_objects(found, name),
            ),
        )

    def encode(self) -> Pairs:
        """Give the BSON of new books; against the driver's of dicts."""
        some, literal, make = rows("book", self.count), LITERALS["book"], self.library.make["book"]
        dicts, books = [literal(*row) for row in some], [make(*row) for row in some]
        encoded = self.library.encode

        def check(found: Sequence[bytes]) -> None:
            self._check_dicts([decode(document) for document in found], "book")

        return self._pairs(
            Side(lambda: [encode(document) for document in dicts], check),
            Side(lambda: [encoded(book) for book in books], check),
        )

    def load(self) -> Pairs:
        """Make books of decoded documents; against decoding them."""
        literal, load = LITERALS["book"], self.library.load
        stored = [
            encode({"_id": ObjectId(f"{i:024x}"), **literal(*row)})
            for i, row in enumerate(rows("book", self.count))
        ]
        decoded: list[dict[str, Any]] = []

        def prepare() -> None:
            decoded[:] = map(decode, stored)

        return self._pairs(
            Side(
                lambda: [decode(document) for document in stored],
                lambda found: self._check_dicts(found, "book"),
            ),
            Side(
                lambda: [load(document) for document in decoded],
                lambda found: self._check_objects(found, "book"),
                prepare,
            ),
        )

    def _pairs(self, raw: Side, mapped: Side) -> Pairs:
        # What results are compared with is not measured: the collector shall not look at it.
        gc.collect()
        gc.freeze()
        return in_pairs(raw, mapped, each=self.count, seconds=self.seconds, alone=True)

    def _check_dicts(self, found: Sequence[dict[str, Any]], name: str) -> None:
        literal = LITERALS[name]
        want(len(found) == self.count, f"{len(found)} documents, not {self.count}")
        for document, row in zip(found, rows(name, self.count), strict=True):
            given = {k: v for k, v in document.items() if k != "_id"}
            want(given == literal(*row), document)

    def _check_objects(self, found: Sequence[Any], name: str) -> None:
        name_of_more, types = NAMES[name], self.library.types
        want(len(found) == self.count, f"{len(found)} objects, not {self.count}")
        for one, row in zip(found, rows(name, self.count), strict=True):
            more = getattr(one, name_of_more) if name_of_more else None
            want((one.title, one.year, one.tags, more) == row, one)
            for value, wanted in zip((one.tags, more), row[2:], strict=True):
                kind = type(wanted)
                want(type(value) is types.get(kind, kind), type(value))
