"""
An exception of a callback never takes the place of the error that it was called for.

Who catches what leaves a block or a transaction can tell from it what became of the data: the error
is raised as it is, with its labels and its note, and what the function raised is chained to it.
Where there is no error, the exception of the first function is raised as it is, with a note that
begins with the outcome. Held for blocks, nested ones, both kinds of transaction and blocks in them;
for errors of the server, of the commit and of the application; for one function and several; and
for an interrupt, which is never kept back.
"""

from __future__ import annotations

import traceback

import pytest
from pymongo import WriteConcern
from pymongo.errors import DuplicateKeyError, OperationFailure, PyMongoError, WriteConcernError

from tests.helpers import note_of
from tests.models import Account, User


class Mishap(Exception):
    """What goes wrong in an application."""


@pytest.fixture
def session(make_session):
    """A safe session on a database in which an email is taken."""
    session = make_session(safe=True)
    session.save(Account(email="taken"))
    session.save(User(name="ada"))
    return session


def in_block(session, function):
    """Call a function in a block."""
    with session:
        function(session)


def in_inner_block(session, function):
    """Call a function in a block in a block."""
    with session, session:
        function(session)


def in_transaction(session, function):
    """Call a function in a transaction."""
    with session.transaction():
        function(session)


def in_block_in_transaction(session, function):
    """Call a function in a block in a transaction."""
    with session.transaction(), session:
        function(session)


def in_inner_transaction(session, function):
    """Call a function in a transaction in a transaction."""
    with session.transaction(), session.transaction():
        function(session)


def in_run(session, function):
    """Have a function called in a transaction."""
    session.run_in_transaction(function)


def by_hand(session, function):
    """Begin and end a block by calls."""
    session.begin_trans()
    try:
        function(session)
    except Exception as error:
        session.end_trans(type(error), error, error.__traceback__)
        raise
    session.end_trans()


WAYS = [
    in_block,
    in_inner_block,
    in_transaction,
    in_block_in_transaction,
    in_inner_transaction,
    in_run,
    by_hand,
]


def no_picture():
    """Fail as an application's function does."""
    raise FileNotFoundError("ani.png")


def chain_of(error):
    """Give an exception and all that led to it."""
    found = [error]
    while found[-1].__context__ is not None:
        found.append(found[-1].__context__)
        assert len(found) < 20, "it is chained in a circle"
    return found


@pytest.mark.parametrize("way", WAYS)
def test_the_error_of_the_server_is_raised(session, way):
    """The handler of the real error runs, and sees the function's error beside it."""
    called = []

    def write(session):
        session.after_rollback(no_picture)
        session.after_rollback(lambda: called.append("second"))
        session.add(Account(email="taken"))

    with pytest.raises(DuplicateKeyError) as caught:
        way(session, write)
    assert caught.value.code == 11000
    assert "rolled back" in note_of(caught.value)
    assert "FileNotFoundError" in note_of(caught.value)
    assert FileNotFoundError in map(type, chain_of(caught.value))
    assert "ani.png" in "".join(traceback.format_exception(caught.value))
    assert called == ["second"]
    session.save(User(name="bob"))


@pytest.mark.parametrize("way", WAYS)
def test_the_applications_own_exception_is_raised(session, way):
    """It is not replaced either, and what led to it stays before the function's."""

    def write(session):
        session.after_rollback(no_picture)
        session.save(User(name="eve"))
        try:
            {}["x"]
        except KeyError:
            raise Mishap from None

    with pytest.raises(Mishap) as caught:
        way(session, write)
    assert [type(one) for one in chain_of(caught.value)] == [Mishap, KeyError, FileNotFoundError]
    assert not session.query(User).filter(User.name == "eve").exists()


@pytest.mark.parametrize("way", WAYS)
def test_all_that_functions_raise_is_chained(session, way):
    """None of several is lost, and none is in a circle."""

    def write(session):
        session.after_rollback(no_picture)
        session.after_rollback(lambda: 1 / 0)
        session.after_rollback(no_picture)
        raise Mishap

    with pytest.raises(Mishap) as caught:
        way(session, write)
    found = [type(one) for one in chain_of(caught.value)]
    assert found == [Mishap, FileNotFoundError, ZeroDivisionError, FileNotFoundError]


@pytest.mark.parametrize("way", WAYS)
def test_a_function_that_raises_the_error_itself(session, way):
    """That is no second one."""
    mishap = Mishap()

    def again():
        raise mishap

    def write(session):
        session.after_rollback(again)
        raise mishap

    with pytest.raises(Mishap) as caught:
        way(session, write)
    assert caught.value is mishap
    assert chain_of(mishap) == [mishap]


