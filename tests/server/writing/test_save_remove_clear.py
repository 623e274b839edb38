"""Saving, removing and clearing: which command is sent, and what the database holds after it."""

from __future__ import annotations

import pytest
from bson import ObjectId

from ommongo import Document, IntField, ObjectIdField, StringField
from ommongo.document import ExtraValueException, FieldNotRetrieved
from ommongo.exceptions import InvalidUpdateException
from tests.models import Account, Address, Note, User


class Auto(Document):
    config_namespace = "tests.session_saving"
    mongo_id = ObjectIdField(required=False, auto=True, db_field="_id", on_update="ignore")
    name = StringField()


class AutoKey(Document):
    config_namespace = "tests.session_saving"
    key = ObjectIdField(auto=True, _id=True)
    name = StringField()


class Loose(Document):
    config_namespace = "tests.session_saving"
    config_extra_fields = "ignore"
    name = StringField(required=False)


class Animal(Document):
    config_namespace = "tests.session_saving"
    config_collection_name = "animals"
    config_polymorphic = "kind"
    config_polymorphic_collection = True
    kind = StringField()


class Cat(Animal):
    config_polymorphic_identity = "cat"


class Dog(Animal):
    config_polymorphic_identity = "dog"


def writes(commands):
    """Give the names of the writing commands that were sent."""
    return commands.names("insert", "update", "delete", "findAndModify")


# -- insert or replacement ------------------------------------------------------------------


def test_a_new_document_is_inserted(session, commands):
    """A document whose `_id` came from the session goes by an insert."""
    session.save(User(name="ada"))

    assert writes(commands) == ["insert"]


@pytest.mark.parametrize("cls", [Auto, AutoKey])
def test_a_document_with_an_automatic_id_is_inserted(session, commands, cls):
    """An `_id` from `auto` is as good as one from the session."""
    document = cls(name="ada")
    session.save(document)

    assert writes(commands) == ["insert"]


@pytest.mark.parametrize("cls", [Auto, AutoKey])
def test_an_automatic_id_that_was_read_is_the_one_stored(session, database, commands, cls):
    """Reading an automatic id before saving neither changes it nor the kind of write."""
    document = cls(name="ada")
    given = document.key if cls is AutoKey else document.mongo_id
    session.save(document)

    assert database[cls.__name__].find_one()["_id"] == given
    assert writes(commands) == ["insert"]


def test_a_second_save_replaces(session, database, commands):
    """A stored document goes by a replacement of all of it."""
    user = User(name="ada", age=36, tags=["a"])
    session.save(user)
    user.age = 37
    del user.tags
    commands.clear()
    session.save(user)

    assert writes(commands) == ["update"]
    assert database["users"].find_one() == {"_id": user.mongo_id, "name": "ada", "age": 37}


def test_a_second_add_in_one_flush_replaces(session, commands):
    """While one write of a document is queued the next one is a replacement."""
    user = User(name="ada")
    session.add(user)
    session.add(user)
    session.flush()

    assert writes(commands) == ["insert", "update"]


def test_a_save_writes_the_whole_document(session, database):
    """A save puts back what another client changed or removed."""
    user = User(name="ada", age=36)
    session.save(user)
    database["users"].update_one({}, {"$set": {"age": 1, "other": 2}})
    session.save(user)

    assert database["users"].find_one() == {"_id": user.mongo_id, "name": "ada", "age": 36}


def test_a_save_of_an_unchanged_document_is_sent(session, commands):
    """`save` writes also when nothing changed."""
    user = User(name="ada")
    session.save(user)
    commands.clear()
    session.save(user)

    assert writes(commands) == ["update"]


def test_a_document_with_a_given_id_is_a_replacement_that_inserts(session, database, commands):
    """With an `_id` of the application's own nobody knows whether it is stored."""
    session.save(Note(key=1, body="a"))

    assert writes(commands) == ["update"]
    assert database["notes"].find_one() == {"_id": 1, "body": "a"}


