"""
A partial load of documents that a hook rewrites gives what was asked for, and stores no default.

Members of the kind, by what is loaded in part: named fields, excluded ones, a part of an embedded
document, a slice, the item that matches; by whose hook it is: the class's, a subclass's, that of an
embedded document, alone or in a list; by how: a query, find-and-modify, a text search is a query,
`unwrap`. And what storing the object does to what was not seen.
"""

from __future__ import annotations

from typing import Any

import pytest

from ommongo import Document, DocumentField, IntField, ListField, StringField
from ommongo.exceptions import FieldNotRetrieved

SPACE = "tests.partial_migration"


class Page(Document):
    config_namespace = SPACE
    number = IntField(default=0)
    text = StringField(default="unknown")

    @classmethod
    def transform_incoming(cls, obj: dict[str, Any], session: Any) -> dict[str, Any]:
        if "words" in obj:
            obj["text"] = obj.pop("words")
        return obj


class Person(Document):
    config_namespace = SPACE
    config_collection_name = "people"
    config_extra_fields = "ignore"

    name = StringField(default="unknown")
    place = StringField(default="nowhere")
    age = IntField(default=0)
    tags = ListField(IntField(), required=False)

    @classmethod
    def transform_incoming(cls, obj: dict[str, Any], session: Any) -> dict[str, Any]:
        for old, new in (("label", "name"), ("town", "place")):
            if old in obj:
                obj[new] = obj.pop(old)
        return obj


class Base(Document):
    config_namespace = SPACE
    config_collection_name = "bases"
    config_polymorphic = "kind"
    config_polymorphic_identity = "base"
    config_polymorphic_collection = True
    kind = StringField()
    name = StringField(default="unknown")


class Migrated(Base):
    config_namespace = SPACE
    config_polymorphic_identity = "migrated"

    @classmethod
    def transform_incoming(cls, obj: dict[str, Any], session: Any) -> dict[str, Any]:
        obj["name"] = obj.pop("label")
        return obj


class Book(Document):
    config_namespace = SPACE
    config_collection_name = "books"
    title = StringField(default="untitled")
    cover = DocumentField(Page, required=False)
    pages = ListField(DocumentField(Page), required=False)


STORED = {"label": "Siti", "age": 3, "tags": [1, 2, 3]}


@pytest.fixture
def people(safe_session):
    """One person as an older version stored it, with a key that nobody asks for."""
    safe_session.db["people"].insert_one({**STORED, "other": 1})
    return safe_session


LOAD = {
    "named": lambda query: query.fields(Person.name, Person.age).one(),
    "excluded": lambda query: query.fields(Person.place.exclude(), Person.tags.exclude()).one(),
    "first": lambda query: query.fields("name", "age").first(),
    "all": lambda query: query.fields("name", "age").all()[0],
    "iterating": lambda query: next(iter(query.fields("name", "age"))),
    "find_and_modify": lambda query: (
        query.fields("name", "age").find_and_modify().set(Person.age, 3).execute()
    ),
    "found after": lambda query: (
        query.fields("name", "age").find_and_modify(new=True).set(Person.age, 3).execute()
    ),
}


@pytest.mark.parametrize("way", LOAD)
def test_what_was_asked_for_is_loaded(people, way):
    """Whatever it was called before; the rest is not retrieved."""
    person = LOAD[way](people.query(Person))

    assert (person.name, person.age) == ("Siti", 3)
    with pytest.raises(FieldNotRetrieved):
        person.place
    with pytest.raises(FieldNotRetrieved):
        person.tags


def test_what_was_not_asked_for_is_not_retrieved(people):
    """The object is partial, though the whole document was read."""
    person = people.query(Person).fields(Person.age).one()

    assert person.__dict__.keys() == {"mongo_id", "age"}
    with pytest.raises(FieldNotRetrieved):
        person.name


def test_a_document_of_the_new_form_is_loaded_in_part_as_ever(people):
    """The hook has nothing to do with it."""
    people.save(Person(name="Ani", age=5))

    person = people.query(Person).filter(Person.age == 5).fields(Person.name).one()

    assert person.name == "Ani"
    assert person.get_dirty_ops() == {}


@pytest.mark.parametrize("way", ["update", "save"])
def test_storing_it_stores_what_the_hook_made(people, way):
    """All that the hook changed was retrieved, so the old name goes."""
    person = people.query(Person).fields(Person.name, Person.age).one()
    person.age = 4
    getattr(people, way)(person)

    stored = people.query("people").one()
    del stored["_id"]
    assert stored == {"name": "Siti", "age": 4, "tags": [1, 2, 3], "other": 1}


