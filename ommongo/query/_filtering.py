"""What queries and removals share: conditions on documents."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import TYPE_CHECKING, Any, NoReturn

from ommongo.exceptions import BadQueryException
from ommongo.query._base import FieldName, QueryBase
from ommongo.query._slips import kind
from ommongo.query_expression import QueryExpression, add, add_one

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Condition", "Filtering"]

Condition = QueryExpression | Mapping[Any, Any]


class Filtering(QueryBase):
    """The methods that narrow what is asked for."""

    def filter(self, /, *expressions: Condition, **names: Any) -> Self:
        """
        Keep what fulfils all of these conditions, beside those there are already.

        Args:
            expressions: Query expressions (``User.age > 18``), or dicts with Python names, query
                fields or stored names as keys.
            names: Values by Python name, as `filter_by` takes them.

        Returns:
            This query, for chaining.

        Raises:
            BadQueryException: An argument is neither; or two expressions are about one field and
                at least one of them asks for equality.
            BadValueException: A field can hold no such value.
            FieldNotFoundException: A name is no field, or a query field is one of another class.

        Example:
            >>> session.query(User).filter(User.age > 18, User.age < 65).query
            {'age': {'$gt': 18, '$lt': 65}}
            >>> session.query(User).filter(User.age > 18, name="Ada").query
            {'age': {'$gt': 18}, 'name': 'Ada'}

        MongoDB manual:
            https://www.mongodb.com/docs/manual/tutorial/query-documents/
        """
        if names:
            expressions += self._equal(names)
        draft, cls = self._draft, self.type
        joined = {**draft.conditions}
        for each in expressions:
            if type(each) is QueryExpression and each._final:  # nearly always: quickly told
                if each._roots[0] is not cls:
                    self._refuse_foreign(each._roots)
                name = each._name
                if name is not None and name not in joined:
                    joined[name] = each._held
                else:
                    add_one(joined, each)
            else:
                # A raw dict says what it means to the server: it may repeat a field.
                strict = isinstance(each, QueryExpression)
                add(joined, self._stored(each, "filter"), strict)
        draft.conditions = joined
        return self

    def filter_by(self, /, *misplaced: NoReturn, **names: Any) -> Self:
        """
        Keep what has these values.

        Args:
            misplaced: Nothing: expressions are for `filter`.
            names: Values by Python name.

        Returns:
            This query, for chaining.

        Raises:
            FieldNotFoundException: A name is no field.
            BadValueException: A field can hold no such value.
            BadQueryException: There is a condition on the field already, or something came without
                a name.

        Example:
            >>> session.query(User).filter_by(name="Ada").query
            {'name': 'Ada'}

        MongoDB manual:
            https://www.mongodb.com/docs/manual/tutorial/query-documents/
        """
        if misplaced:
            raise BadQueryException(
                f"filter_by() takes values by name, filter_by(name='value'), and was given "
                f"{kind(misplaced[0])}. Expressions and dicts are for filter()."
            )
        return self.filter(*self._equal(names))

    def _equal(self, names: dict[str, Any]) -> tuple[QueryExpression, ...]:
        """Give the conditions that fields, by Python name, have these values."""
        return tuple([self._field(name) == value for name, value in names.items()])

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
        joined = {**self._draft.conditions}
        for each in expressions:
            negated = QueryExpression(self._stored(each, "not_")).not_()
            add(joined, negated.obj, isinstance(each, QueryExpression))
        self._draft.conditions = joined
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
        self._draft.add(either.obj, strict=False)
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
