"""The workloads with ODMantic's synchronous engine."""

# No postponed annotations: ODMantic reads them.

from collections.abc import Sequence
from datetime import datetime
from importlib import metadata
from typing import Any

import mapper
from documents import Row
from odmantic import EmbeddedModel, Model, ObjectId, SyncEngine, query
from pymongo.database import Database

__all__ = ["Library"]


class Address(EmbeddedModel):
    street: str
    code: str
    country: str


class Person(Model):
    name: str
    city: str
    age: int
    score: float
    active: bool
    created: datetime
    tags: list[str]
    numbers: list[int]
    address: Address
    owner: ObjectId

    model_config = {"collection": mapper.LOADED}


class NewPerson(Model):
    name: str
    city: str
    age: int
    score: float
    active: bool
    created: datetime
    tags: list[str]
    numbers: list[int]
    address: Address
    owner: ObjectId

    model_config = {"collection": mapper.NEW}


class BigAny(Model):
    body: Any

    model_config = {"collection": mapper.BIG}


class BigDict(Model):
    body: dict[str, Any]

    model_config = {"collection": mapper.BIG}


class Library:
    name = "ODMantic"
    version = metadata.version("odmantic")
    module = "odmantic"
    loaded: type[Any] = Person
    new: type[Any] = NewPerson
    types: dict[type, type] = {}

    def __init__(self, database: Database[Any], uri: str) -> None:
        self.engine = SyncEngine(client=database.client, database=database.name)

    def load(self) -> list[Any]:
        return list(self.engine.find(self.loaded))

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
            self.engine.save(self.make(row))

    def save_bulk(self, rows: Sequence[Any]) -> None:
        self.engine.save_all([self.make(row) for row in rows])

    def save_and_change(self, rows: Sequence[Any]) -> None:
        for row in rows:
            person = self.make(row)
            self.engine.save(person)
            person.age += 1
            self.engine.save(person)

    def save_and_change_bulk(self, rows: Sequence[Any]) -> None:
        people = [self.make(row) for row in rows]
        self.engine.save_all(people)
        for person in people:
            person.age += 1
        self.engine.save_all(people)

    def change(self) -> None:
        people = list(self.engine.find(self.new))
        for person in people:
            person.age += 1
        self.engine.save_all(people)

    def build(self, age: int, city: str, tags: list[str]) -> Any:
        # Sort and limit are arguments of the call that runs it.
        return (
            query.and_(
                Person.age > age,
                Person.active == True,
                query.or_(Person.city == city, query.in_(Person.tags, tags)),
            ),
            query.desc(Person.age),
            50,
        )

    def shape(self, query: Any) -> mapper.Shape:
        condition, sort, limit = query
        return dict(condition), list(sort.items()), limit

    def read_any(self) -> Any:
        return self.engine.find_one(BigAny).body["chapter 3"][4]["title"]

    def read_dict(self) -> Any:
        return self.engine.find_one(BigDict).body["chapter 3"][4]["title"]
