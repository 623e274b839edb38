"""Aggregation and map-reduce on a real server."""

from __future__ import annotations

import pytest

from ommongo import Document, IntField, StringField
from tests.helpers import bodies_of
from tests.models import User

TOTAL = {"$group": {"_id": None, "sum": {"$sum": "$age"}}}
MAPPER = "function() { emit(this.n, this.age); }"
REDUCER = "function(key, values) { return Array.sum(values); }"


class Animal(Document):
    config_namespace = "tests.server.aggregation"
    config_collection_name = "animals"
    config_polymorphic = "kind"
    config_polymorphic_identity = "animal"
    config_polymorphic_collection = True
    kind = StringField(db_field="k", default="animal")
    age = IntField()


class Dog(Animal):
    config_polymorphic_identity = "dog"
    kind = StringField(db_field="k", default="dog")


@pytest.fixture
def users(session):
    """Three users, and a query for them."""
    for nick, age in [("a", 36), ("b", 18), ("a", 4)]:
        session.save(User(name="x", nick=nick, age=age))
    return session.query(User)


def test_an_aggregation_gives_dicts(users):
    """The results are the driver's, and nothing is converted."""
    assert list(users.aggregate([TOTAL])) == [{"_id": None, "sum": 58}]


def test_the_filter_goes_first(users, commands):
    """What the query matches is what is aggregated."""
    assert users.filter(User.nick == "a").aggregate((TOTAL,)).next()["sum"] == 40

    (aggregate,) = bodies_of(commands, "aggregate")
    assert aggregate["pipeline"] == [{"$match": {"n": "a"}}, TOTAL]


def test_without_a_filter_the_pipeline_is_sent_as_it_is(users, commands):
    """There is nothing to match."""
    users.aggregate([TOTAL])

    (aggregate,) = bodies_of(commands, "aggregate")
    assert aggregate["pipeline"] == [TOTAL]


def test_the_class_is_part_of_the_filter(session):
    """Documents of other classes in the collection do not count."""
    session.save(Animal(age=10))
    session.save(Dog(age=3))

    assert session.query(Dog).aggregate([TOTAL]).next()["sum"] == 3
    assert session.query(Animal).aggregate([TOTAL]).next()["sum"] == 13


def test_the_options_are_sent(users, session, commands):
    """Hint, comment, time and the size of batches go along."""
    session.db["users"].create_index([("age", 1)])

    query = users.hint_asc(User.age).comment("why").max_time(5000).batch_size(2)
    assert len(list(query.aggregate([]))) == 3

    (aggregate,) = bodies_of(commands, "aggregate")
    assert (aggregate["hint"], aggregate["comment"]) == ({"age": 1}, "why")
    assert (aggregate["maxTimeMS"], aggregate["cursor"]) == (5000, {"batchSize": 2})


def test_the_pipeline_is_not_changed(users):
    """The list can be used again."""
    pipeline = [TOTAL]

    users.filter(User.age > 3).aggregate(pipeline)

    assert pipeline == [TOTAL]


def test_map_reduce_iterates_over_results(users, database):
    """The results are in the collection that was named, and are given one by one."""
    with pytest.warns(DeprecationWarning, match="aggregate"):
        results = users.map_reduce(MAPPER, REDUCER, "totals", {})

    assert {raw["_id"]: raw["value"] for raw in results} == {"a": 40, "b": 18}
    assert database["totals"].count_documents({}) == 2


@pytest.mark.parametrize("condition", [{"age": {"$gt": 4}}, User.age > 4], ids=["dict", "both"])
def test_map_reduce_joins_both_filters(users, condition):
    """The query's own conditions count beside those of the call."""
    if isinstance(condition, dict):
        query, raw = users.filter(User.nick == "a"), condition
    else:
        query, raw = users.filter(condition), {"nick": "a"}

    with pytest.warns(DeprecationWarning, match="aggregate"):
        results = query.map_reduce(MAPPER, REDUCER, "totals", raw)

    assert [(raw["_id"], raw["value"]) for raw in results] == [("a", 36)]


def test_map_reduce_without_a_further_filter(session, users):
    """`None` adds no condition; a collection's name will do in the place of a class."""
    with pytest.warns(DeprecationWarning, match="aggregate"):
        results = session.query("users").map_reduce(MAPPER, REDUCER, "totals", None)

    assert len(list(results)) == 2
