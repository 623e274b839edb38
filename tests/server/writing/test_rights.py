"""
Users who may update and not insert.

The members of the kind: everything that is sent as an upsert although the object is there. Updates
of several objects in one call (guarded so that they insert nothing), a `save` of an object that is
stored, alone and with others, an `update` with ``upsert``; on a standalone server and in the
transaction of a block, in an interactive one as its first command and behind another; with a
version; and by a session that is not safe. And what has to insert.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from typing import Any

import pytest
from pymongo.errors import AutoReconnect, OperationFailure

from ommongo import Document, IntField, Session, StringField, VersionField
from ommongo.exceptions import InvalidConfigException, StaleDocumentException
from ommongo.testing import EmbeddedServer

MAY_NOT = 13


class Lamp(Document):
    config_namespace = "tests.rights"
    config_collection_name = "lamps"
    number = IntField(_id=True)
    hours = IntField(default=0)
    note = StringField(required=False)


class Counted(Lamp):
    version = VersionField()


@pytest.fixture(scope="module", params=["standalone", "replica set"])
def guarded_server(request) -> Iterator[Any]:
    """A server that asks who one is: the database of its owner, and of the reader of meters."""
    is_set = request.param == "replica set"
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        options = ["--auth"]
        if is_set:
            key = os.path.join(folder, "key")
            with open(key, "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
                file.write("key" * 20)
            options += ["--keyFile", key]
        server = stack.enter_context(EmbeddedServer(replica_set=is_set, options=options))
        admin = stack.enter_context(server.client())
        admin.admin.command("createUser", "root", pwd="r", roles=["root"])
        owner = stack.enter_context(server.client(username="root", password="r")).home
        privileges = [
            {"resource": {"db": "home", "collection": ""}, "actions": ["find", "update", "remove"]}
        ]
        owner.command("createRole", "reader_of_meters", roles=[], privileges=privileges)
        owner.command("createUser", "meter", pwd="m", roles=["reader_of_meters"])
        client = server.client(username="meter", password="m", authSource="home")
        yield owner, stack.enter_context(client).home


@pytest.fixture
def owner(guarded_server) -> Any:
    """The database, for who may do everything; three lamps are in it."""
    owner, _ = guarded_server
    owner.lamps.delete_many({})
    owner.lamps.insert_many([{"_id": n, "hours": 0, "version": 1} for n in (1, 2, 3)])
    return owner


@pytest.fixture(params=[Lamp, Counted], ids=["plain", "versioned"])
def cls(request) -> Any:
    """A class without a version, and one with."""
    return request.param


@pytest.fixture
def meter(guarded_server, owner) -> Session:
    """A session of the user who may update and remove, and not insert."""
    return Session(guarded_server[1], safe=True, auto_ensure=False)


@pytest.fixture
def lamps(meter, owner, cls) -> list[Any]:
    """The loaded lamps."""
    if cls is Lamp:
        owner.lamps.update_many({}, {"$unset": {"version": 1}})
    return meter.query(cls).ascending(cls.number).all()


def _hours(owner):
    return [lamp["hours"] for lamp in owner.lamps.find().sort("_id")]


WRITES = {
    "update": lambda session, lamp: session.update(lamp),
    "save": lambda session, lamp: session.save(lamp),
    "add": lambda session, lamp: session.add(lamp),
    "upsert": lambda session, lamp: session.update(lamp, upsert=True),
}


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("safe", [True, False])
@pytest.mark.parametrize("atomic", [None, False])
def test_what_is_stored_can_be_written(guarded_server, lamps, owner, write, count, safe, atomic):
    """It does not matter how many neighbours there are, nor by which method."""
    session = Session(guarded_server[1], safe=safe, auto_ensure=False, atomic=atomic)
    with session:
        for lamp in lamps[:count]:
            lamp.hours = 5
            WRITES[write](session, lamp)

    assert _hours(owner) == [5] * count + [0] * (3 - count)
    assert all(lamp.get_dirty_ops() == {} for lamp in lamps)
    assert session.flush_report.applied == count


@pytest.mark.parametrize("write", WRITES)
def test_what_is_stored_can_be_written_at_once(meter, lamps, owner, write):
    """Outside a block too."""
    lamps[0].hours = 5
    WRITES[write](meter, lamps[0])
    meter.flush()
    lamps[0].hours = 6
    WRITES[write](meter, lamps[0])
    meter.flush()

    assert _hours(owner) == [6, 0, 0]


@pytest.mark.parametrize("write", ["update", "save", "add"])
def test_writes_of_several_kinds_go_on_in_order(meter, lamps, owner, write):
    """What is not concerned goes with the others, and nothing is done twice."""
    with meter:
        for lamp in lamps:
            lamp.hours = 5
            WRITES[write](meter, lamp)
        meter.remove(lamps[0])
        meter.query(Lamp).filter(Lamp.number == 3).inc(Lamp.hours).execute()

    assert _hours(owner) == [5, 6]


def test_updates_in_an_interactive_transaction_are_stored(meter, lamps, owner):
    """Also where they are its first command, which the server would end the transaction by."""
    if meter.query(Lamp).count() and not _has_transactions(owner):
        return
    for attempt in (1, 2):
        with meter.transaction():
            if attempt == 2:
                assert meter.query(Lamp).count() == 3
            with meter:
                for lamp in lamps:
                    lamp.hours = attempt
                    meter.update(lamp)
        assert _hours(owner) == [attempt] * 3


def test_an_object_that_is_gone_is_told(meter, lamps, owner):
    """Without its guard an update still says when it matched nothing, and inserts nothing."""
    owner.lamps.delete_one({"_id": 2})
    with pytest.raises(StaleDocumentException) as caught, meter:
        for lamp in lamps:
            lamp.hours = 5
            meter.update(lamp)

    assert caught.value.document_id == 2
    assert owner.lamps.count_documents({}) == 2
    assert _hours(owner) == ([5, 0] if not _has_transactions(owner) else [0, 0])
    assert lamps[1].get_dirty_ops() == {"$set": {"hours": 5}}


def _has_transactions(owner):
    return "setName" in owner.client.admin.command("hello")


@pytest.mark.parametrize("how", ["gone", "new", "upsert"])
def test_what_has_to_be_inserted_says_which_right_is_missing(meter, owner, how):
    """The error of the server, with a note; and the object is dirty."""
    lamp = Lamp(number=9, hours=1)
    if how == "gone":
        owner.lamps.update_many({}, {"$unset": {"version": 1}})
        lamp = meter.query(Lamp).filter(Lamp.number == 1).one()
        owner.lamps.delete_one({"_id": 1})
        lamp.hours = 1
    with pytest.raises(OperationFailure) as caught:
        if how == "upsert":
            meter.update(lamp, upsert=True)
        else:
            meter.save(lamp)

    assert caught.value.code == MAY_NOT
    assert "rights to update and to insert" in _note(caught.value)
    assert lamp.get_dirty_ops() == {"$set": {"hours": 1}}
    assert owner.lamps.count_documents({"hours": 1}) == 0


def test_an_insert_says_which_right_is_missing(meter, owner):
    """Of a new object, by whichever method."""
    for call in (meter.insert_new, meter.save):
        with pytest.raises(OperationFailure) as caught:
            call(Counted(number=9))
        assert caught.value.code == MAY_NOT
        assert "the right to insert" in _note(caught.value)


def _note(error):
    return " ".join([str(error), *getattr(error, "__notes__", ())])


# -- upsert_on_save ---------------------------------------------------------------------------


def test_a_stored_object_can_be_saved_without_an_upsert(make_session, database, commands):
    """`upsert_on_save=False`: one that is gone is told, and not inserted again."""
    session = make_session(safe=True, upsert_on_save=False)
    database.lamps.insert_one({"_id": 1, "hours": 0})
    lamp = session.query(Lamp).one()
    lamp.hours = 5
    session.save(lamp)
    [update] = commands.started[-1].command["updates"]
    assert not update.get("upsert")
    assert database.lamps.find_one() == {"_id": 1, "hours": 5}

    database.lamps.delete_many({})
    lamp.hours = 6
    for _ in range(2):
        with pytest.raises(StaleDocumentException):
            session.save(lamp)
    assert database.lamps.count_documents({}) == 0
    assert lamp.get_dirty_ops() == {"$set": {"hours": 6}}
    session.insert_new(lamp)
    assert database.lamps.find_one() == {"_id": 1, "hours": 6}


def test_saves_without_an_upsert_in_a_block_are_told_one_by_one(make_session, database):
    """Each says whether its document was there."""
    session = make_session(safe=True, upsert_on_save=False)
    database.lamps.insert_many([{"_id": n, "hours": 0} for n in (1, 2, 3)])
    lamps = session.query(Lamp).all()
    database.lamps.delete_one({"_id": 2})
    with pytest.raises(StaleDocumentException) as caught, session:
        for lamp in lamps:
            session.save(lamp)
    assert caught.value.document_id == 2


def test_a_new_object_is_stored_as_ever(make_session, database, fail_command):
    """What is new, was removed, or may not have come about is inserted where there is none."""
    session = make_session(safe=True, upsert_on_save=False)
    lamp = Lamp(number=1, hours=1)
    session.save(lamp)
    session.remove(lamp)
    session.save(lamp)
    assert database.lamps.count_documents({}) == 1

    other = Lamp(number=2)
    with fail_command("update", times=2, closeConnection=True), pytest.raises(AutoReconnect):
        session.save(other)
    session.save(other)
    assert database.lamps.count_documents({}) == 2


def test_it_is_a_setting_of_the_session_and_of_connect(database, server):
    """Anything but a bool is refused."""
    with pytest.raises(InvalidConfigException, match="upsert_on_save"):
        Session(database, upsert_on_save=None)
    session = Session.connect(database.name, host=server.uri, upsert_on_save=False)
    assert session.upsert_on_save is False
    assert Session(database).upsert_on_save is True
    session.close()
