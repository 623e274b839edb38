"""
How the cost of ommongo grows with the number of documents, operations, fields and items.

``python tests/benchmarks/growth.py`` starts a throw-away server (or uses the one at
``OMMONGO_TEST_URI``), measures, and prints a table in Markdown with the exponent of each curve: 1
is linear, less is better. It leaves ``growth.json`` and ``growth.svg`` in ``build/``.
``tox run -e growth`` brings what it needs along.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import time
import tracemalloc
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

# In a checkout the library need not be installed.
sys.path.append(str(Path(__file__).resolve().parents[2]))

from curves import ALONE, Curve, plot, table, too_steep
from pymongo.database import Database

from ommongo import Document, DocumentField, IntField, ListField, Session, StringField
from ommongo.testing import EmbeddedServer

ROOT = Path(__file__).resolve().parents[2]


class Thing(Document):
    config_collection_name = "things"

    number = IntField()
    name = StringField()
    tags = ListField(StringField())


class Part(Document):
    number = IntField()
    name = StringField()


class Parts(Document):
    config_collection_name = "lists"

    items = ListField(DocumentField(Part))


class Numbers(Document):
    config_collection_name = "lists"

    items = ListField(IntField())


def wide(count: int) -> type[Document]:
    """Make a class with *count* fields."""
    fields = {f"field_{i}": IntField() if i % 2 else StringField() for i in range(count)}
    return type(f"Wide{count}", (Document,), {"config_collection_name": "wide", **fields})


def seconds(run: Callable[[], object], prepare: Callable[[], object] = lambda: None) -> float:
    """Give the least processor time of some runs: what other work disturbs least."""
    times: list[float] = []
    end = time.perf_counter() + 2
    while len(times) < 2 or time.perf_counter() < end:
        prepare()
        gc.collect()
        started = time.process_time()
        run()
        times.append(time.process_time() - started)
    return min(times)


def peak(run: Callable[[], object]) -> float:
    """Give the most bytes that a run held at once."""
    gc.collect()
    tracemalloc.start()
    run()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return float(most)


class Growth:
    """
    The curves.

    Args:
        database: An empty database.
        largest: How many documents there are at most.
    """

    def __init__(self, database: Database[Any], largest: int) -> None:
        self.database = database
        self.largest = largest
        self.curves: list[Curve] = []

    def measure(
        self,
        name: str,
        axis: str,
        unit: str,
        sizes: Iterable[int],
        cost: Callable[[int], float],
    ) -> None:
        """Measure one curve."""
        curve = Curve(name, axis, unit)
        for size in sizes:
            curve.sizes.append(size)
            curve.costs.append(cost(size))
            print(name, size, f"{curve.costs[-1]:.4g} {unit}", file=sys.stderr, flush=True)
        self.curves.append(curve)

    def session(self, **settings: Any) -> Session:
        return Session(self.database, safe=True, atomic=False, **settings)

    def loading(self) -> None:
        """Load what a query finds, one by one and into lists."""
        things = self.database["things"]
        for start in range(0, self.largest, 50_000):
            things.insert_many(
                {"number": i, "name": f"thing {i}", "tags": ["a", "b"]}
                for i in range(start, min(start + 50_000, self.largest))
            )
        sizes = [n for n in (1_000, 10_000, 100_000, 1_000_000) if n <= self.largest]

        def iterated(count: int) -> None:
            deque(self.session().query(Thing).limit(count), maxlen=0)

        self.measure("iterate", "documents", "s", sizes, lambda n: seconds(lambda: iterated(n)))
        self.measure(
            "iterate, memory", "documents", "bytes", sizes, lambda n: peak(lambda: iterated(n))
        )
        for cache_size, name in ((0, "no identity map"), (10_000, "10,000"), (None, "unbounded")):

            def listed(count: int, cache_size: int | None = cache_size) -> list[Thing]:
                session = self.session(cache_size=cache_size)
                return session.query(Thing).limit(count).all()

            title = f"list, identity map {name}" if cache_size != 0 else f"list, {name}"
            self.measure(
                title, "documents", "s", sizes[:3], lambda n, f=listed: seconds(lambda: f(n))
            )
        self.measure(
            "list, memory", "documents", "bytes", sizes[:3], lambda n: peak(lambda: listed(n, 0))
        )
        self.measure(
            f"list, {ALONE}",
            "documents",
            "s",
            sizes[:3],
            lambda n: seconds(lambda: things.find().limit(n).to_list()),
        )
        things.drop()

    def flushing(self) -> None:
        """Flush many inserts and many updates."""
        things = self.database["things"]
        sizes = [n for n in (1_000, 10_000, 100_000) if n <= self.largest]

        def insert(count: int) -> None:
            session = self.session()
            for i in range(count):
                session.add(Thing(number=i, name=f"thing {i}", tags=["a", "b"]))
            session.flush()

        def update(count: int) -> None:
            with self.session() as session:
                for thing in session.query(Thing).limit(count):
                    thing.number += 1
                    session.update(thing)

        def timed_insert(count: int) -> float:
            return seconds(lambda: insert(count), lambda: things.delete_many({}))

        def timed_update(count: int) -> float:
            things.delete_many({})
            insert(count)
            return seconds(lambda: update(count))

        def timed_alone(count: int) -> float:
            return seconds(
                lambda: things.insert_many(
                    [{"number": i, "name": f"thing {i}", "tags": ["a", "b"]} for i in range(count)]
                ),
                lambda: things.delete_many({}),
            )

        self.measure("flush of inserts", "operations", "s", sizes, timed_insert)
        self.measure("flush of updates", "operations", "s", sizes, timed_update)
        self.measure(
            "flush of inserts, memory",
            "operations",
            "bytes",
            sizes,
            lambda n: peak(lambda: insert(n)),
        )
        self.measure(f"insert_many, {ALONE}", "operations", "s", sizes, timed_alone)
        things.drop()

    def fields(self) -> None:
        """Load and save documents with many fields."""
        sizes = (5, 50, 500)
        classes = {size: wide(size) for size in sizes}
        collection = self.database["wide"]

        def values(size: int) -> dict[str, Any]:
            return {f"field_{i}": i if i % 2 else f"value {i}" for i in range(size)}

        def load(size: int) -> float:
            collection.delete_many({})
            collection.insert_many([values(size) for _ in range(200)])
            return seconds(lambda: self.session().query(classes[size]).all()) / 200

        def save(size: int) -> float:
            def run() -> None:
                session = self.session()
                for _ in range(200):
                    session.add(classes[size](**values(size)))
                session.flush()

            return seconds(run, lambda: collection.delete_many({})) / 200

        def update(size: int) -> float:
            def run() -> None:
                with self.session() as session:
                    for document in session.query(classes[size]):
                        document.field_1 += 1
                        session.update(document)

            collection.delete_many({})
            collection.insert_many([values(size) for _ in range(200)])
            return seconds(run) / 200

        self.measure("load, many fields", "fields", "s", sizes, load)
        self.measure("construct and save, many fields", "fields", "s", sizes, save)
        self.measure("load, change one, update", "fields", "s", sizes, update)

    def items(self) -> None:
        """Load, read, change and save documents with long lists."""
        sizes = (10, 100, 1_000, 10_000, 100_000)
        collection = self.database["lists"]

        def changed(cls: Any, item: Callable[[int], Any], new: Callable[[], Any]) -> Any:
            def run() -> None:
                session = self.session()
                document = session.query(cls).one()
                document.items.append(new())
                session.update(document)

            def cost(size: int) -> float:
                collection.delete_many({})
                collection.insert_one({"items": [item(i) for i in range(size)]})
                return seconds(run)

            return cost

        self.measure(
            "load, append, update: list of int",
            "items",
            "s",
            sizes,
            changed(Numbers, lambda i: i, lambda: 1),
        )
        self.measure(
            "load, append, update: list of documents",
            "items",
            "s",
            sizes,
            changed(
                Parts,
                lambda i: {"number": i, "name": f"part {i}"},
                lambda: Part(number=1, name="new"),
            ),
        )


def main() -> int:
    """Measure and leave the results; the exit status tells whether a curve is too steep."""
    parser = argparse.ArgumentParser(description="Measure how the cost of ommongo grows.")
    parser.add_argument("--largest", type=int, default=1_000_000, help="documents at most")
    parser.add_argument("--output", type=Path, default=ROOT / "build", help="where results go")
    parser.add_argument("--docs", action="store_true", help="put the plot into the documentation")
    options = parser.parse_args()
    if options.largest < 10_000:
        parser.error("--largest is 10000 at least: a curve needs two sizes")
    with EmbeddedServer() as server, server.client() as client:
        client.drop_database("ommongo_growth")
        growth = Growth(client["ommongo_growth"], options.largest)
        growth.loading()
        growth.flushing()
        growth.fields()
        growth.items()
        client.drop_database("ommongo_growth")
    options.output.mkdir(parents=True, exist_ok=True)
    curves = growth.curves
    found = [
        {**asdict(curve), "exponent": curve.exponent(), "last": curve.exponent(2)}
        for curve in curves
    ]
    (options.output / "growth.json").write_text(json.dumps(found, indent=1) + "\n")
    plot(curves, options.output / "growth.svg")
    if options.docs:
        plot(curves, ROOT / "docs" / "explain" / "performance.svg")
    print(table(curves))
    steep = too_steep(curves)
    for name in steep:
        print(f"* grows faster than linear: {name}")
    return int(bool(steep))


if __name__ == "__main__":
    sys.exit(main())
