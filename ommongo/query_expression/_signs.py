"""The operators that Python has signs for: ``==``, ``<`` and their kin."""

from __future__ import annotations

from collections.abc import Callable
from operator import ge, gt, le, lt
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from ommongo.query_expression._conditions import PATTERNS, is_operator_name
from ommongo.query_expression._names import NamedField
from ommongo.query_expression._operand import Operand
from ommongo.query_expression._types import V
from ommongo.query_expression.logical import QueryExpression

if TYPE_CHECKING:
    from ommongo.query_expression._types import Reference, Referring, Several, Whole

__all__ = ["Operators"]

T = TypeVar("T")


_new = object.__new__


def _ordering(operator: str, compare: Callable[[str, str], bool]) -> Callable[..., Any]:
    """
    Make the method of a sign that asks for order.

    What `expression` does, and `Operand._wrapped` for the usual value, is written out in it: a
    query is made of such conditions, and each function on the way is a fifth of their price.

    Args:
        operator: MongoDB's operator.
        compare: What the sign does to the names of two query fields.

    Returns:
        The method.
    """

    def condition(self: Operand, value: Any) -> Any:
        is_plain = self._plain_values.get(type(value))
        if is_plain is None or not is_plain(value):
            if isinstance(value, NamedField):
                return compare(self._path, value._path)
            value = self._wrapped(value)
        made = _new(QueryExpression)
        made._query = {self._path: {operator: value}}
        made._final = True
        made._roots = self._roots
        return made

    return condition


class Operators(Operand, Generic[V]):
    """
    The operators that compare a field with a value, by their signs.

    Two query fields are compared by their names, which gives a bool; anything else is wrapped by
    the field and gives a `QueryExpression`. What a field is compared with is checked by its type:
    a value, for a list an item too, for a reference whatever leads there.
    """

    __slots__ = ()

    def __hash__(self) -> int:  # that of NamedField, which a class with its own == loses
        return hash((NamedField, self._path))

    @overload  # type: ignore[override]  # an expression instead of a bool
    def __eq__(self, value: NamedField) -> bool: ...  # type: ignore[overload-overlap]  # no value
    @overload
    def __eq__(self: Operators[Several[T]], value: T | Whole[T]) -> QueryExpression: ...
    @overload
    def __eq__(self: Operators[Reference], value: Referring) -> QueryExpression: ...
    @overload
    def __eq__(self, value: V) -> QueryExpression: ...  # type: ignore[misc]  # see V
    def __eq__(self, value: Any) -> Any:
        is_plain = self._plain_values.get(type(value))
        if is_plain is None or not is_plain(value):
            if isinstance(value, NamedField):
                return self._path == value._path
            value = self._wrapped(value)
            # Equal means equal: without $eq the server would take such a dict for operators.
            if type(value) is dict and any(map(is_operator_name, value)):
                value = {"$eq": value}
        made = _new(QueryExpression)
        made._query = {self._path: value}
        made._final = True
        made._roots = self._roots
        return made

    @overload  # type: ignore[override]  # an expression instead of a bool
    def __ne__(self, value: NamedField) -> bool: ...  # type: ignore[overload-overlap]  # no value
    @overload
    def __ne__(self: Operators[Several[T]], value: T | Whole[T]) -> QueryExpression: ...
    @overload
    def __ne__(self: Operators[Reference], value: Referring) -> QueryExpression: ...
    @overload
    def __ne__(self, value: V) -> QueryExpression: ...  # type: ignore[misc]  # see V
    def __ne__(self, value: Any) -> Any:
        if isinstance(value, NamedField):
            return self._path != value._path
        wrapped = self._wrapped(value)
        # The server refuses $ne with a regular expression.
        return self._condition("$not" if isinstance(wrapped, PATTERNS) else "$ne", wrapped)

    if TYPE_CHECKING:

        @overload
        def __lt__(self, value: NamedField) -> bool: ...  # type: ignore[overload-overlap]  # no value
        @overload
        def __lt__(self: Operators[Several[T]], value: T | Whole[T]) -> QueryExpression: ...
        @overload
        def __lt__(self: Operators[Reference], value: Referring) -> QueryExpression: ...
        @overload
        def __lt__(self, value: V) -> QueryExpression: ...  # type: ignore[misc]  # see V
        def __lt__(self, value: Any) -> Any: ...

        @overload
        def __le__(self, value: NamedField) -> bool: ...  # type: ignore[overload-overlap]  # no value
        @overload
        def __le__(self: Operators[Several[T]], value: T | Whole[T]) -> QueryExpression: ...
        @overload
        def __le__(self: Operators[Reference], value: Referring) -> QueryExpression: ...
        @overload
        def __le__(self, value: V) -> QueryExpression: ...  # type: ignore[misc]  # see V
        def __le__(self, value: Any) -> Any: ...

        @overload
        def __gt__(self, value: NamedField) -> bool: ...  # type: ignore[overload-overlap]  # no value
        @overload
        def __gt__(self: Operators[Several[T]], value: T | Whole[T]) -> QueryExpression: ...
        @overload
        def __gt__(self: Operators[Reference], value: Referring) -> QueryExpression: ...
        @overload
        def __gt__(self, value: V) -> QueryExpression: ...  # type: ignore[misc]  # see V
        def __gt__(self, value: Any) -> Any: ...

        @overload
        def __ge__(self, value: NamedField) -> bool: ...  # type: ignore[overload-overlap]  # no value
        @overload
        def __ge__(self: Operators[Several[T]], value: T | Whole[T]) -> QueryExpression: ...
        @overload
        def __ge__(self: Operators[Reference], value: Referring) -> QueryExpression: ...
        @overload
        def __ge__(self, value: V) -> QueryExpression: ...  # type: ignore[misc]  # see V
        def __ge__(self, value: Any) -> Any: ...

    else:
        __lt__ = _ordering("$lt", lt)
        __le__ = _ordering("$lte", le)
        __gt__ = _ordering("$gt", gt)
        __ge__ = _ordering("$gte", ge)
