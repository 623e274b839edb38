"""Reading: outside a block the queue goes first, inside one the database is read as it is."""

from __future__ import annotations

import pytest
from pymongo.errors import DuplicateKeyError

from ommongo import Document, StringField
from ommongo.document import collection_registry
from ommongo.exceptions import TransactionException
from tests.models import Account, User


class City(Document):
    config_collection_name = "tests_session_reading_cities"
    name = StringField()


READERS = {
    "iterating": lambda query: list(query),
    "iterating_by_hand": lambda query: next(iter(query)),
    "one": lambda query: query.one(),
    "first": lambda query: query.first(),
    "all": lambda query: query.all(),
    "count": lambda query: query.count(),
    "distinct": lambda query: query.distinct(User.name),
    "explain": lambda query: query.explain(),
    "index": lambda query: query[0],
    "slice": lambda query: query[0:1],
    "aggregate": lambda query: list(query.aggregate([])),
    "raw_output": lambda query: list(query.raw_output()),
    "fields": lambda query: query.fields(User.name).all(),
    "query_bypass": lambda query: list(query.query_bypass({})),
}
every_reader = pytest.mark.parametrize("read", READERS.values(), ids=READERS)


@every_reader
def test_reading_flushes_first(session, database, read):
    """A read sends what is queued before it runs."""
    session.add(User(name="ada"))

    read(session.query(User))

    assert session.queue == []
    assert database["users"].count_documents({}) == 1


@every_reader
def test_reading_flushes_the_whole_queue(session, database, read):
    """A read of one collection sends the operations on all of them."""
    session.add(User(name="ada"))
    session.add(Account(email="ada@example.org"))

    read(session.query(User))

    assert session.queue == []
    assert database["accounts"].count_documents({}) == 1


@every_reader
def test_reading_inside_a_block_flushes_nothing(session, commands, read):
    """In a block a read leaves the queue alone."""
    session.save(User(name="ada"))
    commands.clear()
    with session:
        session.add(User(name="bob"))
        read(session.query(User))
        assert len(session.queue) == 1
        assert commands.names("insert") == []
        session.clear_queue()


@pytest.mark.parametrize(
    ("read", "seen"),
    [
        (lambda query: [user.name for user in query], ["ada", "bob"]),
        (lambda query: query.count(), 2),
        (lambda query: query.distinct(User.name), ["ada", "bob"]),
        (lambda query: [user.name for user in query.all()], ["ada", "bob"]),
        (lambda query: query.filter(User.name == "bob").first().name, "bob"),
        (lambda query: query.filter(User.name == "bob").one().name, "bob"),
        (lambda query: query[1].name, "bob"),
        (lambda query: [user.name for user in query[0:5]], ["ada", "bob"]),
        (lambda query: query.filter(User.name == "bob").raw_output().one()["name"], "bob"),
        (lambda query: [user["name"] for user in query.raw_output()], ["ada", "bob"]),
    ],
    ids=[
        "iterating",
        "count",
        "distinct",
        "all",
        "first",
        "one",
        "index",
        "slice",
        "raw_one",
        "raw",
    ],
)
def test_a_session_sees_its_own_pending_writes(session, read, seen):
    """What was added is among the results of every read."""
    session.save(User(name="ada"))
    session.add(User(name="bob"))

    assert read(session.query(User).sort(("name", 1))) == seen


def test_an_aggregation_sees_pending_writes(session):
    """What was added is aggregated, too."""
    session.save(User(name="ada", age=1))
    session.add(User(name="bob", age=2))
    total = {"$group": {"_id": None, "sum": {"$sum": "$age"}}}

    assert list(session.query(User).aggregate([total])) == [{"_id": None, "sum": 3}]


def test_inside_a_block_a_session_sees_what_the_database_holds(session):
    """In a block pending writes are not among the results."""
    ada = User(name="ada")
    session.save(ada)
    with session:
        session.add(User(name="bob"))
        session.remove(ada)
        assert [user.name for user in session.query(User)] == ["ada"]
        assert session.query(User).count() == 1
        assert session.query(User).distinct(User.name) == ["ada"]