def test_a_document_with_a_given_objectid_is_a_replacement_that_inserts(session, commands):
    """The same holds for an `ObjectId` that the application gave."""
    session.save(User(name="ada", mongo_id=ObjectId()))

    assert writes(commands) == ["update"]


def test_a_loaded_document_is_replaced(session, database, commands):
    """A loaded document goes by a replacement."""
    given = database["users"].insert_one({"name": "ada"}).inserted_id
    user = session.query(User).one()
    user.name = "bob"
    commands.clear()
    session.save(user)

    assert writes(commands) == ["update"]
    assert list(database["users"].find()) == [{"_id": given, "name": "bob"}]


def test_a_saved_document_is_clean(session):
    """Nothing is left to send after a save."""
    user = User(name="ada", tags=["a"], settings={"x": 1}, address=Address(city="London"))
    session.save(user)

    assert user.get_dirty_ops() == {}


def test_a_saved_document_loads_equal(session):
    """What comes back is what was saved, field by field."""
    user = User(
        name="ada",
        nick="countess",
        age=36,
        tags=["a", "b"],
        settings={"x": 1},
        address=Address(city="London", zip="W1"),
    )
    session.save(user)
    loaded = session.query(User).one()

    assert loaded == user
    assert loaded.wrap() == user.wrap()
    assert loaded.get_dirty_ops() == {}


def test_a_save_leaves_other_documents_alone(session, database):
    """Only the document itself is written."""
    session.save(User(name="ada"))
    session.save(User(name="bob"))
    bob = session.query(User).filter(User.name == "bob").one()
    bob.age = 5
    session.save(bob)

    assert [user.get("age") for user in database["users"].find().sort("name")] == [None, 5]


def test_extra_fields_are_saved_and_kept(session, database):
    """Where extra fields are ignored a save stores them back."""
    database["Loose"].insert_one({"_id": ObjectId(), "name": "ada", "more": [1, {"a": 2}]})
    loose = session.query(Loose).one()
    loose.name = "bob"
    session.save(loose)

    stored = database["Loose"].find_one()
    assert (stored["name"], stored["more"]) == ("bob", [1, {"a": 2}])


def test_an_unknown_stored_field_is_refused_on_loading(session, database):
    """A document that holds more than its class knows does not load, so no save can erase it."""
    database["users"].insert_one({"name": "ada", "more": 1})

    with pytest.raises(ExtraValueException, match="more"):
        session.query(User).one()


@pytest.mark.parametrize("name", ["$odd", "$other"])
def test_an_extra_field_that_begins_with_a_dollar_is_inserted(session, database, name):
    """An insert may store such a name (servers from 5.0), and loading gives it back."""
    loose = Loose(**{name: 1})
    session.save(loose)

    assert database["Loose"].find_one()[name] == 1
    assert session.query(Loose).one().get_extra_fields() == {name: 1}


def test_an_extra_field_that_begins_with_a_dollar_cannot_be_replaced(session, database):
    """A save that would have to replace such a document raises, and nothing is sent."""
    session.save(Loose(name="ada", **{"$odd": 1}))
    loose = session.query(Loose).one()
    loose.name = "bob"
    with pytest.raises(InvalidUpdateException, match=r"\$odd"):
        session.save(loose)

    assert database["Loose"].find_one()["name"] == "ada"
    assert session.queue == []


def test_an_extra_field_with_a_dot_is_saved_with_the_whole_document(session, database):
    """Such a name is loaded and saved, though no update can name it."""
    session.save(Loose(name="ada", **{"a.b": 1}))
    loose = session.query(Loose).one()
    assert loose.get_extra_fields() == {"a.b": 1}
    loose.get_extra_fields()["a.b"] = 2
    with pytest.raises(InvalidUpdateException, match=r"a\.b"):
        session.update(loose)
    session.save(loose)

    assert database["Loose"].find_one()["a.b"] == 2


