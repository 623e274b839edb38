"""What queries and removals share: a class of documents, and conditions on them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import TYPE_CHECKING, Any

from ommongo.document._metaclass import DocumentMeta
from ommongo.exceptions import BadQueryException
from ommongo.query_expression import (
    FreeFormDoc,
    FreeFormField,
    QueryExpression,
    QueryField,
    absorb,
    merge,
    own_copy,
    stored_query,
)
from ommongo.util import resolve_name

if TYPE_CHECKING:
    from typing_extensions import Self

    from ommongo.query._session import SessionLike

__all__ = ["Condition", "FieldName", "Filtering"]

FieldName = str | QueryField[Any]
Condition = QueryExpression | Mapping[Any, Any]


class Filtering:
    """
    Documents of a class, narrowed by conditions.

    No method changes a value that it holds: it puts another one in its place. So a shallow copy is
    independent of the original.

    Args:
        type: A document class, or a collection's name (or free-form document) for raw dicts.
        session: The session that is to run it; ``None`` for one that is only built.
        exclude_subclasses: Whether documents of subclasses are left out.

    Raises:
        BadQueryException: *type* is none of these.
        BadFieldSpecification: The class's ``config_default_sort`` cannot work.
    """

    type: Any
    session: SessionLike | None
    # Whether the conditions are all there is, without the class's own.
    _bypassed: bool = False

    def __init__(
        self, type: Any, session: SessionLike | None, exclude_subclasses: bool = False
    ) -> None:
        if isinstance(type, DocumentMeta):  # Document and what inherits from it; quickly told
            document_class: Any = type
            if not document_class._settings_checked:
                document_class._check_default_sort()
        elif isinstance(type, str):
            type = FreeFormDoc(type)
        elif not isinstance(type, FreeFormDoc):
            raise BadQueryException(
                f"A query is for a Document subclass, or for a collection's name to get raw "
                f"dicts, not for {_kind(type)}."
            )
        self.type = type
        self.session = session
        self._exclude_subclasses = exclude_subclasses
        self._conditions: dict[str, Any] = {}

    @property
    def query(self) -> dict[str, Any]:
        """The filter that would be sent; a new dict each time."""
        return own_copy(self._matching())

    def _matching(self) -> dict[str, Any]:
        """Give the conditions of the class and of this query as one, which is not to be changed."""
        if self._bypassed:
            return self._conditions
        base = self.type.base_query(self._exclude_subclasses)
        return merge(base, self._conditions, strict=False) if base else self._conditions

    @property
    def _is_free_form(self) -> bool:
        """Whether there is no document class, so that nothing is checked or converted."""
        return isinstance(self.type, FreeFormDoc)

    def filter(self, *expressions: Condition) -> Self:
        """
        Keep what fulfils all of these conditions, beside those there are already.

        Args:
            expressions: Query expressions (``User.age > 18``), or dicts with Python names, query
                fields or stored names as keys.

        Returns:
            This query, for chaining.

        Raises:
            BadQueryException: An argument is neither; or two expressions are about one field and
                at least one of them asks for equality.

        Example:
            >>> session.query(User).filter(User.age > 18, User.age < 65).query
            {'age': {'$gt': 18, '$lt': 65}}

        MongoDB manual:
            https://www.mongodb.com/docs/manual/tutorial/query-documents/
        """
        joined = {**self._conditions}
        for each in expressions:
            if isinstance(each, QueryExpression) and each._final:  # nearly always: quickly told
                absorb(joined, each._query, strict=True)
            else:
                # A raw dict says what it means to the server: it may repeat a field.
                strict = isinstance(each, QueryExpression)
                absorb(joined, self._stored(each, "filter"), strict)
        self._conditions = joined
        return self

    def filter_by(self, /, **names: Any) -> Self:
        """
        Keep what has these values.

        Args:
            names: Values by Python name.

        Returns:
            This query, for chaining.

        Raises:
            FieldNotFoundException: A name is no field.
            BadValueException: A field can hold no such value.
            BadQueryException: There is a condition on the field already.

        Example:
            >>> session.query(User).filter_by(name="Ada").query
            {'name': 'Ada'}

        MongoDB manual:
            https://www.mongodb.com/docs/manual/tutorial/query-documents/
        """
        return self.filter(*(self._field(name) == value for name, value in names.items()))

    def not_(self, *expressions: Condition) -> Self:
        """
        Keep what fulfils none of these conditions.

        Args:
            expressions: As in `filter`.

        Returns:
            This query, for chaining.

        Raises:
            BadQueryException: As in `filter`; or a condition mixes operators and plain keys.

        Example:
            >>> session.query(User).not_(User.age > 18, User.name == "Ada").query
            {'age': {'$not': {'$gt': 18}}, 'name': {'$ne': 'Ada'}}

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/query/not/
        """
        joined = {**self._conditions}
        for each in expressions:
            negated = QueryExpression(self._stored(each, "not_")).not_()
            absorb(joined, negated.obj, isinstance(each, QueryExpression))
        self._conditions = joined
        return self

    def or_(self, first: Condition, *more: Condition) -> Self:
        """
        Keep what fulfils at least one of these conditions.

        Args:
            first: As in `filter`.
            more: Alternatives to it.

        Returns:
            This query, for chaining.

        Raises:
            BadQueryException: An argument is neither an expression nor a dict.

        Example:
            >>> session.query(User).or_(User.age > 64, User.age < 19).query
            {'$or': [{'age': {'$gt': 64}}, {'age': {'$lt': 19}}]}

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/query/or/
        """
        stored = [QueryExpression(self._stored(each, "or_")) for each in (first, *more)]
        either = reduce(QueryExpression.or_, stored)
        self._conditions = merge(self._conditions, either.obj, strict=False)
        return self

    def in_(self, field: FieldName, *values: Any) -> Self:
        """
        Keep what has one of these values in a field.

        Args:
            field: A name, a dotted name or a query field.
            values: The values.

        Returns:
            This query, for chaining.

        Raises:
            FieldNotFoundException: The name is no field.
            BadValueException: The field can hold no such value.
            BadQueryException: There is a condition for equality on the field already.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/query/in/
        """
        return self.filter(self._field(field).in_(*values))

    def nin(self, field: FieldName, *values: Any) -> Self:
        """
        Keep what has none of these values in a field; arguments and errors as in `in_`.

        Args:
            field: A name, a dotted name or a query field.
            values: The values.

        Returns:
            This query, for chaining.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/query/nin/
        """
        return self.filter(self._field(field).nin(*values))

    def _field(self, field: Any) -> Any:
        """Give the query field that *field* is or names."""
        if type(field) is QueryField:
            return field
        if isinstance(field, str):
            return FreeFormField(field) if self._is_free_form else resolve_name(self.type, field)
        if not hasattr(field, "get_absolute_name"):
            raise BadQueryException(
                f"A query names its fields by text or by query field, not by {_kind(field)}. Pass "
                f"'name', 'embedded.name' or User.name."
            )
        return field

    def _stored(self, condition: Any, method: str) -> dict[str, Any]:
        """Give a condition with stored names, which are not to be translated again."""
        if isinstance(condition, (QueryExpression, dict)):
            return stored_query(self.type, condition)
        raise BadQueryException(
            f"{method}() takes query expressions such as User.age > 18, or dicts, not "
            f"{_kind(condition)}. (Comparing two query fields gives a bool.)"
        )

    def _get_session(self) -> SessionLike:
        """Give the session, which only a query that is run needs."""
        if self.session is None:
            raise BadQueryException(
                "This query cannot be run: it was made without a session. Use session.query(...)."
            )
        return self.session


def _kind(value: Any) -> str:
    """Name what came, for a message."""
    return f"the class {value.__name__}" if isinstance(value, type) else type(value).__name__
