"""
An error of any command dooms its transaction, whoever catches it inside.

The server has ended the transaction then, and says so of the next command by an error that looks as
if another try would help. So every way in which the library sends something inside a transaction is
tried: what queries send at once and while results are taken from them, references, objects that are
loaded anew, find-and-modify, writes by every call, and a block inside; each with an error of the
server, a lost connection, and an interrupt. What the driver or the library refuses to send dooms
nothing.
"""

from __future__ import annotations

import pytest
from bson import DBRef
from pymongo.errors import OperationFailure, PyMongoError

from ommongo.exceptions import BadQueryException, TransactionException
from tests.helpers import bodies_of, note_of
from tests.models import Account, Note, User

REFUSED = {"errorCode": 2}
"""BadValue: an error of no kind that another try would help with."""


@pytest.fixture
def session(make_session, database):
    """A safe session on a database with a document in a collection."""
    session = make_session(safe=True)
    session.ensure_indexes(Account)
    database.create_collection("notes")
    database["users"].insert_many({"name": "ada", "age": age} for age in range(3))
    return session


@pytest.fixture
def ada(session):
    """A stored user."""
    return session.query(User).first()


def many(session):
    """Give a query whose results come in several batches."""
    return session.query(User).batch_size(1)


def later(results):
    """Take the first of several results, and then the others, which the server has still."""
    found = iter(results)
    next(found)
    return found


def bypassed(session):
    """Give the driver's own cursor."""
    return session.query(User).batch_size(1).query_bypass({})


def aggregated(session):
    """The same of an aggregation."""
    return session.query(User).batch_size(1).aggregate([])


def tried(cursor):
    """Take two results that need not be there yet."""
    return cursor.try_next(), cursor.try_next()


def in_a_block(session):
    """Leave a block inside the transaction."""
    with session:
        session.add(User(name="eve"))


SENT = {
    "all": ("find", lambda s, u: s.query(User).all()),
    "iterate": ("find", lambda s, u: next(iter(s.query(User)))),
    "first": ("find", lambda s, u: s.query(User).first()),
    "index": ("find", lambda s, u: s.query(User)[0]),
    "result_index": ("find", lambda s, u: iter(s.query(User))[0]),
    "result_clone": ("find", lambda s, u: next(iter(s.query(User)).clone())),
    "rewound": ("find", lambda s, u: next(iter(s.query(User)).rewind())),
    "raw": ("find", lambda s, u: s.query("users").all()),
    "next_batch": ("getMore", lambda s, u: next(later(many(s)))),
    "rest": ("getMore", lambda s, u: later(many(s))._rest()),
    "exists": ("find", lambda s, u: s.query(User).exists()),
    "count": ("aggregate", lambda s, u: s.query(User).count()),
    "distinct": ("distinct", lambda s, u: s.query(User).distinct(User.age)),
    "explain": ("explain", lambda s, u: s.query(User).explain()),
    "bypass": ("find", lambda s, u: next(bypassed(s))),
    "bypass_more": ("getMore", lambda s, u: list(bypassed(s))),
    "bypass_to_list": ("find", lambda s, u: bypassed(s).to_list()),
    "bypass_index": ("find", lambda s, u: bypassed(s)[0]),
    "bypass_clone": ("find", lambda s, u: next(bypassed(s).clone())),
    "bypass_distinct": ("distinct", lambda s, u: bypassed(s).distinct("age")),
    "bypass_explain": ("explain", lambda s, u: bypassed(s).explain()),
    "aggregate": ("aggregate", lambda s, u: aggregated(s)),
    "aggregate_more": ("getMore", lambda s, u: list(aggregated(s))),
    "aggregate_try_next": ("getMore", lambda s, u: tried(aggregated(s))),
    "aggregate_to_list": ("getMore", lambda s, u: aggregated(s).to_list()),
    "get": ("find", lambda s, u: s.get(User, u.mongo_id)),
    "refresh": ("find", lambda s, u: s.refresh(u)),
    "reload": ("find", lambda s, u: s.reload(u)),
    "dereference": ("find", lambda s, u: s._follow([DBRef("users", u.mongo_id)], User)),
    "modify": (
        "findAndModify",
        lambda s, u: s.query(User).find_and_modify().set(User.name, "b").execute(),
    ),
    "modify_new": (
        "findAndModify",
        lambda s, u: s.query(User).find_and_modify(new=True).set(User.name, "b").execute(),
    ),
    "modify_remove": (
        "findAndModify",
        lambda s, u: s.query(User).find_and_modify(remove=True).execute(),
    ),
    "save": ("insert", lambda s, u: s.save(User(name="eve"))),
    "replace": ("update", lambda s, u: s.save(u)),
    "expression": ("update", lambda s, u: s.query(User).set(User.name, "b").execute()),
    "remove": ("delete", lambda s, u: s.remove(u)),
    "delete": ("delete", lambda s, u: s.query(User).delete()),
    "block": ("insert", lambda s, u: in_a_block(s)),
}


