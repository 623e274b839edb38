"""Versioned documents in a flush that fails: each is written once under each version."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import AutoReconnect, DuplicateKeyError, OperationFailure

from ommongo import Document, Session, StringField, VersionField
from ommongo.exceptions import StaleDocumentException
from ommongo.testing import EmbeddedServer
from tests.link import WRITES, Bench, Fate, failing, lost_after, lost_before


class Page(Document):
    config_namespace = "tests.flush_faults_versions"
    config_collection_name = "pages"

    text = StringField()
    version = VersionField()


WRITE: list[Callable[[Session, Page], object]] = [
    Session.add,
    Session.add,
    Session.add,
    Session.update,
    Session.update,
    Session.remove,
]
"""How the pages are written: two inserts, a replacement, two updates, a removal."""

INSERTS, REMOVALS = (0, 1), (5,)

CALLS = [[0, 1], [2], [3, 4], [5]]
"""The places of those that share a call."""

LAST = len(WRITE)
AT_EACH_CALL = pytest.mark.parametrize("call", CALLS, ids=["inserts", "replace", "sets", "remove"])


class Flush:
    """A flush of versioned pages on a bench."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.collection = bench.database["pages"]
        self.collection.delete_many({})
        stored = [{"text": f"old {place}", "version": 7} for place in range(LAST)]
        self.collection.insert_many(stored)
        self.session = bench.session(safe=True)
        loaded = self.session.query(Page).ascending(Page.text).all()
        self.pages = [
            Page(text="new") if place in INSERTS else loaded[place] for place in range(LAST)
        ]
        for place in INSERTS:
            self.collection.delete_one({"_id": loaded[place].mongo_id})

    def run(self, how: str) -> Any:
        """Flush them all; give the error of the driver."""
        try:
            if how == "transaction":
                with self.session.transaction(), self.session:
                    self._queue()
            else:
                with self.session:
                    self._queue()
                    if how == "flush":
                        self.session.flush()
        except (AutoReconnect, OperationFailure) as error:
            return error
        finally:
            assert self.bench.link.left == 0, "a fault was not met"
        return None

    def _queue(self) -> None:
        for write, page in zip(WRITE, self.pages, strict=True):
            page.text = "new"
            write(self.session, page)

    def put_right(self, unknown: list[int], stored: list[int]) -> None:
        """Write once more what was not applied for certain; what was is then no more as known."""
        for place, (write, page) in enumerate(zip(WRITE, self.pages, strict=True)):
            if place in stored and place not in unknown:
                continue
            if place in unknown and place in stored:
                known = DuplicateKeyError if place in INSERTS else StaleDocumentException
                with pytest.raises(known):
                    write(self.session, page)
                    self.session.flush()
            else:
                write(self.session, page)
                self.session.flush()

    def check(self, stored: list[int] | range) -> None:
        """Compare with what is stored when the writes of the pages at these places were applied."""
        expected = {}
        for place, page in enumerate(self.pages):
            version = 1 if place in INSERTS else 8
            if place in stored and place not in REMOVALS:
                expected[page.mongo_id] = ("new", version)
            elif place not in stored and place not in INSERTS:
                expected[page.mongo_id] = (f"old {place}", 7)
        rows = self.collection.find()
        assert {row["_id"]: (row["text"], row["version"]) for row in rows} == expected

    def check_objects(self, applied: list[int] | range) -> None:
        """Check that the pages at these places are clean, and the others as they were."""
        for place, page in enumerate(self.pages):
            if place in REMOVALS:
                continue
            dirty = {} if place in applied else {"$set": {"text": "new"}}
            assert page.get_dirty_ops() == dirty, place
            if place in INSERTS:
                version = 1 if place in applied else None
            else:
                version = 8 if place in applied else 7
            assert page.__dict__.get("version") == version, place


@pytest.fixture(scope="module")
def admin(server: EmbeddedServer) -> Iterator[MongoClient[Any]]:
    """What makes faults and looks at the outcome, by no link."""
    with server.client() as client:
        client.admin.command("ping")
        yield client


@pytest.fixture(scope="module")
def bench(admin: MongoClient[Any]) -> Iterator[Bench]:
    """A bench whose client retries nothing."""
    with Bench(admin, {}, retryWrites=False) as bench:
        yield bench


def no_primary(bench: Bench) -> Fate:
    """Give the fate of a command to a server that is no primary any more."""
    return failing(bench.admin, failCommands=WRITES, errorCode=10107)


def transient(bench: Bench) -> Fate:
    """Give the fate of a command after which a transaction may be tried again."""
    labels = ["TransientTransactionError"]
    return failing(bench.admin, failCommands=WRITES, errorCode=112, errorLabels=labels)


@pytest.mark.parametrize("fault", ["no primary", "before", "after"])
@AT_EACH_CALL
def test_a_lost_call(bench: Bench, call: list[int], fault: str) -> None:
    """What is saved again after it was lost is stored under one new version, or stale."""
    fates = {"no primary": no_primary(bench), "before": lost_before, "after": lost_after}
    flush = Flush(bench)
    bench.link.plan(WRITES, CALLS.index(call), [fates[fault]])
    error = flush.run("flush")

    assert isinstance(error, AutoReconnect)
    stored = list(range(call[-1] + 1 if fault == "after" else call[0]))
    flush.check(stored)
    flush.check_objects(range(call[0]))
    flush.put_right(call, stored)
    flush.check(range(LAST))


@AT_EACH_CALL
def test_a_block_that_is_tried_again(bench: Bench, call: list[int]) -> None:
    """A block that is tried again raises each version once."""
    flush = Flush(bench)
    bench.link.plan(WRITES, CALLS.index(call), [transient(bench), transient(bench)])

    assert flush.run("atomic") is None
    flush.check(range(LAST))
    flush.check_objects(range(LAST))


@AT_EACH_CALL
def test_a_transaction_that_fails(bench: Bench, call: list[int]) -> None:
    """Documents of a transaction that was rolled back are saved under the version they had."""
    flush = Flush(bench)
    bench.link.plan(WRITES, CALLS.index(call), [transient(bench)])
    error = flush.run("transaction")

    assert error.has_error_label("TransientTransactionError")
    flush.check([])
    flush.check_objects([])
    flush.put_right([], [])
    flush.check(range(LAST))
    flush.check_objects(range(LAST))


@pytest.mark.parametrize("how", ["atomic", "transaction"])
@pytest.mark.parametrize("done", [True, False], ids=["done", "not-done"])
def test_a_commit_in_doubt(bench: Bench, how: str, done: bool) -> None:
    """What is saved again after a commit in doubt is stored under one new version, or stale."""
    flush = Flush(bench)
    expired = failing(bench.admin, failCommands=["commitTransaction"], errorCode=50)
    bench.link.plan(["commitTransaction"], 0, [lost_after, expired] if done else [expired])
    error = flush.run(how)
    bench.admin.admin.command("killAllSessions", [])  # what is not committed ends some time

    assert error.has_error_label("UnknownTransactionCommitResult")
    everything = list(range(LAST))
    flush.check(everything if done else [])
    flush.check_objects([])
    flush.put_right(everything, everything if done else [])
    flush.check(everything)
