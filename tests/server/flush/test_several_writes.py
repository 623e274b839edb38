"""Several writes of one object in one flush: what is stored, and what is dirty, after faults."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from pymongo.errors import AutoReconnect, WriteError

from ommongo import Session
from ommongo.exceptions import StaleDocumentException
from ommongo.testing import EmbeddedServer
from tests.flush_model import Record, Writes
from tests.link import Bench, Fate, lost_after, lost_before

PATTERNS = [
    (kinds, refused)
    for count in (2, 3, 4)
    for kinds in product(("update", "save"), repeat=count)
    for refused in product((False, True), repeat=count)
]


VALIDATORS = {"records": Record.validator}


@pytest.fixture(scope="module")
def replica_set(server: EmbeddedServer) -> Iterator[Bench]:
    """A bench that has transactions."""
    with server.client() as admin, Bench(admin, VALIDATORS, retryWrites=False) as bench:
        yield bench


@pytest.fixture(scope="module")
def alone(standalone: EmbeddedServer) -> Iterator[Bench]:
    """A bench that has none."""
    with standalone.client() as admin, Bench(admin, VALIDATORS, retryWrites=False) as bench:
        yield bench


def flushed(bench: Bench, session: Session, writes: Writes, how: str) -> BaseException | None:
    """Queue all writes and flush; give the error."""
    writes.start(bench.database, session)
    try:
        if how == "transaction":
            with session.transaction(), session:
                writes.queue(session)
        elif how == "flush":
            session.begin_trans()
            writes.queue(session)
            session.transactions.clear()
            session.flush()
        else:
            with session:
                writes.queue(session)
    except (AutoReconnect, StaleDocumentException, WriteError) as error:
        return error
    return None


def check(bench: Bench, writes: Writes, rows: list[Any]) -> None:
    """Compare database, object and what it has to send with the model."""
    stored = bench.database["records"].find_one({}, {"_id": False})
    assert stored in rows
    assert {name: getattr(writes.document, name) for name in writes.held} == writes.held
    assert writes.document.get_dirty_ops() == writes.dirty(rows)


def put_right(bench: Bench, session: Session, writes: Writes) -> None:
    """Correct what was refused and store it: then the database holds what the object does."""
    for name, value in writes.values.items():
        if value >= 1000:
            setattr(writes.document, name, value % 1000 + 20)
    if bench.database["records"].find_one() is None:
        session.save(writes.document)
    else:
        session.update(writes.document)
    stored = bench.database["records"].find_one({}, {"_id": False})
    assert stored == {name: getattr(writes.document, name) for name in writes.held}
    assert writes.document.get_dirty_ops() == {}


@pytest.mark.parametrize("is_new", [False, True], ids=["loaded", "new"])
@pytest.mark.parametrize("how", ["flush", "block", "block of a standalone"])
def test_refused_writes_that_are_passed_over(replica_set, alone, how, is_new):
    """Of an unsafe session each refused write is dirty again, whatever is written around it."""
    bench = alone if "standalone" in how else replica_set
    session = bench.session(safe=False, atomic=None if "standalone" in how else False)
    for kinds, refused in PATTERNS:
        writes = Writes(kinds, refused, is_new)
        assert flushed(bench, session, writes, how) is None
        rows, _ = writes.rows()
        check(bench, writes, rows[-1:])
        put_right(bench, session, writes)


@pytest.mark.parametrize("is_new", [False, True], ids=["loaded", "new"])
@pytest.mark.parametrize("how", ["flush", "block"])
def test_a_refused_write_that_stops_the_flush(replica_set, how, is_new):
    """Of a safe session the first refused write is dirty again, and all that are behind it."""
    session = replica_set.session(safe=True, atomic=False)
    for kinds, refused in PATTERNS:
        writes = Writes(kinds, refused, is_new)
        error = flushed(replica_set, session, writes, how)
        rows, applied = writes.rows()
        assert (error is None) is all(applied)
        check(replica_set, writes, [rows[[*applied, False].index(False)]])
        put_right(replica_set, session, writes)


@pytest.mark.parametrize("is_new", [False, True], ids=["loaded", "new"])
@pytest.mark.parametrize("how", ["block", "transaction"])
def test_a_refused_write_of_what_is_atomic(replica_set, how, is_new):
    """A refused write in a server transaction leaves every write of it dirty again."""
    session = replica_set.session(safe=True)
    for kinds, refused in PATTERNS:
        writes = Writes(kinds, refused, is_new)
        error = flushed(replica_set, session, writes, how)
        rows, applied = writes.rows()
        assert (error is None) is all(applied)
        check(replica_set, writes, [rows[-1] if error is None else rows[0]])
        put_right(replica_set, session, writes)


@pytest.mark.parametrize("is_new", [False, True], ids=["loaded", "new"])
@pytest.mark.parametrize("fate", [lost_before, lost_after])
def test_writes_whose_outcome_is_unknown(replica_set, fate: Fate, is_new):
    """What the server may hold or not is dirty, and stored once when it is sent again."""
    session = replica_set.session(safe=True, atomic=False)
    for kinds, refused in PATTERNS:
        if any(refused):
            continue
        writes = Writes(kinds, refused, is_new)
        writes.start(replica_set.database, session)
        session.begin_trans()
        writes.queue(session)
        session.transactions.clear()
        # A new object's insert has a call of its own, and so has an update that is the last.
        first = 1 if is_new else len(kinds) - (writes.kinds[-1] == "update")
        replica_set.link.plan(("insert", "update"), 0, [fate])
        with pytest.raises(AutoReconnect):
            session.flush()
        rows, _ = writes.rows()
        check(replica_set, writes, rows[: max(first, 1) + 1])
        put_right(replica_set, session, writes)


def test_the_first_and_the_last_of_three_updates_are_refused(alone):
    """Of three updates the first and the last are refused: both are dirty again."""
    session = alone.session()
    writes = Writes(["update"] * 3, [True, False, True])
    flushed(alone, session, writes, "block")

    assert alone.database["records"].find_one({}, {"_id": False}) == {**writes.before, "b": 11}
    assert writes.document.get_dirty_ops() == {"$set": {"a": 1000, "c": 1002}}


def test_an_update_behind_a_removal_sends_nothing_where_nothing_has_changed(session, commands):
    """What is unchanged is not sent, also where the document is to be removed before."""
    session.db["records"].insert_one({**Writes.before})
    record = session.query(Record).one()
    with session:
        session.remove(record)
        assert session.update(record) is None

    assert commands.names("delete", "update") == ["delete"]
    assert session.db["records"].count_documents({}) == 0


def test_a_change_behind_a_removal_does_not_get_lost(session):
    """What changed finds no document any more, and the block fails as a whole."""
    session.db["records"].insert_one({**Writes.before})
    record = session.query(Record).one()
    with pytest.raises(StaleDocumentException), session:
        session.remove(record)
        record.a = 2
        session.update(record)

    assert session.db["records"].count_documents({}) == 1
    assert record.get_dirty_ops() == {"$set": {"a": 2}}
