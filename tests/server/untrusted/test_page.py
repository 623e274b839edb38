"""
What the page about untrusted input says, beside its examples.

Constructors (of classes with and without an ``__init__``, loose ones), updates, names, patterns,
searches, extra fields, pickles, texts of errors and log records.
"""

from __future__ import annotations

import logging
import pickle
from typing import Any

import pytest

from ommongo import AnythingField, Document, Index, IntField, ListField, Q, Session, StringField
from ommongo.exceptions import (
    BadQueryException,
    BadValueException,
    ExtraValueException,
    FieldNotFoundException,
)

NS = "tests.untrusted.page"


class Member(Document):
    config_namespace = NS

    name = StringField()
    age = IntField(required=False)
    note = AnythingField(required=False)
    notes = ListField(AnythingField(), default_empty=True)
    i_name = Index().text("name")


class Made(Member):
    def __init__(self, **values: Any) -> None:
        super().__init__(**values)


class Loose(Member):
    config_extra_fields = "ignore"


class Trusting(Document):
    """Its own code says that the values were loaded."""

    config_namespace = NS

    name = StringField()

    def __init__(self, **values: Any) -> None:
        super().__init__(**{**values, "loading_from_db": True})


@pytest.mark.parametrize("cls", [Member, Made, Loose])
@pytest.mark.parametrize("flag", [True, 1, "yes", [0]])
def test_no_value_switches_the_checks_off(cls, flag):
    """Whatever is true, and whatever comes beside it."""
    for values in ({"name": {"$ne": 1}}, {"name": "x"}, {"name": "x", "mongo_id": "0" * 24}):
        with pytest.raises(ExtraValueException, match="unwrap") as caught:
            cls(**values, loading_from_db=flag)
        assert caught.value.name == "loading_from_db"


@pytest.mark.parametrize("cls", [Member, Made, Loose])
@pytest.mark.parametrize(
    "names", [["name"], ("name", "age"), {"name": 1}, "name", ["name", Member.age]]
)
def test_no_value_makes_a_part_of_a_stored_document(session, cls, names):
    """With an `_id`, `save` would change a document that nobody has loaded."""
    with pytest.raises(ExtraValueException, match="query fields") as caught:
        cls(retrieved_fields=names, mongo_id="0" * 24, name="x")

    assert caught.value.name == "retrieved_fields"


def test_code_may_say_what_it_knows(session):
    """Query fields, what a query loads, and an `__init__` of the class."""
    part = Member(retrieved_fields=[Member.mongo_id, Member.name], mongo_id="0" * 24, name="x")
    assert part.get_dirty_ops() == {"$set": {"name": "x"}}
    assert Member(retrieved_fields=["name"], name="x").name == "x"
    assert Trusting(name="x").get_dirty_ops() == {}
    session.save(Made(name="a", age=3))
    assert session.query(Made).one().get_dirty_ops() == {}
    assert session.query(Made).fields("age").one().age == 3


def test_flags_that_say_nothing_are_taken():
    """They are the defaults."""
    assert Member(name="x", loading_from_db=False, retrieved_fields=None).name == "x"


@pytest.mark.parametrize("value", [{"$each": [1], "$slice": 0}, {"$gt": 1}, {"$inc": 1}])
def test_values_of_updates_are_values(session, value):
    """Stored, added and taken out as what they are."""
    session.save(Member(name="a", notes=[5]))
    query = session.query(Member)
    query.clone().set(Member.note, value).execute()
    query.clone().append(Member.notes, value).execute()
    query.clone().add_to_set(Member.notes, value).execute()
    stored = session.db["Member"].find_one()
    assert (stored["note"], stored["notes"]) == (value, [5, value])
    query.clone().remove(Member.notes, value).execute()
    assert session.db["Member"].find_one()["notes"] == [5]


BAD_NAMES = [
    "$natural",
    "$where",
    "",
    ".",
    "name.",
    "name.x",
    "nmae",
    "__class__",
    "wrap",
    "_fields",
]


