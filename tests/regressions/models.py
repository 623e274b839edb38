"""The documents that several of these tests share, and what the server holds of them."""

from __future__ import annotations

from ommongo import (
    AnythingField,
    DictField,
    Document,
    DocumentField,
    IntField,
    ListField,
    StringField,
)

__all__ = [
    "STORED",
    "Address",
    "Numbered",
    "Part",
    "Person",
    "Whole",
    "loaded_person",
    "stored",
    "stored_person",
]


STORED = {
    "_id": 1,
    "name": "ada",
    "hits": 10,
    "tags": ["a"],
    "part": {"city": "Bogor", "zip": "1", "hits": 10},
}


class Part(Document):
    """A document to be embedded, with fields of several kinds."""

    config_namespace = "tests.regressions"
    config_extra_fields = "ignore"

    city = StringField(required=False)
    zip = StringField(required=False)
    hits = IntField(required=False, on_update="$inc")
    items = ListField(DictField(IntField()), required=False)
    parent: Whole  # an attribute that is no field


class Whole(Document):
    """A document that embeds another."""

    config_namespace = "tests.regressions"
    config_collection_name = "wholes"
    config_extra_fields = "ignore"

    name = StringField(required=False)
    count = IntField(default=0)
    hits = IntField(required=False, on_update="$inc")
    tags = ListField(StringField(), required=False, on_update="$push")
    part = DocumentField(Part, required=False)
    parts = ListField(DocumentField(Part), required=False)


class Numbered(Whole):
    """`Whole` with an application's own id."""

    config_collection_name = "wholes"

    key = IntField(_id=True)


class Address(Document):
    config_namespace = "tests.regressions"

    hits = IntField(required=False, on_update="$inc")


class Person(Document):
    config_namespace = "tests.regressions"
    config_collection_name = "people"

    name = StringField(required=False)
    hits = IntField(required=False, on_update="$inc")
    marks = ListField(IntField(), required=False, default_f=list)
    address = DocumentField(Address, required=False)
    parts = ListField(AnythingField(), required=False)


def stored(database):
    """Give what the server holds of the only `Whole`."""
    return database.wholes.find_one()


def loaded_person(session, **values):
    """Give a person that was loaded, as another program has stored it."""
    session.db["people"].insert_one(values)
    return session.query(Person).one()


def stored_person(session):
    """Give what the server holds of the person."""
    return session.db["people"].find_one({}, {"_id": False})
