"""The workloads, each with what pymongo alone does for it, and what has to come out."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tracemalloc
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from bson import encode
from documents import large
from mapper import BIG, Kind, Mapper, Shape
from pymongo import UpdateOne
from pymongo.collection import Collection
from pymongo.database import Database
from sizes import Sizes, want
from timing import Pairs, Side, in_pairs

__all__ = ["Workloads"]


class Workloads:
    """
    The workloads of one library on one kind of documents.

    Args:
        library: The library.
        kind: The documents.
        database: A database without such documents.
        seconds: About how long to measure each.
        sizes: How many documents each handles.
    """

    def __init__(
        self,
        library: Mapper,
        kind: Kind,
        database: Database[Any],
        seconds: float,
        sizes: Sizes,
    ) -> None:
        self.library = library
        self.kind = kind
        self.seconds = seconds
        self.sizes = sizes
        self.rows = kind.rows(sizes.objects)
        self.wanted = [kind.values(row) for row in self.rows]
        self.database = database
        self.loaded = database[kind.LOADED]
        self.new, self.raw_new = database[kind.NEW], database["raw_" + kind.NEW]
        self.loaded.insert_many([kind.literal(row) for row in self.rows[: sizes.loads]])
        # What results are compared with is not measured: the collector shall not look at it.
        gc.collect()
        gc.freeze()

    def by_name(self) -> dict[str, Callable[[], Pairs]]:
        """Give what measures each row of the table."""
        return {
            "load": self.load,
            "load_and_read": self.load_and_read,
            "save_each": self.save_each,
            "save_bulk": self.save_bulk,
            "change": self.change,
            "save_change": self.save_change,
            "save_change_bulk": self.save_change_bulk,
            "construct": self.construct,
            "build_query": self.build_query,
            "bytes_loaded": lambda: self.memory(is_read=False),
            "bytes_read": lambda: self.memory(is_read=True),
            "large_any": lambda: self.large(self.library.read_any),
            "large_dict": lambda: self.large(self.library.read_dict),
            "import": self.importing,
        }

    # -- loading ------------------------------------------------------------------------------

    def _find(self) -> list[dict[str, Any]]:
        return self.loaded.find().to_list()

    def load(self) -> Pairs:
        """Load everything that one query finds into a list."""
        return in_pairs(
            Side(self._find, lambda found: self._check_stored(found, self.sizes.loads)),
            Side(self.library.load, lambda found: self._check_objects(found, self.sizes.loads)),
            each=self.sizes.loads,
            seconds=self.seconds,
        )

    def load_and_read(self) -> Pairs:
        """Load everything, and read every field once."""
        read = self.kind.read

        def raw() -> Any:
            found = self._find()
            deque(map(read, found), maxlen=0)
            return found

        def mapped() -> Any:
            found = self.library.load()
            deque(map(self.library.read, found), maxlen=0)
            return found

        return in_pairs(
            Side(raw, lambda found: self._check_stored(found, self.sizes.loads)),
            Side(mapped, lambda found: self._check_objects(found, self.sizes.loads)),
            each=self.sizes.loads,
            seconds=self.seconds,
        )

    # -- storing ------------------------------------------------------------------------------

    def _saving(
        self,
        count: int,
        raw: Callable[[Sequence[Any]], object],
        mapped: Callable[[Sequence[Any]], object],
        added: int = 0,
    ) -> Pairs:
        chosen = self.rows[:count]

        def check(collection: Collection[Any]) -> None:
            found = collection.find().to_list()
            for document in found:
                document["age"] -= added
            self._check_stored(found, count)

        def side(save: Callable[[Sequence[Any]], object], collection: Collection[Any]) -> Side:
            return Side(
                lambda: save(chosen),
                lambda _: check(collection),
                lambda: collection.delete_many({}),
            )

        return in_pairs(
            side(raw, self.raw_new), side(mapped, self.new), each=count, seconds=self.seconds
        )

    def save_each(self) -> Pairs:
        """Make documents and store each with a call of its own, acknowledged."""
        literal = self.kind.literal

        def raw(rows: Sequence[Any]) -> None:
            for row in rows:
                self.raw_new.insert_one(literal(row))

        return self._saving(self.sizes.saves, raw, self.library.save_each)

    def save_bulk(self) -> Pairs:
        """Make documents and store them together."""
        literal = self.kind.literal

        def raw(rows: Sequence[Any]) -> None:
            self.raw_new.insert_many([literal(row) for row in rows])

        return self._saving(self.sizes.loads, raw, self.library.save_bulk)

    def save_change(self) -> Pairs:
        """Make documents, store each with a call of its own, change one number, and store that."""
        literal = self.kind.literal

        def raw(rows: Sequence[Any]) -> None:
            for row in rows:
                document = literal(row)
                self.raw_new.insert_one(document)
                age = document["age"] + 1
                self.raw_new.update_one({"_id": document["_id"]}, {"$set": {"age": age}})

        return self._saving(self.sizes.saves, raw, self.library.save_and_change, added=1)

    def save_change_bulk(self) -> Pairs:
        """Make documents and store them together, change one number in each, and store that."""
        literal = self.kind.literal

        def raw(rows: Sequence[Any]) -> None:
            documents = [literal(row) for row in rows]
            self.raw_new.insert_many(documents)
            writes = []
            for document in documents:
                age = document["age"] + 1
                writes.append(UpdateOne({"_id": document["_id"]}, {"$set": {"age": age}}))
            self.raw_new.bulk_write(writes)

        return self._saving(self.sizes.updates, raw, self.library.save_and_change_bulk, added=1)

    def change(self) -> Pairs:
        """Load documents, change one number in each, and store that."""
        rounds = {self.new.name: 0, self.raw_new.name: 0}
        for collection in (self.new, self.raw_new):
            collection.delete_many({})
            collection.insert_many(
                [self.kind.literal(row) for row in self.rows[: self.sizes.updates]]
            )

        def raw() -> None:
            writes = []
            for document in self.raw_new.find().to_list():
                age = document["age"] + 1
                writes.append(UpdateOne({"_id": document["_id"]}, {"$set": {"age": age}}))
            self.raw_new.bulk_write(writes)

        def check(collection: Collection[Any]) -> None:
            rounds[collection.name] += 1
            found = collection.find().to_list()
            for document in found:
                document["age"] -= rounds[collection.name]
            self._check_stored(found, self.sizes.updates)

        return in_pairs(
            Side(raw, lambda _: check(self.raw_new)),
            Side(self.library.change, lambda _: check(self.new)),
            each=self.sizes.updates,
            seconds=self.seconds,
        )

    # -- without a server -----------------------------------------------------------------------

    def construct(self) -> Pairs:
        """Make objects, validated."""
        literal = self.kind.literal
        return in_pairs(
            Side(
                lambda: [literal(row) for row in self.rows],
                lambda made: self._check_stored(made, self.sizes.objects),
            ),
            Side(
                lambda: self.library.construct(self.rows),
                lambda made: self._check_objects(made, self.sizes.objects),
            ),
            each=self.sizes.objects,
            seconds=self.seconds,
            alone=True,
        )

    def build_query(self) -> Pairs:
        """Build a query with a sort and a limit, as far as what is sent."""
        right_ids = self._ids(self.kind.shape(*self.kind.QUERY))
        looked_for = self.kind.QUERY

        def times(build: Callable[..., Any]) -> Callable[[], Any]:
            def run() -> Any:
                for _ in range(self.sizes.queries):
                    query = build(*looked_for)
                return query

            return run

        def check(shape: Shape) -> None:
            want(0 < len(right_ids) <= 50 and self._ids(shape) == right_ids, shape)

        return in_pairs(
            Side(times(self.kind.shape), check),
            Side(times(self.library.build), lambda query: check(self.library.shape(query))),
            each=self.sizes.queries,
            seconds=self.seconds,
            alone=True,
        )

    def _ids(self, shape: Shape) -> list[Any]:
        """Give what a query finds."""
        condition, sort, limit = shape
        return [found["_id"] for found in self.loaded.find(condition, sort=sort, limit=limit)]

    def importing(self) -> Pairs:
        """Import the library, each time in a new process."""
        environment = {**os.environ}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)

        def imported(module: str) -> tuple[float, float]:
            code = (
                "import time; c, t = time.process_time(), time.perf_counter()\n"
                f"import {module}\n"
                "print(time.perf_counter() - t, time.process_time() - c)"
            )
            command = [sys.executable, "-c", code]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment)
            wall, cpu = map(float, done.stdout.split())
            return wall * 1e3, cpu * 1e3

        pairs = Pairs("ms", alone=True)
        imported("pymongo")  # compiles
        imported(self.library.module)
        for _ in range(self.sizes.imports):
            pairs.add(imported("pymongo"), imported(self.library.module))
        return pairs

    # -- size -----------------------------------------------------------------------------------

    def memory(self, is_read: bool) -> Pairs:
        """Count the bytes that a loaded object holds, its fields read or not."""

        def held(load: Callable[[], Any], look: Callable[[Any], Any]) -> float:
            gc.collect()
            tracemalloc.start()
            found = load()
            if is_read:
                deque(map(look, found), maxlen=0)
            gc.collect()
            used = tracemalloc.get_traced_memory()[0]
            tracemalloc.stop()
            return used / len(found)

        pairs = Pairs("bytes")
        self._find()
        self.library.load()
        for _ in range(2):  # exact, so that the second is there to show it
            pairs.raw.append(held(self._find, self.kind.read))
            pairs.mapped.append(held(self.library.load, self.library.read))
        return pairs

    def large(self, mapped: Callable[[], Any]) -> Pairs:
        """Load one large document, and read one value in it."""
        collection = self.database[BIG]
        if collection.find_one({}, {"_id": True}) is None:
            content = large(self.sizes.large)
            want(abs(len(encode(content)) / self.sizes.large - 1) < 0.02, len(encode(content)))
            collection.insert_one({"body": content})

        def raw() -> Any:
            found = collection.find_one()
            return found and found["body"]["chapter 3"][4]["title"]

        def check(value: Any) -> None:
            want(value == "section 304", value)

        return in_pairs(
            Side(raw, check), Side(mapped, check), each=1, seconds=self.seconds, unit="ms"
        )

    # -- what has to come out -------------------------------------------------------------------

    def _check_stored(self, found: Sequence[dict[str, Any]], count: int) -> None:
        """Check dicts, which have an ``_id`` or not."""
        want(len(found) == count, f"{len(found)} documents, not {count}")
        read, right, literal = self.kind.read, self.kind.right, self.kind.literal
        for document, row, wanted in zip(found, self.rows, self.wanted, strict=False):
            # Some libraries store a null for what is missing.
            given = {k: v for k, v in document.items() if k != "_id" and v is not None}
            want(given == literal(row) and right(read(document), wanted), document)

    def _check_objects(self, found: Sequence[Any], count: int) -> None:
        """Check objects."""
        read, right, types = self.library.read, self.kind.right, self.library.types
        want(len(found) == count, f"{len(found)} objects, not {count}")
        for document, wanted in zip(found, self.wanted, strict=False):
            found_values = read(document)
            want(right(found_values, wanted, types), found_values)
