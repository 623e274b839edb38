"""Sets."""

from __future__ import annotations

from types import GeneratorType
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from ommongo.exceptions import BadValueException
from ommongo.fields._hashing import UNHASHABLE, hashable, loads_hashable
from ommongo.fields._order import in_stable_order
from ommongo.fields._signatures import also_named
from ommongo.fields._types import Item, Rel, Set
from ommongo.fields._written import Name, PartTests, all_of, is_of_types, is_within
from ommongo.fields.base import Field
from ommongo.fields.sequences import ItemsField

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ommongo.fields._reference import ReferenceField
    from ommongo.fields._types import Options, OrNone

__all__ = ["SetField"]

T = TypeVar("T")
R = TypeVar("R")


class SetField(ItemsField[Set, Rel], Generic[Item, Set, Rel]):
    """
    A set, stored as an array in an order that depends on the items alone.

    Frozen sets are accepted too. It loads as a set.

    Args:
        item_field: The field of the items, whose Python values must be hashable. Where they may be
            anything, an array is loaded as a tuple.
        min_capacity: The fewest items that a value may have.
        max_capacity: The most.
        default_empty: Whether an unset field reads as a new empty set.
        kwargs: The options of every field, see `Field`.

    Raises:
        BadFieldSpecification: *item_field* is no field.
        InvalidConfigException: *default_empty* and another default are both given, or a capacity
            is no int.

    Example:
        >>> from ommongo import StringField
        >>> SetField(StringField()).wrap({"b", "a"})
        ['a', 'b']

    MongoDB manual:
        https://www.mongodb.com/docs/manual/tutorial/query-arrays/
    """

    _own_type = set
    _accepted = (set, frozenset)
    _accepted_in_queries = (set, frozenset, list, tuple, GeneratorType)
    _plain_values = ItemsField._values_of_items

    if TYPE_CHECKING:

        def __set__(self, instance: object, value: Set | frozenset[Item]) -> None: ...

    @overload
    def __init__(
        self: SetField[T, set[T], list[R]],
        item_field: ReferenceField[R, T],
        min_capacity: int | None = None,
        max_capacity: int | None = None,
        default_empty: bool = False,
        **options: Unpack[Options[set[Any] | frozenset[Any]]],
    ) -> None: ...
    @overload
    def __init__(
        self: SetField[T, set[T]],
        item_field: Field[T],
        min_capacity: int | None = None,
        max_capacity: int | None = None,
        default_empty: bool = False,
        **options: Unpack[Options[set[Any] | frozenset[Any]]],
    ) -> None: ...
    @overload
    def __init__(
        self: SetField[T, set[T] | None, list[R] | None],
        item_field: ReferenceField[R, T],
        min_capacity: int | None = None,
        max_capacity: int | None = None,
        default_empty: bool = False,
        **options: Unpack[OrNone[set[Any] | frozenset[Any]]],
    ) -> None: ...
    @overload
    def __init__(
        self: SetField[T, set[T] | None],
        item_field: Field[T],
        min_capacity: int | None = None,
        max_capacity: int | None = None,
        default_empty: bool = False,
        **options: Unpack[OrNone[set[Any] | frozenset[Any]]],
    ) -> None: ...
    @also_named(item_field="item_type")
    def __init__(
        self,
        item_field: Field[Any],
        min_capacity: int | None = None,
        max_capacity: int | None = None,
        default_empty: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(item_field, min_capacity, max_capacity, default_empty, **kwargs)

    def _given_parts(self, value: str, name: Name) -> PartTests | None:
        if self.item_field._mutable_values:
            return None  # they may be hashable now, and not when they are loaded
        return self._parts_of(set, value, name)

    def _loaded_parts(self, value: str, name: Name) -> PartTests | None:
        if self.item_field._mutable_values:
            return None
        return self._parts_of(list, value, name)

    def _parts_of(self, kind: type, value: str, name: Name) -> PartTests:
        size = is_within(f"len({value})", self.min_capacity, self.max_capacity, name)
        test = all_of(is_of_types(value, (kind,), name), size)
        return PartTests(test, f"x in {value}", self.item_field, result=f"{name(set)}({value})")

    def _validate_parts(self, value: Any) -> None:
        super()._validate_parts(value)
        if self.item_field._mutable_values:
            self._wrap_parts(value)

    def _wrap_parts(self, value: Any, action: str = "wrap") -> Any:
        items = super()._wrap_parts(value, action)
        if action == "wrap" and self.item_field._mutable_values:
            for item in items:
                self._check_item(item, f"{self._name}[]")
        ordered = in_stable_order(items)
        if action == "wrap" and len(ordered) < len(value):  # some of them are stored alike
            self._check_capacity(ordered)
        return ordered

    def _check_item(self, stored: Any, path: str) -> None:
        if not loads_hashable(self.item_field, stored, hashable):
            raise BadValueException(path, stored, UNHASHABLE)

    def _unwrap_parts(self, value: Any, session: Any) -> Any:
        items = super()._unwrap_parts(value, session)
        if self.item_field._mutable_values:
            items = [hashable(item) for item in items]
        try:
            return set(items)
        except TypeError as error:
            self._fail_validation(
                value,
                "holds a list with an item that Python cannot hash, so it makes no set. Declare "
                "the field as a ListField().",
                error,
            )

    def _place(self, value: Any, index: int) -> str:
        # The items of a set have no index that its owner would know.
        return (
            f"{self._name}[]" if isinstance(value, self._accepted) else super()._place(value, index)
        )

    def _as_own(self, value: Any) -> Any:
        try:
            return super()._as_own(value)
        except TypeError:
            return value
