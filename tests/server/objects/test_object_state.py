"""What a session knows of its objects, and what it can be told about them."""

from __future__ import annotations

import pytest
from bson import ObjectId

from ommongo import Document, StringField
from ommongo.exceptions import (
    BadResultException,
    BadValueException,
    FieldNotFoundException,
    FieldNotRetrieved,
)
from tests.models import Account, Address, Book, Counter, Note, User
from tests.models import Page as BookPage


class Animal(Document):
    config_namespace = "tests.object_state"
    config_collection_name = "animals"
    config_polymorphic = "kind"
    config_polymorphic_collection = True

    kind = StringField(required=False)
    name = StringField()


class Cat(Animal):
    config_polymorphic_identity = "cat"


class Renamed(Document):
    """A document whose stored form is migrated when it is loaded."""

    config_namespace = "tests.object_state"
    config_collection_name = "renamed"

    name = StringField()

    @classmethod
    def transform_incoming(cls, obj, session):
        if "old_name" in obj:
            obj["name"] = obj.pop("old_name")
        return obj


@pytest.fixture
def session(make_session):
    """A safe session that holds every object."""
    return make_session(safe=True, cache_size=None)


def only(documents, *expected):
    """Tell whether a list holds exactly these objects, in this order."""
    return [id(document) for document in documents] == [id(document) for document in expected]


# -- dirty ---------------------------------------------------------------------------------------


def test_nothing_is_dirty_in_a_new_session(session):
    """A session that knows no object has no dirty ones."""
    assert session.dirty == []


def test_changed_objects_are_dirty(session):
    """Held objects that differ from what is stored are dirty, the others are not."""
    ada, bob = User(name="ada", tags=["a"]), User(name="bob")
    session.save(ada)
    session.save(bob)
    assert session.dirty == []
    ada.tags.append("b")

    assert only(session.dirty, ada)
    ada.tags.pop()
    assert session.dirty == []


@pytest.mark.parametrize(
    "change",
    [
        lambda user: setattr(user, "age", 5),
        lambda user: delattr(user, "nick"),
        lambda user: user.settings.update(x=2),
        lambda user: setattr(user.address, "city", "Paris"),
        lambda user: setattr(user, "hits", 5),
    ],
    ids=["assigned", "deleted", "in_place", "embedded", "increment"],
)
def test_every_kind_of_change_is_seen(session, change):
    """What an update would send makes an object dirty."""
    user = User(name="ada", nick="n", settings={"x": 1}, address=Address(city="London"), hits=1)
    session.save(user)
    session.clear_cache()
    (loaded,) = session.query(User)
    change(loaded)

    assert only(session.dirty, loaded)


def test_a_pending_object_is_dirty_when_it_was_changed_since(session):
    """What is queued is on its way; what changed after that is not."""
    user = User(name="ada")
    session.add(user)
    assert session.dirty == []
    user.age = 5
    assert only(session.dirty, user)
    session.add(user)

    assert session.dirty == []


def test_after_a_failed_flush_what_is_added_again_can_be_told(session, database):
    """A document that could not be stored is dirty, but no longer one of the session's."""
    session.save(Account(email="taken"))
    account = Account(email="taken")
    session.add(account)
    with pytest.raises(Exception, match="E11000"):
        session.flush()

    assert account not in session
    assert session.dirty == []
    assert account.get_dirty_ops() != {}


def test_what_goes_along_with_a_change_is_none(session):
    """A time of modification alone does not make an object dirty."""
    session.save(Counter(name="a"))
    session.clear_cache()
    (counter,) = session.query(Counter)
    counter.get_dirty_ops()

    assert session.dirty == []


def test_an_object_that_cannot_be_stored_is_dirty(session):
    """It differs from what is stored, whatever a save would say of it."""
    user = User(name="ada", tags=["a"])
    session.save(user)
    user.tags.append(5)

    assert only(session.dirty, user)
    with pytest.raises(BadValueException):
        session.save(user)


def test_a_migrated_object_is_dirty(session, database):
    """What a hook changed on loading is still to be stored."""
    database["renamed"].insert_one({"old_name": "ada"})
    renamed = session.query(Renamed).one()

    assert only(session.dirty, renamed)
    session.update(renamed)
    assert session.dirty == []


