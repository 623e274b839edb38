"""
`insert_new` stores an object where its key is free, and nowhere else.

The members of the kind: an ``_id`` of the application's own, an automatic one and one that was
given; taken by a document that the session has never seen, holds, has saved or has in its queue;
another unique index; a class with a version; an object that is stored already, that was removed, or
belongs to another database; sent alone, with others, in a block, in a transaction, by a session
that is not safe or whose writes nobody acknowledges; and a connection that is lost.
"""

from __future__ import annotations

import pytest
from bson import ObjectId
from pymongo import WriteConcern
from pymongo.errors import AutoReconnect, DuplicateKeyError

from ommongo import BoolField, Document, Index, IntField, StringField, VersionField
from ommongo.exceptions import (
    FieldNotRetrieved,
    InvalidUpdateException,
    MissingValueException,
)

TAKEN = {"_id": "ani", "is_admin": True, "credit": 50}


class Login(Document):
    config_namespace = "tests.insert_new"
    config_collection_name = "logins"
    name = StringField(_id=True)
    is_admin = BoolField(default=False)
    credit = IntField(default=0)


class Counted(Login):
    version = VersionField()


class Mail(Document):
    config_namespace = "tests.insert_new"
    address = StringField()
    by_address = Index().ascending("address").unique()


@pytest.fixture
def taken(database):
    """Have a login under the name that a visitor asks for."""
    database.logins.insert_one({**TAKEN})


@pytest.mark.parametrize("cls", [Login, Counted])
@pytest.mark.parametrize("how", ["alone", "in a block", "in a transaction", "with others"])
@pytest.mark.parametrize("safe", [True, False])
@pytest.mark.usefixtures("taken")
def test_a_taken_key_is_told_and_nothing_is_overwritten(make_session, database, cls, how, safe):
    """The stored document is as it was, and the object is not stored."""
    session = make_session(safe=safe, atomic=None if how != "with others" else False)
    login = cls(name="ani", credit=0)
    with pytest.raises(DuplicateKeyError):
        if how == "alone":
            session.insert_new(login)
        elif how == "in a transaction":
            with session.transaction():
                session.insert_new(login)
        else:
            with session:
                if how == "with others":
                    session.insert_new(cls(name="budi"))
                session.insert_new(login)
                session.insert_new(cls(name="citra"))

    assert database.logins.find_one({"_id": "ani"}) == TAKEN
    assert database.logins.count_documents({"_id": "citra"}) == 0
    assert login.get_dirty_ops() == {"$set": {"credit": 0}}
    assert "version" not in login.__dict__
    assert session.queue == []


@pytest.mark.parametrize("cls", [Login, Counted])
@pytest.mark.parametrize("cache_size", [0, None])
def test_a_free_key_is_taken(make_session, database, commands, cls, cache_size):
    """The object is stored by one insert, clean and held, as one that was saved."""
    session = make_session(safe=True, cache_size=cache_size)
    login = cls(name="ani", credit=5)
    assert session.insert_new(login) is None

    assert commands.names() == ["insert"]
    assert database.logins.find_one()["credit"] == 5
    assert login.get_dirty_ops() == {}
    assert login._get_session() is session
    assert (session.cache_read("ani", cls) is login) is (cache_size is None)
    assert session.flush_report.inserted == 1
    login.credit = 6
    session.save(login)
    assert database.logins.find_one()["credit"] == 6


def test_many_go_in_one_call(make_session, commands):
    """Inserts of new objects share a call."""
    session = make_session(safe=True)
    with session:
        for number in range(3):
            session.insert_new(Login(name=str(number)))

    assert commands.names("insert") == ["insert"]


@pytest.mark.parametrize("second", ["other", "same"])
def test_a_key_that_is_taken_in_the_queue_is_taken(make_session, database, second):
    """The second object of one key in a block fails it, and the first is not stored either."""
    session = make_session(safe=True)
    first = Login(name="ani", credit=1)
    with pytest.raises(DuplicateKeyError), session:
        session.save(first)
        session.insert_new(first if second == "same" else Login(name="ani"))

    assert database.logins.count_documents({}) == 0


@pytest.mark.parametrize("knows", ["held", "saved", "loaded"])
def test_an_object_that_is_stored_is_not_inserted_again(make_session, database, knows):
    """Neither is what the session has itself."""
    session = make_session(safe=True, cache_size=None)
    login = Login(name="ani", credit=1)
    session.save(login)
    if knows == "loaded":
        session.clear_cache()
        login = session.query(Login).one()
    other = Login(name="ani") if knows == "held" else login
    other.credit = 2
    with pytest.raises(DuplicateKeyError):
        session.insert_new(other)
    assert database.logins.find_one()["credit"] == 1
    assert other.get_dirty_ops()["$set"]["credit"] == 2
    assert session.get(Login, "ani").credit == 1

    login.credit = 3
    session.save(login)
    assert database.logins.find_one()["credit"] == 3


