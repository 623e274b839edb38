"""The settings of a query beside its filter: order, bounds, index, options."""

from __future__ import annotations

import pytest

from ommongo import Document, IntField, Q, StringField
from ommongo.exceptions import BadQueryException, FieldNotFoundException
from ommongo.query import Query
from tests.models import User


class Ranked(Document):
    config_namespace = "tests.query.shaping"
    config_default_sort = [("rank", -1), ("name", 1)]
    rank = IntField(db_field="r")
    name = StringField()


@pytest.fixture
def query():
    """A query that is only built."""
    return Query(User, None)


def test_sort_takes_pairs(query):
    """Names, dotted names and query fields are sorted by under their stored names."""
    query.sort(("nick", 1), ("address.zip", -1)).sort((User.age, 1))

    assert query._sort == [("n", 1), ("address.z", -1), ("age", 1)]


def test_ascending_and_descending_add_a_field(query):
    """Each sorts by one more field."""
    query.ascending(User.nick).descending("age")

    assert query._sort == [("n", 1), ("age", -1)]


def test_a_query_without_sort_has_an_empty_one(query):
    """Tools find a list in any case."""
    assert query._sort == []
    assert query.hints == []


@pytest.mark.parametrize("direction", [0, 2, "asc", None, True, [1], {"$meta": "textScore"}])
def test_sort_refuses_a_bad_direction(query, direction):
    """A direction is 1 or -1."""
    with pytest.raises(BadQueryException):
        query.sort((User.age, direction))


def test_sort_refuses_a_field_that_comes_twice(query):
    """Two orders of one field are a mistake, in whatever direction."""
    with pytest.raises(BadQueryException):
        query.sort((User.age, 1)).sort(("age", -1))


@pytest.mark.parametrize("pair", [User.age, "age", (User.age,), (User.age, 1, 2), 3])
def test_sort_refuses_what_is_no_pair(query, pair):
    """An argument is a field and a direction."""
    with pytest.raises(BadQueryException):
        query.sort(pair)


def test_sort_refuses_an_unknown_name(query):
    """A name that is no field is named in the error."""
    with pytest.raises(FieldNotFoundException) as caught:
        query.sort(("nme", 1))

    assert caught.value.name == "nme"


def test_a_refused_sort_changes_nothing(query):
    """A call that raises has added none of its fields."""
    with pytest.raises(BadQueryException):
        query.sort(("name", 1), ("age", 2))

    assert query._sort == []


def test_the_default_sort_applies_without_another():
    """`config_default_sort` is sent under stored names."""
    assert Query(Ranked, None)._criteria.order() == [("r", -1), ("name", 1)]


def test_a_sort_replaces_the_default_one():
    """The query's own order is the only one."""
    assert Query(Ranked, None).ascending(Ranked.name)._criteria.order() == [("name", 1)]


def test_a_geo_query_keeps_nearest_first():
    """The default sort does not undo the order by distance."""
    near = Query(Ranked, None).query_bypass({"at": {"$near": [0, 0]}}, raw_output=False)
    below = Query(Ranked, None).query_bypass(
        {"$and": [{"at": {"$nearSphere": [0, 0]}}]}, raw_output=False
    )

    assert near._criteria.order() is None
    assert below._criteria.order() is None


def test_a_search_takes_the_place_of_the_default_sort():
    """Without an order of its own a search is in the order of the score."""
    [(_, direction)] = Query(Ranked, None).search("a")._criteria.order()

    assert direction == {"$meta": "textScore"}


def test_hints_name_the_index(query):
    """The fields of the index are named in order."""
    query.hint_asc(User.nick).hint_desc("age")

    assert query.hints == [("n", 1), ("age", -1)]


def test_hints_refuse_a_field_that_comes_twice(query):
    """Two hints on one field are a mistake."""
    with pytest.raises(BadQueryException):
        query.hint_asc(User.age).hint_desc(User.age)


@pytest.mark.parametrize("method", ["limit", "skip", "max_time", "batch_size"])
@pytest.mark.parametrize("number", [-1, 1.0, "1", None, True])
def test_counts_are_whole_numbers_from_0_up(query, method, number):
    """Anything else is refused."""
    with pytest.raises(BadQueryException):
        getattr(query, method)(number)


