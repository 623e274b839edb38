"""Ensuring indexes: before writes, once in a while, never on reading."""

from __future__ import annotations

import gc

import pytest
from pymongo.errors import DuplicateKeyError, OperationFailure

from ommongo import Document, Index, IntField, Session, StringField
from ommongo._persistence import index_builder
from ommongo.exceptions import BadIndexException
from tests.helpers import note_of
from tests.models import Account, User


class Book(Document):
    config_namespace = "tests.session_indexes"
    config_collection_name = "books"
    title = StringField(db_field="t")
    year = IntField(required=False)
    i_title = Index().ascending("title")
    i_both = Index().descending("year").ascending("title")


class Shelved(Document):
    """Other indexes on the same collection."""

    config_namespace = "tests.session_indexes"
    config_collection_name = "books"
    title = StringField(db_field="t")
    i_title = Index().descending("title")


class Wrong(Document):
    config_namespace = "tests.session_indexes"
    title = StringField()
    i_nothing = Index().ascending("nothing")


@pytest.fixture
def clock(monkeypatch):
    """Seconds that pass when a test says so."""

    class Clock:
        seconds = 1000.0

        def __call__(self):
            return self.seconds

    clock = Clock()
    monkeypatch.setattr(index_builder, "clock", clock)
    return clock


def created(commands):
    """Tell whether the server was asked for indexes, and forget it."""
    asked = bool(commands.names("createIndexes"))
    commands.clear()
    return asked


def names_of(database, collection="books"):
    """Give the names of a collection's indexes."""
    return set(database[collection].index_information())


def stored_book(database):
    """Store a book without the library, and give its id."""
    return database["books"].insert_one({"t": "Emma"}).inserted_id


def test_a_write_creates_the_indexes_of_its_class(session, database):
    """The first save of a class creates every index that it declares."""
    session.save(Book(title="Emma"))

    assert names_of(database) == {"_id_", "t_1", "year_-1_t_1"}


def test_ensuring_the_indexes_of_a_class_without_any_sends_nothing(session, commands):
    """There is nothing to create and nothing to remember."""
    session.ensure_indexes(User)

    assert commands.names() == []


def test_indexes_are_ensured_before_the_first_operation(session, commands):
    """The indexes are there before the document is."""
    session.save(Book(title="Emma"))

    names = commands.names("createIndexes", "insert")
    assert names[-1] == "insert"
    assert "insert" not in names[:-1]


def test_indexes_are_ensured_when_the_write_is_flushed(session, commands):
    """`add` alone asks for no index."""
    session.add(Book(title="Emma"))
    assert not created(commands)

    session.flush()
    assert created(commands)


def test_indexes_of_a_block_are_ensured_at_its_end(session, commands):
    """Inside a block no index is asked for."""
    with session:
        session.save(Book(title="Emma"))
        assert not created(commands)

    assert created(commands)


@pytest.mark.parametrize(
    "write",
    [
        lambda session, book: session.save(book),
        lambda session, book: session.update(book),
        lambda session, book: session.remove(book),
        lambda session, book: session.query(Book).set(year=1).execute(),
        lambda session, book: session.remove_query(Book).execute(),
    ],
    ids=["save", "update", "remove", "update_expression", "remove_query"],
)
def test_every_write_ensures(session, database, commands, write):
    """Each kind of write creates the indexes of its class."""
    stored_book(database)
    book = session.query(Book).one()
    book.year = 1815
    commands.clear()
    write(session, book)

    assert created(commands)
    assert names_of(database) >= {"t_1", "year_-1_t_1"}


def test_find_and_modify_ensures(session, database, commands):
    """Find-and-modify is a write, too."""
    stored_book(database)
    session.query(Book).find_and_modify().set(year=1).execute()

    assert created(commands)


@pytest.mark.parametrize(
    "read",
    [
        lambda query: query.all(),
        lambda query: query.first(),
        lambda query: query.count(),
        lambda query: query.distinct(Book.title),
        lambda query: query.explain(),
        lambda query: query[0],
        lambda query: list(query.aggregate([])),
    ],
    ids=["all", "first", "count", "distinct", "explain", "index", "aggregate"],
)
def test_reading_never_creates_an_index(session, database, commands, read):
    """A user who may only read can read."""
    stored_book(database)
    read(session.query(Book))

    assert not created(commands)
    assert names_of(database) == {"_id_"}


def test_refresh_and_dereference_create_no_index(session, database, commands):
    """Loading one object is reading."""
    stored_book(database)
    session.refresh(session.query(Book).one())

    assert not created(commands)


def test_a_second_write_costs_no_round_trip(session, commands):
    """What was ensured a moment ago is not asked for again."""
    session.save(Book(title="Emma"))
    commands.clear()
    session.save(Book(title="Persuasion"))

    assert commands.names() == ["insert"]


def test_a_second_session_costs_no_round_trip(make_session, commands):
    """The memory is the process's, not the session's."""
    make_session().save(Book(title="Emma"))
    commands.clear()
    make_session().save(Book(title="Persuasion"))

    assert commands.names() == ["insert"]


