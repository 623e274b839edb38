"""Documents of which only some fields were loaded: others are not known, and never written."""

from __future__ import annotations

import copy
import pickle

import pytest
from bson import ObjectId

from ommongo import (
    DictField,
    Document,
    DocumentField,
    IntField,
    ListField,
    ObjectIdField,
    StringField,
    computed_field,
)
from ommongo.document import FieldNotRetrieved
from ommongo.exceptions import InvalidUpdateException, StaleDocumentException
from tests import models
from tests.helpers import bodies_of, plain


class Place(Document):
    """A document to be embedded, of which one field has a default."""

    city = StringField(db_field="c")
    zip = StringField(required=False)
    kind = StringField(default="home")


class User(Document):
    """A document with fields of several kinds."""

    name = StringField(db_field="n")
    age = IntField(required=False)
    theme = StringField(default="dark")
    tags = ListField(StringField(), default_empty=True)
    limits = DictField(IntField(), required=False)
    address = DocumentField(Place, required=False)
    addresses = ListField(DocumentField(Place), required=False)


class Page(Document):
    config_namespace = "tests.partial_documents"
    number = IntField()
    text = StringField(required=False)


class Book(Document):
    config_namespace = "tests.partial_documents"
    config_collection_name = "books"
    title = StringField()
    year = IntField(default=1900)
    pages = ListField(DocumentField(Page), required=False)
    cover = DocumentField(Page, required=False)


STORED = {
    "_id": ObjectId("0123456789abcdef01234567"),
    "n": "ada",
    "age": 36,
    "theme": "light",
    "tags": ["a", "b"],
    "limits": {"x": 1},
    "address": {"c": "Bogor", "zip": "1", "kind": "work"},
    "addresses": [{"c": "x", "zip": "1", "kind": "k"}, {"c": "y", "zip": "2", "kind": "l"}],
}


FULL = {
    "title": "Emma",
    "year": 1815,
    "pages": [{"number": 1, "text": "a"}, {"number": 2, "text": "b"}],
    "cover": {"number": 0, "text": "c"},
}


@pytest.fixture
def users(database):
    """The collection, with one stored user."""
    database["User"].insert_one(STORED)
    return database["User"]


@pytest.fixture
def books(database):
    """The collection, with one stored book."""
    database["books"].insert_one(copy.deepcopy(FULL))
    return database["books"]


def stored(users):
    """Give what the server holds."""
    return users.find_one({"_id": STORED["_id"]})


def stored_book(books):
    """Give the one stored book without its `_id`."""
    (book,) = books.find({}, {"_id": False})
    return book


def partial(session, *fields):
    """Load the user with *fields* only."""
    return session.query(User).fields(*fields).one()


# -- what is known --------------------------------------------------------------------------------


def test_only_the_fields_that_were_asked_for_are_sent(session, users, commands):
    """The projection names the fields by stored name, and ``_id``."""
    partial(session, User.name, User.age)

    (find,) = bodies_of(commands, "find")
    assert set(find["projection"]) == {"n", "age", "_id"}


def test_the_fields_that_were_asked_for_can_be_read(session, users):
    """Retrieved fields have the stored values, and so has the id."""
    user = partial(session, User.name, User.tags)

    assert (user.mongo_id, user.name, user.tags) == (STORED["_id"], "ada", ["a", "b"])


@pytest.mark.parametrize("name", ["age", "theme", "tags", "limits", "address"])
def test_other_fields_raise(session, users, name):
    """A field that was not asked for is not known, whether or not it has a default."""
    user = partial(session, User.name)

    with pytest.raises(FieldNotRetrieved, match=name):
        getattr(user, name)


def test_a_retrieved_field_that_is_not_stored_has_its_default(session, users):
    """A field that was asked for and is not there is unset, which is known."""
    users.update_one({}, {"$unset": {"theme": "", "age": ""}})
    user = partial(session, User.theme, User.age)

    assert user.theme == "dark"
    with pytest.raises(AttributeError):
        _ = user.age


