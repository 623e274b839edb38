"""Any number of items of one kind, and lists."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from operator import is_
from types import GeneratorType
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from bson.int64 import Int64

from ommongo import query_expression
from ommongo._spelling import an, counted
from ommongo.exceptions import BadValueException
from ommongo.fields._compound import CompoundField
from ommongo.fields._refusal import caught, located
from ommongo.fields._settings import check_bounds, check_item, check_order, with_empty_default
from ommongo.fields._signatures import also_named
from ommongo.fields._types import Item, List, Rel, V
from ommongo.fields._written import Name, PartTests, all_of, is_of_types, is_within
from ommongo.fields.base import SCALAR_MODIFIERS, Field

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ommongo.fields._reference import ReferenceField
    from ommongo.fields._types import Options, OrNone
    from ommongo.fields.proxies import ListProxy

__all__ = ["LIST_MODIFIERS", "ItemsField", "ListField", "SequenceField"]

T = TypeVar("T")
R = TypeVar("R")

LIST_MODIFIERS = SCALAR_MODIFIERS | {
    "$push",
    "$addToSet",
    "$pull",
    "$pushAll",
    "$pullAll",
    "$pop",
}
"""The update operators of arrays."""

# What marshal can pack: see `ommongo._tracking.packed`. A list of these is packed when it is
# loaded, so that reading it need not keep what is stored.
_PACKED = frozenset({str, int, Int64, float, bool, type(None)})


class SequenceField(CompoundField[V]):
    """
    A value that is stored as an array: the abstract base of lists, sets and tuples.

    Args:
        kwargs: The options of every field, see `Field`.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)

    def child_type(self) -> Field[Any] | None:
        """Give the field of the items; ``None`` where each has a field of its own."""
        return getattr(self, "item_field", None)


