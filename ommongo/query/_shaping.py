"""How much of the matches a query loads, in which order, and by which means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.cursor import Cursor

from ommongo._tracking import Retrieved
from ommongo.exceptions import BadQueryException
from ommongo.query._filtering import FieldName
from ommongo.query._projection import add_fields, projection_of, without_id
from ommongo.query._searching import Searching, is_near

if TYPE_CHECKING:
    from typing_extensions import Self

    from ommongo.query._session import SessionLike

__all__ = ["SCORE", "Shaping"]

SCORE: Final = "__ommongo_score"
"""The key under which a search delivers the score; no field can have it by accident."""

_BY_SCORE: Final = [(SCORE, {"$meta": "textScore"})]

Ordering = list[tuple[str, int]]


class Shaping(Searching):
    """
    The settings of a query beside its filter.

    Attributes:
        hints: The index to use, as ``(stored name, direction)``.
    """

    # Most queries have few of these, so an unset one costs nothing.
    _limit: int = 0
    _skip: int = 0
    _fields: dict[str, Any] | None = None
    _raw_output: bool = False
    _comment: Any = None
    _max_time: int | None = None
    _batch_size: int = 0

    def __init__(
        self, type: Any, session: SessionLike | None, exclude_subclasses: bool = False
    ) -> None:
        super().__init__(type, session, exclude_subclasses)
        self._sort: Ordering = []
        self.hints: Ordering = []

    @property
    def is_raw(self) -> bool:
        """Whether results stay dicts."""
        return self._raw_output or self._is_free_form

    def clone(self) -> Self:
        """
        Copy this query.

        Returns:
            A query with all settings of this one, of which each can be changed without the other.
        """
        copy = type(self).__new__(type(self))
        copy.__dict__.update(self.__dict__)
        copy._sort = list(self._sort)
        copy.hints = list(self.hints)
        return copy

    def sort(self, *fields: tuple[FieldName, int]) -> Self:
        """
        Put the results in order, beside the order that is there already.

        Args:
            fields: Pairs of a field (a name, a dotted name or a query field) and a direction, 1 or
                -1 (``pymongo.ASCENDING``, ``pymongo.DESCENDING``).

        Returns:
            This query, for chaining.

        Raises:
            BadQueryException: An argument is no such pair, or a field comes twice.
            FieldNotFoundException: A name is no field.

        Example:
            >>> session.query(User).sort((User.age, -1), ("name", 1)).first().name
            'Grace'

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/method/cursor.sort/
        """
        ordered = self._sort
        for pair in fields:
            if not isinstance(pair, (tuple, list)) or len(pair) != 2:
                raise BadQueryException(
                    f"sort() takes pairs such as (User.age, -1), not {type(pair).__name__}."
                )
            field, direction = pair
            if isinstance(direction, bool) or direction not in (1, -1):
                name = self._field(field).get_absolute_name()
                raise BadQueryException(
                    f"sort() takes 1 or -1 as the direction of {name!r}: 1 for lowest first, -1 "
                    f"for highest first."
                )
            ordered = self._and_by(ordered, field, int(direction), "sort")
        self._sort = ordered
        return self

    def ascending(self, field: FieldName) -> Self:
        """
        Sort by a field, lowest first; errors as in `sort`.

        Args:
            field: A name, a dotted name or a query field.

        Returns:
            This query, for chaining.
        """
        self._sort = self._and_by(self._sort, field, 1, "sort")
        return self

    def descending(self, field: FieldName) -> Self:
        """
        Sort by a field, highest first; errors as in `sort`.

        Args:
            field: A name, a dotted name or a query field.

        Returns:
            This query, for chaining.
        """
        self._sort = self._and_by(self._sort, field, -1, "sort")
        return self

    def hint_asc(self, field: FieldName) -> Self:
        """
        Name an ascending field of the index to use, after those that are named already.

        Args:
            field: A name, a dotted name or a query field.

        Returns:
            This query, for chaining.

        Raises:
            BadQueryException: The field is named already.
            FieldNotFoundException: The name is no field.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/method/cursor.hint/
        """
        self.hints = self._and_by(self.hints, field, 1, "hint_asc")
        return self

    def hint_desc(self, field: FieldName) -> Self:
        """
        Name a descending field of the index to use; errors as in `hint_asc`.

        Args:
            field: A name, a dotted name or a query field.

        Returns:
            This query, for chaining.
        """
        self.hints = self._and_by(self.hints, field, -1, "hint_desc")
        return self

    def limit(self, limit: int) -> Self:
        """
        Give so many results at most.

        Args:
            limit: How many; 0 for all.

        Returns:
            This query, for chaining.

        Raises:
            BadQueryException: *limit* is no whole number, or a negative one.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/method/cursor.limit/
        """
        self._limit = _natural(limit, "limit")
        return self

    def skip(self, skip: int) -> Self:
        """
        Leave out the first results.

        Args:
            skip: How many.

        Returns:
            This query, for chaining.

        Raises:
            BadQueryException: *skip* is no whole number, or a negative one.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/method/cursor.skip/
        """
        self._skip = _natural(skip, "skip")
        return self

    def fields(self, *fields: Any) -> Self:
        """
        Load parts of the documents only, beside those that are named already.

        The ``_id`` is always loaded, unless it is excluded itself, and so is what selects the
        subclass of an object. Other fields raise `FieldNotRetrieved`.

        Args:
            fields: Names, dotted names, query fields, ``User.name.exclude()`` for all others, or
                ``User.pages.elem_match(...)`` for the first item that matches.

        Returns:
            This query, for chaining.

        Raises:
            FieldNotFoundException: A name is no field.
            BadQueryException: Something is none of these; a field is named in two ways; or fields
                are included and others than ``_id`` excluded.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/tutorial/project-fields-from-query-results/
        """
        self._fields = add_fields(self._fields or {}, map(self._field, fields))
        return self

    def comment(self, text: Any) -> Self:
        """
        Mark the query for those who read the server's log and profile.

        Args:
            text: The mark.

        Returns:
            This query, for chaining.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/method/cursor.comment/
        """
        self._comment = text
        return self

    def max_time(self, ms: int) -> Self:
        """
        Let the server give up after some time, with pymongo's ``ExecutionTimeout``.

        Args:
            ms: Milliseconds of work on the server; 0 for no bound.

        Returns:
            This query, for chaining.

        Raises:
            BadQueryException: *ms* is no whole number, or a negative one.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/method/cursor.maxTimeMS/
        """
        self._max_time = _natural(ms, "max_time")
        return self

    def batch_size(self, n: int) -> Self:
        """
        Fetch so many documents at a time.

        Args:
            n: How many; 0 for the server's choice (101, then 16 MB).

        Returns:
            This query, for chaining.

        Raises:
            BadQueryException: *n* is no whole number, or a negative one.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/method/cursor.batchSize/
        """
        self._batch_size = _natural(n, "batch_size")
        return self

    def _and_by(self, present: Ordering, field: Any, direction: int, method: str) -> Ordering:
        """Give *present* and then one field more, in a new list."""
        name = self._field(field).get_absolute_name()
        for other, _ in present:
            if name == other:
                raise BadQueryException(
                    f"{method}() names {name!r}, which is named already. Name each field once."
                )
        return [*present, (name, direction)]

    def _version_name(self) -> str | None:
        """Give the stored name of the class's version, if it counts versions."""
        field = None if self._is_free_form else self.type._version_field
        return None if field is None else str(field.db_field)

    def _sort_to_send(self) -> list[tuple[str, Any]] | None:
        """Give the order that the server is to use, or ``None``."""
        if self._sort:
            return list(self._sort)
        if self._search is not None:
            return list(_BY_SCORE)
        default = None if self._is_free_form else self.type._check_default_sort()
        # A geo query has an order of its own: nearest first.
        return None if not default or is_near(self._matching()) else list(default)

    def _fields_expression(self) -> dict[str, Any] | None:
        """Give the projection, or ``None`` for whole documents."""
        if self._fields is None:
            return None
        document_class = None if self._is_free_form else self.type
        return projection_of(document_class, self._fields, self.is_raw)

    def _retrieved(self) -> Retrieved | None:
        """Give what an object of this query's results will have, or ``None`` for all."""
        projection = None if self.is_raw else self._fields_expression()
        if projection is None:
            return None
        return Retrieved.from_projection(self.type, without_id(projection))

    def _identity(self) -> dict[str, Any]:
        """Give what a new document of the class holds in the attributes that select it."""
        return {} if self._is_free_form else self.type._selector.identities()

    def _command_options(self) -> dict[str, Any]:
        """Give the options that every command on behalf of this query carries."""
        options: dict[str, Any] = {}
        if self.hints:
            options["hint"] = dict(self.hints)
        if self._comment is not None:
            options["comment"] = self._comment
        if self._max_time:
            options["maxTimeMS"] = self._max_time
        return options

    def _cursor(
        self, collection: Collection[dict[str, Any]], client_session: ClientSession | None
    ) -> Cursor[dict[str, Any]]:
        """Give the driver's cursor, which sends the query when it is first asked for a result."""
        projection = self._fields_expression()
        if self._search is not None and not self.is_raw:
            projection = {**(projection or {}), SCORE: {"$meta": "textScore"}}
        return self._find(
            collection,
            client_session,
            projection=projection,
            sort=self._sort_to_send(),
            skip=self._skip,
            limit=self._limit,
            batch_size=self._batch_size,
        )

    def _find(
        self,
        collection: Collection[dict[str, Any]],
        client_session: ClientSession | None,
        **options: Any,
    ) -> Cursor[dict[str, Any]]:
        """Give a cursor on this query's matches, with *options* that ``find`` takes."""
        common = self._command_options()
        if "maxTimeMS" in common:
            common["max_time_ms"] = common.pop("maxTimeMS")
        return collection.find(self._matching(), session=client_session, **common, **options)


def _natural(number: Any, method: str) -> int:
    """Check a count."""
    if type(number) is bool or not isinstance(number, int):
        raise BadQueryException(f"{method}() takes a whole number, not {type(number).__name__}.")
    if number < 0:
        raise BadQueryException(f"{method}() takes no negative number. Pass 0 or more.")
    return number