def test_saving_what_is_dirty_leaves_nothing_dirty(session, database):
    """`for document in session.dirty: session.save(document)` stores every change."""
    users = [User(name=name) for name in "abc"]
    for user in users:
        session.save(user)
    for user in users[:2]:
        user.age = 5
    with session:
        for document in session.dirty:
            session.save(document)

    assert [user.get("age") for user in database["users"].find()] == [5, 5, None]


def test_without_an_identity_map_only_what_is_pending_is_known(make_session):
    """A session that holds no objects cannot know that they changed."""
    session = make_session()
    stored, pending = User(name="stored"), User(name="pending")
    session.save(stored)
    stored.age = 5
    session.add(pending)
    pending.age = 5

    assert only(session.dirty, pending)


def test_dirty_is_a_list_of_the_callers_own(session):
    """What is done to it does nothing to the session."""
    user = User(name="ada")
    session.add(user)
    session.dirty.clear()
    session.pending.clear()

    assert only(session.pending, user)


# -- pending -------------------------------------------------------------------------------------


def test_pending_objects_are_those_in_the_queue(session):
    """Each is there once, in the order in which it came into the queue."""
    ada, bob, gone = User(name="ada"), User(name="bob"), User(name="gone")
    session.save(gone)
    with session:
        session.save(ada)
        session.save(bob)
        ada.age = 5
        session.update(ada)
        session.remove(gone)
        session.query(User).set(age=1).execute()
        assert only(session.pending, ada, bob, gone)

    assert session.pending == []


def test_equal_objects_are_pending_each(session):
    """Two copies of one document are two objects."""
    user = User(name="ada")
    session.save(user)
    copy = session.refresh(user)
    with session:
        session.save(user)
        session.save(copy)
        assert only(session.pending, user, copy)


def test_a_dropped_object_is_not_pending(session):
    """What a failed block queued is pending no more."""
    with pytest.raises(KeyError):
        with session:
            session.save(User(name="ada"))
            raise KeyError

    assert session.pending == []


# -- in ------------------------------------------------------------------------------------------


def test_held_and_pending_objects_are_in_the_session(make_session):
    """With and without an identity map."""
    holding, forgetting = make_session(cache_size=None), make_session()
    for session, held in ((holding, True), (forgetting, False)):
        user = User(name="ada")
        assert user not in session
        session.add(user)
        assert user in session
        session.flush()
        assert (user in session) is held


def test_a_copy_of_a_held_object_is_not_in_the_session(session):
    """It is the object that counts, not whether it is equal."""
    user = User(name="ada")
    session.save(user)
    copy = session.refresh(user)

    assert copy == user
    assert user in session
    assert copy not in session


def test_a_removed_object_is_not_in_the_session(session):
    """Until its removal is sent it is pending."""
    user = User(name="ada")
    session.save(user)
    with session:
        session.remove(user)
        assert user in session

    assert user not in session


@pytest.mark.parametrize("other", [None, 5, "ada", User, {"name": "ada"}, User(name="unsaved")])
def test_anything_else_is_not_in_the_session(session, other):
    """Asking is no error, whatever is asked for."""
    session.save(User(name="ada"))

    assert other not in session


# -- expunge -------------------------------------------------------------------------------------


def test_an_expunged_object_is_the_sessions_no_more(session, commands):
    """It is neither held nor bound, nothing is sent, and it can go to another session."""
    user = User(name="ada")
    session.save(user)
    commands.clear()
    session.expunge(user)

    assert user not in session
    assert user._get_session() is None
    assert commands.names() == []
    assert session.query(User).one() is not user


def test_what_was_queued_of_an_expunged_object_is_dropped(session, database):
    """It is dirty again, and the others are sent as they were queued."""
    ada, bob = User(name="ada"), User(name="bob")
    session.add(ada)
    session.add(bob)
    ada.age = 5
    session.add(ada)
    session.expunge(ada)
    assert only(session.pending, bob)
    assert ada.get_dirty_ops() == {"$set": {"name": "ada", "age": 5}}
    session.flush()

    assert [user["name"] for user in database["users"].find()] == ["bob"]