@pytest.mark.parametrize("way", ["update", "save"])
def test_storing_another_part_leaves_the_old_form(people, way):
    """The old name is not taken away where the new one is not there to be stored."""
    person = people.query(Person).fields(Person.age).one()
    person.age = 4
    getattr(people, way)(person)

    assert people.query("people").one()["label"] == "Siti"
    assert people.query(Person).one().name == "Siti"
    assert people.query(Person).one().age == 4


@pytest.mark.parametrize("way", ["update", "save"])
def test_half_of_what_a_hook_made_is_not_stored(people, way):
    """Else the hook would take what is old for what is new, the next time."""
    people.db["people"].update_one({}, {"$set": {"town": "Bogor"}})
    person = people.query(Person).fields(Person.name, Person.age).one()
    person.age = 4
    getattr(people, way)(person)
    stored = people.query("people").one()
    assert (stored["label"], stored["town"], stored["age"]) == ("Siti", "Bogor", 4)
    assert "name" not in stored

    person.name = "Budi"
    with pytest.raises(FieldNotRetrieved, match="transform_incoming"):
        getattr(people, way)(person)

    assert people.query("people").one() == stored


def test_a_slice_is_loaded_beside_it(people):
    """The server cuts the list, and leaves the rest for the hook."""
    person = people.query(Person).fields(Person.name, Person.tags.slice(2)).one()

    assert (person.name, person.tags) == ("Siti", [1, 2])
    with pytest.raises(FieldNotRetrieved):
        person.age


def test_where_the_hook_cannot_see_it_it_is_not_retrieved(safe_session):
    """The server gives the item that matches and what was named, and nothing else."""

    class Shelf(Document):
        config_namespace = SPACE
        config_collection_name = "shelves"
        name = StringField(default="unknown")
        size = IntField(default=0)
        pages = ListField(DocumentField(Page), required=False)

        @classmethod
        def transform_incoming(cls, obj, session):
            if "label" in obj:
                obj["name"] = obj.pop("label")
            return obj

    pages = [{"number": 1}, {"number": 2}]
    safe_session.db["shelves"].insert_one({"label": "A", "size": 5, "pages": pages})
    query = safe_session.query(Shelf)

    shelf = query.fields(Shelf.name, Shelf.size, Shelf.pages.elem_match({"number": 2})).one()

    assert ([page.number for page in shelf.pages], shelf.size) == ([2], 5)
    with pytest.raises(FieldNotRetrieved):
        shelf.name
    shelf.size = 6
    safe_session.update(shelf)
    assert safe_session.query("shelves").one()["label"] == "A"


def test_the_hook_of_a_subclass_sees_the_whole(safe_session):
    """A query for the base may find documents of a subclass with a hook."""
    safe_session.db["bases"].insert_many(
        [{"kind": "base", "name": "a"}, {"kind": "migrated", "label": "b"}]
    )

    found = safe_session.query(Base).fields(Base.name).all()

    assert [document.name for document in found] == ["a", "b"]


@pytest.mark.parametrize("fields", [("cover.text",), ("cover.text", "title")])
def test_the_hook_of_an_embedded_document_sees_the_whole(safe_session, fields):
    """A part of an embedded document is loaded by taking all of it."""
    safe_session.db["books"].insert_one({"title": "t", "cover": {"words": "w", "number": 1}})

    book = safe_session.query(Book).fields(*fields).one()

    assert book.cover.text == "w"
    with pytest.raises(FieldNotRetrieved):
        book.cover.number
    with pytest.raises(FieldNotRetrieved):
        book.pages


def test_the_hook_of_an_item_sees_the_whole(safe_session):
    """So is a part of each document in a list."""
    safe_session.db["books"].insert_one({"pages": [{"words": "w"}, {"text": "x", "number": 1}]})

    book = safe_session.query(Book).fields("pages.text").one()

    assert [page.text for page in book.pages] == ["w", "x"]
    with pytest.raises(FieldNotRetrieved):
        book.pages[1].number


def test_a_class_without_hooks_loads_only_what_was_asked_for(safe_session, commands):
    """It costs nothing where nobody rewrites anything."""

    class Plain(Document):
        config_namespace = SPACE
        name = StringField(default="a")
        age = IntField(default=0)

    safe_session.save(Plain())
    commands.clear()
    safe_session.query(Plain).fields(Plain.name).one()

    [event] = commands.started
    assert event.command["projection"] == {"name": True, "_id": True}


def test_raw_results_are_what_was_asked_for(people):
    """No hook is called for dicts, so nothing more is read."""
    found = people.query(Person).fields("age").raw_output().one()

    assert found.keys() == {"_id", "age"}


def test_unwrap_in_part_gives_what_was_asked_for():
    """It has the whole anyway."""
    person = Person.unwrap({"label": "Siti", "age": 3}, fields=[Person.name])

    assert person.name == "Siti"
    with pytest.raises(FieldNotRetrieved):
        person.age
