"""The few documents that most tests share."""

from __future__ import annotations

from ommongo import (
    AnythingField,
    DictField,
    Document,
    DocumentField,
    Index,
    IntField,
    ListField,
    ModifiedField,
    StringField,
)

__all__ = ["Account", "Address", "Book", "Counter", "Note", "Page", "User"]


class Address(Document):
    """An embedded document."""

    config_namespace = "tests.models"

    city = StringField()
    zip = StringField(required=False, db_field="z")


class User(Document):
    """A document with a field of every kind that change tracking treats differently."""

    config_namespace = "tests.models"
    config_collection_name = "users"

    name = StringField()
    nick = StringField(required=False, db_field="n")
    age = IntField(required=False)
    hits = IntField(required=False, on_update="$inc")
    tags = ListField(StringField(), required=False)
    settings = DictField(IntField(), required=False)
    address = DocumentField(Address, required=False)


class Account(Document):
    """A document that the server refuses when its email is taken."""

    config_namespace = "tests.models"
    config_collection_name = "accounts"

    email = StringField()
    owner = StringField(required=False)

    i_email = Index().ascending("email").unique()


class Note(Document):
    """A document with an application's own id and content of any type."""

    config_namespace = "tests.models"
    config_collection_name = "notes"

    key = AnythingField(_id=True)
    body = AnythingField(required=False)


class Page(Document):
    """What lists of embedded documents hold."""

    config_namespace = "tests.models"

    number = IntField()
    text = StringField(required=False, db_field="t")


class Book(Document):
    """A document with a list of embedded documents."""

    config_namespace = "tests.models"
    config_collection_name = "books"

    title = StringField()
    pages = ListField(DocumentField(Page), required=False, db_field="p")


class Counter(Document):
    """A document that is updated by an operator, and knows when."""

    config_namespace = "tests.models"
    config_collection_name = "counters"

    name = StringField()
    count = IntField(required=False, on_update="$inc")
    changed = ModifiedField()