def test_excluded_fields_raise_and_all_others_are_there(session, users):
    """`exclude` leaves out one field."""
    user = partial(session, User.theme.exclude(), User.address.exclude())

    assert (user.name, user.age, user.tags) == ("ada", 36, ["a", "b"])
    for name in ("theme", "address"):
        with pytest.raises(FieldNotRetrieved, match=name):
            getattr(user, name)


def test_a_field_that_was_set_can_be_read_and_others_still_raise(session, users):
    """Setting one field makes only that one known."""
    user = partial(session, User.name)
    user.theme = "x"

    assert user.theme == "x"
    with pytest.raises(FieldNotRetrieved):
        _ = user.tags


def test_a_partial_document_cannot_be_cloned(session, users):
    """A clone would lack what was not retrieved."""
    with pytest.raises(FieldNotRetrieved):
        session.clone(partial(session, User.name))


def test_refresh_gives_the_whole_document(session, users):
    """A fresh copy of a partial document has everything."""
    user = session.refresh(partial(session, User.name))

    assert user.theme == "light"


def test_a_dotted_field_makes_the_embedded_document_partial(session, users):
    """Of the embedded document only the named field is known."""
    user = partial(session, User.address.city)

    assert user.address.city == "Bogor"
    for name in ("zip", "kind"):
        with pytest.raises(FieldNotRetrieved, match=name):
            getattr(user.address, name)


def test_a_dotted_field_may_be_named_by_text(session, users):
    """A dotted name means the same as the query field."""
    user = session.query(User).fields("address.city").one()

    assert user.address.city == "Bogor"
    with pytest.raises(FieldNotRetrieved):
        _ = user.address.kind


def test_an_excluded_dotted_field_makes_the_embedded_document_partial(session, users):
    """Of the embedded document everything but the named field is known."""
    user = partial(session, User.address.zip.exclude())

    assert (user.address.city, user.address.kind) == ("Bogor", "work")
    with pytest.raises(FieldNotRetrieved):
        _ = user.address.zip


def test_a_field_of_the_documents_in_a_list(session, users):
    """A name below a list loads that field of every item; the items' other fields are not known."""
    user = partial(session, User.addresses.city)

    assert [place.city for place in user.addresses] == ["x", "y"]
    for name in ("zip", "kind"):
        with pytest.raises(FieldNotRetrieved, match=name):
            getattr(user.addresses[0], name)


def test_the_matching_item_of_a_list(session, users):
    """`elem_match` loads one item of a list, and that item whole."""
    user = partial(session, User.name, User.addresses.elem_match({"city": "y"}))

    assert [(place.city, place.zip) for place in user.addresses] == [("y", "2")]


def test_partial_documents_are_never_held(database, make_session, users):
    """A partial document does not go into the identity map, nor come from it."""
    session = make_session(cache_size=10)
    user = partial(session, User.name)
    assert len(session.cache) == 0

    whole = session.query(User).one()
    assert whole is not user
    assert whole.theme == "light"
    assert partial(session, User.name) is not whole


# -- what is written ------------------------------------------------------------------------------


def test_saving_a_partial_document_erases_nothing(session, users):
    """A save writes the fields that are set and leaves all others as they are."""
    user = partial(session, User.name)
    user.name = "eva"
    session.save(user)

    assert stored(users) == {**STORED, "n": "eva"}


def test_saving_an_unchanged_partial_document_changes_nothing(session, users):
    """A save without a change leaves the stored document as it is."""
    session.save(partial(session, User.name))

    assert stored(users) == STORED


def test_saving_an_unchanged_partial_document_does_not_undo_what_others_wrote(session, users):
    """Of what was not retrieved, whatever is stored stays."""
    user = partial(session, User.name)
    users.update_one({}, {"$set": {"age": 99, "theme": "neon"}, "$unset": {"tags": ""}})
    session.save(user)

    after = stored(users)
    assert (after["age"], after["theme"]) == (99, "neon")
    assert "tags" not in after


