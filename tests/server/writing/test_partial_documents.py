"""Partial documents: saving one never erases what was not retrieved."""

from __future__ import annotations

import copy
import pickle

import pytest

from ommongo import (
    Document,
    DocumentField,
    IntField,
    ListField,
    StringField,
    computed_field,
)
from ommongo.document import FieldNotRetrieved
from ommongo.exceptions import StaleDocumentException
from tests.helpers import plain
from tests.models import Address, User


class Page(Document):
    config_namespace = "tests.session_partial"
    number = IntField()
    text = StringField(required=False)


class Book(Document):
    config_namespace = "tests.session_partial"
    config_collection_name = "books"
    title = StringField()
    year = IntField(default=1900)
    pages = ListField(DocumentField(Page), required=False)
    cover = DocumentField(Page, required=False)


FULL = {
    "title": "Emma",
    "year": 1815,
    "pages": [{"number": 1, "text": "a"}, {"number": 2, "text": "b"}],
    "cover": {"number": 0, "text": "c"},
}


@pytest.fixture
def session(safe_session, database):
    """A safe session on a database with one book."""
    database["books"].insert_one(copy.deepcopy(FULL))
    return safe_session


def stored(database):
    """Give the one stored book without its `_id`."""
    (book,) = database["books"].find({}, {"_id": False})
    return book


def test_saving_a_partial_document_updates_what_is_set(session, database, commands):
    """A save of a partial document is an update of the fields that are set."""
    book = session.query(Book).fields(Book.title).one()
    book.title = "Persuasion"
    session.save(book)

    assert stored(database) == {**FULL, "title": "Persuasion"}
    assert commands.names("insert", "update") == ["update"]


def test_saving_an_unchanged_partial_document_erases_nothing(session, database):
    """A save that has nothing new leaves the stored document as it is."""
    session.save(session.query(Book).fields(Book.title).one())

    assert stored(database) == FULL


def test_saving_a_partial_document_in_which_nothing_is_set_sends_nothing(session, commands):
    """There is nothing to store, so nothing is queued, and the document is bound all the same."""
    book = session.query(Book).fields(Book.mongo_id).one()
    commands.clear()
    session.add(book)

    assert session.queue == []
    assert book._get_session() is session
    assert commands.names() == []


def test_saving_a_partial_document_does_not_store_defaults(session, database):
    """The default of a field that was not retrieved is not written over the stored value."""
    book = session.query(Book).fields(Book.title).one()
    with pytest.raises(FieldNotRetrieved):
        _ = book.year
    session.save(book)

    assert stored(database)["year"] == 1815


def test_setting_a_field_that_was_not_retrieved(session, database):
    """A field that is set is stored, whether it was retrieved or not."""
    book = session.query(Book).fields(Book.title).one()
    book.year = 1816
    session.save(book)

    assert book.year == 1816
    assert stored(database) == {**FULL, "year": 1816}


def test_deleting_a_retrieved_field_of_a_partial_document(session, database):
    """A field that was retrieved and deleted is unset by a save."""
    book = session.query(Book).fields(Book.title, Book.cover).one()
    del book.cover
    session.save(book)

    assert stored(database) == {key: value for key, value in FULL.items() if key != "cover"}


@pytest.mark.parametrize("write", ["save", "update"])
def test_deleting_a_field_that_was_set_and_stored(session, database, write):
    """A field that this object itself stored is known, and deleting it unsets it."""
    book = session.query(Book).fields(Book.title).one()
    book.year = 1816
    getattr(session, write)(book)
    del book.year
    assert book.get_dirty_ops() == {"$unset": {"year": True}}
    getattr(session, write)(book)

    assert stored(database) == {key: value for key, value in FULL.items() if key != "year"}


@pytest.mark.parametrize("write", ["save", "update"])
def test_a_computed_field_without_its_dependencies_is_left_alone(session, database, write):
    """What cannot be computed cannot have changed: other fields are stored all the same."""

    class Doubled(Document):
        config_namespace = "tests.session_partial"
        half = IntField()
        other = IntField(required=False)

        @computed_field(IntField(), deps=["half"])
        def whole(obj):
            return obj["half"] * 2

    session.save(Doubled(half=2, other=1))
    doubled = session.query(Doubled).fields(Doubled.whole, Doubled.other).one()
    doubled.other = 5
    getattr(session, write)(doubled)

    found = database["Doubled"].find_one({}, {"_id": False})
    assert found == {"half": 2, "other": 5, "whole": 4}


def test_a_saved_partial_document_stays_partial(session):
    """What was not retrieved is not known after a save, either."""
    book = session.query(Book).fields(Book.title).one()
    book.title = "Persuasion"
    session.save(book)

    with pytest.raises(FieldNotRetrieved):
        _ = book.year
    assert book.get_dirty_ops() == {}