# -- the id does not change -----------------------------------------------------------------


@pytest.mark.parametrize("method", ["add", "save", "update", "remove"])
@pytest.mark.parametrize("origin", ["saved", "loaded"])
def test_a_changed_id_is_refused(session, database, commands, method, origin):
    """A document that was stored or loaded cannot be written under another `_id`."""
    user = User(name="ada")
    session.save(user)
    if origin == "loaded":
        user = session.query(User).one()
    before = list(database["users"].find())
    user.mongo_id = ObjectId()
    user.age = 5
    commands.clear()
    with pytest.raises(InvalidUpdateException) as caught:
        getattr(session, method)(user)

    assert caught.value.document_class == "User"
    assert session.queue == []
    assert writes(commands) == []
    assert list(database["users"].find()) == before


@pytest.mark.parametrize("method", ["add", "save", "update", "remove"])
def test_a_changed_declared_id_is_refused(session, database, method):
    """The same holds for an id field that the class declares."""
    note = Note(key=1, body="a")
    session.save(note)
    note.key, note.body = 2, "b"
    with pytest.raises(InvalidUpdateException):
        getattr(session, method)(note)

    assert list(database["notes"].find()) == [{"_id": 1, "body": "a"}]


def test_a_deleted_id_is_refused(session, database):
    """A stored document whose `_id` was deleted would become a second one."""
    user = User(name="ada")
    session.save(user)
    del user.mongo_id
    with pytest.raises(InvalidUpdateException):
        session.save(user)

    assert database["users"].count_documents({}) == 1


def test_an_id_that_was_put_back_is_accepted(session, database):
    """What counts is the id at the time of the call."""
    user = User(name="ada")
    session.save(user)
    given = user.mongo_id
    user.mongo_id = ObjectId()
    user.mongo_id = given
    user.age = 5
    session.save(user)

    assert list(database["users"].find()) == [{"_id": given, "name": "ada", "age": 5}]


def test_an_equal_id_in_another_form_is_accepted(session, database):
    """The hex form of the id is the id."""
    user = User(name="ada")
    session.save(user)
    user.mongo_id = str(user.mongo_id)
    user.age = 5
    session.save(user)

    assert database["users"].count_documents({}) == 1
    assert database["users"].find_one()["age"] == 5


def test_update_by_an_expression_does_not_look_at_the_id(session, database):
    """With an `id_expression` a changed `_id` is nobody's business."""
    user = User(name="ada")
    session.save(user)
    user.mongo_id = ObjectId()
    user.age = 5
    session.update(user, User.name == "ada")

    assert database["users"].find_one()["age"] == 5


def test_the_id_of_a_document_that_was_never_stored_may_change(session, database):
    """Before the first write the application may choose another id."""
    first, second = ObjectId(), ObjectId()
    user = User(name="ada", mongo_id=first)
    user.mongo_id = second
    session.save(user)

    assert [stored["_id"] for stored in database["users"].find()] == [second]


# -- remove ---------------------------------------------------------------------------------


def test_remove_deletes_by_id(session, database):
    """Only the object's own document goes."""
    ada, bob = User(name="ada"), User(name="bob")
    session.save(ada)
    session.save(bob)
    session.remove(ada)

    assert [user["name"] for user in database["users"].find()] == ["bob"]


def test_remove_of_an_object_without_an_id_is_nothing(session, commands):
    """An object that was never stored gives `None`; nothing is queued or sent."""
    session.add(User(name="bob"))

    assert session.remove(User(name="ada")) is None
    assert len(session.queue) == 1
    assert commands.names() == []


def test_remove_of_a_partial_document_without_its_id_raises(session, database):
    """Without the id nobody knows what to remove."""
    session.save(User(name="ada"))
    partial = session.query(User).fields(User.name, User.mongo_id.exclude()).one()
    with pytest.raises(FieldNotRetrieved):
        session.remove(partial)

    assert session.queue == []
    assert database["users"].count_documents({}) == 1


