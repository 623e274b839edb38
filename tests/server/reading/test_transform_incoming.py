"""transform_incoming: stored data of an older form, rewritten on loading and then stored."""

from __future__ import annotations

import pytest
from bson import ObjectId

from ommongo import Document, DocumentField, IntField, ListField, StringField
from ommongo.document import ExtraValueException
from tests.helpers import bodies_of


class Place(Document):
    """An embedded class with a hook of its own: zip codes were numbers once."""

    city = StringField()
    zip = StringField(required=False)

    @classmethod
    def transform_incoming(cls, obj, session):
        if isinstance(obj.get("zip"), int):
            obj["zip"] = f"{obj['zip']:05}"
        return obj


class User(Document):
    """A class that once had ``first`` and ``last``, and a single phone number."""

    config_collection_name = "migrated_users"

    name = StringField(db_field="n")
    phones = ListField(StringField(), default_empty=True)
    visits = IntField(required=False)
    place = DocumentField(Place, required=False)
    places = ListField(DocumentField(Place), required=False)

    seen = []

    @classmethod
    def transform_incoming(cls, obj, session):
        cls.seen.append(session)
        if "first" in obj:
            obj["n"] = f"{obj.pop('first')} {obj.pop('last')}"
        if "phone" in obj:
            obj["phones"] = [obj.pop("phone")]
        return obj


OLD = {
    "_id": ObjectId("0123456789abcdef01234567"),
    "first": "Ada",
    "last": "Lovelace",
    "phone": "1",
    "visits": 3,
}
NEW = {"_id": OLD["_id"], "n": "Ada Lovelace", "phones": ["1"], "visits": 3}


@pytest.fixture
def users(database):
    """The collection, with one user in the old form."""
    database["migrated_users"].insert_one(OLD)
    return database["migrated_users"]


def test_old_data_is_loaded_in_the_new_form(session, users):
    """The object has what the hook made of the stored data."""
    user = session.query(User).one()

    assert (user.name, user.phones, user.visits) == ("Ada Lovelace", ["1"], 3)


def test_the_hook_is_given_the_session(session, users):
    """The hook may ask the session that loads."""
    User.seen.clear()
    session.query(User).one()

    assert User.seen == [session]


def test_loading_alone_stores_nothing(session, users, commands):
    """The stored data stays old until the object is written."""
    session.query(User).one()

    assert commands.names("update", "insert") == []
    assert users.find_one() == OLD


def test_the_next_update_stores_what_the_hook_changed(session, users, commands):
    """An update sets the new names, unsets the old ones, and names nothing else."""
    user = session.query(User).one()
    session.update(user)

    (update,) = bodies_of(commands, "update")
    ops = update["updates"][0]["u"]
    assert ops["$set"] == {"n": "Ada Lovelace", "phones": ["1"]}
    assert set(ops["$unset"]) == {"first", "last", "phone"}
    assert users.find_one() == NEW


def test_the_next_save_stores_the_new_form(session, users):
    """A save replaces the old document, so nothing old is left."""
    session.save(session.query(User).one())

    assert users.find_one() == NEW


@pytest.mark.parametrize("write", ["update", "save"])
def test_a_migrated_document_is_clean_after_it_was_written(session, users, commands, write):
    """The migration is stored once."""
    user = session.query(User).one()
    getattr(session, write)(user)
    commands.clear()

    assert user.get_dirty_ops() == {}
    assert session.update(user) is None
    assert commands.names() == []


def test_a_migrated_document_is_loaded_clean_the_next_time(session, users, commands):
    """What was migrated and stored needs no second migration."""
    session.update(session.query(User).one())
    user = session.query(User).one()
    commands.clear()

    assert session.update(user) is None
    assert commands.names() == []


def test_other_changes_go_along(session, users):
    """What the application changes is stored together with the migration."""
    user = session.query(User).one()
    user.visits = 4
    user.phones.append("2")
    session.update(user)

    assert users.find_one() == {**NEW, "visits": 4, "phones": ["1", "2"]}


def test_changing_a_migrated_value_back_to_what_was_stored_is_no_change_of_it(session, users):
    """What counts is the difference between the stored document and the object."""
    users.delete_many({})
    users.insert_one({"n": "a", "phones": ["1"], "visits": 3})
    user = session.query(User).one()

    assert user.get_dirty_ops() == {}


def test_a_migration_that_is_not_finished_is_refused(session, users):
    """What the hook leaves is judged as stored data is: an old name left there is unknown."""
    users.update_one({}, {"$set": {"nickname": "x"}})

    with pytest.raises(ExtraValueException, match="nickname"):
        session.query(User).one()


def test_the_hook_of_an_embedded_document_is_asked(session, users):
    """An embedded document is migrated by its own class; what changed is stored."""
    users.delete_many({})
    users.insert_one({"n": "a", "phones": [], "place": {"city": "x", "zip": 123}})
    user = session.query(User).one()
    assert user.place.zip == "00123"
    session.update(user)

    assert users.find_one()["place"] == {"city": "x", "zip": "00123"}
    assert user.get_dirty_ops() == {}


def test_the_hook_of_embedded_documents_in_a_list_is_asked(session, users):
    """So are the items of a list, also when only one of them is old."""
    users.delete_many({})
    places = [{"city": "x", "zip": "1"}, {"city": "y", "zip": 2}]
    users.insert_one({"n": "a", "phones": [], "places": places})
    user = session.query(User).one()
    assert [place.zip for place in user.places] == ["1", "00002"]
    session.update(user)

    assert users.find_one()["places"] == [{"city": "x", "zip": "1"}, {"city": "y", "zip": "00002"}]


def test_the_hook_runs_for_documents_from_references(session, users):
    """Documents that are loaded in other ways are migrated too."""
    user = session.dereference(User(mongo_id=OLD["_id"]).to_ref())

    assert user.name == "Ada Lovelace"
    assert session.refresh(user).phones == ["1"]


def test_the_hook_of_a_subclass_sees_its_own_data(session, database):
    """In a shared collection each class migrates its own objects."""

    class Animal(Document):
        config_collection_name = "animals"
        config_polymorphic = "kind"
        config_polymorphic_identity = "animal"
        config_polymorphic_collection = True
        kind = StringField()
        legs = IntField(default=4)

    class Bird(Animal):
        config_polymorphic_identity = "bird"

        @classmethod
        def transform_incoming(cls, obj, session):
            obj["legs"] = 2
            return obj

    database["animals"].insert_many([{"kind": "animal", "legs": 4}, {"kind": "bird", "legs": 4}])

    assert {type(a): a.legs for a in session.query(Animal)} == {Animal: 4, Bird: 2}


def test_a_partial_document_is_migrated_without_losing_what_was_not_retrieved(session, users):
    """The hook of a partial document sees what was loaded; nothing else is unset."""
    users.update_one({}, {"$set": {"n": "kept"}, "$unset": {"first": "", "last": ""}})
    user = session.query(User).fields(User.visits).one()
    user.visits = 4
    session.update(user)

    after = users.find_one()
    assert (after["visits"], after["n"], after["phone"]) == (4, "kept", "1")


def test_raw_results_are_not_migrated(session, users):
    """Raw output is what is stored."""
    assert session.query(User).raw_output().one() == OLD
