"""`==`, `<`, `in_` and their kin: what they send."""

from __future__ import annotations

import operator
import re
from datetime import datetime, timezone

import pytest

from ommongo import IntField
from ommongo.exceptions import BadValueException
from ommongo.query_expression import Q, QueryExpression, QueryField
from tests.unit.query_expression.models import Author, Book

OPERATORS = [
    (operator.ne, "ne_", "$ne"),
    (operator.lt, "lt_", "$lt"),
    (operator.le, "le_", "$lte"),
    (operator.gt, "gt_", "$gt"),
    (operator.ge, "ge_", "$gte"),
]


@pytest.mark.parametrize(("symbol", "method", "sent"), OPERATORS)
def test_a_comparison_sends_its_operator(symbol, method, sent):
    """Each Python operator becomes the server's operator on the stored name."""
    assert symbol(Book.year, 1980).obj == {"year": {sent: 1980}}


@pytest.mark.parametrize(("symbol", "method", "sent"), OPERATORS)
def test_a_method_does_what_the_operator_does(symbol, method, sent):
    """`lt_(3)` and its like are the operators by name."""
    assert getattr(Book.year, method)(1980).obj == {"year": {sent: 1980}}


@pytest.mark.parametrize("expression", [Book.title == "Emma", Book.title.eq_("Emma")])
def test_equality_sends_the_value_under_the_stored_name(expression):
    """`==` asks for the plain value, without an operator."""
    assert isinstance(expression, QueryExpression)
    assert expression.obj == {"t": "Emma"}


def test_the_field_may_stand_on_the_right():
    """`3 < Book.year` is `Book.year > 3`."""
    assert (1980 < Book.year).obj == {"year": {"$gt": 1980}}
    assert ("Emma" == Book.title).obj == {"t": "Emma"}


def test_values_are_wrapped_by_the_field():
    """What is sent is the stored form of the value."""
    author = Author(name="Jane")
    assert (Book.author == author).obj == {"author": {"nm": "Jane"}}
    moment = datetime(1980, 1, 1, tzinfo=timezone.utc)
    assert (Book.seen > moment).obj == {"seen": {"$gt": Book.seen.wrap(moment)}}


@pytest.mark.parametrize(
    ("method", "before"),
    [("eq_", ()), ("ne_", ()), ("gt_", ()), ("in_", ("a",)), ("nin", ("a",)), ("not_in", ("a",))],
)
@pytest.mark.parametrize("value", [{"$ne": ""}, 3, None, ["a"]])
def test_a_value_that_the_field_cannot_hold_is_refused(method, before, value):
    """A wrong type raises when the expression is built: a dict cannot smuggle an operator in."""
    with pytest.raises(BadValueException) as caught:
        getattr(Book.title, method)(*before, value)
    assert caught.value.name == "Book.title"
    assert caught.value.value == value


def test_none_is_a_value_where_the_field_allows_it():
    """The field judges `None` as any other value."""
    assert (Book.year == None).obj == {"year": None}
    with pytest.raises(BadValueException):
        _ = Book.copies == None


def test_a_refused_value_is_named_by_its_python_path():
    """The message leads to the field, also inside an embedded document or a list."""
    with pytest.raises(BadValueException, match=r"^Book\.author\.name "):
        _ = Book.author.name == 3
    with pytest.raises(BadValueException, match=r"^Book\.pages\.number "):
        _ = Book.pages.number == "3"
    with pytest.raises(BadValueException, match=r"^Book\.title "):
        _ = Book.title.exclude() == 3


def test_a_refused_value_is_named_by_the_class_that_was_asked():
    """A field that was inherited is that of the class on which it is read."""
    with pytest.raises(BadValueException, match=r"^Book\.mongo_id "):
        _ = Book.mongo_id == 3
    with pytest.raises(BadValueException, match=r"^Book\.author\.mongo_id "):
        _ = Book.author.mongo_id == 3


def test_a_field_that_belongs_to_no_class_is_refused_a_value_too():
    """Without a class there is no path, and the error is the same."""
    with pytest.raises(BadValueException, match="not str"):
        _ = QueryField(IntField(db_field="i")) == "3"


def test_a_sequence_takes_an_item_or_a_whole_sequence():
    """`== item` asks whether it is in the list, `== [...]` for that very list."""
    assert (Book.tags == "a").obj == {"tags": "a"}
    assert (Book.tags == ["a"]).obj == {"tags": ["a"]}
    with pytest.raises(BadValueException):
        _ = Book.tags == 3


def test_equal_to_a_dict_with_operators_means_equal():
    """Where a field takes any value, a dict is compared with and not obeyed."""
    assert (Book.anything == {"$gt": ""}).obj == {"anything": {"$eq": {"$gt": ""}}}
    assert (Q.password == {"$ne": None}).obj == {"password": {"$eq": {"$ne": None}}}
    assert (Book.anything == {"gt": ""}).obj == {"anything": {"gt": ""}}


def test_unequal_to_a_pattern_means_not_found_by_it():
    """The server refuses `$ne` with a regular expression, so `$not` is sent."""
    pattern = re.compile("^a")
    assert (Q.name != pattern).obj == {"name": {"$not": pattern}}
    assert (Q.name == pattern).obj == {"name": pattern}


def test_one_of_several_values():
    """`in_` and `nin` send lists, empty ones too."""
    assert Book.year.in_(1980, 1981).obj == {"year": {"$in": [1980, 1981]}}
    assert Book.year.nin(1980, None).obj == {"year": {"$nin": [1980, None]}}
    assert Book.year.not_in(1980).obj == {"year": {"$nin": [1980]}}
    assert Book.year.in_().obj == {"year": {"$in": []}}


@pytest.mark.parametrize("symbol", [operator.eq, *(each[0] for each in OPERATORS)])
def test_two_fields_are_compared_by_name(symbol):
    """Comparing query fields gives a bool, as comparing their stored names would."""
    for first in (Book.title, Book.author.name, Book.year, Q.year):
        for second in (Book.title, Book.author.name, Book.year, Q.year):
            result = symbol(first, second)
            assert result is symbol(str(first), str(second))


def test_a_field_can_be_looked_for_among_fields():
    """`in` on a list of fields and keys of a dict compare names."""
    assert Book.year in [Book.title, Book.year]
    assert Book.year not in [Book.title, Book.copies]
    assert {Book.year: 1}[Q.year] == 1
    assert {"year": 1, Book.year: 2} == {Book.year: 2, "year": 1}
