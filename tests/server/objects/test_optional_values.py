"""
An optional value is ``None`` when there is none, and then nothing is stored for it.

Which fields: plain ones, such as can change in place, embedded documents, references, one that has
its own way to set values, one whose operation is not ``$set``, one that tells the class; at the
top, in an embedded document, in one in a list. Which classes: usual ones, and such as have an
``__init__``, a hook for stored data, a version. How it comes to have no value: not given, ``None``
given, assigned, deleted, not stored, a null stored. How that is stored: by a save (new, loaded,
partial), an update (loaded, saved, known by ``_id`` only, partial), in a block, after a failure.
"""

from __future__ import annotations

import copy
import pickle
from datetime import datetime
from typing import Any

import pytest
from bson import DBRef, ObjectId
from bson.binary import Binary
from pymongo.errors import OperationFailure

from ommongo import (
    AnythingField,
    BinaryField,
    BoolField,
    DateTimeField,
    DictDoc,
    DictField,
    Document,
    DocumentField,
    EnumField,
    FloatField,
    GeoField,
    IntField,
    KVField,
    ListField,
    ObjectIdField,
    RefField,
    RegExStringField,
    SetField,
    SRefField,
    StringField,
    TupleField,
    VersionField,
)
from ommongo.exceptions import BadValueException, ExtraValueException, FieldNotRetrieved
from tests.helpers import bodies_of

NAMESPACE = "tests.server.optional_values"


class Street(Document):
    config_namespace = NAMESPACE
    config_collection_name = "streets"
    name = StringField()
    number = IntField(optional=True)


class OwnField(StringField):
    """A field that sets values in its own way."""

    def set_value(self, instance: Any, value: Any, from_db: bool = False) -> None:
        super().set_value(instance, value if from_db else value.upper(), from_db)


class House(Document, DictDoc):
    config_namespace = NAMESPACE
    config_collection_name = "houses"

    key = IntField()
    anything = AnythingField(optional=True)
    binary = BinaryField(optional=True)
    bool = BoolField(optional=True)
    date = DateTimeField(optional=True)
    dict = DictField(IntField(), optional=True)
    document = DocumentField(Street, optional=True)
    documents = ListField(DocumentField(Street), optional=True)
    enum = EnumField(StringField(), "a", "b", optional=True)
    float = FloatField(optional=True)
    geo = GeoField(optional=True)
    int = IntField(optional=True, db_field="i")
    kv = KVField(StringField(), IntField(), optional=True)
    list = ListField(StringField(), optional=True)
    id_text = ObjectIdField(optional=True)
    own = OwnField(optional=True)
    pushed = ListField(StringField(), optional=True, on_update="$push")
    ref = RefField(Street, optional=True)
    regex = RegExStringField("a+", optional=True)
    set = SetField(StringField(), optional=True)
    sref = SRefField(Street, optional=True)
    text = StringField(optional=True, validator=lambda value: value != "")
    tuple = TupleField(IntField(), optional=True)


class InitHouse(House):
    config_collection_name = "houses"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.made = True


class HookHouse(House):
    config_collection_name = "houses"

    @classmethod
    def transform_incoming(cls, obj: Any, session: Any) -> Any:
        return obj


class VersionHouse(House):
    config_collection_name = "houses"
    version = VersionField()


class Estate(Document):
    config_namespace = NAMESPACE
    config_collection_name = "estates"
    house = DocumentField(House)
    houses = ListField(DocumentField(House), default_empty=True)


ID = ObjectId("0123456789abcdef01234567")
VALUES: dict[str, Any] = {
    "anything": {"a": [1]},
    "binary": Binary(b"x"),
    "bool": False,
    "date": datetime(2020, 1, 1),
    "dict": {"a": 1},
    "document": Street(name="Braga"),
    "documents": [Street(name="Braga")],
    "enum": "a",
    "float": 0.0,
    "geo": (1.0, 2.0),
    "int": 0,
    "kv": {"a": 1},
    "list": [],
    "id_text": ID,
    "own": "UP",
    "pushed": ["a"],
    "ref": DBRef("streets", ID),
    "regex": "aa",
    "set": {"a"},
    "sref": ID,
    "text": "x",
    "tuple": (1,),
}
CLASSES = [House, InitHouse, HookHouse, VersionHouse]
each_field = pytest.mark.parametrize("name", VALUES)
each_class = pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
STORED_NAMES = {House._fields[name].db_field for name in VALUES}