def test_updating_a_partial_document(session, database, commands):
    """`update` sends only fields that were retrieved or set."""
    book = session.query(Book).fields(Book.title).one()
    book.title = "Persuasion"
    session.update(book)

    event = [event for event in commands.started if event.command_name == "update"][-1]
    assert plain(event.command["updates"][0]["u"]) == {"$set": {"title": "Persuasion"}}
    assert stored(database) == {**FULL, "title": "Persuasion"}


def test_a_partial_embedded_document_is_saved_in_part(session, database):
    """A projection below an embedded document erases nothing beside it."""
    book = session.query(Book).fields(Book.title, Book.cover.number).one()
    with pytest.raises(FieldNotRetrieved):
        _ = book.cover.text
    book.cover.number = 9
    session.save(book)

    assert stored(database) == {**FULL, "cover": {"number": 9, "text": "c"}}


def test_an_excluded_field_is_not_erased(session, database):
    """A field that was excluded from the load stays in the database."""
    book = session.query(Book).fields(Book.pages.exclude()).one()
    book.title = "Persuasion"
    session.save(book)

    assert stored(database) == {**FULL, "title": "Persuasion"}


@pytest.mark.parametrize("write", ["add", "save", "update"])
def test_a_list_loaded_in_part_and_changed_in_place_is_refused(session, database, write):
    """The rest of the list is not known, so a change in place cannot be stored."""
    book = session.query(Book).fields(Book.title, Book.pages.elem_match({"number": 2})).one()
    assert [page.number for page in book.pages] == [2]
    book.pages.append(Page(number=3))
    with pytest.raises(FieldNotRetrieved, match="pages"):
        getattr(session, write)(book)

    assert session.queue == []
    assert stored(database) == FULL


def test_a_list_loaded_in_part_is_left_alone(session, database):
    """Saving other fields does not shorten the stored list."""
    book = session.query(Book).fields(Book.title, Book.pages.elem_match({"number": 2})).one()
    book.title = "Persuasion"
    session.save(book)

    assert stored(database) == {**FULL, "title": "Persuasion"}


def test_a_list_loaded_in_part_can_be_replaced(session, database):
    """Another list assigned to the field replaces the whole stored one."""
    book = session.query(Book).fields(Book.title, Book.pages.elem_match({"number": 2})).one()
    book.pages = [Page(number=7)]
    session.save(book)

    assert stored(database)["pages"] == [{"number": 7}]


@pytest.mark.parametrize(
    "duplicate",
    [copy.copy, copy.deepcopy, lambda document: pickle.loads(pickle.dumps(document))],
    ids=["copy", "deepcopy", "pickle"],
)
def test_a_copy_of_a_partial_document_is_partial(session, database, duplicate):
    """Saving a copy erases no more than saving the original would."""
    book = duplicate(session.query(Book).fields(Book.title).one())
    book.title = "Persuasion"
    session.save(book)

    assert stored(database) == {**FULL, "title": "Persuasion"}


def test_a_partial_document_made_by_hand_is_saved_in_part(session, database):
    """A document constructed with `retrieved_fields` is partial, too."""
    given = database["books"].find_one()["_id"]
    book = Book(retrieved_fields=[Book.mongo_id, Book.title], mongo_id=given, title="Persuasion")
    session.save(book)

    assert stored(database) == {**FULL, "title": "Persuasion"}


@pytest.mark.parametrize("write", ["add", "save", "update"])
def test_a_partial_document_without_its_id_is_refused(session, database, write):
    """Without the `_id` nobody knows what to write."""
    book = session.query(Book).fields(Book.title, Book.mongo_id.exclude()).one()
    book.title = "Persuasion"
    with pytest.raises(FieldNotRetrieved):
        getattr(session, write)(book)

    assert session.queue == []
    assert stored(database) == FULL


def test_saving_a_partial_document_that_was_removed_creates_nothing(session, database):
    """A part of a document does not become a document."""
    book = session.query(Book).fields(Book.title).one()
    database["books"].delete_many({})
    book.title = "Persuasion"
    with pytest.raises(StaleDocumentException):
        session.save(book)

    assert database["books"].count_documents({}) == 0


def test_users_of_tests_models_can_be_partial(session, database):
    """Nested and renamed fields are stored under their stored names."""
    session.save(User(name="ada", nick="a", age=1, address=Address(city="London", zip="W1")))
    user = session.query(User).fields(User.nick, User.address.zip).one()
    user.nick, user.address.zip = "b", "E1"
    session.save(user)

    (found,) = database["users"].find({}, {"_id": False})
    assert found == {
        "name": "ada",
        "n": "b",
        "age": 1,
        "address": {"city": "London", "z": "E1"},
    }
