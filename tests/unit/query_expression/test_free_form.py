"""Free-form queries: any name, any value."""

from __future__ import annotations

import copy
import pickle

import pytest

from ommongo.query_expression import FreeFormDoc, FreeFormField, Q


def test_any_name_is_a_field():
    """Attributes of the root are fields, and theirs are fields below them."""
    assert (Q.any.name == 3).obj == {"any.name": 3}
    assert (Q._id == 3).obj == {"_id": 3}
    assert isinstance(Q.any.name, FreeFormField)
    assert str(Q.any.name) == "any.name"
    assert repr(Q.any.name) == "FreeFormField(any.name)"


def test_a_name_that_is_taken_can_be_written_out():
    """Names of operators and of methods are still names of fields."""
    assert (FreeFormField("any.exists") == 3).obj == {"any.exists": 3}


def test_values_are_sent_as_they_are():
    """No types are checked."""
    value = object()
    assert (Q.a > value).obj == {"a": {"$gt": value}}
    assert Q.a.in_(1, "b", None).obj == {"a": {"$in": [1, "b", None]}}


def test_a_new_operator_is_a_field_until_it_is_called():
    """Both `Q.item.size == 3` and `Q.items.size(3)` mean what they say."""
    assert (Q.item.size == 3).obj == {"item.size": 3}
    assert (Q.item.size.unit == "m").obj == {"item.size.unit": "m"}
    assert Q.items.size(3).obj == {"items": {"$size": 3}}
    assert Q.items.slice(1, count=2).fields_expression == {"items": {"$slice": [1, 2]}}


def test_what_is_no_operator_cannot_be_called():
    """A misspelt operator raises and is named."""
    with pytest.raises(TypeError, match=r"^a\.exsits is a field"):
        Q.a.exsits(True)


@pytest.mark.parametrize("name", ["__wrapped__", "__len__", "__html__"])
@pytest.mark.parametrize("thing", [Q, Q.a])
def test_protocol_names_are_no_fields(thing, name):
    """Tools that ask whether there is a special method are told no."""
    assert not hasattr(thing, name)


def test_a_free_form_document_stands_for_a_collection():
    """It answers what a query asks of a document class."""
    books = FreeFormDoc("books")
    assert books.get_collection_name() == "books"
    assert books.base_query() == books.base_query(exclude_subclasses=True) == {}
    assert books.config_default_sort is None
    assert repr(books) == "FreeFormDoc('books')"


def test_a_stored_field_may_have_any_private_name():
    """The library's own attributes are out of the way of the collection's."""
    assert str(Q._name) == "_name"
    assert str(Q.collection_name) == "collection_name"


def test_the_base_query_belongs_to_the_caller():
    """Changing what it gave changes no later query."""
    Q.base_query()["changed"] = True
    assert Q.base_query() == {}


def test_the_type_takes_anything():
    """In the words of a field: every value passes, every operation is valid."""
    field = Q.a.get_type()
    value = object()
    assert field.wrap(value) is field.unwrap(value) is field.wrap_value(value) is value
    assert field.item_field is field
    assert "$push" in field.valid_modifiers
    assert field.is_sequence_field is True
    assert field.has_subfields is False
    assert field.subfields() == {}


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_free_forms_can_be_copied_and_pickled(protocol):
    """They mean the same in another process."""
    field = pickle.loads(pickle.dumps(Q.a.b, protocol))
    assert (field == 3).obj == {"a.b": 3}
    assert (
        pickle.loads(pickle.dumps(FreeFormDoc("books"), protocol)).get_collection_name() == "books"
    )
    assert copy.deepcopy(FreeFormDoc("books")).get_collection_name() == "books"
