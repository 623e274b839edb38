"""Comparison query operators: ``$eq``, ``$gt``, ``$in`` and their kin."""

from __future__ import annotations

from typing import Any, overload

from ommongo.query_expression._conditions import PATTERNS, is_operator_name
from ommongo.query_expression._names import NamedField
from ommongo.query_expression._operand import Operand, yields_to_subfield
from ommongo.query_expression.logical import QueryExpression, expression

__all__ = ["Comparison"]


class Comparison(Operand):
    """
    The operators that compare a field with values.

    Two query fields are compared by their names, which gives a bool; anything else is wrapped by
    the field and gives a `QueryExpression`.

    MongoDB manual:
        https://www.mongodb.com/docs/manual/reference/operator/query-comparison/
    """

    __slots__ = ()

    __hash__ = NamedField.__hash__

    @overload  # type: ignore[override]  # an expression instead of a bool
    def __eq__(self, value: NamedField) -> bool: ...
    @overload
    def __eq__(self, value: Any) -> QueryExpression: ...
    def __eq__(self, value: Any) -> Any:
        if isinstance(value, NamedField):
            return self._path == value._path
        wrapped = self._wrapped(value)
        # Equal means equal: without $eq the server would take such a dict for operators.
        if type(wrapped) is dict and any(map(is_operator_name, wrapped)):
            wrapped = {"$eq": wrapped}
        return expression({self._path: wrapped}, True, self._roots)

    @overload  # type: ignore[override]  # an expression instead of a bool
    def __ne__(self, value: NamedField) -> bool: ...
    @overload
    def __ne__(self, value: Any) -> QueryExpression: ...
    def __ne__(self, value: Any) -> Any:
        if isinstance(value, NamedField):
            return self._path != value._path
        wrapped = self._wrapped(value)
        # The server refuses $ne with a regular expression.
        return self._condition("$not" if isinstance(wrapped, PATTERNS) else "$ne", wrapped)

    @overload
    def __lt__(self, value: NamedField) -> bool: ...
    @overload
    def __lt__(self, value: Any) -> QueryExpression: ...
    def __lt__(self, value: Any) -> Any:
        if isinstance(value, NamedField):
            return self._path < value._path
        return expression({self._path: {"$lt": self._wrapped(value)}}, True, self._roots)

    @overload
    def __le__(self, value: NamedField) -> bool: ...
    @overload
    def __le__(self, value: Any) -> QueryExpression: ...
    def __le__(self, value: Any) -> Any:
        if isinstance(value, NamedField):
            return self._path <= value._path
        return expression({self._path: {"$lte": self._wrapped(value)}}, True, self._roots)

    @overload
    def __gt__(self, value: NamedField) -> bool: ...
    @overload
    def __gt__(self, value: Any) -> QueryExpression: ...
    def __gt__(self, value: Any) -> Any:
        if isinstance(value, NamedField):
            return self._path > value._path
        return expression({self._path: {"$gt": self._wrapped(value)}}, True, self._roots)

    @overload
    def __ge__(self, value: NamedField) -> bool: ...
    @overload
    def __ge__(self, value: Any) -> QueryExpression: ...
    def __ge__(self, value: Any) -> Any:
        if isinstance(value, NamedField):
            return self._path >= value._path
        return expression({self._path: {"$gte": self._wrapped(value)}}, True, self._roots)

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
        return expression({self._path: {"$in": self._each(values)}}, True, self._roots)

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
        return self._condition("$nin", self._each(values))

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
