"""A saved document holds nothing of the write; until that is final, it can be undone."""

from __future__ import annotations

import gc
import weakref

import pytest

from ommongo import Document, IntField, ListField, StringField


class Thing(Document):
    config_namespace = "tests.session_release"
    config_collection_name = "things"

    name = StringField(required=False, max_length=5)
    size = IntField(required=False)
    tags = ListField(StringField(), required=False)


class Stop(Exception):
    """What ends a transaction."""


@pytest.fixture
def no_collector():
    """Have only reference counts end objects, so that a circle of references is found out."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def end_of_the_last(session):
    """Give what tells whether the operation that is queued last is still there."""
    return weakref.ref(session.queue[-1])


def is_ended(operation, commands):
    """Tell whether an operation is gone, when the commands that were sent are forgotten."""
    commands.clear()
    return operation() is None


@pytest.mark.parametrize("read", [False, True])
def test_a_flush_ends_its_operations(make_session, no_collector, commands, read):
    """Whether or not the document was touched while they were queued."""
    session = make_session(safe=True)
    thing = Thing(name="a", tags=["x"])
    session.add(thing)
    if read:
        assert thing.tags == ["x"]
    operation = end_of_the_last(session)
    session.flush()

    assert is_ended(operation, commands)
    assert thing.get_dirty_ops() == {}


def test_an_atomic_block_ends_its_operations(make_session, no_collector, commands):
    """They are told what became of them when it is committed."""
    session = make_session(safe=True)
    thing = Thing(name="a")
    with session:
        session.add(thing)
        operation = end_of_the_last(session)

    assert is_ended(operation, commands)
    assert thing.get_dirty_ops() == {}


def test_a_transaction_ends_its_operations(make_session, no_collector, commands):
    """Not before it is committed."""
    session = make_session(safe=True)
    thing = Thing(name="a")
    with session.transaction():
        session.add(thing)
        operation = end_of_the_last(session)
        session.flush()

    assert is_ended(operation, commands)
    assert thing.get_dirty_ops() == {}


def test_a_function_in_a_transaction_ends_its_operations(make_session, no_collector, commands):
    """Each try has its own."""
    session = make_session(safe=True)
    thing = Thing(name="a")
    operations = []

    def save(session):
        session.add(thing)
        operations.append(end_of_the_last(session))
        session.flush()

    session.run_in_transaction(save)

    assert all(is_ended(operation, commands) for operation in operations)
    assert thing.get_dirty_ops() == {}


def test_a_dropped_queue_ends_its_operations(make_session, no_collector, commands):
    """And the document is new again."""
    session = make_session(safe=True)
    thing = Thing(name="a")
    session.add(thing)
    operation = end_of_the_last(session)
    session.clear_queue()

    assert is_ended(operation, commands)
    assert thing.get_dirty_ops() == {"$set": {"name": "a"}}


@pytest.mark.parametrize("steps", [[], ["read"], ["change"], ["change", "update"], ["save"]])
def test_a_save_in_a_transaction_that_is_rolled_back(make_session, database, steps):
    """The document is new again, whatever was done with it since, and all of that is dirty."""
    session = make_session(safe=True)
    thing = Thing(name="a", size=1, tags=["x"])

    def act():
        session.save(thing)
        for step in steps:
            if step == "read":
                assert thing.tags == ["x"]
            elif step == "change":
                thing.tags.append("y")
                thing.size = 2
            elif step == "update":
                session.update(thing)
            else:
                session.save(thing)
        raise Stop

    with pytest.raises(Stop), session.transaction():
        act()

    assert database["things"].count_documents({}) == 0
    changed = "change" in steps
    expected = {"name": "a", "size": 2 if changed else 1, "tags": ["x", "y"] if changed else ["x"]}
    assert thing.get_dirty_ops() == {"$set": expected}
    session.save(thing)
    assert database["things"].find_one({}, {"_id": False}) == expected


def test_a_save_that_fails_leaves_the_document_new(make_session, database):
    """So that it is inserted when it is saved again."""
    database["things"].insert_one({"_id": "taken", "name": "taken"})
    database["things"].create_index("name", unique=True)
    session = make_session(safe=False)
    thing = Thing(name="taken")
    session.save(thing)
    assert thing.get_dirty_ops() == {"$set": {"name": "taken"}}
    thing.name = "free"
    session.save(thing)

    assert database["things"].count_documents({"name": "free"}) == 1
    assert thing.get_dirty_ops() == {}


def test_a_document_that_is_saved_knows_what_is_stored(make_session, database, commands):
    """Without having been asked for anything while it was queued, and after a change in place."""
    session = make_session(safe=True)
    things = [Thing(name=str(i), tags=["x"]) for i in range(3)]
    for thing in things:
        session.add(thing)
    session.flush()
    things[0].tags.append("y")
    things[1].size = 1
    commands.clear()
    with session:
        for thing in things:
            session.update(thing)

    assert commands.names("update") == ["update"]
    stored = list(database["things"].find({}, {"_id": False}, sort=[("name", 1)]))
    assert stored == [
        {"name": "0", "tags": ["x", "y"]},
        {"name": "1", "tags": ["x"], "size": 1},
        {"name": "2", "tags": ["x"]},
    ]


def test_an_operation_is_itself(make_session):
    """Two operations on equal documents are two, and each is true."""
    session = make_session(safe=True)
    thing = Thing(name="a")
    session.add(thing)
    session.add(thing)
    one, other = session.queue

    assert one != other
    assert len({one, other}) == 2
    assert one
    assert one.size == other.size
    assert repr(one) == f"<SaveOp save of Thing with _id {thing.mongo_id!r}>"
