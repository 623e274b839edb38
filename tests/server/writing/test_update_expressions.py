"""Update expressions on a real server: what they change, and what they answer."""

from __future__ import annotations

import datetime
import logging

import pytest
from pymongo.errors import WriteError

from ommongo import (
    AnythingField,
    DateTimeField,
    Document,
    DocumentField,
    IntField,
    ListField,
    Q,
    SetField,
    StringField,
)
from ommongo.exceptions import UpdateException
from tests.helpers import bodies_of
from tests.models import Address, Book, Page, User

NAMESPACE = "tests.server.updates"


class Box(Document):
    config_namespace = NAMESPACE
    config_collection_name = "boxes"

    name = StringField(required=False)
    count = IntField(required=False, min_value=0, db_field="c")
    words = ListField(StringField(), required=False, db_field="w")
    numbers = SetField(IntField(), required=False)
    pages = ListField(DocumentField(Page), required=False)
    things = ListField(AnythingField(), required=False)
    at = DateTimeField(required=False)


class Animal(Document):
    config_namespace = NAMESPACE
    config_collection_name = "animals"
    config_polymorphic = "kind"
    config_polymorphic_identity = "animal"
    config_polymorphic_collection = True
    kind = StringField(db_field="k", default="animal")
    name = StringField()
    age = IntField(required=False)


class Dog(Animal):
    config_polymorphic_identity = "dog"
    kind = StringField(db_field="k", default="dog")


@pytest.fixture
def stored(database):
    """Store a raw box; what it gives reads it back."""

    def store(**values):
        _id = database["boxes"].insert_one(values).inserted_id

        def read():
            raw = database["boxes"].find_one({"_id": _id})
            del raw["_id"]
            return raw

        return read

    return store


@pytest.fixture
def boxes(session):
    """All boxes."""
    return session.query(Box)


CHANGES = {
    "set": (lambda q: q.set(name="x", count=3), {"c": 1}, {"name": "x", "c": 3}),
    "unset": (lambda q: q.unset(Box.count), {"c": 1, "name": "x"}, {"name": "x"}),
    "inc": (lambda q: q.inc(Box.count, 3), {"c": 1}, {"c": 4}),
    "inc_below": (lambda q: q.inc(count=-1), {"c": 1}, {"c": 0}),
    "append": (lambda q: q.append(Box.words, "b"), {"w": ["a"]}, {"w": ["a", "b"]}),
    "append_twice": (
        lambda q: q.append("words", "b").append("words", "c"),
        {"w": ["a"]},
        {"w": ["a", "b", "c"]},
    ),
    "append_operators": (
        lambda q: q.append("things", {"$each": [1, 2]}),
        {"things": []},
        {"things": [{"$each": [1, 2]}]},
    ),
    "extend": (lambda q: q.extend(Box.words, "b", "c"), {}, {"w": ["b", "c"]}),
    "extend_by_nothing": (lambda q: q.extend(Box.words), {"w": ["a"]}, {"w": ["a"]}),
    "remove": (lambda q: q.remove(Box.words, "a"), {"w": ["a", "b", "a"]}, {"w": ["b"]}),
    "remove_by_condition": (
        lambda q: q.remove(Box.words, Box.words.in_("a", "c")),
        {"w": ["a", "b", "c"]},
        {"w": ["b"]},
    ),
    "remove_by_negation": (
        lambda q: q.remove(Box.numbers, ~(Box.numbers > 1)),
        {"numbers": [0, 1, 2]},
        {"numbers": [2]},
    ),
    "remove_document": (
        lambda q: q.remove(Box.pages, Page(number=1)),
        {"pages": [{"number": 1}, {"number": 1, "t": "x"}, {"number": 1}]},
        {"pages": [{"number": 1, "t": "x"}]},
    ),
    "remove_documents_by_condition": (
        lambda q: q.remove(Box.pages, (Page.number > 1) & (Page.text == "x")),
        {"pages": [{"number": 1, "t": "x"}, {"number": 2, "t": "x"}, {"number": 2}]},
        {"pages": [{"number": 1, "t": "x"}, {"number": 2}]},
    ),
    "remove_documents_by_either": (
        lambda q: q.remove(Box.pages, (Page.number > 1) | (Page.text == "x")),
        {"pages": [{"number": 1, "t": "x"}, {"number": 2}, {"number": 1}]},
        {"pages": [{"number": 1}]},
    ),
    "remove_documents_by_elem_match": (
        lambda q: q.remove(Box.pages, Box.pages.elem_match(Page.number > 1)),
        {"pages": [{"number": 1}, {"number": 2}]},
        {"pages": [{"number": 1}]},
    ),
    "remove_documents_by_dict": (
        lambda q: q.remove(Box.pages, {"text": "x"}),
        {"pages": [{"number": 1, "t": "x"}, {"number": 2}]},
        {"pages": [{"number": 2}]},
    ),
    "remove_operators": (
        lambda q: q.remove(Box.things, {"$gt": 0}),
        {"things": [1, {"$gt": 0}]},
        {"things": [1]},
    ),
    "remove_all": (
        lambda q: q.remove_all(Box.words, "a", "c").remove_all("words", "d"),
        {"w": ["a", "b", "c", "d"]},
        {"w": ["b"]},
    ),
    "add_to_set": (lambda q: q.add_to_set(Box.numbers, 1), {"numbers": [1]}, {"numbers": [1]}),
    "add_to_set_twice": (
        lambda q: q.add_to_set(Box.numbers, 1).add_to_set("numbers", 2),
        {"numbers": [1]},
        {"numbers": [1, 2]},
    ),
    "add_each_to_set": (
        lambda q: q.set(name="x").add_each_to_set(Box.numbers, 1, 2),
        {"numbers": [1]},
        {"name": "x", "numbers": [1, 2]},
    ),
    "pop_first": (lambda q: q.pop_first(Box.words), {"w": ["a", "b"]}, {"w": ["b"]}),
    "pop_last": (lambda q: q.pop_last(Box.words), {"w": ["a", "b"]}, {"w": ["a"]}),
    "mul": (lambda q: q.set(name="x").mul("count", 3), {"c": 2}, {"name": "x", "c": 6}),
    "min": (lambda q: q.set(name="x").min("count", 3), {"c": 5}, {"name": "x", "c": 3}),
    "max": (lambda q: q.set(name="x").max("count", 3), {"c": 5}, {"name": "x", "c": 5}),
    "rename": (lambda q: q.unset("at").rename("words", "things"), {"w": [1]}, {"things": [1]}),
    "push": (
        lambda q: q.unset("at").push("words", "c", "a", sort=1, slice=2, position=0),
        {"w": ["b"]},
        {"w": ["a", "b"]},
    ),
    "set_on_insert": (lambda q: q.inc("count").set_on_insert(name="x"), {"c": 1}, {"c": 2}),
    "several": (
        lambda q: q.set(name="x").inc("count").append("words", "a").unset("at"),
        {"at": 1},
        {"name": "x", "c": 1, "w": ["a"]},
    ),
}


