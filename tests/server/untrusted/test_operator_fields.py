"""
The value of a field whose ``on_update`` is an operator is its argument, and no operator itself.

Operators: `$push`, `$addToSet`, `$pull`, `$min`, `$max`, `$set`. Values: dicts with operators and
modifiers, patterns, dicts that the server would take for conditions, alone and in lists.
"""

from __future__ import annotations

from typing import Any

import pytest
from bson import Regex

from ommongo import AnythingField, Document, ListField, Session

NS = "tests.untrusted.operator_fields"


class Holder(Document):
    config_namespace = NS

    push = AnythingField(required=False, on_update="$push")
    unique = AnythingField(required=False, on_update="$addToSet")
    pull = AnythingField(required=False, on_update="$pull")
    pushes = ListField(AnythingField(), required=False, on_update="$push")
    uniques = ListField(AnythingField(), required=False, on_update="$addToSet")
    pulls = ListField(AnythingField(), required=False, on_update="$pull")
    plain = AnythingField(required=False)


ITEMS = ["abc", {"a": 1, "b": 2}, 5]
VALUES: list[Any] = [
    {"$each": [], "$slice": 0},
    {"$each": [7, 8]},
    {"$gt": ""},
    {"$in": ["abc"]},
    {"a": 1},
    {"$exists": True},
    Regex("a"),
]


@pytest.fixture
def holder(database) -> Any:
    """An object with three items in each list."""
    names = ("push", "unique", "pull", "pushes", "uniques", "pulls", "plain")
    database["Holder"].insert_one(dict.fromkeys(names, ITEMS))
    return Session(database, safe=True).query(Holder).one()


def stored(holder: Any, name: str, value: Any) -> Any:
    """Assign a value and update; give what is stored then."""
    setattr(holder, name, value)
    holder._get_session().update(holder)
    return holder._get_session().db["Holder"].find_one()[name]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_what_is_added_is_one_item(holder, value):
    """Nothing is spread, cut or put in order by it."""
    assert stored(holder, "push", value) == [*ITEMS, value]
    assert stored(holder, "unique", value) == [*ITEMS, value]
    assert stored(holder, "pushes", [value]) == [*ITEMS, value]
    assert stored(holder, "uniques", [value]) == [*ITEMS, value]
    assert stored(holder, "plain", value) == value


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_what_is_taken_out_is_what_is_equal(holder, value):
    """No condition, and no pattern."""
    assert stored(holder, "pull", value) == ITEMS
    assert stored(holder, "pulls", [value]) == ITEMS
    assert stored(holder, "pulls", [value, "abc"]) == ITEMS[1:]


def test_equal_items_are_taken_out(holder):
    """Alone and in a list."""
    assert stored(holder, "pull", {"a": 1, "b": 2}) == ["abc", 5]
    assert stored(holder, "pulls", [{"a": 1, "b": 2}, 5]) == ["abc"]
    session = holder._get_session()
    session.db["Holder"].update_one({}, {"$set": {"pulls": [{"$gt": 1}, Regex("a"), "abc"]}})
    fresh = session.query(Holder).one()
    assert stored(fresh, "pulls", [{"$gt": 1}, Regex("a")]) == ["abc"]
