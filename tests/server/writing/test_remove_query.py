"""Removals by query on a real server."""

from __future__ import annotations

import logging

import pytest
from pymongo.errors import OperationFailure, WriteError

from ommongo import Document, Q, StringField
from ommongo.exceptions import InvalidConfigException
from ommongo.query import RemoveQuery
from tests.helpers import bodies_of
from tests.models import User


class Animal(Document):
    config_namespace = "tests.server.remove_query"
    config_collection_name = "animals"
    config_polymorphic = "kind"
    config_polymorphic_identity = "animal"
    config_polymorphic_collection = True
    kind = StringField(db_field="k", default="animal")
    name = StringField()


class Dog(Animal):
    config_polymorphic_identity = "dog"
    kind = StringField(db_field="k", default="dog")


@pytest.fixture
def left(session):
    """Four users; what it gives tells who is left."""
    for name, age in [("ada", 36), ("bob", 18), ("cy", 36), ("di", 4)]:
        session.save(User(name=name, age=age, nick=name[0]))
    return lambda: "".join(sorted(raw["n"] for raw in session.db["users"].find()))


CONDITIONS = {
    "none": (lambda q: q, ""),
    "filter": (lambda q: q.filter(User.age == 36), "bd"),
    "filter_dict": (lambda q: q.filter({"nick": "a"}), "bcd"),
    "filter_by": (lambda q: q.filter_by(nick="a", age=36), "bcd"),
    "or": (lambda q: q.or_(User.age == 4, User.nick == "a"), "bc"),
    "in": (lambda q: q.in_(User.nick, "a", "d"), "bc"),
    "nin": (lambda q: q.nin("nick", "a", "d"), "ad"),
    "not": (lambda q: q.not_(User.age == 36), "ac"),
}


@pytest.mark.parametrize(("narrow", "rest"), CONDITIONS.values(), ids=CONDITIONS)
def test_all_matches_are_removed(session, left, narrow, rest):
    """Exactly what fulfils the conditions is gone."""
    narrow(session.remove_query(User)).execute()

    assert left() == rest


def test_the_reply_tells_how_many(session, left):
    """The server's reply is a dict."""
    reply = session.remove_query(User).filter(User.age == 36).execute()

    assert (reply["ok"], reply["n"]) == (1, 2)


def test_no_match_is_no_error(session, left):
    """The reply says that there was nothing."""
    assert session.remove_query(User).filter(User.age == 99).execute()["n"] == 0


def test_the_class_is_heeded(session):
    """Objects of other classes in the collection stay."""
    session.save(Animal(name="cat"))
    session.save(Dog(name="rex"))

    assert session.remove_query(Dog).execute()["n"] == 1
    assert [animal.name for animal in session.query(Animal)] == ["cat"]


def test_a_collections_name_will_do(session, left):
    """Without a class names and values are sent as they are."""
    session.remove_query("users").filter(Q.age > 18).execute()

    assert left() == "bd"


def test_in_a_block_it_is_queued(session, left):
    """It is sent at the end of the block, as it was when it was executed."""
    with session:
        removal = session.remove_query(User).filter(User.age == 36)
        assert removal.execute() is None
        removal.filter(User.nick == "a")
        assert left() == "abcd"

    assert left() == "bd"


def test_it_sees_what_is_pending(session):
    """Operations are sent in the order in which they were asked for."""
    session.add(User(name="ada"))

    assert session.remove_query(User).execute()["n"] == 1


def test_set_safe_chains(session):
    """It gives the removal itself."""
    removal = session.remove_query(User)

    assert removal.set_safe(True) is removal
    assert isinstance(removal, RemoveQuery)


@pytest.mark.parametrize("options", [{"w": 1}, {"w": 1, "wtimeout": 5000}, {"j": True}], ids=str)
def test_the_write_concern_is_sent(session, left, commands, options):
    """Options of `set_safe` are those of the write concern."""
    session.remove_query(User).set_safe(True, **options).execute()

    (delete,) = bodies_of(commands, "delete")
    assert options.items() <= delete["writeConcern"].items()


def test_other_options_are_refused(session):
    """A misspelt option would be lost."""
    with pytest.raises(InvalidConfigException, match="fsync"):
        session.remove_query(User).set_safe(True, fsync=True)


def test_safe_raises(session, left):
    """An error of the server is raised."""
    removal = session.remove_query(User).filter({"age": {"$nonsense": 1}}).set_safe(True)

    with pytest.raises((OperationFailure, WriteError)):
        removal.execute()


def test_not_safe_logs(make_session, left, caplog):
    """An error of the server is logged instead, and nothing is removed."""
    removal = make_session(safe=True).remove_query(User).filter({"age": {"$nonsense": 1}})

    with caplog.at_level(logging.ERROR, "ommongo"):
        assert removal.set_safe(False).execute() is None

    assert len(caplog.records) == 1
    assert left() == "abcd"
