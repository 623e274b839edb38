"""Names of fields, as keys of expressions."""

from __future__ import annotations

import copy
import pickle

import bson
import pytest

from ommongo.query_expression import Q
from ommongo.query_expression._names import StoredName
from tests.unit.query_expression.models import Book


def test_a_key_of_an_expression_is_a_string():
    """Expressions can be compared with plain dicts, encoded and pickled."""
    (key,) = (Book.title == "a").obj
    assert key == "t"
    assert {key: 1} == {"t": 1}
    assert bson.encode({key: 1}) == bson.encode({"t": 1})
    assert type(pickle.loads(pickle.dumps(key))) is StoredName


@pytest.mark.parametrize("field", [Book.title, Book.author.name, Book.title.exclude(), Q.a.b])
def test_a_field_is_its_own_copy(field):
    """Nothing in a field changes, so copying what holds it shares it."""
    assert copy.copy(field) is field
    assert copy.deepcopy([field])[0] is field


@pytest.mark.parametrize(
    ("field", "name"),
    [(Book.title, "t"), (Book.author.name, "author.nm"), (Book.pages.number, "pages.n")],
)
def test_a_field_shows_its_stored_name(field, name):
    """`str` is the stored dotted name, and `repr` shows it."""
    assert str(field) == field.get_absolute_name() == name
    assert repr(field) == f"QueryField({name})"


def test_fields_of_one_name_are_one_key():
    """Equal fields have equal hashes, and are no string's equal."""
    assert len({Book.title, Book.title.exclude(), Q.t}) == 1
    assert len({Book.title, Book.year, "t", "year"}) == 4
