"""`after_commit` and `after_rollback`: called once, when the outcome is known."""

from __future__ import annotations

import pytest
from pymongo import WriteConcern
from pymongo.errors import DuplicateKeyError, PyMongoError, WriteConcernError

from ommongo.exceptions import TransactionException
from tests.models import Account, User

# What the server says of a transaction that is to be tried again, and of an unknown commit.
CONFLICT = {"errorCode": 112, "errorLabels": ["TransientTransactionError"]}
ABORTED = {"errorCode": 251, "errorLabels": ["TransientTransactionError"]}
MAX_TIME_EXPIRED = 50


class Mishap(Exception):
    """What goes wrong in an application."""


@pytest.fixture
def session(make_session, database):
    """A safe session that holds its objects, on a database with its collections."""
    for name in ("users", "counters"):
        database.create_collection(name)
    return make_session(safe=True, cache_size=None)


def names_in(database):
    """Give the names of all users that are stored, sorted."""
    return sorted(user["name"] for user in database["users"].find())


@pytest.fixture
def called():
    """Collect what was called."""
    return []


def register(session, called, name=""):
    """Register a callback for each outcome."""
    session.after_commit(lambda: called.append(f"commit{name}"))
    session.after_rollback(lambda: called.append(f"rollback{name}"))


OPEN = {
    "transaction": lambda s, f: in_transaction(s, f),
    "run_in_transaction": lambda s, f: s.run_in_transaction(f),
    "block": lambda s, f: in_block(s, f),
    "block_in_transaction": lambda s, f: in_transaction(s, lambda s: in_block(s, f)),
    "nested_transaction": lambda s, f: in_transaction(s, lambda s: in_transaction(s, f)),
    "nested_block": lambda s, f: in_block(s, lambda s: in_block(s, f)),
}


def in_transaction(session, function):
    """Call a function in a transaction."""
    with session.transaction():
        return function(session)


def in_block(session, function):
    """Call a function in a block."""
    with session:
        return function(session)


@pytest.mark.parametrize("kind", list(OPEN))
def test_after_a_commit_its_callbacks_are_called_once(session, database, called, kind):
    """They are called when everything is stored, in order, and those for a rollback are not."""

    def write(session):
        session.save(User(name="ada"))
        session.after_commit(lambda: called.append(names_in(database)))
        register(session, called, " 2")
        assert called == []

    OPEN[kind](session, write)
    assert called == [["ada"], "commit 2"]
    with session.transaction():
        session.save(User(name="bob"))
    assert len(called) == 2


@pytest.mark.parametrize("kind", list(OPEN))
def test_after_a_rollback_its_callbacks_are_called_once(session, database, called, kind):
    """They are called when nothing is open any more, and those for a commit are not."""

    def fail(session):
        session.save(User(name="ada"))
        session.after_rollback(lambda: called.append(session.in_transaction))
        register(session, called)
        raise Mishap

    with pytest.raises(Mishap):
        OPEN[kind](session, fail)
    assert called == [False, "rollback"]
    with session.transaction():
        session.save(User(name="bob"))
    assert len(called) == 2


@pytest.mark.parametrize("kind", list(OPEN))
def test_after_a_flush_that_fails_it_is_a_rollback(session, called, kind):
    """A block or transaction whose write is refused has failed."""
    session.ensure_indexes(Account)
    session.save(Account(email="taken"))

    def fail(session):
        register(session, called)
        session.save(Account(email="taken"))

    with pytest.raises(DuplicateKeyError):
        OPEN[kind](session, fail)
    assert called == ["rollback"]


def test_callbacks_are_never_called_for_a_try_that_is_repeated(session, called, fail_command):
    """Only those of the try that was committed are called."""
    tries = []

    def write(session):
        tries.append(1)
        session.save(User(name="ada"))
        register(session, called, f" {len(tries)}")

    with fail_command("commitTransaction", times=2, **ABORTED):
        session.run_in_transaction(write)
    assert called == ["commit 3"]


def test_a_blocks_callbacks_are_called_once_however_often_it_is_tried(
    session, called, fail_command
):
    """A block that the driver repeats is one block."""
    with fail_command("insert", times=2, **CONFLICT):
        with session:
            session.save(User(name="ada"))
            register(session, called)

    assert called == ["commit"]


def test_after_an_unknown_outcome_no_callback_is_called(session, called, fail_commit):
    """Nobody knows which of them would be right."""
    with fail_commit(errorCode=MAX_TIME_EXPIRED):
        with pytest.raises(PyMongoError):
            with session:
                session.save(User(name="ada"))
                register(session, called)
    with session:
        session.save(User(name="bob"))

    assert called == []


def test_a_block_that_is_not_confirmed_is_committed(make_session, database, called):
    """A write concern that was not met takes nothing back."""
    database.create_collection("users")
    session = make_session(database.with_options(write_concern=WriteConcern(w=9)))
    with pytest.raises(WriteConcernError):
        with session:
            session.save(User(name="ada"))
            register(session, called)

    assert called == ["commit"]


@pytest.mark.parametrize("outer_fails", [False, True])
@pytest.mark.parametrize("inside", [False, True], ids=["block", "transaction"])
def test_callbacks_of_a_dropped_inner_block_are_those_of_a_rollback(
    session, called, inside, outer_fails
):
    """Whatever becomes of the rest, nothing of the inner block is stored."""

    def write(session):
        register(session, called, " outer")
        with pytest.raises(Mishap):
            with session:
                register(session, called, " inner")
                with session:
                    register(session, called, " innermost")
                raise Mishap
        register(session, called, " later")
        assert called == []
        if outer_fails:
            raise KeyError

    run = in_transaction if inside else in_block
    if outer_fails:
        with pytest.raises(KeyError):
            run(session, write)
    else:
        run(session, write)
    outcome = "rollback" if outer_fails else "commit"
    assert called == [
        f"{outcome} outer",
        "rollback inner",
        "rollback innermost",
        f"{outcome} later",
    ]


def test_callbacks_may_use_the_session(session, database, called):
    """When they are called nothing is open any more, so a save is a save."""
    with session.transaction():
        session.save(User(name="ada"))
        session.after_commit(lambda: session.save(User(name="after commit")))
    with pytest.raises(Mishap):
        with session:
            session.after_rollback(lambda: session.save(User(name="after rollback")))
            raise Mishap

    assert names_in(database) == ["ada", "after commit", "after rollback"]


@pytest.mark.parametrize("kind", ["transaction", "run_in_transaction", "block"])
def test_a_callback_that_fails_does_not_keep_the_others_from_being_called(
    session, database, called, kind
):
    """All are called, and then the first exception is raised; what is stored stays."""

    def write(session):
        session.save(User(name="ada"))
        session.after_commit(lambda: 1 / 0)
        session.after_commit(lambda: {}["x"])
        register(session, called)

    with pytest.raises(ZeroDivisionError):
        OPEN[kind](session, write)
    assert called == ["commit"]
    assert names_in(database) == ["ada"]


@pytest.mark.parametrize("method", ["after_commit", "after_rollback"])
def test_outside_there_is_no_outcome_to_wait_for(session, method):
    """A callback that would never be called is refused."""
    with pytest.raises(TransactionException):
        getattr(session, method)(lambda: None)
