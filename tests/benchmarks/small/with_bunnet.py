"""The small classes with Bunnet."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from bson import encode
from bunnet import Document, init_bunnet
from bunnet.odm.utils.dump import get_dict
from bunnet.odm.utils.parsing import parse_obj
from pydantic import AwareDatetime, Field, field_validator
from pymongo.database import Database

from small.common import aware_maker, makers
from small.documents import is_address

__all__ = ["Small"]


class Book(Document):
    title: Annotated[str, Field(min_length=1)]
    year: Annotated[int, Field(ge=0)]
    tags: list[str] = []


class Chosen(Document):
    title: Annotated[str, Field(min_length=1)]
    year: Annotated[int, Field(ge=0)]
    tags: list[str] = []
    state: Literal["new", "paid", "sent"]


class Priced(Document):
    title: Annotated[str, Field(min_length=1)]
    year: Annotated[int, Field(ge=0)]
    tags: list[str] = []
    prices: dict[str, float]


class Validated(Document):
    title: Annotated[str, Field(min_length=1)]
    year: Annotated[int, Field(ge=0)]
    tags: list[str] = []
    email: str

    @field_validator("email")
    @classmethod
    def check_address(cls, value: str) -> str:
        if not is_address(value):
            raise ValueError("no address")
        return value


class Aware(Document):
    title: Annotated[str, Field(min_length=1)]
    year: Annotated[int, Field(ge=0)]
    tags: list[str] = []
    at: AwareDatetime


class Small:
    types: dict[type, type] = {}
    make = makers(Book, Chosen, Priced, Validated) | aware_maker(Aware)

    def __init__(self, database: Database[Any], uri: str) -> None:
        init_bunnet(database=database, document_models=[Book, Chosen, Priced, Validated, Aware])

    def encode(self, book: Any) -> bytes:
        return encode(get_dict(book))

    def load(self, document: dict[str, Any]) -> Any:
        return parse_obj(Book, document)
