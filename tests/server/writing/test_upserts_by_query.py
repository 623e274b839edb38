"""
What an upsert inserts is what a save of it would store, or nothing.

Which call: an update expression, find-and-modify with and without ``new``, each in a safe and an
unsafe session, in a block and in a transaction; and the upsert of an object by an expression. What
a save adds without being named: defaults (of values and by function), the identity of a class, the
time it was made, what is computed, versions, an automatic ``_id``, defaults inside an embedded
document. What would not be loaded again: a required field or an ``_id`` that nobody gives, an item
in the place of a list, None from a condition, a wrong type or an unknown name in a raw filter, a
number that an operator makes of nothing, a list that is too short.
"""

from __future__ import annotations

from datetime import datetime

import pytest
from bson import ObjectId

from ommongo import (
    CreatedField,
    Document,
    DocumentField,
    IntField,
    ListField,
    ModifiedField,
    ObjectIdField,
    Q,
    StringField,
    VersionField,
    computed_field,
)
from ommongo.exceptions import BadValueException, MissingValueException
from ommongo.update_expression import FindAndModifyExpression, UpdateExpression

NAMESPACE = "tests.server.upserts_by_query"


class Place(Document):
    config_namespace = NAMESPACE
    city = StringField()
    country = StringField(default="ID")


class Shop(Document):
    config_namespace = NAMESPACE
    config_collection_name = "shops"

    name = StringField()
    floor = IntField(default=1, db_field="f")
    codes = ListField(IntField(), default_empty=True)
    key = ObjectIdField(default_f=ObjectId)
    place = DocumentField(Place, required=False)
    words = ListField(StringField(), min_capacity=1, required=False)
    stock = IntField(min_value=1, required=False)
    owner = StringField(required=False)
    created = CreatedField()
    modified = ModifiedField()
    version = VersionField()

    base = IntField(default=2)

    @computed_field(IntField(), deps=[base])
    def double(values):
        return 2 * values["base"]


class Kept(Document):
    config_namespace = NAMESPACE
    config_collection_name = "kept"
    key = StringField(_id=True)
    name = StringField(required=False)
    n = IntField(default=1, min_value=1, on_update="$mul")


class Automatic(Document):
    config_namespace = NAMESPACE
    config_collection_name = "automatic"
    key = ObjectIdField(_id=True, auto=True)
    name = StringField()


class Animal(Document):
    config_namespace = NAMESPACE
    config_collection_name = "animals"
    config_polymorphic = "kind"
    config_polymorphic_identity = "animal"
    config_polymorphic_collection = True
    kind = StringField(default="animal")
    name = StringField()


class Dog(Animal):
    config_polymorphic_identity = "dog"
    kind = StringField(default="dog")
    legs = IntField(default=4)
    breed = StringField()


def update(query, change, **settings):
    """Send an update expression."""
    return change(UpdateExpression(query)).upsert(**settings).execute()


def modify(query, change, **settings):
    """Send a find-and-modify."""
    return change(FindAndModifyExpression(query)).upsert(**settings).execute()


def modify_new(query, change, **settings):
    """Send a find-and-modify that gives the new document."""
    return change(FindAndModifyExpression(query, new=True)).upsert(**settings).execute()


def in_block(query, change, **settings):
    """Send an update expression at the end of a block."""
    with query.session:
        update(query, change, **settings)


def in_transaction(query, change, **settings):
    """Send an update expression in a transaction."""
    with query.session.transaction():
        update(query, change, **settings)


CALLS = [update, modify, modify_new, in_block, in_transaction]


@pytest.mark.parametrize("safe", [True, False])
@pytest.mark.parametrize("call", CALLS)
def test_it_inserts_what_a_save_would_store(make_session, database, call, safe):
    """Everything that a save adds is stored, so that a query finds it and a save goes on."""
    session = make_session(safe=safe)
    session.save(Shop(name="other"))
    query = session.query(Shop).filter(Shop.name == "A")

    call(query, lambda u: u.set(Shop.owner, "Ani").set("place.city", "Bogor"))

    stored = database["shops"].find_one({"name": "A"})
    other = database["shops"].find_one({"name": "other"})
    assert stored.keys() == other.keys() | {"owner", "place"}
    assert (stored["f"], stored["codes"], stored["double"], stored["version"]) == (1, [], 4, 1)
    assert stored["place"] == {"city": "Bogor", "country": "ID"}
    assert isinstance(stored["key"], ObjectId)
    shop = query.filter(Shop.floor == 1).one()
    assert datetime(2020, 1, 1) < shop.created <= shop.modified
    shop.floor = 2
    session.save(shop)
    assert database["shops"].find_one({"name": "A"})["version"] == 2


