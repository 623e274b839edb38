"""
`add_all`, `delete`, `commit` and `rollback` do what they say, and never less.

Members: outside a block, in one, in an interactive transaction, beside a block of a generator; on a
replica set and on a standalone server; operations that are refused, in sessions with and without
`safe`; documents, other things, generators that fail.
"""

from __future__ import annotations

import pytest
from pymongo.errors import DuplicateKeyError

from ommongo import Session
from ommongo.exceptions import MissingValueException, TransactionException
from tests.models import Account, User


def names(database):
    """Give the names that are stored."""
    return sorted(found["name"] for found in database["users"].find())


@pytest.mark.parametrize("several", [list, tuple, iter, lambda users: (one for one in users)])
def test_add_all_queues_each(session, database, commands, several):
    """One call sends them; nothing is sent before."""
    session.add_all(several([User(name="ada"), User(name="bob")]))

    assert len(session.queue) == 2
    assert commands.names() == []
    session.flush()
    assert names(database) == ["ada", "bob"]
    assert commands.names("insert") == ["insert"]


def test_add_all_takes_safe_along(database):
    """As `add` does."""
    session = Session(database, safe=False)
    database["accounts"].create_index("email", unique=True)
    session.add_all([Account(email="a"), Account(email="a")], safe=True)

    with pytest.raises(DuplicateKeyError):
        session.flush()


@pytest.mark.parametrize("wrong", [User(name="ada"), User, "ada", {"name": "ada"}])
def test_add_all_is_for_several(session, wrong):
    """One document has `add`; nothing is queued."""
    with pytest.raises(TypeError, match=r"add\(\)"):
        session.add_all(wrong)

    assert session.queue == []


def test_add_all_raises_as_add_does(session):
    """What came before is queued, as the same calls of `add` would have it."""
    with pytest.raises(MissingValueException):
        session.add_all([User(name="ada"), User(), User(name="bob")])

    assert [user.name for user in session.pending] == ["ada"]
    session.rollback()


def test_delete_removes(session, database):
    """It is `remove`: what it returns, and what it leaves."""
    ada = User(name="ada")
    session.save(ada)

    assert session.delete(ada)["n"] == 1
    assert names(database) == []
    assert session.delete(User(name="bob")) is None


def test_delete_is_queued_in_a_block(session, database):
    """As `remove` is."""
    ada = User(name="ada")
    session.save(ada)
    with session:
        assert session.delete(ada) is None
        assert names(database) == ["ada"]
    assert names(database) == []


def test_commit_stores_what_is_pending(session, database):
    """Also what was changed and removed; there may be nothing."""
    session.commit()
    ada = User(name="ada")
    session.add(ada)
    session.commit()
    ada.age = 36
    session.add_all([ada, User(name="bob")])

    assert session.commit() is None

    assert names(database) == ["ada", "bob"]
    assert database["users"].find_one({"name": "ada"})["age"] == 36
    assert session.queue == []


@pytest.mark.parametrize("safe", [True, False])
def test_commit_stores_all_or_nothing(database, safe):
    """A refusal is raised whatever `safe` says, and can be repaired and committed again."""
    session = Session(database, safe=safe)
    session.save(Account(email="taken"))
    first, second = Account(email="free"), Account(email="taken")
    session.add_all([first, second])

    with pytest.raises(DuplicateKeyError):
        session.commit()

    assert database["accounts"].count_documents({}) == 1
    assert session.queue == []
    second.email = "other"
    session.add_all([first, second])
    session.commit()
    assert database["accounts"].count_documents({}) == 3


@pytest.mark.parametrize("safe", [True, False])
def test_commit_raises_where_there_are_no_transactions(standalone, safe):
    """There it stops at the first refusal, and says what was applied."""
    with standalone.client() as client:
        database = client["commit"]
        database["accounts"].drop()
        session = Session(database, safe=safe)
        session.add_all([Account(email="a"), Account(email="a"), Account(email="b")])

        with pytest.raises(DuplicateKeyError):
            session.commit()

        assert database["accounts"].count_documents({}) == 1


def test_commit_heeds_atomic(standalone, database):
    """`True` wants a server transaction, `False` none."""
    with standalone.client() as client:
        session = Session(client["commit"], atomic=True)
        session.add(User(name="ada"))
        with pytest.raises(TransactionException):
            session.commit()
        assert names(client["commit"]) == []
        session.clear_queue()

    session = Session(database, atomic=False)
    session.add_all([Account(email="a"), Account(email="a")])
    with pytest.raises(DuplicateKeyError):
        session.commit()
    assert database["accounts"].count_documents({}) == 1


def test_commit_keeps_the_identity_map(database):
    """It is no end of the session."""
    session = Session(database, cache_size=10)
    ada = User(name="ada")
    session.add(ada)
    session.commit()

    assert session.get(User, ada.mongo_id) is ada


def test_rollback_drops_what_is_pending(session, database, commands):
    """Nothing is sent; the document is dirty, and can be stored later."""
    ada = User(name="ada")
    session.add(ada)

    session.rollback()

    assert session.queue == []
    assert commands.names() == []
    assert ada.get_dirty_ops() == {"$set": {"name": "ada"}}
    session.save(ada)
    assert names(database) == ["ada"]


def test_rollback_after_a_failed_commit_is_fine(session):
    """As people write it: try, commit, except, rollback."""
    session.save(Account(email="taken"))
    session.add(Account(email="taken"))
    with pytest.raises(DuplicateKeyError):
        session.commit()

    session.rollback()

    assert session.queue == []


@pytest.mark.parametrize("method", ["commit", "rollback"])
def test_a_block_has_an_end_of_its_own(session, database, method):
    """The message says what ends it; the block goes on."""
    with session:
        session.add(User(name="ada"))
        with pytest.raises(TransactionException, match=rf"{method}\(\) inside a 'with session:'"):
            getattr(session, method)()
        assert len(session.queue) == 1
    assert names(database) == ["ada"]


@pytest.mark.parametrize("method", ["commit", "rollback"])
def test_a_transaction_has_an_end_of_its_own(session, database, method):
    """So has a function that is run in one; nothing is stored then."""
    with session.transaction():
        session.save(User(name="ada"))
        with pytest.raises(TransactionException, match="transaction"):
            getattr(session, method)()
    assert names(database) == ["ada"]

    with pytest.raises(TransactionException):
        session.run_in_transaction(lambda session: getattr(session, method)())


def test_beside_a_block_of_a_generator(session, database):
    """What the caller has added is committed, what the generator has queued is not touched."""

    def imported():
        with session:
            session.add(User(name="of the block"))
            yield

    going = imported()
    next(going)
    session.add(User(name="ada"))
    session.commit()
    assert names(database) == ["ada"]
    with pytest.raises(TransactionException):
        session.rollback()
    assert len(session.queue) == 1

    next(going, None)
    assert names(database) == ["ada", "of the block"]
