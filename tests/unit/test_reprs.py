"""
What is shown of a query, an expression, an update, a find-and-modify and a removal is what is sent.

Members: filters of classes, polymorphic ones and collections, with sort, skip, limit and fields;
updates with options and with what goes along; long lists, long text, deep and wide values; objects
whose constructor failed. To look sends nothing, changes nothing, and is no use of an update.
"""

from __future__ import annotations

import copy
import gc
import warnings

import pytest
from pymongo import MongoClient

from ommongo import (
    AnythingField,
    Document,
    IntField,
    ListField,
    ModifiedField,
    Q,
    Session,
    StringField,
)
from ommongo._shown import shown
from ommongo.exceptions import BadQueryException
from ommongo.query import Query, RemoveQuery
from ommongo.query_expression import QueryExpression
from ommongo.update_expression import UpdateExpression
from tests.models import Book, User


class Pet(Document):
    config_namespace = "tests.reprs"
    config_polymorphic = "kind"
    config_polymorphic_collection = True
    config_polymorphic_identity = "pet"
    kind = StringField()
    age = IntField(required=False)


class Dog(Pet):
    config_polymorphic_identity = "dog"


class Page(Document):
    config_namespace = "tests.reprs"
    number = IntField(db_field="n")
    tags = ListField(StringField(), required=False)
    changed = ModifiedField()


@pytest.fixture
def session():
    """A session that never connects."""
    return Session(MongoClient(connect=False)["reprs"])


SHOWN = {
    "empty": (lambda s: s.query(User), "<Query of User {}>"),
    "filter": (
        lambda s: s.query(User).filter(User.age > 3, nick="a"),
        "<Query of User {'age': {'$gt': 3}, 'n': 'a'}>",
    ),
    "settings": (
        lambda s: s.query(User).descending("nick").skip(2).limit(3).fields("name"),
        "<Query of User {}, sort=(('n', -1),), skip=2, limit=3, fields={'name': True}>",
    ),
    "search": (lambda s: s.query(User).search("a"), "<Query of User {'$text': {'$search': 'a'}}>"),
    "family": (
        lambda s: s.query(Dog).filter(Dog.age == 3),
        "<Query of Dog {'kind': {'$in': ['dog']}, 'age': 3}>",
    ),
    "raw": (lambda s: s.query("users").filter(Q.a.b == 3), "<Query of 'users' {'a.b': 3}>"),
    "bypass": (lambda s: s.query(Dog).query_bypass({"a": 1}, False), "<Query of Dog {'a': 1}>"),
    "removal": (
        lambda s: s.remove_query(User).filter(User.age > 3),
        "<RemoveQuery of User {'age': {'$gt': 3}}>",
    ),
    "update": (
        lambda s: s.query(User).filter(User.age > 3).set(nick="a").inc(User.hits).multi(),
        "<UpdateExpression of User {'age': {'$gt': 3}}, "
        "{'$set': {'n': 'a'}, '$inc': {'hits': 1}}, multi>",
    ),
    "upsert": (
        lambda s: s.query(User).set(age=3).upsert(),
        "<UpdateExpression of User {}, {'$set': {'age': 3}}, upsert>",
    ),
    "raw_update": (
        lambda s: s.query("users").set("a.b", 3),
        "<UpdateExpression of 'users' {}, {'$set': {'a.b': 3}}>",
    ),
    "find_and_modify": (
        lambda s: s.query(User).find_and_modify(new=True).set(age=3),
        "<FindAndModifyExpression of User {}, {'$set': {'age': 3}}, new>",
    ),
    "find_and_remove": (
        lambda s: s.query(User).filter(name="a").find_and_modify(remove=True),
        "<FindAndModifyExpression of User {'name': 'a'}, remove>",
    ),
    "expression": (lambda s: User.nick == "a", "QueryExpression({'n': 'a'})"),
    "joined": (
        lambda s: (User.age > 3) | ~(User.nick == "a"),
        "QueryExpression({'$or': [{'age': {'$gt': 3}}, {'n': {'$ne': 'a'}}]})",
    ),
    "elem_match": (
        lambda s: Book.pages.elem_match({"number": 3}),
        "ElemMatchQueryExpression({'p': {'$elemMatch': {'number': 3}}})",
    ),
    "raw_expression": (lambda s: QueryExpression({"a": 1}), "QueryExpression({'a': 1})"),
}


