"""
Updates that no object knows of, and upserts: None takes an optional value out, or inserts nothing.

By ``set`` and ``set_on_insert``, of queries and of find-and-modify, at the top, in an embedded
document and in one in a list; beside other values and after another one of the same field. What
computes with a value takes no None. An upsert inserts no null: not from a filter (an equality in
any form, joined or not, dotted), not from an update, nor from an object. What is computed gives
none, too.
"""

from __future__ import annotations

import pytest

from ommongo import (
    Document,
    DocumentField,
    IntField,
    ListField,
    ModifiedField,
    StringField,
    computed_field,
)
from ommongo.exceptions import BadValueException, ConflictingModifierException
from ommongo.update_expression import UpdateExpression
from tests.helpers import bodies_of

NAMESPACE = "tests.server.updates_of_optional_values"


class Street(Document):
    config_namespace = NAMESPACE
    name = StringField(optional=True)
    number = IntField(optional=True, db_field="n")


class House(Document):
    config_namespace = NAMESPACE
    config_collection_name = "houses"
    key = IntField()
    text = StringField(optional=True, db_field="t")
    floors = IntField(optional=True)
    tags = ListField(StringField(), optional=True)
    street = DocumentField(Street, optional=True)
    streets = ListField(DocumentField(Street), optional=True)
    other = IntField(required=False)


FULL = {
    "_id": 1,
    "key": 1,
    "t": "x",
    "floors": 3,
    "tags": ["a"],
    "street": {"name": "Braga", "n": 1},
    "streets": [{"name": "Braga", "n": 1}],
}


class IntId(House):
    config_collection_name = "houses"
    number = IntField(_id=True)


PATHS = {
    "text": "t",
    "floors": "floors",
    "tags": "tags",
    "street": "street",
    "streets": "streets",
    "street.name": "street.name",
    "street.number": "street.n",
    "streets.0.number": "streets.0.n",
}


@pytest.fixture
def query(session, database):
    """A query for the one document, in which every field has a value."""
    database["houses"].insert_one(FULL)
    return session.query(IntId).filter(IntId.key == 1)


def get(raw, path):
    """Give what is stored under a dotted name, if anything."""
    for part in path.split("."):
        raw = raw[int(part)] if part.isdecimal() else raw.get(part, "missing")
    return raw


@pytest.mark.parametrize("name", PATHS)
def test_set_none_unsets(query, database, commands, name):
    """``set`` of None takes the value out, by a name, by a query field and beside another value."""
    query.set(name, None).set(other=4).execute()
    [body] = bodies_of(commands, "update")
    assert body["updates"][0]["u"] == {"$unset": {PATHS[name]: True}, "$set": {"other": 4}}
    found = database["houses"].find_one()
    assert (get(found, PATHS[name]), found["other"]) == ("missing", 4)


@pytest.mark.parametrize("name", PATHS)
def test_find_and_modify(query, name):
    """So does that of find-and-modify, and the new object reads None."""
    house = query.find_and_modify(new=True).set(name, None).execute()
    assert get(house.wrap(), PATHS[name]) == "missing"
    if "." not in name:
        assert getattr(house, name) is None
    assert house.get_dirty_ops() == {}


def test_the_last_value_holds(query, database):
    """Of a value and none for one field it is the last; ``unset`` is no value."""
    assert query.set(text=None).set(text="y").update_data == {"$set": {"t": "y"}}
    assert query.set(text="y").set(text=None).update_data == {"$unset": {"t": True}}
    assert query.set(text="y", floors=None).set(floors=2, text=None).update_data == {
        "$unset": {"t": True},
        "$set": {"floors": 2},
    }
    with pytest.raises(ConflictingModifierException):
        query.unset(IntId.text).set(text="y")
    with pytest.raises(ConflictingModifierException):
        query.inc(IntId.floors).set(floors=None)
    with pytest.raises(ConflictingModifierException):
        query.set(floors=None).inc(IntId.floors)
    assert database["houses"].find_one() == FULL


@pytest.mark.parametrize("operation", ["min", "max", "inc", "mul"])
def test_what_computes_takes_no_none(query, operation):
    """There is nothing to compute with."""
    with pytest.raises(BadValueException, match=r"IntId\.floors "):
        getattr(query.set(other=1), operation)(IntId.floors, None)


def test_others_are_refused_with_the_ways_out(query):
    """None for another field names ``unset``, and the options by which a field takes it."""
    with pytest.raises(BadValueException, match=r"IntId\.other .*unset\(\).*optional=True.*allow_"):
        query.set(IntId.other, None)
    with pytest.raises(BadValueException, match=r"IntId\.tags"):
        query.set("tags.0", None)


def test_a_refused_set_leaves_nothing_behind(query):
    """A value that is refused beside None takes back the whole call."""
    update = query.set(other=1)
    with pytest.raises(BadValueException):
        update.set(text=None, floors="many")
    assert update.update_data == {"$set": {"other": 1}}


