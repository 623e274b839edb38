"""Fields and values as the update operators take them."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

from bson.decimal128 import Decimal128

from ommongo._cycles import refuse_endless
from ommongo._ownership import Roots
from ommongo._spelling import an
from ommongo.exceptions import BadValueException, InvalidModifierException, UpdateException
from ommongo.query_expression import (
    FREE_TYPE,
    PATTERNS,
    FreeFormDoc,
    FreeFormField,
    QueryField,
    none_refused,
    several,
)
from ommongo.update_expression._document import Each
from ommongo.util import resolve_name

__all__ = [
    "Target",
    "copy_of",
    "exactly",
    "literal_item",
    "now",
    "target_of",
]


class Target:
    """
    What an operator is to change.

    Attributes:
        name: The stored dotted name.
        field: The field that wraps values, or ``None`` where none is declared.
    """

    __slots__ = ("_query_field", "field", "name")

    def __init__(self, query_field: QueryField[Any] | FreeFormField) -> None:
        self._query_field = query_field
        self.name = query_field.get_absolute_name()
        field: Any = query_field.get_type()
        self.field: Any = None if field is FREE_TYPE else field

    @property
    def roots(self) -> Roots:
        """The class on which the field, or the one above it, was read, and what was read there."""
        return self._query_field._roots

    @property
    def python_path(self) -> str:
        """The name of the field for messages: the class, and attributes down to it."""
        return self.name if self.field is None else self._query_field._python_path(False)

    @property
    def is_optional(self) -> bool:
        """Whether the field may have no value, which ``None`` stands for."""
        return self.field is not None and self.field.optional

    def levels(self) -> list[QueryField[Any]]:
        """Give the query fields through which this one is reached, from the top, and itself."""
        found: list[QueryField[Any]] = []
        level: Any = self._query_field if isinstance(self._query_field, QueryField) else None
        while level is not None:
            found.insert(0, level)
            level = level._get_parent()
        return found

    def wrap(self, value: Any) -> Any:
        """Give *value* as the field stores it, unconnected to what the caller passed."""
        if value is None and self.is_optional:
            raise BadValueException(
                self.python_path,
                None,
                "has no None that could be stored: it stands for no value. Take the value out by "
                "unset().",
            )
        try:
            return self._wrapped(self.field, value)
        except BadValueException as error:
            if value is None:
                raise none_refused(error, "Take a value out by unset().") from error
            raise

    def wrap_item(self, value: Any) -> Any:
        """Give *value* as the field stores one of its items, unconnected likewise."""
        wrapped = self._wrapped(self.item_field, value)
        if self.field is not None and self.field.is_sequence_field:
            self.field._check_item(wrapped, self.python_path)
        return wrapped

    def wrap_only(self, value: Any, several_by: str) -> Any:
        """Give *value* by `wrap_item`, or say which operator takes several of them."""
        try:
            return self.wrap_item(value)
        except BadValueException as error:
            if not _are_several(error.value):
                raise
            reason = f"{error.reason} For several items there is {several_by}()."
            raise BadValueException(error.name, error.value, reason) from error

    def wrap_items(self, values: tuple[Any, ...]) -> tuple[Any, ...]:
        """Give each of *values* by `wrap_item`; they may come as one list."""
        values = several(FREE_TYPE if self.field is None else self.field, values)
        try:
            return tuple(map(self.wrap_item, values))
        except BadValueException as error:
            if not _are_several(error.value):
                raise
            reason = f"{error.reason} Pass several items one by one, or all of them in one list."
            raise BadValueException(error.name, error.value, reason) from error

    def wrap_amount(self, value: Any) -> Any:
        """Give *value* as the field stores numbers, to be added or multiplied by."""
        if self.field is None:
            return value
        # Bounds and validators judge what is stored, not what it is changed by.
        field = copy.copy(self.field)
        field.min_value = field.max_value = None
        field._allow_none = field._has_validators = field._asks_on_loading = False
        field._validator = field._wrap_validator = None
        amount = self._wrapped(field, value)
        if isinstance(amount, bool) or not isinstance(amount, (int, float, Decimal128)):
            raise BadValueException(
                self.name, value, f"is changed by a number, not by {type(value).__name__}"
            )
        return amount

    @property
    def item_field(self) -> Any:
        """The field of the items; of a field whose items are of no one kind it is the field."""
        return getattr(self.field, "item_field", self.field)

    def _wrapped(self, field: Any, value: Any) -> Any:
        if field is None:
            return copy_of(value)
        try:
            if field._holds_references:
                value = field._with_references(value)
            wrapped = field.wrap(value)
            field._check_loadable(wrapped)  # what only loading refuses must not be stored either
            return copy_of(wrapped)
        except BadValueException as error:
            # A field names itself in its errors, unless it is that of an item.
            of_holder = bool(error.name) and error.name.startswith(self.field._name)
            raise error.within(self._query_field._python_path(of_holder)) from error
        except RecursionError as error:
            refuse_endless(value, error, self.python_path)


def _are_several(value: Any) -> bool:
    """Whether what was refused as one value may have been meant as several."""
    return isinstance(value, Iterable) and not isinstance(value, (str, bytes, Mapping))


def target_of(document_class: Any, field: Any, *operators: str) -> Target:
    """
    Find the field that an operator is to change.

    Args:
        document_class: The class that the update is on.
        field: A name, a dotted name or a query field.
        operators: The operator, and others of which the field must support one in its stead.

    Returns:
        The field with its stored name.

    Raises:
        UpdateException: *field* is neither text nor a query field.
        FieldNotFoundException: The name is no field.
        InvalidModifierException: The field does not support the operator.
    """
    if isinstance(document_class, FreeFormDoc) and isinstance(field, str):
        return Target(FreeFormField(field))
    found = resolve_name(document_class, field)
    if not isinstance(found, (QueryField, FreeFormField)):
        raise UpdateException(
            f"An update names its fields by text or by query field, not by "
            f"{type(field).__name__}. Pass 'name', 'embedded.name' or User.name.",
            operation=operators[0],
        )
    target = Target(found)
    if target.field is not None and not _supports(target.field, operators):
        allowed = ", ".join(sorted(target.field.valid_modifiers))
        raise InvalidModifierException(
            f"{target.name!r} is {an(type(target.field).__name__)} and does not support "
            f"{operators[0]}. It supports {allowed or 'no update operator'}.",
            name=target.name,
            operation=operators[0],
        )
    return target


def _supports(field: Any, operators: tuple[str, ...]) -> bool:
    if operators[0] == "$currentDate":
        return hasattr(field, "min_date") or bool(field.is_valid_wrap(now()))
    return any(operator in field.valid_modifiers for operator in operators)


def now() -> datetime:
    """Give about what the server takes for the present time."""
    return datetime.now(timezone.utc)


def copy_of(value: Any) -> Any:
    """Give *value* with lists and dicts of its own, which later changes do not reach."""
    kind = type(value)
    if kind is dict:
        return {key: copy_of(inner) for key, inner in value.items()}
    if kind is list:
        return [copy_of(inner) for inner in value]
    if kind is tuple:
        return tuple(map(copy_of, value))
    return value


def exactly(wrapped: Any) -> Any:
    """
    Give a condition that matches one stored value only.

    Args:
        wrapped: A BSON-ready value.

    Returns:
        The value itself, or ``{"$eq": value}`` where the server would take it for a condition: an
        embedded document for one on its keys, which those with more keys fulfil as well.
    """
    return {"$eq": wrapped} if isinstance(wrapped, (Mapping, *PATTERNS)) else wrapped


def literal_item(wrapped: Any) -> Any:
    """
    Give the operand that adds one item to an array.

    Args:
        wrapped: A BSON-ready value.

    Returns:
        The value itself, or `Each` of it where the server would read operators out of it.
    """
    if isinstance(wrapped, Mapping) and any(str(key).startswith("$") for key in wrapped):
        return Each({"$each": (wrapped,)})
    return wrapped
