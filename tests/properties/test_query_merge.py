"""Random expressions on a real server: negating and joining them is exact."""

from __future__ import annotations

import copy
import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pymongo.collection import Collection
from pymongo.database import Database

from ommongo import AnythingField, Document, DocumentField, ListField
from ommongo.exceptions import BadQueryException
from ommongo.query_expression import QueryExpression, QueryField, flatten, merge, translate


class Part(Document):
    """What is embedded and listed; its Python names are stored names of the whole, and crossed."""

    config_namespace = "query_merge"
    a = AnythingField(required=False, db_field="b")
    b = AnythingField(required=False, db_field="a")


class Whole(Document):
    """What the collection holds."""

    config_namespace = "query_merge"
    a = AnythingField(required=False, db_field="b")
    b = AnythingField(required=False, db_field="a")
    part = DocumentField(Part, required=False, db_field="p")
    parts = ListField(DocumentField(Part), required=False, db_field="l")


# Every kind of value, and what Python or the server could mistake for another.
VALUES: list[Any] = [
    None,
    0,
    1,
    2,
    1.5,
    True,
    "",
    "a",
    "ab\n",
    [],
    [1],
    [0, 2],
    [None, "ab"],
    {},
    {"a": 1},
    {"a": 1, "b": 2},
    {"b": 2, "a": 1},
    [{"a": 1}, {"a": 2, "b": 0}],
    {"$gt": 0},
]
ABSENT = object()


def documents() -> list[dict[str, Any]]:
    """Give every pair of values, also where they are embedded, and lists of such pairs."""
    pairs = [
        {name: value for name, value in (("a", a), ("b", b)) if value is not ABSENT}
        for a, b in itertools.product([*VALUES, ABSENT], repeat=2)
    ]
    few = [pair for pair in pairs if all(type(value) is int for value in pair.values())]
    listed = [list(some) for n in (0, 1, 2) for some in itertools.combinations(few, n)]
    found = pairs + [{"p": pair} for pair in pairs[::3]] + [{"l": pairs} for pairs in listed]
    return [{"_id": number, **document} for number, document in enumerate(found)]


VALUE = st.sampled_from(VALUES)
# No comparison takes operators.
COMPARED = VALUE.filter(lambda value: value != {"$gt": 0})
NUMBER = st.sampled_from([0, 1, 1.5, True, 2])
FIELD = st.sampled_from(
    [Whole.a, Whole.b, Whole.part.a, Whole.part.b, Whole.parts.a, Whole.parts.b]
)
OF_ITEM = st.sampled_from([Whole.parts.a, Whole.parts.b, Part.a, Part.b])


def conditions(field: st.SearchStrategy[QueryField[Any]]) -> st.SearchStrategy[QueryExpression]:
    """Give a strategy of conditions on one field."""
    compared = st.builds(
        lambda field, method, value: getattr(field, method)(value),
        field,
        st.sampled_from(["eq_", "ne_", "gt_", "lt_", "ge_", "le_"]),
        COMPARED,
    )
    items = st.lists(COMPARED, max_size=3)
    several = st.builds(
        lambda field, method, values: getattr(field, method)(*values),
        field,
        st.sampled_from(["in_", "nin", "all_"]),
        items,
    )
    found = st.builds(
        lambda field, text, ignore_case: field.regex(text, ignore_case),
        field,
        st.sampled_from(["a", "B", "^$", "b$"]),
        st.booleans(),
    )
    ends = st.builds(lambda field, text: field.endswith(text), field, st.sampled_from(["b", "\n"]))
    other = st.builds(
        lambda field, number: (
            field.exists(bool(number)),
            field.size(int(number)),
            field.mod(2, int(number)),
            field.type_(["string", "bool", "number", "array", "object"][int(number)]),
        )[int(number * 2) % 4],
        field,
        NUMBER,
    )
    return compared | several | found | ends | other