@pytest.mark.parametrize("call", CALLS)
def test_what_is_there_keeps_what_it_has(safe_session, database, call):
    """Of a document that is there nothing is changed but what the update names."""
    shop = Shop(name="A", floor=7, codes=[1])
    safe_session.save(shop)
    before = database["shops"].find_one()

    call(safe_session.query(Shop).filter(Shop.name == "A"), lambda u: u.set(Shop.owner, "Ani"))

    after = database["shops"].find_one()
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed <= {"owner", "version", "modified"}
    assert database["shops"].count_documents({}) == 1


MISSING = {
    "required": (Shop, lambda q: q.filter(Shop.floor == 1), lambda u: u.set(owner="x")),
    "unset": (Shop, lambda q: q.filter(Shop.floor == 1), lambda u: u.unset("name")),
    "embedded": (
        Shop,
        lambda q: q.filter(Shop.name == "A"),
        lambda u: u.set("place.country", "ID"),
    ),
    "id": (Kept, lambda q: q.filter(Kept.name == "A"), lambda u: u.set(n=5)),
    "subclass": (Dog, lambda q: q.filter(Dog.name == "A"), lambda u: u.set(legs=3)),
    "by_identity": (Animal, lambda q: q.filter(Animal.name == "A"), lambda u: u.set(kind="dog")),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(("cls", "narrow", "change"), MISSING.values(), ids=MISSING)
def test_a_required_field_that_nobody_gives(
    safe_session, database, commands, call, cls, narrow, change
):
    """It is named before anything is sent."""
    query = narrow(safe_session.query(cls))
    commands.clear()

    with pytest.raises(MissingValueException, match=r"upsert|required"):
        call(query, change)

    assert commands.names("update", "findAndModify", "insert") == []
    assert database.list_collection_names() == []


REFUSED = {
    "wrong_type": (lambda q: q.filter({"floor": "x"}), lambda u: u.set(name="A")),
    "unknown_name": (lambda q: q.filter(Q.colour == "red"), lambda u: u.set(name="A")),
    "null": (lambda q: q.filter({"$and": [{"floor": None}]}), lambda u: u.set(name="A")),
    "made_of_nothing": (lambda q: q, lambda u: u.set(name="A").mul(stock=3)),
    "out_of_bounds": (lambda q: q, lambda u: u.set(name="A").inc(Shop.stock, -3)),
    "from_the_filter": (
        lambda q: q.filter(Shop.stock == 2), lambda u: u.set(name="A").inc("stock", -2),
    ),
    "too_short": (lambda q: q, lambda u: u.set(name="A").extend(Shop.words)),
    "item_of_a_list": (
        lambda q: q.filter(Shop.codes == 3), lambda u: u.set(name="A").append("codes", 1),
    ),
    "index": (lambda q: q.filter({"codes.0": 3}), lambda u: u.set(name="A")),
}  # fmt: skip


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(("narrow", "change"), REFUSED.values(), ids=REFUSED)
def test_what_could_not_be_loaded_is_not_inserted(safe_session, database, call, narrow, change):
    """It is refused before anything is sent."""
    with pytest.raises(BadValueException):
        call(narrow(safe_session.query(Shop)), change)

    assert database["shops"].count_documents({}) == 0


INSERTED = {
    "item_of_a_list": (lambda q: q.filter(Shop.codes == 3), lambda u: u, {"codes": [3]}),
    "one_of_one": (lambda q: q.filter(Shop.floor.in_(3)), lambda u: u, {"f": 3}),
    "none": (lambda q: q.filter({"owner": None}), lambda u: u, {}),
    "none_with_default": (lambda q: q.filter({"floor": None}), lambda u: u, {"f": 1}),
    "either": (lambda q: q.filter((Shop.floor == 3) | (Shop.floor == 4)), lambda u: u, {"f": 1}),
    "set_on_insert": (lambda q: q, lambda u: u.set_on_insert(floor=9), {"f": 9}),
    "push": (lambda q: q, lambda u: u.push("codes", 1, 2, 3, slice=2), {"codes": [1, 2]}),
    "add": (lambda q: q, lambda u: u.add_each_to_set("codes", 1, 1, 2), {"codes": [1, 2]}),
    "inc_the_filter": (
        lambda q: q.filter(Shop.stock == 5), lambda u: u.inc("stock", -2), {"stock": 3},
    ),
    "rename": (lambda q: q.filter(Shop.stock == 5), lambda u: u.rename("stock", "floor"), {"f": 5}),
    "embedded_filter": (
        lambda q: q.filter(Shop.place.city == "Bogor"), lambda u: u,
        {"place": {"city": "Bogor", "country": "ID"}},
    ),
}  # fmt: skip


@pytest.mark.parametrize("call", [update, modify])
@pytest.mark.parametrize(("narrow", "change", "wanted"), INSERTED.values(), ids=INSERTED)
def test_what_filter_and_update_give_counts(safe_session, database, call, narrow, change, wanted):
    """What the server takes from the filter, and what operators make of it, is the value."""
    call(narrow(safe_session.query(Shop)), lambda u: change(u).set(name="A"))

    stored = database["shops"].find_one()
    assert {name: stored[name] for name in wanted} == wanted
    assert "owner" not in stored
    assert safe_session.query(Shop).one().wrap()


def test_a_condition_on_none_finds_what_it_found(safe_session, database):
    """A document that has null, or nothing, is updated and not inserted again."""
    for owner in ({}, {"owner": None}):
        database["shops"].delete_many({})
        database["shops"].insert_one({"name": "A", **owner})
        query = safe_session.query(Shop).filter({"owner": None})

        assert query.set(Shop.name, "B").upsert().execute()["n"] == 1

        assert database["shops"].count_documents({"name": "B"}) == 1
        assert database["shops"].count_documents({}) == 1


@pytest.mark.parametrize("call", [update, modify])
def test_the_identity_is_that_of_the_class(safe_session, database, call):
    """With the defaults of a subclass its identity is stored."""
    call(safe_session.query(Dog).filter(Dog.name == "Rex"), lambda u: u.set(breed="collie"))

    stored = database["animals"].find_one({}, {"_id": 0})
    assert stored == {"kind": "dog", "name": "Rex", "legs": 4, "breed": "collie"}


def test_an_automatic_id_is_given(safe_session):
    """The class's own default is the `_id`."""
    safe_session.query(Automatic).set(name="A").upsert().execute()

    assert safe_session.query(Automatic).one().name == "A"


class TestUnchecked:
    """Who wants what the server makes says so."""

    @pytest.mark.parametrize("call", [update, modify])
    def test_nothing_is_added(self, safe_session, database, call):
        """Without defaults and without a required field."""
        call(
            safe_session.query(Shop).filter(Shop.floor == 5),
            lambda u: u.set(owner="x"),
            unchecked=True,
        )

        stored = database["shops"].find_one({}, {"_id": 0, "modified": 0})
        assert stored == {"f": 5, "owner": "x", "version": 1}

    def test_the_update_document_shows_it(self, session):
        """What is sent can be seen."""
        query = session.query(Dog).filter(Dog.name == "A")

        data = query.set(legs=3).upsert(unchecked=True).update_data

        assert data == {"$set": {"legs": 3}, "$setOnInsert": {"kind": "dog"}}


def test_the_update_document_shows_the_defaults(session):
    """What is sent can be seen."""
    query = session.query(Animal).filter(Animal.name == "A")

    assert query.set(name="B").upsert().update_data == {
        "$set": {"name": "B"},
        "$setOnInsert": {"kind": "animal"},
    }


class TestOfAnObject:
    """The upsert of an object by an expression inserts what can be loaded, too."""

    @pytest.mark.parametrize("in_block", [True, False])
    def test_an_id_of_another_type(self, safe_session, database, in_block):
        """The server would make an `ObjectId`; it is refused when it is queued."""
        with pytest.raises(MissingValueException, match="_id"):
            if in_block:
                with safe_session:
                    safe_session.add(Kept(key="k"))
                    safe_session.update(Kept(name="z"), Kept.name == "z", upsert=True)
            else:
                safe_session.update(Kept(name="z"), Kept.name == "z", upsert=True)

        assert database["kept"].count_documents({}) == 0

    def test_an_operator_on_nothing(self, safe_session, database):
        """What it makes of nothing is refused by the field."""
        with pytest.raises(BadValueException, match="upsert"):
            safe_session.update(Kept(key="k", n=3), upsert=True)

        assert database["kept"].count_documents({}) == 0

    def test_a_wrong_value_in_the_expression(self, safe_session, database):
        """The expression gives values, too."""
        with pytest.raises(BadValueException):
            safe_session.update(Shop(name="A"), {"owner": 5}, upsert=True)

        assert database["shops"].count_documents({}) == 0

    def test_an_automatic_id_is_learned(self, safe_session, database):
        """The object knows under which id it was inserted."""
        item = Automatic(name="A")

        safe_session.update(item, Automatic.name == "A", upsert=True)

        assert item.key == database["automatic"].find_one()["_id"]
