"""DictDoc: documents that are read and set like dicts."""

from __future__ import annotations

import pytest

from ommongo import DictDoc, Document, IntField, ListField, StringField
from ommongo.document import FieldNotRetrieved
from ommongo.fields import BadValueException


class Person(DictDoc, Document):
    """A document that is also read by keys."""

    name = StringField()
    age = IntField(required=False, db_field="a")
    theme = StringField(default="dark")
    tags = ListField(StringField(), required=False)
    note: int  # an attribute that is no field

    legs = 2

    def greet(self):
        return "hello"


class Turned(Document, DictDoc):
    """The same with its bases the other way round."""

    name = StringField()


def test_a_field_is_read_by_its_name():
    """`doc['field']` gives the value of the field."""
    assert Person(name="ada")["name"] == "ada"


def test_the_order_of_the_bases_does_not_matter():
    """The mixin works before and after `Document`."""
    turned = Turned(name="ada")
    turned["name"] = "eva"

    assert turned["name"] == turned.name == "eva"


def test_a_field_is_set_by_its_name():
    """`doc['field'] = value` sets the field, as an assignment does."""
    person = Person(name="ada")
    person["age"] = 36

    assert person.age == 36
    assert person.wrap()["a"] == 36


def test_setting_by_name_validates():
    """A wrong value is refused here as well."""
    person = Person(name="ada")

    with pytest.raises(BadValueException) as caught:
        person["age"] = "36"
    assert caught.value.name == "Person.age"


def test_setting_by_name_makes_the_field_dirty():
    """A change by name is sent as any other."""
    person = Person.unwrap({"name": "ada"})
    person["name"] = "eva"

    assert person.get_dirty_ops() == {"$set": {"name": "eva"}}


@pytest.mark.parametrize("name", ["nothing", "a", "legs", "greet", "note", "wrap"])
def test_reading_a_name_that_is_no_field_raises_key_error(name):
    """Only fields are reached, by Python names: no methods, attributes or stored names."""
    person = Person(name="ada", age=3)
    person.note = 5

    with pytest.raises(KeyError, match=name):
        person[name]


@pytest.mark.parametrize("name", ["nothing", "a", "legs", "greet", "wrap"])
def test_setting_a_name_that_is_no_field_raises_key_error(name):
    """A name that is no field cannot be set by name, and nothing is changed."""
    person = Person(name="ada")

    with pytest.raises(KeyError, match=name):
        person[name] = 1
    assert person.legs == 2
    assert person.greet() == "hello"


def test_a_set_field_is_in_the_document():
    """`in` tells whether a field is set."""
    person = Person(name="ada")

    assert "name" in person
    assert "age" not in person


def test_a_deleted_field_is_not_in_the_document():
    """A field that was deleted is not set."""
    person = Person(name="ada", age=3)
    del person.age

    assert "age" not in person


def test_a_field_that_was_not_retrieved_is_not_in_the_document():
    """`in` asks for fields that are set and retrieved, and never raises."""
    person = Person.unwrap({"name": "ada"}, fields=["name"])

    assert "name" in person
    assert "age" not in person


@pytest.mark.parametrize("name", ["nothing", "legs", "greet"])
def test_a_name_that_is_no_field_is_not_in_the_document(name):
    """`in` is about fields only."""
    assert name not in Person(name="ada")


def test_a_field_that_was_not_retrieved_cannot_be_read_by_name():
    """Reading by name tells that a field was left out, as reading the attribute does."""
    person = Person.unwrap({"name": "ada"}, fields=["name"])

    with pytest.raises(FieldNotRetrieved):
        person["age"]


def test_a_default_is_read_by_name():
    """An unset field with a default reads as its default."""
    assert Person(name="ada")["theme"] == "dark"


def test_setdefault_gives_a_value_that_is_set():
    """`setdefault` leaves a set field alone."""
    person = Person(name="ada")

    assert person.setdefault("name", "eva") == "ada"
    assert person.name == "ada"


def test_setdefault_sets_a_field_that_is_unset():
    """`setdefault` sets an unset field and gives the value."""
    person = Person(name="ada")

    assert person.setdefault("age", 36) == 36
    assert person.age == 36


def test_setdefault_of_a_mutable_value_gives_the_fields_own_value():
    """What `setdefault` gives can be changed in place, as with a dict."""
    person = Person(name="ada")
    person.setdefault("tags", []).append("a")

    assert person.tags == ["a"]


def test_setdefault_validates():
    """A wrong value is refused."""
    with pytest.raises(BadValueException):
        Person(name="ada").setdefault("age", "36")


@pytest.mark.parametrize("name", ["nothing", "legs", "greet"])
def test_setdefault_of_a_name_that_is_no_field_raises_key_error(name):
    """A name that is no field has no default to set."""
    with pytest.raises(KeyError, match=name):
        Person(name="ada").setdefault(name, 1)
