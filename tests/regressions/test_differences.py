"""Each line of the list of deliberate departures from the historical library, in its order."""

from __future__ import annotations

import ast
import copy
import gc
import logging
import pathlib
import sys
import warnings
from datetime import datetime, timedelta, timezone, tzinfo

import pymongo
import pytest
from bson import ObjectId

import ommongo
from ommongo import (
    DateTimeField,
    Document,
    DocumentField,
    GeoField,
    Index,
    IntField,
    ListField,
    Session,
    StringField,
)
from ommongo.document import FieldNotRetrieved
from ommongo.exceptions import (
    BadIndexException,
    BadQueryException,
    InvalidUpdateException,
)
from tests.helpers import plain
from tests.models import Account, Address, Note, User


class Mishap(Exception):
    """What goes wrong in an application."""


class Page(Document):
    config_namespace = "tests.differences"
    number = IntField(db_field="n")


class Book(Document):
    config_namespace = "tests.differences"
    config_collection_name = "books"

    title = StringField(db_field="t")
    sold = IntField(required=False, on_update="$inc", db_field="s")
    words = ListField(StringField(), required=False, on_update="$push")
    year = IntField(required=False, default=1900)
    pages = ListField(DocumentField(Page), required=False)
    place = GeoField(required=False)

    i_title = Index().ascending("title")


@pytest.fixture
def session(database):
    """A session whose writes raise."""
    session = Session(database, safe=True)
    yield session
    session.clear_queue()


def updates(commands):
    """Give the update documents that were sent."""
    return [
        plain(event.command["updates"][0]["u"])
        for event in commands.started
        if event.command_name == "update"
    ]


def test_imports_work_on_every_supported_pymongo(session):
    """Everything that called what pymongo 4 took away works on the pymongo at hand."""
    assert pymongo.version_tuple >= (4, 9)

    book = Book(title="Emma")
    session.save(book)  # was Collection.save and ensure_index
    session.query(Book).set(year=1815).execute()  # was Collection.update
    modified = session.query(Book).find_and_modify(new=True).set(year=1816).execute()
    assert modified.year == 1816
    assert session.query(Book).count() == 1  # was Cursor.count
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = session.query(Book).map_reduce(
            "function() { emit(this.t, 1); }",
            "function(key, values) { return Array.sum(values); }",
            "differences_map_reduce",
            {},
        )
    assert [result["value"] for result in results] == [1]
    session.remove(book)  # was Collection.remove
    session.end()  # was db.connection.end_request


def test_python_3_10_is_enough():
    """No module of the library uses a later grammar, and the running Python is none older."""
    assert sys.version_info >= (3, 10)
    for path in pathlib.Path(ommongo.__file__).parent.rglob("*.py"):
        ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 10))


def test_add_only_queues(session, database):
    """`add` sends nothing; a reader flushes it first, and unflushed work warns."""
    session.add(Book(title="Emma"))
    assert database["books"].count_documents({}) == 0
    assert session.query(Book).count() == 1

    def forget():
        Session(database).add(Book(title="Persuasion"))
        gc.collect()

    with pytest.warns(ResourceWarning):
        forget()


def test_a_block_that_fails_leaves_nothing(session, database):
    """A failure half-way through a block leaves nothing of the block."""
    with pytest.raises(Mishap):
        with session:
            session.save(Book(title="Emma"))
            session.save(Book(title="Persuasion"))
            raise Mishap

    assert database["books"].count_documents({}) == 0
    assert session.queue == []


def test_after_an_update_a_field_holds_the_resulting_value(session, database):
    """An `$inc` or `$push` field holds the result, so that the next save stores no increment."""
    book = Book(title="Emma", sold=10, words=["a"])
    session.save(book)
    book.sold, book.words = 3, ["b"]
    session.update(book)
    assert (book.sold, book.words) == (13, ["a", "b"])
    session.save(book)

    stored = database["books"].find_one()
    assert (stored["s"], stored["words"]) == (13, ["a", "b"])


