"""The identity map: one object for each stored document, bounded, and never a partial one."""

from __future__ import annotations

import copy
import uuid
from datetime import datetime

import pytest
from bson import DBRef, ObjectId

from ommongo import AnythingField, DateTimeField, Document, IntField, StringField
from ommongo.document import collection_registry
from ommongo.exceptions import SessionCacheException
from tests.models import Note, User


@pytest.fixture
def session(make_session):
    """A session that holds every object."""
    return make_session(cache_size=None)


class Pet(Document):
    config_namespace = "tests.session_identity_map"
    config_collection_name = "animals"
    config_polymorphic = "kind"
    config_polymorphic_collection = True
    kind = StringField()


class Cat(Pet):
    config_polymorphic_identity = "cat"
    lives = IntField(required=False)


class Other(Document):
    config_namespace = "tests.session_identity_map"
    key = AnythingField(_id=True)
    text = StringField(required=False)


# -- what is held ---------------------------------------------------------------------------


def test_without_a_size_nothing_is_held(make_session):
    """By default there is no identity map: each load makes a new object."""
    session = make_session()
    user = User(name="ada")
    session.save(user)

    assert len(session.cache) == 0
    assert session.query(User).one() is not session.query(User).one()
    assert session.query(User).one() is not user


def test_a_saved_object_is_held(session):
    """`save` puts the object into the map: a query gives the same one."""
    user = User(name="ada")
    session.save(user)

    assert len(session.cache) == 1
    assert session.query(User).one() is user


def test_an_added_object_is_held(session):
    """`add` puts the object into the map before it is flushed."""
    user = User(name="ada")
    session.add(user)

    assert session.cache_read(user.mongo_id, User) is user


def test_a_loaded_object_is_held(session, database):
    """Two queries that find one document give one object."""
    database["users"].insert_one({"name": "ada"})

    assert session.query(User).one() is session.query(User).filter(User.name == "ada").first()
    assert len(session.cache) == 1


@pytest.mark.parametrize(
    "read",
    [
        lambda query: query.one(),
        lambda query: query.first(),
        lambda query: query.all()[0],
        lambda query: query[0],
        lambda query: query[0:1][0],
        lambda query: next(iter(query)),
        lambda query: iter(query)[0],
    ],
    ids=["one", "first", "all", "index", "slice", "iterating", "result_index"],
)
def test_every_way_of_reading_gives_the_held_object(session, read):
    """However a document is read, the object is the one that is held."""
    user = User(name="ada")
    session.save(user)

    assert read(session.query(User)) is user


def test_fetched_data_is_not_applied_to_the_held_object(session, database):
    """What another client changed does not reach an object that is held."""
    user = User(name="ada")
    session.save(user)
    database["users"].update_one({}, {"$set": {"name": "bob"}})

    assert session.query(User).filter(User.name == "bob").one() is user
    assert user.name == "ada"


def test_fetched_data_does_not_undo_a_pending_change(session):
    """A changed object keeps its change when a query finds its document."""
    user = User(name="ada")
    session.save(user)
    user.name = "bob"
    session.query(User).all()

    assert user.name == "bob"
    assert user.get_dirty_ops() == {"$set": {"name": "bob"}}


def test_an_update_expression_does_not_change_held_objects(session):
    """Objects in the map do not learn what update expressions do."""
    user = User(name="ada")
    session.save(user)
    session.query(User).set(name="bob").execute()

    assert user.name == "ada"


# -- what the key is ------------------------------------------------------------------------


def test_equal_ids_in_two_collections_do_not_collide(session):
    """The collection is part of the key."""
    note, other = Note(key=1, body="note"), Other(key=1, text="other")
    session.save(note)
    session.save(other)

    assert session.query(Note).one() is note
    assert session.query(Other).one() is other
    assert len(session.cache) == 2


@pytest.mark.parametrize(
    "key",
    [ObjectId(), 7, -1, 1.5, "text", "", uuid.UUID(int=1).bytes, b"\x00\x01", True, 2**40],
    ids=lambda value: type(value).__name__ + str(len(str(value))),
)
def test_any_hashable_id_is_held(session, key):
    """Not only an `ObjectId` serves as a key."""
    note = Note(key=key)
    session.save(note)

    assert session.query(Note).one() is note
    assert session.cache_read(key, Note) is note


@pytest.mark.parametrize("key", [{"a": 1}, {"a": {"b": [1]}}])
def test_an_object_with_an_unhashable_id_is_not_held(session, key):
    """An id that cannot be hashed is stored and loaded, and the object is not held."""
    note = Note(key=key, body=1)
    session.save(note)

    assert len(session.cache) == 0
    loaded = session.query(Note).one()
    assert loaded is not note
    assert loaded.key == key
    assert session.cache_read(key, Note) is None


