"""Comparison query operators: ``$eq``, ``$gt``, ``$in`` and their kin."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from ommongo.query_expression._names import NamedField
from ommongo.query_expression._operand import yields_to_subfield
from ommongo.query_expression._signs import Operators
from ommongo.query_expression._types import V
from ommongo.query_expression.logical import QueryExpression

if TYPE_CHECKING:
    from ommongo.query_expression._types import Reference, Referring, Several, Whole

__all__ = ["Comparison"]

T = TypeVar("T")


class Comparison(Operators[V], Generic[V]):
    """
    The operators that compare a field with values.

    Two query fields are compared by their names, which gives a bool; anything else is wrapped by
    the field and gives a `QueryExpression`.

    MongoDB manual:
        https://www.mongodb.com/docs/manual/reference/operator/query-comparison/
    """

    __slots__ = ()

    @overload
    def eq_(self, value: NamedField) -> bool: ...  # type: ignore[overload-overlap]  # no value
    @overload
    def eq_(self: Comparison[Several[T]], value: T | Whole[T]) -> QueryExpression: ...
    @overload
    def eq_(self: Comparison[Reference], value: Referring) -> QueryExpression: ...
    @overload
    def eq_(self, value: V) -> QueryExpression: ...  # type: ignore[misc]  # see V
    def eq_(self, value: Any) -> Any:
        """
        Ask for equality, as ``==`` does.

        Args:
            value: What the field is to hold; for a sequence field an item or a whole sequence.

        Returns:
            An expression; a bool where *value* is a query field.

        Raises:
            BadValueException: The field can hold no such value.
            BadQueryException: The value is a dict of operators.

        Example:
            >>> from ommongo.query_expression import Q
            >>> Q.age.eq_(3).obj
            {'age': 3}

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/query/eq/
        """
        return self == value

    @overload
    def ne_(self, value: NamedField) -> bool: ...  # type: ignore[overload-overlap]  # no value
    @overload
    def ne_(self: Comparison[Several[T]], value: T | Whole[T]) -> QueryExpression: ...
    @overload
    def ne_(self: Comparison[Reference], value: Referring) -> QueryExpression: ...
    @overload
    def ne_(self, value: V) -> QueryExpression: ...  # type: ignore[misc]  # see V
    def ne_(self, value: Any) -> Any:
        """
        Ask for inequality, as ``!=`` does; a document without the field matches too.

        Args:
            value: What the field is not to hold.

        Returns:
            An expression; a bool where *value* is a query field.

        Raises:
            BadValueException: The field can hold no such value.
            BadQueryException: The value is a dict of operators.

        Example:
            >>> from ommongo.query_expression import Q
            >>> Q.age.ne_(3).obj
            {'age': {'$ne': 3}}

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/query/ne/
        """
        return self != value

    @overload
    def lt_(self, value: NamedField) -> bool: ...  # type: ignore[overload-overlap]  # no value
    @overload
    def lt_(self: Comparison[Several[T]], value: T | Whole[T]) -> QueryExpression: ...
    @overload
    def lt_(self: Comparison[Reference], value: Referring) -> QueryExpression: ...
    @overload
    def lt_(self, value: V) -> QueryExpression: ...  # type: ignore[misc]  # see V
    def lt_(self, value: Any) -> Any:
        """
        Ask for less, as ``<`` does.

        Args:
            value: The bound, which does not match itself.

        Returns:
            An expression; a bool where *value* is a query field.

        Raises:
            BadValueException: The field can hold no such value.
            BadQueryException: The value is a dict of operators.

        Example:
            >>> from ommongo.query_expression import Q
            >>> Q.age.lt_(3).obj
            {'age': {'$lt': 3}}

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/query/lt/
        """
        return self < value

    @overload
    def le_(self, value: NamedField) -> bool: ...  # type: ignore[overload-overlap]  # no value
    @overload
    def le_(self: Comparison[Several[T]], value: T | Whole[T]) -> QueryExpression: ...
    @overload
    def le_(self: Comparison[Reference], value: Referring) -> QueryExpression: ...
    @overload
    def le_(self, value: V) -> QueryExpression: ...  # type: ignore[misc]  # see V
    def le_(self, value: Any) -> Any:
        """
        Ask for less or equal, as ``<=`` does.

        Args:
            value: The bound, which matches too.

        Returns:
            An expression; a bool where *value* is a query field.

        Raises:
            BadValueException: The field can hold no such value.
            BadQueryException: The value is a dict of operators.

        Example:
            >>> from ommongo.query_expression import Q
            >>> Q.age.le_(3).obj
            {'age': {'$lte': 3}}

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/query/lte/
        """
        return self <= value

    @overload
    def gt_(self, value: NamedField) -> bool: ...  # type: ignore[overload-overlap]  # no value
    @overload
    def gt_(self: Comparison[Several[T]], value: T | Whole[T]) -> QueryExpression: ...
    @overload
    def gt_(self: Comparison[Reference], value: Referring) -> QueryExpression: ...
    @overload
    def gt_(self, value: V) -> QueryExpression: ...  # type: ignore[misc]  # see V
    def gt_(self, value: Any) -> Any:
        """
        Ask for more, as ``>`` does.

        Args:
            value: The bound, which does not match itself.

        Returns:
            An expression; a bool where *value* is a query field.

        Raises:
            BadValueException: The field can hold no such value.
            BadQueryException: The value is a dict of operators.

        Example:
            >>> from ommongo.query_expression import Q
            >>> Q.age.gt_(3).obj
            {'age': {'$gt': 3}}

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/query/gt/
        """
        return self > value

    @overload
    def ge_(self, value: NamedField) -> bool: ...  # type: ignore[overload-overlap]  # no value
    @overload
    def ge_(self: Comparison[Several[T]], value: T | Whole[T]) -> QueryExpression: ...
    @overload
    def ge_(self: Comparison[Reference], value: Referring) -> QueryExpression: ...
    @overload
    def ge_(self, value: V) -> QueryExpression: ...  # type: ignore[misc]  # see V
    def ge_(self, value: Any) -> Any:
        """
        Ask for more or equal, as ``>=`` does.

        Args:
            value: The bound, which matches too.

        Returns:
            An expression; a bool where *value* is a query field.

        Raises:
            BadValueException: The field can hold no such value.
            BadQueryException: The value is a dict of operators.

        Example:
            >>> from ommongo.query_expression import Q
            >>> Q.age.ge_(3).obj
            {'age': {'$gte': 3}}

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/query/gte/
        """
        return self >= value

    @overload
    def in_(
        self: Comparison[Several[T]], *values: T | Iterable[T | Whole[T]]
    ) -> QueryExpression: ...
    @overload
    def in_(
        self: Comparison[Reference], *values: Referring | Iterable[Referring]
    ) -> QueryExpression: ...
    @overload
    def in_(self, *values: V | Iterable[V]) -> QueryExpression: ...
    def in_(self, *values: Any) -> QueryExpression:
        """
        Ask for one of several values.

        Args:
            values: What the field may hold, one by one or in one list, tuple, set or generator;
                without any nothing matches. Where the field holds lists, or lists of lists, one
                list is one value.

        Returns:
            An expression.

        Raises:
            BadValueException: The field can hold no such value.
            BadQueryException: The value is a dict of operators.

        Example:
            >>> from ommongo.query_expression import Q
            >>> Q.age.in_(3, 4).obj
            {'age': {'$in': [3, 4]}}

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/query/in/
        """
        return self._one_of("$in", values)

    @overload
    def nin(
        self: Comparison[Several[T]], *values: T | Iterable[T | Whole[T]]
    ) -> QueryExpression: ...
    @overload
    def nin(
        self: Comparison[Reference], *values: Referring | Iterable[Referring]
    ) -> QueryExpression: ...
    @overload
    def nin(self, *values: V | Iterable[V]) -> QueryExpression: ...
    def nin(self, *values: Any) -> QueryExpression:
        """
        Ask for none of several values; a document without the field matches too.

        Args:
            values: What the field is not to hold, as for `in_`; without any everything matches.

        Returns:
            An expression.

        Raises:
            BadValueException: The field can hold no such value.
            BadQueryException: The value is a dict of operators.

        Example:
            >>> from ommongo.query_expression import Q
            >>> Q.age.nin(3, 4).obj
            {'age': {'$nin': [3, 4]}}

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/query/nin/
        """
        return self._one_of("$nin", values)

    @overload
    def not_in(
        self: Comparison[Several[T]], *values: T | Iterable[T | Whole[T]]
    ) -> QueryExpression: ...
    @overload
    def not_in(
        self: Comparison[Reference], *values: Referring | Iterable[Referring]
    ) -> QueryExpression: ...
    @overload
    def not_in(self, *values: V | Iterable[V]) -> QueryExpression: ...
    @yields_to_subfield
    def not_in(self, *values: Any) -> QueryExpression:
        """
        Ask for none of several values: another name of `nin`.

        Args:
            values: What the field is not to hold.

        Returns:
            An expression.

        Raises:
            BadValueException: The field can hold no such value.
            BadQueryException: The value is a dict of operators.

        Example:
            >>> from ommongo.query_expression import Q
            >>> Q.age.not_in(3, 4).obj
            {'age': {'$nin': [3, 4]}}

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/query/nin/
        """
        return self.nin(*values)