def test_saving_a_partial_document_that_is_not_complete_is_allowed(session, users):
    """Required fields that were not retrieved are there already, in the database."""
    user = partial(session, User.age)
    user.age = 37
    session.save(user)

    assert stored(users) == {**STORED, "age": 37}


def test_adding_a_partial_document_in_a_block_erases_nothing(session, users):
    """What holds for a save holds for a queued one."""
    with session:
        user = partial(session, User.name)
        user.name = "eva"
        session.add(user)

    assert stored(users) == {**STORED, "n": "eva"}


def test_updating_a_partial_document_writes_what_changed(session, users, commands):
    """An update has the changed fields only, and never a default."""
    user = partial(session, User.name, User.tags)
    user.tags.append("c")
    user.age = 1
    session.update(user)

    assert stored(users) == {**STORED, "tags": ["a", "b", "c"], "age": 1}


def test_deleting_a_retrieved_field_takes_it_out(session, users):
    """A deletion is written by save and by update."""
    user = partial(session, User.age)
    del user.age
    session.save(user)

    assert "age" not in stored(users)


def test_extra_fields_that_were_not_loaded_stay(session, database):
    """A loose class never unsets extra fields that it did not load."""

    class Loose(Document):
        config_extra_fields = "ignore"
        name = StringField()

    database["Loose"].insert_one({"_id": 1, "name": "a", "colour": "red"})

    class LooseById(Loose):
        config_collection_name = "Loose"
        key = IntField(_id=True)

    loose = session.query(LooseById).fields(LooseById.name).one()
    loose.name = "b"
    session.save(loose)

    assert database["Loose"].find_one() == {"_id": 1, "name": "b", "colour": "red"}


def test_saving_a_partial_document_updates_what_is_set(safe_session, books, commands):
    """A save of a partial document is an update of the fields that are set."""
    book = safe_session.query(Book).fields(Book.title).one()
    book.title = "Persuasion"
    safe_session.save(book)

    assert stored_book(books) == {**FULL, "title": "Persuasion"}
    assert commands.names("insert", "update") == ["update"]


def test_saving_an_unchanged_partial_document_erases_nothing(safe_session, books):
    """A save that has nothing new leaves the stored document as it is."""
    safe_session.save(safe_session.query(Book).fields(Book.title).one())

    assert stored_book(books) == FULL


def test_saving_a_partial_document_in_which_nothing_is_set_sends_nothing(
    safe_session, books, commands
):
    """There is nothing to store, so nothing is queued, and the document is bound all the same."""
    book = safe_session.query(Book).fields(Book.mongo_id).one()
    commands.clear()
    safe_session.add(book)

    assert safe_session.queue == []
    assert book._get_session() is safe_session
    assert commands.names() == []


def test_saving_a_partial_document_does_not_store_defaults(safe_session, books):
    """The default of a field that was not retrieved is not written over the stored value."""
    book = safe_session.query(Book).fields(Book.title).one()
    with pytest.raises(FieldNotRetrieved):
        _ = book.year
    safe_session.save(book)

    assert stored_book(books)["year"] == 1815


def test_setting_a_field_that_was_not_retrieved(safe_session, books):
    """A field that is set is stored, whether it was retrieved or not."""
    book = safe_session.query(Book).fields(Book.title).one()
    book.year = 1816
    safe_session.save(book)

    assert book.year == 1816
    assert stored_book(books) == {**FULL, "year": 1816}


def test_deleting_a_retrieved_field_of_a_partial_document(safe_session, books):
    """A field that was retrieved and deleted is unset by a save."""
    book = safe_session.query(Book).fields(Book.title, Book.cover).one()
    del book.cover
    safe_session.save(book)

    assert stored_book(books) == {key: value for key, value in FULL.items() if key != "cover"}


