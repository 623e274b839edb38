"""A server without transactions: everything works, and a block is a flush as anywhere else."""

from __future__ import annotations

import uuid

import pytest
from pymongo.errors import DuplicateKeyError

from ommongo import Session
from tests.helpers import drop_database, note_of, numbers_of
from tests.models import Account, User


class Mishap(Exception):
    """What goes wrong in an application."""


@pytest.fixture(scope="module")
def _client(standalone):
    with standalone.client() as client:
        yield client


@pytest.fixture
def lonely(_client):
    """A database of the standalone server that no other test uses."""
    name = f"ommongo_test_{uuid.uuid4().hex}"
    yield _client[name]
    drop_database(_client, name)


@pytest.mark.parametrize("safe", [False, True])
def test_an_object_is_saved_updated_found_and_removed(lonely, safe):
    """Every kind of write works without a replica set."""
    session = Session(lonely, safe=safe)
    user = User(name="ada", age=1)
    session.save(user)
    user.age = 2
    assert session.update(user)["n"] == 1
    assert session.query(User).find_and_modify(new=True).inc(age=1).execute().age == 3
    assert session.query(User).set(nick="a").multi().execute()["n"] == 1
    assert session.remove(user)["n"] == 1

    assert session.query(User).count() == 0


def test_a_block_sends_at_its_end(lonely):
    """Nothing is sent before the block is left, everything after it."""
    with Session(lonely, safe=True) as session:
        session.save(User(name="ada"))
        session.save(User(name="bob"))
        assert lonely["users"].count_documents({}) == 0

    assert lonely["users"].count_documents({}) == 2


def test_a_block_that_is_left_by_an_exception_writes_nothing(lonely):
    """What is dropped was never sent, so it needs no transaction."""
    with pytest.raises(Mishap):
        with Session(lonely) as session:
            session.save(User(name="ada"))
            raise Mishap

    assert lonely["users"].count_documents({}) == 0


def test_a_block_stops_at_the_first_error(lonely):
    """What came before the error is stored, and the note says how much that was."""
    session = Session(lonely, safe=True)
    session.save(Account(email="ada@example.org"))
    with pytest.raises(DuplicateKeyError) as caught:
        with session:
            session.add(Account(email="1@example.org"))
            session.add(Account(email="2@example.org"))
            session.add(Account(email="ada@example.org"))
            session.add(Account(email="3@example.org"))

    stored = sorted(account["email"] for account in lonely["accounts"].find())
    assert stored == ["1@example.org", "2@example.org", "ada@example.org"]
    assert {3, 4, 2, 1} <= numbers_of(note_of(caught.value))
    assert session.queue == []
    assert session.in_transaction is False


def test_each_operation_of_a_block_has_its_own_safety(lonely):
    """An unsafe operation that fails does not stop those behind it."""
    session = Session(lonely, safe=False)
    session.save(Account(email="ada@example.org"))
    with session:
        session.add(Account(email="ada@example.org"))
        session.add(Account(email="bob@example.org"))

    assert lonely["accounts"].count_documents({}) == 2
