"""`flatten` and `translate`: from what an application writes to what the server holds."""

from __future__ import annotations

import copy
import re
from functools import partial

import pytest
from bson.son import SON

from ommongo.exceptions import BadQueryException, FieldNotFoundException
from ommongo.query_expression import FreeFormDoc, Q, QueryExpression, flatten, translate
from ommongo.query_expression._translation import stored_item_query
from tests.unit.query_expression.models import Book, Page, Swapped


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        ({}, {}),
        ({"title": "a"}, {"t": "a"}),
        ({"t": "a"}, {"t": "a"}),
        ({Book.title: "a"}, {"t": "a"}),
        ({"author.name": "a"}, {"author.nm": "a"}),
        ({"author.nm": "a"}, {"author.nm": "a"}),
        ({Book.author.name: "a"}, {"author.nm": "a"}),
        ({"pages.number": 1}, {"pages.n": 1}),
        ({"pages.0.number": 1}, {"pages.0.n": 1}),
        ({"pages.$[].number": 1}, {"pages.$[].n": 1}),
        ({"words.k": "a"}, {"words.k": "a"}),
        ({"mongo_id": 1}, {"_id": 1}),
        ({"_id": 1}, {"_id": 1}),
        ({"scores.0": 1}, {"scores.0": 1}),
        ({"anything.number": 1}, {"anything.number": 1}),
        ({"$where": "x"}, {"$where": "x"}),
        ({"$expr": {"$gt": ["$title", "a"]}}, {"$expr": {"$gt": ["$title", "a"]}}),
    ],
)
def test_names_become_stored_names(raw, stored):
    """Python names, stored names and query fields all end as stored names, dotted ones too."""
    translated = translate(Book, raw)
    assert translated == stored
    assert all(type(name) is str for name in translated)


@pytest.mark.parametrize(
    "raw",
    [
        {"unknown.title": 1},
        {"author.unknown.name": 1},
        {"title.unknown": 1},
        {"scores.0.unknown": 1},
        {"pages.unknown": {"$ne": 1}},
        {"words.unknown": 1},
        {"$or": [{"$nor": [{"unknown": 1}]}]},
        {"unknown": {"$elemMatch": {"number": 1}}},
        {"pages": {"$elemMatch": {"unknown": 1}}},
        {"pages": {"$not": {"$elemMatch": {"$or": [{"unknown": 1}]}}}},
        {"pages": {"$all": [{"$elemMatch": {"unknown": 1}}]}},
        {"scores": {"$elemMatch": {"unknown": 1}}},
    ],
    ids=repr,
)
def test_names_that_mean_nothing_are_refused(raw):
    """The server would take any name, and answer as if no document had it."""
    with pytest.raises(FieldNotFoundException, match="query_bypass") as caught:
        translate(Book, raw)

    assert "unknown" in caught.value.name


@pytest.mark.parametrize("operator", ["$and", "$or", "$nor"])
def test_names_are_translated_at_every_level(operator):
    """Logical operators are looked into, however deep and whatever they join."""
    raw = {operator: [{"title": "a"}, {"$or": ({"pages.number": 1}, Book.title == "b")}]}
    assert translate(Book, raw) == {operator: [{"t": "a"}, {"$or": [{"pages.n": 1}, {"t": "b"}]}]}


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        ({"pages": {"$elemMatch": {"number": 1}}}, {"pages": {"$elemMatch": {"n": 1}}}),
        ({"pages": {"$elemMatch": Page.number == 1}}, {"pages": {"$elemMatch": {"n": 1}}}),
        (
            {"pages": {"$not": {"$elemMatch": {"$or": [{"number": 1}]}}}},
            {"pages": {"$not": {"$elemMatch": {"$or": [{"n": 1}]}}}},
        ),
        (
            {"pages": {"$all": [{"$elemMatch": {"number": 1}}]}},
            {"pages": {"$all": [{"$elemMatch": {"n": 1}}]}},
        ),
        ({"scores": {"$elemMatch": {"$gt": 1}}}, {"scores": {"$elemMatch": {"$gt": 1}}}),
        ({"anything": {"$elemMatch": {"number": 1}}}, {"anything": {"$elemMatch": {"number": 1}}}),
        (
            {"anything": {"$elemMatch": {Page.number: 1}}},
            {"anything": {"$elemMatch": {"n": 1}}},
        ),
        (
            {"pages": {"$eq": [{"$elemMatch": {"number": 1}}]}},
            {"pages": {"$eq": [{"$elemMatch": {"number": 1}}]}},
        ),
        ({"pages": {"$elemMatch": 5}}, {"pages": {"$elemMatch": 5}}),
    ],
)
def test_names_of_items_are_translated(raw, stored):
    """What `$elemMatch` asks of an item is a query of its own."""
    assert translate(Book, raw) == stored


def test_a_python_name_wins_over_an_equal_stored_one():
    """What could mean two fields means the one of that Python name."""
    assert translate(Swapped, {"left": 1, "right": 2}) == {"right": 1, "left": 2}
    assert translate(Swapped, {"inner.left": 1}) == {"left_inner.right": 1}