@pytest.mark.parametrize("write", ["save", "update"])
def test_deleting_a_field_that_was_set_and_stored(safe_session, books, write):
    """A field that this object itself stored is known, and deleting it unsets it."""
    book = safe_session.query(Book).fields(Book.title).one()
    book.year = 1816
    getattr(safe_session, write)(book)
    del book.year
    assert book.get_dirty_ops() == {"$unset": {"year": True}}
    getattr(safe_session, write)(book)

    assert stored_book(books) == {key: value for key, value in FULL.items() if key != "year"}


@pytest.mark.parametrize("write", ["save", "update"])
def test_a_computed_field_without_its_dependencies_is_left_alone(safe_session, database, write):
    """What cannot be computed cannot have changed: other fields are stored all the same."""

    class Doubled(Document):
        config_namespace = "tests.partial_documents"
        half = IntField()
        other = IntField(required=False)

        @computed_field(IntField(), deps=["half"])
        def whole(obj):
            return obj["half"] * 2

    safe_session.save(Doubled(half=2, other=1))
    doubled = safe_session.query(Doubled).fields(Doubled.whole, Doubled.other).one()
    doubled.other = 5
    getattr(safe_session, write)(doubled)

    found = database["Doubled"].find_one({}, {"_id": False})
    assert found == {"half": 2, "other": 5, "whole": 4}


def test_a_saved_partial_document_stays_partial(safe_session, books):
    """What was not retrieved is not known after a save, either."""
    book = safe_session.query(Book).fields(Book.title).one()
    book.title = "Persuasion"
    safe_session.save(book)

    with pytest.raises(FieldNotRetrieved):
        _ = book.year
    assert book.get_dirty_ops() == {}


def test_updating_a_partial_document(safe_session, books, commands):
    """`update` sends only fields that were retrieved or set."""
    book = safe_session.query(Book).fields(Book.title).one()
    book.title = "Persuasion"
    safe_session.update(book)

    event = [event for event in commands.started if event.command_name == "update"][-1]
    assert plain(event.command["updates"][0]["u"]) == {"$set": {"title": "Persuasion"}}
    assert stored_book(books) == {**FULL, "title": "Persuasion"}


def test_an_excluded_field_is_not_erased(safe_session, books):
    """A field that was excluded from the load stays in the database."""
    book = safe_session.query(Book).fields(Book.pages.exclude()).one()
    book.title = "Persuasion"
    safe_session.save(book)

    assert stored_book(books) == {**FULL, "title": "Persuasion"}


def test_saving_a_partial_document_that_was_removed_creates_nothing(safe_session, books):
    """A part of a document does not become a document."""
    book = safe_session.query(Book).fields(Book.title).one()
    books.delete_many({})
    book.title = "Persuasion"
    with pytest.raises(StaleDocumentException):
        safe_session.save(book)

    assert books.count_documents({}) == 0


def test_users_of_tests_models_can_be_partial(safe_session, database):
    """Nested and renamed fields are stored under their stored names."""
    safe_session.save(
        models.User(name="ada", nick="a", age=1, address=models.Address(city="London", zip="W1"))
    )
    user = safe_session.query(models.User).fields(models.User.nick, models.User.address.zip).one()
    user.nick, user.address.zip = "b", "E1"
    safe_session.save(user)

    (found,) = database["users"].find({}, {"_id": False})
    assert found == {
        "name": "ada",
        "n": "b",
        "age": 1,
        "address": {"city": "London", "z": "E1"},
    }


# -- embedded documents ---------------------------------------------------------------------------


@pytest.mark.parametrize("write", ["save", "update"])
def test_changing_a_partial_embedded_document_erases_nothing(session, users, write):
    """Only what was set inside is written, by its dotted name."""
    user = partial(session, User.address.city)
    user.address.city = "Jakarta"
    getattr(session, write)(user)

    assert stored(users) == {**STORED, "address": {"c": "Jakarta", "zip": "1", "kind": "work"}}


def test_saving_an_unchanged_partial_embedded_document_erases_nothing(session, users):
    """A save of the parent leaves what was not retrieved inside."""
    user = partial(session, User.name, User.address.city)
    user.name = "eva"
    session.save(user)

    assert stored(users) == {**STORED, "n": "eva"}


