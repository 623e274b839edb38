"""
What an application asked for and never had sent is logged and warned of.

Members: operations that are pending when their session goes, in or out of a block, or when the
program ends; an update, a find-and-modify, a removal by query without execute(). What was sent,
looked at, or refused by an exception goes without a word.
"""

from __future__ import annotations

import gc
import subprocess
import sys
import warnings

import pytest

from ommongo import Session
from ommongo.exceptions import OmMongoException
from tests.models import User


@pytest.fixture
def told(caplog):
    """Do something; give what was warned of, which is what was logged."""

    def do(action):
        gc.collect()
        caplog.clear()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            action()
            gc.collect()
        messages = [str(one.message) for one in caught if one.category is ResourceWarning]
        logged = [one for one in caplog.records if one.name == "ommongo"]
        assert [one.getMessage() for one in logged] == messages
        assert {one.levelname for one in logged} <= {"WARNING"}
        return messages

    return do


def forget(database):
    """Let a session go with two operations."""
    session = Session(database)
    session.add(User(name="hunter2"))
    session.add(User(name="hunter2"))


def forget_in_a_block(database):
    """Let one go whose block never ended."""
    session = Session(database)
    session.begin_trans()
    session.save(User(name="hunter2"))


@pytest.mark.parametrize(
    ("action", "count"), [(forget, "2 operations"), (forget_in_a_block, "1 operation ")]
)
def test_pending_operations_are_logged_too(database, told, action, count):
    """The log says how many, and what to do, and no values."""
    (message,) = told(lambda: action(database))

    assert count in message
    assert "flush()" in message
    assert "hunter2" not in message


def test_a_program_that_ends_says_so(database, server):
    """Whatever filters hide: a log that nobody has set up goes to stderr."""
    code = (
        "import sys\n"
        "from ommongo import *\n"
        "class Guest(Document): name = StringField()\n"
        "session = Session.connect(sys.argv[1], host=sys.argv[2])\n"
        "session.add(Guest(name='hunter2'))\n"
        "update = session.query(Guest).set(Guest.name, 'hunter2')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, database.name, server.uri],
        capture_output=True,
        text=True,
        check=True,
    )

    assert "1 operation never sent" in done.stderr
    assert "An update of Guest ($set of name) is gone" in done.stderr
    assert "hunter2" not in done.stderr


UNSENT = {
    "update": (lambda q: q.set(User.age, 3), "An update of User ($set of age)"),
    "stored_names": (lambda q: q.set(User.nick, "x"), "An update of User ($set of n)"),
    "chained": (
        lambda q: q.set(User.name, "x").inc(User.hits, 2).multi().upsert().safe(),
        "An update of User ($set of name; $inc of hits)",
    ),
    "find_and_modify": (
        lambda q: q.find_and_modify().set(User.age, 3),
        "An update of User ($set of age) by find_and_modify",
    ),
    "find_and_remove": (lambda q: q.find_and_modify(remove=True), "by find_and_modify"),
    "raw": (lambda q: q.session.query("users").set("age", 3), "An update of 'users' ($set of age)"),
    "removal": (
        lambda q: q.session.remove_query(User).filter(User.age == 3),
        "A removal of User by query",
    ),
    "raw_removal": (
        lambda q: q.session.remove_query("users").filter({"age": 3}),
        "A removal of 'users' by query",
    ),
}


@pytest.mark.parametrize(("make", "said"), UNSENT.values(), ids=UNSENT)
def test_what_is_not_executed_is_told(session, commands, told, make, said):
    """It names the class and the fields, and says what is missing."""
    (message,) = told(lambda: make(session.query(User)) and None)

    assert said in message
    assert "execute()" in message
    assert commands.names() == []


@pytest.mark.parametrize(("make", "said"), UNSENT.values(), ids=UNSENT)
def test_what_is_executed_is_not_told(session, told, make, said):
    """Also in a block, and when the server has refused it."""
    assert told(lambda: make(session.query(User)).execute()) == []


@pytest.mark.parametrize("make", [UNSENT["update"][0], UNSENT["removal"][0]])
def test_what_is_executed_in_a_block_is_not_told(session, told, make):
    """It is queued then."""

    def block():
        with session:
            make(session.query(User)).execute()

    assert told(block) == []


REFUSED = {
    "value": lambda q: q.set(User.name, "x").set(User.age, "old"),
    "field": lambda q: q.set(User.name, "x").set("nothing", 1),
    "conflict": lambda q: q.set(User.age, 1).inc(User.age, 1),
    "query": lambda q: q.limit(3).set(User.age, 3),
    "nothing": lambda q: q.find_and_modify().execute(),
    "contradiction": lambda q: q.find_and_modify(new=True, remove=True),
    "condition": lambda q: q.session.remove_query(User).filter(3),
}


@pytest.mark.parametrize("make", REFUSED.values(), ids=REFUSED)
def test_what_an_exception_has_told_is_not_told_again(session, told, make):
    """The rest of the statement was never there."""

    def refused():
        with pytest.raises(OmMongoException):
            make(session.query(User))

    assert told(refused) == []


def test_what_was_looked_at_is_not_told(session, told):
    """Who reads what would be sent may send it in another way."""
    assert told(lambda: session.query(User).set(User.age, 3).update_data and None) == []
    assert told(lambda: session.remove_query(User).filter(User.age == 3).query and None) == []


def test_what_is_only_built_is_not_told(told):
    """Without a session nothing could be sent."""
    from ommongo.query import Query, RemoveQuery

    assert told(lambda: Query(User, None).set(User.age, 3) and None) == []
    assert told(lambda: RemoveQuery(User, None).filter(User.age == 3) and None) == []


def test_a_dropped_operation_is_not_told(database, told):
    """Who drops it knows."""

    def drop():
        session = Session(database)
        session.add(User(name="ada"))
        session.clear_queue()

    assert told(drop) == []
