"""The usual class with Bunnet."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from bson import ObjectId
from bunnet import Document, PydanticObjectId
from pydantic import BaseModel, Field, field_validator
from with_bunnet import Library

from usual.common import MemberMethods
from usual.documents import LOADED, NEW, is_address

__all__ = ["Usual"]


class Place(BaseModel):
    label: Annotated[str, Field(max_length=20)]
    street: Annotated[str, Field(min_length=1)]


class _Fields(Document):
    name: Annotated[str, Field(min_length=1, max_length=100)]
    email: Annotated[str, Field(max_length=254)]
    age: Annotated[int, Field(ge=0, le=50_000)]
    height: Annotated[float, Field(ge=0.2, le=3.0)]
    level: Literal["guest", "member", "board"]
    country: str = "Indonesia"
    settings: dict[str, str]
    phone: str | None = None
    club: PydanticObjectId  # a Link would store a DBRef
    joined: datetime
    places: list[Place]

    @field_validator("email")
    @classmethod
    def check_address(cls, value: str) -> str:
        if not is_address(value):
            raise ValueError("no address")
        return value


class Member(_Fields):
    class Settings:
        name = LOADED


class NewMember(_Fields):
    class Settings:
        name = NEW


class Usual(MemberMethods, Library):
    loaded, new, place = Member, NewMember, Place

    def build(self, level: str, low: int, high: int, since: datetime, club: ObjectId) -> Any:
        query = (
            Member.find(
                Member.level == level,
                Member.age >= low,
                Member.age < high,
                Member.joined >= since,
                Member.club == club,
            )
            .sort(-Member.joined)
            .limit(50)
        )
        query.get_filter_query()  # what is sent is made here
        return query