@pytest.mark.parametrize("cls", [Login, Counted])
def test_what_was_removed_can_be_inserted(make_session, database, cls):
    """A key that is free again is free, also in the block that frees it."""
    session = make_session(safe=True)
    login = cls(name="ani", credit=1)
    session.save(login)
    session.remove(login)
    session.insert_new(login)
    with session:
        session.remove(login)
        session.insert_new(cls(name="ani", credit=2))

    assert database.logins.find_one()["credit"] == 2


def test_another_unique_index_is_told_too(make_session, database):
    """Whatever is taken, the object is new as before, and can be corrected."""
    session = make_session()
    session.insert_new(Mail(address="a@b.c"))
    mail = Mail(address="a@b.c")
    with pytest.raises(DuplicateKeyError):
        session.insert_new(mail)
    mail.address = "d@e.f"
    session.insert_new(mail)

    assert database.Mail.count_documents({}) == 2


def test_an_automatic_id_that_was_given_may_be_taken(make_session, database):
    """Where the `_id` comes from does not matter."""
    session = make_session(safe=True)
    mail = Mail(address="a")
    session.insert_new(mail)
    with pytest.raises(DuplicateKeyError):
        session.insert_new(Mail(mongo_id=mail.mongo_id, address="b"))
    session.insert_new(Mail(mongo_id=ObjectId(), address="b"))

    assert sorted(database.Mail.distinct("address")) == ["a", "b"]


@pytest.mark.usefixtures("taken")
def test_a_session_that_asks_for_no_acknowledgement_is_told(make_session, database):
    """Who wants to know whether a key was free gets an answer."""
    session = make_session(database.with_options(write_concern=WriteConcern(w=0)))
    with pytest.raises(DuplicateKeyError):
        session.insert_new(Login(name="ani"))
    assert database.logins.find_one() == TAKEN


def test_an_object_of_another_database_is_copied_where_its_key_is_free(
    make_session, database, client
):
    """As a save of it, with the error of the server."""
    other = client[f"{database.name}_other"]
    try:
        here, there = make_session(safe=True), make_session(other, safe=True)
        there.save(Login(name="ani", credit=1))
        login = there.query(Login).one()
        here.insert_new(login)
        login.credit = 2
        with pytest.raises(DuplicateKeyError):
            here.insert_new(login)
        assert (database.logins.find_one()["credit"], other.logins.find_one()["credit"]) == (1, 1)
        there.update(login)
        here.save(login)
        assert (database.logins.find_one()["credit"], other.logins.find_one()["credit"]) == (2, 2)
    finally:
        client.drop_database(other.name)


def test_what_cannot_be_inserted_is_refused_before_anything_is_queued(make_session, database):
    """A partial object, one that lacks something, one whose `_id` was changed, and no document."""
    session = make_session(safe=True)
    session.save(Login(name="ani"))
    partial = session.query(Login).fields(Login.name).one()
    changed = session.query(Login).one()
    changed.name = "budi"
    for item, error in (
        (partial, FieldNotRetrieved),
        (Mail(), MissingValueException),
        (changed, InvalidUpdateException),
        ({"_id": "x"}, TypeError),
    ):
        with pytest.raises(error):
            session.insert_new(item)
    assert session.queue == []
    assert database.logins.count_documents({}) == 1


def test_an_insert_whose_fate_is_unknown_is_dirty(make_session, database, fail_command):
    """After a lost connection nobody knows; the next insert tells whether the key is free."""
    session = make_session(safe=True)
    login = Login(name="ani", credit=0)
    with fail_command("insert", times=2, closeConnection=True), pytest.raises(AutoReconnect):
        session.insert_new(login)
    assert login.get_dirty_ops()["$set"]["credit"] == 0
    session.insert_new(login)
    assert database.logins.count_documents({}) == 1


def test_save_and_insert_keep_their_meaning(make_session, database):
    """They replace what is stored under an `_id` of the application's own."""
    session = make_session(safe=True)
    session.save(Login(name="ani", credit=50))
    session.save(Login(name="ani"))
    assert database.logins.find_one()["credit"] == 0
    session.save(Login(name="ani", credit=50))
    with pytest.warns(PendingDeprecationWarning):
        session.insert(Login(name="ani"))
    assert database.logins.find_one()["credit"] == 0