def test_an_object_with_an_unhashable_id_is_an_object_like_any_other(session, database):
    """An id that cannot be hashed can be updated, refreshed and removed by."""
    note = Note(key={"a": 1}, body=1)
    session.save(note)
    note.body = 2
    session.update(note)
    assert session.refresh(note).body == 2
    session.remove(note)

    assert database["notes"].count_documents({}) == 0


def test_a_bool_and_a_number_are_two_ids(session):
    """The server tells `True` from `1`, though Python's hash does not."""
    one, true = Note(key=1), Note(key=True)
    session.save(one)
    session.save(true)

    assert session.cache_read(1, Note) is one
    assert session.cache_read(True, Note) is true
    assert len(session.cache) == 2


def test_an_id_is_compared_in_its_wrapped_form(session):
    """The hex form of an `ObjectId` and the id itself are one key."""
    given = ObjectId()
    user = User(name="ada", mongo_id=str(given))
    session.save(user)

    assert session.query(User).one() is user
    assert session.cache_read(given, User) is user


def test_cache_read_takes_the_id_in_every_form_of_its_field(session):
    """With a class the id may be given as its field takes it."""
    user = User(name="ada", mongo_id=str(ObjectId()))
    session.save(user)

    assert session.cache_read(user.mongo_id, User) is user


def test_a_subclass_in_a_shared_collection_has_one_entry(session):
    """An object is found under its base class and its own, since they share a collection."""
    cat = Cat(kind="cat")
    session.save(cat)

    assert session.query(Pet).one() is cat
    assert session.query(Cat).one() is cat
    assert session.cache_read(cat.mongo_id, Pet) is cat


def test_equal_ids_in_two_databases_do_not_collide(session, client, database):
    """The database is part of the key: a reference into another one gives another object."""

    class Town(Document):
        config_collection_name = "tests_identity_map_towns"
        name = StringField()

    collection_registry["global"]["tests_identity_map_towns"] = Town
    here = Town(name="here")
    session.save(here)
    other = client[f"{database.name}_2"]
    try:
        other["tests_identity_map_towns"].insert_one({"_id": here.mongo_id, "name": "there"})
        there = session.dereference(DBRef("tests_identity_map_towns", here.mongo_id, other.name))
    finally:
        client.drop_database(other.name)

    assert there.name == "there"
    assert session.dereference(here.to_ref()) is here


@pytest.mark.parametrize("tz_aware", [False, True])
@pytest.mark.parametrize(
    "key",
    [datetime(2024, 5, 17, 12), datetime(2024, 5, 17, 12, 30, 15, 123456)],
    ids=["seconds", "microseconds"],
)
def test_a_date_as_an_id_is_held(make_session, key, tz_aware):
    """A date is one id, as it was given and as it is loaded, aware or not."""

    class Day(Document):
        config_namespace = "tests.session_identity_map"
        at = DateTimeField(_id=True)

    session = make_session(cache_size=10, tz_aware=tz_aware)
    day = Day(at=key)
    session.save(day)

    assert session.query(Day).one() is day
    assert len(session.cache) == 1


# -- bounds ---------------------------------------------------------------------------------


def test_the_map_is_bounded(make_session):
    """There are never more than `cache_size` objects in the map."""
    session = make_session(cache_size=3)
    for number in range(10):
        session.save(User(name=f"user {number}"))
        assert len(session.cache) <= 3

    assert len(session.cache) == 3


def test_the_oldest_goes_first(make_session):
    """Without any use the object that came first is dropped."""
    session = make_session(cache_size=2)
    first, second, third = (User(name=name) for name in "abc")
    for user in (first, second, third):
        session.save(user)

    assert session.cache_read(first.mongo_id, User) is None
    assert session.cache_read(second.mongo_id, User) is second
    assert session.cache_read(third.mongo_id, User) is third


@pytest.mark.parametrize(
    "use",
    [
        lambda session, user: session.query(User).filter(User.name == "a").one(),
        lambda session, user: session.cache_read(user.mongo_id, User),
        lambda session, user: session.save(user),
    ],
    ids=["query", "cache_read", "save"],
)
def test_the_least_recently_used_goes_first(make_session, use):
    """An object that was used stays, and the one that was not is dropped."""
    session = make_session(cache_size=2)
    first, second, third = (User(name=name) for name in "abc")
    session.save(first)
    session.save(second)
    use(session, first)
    session.save(third)

    assert session.cache_read(first.mongo_id, User) is first
    assert session.cache_read(second.mongo_id, User) is None