def values():
    """Give a value for every field, which nobody else holds."""
    return copy.deepcopy(VALUES)


def unset(house):
    """Let every field have no value."""
    for name in VALUES:
        setattr(house, name, None)


def held(house):
    """Give what is not None."""
    return {name for name in VALUES if getattr(house, name) is not None}


def stored_name(name):
    """Give the stored name of a field."""
    return House._fields[name].db_field


def stored(database, collection="houses"):
    """Give the one stored document, but for what every one has."""
    [found] = database[collection].find()
    return {key: value for key, value in found.items() if key not in ("_id", "key", "version")}


@pytest.fixture
def unset_every(commands):
    """Give what was unset since, by the updates that were sent."""

    def unset():
        return [
            statement["u"].get("$unset")
            for body in bodies_of(commands, "update")
            for statement in body["updates"]
        ]

    return unset


# -- reading and making ---------------------------------------------------------------------------


@each_class
def test_a_new_object(session, database, cls):
    """What is not given, given as None, or set and unset again reads None, and is not stored."""
    given, assigned = cls(key=1, **dict.fromkeys(VALUES)), cls(key=1, **values())
    unset(assigned)
    for house in (cls(key=1), given, assigned):
        assert held(house) == set()
        assert (house["text"], "text" in house) == (None, False)
        session.save(house)
        assert stored(database) == {}
        assert held(house) == set()
        session.remove(house)


@each_field
def test_given_one_by_one(name):
    """It makes no difference what else is given."""
    for every in (values(), {}):
        house = House(key=1, **{**every, name: None})
        assert held(house) == every.keys() - {name}
        assert house.wrap().keys() == {"key", *map(stored_name, every)} - {stored_name(name)}


@each_class
@pytest.mark.parametrize("is_null", [False, True], ids=["missing", "null"])
def test_a_loaded_object(session, database, commands, cls, is_null):
    """Stored without it, or with a null, it reads None and is clean; a save stores nothing."""
    nulls = dict.fromkeys(STORED_NAMES) if is_null else {}
    database["houses"].insert_one({"key": 1, "version": 1, **nulls})
    if cls is not VersionHouse:
        database["houses"].update_one({}, {"$unset": {"version": True}})
    [house] = session.query(cls).all()

    assert held(house) == set()
    assert house.get_dirty_ops() == {}
    assert vars(house).keys().isdisjoint(VALUES)
    commands.clear()
    session.update(house)
    assert commands.names("update") == []
    session.save(house)
    assert stored(database) == {}


@each_field
def test_loaded_one_by_one(name):
    """It makes no difference what else is stored, or not."""
    for every in (House(key=1, **values()).wrap(), {"key": 1}, {}):
        raw = {"_id": ID, **every, stored_name(name): None}
        house = House.unwrap(raw)
        assert getattr(house, name) is None
        assert held(house) == (VALUES.keys() - {name} if stored_name(name) in every else set())
        assert house.get_dirty_ops() == {}
        with pytest.raises(ExtraValueException):
            House.unwrap({**raw, "other": None})


# -- unsetting -------------------------------------------------------------------------------------