class ItemsField(SequenceField[V], Generic[V, Rel]):
    """
    Any number of items of one kind, stored as an array; what `ListField` and `SetField` share.

    Args:
        item_field: The field of the items.
        min_capacity: The fewest items that a value may have.
        max_capacity: The most.
        default_empty: Whether an unset field reads as a new empty value.
        kwargs: The options of every field, see `Field`.

    Raises:
        BadFieldSpecification: *item_field* is no field.
        InvalidConfigException: *default_empty* and another default are both given, or a capacity
            is no int.
    """

    valid_modifiers = LIST_MODIFIERS
    is_sequence_field = True
    _mutable_values = True

    # The Python type of a value, the types that are taken as one, and those that a query takes.
    _own_type: type = list
    _accepted: tuple[type, ...] = ()
    _accepted_stored: tuple[type, ...] = (list,)
    _accepted_in_queries: tuple[type, ...] = ()

    @also_named(item_field="item_type")
    def __init__(
        self,
        item_field: Field[Any],
        min_capacity: int | None = None,
        max_capacity: int | None = None,
        default_empty: bool = False,
        **kwargs: Any,
    ) -> None:
        owner = type(self).__name__
        check_item(item_field, f"{owner}: item_field")
        check_bounds(owner, int, min_capacity=min_capacity, max_capacity=max_capacity)
        check_order(owner, ("min_capacity", min_capacity), ("max_capacity", max_capacity))
        super().__init__(**with_empty_default(owner, default_empty, self._own_type, kwargs))
        self.item_field: Field[Any] = item_field
        self.item_type: Field[Any] = item_field
        self._has_keys = item_field._has_keys
        self.min_capacity: int | None = min_capacity
        self.max_capacity: int | None = max_capacity
        self.min: int | None = min_capacity
        self.max: int | None = max_capacity
        self.default_empty = default_empty

    @property
    def has_subfields(self) -> bool:
        """Whether the items have fields, which are reached through this one."""
        return self.item_field.has_subfields

    def subfields(self) -> Any:
        """Give the fields of the items by Python name."""
        return self.item_field.subfields()

    def _part(self, name: str, stored: bool) -> tuple[str, Any] | None:
        if query_expression.is_position(name):
            return name, self.item_field
        return self.item_field._part(name, stored)

    def schema_json(self) -> dict[str, Any]:
        """
        Describe this field.

        Returns:
            The settings of every field, ``item_type`` (the schema of the item field),
            ``min_capacity``, ``max_capacity`` and ``default_empty``.
        """
        return {
            **super().schema_json(),
            "item_type": self.item_field.schema_json(),
            "min_capacity": self.min_capacity,
            "max_capacity": self.max_capacity,
            "default_empty": self.default_empty,
        }

    @overload
    def rel(self, *, ignore_missing: bool = ...) -> ListProxy[Rel]: ...
    @overload
    def rel(
        self: ItemsField[list[Any] | set[Any], Any], target: type[T], *, ignore_missing: bool = ...
    ) -> ListProxy[list[T]]: ...
    @overload
    def rel(self, target: type[T], *, ignore_missing: bool = ...) -> ListProxy[list[T] | None]: ...
    def rel(self, target: Any = None, ignore_missing: bool = False) -> ListProxy[Any]:
        """
        Make an attribute that follows the references in this field.

        Reading it gives a list of the objects, loaded in one query for each collection.

        Args:
            target: The class that is referred to, for type checkers, where the items have its name
                alone or no class.
            ignore_missing: Whether to leave out references that lead nowhere.

        Returns:
            The attribute, for the class body.

        Example:
            >>> from ommongo import Document, SRefField
            >>> class Team(Document):
            ...     member_ids = ListField(SRefField("Player"))
            ...     members = member_ids.rel()
        """
        if isinstance(target, bool):  # as it could always be given
            target, ignore_missing = None, target
        from ommongo.fields.proxies import ListProxy, check_target  # few lists hold references

        check_target(self.item_field, target)
        return ListProxy(self, ignore_missing=ignore_missing)

    def _inner_fields(self) -> tuple[Field[Any], ...]:
        return (self.item_field,)

    def _check(self, value: Any) -> None:
        if not isinstance(value, self._accepted):
            self._fail_validation_type(value, *self._accepted)
        if not isinstance(value, GeneratorType):
            self._check_capacity(value)

    def _check_stored(self, value: Any) -> None:
        if not isinstance(value, self._accepted_stored):
            self._fail_validation_type(value, *self._accepted_stored)
        self._check_capacity(value)

    def _check_capacity(self, value: Any) -> None:
        kind = type(value).__name__
        if self.min_capacity is not None and len(value) < self.min_capacity:
            self._fail_validation(
                value,
                f"takes {an(kind)} of at least {counted(self.min_capacity, 'item')}, not of "
                f"{len(value)}. Give more, or lower min_capacity.",
            )
        if self.max_capacity is not None and len(value) > self.max_capacity:
            self._fail_validation(
                value,
                f"takes {an(kind)} of at most {counted(self.max_capacity, 'item')}, not of "
                f"{len(value)}. Give fewer, or raise max_capacity.",
            )

    def _each(self, value: Any, action: str, *args: Any) -> list[Any]:
        apply = getattr(self.item_field, action)
        done: list[Any] = []
        item: Any = None
        try:
            for item in value:
                done.append(apply(item, *args))
        except caught(action) as error:
            raise located(error, self._place(value, len(done)), item) from error
        return done

    def _with_references(self, value: Any, holder: Any = None) -> Any:
        if not isinstance(value, (list, tuple, set, frozenset)):
            return value
        items = self._each(value, "_with_references", holder)
        return value if all(map(is_, value, items)) else self._own_type(items)

    def _check_item(self, stored: Any, path: str) -> None:
        """Refuse what the field of the items takes, and what is no item all the same."""

    def _place(self, value: Any, index: int) -> str:
        """Give the path of one item."""
        return f"{self._name}[{index}]"

    def wrap_value(self, value: Any) -> Any:
        """
        Turn a value into what a query compares with.

        Args:
            value: A whole sequence (the stored one equals it) or an item (it contains that). What
                could be either is taken as a whole sequence.

        Returns:
            The BSON-ready value.

        Raises:
            BadValueException: The value fits neither.
        """
        if value is None and self._allow_none:
            return None
        if not isinstance(value, self._accepted_in_queries):
            return self._wrap_item(value)
        value = self._kept(value)
        try:
            return self.wrap(self._as_own(value))
        except BadValueException as refusal:
            try:
                return self._wrap_item(value)
            except BadValueException:
                raise refusal from None

    @property
    def _is_free(self) -> bool:
        return super()._is_free and self.min_capacity is None and self.max_capacity is None

    def _values_of_items(self) -> Mapping[type, Callable[[Any], object]]:
        """Give what `Field._plain_values` does: a query compares with items one by one."""
        item = self.item_field
        return {} if item.is_sequence_field else item._plain_values()

    def _as_own(self, value: Any) -> Any:
        """Give a sequence from a query as one that this field accepts."""
        return value if isinstance(value, self._accepted) else self._own_type(value)

    def _wrap_item(self, value: Any) -> Any:
        """Wrap one item for a query."""
        item = self.item_field
        try:
            # An array within an array matches as a whole only, not by its items.
            return item.wrap(value) if item.is_sequence_field else item.wrap_value(value)
        except BadValueException as error:
            raise error.within(self._name) from error


