"""The small classes with ODMantic."""

# No postponed annotations: ODMantic reads them.

from typing import Any, Literal

from bson import encode
from odmantic import Field, Model
from pydantic import field_validator
from pymongo.database import Database

from small.common import makers
from small.documents import is_address

__all__ = ["Small"]


class Book(Model):
    title: str = Field(min_length=1)
    year: int = Field(ge=0)
    tags: list[str] = []


class Chosen(Model):
    title: str = Field(min_length=1)
    year: int = Field(ge=0)
    tags: list[str] = []
    state: Literal["new", "paid", "sent"]


class Priced(Model):
    title: str = Field(min_length=1)
    year: int = Field(ge=0)
    tags: list[str] = []
    prices: dict[str, float]


class Validated(Model):
    title: str = Field(min_length=1)
    year: int = Field(ge=0)
    tags: list[str] = []
    email: str

    @field_validator("email")
    @classmethod
    def check_address(cls, value: str) -> str:
        if not is_address(value):
            raise ValueError("no address")
        return value


class Small:
    types: dict[type, type] = {}
    make = makers(Book, Chosen, Priced, Validated)
    cannot = {"construct_tz": "it refuses a date that has another offset than 0"}

    def __init__(self, database: Database[Any], uri: str) -> None: ...

    def encode(self, book: Any) -> bytes:
        return encode(book.model_dump_doc())

    def load(self, document: dict[str, Any]) -> Any:
        return Book.model_validate_doc(document)