def test_replacing_a_partial_embedded_document_sets_it_whole(session, users):
    """An assigned embedded document is whole, so nothing of the old one stays."""
    user = partial(session, User.address.city)
    user.address = Place(city="Jakarta")
    session.update(user)

    assert stored(users)["address"] == {"c": "Jakarta", "kind": "home"}


def test_a_partial_embedded_document_is_saved_in_part(safe_session, books):
    """A projection below an embedded document erases nothing beside it."""
    book = safe_session.query(Book).fields(Book.title, Book.cover.number).one()
    with pytest.raises(FieldNotRetrieved):
        _ = book.cover.text
    book.cover.number = 9
    safe_session.save(book)

    assert stored_book(books) == {**FULL, "cover": {"number": 9, "text": "c"}}


# -- lists that were loaded in part ---------------------------------------------------------------


PARTS = pytest.mark.parametrize(
    "part",
    [
        lambda: User.addresses.city,
        lambda: User.addresses.elem_match({"city": "y"}),
        lambda: User.addresses.elem_match(Place.city == "y"),
    ],
    ids=["below", "elem_match dict", "elem_match expression"],
)
WRITES = pytest.mark.parametrize("write", ["save", "update", "add"])


@PARTS
@WRITES
def test_a_list_that_was_loaded_in_part_is_left_alone(session, users, part, write):
    """Writing something else never writes the part over the whole."""
    user = partial(session, User.name, part())
    user.name = "eva"
    assert user.addresses
    getattr(session, write)(user)
    session.flush()

    assert stored(users) == {**STORED, "n": "eva"}


@PARTS
@WRITES
def test_a_list_that_was_loaded_in_part_cannot_be_changed_in_place(session, users, part, write):
    """What would be written is not the whole list: refused, with nothing queued or written."""
    user = partial(session, User.name, part())
    user.name = "eva"
    user.addresses.append(Place(city="z"))

    with pytest.raises(FieldNotRetrieved, match="addresses"):
        getattr(session, write)(user)
    assert session.queue == []
    assert stored(users) == STORED


@PARTS
@WRITES
def test_an_item_of_a_list_that_was_loaded_in_part_cannot_be_changed(session, users, part, write):
    """A change inside one of the items is one of the list."""
    user = partial(session, User.name, part())
    user.addresses[0].city = "changed"

    with pytest.raises(FieldNotRetrieved, match="addresses"):
        getattr(session, write)(user)
    assert stored(users) == STORED


@PARTS
@WRITES
def test_a_list_that_was_loaded_in_part_can_be_replaced(session, users, part, write):
    """Another list, assigned, is whole."""
    user = partial(session, User.name, part())
    user.addresses = [Place(city="z")]
    getattr(session, write)(user)
    session.flush()

    assert stored(users) == {**STORED, "addresses": [{"c": "z", "kind": "home"}]}


@pytest.mark.parametrize("write", ["add", "save", "update"])
def test_a_list_loaded_in_part_and_changed_in_place_is_refused(safe_session, books, write):
    """The rest of the list is not known, so a change in place cannot be stored."""
    book = safe_session.query(Book).fields(Book.title, Book.pages.elem_match({"number": 2})).one()
    assert [page.number for page in book.pages] == [2]
    book.pages.append(Page(number=3))
    with pytest.raises(FieldNotRetrieved, match="pages"):
        getattr(safe_session, write)(book)

    assert safe_session.queue == []
    assert stored_book(books) == FULL


def test_a_list_loaded_in_part_is_left_alone(safe_session, books):
    """Saving other fields does not shorten the stored list."""
    book = safe_session.query(Book).fields(Book.title, Book.pages.elem_match({"number": 2})).one()
    book.title = "Persuasion"
    safe_session.save(book)

    assert stored_book(books) == {**FULL, "title": "Persuasion"}