def test_another_database_is_ensured_for_itself(make_session, client, database, commands):
    """Each database has indexes of its own."""
    make_session().save(Book(title="Emma"))
    commands.clear()
    other = client[f"{database.name}_2"]
    try:
        make_session(other).save(Book(title="Emma"))
        assert created(commands)
        assert names_of(other) >= {"t_1"}
    finally:
        client.drop_database(other.name)


def test_another_class_of_the_collection_is_ensured_for_itself(session, database, commands):
    """Each set of indexes of one collection is remembered on its own."""
    session.save(Book(title="Emma"))
    commands.clear()
    session.save(Shelved(title="Emma"))

    assert created(commands)
    assert names_of(database) >= {"t_1", "t_-1"}


def test_another_client_is_ensured_for_itself(server, database, session):
    """A client's memory is not that of another one to the same server."""
    session.save(Book(title="Emma"))
    database["books"].drop_indexes()
    with server.client() as client:
        Session(client[database.name]).save(Book(title="Persuasion"))

    assert names_of(database) >= {"t_1"}


def test_a_clients_memory_goes_with_the_client(server, database):
    """A new client never inherits what a forgotten one knew."""
    for _ in range(3):
        client = server.client()
        Session(client[database.name]).save(Book(title="Emma"))
        assert names_of(database) >= {"t_1"}
        client.close()
        del client
        gc.collect()
        database["books"].drop_indexes()


def test_a_class_without_indexes_asks_for_none(session, commands):
    """Where no index is declared no round trip is made."""
    session.save(User(name="ada"))

    assert commands.names() == ["insert"]


def test_after_300_seconds_indexes_are_ensured_again(session, database, commands, clock):
    """A collection that was dropped by other means gets its indexes back in time."""
    session.save(Book(title="Emma"))
    database["books"].drop()
    commands.clear()
    clock.seconds += 300
    session.save(Book(title="Emma"))

    assert created(commands)
    assert names_of(database) >= {"t_1", "year_-1_t_1"}


def test_before_300_seconds_nothing_is_asked(session, commands, clock):
    """For almost five minutes a write costs no index command."""
    session.save(Book(title="Emma"))
    commands.clear()
    clock.seconds += 299
    session.save(Book(title="Emma"))

    assert not created(commands)


def test_forget_indexes_of_a_class(session, database, commands):
    """After `forget_indexes` the next write of the class asks again."""
    session.save(Book(title="Emma"))
    database["books"].drop()
    session.forget_indexes(Book)
    commands.clear()
    session.save(Book(title="Emma"))

    assert created(commands)
    assert names_of(database) >= {"t_1"}


def test_forget_indexes_of_a_class_forgets_no_other(session, commands):
    """What other classes have is still known."""
    session.save(Book(title="Emma"))
    session.save(Account(email="ada@example.org"))
    session.forget_indexes(Book)
    commands.clear()
    session.save(Account(email="bob@example.org"))

    assert not created(commands)


def test_forget_indexes_of_all(session, commands):
    """Without a class everything that the client knew is forgotten."""
    session.save(Book(title="Emma"))
    session.save(Account(email="ada@example.org"))
    session.forget_indexes()
    commands.clear()
    session.save(Book(title="Persuasion"))
    assert created(commands)

    session.save(Account(email="bob@example.org"))
    assert created(commands)


def test_forget_indexes_sends_nothing(session, commands):
    """Forgetting is not asking."""
    session.save(Book(title="Emma"))
    commands.clear()
    session.forget_indexes(Book)
    session.forget_indexes()

    assert commands.names() == []


def test_ensure_indexes_always_asks(session, commands):
    """`ensure_indexes` asks the server, whatever was ensured before."""
    for _ in range(2):
        session.ensure_indexes(Book)
        assert created(commands)


def test_ensure_indexes_brings_dropped_indexes_back(session, database):
    """After a collection was dropped by other means `ensure_indexes` creates them."""
    session.save(Book(title="Emma"))
    database["books"].drop()
    session.ensure_indexes(Book)

    assert names_of(database) >= {"t_1", "year_-1_t_1"}


def test_ensure_indexes_works_with_auto_ensure_off(make_session, database):
    """What an application asks for is done."""
    make_session(auto_ensure=False).ensure_indexes(Book)

    assert names_of(database) >= {"t_1", "year_-1_t_1"}


def test_ensure_indexes_counts_as_ensured(session, commands):
    """A write after `ensure_indexes` asks no more."""
    session.ensure_indexes(Book)
    commands.clear()
    session.save(Book(title="Emma"))

    assert not created(commands)


def test_auto_ensure_indexes_asks_once(session, commands):
    """`auto_ensure_indexes` is what a write calls."""
    session.auto_ensure_indexes(Book)
    assert created(commands)

    session.auto_ensure_indexes(Book)
    assert not created(commands)


def test_auto_ensure_off_creates_none(make_session, database, commands):
    """With `auto_ensure` off no write, and no `auto_ensure_indexes`, creates an index."""
    session = make_session(auto_ensure=False)
    session.save(Book(title="Emma"))
    session.auto_ensure_indexes(Book)

    assert not created(commands)
    assert names_of(database) == {"_id_"}