def test_an_expunged_object_can_be_saved_again(session, make_session, database):
    """By this session or another, it is stored once."""
    user = User(name="ada")
    session.add(user)
    session.expunge(user)
    other = make_session(safe=True)
    other.save(user)
    user.age = 5
    session.save(user)

    assert database["users"].count_documents({"age": 5}) == 1
    assert user in session


def test_an_expunged_change_is_dirty_still(session, database):
    """A queued update that was dropped is to be sent."""
    user = User(name="ada", hits=10)
    session.save(user)
    with session:
        user.hits = 5
        session.update(user)
        session.expunge(user)
    assert user.get_dirty_ops() == {"$inc": {"hits": 5}}
    session.update(user)

    assert database["users"].find_one()["hits"] == 15


def test_expunging_a_copy_leaves_the_held_object(session):
    """The object that is held under the same id is another one."""
    user = User(name="ada")
    session.save(user)
    session.expunge(session.refresh(user))

    assert user in session
    assert session.query(User).one() is user


def test_an_object_that_the_session_does_not_know_can_be_expunged(session):
    """It is bound to no session afterwards, whatever it was before."""
    unknown, partial = User(name="new"), User(retrieved_fields=["age"])
    session.expunge(unknown)
    session.expunge(partial)

    assert unknown._get_session() is None


def test_only_a_document_can_be_expunged(session):
    """Anything else is refused."""
    with pytest.raises(TypeError):
        session.expunge("ada")


# -- reload --------------------------------------------------------------------------------------


def test_reload_takes_over_what_is_stored(session, database):
    """In place: the object is the same, its values and its state are those of the database."""
    user = User(name="ada", age=1, nick="n", tags=["a"], address=Address(city="London"))
    session.save(user)
    user.age, user.tags, user.hits = 2, ["b"], 5
    user.address.city = "Paris"
    database["users"].update_one(
        {}, {"$set": {"name": "eve", "address.z": "1"}, "$unset": {"n": True}}
    )

    assert session.reload(user) is None
    assert (user.name, user.age, user.tags) == ("eve", 1, ["a"])
    assert (user.address.city, user.address.zip) == ("London", "1")
    assert not hasattr(user, "nick")
    assert not hasattr(user, "hits")
    assert user.get_dirty_ops() == {}
    assert user in session


def test_a_reloaded_object_can_be_changed_and_stored(session, database):
    """What is dirty afterwards is what differs from what was reloaded."""
    user = User(name="ada", age=1, tags=["a"])
    session.save(user)
    database["users"].update_one({}, {"$set": {"tags": ["x"]}})
    session.reload(user)
    user.tags.append("y")

    assert user.get_dirty_ops() == {"$set": {"tags": ["x", "y"]}}
    session.update(user)
    assert database["users"].find_one()["tags"] == ["x", "y"]


def test_reload_of_some_fields_leaves_the_others(session, database):
    """Only the named ones are taken over; other unsaved changes stay."""
    user = User(name="ada", age=1, nick="n", tags=["a"])
    session.save(user)
    user.age, user.name = 2, "mine"
    user.tags.append("b")
    database["users"].update_one({}, {"$set": {"age": 7, "n": "theirs"}})
    session.reload(user, "age", User.tags)

    assert (user.age, user.tags) == (7, ["a"])
    assert (user.name, user.nick) == ("mine", "n")
    assert user.get_dirty_ops() == {"$set": {"name": "mine"}}


def test_reload_of_a_field_that_is_not_stored_unsets_it(session, database):
    """What is gone in the database is gone in the object, and nothing is sent for it."""
    user = User(name="ada", age=1)
    session.save(user)
    user.nick = "n"
    database["users"].update_one({}, {"$unset": {"age": True}})
    session.reload(user, "age", "nick")

    assert not hasattr(user, "age")
    assert not hasattr(user, "nick")
    assert user.get_dirty_ops() == {}