def test_a_list_loaded_in_part_can_be_replaced(safe_session, books):
    """Another list assigned to the field replaces the whole stored one."""
    book = safe_session.query(Book).fields(Book.title, Book.pages.elem_match({"number": 2})).one()
    book.pages = [Page(number=7)]
    safe_session.save(book)

    assert stored_book(books)["pages"] == [{"number": 7}]


# -- the id ---------------------------------------------------------------------------------------


def test_a_partial_document_whose_id_was_excluded_cannot_be_removed(session, users):
    """Without the id nobody knows what to remove."""
    user = session.query(User).fields(User.name, User.mongo_id.exclude()).one()

    with pytest.raises(FieldNotRetrieved):
        session.remove(user)
    assert users.count_documents({}) == 1


def test_a_partial_document_can_be_removed_by_its_id(session, users):
    """The id is retrieved without being asked for, so removal works."""
    session.remove(partial(session, User.name))

    assert users.count_documents({}) == 0


def test_a_declared_id_is_loaded_without_being_asked_for(session, database):
    """A class with an id field of its own has it in every partial load."""

    class Country(Document):
        code = StringField(_id=True)
        name = StringField()
        size = IntField(required=False)

    database["Country"].insert_one({"_id": "ID", "name": "Indonesia", "size": 3})
    country = session.query(Country).fields(Country.name).one()
    assert country.code == "ID"

    country.name = "x"
    session.save(country)
    assert database["Country"].find_one() == {"_id": "ID", "name": "x", "size": 3}


def test_an_automatic_id_is_not_made_up_for_a_partial_document(session, database):
    """An id that was excluded is not known: its default never stands in for it."""

    class Keyed(Document):
        key = ObjectIdField(_id=True, auto=True)
        name = StringField()

    database["Keyed"].insert_one({"name": "a"})
    keyed = session.query(Keyed).fields(Keyed.name, Keyed.key.exclude()).one()

    with pytest.raises(FieldNotRetrieved):
        _ = keyed.key
    keyed.name = "b"
    with pytest.raises((FieldNotRetrieved, InvalidUpdateException)):
        session.save(keyed)
    assert (
        database["Keyed"].count_documents({"name": "a"})
        == database["Keyed"].count_documents({})
        == 1
    )


@pytest.mark.parametrize("write", ["add", "save", "update"])
def test_a_partial_document_without_its_id_is_refused(safe_session, books, write):
    """Without the `_id` nobody knows what to write."""
    book = safe_session.query(Book).fields(Book.title, Book.mongo_id.exclude()).one()
    book.title = "Persuasion"
    with pytest.raises(FieldNotRetrieved):
        getattr(safe_session, write)(book)

    assert safe_session.queue == []
    assert stored_book(books) == FULL


# -- copies ---------------------------------------------------------------------------------------


@pytest.mark.usefixtures("users")
def test_a_copy_of_a_partial_document_saves_as_one(session, database):
    """A copy knows what was not retrieved, so its save erases nothing either."""
    for way in (copy.copy, copy.deepcopy):
        user = way(partial(session, User.name))
        user.name = way.__name__
        session.save(user)

        assert stored(database["User"]) == {**STORED, "n": way.__name__}


@pytest.mark.parametrize(
    "duplicate",
    [copy.copy, copy.deepcopy, lambda document: pickle.loads(pickle.dumps(document))],
    ids=["copy", "deepcopy", "pickle"],
)
def test_a_copy_of_a_partial_document_is_partial(safe_session, books, duplicate):
    """Saving a copy erases no more than saving the original would."""
    book = duplicate(safe_session.query(Book).fields(Book.title).one())
    book.title = "Persuasion"
    safe_session.save(book)

    assert stored_book(books) == {**FULL, "title": "Persuasion"}


def test_a_partial_document_made_by_hand_is_saved_in_part(safe_session, books):
    """A document constructed with `retrieved_fields` is partial, too."""
    given = books.find_one()["_id"]
    book = Book(retrieved_fields=[Book.mongo_id, Book.title], mongo_id=given, title="Persuasion")
    safe_session.save(book)

    assert stored_book(books) == {**FULL, "title": "Persuasion"}
