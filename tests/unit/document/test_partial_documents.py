"""Documents of which only some fields were retrieved."""

from __future__ import annotations

import pytest
from bson import ObjectId

from ommongo import DictField, Document, DocumentField, IntField, ListField, StringField
from ommongo.document import (
    DocumentException,
    ExtraValueException,
    FieldNotRetrieved,
    MissingValueException,
)


class Address(Document):
    """A document to be embedded."""

    city = StringField()
    zip = StringField(required=False)


class Person(Document):
    """A class with every kind of field that may be left out."""

    name = StringField(db_field="n")
    age = IntField(required=False)
    theme = StringField(default="dark")
    tags = ListField(StringField(), default_empty=True)
    limits = DictField(IntField(), required=False)
    address = DocumentField(Address, required=False)


def test_reading_a_field_that_was_not_retrieved_raises():
    """A field that was left out is not known, and says so by its name."""
    person = Person(retrieved_fields=["name"], name="ada")

    with pytest.raises(FieldNotRetrieved, match="age") as caught:
        _ = person.age
    assert isinstance(caught.value, DocumentException)


@pytest.mark.parametrize("name", ["theme", "tags"])
def test_a_field_with_a_default_that_was_not_retrieved_raises_too(name):
    """A default never stands in for a value that was left out."""
    person = Person(retrieved_fields=["name"], name="ada")

    with pytest.raises(FieldNotRetrieved, match=name):
        getattr(person, name)


def test_retrieved_fields_read_as_in_a_full_document():
    """A retrieved field has its value, its default, or raises `AttributeError`."""
    person = Person(retrieved_fields=["name", "theme", "age"], name="ada")

    assert (person.name, person.theme) == ("ada", "dark")
    with pytest.raises(AttributeError):
        _ = person.age


def test_retrieved_fields_may_be_query_fields():
    """`retrieved_fields` takes names and query fields alike."""
    person = Person(retrieved_fields=[Person.name, "theme"], name="ada")

    assert (person.name, person.theme) == ("ada", "dark")
    with pytest.raises(FieldNotRetrieved):
        _ = person.age


def test_a_field_that_was_set_can_be_read():
    """A value that was assigned is known, retrieved or not."""
    person = Person(retrieved_fields=["name"], name="ada")
    person.age = 36

    assert person.age == 36


def test_a_field_given_to_the_constructor_can_be_read():
    """A value given beside `retrieved_fields` is set."""
    assert Person(retrieved_fields=["name"], age=36).age == 36


def test_retrieving_nothing_is_a_partial_document():
    """An empty `retrieved_fields` leaves every field out."""
    person = Person(retrieved_fields=[])

    with pytest.raises(FieldNotRetrieved):
        _ = person.theme


def test_values_of_a_partial_document_are_validated():
    """A partial document refuses unknown names as any other."""
    with pytest.raises(ExtraValueException):
        Person(retrieved_fields=["name"], nmae="ada")


def test_unwrap_with_fields_makes_a_partial_document():
    """`unwrap(fields=...)` says which fields the stored data was asked for."""
    key = ObjectId()
    person = Person.unwrap({"_id": key, "n": "ada"}, fields=["mongo_id", "name"])

    assert (person.mongo_id, person.name) == (key, "ada")
    with pytest.raises(FieldNotRetrieved):
        _ = person.theme


def test_unwrap_takes_query_fields():
    """`fields` of `unwrap` may be query fields."""
    person = Person.unwrap({"n": "ada"}, fields=[Person.name, Person.theme])

    assert person.theme == "dark"
    with pytest.raises(FieldNotRetrieved):
        _ = person.age


def test_unwrap_without_fields_makes_a_full_document():
    """Without `fields` what is missing is not there, which is another thing."""
    person = Person.unwrap({"n": "ada"})

    assert person.theme == "dark"
    with pytest.raises(AttributeError):
        _ = person.age


def test_wrapping_without_a_required_field_that_was_not_retrieved_raises():
    """A required field that was left out cannot be stored, and is not merely missing."""
    person = Person.unwrap({"age": 36}, fields=["age"])

    with pytest.raises(FieldNotRetrieved, match="name") as caught:
        person.wrap()
    assert not isinstance(caught.value, MissingValueException)


