"""
After an update by an operator an object holds what the server made, or does not know it.

Numbers of every type, dates, text, bytes, patterns, arrays and documents within arrays: what is
equal, and what is less, is the server's word.
"""

from __future__ import annotations

import uuid
from datetime import datetime

import pytest
from bson import Binary, Decimal128, Int64, Regex
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pymongo.errors import WriteError

from ommongo import AnythingField, Document, Session
from ommongo._bson import same
from ommongo._tracking import apply, operators
from ommongo.exceptions import FieldNotRetrieved

NUMBERS = st.sampled_from(
    [0, 1, 2, -1, 1.0, 2.5, -0.0, 0.1, Int64(1), Decimal128("1.0"), Decimal128("0.1"), 2**53,
     2.0**53, 2**53 + 1, float("nan"), float("inf")]
)  # fmt: skip
SCALARS = NUMBERS | st.sampled_from(
    ["", "a", "b", "aa", "\uffff", "\U0001f600", b"a", b"aa", b"b", Binary(b"a", 5), True, False,
     None, datetime(2020, 1, 1), datetime(2021, 1, 1), Regex("a"), Regex("b", "i")]
)  # fmt: skip
ITEMS = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("xy"), inner),
    max_leaves=4,
)
LISTS = st.lists(ITEMS, max_size=5)

ARRAYS = {"$pull": LISTS | SCALARS, "$pullAll": LISTS, "$addToSet": LISTS, "$push": LISTS}
VALUES = dict.fromkeys(("$inc", "$mul"), NUMBERS) | dict.fromkeys(("$min", "$max"), SCALARS)


@pytest.fixture(scope="module")
def session(client):
    """A session for all examples."""
    database = client[f"ommongo_test_{uuid.uuid4().hex}"]
    yield Session(database, safe=True)
    client.drop_database(database.name)


def with_operator(operator):
    """Declare a class with a field of that operator."""

    class Holder(Document):
        config_namespace = None
        config_collection_name = "holders"
        value = AnythingField(on_update=operator)

    return Holder


def check(session, operator, stored, argument):
    """Update by the operator, and compare what the object holds with what is stored."""
    holders = session.db["holders"]
    holders.delete_many({})
    holders.insert_one({"value": stored})
    cls = with_operator(operator)
    holder = session.query(cls).one()
    holder.value = argument
    try:
        session.update(holder)
    except WriteError:
        assert same(holders.find_one()["value"], stored)
        return
    after = holders.find_one()["value"]
    try:
        assert same(after, holder.value), (after, holder.value)
    except FieldNotRetrieved:
        return


@pytest.mark.parametrize("operator", ARRAYS)
@settings(deadline=None)
@given(data=st.data(), stored=LISTS)
def test_arrays(session, operator, data, stored):
    """What is equal to an item is the server's word."""
    check(session, operator, stored, data.draw(ARRAYS[operator]))


@pytest.mark.parametrize("operator", VALUES)
@settings(deadline=None)
@given(data=st.data(), stored=SCALARS)
def test_values(session, operator, data, stored):
    """So is what is less, and what comes of numbers of two types."""
    check(session, operator, stored, data.draw(VALUES[operator]))


@settings(deadline=None)
@given(stored=LISTS, items=LISTS)
@example(stored=["a", "b", Regex("a")], items=[Regex("a")])
@example(stored=[[1, 2], 3], items=[[1, 2]])
def test_an_item_is_no_condition(session, stored, items):
    """What is pulled is what equals an item, also where the server would take it for a pattern."""
    holders = session.db["holders"]
    holders.delete_many({})
    holders.insert_one({"value": stored})
    cls = with_operator("$pull")
    holder = session.query(cls).one()
    holder.value = items

    session.update(holder)

    kept = apply("$pullAll", stored, items)
    if not any(isinstance(held, list) for held in stored):
        assert same(holders.find_one()["value"], kept)


def test_the_cost_grows_with_the_length(monkeypatch):
    """Each item is looked at once, and not once for each other."""
    calls = []
    key = operators.equal_key
    monkeypatch.setattr(operators, "equal_key", lambda value: calls.append(1) or key(value))

    for operator in ("$addToSet", "$pullAll"):
        apply(operator, list(range(1000)), list(range(500, 1500)))

    assert len(calls) == 4000