def functions_of(session, function):
    """Give the two ways to run a function in a transaction."""

    def in_transaction():
        with session.transaction():
            function(session)

    return [in_transaction, lambda: session.run_in_transaction(function)]


@pytest.mark.parametrize("way", [0, 1], ids=["transaction", "run_in_transaction"])
@pytest.mark.parametrize("name", list(SENT))
def test_an_error_that_is_caught_ends_the_transaction(
    session, ada, database, commands, fail_command, name, way
):
    """Nothing more is sent, the next call and the end say what came first, nothing is stored."""
    command, send = SENT[name]
    tries, first = [], []

    def swallow(session):
        tries.append(1)
        session.query(User).count()  # so that it has begun, and indexes are no matter
        with fail_command(command, **REFUSED):
            with pytest.raises(OperationFailure) as caught:
                send(session, ada)
        first.append(caught.value)
        commands.clear()
        for call in (
            lambda: session.save(Note(key=1)),
            lambda: session.query(User).all(),
            lambda: session.query(User).count(),
        ):
            with pytest.raises(TransactionException, match=r"OperationFailure, code 2\b") as again:
                call()
            assert again.value.__cause__ is first[0]

    before = list(database["users"].find())
    with pytest.raises(TransactionException, match="rolled back") as caught:
        functions_of(session, swallow)[way]()

    assert caught.value.__cause__ is first[0]
    assert tries == [1]
    assert commands.names() == ["abortTransaction"]
    assert database["notes"].count_documents({}) == 0
    assert list(database["users"].find()) == before


@pytest.mark.parametrize("name", list(SENT))
def test_an_error_that_is_let_through_is_raised_as_it_is(session, ada, fail_command, name):
    """It has a note that says what became of the transaction, once."""
    command, send = SENT[name]
    with pytest.raises(OperationFailure) as caught:
        with session.transaction():
            session.query(User).count()
            with fail_command(command, **REFUSED):
                send(session, ada)

    assert caught.value.code == 2
    assert note_of(caught.value).count("rolled back") == 1


@pytest.mark.parametrize("name", ["count", "first", "modify", "aggregate_more", "next_batch"])
def test_a_lost_connection_that_is_caught_ends_it(session, ada, fail_command, name):
    """The rest would be another transaction than what was before it."""
    command, send = SENT[name]
    with pytest.raises(TransactionException, match="AutoReconnect"):
        with session.transaction():
            session.query(User).count()
            with fail_command(command, closeConnection=True), pytest.raises(PyMongoError):
                send(session, ada)


def test_the_first_of_several_errors_is_named(session, ada, fail_command):
    """What came of it is not its cause."""
    with pytest.raises(TransactionException, match="code 2") as caught:
        with session.transaction():
            cursor = bypassed(session)
            with fail_command("aggregate", **REFUSED), pytest.raises(OperationFailure):
                session.query(User).count()
            with pytest.raises(OperationFailure):
                next(cursor)  # which the driver has already, and sends
    assert caught.value.__cause__.code == 2


def test_a_conflict_that_is_let_through_is_tried_again(session, ada, fail_command):
    """An error that another try may help with is for the driver."""
    tries = []

    def count(session):
        tries.append(1)
        return session.query(User).count()

    transient = {"errorCode": 112, "errorLabels": ["TransientTransactionError"]}
    with fail_command("aggregate", times=2, **transient):
        assert session.run_in_transaction(count) == 3
    assert len(tries) == 3


def test_what_is_not_sent_ends_nothing(session, ada, database):
    """A call that the library or the driver refuses can be caught."""
    with session.transaction():
        session.save(User(name="eve"))
        with pytest.raises(BadQueryException):
            session.query(User).limit(3).distinct(User.age)
        with pytest.raises(TransactionException):
            session.ensure_indexes(User)
        session.save(User(name="fay"))
    assert database["users"].count_documents({"name": {"$in": ["eve", "fay"]}}) == 2


def test_outside_of_transactions_cursors_are_the_drivers_own(session, ada, commands):
    """Nobody is to be told there, and nothing is in the way."""
    from pymongo.command_cursor import CommandCursor
    from pymongo.cursor import Cursor

    assert type(bypassed(session)) is Cursor
    assert type(aggregated(session)) is CommandCursor
    with session.transaction():
        assert isinstance(bypassed(session), Cursor)
        assert isinstance(aggregated(session), CommandCursor)
        assert [one["age"] for one in bypassed(session)] == [0, 1, 2]
        assert len(aggregated(session).to_list()) == 3
        assert bypassed(session)[1]["age"] == 1
        assert bypassed(session).distinct("age") == [0, 1, 2]
    assert bodies_of(commands, "find")[-1]["autocommit"] is False
