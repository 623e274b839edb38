"""Asking: queries, their results, and removals."""

from __future__ import annotations

from ommongo.exceptions import (
    BadQueryException,
    BadResultException,
    BadValueException,
    FieldNotFoundException,
)
from ommongo.query._session import SessionLike as SessionLike
from ommongo.query.query import Query
from ommongo.query.remove import RemoveQuery
from ommongo.query.result import QueryResult

__all__ = [
    "BadQueryException",
    "BadResultException",
    "BadValueException",
    "FieldNotFoundException",
    "Query",
    "QueryResult",
    "RemoveQuery",
]
