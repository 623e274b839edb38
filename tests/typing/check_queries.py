"""What checkers know of queries, of their results and of updates."""

from __future__ import annotations

from typing import Any

from pymongo.command_cursor import CommandCursor
from pymongo.cursor import Cursor
from typing_extensions import assert_type

from ommongo import Document, IntField, ListField, Q, Session, StringField
from ommongo.query import Query, QueryResult, RemoveQuery
from ommongo.query_expression import FreeFormDoc
from ommongo.update_expression import FindAndModifyExpression, UpdateExpression

Raw = dict[str, Any]


class User(Document):
    """A document."""

    name = StringField()
    age = IntField()
    tags = ListField(StringField())


def check_session(session: Session) -> None:
    """A session is what queries and removals are run by."""
    assert_type(Query(User, session), Query[User])
    assert_type(RemoveQuery(User, session), RemoveQuery)


def check_objects(session: Session, user: User) -> None:
    """Whatever gives objects says of which class they are."""
    assert_type(User(age=3), User)
    assert_type(session.query(User), Query[User])
    assert_type(session.query(User, exclude_subclasses=True).filter(User.age > 3), Query[User])
    assert_type(session.query(User).one(), User)
    assert_type([each for each in session.query(User)], list[User])  # noqa: C416
    assert_type(session.query("users"), Query[Raw])
    assert_type(session.query(FreeFormDoc("users")).first(), Raw | None)
    assert_type(session.get(User, user.mongo_id), User | None)
    assert_type(session.refresh(user), User)
    assert_type(session.clone(user), User)
    assert_type(session.remove_query(User), RemoveQuery)


def check_results(query: Query[User]) -> None:
    """Results are of the class that was asked for."""
    assert_type(Query(User, None), Query[User])
    assert_type(query.one(), User)
    assert_type(query.first(), User | None)
    assert_type(query.get("0" * 24), User | None)
    assert_type(query.all(), list[User])
    assert_type(query[0], User)
    assert_type(query[0:3], list[User])
    assert_type(iter(query), QueryResult[User])
    assert_type([user for user in query], list[User])  # noqa: C416 - what iterating gives
    assert_type(iter(query)[0], User)
    assert_type(query.distinct(User.age), list[int])
    assert_type(query.distinct(User.tags), list[str])
    assert_type(query.distinct("age"), list[Any])
    assert_type(query.distinct(Q.age), list[Any])
    assert_type(iter(query).clone().rewind(), QueryResult[User])


def check_chaining(query: Query[User]) -> None:
    """A query that was narrowed or shaped is of the same kind."""
    assert_type(query.filter(User.age > 3).sort((User.name, 1)).limit(3), Query[User])
    assert_type(query.filter_by(age=3).fields(User.name).clone(), Query[User])
    assert_type(query.query_bypass({}, raw_output=False), Query[User])
    assert_type(RemoveQuery(User, None).filter(User.age > 3), RemoveQuery)


def check_raw(query: Query[User]) -> None:
    """Dicts come where dicts were asked for."""
    assert_type(Query("users", None), Query[Raw])
    assert_type(Query(FreeFormDoc("users"), None), Query[Raw])
    assert_type(query.raw_output().one(), Raw)
    assert_type(query.query_bypass({}), Cursor[Raw])
    assert_type(query.aggregate([]), CommandCursor[Raw])


def check_updates(query: Query[User]) -> None:
    """Updates chain, and find-and-modify gives an object."""
    assert_type(query.set(age=3).inc(User.age).upsert(), UpdateExpression)
    assert_type(query.set(age=3).execute(), Raw | Any)
    assert_type(query.filter(User.age > 3).delete(), Raw | Any)
    assert_type(RemoveQuery(User, None).execute(), Raw | Any)
    query.set(age=3).execute()["n"]
    assert_type(query.find_and_modify().set(age=3), FindAndModifyExpression[User])
    assert_type(query.find_and_modify().set(age=3).execute(), User | None)


def check_mistakes(query: Query[User]) -> None:
    """What cannot work is refused."""
    query.distinct(3)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    query.limit("3")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    query.filter(True)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    query.sort("age")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    query.one().aeg = 4  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    Query(3, None)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
