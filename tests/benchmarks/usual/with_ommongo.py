"""The usual class with ommongo."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId
from with_ommongo import Library

from ommongo import (
    DateTimeField,
    DictField,
    Document,
    DocumentField,
    EnumField,
    FloatField,
    IntField,
    ListField,
    SRefField,
    StringField,
)
from usual.common import MemberMethods
from usual.documents import LEVELS, LOADED, NEW, is_address

__all__ = ["Usual"]


class Club(Document):
    name = StringField()


class Place(Document):
    label = StringField(max_length=20)
    street = StringField(min_length=1)


class Member(Document):
    config_collection_name = LOADED

    name = StringField(min_length=1, max_length=100)
    email = StringField(max_length=254, validator=is_address)
    age = IntField(min_value=0, max_value=50_000)
    height = FloatField(min_value=0.2, max_value=3.0)
    level = EnumField(StringField(), *LEVELS)
    country = StringField(default="Indonesia")
    settings = DictField(StringField())
    phone = StringField(optional=True)
    club = SRefField(Club)
    joined = DateTimeField()
    places = ListField(DocumentField(Place))


class NewMember(Member):
    config_collection_name = NEW


class Usual(MemberMethods, Library):
    loaded, new, place = Member, NewMember, Place

    def build(self, level: str, low: int, high: int, since: datetime, club: ObjectId) -> Any:
        query = (
            self.session.query(Member)
            .filter(
                Member.level == level,
                Member.age >= low,
                Member.age < high,
                Member.joined >= since,
                Member.club == club,
            )
            .descending(Member.joined)
            .limit(50)
        )
        query.query  # what is sent is made here
        return query
