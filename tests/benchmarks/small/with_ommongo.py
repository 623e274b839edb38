"""The small classes with ommongo."""

from __future__ import annotations

from typing import Any

from bson import encode
from pymongo.database import Database

from ommongo import (
    DateTimeField,
    DictField,
    Document,
    EnumField,
    FloatField,
    IntField,
    ListField,
    StringField,
)
from small.common import aware_maker, makers
from small.documents import STATES, is_address

__all__ = ["Small"]


class Book(Document):
    title = StringField(min_length=1)
    year = IntField(min_value=0)
    tags = ListField(StringField(), default_empty=True)


class Chosen(Document):
    title = StringField(min_length=1)
    year = IntField(min_value=0)
    tags = ListField(StringField(), default_empty=True)
    state = EnumField(StringField(), *STATES)


class Priced(Document):
    title = StringField(min_length=1)
    year = IntField(min_value=0)
    tags = ListField(StringField(), default_empty=True)
    prices = DictField(FloatField())


class Validated(Document):
    title = StringField(min_length=1)
    year = IntField(min_value=0)
    tags = ListField(StringField(), default_empty=True)
    email = StringField(validator=is_address)


class Aware(Document):
    title = StringField(min_length=1)
    year = IntField(min_value=0)
    tags = ListField(StringField(), default_empty=True)
    at = DateTimeField(use_tz=True)


class Small:
    types: dict[type, type] = {}
    make = makers(Book, Chosen, Priced, Validated) | aware_maker(Aware)

    def __init__(self, database: Database[Any], uri: str) -> None: ...

    def encode(self, book: Any) -> bytes:
        return encode(book.wrap())

    def load(self, document: dict[str, Any]) -> Any:
        return Book._load(document, None, None)  # what a query does with each
