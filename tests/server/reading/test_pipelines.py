"""
Where a query's filter goes in an aggregation whose first stage has to be the first.

Stages: `$geoNear`, those about the collection, searches (which only a hosted server has, so their
pipeline is looked at). Filters: of a polymorphic class, of the query, several, `near`, `$where`,
`search`, on a class and without one.
"""

from __future__ import annotations

from typing import Any

import pytest
from pymongo.errors import OperationFailure

from ommongo import Document, GeoField, Index, Q, Session, StringField
from ommongo.exceptions import BadQueryException

NEAR = {
    "near": {"type": "Point", "coordinates": [106.8, -6.2]},
    "distanceField": "far",
    "key": "at",
}


class Spot(Document):
    config_namespace = "tests.pipelines"
    config_polymorphic, config_polymorphic_identity = "kind", "spot"
    config_polymorphic_collection = True

    kind = StringField(default="spot")
    name = StringField(required=False, db_field="n")
    at = GeoField()
    i_at = Index().geo2dsphere("at")
    i_name = Index().text("name")


class Warung(Spot):
    config_polymorphic_identity, kind = "warung", StringField(default="warung")


@pytest.fixture
def spots(database) -> Any:
    """A session on a few places."""
    session = Session(database, safe=True)
    for cls, name in ((Warung, "a"), (Warung, "b"), (Spot, "a")):
        session.save(cls(at=(106.8, -6.2), name=name))
    return session


def names(found: Any) -> list[str]:
    """Give what was found."""
    return sorted(f"{each['kind']} {each['n']}" for each in found)


def test_geo_near_finds_documents_of_the_class(spots):
    """Polymorphic or not, with a filter and without."""
    stage = [{"$geoNear": NEAR}]

    assert names(spots.query(Warung).aggregate(stage)) == ["warung a", "warung b"]
    assert names(spots.query(Spot).aggregate(stage)) == ["spot a", "warung a", "warung b"]
    named = spots.query(Warung).filter(Spot.name == "a")
    assert names(named.aggregate([*stage, {"$limit": 5}])) == ["warung a"]
    assert names(spots.query("Spot").filter(Q.n == "b").aggregate(stage)) == ["warung b"]
    assert names(spots.query(Spot, exclude_subclasses=True).aggregate(stage)) == ["spot a"]


def test_geo_near_keeps_a_query_of_its_own(spots):
    """Both hold, also of one field; the stage that was passed stays as it was."""
    stage = {"$geoNear": {**NEAR, "query": {"n": {"$ne": "b"}, "kind": "warung"}}}
    query = spots.query(Spot).filter(Spot.name > "")

    assert names(query.aggregate([stage])) == ["warung a"]
    assert names(spots.query(Spot).filter(Spot.name == "b").aggregate([stage])) == []
    assert stage["$geoNear"]["query"] == {"n": {"$ne": "b"}, "kind": "warung"}


@pytest.mark.parametrize(
    "stage", [{"$collStats": {"count": {}}}, {"$indexStats": {}}, {"$planCacheStats": {}}]
)
def test_stages_about_the_collection_stay_first(spots, stage):
    """Without the class's condition; a filter would not count, and is refused."""
    assert isinstance(list(spots.query(Warung).aggregate([stage])), list)
    with pytest.raises(BadQueryException, match="whole collection"):
        spots.query(Warung).filter(Spot.name == "a").aggregate([stage])


def test_a_change_stream_stays_first(spots):
    """It is opened, whatever class it is asked of."""
    with spots.query(Warung).aggregate([{"$changeStream": {}}]) as cursor:
        assert cursor.alive
    with pytest.raises(BadQueryException):
        spots.query(Warung).filter(Spot.name == "a").aggregate([{"$changeStream": {}}])


@pytest.mark.parametrize("stage", ["$search", "$vectorSearch"])
def test_searches_stay_first(spots, commands, stage):
    """The filter comes behind them."""
    with pytest.raises(OperationFailure):  # this server has none of them
        spots.query(Warung).filter(Spot.name == "a").aggregate([{stage: {}}, {"$limit": 1}])

    [sent] = [e.command["pipeline"] for e in commands.started if e.command_name == "aggregate"]
    match = {"kind": {"$in": ["warung"]}, "n": "a"}
    assert sent == [{stage: {}}, {"$match": match}, {"$limit": 1}]


REFUSED = {
    "near": (lambda q: q.filter(Spot.at.near(1, 2)), "geoNear"),
    "near_sphere": (lambda q: q.filter(Spot.at.near_sphere(1, 2)), "geoNear"),
    "near_point": (lambda q: q.filter({"at": {"$nearSphere": NEAR["near"]}}), "geoNear"),
    "near and": (lambda q: q.filter({"$and": [{"at": {"$near": [1, 2]}}]}), "geoNear"),
    "where": (lambda q: q.filter({"$where": "true"}), "where"),
    "where or": (lambda q: q.filter({"$or": [{"$where": "true"}, {"n": "a"}]}), "where"),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("stages", [[], [{"$limit": 1}], [{"$geoNear": NEAR}]], ids=len)
def test_what_no_aggregation_takes_is_refused(spots, commands, name, stages):
    """Before anything is sent, with what to write."""
    narrow, words = REFUSED[name]
    commands.clear()
    with pytest.raises(BadQueryException, match=words):
        narrow(spots.query(Spot)).aggregate(stages)

    assert commands.names() == []


def test_a_search_is_one_first_stage(spots):
    """It goes with any other stage, and not with one that has to be first, too."""
    found = spots.query(Warung).search("b").aggregate([{"$project": {"kind": 1, "n": 1}}])
    assert names(found) == ["warung b"]
    with pytest.raises(BadQueryException, match="come first"):
        spots.query(Warung).search("b").aggregate([{"$geoNear": NEAR}])
