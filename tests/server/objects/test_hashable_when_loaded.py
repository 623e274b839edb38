"""
What has to be hashed when it is loaded is loaded as it was, or refused where it is assigned.

Members of the kind, by the field: the items of a set, the keys of a `KVField`. By the value: a
tuple (alone, or in a tuple), a frozenset, a dict that can be hashed, in a field that takes
anything, a list, or another set. By how it comes in: constructor, assignment, in place, update
expressions.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest
from bson import DBRef, ObjectId

from ommongo import (
    AnythingField,
    Document,
    EnumField,
    GeoField,
    IntField,
    KVField,
    ListField,
    SetField,
    StringField,
    TupleField,
)
from ommongo.exceptions import BadValueException

SPACE = "tests.hashable_when_loaded"


class Bag(Document):
    config_namespace = SPACE
    config_collection_name = "bags"

    things = SetField(AnythingField(), required=False)
    lists = SetField(ListField(IntField()), required=False)
    sets = SetField(SetField(IntField()), required=False)
    tuples = SetField(TupleField(IntField(), AnythingField()), required=False)
    chosen = SetField(EnumField(AnythingField(), 1, (1, 2)), required=False)
    places = SetField(GeoField(), required=False)
    by_key = KVField(AnythingField(), IntField(), required=False)
    by_list = KVField(ListField(IntField()), IntField(), required=False)
    by_pair = KVField(TupleField(IntField(), IntField()), StringField(), required=False)


class Mapped(Mapping):
    """A dict that Python can hash, as an application may have one."""

    def __init__(self, **values):
        self.values_ = values

    def __getitem__(self, name):
        return self.values_[name]

    def __iter__(self):
        return iter(self.values_)

    def __len__(self):
        return len(self.values_)

    def __hash__(self):
        return 1


BAD = {
    "a dict": ("things", {Mapped(a=1)}),
    "a dict among others": ("things", {1, "a", Mapped(a=1)}),
    "a dict in a tuple": ("things", {(1, Mapped(a=1))}),
    "a dict in a tuple field": ("tuples", {(1, Mapped(a=1))}),
    "a key": ("by_key", {(1, 2): 3}),
    "an empty key": ("by_key", {(): 3}),
    "a dict as a key": ("by_key", {Mapped(a=1): 3}),
    "a key of a list field": ("by_list", {(1, 2): 3}),
}


@pytest.mark.parametrize("case", BAD)
def test_it_is_refused_where_it_is_assigned(case):
    """By the constructor and by an assignment, with what to declare."""
    name, value = BAD[case]
    bag = Bag()

    for assign in (lambda: Bag(**{name: value}), lambda: setattr(bag, name, value)):
        with pytest.raises(BadValueException, match="TupleField") as caught:
            assign()
        assert caught.value.name.startswith(f"Bag.{name}[")
    assert name not in bag.__dict__


@pytest.mark.parametrize("way", ["save", "update"])
@pytest.mark.parametrize(
    ("values", "change"),
    [
        ({"things": {1}}, lambda bag: bag.things.add(Mapped(a=1))),
        ({"by_key": {1: 2}}, lambda bag: bag.by_key.update({(1, 2): 3})),
        ({"by_list": {}}, lambda bag: bag.by_list.update({(1, 2): 3})),
    ],
)
def test_what_was_put_in_place_is_refused_when_it_is_queued(safe_session, values, change, way):
    """What is stored can be read as before."""
    safe_session.save(Bag(**values))
    bag = safe_session.query(Bag).one()
    change(bag)

    with pytest.raises(BadValueException, match="TupleField"):
        getattr(safe_session, way)(bag)

    [(name, value)] = values.items()
    assert getattr(safe_session.query(Bag).one(), name) == value


@pytest.mark.parametrize(
    "change",
    [
        lambda query: query.set(Bag.things, {Mapped(a=1)}),
        lambda query: query.add_to_set(Bag.things, Mapped(a=1)),
        lambda query: query.add_to_set(Bag.things, {"a": 1}),
        lambda query: query.append(Bag.things, {"a": 1}),
        lambda query: query.extend(Bag.things, 1, {"a": 1}),
        lambda query: query.set(Bag.by_key, {(1, 2): 3}),
    ],
)
def test_update_expressions_refuse_it(safe_session, change):
    """They store it too."""
    safe_session.save(Bag(things={1}))

    with pytest.raises(BadValueException, match="TupleField"):
        change(safe_session.query(Bag)).execute()

    assert safe_session.query(Bag).one().things == {1}


def test_a_tuple_that_an_update_adds_is_loaded_as_one(safe_session):
    """Also a list, which is stored alike."""
    safe_session.save(Bag(things={1}))
    safe_session.query(Bag).add_to_set(Bag.things, (1, 2)).execute()
    safe_session.query(Bag).add_to_set(Bag.things, [3]).execute()

    assert safe_session.query(Bag).one().things == {1, (1, 2), (3,)}


GOOD: dict[str, tuple[str, Any]] = {
    "plain values": ("things", {1, "a", 2.5, None, b"x", ObjectId("0" * 24)}),
    "others": ("things", {datetime(2020, 1, 1), DBRef("c", 1)}),
    "tuples of a tuple field": ("tuples", {(1, "a"), (2, None)}),
    "a tuple": ("things", {(1, 2), ()}),
    "tuples in tuples": ("things", {1, "a", (1, (2, (3, "b")))}),
    "a tuple of a list field": ("lists", {(1, 2)}),
    "a frozenset of a set field": ("sets", {frozenset({1, 2})}),
    "a tuple in a tuple": ("tuples", {(1, (2, 3))}),
    "one that is declared": ("chosen", {(1, 2)}),
    "places": ("places", {(106.8, -6.0)}),
    "keys": ("by_key", {1: 2, "a": 3, 2.5: 4}),
    "pairs as keys": ("by_pair", {(1, 2): "a"}),
    "none": ("things", set()),
}


@pytest.mark.parametrize("case", GOOD)
def test_what_can_be_loaded_is_loaded_equal(safe_session, case):
    """It is stored, read again and clean."""
    name, value = GOOD[case]
    safe_session.save(Bag(**{name: value}))

    bag = safe_session.query(Bag).one()

    assert getattr(bag, name) == value
    assert bag.get_dirty_ops() == {}
