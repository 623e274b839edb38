"""Which fields a query loads."""

from __future__ import annotations

import pytest

from ommongo import Document, IntField, Q, StringField
from ommongo.exceptions import BadQueryException, FieldNotFoundException
from ommongo.query import Query
from tests.models import Book, Page, User


class Shape(Document):
    config_namespace = "tests.query.projection"
    config_polymorphic = "kind"
    config_polymorphic_identity = "shape"
    kind = StringField(db_field="k")
    name = StringField()


class Angular(Shape):
    config_polymorphic = "corners"
    config_polymorphic_identity = "angular"
    corners = IntField(db_field="c")


class Triangle(Angular):
    config_polymorphic_identity = 3


def projection(*fields, cls=User):
    """Give what a query with these fields sends."""
    return Query(cls, None).fields(*fields)._fields_expression()


def test_without_fields_there_is_no_projection():
    """Whole documents are loaded."""
    assert Query(User, None)._fields_expression() is None


def test_fields_are_loaded_with_the_id():
    """Names, dotted names and query fields are sent under stored names."""
    sent = projection("nick", "address.zip", User.age)

    assert sent == {"n": True, "address.z": True, "age": True, "_id": True}


def test_the_form_of_the_projection_of_one_item():
    """The first item that matches is asked for as tools expect it."""
    sent = projection(Book.pages.elem_match(Page.text == "x"), cls=Book)

    assert sent == {"p": {"$elemMatch": {"t": "x"}}, "_id": True}


def test_a_slice_of_a_list_can_be_loaded():
    """`slice` is sent as the server takes it."""
    assert projection(User.tags.slice(2)) == {"tags": {"$slice": 2}, "_id": True}


def test_excluded_fields_are_left_out():
    """The id is there, as it always is."""
    assert projection(User.tags.exclude()) == {"tags": False, "_id": True}


def test_the_id_can_be_excluded():
    """The id alone may be left out of fields that are loaded."""
    assert projection(User.mongo_id.exclude(), User.age) == {"_id": False, "age": True}


def test_the_id_can_be_excluded_alone():
    """Then everything else is loaded."""
    assert projection(User.mongo_id.exclude()) == {"_id": False}


def test_a_second_call_adds_fields():
    """Fields of all calls are loaded."""
    query = Query(User, None).fields(User.age).fields(User.name)

    assert query._fields_expression() == {"age": True, "name": True, "_id": True}


def test_no_fields_are_the_id_alone():
    """A call without arguments asks for nothing else."""
    assert projection() == {"_id": True}


@pytest.mark.parametrize(
    "fields",
    [
        (User.age, User.name.exclude()),
        (User.name.exclude(), User.age),
        (User.tags.slice(2), User.name.exclude()),
    ],
)
def test_including_and_excluding_do_not_mix(fields):
    """The server would refuse it; it is not even sent."""
    with pytest.raises(BadQueryException):
        Query(User, None).fields(*fields)


def test_a_mixture_of_two_calls_is_refused():
    """The fields of an earlier call count."""
    with pytest.raises(BadQueryException):
        Query(User, None).fields(User.age).fields(User.name.exclude())


def test_a_refused_call_changes_nothing():
    """After an error the query loads what it did before."""
    query = Query(User, None).fields(User.age)

    with pytest.raises(BadQueryException):
        query.fields(User.name, User.nick.exclude())

    assert query._fields_expression() == {"age": True, "_id": True}


@pytest.mark.parametrize(
    ("cls", "fields"),
    [
        (User, (User.tags, User.tags.slice(2))),
        (User, (User.tags.slice(2), User.tags.slice(3))),
        (Book, (Book.pages, Book.pages.number.exclude())),
        (Book, (Book.pages.elem_match(Page.number == 3), Book.pages.number)),
    ],
)
def test_a_field_is_not_named_in_two_ways(cls, fields):
    """There is no telling which of them is meant."""
    with pytest.raises(BadQueryException):
        Query(cls, None).fields(*fields)


def test_a_part_of_a_field_that_is_loaded_is_not_asked_for():
    """The server refuses both together, and the whole includes the part."""
    assert projection("address", "address.city") == {"address": True, "_id": True}
    assert projection("address.city", "address") == {"address": True, "_id": True}


def test_a_part_of_a_field_that_is_excluded_is_not_named():
    """What leaves out the whole leaves out the part."""
    sent = projection(User.address.exclude(), User.address.city.exclude())

    assert sent == {"address": False, "_id": True}


def test_an_unknown_name_is_refused():
    """The error names it, and the class."""
    with pytest.raises(FieldNotFoundException) as caught:
        Query(User, None).fields("nme")

    assert (caught.value.name, caught.value.document_class) == ("nme", "User")


@pytest.mark.parametrize("field", [3, None, User.age > 3, User])
def test_what_is_no_field_is_refused(field):
    """Fields are named by text or by query field."""
    with pytest.raises(BadQueryException):
        Query(User, None).fields(field)


def test_what_selects_the_class_is_always_loaded():
    """The attributes of all levels at and below the class come with the fields."""
    assert projection("name", cls=Shape) == {"name": True, "_id": True, "k": True, "c": True}
    assert projection("name", cls=Angular) == {"name": True, "_id": True, "c": True}


def test_what_selects_the_class_can_be_named():
    """Asking for it oneself changes nothing."""
    assert projection("kind", cls=Shape) == {"k": True, "_id": True, "c": True}


def test_excluding_leaves_what_selects_the_class():
    """It is loaded anyhow, as everything that is not named."""
    assert projection(Shape.name.exclude(), cls=Shape) == {"name": False, "_id": True}


def test_what_selects_the_class_cannot_be_excluded():
    """Without it objects would come as a class that they are not of."""
    query = Query(Shape, None).fields(Shape.kind.exclude())

    with pytest.raises(BadQueryException):
        query._fields_expression()


def test_what_selects_the_class_can_be_excluded_from_dicts():
    """Raw results need no class."""
    query = Query(Shape, None).fields(Shape.kind.exclude()).raw_output()

    assert query._fields_expression() == {"k": False, "_id": True}


def test_a_collection_without_a_class_has_any_field():
    """Names are sent as they are."""
    assert projection("a.b", Q.size, cls="things") == {"a.b": True, "size": True, "_id": True}


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ((User.age,), {"mongo_id", "age"}),
        ((User.mongo_id.exclude(), User.age), {"age"}),
        ((User.age.exclude(),), set(User._fields) - {"age"}),
        ((User.mongo_id.exclude(),), set(User._fields) - {"mongo_id"}),
    ],
)
def test_objects_know_what_was_loaded(fields, names):
    """What is retrieved is what the projection asks for."""
    assert set(Query(User, None).fields(*fields)._criteria.retrieved().names) == names


@pytest.mark.parametrize(
    "query", [Query(User, None), Query(User, None).fields(User.age).raw_output()]
)
def test_whole_documents_and_dicts_need_no_such_knowledge(query):
    """Only partial documents have something that was not retrieved."""
    assert query._criteria.retrieved() is None
