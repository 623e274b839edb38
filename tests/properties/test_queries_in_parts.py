"""
Conditions that are kept in parts: what they give is what dicts would, and is nobody else's.

The kind has comparisons of every sign, several values, values that are plain and that are not, raw
dicts; joined by ``&``, ``|`` and ``~`` at any depth; given to `Query.filter` in one call and in
several; and copies and pickles of all of them.
"""

from __future__ import annotations

import copy
import pickle
from datetime import datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ommongo import (
    AnythingField,
    DateTimeField,
    Document,
    IntField,
    ListField,
    StringField,
)
from ommongo.exceptions import BadQueryException
from ommongo.query import Query
from ommongo.query_expression import QueryExpression, merge
from tests.properties.examples import examples


class Work(Document):
    config_namespace = "tests.properties.in_parts"

    year = IntField()
    title = StringField(db_field="t")
    tags = ListField(StringField())
    seen = DateTimeField()
    body = AnythingField()


SIGNS: dict[str, Any] = {
    "$lt": lambda field, value: field < value,
    "$lte": lambda field, value: field <= value,
    "$gt": lambda field, value: field > value,
    "$gte": lambda field, value: field >= value,
    "$ne": lambda field, value: field != value,
    "$eq": lambda field, value: field == value,
}
FIELDS: list[tuple[Any, str, st.SearchStrategy[Any]]] = [
    (Work.year, "year", st.integers(0, 3)),
    (Work.title, "t", st.sampled_from(["a", "b", "é"])),
    (Work.tags, "tags", st.sampled_from(["a", "b"])),
    (Work.seen, "seen", st.sampled_from([datetime(2020, 1, 1), datetime(2021, 1, 1)])),
    (Work.body, "body", st.sampled_from([1, "a", {"x": [1]}, [1, {"y": 2}]])),
]


@st.composite
def comparisons(draw: Any) -> tuple[QueryExpression, dict[str, Any]]:
    """Give a comparison, and the dict that it stands for."""
    field, name, values = draw(st.sampled_from(FIELDS))
    operator = draw(st.sampled_from([*SIGNS, "$in", "$nin"]))
    if operator in ("$in", "$nin"):
        several = draw(st.lists(values, min_size=2, max_size=3))
        ask = field.in_ if operator == "$in" else field.nin
        return ask(*several), {name: {operator: copy.deepcopy(several)}}
    value = draw(values)
    wanted = {name: copy.deepcopy(value)}
    return SIGNS[operator](field, value), wanted if operator == "$eq" else {name: {operator: value}}


def alternatives(query: dict[str, Any]) -> list[Any]:
    """Give what ``$or`` lists for a query."""
    return query["$or"] if [*query] == ["$or"] else [query]


def joined(pair: Any) -> tuple[QueryExpression, dict[str, Any]]:
    """Join two conditions, and the dicts that they stand for."""
    (first, wanted), (second, more), operator = pair
    if operator == "&":
        return first & second, merge(wanted, more, strict=False)
    return first | second, {"$or": [*alternatives(wanted), *alternatives(more)]}


def negated(pair: Any) -> tuple[QueryExpression, dict[str, Any]]:
    """Negate a condition, and the dict that it stands for."""
    expression, wanted = pair
    return ~expression, (~QueryExpression(wanted)).obj


CONDITIONS = st.recursive(
    comparisons(),
    lambda inner: st.tuples(inner, inner, st.sampled_from("&|")).map(joined) | inner.map(negated),
    max_leaves=5,
)


def spoil(part: Any) -> None:
    """Change every dict and every list of a query."""
    inner = [*part.values()] if isinstance(part, dict) else [*part]
    for each in inner:
        if isinstance(each, (dict, list)):
            spoil(each)
    if isinstance(part, dict):
        part["spoiled"] = True
    else:
        part.append("spoiled")


def in_order(query: Any) -> Any:
    """Give a query in a form that is equal only where the names come in the same order."""
    if isinstance(query, dict):
        return [(name, in_order(value)) for name, value in query.items()]
    return [in_order(item) for item in query] if isinstance(query, list) else query


@settings(max_examples=examples(300), deadline=None)
@given(pair=CONDITIONS)
def test_an_expression_is_what_its_dict_is(pair):
    """Also a copy and a pickle of it, and after all that it gave was spoiled."""
    expression, wanted = pair
    assert in_order(expression.obj) == in_order(wanted)
    spoil(expression.obj)
    spoil(Query(Work, None).filter(expression).query)
    for same in (
        expression,
        copy.copy(expression),
        copy.deepcopy(expression),
        pickle.loads(pickle.dumps(expression)),
    ):
        assert in_order(same.obj) == in_order(Query(Work, None).filter(same).query)
        assert in_order(same.obj) == in_order(wanted)


def outcome(ask: Any) -> Any:
    """Give what comes of asking: the query with its order, or why it was refused."""
    try:
        return in_order(ask())
    except BadQueryException as error:
        return str(error)


@settings(max_examples=examples(300), deadline=None)
@given(pairs=st.lists(st.tuples(CONDITIONS, st.booleans()), max_size=4))
def test_a_filter_is_what_merged_dicts_are(pairs):
    """In one call and in several, of expressions and of raw dicts."""

    def wanted() -> dict[str, Any]:
        result: dict[str, Any] = {}
        for (_, query), is_raw in pairs:
            result = merge(result, query, strict=not is_raw)
        return result

    conditions = [query if is_raw else expression for (expression, query), is_raw in pairs]

    def one_by_one() -> dict[str, Any]:
        asked = Query(Work, None)
        for condition in conditions:
            asked.filter(condition)
        return asked.query

    right = outcome(wanted)
    assert outcome(lambda: Query(Work, None).filter(*conditions).query) == right
    assert outcome(one_by_one) == right


@settings(max_examples=examples(100), deadline=None)
@given(first=CONDITIONS, second=CONDITIONS)
def test_queries_share_nothing_that_changes(first, second):
    """What is done to the dict of one reaches neither another query nor a clone of it."""
    one = Query(Work, None).filter(first[0])
    other, clone = Query(Work, None).filter(first[0]), one.clone()
    before = copy.deepcopy(one.query)
    one.or_(second[0])
    spoil(one.query)
    for query in (other, clone):
        given = query._draft.filter()
        spoil(given)
        assert query.query == before