@pytest.mark.parametrize(("make", "text"), SHOWN.values(), ids=SHOWN)
def test_what_is_sent_is_shown(session, make, text):
    """By stored names, as it goes to the server."""
    made = make(session)

    assert repr(made) == text
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        del made


def test_what_goes_along_is_shown():
    """Times and versions, too."""
    update = Query(Page, None).set(number=3)

    assert repr(update).startswith("<UpdateExpression of Page {}, {'$set': {'n': 3, 'changed': ")


@pytest.mark.parametrize("name", ["update", "removal", "find_and_modify"])
def test_to_look_is_no_use(session, name):
    """What was shown in a debugger and never sent is still told."""
    made = [SHOWN[name][0](session)]
    assert repr(made[0])

    with pytest.warns(ResourceWarning):
        made.clear()


@pytest.mark.parametrize("name", ["update", "removal", "find_and_modify", "raw_update"])
def test_a_copy_is_no_update_that_was_forgotten(session, name):
    """Whoever copies an update sends one of the two, or neither: it is not told of the other."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        made = SHOWN[name][0](session)
        copied = copy.copy(made)
        assert repr(copied) == repr(made)
        del made, copied
        gc.collect()


def test_a_copy_of_an_update_grows_alone():
    """What is added to one of the two is not sent by the other."""
    update = Query(User, None).set(age=3)
    copied = copy.copy(update)
    copied.set(name="a").inc(User.hits).multi()
    update.set(nick="b")

    assert update.update_data == {"$set": {"age": 3, "n": "b"}}
    assert copied.update_data == {"$set": {"age": 3, "name": "a"}, "$inc": {"hits": 1}}
    assert repr(update) == "<UpdateExpression of User {}, {'$set': {'age': 3, 'n': 'b'}}>"


def test_what_is_half_made_is_shown():
    """A debugger shows what a constructor has left."""
    for cls in (Query, RemoveQuery, UpdateExpression):
        assert cls.__name__ in repr(cls.__new__(cls))
    with pytest.raises(BadQueryException):
        Query(User, None).limit(3).set(age=3)


LONG = {
    "items": ([*range(100)], "[0, 1, 2, 3, 4, 5, ... 94 more]"),
    "tuple": ((1,), "(1,)"),
    "empty": ([{}, [], ()], "[{}, [], ()]"),
    "text": ("x" * 100, f"'{'x' * 80}'..."),
    "bytes": (b"x" * 100, f"b'{'x' * 80}'..."),
    "names": (
        {str(n): n for n in range(30)},
        "{" + ", ".join(f"'{n}': {n}" for n in range(20)) + ", ... 10 more}",
    ),
    "number": (10**200, "1" + "0" * 79 + "..."),
}


@pytest.mark.parametrize(("value", "text"), LONG.values(), ids=LONG)
def test_what_is_long_is_shortened(value, text):
    """It says how much was left out."""
    assert shown(value) == text
    assert shown({"a": {"$in": value}}) == f"{{'a': {{'$in': {text}}}}}"


def test_what_is_deep_is_shortened():
    """No value is so deep that it cannot be shown."""
    value = {}
    for _ in range(5000):
        value = {"a": [value]}

    assert len(shown(value)) < 200


def test_a_long_query_is_shortened():
    """A thousand ids are not read by anybody."""
    query = Query(User, None).filter(User.age.in_(range(1000)))

    assert repr(query) == "<Query of User {'age': {'$in': [0, 1, 2, 3, 4, 5, ... 994 more]}}>"
    assert repr(User.age.in_(range(1000))).endswith("... 994 more]}})")


class Unspoken:
    def __repr__(self):
        raise ValueError("no text")


def test_a_value_without_a_text():
    """What an application's class does when it is asked for its text is nobody's error here."""

    class Holder(Document):
        config_namespace = None
        held = AnythingField(required=False)

    for made in (Holder.held == Unspoken(), Query(Holder, None).filter(Holder.held == Unspoken())):
        assert "Unspoken object at" in repr(made)
    assert "Unspoken" in repr(Holder(held=Unspoken()))
