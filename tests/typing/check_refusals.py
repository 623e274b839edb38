"""
What both checkers must refuse: a comment that ignores an error where there is none is an error.

Read by checkers, never run.
"""

from __future__ import annotations

from ommongo import Document, DocumentField, Index, IntField, ListField, Session, StringField
from ommongo.query import Query


class Address(Document):
    """A document to be embedded."""

    city = StringField()


class User(Document):
    """A document with several kinds of fields."""

    name = StringField()
    age = IntField(required=False)
    tags = ListField(StringField())
    address = DocumentField(Address)
    by_name = Index().ascending("name")


def check_values(user: User, address: Address) -> None:
    """An attribute takes what its field takes."""
    user.age = "42"  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    user.age = None  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    user.tags = 3  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    user.tags = [3]  # type: ignore[list-item]  # pyright: ignore[reportAttributeAccessIssue]
    user.address = user  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    address.city = 3  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    user.by_name = 3  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]


def check_names(user: User) -> None:
    """There is no attribute that was not declared."""
    user.nothing  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    User.nothing  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    user.address.nothing  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]


def check_declarations() -> None:
    """A field takes its own options, and an index names."""
    IntField(max_value="3")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    StringField(max_length="3")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    ListField(3)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    ListField(IntField)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    DocumentField(3)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    Index().ascending(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Index().expire("3")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def check_session(session: Session, user: User) -> None:
    """A session takes documents where it takes documents, and classes where it takes classes."""
    Session("shop")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Session.connect(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    session.add(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    session.add(User)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    session.save({"name": "ada"})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    session.remove(User)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    session.update(user, upsert="yes")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    session.refresh("ada")  # type: ignore[type-var]  # pyright: ignore[reportArgumentType]
    session.clone(3)  # type: ignore[type-var]  # pyright: ignore[reportArgumentType]
    session.ensure_indexes(user)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    session.clear_collection(user)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    session.flush(safe="yes")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    session.transaction("majority")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def check_expressions(query: Query[User]) -> None:
    """`is` gives no condition, and a text is no number."""
    query.filter(User.name is None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportUnnecessaryComparison]
    query.skip("3")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
