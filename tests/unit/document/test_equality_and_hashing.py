"""When two documents are the same, and how they are shown."""

from __future__ import annotations

import pytest
from bson import Int64, ObjectId

from ommongo import (
    AnythingField,
    Document,
    DocumentField,
    IntField,
    ListField,
    ObjectIdField,
    StringField,
)


class Person(Document):
    """A class with the usual id."""

    name = StringField(required=False)


class Animal(Document):
    """A class of another collection."""

    name = StringField(required=False)


class Vehicle(Document):
    """A class that shares its collection with a subclass."""

    config_collection_name = "vehicles"
    config_polymorphic = "kind"
    config_polymorphic_collection = True
    kind = StringField(required=False)


class Car(Vehicle):
    """The subclass."""

    config_polymorphic_identity = "car"


class Country(Document):
    """A class with an id of its own."""

    code = StringField(_id=True)
    name = StringField(required=False)


class Node(Document):
    """A class whose id accepts several forms of one value."""

    key = ObjectIdField(_id=True)


class Place(Document):
    """A document that is an id."""

    row = IntField(db_field="r")
    column = IntField(required=False)


class Cell(Document):
    """A class with an id of several parts."""

    place = DocumentField(Place, _id=True)


class Anything(Document):
    """A class that takes any id."""

    key = AnythingField(_id=True)


KEY = ObjectId("0123456789abcdef01234567")


def test_a_document_equals_itself():
    """An object is equal to itself, with an id and without."""
    unsaved, saved = Person(name="a"), Person(mongo_id=KEY)

    assert unsaved == unsaved
    assert saved == saved
    assert unsaved in [unsaved]


def test_documents_without_an_id_are_different():
    """Two documents that were never stored are two, whatever they hold."""
    assert Person(name="a") != Person(name="a")
    assert Person(name="a") != Person(name="a", mongo_id=KEY)
    assert Person(name="a", mongo_id=KEY) != Person(name="a")


def test_documents_of_one_collection_and_id_are_equal():
    """The same id in the same collection is the same document, whatever else differs."""
    assert Person(mongo_id=KEY, name="a") == Person(mongo_id=KEY, name="b")


def test_documents_of_different_ids_are_different():
    """Another id is another document."""
    assert Person(mongo_id=KEY, name="a") != Person(mongo_id=ObjectId(), name="a")


def test_documents_of_different_collections_are_different():
    """The same id in two collections is two documents."""
    assert Person(mongo_id=KEY) != Animal(mongo_id=KEY)


def test_documents_of_two_classes_of_one_collection_are_equal():
    """What counts is the collection, not the class that was used to look."""
    assert Vehicle(mongo_id=KEY) == Car(mongo_id=KEY)
    assert hash(Vehicle(mongo_id=KEY)) == hash(Car(mongo_id=KEY))


def test_a_declared_id_counts_as_the_id():
    """Documents with an id field of their own are compared by it."""
    assert Country(code="ID", name="a") == Country(code="ID", name="b")
    assert Country(code="ID") != Country(code="NL")
    assert Country() != Country()


def test_ids_are_compared_in_their_wrapped_form():
    """Forms that are stored alike are one id, and hash alike."""
    first, second, third = Node(key=KEY), Node(key=str(KEY)), Node(key=KEY.binary)

    assert first == second == third
    assert hash(first) == hash(second) == hash(third)


def test_an_id_of_several_parts_is_compared_in_its_wrapped_form():
    """Embedded documents that are stored alike are one id."""
    assert Cell(place=Place(row=1, column=2)) == Cell(place=Place(row=1, column=2))
    assert Cell(place=Place(row=1, column=2)) != Cell(place=Place(row=1))


def test_ids_that_the_server_tells_apart_are_different():
    """What Python calls equal is two documents where the server would hold two."""
    assert Anything(key=1) != Anything(key=True)
    assert Anything(key=0) != Anything(key=False)
    assert len({Anything(key=1), Anything(key=True)}) == 2


def test_ids_that_are_one_to_the_server_are_equal():
    """A whole number is one ``_id`` in all of its number types."""
    assert Anything(key=1) == Anything(key=1.0)
    assert Anything(key=1) == Anything(key=Int64(1))
    assert hash(Anything(key=1)) == hash(Anything(key=1.0))


@pytest.mark.parametrize("other", [None, 1, "Person", KEY, object(), {"_id": KEY}])
def test_a_document_is_no_other_thing(other):
    """A document equals no object that is no document."""
    assert Person(mongo_id=KEY) != other
    assert (Person(mongo_id=KEY) == other) is False


def test_documents_with_an_id_can_be_used_in_sets():
    """Documents with one id are one element."""
    people = {Person(mongo_id=KEY, name="a"), Person(mongo_id=KEY, name="b")}

    assert len(people) == 1
    assert Person(mongo_id=KEY) in people
    assert Person(mongo_id=ObjectId()) not in people


def test_changing_other_fields_does_not_change_the_hash():
    """A document stays where it is in a set while it is worked on."""
    person = Person(mongo_id=KEY, name="a")
    before = hash(person)
    person.name = "b"

    assert hash(person) == before


def test_hashing_a_document_without_an_id_raises_type_error():
    """Its hash would change when it is saved, so there is none."""
    with pytest.raises(TypeError, match="Person"):
        hash(Person(name="a"))


def test_repr_shows_the_class_the_id_and_the_first_fields():
    """What a debugger shows tells which document it is."""
    shown = repr(Country(code="ID", name="Indonesia"))

    assert "Country" in shown
    assert "ID" in shown
    assert "Indonesia" in shown


def test_repr_of_an_empty_document_works():
    """There is always something to show."""
    assert "Person" in repr(Person())


def test_repr_shows_only_the_first_few_fields():
    """A large document does not fill the screen with its fields."""
    fields = {f"field{number:03}": IntField() for number in range(100)}
    wide = type("Wide", (Document,), dict(fields))
    shown = repr(wide(**{name: number for number, name in enumerate(fields)}))

    assert "field000" in shown
    assert "field099" not in shown


def test_repr_does_not_evaluate_defaults():
    """Showing a document changes nothing in it."""
    calls = []

    class Counted(Document):
        numbers = ListField(IntField(), default_f=lambda: calls.append(1) or [])

    repr(Counted())

    assert calls == []