@each_class
@pytest.mark.parametrize("way", ["update", "save", "block", "after_save", "delete"])
def test_none_unsets_a_stored_value(session, database, unset_every, cls, way):
    """The update of a stored object sends ``$unset``, a save stores the rest."""
    house = cls(key=1, **values())
    session.save(house)
    assert stored(database).keys() == STORED_NAMES
    if way != "after_save":
        session.clear_cache()
        house = session.query(cls).one()
        assert held(house) == VALUES.keys()
    if way == "delete":
        for name in VALUES:
            delattr(house, name)
    else:
        unset(house)
    assert held(house) == set()
    if way == "save":
        session.save(house)
    elif way == "block":
        with session:
            session.update(house)
    else:
        session.update(house)
        assert unset_every() == [dict.fromkeys(STORED_NAMES, True)]
    assert stored(database) == {}
    assert held(house) == set()
    assert house.get_dirty_ops() == {}


@each_field
def test_one_of_many(session, database, unset_every, name):
    """The others stay as they are."""
    session.save(House(key=1, **values()))
    session.clear_cache()
    house = session.query(House).one()
    setattr(house, name, None)
    session.update(house)
    assert unset_every() == [{stored_name(name): True}]
    assert stored(database).keys() == STORED_NAMES - {stored_name(name)}
    assert held(house) == VALUES.keys() - {name}


@each_field
def test_set_again(session, database, commands, name):
    """An object that had its value unset is as any: the next update sets it again, or nothing."""
    house = House(key=1, **{name: copy.copy(VALUES[name])})
    session.save(house)
    setattr(house, name, None)
    session.update(house)
    commands.clear()
    session.update(house)
    assert commands.names("update") == []
    house.key = 2
    session.update(house)
    setattr(house, name, copy.copy(VALUES[name]))
    session.update(house)
    sent = [body["updates"][0]["u"] for body in bodies_of(commands, "update")]
    assert [*map(set, sent)] == [{"$set"}, {"$push" if name == "pushed" else "$set"}]
    assert stored(database).keys() == {stored_name(name)}


@each_field
def test_set_and_unset_in_between(name):
    """A value that is unset and set again as it was, or set and unset again, is no change."""
    house = House.unwrap({"_id": ID, **House(key=1, **values()).wrap()})
    if name != "pushed":  # of which each assignment is an argument
        setattr(house, name, None)
        setattr(house, name, copy.copy(VALUES[name]))
        assert house.get_dirty_ops() == {}
    other = House.unwrap({"_id": ID, "key": 2})
    setattr(other, name, copy.copy(VALUES[name]))
    setattr(other, name, None)
    assert other.get_dirty_ops() == {}


def test_a_refused_update_is_pending_again(make_session, database, fail_command):
    """Where the write failed, the object is still without the value, and the update pending."""
    session = make_session(safe=True)
    house = House(key=1, **values())
    session.save(house)
    unset(house)
    with fail_command("update", errorCode=13, times=1), pytest.raises(OperationFailure):
        session.update(house)
    assert held(house) == set()
    assert house.get_dirty_ops() == {"$unset": dict.fromkeys(STORED_NAMES, True)}
    session.update(house)
    assert stored(database) == {}


@each_field
def test_known_by_id_only(session, database, name):
    """None that was assigned is said of a stored document; None that was given is no value."""
    session.save(House(mongo_id=ID, key=1, **{name: copy.copy(VALUES[name])}))
    session.clear_cache()
    given = House(mongo_id=ID, key=2, **{name: None})
    session.update(given)
    assert stored(database).keys() == {stored_name(name)}
    assigned = House(mongo_id=ID, key=3)
    setattr(assigned, name, None)
    session.update(assigned)
    assert stored(database) == {}
    assert assigned.get_dirty_ops() == {}


def test_known_by_id_only_and_refused(make_session, database, fail_command):
    """It is said again by the next update where the first one failed."""
    session = make_session(safe=True)
    session.save(House(mongo_id=ID, key=1, **values()))
    session.clear_cache()
    house = House(mongo_id=ID)
    unset(house)
    with fail_command("update", errorCode=13, times=1), pytest.raises(OperationFailure):
        session.update(house)
    session.update(house)
    assert stored(database) == {}


# -- partial documents -----------------------------------------------------------------------------


