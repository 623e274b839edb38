"""Queries on a real server: what they find, in which order, and what they send."""

from __future__ import annotations

import datetime

import pytest
from pymongo.errors import OperationFailure
from pymongo.read_preferences import ReadPreference

from ommongo import (
    DateTimeField,
    Document,
    EnumField,
    IntField,
    KVField,
    ListField,
    Q,
    SetField,
    StringField,
    TupleField,
)
from ommongo.exceptions import BadResultException, BadValueException
from ommongo.query import Query
from ommongo.query_expression import FreeFormDoc
from tests.helpers import bodies_of
from tests.models import Address, Book, Note, Page, User

NAMESPACE = "tests.server.queries"


class Ranked(Document):
    config_namespace = NAMESPACE
    config_default_sort = [("rank", -1)]
    rank = IntField(db_field="r")


class Animal(Document):
    config_namespace = NAMESPACE
    config_polymorphic = "kind"
    config_polymorphic_identity = "animal"
    config_polymorphic_collection = True
    config_collection_name = "animals"
    kind = StringField(db_field="k", default="animal")
    name = StringField()


class Dog(Animal):
    config_polymorphic_identity = "dog"
    kind = StringField(db_field="k", default="dog")
    tricks = ListField(StringField(), required=False)


class Sample(Document):
    config_namespace = NAMESPACE
    config_collection_name = "samples"
    at = DateTimeField(required=False, use_tz=True, db_field="d")
    kind = EnumField(StringField(), "a", "b", required=False)
    labels = SetField(IntField(), required=False)
    grid = ListField(ListField(IntField()), required=False)
    pair = TupleField(IntField(), StringField(), required=False)
    stock = KVField(StringField(), IntField(), required=False)


@pytest.fixture
def users(session):
    """Four users, and a query for them."""
    for name, age in [("ada", 36), ("bob", 18), ("cy", 36), ("di", 4)]:
        session.save(User(name=name, age=age, nick=name[0], tags=[name, "x"]))
    return session.query(User)


def names(results):
    """The names of some users, in order."""
    return [user.name for user in results]


# -- what is found ------------------------------------------------------------------------------


def test_a_query_finds_everything(users):
    """Without conditions all documents are found."""
    assert sorted(names(users)) == ["ada", "bob", "cy", "di"]


def test_a_query_finds_what_it_asks_for(users):
    """Conditions narrow the result."""
    assert names(users.filter(User.age == 36, User.nick == "c")) == ["cy"]


def test_a_query_can_be_run_again(users):
    """Each iteration asks the server."""
    assert sorted(names(users)) == sorted(names(users))


def test_two_values_of_one_operator_both_hold(users):
    """No condition is lost."""
    assert names(users.filter(User.age > 3, User.age > 18, User.nick != "c")) == ["ada"]


def test_not_finds_what_meets_none(users):
    """Each of the conditions is negated."""
    assert names(users.not_(User.age == 36, User.nick == "b")) == ["di"]


def test_or_finds_what_meets_any(users):
    """One of the conditions is enough."""
    assert sorted(names(users.or_(User.age < 9, {"nick": "b"}))) == ["bob", "di"]


def test_in_and_nin(users):
    """Values are listed."""
    assert sorted(names(users.in_(User.nick, "a", "b").nin("age", 18, 4))) == ["ada"]


def test_filter_like_ignores_case(users):
    """The values are patterns."""
    assert names(users.filter_like(name="^A.A$")) == ["ada"]


def test_filter_dict_is_sent_raw(users, commands):
    """Names are stored ones, values as they came."""
    users.filter_dict({"nick": {"$gt": "c"}}).all()

    (find,) = bodies_of(commands, "find")
    assert find["filter"] == {"n": {"$gt": "c"}}


def test_items_of_lists_are_found(session):
    """Fields of the documents in a list are reached by name."""
    session.save(Book(title="a", pages=[Page(number=1, text="x"), Page(number=2)]))
    session.save(Book(title="b", pages=[Page(number=2, text="x")]))

    query = session.query(Book).filter(
        Book.pages.elem_match((Page.number == 2) & (Page.text == "x"))
    )

    assert query.one().title == "b"


