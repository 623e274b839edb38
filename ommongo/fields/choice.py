"""Values from a list of choices, and values of any kind."""

from __future__ import annotations

import reprlib
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, overload

from ommongo.fields._compound import CompoundField
from ommongo.fields._order import distinct_key
from ommongo.fields._scalar import ScalarField
from ommongo.fields._settings import check_item
from ommongo.fields._signatures import also_named
from ommongo.fields._types import V
from ommongo.fields._written import ALWAYS, Name
from ommongo.fields.base import Field
from ommongo.fields.numbers import NUMBER_MODIFIERS
from ommongo.fields.sequences import LIST_MODIFIERS
from ommongo.query_expression import FREE_TYPE

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ommongo.fields._types import Options, OrNone

__all__ = ["ANY_MODIFIER", "AnythingField", "EnumField"]

T = TypeVar("T")

ANY_MODIFIER = NUMBER_MODIFIERS | LIST_MODIFIERS
"""Every update operator that a field can name in ``on_update``."""


class EnumField(CompoundField[V]):
    """
    One of a few values.

    Args:
        item_field: The field that converts the value.
        values: What is accepted, compared by ``==``.
        kwargs: The options of every field, see `Field`.

    Raises:
        BadFieldSpecification: *item_field* is no field.

    Example:
        >>> from ommongo import StringField
        >>> EnumField(StringField(), "new", "paid").is_valid_wrap("lost")
        False

    MongoDB manual:
        https://www.mongodb.com/docs/manual/core/schema-validation/specify-json-schema/
        (to have the server check it too)
    """

    _mutable_values = True  # the values may be of any kind
    _is_judged_whole = True
    _judges_bounds = True
    # Those of the item's field, and what is taken as it is, where that takes some so.
    plain_types: tuple[type, ...] = ()
    _plain_choices: frozenset[Any] = frozenset()

    @overload
    def __init__(
        self: EnumField[T],
        item_field: Field[T],
        *values: Any,
        **options: Unpack[Options[T]],
    ) -> None: ...
    @overload
    def __init__(
        self: EnumField[T | None],
        item_field: Field[T],
        *values: Any,
        **options: Unpack[OrNone[T]],
    ) -> None: ...
    @also_named(item_field="item_type")
    def __init__(self, item_field: Field[Any], *values: Any, **kwargs: Any) -> None:
        check_item(item_field, f"{type(self).__name__}: item_field")
        super().__init__(**kwargs)
        self.item_type = item_field
        self.values = values
        if type(self) is EnumField and item_field._is_plain:
            self.plain_types = item_field.plain_types
            self._mutable_values = False
            self._plain_choices = frozenset(filter(self._is_plain_choice, values))

    def _is_plain_choice(self, value: Any) -> bool:
        """Whether a declared value equals itself, which NaN does not, and is taken as it is."""
        is_plain = type(value) in self.plain_types and self.item_type.accepts_plain(value)
        return is_plain and bool(value == value)

    def accepts_plain(self, value: Any) -> bool:
        """Tell whether a value is one of those that are declared, where these are plain values."""
        return value in self._plain_choices

    def _plain_source(self, value: str, name: Name) -> str:
        return f"{value} in {name(self._plain_choices)}"

    def schema_json(self) -> dict[str, Any]:
        """
        Describe this field.

        Returns:
            The settings of every field, ``item_type`` (the schema of the item field) and
            ``values`` (a list of them, wrapped).
        """
        return {
            **super().schema_json(),
            "item_type": self.item_type.schema_json(),
            "values": [self.item_type._described(value) for value in self.values],
        }

    def _inner_fields(self) -> tuple[Field[Any], ...]:
        return (self.item_type,)

    def _part(self, name: str, stored: bool) -> tuple[str, Any] | None:
        return self.item_type._part(name, stored)

    def _check(self, value: Any) -> None:
        if self._is_declared(value):
            return
        # What was loaded of a declared value may be unequal to it: a date to the millisecond, …
        item = self.item_type
        if not item.is_valid_wrap(value) or not self._is_stored_as_declared(item.wrap(value)):
            self._fail_other(value)

    def _is_declared(self, value: Any) -> bool:
        if self._holds_references:
            value = self._with_references(value)
        return any(value == declared for declared in self.values)

    def _is_stored_as_declared(self, value: Any) -> bool:
        """Whether a declared value is stored as *value*, which may read as one unequal to it."""
        stored = distinct_key(value)
        return any(
            distinct_key(self.item_type.wrap(declared)) == stored
            for declared in self.values
            if self.item_type.is_valid_wrap(declared)
        )

    def _fail_other(self, value: Any) -> NoReturn:
        self._fail_validation(
            value,
            f"takes one of {reprlib.repr(self.values)}, and got another value, of type "
            f"{type(value).__name__}. Use a declared value, or declare this one.",
        )

    def _validate_stored_parts(self, value: Any) -> None:
        self._unwrap_parts(value, None)

    def _unwrap_parts(self, value: Any, session: Any) -> Any:
        unwrapped = super()._unwrap_parts(value, session)
        # The milliseconds of a date, or bytes read as a Binary: equal to the server only.
        if not self._is_declared(unwrapped) and not self._is_stored_as_declared(value):
            self._fail_other(value)
        return unwrapped


class AnythingField(ScalarField[Any]):
    """
    A value of any kind, stored and loaded as it is.

    What BSON cannot store is refused by the driver, when the document is queued.

    Args:
        kwargs: The options of every field, see `Field`.

    Example:
        >>> AnythingField().wrap({"a": [1, "b"]})
        {'a': [1, 'b']}

    MongoDB manual:
        https://www.mongodb.com/docs/manual/reference/bson-types/
    """

    valid_modifiers = ANY_MODIFIER
    _mutable_values = True
    _is_verbatim = True

    def _stored_source(self, value: str, name: Name) -> str:
        return ALWAYS

    def _loaded_source(self, value: str, name: Name) -> str:
        return ALWAYS

    def _part(self, name: str, stored: bool) -> tuple[str, Any]:
        return name, FREE_TYPE
