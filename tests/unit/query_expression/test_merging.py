"""`merge`: two conditions in one query, and none lost."""

from __future__ import annotations

import copy
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

import pytest

from ommongo.exceptions import BadQueryException
from ommongo.query_expression import Q, merge
from tests.unit.query_expression.models import Book

FIRST_TWO_O_CLOCK = datetime(2020, 10, 25, 2, tzinfo=ZoneInfo("Europe/Berlin"), fold=0)


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(
    ("first", "second", "merged"),
    [
        ({}, {}, {}),
        ({"i": 1}, {}, {"i": 1}),
        ({}, {"i": 1}, {"i": 1}),
        ({"i": 1}, {"j": 2}, {"i": 1, "j": 2}),
        ({"i": {"$gt": 1}}, {"i": {"$lt": 9}}, {"i": {"$gt": 1, "$lt": 9}}),
        ({"i": {"$gt": 1}}, {"i": {"$gt": 1}}, {"i": {"$gt": 1}}),
        (
            {"i": {"$gt": 1, "$lt": 9}},
            {"i": {"$lt": 9, "$ne": 3}},
            {"i": {"$gt": 1, "$lt": 9, "$ne": 3}},
        ),
        ({"i": {"$in": [1, 2]}}, {"i": {"$in": [1, 2]}}, {"i": {"$in": [1, 2]}}),
        (
            {"i": {"$regex": "a", "$options": "i"}},
            {"i": {"$options": "i", "$regex": "a"}},
            {"i": {"$regex": "a", "$options": "i"}},
        ),
        (
            {"i": {"$gt": "a"}},
            {"i": {"$regex": "a", "$options": "i"}},
            {"i": {"$gt": "a", "$regex": "a", "$options": "i"}},
        ),
        ({"$and": [{"i": 1}]}, {"$and": [{"j": 2}]}, {"$and": [{"i": 1}, {"j": 2}]}),
        ({"$nor": [{"i": 1}]}, {"$nor": ({"j": 2},)}, {"$nor": [{"i": 1}, {"j": 2}]}),
        ({"$or": [{"i": 1}]}, {"$or": [{"i": 1}]}, {"$or": [{"i": 1}]}),
        ({"$where": "x"}, {"$where": "x"}, {"$where": "x"}),
    ],
)
def test_what_fits_into_one_dict_is_merged(first, second, merged, strict):
    """Operators on one field and conditions on several become one dict."""
    assert merge(first, second, strict=strict) == merged


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"i": {"$gt": 3}}, {"i": {"$gt": 5}}),
        ({"i": {"$gt": 1}}, {"i": {"$gt": True}}),
        ({"i": {"$gt": 1}}, {"i": {"$gt": 1.0}}),
        ({"i": {"$in": [1, 2]}}, {"i": {"$in": [2, 1]}}),
        ({"i": {"$eq": {"a": 1, "b": 2}}}, {"i": {"$eq": {"b": 2, "a": 1}}}),
        ({"i": {"$gt": FIRST_TWO_O_CLOCK}}, {"i": {"$gt": FIRST_TWO_O_CLOCK.replace(fold=1)}}),
        ({"i": {"$gt": 1, "$lt": 9}}, {"i": {"$lt": 8, "$ne": 3}}),
        ({"i": {"$regex": "a"}}, {"i": {"$regex": "b"}}),
        ({"i": {"$regex": "a"}}, {"i": {"$regex": "a", "$options": "i"}}),
        ({"i": {"$regex": "a", "$options": "i"}}, {"i": {"$regex": "a"}}),
        ({"i": {"$near": [1, 2]}}, {"i": {"$near": [1, 2], "$maxDistance": 3}}),
        ({"i": {"$near": [1, 2]}}, {"i": {"$nearSphere": [1, 2]}}),
        ({"i": {"$gt": object}}, {"i": {"$gt": type}}),
        ({"$or": [{"i": 1}]}, {"$or": [{"i": 2}]}),
        ({"$expr": {"$gt": ["$a", 1]}}, {"$expr": {"$gt": ["$a", 2]}}),
        ({"$and": 5}, {"$and": [{"i": 1}]}),
    ],
)
def test_what_does_not_fit_into_one_dict_is_joined(first, second, strict):
    """Both conditions are kept: the same operator with two arguments, or operators that belong
    together."""
    assert merge(first, second, strict=strict) == {"$and": [first, second]}