def test_a_class_finds_its_own_documents(session):
    """A polymorphic class finds its objects and those of its subclasses, each in its class."""
    session.save(Animal(name="cat"))
    session.save(Dog(name="rex"))

    found = {animal.name: type(animal) for animal in session.query(Animal)}

    assert found == {"cat": Animal, "rex": Dog}
    assert [dog.name for dog in session.query(Dog)] == ["rex"]
    assert [a.name for a in session.query(Animal, exclude_subclasses=True)] == ["cat"]


def test_a_bypass_replaces_the_conditions_of_the_class(session):
    """The raw dict is the whole filter."""
    session.save(Animal(name="cat"))
    session.save(Dog(name="rex"))

    cursor = session.query(Dog).filter(Dog.name == "rex").query_bypass({"k": "animal"})

    assert [raw["name"] for raw in cursor] == ["cat"]


def test_a_bypass_keeps_the_other_settings(users, commands):
    """Order and bounds stay, and the cursor gives plain dicts."""
    cursor = users.descending(User.name).skip(1).limit(2).query_bypass({"age": {"$gt": 4}})

    assert [type(raw) for raw in cursor] == [dict, dict]
    (find,) = bodies_of(commands, "find")
    assert (find["filter"], find["sort"]) == ({"age": {"$gt": 4}}, {"name": -1})
    assert (find["skip"], find["limit"]) == (1, 2)


def test_a_bypass_can_give_objects(users):
    """Without raw output the query is given back."""
    query = users.query_bypass({"n": "a"}, raw_output=False)

    assert names(query) == ["ada"]


def test_a_bypass_with_a_cursor_leaves_the_query_one_for_objects(users):
    """Asking for the cursor does not make the query one for dicts."""
    users.query_bypass({"n": "a"})

    assert names(users) == ["ada"]


# -- order and bounds ---------------------------------------------------------------------------


def test_sorting(users):
    """The first field decides, then the next."""
    assert names(users.sort((User.age, -1), ("name", 1))) == ["ada", "cy", "bob", "di"]


def test_the_default_sort(session):
    """`config_default_sort` is the order of queries without another."""
    for rank in (2, 3, 1):
        session.save(Ranked(rank=rank))

    assert [r.rank for r in session.query(Ranked)] == [3, 2, 1]
    assert [r.rank for r in session.query(Ranked).ascending("rank")] == [1, 2, 3]
    assert session.query(Ranked).first().rank == 3


def test_limit_and_skip(users):
    """Results before and after are left out."""
    assert names(users.ascending(User.name).skip(1).limit(2)) == ["bob", "cy"]


def test_a_limit_of_0_is_none(users):
    """As for the server, 0 stands for all."""
    assert len(users.limit(0).all()) == 4


def test_the_hint_is_sent(users, session, commands):
    """The server is told which index to use."""
    session.db["users"].create_index([("age", 1), ("n", -1)])

    users.hint_asc(User.age).hint_desc(User.nick).all()

    (find,) = bodies_of(commands, "find")
    assert find["hint"] == {"age": 1, "n": -1}


def test_a_hint_without_an_index_is_refused_by_the_server(users):
    """The hint is a demand, not a wish."""
    with pytest.raises(OperationFailure):
        users.hint_asc(User.age).all()


def test_comment_time_and_batch_size_are_sent(users, commands):
    """The options reach the server under its names."""
    users.comment("why").max_time(5000).batch_size(2).limit(1).all()

    (find,) = bodies_of(commands, "find")
    assert (find["comment"], find["maxTimeMS"]) == ("why", 5000)
    assert find["limit"] == 1


def test_results_come_in_batches_of_the_size_asked_for(users, commands):
    """The first batch and all later ones have that size."""
    users.batch_size(3).all()

    assert commands.names() == ["find", "getMore"]
    assert bodies_of(commands, "find")[0]["batchSize"] == 3


# -- single results -----------------------------------------------------------------------------


def test_first_gives_the_first(users, commands):
    """One document is asked for."""
    assert users.descending(User.name).first().name == "di"
    (find,) = bodies_of(commands, "find")
    assert find["limit"] == 1


@pytest.mark.parametrize("method", ["first", "first_or_none"])
def test_first_of_nothing_is_none(users, method):
    """An empty result is no error."""
    assert getattr(users.filter(User.age == 99), method)() is None


def test_first_leaves_the_query_as_it_is(users):
    """The limit is for that call."""
    users.first()

    assert len(users.all()) == 4


