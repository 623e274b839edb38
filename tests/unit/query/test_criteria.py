"""What a query hands on: a value, which what is asked for later does not change."""

from __future__ import annotations

import copy

import pytest

from ommongo.query import Query, RemoveQuery
from tests.models import User


@pytest.fixture
def query():
    """A query with some of everything."""
    return (
        Query(User, None)
        .filter(User.age > 3)
        .search("ada")
        .descending(User.age)
        .hint_asc(User.age)
        .fields(User.age)
        .limit(5)
    )


def said(criteria):
    """Say all that criteria hold."""
    return (
        criteria.filter(),
        criteria.order(),
        criteria.projection(),
        criteria.command_options(),
        criteria.limit,
        criteria.skip,
        criteria.batch_size,
        criteria.is_raw,
    )


CHANGES = {
    "filter": lambda q: q.filter(User.name == "ada"),
    "filter_by": lambda q: q.filter_by(name="ada"),
    "filter_dict": lambda q: q.filter_dict({"name": "ada"}),
    "filter_like": lambda q: q.filter_like(name="ada"),
    "not_": lambda q: q.not_(User.name == "ada"),
    "or_": lambda q: q.or_(User.name == "ada", User.name == "bob"),
    "query_bypass": lambda q: q.query_bypass({}, raw_output=False),
    "sort": lambda q: q.sort(("name", 1)),
    "ascending": lambda q: q.ascending("name"),
    "hint_desc": lambda q: q.hint_desc("name"),
    "limit": lambda q: q.limit(1),
    "skip": lambda q: q.skip(1),
    "fields": lambda q: q.fields("name"),
    "comment": lambda q: q.comment("seen"),
    "max_time": lambda q: q.max_time(1),
    "batch_size": lambda q: q.batch_size(1),
    "raw_output": lambda q: q.raw_output(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_criteria_stay_as_they_were(query, change):
    """What a query is told after it gave its criteria is told to the query only."""
    criteria = query._criteria
    before = said(criteria)

    change(query)

    assert said(criteria) == before
    assert said(query._criteria) != before


@pytest.mark.parametrize("kind", [Query, RemoveQuery])
def test_a_copy_is_independent(kind):
    """What `copy.copy` gives can be narrowed without the original."""
    original = kind(User, None).filter(User.age > 3)

    copy.copy(original).filter(User.name == "ada")

    assert original.query == {"age": {"$gt": 3}}


@pytest.mark.parametrize("name", ["limit", "conditions", "nothing"])
def test_criteria_cannot_be_changed(query, name):
    """They are a value."""
    with pytest.raises(AttributeError):
        setattr(query._criteria, name, 1)
    with pytest.raises(AttributeError):
        delattr(query._criteria, name)


def test_a_removal_of_criteria_removes_what_the_query_finds(query):
    """It asks for the same, and can be narrowed without the query."""
    removal = RemoveQuery._of(query._criteria, None)

    assert removal.query == query.query

    removal.filter(User.name == "ada")
    assert "name" not in query.query