@pytest.mark.parametrize("way", [in_transaction, in_run])
def test_labels_tell_whether_another_try_helps(session, way, fail_commit):
    """What looks at labels in order to try again sees them."""

    def write(session):
        session.after_rollback(no_picture)
        session.save(User(name="eve"))

    with fail_commit(errorCode=8000, errorLabels=["Mine"]), pytest.raises(PyMongoError) as caught:
        way(session, write)
    assert caught.value.has_error_label("Mine")
    assert FileNotFoundError in map(type, chain_of(caught.value))


@pytest.mark.parametrize("way", [in_block, in_transaction, in_run])
def test_what_is_not_confirmed_is_told_as_it_is(make_session, session, way):
    """A commit that is not confirmed is one; the error of `after_commit` is beside it."""
    concern = WriteConcern(w=9)
    session = make_session(session.db.with_options(write_concern=concern), safe=True)

    def write(session):
        session.after_commit(no_picture)
        session.save(User(name="eve"))

    with pytest.raises(WriteConcernError) as caught:
        way(session, write)
    assert "committed" in note_of(caught.value)
    assert FileNotFoundError in map(type, chain_of(caught.value))


def test_a_block_that_is_no_transaction(make_session, session):
    """A flush that fails half-way is told by its own error too."""
    session = make_session(safe=True, atomic=False)
    with pytest.raises(DuplicateKeyError) as caught:
        with session:
            session.after_rollback(no_picture)
            session.add(User(name="eve"))
            session.add(Account(email="taken"))
    assert "1 applied" in note_of(caught.value)
    assert FileNotFoundError in map(type, chain_of(caught.value))


@pytest.mark.parametrize("way", WAYS)
def test_alone_it_is_raised_and_says_what_is_stored(session, way):
    """Nothing failed but the function: it is raised, and its note begins with the outcome."""

    def write(session):
        session.after_commit(no_picture)
        session.after_commit(lambda: 1 / 0)
        session.save(User(name="eve"))

    with pytest.raises(FileNotFoundError, match="ani") as caught:
        way(session, write)
    assert session.query(User).filter(User.name == "eve").exists()
    assert "Stored:" in note_of(caught.value)
    assert ZeroDivisionError in map(type, chain_of(caught.value))
    notes = getattr(caught.value, "__notes__", None)
    assert notes is None or notes[0].startswith("Stored:")


def test_alone_it_says_what_is_not_stored(session):
    """A block that is ended as failed, without an exception to raise."""
    session.begin_trans()
    session.after_rollback(no_picture)
    session.add(User(name="eve"))
    with pytest.raises(FileNotFoundError) as caught:
        session.end_trans(ValueError)
    assert "Not stored:" in note_of(caught.value)
    assert not session.query(User).filter(User.name == "eve").exists()


def test_an_inner_block_that_failed_is_not_the_outer_one(session):
    """Its function runs when the outer one is stored, and the note says so."""
    with pytest.raises(FileNotFoundError) as caught:
        with session:
            session.add(User(name="eve"))
            with pytest.raises(Mishap):
                with session:
                    session.after_rollback(no_picture)
                    raise Mishap
    assert "Stored:" in note_of(caught.value)


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("way", WAYS)
def test_an_interrupt_is_not_kept_back(session, way, interrupt):
    """It is raised, after all functions were called, and the error is what it came upon."""
    called = []

    def stop():
        raise interrupt

    def write(session):
        session.after_rollback(stop)
        session.after_rollback(lambda: called.append("second"))
        raise Mishap

    with pytest.raises(interrupt) as caught:
        way(session, write)
    assert Mishap in map(type, chain_of(caught.value))
    assert called == ["second"]
    assert session.transactions == []
    session.save(User(name="bob"))


def test_a_try_that_is_repeated_calls_nothing(session, fail_command):
    """Only the last try's functions are called, and only their exceptions are seen."""
    aborted = {"errorCode": 251, "errorLabels": ["TransientTransactionError"]}
    tries = []

    def write(session):
        tries.append(1)
        session.save(User(name="eve"))
        session.after_rollback(no_picture)
        if len(tries) == 2:
            raise OperationFailure("enough", 1)

    with fail_command("commitTransaction", times=1, **aborted):
        with pytest.raises(OperationFailure) as caught:
            session.run_in_transaction(write)
    found = [type(one) for one in chain_of(caught.value)]
    assert found.count(FileNotFoundError) == 1