def test_names_of_query_fields_are_final():
    """An expression's names are not translated a second time."""
    both = (Swapped.left == 1) & (Swapped.inner.elem_match(Swapped.right == 2)) | {"left": 3}
    assert translate(Swapped, both) == {
        "$or": [{"right": 1, "left_inner": {"$elemMatch": {"left": 2}}}, {"right": 3}]
    }
    assert translate(Swapped, ~(Swapped.left == 1)) == {"right": {"$ne": 1}}
    assert translate(Swapped, {Swapped.left: 1}) == {"right": 1}


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        ({"title": {"$gt": "a"}, "t": {"$lt": "b"}}, {"t": {"$gt": "a", "$lt": "b"}}),
        ({"title": "a", "t": "b"}, {"$and": [{"t": "a"}, {"t": "b"}]}),
        ({"title": "a", Book.title: "a"}, {"t": "a"}),
    ],
)
def test_two_names_of_one_field_lose_no_condition(raw, stored):
    """One field under two names keeps both conditions."""
    assert translate(Book, raw) == stored


def test_values_are_left_as_they_are():
    """A dict to compare with is the caller's own affair, and so is what is no query."""
    pattern = re.compile("a")
    raw = {"author": {"name": "a"}, "title": pattern, "tags": ("a", "b"), "anything": SON(b=1)}
    stored = translate(Book, raw)
    assert stored == {
        "author": {"name": "a"},
        "t": pattern,
        "tags": ("a", "b"),
        "anything": {"b": 1},
    }
    assert list(translate(Book, {"anything": {"b": 1, "a": 2}})["anything"]) == ["b", "a"]


@pytest.mark.parametrize("cls", [FreeFormDoc("books"), Q, object, "books"])
def test_without_a_document_class_names_are_left(cls):
    """Where no field is known only query fields are replaced."""
    assert translate(cls, {"title": 1, Q.a.b: 2}) == {"title": 1, "a.b": 2}


def test_translating_gives_dicts_and_lists_of_its_own():
    """What the caller does with its dict afterwards, or we with ours, stays there."""
    raw = {"$or": [{"title": {"$in": ["a"]}}], "author": {"name": ["a"]}}
    before = copy.deepcopy(raw)
    stored = translate(Book, raw)
    stored["$or"][0]["t"]["$in"].append("b")
    stored["$or"].append({})
    stored["author"]["name"].append("b")
    stored["author"]["changed"] = True
    assert raw == before


@pytest.mark.parametrize("function", [flatten, partial(translate, Book)])
@pytest.mark.parametrize("raw", [None, 3, "title", [{"title": 1}], {"$or": [3]}])
def test_a_query_is_a_dict_or_an_expression(function, raw):
    """Anything else raises, also as one of several alternatives."""
    with pytest.raises(BadQueryException, match="A query is a dict or a query expression, not"):
        function(raw)


@pytest.mark.parametrize("value", [{"i": 1}, 5, None, "x"])
def test_logical_operators_join_lists(value):
    """What is no list raises and is named."""
    with pytest.raises(BadQueryException, match=r"^\$or joins a list of queries, not"):
        translate(Book, {"$or": value})


@pytest.mark.parametrize("raw", [{3: 1}, {"a": {None: 1}}, {"$or": [{b"a": 1}]}])
def test_a_key_is_text_or_a_field(raw):
    """BSON has no other keys."""
    with pytest.raises(BadQueryException, match="A key of a query is of type"):
        flatten(raw)


def test_a_value_cannot_name_a_field_twice():
    """In a value there is no `$and` to keep both, so it raises."""
    with pytest.raises(BadQueryException, match="names one field twice"):
        flatten({"author": {"nm": 1, Q.nm: 2}})


def test_flatten_gives_string_keys_at_every_level():
    """Query fields are replaced wherever they are keys."""
    raw = {
        Book.title: "a",
        "$or": [{Book.author.name: "b"}, {"title": [{Q.x: 1}], "c": ({Q.y.z: 2},)}],
        "pages": {"$elemMatch": {Page.number: 3}},
        "$expr": {"$gt": ["$a", {Q.b: 1}]},
    }
    assert flatten(raw) == {
        "t": "a",
        "$or": [{"author.nm": "b"}, {"title": [{"x": 1}], "c": ({"y.z": 2},)}],
        "pages": {"$elemMatch": {"n": 3}},
        "$expr": {"$gt": ["$a", {"b": 1}]},
    }


def test_flatten_takes_expressions():
    """An expression is as good as its dict, inside of another too."""
    expression = (Book.title == "a") | QueryExpression({"$and": [Book.year > 3, {"x": 1}]})
    flat = flatten(expression)
    assert flat == {"$or": [{"t": "a"}, {"$and": [{"year": {"$gt": 3}}, {"x": 1}]}]}
    assert flatten(expression.obj) == flat
    assert all(type(name) is str for part in flat["$or"] for name in part)


def test_a_condition_on_items_is_translated_for_good():
    """A later translation leaves it alone."""
    query = stored_item_query(Swapped.inner.get_type(), {"left": 1})
    assert query == {"right": 1}
    assert translate(Swapped, query) == {"right": 1}
