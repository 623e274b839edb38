"""Whatever an update expression is told, what it leaves can be loaded; and it does what it may."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pymongo.errors import WriteError

from ommongo import Document, FloatField, IntField, ListField, Session
from ommongo.exceptions import BadValueException
from ommongo.update_expression import UpdateExpression

INTS = st.one_of(
    st.integers(-12, 12), st.sampled_from([2**31, -(2**31), 2**62, -(2**63), 2**63 - 1])
)
FLOATS = st.floats(-10, 10, allow_nan=False) | st.sampled_from([0.1, -0.1, 0.2, 0.3, 1e300, 1e-300])
LISTS = st.lists(st.integers(0, 3), max_size=5)


@pytest.fixture(scope="module")
def session(client):
    """A session for all examples, each of which has a collection of its own."""
    database = client[f"ommongo_test_{uuid.uuid4().hex}"]
    yield Session(database, safe=True)
    client.drop_database(database.name)


def bounds(values):
    """Two bounds in order, each of which may be left out."""
    pairs = st.tuples(values, values).map(sorted)
    return pairs.flatmap(
        lambda pair: st.tuples(*(st.sampled_from([None, bound]) for bound in pair))
    )


def with_value(field):
    """Declare a class with that field."""

    class Holder(Document):
        config_namespace = None
        config_collection_name = "holders"
        value = field

    return Holder


def outcome(session, cls, stored, change, expected):
    """Change what is stored; it can be loaded, and is what was expected or what it was."""
    holders = session.db["holders"]
    holders.delete_many({})
    holders.insert_one({} if stored is None else {"value": stored})
    allowed = cls.value.get_type().is_valid_unwrap(expected)
    try:
        change(UpdateExpression(session.query(cls))).execute()
    except (BadValueException, WriteError):
        after = stored
    else:
        assert allowed
        after = expected
    assert holders.find_one().get("value") == after
    return allowed, after is not stored


@settings(deadline=None)
@example(limits=(None, -(2**63)), stored=-(2**63), by=1, operator="inc")
@given(
    limits=bounds(INTS), stored=st.none() | INTS, by=INTS, operator=st.sampled_from(["inc", "mul"])
)
def test_ints(session, limits, stored, by, operator):
    """Ints are changed where the result is in bounds, and nowhere else."""
    cls = with_value(IntField(*limits, required=False))
    if stored is not None and not cls.value.get_type().is_valid_unwrap(stored):
        return
    made = (stored or 0) + by if operator == "inc" else (stored or 0) * by

    allowed, changed = outcome(
        session, cls, stored, lambda update: getattr(update, operator)(cls.value, by), made
    )

    assert changed == (allowed and made != stored) or made == stored


@settings(deadline=None)
@given(limits=bounds(FLOATS), stored=FLOATS, by=FLOATS, operator=st.sampled_from(["inc", "mul"]))
def test_floats(session, limits, stored, by, operator):
    """Floats are judged as the server's arithmetic rounds them."""
    cls = with_value(FloatField(*limits, required=False))
    if not cls.value.get_type().is_valid_unwrap(stored):
        return
    made = stored + by if operator == "inc" else stored * by

    outcome(session, cls, stored, lambda update: getattr(update, operator)(cls.value, by), made)


def pushed(old, items):
    """Give what ``$push`` makes."""
    return [*old, *items]


def added(old, items):
    """Give what ``$addToSet`` makes."""
    return [*old, *(item for item in dict.fromkeys(items) if item not in old)]


def pulled(old, items):
    """Give what ``$pullAll`` makes."""
    return [item for item in old if item not in items]


ARRAYS = {
    "extend": (lambda u, f, items: u.extend(f, *items), pushed),
    "add_each_to_set": (lambda u, f, items: u.add_each_to_set(f, *items), added),
    "remove_all": (lambda u, f, items: u.remove_all(f, *items), pulled),
    "remove": (lambda u, f, items: u.remove(f, f.in_(*items)), pulled),
    "pop_last": (lambda u, f, items: u.pop_last(f), lambda old, items: old[:-1]),
}


@pytest.mark.parametrize(("change", "make"), ARRAYS.values(), ids=ARRAYS)
@settings(deadline=None)
@given(limits=bounds(st.integers(0, 6)), stored=LISTS, items=LISTS.filter(bool))
def test_lists(session, change, make, limits, stored, items):
    """Lists are changed where the result is of a size that the field takes, and nowhere else."""
    cls = with_value(ListField(IntField(), *limits, required=False))
    if not cls.value.get_type().is_valid_unwrap(stored):
        return
    made = make(stored, items)

    allowed, changed = outcome(
        session, cls, stored, lambda update: change(update, cls.value, items), made
    )

    assert changed == allowed or made == stored