def test_one_gives_the_only_result(users):
    """There is exactly one."""
    assert users.filter(User.nick == "a").one().name == "ada"


@pytest.mark.parametrize("age", [36, 99])
def test_one_refuses_none_and_several(users, age):
    """Neither no result nor more than one is what was asked for."""
    with pytest.raises(BadResultException):
        users.filter(User.age == age).one()


def test_one_loads_no_more_than_it_needs(users, commands):
    """Two documents tell that there is more than one."""
    with pytest.raises(BadResultException):
        users.one()

    (find,) = bodies_of(commands, "find")
    assert find["limit"] == 2


def test_one_heeds_the_limit(users):
    """A query for at most one result has one."""
    assert users.ascending(User.name).limit(1).one().name == "ada"


def test_get_finds_by_id(session, users):
    """The id is given in its Python form."""
    ada = users.filter(User.name == "ada").one()

    assert session.query(User).get(ada.mongo_id).name == "ada"
    assert session.query(User).get(str(ada.mongo_id)).name == "ada"


def test_get_of_nothing_is_none(users):
    """An id that does not exist is no error."""
    assert users.get("0" * 24) is None


def test_get_heeds_the_conditions(session, users):
    """A document that the query does not match is not found."""
    ada = users.filter(User.name == "ada").one()

    assert session.query(User).filter(User.age == 18).get(ada.mongo_id) is None


def test_get_by_an_id_of_a_wrong_type_is_refused(users):
    """The id's field judges it."""
    with pytest.raises(BadValueException, match="mongo_id"):
        users.get("ada")


def test_get_takes_an_id_as_a_value(session):
    """An id that looks like operators is compared as it is."""
    session.save(Note(key=1))

    assert session.query(Note).get({"$gt": 0}) is None
    assert session.query("notes").get({"$gt": 0}) is None
    assert session.query("notes").get(1) == {"_id": 1}


def test_get_leaves_the_query_as_it_is(users):
    """The id is for that call."""
    users.get("0" * 24)

    assert users.count() == 4


@pytest.mark.parametrize(("index", "name"), [(0, "ada"), (3, "di")])
def test_an_index_gives_one_result(users, index, name):
    """Results are counted from 0."""
    assert users.ascending(User.name)[index].name == name


def test_an_index_beyond_the_results(users):
    """What is not there is an IndexError, as in a list."""
    with pytest.raises(IndexError):
        users[4]


def test_an_index_counts_from_the_skip_to_the_limit(users):
    """The first result is the first that the query gives."""
    query = users.ascending(User.name).skip(1).limit(2)

    assert [query[0].name, query[1].name] == ["bob", "cy"]
    with pytest.raises(IndexError):
        query[2]


SLICES = [slice(1, 3), slice(0, 0), slice(None, 2), slice(2, None), slice(None), slice(3, 9)]


@pytest.mark.parametrize("part", SLICES, ids=str)
@pytest.mark.parametrize("bounds", [(0, 0), (1, 0), (0, 3), (1, 2)])
def test_a_slice_is_the_slice_of_the_results(users, part, bounds):
    """A slice gives what the list of all results would, within skip and limit."""
    query = users.ascending(User.name).skip(bounds[0]).limit(bounds[1])

    assert names(query[part]) == names(query.all())[part]


def test_a_slice_is_cut_by_the_server(users, commands):
    """Only the part is loaded."""
    users[1:3]

    (find,) = bodies_of(commands, "find")
    assert (find["skip"], find["limit"]) == (1, 2)


def test_exists(users):
    """There is a result, or there is none."""
    assert users.exists() is True
    assert users.clone().skip(4).exists() is False
    assert users.filter(User.age == 99).exists() is False


def test_exists_loads_an_id_at_most(users, commands):
    """Nothing of the document is needed."""
    users.exists()

    (find,) = bodies_of(commands, "find")
    assert (find["limit"], find["projection"]) == (1, {"_id": True})


# -- numbers and values -------------------------------------------------------------------------


def test_count(users):
    """All matches are counted."""
    assert users.count() == 4
    assert users.filter(User.age == 36).count() == 2


def test_count_leaves_bounds_out(users):
    """Skip and limit count when asked for only."""
    query = users.skip(1).limit(2)

    assert query.count() == 4
    assert query.count(with_limit_and_skip=True) == 2
    assert query.skip(3).count(with_limit_and_skip=True) == 1