class ListField(ItemsField[List, Rel], Generic[Item, List, Rel]):
    """
    A list.

    Tuples are accepted too, and generators, which become a list at once. It loads as a list.

    Args:
        item_field: The field of the items.
        min_capacity: The fewest items that a value may have.
        max_capacity: The most.
        default_empty: Whether an unset field reads as a new empty list.
        kwargs: The options of every field, see `Field`.

    Raises:
        BadFieldSpecification: *item_field* is no field.
        InvalidConfigException: *default_empty* and another default are both given, or a capacity
            is no int.

    Example:
        >>> from ommongo import IntField
        >>> ListField(IntField()).wrap((1, 2))
        [1, 2]

    MongoDB manual:
        https://www.mongodb.com/docs/manual/tutorial/query-arrays/
    """

    _accepted = _accepted_in_queries = (list, tuple, GeneratorType)
    _accepted_stored = (list, tuple)
    _plain_values = ItemsField._values_of_items

    if TYPE_CHECKING:

        def __set__(
            self, instance: object, value: List | tuple[Item, ...] | Generator[Item, None, None]
        ) -> None: ...

    @overload
    def __init__(
        self: ListField[T, list[T], list[R]],
        item_field: ReferenceField[R, T],
        min_capacity: int | None = None,
        max_capacity: int | None = None,
        default_empty: bool = False,
        **options: Unpack[Options[list[Any] | tuple[Any, ...]]],
    ) -> None: ...
    @overload
    def __init__(
        self: ListField[T, list[T]],
        item_field: Field[T],
        min_capacity: int | None = None,
        max_capacity: int | None = None,
        default_empty: bool = False,
        **options: Unpack[Options[list[Any] | tuple[Any, ...]]],
    ) -> None: ...
    @overload
    def __init__(
        self: ListField[T, list[T] | None, list[R] | None],
        item_field: ReferenceField[R, T],
        min_capacity: int | None = None,
        max_capacity: int | None = None,
        default_empty: bool = False,
        **options: Unpack[OrNone[list[Any] | tuple[Any, ...]]],
    ) -> None: ...
    @overload
    def __init__(
        self: ListField[T, list[T] | None],
        item_field: Field[T],
        min_capacity: int | None = None,
        max_capacity: int | None = None,
        default_empty: bool = False,
        **options: Unpack[OrNone[list[Any] | tuple[Any, ...]]],
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
        item = self._plain_item()
        self._is_packed = item is not None and item._taken_types() <= _PACKED

    def _given_parts(self, value: str, name: Name) -> PartTests:
        size = is_within(f"len({value})", self.min_capacity, self.max_capacity, name)
        return PartTests(
            test=all_of(is_of_types(value, (list,), name), size),
            each=f"x in {value}",
            field=self.item_field,
            result=f"{value}[:]",
            rebuilt=f"[{{}} for x in {value}]",
        )

    _stored_parts = _given_parts

    def _loaded_parts(self, value: str, name: Name) -> PartTests:
        return self._given_parts(value, name)._replace(result=value)

    def _plain_item(self) -> Field[Any] | None:
        return self.item_field if self._is_free and self.item_field._is_plain else None

    def _kept(self, value: Any) -> Any:
        return list(value) if isinstance(value, GeneratorType) else value

    def _validate_parts(self, value: Any) -> None:
        # Looking at a generator's items would use it up: they are judged when it becomes a list.
        if not isinstance(value, GeneratorType):
            super()._validate_parts(value)