@pytest.mark.parametrize(("change", "before", "after"), CHANGES.values(), ids=CHANGES)
def test_what_an_operator_does(boxes, stored, change, before, after):
    """The server holds what the operator makes of the document."""
    read = stored(**before)

    change(boxes).execute()

    assert read() == after


def test_current_date_is_the_servers(boxes, stored, session):
    """The date is that of the server's clock."""
    read = stored()

    boxes.set(name="x").current_date(Box.at).execute()

    now = session.db.command("hello")["localTime"]
    assert datetime.timedelta(0) <= now - read()["at"] < datetime.timedelta(minutes=1)


def test_matched_index_changes_the_item_that_matched(session):
    """The positional operator stands for the item that the query found."""
    session.save(Book(title="x", pages=[Page(number=1), Page(number=2), Page(number=3)]))

    query = session.query(Book).filter(Book.pages.number == 2)
    query.set(Book.pages.matched_index().text, "here").execute()

    assert [page.__dict__.get("text") for page in session.query(Book).one().pages] == [
        None,
        "here",
        None,
    ]


def test_array_filters_pick_items(session):
    """Identifiers in a path stand for the items that a condition describes."""
    session.save(Book(title="x", pages=[Page(number=1), Page(number=2), Page(number=3)]))

    update = session.query("books").set("p.$[late].t", "late")
    update.array_filters({"late.number": {"$gt": 1}}).execute()

    pages = session.query("books").one()["p"]
    assert [page.get("t") for page in pages] == [None, "late", "late"]


def test_without_multi_one_document_is_changed(boxes, stored):
    """The first match only is changed."""
    stored(c=1)
    stored(c=1)

    reply = boxes.inc("count").execute()

    assert (reply["ok"], reply["n"], reply["nModified"]) == (1, 1, 1)
    assert sorted(box.count for box in boxes) == [1, 2]


def test_multi_changes_all_matches(boxes, stored):
    """And no others."""
    for count in (1, 2, 3):
        stored(c=count)

    reply = boxes.clone().filter(Box.count > 1).inc("count", 10).multi().execute()

    assert (reply["n"], reply["nModified"]) == (2, 2)
    assert sorted(box.count for box in boxes) == [1, 12, 13]


def test_the_reply_tells_what_was_changed(boxes, stored):
    """A match that holds the value already is no modification."""
    stored(c=1)

    reply = boxes.set(count=1).execute()

    assert (reply["n"], reply["nModified"]) == (1, 0)


def test_an_update_that_matches_nothing(boxes):
    """Nothing is created, and that is no error."""
    reply = boxes.filter(Box.count == 9).set(name="x").execute()

    assert (reply["n"], reply["nModified"]) == (0, 0)
    assert boxes.count() == 0


def test_an_upsert_inserts(boxes):
    """The document is made of the filter's equalities and of the update."""
    update = boxes.filter(Box.name == "x").inc("count", 3).set_on_insert(words=["a"]).upsert()

    reply = update.execute()

    raw = boxes.raw_output().one()
    assert raw == {"_id": reply["upserted"], "name": "x", "c": 3, "w": ["a"]}
    assert reply["n"] == 1


