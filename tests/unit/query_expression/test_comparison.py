"""`==`, `<`, `in_` and their kin: what they send."""

from __future__ import annotations

import operator
import re
from datetime import datetime, timezone

import pytest
from bson import SON, Regex

from ommongo import IntField
from ommongo.exceptions import BadQueryException, BadValueException
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


@pytest.mark.parametrize(
    "value", [{"$gt": ""}, {"a": 1, "$ne": 2}, {"$ref": "a"}, SON([("$gt", 1)])]
)
@pytest.mark.parametrize("field", [Book.anything, Q.password, Q.a.b], ids=str)
@pytest.mark.parametrize(
    "compare",
    [
        operator.eq,
        operator.ne,
        operator.lt,
        operator.le,
        operator.gt,
        operator.ge,
        lambda field, value: field.eq_(value),
        lambda field, value: field.in_(value),
        lambda field, value: field.in_(1, value),
        lambda field, value: field.nin(value, 1),
        lambda field, value: field.not_in(value),
        lambda field, value: field.all_(value),
    ],
    ids=["eq", "ne", "lt", "le", "gt", "ge", "eq_", "in_", "in_2", "nin", "not_in", "all_"],
)
def test_a_dict_with_operators_is_no_value_to_compare_with(compare, field, value):
    """Neither obeyed nor compared with, which is the opposite of what somebody meant."""
    with pytest.raises(BadQueryException, match=r"filter\(") as caught:
        compare(field, value)

    assert caught.value.value == value


@pytest.mark.parametrize("pattern", [re.compile("a"), Regex("a")])
@pytest.mark.parametrize("compare", [operator.eq, operator.ne, lambda f, v: f.in_("b", v)])
def test_a_pattern_is_no_value_to_compare_with(compare, pattern):
    """On the field of a class, where a value might come from anywhere."""
    with pytest.raises(BadQueryException, match=r"regex\(\)"):
        compare(Book.anything, pattern)


def test_other_dicts_are_compared_with():
    """Also one that is a reference."""
    assert (Book.anything == {"gt": ""}).obj == {"anything": {"gt": ""}}
    reference = {"$ref": "a", "$id": 1}
    assert (Book.anything == reference).obj == {"anything": {"$eq": reference}}


def iterables(*values):
    """Give several values in every form in which they may come."""
    return [
        [*values],
        (*values,),
        {*values},
        frozenset(values),
        iter(values),
        (v for v in values),
        dict.fromkeys(values).keys(),
        dict.fromkeys(values),
    ]


@pytest.mark.parametrize("number", range(7))
@pytest.mark.parametrize("method", ["in_", "nin", "not_in", "all_"])
def test_several_values_may_come_as_one(method, number):
    """In any form, for a field and for the items of a list."""
    for field, values in ((Book.year, (1, 2)), (Book.tags, ("a", "b")), (Book.scores, (3,))):
        made = getattr(field, method)(iterables(*values)[number])
        assert sorted(*next(iter(made.obj.values())).values()) == sorted(values)
    assert getattr(Book.year, method)([]).obj == getattr(Book.year, method)().obj


def test_a_list_that_can_be_a_value_is_one():
    """Of a field that holds anything, and of a list of lists."""
    assert Book.anything.in_([1, 2]).obj == {"anything": {"$in": [[1, 2]]}}
    assert Q.a.in_([1, 2]).obj == {"a": {"$in": [[1, 2]]}}
    assert Q.a.in_(v for v in (1, 2)).obj == {"a": {"$in": [1, 2]}}
    assert Book.anything.in_({1}).obj == {"anything": {"$in": [1]}}
    assert Book.at.in_((1, 2)).obj == {"at": {"$in": [[1.0, 2.0]]}}
    assert Book.at.in_([(1, 2), (3, 4)]).obj == {"at": {"$in": [[1.0, 2.0], [3.0, 4.0]]}}
    assert Book.tags.in_(["a"], ["b"]).obj == {"tags": {"$in": [["a"], ["b"]]}}


@pytest.mark.parametrize("values", [([1], [2]), ([[1]],), (1, [1])])
def test_a_list_that_is_refused_says_how_to_pass_it(values):
    """The message has the way."""
    with pytest.raises(BadValueException, match="one by one, or all of them"):
        Book.year.in_(*values)


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
