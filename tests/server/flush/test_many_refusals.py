"""
What an unsafe flush costs of which the server refuses a lot: a few calls, and bytes in proportion.

Members: what is refused (a unique key that is taken before or within the flush, a validator, a
document that is gone, one nested too deeply, a collection that takes no writes), of inserts,
replacements, updates of objects, of objects with a version, several of one object, update
expressions, removals; acknowledged or not. The order is as queued wherever it can be seen.
"""

from __future__ import annotations

import pytest
from bson import ObjectId
from pymongo import WriteConcern
from pymongo.errors import OperationFailure

from ommongo import AnythingField, Document, Index, IntField, StringField, VersionField
from tests.helpers import bodies_of
from tests.processes import wait_until

WRITES = {"insert": "documents", "update": "updates", "delete": "deletes"}
FEW = 8
MANY = 240


class Row(Document):
    config_collection_name = "rows"

    n = IntField()
    x = IntField(default=0)
    y = IntField(default=0)
    by_n = Index().ascending("n").unique()


class Versioned(Document):
    config_collection_name = "versioned"

    n = IntField()
    x = IntField(default=0)
    version = VersionField()


class Keyed(Document):
    config_collection_name = "keyed"

    key = StringField(_id=True)
    body = AnythingField(required=False)


@pytest.fixture
def unsafe(make_session):
    """A session that logs what is refused, and goes on; its blocks are no transactions."""
    return make_session(safe=False, atomic=False)


@pytest.fixture
def validated(database):
    """Have the server refuse an x of 1,000 and more."""
    for name in ("rows", "versioned"):
        database.create_collection(name, validator={"x": {"$not": {"$gte": 1000}}})


def sizes(commands):
    """Give how many operations each write command had."""
    return [len(body[part]) for name, part in WRITES.items() for body in bodies_of(commands, name)]


def report(session):
    """Give how many operations of the last flush were applied, and how many failed."""
    return session.flush_report.applied, session.flush_report.failed


def stored(session, cls, many=MANY):
    """Give that many stored and loaded objects."""
    with session:
        for n in range(many):
            session.add(cls(n=n))
    return session.query(cls).all()


