"""Geo queries on a real server: nearest first, within shapes, and counted."""

from __future__ import annotations

import pytest

from ommongo import Document, GeoField, Index, StringField
from tests.helpers import bodies_of


class Place(Document):
    config_namespace = "tests.server.geo"
    config_collection_name = "places"
    config_default_sort = [("name", 1)]
    name = StringField()
    at = GeoField(db_field="p")
    i_at = Index().geo2d("at", min=-180, max=180)


@pytest.fixture
def places(session):
    """Places on a line, and a query for them."""
    for name, x in [("far", 9), ("near", 1), ("here", 0), ("there", 4)]:
        session.save(Place(name=name, at=(x, 0)))
    return session.query(Place)


def names(results):
    """The names of some places, in order."""
    return [place.name for place in results]


def test_near_gives_the_nearest_first(places):
    """The order is that of the distance."""
    assert names(places.filter(Place.at.near(1, 0))) == ["near", "here", "there", "far"]


def test_near_has_a_bound(places):
    """What is farther is not found."""
    assert names(places.filter(Place.at.near(0, 0, max_distance=4))) == ["here", "near", "there"]


def test_near_sphere_counts_in_radians(places):
    """One degree is a little less than 0.018 of them."""
    query = places.filter(Place.at.near_sphere(0, 0, max_distance=0.018))

    assert names(query) == ["here", "near"]


def test_near_can_be_sorted_otherwise(places):
    """An order of the query's own counts."""
    query = places.filter(Place.at.near(0, 0, max_distance=4)).descending(Place.name)

    assert names(query) == ["there", "near", "here"]


@pytest.mark.parametrize("kind", ["near", "near_sphere"])
def test_count_of_what_is_near(places, kind):
    """What the server cannot count in an aggregation is counted exactly."""
    near = getattr(Place.at, kind)
    bound = 4 if kind == "near" else 0.018

    assert places.clone().filter(near(0, 0)).count() == 4
    assert places.filter(near(0, 0, max_distance=bound)).count() == (3 if kind == "near" else 2)


def test_count_of_what_is_near_within_bounds(places):
    """Skip and limit count when asked for only."""
    query = places.filter(Place.at.near(0, 0, max_distance=4)).skip(1).limit(1)

    assert query.count() == 3
    assert query.count(with_limit_and_skip=True) == 1
    assert query.skip(3).count(with_limit_and_skip=True) == 0


def test_count_of_what_is_near_below_and(places):
    """Joined by `$and` it is counted too."""
    near = Place.at.near(0, 0, max_distance=4)

    assert places.filter({"$and": [near.obj, {"name": {"$ne": "near"}}]}).count() == 2


def test_count_of_what_is_near_loads_ids_only(places, commands):
    """No more of the documents is sent than is needed."""
    places.filter(Place.at.near(0, 0)).count()

    (find,) = bodies_of(commands, "find")
    assert find["projection"] == {"_id": True}
    assert "sort" not in find


@pytest.mark.parametrize(
    ("shape", "found"),
    [
        (Place.at.within_box([-1, -1], [4, 1]), ["here", "near", "there"]),
        (Place.at.within_radius(0, 0, 1), ["here", "near"]),
        (Place.at.within_radius_sphere(0, 0, 0.018), ["here", "near"]),
        (Place.at.within_polygon([[-1, -1], [-1, 1], [2, 1], [2, -1]]), ["here", "near"]),
    ],
    ids=["box", "radius", "sphere", "polygon"],
)
def test_within(places, shape, found):
    """Shapes hold places, in any order, and can be counted on the server."""
    query = places.filter(shape)

    assert names(query) == found
    assert query.count() == len(found)


def test_exists_and_distinct_of_what_is_near(places):
    """Both work with an order by distance."""
    query = places.filter(Place.at.near(0, 0, max_distance=1))

    assert query.exists()
    assert sorted(query.distinct(Place.name)) == ["here", "near"]


def test_updates_and_removals_of_what_is_near(session, places):
    """What is near can be changed and removed."""
    near = Place.at.near(0, 0, max_distance=1)

    assert session.query(Place).filter(near).set(name="x").multi().execute()["n"] == 2
    assert session.remove_query(Place).filter(near).execute()["n"] == 2
    assert names(places) == ["far", "there"]


def test_find_and_modify_of_the_nearest(places):
    """The first in the order by distance is changed."""
    query = places.filter(Place.at.near(5, 0))

    assert query.find_and_modify(remove=True).execute().name == "there"
