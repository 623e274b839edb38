"""Find-and-modify: change one document and get it in the same step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar, cast

from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from ommongo.exceptions import UpdateException
from ommongo.update_expression.expression import UpdateExpression

if TYPE_CHECKING:
    from ommongo.update_expression._query_like import QueryLike

__all__ = ["FindAndModifyExpression"]

R = TypeVar("R")


class FindAndModifyExpression(UpdateExpression, Generic[R]):
    """
    A change of one document that also gives the document, in one atomic step.

    Made by `Query.find_and_modify`. The query's filter and sort choose the document, its
    ``fields`` say how much of it comes back.

    Args:
        query: The query whose first match is to be changed.
        new: Whether the document comes as it is after the change instead of before.
        remove: Whether to remove it instead of changing it.

    Raises:
        BadQueryException: The query has a limit or a skip.
        UpdateException: *new* and *remove* are both given.

    Example:
        >>> counter = session.query(Counter).filter(Counter.name == "invoices")
        >>> counter.find_and_modify(new=True).inc(Counter.last).upsert().execute().last
        1

    MongoDB manual:
        https://www.mongodb.com/docs/manual/reference/command/findAndModify/
    """

    _keeps_sort = True
    _new = _remove = False

    def __init__(self, query: QueryLike, new: bool = False, remove: bool = False) -> None:
        super().__init__(query)
        if new and remove:
            raise UpdateException(
                "find_and_modify(new=True, remove=True): a removed document has no state after "
                "the change. Leave new out."
            )
        self._new = new
        self._remove = remove
        self._changed: set[str] = set()

    def multi(self) -> NoReturn:
        """
        Refuse: find-and-modify changes one document.

        Raises:
            UpdateException: Always.
        """
        raise UpdateException(
            "find_and_modify changes one document. For all matches use the query's update "
            "methods with multi()."
        )

    def execute(self, *, bump_version: bool = True) -> R | None:
        """
        Change the document.

        Args:
            bump_version: Whether a `VersionField` of the class counts it.

        Returns:
            The document before the change, or after it with *new*; ``None`` when nothing matched,
            or when an upsert inserted a document and *new* was not asked for.

        Raises:
            TransactionException: A ``with session:`` block is open.
            UpdateException: There is nothing to change, or something to change in a document that
                is to be removed.
            BadQueryException: The query was made without a session.
            BadValueException: A document matched, and the change would leave in it what a field
                refuses; or an upsert would insert that.
            MissingValueException: An upsert would insert a document without a required field.
        """
        self._check_complete()
        self._bump_version = bump_version
        return cast("R | None", self._get_session().execute_find_and_modify(self))

    def _is_complete(self) -> bool:
        return self._remove or super()._is_complete()

    def _said(self) -> list[str]:
        return ["remove"] if self._remove else [*super()._said(), *(["new"] * self._new)]

    def _described(self) -> str:
        return f"{super()._described()} by find_and_modify"

    def _check_complete(self) -> None:
        if not self._remove:
            super()._check_complete()
        elif self._document.operators or self._upsert:
            raise UpdateException(
                "find_and_modify(remove=True) removes the document: there is nothing to set in "
                "it, and no upsert. Leave out the operators, or remove=True."
            )

    def _perform(
        self, collection: Collection[dict[str, Any]], client_session: ClientSession | None
    ) -> dict[str, Any] | None:
        """
        Send the command.

        Args:
            collection: The collection of the query's class.
            client_session: The driver's session, if one is in use.

        Returns:
            The document as it is stored, or ``None``.
        """
        options: dict[str, Any] = {
            "projection": self._criteria.projection(),
            "sort": self._criteria.order(),
            "session": client_session,
            **self._criteria.command_options(),
        }
        if self._remove:
            return collection.find_one_and_delete(self._query.query, **options)
        limits = self._limits()
        whole, data = self._prepared()
        self._changed = {
            path
            for operator, operands in data.items()
            if operator != "$setOnInsert"
            for path in (*operands, *(operands.values() if operator == "$rename" else ()))
        }

        def send(filter: Mapping[str, Any], upsert: bool) -> dict[str, Any] | None:
            return collection.find_one_and_update(
                filter,
                data,
                upsert=upsert,
                return_document=ReturnDocument.AFTER if self._new else ReturnDocument.BEFORE,
                array_filters=self._array_filters or None,
                **options,
            )

        if not limits:
            return send(whole, self._upsert)
        found = send(limits.within(whole, self._array_filters), False)
        if found is None and limits.is_to_blame(collection, whole, client_session):
            raise limits.refusal()
        if found is None and self._upsert:
            return send(limits.within(whole, self._array_filters, inserts=True), True)
        return found