def test_an_upsert_changes_what_is_there(boxes, stored):
    """Nothing is inserted where something matches."""
    read = stored(name="x", c=1)

    reply = boxes.filter(Box.name == "x").inc("count", 3).upsert().execute()

    assert "upserted" not in reply
    assert read() == {"name": "x", "c": 4}


@pytest.mark.parametrize("cls", [Animal, Dog])
def test_an_upsert_inserts_an_object_of_the_class(session, cls):
    """What was inserted is found by queries for its class, and loads as it."""
    session.query(cls).filter(cls.name == "rex").set(age=3).upsert().execute()

    (found,) = session.query(cls)
    assert (type(found), found.name, found.age) == (cls, "rex", 3)


def test_an_upsert_that_names_the_class_is_heeded(session):
    """The attribute can be set like any other."""
    session.query(Animal).filter(Animal.name == "rex").set(kind="dog").upsert().execute()

    assert type(session.query(Animal).one()) is Dog


def test_an_update_heeds_the_class(session):
    """Documents of other classes in the collection stay as they are."""
    session.save(Animal(name="cat", age=1))
    session.save(Dog(name="rex", age=1))

    session.query(Dog).inc("age").multi().execute()

    assert {animal.name: animal.age for animal in session.query(Animal)} == {"cat": 1, "rex": 2}


def test_the_hint_is_sent(boxes, stored, session, commands):
    """The server is told which index to use for finding what to change."""
    stored(c=1)
    session.db["boxes"].create_index([("c", -1)])

    boxes.filter(Box.count == 1).hint_desc(Box.count).set(name="x").execute()

    (update,) = bodies_of(commands, "update")
    assert update["updates"][0]["hint"] == {"c": -1}


def test_free_form_updates(session, stored):
    """Without a class any name takes any value."""
    read = stored(a={"b": 1})

    session.query("boxes").filter(Q.a.b == 1).set(Q.a.b, "x").inc("n", 2).execute()

    assert read() == {"a": {"b": "x"}, "n": 2}


def test_held_objects_are_not_changed(make_session, stored):
    """An update is made on the server; an object that the session holds stays what it is."""
    stored(c=1)
    session = make_session(cache_size=None)
    held = session.query(Box).one()

    session.query(Box).inc("count").execute()

    assert held.count == 1
    assert session.refresh(held).count == 2


def test_an_empty_update_sends_nothing(boxes, stored, commands):
    """It is refused, so nothing is erased."""
    read = stored(c=1)
    commands.clear()

    with pytest.raises(UpdateException):
        boxes.set(count=2).query.find_and_modify().execute()

    assert commands.names() == []
    assert read() == {"c": 1}


def test_an_update_sees_what_is_pending(session, boxes):
    """Operations are sent in the order in which they were asked for."""
    session.add(Box(count=1))

    assert boxes.inc("count").execute()["n"] == 1


def test_in_a_block_an_update_is_queued(session, boxes, stored):
    """It is sent at the end of the block, as it was when it was executed."""
    read = stored(c=1)
    words = ["a"]

    with session:
        update = boxes.set(words=words)
        assert update.execute() is None
        words.append("b")
        update.set(name="x")
        assert read() == {"c": 1}

    assert read() == {"c": 1, "w": ["a"]}


def test_an_update_is_safe_as_the_session_is(make_session, stored, caplog):
    """Without `safe` an error of the server is logged, or raised, as the session says."""
    read = stored(w="no list")

    with caplog.at_level(logging.ERROR, "ommongo"):
        assert make_session().query(Box).append("words", "a").execute() is None
    assert len(caplog.records) == 1
    with pytest.raises(WriteError):
        make_session(safe=True).query(Box).append("words", "a").execute()
    assert read() == {"w": "no list"}


def test_safe_is_for_one_update(boxes, stored, make_session, caplog):
    """`safe()` raises where the session logs, and `safe(False)` the other way round."""
    stored(w="no list")

    with pytest.raises(WriteError):
        boxes.append("words", "a").safe().execute()
    with caplog.at_level(logging.ERROR, "ommongo"):
        make_session(safe=True).query(Box).append("words", "a").safe(False).execute()
    assert len(caplog.records) == 1


def test_the_write_concern_of_one_update(boxes, stored, commands):
    """Options of `safe` are those of the write concern."""
    stored(c=1)

    boxes.inc("count").safe(True, w=1, j=True).execute()

    (update,) = bodies_of(commands, "update")
    assert update["writeConcern"] == {"w": 1, "j": True}


def test_an_embedded_document_is_set(session):
    """It can be set as a whole and in parts."""
    session.save(User(name="ada"))
    query = session.query(User)

    query.set(address=Address(city="Bogor", zip="1")).execute()
    query.set(User.address.city, "Bandung").execute()

    address = query.one().address
    assert (address.city, address.zip) == ("Bandung", "1")


def test_an_update_keeps_its_session_alive(make_session, stored):
    """A session that only an update knows is still there when it is executed."""
    read = stored(c=1)
    update = make_session().query(Box).inc("count")

    update.execute()

    assert read() == {"c": 2}
