"""
An exception that a signal handler raises, at one line after the other: nothing is in between.

Afterwards each object is stored, pending or dirty, and the session is inside the blocks that its
user sees. What is not stored is written again and is then stored right, and once: an increment is
counted once, or the field is not retrieved any more.

Tried are new, loaded and saved objects, plain and operator fields (of embedded documents, too),
versions, saves, updates and removals; when they are queued, sent, refused and dropped; at the end
of a block that is kept, fails, is nested, and of a transaction that is committed or rolled back.

The lines at which a ``with`` begins to be left are out: no signal strikes there.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from pymongo.errors import DuplicateKeyError

from ommongo import Document, DocumentField, Index, IntField, ListField, Session, StringField
from ommongo.exceptions import FieldNotRetrieved, StaleDocumentException
from ommongo.fields import VersionField
from tests.interrupts import lines_of, struck

STRIKES = int(os.environ.get("OMMONGO_TEST_STRIKES", "120"))
"""About how many lines of each call are struck at: some of them, or all if there are so many."""

IS_LEFT = (
    "session/_blocks.py:__exit__",
    "session/_blocks.py:end_trans",
    "_persistence/scope.py:leave",
)
"""Where the end of a block begins, as `place` names it."""


class Part(Document):
    config_namespace = "tests.interrupts"

    hits = IntField(default=0, on_update="$inc")


class Plain(Document):
    config_namespace = "tests.interrupts"
    config_collection_name = "plain"

    name = StringField()
    nick = StringField(required=False)
    by_nick = Index(sparse=True).ascending("nick").unique()


class Counted(Document):
    config_namespace = "tests.interrupts"
    config_collection_name = "counted"

    name = StringField()
    hits = IntField(default=0, on_update="$inc")
    tags = ListField(StringField(), default_empty=True)
    part = DocumentField(Part)


class Versioned(Document):
    config_namespace = "tests.interrupts"
    config_collection_name = "versioned"

    name = StringField()
    hits = IntField(default=0, on_update="$inc")
    version = VersionField()


SEEDS: dict[type[Document], dict[str, Any]] = {
    Plain: {"name": "old"},
    Counted: {"name": "old", "hits": 10, "tags": ["x"], "part": {"hits": 10}},
    Versioned: {"name": "old", "hits": 10, "version": 1},
}


class Stop(Exception):
    """What an application leaves a block by."""


class Write:
    """One object, and how it is to be stored or removed."""

    def __init__(self, session: Session, document: Any, how: str) -> None:
        self.session, self.document, self.how = session, document, how
        self.counts = how == "update" and not isinstance(document, Plain)

    def __repr__(self) -> str:
        return f"{self.how} of {type(self.document).__name__}"

    def make(self) -> None:
        """Ask the session for it."""
        getattr(self.session, self.how)(self.document)

    def stored(self) -> Any:
        """Give what is stored of the object."""
        collection = self.session.db[type(self.document).get_collection_name()]
        return collection.find_one({"_id": self.document.__dict__.get("mongo_id")})

    def is_stored(self) -> bool:
        """Tell whether it came about, as far as fields are concerned that are set."""
        stored = self.stored()
        if self.how == "remove":
            return stored is None
        if stored is None or stored["name"] != "new":
            return False
        return not (isinstance(self.document, Counted) and stored["tags"] != ["x", "y"])

    def is_left(self) -> bool:
        """Tell whether it is stored, pending, or known not to be."""
        pending = any(operation.document is self.document for operation in self.session.queue)
        if self.how == "remove":  # one that did not come about leaves a stored object
            return self.stored() is None or pending or not self.document.get_dirty_ops()
        return pending or self.is_stored() or bool(self.document.get_dirty_ops())

    def is_retrieved(self) -> bool:
        """Tell whether the counters of the object can be read."""
        holders = [self.document, self.document.__dict__.get("part")]
        try:
            for holder in holders if self.counts else ():
                if holder is not None:
                    holder.hits
        except FieldNotRetrieved:
            return False
        return True

    def repeat(self) -> None:
        """Make it once more, if it is not stored for all that is known."""
        try:
            if self.how == "remove":
                if self.stored() is not None:
                    self.make()
            elif self.document.get_dirty_ops():
                self.make()
        except (StaleDocumentException, DuplicateKeyError):  # the first try was applied after all,
            if not isinstance(self.document, Versioned):  # which a version tells
                raise

    def has_counted(self, retrieved: bool) -> bool:
        """Tell whether each increment counts once; where it is not retrieved, at most once."""
        if not self.counts:
            return True
        stored = self.stored()
        found = {stored["hits"], stored.get("part", stored)["hits"]}
        return found <= ({15} if retrieved else {10, 15})


class Bench:
    """A session, and writes of all kinds to be made in it."""

    def __init__(self, database: Any, everything: bool) -> None:
        self.session = session = Session(database, safe=True)
        self.writes: list[Write] = []
        for cls, seed in SEEDS.items():
            ids = database[cls.get_collection_name()].insert_many([{**seed} for _ in "123"])
            for how, _id in zip(["update", "save", "remove"], ids.inserted_ids, strict=True):
                self._add(session.get(cls, _id), how)
        saved = Plain(name="old")
        session.save(saved)
        self._add(saved, "update")
        self._add(Plain(name="new"), "save")
        self._add(Versioned(name="new"), "save")
        self.writes = self.writes if everything else self.writes[::3]

    def _add(self, document: Any, how: str) -> None:
        if how != "remove":
            document.name = "new"
        if how != "remove" and isinstance(document, Counted):
            document.tags.append("y")
        if how == "update" and not isinstance(document, Plain):
            document.hits = 5
        if how == "update" and isinstance(document, Counted):
            document.part.hits = 5
        self.writes.append(Write(self.session, document, how))

    def make(self) -> None:
        """Ask for all writes."""
        for write in self.writes:
            write.make()

    def pend(self) -> None:
        """Have all of them pending outside a block."""
        self.session.begin_trans()
        self.make()
        self.session.transactions.clear()

    def close(self) -> None:
        """Leave nothing for the end of the test to warn of."""
        self.session.transactions.clear()
        self.session.clear_queue()


def in_a_block(bench: Bench) -> None:
    """Have all of them pending in a block."""
    bench.session.begin_trans()
    bench.make()


def in_an_inner_block(bench: Bench) -> None:
    """Have all of them pending in a block inside another."""
    bench.session.begin_trans()
    in_a_block(bench)


def with_a_refused_one(safe: bool) -> Callable[[Bench], None]:
    """Have a write among those pending that the server refuses."""

    def prepare(bench: Bench) -> None:
        taken = {"_id": "taken", "name": "taken", "nick": "nick"}
        bench.session.db["plain"].replace_one({"_id": "taken"}, taken, upsert=True)
        bench.session.begin_trans()
        refused = Plain(name="new", nick="nick")
        for write in bench.writes[:2]:
            write.make()
        bench.session.add(refused, safe=safe)
        for write in bench.writes[2:]:
            write.make()
        bench.session.transactions.clear()

    return prepare


def transaction(bench: Bench) -> None:
    """Make them in a transaction."""
    with bench.session.transaction():
        bench.make()


def failing_transaction(bench: Bench) -> None:
    """Make them in a transaction that is rolled back."""
    with bench.session.transaction():
        bench.make()
        raise Stop


def nested(bench: Bench) -> None:
    """Enter a block inside another, and leave both."""
    with bench.session, bench.session:
        pass


def nothing(bench: Bench) -> None:
    """Do nothing before."""


# What is done before, what is struck, how many blocks are open then, and what is dropped.
MOMENTS: dict[str, tuple[Callable[[Bench], None], Callable[[Bench], object], int, bool, bool]] = {
    "queueing": (nothing, Bench.make, 0, False, True),
    "flush": (Bench.pend, lambda bench: bench.session.flush(), 0, False, False),
    "clear_queue": (Bench.pend, lambda bench: bench.session.clear_queue(), 0, False, False),
    "refused": (with_a_refused_one(True), lambda bench: bench.session.flush(), 0, False, False),
    "passed over": (
        with_a_refused_one(False),
        lambda bench: bench.session.flush(),
        0,
        False,
        False,
    ),
    "end": (in_a_block, lambda bench: bench.session.end_trans(), 0, False, False),
    "failing end": (
        in_a_block,
        lambda bench: bench.session.end_trans(Stop, Stop(), None),
        0,
        True,
        False,
    ),
    "inner end": (in_an_inner_block, lambda bench: bench.session.end_trans(), 1, False, False),
    "failing inner end": (
        in_an_inner_block,
        lambda bench: bench.session.end_trans(Stop, Stop(), None),
        1,
        True,
        False,
    ),
    "begin": (nothing, nested, 0, False, False),
    "transaction": (nothing, transaction, 0, False, False),
    "failing transaction": (nothing, failing_transaction, 0, True, False),
    "run": (
        nothing,
        lambda bench: bench.session.run_in_transaction(lambda _: bench.make()),
        0,
        False,
        False,
    ),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_nothing_is_in_between(database, moment):
    """Stored, pending or dirty, whichever line an exception strikes at; and then stored once."""
    prepare, call, still_open, drops, everything = MOMENTS[moment]

    def ready() -> Bench:
        bench = Bench(database, everything)
        prepare(bench)
        return bench

    for _ in range(2):  # what the first call imports and generates is not to be struck
        bench = ready()
        lines = lines_of(lambda bench=bench: call(bench), times=1)
        bench.close()
    wrong = []
    for line in lines[:: max(1, len(lines) // STRIKES)]:
        bench = ready()
        place = struck(lambda bench=bench: call(bench), line)
        if place is None or place.startswith(IS_LEFT):
            bench.close()
            continue
        if len(bench.session.transactions) != still_open or bench.session._scope.transaction:
            wrong.append((place, "open"))
        bench.session.transactions.clear()
        if drops and bench.session.queue:
            wrong.append((place, "in the queue"))
        wrong += [(place, write, "lost") for write in bench.writes if not write.is_left()]
        retrieved = [write.is_retrieved() for write in bench.writes]
        with suppress(DuplicateKeyError):  # where the one to be refused is pending still
            bench.session.flush()
        for write, is_retrieved in zip(bench.writes, retrieved, strict=True):
            write.repeat()
            if not write.is_stored():
                wrong.append((place, write, "not stored"))
            elif not write.has_counted(is_retrieved):
                wrong.append((place, write, "counted", write.stored()))
        bench.close()

    assert lines
    assert wrong == []
