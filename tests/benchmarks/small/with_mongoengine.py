"""The small classes with MongoEngine."""

from __future__ import annotations

from typing import Any

import mongoengine
from bson import encode
from mongoengine import FloatField, IntField, ListField, MapField, StringField
from mongoengine.base import BaseDict, BaseList
from pymongo.database import Database

from small.common import Maker, makers
from small.documents import STATES, is_address

__all__ = ["Small"]


class Book(mongoengine.Document):
    title = StringField(required=True, min_length=1)
    year = IntField(required=True, min_value=0)
    tags = ListField(StringField())


class Chosen(mongoengine.Document):
    title = StringField(required=True, min_length=1)
    year = IntField(required=True, min_value=0)
    tags = ListField(StringField())
    state = StringField(required=True, choices=STATES)


class Priced(mongoengine.Document):
    title = StringField(required=True, min_length=1)
    year = IntField(required=True, min_value=0)
    tags = ListField(StringField())
    prices = MapField(FloatField())


def check_address(value: str) -> None:
    if not is_address(value):
        raise mongoengine.ValidationError("no address")


class Validated(mongoengine.Document):
    title = StringField(required=True, min_length=1)
    year = IntField(required=True, min_value=0)
    tags = ListField(StringField())
    email = StringField(required=True, validation=check_address)


def validating(cls: Any) -> Maker:
    """Give what makes an object and validates it: making one checks nothing."""

    def make(**values: Any) -> Any:
        made = cls(**values)
        made.validate()
        return made

    return make


class Small:
    types = {list: BaseList, dict: BaseDict}
    make = makers(*map(validating, (Book, Chosen, Priced, Validated)))
    cannot = {"construct_tz": "its dates take naive values too, and load as those of the client"}

    def __init__(self, database: Database[Any], uri: str) -> None: ...

    def encode(self, book: Any) -> bytes:
        return encode(book.to_mongo())

    def load(self, document: dict[str, Any]) -> Any:
        return Book._from_son(document)