def test_what_was_queued_before_a_failed_block_stays_queued(session, database):
    """Leaving the outermost block by an exception drops what was queued in it, and no more."""
    session.add(Book(title="before"))
    with pytest.raises(Mishap):
        with session:
            session.add(Book(title="inside"))
            raise Mishap
    session.flush()

    assert [book["t"] for book in database["books"].find()] == ["before"]


def test_a_copy_of_a_partial_document_stays_partial(session, database):
    """Saving a copy of a partial document does not erase the rest of the stored one."""
    session.save(Book(title="Emma", year=1815, sold=3))
    duplicate = copy.copy(session.query(Book).fields(Book.title).one())
    duplicate.title = "Persuasion"
    session.save(duplicate)

    stored = database["books"].find_one()
    assert (stored["t"], stored["year"], stored["s"]) == ("Persuasion", 1815, 3)


@pytest.mark.parametrize(
    "execute",
    [
        lambda query: query.set(year=1).execute(),
        lambda query: query.inc(sold=1).multi().execute(),
        lambda query: query.find_and_modify(remove=True).execute(),
        lambda query: query.find_and_modify().set(year=1).execute(),
    ],
    ids=["set", "multi", "find_and_remove", "find_and_modify"],
)
def test_a_limit_on_a_removal_or_update_is_refused(session, database, execute):
    """What the server would ignore raises, and nothing is changed."""
    for title in ("Emma", "Persuasion"):
        session.add(Book(title=title))
    session.flush()
    before = list(database["books"].find())

    with pytest.raises(BadQueryException, match="limit"):
        execute(session.query(Book).limit(1))
    assert list(database["books"].find()) == before


def test_the_negation_of_a_compound_condition_is_nor(session):
    """The negation matches exactly the rest."""
    for name, age in (("ada", 1), ("ada", 2), ("bob", 1), ("bob", 2)):
        session.add(User(name=name, age=age))
    session.flush()
    both = (User.name == "ada") & (User.age == 1)

    assert (~both).obj.keys() == {"$nor"}
    assert session.query(User).filter(both).count() == 1
    assert session.query(User).filter(~both).count() == 3


def test_the_same_operator_twice_on_one_field_holds_twice(session):
    """Neither of two conditions is dropped."""
    for age in (1, 4, 7):
        session.add(User(name="ada", age=age))
    session.flush()

    for conditions in ((User.age > 3, User.age > 5), (User.age > 5, User.age > 3)):
        assert [user.age for user in session.query(User).filter(*conditions)] == [7]


def test_a_document_with_a_changed_id_is_not_saved(session, database):
    """Saving a document after its `_id` was changed leaves no second copy."""
    user = User(name="ada")
    session.save(user)
    user.mongo_id = ObjectId()
    with pytest.raises(InvalidUpdateException):
        session.save(user)

    assert database["users"].count_documents({}) == 1


def test_an_unsafe_write_is_acknowledged_and_its_error_logged(database, caplog):
    """With `safe=False` a write is read by any client at once, and an error is in the log."""
    unsafe = Session(database, safe=False)
    unsafe.save(Account(email="ada@example.org"))
    assert database["accounts"].count_documents({}) == 1
    unsafe.save(Account(email="ada@example.org"))

    (record,) = [record for record in caplog.records if record.name == "ommongo"]
    assert record.levelno == logging.ERROR


def test_an_update_of_an_unchanged_document_sends_nothing(session, database, commands):
    """The stored document is not erased by an empty update."""
    session.save(Book(title="Emma"))
    book = session.query(Book).one()
    commands.clear()
    session.update(book)

    assert commands.names() == []
    assert database["books"].find_one()["t"] == "Emma"


def test_lists_are_sent_when_changed_and_changes_inside_dicts_are_found(session, commands):
    """An unchanged list is left alone, a changed dict is sent."""
    user = User(name="ada", tags=["a"], settings={"x": 1})
    session.save(user)
    user.age = 1
    session.update(user)
    user.settings["x"] = 2
    session.update(user)
    user.tags.append("b")
    session.update(user)

    assert updates(commands) == [
        {"$set": {"age": 1}},
        {"$set": {"settings": {"x": 2}}},
        {"$set": {"tags": ["a", "b"]}},
    ]