@each_field
def test_not_retrieved(session, database, unset_every, name):
    """What was not retrieved is not None; assigned so it is, and an update unsets it."""
    session.save(House(key=1, **{name: copy.copy(VALUES[name])}))
    session.clear_cache()
    house = session.query(House).fields(House.key).one()
    with pytest.raises(FieldNotRetrieved, match=name):
        getattr(house, name)
    setattr(house, name, None)
    assert getattr(house, name) is None
    session.update(house)
    assert unset_every() == [{stored_name(name): True}]
    assert stored(database) == {}
    assert getattr(house, name) is None


def test_not_retrieved_and_saved(session, database):
    """A save of what was retrieved, and of None that was assigned, does the same."""
    session.save(House(key=1, **values()))
    session.clear_cache()
    house = session.query(House).fields(House.key).one()
    unset(house)
    session.save(house)
    assert stored(database) == {}


@pytest.mark.parametrize("is_null", [False, True], ids=["missing", "null"])
def test_retrieved_and_not_stored(session, database, is_null):
    """What was retrieved, and is not there, is None."""
    nulls = dict.fromkeys(STORED_NAMES) if is_null else {}
    database["houses"].insert_one({"key": 1, **nulls})
    fields = [getattr(House, name) for name in VALUES]
    house = session.query(House).fields(*fields).one()
    assert held(house) == set()
    assert house.get_dirty_ops() == {}
    session.save(house)
    assert database["houses"].count_documents({"key": 1}) == 1


# -- embedded documents ----------------------------------------------------------------------------


@each_field
def test_embedded(session, database, unset_every, name):
    """In an embedded document it is unset by its dotted name, and in a list with the list."""
    value = VALUES[name]
    estate = Estate(
        house=House(key=1, **{name: copy.copy(value)}),
        houses=[House(key=2, **{name: copy.copy(value)}), House(key=3, **{name: None})],
    )
    session.save(estate)
    [found] = database["estates"].find()
    assert stored_name(name) not in found["houses"][1]
    session.clear_cache()
    estate = session.query(Estate).one()
    assert getattr(estate.houses[1], name) is None
    setattr(estate.house, name, None)
    setattr(estate.houses[0], name, None)
    session.update(estate)
    assert unset_every() == [{f"house.{stored_name(name)}": True}]
    [found] = database["estates"].find()
    assert (found["house"], found["houses"]) == ({"key": 1}, [{"key": 2}, {"key": 3}])
    database["estates"].update_one(
        {}, {"$set": {f"house.{stored_name(name)}": None, f"houses.0.{stored_name(name)}": None}}
    )
    session.clear_cache()
    estate = session.query(Estate).one()
    assert [getattr(each, name) for each in (estate.house, *estate.houses)] == [None] * 3
    assert estate.get_dirty_ops() == {}


@each_field
def test_embedded_and_known_by_id_only(session, database, name):
    """None that was assigned in an embedded document of one known by its `_id` is said, too."""
    session.save(Estate(mongo_id=ID, house=House(key=1, **{name: copy.copy(VALUES[name])})))
    session.clear_cache()
    estate = Estate(mongo_id=ID, house=House())
    setattr(estate.house, name, None)
    session.update(estate)
    [found] = database["estates"].find()
    assert found["house"] == {"key": 1}


# -- copies and values -----------------------------------------------------------------------------


@each_field
@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda house: pickle.loads(pickle.dumps(house))]
)
def test_copies(session, name, copied):
    """Copies have no value either, and know the same of what is stored."""
    new = copied(House(key=1, **{name: None}))
    assert (getattr(new, name), new.wrap()) == (None, {"key": 1})
    house = House(key=1, **{name: copy.copy(VALUES[name])})
    session.save(house)
    setattr(house, name, None)
    twin = copied(house)
    assert getattr(twin, name) is None
    assert twin.get_dirty_ops() == {"$unset": {stored_name(name): True}}
    by_id = House(mongo_id=ID)
    setattr(by_id, name, None)
    assert copied(by_id).get_dirty_ops() == {"$unset": {stored_name(name): True}}


