"""Tuples: values of any kinds, by their places."""

from __future__ import annotations

from operator import is_
from typing import TYPE_CHECKING, Any, TypeVar, overload

from ommongo import query_expression
from ommongo._spelling import counted
from ommongo.fields._refusal import caught, located
from ommongo.fields._settings import check_item
from ommongo.fields._types import Tuple
from ommongo.fields._written import Name, all_of, is_of_types
from ommongo.fields.base import Field
from ommongo.fields.sequences import SequenceField
from ommongo.query_expression import FREE_TYPE

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ommongo.fields._types import Options, OrNone

__all__ = ["TupleField"]

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")


class TupleField(SequenceField[Tuple]):
    """
    A fixed number of values, each with a field of its own, stored as an array.

    Lists of that size are accepted too. It loads as a tuple.

    Args:
        fields: The fields of the values, in order.
        kwargs: The options of every field, see `Field`.

    Raises:
        BadFieldSpecification: One of *fields* is no field.

    Example:
        >>> from ommongo import IntField, StringField
        >>> TupleField(IntField(), StringField()).wrap((4, "plates"))
        [4, 'plates']

    MongoDB manual:
        https://www.mongodb.com/docs/manual/tutorial/query-arrays/
    """

    _mutable_values = True  # a list, or a value within the tuple

    if TYPE_CHECKING:

        def __set__(self, instance: object, value: Tuple | list[Any]) -> None: ...

    @overload
    def __init__(
        self: TupleField[tuple[A]],
        field_1: Field[A],
        /,
        **options: Unpack[Options[tuple[Any, ...] | list[Any]]],
    ) -> None: ...
    @overload
    def __init__(
        self: TupleField[tuple[A, B]],
        field_1: Field[A],
        field_2: Field[B],
        /,
        **options: Unpack[Options[tuple[Any, ...] | list[Any]]],
    ) -> None: ...
    @overload
    def __init__(
        self: TupleField[tuple[A, B, C]],
        field_1: Field[A],
        field_2: Field[B],
        field_3: Field[C],
        /,
        **options: Unpack[Options[tuple[Any, ...] | list[Any]]],
    ) -> None: ...
    @overload
    def __init__(
        self: TupleField[tuple[A, B, C, D]],
        field_1: Field[A],
        field_2: Field[B],
        field_3: Field[C],
        field_4: Field[D],
        /,
        **options: Unpack[Options[tuple[Any, ...] | list[Any]]],
    ) -> None: ...
    @overload
    def __init__(
        self: TupleField[tuple[Any, ...]],
        *fields: Field[Any],
        **options: Unpack[Options[tuple[Any, ...] | list[Any]]],
    ) -> None: ...
    @overload
    def __init__(
        self: TupleField[tuple[A] | None],
        field_1: Field[A],
        /,
        **options: Unpack[OrNone[tuple[Any, ...] | list[Any]]],
    ) -> None: ...
    @overload
    def __init__(
        self: TupleField[tuple[A, B] | None],
        field_1: Field[A],
        field_2: Field[B],
        /,
        **options: Unpack[OrNone[tuple[Any, ...] | list[Any]]],
    ) -> None: ...
    @overload
    def __init__(
        self: TupleField[tuple[A, B, C] | None],
        field_1: Field[A],
        field_2: Field[B],
        field_3: Field[C],
        /,
        **options: Unpack[OrNone[tuple[Any, ...] | list[Any]]],
    ) -> None: ...
    @overload
    def __init__(
        self: TupleField[tuple[A, B, C, D] | None],
        field_1: Field[A],
        field_2: Field[B],
        field_3: Field[C],
        field_4: Field[D],
        /,
        **options: Unpack[OrNone[tuple[Any, ...] | list[Any]]],
    ) -> None: ...
    @overload
    def __init__(
        self: TupleField[tuple[Any, ...] | None],
        *fields: Field[Any],
        **options: Unpack[OrNone[tuple[Any, ...] | list[Any]]],
    ) -> None: ...
    def __init__(self, *fields: Field[Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for field in fields:
            check_item(field, f"{type(self).__name__}: one of its fields")
        self.types = fields
        self._fixed_size = len(fields)

    def schema_json(self) -> dict[str, Any]:
        """
        Describe this field.

        Returns:
            The settings of every field, and ``types``, a list of the schemas of its fields.
        """
        return {**super().schema_json(), "types": [field.schema_json() for field in self.types]}

    def _inner_fields(self) -> tuple[Field[Any], ...]:
        return self.types

    def _part(self, name: str, stored: bool) -> tuple[str, Any] | None:
        if name.isdecimal():
            return (name, self.types[int(name)]) if int(name) < len(self.types) else None
        if query_expression.is_position(name):
            return name, FREE_TYPE
        found = (field._part(name, stored) for field in self.types)
        return next((part for part in found if part is not None), None)

    def _given_source(self, value: str, name: Name) -> str:
        parts = [f._given_test(f"{value}[{i}]", name) for i, f in enumerate(self.types)]
        if not all(parts) or any(field._has_validators for field in self.types):
            return ""  # those of the first would be asked again, if the last is not usual
        whole = is_of_types(value, (tuple, list), name)
        return all_of(whole, f"len({value}) == {len(parts)}", *parts)

    def _check(self, value: Any) -> None:
        if not isinstance(value, (tuple, list)):
            self._fail_validation_type(value, tuple, list)
        if len(value) != len(self.types):
            self._fail_validation(
                value,
                f"takes a tuple or list of {counted(len(self.types), 'value')}, and got a "
                f"{type(value).__name__} of {len(value)}. Give one for each of its fields.",
            )

    def _check_stored(self, value: Any) -> None:
        self._check(value)

    def _with_references(self, value: Any, holder: Any = None) -> Any:
        if not isinstance(value, (tuple, list)) or len(value) != len(self.types):
            return value
        parts = self._each(value, "_with_references", holder)
        return value if all(map(is_, value, parts)) else tuple(parts)

    def _each(self, value: Any, action: str, *args: Any) -> list[Any]:
        done: list[Any] = []
        item: Any = None
        try:
            for field, item in zip(self.types, value, strict=True):
                done.append(getattr(field, action)(item, *args))
        except caught(action) as error:
            raise located(error, f"{self._name}[{len(done)}]", item) from error
        return done

    def _unwrap_parts(self, value: Any, session: Any) -> Any:
        return tuple(super()._unwrap_parts(value, session))
