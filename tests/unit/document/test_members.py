"""The other members of every document, those with an underscore included."""

from __future__ import annotations

from ommongo import Document, Index, StringField


class Person(Document):
    """A class with two indexes."""

    name = StringField()
    email = StringField(required=False)
    note: int  # an attribute that is no field

    by_name = Index().ascending("name")
    by_email = Index().ascending("email").unique()


def test_get_indexes_gives_the_declared_indexes():
    """Every `Index` of the class body is one of the class's indexes."""
    assert list(Person.get_indexes()) == [Person.by_name, Person.by_email]


def test_a_class_without_indexes_has_none():
    """`get_indexes` of a class that declares none is empty."""

    class Plain(Document):
        pass

    assert list(Plain.get_indexes()) == []


def test_a_subclass_has_the_indexes_of_its_base_class():
    """Indexes are inherited with the fields that they are about."""

    class Employee(Person):
        number = StringField()
        by_number = Index().ascending("number")

    assert set(map(id, Employee.get_indexes())) >= {id(Person.by_name), id(Person.by_email)}
    assert len(list(Employee.get_indexes())) == 3
    assert len(list(Person.get_indexes())) == 2


def test_the_search_score_is_0_without_a_search():
    """Only a document that a text search found has a score."""
    assert Person(name="ada").get_index_score() == 0
    assert Person.unwrap({"name": "ada"}).get_index_score() == 0


def test_a_new_document_is_bound_to_no_session():
    """`_get_session` gives ``None`` until the document is bound."""
    assert Person(name="ada")._get_session() is None


def test_a_document_can_be_bound_to_a_session_and_anew():
    """The session that was given last holds."""
    person, first, second = Person(name="ada"), object(), object()
    person._set_session(first)
    assert person._get_session() is first
    person._set_session(second)

    assert person._get_session() is second


def test_the_values_are_in_the_instance_dict_and_nothing_else_is():
    """`__dict__` of an object has its field values and the application's own attributes."""
    made = Person(name="ada")
    made.note = 5
    loaded = Person.unwrap({"name": "ada", "email": "a@b"})

    assert vars(made) == {"name": "ada", "note": 5}
    assert vars(loaded) == {"name": "ada", "email": "a@b"}