def test_count_of_everything_is_exact(users, commands):
    """No estimate is asked for."""
    users.count()

    assert commands.names() == ["aggregate"]


def test_count_carries_the_options(users, session, commands):
    """Hint, comment and time go along."""
    session.db["users"].create_index([("age", 1)])

    users.filter(User.age > 3).hint_asc(User.age).comment("why").max_time(5000).count()

    (count,) = bodies_of(commands, "aggregate")
    assert (count["hint"], count["comment"], count["maxTimeMS"]) == ({"age": 1}, "why", 5000)


@pytest.mark.parametrize("depth", ["top", "below_or"])
def test_count_of_a_condition_in_javascript(users, depth):
    """What an aggregation does not take is counted all the same."""
    where = {"$where": "this.age > 18"}
    condition = where if depth == "top" else {"$or": [where, {"age": 4}]}

    assert users.filter(condition).count() == (2 if depth == "top" else 3)


def test_distinct(users):
    """Each value comes once."""
    assert sorted(users.distinct(User.age)) == [4, 18, 36]
    assert sorted(users.filter(User.age > 18).distinct("nick")) == ["a", "c"]


def test_distinct_of_a_list_gives_items(users):
    """Items of all lists are collected."""
    assert sorted(users.distinct(User.tags)) == ["ada", "bob", "cy", "di", "x"]


def test_distinct_below_an_embedded_document(session):
    """A dotted name is one too."""
    for city in ("Bogor", "Bandung", "Bogor"):
        session.save(User(name="x", address=Address(city=city, zip=city[0])))

    assert sorted(session.query(User).distinct("address.zip")) == ["B"]
    assert sorted(session.query(User).distinct(User.address.city)) == ["Bandung", "Bogor"]


def test_distinct_below_a_list(session):
    """A field of the items is collected from all of them."""
    session.save(Book(title="a", pages=[Page(number=1), Page(number=2)]))
    session.save(Book(title="b", pages=[Page(number=2)]))

    assert sorted(session.query(Book).distinct(Book.pages.number)) == [1, 2]
    assert [type(page) for page in session.query(Book).distinct(Book.pages)] == [Page, Page]


def test_distinct_values_are_unwrapped(session):
    """Values come in their Python form; of arrays, the items do."""
    at = datetime.datetime(2020, 1, 2, tzinfo=datetime.timezone.utc)
    session.save(
        Sample(at=at, kind="a", labels={1, 2}, grid=[[1], [2, 3]], pair=(1, "x"), stock={"a": 3})
    )
    query = session.query(Sample)

    assert query.distinct(Sample.at) == [at]
    assert query.distinct(Sample.kind) == ["a"]
    assert sorted(query.distinct(Sample.labels)) == [1, 2]
    assert sorted(query.distinct(Sample.grid)) == [[1], [2, 3]]
    assert set(query.distinct(Sample.pair)) == {1, "x"}
    assert query.distinct(Sample.stock) == [{"k": "a", "v": 3}]


def test_distinct_values_are_judged(session):
    """A stored value that the field refuses is told of."""
    session.db["samples"].insert_one({"kind": "z"})

    with pytest.raises(BadValueException):
        session.query(Sample).distinct(Sample.kind)


def test_distinct_of_raw_output_is_raw(session):
    """Dicts hold stored values, and so does this."""
    session.db["samples"].insert_one({"kind": "z"})

    assert session.query(Sample).raw_output().distinct(Sample.kind) == ["z"]


def test_distinct_carries_the_options(users, session, commands):
    """Comment and time go along; a hint has no place in the command."""
    users.hint_asc(User.age).comment("why").max_time(5000).distinct(User.age)

    (distinct,) = bodies_of(commands, "distinct")
    assert (distinct["comment"], distinct["maxTimeMS"]) == ("why", 5000)
    assert "hint" not in distinct


def test_explain(users):
    """The server tells its plan for this query."""
    plan = users.filter(User.age == 36).explain()

    assert plan["queryPlanner"]["parsedQuery"] == {"age": {"$eq": 36}}


# -- partial documents and dicts ----------------------------------------------------------------


def test_fields_are_sent(users, commands):
    """The projection has stored names."""
    users.fields(User.nick, "address.zip").all()

    (find,) = bodies_of(commands, "find")
    assert find["projection"] == {"n": True, "address.z": True, "_id": True}