def test_wrapping_leaves_out_optional_fields_that_were_not_retrieved():
    """An optional field that was left out is not in what is stored."""
    part = Address.unwrap({"city": "Bogor"}, fields=["city"])

    assert part.wrap() == {"city": "Bogor"}


def test_hasattr_does_not_hide_that_a_field_was_not_retrieved():
    """Whoever asks whether a field is there learns that this is not known."""
    person = Person.unwrap({"n": "ada"}, fields=["name"])

    with pytest.raises(FieldNotRetrieved):
        hasattr(person, "age")


def test_a_loaded_partial_document_is_clean():
    """What was left out is no change."""
    person = Person.unwrap({"_id": ObjectId(), "n": "ada"}, fields=["name"])

    assert person.get_dirty_ops() == {}


def test_a_default_that_was_not_retrieved_is_never_sent():
    """An update of a partial document has nothing but what was set."""
    person = Person.unwrap({"_id": ObjectId(), "n": "ada"}, fields=["name"])
    person.name = "eva"

    assert person.get_dirty_ops() == {"$set": {"n": "eva"}}


def test_setting_a_field_that_was_not_retrieved_is_a_change():
    """A value that was assigned is sent, whatever was stored."""
    person = Person.unwrap({"_id": ObjectId(), "n": "ada"}, fields=["name"])
    person.age = 36
    person.tags = ["a"]

    assert person.get_dirty_ops() == {"$set": {"age": 36, "tags": ["a"]}}


def test_setting_a_field_that_was_not_retrieved_to_its_default_is_a_change():
    """The stored value is not known, so an assigned default has to be sent."""
    person = Person.unwrap({"_id": ObjectId(), "n": "ada"}, fields=["name"])
    person.theme = "dark"
    person.tags = []

    assert person.get_dirty_ops() == {"$set": {"theme": "dark", "tags": []}}


def test_changing_a_retrieved_list_of_a_partial_document_is_found():
    """A retrieved list or dict is watched as in a full document."""
    person = Person.unwrap(
        {"_id": ObjectId(), "tags": ["a"], "limits": {"x": 1}}, fields=["tags", "limits"]
    )
    person.tags.append("b")
    person.limits["x"] = 2

    assert person.get_dirty_ops() == {"$set": {"tags": ["a", "b"], "limits": {"x": 2}}}


def test_deleting_a_retrieved_field_unsets_it():
    """A retrieved field that was deleted is taken out of the stored document."""
    person = Person.unwrap({"_id": ObjectId(), "n": "ada", "age": 3}, fields=["name", "age"])
    del person.age

    assert set(person.get_dirty_ops()) == {"$unset"}
    assert set(person.get_dirty_ops()["$unset"]) == {"age"}


def test_repr_of_a_partial_document_works():
    """A partial document can be shown."""
    person = Person.unwrap({"n": "ada"}, fields=["name"])

    assert "Person" in repr(person)


def test_a_dotted_name_makes_the_embedded_document_partial():
    """A field below an embedded document leaves out its other fields."""
    person = Person.unwrap({"address": {"city": "Bogor"}}, fields=["address.city"])

    assert person.address.city == "Bogor"
    with pytest.raises(FieldNotRetrieved, match="zip"):
        _ = person.address.zip


def test_a_whole_embedded_document_is_not_partial():
    """An embedded document that was asked for by its own name has all of its fields."""
    person = Person.unwrap({"address": {"city": "Bogor"}}, fields=["address"])

    with pytest.raises(AttributeError) as caught:
        _ = person.address.zip
    assert not isinstance(caught.value, FieldNotRetrieved)


def test_extra_fields_of_a_partial_loose_document_are_not_unset():
    """Extra fields that were left out are not taken for deleted ones."""

    class LoosePerson(Document):
        config_extra_fields = "ignore"
        name = StringField()

    person = LoosePerson.unwrap({"_id": ObjectId(), "name": "ada"}, fields=["name"])
    person.name = "eva"

    assert person.get_dirty_ops() == {"$set": {"name": "eva"}}
