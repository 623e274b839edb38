"""The workloads with ommongo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import mapper
from documents import Row
from pymongo.database import Database

import ommongo
from ommongo import (
    AnythingField,
    BoolField,
    DateTimeField,
    DictField,
    Document,
    DocumentField,
    FloatField,
    IntField,
    ListField,
    ObjectIdField,
    Session,
    StringField,
)

__all__ = ["Library"]


class Address(Document):
    street = StringField()
    code = StringField()
    country = StringField()


class Person(Document):
    config_collection_name = mapper.LOADED

    name = StringField()
    city = StringField()
    age = IntField()
    score = FloatField()
    active = BoolField()
    created = DateTimeField()
    tags = ListField(StringField())
    numbers = ListField(IntField())
    address = DocumentField(Address)
    owner = ObjectIdField()


class NewPerson(Person):
    config_collection_name = mapper.NEW


class BigAny(Document):
    config_collection_name = mapper.BIG

    body = AnythingField()


class BigDict(Document):
    config_collection_name = mapper.BIG

    body = DictField(AnythingField())


class Library:
    name = "ommongo"
    version = ommongo.__version__
    module = "ommongo"
    loaded: type[Any] = Person
    new: type[Any] = NewPerson
    types: dict[type, type] = {}

    def __init__(self, database: Database[Any], uri: str) -> None:
        # A bulk is compared with the driver's, which is in no transaction.
        self.session = Session(database, safe=True, atomic=False)

    def load(self) -> list[Any]:
        return self.session.query(self.loaded).all()

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
        return [self.make(row) for row in rows]

    def save_each(self, rows: Sequence[Any]) -> None:
        for row in rows:
            self.session.save(self.make(row))

    def save_bulk(self, rows: Sequence[Any]) -> None:
        for row in rows:
            self.session.add(self.make(row))
        self.session.flush()

    def save_and_change(self, rows: Sequence[Any]) -> None:
        for row in rows:
            person = self.make(row)
            self.session.save(person)
            person.age += 1
            self.session.update(person)

    def save_and_change_bulk(self, rows: Sequence[Any]) -> None:
        people = [self.make(row) for row in rows]
        with self.session as session:
            for person in people:
                session.save(person)
        with self.session as session:
            for person in people:
                person.age += 1
                session.update(person)

    def change(self) -> None:
        with self.session as session:
            for person in session.query(self.new).all():
                person.age += 1
                session.update(person)

    def build(self, age: int, city: str, tags: list[str]) -> Any:
        query = (
            self.session.query(Person)
            .filter(
                Person.age > age,
                Person.active == True,
                (Person.city == city) | Person.tags.in_(*tags),
            )
            .descending(Person.age)
            .limit(50)
        )
        query.query  # what is sent is made here
        return query

    def shape(self, query: Any) -> mapper.Shape:
        return query.query, query._sort, query._criteria.limit

    def read_any(self) -> Any:
        return self.session.query(BigAny).first().body["chapter 3"][4]["title"]

    def read_dict(self) -> Any:
        return self.session.query(BigDict).first().body["chapter 3"][4]["title"]