def test_excluded_fields_are_not_loaded(users):
    """The id comes, the rest too."""
    user = users.fields(User.tags.exclude(), User.age.exclude()).first()

    assert set(user.__dict__) == {"mongo_id", "name", "nick"}


def test_a_slice_of_a_list(users):
    """Only a part of the list is loaded, and only the list."""
    user = users.filter(User.name == "ada").fields(User.tags.slice(1)).one()

    assert user.tags == ["ada"]
    assert set(user.__dict__) == {"mongo_id", "tags"}


def test_a_partial_object_has_its_class(session):
    """The attribute that selects the class comes along."""
    session.save(Dog(name="rex"))

    assert type(session.query(Animal).fields(Animal.name).one()) is Dog


def test_raw_output_gives_dicts(users):
    """A document comes as it is stored."""
    (raw,) = users.filter(User.name == "ada").fields(User.nick, User.tags).raw_output()

    del raw["_id"]
    assert raw == {"n": "a", "tags": ["ada", "x"]}


def test_raw_output_of_one_and_first(users):
    """Single results are dicts too."""
    query = users.filter(User.nick == "a").raw_output()

    assert query.one()["name"] == query.first()["name"] == query[0]["name"] == "ada"


@pytest.mark.parametrize("collection", ["users", FreeFormDoc("users")], ids=["name", "document"])
def test_a_collection_gives_dicts(session, users, collection):
    """Without a class nothing is checked or converted."""
    query = session.query(collection).filter(Q.age > 18).filter_by(n="c")

    assert [(type(raw), raw["name"]) for raw in query] == [(dict, "cy")]
    assert query.count() == 1
    assert query.distinct("tags") == query.distinct(Q.tags) == ["cy", "x"]
    assert query.fields("n").first().keys() == {"_id", "n"}


def test_names_of_a_collection_are_any(session):
    """A stored name may be that of an operator, or of anything else."""
    session.db["things"].insert_one({"_id": 1, "in_": {"size": 3}, "base_query": 4})

    query = session.query("things").filter_by(**{"in_.size": 3, "base_query": 4})

    assert query.one()["_id"] == 1


# -- removal ------------------------------------------------------------------------------------


def test_delete_removes_the_matches(session, users):
    """Exactly what the query matches is removed, and the reply tells how much."""
    reply = users.filter(User.age == 36).delete()

    assert (reply["ok"], reply["n"]) == (1, 2)
    assert sorted(names(session.query(User))) == ["bob", "di"]


def test_delete_heeds_the_class(session):
    """Documents of other classes in the collection stay."""
    session.save(Animal(name="cat"))
    session.save(Dog(name="rex"))

    session.query(Animal, exclude_subclasses=True).delete()

    assert [animal.name for animal in session.query(Animal)] == ["rex"]


def test_delete_in_a_block_is_queued(session, users):
    """It is a write as any other."""
    with session:
        assert session.query(User).delete() is None
        assert session.query(User).count() == 4

    assert session.query(User).count() == 0


# -- the session --------------------------------------------------------------------------------


def test_results_are_bound_to_the_session(session, users):
    """An object knows the session that loaded it."""
    assert users.first()._get_session() is session


def test_a_query_keeps_its_session_alive(make_session, database):
    """A session that only a query knows is still there when the query is run."""
    database["users"].insert_one({"name": "ada"})
    query = make_session().query(User)

    assert query.one().name == "ada"
    assert isinstance(query, Query)


def test_the_sessions_codec_options_count(make_session, database):
    """Dates come as the session's setting says, in dicts and in aggregations too."""
    at = datetime.datetime(2020, 1, 2)
    database["samples"].insert_one({"d": at})
    query = make_session(tz_aware=True).query(Sample)

    aware = at.replace(tzinfo=datetime.timezone.utc)
    assert query.clone().raw_output().one()["d"] == aware
    assert next(query.aggregate([]))["d"] == aware
    assert query.distinct(Sample.at) == [aware]


def test_read_preference_of_the_database_counts(make_session, client, database, commands):
    """The session reads where its database is told to read."""
    elsewhere = client.get_database(
        database.name, read_preference=ReadPreference.SECONDARY_PREFERRED
    )

    make_session(elsewhere).query(User).all()

    (find,) = bodies_of(commands, "find")
    assert find["$readPreference"]["mode"] == "secondaryPreferred"
