"""What every operator of a query field builds on."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MethodType
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from ommongo.exceptions import BadQueryException, BadValueException
from ommongo.query_expression._conditions import PATTERNS
from ommongo.query_expression._names import ATOMS, NamedField
from ommongo.query_expression.logical import QueryExpression, expression

if TYPE_CHECKING:
    from typing import Concatenate

    from typing_extensions import Self

    from ommongo.query_expression._types import Yielding

__all__ = ["Operand", "is_number", "several", "yields_for_checkers", "yields_to_subfield"]

F = TypeVar("F", bound=Callable[..., Any])
P = ParamSpec("P")
R = TypeVar("R")


_new = object.__new__

_COLLECTIONS = frozenset({list, tuple, set, frozenset})


class Operand(NamedField):
    """The left side of a condition: what the operators need of a query field."""

    __slots__ = ("_projection",)

    _projection: Any
    # A test, by type, that tells of a value that its stored form is the value itself.
    _plain_values: Mapping[type, Callable[[Any], object]]

    @abstractmethod
    def _wrapped(self, value: Any) -> Any:
        """Give a value in its stored form, the expression's own, or say where it was refused."""

    @abstractmethod
    def _literal(self, value: Any) -> Any:
        """Give the same, also of a value that the server might obey: to be put below ``$eq``."""

    @abstractmethod
    def _at(self, position: str) -> Self:
        """Give the field of the items at a position (``$``, ``$[]``) in this array."""

    @abstractmethod
    def _projected(self, projection: Any) -> Self:
        """Give this field with another projection."""

    @abstractmethod
    def _yield_to_subfield(self, name: str, operator: Callable[..., Any]) -> Any:
        """Give the sub-field of that name where there is one, else the operator."""

    def _condition(self, operator: str, argument: Any) -> QueryExpression:
        """Make the expression ``{name: {operator: argument}}``; the argument is its own."""
        return expression({self._path: {operator: argument}}, True, self._roots)

    def _one_of(self, operator: str, values: tuple[Any, ...]) -> QueryExpression:
        """Make the expression ``{name: {operator: [value, …]}}``; the values may come as one."""
        if len(values) == 1 and type(values[0]) not in ATOMS:
            values = several(self.get_type(), values)
        for value in values:
            is_plain = self._plain_values.get(type(value))
            if is_plain is None or not is_plain(value):
                return self._condition(operator, self._each(values))
        made = _new(QueryExpression)
        made._name = self._path
        made._held = (operator, [*values])
        made._final = True
        made._roots = self._roots
        return made

    def _each(self, values: tuple[Any, ...]) -> list[Any]:
        """Give several values in their stored form."""
        try:
            return [self._wrapped(value) for value in values]
        except BadValueException as error:
            if isinstance(error.value, (list, tuple, set, frozenset)):
                raise BadValueException(
                    error.name,
                    error.value,
                    f"{error.reason} Pass several values one by one, or all of them in one list.",
                ) from error
            raise

    def _obeyed(self, value: Any) -> BadQueryException:
        """Make the error for a value that the server would obey."""
        if isinstance(value, PATTERNS):
            return BadQueryException(
                f"{self._path} is compared with a pattern, and a comparison takes values. Use "
                f"regex(), or put it below $eq in a dict for filter() if it is a value.",
                value=value,
            )
        return BadQueryException(
            f"{self._path} is compared with a dict that has a key which begins with '$', and a "
            f"comparison takes values. Operators are written as a dict for filter(): "
            f"filter({{{self._path!r}: {{'$gt': ...}}}}). A value goes below $eq there.",
            value=value,
        )

    def _bad_argument(self, operator: str, wanted: str, value: Any) -> BadQueryException:
        """Make the error for an argument that no field would take."""
        return BadQueryException(
            f"{self._path}.{operator} takes {wanted}, not {type(value).__name__}.", value=value
        )


class _Yielding:
    """The descriptor behind `yields_to_subfield`."""

    def __init__(self, method: Callable[..., Any]) -> None:
        self.method = method
        self.__doc__ = method.__doc__

    def __get__(self, instance: Operand | None, owner: type[Any]) -> Any:
        if instance is None:
            return self.method
        return instance._yield_to_subfield(self.method.__name__, MethodType(self.method, instance))


def yields_to_subfield(method: F) -> F:
    """
    Let a sub-field of the same name win over this operator.

    For operators that joined the API when applications already had embedded documents with fields
    of that name (``size``). Where the name is taken, ``QueryField.size(Order.items, 3)`` still
    reaches the operator.

    Args:
        method: The operator.

    Returns:
        The operator, for the class body.
    """
    return cast("F", _Yielding(method))


def yields_for_checkers(method: Callable[Concatenate[Any, P], R]) -> Yielding[P, R]:
    """
    Let checkers, too, take a name that embedded documents may well have for their field.

    Args:
        method: The operator, from `yields_to_subfield`.

    Returns:
        The same.
    """
    return cast("Yielding[P, R]", method)


def is_number(value: Any, *kinds: type) -> bool:
    """
    Tell whether a value is a number of some kind; ``True`` and ``False`` are none.

    Args:
        value: The value.
        kinds: The types that count.

    Returns:
        Whether it is one of them.
    """
    return isinstance(value, kinds) and not isinstance(value, bool)


def several(field: Any, values: tuple[Any, ...]) -> tuple[Any, ...]:
    """
    Give the values that were passed one by one, or all of them in one list.

    Args:
        field: The field that they are for; of an array they are items.
        values: What was passed.

    Returns:
        The values. One list, tuple or set stays one value where the field, or an item, can be such.
    """
    if len(values) != 1:
        return values
    [value] = values
    item = field.item_field if field.is_sequence_field else field
    if type(value) in _COLLECTIONS and item._refuses_lists:  # nearly always, and quickly told
        return tuple(value)
    if isinstance(value, (str, bytes, bytearray, Mapping)) or not isinstance(value, Iterable):
        return values
    if isinstance(value, Iterator):
        return tuple(value)
    if item._is_verbatim:  # anything that BSON can store
        is_one = isinstance(value, (list, tuple))
    else:
        is_one = item.is_sequence_field or item.is_valid_wrap(value)
    return values if is_one else tuple(value)