def test_refresh(session, database):
    """An object that is loaded anew has what is then stored: a value, or none."""
    house = House(key=1)
    session.save(house)
    database["houses"].update_one({}, {"$set": House(key=2, **values()).wrap()})
    house = session.refresh(house)
    assert held(house) == VALUES.keys()
    database["houses"].update_one({}, {"$unset": dict.fromkeys(STORED_NAMES, True)})
    house = session.refresh(house)
    assert held(house) == set()


def test_setdefault():
    """A value that is not there is set; one that is there stays."""
    house = House(key=1, text=None)
    assert house.setdefault("text", "x") == "x"
    assert house.setdefault("text", "y") == "x"


def test_values_are_judged():
    """A value that is there is judged as in any field, None is not."""
    house = House(key=1, text=None)
    for bad in ("", 3):
        with pytest.raises(BadValueException, match=r"House\.text"):
            house.text = bad
    assert house.text is None


def test_a_null_in_memory_is_not_stored():
    """Whatever put it there: the dict to be stored has no null."""
    house = House(key=1)
    vars(house).update(text=None, list=None)
    assert house.wrap() == {"key": 1}


# -- references ------------------------------------------------------------------------------------


class Person(Document):
    config_namespace = NAMESPACE
    config_collection_name = "people"
    name = StringField()
    boss_id = SRefField("Person", optional=True)
    boss = boss_id.rel()
    friend_ref = RefField("Person", namespace=NAMESPACE, optional=True)
    friend = friend_ref.rel(allow_none=True)
    other_ids = ListField(SRefField("Person"), optional=True)
    others = other_ids.rel()
    old_id = SRefField("Person", required=False)
    old = old_id.rel(allow_none=True)


@pytest.mark.parametrize(("rel", "name"), [("boss", "boss_id"), ("friend", "friend_ref")])
def test_no_reference(session, database, rel, name):
    """What follows a reference reads None where there is none; None assigned to it unsets it."""
    ani = Person(name="Ani")
    session.save(ani)
    person = Person(name="Budi")
    assert getattr(person, rel) is None
    setattr(person, rel, ani)
    session.save(person)
    session.clear_cache()
    person = session.query(Person).filter_by(name="Budi").one()
    assert getattr(person, rel).name == "Ani"
    setattr(person, rel, None)
    assert (getattr(person, rel), getattr(person, name)) == (None, None)
    session.update(person)
    assert database["people"].find_one({"name": "Budi"}) == {
        "_id": person.mongo_id,
        "name": "Budi",
    }
    session.clear_cache()
    assert getattr(session.query(Person).filter_by(name="Budi").one(), rel) is None


def test_no_references(session):
    """What follows a list that is not there reads None, as the list does."""
    person = Person(name="Budi")
    session.add_to_session(person)
    assert person.others is None


def test_a_reference_that_is_not_optional(session):
    """With ``rel(allow_none=True)`` an unset one reads None; one not retrieved does not."""
    person = Person(name="Budi")
    assert person.old is None
    session.save(person)
    session.clear_cache()
    part = session.query(Person).fields(Person.name).one()
    for rel in ("old", "boss", "friend"):
        with pytest.raises(FieldNotRetrieved):
            getattr(part, rel)


# -- a class that is told by an optional field -----------------------------------------------------


class Animal(Document):
    config_namespace = NAMESPACE
    config_collection_name = "animals"
    config_polymorphic = "kind"
    config_polymorphic_collection = True
    kind = StringField(optional=True)


class Cat(Animal):
    config_polymorphic_identity = "cat"


def test_what_tells_the_class_stays(session, database):
    """It reads as the class's identity, is stored, and cannot be unset."""
    cat = Cat()
    assert (cat.kind, Animal().kind) == ("cat", None)
    for make in (lambda: Cat(kind=None), lambda: setattr(cat, "kind", None)):
        with pytest.raises(BadValueException, match="kind"):
            make()
    session.save(Cat())
    assert database["animals"].find_one({}, {"_id": 0}) == {"kind": "cat"}
