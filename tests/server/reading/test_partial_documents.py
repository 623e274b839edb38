"""Documents of which a query loaded only some fields: nothing else of them is ever written."""

from __future__ import annotations

import copy

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
)
from ommongo.document import FieldNotRetrieved
from ommongo.exceptions import InvalidUpdateException
from tests.helpers import bodies_of


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


@pytest.fixture
def users(database):
    """The collection, with one stored user."""
    database["User"].insert_one(STORED)
    return database["User"]


def stored(users):
    """Give what the server holds."""
    return users.find_one({"_id": STORED["_id"]})


def partial(session, *fields):
    """Load the user with *fields* only."""
    return session.query(User).fields(*fields).one()


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


def test_a_field_that_was_set_can_be_read_and_others_still_raise(session, users):
    """Setting one field makes only that one known."""
    user = partial(session, User.name)
    user.theme = "x"

    assert user.theme == "x"
    with pytest.raises(FieldNotRetrieved):
        _ = user.tags


def test_deleting_a_retrieved_field_takes_it_out(session, users):
    """A deletion is written by save and by update."""
    user = partial(session, User.age)
    del user.age
    session.save(user)

    assert "age" not in stored(users)


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


def test_partial_documents_are_never_held(database, make_session, users):
    """A partial document does not go into the identity map, nor come from it."""
    session = make_session(cache_size=10)
    user = partial(session, User.name)
    assert len(session.cache) == 0

    whole = session.query(User).one()
    assert whole is not user
    assert whole.theme == "light"
    assert partial(session, User.name) is not whole


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


@pytest.mark.usefixtures("users")
def test_a_copy_of_a_partial_document_saves_as_one(session, database):
    """A copy knows what was not retrieved, so its save erases nothing either."""
    for way in (copy.copy, copy.deepcopy):
        user = way(partial(session, User.name))
        user.name = way.__name__
        session.save(user)

        assert stored(database["User"]) == {**STORED, "n": way.__name__}
