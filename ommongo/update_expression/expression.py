"""Update expressions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, cast

from ommongo._habits import Habits
from ommongo._shown import shown
from ommongo._unsent import tell_of_unsent
from ommongo.exceptions import (
    BadQueryException,
    BadValueException,
    MissingValueException,
    UpdateException,
)
from ommongo.update_expression._array_filters import item_condition, stored_array_filter
from ommongo.update_expression._arrays import ArrayOperators
from ommongo.update_expression._beside import add_renewals, counts_version
from ommongo.update_expression._habits import ELSEWHERE
from ommongo.update_expression._operands import copy_of
from ommongo.update_expression._values import ValueOperators

if TYPE_CHECKING:
    from typing_extensions import Self

    from ommongo.update_expression._query_like import QueryLike

__all__ = ["UpdateExpression"]

_WRITE_OPTIONS = frozenset({"w", "wtimeout", "j"})


class UpdateExpression(ValueOperators, ArrayOperators, Habits):
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
    _elsewhere = ELSEWHERE

    def __init__(self, query: QueryLike) -> None:
        super().__init__(query)
        self._upsert = self._is_unchecked = False
        self._bump_version = True
        self._multi = False
        self._safe: bool | None = None
        self._write_options: dict[str, Any] = {}
        self._filters: list[tuple[str | None, Any]] = []
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
        """
        The update document: operator to stored name to operand.

        Of an upsert that could not insert, it is what would be changed; `execute` says what is
        wrong.
        """
        self._is_used = True
        try:
            return self._prepared()[1]
        except (BadValueException, MissingValueException):
            return self._with_identity(self._changes())

    def _prepared(self) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
        """
        Give the filter and the update document, as they are sent.

        Raises:
            BadValueException: The class could not load what an upsert would insert.
            MissingValueException: An upsert would insert a document without a required field.
        """
        self._is_used = True
        data = self._changes()
        if not self._upsert:
            return self._query.query, data
        if self._is_unchecked:
            return self._query.query, self._with_identity(data)
        filter, on_insert = self._criteria.insertion(data, self._identity())
        data = self._changes()  # anew: nothing was modified before it was created
        if on_insert:
            data["$setOnInsert"] = {**on_insert, **data.get("$setOnInsert", {})}
        return filter, data

    def _changes(self) -> dict[str, dict[str, Any]]:
        """Give what is to be changed, with what goes along."""
        data = {operator: dict(paths) for operator, paths in self._document.operators.items()}
        on_insert = data.get("$setOnInsert", {})
        changed = [target for path, target in self._targets.items() if path not in on_insert]
        if not changed:
            return data  # nothing of a document that is there
        version = self._criteria.version_name
        if version is not None and self._bump_version and counts_version(changed):
            data["$inc"] = {**data.get("$inc", {}), version: 1}
        add_renewals(data, self._query.type, self._document, changed)
        return data

    def _with_identity(self, data: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        """Let an upsert that nobody checks insert a document of the class at least."""
        on_insert = self._identity() if self._upsert else {}
        version = self._criteria.version_name
        if self._upsert and version is not None and version not in data.get("$inc", {}):
            on_insert[version] = 1
        if on_insert:
            data["$setOnInsert"] = {**on_insert, **data.get("$setOnInsert", {})}
        return data

    def upsert(self, *, unchecked: bool = False) -> Self:
        """
        Insert a document when none matches.

        It is made of the filter's equalities and of this update, and gets what a save would add:
        the class's defaults, what is computed, and for a polymorphic class its identity.

        Args:
            unchecked: Whether to insert what filter and update give and nothing else, but for an
                identity: without defaults, also where a required field is missing.

        Returns:
            This update, for chaining.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/method/db.collection.updateOne/
        """
        self._upsert = True
        self._is_unchecked = unchecked
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

    def array_filters(self, *conditions: Mapping[str, Any], **by_identifier: Any) -> Self:
        """
        Say which items the identifiers in paths (``pages.$[long].read``) stand for.

        Args:
            conditions: Dicts of names, each of which begins with its identifier
                (``{"long.number": {"$gt": 300}}``).
            by_identifier: For an identifier an expression on the list (``Book.tags == "new"``) or
                on the fields of its items (``Page.number > 300``), or a dict of such.

        Returns:
            This update, for chaining.

        Raises:
            UpdateException: A condition is no dict.

        When the update is executed, a name that is no field of the items raises
        `FieldNotFoundException`.

        Example:
            >>> update = session.query(User).set("tags.$[old]", "gone")
            >>> update.array_filters(old=User.tags == "new").multi().execute()["n"]
            2

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
        self._filters = self._filters + [(None, copy_of(each)) for each in conditions]
        self._filters += by_identifier.items()
        return self

    @property
    def _array_filters(self) -> list[dict[str, Any]]:
        """The conditions on the items of arrays, with stored names."""
        if not self._filters:
            return []
        targets = self._targets.values()
        return [
            stored_array_filter(condition, targets)
            if identifier is None
            else item_condition(identifier, condition, targets)
            for identifier, condition in self._filters
        ]

    # `Any` for the `None` of a queued one, so that `execute()["n"]` needs no question before it.
    def execute(self, *, bump_version: bool = True) -> dict[str, Any] | Any:
        """
        Queue the update and, outside a ``with session:`` block, flush.

        Args:
            bump_version: Whether a `VersionField` of the class counts it. Without, an object that
                was loaded before can still be written: leave it out for what nobody edits.

        Returns:
            The server's reply (``ok``, ``n``, ``nModified``, ``upserted``) when it was flushed and
            acknowledged, else ``None``.

        Raises:
            BadQueryException: The query was made without a session.
            BadValueException: A document matched, and the update would leave in it what a field
                refuses; or an upsert would insert that.
            MissingValueException: An upsert would insert a document without a required field.
            UpdateException: There is nothing in the update.
        """
        self._check_complete()
        self._bump_version = bump_version
        return cast("dict[str, Any] | None", self._get_session().execute_update(self))

    def _check_complete(self) -> None:
        if not self._document.operators:
            raise UpdateException(
                "There is nothing in this update. Say what to change, by set() for instance."
            )

    def __copy__(self) -> Self:
        self._is_used = True  # who has a copy may send that
        return self._copied()

    def __del__(self) -> None:
        if self._is_used or not self._is_complete() or self._query.session is None:
            return
        tell_of_unsent(
            f"{self._described()} is gone and was never sent. Call execute(), also in a 'with "
            f"session:' block.",
            self,
        )

    def __repr__(self) -> str:
        if self.__dict__.get("_document") is None:  # the constructor has failed
            return object.__repr__(self)
        cls = self._query.type
        name = getattr(cls, "__name__", None) or repr(cls.get_collection_name())
        parts = [f"{name} {shown(self._query.query)}", *self._said()]
        return f"<{type(self).__name__} of {', '.join(parts)}>"

    def _said(self) -> list[str]:
        """Give what is to be done, to whoever looks at it; an upsert may add defaults."""
        changes = shown(self._with_identity(self._changes()))
        return [changes, *(["multi"] * self._multi), *(["upsert"] * self._upsert)]

    def _is_complete(self) -> bool:
        """Whether there is something to send, and nothing was refused that belongs to it."""
        document = getattr(self, "_document", None)  # the constructor may have failed
        return document is not None and bool(document.operators) and not self._is_unfinished

    def _described(self) -> str:
        """Say what it is, without values."""
        cls = self._query.type
        name = getattr(cls, "__name__", None) or repr(cls.get_collection_name())
        operators = (
            f"{operator} of {', '.join(paths)}"
            for operator, paths in self._document.operators.items()
        )
        return f"An update of {name} ({'; '.join(operators)})"

    def _get_session(self) -> Any:
        self._is_used = True
        if self._query.session is None:
            raise BadQueryException(
                "This update cannot be sent: its query was made without a session. Use "
                "session.query(...)."
            )
        return self._query.session

    def _identity(self) -> dict[str, Any]:
        """Give what tells the class of an inserted document and is named nowhere else."""
        named = _named_in(self._criteria.asked())
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