def test_reload_of_an_embedded_document_takes_it_over_whole(session, database):
    """Changes inside it are lost, and later ones are found."""
    user = User(name="ada", address=Address(city="London"))
    session.save(user)
    user.address.city = "Paris"
    database["users"].update_one({}, {"$set": {"address.city": "Rome"}})
    session.reload(user, "address")
    assert user.address.city == "Rome"
    assert user.get_dirty_ops() == {}
    user.address.zip = "1"

    assert user.get_dirty_ops() == {"$set": {"address.z": "1"}}


def test_reload_of_a_list_of_embedded_documents(session, database):
    """What was changed inside is lost."""
    book = Book(title="Emma", pages=[BookPage(number=1)])
    session.save(book)
    book.pages[0].number = 2
    session.reload(book, Book.pages)

    assert book.pages[0].number == 1
    assert book.get_dirty_ops() == {}


@pytest.mark.parametrize("name", ["address.city", User.address.city, "address.nothing"])
def test_reload_takes_whole_fields_of_the_document_only(session, name):
    """A name that leads into a field is refused, and nothing is lost."""
    user = User(name="ada", address=Address(city="London"))
    session.save(user)
    user.address.city = "Paris"
    with pytest.raises(FieldNotFoundException):
        session.reload(user, name)

    assert user.address.city == "Paris"
    assert user.get_dirty_ops() == {"$set": {"address.city": "Paris"}}


@pytest.mark.parametrize("name", ["nothing", "config_namespace", Account.email, 5, None])
def test_reload_of_what_is_no_field_is_refused(session, commands, name):
    """Also a field of another class; nothing is asked for, and nothing is lost."""
    user = User(name="ada")
    session.save(user)
    user.age = 5
    commands.clear()
    with pytest.raises(FieldNotFoundException):
        session.reload(user, "age", name)

    assert commands.names() == []
    assert user.get_dirty_ops() == {"$set": {"age": 5}}


def test_a_partial_document_is_reloaded_whole(session, database):
    """Without names everything is loaded."""
    session.save(User(name="ada", age=1))
    partial = session.query(User).fields(User.age).one()
    partial.age = 5
    session.reload(partial)

    assert (partial.name, partial.age) == ("ada", 1)
    assert partial.get_dirty_ops() == {}
    partial.nick = "n"
    session.save(partial)
    assert database["users"].find_one() == {
        "_id": partial.mongo_id,
        "name": "ada",
        "age": 1,
        "n": "n",
    }


def test_a_partial_document_gets_the_named_fields(session):
    """What was not retrieved can be loaded later; the rest stays unretrieved."""
    session.save(User(name="ada", age=1))
    partial = session.query(User).fields(User.age).one()
    session.reload(partial, "name")

    assert (partial.name, partial.age) == ("ada", 1)
    with pytest.raises(FieldNotRetrieved):
        partial.nick
    assert partial.get_dirty_ops() == {}


def test_a_field_of_unknown_outcome_can_be_reloaded(session, database, fail_command):
    """After a lost connection the database is asked what became of an increment."""
    user = User(name="ada", hits=10)
    session.save(user)
    user.hits, user.nick = 5, "n"
    with fail_command("update", closeConnection=True):
        with pytest.raises(Exception, match="closed"):
            session.update(user)
    session.reload(user, "hits")
    assert user.hits == 10
    user.hits = 5
    session.update(user)

    assert database["users"].find_one()["hits"] == user.hits == 15


def test_reload_flushes_what_is_pending_first(session, database):
    """Outside a block a read sees what is pending, and the object is what was stored by that."""
    user = User(name="ada")
    session.add(user)
    session.reload(user)

    assert database["users"].count_documents({}) == 1
    assert session.pending == []


def test_reload_binds_what_is_embedded(session):
    """References inside what was reloaded can be followed."""
    user = User(name="ada", address=Address(city="London"))
    session.save(user)
    session.reload(user)

    assert user.address._get_session() is session


def test_reload_of_what_is_gone_is_an_error(session, database):
    """The object keeps what it has."""
    user = User(name="ada", age=1)
    session.save(user)
    database["users"].delete_many({})
    user.age = 5
    with pytest.raises(BadResultException, match="User"):
        session.reload(user)

    assert user.age == 5


