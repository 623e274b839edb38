"""Query expressions: negated, joined as alternatives, joined as conditions."""

from __future__ import annotations

import copy
import operator
import pickle
import re

import pytest
from bson import DBRef
from bson.regex import Regex

from ommongo.exceptions import BadQueryException
from ommongo.query_expression import Q, QueryExpression, flatten, translate
from tests.unit.query_expression.models import Book, Swapped

PATTERN = re.compile("a")


@pytest.mark.parametrize(
    ("condition", "negation"),
    [
        ({"i": 3}, {"i": {"$ne": 3}}),
        ({"i": None}, {"i": {"$ne": None}}),
        ({"i": [1, 2]}, {"i": {"$ne": [1, 2]}}),
        ({"i": {}}, {"i": {"$ne": {}}}),
        ({"i": {"a": 1}}, {"i": {"$ne": {"a": 1}}}),
        ({"i": {"$gt": 4}}, {"i": {"$not": {"$gt": 4}}}),
        ({"i": {"$gt": 4, "$lt": 9}}, {"i": {"$not": {"$gt": 4, "$lt": 9}}}),
        ({"i": {"$ne": 3}}, {"i": {"$not": {"$ne": 3}}}),
        ({"i": {"$not": {"$gt": 4}}}, {"i": {"$not": {"$not": {"$gt": 4}}}}),
        ({"i": PATTERN}, {"i": {"$not": PATTERN}}),
        ({"i": Regex("a")}, {"i": {"$not": Regex("a")}}),
        ({"i": {"$regex": "a"}}, {"i": {"$not": {"$regex": "a"}}}),
        ({"i": DBRef("c", 1)}, {"i": {"$ne": DBRef("c", 1)}}),
        ({"i": {"$ref": "c", "$id": 1}}, {"i": {"$ne": {"$ref": "c", "$id": 1}}}),
        ({"i": {"$ref": "c", "$id": 1, "x": 2}}, {"i": {"$ne": {"$ref": "c", "$id": 1, "x": 2}}}),
        ({"$or": [{"i": 1}, {"j": 2}]}, {"$nor": [{"i": 1}, {"j": 2}]}),
        ({"$and": [{"i": 1}]}, {"$nor": [{"$and": [{"i": 1}]}]}),
        ({"$nor": [{"i": 1}]}, {"$nor": [{"$nor": [{"i": 1}]}]}),
        ({"$expr": {"$gt": ["$a", 1]}}, {"$nor": [{"$expr": {"$gt": ["$a", 1]}}]}),
        ({"i": 1, "j": 2}, {"$nor": [{"i": 1, "j": 2}]}),
        ({"i": 1, "$or": [{"j": 2}]}, {"$nor": [{"i": 1, "$or": [{"j": 2}]}]}),
        ({}, {"$nor": [{}]}),
    ],
)
def test_a_negation_takes_the_shortest_exact_form(condition, negation):
    """`$ne` for a value, `$not` for operators and patterns, `$nor` for the rest."""
    assert QueryExpression(condition).not_().obj == negation
    assert (~QueryExpression(condition)).obj == negation


def test_a_field_key_is_negated_as_a_name_is():
    """A dict may be written with query fields."""
    expression = ~QueryExpression({Book.title: {"$gt": "a"}})
    assert flatten(expression) == {"t": {"$not": {"$gt": "a"}}}


@pytest.mark.parametrize(
    "condition",
    [
        {"i": {"$gt": 3, "a": 1}},
        {"i": {"a": 1, "$gt": 3}},
        {"i": {"$gt": 3, 4: 1}},
        {"j": 1, "i": {"$gt": 3, "a": 1}},
        {Book.title: {"$gt": 3, "a": 1}},
    ],
)
def test_a_value_that_mixes_operators_and_names_has_no_negation(condition):
    """There is no telling whether it is a value or a condition, so it raises."""
    with pytest.raises(BadQueryException, match="mixes operators"):
        QueryExpression(condition).not_()


def test_a_chain_of_alternatives_is_flat():
    """However it is put together, `|` gives one `$or`."""
    a, b, c, d = (QueryExpression({"i": i}) for i in range(4))
    flat = {"$or": [{"i": 0}, {"i": 1}, {"i": 2}, {"i": 3}]}
    assert (a | b | c | d).obj == flat
    assert (a | (b | (c | d))).obj == flat
    assert ((a | b) | (c | d)).obj == flat
    assert a.or_(b).or_(c).or_(d).obj == flat


def test_an_alternative_with_further_conditions_stays_whole():
    """Only what is nothing but an `$or` is taken apart."""
    both = QueryExpression({"$or": [{"i": 1}, {"i": 2}], "j": 3})
    assert (both | {"k": 4}).obj == {"$or": [{"$or": [{"i": 1}, {"i": 2}], "j": 3}, {"k": 4}]}
    assert (QueryExpression({"$or": 5}) | {"k": 4}).obj == {"$or": [{"$or": 5}, {"k": 4}]}


def test_a_conjunction_is_merged_where_that_loses_nothing():
    """Conditions on several fields, or operators on one, become one dict."""
    assert ((Q.i > 1) & (Q.j == 2)).obj == {"i": {"$gt": 1}, "j": 2}
    assert ((Q.i > 1) & (Q.i < 9) & (Q.i != 3)).obj == {"i": {"$gt": 1, "$lt": 9, "$ne": 3}}