CHANGES = {
    "filter": lambda q: q.filter(User.age > 3),
    "filter_dict": lambda q: q.filter_dict({"age": 3}),
    "search": lambda q: q.search("ada"),
    "sort": lambda q: q.sort((User.age, 1)),
    "limit": lambda q: q.limit(3),
    "skip": lambda q: q.skip(3),
    "hint_asc": lambda q: q.hint_asc(User.age),
    "fields": lambda q: q.fields(User.age),
    "raw_output": lambda q: q.raw_output(),
    "query_bypass": lambda q: q.query_bypass({}, raw_output=False),
    "comment": lambda q: q.comment("x"),
    "max_time": lambda q: q.max_time(3),
    "batch_size": lambda q: q.batch_size(3),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_each_method_gives_the_query_itself(query, change):
    """Methods change the query and chain."""
    assert change(query) is query


def settings(query):
    """Everything that a query would do."""
    return (
        query.query,
        query._criteria.order(),
        query._fields_expression(),
        query._criteria.command_options(),
        query._criteria.limit,
        query._criteria.skip,
        query._criteria.batch_size,
        query.is_raw,
    )


@pytest.fixture
def full():
    """A query with every setting."""
    return (
        Query(Ranked, None, exclude_subclasses=True)
        .filter(Ranked.rank > 3)
        .search("ada")
        .sort((Ranked.rank, 1))
        .limit(3)
        .skip(4)
        .hint_asc(Ranked.rank)
        .fields(Ranked.name)
        .comment("here")
        .max_time(5)
        .batch_size(6)
        .raw_output()
    )


def test_clone_has_all_settings(full):
    """A copy would do the same as the original."""
    assert settings(full.clone()) == settings(full)


def test_clone_of_a_bypassed_query_is_bypassed():
    """A replaced filter stays replaced in a copy."""
    query = Query(Ranked, None).query_bypass({"a": 1}, raw_output=False)

    assert query.clone().filter({"b": 1}).query == {"a": 1, "b": 1}


@pytest.mark.parametrize("changed", ["copy", "original"])
def test_clone_is_independent(full, changed):
    """What is done to one of the two is not done to the other."""
    copy = full.clone()
    before = settings(full)
    one, other = (copy, full) if changed == "copy" else (full, copy)

    one.filter(Ranked.name == "ada").sort((Ranked.name, 1)).limit(9).skip(9)
    one.hint_asc(Ranked.name).fields(Ranked.rank).comment("x").max_time(9).batch_size(9)

    assert settings(other) == before


def test_clone_keeps_the_class_of_the_query():
    """A subclass of `Query` is copied as one."""

    class Special(Query):
        pass

    assert type(Special(User, None).clone()) is Special


RUNS = {
    "all": lambda q: q.all(),
    "first": lambda q: q.first(),
    "one": lambda q: q.one(),
    "index": lambda q: q[0],
    "slice": lambda q: q[:1],
    "count": lambda q: q.count(),
    "exists": lambda q: q.exists(),
    "get": lambda q: q.get("0" * 24),
    "distinct": lambda q: q.distinct(User.age),
    "explain": lambda q: q.explain(),
    "aggregate": lambda q: q.aggregate([]),
    "query_bypass": lambda q: q.query_bypass({}),
    "createIndex": lambda q: q.search("ada", createIndex=["name"]),
    "delete": lambda q: q.delete(),
    "update": lambda q: q.set(age=3).execute(),
    "find_and_modify": lambda q: q.find_and_modify(remove=True).execute(),
}


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_running_needs_a_session(query, run):
    """A query without a session says what to do."""
    with pytest.raises(BadQueryException, match=r"session\.query"):
        run(query)


@pytest.mark.parametrize("index", [-1, slice(-1, None), slice(None, -1)])
def test_results_have_no_negative_index(query, index):
    """There is no telling how many results there are."""
    with pytest.raises(IndexError):
        query[index]


def test_slices_have_no_steps(query):
    """A slice is a run of results."""
    with pytest.raises(IndexError):
        query[::2]


@pytest.mark.parametrize("index", ["0", None, 1.0, slice("0", None)])
def test_results_are_numbered_by_int(query, index):
    """Any other index is a TypeError, as everywhere in Python."""
    with pytest.raises(TypeError):
        query[index]


@pytest.mark.parametrize(
    "index", [slice(3, 3), slice(3, 2), slice(0, 0), slice(4, None), slice(4, 9)]
)
def test_an_empty_slice_asks_nothing(query, index):
    """A slice that can hold no result is empty; a query without a session can tell."""
    assert query.limit(4)[index] == []


def test_an_index_beyond_the_limit_asks_nothing(query):
    """A result that the limit rules out does not exist."""
    with pytest.raises(IndexError):
        query.limit(4)[4]


BOUNDLESS = ["distinct", "aggregate", "delete", "update"]


@pytest.mark.parametrize("setting", ["limit", "skip"])
@pytest.mark.parametrize("run", [RUNS[n] for n in BOUNDLESS], ids=BOUNDLESS)
def test_bounds_that_would_not_count_are_refused(query, setting, run):
    """The server has no limit and skip there, so they are not silently dropped."""
    getattr(query, setting)(3)

    with pytest.raises(BadQueryException, match=setting):
        run(query)


@pytest.mark.parametrize("shape", ["sort", "fields"])
def test_an_order_or_fields_that_would_not_count_are_refused(query, shape):
    """In an aggregation they are stages of the pipeline."""
    with pytest.raises(BadQueryException, match="aggregate"):
        CHANGES[shape](query).aggregate([])


@pytest.mark.parametrize("pipeline", [{"$match": {}}, None, "$match"])
def test_aggregate_takes_a_list(query, pipeline):
    """A pipeline is a list of stages."""
    with pytest.raises(BadQueryException):
        query.aggregate(pipeline)


@pytest.mark.parametrize("key", ["users", None, {"inline": 1}])
def test_map_reduce_refuses_to_overwrite_what_it_reads(query, key):
    """The results go to another collection, which is named by text."""
    with pytest.warns(DeprecationWarning, match="aggregate"), pytest.raises(BadQueryException):
        query.map_reduce("function() {}", "function(k, v) {}", key, {})


def test_free_form_queries_sort_by_any_name():
    """Names of a collection without a class are sent as they are."""
    query = Query("things", None).sort(("a.b", 1), (Q.size, -1))

    assert query._sort == [("a.b", 1), ("size", -1)]