def test_get_indexes_gives_pymongos_index_information(session, database):
    """The format is that of pymongo."""
    session.save(Book(title="Emma"))

    assert session.get_indexes(Book) == database["books"].index_information()
    assert session.get_indexes(Book)["t_1"]["key"] == [("t", 1)]


def test_get_indexes_of_a_collection_that_does_not_exist(session):
    """A class that was never written has no indexes, and asking creates none."""
    assert session.get_indexes(Book) == {}


# -- failures -------------------------------------------------------------------------------


def conflict(database):
    """Create an index of the same name with other options."""
    database["books"].create_index([("t", 1)], unique=True, name="t_1")


@pytest.mark.parametrize("safe", [False, True])
def test_a_conflicting_index_raises_on_a_write(make_session, database, safe):
    """The driver's error is raised whatever `safe` says, noting the class and the index."""
    conflict(database)
    with pytest.raises(OperationFailure) as caught:
        make_session(safe=safe).save(Book(title="Emma"))

    assert caught.value.code in (85, 86)
    assert "Book" in note_of(caught.value)
    assert "t" in note_of(caught.value)


def test_the_note_of_a_conflict_names_the_index(session, database):
    """The note says which of the class's indexes cannot be created."""
    conflict(database)
    with pytest.raises(OperationFailure) as caught:
        session.ensure_indexes(Book)

    note = note_of(caught.value)
    assert "t_1" in note or "i_title" in note or "title" in note


def test_a_failed_index_fails_the_flush_before_its_first_operation(make_session, database):
    """Nothing of the flush is written, and all of it can be saved again."""
    conflict(database)
    session = make_session(cache_size=10)
    user, book = User(name="ada"), Book(title="Emma")
    session.add(user)
    session.add(book)
    with pytest.raises(OperationFailure):
        session.flush()

    assert session.queue == []
    assert len(session.cache) == 0
    assert database["users"].count_documents({}) == 0
    assert database["books"].count_documents({}) == 0
    assert user.get_dirty_ops() == {"$set": {"name": "ada"}}
    assert book.get_dirty_ops() == {"$set": {"t": "Emma"}}


def test_after_a_failed_index_the_session_is_usable(session, database):
    """When the conflict is resolved the same documents are stored once."""
    conflict(database)
    book = Book(title="Emma")
    with pytest.raises(OperationFailure):
        session.save(book)
    database["books"].drop_index("t_1")
    session.save(book)

    assert database["books"].count_documents({}) == 1
    assert names_of(database) >= {"t_1", "year_-1_t_1"}


def test_a_failure_is_not_remembered_as_ensured(session, database, commands):
    """Only what succeeded is not asked for again."""
    conflict(database)
    for _ in range(2):
        with pytest.raises(OperationFailure):
            session.save(Book(title="Emma"))
        assert created(commands)


def test_a_failed_index_inside_a_block_leaves_the_block(session, database):
    """A block whose indexes cannot be ensured is over, and nothing is written."""
    conflict(database)
    with pytest.raises(OperationFailure):
        with session:
            session.save(User(name="ada"))
            session.save(Book(title="Emma"))

    assert session.in_transaction is False
    assert session.queue == []
    assert database["users"].count_documents({}) == 0


def test_an_index_of_an_unknown_name_raises_when_first_ensured(session, database):
    """A name that resolves to nothing raises `BadIndexException` and nothing is written."""
    document = Wrong(title="x")
    with pytest.raises(BadIndexException, match="nothing"):
        session.save(document)

    assert session.queue == []
    assert database["Wrong"].count_documents({}) == 0
    assert document.get_dirty_ops() == {"$set": {"title": "x"}}


def test_a_unique_index_holds_from_the_first_write(session, database):
    """The second document of one key in the first flush is refused."""
    session.add(Account(email="ada@example.org"))
    session.add(Account(email="ada@example.org"))
    with pytest.raises(DuplicateKeyError):
        session.flush(safe=True)

    assert database["accounts"].count_documents({}) == 1


# -- clear_index ----------------------------------------------------------------------------


def test_clear_index_drops_the_text_indexes(session, database):
    """Text indexes go, the others stay, and the answer is `True`."""
    books = database["books"]
    books.create_index([("t", "text")])
    books.create_index("year")

    assert session.clear_index(books) is True
    assert names_of(database) == {"_id_", "year_1"}


def test_clear_index_drops_a_text_index_under_any_name(session, database):
    """A text index is known by what it is, not by its name."""
    books = database["books"]
    books.create_index([("year", 1), ("t", "text")], name="mine")

    assert session.clear_index(books) is True
    assert names_of(database) == {"_id_"}


def test_clear_index_gives_false_when_the_server_refuses(session, database, fail_command):
    """A refusal is an answer, not an error."""
    books = database["books"]
    books.create_index([("t", "text")])

    with fail_command("dropIndexes", errorCode=13):
        assert session.clear_index(books) is False
    assert names_of(database) == {"_id_", "t_text"}
