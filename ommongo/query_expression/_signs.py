"""The operators that Python has signs for: ``==``, ``<`` and their kin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from ommongo.query_expression._conditions import PATTERNS, is_operator_name
from ommongo.query_expression._names import NamedField
from ommongo.query_expression._operand import Operand
from ommongo.query_expression._types import V
from ommongo.query_expression.logical import QueryExpression, expression

if TYPE_CHECKING:
    from ommongo.query_expression._types import Reference, Referring, Several, Whole

__all__ = ["Operators"]

T = TypeVar("T")


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
        if isinstance(value, NamedField):
            return self._path == value._path
        wrapped = self._wrapped(value)
        # Equal means equal: without $eq the server would take such a dict for operators.
        if type(wrapped) is dict and any(map(is_operator_name, wrapped)):
            wrapped = {"$eq": wrapped}
        return expression({self._path: wrapped}, True, self._roots)

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

    @overload
    def __lt__(self, value: NamedField) -> bool: ...  # type: ignore[overload-overlap]  # no value
    @overload
    def __lt__(self: Operators[Several[T]], value: T | Whole[T]) -> QueryExpression: ...
    @overload
    def __lt__(self: Operators[Reference], value: Referring) -> QueryExpression: ...
    @overload
    def __lt__(self, value: V) -> QueryExpression: ...  # type: ignore[misc]  # see V
    def __lt__(self, value: Any) -> Any:
        if isinstance(value, NamedField):
            return self._path < value._path
        return expression({self._path: {"$lt": self._wrapped(value)}}, True, self._roots)

    @overload
    def __le__(self, value: NamedField) -> bool: ...  # type: ignore[overload-overlap]  # no value
    @overload
    def __le__(self: Operators[Several[T]], value: T | Whole[T]) -> QueryExpression: ...
    @overload
    def __le__(self: Operators[Reference], value: Referring) -> QueryExpression: ...
    @overload
    def __le__(self, value: V) -> QueryExpression: ...  # type: ignore[misc]  # see V
    def __le__(self, value: Any) -> Any:
        if isinstance(value, NamedField):
            return self._path <= value._path
        return expression({self._path: {"$lte": self._wrapped(value)}}, True, self._roots)

    @overload
    def __gt__(self, value: NamedField) -> bool: ...  # type: ignore[overload-overlap]  # no value
    @overload
    def __gt__(self: Operators[Several[T]], value: T | Whole[T]) -> QueryExpression: ...
    @overload
    def __gt__(self: Operators[Reference], value: Referring) -> QueryExpression: ...
    @overload
    def __gt__(self, value: V) -> QueryExpression: ...  # type: ignore[misc]  # see V
    def __gt__(self, value: Any) -> Any:
        if isinstance(value, NamedField):
            return self._path > value._path
        return expression({self._path: {"$gt": self._wrapped(value)}}, True, self._roots)

    @overload
    def __ge__(self, value: NamedField) -> bool: ...  # type: ignore[overload-overlap]  # no value
    @overload
    def __ge__(self: Operators[Several[T]], value: T | Whole[T]) -> QueryExpression: ...
    @overload
    def __ge__(self: Operators[Reference], value: Referring) -> QueryExpression: ...
    @overload
    def __ge__(self, value: V) -> QueryExpression: ...  # type: ignore[misc]  # see V
    def __ge__(self, value: Any) -> Any:
        if isinstance(value, NamedField):
            return self._path >= value._path
        return expression({self._path: {"$gte": self._wrapped(value)}}, True, self._roots)
