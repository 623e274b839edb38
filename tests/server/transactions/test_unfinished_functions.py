"""
A function whose work is not done when it returns is refused, and nothing of it is stored.

What shows it is the function (with a ``yield``, ``async``, both, behind a partial or a method) or,
where that is hidden, what it returns: generators, coroutines, everything else that is taken item by
item and asks the server, or calls the application, later. Wherever a function is taken: by
`run_in_transaction`, also inside another one, and for after the commit or the rollback. Lists,
dicts, objects, queries and what is in memory come back as ever.
"""

from __future__ import annotations

import functools
import io
import itertools
from contextlib import contextmanager

import pytest

from ommongo import Document, IntField
from ommongo.exceptions import BadValueException, TransactionException
from tests.helpers import note_of


class Seat(Document):
    config_namespace = "tests.unfinished_functions"
    config_collection_name = "seats"

    number = IntField(_id=True)
    free = IntField(min_value=0)


@pytest.fixture
def session(make_session):
    """A safe session with three seats, the last of which is taken."""
    session = make_session(safe=True)
    for number, free in ((1, 2), (2, 2), (3, 0)):
        session.save(Seat(number=number, free=free))
    return session


@pytest.fixture
def frees(database):
    """Tell which seats are free."""
    return lambda: [seat["free"] for seat in database["seats"].find().sort("_id")]


def book(session):
    """Book every seat, one by one."""
    for seat in session.query(Seat).ascending(Seat.number):
        seat.free -= 1
        session.update(seat)
        yield seat.number


async def book_later(session):
    """Book by and by."""
    session.query(Seat).inc(Seat.free, -1).execute()


async def book_by_and_by(session):
    """Book while somebody listens."""
    session.query(Seat).inc(Seat.free, -1).execute()
    yield 1


class Office:
    """Where seats are booked."""

    def book(self, session):
        """Book as a method does."""
        yield from book(session)

    def __call__(self, session):
        yield from book(session)


FUNCTIONS = {
    "generator": book,
    "coroutine": book_later,
    "async generator": book_by_and_by,
    "partial": functools.partial(book),
    "method": Office().book,
    "object": Office(),
}


@pytest.mark.parametrize("name", list(FUNCTIONS))
def test_a_function_that_does_nothing_when_it_is_called_is_refused(session, frees, commands, name):
    """Before anything is sent."""
    with pytest.raises(TypeError, match="run_in_transaction"):
        list(session.run_in_transaction(FUNCTIONS[name]))
    assert commands.names() == []
    assert frees() == [2, 2, 0]


def write(session):
    """Write something that is to be rolled back."""
    session.query(Seat).filter(Seat.number == 1).set(Seat.free, 9).execute()


@contextmanager
def booking(session):
    """Book for as long as a block is open."""
    write(session)
    yield


RESULTS = {
    "generator": book,
    "coroutine": book_later,
    "async generator": book_by_and_by,
    "expression": lambda s: (seat.number for seat in s.query(Seat)),
    "map": lambda s: map(s.save, [Seat(number=4, free=1)]),
    "filter": lambda s: filter(None, s.query(Seat)),
    "zip": lambda s: zip(s.query(Seat), "ab", strict=False),
    "enumerate": lambda s: enumerate(s.query(Seat)),
    "chain": lambda s: itertools.chain(s.query(Seat)),
    "results": lambda s: iter(s.query(Seat)),
    "cursor": lambda s: s.query(Seat).query_bypass({}),
    "aggregation": lambda s: s.query(Seat).aggregate([]),
    "context": booking,
}


@pytest.mark.parametrize("inside", [False, True], ids=["alone", "inside another"])
@pytest.mark.parametrize("name", list(RESULTS))
@pytest.mark.filterwarnings("error")
def test_what_a_function_returned_shows_that_it_is_not_done(session, frees, name, inside):
    """The transaction is rolled back, with what was written before."""

    def function(session):
        write(session)
        return RESULTS[name](session)

    with pytest.raises(TypeError, match="list"):
        if inside:
            session.run_in_transaction(lambda s: s.run_in_transaction(function))
        else:
            session.run_in_transaction(function)
    assert frees() == [2, 2, 0]
    session.save(Seat(number=5, free=1))


def test_an_outer_transaction_is_over_when_an_inner_result_is_refused(session, frees):
    """Whoever catches that cannot commit the rest."""

    def outer(session):
        write(session)
        with pytest.raises(TypeError):
            session.run_in_transaction(lambda s: iter(s.query(Seat)))

    with pytest.raises(TransactionException):
        session.run_in_transaction(outer)
    assert frees() == [2, 2, 0]


GOOD = {
    "none": lambda s: None,
    "list": lambda s: s.query(Seat).all(),
    "dict": lambda s: {seat.number: seat for seat in s.query(Seat)},
    "object": lambda s: s.query(Seat).first(),
    "text": lambda s: "text",
    "query": lambda s: s.query(Seat),
    "session": lambda s: s,
    "iterator of a list": lambda s: iter(s.query(Seat).all()),
    "file": lambda s: io.StringIO("text"),
    "function": lambda s: book,
}


@pytest.mark.parametrize("name", list(GOOD))
def test_everything_else_comes_back(session, frees, name):
    """What needs no transaction any more is nobody's business."""

    def function(session):
        write(session)
        made.append(GOOD[name](session))
        return made[-1]

    made = []
    assert session.run_in_transaction(function) is made[0]
    assert frees() == [9, 2, 0]


def test_a_function_that_makes_a_list_of_what_it_yields(session, frees):
    """All or nothing, as it was meant."""
    with pytest.raises(BadValueException):
        session.run_in_transaction(lambda session: list(book(session)))
    assert frees() == [2, 2, 0]


@pytest.mark.parametrize("name", list(FUNCTIONS))
@pytest.mark.parametrize("method", ["after_commit", "after_rollback"])
def test_a_callback_that_does_nothing_when_it_is_called_is_refused(session, method, name):
    """Nobody would run it."""
    with session:
        with pytest.raises(TypeError, match=method):
            getattr(session, method)(FUNCTIONS[name])


@pytest.mark.parametrize("name", ["generator", "coroutine", "async generator"])
@pytest.mark.filterwarnings("error")
def test_a_callback_that_returns_work_is_told(session, frees, name):
    """What it was to do is not done, and the rest is stored."""
    with pytest.raises(TypeError, match="after_commit") as caught:
        with session:
            session.after_commit(lambda: RESULTS[name](session))
            session.query(Seat).filter(Seat.number == 1).set(Seat.free, 9).execute()
    assert "Stored:" in note_of(caught.value)
    assert frees() == [9, 2, 0]
