"""The workloads with MongoEngine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import mapper
import mongoengine
from documents import Row
from mongoengine import Q
from mongoengine.base import BaseList
from pymongo.database import Database

__all__ = ["Library"]


class Address(mongoengine.EmbeddedDocument):
    street = mongoengine.StringField()
    code = mongoengine.StringField()
    country = mongoengine.StringField()


class _Fields(mongoengine.Document):
    meta = {"abstract": True}

    name = mongoengine.StringField()
    city = mongoengine.StringField()
    age = mongoengine.IntField()
    score = mongoengine.FloatField()
    active = mongoengine.BooleanField()
    created = mongoengine.DateTimeField()
    tags = mongoengine.ListField(mongoengine.StringField())
    numbers = mongoengine.ListField(mongoengine.IntField())
    address = mongoengine.EmbeddedDocumentField(Address)
    owner = mongoengine.ObjectIdField()


class Person(_Fields):
    meta = {"collection": mapper.LOADED}


class NewPerson(_Fields):
    meta = {"collection": mapper.NEW}


class BigAny(mongoengine.Document):
    meta = {"collection": mapper.BIG}

    body = mongoengine.DynamicField()


class BigDict(mongoengine.Document):
    meta = {"collection": mapper.BIG}

    body = mongoengine.DictField()


class Library:
    name = "MongoEngine"
    version = mongoengine.get_version()
    module = "mongoengine"
    loaded: type[Any] = Person
    new: type[Any] = NewPerson
    types = {list: BaseList}

    def __init__(self, database: Database[Any], uri: str) -> None:
        mongoengine.connect(db=database.name, host=uri, uuidRepresentation="standard")

    def load(self) -> list[Any]:
        return list(self.loaded.objects)

    def read(self, p: Any) -> tuple[Any, ...]:
        a = p.address
        return (p.name, p.city, p.age, p.score, p.active, p.created, p.tags, p.numbers,
                a.street, a.code, a.country, p.owner)  # fmt: skip

    def make(self, row: Row) -> Any:
        name, city, age, score, active, created, tags, numbers, (street, code, country), owner = row
        return NewPerson(
            name=name, city=city, age=age, score=score, active=active, created=created,
            tags=[*tags], numbers=[*numbers],
            address=Address(street=street, code=code, country=country), owner=owner,
        )  # fmt: skip

    def construct(self, rows: Sequence[Any]) -> list[Any]:
        made = [self.make(row) for row in rows]
        for person in made:  # making one checks nothing
            person.validate()
        return made

    def save_each(self, rows: Sequence[Any]) -> None:
        for row in rows:
            self.make(row).save()

    def save_bulk(self, rows: Sequence[Any]) -> None:
        self.new.objects.insert([self.make(row) for row in rows], load_bulk=False)

    def save_and_change(self, rows: Sequence[Any]) -> None:
        for row in rows:
            person = self.make(row).save()
            person.age += 1
            person.save()

    def save_and_change_bulk(self, rows: Sequence[Any]) -> None:
        for person in self.new.objects.insert([self.make(row) for row in rows]):
            person.age += 1
            person.save()

    def change(self) -> None:
        for person in list(self.new.objects):
            person.age += 1
            person.save()

    def build(self, age: int, city: str, tags: list[str]) -> Any:
        query = (
            Person.objects(
                Q(age__gt=age) & Q(active=True) & (Q(city=city) | Q(tags__in=tags)),
            )
            .order_by("-age")
            .limit(50)
        )
        query._query  # what is sent is made here
        return query

    def shape(self, query: Any) -> mapper.Shape:
        return query._query, query._ordering, query._limit

    def read_any(self) -> Any:
        return BigAny.objects.first().body["chapter 3"][4]["title"]

    def read_dict(self) -> Any:
        return BigDict.objects.first().body["chapter 3"][4]["title"]
