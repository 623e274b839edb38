"""The workloads with Bunnet, the synchronous Beanie."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from importlib import metadata
from typing import Any

import mapper
from bson import ObjectId
from bunnet import BulkWriter, Document, PydanticObjectId, init_bunnet
from bunnet.operators import In, Or
from documents import Row
from pydantic import BaseModel
from pymongo.database import Database

__all__ = ["Library"]


class Address(BaseModel):
    street: str
    code: str
    country: str


class _Fields(Document):
    name: str
    city: str
    age: int
    score: float
    active: bool
    created: datetime
    tags: list[str]
    numbers: list[int]
    address: Address
    owner: PydanticObjectId


class Person(_Fields):
    class Settings:
        name = mapper.LOADED


class NewPerson(_Fields):
    class Settings:
        name = mapper.NEW


class BigAny(Document):
    body: Any

    class Settings:
        name = mapper.BIG


class BigDict(Document):
    body: dict[str, Any]

    class Settings:
        name = mapper.BIG


class Library:
    name = "Bunnet"
    version = metadata.version("bunnet")
    module = "bunnet"
    loaded: type[Any] = Person
    new: type[Any] = NewPerson
    types = {ObjectId: PydanticObjectId}

    def __init__(self, database: Database[Any], uri: str) -> None:
        init_bunnet(database=database, document_models=[self.loaded, self.new, BigAny, BigDict])

    def load(self) -> list[Any]:
        return self.loaded.find_all().to_list()

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
            self.make(row).insert()

    def save_bulk(self, rows: Sequence[Any]) -> None:
        self.new.insert_many([self.make(row) for row in rows])

    def save_and_change(self, rows: Sequence[Any]) -> None:
        for row in rows:
            person = self.make(row)
            person.insert()
            person.set({self.new.age: person.age + 1})

    def save_and_change_bulk(self, rows: Sequence[Any]) -> None:
        people = [self.make(row) for row in rows]
        ids = self.new.insert_many(people).inserted_ids
        with BulkWriter() as writer:
            for person, person_id in zip(people, ids, strict=True):
                person.id = person_id
                person.set({self.new.age: person.age + 1}, bulk_writer=writer)

    def change(self) -> None:
        with BulkWriter() as writer:
            for person in self.new.find_all().to_list():
                person.set({self.new.age: person.age + 1}, bulk_writer=writer)

    def build(self, age: int, city: str, tags: list[str]) -> Any:
        query = (
            Person.find(
                Person.age > age,
                Person.active == True,
                Or(Person.city == city, In(Person.tags, tags)),
            )
            .sort(-Person.age)
            .limit(50)
        )
        query.get_filter_query()  # what is sent is made here
        return query

    def shape(self, query: Any) -> mapper.Shape:
        return dict(query.get_filter_query()), query.sort_expressions, query.limit_number

    def read_any(self) -> Any:
        return BigAny.find_one().run().body["chapter 3"][4]["title"]

    def read_dict(self) -> Any:
        return BigDict.find_one().run().body["chapter 3"][4]["title"]