def test_a_large_result_does_not_break_the_bound(make_session, database):
    """A query for more objects than the map holds gives them all and keeps the last."""
    database["users"].insert_many({"name": f"user {number}"} for number in range(20))
    session = make_session(cache_size=5)

    users = session.query(User).sort(("name", 1)).all()

    assert len({id(user) for user in users}) == 20
    assert len(session.cache) == 5
    assert session.cache_read(users[-1].mongo_id, User) is users[-1]


def test_an_unbounded_map_keeps_all(make_session):
    """`None` holds every object until the session ends."""
    session = make_session(cache_size=None)
    for number in range(500):
        session.add(User(name=f"user {number}"))
    session.flush()

    assert len(session.cache) == 500
    session.end()
    assert len(session.cache) == 0


# -- what is never held ---------------------------------------------------------------------


def test_a_partial_document_is_not_held(session, database):
    """A query with `fields` leaves nothing in the map."""
    database["users"].insert_one({"name": "ada", "age": 36})
    session.query(User).fields(User.name).one()

    assert len(session.cache) == 0
    assert session.query(User).one().age == 36


def test_a_query_with_fields_is_not_answered_from_the_map(session):
    """A partial load gives a new, partial object although the whole one is held."""
    user = User(name="ada", age=36)
    session.save(user)

    partial = session.query(User).fields(User.name).one()

    assert partial is not user
    assert session.query(User).one() is user


def test_a_saved_partial_document_does_not_take_the_place_of_a_whole_one(session):
    """Saving a partial object leaves the held whole object in the map, or none; never a part."""
    session.save(User(name="ada", age=36))
    partial = session.query(User).fields(User.name).one()
    partial.name = "bob"
    session.save(partial)

    assert session.query(User).one() is not partial
    assert session.query(User).one().age == 36


@pytest.mark.parametrize(
    "read",
    [
        lambda session: list(session.query(User).raw_output()),
        lambda session: list(session.query("users")),
        lambda session: list(session.query(User).query_bypass({})),
        lambda session: list(session.query(User).aggregate([])),
    ],
    ids=["raw_output", "raw_query", "bypass", "aggregate"],
)
def test_raw_output_is_never_held(session, database, read):
    """Plain dicts do not go into the map."""
    database["users"].insert_one({"name": "ada"})

    assert read(session)
    assert len(session.cache) == 0


def test_raw_output_is_not_answered_from_the_map(session, database):
    """Plain dicts show what the database holds, whatever object is held."""
    session.save(User(name="ada"))
    database["users"].update_one({}, {"$set": {"name": "bob"}})

    assert next(iter(session.query(User).raw_output()))["name"] == "bob"


# -- what leaves the map --------------------------------------------------------------------


def test_a_removed_object_is_not_held(session):
    """`remove` takes the object out of the map, the others stay."""
    user, other = User(name="ada"), User(name="bob")
    session.save(user)
    session.save(other)
    session.remove(user)

    assert session.cache_read(user.mongo_id, User) is None
    assert session.cache_read(other.mongo_id, User) is other


def test_removing_a_copy_takes_the_held_object_out(session):
    """The entry that goes is that of the `_id`, whichever object was removed."""
    user = User(name="ada")
    session.save(user)
    session.remove(copy.copy(user))

    assert len(session.cache) == 0


def test_clear_collection_takes_its_objects_out(session):
    """`clear_collection` drops the objects of the collection and no others."""
    note = Note(key=1)
    session.save(User(name="ada"))
    session.save(note)
    session.clear_collection(User)

    assert len(session.cache) == 1
    assert session.cache_read(1, Note) is note


def test_clear_collection_takes_out_other_classes_of_the_collection(session):
    """Clearing a subclass's shared collection drops objects of its base class, too."""
    pet = Pet(kind="dog")
    session.save(pet)
    session.clear_collection(Cat)

    assert len(session.cache) == 0


def test_clear_cache_drops_all(session):
    """`clear_cache` empties the map and touches nothing else."""
    user = User(name="ada")
    session.save(user)
    session.add(User(name="bob"))
    session.clear_cache()

    assert len(session.cache) == 0
    assert len(session.queue) == 1


def test_end_drops_all(session):
    """`end` empties the map."""
    session.save(User(name="ada"))
    session.end()

    assert len(session.cache) == 0


# -- find-and-modify ------------------------------------------------------------------------