FILTERS = {
    "equality": lambda: [IntId.text == None],
    "raw": lambda: [{"text": None}],
    "raw_eq": lambda: [{"text": {"$eq": None}}],
    "in": lambda: [IntId.text.in_(None)],
    "and": lambda: [{"$and": [{"text": None}, {"key": 7}]}],
    "or": lambda: [{"$or": [{"text": None}]}],
    "dotted": lambda: [IntId.street.name == None],
    "list": lambda: [IntId.tags == None],
    "document": lambda: [IntId.street == None],
    "other_raw": lambda: [{"other": None}],
}


@pytest.mark.parametrize("way", FILTERS)
def test_an_upsert_inserts_no_null(session, database, way):
    """What a filter asks for by None is not inserted as a null."""
    query = session.query(IntId).filter(IntId.number == 7, *FILTERS[way]())
    assert query.set(key=7).upsert().execute()["n"] == 1
    assert database["houses"].find_one() == {"_id": 7, "key": 7}
    assert query.set(key=8).upsert().execute()["nModified"] == 1  # the same one is found


def test_an_upsert_that_finds_a_null(session, database):
    """A stored null is found by it, and stays as it is."""
    database["houses"].insert_one({"_id": 7, "key": 7, "t": None})
    query = session.query(IntId).filter(IntId.number == 7, IntId.text == None)
    query.set(key=8).upsert().execute()
    assert [*database["houses"].find()] == [{"_id": 7, "key": 8, "t": None}]


def test_an_upsert_of_none(session, database):
    """``set`` and ``set_on_insert`` of None insert nothing."""
    update = UpdateExpression(session.query(IntId).filter(IntId.number == 7))
    update.set(key=7, text=None).set_on_insert(floors=None, tags=["a"]).upsert().execute()
    assert database["houses"].find_one() == {"_id": 7, "key": 7, "tags": ["a"]}
    update = UpdateExpression(session.query(IntId).filter(IntId.number == 8))
    update.set(key=8).set_on_insert(floors=1).set_on_insert(floors=None).upsert().execute()
    assert database["houses"].find_one({"_id": 8}) == {"_id": 8, "key": 8}
    update.set(floors=2).set_on_insert(floors=None)  # which says nothing of other operators
    assert update.update_data["$set"] == {"key": 8, "floors": 2}


@pytest.mark.parametrize("is_stored", [False, True])
def test_an_upsert_of_an_object(session, database, is_stored):
    """An object of which None is said inserts nothing for it, and takes it out where it is."""
    if is_stored:
        database["houses"].insert_one(FULL)
    house = IntId(number=1, key=2)
    house.text = house.floors = house.street = None
    session.update(house, upsert=True)
    kept = {"tags": ["a"], "streets": [{"name": "Braga", "n": 1}]} if is_stored else {}
    assert database["houses"].find_one() == {"_id": 1, "key": 2, **kept}
    assert house.get_dirty_ops() == {}


# -- computed values -------------------------------------------------------------------------------


class Person(Document):
    config_namespace = NAMESPACE
    config_collection_name = "people"
    number = IntField(_id=True)
    first = StringField(optional=True)
    last = StringField(optional=True)
    changed = ModifiedField()

    @computed_field(StringField(optional=True), deps=[first, last])
    def name(values):
        return " ".join(filter(None, values.values())) or None

    @computed_field(StringField(), deps=[first], one_time=True, optional=True)
    def called(values):
        return values["first"]

    @computed_field(StringField(), optional=True)
    def note(values):
        return NOTES[-1]


NOTES: list[str | None] = [None]


@pytest.fixture
def note():
    """Say what the next note is to be."""
    yield NOTES.append
    del NOTES[1:]


def stored_person(database):
    """Give the person that is stored, but for the time."""
    return database["people"].find_one({}, {"changed": 0})


def test_computed_values(session, database, note):
    """What is computed as None is not stored, and taken out where it was."""
    person = Person(number=1)
    session.save(person)
    assert stored_person(database) == {"_id": 1}
    assert (person.name, person.called, person.note) == (None, None, None)
    person.first = "Ada"
    note("new")
    session.update(person)
    whole = {"_id": 1, "first": "Ada", "name": "Ada", "called": "Ada", "note": "new"}
    assert stored_person(database) == whole
    session.clear_cache()
    person = session.query(Person).one()
    person.first = None
    note(None)
    session.update(person)
    assert stored_person(database) == {"_id": 1, "called": "Ada"}
    assert (person.name, person.called, person.note) == (None, "Ada", None)
    database["people"].update_one({}, {"$set": {"name": None, "called": None, "note": None}})
    session.clear_cache()
    person = session.query(Person).one()
    assert (person.name, person.called, person.note) == (None, None, None)


def test_computed_values_by_an_update(session, database, note):
    """An update that no object knows of takes it out, too."""
    note("old")
    session.save(Person(number=1))
    assert stored_person(database)["note"] == "old"
    note(None)
    session.query(Person).set("last", "Lovelace", unchecked=True).execute()
    assert stored_person(database) == {"_id": 1, "last": "Lovelace"}
