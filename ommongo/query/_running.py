"""The results of a query."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast, overload

from bson.raw_bson import RawBSONDocument
from pymongo.cursor import Cursor

from ommongo._notes import tells_of_text_index
from ommongo.exceptions import BadQueryException, BadResultException
from ommongo.query._base import QueryBase
from ommongo.query.criteria import SCORE, needs_find
from ommongo.query.result import Loaded, QueryResult, checked_index

if TYPE_CHECKING:
    from pymongo.collection import Collection
    from typing_extensions import Self

    from ommongo.query._session import SessionLike
    from ommongo.query_expression import FreeFormField, QueryField

__all__ = ["Running"]

R = TypeVar("R")
V = TypeVar("V")


class Running(QueryBase, Generic[R]):
    """The methods of a query that ask the server and give results of its type."""

    # Whether the results are for this query only, and its cursor is nobody else's.
    _is_alone = False

    def __iter__(self) -> QueryResult[R]:
        session = self._get_session()
        return cast("QueryResult[R]", session.execute_query(self, session))

    @overload
    def __getitem__(self, index: int) -> R: ...
    @overload
    def __getitem__(self, index: slice) -> list[R]: ...
    def __getitem__(self, index: int | slice) -> R | list[R]:
        if isinstance(index, slice):
            return self._sliced(index)
        part = self._part(checked_index(index), 1)
        if part is not None:
            part._draft.on_error = "raise"  # nothing else stands in the place that was asked for
            for result in part:
                return result
        raise IndexError(f"The query has no result number {index}.")

    def all(self) -> list[R]:
        """
        Give all results.

        Returns:
            A list; to look at many results one by one, iterate instead.

        Raises:
            BadDocumentException: A document cannot be loaded, and `on_error` does not say to leave
                it out.
        """
        result = iter(self)
        return result._rest() if isinstance(result, QueryResult) else list(result)

    def first(self) -> R | None:
        """
        Give the first result.

        Returns:
            The result, or ``None`` when there is none.
        """
        return next(iter(self._alone(1)), None)

    def first_or_none(self) -> R | None:
        """
        Give the first result; the same as `first`.

        Returns:
            The result, or ``None`` when there is none.
        """
        return self.first()

    def one(self) -> R:
        """
        Give the only result.

        Returns:
            The result.

        Raises:
            BadResultException: There is none, or more than one.
        """
        two = list(islice(self._alone(min(self._draft.limit or 2, 2)), 2))
        if len(two) != 1:
            raise BadResultException(
                f"The query for {self.type.get_collection_name()} gave "
                f"{'more than one result' if two else 'no result'}, and one() wants exactly one. "
                f"Use first() where it may be any number."
            )
        return two[0]

    def get(self, id: Any) -> R | None:
        """
        Give the document with an ``_id``, if it fulfils the query's conditions.

        Args:
            id: The ``_id``, in its Python form.

        Returns:
            The result, or ``None`` when there is none.

        Raises:
            BadValueException: The class's id field can hold no such value.

        Example:
            >>> session.query(User).get(ada.mongo_id).name
            'Ada'
        """
        name = "_id" if self._draft.is_free_form else self.type._id_field()._name
        condition = {"_id": {"$eq": self._field(name)._literal(id)}}
        query = self._copy()
        query._draft.add(condition, strict=False)
        return query.first()

    @tells_of_text_index
    def exists(self) -> bool:
        """
        Tell whether there is any result, without loading one.

        Returns:
            Whether there is.
        """
        session = self._get_session()
        found = self._find(
            session._collection_to_read(self.type),
            session,
            projection={"_id": True},
            skip=self._draft.skip,
            limit=1,
        )
        with session._sending:
            return next(found, None) is not None

    @tells_of_text_index
    def count(self, with_limit_and_skip: bool = False) -> int:
        """
        Count the results on the server, exactly.

        Args:
            with_limit_and_skip: Whether the query's limit and skip count.

        Returns:
            How many there are.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/method/db.collection.countDocuments/
        """
        session = self._get_session()
        collection = session._collection_to_read(self.type)
        bounds = {}
        if with_limit_and_skip:
            named = {"skip": self._draft.skip, "limit": self._draft.limit}
            bounds = {name: number for name, number in named.items() if number}
        query = self.query
        if needs_find(query):
            # count_documents() aggregates, where the server refuses $near. The ids are the least
            # that find() can load, batch by batch.
            ids = self._find(collection, session, projection={"_id": True}, **bounds)
            with session._sending:
                return sum(1 for _ in ids)
        with session._sending as client_session:
            return collection.count_documents(
                query, session=client_session, **bounds, **self._draft.command_options()
            )

    @overload
    def distinct(self, field: QueryField[list[V] | set[V] | tuple[V, ...] | None]) -> list[V]: ...
    @overload
    def distinct(self, field: QueryField[V]) -> list[V]: ...
    @overload
    def distinct(self, field: str | FreeFormField) -> list[Any]: ...
    @tells_of_text_index
    def distinct(self, field: Any) -> list[Any]:
        """
        Give the different values of a field among the matches.

        Args:
            field: A name, a dotted name or a query field. Of an array it gives the items.

        Returns:
            The values, each in its Python form.

        Raises:
            FieldNotFoundException: The name is no field.
            BadQueryException: The query has a limit or a skip, which the server would ignore.
            BadValueException: The field refuses what is stored.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/command/distinct/
        """
        self._refuse("distinct", "limit", "skip")
        query_field = self._field(field)
        session = self._get_session()
        collection = session._collection_to_read(self.type)
        options = self._draft.command_options()
        options.pop("hint", None)  # servers before 7.1 take none
        with session._sending as client_session:
            values = collection.distinct(
                query_field.get_absolute_name(), self.query, session=client_session, **options
            )
        if self._draft.is_raw:
            return values
        unwrap = _item_unwrapper(query_field.get_type())
        return [unwrap(value, session) for value in values]

    @tells_of_text_index
    def explain(self) -> dict[str, Any]:
        """
        Ask how the server would run the query.

        Returns:
            What pymongo's ``Cursor.explain()`` gives.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/explain-results/
        """
        session = self._get_session()
        collection = session._collection_to_read(self.type)
        with session._sending:
            return dict(self._cursor(collection, session).explain())

    def _result(
        self, collection: Collection[dict[str, Any]], session: SessionLike
    ) -> QueryResult[R]:
        """
        Run this query.

        Args:
            collection: The collection, ready to be read.
            session: The session that loads the objects.

        Returns:
            The result.
        """
        draft = self._draft
        retrieved = draft.retrieved()
        whole = retrieved is None and not (draft.is_raw or draft.search)
        is_encoded = whole and self._is_alone and bool(self.type._plan.verbatim)
        undecoded: Callable[[int], Cursor[Any]] | None = None
        if is_encoded:
            collection = _undecoded(collection)
        elif not draft.is_raw and draft.search is None:
            said, session_of = {**draft.__dict__}, session

            def behind(seen: int) -> Cursor[Any]:
                return self._behind(said, seen)._cursor(_undecoded(collection), session_of)

            undecoded = behind

        return QueryResult(
            session,
            self._cursor(collection, session),
            self.type,
            draft.is_raw,
            retrieved,
            limit=draft.limit,
            score_key=SCORE if draft.search is not None else None,
            is_encoded=is_encoded,
            on_error=draft.on_error,
            undecoded=undecoded,
        )

    def _behind(self, said: dict[str, Any], seen: int) -> Self:
        """Give the query as it was once, for the results behind some that were seen."""
        query = self._copy()
        query._draft.__dict__.clear()
        query._draft.__dict__.update(said)
        query._draft.skip += seen
        query._draft.limit -= min(seen, query._draft.limit)
        return query

    def _cursor(
        self, collection: Collection[dict[str, Any]], session: SessionLike
    ) -> Cursor[dict[str, Any]]:
        """Give the driver's cursor, which sends the query when it is first asked for a result."""
        draft = self._draft
        projection = draft.projection()
        if draft.search is not None and not draft.is_raw:
            projection = {**(projection or {}), SCORE: {"$meta": "textScore"}}
        return self._find(
            collection,
            session,
            projection=projection,
            sort=draft.order(),
            skip=draft.skip,
            limit=draft.limit,
            batch_size=draft.batch_size,
        )

    def _find(
        self,
        collection: Collection[dict[str, Any]],
        session: SessionLike,
        **options: Any,
    ) -> Cursor[dict[str, Any]]:
        """Give a cursor on this query's matches, with *options* that ``find`` takes."""
        common = self._draft.command_options()
        if "maxTimeMS" in common:
            common["max_time_ms"] = common.pop("maxTimeMS")
        client_session, condition = session._client_session, self._draft.filter()
        found = collection.find(condition, session=client_session, **common, **options)
        return session._watched(found)

    def _alone(self, limit: int) -> Self:
        """Give a query for a result that is wanted for itself, and may be a large document."""
        query = self._copy()
        query._is_alone = True
        if self._draft.on_error == "skip":
            return query  # those that are left out are not to count
        query._draft.on_error = "raise"
        query._draft.limit = limit
        return query

    def _part(self, start: int, length: int | None) -> Self | None:
        """Give a query for some of this one's results, or ``None`` where there can be none."""
        if self._draft.limit:
            left = self._draft.limit - start
            length = left if length is None else min(length, left)
        if length is not None and length <= 0:
            return None
        part = self._copy()
        part._draft.skip += start
        part._draft.limit = length or 0
        return part

    def _sliced(self, index: slice) -> list[R]:
        if index.step not in (None, 1):
            raise IndexError("The results of a query have no steps: take a slice of all().")
        start = 0 if index.start is None else checked_index(index.start)
        stop = None if index.stop is None else checked_index(index.stop)
        part = self._part(start, None if stop is None else stop - start)
        return Loaded() if part is None else part.all()

    def _refuse(self, method: str, *settings: str) -> None:
        """Refuse to drop what was asked for silently."""
        for setting in settings:
            if getattr(self._draft, setting):
                raise BadQueryException(
                    f"The query has {setting}, which {method}() would not heed. Leave it out, or "
                    f"say it another way."
                )


def _undecoded(collection: Collection[Any]) -> Collection[Any]:
    """Give a collection whose documents stay BSON."""
    options = collection.codec_options.with_options(document_class=RawBSONDocument)
    return collection.with_options(codec_options=options)


def _item_unwrapper(field: Any) -> Callable[[Any, Any], Any]:
    """Give what turns one of the different values of a field into its Python form."""
    from ommongo.fields import TupleField  # here: few queries ask for distinct values

    if isinstance(field, TupleField):
        # The server gives the elements, and does not say at which place of a tuple they stood.
        return lambda value, session: value
    unwrapping = field.item_field if field.is_sequence_field else field
    return cast("Callable[[Any, Any], Any]", unwrapping.unwrap)