def test_remove_of_a_partial_document_with_its_id(session, database):
    """A partial document can be removed when it knows its id."""
    session.save(User(name="ada", age=36))
    session.remove(session.query(User).fields(User.age).one())

    assert database["users"].count_documents({}) == 0


def test_remove_by_a_declared_id(session, database):
    """Documents with an id field of their own are removed by it."""
    note = Note(key="k")
    session.save(note)
    session.remove(note)

    assert database["notes"].count_documents({}) == 0


def test_remove_of_a_changed_object_removes_it(session, database):
    """Pending changes of other fields do not matter."""
    user = User(name="ada")
    session.save(user)
    user.name = "bob"
    session.remove(user)

    assert database["users"].count_documents({}) == 0


def test_remove_in_the_flush_of_its_add(session, database):
    """An object that was added and removed before the flush is not stored."""
    with session:
        user = User(name="ada")
        session.add(user)
        session.remove(user)

    assert database["users"].count_documents({}) == 0


# -- remove queries and clear_collection ----------------------------------------------------


def test_a_remove_query_deletes_all_matches(session, database):
    """Every document that matches goes, and no other."""
    for age in (1, 2, 3):
        session.add(User(name="ada", age=age))
    session.flush()
    session.remove_query(User).filter(User.age > 1).execute()

    assert [user["age"] for user in database["users"].find()] == [1]


def test_a_remove_query_stays_in_its_class(session, database):
    """In a shared collection a removal of one class leaves the others."""
    session.save(Cat(kind="cat"))
    session.save(Dog(kind="dog"))
    session.remove_query(Cat).execute()

    assert [animal["kind"] for animal in database["animals"].find()] == ["dog"]


def test_clear_collection_empties_each(session, database):
    """All documents of all given classes go, and no others."""
    session.save(User(name="ada"))
    session.save(Note(key=1))
    session.save(Account(email="ada@example.org"))
    session.clear_collection(User, Note)

    assert database["users"].count_documents({}) == 0
    assert database["notes"].count_documents({}) == 0
    assert database["accounts"].count_documents({}) == 1


def test_clear_collection_clears_the_whole_shared_collection(session, database):
    """Where several classes share a collection all of it is cleared."""
    session.save(Cat(kind="cat"))
    session.save(Dog(kind="dog"))
    session.clear_collection(Cat)

    assert database["animals"].count_documents({}) == 0


def test_clear_collection_keeps_indexes(session, database):
    """Documents go, indexes stay."""
    session.save(Account(email="ada@example.org"))
    session.clear_collection(Account)

    assert "email_1" in database["accounts"].index_information()


def test_clear_collection_of_nothing_sends_nothing(session, commands):
    """Without a class there is nothing to clear."""
    session.clear_collection()

    assert writes(commands) == []


def test_clear_collection_keeps_its_place_in_the_queue(session, database):
    """What was queued before it is cleared, what comes after it stays."""
    with session:
        session.add(User(name="before"))
        session.clear_collection(User)
        session.add(User(name="after"))

    assert [user["name"] for user in database["users"].find()] == ["after"]


def test_a_document_of_a_cleared_collection_can_be_saved_again(session, database):
    """An object whose document was cleared is stored by its next save."""
    user = User(name="ada")
    session.save(user)
    session.clear_collection(User)
    session.save(user)

    assert database["users"].count_documents({}) == 1


class Counted(Document):
    config_namespace = "tests.session_saving"
    number = IntField(_id=True)
    name = StringField(required=False)


def test_documents_with_their_own_id_are_saved_updated_refreshed_and_removed(session, database):
    """A declared id field serves for everything."""
    document = Counted(number=1, name="ada")
    session.save(document)
    document.name = "bob"
    session.update(document)
    assert database["Counted"].find_one() == {"_id": 1, "name": "bob"}
    assert session.refresh(document).name == "bob"
    session.remove(document)

    assert database["Counted"].count_documents({}) == 0
