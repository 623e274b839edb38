"""The operators that Python has signs for: ``==``, ``<`` and their kin."""

from __future__ import annotations

from collections.abc import Callable
from operator import eq, ge, gt, le, lt, ne
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

_new = object.__new__


def _sign(operator: str | None, compare: Callable[[str, str], bool]) -> Callable[..., Any]:
    """
    Make the method of a sign.

    What `expression` does, and `Operand._wrapped` for the usual value, is written out in it: a
    query is made of such conditions, and each function on the way is a fifth of their price.

    Args:
        operator: MongoDB's operator, or ``None`` for equality.
        compare: What the sign does to the names of two query fields.

    Returns:
        The method.
    """

    def condition(self: Operand, value: Any) -> Any:
        is_plain = self._plain_values.get(type(value))
        if is_plain is None or not is_plain(value):
            if isinstance(value, NamedField):
                return compare(self._path, value._path)
            return _unusual(self, operator, self._wrapped(value))
        made = _new(QueryExpression)
        made._name = self._path
        made._held = (operator, value)
        made._final = True
        made._roots = self._roots
        return made

    return condition


def _unusual(field: Operand, operator: str | None, wrapped: Any) -> QueryExpression:
    """Make the condition of a sign with a value that may be anything."""
    if operator is None:
        # Equal means equal: without $eq the server would take such a dict for operators.
        if type(wrapped) is dict and any(map(is_operator_name, wrapped)):
            wrapped = {"$eq": wrapped}
        return expression({field._path: wrapped}, True, field._roots)
    if operator == "$ne" and isinstance(wrapped, PATTERNS):
        operator = "$not"  # the server refuses $ne with a regular expression
    return field._condition(operator, wrapped)


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

    if TYPE_CHECKING:

        @overload  # type: ignore[override]  # an expression instead of a bool
        def __eq__(self, value: NamedField) -> bool: ...  # type: ignore[overload-overlap]  # no value
        @overload
        def __eq__(self: Operators[Several[T]], value: T | Whole[T]) -> QueryExpression: ...
        @overload
        def __eq__(self: Operators[Reference], value: Referring) -> QueryExpression: ...
        @overload
        def __eq__(self, value: V) -> QueryExpression: ...  # type: ignore[misc]  # see V
        def __eq__(self, value: Any) -> Any: ...

        @overload  # type: ignore[override]  # an expression instead of a bool
        def __ne__(self, value: NamedField) -> bool: ...  # type: ignore[overload-overlap]  # no value
        @overload
        def __ne__(self: Operators[Several[T]], value: T | Whole[T]) -> QueryExpression: ...
        @overload
        def __ne__(self: Operators[Reference], value: Referring) -> QueryExpression: ...
        @overload
        def __ne__(self, value: V) -> QueryExpression: ...  # type: ignore[misc]  # see V
        def __ne__(self, value: Any) -> Any: ...

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
        __eq__ = _sign(None, eq)
        __ne__ = _sign("$ne", ne)
        __lt__ = _sign("$lt", lt)
        __le__ = _sign("$lte", le)
        __gt__ = _sign("$gt", gt)
        __ge__ = _sign("$gte", ge)