def test_find_and_modify_new_takes_the_held_ones_place(session):
    """With `new` the fresh object is held instead of the old one."""
    user = User(name="ada", age=1)
    session.save(user)

    fresh = session.query(User).find_and_modify(new=True).inc(age=1).execute()

    assert fresh is not user
    assert fresh.age == 2
    assert session.query(User).one() is fresh


def test_find_and_modify_old_is_not_held(session):
    """Without `new` the state before is returned, and the held object stays."""
    user = User(name="ada", age=1)
    session.save(user)

    before = session.query(User).find_and_modify().inc(age=1).execute()

    assert before is not user
    assert before.age == 1
    assert session.query(User).one() is user


def test_find_and_modify_old_does_not_fill_the_map(session, database):
    """Without `new` nothing is put into an empty map."""
    database["users"].insert_one({"name": "ada"})
    session.query(User).find_and_modify().set(age=1).execute()

    assert len(session.cache) == 0


def test_find_and_modify_of_a_part_is_not_held(session, database):
    """A partial object is not held even with `new`."""
    database["users"].insert_one({"name": "ada"})
    session.query(User).fields(User.name).find_and_modify(new=True).set(age=1).execute()

    assert len(session.cache) == 0


# -- refresh, cache_read, cache_write -------------------------------------------------------


def test_refresh_gives_a_fresh_copy(session, database):
    """`refresh` shows what the database holds, in another object."""
    user = User(name="ada")
    session.save(user)
    database["users"].update_one({}, {"$set": {"name": "bob"}})

    fresh = session.refresh(user)

    assert fresh is not user
    assert fresh.name == "bob"
    assert user.name == "ada"
    assert fresh == user


def test_refresh_replaces_nothing(session):
    """The held object is the same before and after a `refresh`."""
    user = User(name="ada")
    session.save(user)
    session.refresh(user)

    assert session.query(User).one() is user


def test_refresh_fills_nothing(session):
    """A refreshed copy is not held when nothing was."""
    user = User(name="ada")
    session.save(user)
    session.clear_cache()
    session.refresh(user)

    assert len(session.cache) == 0


def test_cache_read_gives_none_for_a_miss(session):
    """An id that is not held is no error."""
    assert session.cache_read(ObjectId(), User) is None
    assert session.cache_read(ObjectId()) is None


def test_cache_read_without_a_class_finds_a_unique_id(session):
    """An id that exactly one collection has needs no class."""
    user = User(name="ada")
    session.save(user)

    assert session.cache_read(user.mongo_id) is user


def test_cache_read_without_a_class_does_not_guess(session):
    """An id that two collections have gives nothing without a class."""
    session.save(Note(key=1))
    session.save(Other(key=1))

    assert session.cache_read(1) is None


def test_cache_read_sends_nothing(session, commands):
    """The map is read without the server."""
    session.cache_read(ObjectId(), User)

    assert commands.names() == []


def test_cache_write_holds_an_object(session):
    """An application can put an object into the map itself."""
    user = User(name="ada", mongo_id=ObjectId())
    session.cache_write(user)

    assert session.cache_read(user.mongo_id, User) is user


def test_cache_write_takes_an_id(session):
    """The id can be given beside the object."""
    given = ObjectId()
    user = User(name="ada", mongo_id=given)
    session.cache_write(user, given)

    assert session.cache_read(given, User) is user


def test_cache_write_without_a_map_holds_nothing(make_session):
    """A session without an identity map stays without."""
    session = make_session()
    session.cache_write(User(name="ada", mongo_id=ObjectId()))

    assert len(session.cache) == 0


def test_cache_write_of_an_object_without_an_id_is_refused(session):
    """There is no key for an object that has no id, and nothing is held without a word."""
    with pytest.raises(SessionCacheException, match="no _id"):
        session.cache_write(User(name="ada"))

    assert len(session.cache) == 0


def test_cache_write_of_a_partial_document_is_refused(session):
    """A later query would take it for the whole document."""
    session.save(User(name="ada"))
    partial = session.query(User).fields(User.name).one()
    with pytest.raises(SessionCacheException, match="partial"):
        session.cache_write(partial)

    assert all(held is not partial for held in session.cache.values())


def test_a_document_changed_in_the_database_is_fresh_after_clear_cache(session, database):
    """After `clear_cache` a query loads anew."""
    user = User(name="ada")
    session.save(user)
    database["users"].update_one({}, {"$set": {"name": "bob"}})
    session.clear_cache()

    assert session.query(User).one().name == "bob"
    assert user.name == "ada"
