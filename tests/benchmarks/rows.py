"""The rows of the table: what measures each."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import cached_property, partial
from typing import Any

import documents
from mapper import Mapper
from pymongo.database import Database
from sizes import Sizes
from small.documents import NAMES
from small.workloads import SmallWorkloads
from timing import Pairs
from usual import documents as members
from workloads import Workloads

__all__ = ["Rows"]

PEOPLE = (
    "load",
    "load_and_read",
    "save_each",
    "save_bulk",
    "change",
    "save_change",
    "save_change_bulk",
    "construct",
    "build_query",
    "bytes_loaded",
    "bytes_read",
    "large_any",
    "large_dict",
    "import",
)
MEMBERS = ("load", "save_bulk", "change", "save_change_bulk", "construct")


class Rows:
    """
    All rows of one library.

    Args:
        library: Its name.
        adapter: What does its work on plain values.
        database: An empty database.
        uri: The server's address.
        seconds: About how long to measure each row.
        sizes: How many documents each handles.
    """

    def __init__(
        self,
        library: str,
        adapter: type[Mapper],
        database: Database[Any],
        uri: str,
        seconds: float,
        sizes: Sizes,
    ) -> None:
        self._name = library
        self._adapter = adapter
        self._place = database, uri
        self._terms = seconds, sizes

    # Each is made when its first row is measured: the rows before shall not see its memory.

    @cached_property
    def _people(self) -> Workloads:
        library = self._adapter(*self._place)
        return Workloads(library, documents, self._place[0], *self._terms)

    @cached_property
    def _members(self) -> Workloads:
        library = self._part("usual").Usual(*self._place)
        return Workloads(library, members, self._place[0], *self._terms)

    @cached_property
    def _small(self) -> SmallWorkloads:
        return SmallWorkloads(self._part("small").Small(*self._place), *self._terms)

    def _part(self, name: str) -> Any:
        return importlib.import_module(f"{name}.with_{self._name}")

    def cannot(self, row: str) -> str:
        """Say why the library cannot do what a row measures; nothing, if it can."""
        reasons: dict[str, str] = getattr(self._part("small").Small, "cannot", {})
        return reasons.get(row, "")

    def by_name(self) -> dict[str, Callable[[], Pairs]]:
        """Give what measures each row, in the order in which they are measured."""
        return {
            **{row: partial(self._of_people, row) for row in PEOPLE},
            **{f"usual_{row}": partial(self._of_members, row) for row in MEMBERS},
            "query_five": lambda: self._members.build_query(),
            **{f"construct_{name}": partial(self._of_small, name) for name in NAMES},
            "encode_book": lambda: self._small.encode(),
            "load_book": lambda: self._small.load(),
        }

    def _of_people(self, row: str) -> Pairs:
        return self._people.by_name()[row]()

    def _of_members(self, row: str) -> Pairs:
        return self._members.by_name()[row]()

    def _of_small(self, name: str) -> Pairs:
        return self._small.construct(name)