@pytest.mark.parametrize("name", BAD_NAMES)
@pytest.mark.parametrize(
    "ask",
    [
        lambda q, n: q.sort((n, 1)),
        lambda q, n: q.fields(n),
        lambda q, n: q.distinct(n),
        lambda q, n: q.filter_by(**{n: 1}),
        lambda q, n: q.filter_like(**{n: "x"}),
        lambda q, n: q.in_(n, 1),
        lambda q, n: q.hint_asc(n),
        lambda q, n: q.set(n, 1),
        lambda q, n: q.inc(n, 1),
        lambda q, n: q.unset(n),
        lambda q, n: q.filter_dict({n: 1}),
    ],
    ids=[
        "sort",
        "fields",
        "distinct",
        "filter_by",
        "filter_like",
        "in_",
        "hint",
        "set",
        "inc",
        "unset",
        "filter_dict",
    ],
)
def test_a_name_is_a_field_of_the_class(session, ask, name):
    """Nothing else is, and no attribute of the class either."""
    with pytest.raises(FieldNotFoundException):
        ask(session.query(Member), name)


def test_a_text_is_found_literally(session):
    """By `startswith` and `endswith`; free-form fields obey patterns and refuse operators."""
    session.save(Member(name="a.*b"))
    query = session.query(Member)
    assert query.clone().filter(Member.name.startswith("a.*")).count() == 1
    assert query.clone().filter(Member.name.startswith("a.b")).count() == 0
    assert query.clone().filter(Member.name.endswith(".*b")).count() == 1
    with pytest.raises(BadQueryException):
        session.query("Member").filter(Q.name == {"$ne": ""})


@pytest.mark.parametrize("words", [{"$search": "a"}, ["a"], None, 5])
def test_a_search_takes_text(session, words):
    """Anything else is refused."""
    with pytest.raises(BadQueryException):
        session.query(Member).search(words)


def test_the_words_of_a_search_are_words(session):
    """Braces and dollars have no meaning in them."""
    session.save(Member(name="kopi"))
    assert session.query(Member).search('{"$where": "true"}').count() == 0
    assert session.query(Member).search("kopi -susu").count() == 1


def test_extra_fields_are_kept_by_a_class_that_says_so():
    """And by no other."""
    with pytest.raises(ExtraValueException):
        Member(name="x", role="boss")
    assert Loose(name="x", role="boss").get_extra_fields() == {"role": "boss"}


def test_an_unpickled_document_is_what_was_pickled():
    """It is bound to no session; what a pickle runs is nothing that a library could check."""
    assert pickle.loads(pickle.dumps(Member(name="x"))).name == "x"


SECRET = "hunter2"


@pytest.mark.parametrize(
    "refused",
    [
        lambda s: Member(name=SECRET.encode()),
        lambda s: Member(name="x", age=SECRET),
        lambda s: Member.age == SECRET,
        lambda s: Member.age.in_([SECRET]),
        lambda s: Member.note == {"$gt": SECRET},
        lambda s: s.query(Member).filter_by(age=SECRET),
        lambda s: s.query(Member).set("age", SECRET),
        lambda s: s.query(Member).append("notes", SECRET).inc("age", SECRET),
        lambda s: s.get(Member, SECRET),
    ],
)
def test_messages_hold_no_values(session, refused):
    """The value is an attribute of the error."""
    with pytest.raises((BadValueException, BadQueryException)) as caught:
        refused(session)

    assert SECRET not in str(caught.value)
    assert SECRET in str(caught.value.value)


def test_log_records_hold_no_values(database, caplog):
    """What the server refused is in its message, and that is cut."""
    session = Session(database, safe=False)
    session.save(Member(name="first"))
    database.command("collMod", "Member", validator={"note": {"$ne": SECRET}})
    with caplog.at_level(logging.INFO, logger="ommongo"):
        session.save(Member(name="second", note=SECRET))

    assert caplog.records
    assert SECRET not in caplog.text
