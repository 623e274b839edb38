"""Find-and-modify as it is built; what it does is for the server tests."""

from __future__ import annotations

import pytest

from ommongo.exceptions import BadQueryException, UpdateException
from ommongo.query import Query
from ommongo.update_expression import FindAndModifyExpression
from tests.models import User


@pytest.fixture
def query():
    """All users."""
    return Query(User, None)


def test_it_is_an_update(query):
    """The operators are those of an update expression."""
    expression = query.find_and_modify().set(age=1).inc(User.hits)

    assert type(expression) is FindAndModifyExpression
    assert expression.update_data == {"$set": {"age": 1}, "$inc": {"hits": 1}}


@pytest.mark.parametrize("setting", ["limit", "skip"])
def test_a_query_with_what_would_be_ignored_is_refused(query, setting):
    """The command has no limit and no skip."""
    with pytest.raises(BadQueryException, match=setting):
        getattr(query, setting)(1).find_and_modify()


def test_a_query_with_a_sort_is_taken(query):
    """The order says which document is the first."""
    expression = query.descending(User.age).find_and_modify(remove=True)

    assert expression.query._sort == [("age", -1)]


def test_a_removed_document_has_no_new_state(query):
    """`new` and `remove` exclude each other."""
    with pytest.raises(UpdateException):
        query.find_and_modify(new=True, remove=True)


@pytest.mark.parametrize("change", ["set", "upsert"])
def test_there_is_nothing_to_change_in_a_removed_document(query, change):
    """With `remove` there is nothing to set, and nothing to insert."""
    expression = query.find_and_modify(remove=True)
    expression = expression.set(age=1) if change == "set" else expression.upsert()

    with pytest.raises(UpdateException):
        expression.execute()


def test_it_changes_one_document(query):
    """`multi` is refused."""
    with pytest.raises(UpdateException):
        query.find_and_modify().set(age=1).multi()