def test_a_conjunction_that_cannot_be_merged_is_joined():
    """What one dict cannot hold is joined by `$and`, and nothing raises."""
    assert ((Q.i == 1) & (Q.i < 9)).obj == {"$and": [{"i": 1}, {"i": {"$lt": 9}}]}
    either = (Q.i == 1) | (Q.j == 1)
    assert (either & (either | (Q.k == 1))).obj == {
        "$and": [
            {"$or": [{"i": 1}, {"j": 1}]},
            {"$or": [{"i": 1}, {"j": 1}, {"k": 1}]},
        ]
    }


def test_a_conjunction_keeps_apart_what_may_be_two_fields():
    """A raw name equal to a stored one may yet be translated to another."""
    expression = QueryExpression({"t": {"$gt": "a"}}) & (Book.title < "b")
    assert expression.obj == {"$and": [{"t": {"$gt": "a"}}, {"t": {"$lt": "b"}}]}


@pytest.mark.parametrize("join", [operator.and_, operator.or_])
@pytest.mark.parametrize("other", [3, None, "i", [{"i": 1}], Book.title])
def test_only_expressions_and_dicts_can_be_joined(join, other):
    """Anything else raises, also a bare field."""
    with pytest.raises(TypeError):
        join(Q.i == 1, other)


@pytest.mark.parametrize("method", ["and_", "or_"])
def test_the_methods_name_themselves_when_they_refuse(method):
    """The error says which call was wrong and what came."""
    with pytest.raises(BadQueryException, match=rf"{method}\(\) takes .* not int"):
        getattr(Q.i == 1, method)(3)


def test_dicts_can_be_joined():
    """A raw dict stands where an expression may."""
    assert ((Q.i == 1) & {"j": 2}).obj == {"i": 1, "j": 2}
    assert ((Q.i == 1) | {"j": 2}).obj == {"$or": [{"i": 1}, {"j": 2}]}


def test_joining_changes_nothing_it_was_made_from():
    """Expressions can be kept and used again."""
    first, second = (Q.i > 1) | (Q.j == 1), (Q.i > 1) & {"$nor": [{"k": 1}]}
    before = copy.deepcopy((first.obj, second.obj))
    for expression in (first | second, first & second, second & first, ~first, ~second):
        expression.obj["changed"] = True
    assert (first.obj, second.obj) == before


@pytest.mark.parametrize("obj", [None, 3, "i", [], True])
def test_an_expression_is_made_of_a_dict(obj):
    """Anything else raises, a comparison of two fields for one."""
    with pytest.raises(BadQueryException, match=f"not {type(obj).__name__}"):
        QueryExpression(obj)


@pytest.mark.parametrize(
    "ask",
    [
        bool,
        lambda expression: not expression,
        lambda expression: expression and (Q.j == 1),
        lambda expression: 1 < Q.i < 9,
    ],
    ids=["bool", "not", "and", "chain"],
)
def test_an_expression_has_no_truth_value(ask):
    """`and`, `not` and chained comparisons would lose a condition silently, so they raise."""
    with pytest.raises(TypeError, match="no truth value"):
        ask(Q.i == 1)


def test_an_expression_shows_its_dict():
    """What an expression asks for can be read where it is printed."""
    assert repr(Q.i > 1) == "QueryExpression({'i': {'$gt': 1}})"
    assert (
        repr(Q.i.elem_match({"a": 1}))
        == "ElemMatchQueryExpression({'i': {'$elemMatch': {'a': 1}}})"
    )


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_an_expression_can_be_pickled(protocol):
    """An expression travels between processes, its names still final."""
    expression = pickle.loads(pickle.dumps((Book.title == "a") & (Book.year > 3), protocol))
    assert expression.obj == {"t": "a", "year": {"$gt": 3}}
    assert (expression & (Book.year < 9)).obj == {"t": "a", "year": {"$gt": 3, "$lt": 9}}


def test_an_expression_can_be_copied():
    """A deep copy is independent."""
    expression = (Q.i == 1) | (Q.j == 1)
    twin = copy.deepcopy(expression)
    twin.obj["$or"].append({"k": 1})
    assert expression.obj == {"$or": [{"i": 1}, {"j": 1}]}


def test_the_dict_of_an_expression_is_a_copy():
    """What is done to `obj` changes no expression of a query field."""
    either = (Book.title == "a") | Book.scores.in_(1, 2)
    before = copy.deepcopy(either.obj)

    given = either.obj
    given["$or"][1]["scores"]["$in"].append(3)
    given["$or"].append({})

    assert either.obj == before


def test_an_expression_keeps_no_value_of_the_caller():
    """What is done to a value afterwards does not reach the expressions that were made of it."""
    value, types = {"a": [1]}, ["string", "int"]
    made = [Book.anything == value, Q.a == value, Q.a > value, Book.anything.type_(types)]
    before = [copy.deepcopy(expression.obj) for expression in made]

    value["a"].append(2)
    types.append("date")

    assert [expression.obj for expression in made] == before


@pytest.mark.parametrize(("join", "name"), [(operator.or_, "$or"), (operator.and_, "$and")])
def test_names_of_each_part_keep_their_meaning(join, name):
    """Joined with a raw dict, the names of query fields are final and those of the dict are not."""
    raw, final = QueryExpression({"left": 1}), Swapped.left == 2

    assert translate(Swapped, join(raw, final)) == {name: [{"right": 1}, {"right": 2}]}
    assert translate(Swapped, join(final, raw)) == {name: [{"right": 2}, {"right": 1}]}
    assert translate(Swapped, join(final, Swapped.left == 3)) == {
        name: [{"right": 2}, {"right": 3}]
    }