def test_a_raw_query_flushes_first(session):
    """A query by collection name sees pending writes, too."""
    session.add(User(name="ada"))

    assert [user["name"] for user in session.query("users")] == ["ada"]


def test_making_a_query_flushes_nothing(session):
    """Only running a query sends what is queued."""
    session.add(User(name="ada"))

    session.query(User).filter(User.name == "ada").sort(("name", 1)).limit(3)

    assert len(session.queue) == 1


def test_execute_query_flushes_first(session):
    """`execute_query` is a read like any other."""
    session.add(User(name="ada"))

    result = session.execute_query(session.query(User), session)

    assert [user.name for user in result] == ["ada"]
    assert session.queue == []


def test_refresh_flushes_first(session):
    """`refresh` gives the document as it is with the pending writes."""
    user = User(name="ada")
    session.save(user)
    user.name = "bob"
    session.add(user)

    assert session.refresh(user).name == "bob"
    assert session.queue == []


def test_refresh_inside_a_block_reads_what_the_database_holds(session):
    """In a block `refresh` flushes nothing."""
    user = User(name="ada")
    session.save(user)
    with session:
        user.name = "bob"
        session.add(user)
        assert session.refresh(user).name == "ada"
        assert len(session.queue) == 1
        session.clear_queue()


@pytest.fixture
def city_registered():
    """`City` is known for its collection, whatever other tests did to the registries."""
    collection_registry["global"][City.get_collection_name()] = City


@pytest.mark.usefixtures("city_registered")
def test_dereference_flushes_first(session):
    """A reference to a pending document can be followed."""
    city = City(name="Bogor")
    session.add(city)

    assert session.dereference(city.to_ref()).name == "Bogor"
    assert session.queue == []


@pytest.mark.usefixtures("city_registered")
def test_dereference_of_a_held_document_flushes_nothing(make_session, commands):
    """What the identity map holds needs no read, and so no flush."""
    session = make_session(cache_size=10)
    city = City(name="Bogor")
    session.add(city)

    assert session.dereference(city.to_ref()) is city
    assert len(session.queue) == 1
    assert commands.names() == []


@pytest.mark.usefixtures("city_registered")
def test_dereference_inside_a_block_reads_what_the_database_holds(session):
    """In a block a reference to a pending document leads nowhere yet."""
    with session:
        city = City(name="Bogor")
        session.add(city)
        assert session.dereference(city.to_ref(), allow_none=True) is None
        assert len(session.queue) == 1
        session.clear_queue()


def test_find_and_modify_flushes_first(session):
    """Find-and-modify sees pending writes."""
    session.add(User(name="ada", age=1))

    user = session.query(User).find_and_modify(new=True).inc(age=1).execute()

    assert user.age == 2
    assert session.queue == []


def test_find_and_modify_inside_a_block_is_refused(session, database):
    """In a block find-and-modify raises, sends nothing and leaves the queue alone."""
    session.save(User(name="ada", age=1))
    with session:
        session.add(User(name="bob"))
        with pytest.raises(TransactionException):
            session.query(User).find_and_modify().set(age=2).execute()
        assert len(session.queue) == 1
        session.clear_queue()

    assert database["users"].find_one()["age"] == 1


def test_execute_find_and_modify_inside_a_block_is_refused(session):
    """The public method raises as the expression does."""
    with session:
        expression = session.query(User).find_and_modify().set(age=2)
        with pytest.raises(TransactionException):
            session.execute_find_and_modify(expression)


def test_find_and_modify_remove_inside_a_block_is_refused(session, database):
    """Neither does it remove."""
    session.save(User(name="ada"))
    with session:
        with pytest.raises(TransactionException):
            session.query(User).find_and_modify(remove=True).execute()

    assert database["users"].count_documents({}) == 1


def test_a_read_whose_flush_fails_raises(safe_session):
    """An error of the flush is raised by the read, which does not run."""
    session = safe_session
    session.save(Account(email="ada@example.org"))
    session.add(Account(email="ada@example.org"))

    with pytest.raises(DuplicateKeyError):
        session.query(Account).count()

    assert session.queue == []
    assert session.query(Account).count() == 1