EXPRESSION = st.recursive(
    conditions(FIELD)
    | st.builds(lambda expression: Whole.parts.elem_match(expression), conditions(OF_ITEM)),
    lambda inner: (
        st.builds(lambda e: ~e, inner)
        | st.builds(lambda e, f: e | f, inner, inner)
        | st.builds(lambda e, f: e & f, inner, inner)
    ),
    max_leaves=6,
)
RANDOM = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class World:
    """The documents on the server, and what a query finds of them."""

    def __init__(self, collection: Collection[dict[str, Any]]) -> None:
        self._collection = collection
        self.all = {document["_id"] for document in collection.find({}, {"_id": 1})}

    def matched(self, query: QueryExpression | dict[str, Any]) -> set[int]:
        """Give the ids of what a query matches."""
        stored = translate(Whole, query)
        return {document["_id"] for document in self._collection.find(stored, {"_id": 1})}


@pytest.fixture
def world(database: Database[dict[str, Any]]) -> World:
    """A collection with a document of every kind."""
    database["whole"].insert_many(documents())
    return World(database["whole"])


@given(expression=EXPRESSION)
@RANDOM
def test_the_negation_matches_exactly_the_rest(world, expression):
    """Every document is matched by an expression or by its negation, and never by both."""
    assert world.matched(~expression) == world.all - world.matched(expression)


@given(first=EXPRESSION, second=EXPRESSION)
@RANDOM
def test_a_conjunction_matches_exactly_what_both_match(world, first, second):
    """`&` keeps every condition, whatever it could merge."""
    assert world.matched(first & second) == world.matched(first) & world.matched(second)


@given(first=EXPRESSION, second=EXPRESSION)
@RANDOM
def test_a_disjunction_matches_exactly_what_either_matches(world, first, second):
    """`|` keeps every alternative, however flat it makes the chain."""
    assert world.matched(first | second) == world.matched(first) | world.matched(second)


@given(first=EXPRESSION, second=EXPRESSION)
@RANDOM
def test_a_strict_merge_is_exact_or_refused(world, first, second):
    """What `Query.filter` merges matches what both match, or it raises."""
    try:
        both = merge(translate(Whole, first), translate(Whole, second))
    except BadQueryException:
        return
    found = {document["_id"] for document in world._collection.find(both, {"_id": 1})}
    assert found == world.matched(first) & world.matched(second)


@given(first=EXPRESSION, second=EXPRESSION)
@settings(deadline=None)
def test_making_expressions_changes_none(first, second):
    """What an expression was made from is as it was."""
    before = copy.deepcopy((first.obj, second.obj))
    for made in (~first, first & second, first | second, second & first):
        flatten(made)
    assert (first.obj, second.obj) == before


@given(expression=EXPRESSION)
@settings(deadline=None)
def test_the_names_of_fields_are_final(expression):
    """The names in an expression mean what they meant when it was made: they are not translated."""
    assert translate(Whole, expression) == flatten(expression)


TEXTS = st.text(st.sampled_from("aAbé.*$^\\[(|)#- \n\r\0\u2028"), max_size=4)


@example(texts=["a", "a\n", "\na"], part="a")  # where a pattern's own ^ and $ would differ
@given(texts=st.lists(TEXTS, min_size=1, max_size=20), part=TEXTS)
@RANDOM
def test_beginnings_and_ends_are_literal(database, texts, part):
    """`startswith` and `endswith` find what Python's own methods find."""
    collection = database["texts"]
    collection.delete_many({})
    collection.insert_many({"_id": number, "b": text} for number, text in enumerate(texts))

    def found(expression: QueryExpression) -> list[str]:
        query = flatten(expression)
        return [document["b"] for document in collection.find(query).sort("_id", 1)]

    assert found(Whole.a.startswith(part)) == [text for text in texts if text.startswith(part)]
    assert found(Whole.a.endswith(part)) == [text for text in texts if text.endswith(part)]