def test_reload_of_what_was_never_stored_is_an_error(session):
    """A document without an `_id` is in no database."""
    with pytest.raises(BadResultException):
        session.reload(User(name="ada"))


def test_reload_without_a_retrieved_id_is_refused(session):
    """It cannot be told which document is meant."""
    session.save(User(name="ada"))
    partial = session.query(User).fields(User.name, User.mongo_id.exclude()).one()
    with pytest.raises(FieldNotRetrieved):
        session.reload(partial)


def test_only_a_document_can_be_reloaded(session):
    """Anything else is refused."""
    with pytest.raises(TypeError):
        session.reload({"name": "ada"})


def test_a_reloaded_migrated_document_is_dirty(session, database):
    """What a hook changes on loading is a change here, too."""
    database["renamed"].insert_one({"_id": ObjectId(), "old_name": "ada"})
    renamed = session.query(Renamed).one()
    renamed.name = "mine"
    session.reload(renamed)
    assert renamed.name == "ada"
    session.update(renamed)

    assert "old_name" not in database["renamed"].find_one()


# -- refresh -------------------------------------------------------------------------------------


def test_refresh_leaves_the_object_and_gives_another(session, database):
    """The copy shows what is stored, and the object keeps its unsaved changes."""
    user = User(name="ada", age=1)
    session.save(user)
    user.age = 5
    copy = session.refresh(user)

    assert copy is not user
    assert (copy.age, user.age) == (1, 5)
    assert copy.get_dirty_ops() == {}
    assert user.get_dirty_ops() == {"$set": {"age": 5}}


# -- get -----------------------------------------------------------------------------------------


def test_get_gives_the_held_object_without_asking(session, commands):
    """The identity map comes first, with all unsaved changes."""
    user = User(name="ada")
    session.save(user)
    user.age = 5
    commands.clear()

    assert session.get(User, user.mongo_id) is user
    assert session.get(User, str(user.mongo_id)) is user
    assert commands.names() == []


def test_get_loads_what_is_not_held_and_holds_it(session, commands):
    """One query, and none the second time."""
    user = User(name="ada")
    session.save(user)
    session.clear_cache()
    commands.clear()
    found = session.get(User, user.mongo_id)

    assert found == user
    assert session.get(User, user.mongo_id) is found
    assert commands.names() == ["find"]


def test_get_gives_none_for_what_is_missing(session):
    """No document with this id is no error."""
    assert session.get(User, ObjectId()) is None


def test_get_takes_an_applications_own_id(session):
    """Whatever the class's id field takes."""
    note = Note(key={"a": 1})
    session.save(note)

    assert session.get(Note, {"a": 1}) == note
    assert session.get(Note, "other") is None


@pytest.mark.parametrize("bad", ["short", 5, None, User])
def test_get_refuses_what_can_be_no_id(session, commands, bad):
    """The class's id field says so, and nothing is sent."""
    with pytest.raises(BadValueException):
        session.get(User, bad)
    assert commands.names() == []


@pytest.mark.parametrize("bad", [None, "users", User(name="ada"), int])
def test_get_is_for_document_classes(session, bad):
    """Anything else is refused."""
    with pytest.raises(TypeError):
        session.get(bad, ObjectId())


def test_get_keeps_to_the_class(session):
    """In a shared collection a document of another class is not given."""
    animal, cat = Animal(name="rex"), Cat(name="tom")
    session.save(animal)
    session.save(cat)

    assert session.get(Animal, cat.mongo_id) is cat
    assert session.get(Cat, cat.mongo_id) is cat
    assert session.get(Cat, animal.mongo_id) is None
    session.clear_cache()
    assert type(session.get(Animal, cat.mongo_id)) is Cat
    assert session.get(Cat, animal.mongo_id) is None


def test_get_sees_what_is_pending(make_session):
    """Without an identity map the queue is flushed first."""
    session = make_session()
    user = User(name="ada")
    session.add(user)

    assert session.get(User, user.mongo_id) == user


def test_get_of_a_removed_object_gives_none(session):
    """What the session has removed is not given from memory."""
    user = User(name="ada")
    session.save(user)
    session.remove(user)

    assert session.get(User, user.mongo_id) is None