def test_one_instant_in_two_zones_is_one_condition():
    """Arguments are the same when BSON stores the same."""
    moment = datetime(2020, 1, 1, 12, tzinfo=timezone.utc)
    local = moment.astimezone(ZoneInfo("Asia/Jakarta"))
    assert merge({"i": {"$gt": moment}}, {"i": {"$gt": local}}) == {"i": {"$gt": moment}}


PLAIN = [
    ({"i": 3}, {"i": {"$lt": 9}}),
    ({"i": {"$lt": 9}}, {"i": 3}),
    ({"i": 3}, {"i": 4}),
    ({"i": {"a": 1}}, {"i": {"$lt": 9}}),
    ({"i": {}}, {"i": {"$lt": 9}}),
    ({"i": {"a": 1, "$gt": 3}}, {"i": {"$lt": 9}}),
    ({"i": {"$ref": "c", "$id": 1}}, {"i": {"$ne": None}}),
]


@pytest.mark.parametrize(("first", "second"), [*PLAIN, ({"i": 3}, {"i": 3})])
def test_a_plain_value_beside_a_condition_is_refused(first, second):
    """Two conditions of which one is a value are most likely a mistake; the field is named."""
    with pytest.raises(BadQueryException, match=r"^i has two conditions"):
        merge(first, second)


@pytest.mark.parametrize(("first", "second"), PLAIN)
def test_a_plain_value_beside_a_condition_can_be_joined(first, second):
    """Where nothing may be refused, both are kept."""
    assert merge(first, second, strict=False) == {"$and": [first, second]}


def test_an_equal_plain_value_is_one_condition():
    """Asking twice for the same asks once."""
    assert merge({"i": 3}, {"i": 3}, strict=False) == {"i": 3}


@pytest.mark.parametrize("existing", [[{"k": 1}], ({"k": 1},)])
@pytest.mark.parametrize("where", ["first", "second"])
def test_joined_conditions_come_after_those_there_are(existing, where):
    """An `$and` of either side is kept."""
    first = {"i": {"$gt": 3}, "j": 1}
    second = {"i": {"$gt": 5}}
    (first if where == "first" else second)["$and"] = existing
    assert merge(first, second) == {
        "j": 1,
        "$and": [{"k": 1}, {"i": {"$gt": 3}}, {"i": {"$gt": 5}}],
    }


def test_what_is_no_list_is_left_to_the_server():
    """A malformed `$and` is not lost either."""
    assert merge({"i": {"$gt": 3}, "$and": 5}, {"i": {"$gt": 5}}) == {
        "$and": [{"$and": 5}, {"i": {"$gt": 3}}, {"i": {"$gt": 5}}]
    }


def test_a_third_condition_is_kept_beside_two_that_were_joined():
    """What was joined stays joined."""
    two = merge({"i": {"$gt": 3}}, {"i": {"$gt": 5}})
    assert merge(two, {"i": {"$gt": 7}}) == {**two, "i": {"$gt": 7}}


def test_merging_changes_neither_dict():
    """Both can be used again."""
    first = {"i": {"$gt": 3}, "j": {"$gt": 1}, "$and": [{"k": 1}], "$nor": [{"k": 2}]}
    second = {"i": {"$gt": 5}, "j": {"$lt": 9}, "$and": [{"k": 3}], "$nor": [{"k": 4}]}
    before = copy.deepcopy((first, second))
    merged = merge(first, second)
    merged["$nor"].append({"changed": True})
    merged["$and"].append({"changed": True})
    merged["j"]["changed"] = True
    assert (first, second) == before


def test_query_fields_as_keys_are_merged_by_name():
    """Dicts with field keys are merged as those with names are."""
    assert merge({Book.year: {"$gt": 1}}, {Book.year: {"$lt": 9}}) == {Q.year: {"$gt": 1, "$lt": 9}}
    with pytest.raises(BadQueryException, match=r"^year has two"):
        merge({Book.year: 1}, {Book.year: 2})


def test_a_query_field_and_a_text_are_two_keys():
    """They may mean two fields, so they stay apart until names are translated."""
    merged = merge({"year": {"$gt": 1}}, {Book.year: {"$lt": 9}})
    assert merged == {"year": {"$gt": 1}, Book.year: {"$lt": 9}}
