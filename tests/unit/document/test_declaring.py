"""What a class body declares: fields, their two names, and the id."""

from __future__ import annotations

import pytest
from bson import ObjectId

from ommongo import (
    Document,
    IntField,
    ListField,
    ObjectIdField,
    StringField,
)
from ommongo.document import BadFieldSpecification
from ommongo.query_expression import QueryField


class Person(Document):
    """A class with a stored name of its own, and with attributes that are no fields."""

    name = StringField()
    age = IntField(db_field="a", required=False)
    tags = ListField(StringField(), required=False)
    legs = 2

    def greet(self):
        return f"Hello, {self.name}"


class Country(Document):
    """A class whose id is declared with ``_id=True``."""

    code = StringField(_id=True)
    name = StringField(required=False)


class Planet(Document):
    """A class whose id is declared with ``db_field='_id'``."""

    number = IntField(db_field="_id")


class Coin(Document):
    """A class whose own id field is named ``mongo_id``."""

    mongo_id = StringField(_id=True)


def test_attributes_that_are_fields_are_the_fields_of_the_class():
    """`get_fields` gives the declared fields and the id, by Python name, and nothing else."""
    assert set(Person.get_fields()) == {"mongo_id", "name", "age", "tags"}
    assert isinstance(Person.get_fields()["age"], IntField)


def test_fields_by_name_are_also_kept_in_the_underscored_attribute():
    """`_fields`, which applications use, holds the same fields as `get_fields`."""
    assert set(Person._fields) == set(Person.get_fields())
    assert all(Person._fields[name] is field for name, field in Person.get_fields().items())


def test_a_field_is_stored_under_its_db_field_and_otherwise_under_its_name():
    """`db_field` names the field in the database, the attribute names it in Python."""
    person = Person(name="ada", age=36)

    assert person.wrap() == {"name": "ada", "a": 36}
    assert Person.unwrap({"name": "ada", "a": 36}).age == 36


def test_class_access_gives_a_query_field():
    """Read on the class, a field is the query field with its stored name."""
    assert isinstance(Person.age, QueryField)
    assert str(Person.age) == "a"


def test_instance_access_gives_the_value():
    """Read on an object, a field is its value."""
    assert Person(name="ada", age=36).age == 36


def test_class_attributes_that_are_no_fields_stay_what_they_are():
    """Plain attributes and methods of the class body work as in any class, and are not stored."""
    person = Person(name="ada")

    assert (person.legs, person.greet()) == (2, "Hello, ada")
    assert person.wrap() == {"name": "ada"}


def test_every_document_has_an_optional_object_id():
    """`mongo_id` is an optional `ObjectIdField` stored as ``_id`` that no update touches."""
    field = Person.get_fields()["mongo_id"]

    assert isinstance(field, ObjectIdField)
    assert field.required is False
    assert field.db_field == "_id"
    assert field.on_update == "ignore"
    assert field.is_id


def test_the_object_id_is_stored_under_its_name_in_the_database():
    """A `mongo_id` that is set is stored as ``_id``, and loaded from there."""
    key = ObjectId()

    assert Person(name="ada", mongo_id=key).wrap() == {"_id": key, "name": "ada"}
    assert Person.unwrap({"_id": key, "name": "ada"}).mongo_id == key


@pytest.mark.parametrize(
    ("cls", "name"), [(Country, "code"), (Planet, "number")], ids=["_id=True", "db_field"]
)
def test_a_declared_id_takes_the_place_of_mongo_id(cls, name):
    """With an id field of its own, `mongo_id` of the class is ``None`` and no field."""
    assert cls.mongo_id is None
    assert set(cls.get_fields()) & {"mongo_id", name} == {name}
    assert cls.get_fields()[name].is_id


def test_a_declared_id_is_stored_as_the_id():
    """The value of a declared id field is stored as ``_id``, once."""
    assert Country(code="ID", name="Indonesia").wrap() == {"_id": "ID", "name": "Indonesia"}
    assert Planet(number=3).wrap() == {"_id": 3}


def test_objects_with_a_declared_id_have_no_mongo_id_to_read():
    """`mongo_id` of an object with another id field is ``None``, not a second id."""
    assert Country(code="ID").mongo_id is None


def test_a_declared_id_may_itself_be_named_mongo_id():
    """A declared id named `mongo_id` is a field like any other, and not ``None``."""
    assert isinstance(Coin.mongo_id, QueryField)
    assert isinstance(Coin.get_fields()["mongo_id"], StringField)
    assert Coin(mongo_id="a").wrap() == {"_id": "a"}


def test_a_subclass_keeps_the_declared_id():
    """A class that inherits an id field has it as its id, and gets no `mongo_id` back."""

    class Kingdom(Country):
        ruler = StringField(required=False)

    assert Kingdom.mongo_id is None
    assert Kingdom(code="NL").wrap() == {"_id": "NL"}


def test_what_needs_the_id_uses_the_declared_field():
    """`has_id` and `to_ref` look at the declared id."""
    country = Country(code="ID")

    assert country.has_id()
    assert country.to_ref().id == "ID"
    assert not Country().has_id()


def test_has_id_is_false_until_the_id_is_set():
    """A document without an id says so."""
    person = Person(name="ada")
    assert not person.has_id()

    person.mongo_id = ObjectId()
    assert person.has_id()


def test_to_ref_names_the_collection_and_the_id():
    """`to_ref` gives a reference to the document, in no particular database."""
    key = ObjectId()
    ref = Person(mongo_id=key).to_ref()

    assert (ref.collection, ref.id, ref.database) == ("Person", key, None)


def test_to_ref_names_the_database_that_it_is_given():
    """`to_ref(db)` gives a reference into that database."""
    assert Person(mongo_id=ObjectId()).to_ref(db="other").database == "other"


def test_class_name_is_the_name_of_the_class():
    """`class_name` tells the name of the class."""
    assert Person.class_name() == "Person"


def test_two_fields_cannot_have_one_stored_name():
    """One value would overwrite the other, so such a class is refused with both names."""
    with pytest.raises(BadFieldSpecification, match=r"one.*two|two.*one"):
        type("Clash", (Document,), {"one": IntField(db_field="x"), "two": IntField(db_field="x")})


def test_a_document_has_one_id():
    """A class that declares two ids is refused."""
    with pytest.raises(BadFieldSpecification, match="_id"):
        type("TwoIds", (Document,), {"one": IntField(_id=True), "two": IntField(db_field="_id")})


@pytest.mark.parametrize("name", ["$x", "a.b", "a\0b"])
def test_a_stored_name_that_no_server_takes_is_refused(name):
    """A stored name can be named by every update, or the class is refused."""
    with pytest.raises(BadFieldSpecification):
        type("OddName", (Document,), {"field": IntField(db_field=name)})


@pytest.mark.parametrize("name", ["wrap", "get_fields", "config_namespace"])
def test_a_field_cannot_hide_what_a_document_needs(name):
    """A field with the name of a document's own member is refused, and told how to be stored so."""
    with pytest.raises(BadFieldSpecification, match="db_field"):
        type("Hiding", (Document,), {name: IntField()})
