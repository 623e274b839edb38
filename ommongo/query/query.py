"""Queries: what they find, and how to run them."""

from __future__ import annotations

import builtins
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast, overload

from bson.code import Code
from pymongo.command_cursor import CommandCursor
from pymongo.cursor import Cursor

from ommongo._notes import tells_of_text_index
from ommongo.exceptions import BadQueryException
from ommongo.query._filtering import Filtering
from ommongo.query._pipeline import pipeline_of
from ommongo.query._running import Running
from ommongo.query._searching import Searching
from ommongo.query._shaping import Shaping
from ommongo.query._updating import Updating
from ommongo.query.remove import RemoveQuery
from ommongo.query_expression import FreeFormDoc, in_parts, merge, own_copy, translate

if TYPE_CHECKING:
    from pymongo.collection import Collection
    from typing_extensions import Self

    from ommongo.query._session import SessionLike

__all__ = ["Query"]

R = TypeVar("R")
Raw = dict[str, Any]


class Query(Filtering, Searching, Shaping, Updating[R], Running[R]):
    """
    A question to a collection; iterating over it asks the server.

    Made by `Session.query`. Methods that narrow or shape the query change it and give it back;
    `clone` makes a copy that can be changed alone.

    Args:
        type: A document class, or a collection's name for raw dicts, of which nothing is checked
            or converted.
        session: The session that is to run it; ``None`` for a query that is only built.
        exclude_subclasses: Whether objects of subclasses are left out.

    Raises:
        BadQueryException: *type* is neither.
        BadFieldSpecification: The class's ``config_default_sort`` cannot work.

    Example:
        >>> adults = session.query(User).filter(User.age >= 18).descending(User.age)
        >>> [user.name for user in adults]
        ['Grace', 'Ada']
        >>> adults.query
        {'age': {'$gte': 18}}

    MongoDB manual:
        https://www.mongodb.com/docs/manual/tutorial/query-documents/
    """

    if TYPE_CHECKING:  # for the checkers only: each level of __init__ makes queries dearer

        @overload
        def __init__(
            self: Query[R],
            type: builtins.type[R],
            session: SessionLike | None,
            exclude_subclasses: bool = False,
        ) -> None: ...
        @overload
        def __init__(
            self: Query[Raw],
            type: str | FreeFormDoc,
            session: SessionLike | None,
            exclude_subclasses: bool = False,
        ) -> None: ...
        def __init__(
            self, type: Any, session: SessionLike | None, exclude_subclasses: bool = False
        ) -> None: ...

    def raw_output(self) -> Query[Raw]:
        """
        Give results as plain dicts, as they are stored.

        Returns:
            This query, for chaining.
        """
        self._draft.raw_output = True
        return cast("Query[Raw]", self)

    @overload
    def query_bypass(
        self, query: Mapping[str, Any], raw_output: Literal[True] = True
    ) -> Cursor[Raw]: ...
    @overload
    def query_bypass(self, query: Mapping[str, Any], raw_output: Literal[False]) -> Self: ...
    def query_bypass(self, query: Mapping[str, Any], raw_output: bool = True) -> Cursor[Raw] | Self:
        """
        Put a raw dict in the place of the whole filter, the class's own conditions included.

        Nothing in it is checked or translated. The other settings of the query stay.

        Args:
            query: The filter, with stored names.
            raw_output: Whether to run the query and give the driver's cursor on raw dicts.

        Returns:
            The cursor, or this query.

        Raises:
            BadQueryException: *query* is no dict.
        """
        if not isinstance(query, dict):
            raise BadQueryException(
                f"query_bypass() takes a dict as find() does, not {builtins.type(query).__name__}."
            )
        self._draft.conditions = in_parts(query)
        self._draft.is_bypassed = True
        self._draft.search = None
        if not raw_output:
            return self
        session = self._get_session()
        raw = self.clone().raw_output()
        return raw._cursor(session._collection_to_read(self.type), session)

    @tells_of_text_index
    def aggregate(self, pipeline: Sequence[Mapping[str, Any]]) -> CommandCursor[Raw]:
        """
        Run an aggregation pipeline on what the query's filter matches.

        Args:
            pipeline: The stages, with stored names. The filter becomes a ``$match`` before them; of
                a ``$geoNear`` that is the first stage its ``query``, and behind ``$search`` and
                ``$vectorSearch`` it is a ``$match``. Before ``$collStats``, ``$indexStats`` and
                ``$changeStream``, which are about the collection, even the class's own condition
                is left out.

        Returns:
            The driver's cursor on raw dicts.

        Raises:
            BadQueryException: *pipeline* is no list, or the query has a limit, a skip, an order of
                its own or chosen fields, which would not count; make stages of them. Or the filter
                has ``near`` or ``$where``, or there is one before a stage about the collection.

        Example:
            >>> ages = {"$group": {"_id": None, "sum": {"$sum": "$age"}}}
            >>> session.query(User).filter(User.age < 90).aggregate([ages]).next()["sum"]
            121

        MongoDB manual:
            https://www.mongodb.com/docs/manual/core/aggregation-pipeline/
        """
        if not isinstance(pipeline, (list, tuple)):
            raise BadQueryException(
                f"aggregate() takes a list of stages, not {builtins.type(pipeline).__name__}."
            )
        self._refuse("aggregate", "limit", "skip", "sort", "fields")
        stages = own_copy({"": pipeline_of(self._draft, pipeline)})[""]
        session = self._get_session()
        options = self._draft.command_options()
        if self._draft.batch_size:
            options["batchSize"] = self._draft.batch_size
        collection = session._collection_to_read(self.type)
        with session._sending as client_session:
            found = collection.aggregate(
                stages,
                session=client_session,
                **options,
            )
        return session._watched(found)

    def map_reduce(
        self, mapper: str, reducer: str, key: str, query: Mapping[Any, Any] | None
    ) -> Iterator[Raw]:
        """
        Run the server's mapReduce; deprecated, as it is on the server. Use `aggregate`.

        Args:
            mapper: The JavaScript function that emits keys and values.
            reducer: The one that joins the values of a key.
            key: The name of the collection for the results, which it replaces.
            query: Conditions beside those of this query.

        Returns:
            An iterator over the results, which are dicts of ``_id`` and ``value``.

        Raises:
            BadQueryException: *key* is no text, or names the collection that is read; or the query
                has a limit, a skip, an order of its own or chosen fields, which would not count.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/core/map-reduce/
        """
        warnings.warn(
            "map_reduce() is deprecated, as mapReduce is on the server; use aggregate().",
            DeprecationWarning,
            stacklevel=2,
        )
        self._refuse("map_reduce", "limit", "skip", "sort", "fields")
        _check_output(key, self.type.get_collection_name())
        session = self._get_session()
        collection = session._collection_to_read(self.type)
        condition = merge(self.query, translate(self.type, dict(query or {})), strict=False)
        with session._sending as client_session:
            collection.database.command(
                "mapReduce",
                collection.name,
                map=Code(mapper),
                reduce=Code(reducer),
                out=key,
                query=condition,
                session=client_session,
            )
        results: Collection[Raw] = collection.database.get_collection(
            key, codec_options=collection.codec_options
        )
        return session._watched(results.find(session=session._client_session))

    def delete(self) -> dict[str, Any] | Any:  # as RemoveQuery.execute
        """
        Remove all matches, as a `RemoveQuery` would.

        Returns:
            The server's reply (``ok``, ``n``) when it was flushed and acknowledged, else ``None``.

        Raises:
            BadQueryException: The query has a limit or a skip, which the server would ignore.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/command/delete/
        """
        self._refuse("delete", "limit", "skip")
        return RemoveQuery._of(self._criteria, self._get_session()).execute()


def _check_output(key: Any, source: str) -> None:
    """Refuse a collection for results that cannot be one, or that would lose what is read."""
    if not isinstance(key, str) or key == source:
        raise BadQueryException(
            "map_reduce() takes as key the name of another collection than the one it reads: it "
            "replaces what that collection holds."
        )
