"""How much of the matches a query loads, in which order, and by which means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ommongo.exceptions import BadQueryException
from ommongo.query._base import FieldName, QueryBase
from ommongo.query._projection import add_fields
from ommongo.query._slips import no_order
from ommongo.query_expression import QueryField

if TYPE_CHECKING:
    from typing_extensions import Self

    from ommongo.query.criteria import OnError, Order

__all__ = ["Shaping"]


class Shaping(QueryBase):
    """The settings of a query beside its filter."""

    @property
    def hints(self) -> list[tuple[str, int]]:
        """The index to use, as ``(stored name, direction)``; a new list each time."""
        return list(self._draft.hints)

    @hints.setter
    def hints(self, hints: list[tuple[str, int]]) -> None:
        self._draft.hints = tuple(hints)

    @property
    def is_raw(self) -> bool:
        """Whether results stay dicts."""
        return self._draft.is_raw

    def clone(self) -> Self:
        """
        Copy this query.

        Returns:
            A query with all settings of this one, of which each can be changed without the other.
        """
        return self._copy()

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
        ordered = self._draft.sort
        for pair in fields:
            if (
                not isinstance(pair, (tuple, list))
                or len(pair) != 2
                or isinstance(pair[0], (tuple, list))
            ):
                raise BadQueryException(no_order(pair, *fields[1:2]))
            field, direction = pair
            if isinstance(direction, bool) or direction not in (1, -1):
                name = self._field(field).get_absolute_name()
                raise BadQueryException(
                    f"sort() takes 1 or -1 as the direction of {name!r}, not "
                    f"{type(direction).__name__}: 1 for lowest first, -1 for highest first."
                )
            ordered = self._and_by(ordered, field, int(direction), "sort")
        self._draft.sort = ordered
        return self

    def ascending(self, field: FieldName) -> Self:
        """
        Sort by a field, lowest first; errors as in `sort`.

        Args:
            field: A name, a dotted name or a query field.

        Returns:
            This query, for chaining.
        """
        self._draft.sort = self._and_by(self._draft.sort, field, 1, "sort")
        return self

    def descending(self, field: FieldName) -> Self:
        """
        Sort by a field, highest first; errors as in `sort`.

        Args:
            field: A name, a dotted name or a query field.

        Returns:
            This query, for chaining.
        """
        self._draft.sort = self._and_by(self._draft.sort, field, -1, "sort")
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
        self._draft.hints = self._and_by(self._draft.hints, field, 1, "hint_asc")
        return self

    def hint_desc(self, field: FieldName) -> Self:
        """
        Name a descending field of the index to use; errors as in `hint_asc`.

        Args:
            field: A name, a dotted name or a query field.

        Returns:
            This query, for chaining.
        """
        self._draft.hints = self._and_by(self._draft.hints, field, -1, "hint_desc")
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
        self._draft.limit = limit if type(limit) is int and limit >= 0 else _natural(limit, "limit")
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
        self._draft.skip = _natural(skip, "skip")
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
        self._draft.fields = add_fields(self._draft.fields or {}, map(self._field, fields))
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
        self._draft.comment = text
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
        self._draft.max_time = _natural(ms, "max_time")
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
        self._draft.batch_size = _natural(n, "batch_size")
        return self

    def on_error(self, action: OnError) -> Self:
        """
        Say what becomes of a stored document that its class cannot load.

        Args:
            action: ``"raise"`` (the default): `BadDocumentException`, and iterating can go on
                behind the document. ``"skip"``: it is left out, with a record in the log
                ``ommongo``. ``"collect"``: it is left out, and the errors are kept in ``errors`` of
                the result: of a `QueryResult`, and of the list that ``all()`` and slices give. A
                method that gives a single result has no place for them, and raises.

        Returns:
            This query, for chaining.

        Raises:
            BadQueryException: *action* is none of these.

        Example:
            >>> _ = session.db["User"].insert_one({"name": 7})
            >>> result = session.query(User).ascending(User.name).on_error("collect").all()
            >>> [user.name for user in result]
            ['Ada', 'Grace']
            >>> [(error.name, error.value) for error in result.errors]
            [('User.name', 7)]

        MongoDB manual:
            https://www.mongodb.com/docs/manual/core/schema-validation/
        """
        if action not in ("raise", "skip", "collect"):
            raise BadQueryException(
                "on_error() takes 'raise', 'skip' or 'collect': what is to become of a document "
                "that cannot be loaded."
            )
        self._draft.on_error = action
        return self

    def _and_by(self, present: Order, field: Any, direction: int, method: str) -> Order:
        """Give *present* and then one field more."""
        if type(field) is QueryField and field._roots[0] is self.type:  # nearly always
            name = field._path
        else:
            name = self._field(field).get_absolute_name()
        for other, _ in present:
            if name == other:
                raise BadQueryException(
                    f"{method}() names {name!r}, which is named already. Name each field once."
                )
        return present + ((name, direction),)  # noqa: RUF005  # half of the other's price

    # What tools look at, to show a query that is not run.

    @property
    def _sort(self) -> list[tuple[str, int]]:
        """The order, as ``(stored name, direction)``; a new list each time."""
        return list(self._draft.sort)

    def _fields_expression(self) -> dict[str, Any] | None:
        """Give the projection, or ``None`` for whole documents."""
        return self._draft.chosen()


def _natural(number: Any, method: str) -> int:
    """Check a count."""
    if type(number) is not int and (type(number) is bool or not isinstance(number, int)):
        raise BadQueryException(f"{method}() takes a whole number, not {type(number).__name__}.")
    if number < 0:
        raise BadQueryException(f"{method}() takes no negative number. Pass 0 or more.")
    return number
