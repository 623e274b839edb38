"""The usual class with MongoEngine."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import mongoengine
from bson import ObjectId
from mongoengine.base import BaseDict
from with_mongoengine import Library

from usual.common import MemberMethods
from usual.documents import LEVELS, LOADED, NEW, is_address

__all__ = ["Usual"]


class Club(mongoengine.Document):
    name = mongoengine.StringField()


class Place(mongoengine.EmbeddedDocument):
    label = mongoengine.StringField(max_length=20)
    street = mongoengine.StringField(min_length=1)


def check_address(value: str) -> None:
    if not is_address(value):
        raise mongoengine.ValidationError("no address")


class _Fields(mongoengine.Document):
    meta = {"abstract": True}

    name = mongoengine.StringField(required=True, min_length=1, max_length=100)
    email = mongoengine.StringField(required=True, max_length=254, validation=check_address)
    age = mongoengine.IntField(required=True, min_value=0, max_value=50_000)
    height = mongoengine.FloatField(required=True, min_value=0.2, max_value=3.0)
    level = mongoengine.StringField(required=True, choices=LEVELS)
    country = mongoengine.StringField(default="Indonesia")
    settings = mongoengine.MapField(mongoengine.StringField())
    phone = mongoengine.StringField()
    club = mongoengine.LazyReferenceField(Club, required=True)
    joined = mongoengine.DateTimeField(required=True)
    places = mongoengine.EmbeddedDocumentListField(Place)


class Member(_Fields):
    meta = {"collection": LOADED}


class NewMember(_Fields):
    meta = {"collection": NEW}


class Usual(MemberMethods, Library):
    loaded, new, place = Member, NewMember, Place
    types = {dict: BaseDict}

    def read(self, m: Any) -> tuple[Any, ...]:
        home, work = m.places
        club = m.club  # an id in an object that was made, what can fetch it in one that was loaded
        return (m.name, m.email, m.age, m.height, m.level, m.country, m.settings, m.phone,
                getattr(club, "pk", club), m.joined, home.label, home.street, work.label,
                work.street)  # fmt: skip

    def build(self, level: str, low: int, high: int, since: datetime, club: ObjectId) -> Any:
        query = (
            Member.objects(level=level, age__gte=low, age__lt=high, joined__gte=since, club=club)
            .order_by("-joined")
            .limit(50)
        )
        query._query  # what is sent is made here
        return query
