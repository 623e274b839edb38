"""`near` and `within_*`: what they send."""

from __future__ import annotations

import pytest

from ommongo.exceptions import BadQueryException
from tests.unit.query_expression.models import Book


@pytest.mark.parametrize(
    ("expression", "sent"),
    [
        (Book.at.near(106.8, -6), {"$near": [106.8, -6]}),
        (Book.at.near(106.8, -6, 3), {"$near": [106.8, -6], "$maxDistance": 3}),
        (Book.at.near(1, 2, max_distance=0), {"$near": [1, 2], "$maxDistance": 0}),
        (Book.at.near_sphere(1, 2), {"$nearSphere": [1, 2]}),
        (Book.at.near_sphere(1, 2, 0.1), {"$nearSphere": [1, 2], "$maxDistance": 0.1}),
        (
            Book.at.within_box((0, 1), [2, 3]),
            {"$geoWithin": {"$box": [[0, 1], [2, 3]]}},
        ),
        (Book.at.within_radius(0, 1, 2), {"$geoWithin": {"$center": [[0, 1], 2]}}),
        (
            Book.at.within_radius_sphere(0, 1, 0.2),
            {"$geoWithin": {"$centerSphere": [[0, 1], 0.2]}},
        ),
        (
            Book.at.within_polygon(iter([(0, 0), (3, 6), (6, 0)])),
            {"$geoWithin": {"$polygon": [[0, 0], [3, 6], [6, 0]]}},
        ),
    ],
)
def test_points_are_sent_as_legacy_pairs(expression, sent):
    """Every operator sends pairs, and every one on an area `$geoWithin`."""
    assert expression.obj == {"at": sent}


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("near", ("1", 2)),
        ("near", (1, {"$gt": 0})),
        ("near", (1, 2, "3")),
        ("near_sphere", (1, None)),
        ("near_sphere", (1, True)),
        ("within_box", (1, (2, 3))),
        ("within_box", ((1, 2, 3), (2, 3))),
        ("within_box", ((1, 2), "ab")),
        ("within_radius", (1, 2, None)),
        ("within_radius_sphere", (1, "2", 3)),
        ("within_polygon", (3,)),
        ("within_polygon", ("abc",)),
        ("within_polygon", ({"a": 1},)),
        ("within_polygon", ([(1, 2), (3,)],)),
    ],
)
def test_what_is_no_number_is_refused(method, arguments):
    """A coordinate, a distance or a corner of a wrong kind raises here."""
    with pytest.raises(BadQueryException, match=r"^at\..*\(\) takes (numbers|pairs of numbers)"):
        getattr(Book.at, method)(*arguments)
