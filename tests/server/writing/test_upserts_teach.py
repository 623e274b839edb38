"""
What an object knows of itself after an update that did not go by what was loaded of it.

The members of the kind: a new object that an update inserts, or that changes a document which is
there already; by its ``_id`` or by an expression; with ``upsert`` and without; with and without a
version; alone, in a block, in a shared call, in a transaction that is rolled back; and what
follows: `update` in the same way or by ``_id``, `save`, `remove`, `reload`.
"""

from __future__ import annotations

import pytest
from bson import ObjectId
from pymongo import WriteConcern

from ommongo import Document, IntField, StringField, VersionField
from ommongo.exceptions import FieldNotRetrieved, StaleDocumentException


class Plain(Document):
    config_namespace = "tests.upserts_teach"
    config_collection_name = "visits"
    key = StringField()
    count = IntField(default=0)
    hits = IntField(required=False, on_update="$inc")


class Visit(Plain):
    version = VersionField()


CLASSES = [Plain, Visit]


def _stored(database):
    return database.visits.find_one({"key": "a"}, {"_id": 0})


@pytest.fixture
def session(make_session):
    """A session whose writes raise what the server reports."""
    return make_session(safe=True)


@pytest.mark.parametrize("cls", CLASSES)
@pytest.mark.parametrize("upsert", [True, False])
@pytest.mark.parametrize("in_block", [True, False])
def test_updates_by_an_expression_follow_each_other(session, database, cls, upsert, in_block):
    """The next update of the same object is stored, when nobody else was there."""
    session.save(cls(key="a"))
    visit = cls(key="a", count=1)

    def update():
        session.update(visit, cls.key == "a", upsert=upsert)

    if in_block:
        with session:
            update()
            visit.count = 2
            update()
    else:
        update()
        visit.count = 2
        update()
    visit.count = 3
    update()

    assert _stored(database)["count"] == 3
    assert _stored(database).get("version") == (4 if cls is Visit else None)
    assert database.visits.count_documents({}) == 1


@pytest.mark.parametrize("cls", CLASSES)
@pytest.mark.parametrize("upsert", [True, False])
def test_updates_by_an_id_that_was_never_loaded_follow_each_other(session, database, cls, upsert):
    """An object that was made with the `_id` of a stored one knows no version of it."""
    stored = cls(key="a")
    session.save(stored)
    visit = cls(mongo_id=stored.mongo_id, key="a", count=1)
    for count in (1, 2, 3):
        visit.count = count
        assert session.update(visit, upsert=upsert)["n"] == 1
    visit.count = 4
    assert session.update(visit)["n"] == 1

    assert _stored(database)["count"] == 4


@pytest.mark.parametrize("follow", ["update", "save", "remove", "reload"])
@pytest.mark.parametrize("by_expression", [True, False])
def test_what_an_upsert_inserts_is_known_whole(session, database, follow, by_expression):
    """The reply tells the `_id`, and the version of a new document is 1."""
    visit = Visit(key="a", count=1)
    if by_expression:
        session.update(visit, Visit.key == "a", upsert=True)
    else:
        visit.mongo_id = ObjectId()
        session.update(visit, upsert=True)
    assert visit.version == 1
    assert visit.mongo_id == database.visits.find_one()["_id"]

    visit.count = 2
    getattr(session, follow)(visit)
    expected = {"update": (2, 2), "save": (2, 2), "reload": (1, 1), "remove": None}[follow]
    stored = _stored(database)
    assert (stored and (stored["count"], stored["version"])) == expected


def test_the_version_is_checked_after_an_insert(session, database):
    """What is known of the version guards the document again."""
    visit = Visit(key="a", count=1)
    session.update(visit, Visit.key == "a", upsert=True)
    database.visits.update_one({}, {"$inc": {"version": 1}})
    visit.count = 2
    with pytest.raises(StaleDocumentException):
        session.update(visit)


@pytest.mark.parametrize("cls", CLASSES)
@pytest.mark.parametrize("write", ["save", "add", "update", "remove", "refresh", "reload"])
def test_an_object_that_does_not_know_its_id_cannot_be_written_by_it(session, database, cls, write):
    """The `_id` of the document that an update met is not known: none is made up."""
    session.save(cls(key="a"))
    visit = cls(key="a", count=1)
    session.update(visit, cls.key == "a", upsert=True)
    visit.count = 2
    with pytest.raises(FieldNotRetrieved, match="_id"):
        getattr(session, write)(visit)

    assert session.queue == []
    assert database.visits.count_documents({}) == 1
    assert _stored(database)["count"] == 1


@pytest.mark.parametrize("save", ["save", "add"])
def test_a_save_without_a_known_version_sends_what_is_set(session, database, save):
    """What nobody has seen is neither replaced, nor does its version begin anew."""
    stored = Visit(key="a", hits=7)
    session.save(stored)
    visit = Visit(mongo_id=stored.mongo_id, key="a", count=1)
    session.update(visit, upsert=True)
    visit.count = 2
    getattr(session, save)(visit)
    session.flush()

    assert _stored(database) == {"key": "a", "count": 2, "hits": 7, "version": 3}
    with pytest.raises(FieldNotRetrieved):
        _ = visit.version


