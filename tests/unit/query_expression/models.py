"""The documents that the tests of this room ask about."""

from __future__ import annotations

from ommongo import (
    AnythingField,
    DateTimeField,
    Document,
    DocumentField,
    GeoField,
    IntField,
    KVField,
    ListField,
    StringField,
)

__all__ = ["Author", "Book", "Page", "Swapped"]


class Page(Document):
    """What a list holds."""

    config_namespace = "tests.unit.query_expression"

    number = IntField(db_field="n")
    text = StringField(required=False)


class Author(Document):
    """What is embedded; its names are those of operators and of a field's own attributes too."""

    config_namespace = "tests.unit.query_expression"

    name = StringField(db_field="nm")
    size = IntField(required=False)
    exists = IntField(required=False)
    default = StringField(required=False)


class Book(Document):
    """A document with a field of every kind that queries treat differently."""

    config_namespace = "tests.unit.query_expression"

    title = StringField(db_field="t")
    year = IntField(required=False, allow_none=True)
    copies = IntField(required=False)
    seen = DateTimeField(required=False)
    at = GeoField(required=False)
    tags = ListField(StringField(), required=False)
    scores = ListField(IntField(), required=False)
    words = KVField(StringField(), IntField(), required=False)
    pages = ListField(DocumentField(Page), required=False)
    author = DocumentField(Author, required=False)
    anything = AnythingField(required=False)


class Swapped(Document):
    """A document whose Python names are the stored names of its other fields."""

    config_namespace = "tests.unit.query_expression"

    left = IntField(db_field="right")
    right = IntField(db_field="left")
    inner = ListField(DocumentField("Swapped"), required=False, db_field="left_inner")
