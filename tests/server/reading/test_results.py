"""Results one after the other: lazily, again from the start, or by number."""

from __future__ import annotations

import gc

import pytest
from pymongo.cursor import Cursor

from ommongo import Document, IntField
from ommongo.exceptions import ExtraValueException
from ommongo.query import QueryResult
from tests.models import User


class Number(Document):
    config_namespace = "tests.server.results"
    config_collection_name = "numbers"
    n = IntField()


@pytest.fixture
def numbers(database):
    """The numbers from 0 to 299."""
    database["numbers"].insert_many({"n": n} for n in range(300))


@pytest.fixture
def result(session, numbers):
    """All of them in order, in batches of 100."""
    return iter(session.query(Number).ascending(Number.n).batch_size(100))


def test_iterating_gives_a_result(result):
    """A query makes an iterator that knows the driver's cursor."""
    assert isinstance(result, QueryResult)
    assert iter(result) is result
    assert isinstance(result.cursor, Cursor)


def test_results_come_one_by_one(result):
    """Each call gives the next."""
    assert [next(result).n, next(result).n] == [0, 1]


def test_results_end(result):
    """After the last one the iteration is over, and stays so."""
    assert [number.n for number in result] == list(range(300))
    with pytest.raises(StopIteration):
        next(result)


def test_nothing_is_sent_before_the_first_result(result, commands):
    """The query runs when it is asked."""
    assert commands.names() == []

    next(result)

    assert commands.names() == ["find"]


def test_batches_are_fetched_when_they_are_needed(result, commands):
    """The next batch is asked for after the last document of the one before."""
    for _ in range(100):
        next(result)
    assert commands.names() == ["find"]

    next(result)
    assert commands.names() == ["find", "getMore"]


def test_iterating_keeps_no_objects(result):
    """What was looked at is let go of: memory does not grow with the result."""
    gc.collect()
    most = 0
    for number in result:
        if number.n % 50 == 0:
            most = max(most, sum(type(item) is Number for item in gc.get_objects()))

    assert 0 < most <= 2


def test_iterating_keeps_no_documents(result):
    """The cursor holds one batch at most."""
    held = []
    for _ in result:
        held.append(len(result.cursor._data))

    assert max(held) < 100


def test_rewind_begins_again(result):
    """The first result comes once more."""
    next(result)

    assert result.rewind() is result
    assert next(result).n == 0


def test_rewind_asks_anew(session, result):
    """What was written in between is seen."""
    next(result)
    session.save(Number(n=-1))

    assert next(result.rewind()).n == -1


def test_what_is_queued_before_the_first_result_is_seen(session, result):
    """The queue goes when the server is asked, which is for the first result."""
    session.add(Number(n=-1))

    assert next(result).n == -1


@pytest.mark.parametrize("again", ["rewind", "clone", "index"])
def test_asking_anew_sends_what_is_pending(session, result, again):
    """A session sees its own writes, also in a result that it had before."""
    next(result)
    session.add(Number(n=-1))

    first = result[0] if again == "index" else next(getattr(result, again)())

    assert first.n == -1


def test_a_clone_begins_at_the_start(result):
    """A copy has a cursor of its own."""
    next(result)
    copy = result.clone()

    assert [next(copy).n, next(result).n, next(copy).n] == [0, 1, 1]


def test_an_index_gives_one_result(result):
    """Any result can be reached by its number, also in the middle of an iteration."""
    next(result)

    assert result[250].n == 250
    assert next(result).n == 1


@pytest.mark.parametrize("index", [300, -1])
def test_an_index_that_is_not_there(result, index):
    """An IndexError, as in a list; results are not counted from the end."""
    with pytest.raises(IndexError):
        result[index]


def test_an_index_is_a_whole_number(result):
    """Any other is a TypeError."""
    with pytest.raises(TypeError):
        result["0"]


def test_an_index_heeds_the_limit(session, numbers):
    """What the limit rules out is not there, neither in a copy."""
    result = iter(session.query(Number).ascending(Number.n).skip(5).limit(3))

    assert result[2].n == 7
    for bounded in (result, result.clone()):
        with pytest.raises(IndexError):
            bounded[3]


@pytest.mark.parametrize("again", ["same", "clone", "rewind"])
def test_partial_results_stay_partial(session, database, again):
    """What was asked for is known in copies and after a new beginning."""
    database["users"].insert_one({"name": "ada", "age": 36})
    result = iter(session.query(User).fields(User.age))
    result = result if again == "same" else getattr(result, again)()

    assert set(next(result).__dict__) == {"mongo_id", "age"}


@pytest.mark.parametrize("again", ["same", "clone", "rewind", "index"])
def test_raw_results_stay_raw(session, numbers, again):
    """Dicts come in copies, after a new beginning and by number too."""
    result = iter(session.query(Number).raw_output())
    if again == "index":
        found = result[0]
    else:
        found = next(result if again == "same" else getattr(result, again)())

    assert type(found) is dict


def test_a_document_that_cannot_be_loaded_raises(session, database):
    """The error comes with that document; the iteration can go on after it."""
    database["numbers"].insert_many([{"n": 1, "x": 1}, {"n": 2}])
    result = iter(session.query(Number).ascending(Number.n))

    with pytest.raises(ExtraValueException):
        next(result)
    assert next(result).n == 2


def test_held_objects_are_given_again(make_session, database):
    """Each object goes through the identity map."""
    database["users"].insert_one({"name": "ada"})
    session = make_session(cache_size=None)
    held = session.query(User).one()

    result = iter(session.query(User))

    assert next(result) is held
    assert result[0] is held


def test_a_result_keeps_its_session_alive(make_session, database):
    """A session that only a result knows is still there for the next object."""
    database["users"].insert_one({"name": "ada"})
    result = iter(make_session().query(User))
    gc.collect()

    user = next(result)

    assert user._get_session() is result._session