def test_a_document_is_dirty_again_when_its_operation_fails_or_is_dropped(session):
    """What was queued and not stored is a change still."""
    user = User(name="ada", age=1)
    session.save(user)
    with pytest.raises(Mishap):
        with session:
            user.age = 2
            session.save(user)
            raise Mishap
    assert user.get_dirty_ops() == {"$set": {"age": 2}}

    session.save(Account(email="ada@example.org"))
    account = Account(email="ada@example.org")
    with pytest.raises(pymongo.errors.DuplicateKeyError):
        session.save(account)
    assert account.get_dirty_ops() == {"$set": {"email": "ada@example.org"}}


def test_an_unretrieved_field_is_not_its_default(session, database):
    """Reading it raises, and saving the document neither writes the default nor erases."""
    session.save(Book(title="Emma", year=1815))
    book = session.query(Book).fields(Book.title).one()
    with pytest.raises(FieldNotRetrieved):
        _ = book.year
    session.save(book)

    assert database["books"].find_one()["year"] == 1815


def test_stored_names_are_used_everywhere_and_embedded_changes_are_found(session, commands):
    """`$unset` and the fields of an upsert go by stored names, dotted inside embedded documents."""
    user = User(name="ada", nick="a", address=Address(city="London", zip="W1"))
    session.save(user)
    del user.nick
    user.address.zip = "E1"
    session.update(user)
    session.update(Book(title="Emma"), Book.title == "Emma", upsert=True)

    first, second = updates(commands)
    assert first == {"$unset": {"n": True}, "$set": {"address.z": "E1"}}
    assert second["$set"] == {"t": "Emma"}


def test_an_inner_block_that_queued_nothing_drops_nothing(session, database):
    """The failure of an inner block drops exactly the inner block's operations."""
    with session:
        session.save(Book(title="outer"))
        with pytest.raises(Mishap):
            with session:
                raise Mishap

    assert [book["t"] for book in database["books"].find()] == ["outer"]


def test_indexes_are_ensured_on_writes_only(session, database, commands):
    """A query creates no index, a write does."""
    database["books"].insert_one({"t": "Emma"})
    book = session.query(Book).one()
    assert commands.names("createIndexes") == []
    session.save(book)

    assert "t_1" in database["books"].index_information()


def test_the_identity_map_tells_documents_apart(database):
    """Its key is collection and any `_id`; the least recently used goes, no part is held."""
    session = Session(database, cache_size=2)
    user = User(name="ada")
    session.save(user)
    note = Note(key=user.mongo_id, body=1)
    session.save(note)
    assert session.query(User).one() is user
    assert session.query(Note).one() is note

    session.query(User).one()
    session.save(Note(key="another"))
    assert session.cache_read(user.mongo_id, User) is user
    assert session.cache_read(user.mongo_id, Note) is None

    session.clear_cache()
    session.query(User).fields(User.name).one()
    assert len(session.cache) == 0


def test_indexes_cost_no_round_trip_for_each_operation(session, commands):
    """After the first write of a class no index command is sent for a while."""
    session.save(Book(title="Emma"))
    commands.clear()
    for title in "abc":
        session.save(Book(title=title))

    assert commands.names() == ["insert"] * 3


def test_push_all_is_sent_as_push_with_each(session, commands):
    """`$pushAll` is gone from servers; `extend` and `$pushAll` work all the same."""
    session.save(Book(title="Emma", words=["a"]))
    session.query(Book).extend(Book.words, "b", "c").execute()
    book = session.query(Book).one()
    book.words = ["d"]
    session.update(book, words="$pushAll")

    assert "$pushAll" not in str(updates(commands))
    assert session.query(Book).one().words == ["a", "b", "c", "d"]


def test_within_is_sent_as_geo_within(session):
    """`$within` is gone from servers; the methods that used it work all the same."""
    session.save(Book(title="Emma", place=(1.0, 2.0)))
    box = Book.place.within_box([0, 0], [3, 3])

    assert "$geoWithin" in str(session.query(Book).filter(box).query)
    assert session.query(Book).filter(box).one().title == "Emma"