def test_a_reload_makes_the_version_known_again(session, database):
    """From then on it guards the document."""
    stored = Visit(key="a")
    session.save(stored)
    visit = Visit(mongo_id=stored.mongo_id, key="a", count=1)
    session.update(visit)
    session.reload(visit)
    assert visit.version == 2
    database.visits.update_one({}, {"$inc": {"version": 1}})
    visit.count = 5
    with pytest.raises(StaleDocumentException):
        session.save(visit)


def test_many_upserts_in_one_call_teach_each_of_its_objects(session, database, commands):
    """A shared call says which of its upserts have inserted."""
    session.save(Visit(key="a"))
    visits = [Visit(key=key, count=1) for key in "abc"]
    with session:
        for visit in visits:
            session.update(visit, Visit.key == visit.key, upsert=True)
        session.save(Visit(key="last"))
    for visit in visits:
        visit.count = 2
    with session:
        for visit in visits:
            session.update(visit, Visit.key == visit.key, upsert=True)

    assert {one["key"]: (one["count"], one["version"]) for one in database.visits.find()} == {
        "a": (2, 3),
        "b": (2, 2),
        "c": (2, 2),
        "last": (0, 1),
    }


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("atomic", [None, False])
def test_what_follows_a_pending_upsert_neither_replaces_nor_counts_anew(
    make_session, database, there, atomic
):
    """While the reply is due, a save sends what is set: what is there is known to nobody."""
    session = make_session(safe=True, atomic=atomic)
    visit = Visit(mongo_id=ObjectId(), key="a", count=1)
    if there:
        database.visits.insert_one({"_id": visit.mongo_id, "key": "a", "hits": 7, "version": 5})
    with session:
        session.update(visit, upsert=True)
        visit.count = 2
        session.update(visit)
        visit.count = 3
        session.save(visit)
    expected = {"key": "a", "count": 3, "version": 8 if there else 3}
    if there:
        expected["hits"] = 7
    assert _stored(database) == expected
    if not there:
        assert visit.version == 3
    visit.count = 4
    session.save(visit)
    assert (_stored(database)["count"], _stored(database)["version"]) == (
        4,
        expected["version"] + 1,
    )


@pytest.mark.parametrize("cls", CLASSES)
@pytest.mark.parametrize("save", ["save", "add", "insert_new"])
def test_a_save_behind_a_pending_upsert_makes_up_no_id(session, database, cls, save):
    """The `_id` that the reply will tell is not another one."""
    visit = cls(key="a", count=1)
    with session:
        session.update(visit, cls.key == "a", upsert=True)
        with pytest.raises(FieldNotRetrieved, match="_id"):
            getattr(session, save)(visit)
    visit.count = 2
    session.save(visit)

    assert database.visits.count_documents({}) == 1
    assert _stored(database)["count"] == 2


@pytest.mark.parametrize("safe", [True, False])
def test_a_versioned_object_that_is_not_there_is_always_told(make_session, database, safe):
    """Also where its version is not known, and by a session that is not safe."""
    session = make_session(safe=safe)
    visit = Visit(mongo_id=ObjectId(), key="a", count=1)
    for write in (session.update, session.update):
        with pytest.raises(StaleDocumentException) as caught:
            write(visit)
        assert caught.value.is_versioned
    assert database.visits.count_documents({}) == 0


@pytest.mark.parametrize("cls", CLASSES)
def test_an_object_whose_upsert_was_rolled_back_is_new_again(session, database, cls):
    """What was learned in a transaction is forgotten with it."""
    session.save(cls(key="a"))
    visit = cls(key="a", count=1)
    with pytest.raises(ValueError, match="no"), session.transaction():
        session.update(visit, cls.key == "a", upsert=True)
        raise ValueError("no")

    assert visit._is_whole()
    assert visit.get_dirty_ops()["$set"] == {"key": "a", "count": 1}
    visit.key = "b"
    session.save(visit)
    assert database.visits.count_documents({"key": "b"}) == 1


def test_an_operator_counts_once_for_each_update(session, database):
    """An increment that was added to what nobody has loaded is not sent again."""
    session.save(Visit(key="a", hits=10))
    visit = Visit(key="a", hits=5)
    session.update(visit, Visit.key == "a", upsert=True)
    visit.count = 1
    session.update(visit, Visit.key == "a", upsert=True)

    assert _stored(database)["hits"] == 15


def test_an_upsert_that_nobody_acknowledges_makes_up_no_id(make_session, database):
    """Without a reply the object knows nothing, and a save would store a second document."""
    quick = make_session(database.with_options(write_concern=WriteConcern(w=0)))
    visit = Plain(key="a", count=1)
    quick.update(visit, Plain.key == "a", upsert=True)
    with pytest.raises(FieldNotRetrieved, match="_id"):
        quick.save(visit)
