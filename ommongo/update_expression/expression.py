"""Update expressions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, cast

from ommongo.exceptions import BadQueryException, UpdateException
from ommongo.update_expression._arrays import ArrayOperators
from ommongo.update_expression._operands import copy_of
from ommongo.update_expression._values import ValueOperators

if TYPE_CHECKING:
    from typing_extensions import Self

    from ommongo.update_expression._query_like import QueryLike

__all__ = ["UpdateExpression"]

_WRITE_OPTIONS = frozenset({"w", "wtimeout", "j"})


class UpdateExpression(ValueOperators, ArrayOperators):
    """
    A change of the documents that a query finds, made on the server.

    Any update method of a `Query` makes one; its own methods add to it. Values are taken as they
    are at the call. Nothing is sent before `execute`. Objects that the session holds are not
    changed.

    Args:
        query: The query whose matches are to be changed.

    Raises:
        BadQueryException: The query has a limit, a skip or an order of its own, which the server
            would ignore.

    Example:
        >>> update = session.query(User).filter(User.age >= 18).set(User.adult, True)
        >>> update.inc(User.visits).update_data
        {'$set': {'adult': True}, '$inc': {'visits': 1}}
        >>> update.multi().execute()["nModified"]
        2

    MongoDB manual:
        https://www.mongodb.com/docs/manual/reference/operator/update/
    """

    _keeps_sort: ClassVar[bool] = False

    def __init__(self, query: QueryLike) -> None:
        super().__init__(query)
        self._upsert = False
        self._multi = False
        self._safe: bool | None = None
        self._write_options: dict[str, Any] = {}
        self._array_filters: list[Mapping[str, Any]] = []
        ignored = [name for name in ("limit", "skip") if getattr(self._criteria, name)]
        if self._criteria.sort and not self._keeps_sort:
            ignored.append("sort")
        if ignored:
            raise BadQueryException(
                f"The query has a {' and a '.join(ignored)}, which the server would ignore in "
                f"this update. Narrow the query by its filter instead."
            )

    @property
    def update_data(self) -> dict[str, dict[str, Any]]:
        """The update document: operator to stored name to operand."""
        data = {operator: dict(paths) for operator, paths in self._document.operators.items()}
        version = self._criteria.version_name
        if version is not None and data:
            data["$inc"] = {**data.get("$inc", {}), version: 1}
        if self._upsert:
            identity = self._identity()
            if identity:
                data["$setOnInsert"] = {**identity, **data.get("$setOnInsert", {})}
        return data

    def upsert(self) -> Self:
        """
        Insert a document when none matches.

        It is made of the filter's equalities and of this update. For a polymorphic class it gets
        the class's identity, unless the query or the update names that attribute.

        Returns:
            This update, for chaining.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/method/db.collection.updateOne/
        """
        self._upsert = True
        return self

    def multi(self) -> Self:
        """
        Change all matches, not only the first one.

        Returns:
            This update, for chaining.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/method/db.collection.updateMany/
        """
        self._multi = True
        return self

    def safe(self, safe: bool = True, **options: Any) -> Self:
        """
        Say whether an error of the server is raised, whatever the session's setting is.

        Args:
            safe: Whether it is raised, instead of logged.
            options: Options of the write concern: ``w``, ``wtimeout``, ``j``.

        Returns:
            This update, for chaining.

        Raises:
            UpdateException: There is no such option.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/write-concern/
        """
        unknown = ", ".join(sorted(options.keys() - _WRITE_OPTIONS))
        if unknown:
            raise UpdateException(
                f"safe() knows no option {unknown}. A write concern has w, wtimeout and j.",
                operation="safe",
            )
        self._safe = safe
        self._write_options = options
        return self

    def array_filters(self, *conditions: Mapping[str, Any]) -> Self:
        """
        Say which items the identifiers in paths (``pages.$[long].read``) stand for.

        Args:
            conditions: Dicts of stored names, each beginning with its identifier
                (``{"long.number": {"$gt": 300}}``).

        Returns:
            This update, for chaining.

        Raises:
            UpdateException: A condition is no dict.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/update/positional-filtered/
        """
        for condition in conditions:
            if not isinstance(condition, dict):
                raise UpdateException(
                    f"array_filters takes dicts such as {{'item.number': {{'$gt': 3}}}}, not "
                    f"{type(condition).__name__}.",
                    operation="array_filters",
                )
        self._array_filters = self._array_filters + [copy_of(each) for each in conditions]
        return self

    def execute(self) -> dict[str, Any] | None:
        """
        Queue the update and, outside a ``with session:`` block, flush.

        Returns:
            The server's reply (``ok``, ``n``, ``nModified``, ``upserted``) when it was flushed and
            acknowledged, else ``None``.

        Raises:
            UpdateException: There is nothing in the update.
            BadQueryException: The query was made without a session.
        """
        self._check_complete()
        return cast("dict[str, Any] | None", self._get_session().execute_update(self))

    def _check_complete(self) -> None:
        if not self._document.operators:
            raise UpdateException(
                "There is nothing in this update. Say what to change, by set() for instance."
            )

    def _get_session(self) -> Any:
        if self.query.session is None:
            raise BadQueryException(
                "This update cannot be sent: its query was made without a session. Use "
                "session.query(...)."
            )
        return self.query.session

    def _identity(self) -> dict[str, Any]:
        """Give what tells the class of an inserted document and is named nowhere else."""
        named = _named_in(self._criteria.conditions)
        return {
            name: value
            for name, value in self._criteria.identity().items()
            if name not in named and not self._document.touches(name)
        }


def _named_in(conditions: Mapping[str, Any]) -> set[str]:
    """Give the stored names that all matches of a filter are judged by."""
    names: set[str] = set()
    for name, condition in conditions.items():
        if name == "$and":
            names.update(*map(_named_in, condition))
        else:
            names.add(name)
    return names