def test_inserts_are_sent_once(unsafe, commands):
    """The server itself goes on behind a key that is taken, and says which were."""
    unsafe.save(Row(n=-1))
    rows = [Row(n=n // 2) for n in range(MANY)]
    commands.clear()
    for row in rows:
        unsafe.add(row)
    unsafe.flush()

    assert sizes(commands) == [MANY]
    assert report(unsafe) == (MANY // 2, MANY // 2)
    assert [row.mongo_id for row in unsafe.query(Row).filter(Row.n >= 0).all()] == [
        row.mongo_id for row in rows[::2]
    ]
    assert [bool(row.get_dirty_ops()) for row in rows] == [False, True] * (MANY // 2)


def test_inserts_of_what_is_there_already_are_sent_once(unsafe, commands, caplog):
    """Each refusal is logged, and the report counts it."""
    with unsafe:
        for n in range(0, MANY, 3):
            unsafe.add(Row(n=n))
    commands.clear()
    rows = [Row(n=n) for n in range(MANY)]
    with unsafe:
        for row in rows:
            unsafe.add(row)

    assert sizes(commands) == [MANY]
    assert report(unsafe) == (MANY * 2 // 3, MANY // 3)
    assert len(caplog.records) == MANY // 3
    assert all(repr(row.mongo_id) in caplog.text for row in rows[::3])
    assert unsafe.query(Row).count() == MANY


@pytest.mark.parametrize("times", [1, 3])
def test_refused_objects_that_are_tried_again_cost_no_more(unsafe, commands, validated, times):
    """A try of what was refused is a few calls, too."""
    rows = [Row(n=n, x=1000 * (n % 2)) for n in range(MANY)]
    for _ in range(times):
        commands.clear()
        for row in rows:
            if row.get_dirty_ops():
                unsafe.add(row)
        unsafe.flush()

    assert sum(sizes(commands)) <= MANY
    assert report(unsafe)[1] == MANY // 2


def updated(session, row):
    """Send what changed."""
    session.update(row)


def replaced(session, row):
    """Send all of it."""
    session.save(row)


@pytest.mark.parametrize("write", [updated, replaced])
@pytest.mark.parametrize("every", [1, 2, 7])
def test_writes_of_stored_objects_cost_a_few_calls(
    unsafe, commands, validated, caplog, write, every
):
    """What is left behind the first refusal is one call, in which the server goes on."""
    rows = stored(unsafe, Row)
    commands.clear()
    with unsafe:
        for row in rows:
            row.x = 5000 if row.n % every == 0 else 5
            write(unsafe, row)

    assert len(sizes(commands)) <= FEW
    assert sum(sizes(commands)) <= 2 * MANY
    refused = len(range(0, MANY, every))
    assert report(unsafe) == (MANY - refused, refused)
    assert len(caplog.records) == refused
    assert [row.x for row in unsafe.query(Row).sort((Row.n, 1))] == [
        0 if n % every == 0 else 5 for n in range(MANY)
    ]
    assert [bool(row.get_dirty_ops()) for row in rows] == [row.n % every == 0 for row in rows]


def test_updates_of_objects_that_are_gone_cost_a_few_calls(unsafe, database, commands):
    """So do updates that find nothing; none is created."""
    rows = stored(unsafe, Row)
    database["rows"].delete_many({"n": {"$mod": [2, 1]}})
    commands.clear()
    with unsafe:
        for row in rows:
            row.x = 5
            unsafe.update(row)

    assert len(sizes(commands)) <= FEW
    assert report(unsafe) == (MANY // 2, MANY // 2)
    assert database["rows"].count_documents({"x": 5}) == MANY // 2 == unsafe.query(Row).count()


def test_several_updates_of_each_object_keep_their_order(unsafe, commands, validated):
    """Where a call has several of one object, the last that was applied is what is stored."""
    rows = stored(unsafe, Row)
    commands.clear()
    with unsafe:
        for values in ({"x": 1}, {"x": 5000, "y": 1}, {"x": 2}, {"x": 3}):
            for row in rows:
                for name, value in values.items():
                    setattr(row, name, value)
                unsafe.update(row)

    assert len(sizes(commands)) <= 2 * FEW
    assert sum(sizes(commands)) <= 3 * 4 * MANY
    assert report(unsafe) == (3 * MANY, MANY)
    assert {(row.x, row.y) for row in unsafe.query(Row)} == {(3, 0)}
    assert all(row.get_dirty_ops() == {"$set": {"y": 1}} for row in rows)


def test_updates_of_one_object_cost_bytes_in_proportion(unsafe, commands, validated):
    """Where the order can be seen throughout, no operation is sent again and again."""
    (row,) = stored(unsafe, Row, 1)
    commands.clear()
    with unsafe:
        for n in range(MANY):
            row.x, row.y = (5000, n) if n % 2 else (n + 1, n)
            unsafe.update(row)

    assert sum(sizes(commands)) <= 6 * MANY
    assert report(unsafe) == (MANY // 2, MANY // 2)
    assert unsafe.db["rows"].find_one()["y"] == MANY - 2


def test_one_refusal_among_updates_of_one_object_costs_one_call_more(unsafe, commands, validated):
    """As long as there are few, what is left goes together."""
    (row,) = stored(unsafe, Row, 1)
    commands.clear()
    with unsafe:
        for n in range(MANY):
            row.x = 5000 if n == 100 else n + 1
            unsafe.update(row)

    assert sizes(commands) == [MANY, MANY - 101]


def test_updates_by_expressions_cost_bytes_in_proportion(unsafe, commands, validated):
    """They can be about the same documents, so they stay in order."""
    stored(unsafe, Row)
    commands.clear()
    with unsafe:
        for n in range(MANY):
            value = 5000 if n % 2 else n + 1
            unsafe.query(Row).filter(Row.n == n).set(Row.x, value).execute()

    assert sum(sizes(commands)) <= 6 * MANY
    assert report(unsafe) == (MANY // 2, MANY // 2)
    assert unsafe.query(Row).filter(Row.x > 0).count() == MANY // 2


def test_updates_of_objects_with_a_version_cost_bytes_in_proportion(unsafe, commands, validated):
    """One that is stale would stop those behind it, so they stay in order."""
    rows = stored(unsafe, Versioned)
    commands.clear()
    with unsafe:
        for row in rows:
            row.x = 5000 if row.n % 2 else 5
            unsafe.update(row)

    assert sum(sizes(commands)) <= 6 * MANY
    assert report(unsafe) == (MANY // 2, MANY // 2)
    assert [(row.x, row.version) for row in unsafe.query(Versioned).sort((Versioned.n, 1))] == [
        (0, 1) if n % 2 else (5, 2) for n in range(MANY)
    ]


def test_a_document_that_spoils_its_call_is_found_in_a_few_calls(unsafe, database, commands):
    """The server refuses a call with it as a whole, which is then halved."""
    deep: object = 0
    for _ in range(250):
        deep = [deep]
    commands.clear()
    for n in range(MANY):
        unsafe.add(Keyed(key=f"{n:03}", body=deep if n == 100 else n))
    unsafe.flush()

    assert len(sizes(commands)) <= 3 * FEW
    assert report(unsafe) == (MANY - 1, 1)
    keys = [one["_id"] for one in database["keyed"].find()]
    assert keys == [f"{n:03}" for n in range(MANY) if n != 100]


def test_a_safe_call_that_is_spoilt_stops_where_it_has_to(make_session, database, commands):
    """What is in front of the document to blame is stored, what is behind it is not."""
    safe = make_session(safe=True)
    deep: object = 0
    for _ in range(250):
        deep = [deep]
    for n in range(MANY):
        safe.add(Keyed(key=f"{n:03}", body=deep if n == 100 else n))
    with pytest.raises(OperationFailure):
        safe.flush()

    assert len(sizes(commands)) <= 3 * FEW
    assert (report(safe), safe.flush_report.not_attempted) == ((100, 1), MANY - 101)
    assert [one["_id"] for one in database["keyed"].find()] == [f"{n:03}" for n in range(100)]


@pytest.mark.parametrize("write", ["save", "update", "remove"])
def test_writes_of_a_view_cost_a_few_calls(make_session, database, commands, caplog, write):
    """What takes no writes at all says so of each."""
    unsafe = make_session(safe=False, atomic=False, auto_ensure=False)
    database.create_collection("rows", viewOn="elsewhere", pipeline=[])
    database["elsewhere"].insert_many([{"n": n, "x": 0, "y": 0} for n in range(MANY)])
    rows = unsafe.query(Row).all()
    commands.clear()
    with unsafe:
        for row in rows:
            row.x = 5
            getattr(unsafe, write)(row)

    assert len(sizes(commands)) <= 2
    assert report(unsafe) == (0, MANY)
    assert len(caplog.records) == MANY
    assert all(row.get_dirty_ops() for row in rows)


@pytest.mark.parametrize("write", ["insert", "update", "remove"])
def test_what_nobody_acknowledges_goes_on_too(make_session, database, session, write):
    """A write that is refused, unknown to everybody, does not stop those behind it."""
    database.create_collection("rows", validator={"x": {"$not": {"$gte": 1000}}})
    rows = stored(make_session(safe=True), Row, 4)
    quick = make_session(
        database.with_options(write_concern=WriteConcern(w=0)), safe=False, atomic=False
    )
    with quick:
        for row in rows:
            if write == "insert":
                quick.add(Row(n=row.n + 10, x=5000 if row.n == 0 else 5))
            elif write == "update":
                row.x = 5000 if row.n == 0 else 5
                quick.update(row)
            else:
                quick.remove(row)

    expected = {"insert": ({"x": 5}, 3), "update": ({"x": 5}, 3), "remove": ({"x": 0}, 0)}
    condition, count = expected[write]
    wait_until(
        lambda: database["rows"].count_documents(condition) == count, "all but one are written"
    )


def test_a_refusal_and_a_call_that_is_not_confirmed(make_session, database, fail_command, caplog):
    """What was refused is dirty, what was applied is not, and both are logged."""
    unsafe = make_session(safe=False)
    unsafe.save(Row(n=1))
    caplog.clear()
    rows = [Row(n=n) for n in range(4)]
    concern = {"code": 64, "codeName": "WriteConcernTimeout", "errmsg": "too few members"}
    for row in rows:
        unsafe.add(row)
    with fail_command("insert", times=1, writeConcernError=concern):
        unsafe.flush()

    assert [bool(row.get_dirty_ops()) for row in rows] == [False, True, False, False]
    assert report(unsafe) == (3, 1)
    messages = [record.getMessage() for record in caplog.records]
    assert ["not confirmed" in message for message in messages] == [False, True]
    assert repr(rows[1].mongo_id) in messages[0]


def test_the_last_result_is_that_of_the_last_operation(unsafe):
    """A flush whose last save is refused has none; one whose last is applied has its `_id`."""
    unsafe.save(Row(n=1))
    unsafe.add(Row(n=1))
    unsafe.add(Row(n=2))
    assert isinstance(unsafe.flush(), ObjectId)

    unsafe.add(Row(n=3))
    unsafe.add(Row(n=1))
    assert unsafe.flush() is None
