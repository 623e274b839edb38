"""
An update of an object that was never loaded sends what was set in it, and nothing else.

What is not set: an empty embedded document, one in another, one that holds nothing but what a
document makes itself (defaults, a time of creation, what is computed); the same at the top. Which
update: by the ``_id``, by an expression, in a block. With ``upsert`` the whole is sent, as what is
to be inserted; and what was loaded and replaced is set whole.
"""

from __future__ import annotations

from datetime import datetime

import pytest

from ommongo import (
    CreatedField,
    Document,
    DocumentField,
    IntField,
    ListField,
    StringField,
    computed_field,
)

NAMESPACE = "tests.server.known_by_id_only"
LONG_AGO = datetime(2020, 1, 1)


class Inner(Document):
    config_namespace = NAMESPACE
    n = IntField(required=False)
    m = IntField(default=3)
    tags = ListField(StringField(), default_empty=True)
    created = CreatedField()

    @computed_field(IntField(), deps=[m])
    def double(values):
        return 2 * values["m"]


class Middle(Document):
    config_namespace = NAMESPACE
    inner = DocumentField(Inner, required=False)
    k = IntField(required=False)


class Outer(Document):
    config_namespace = NAMESPACE
    config_collection_name = "outers"
    b = IntField()
    d = IntField(default=5)
    inner = DocumentField(Inner, required=False)
    middle = DocumentField(Middle, required=False)
    created = CreatedField()

    @computed_field(IntField(), deps=[d])
    def ten(values):
        return 2 * values["d"]


INNER = {"n": 5, "m": 4, "tags": ["a"], "created": LONG_AGO, "double": 8}
STORED = {
    "b": 0,
    "d": 6,
    "inner": INNER,
    "middle": {"inner": INNER, "k": 1},
    "created": LONG_AGO,
    "ten": 12,
}


@pytest.fixture
def key(database):
    """Store a document; give its `_id`."""
    return database["outers"].insert_one(STORED.copy()).inserted_id


def by_id(session, outer, key):
    """Update by the `_id`."""
    outer.mongo_id = key
    session.update(outer)


def by_expression(session, outer, key):
    """Update by an expression."""
    session.update(outer, Outer.mongo_id == key)


def in_block(session, outer, key):
    """Update at the end of a block."""
    outer.mongo_id = key
    with session:
        session.update(outer)


def inner_read():
    """Make an embedded document of which everything was read."""
    inner = Inner()
    assert (inner.m, inner.tags, inner.double) == (3, [], 6)
    assert inner.created
    return inner


EMPTY = {
    "inner": lambda: {"inner": Inner()},
    "inner_read": lambda: {"inner": inner_read()},
    "middle": lambda: {"middle": Middle()},
    "inner_of_middle": lambda: {"middle": Middle(inner=Inner())},
    "nothing": dict,
}


@pytest.mark.parametrize("update", [by_id, by_expression, in_block])
@pytest.mark.parametrize("values", EMPTY.values(), ids=EMPTY)
def test_what_was_not_set_is_not_sent(safe_session, database, key, update, values):
    """Nothing of it is erased, at any depth."""
    update(safe_session, Outer(b=1, **values()), key)

    assert database["outers"].find_one({}, {"_id": 0}) == {**STORED, "b": 1}


@pytest.mark.parametrize("update", [by_id, by_expression, in_block])
def test_what_was_set_is_sent(safe_session, database, key, update):
    """And what is computed from it; the rest stays."""
    outer = Outer(d=1, inner=Inner(m=1), middle=Middle(inner=Inner(n=9)))

    update(safe_session, outer, key)

    assert database["outers"].find_one({}, {"_id": 0}) == {
        **STORED,
        "d": 1,
        "ten": 2,
        "inner": {**INNER, "m": 1, "double": 2},
        "middle": {"inner": {**INNER, "n": 9}, "k": 1},
    }


def test_a_list_that_was_set_is_sent(safe_session, database, key):
    """An empty one is a value that was set."""
    by_id(safe_session, Outer(inner=Inner(tags=[])), key)

    assert database["outers"].find_one()["inner"] == {**INNER, "tags": []}


def test_an_upsert_sends_the_whole(safe_session, database):
    """What is inserted is what a save would store."""
    safe_session.update(Outer(b=1, inner=Inner()), Outer.b == 1, upsert=True)

    stored = database["outers"].find_one()
    assert (stored["d"], stored["ten"], stored["inner"]["m"]) == (5, 10, 3)
    assert stored["created"] > LONG_AGO
    assert safe_session.query(Outer).one().inner.double == 6


def test_one_that_replaces_a_loaded_one_is_set_whole(safe_session, database, key):
    """Of an object that was loaded it is known that it is another one."""
    outer = safe_session.query(Outer).one()
    outer.inner = Inner()

    safe_session.update(outer)

    inner = database["outers"].find_one()["inner"]
    assert (inner["m"], inner["tags"], "n" in inner) == (3, [], False)
