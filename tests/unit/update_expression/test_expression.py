"""An update expression as a whole: what it is on, how it is written, what it inserts."""

from __future__ import annotations

import pytest

from ommongo import Document, IntField, Q, StringField
from ommongo.exceptions import BadQueryException, UpdateException
from ommongo.query import Query
from ommongo.update_expression import FindAndModifyExpression, UpdateExpression
from tests.models import User


class Animal(Document):
    config_namespace = "tests.updates.expression"
    config_polymorphic = "kind"
    config_polymorphic_identity = "animal"
    config_polymorphic_collection = True
    kind = StringField(db_field="k")
    name = StringField()
    age = IntField(required=False)


class Dog(Animal):
    config_polymorphic_identity = "dog"


class Puppy(Dog):
    config_polymorphic = "size"
    config_polymorphic_identity = "puppy"
    size = IntField(db_field="s")


class Tiny(Puppy):
    config_polymorphic_identity = 1


STARTS = {
    "set": lambda q: q.set(age=1),
    "unset": lambda q: q.unset("age"),
    "inc": lambda q: q.inc("age"),
    "append": lambda q: q.append("tags", "a"),
    "extend": lambda q: q.extend("tags", "a"),
    "remove": lambda q: q.remove("tags", "a"),
    "remove_all": lambda q: q.remove_all("tags", "a"),
    "add_to_set": lambda q: q.add_to_set("tags", "a"),
    "pop_first": lambda q: q.pop_first("tags"),
    "pop_last": lambda q: q.pop_last("tags"),
}


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
@pytest.mark.parametrize("ignored", ["limit", "skip", "sort"])
def test_a_query_with_what_would_be_ignored_is_refused(start, ignored):
    """An update has no limit, skip and order, so it would change other documents than meant."""
    arguments = {"limit": 1, "skip": 1, "sort": (User.age, 1)}
    query = getattr(Query(User, None), ignored)(arguments[ignored])

    with pytest.raises(BadQueryException, match=ignored):
        start(query)


def test_no_limit_is_no_limit():
    """`limit(0)` asks for all, and so is nothing that an update would ignore."""
    assert Query(User, None).limit(0).set(age=1).update_data == {"$set": {"age": 1}}


def test_a_default_sort_is_no_order_of_the_query():
    """`config_default_sort` is for reading."""

    class Sorted(Document):
        config_namespace = "tests.updates.expression"
        config_default_sort = [("age", 1)]
        age = IntField()

    assert Query(Sorted, None).set(age=1).update_data == {"$set": {"age": 1}}


def test_the_query_is_taken_as_it_is():
    """What is done to the query after the call does not change the update's target."""
    query = Query(User, None).filter(User.age > 3)
    update = query.set(age=1)

    query.filter(User.name == "ada").limit(3)

    assert update.query.query == {"age": {"$gt": 3}}
    assert update.query._criteria.limit == 0


@pytest.mark.parametrize("method", ["upsert", "multi", "safe"])
def test_settings_chain(method):
    """Each gives the update itself."""
    update = Query(User, None).set(age=1)

    assert getattr(update, method)() is update


@pytest.mark.parametrize(
    "update", [UpdateExpression(Query(User, None)), FindAndModifyExpression(Query(User, None))]
)
def test_an_empty_update_is_refused(update):
    """An update with nothing in it would be a mistake, or erase the document."""
    with pytest.raises(UpdateException):
        update.execute()


def test_options_of_the_write_concern_are_known():
    """A misspelt option would be lost."""
    with pytest.raises(UpdateException, match="fsync"):
        Query(User, None).set(age=1).safe(True, fsync=True)


def test_array_filters_take_dicts():
    """What pymongo takes is passed on, from several calls."""
    condition = {"x.number": {"$gt": 3}}
    update = Query("things", None).set("p.$[x].n", 1)
    update.array_filters(condition).array_filters({"y": 1})
    condition.clear()

    assert update._array_filters == [{"x.number": {"$gt": 3}}, {"y": 1}]


@pytest.mark.parametrize("condition", [Q.x > 3, None, [{"x": 1}]])
def test_array_filters_refuse_what_is_no_dict(condition):
    """Anything else is a mistake."""
    with pytest.raises(UpdateException):
        Query("things", None).set(a=1).array_filters(condition)


def test_each_update_document_is_one_of_its_own():
    """Changing the dict that an update shows does not change the update."""
    update = Query(User, None).set(age=1)

    update.update_data["$set"]["age"] = 2

    assert update.update_data == {"$set": {"age": 1}}


def test_an_upsert_names_the_class():
    """A document that is inserted is found by queries for its class."""
    update = Query(Dog, None).filter(Dog.name == "rex").set(age=1).upsert()

    assert update.update_data == {"$set": {"age": 1}, "$setOnInsert": {"k": "dog"}}


def test_an_upsert_names_all_levels():
    """Each level of the family has its attribute."""
    update = Query(Tiny, None).set(age=1).upsert()

    assert update.update_data["$setOnInsert"] == {"k": "puppy", "s": 1}


def test_the_identity_joins_what_is_set_on_insert():
    """What the application sets on insert stays."""
    update = UpdateExpression(Query(Dog, None)).set_on_insert(age=1).upsert()

    assert update.update_data == {"$setOnInsert": {"k": "dog", "age": 1}}


NAMED = {
    "query": lambda: Query(Dog, None).filter(Dog.kind == "wolf").set(age=1),
    "query_below_and": lambda: (
        Query(Dog, None).filter({"kind": "wolf"}, {"kind": {"$ne": "x"}}).set(age=1)
    ),
    "set": lambda: Query(Dog, None).set(kind="wolf"),
    "set_on_insert": lambda: UpdateExpression(Query(Dog, None)).set_on_insert(kind="wolf"),
    "unset": lambda: Query(Dog, None).unset("kind"),
    "bypass": lambda: Query(Dog, None).query_bypass({"k": 1}, raw_output=False).set(age=1),
}


@pytest.mark.parametrize("make", NAMED.values(), ids=NAMED)
def test_an_identity_that_is_named_stays_as_it_is_named(make):
    """What the query or the update says of the attribute holds."""
    update = make()
    before = update.update_data

    assert update.upsert().update_data == before


@pytest.mark.parametrize("cls", [User, "things"])
def test_an_upsert_of_another_class_names_none(cls):
    """Only polymorphic classes have an identity."""
    assert Query(cls, None).set(age=1).upsert().update_data == {"$set": {"age": 1}}


def test_an_update_names_no_class():
    """Documents that exist have their class already."""
    assert Query(Dog, None).set(age=1).update_data == {"$set": {"age": 1}}
