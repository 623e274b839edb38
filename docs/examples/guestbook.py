"""What both guest books keep: the guests, and what they have written."""

from __future__ import annotations

from bson import ObjectId

from ommongo import (
    Document,
    Index,
    ListField,
    RefField,
    Session,
    StringField,
    VersionField,
)

__all__ = ["Entry", "Guest", "find_guest", "sign"]


class Guest(Document):
    """Who has signed; a name is given once."""

    config_collection_name = "guests"

    name = StringField(min_length=1, max_length=40)
    city = StringField(max_length=40, default="")
    version = VersionField()
    by_name = Index().ascending("name").unique()


class Entry(Document):
    """What a guest has written."""

    config_collection_name = "entries"

    guest_id = RefField(Guest)
    text = StringField(min_length=1, max_length=280)
    tags = ListField(StringField(max_length=20), default_empty=True)


def find_guest(session: Session, guest_id: str) -> Guest | None:
    """Give a guest by the text form of the id; ``None`` where nobody has it."""
    return session.get(Guest, ObjectId(guest_id)) if ObjectId.is_valid(guest_id) else None


def sign(session: Session, name: str, city: str, text: str) -> Guest:
    """Store a guest and a first entry: both, or neither."""
    with session:  # sent at the end of the block, in one transaction
        guest = Guest(name=name, city=city)
        session.add(guest)
        session.add(Entry(guest_id=guest.to_ref(), text=text))
    return guest