@pytest.mark.parametrize(
    "index",
    [
        lambda: Index().geo_haystack("place", 10).ascending("title"),
        lambda: Index().ascending("title").unique(drop_dups=True),
    ],
    ids=["geo_haystack", "drop_dups"],
)
def test_haystack_indexes_and_drop_dups_raise_a_clear_error(session, index):
    """What servers no longer have raises `BadIndexException`, nothing is written."""
    with pytest.raises(BadIndexException):

        class Old(Document):
            config_namespace = "tests.differences"
            title = StringField()
            place = GeoField()
            i_old = index()

        session.save(Old(title="Emma", place=(1.0, 2.0)))

    assert session.queue == []


def test_removals_and_updates_give_a_dict(session):
    """The reply is a dict with `ok` and `n`, on every pymongo."""
    book = Book(title="Emma")
    session.save(book)
    book.year = 1815
    replies = [
        session.update(book),
        session.query(Book).set(year=1816).execute(),
        session.remove_query(Book).filter(Book.title == "nothing").execute(),
        session.remove(book),
    ]

    assert [type(reply) for reply in replies] == [dict] * 4
    assert [(reply["ok"], reply["n"]) for reply in replies] == [(1, 1), (1, 1), (1, 0), (1, 1)]


def test_documents_with_their_own_id_can_be_updated_held_and_removed(database):
    """A declared `_id` field serves as any other."""
    session = Session(database, safe=True, cache_size=5)
    note = Note(key="k", body=1)
    session.save(note)
    note.body = 2
    session.update(note)
    assert session.query(Note).one() is note
    assert database["notes"].find_one() == {"_id": "k", "body": 2}
    session.remove(note)

    assert database["notes"].count_documents({}) == 0


def test_clone_keeps_hints_and_search(session):
    """A clone of a query has all of its settings."""
    query = session.query(Book).hint_asc(Book.title).search("emma")
    clone = query.clone()

    assert clone.hints == query.hints
    assert clone.query == query.query
    assert "$text" in clone.query


def test_making_an_expression_does_not_change_what_it_is_made_of():
    """`elem_match`, `exclude`, `matched_index` and `or_` leave the shared object alone."""
    title, pages, first = str(Book.title), str(Book.pages), Book.title == "a"
    before = copy.deepcopy(first.obj)
    Book.title.exclude()
    Book.pages.elem_match({"number": 1})
    Book.pages.matched_index()
    first.or_(Book.title == "b")
    _ = first | (Book.title == "c")

    assert (str(Book.title), str(Book.pages)) == (title, pages) == ("t", "pages")
    assert Book.title.fields_expression == {"t": True}
    assert {str(key): value for key, value in first.obj.items()} == {
        str(key): value for key, value in before.items()
    }


def test_unsaved_documents_equal_themselves_and_saved_ones_are_hashable(session):
    """Equality and hashing go by identity and by the `_id`."""
    unsaved = User(name="ada")
    assert unsaved == unsaved
    assert unsaved != User(name="ada")
    with pytest.raises(TypeError):
        hash(unsaved)
    session.save(unsaved)

    assert unsaved == session.query(User).one()
    assert len({unsaved, session.query(User).one()}) == 1


def test_any_tzinfo_will_do(database):
    """A time zone needs no `pytz`: an application's own class serves."""

    class Jakarta(tzinfo):
        def utcoffset(self, when):
            return timedelta(hours=7)

        def dst(self, when):
            return timedelta(0)

        def tzname(self, when):
            return "WIB"

    class Event(Document):
        config_namespace = "tests.differences"
        at = DateTimeField(use_tz=True)

    session = Session(database, timezone=Jakarta())
    noon = datetime(2024, 5, 17, 12, tzinfo=timezone.utc)
    session.save(Event(at=noon))

    loaded = session.query(Event).one().at
    assert loaded == noon
    assert loaded.utcoffset() == timedelta(hours=7)


def test_end_flushes_and_empties_the_identity_map(database):
    """`end()` sends what is pending and forgets the objects."""
    session = Session(database, cache_size=5)
    session.add(Book(title="Emma"))
    session.end()

    assert database["books"].count_documents({}) == 1
    assert len(session.cache) == 0
