"""What a review of the quick ways to load, change and store found: nothing is lost or invented."""

from __future__ import annotations

import pytest
from bson import ObjectId
from bson.binary import Binary

from ommongo import AnythingField, Document, DocumentField, IntField, ListField, StringField


class Tagged(Document):
    """A document to be embedded, with a hook that changes nothing."""

    config_namespace = "tests.quick_ways"

    tags = ListField(StringField(), required=False)

    @classmethod
    def transform_incoming(cls, obj, session):
        return obj


class Holder(Document):
    config_namespace = "tests.quick_ways"

    items = ListField(DocumentField(Tagged), on_update="$push", required=False)


class Address(Document):
    config_namespace = "tests.quick_ways"

    hits = IntField(required=False, on_update="$inc")


class Person(Document):
    config_namespace = "tests.quick_ways"
    config_collection_name = "people"

    name = StringField(required=False)
    hits = IntField(required=False, on_update="$inc")
    marks = ListField(IntField(), required=False, default_f=list)
    address = DocumentField(Address, required=False)
    parts = ListField(AnythingField(), required=False)


def loaded(session, **values):
    """Give a person that was loaded, as another program has stored it."""
    session.db["people"].insert_one(values)
    return session.query(Person).one()


def stored(session):
    """Give what the server holds of the person."""
    return session.db["people"].find_one({}, {"_id": False})


class Stop(Exception):
    """What ends a transaction."""


def removed_and_rolled_back(session, person, change):
    """Remove a person in a transaction that is rolled back, and change it meanwhile."""
    with pytest.raises(Stop), session.transaction():
        session.remove(person)
        change(person)
        raise Stop


def test_a_hook_that_changed_nothing_in_an_item_makes_no_change():
    """The lists of an item, which are remembered when it is loaded, are no change by its hook."""
    holder = Holder.unwrap({"items": [{"tags": ["a"]}]})

    assert holder.get_dirty_ops() == {}


def test_an_increment_in_a_new_embedded_document_is_sent_once(session):
    """After the update nothing is dirty, and a later save does not store the increment."""
    key = ObjectId()
    session.db["people"].insert_one({"_id": key, "address": {"hits": 10}})
    person = Person(mongo_id=key, address=Address(hits=3))

    session.update(person)
    assert person.get_dirty_ops() == {}
    session.update(person)

    assert stored(session) == {"address": {"hits": 13}}


def test_the_subtype_of_a_binary_deep_within_is_a_change(session):
    """Equal bytes of two subtypes are two values, in an item of a list too."""
    person = loaded(session, parts=[{"b": Binary(b"q", 5)}])
    person.parts[0]["b"] = Binary(b"q", 128)

    session.update(person)

    assert stored(session) == {"parts": [{"b": Binary(b"q", 128)}]}


def test_an_argument_that_was_assigned_while_removed_is_sent_after_the_rollback(session):
    """The removal did not happen, so the document is there to be incremented."""
    person = loaded(session, hits=10)
    removed_and_rolled_back(session, person, lambda person: setattr(person, "hits", 3))

    session.update(person)

    assert stored(session) == {"hits": 13}


def test_a_value_that_was_assigned_while_removed_is_sent_after_the_rollback(session):
    """What was assigned in the transaction is what the application wants."""
    person = loaded(session, name="x")
    removed_and_rolled_back(session, person, lambda person: setattr(person, "name", "y"))

    session.update(person)

    assert stored(session) == {"name": "y"}


@pytest.mark.parametrize("is_read", [False, True])
def test_a_default_that_changed_while_removed_is_sent_after_the_rollback(session, is_read):
    """A default that was appended to is a value, whether or not it is read again."""
    person = loaded(session, name="x")
    removed_and_rolled_back(session, person, lambda person: person.marks.append(1))
    if is_read:
        assert person.marks == [1]

    session.update(person)

    assert stored(session) == {"name": "x", "marks": [1]}


@pytest.mark.parametrize("name", ["retrieved_fields", "loading_from_db"])
def test_a_parameter_of_the_constructor_is_none_of_its_fields(name):
    """A field that is named like a parameter is set by assignment; an argument is not for it."""
    cls = type("Named", (Document,), {"config_namespace": None, name: StringField(required=False)})

    document = cls(**{name: None})

    assert name not in vars(document)
