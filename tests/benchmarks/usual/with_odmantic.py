"""The usual class with ODMantic."""

# No postponed annotations: ODMantic reads them.

from datetime import datetime
from typing import Any, Literal

from odmantic import EmbeddedModel, Field, Model, ObjectId, query
from pydantic import field_validator
from with_odmantic import Library

from usual.common import MemberMethods
from usual.documents import LOADED, NEW, is_address

__all__ = ["Usual"]


class Place(EmbeddedModel):
    label: str = Field(max_length=20)
    street: str = Field(min_length=1)


def model_of(collection: str) -> type[Model]:
    """Make the class for a collection: ODMantic's models have no subclasses."""

    class Member(Model):
        name: str = Field(min_length=1, max_length=100)
        email: str = Field(max_length=254)
        age: int = Field(ge=0, le=50_000)
        height: float = Field(ge=0.2, le=3.0)
        level: Literal["guest", "member", "board"]
        country: str = "Indonesia"
        settings: dict[str, str]
        phone: str | None = None
        club: ObjectId  # a Reference would load the club too
        joined: datetime
        places: list[Place]

        model_config = {"collection": collection}

        @field_validator("email")
        @classmethod
        def check_address(cls, value: str) -> str:
            if not is_address(value):
                raise ValueError("no address")
            return value

    return Member


Member: Any = model_of(LOADED)
NewMember: Any = model_of(NEW)


class Usual(MemberMethods, Library):
    loaded, new, place = Member, NewMember, Place

    def build(self, level: str, low: int, high: int, since: datetime, club: ObjectId) -> Any:
        # Sort and limit are arguments of the call that runs it.
        return (
            query.and_(
                Member.level == level,
                Member.age >= low,
                Member.age < high,
                Member.joined >= since,
                Member.club == club,
            ),
            query.desc(Member.joined),
            50,
        )
