"""Dicts: with text as keys a document, with any keys an array of entries."""

from __future__ import annotations

import copy
from operator import is_
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from ommongo._bson import EXACT
from ommongo._spelling import an
from ommongo.exceptions import BadValueException
from ommongo.fields._compound import CompoundField
from ommongo.fields._hashing import UNHASHABLE, loads_hashable
from ommongo.fields._order import distinct_key
from ommongo.fields._refusal import caught, located
from ommongo.fields._settings import check_item, with_empty_default
from ommongo.fields._signatures import also_named
from ommongo.fields._types import Dict, Entries, Item, Key, Rel
from ommongo.fields._written import Name, PartTests, is_of_types
from ommongo.fields.base import SCALAR_MODIFIERS, Field
from ommongo.fields.sequences import ItemsField
from ommongo.fields.text import fits_utf8

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ommongo.fields._types import Options, OrNone

__all__ = ["DictField", "KVField"]

K = TypeVar("K")
T = TypeVar("T")

_UNFIT_IN_KEYS = frozenset(".$\0")


def _is_key(key: str) -> bool:
    """Whether a text can be the key of a stored dict."""
    return _UNFIT_IN_KEYS.isdisjoint(key) and fits_utf8(key)


class DictField(CompoundField[Dict], Generic[Item, Dict]):
    """
    A dict with text as its keys, stored as a document.

    Keys hold neither ``.`` nor ``$`` nor NUL, which have a meaning in MongoDB; `KVField` takes keys
    of any kind.

    Args:
        value_field: The field of the values.
        default_empty: Whether an unset field reads as a new empty dict.
        kwargs: The options of every field, see `Field`.

    Raises:
        BadFieldSpecification: *value_field* is no field.
        InvalidConfigException: *default_empty* and another default are both given.

    Example:
        >>> from ommongo import FloatField
        >>> DictField(FloatField()).wrap({"rice": 12.5})
        {'rice': 12.5}

    MongoDB manual:
        https://www.mongodb.com/docs/manual/core/document/#field-names
    """

    _mutable_values = True
    _has_keys = True

    @overload
    def __init__(
        self: DictField[T, dict[str, T]],
        value_field: Field[T],
        default_empty: bool = False,
        **options: Unpack[Options[dict[str, Any]]],
    ) -> None: ...
    @overload
    def __init__(
        self: DictField[T, dict[str, T] | None],
        value_field: Field[T],
        default_empty: bool = False,
        **options: Unpack[OrNone[dict[str, Any]]],
    ) -> None: ...
    @also_named(value_field="value_type")
    def __init__(self, value_field: Field[Any], default_empty: bool = False, **kwargs: Any) -> None:
        check_item(value_field, f"{type(self).__name__}: value_field")
        super().__init__(**with_empty_default(type(self).__name__, default_empty, dict, kwargs))
        self.value_field: Field[Any] = value_field
        self.value_type: Field[Any] = value_field
        self.default_empty = default_empty

    def child_type(self) -> Field[Item]:
        """Give the field of the values."""
        return self.value_field

    @property
    def _is_verbatim(self) -> bool:  # type: ignore[override]  # by that of its values
        return self.value_field._is_verbatim

    def schema_json(self) -> dict[str, Any]:
        """
        Describe this field.

        Returns:
            The settings of every field, ``value_type`` (the schema of the value field) and
            ``default_empty``.
        """
        return {
            **super().schema_json(),
            "value_type": self.value_field.schema_json(),
            "default_empty": self.default_empty,
        }

    def _inner_fields(self) -> tuple[Field[Any], ...]:
        return (self.value_field,)

    def _part(self, name: str, stored: bool) -> tuple[str, Any] | None:
        return None if not name or name.startswith("$") else (name, self.value_field)

    def _given_parts(self, value: str, name: Name) -> PartTests:
        return PartTests(
            test=is_of_types(value, (dict,), name),
            each=f"k, x in {value}.items()",
            key_test=f"type(k) is {name(str)} and (k.isidentifier() or {name(_is_key)}(k))",
            field=self.value_field,
            result=f"{{**{value}}}",
            rebuilt=f"{{k: {{}} for k, x in {value}.items()}}",
        )

    _stored_parts = _given_parts

    def _loaded_parts(self, value: str, name: Name) -> PartTests:
        return self._given_parts(value, name)._replace(result=value)

    def _check(self, value: Any) -> None:
        if not isinstance(value, dict):
            self._fail_validation_type(value, dict)
        for key in value:
            if not isinstance(key, str):
                self._fail_validation(
                    value,
                    f"takes a dict with str keys, and got one with a key of type "
                    f"{type(key).__name__}. Convert the keys, or declare the field as a KVField().",
                )
            if not _is_key(key):
                self._fail_validation(
                    value,
                    "takes a dict whose keys hold neither '.' nor '$' nor NUL and are valid "
                    "UTF-8, and got one with another key. Rename the key, or declare the field as "
                    "a KVField().",
                )

    def _check_stored(self, value: Any) -> None:
        self._check(value)

    def _with_references(self, value: Any, holder: Any = None) -> Any:
        if not isinstance(value, dict):
            return value
        items = self._each(value, "_with_references", holder)
        return value if all(map(is_, value.values(), items.values())) else items

    def _each(self, value: Any, action: str, *args: Any) -> dict[str, Any]:
        apply = getattr(self.value_field, action)
        done: dict[str, Any] = {}
        key, item = "", None
        try:
            for key, item in value.items():
                done[key] = apply(item, *args)
        except caught(action) as error:
            raise located(error, f"{self._name}[{key!r}]", item) from error
        return done


class _EntryField(CompoundField[dict[str, Any]]):
    """
    One entry of a `KVField` as it is stored: ``{'k': key, 'v': value}``.

    Args:
        key_field: The field of the key.
        value_field: The field of the value.
    """

    _mutable_values = True
    _needs_all_parts = True

    def __init__(self, key_field: Field[Any], value_field: Field[Any]) -> None:
        super().__init__()
        self._parts = {"k": _stored_as("k", key_field), "v": _stored_as("v", value_field)}

    @property
    def has_subfields(self) -> bool:
        """Whether there are fields below: ``k`` and ``v``."""
        return True

    def subfields(self) -> dict[str, Field[Any]]:
        """Give the fields of key and value."""
        return self._parts

    def _inner_fields(self) -> tuple[Field[Any], ...]:
        return tuple(self._parts.values())

    def _part(self, name: str, stored: bool) -> tuple[str, Any] | None:
        return (name, self._parts[name]) if name in self._parts else None

    def _check(self, value: Any) -> None:
        if not isinstance(value, dict):
            self._fail_validation_type(value, dict, advice="An entry is {'k': key, 'v': value}.")
        if value.keys() != self._parts.keys():
            self._fail_validation(
                value,
                "takes a dict of 'k' and 'v', and got a dict with other keys, or without one of "
                "these. An entry is {'k': key, 'v': value}.",
            )
        if value["k"] is None:
            self._fail_validation(
                value,
                "takes a dict whose 'k' is not None, and got one without a key. Give each entry a "
                "key.",
            )

    def _check_stored(self, value: Any) -> None:
        self._check(value)

    def _each(self, value: Any, action: str, *args: Any) -> dict[str, Any]:
        try:
            return {k: getattr(part, action)(value[k], *args) for k, part in self._parts.items()}
        except caught(action) as error:
            raise located(error, self._name, value) from error


class KVField(ItemsField[Entries, Rel], Generic[Key, Item, Entries, Rel]):
    """
    A dict with keys of any kind, stored as an array of ``{'k': key, 'v': value}``.

    Queries reach keys and values by ``.k`` and ``.v``.

    Args:
        key_field: The field of the keys, whose Python values must be hashable. ``None`` is no key.
        value_field: The field of the values.
        default_empty: Whether an unset field reads as a new empty dict.
        kwargs: The options of every field, see `Field`.

    Raises:
        BadFieldSpecification: *key_field* or *value_field* is no field.
        InvalidConfigException: *default_empty* and another default are both given.

    Example:
        >>> from ommongo import IntField, StringField
        >>> KVField(IntField(), StringField()).wrap({7: "rice"})
        [{'k': 7, 'v': 'rice'}]

    MongoDB manual:
        https://www.mongodb.com/docs/manual/tutorial/query-array-of-documents/
    """

    valid_modifiers = SCALAR_MODIFIERS  # others could store a key twice
    _own_type = dict
    _accepted = _accepted_in_queries = (dict,)

    @overload
    def __init__(
        self: KVField[K, T, dict[K, T]],
        key_field: Field[K],
        value_field: Field[T],
        default_empty: bool = False,
        **options: Unpack[Options[dict[Any, Any]]],
    ) -> None: ...
    @overload
    def __init__(
        self: KVField[K, T, dict[K, T] | None],
        key_field: Field[K],
        value_field: Field[T],
        default_empty: bool = False,
        **options: Unpack[OrNone[dict[Any, Any]]],
    ) -> None: ...
    @also_named(key_field="key_type", value_field="value_type")
    def __init__(
        self,
        key_field: Field[Any],
        value_field: Field[Any],
        default_empty: bool = False,
        **kwargs: Any,
    ) -> None:
        check_item(key_field, f"{type(self).__name__}: key_field")
        check_item(value_field, f"{type(self).__name__}: value_field")
        entry = _EntryField(key_field, value_field)
        super().__init__(entry, default_empty=default_empty, **kwargs)
        key, value = entry._inner_fields()
        self.key_field: Field[Any] = key
        self.key_type: Field[Any] = key
        self.value_field: Field[Any] = value
        self.value_type: Field[Any] = value

    def child_type(self) -> Field[Any]:
        """Give the field of the values."""
        return self.value_field

    def schema_json(self) -> dict[str, Any]:
        """
        Describe this field.

        Returns:
            The settings of every field, ``key_type`` and ``value_type`` (the schemas of its fields)
            and ``default_empty``.
        """
        return {
            **Field.schema_json(self),
            "key_type": self.key_field.schema_json(),
            "value_type": self.value_field.schema_json(),
            "default_empty": self.default_empty,
        }

    def _with_references(self, value: Any, holder: Any = None) -> Any:
        if not isinstance(value, dict):
            return value
        entries = self._each(_entries(value), "_with_references", holder)
        kept = {entry["k"]: entry["v"] for entry in entries}
        if all(map(is_, value, kept)) and all(map(is_, value.values(), kept.values())):
            return value
        if len(kept) < len(value):
            self._fail_equal_keys(value)
        return kept

    def _validate_parts(self, value: Any) -> None:
        super()._validate_parts(_entries(value))
        if self.key_field._mutable_values:
            self._refuse_unhashable_keys(super()._wrap_parts(_entries(value)))

    def _validate_stored_parts(self, value: Any) -> None:
        super()._validate_stored_parts(value)
        self._refuse_equal_keys(value, value)

    def _wrap_parts(self, value: Any, action: str = "wrap") -> Any:
        stored = super()._wrap_parts(_entries(value), action)
        if action == "wrap" and self.key_field._mutable_values:
            self._refuse_unhashable_keys(stored)
        self._refuse_equal_keys(value, stored)
        return stored

    def _refuse_unhashable_keys(self, stored: list[dict[str, Any]]) -> None:
        """Refuse keys that could not be the keys of a dict again."""
        for index, entry in enumerate(stored):
            if not loads_hashable(self.key_field, entry["k"]):
                raise BadValueException(f"{self._name}[{index}].k", entry["k"], UNHASHABLE)

    def _unwrap_parts(self, value: Any, session: Any) -> Any:
        entries = super()._unwrap_parts(value, session)
        try:
            unwrapped = {entry["k"]: entry["v"] for entry in entries}
        except TypeError as error:
            self._fail_validation(
                value,
                "holds a list with a key that Python cannot hash, so it makes no dict. Declare the "
                "field as a ListField() of embedded documents.",
                error,
            )
        if len(unwrapped) < len(entries):
            self._fail_equal_keys(value)
        return unwrapped

    def _refuse_equal_keys(self, value: Any, stored: list[dict[str, Any]]) -> None:
        """Refuse entries of which only one would be loaded."""
        keys = [entry["k"] for entry in stored]
        try:
            distinct = len(set(keys))
        except TypeError:
            distinct = len(keys)
        if not EXACT.issuperset(map(type, keys)):
            # Two that Python tells apart may be stored alike, such as dates.
            distinct = min(distinct, len(set(map(distinct_key, keys))))
        if distinct < len(keys):
            self._fail_equal_keys(value)

    def _fail_equal_keys(self, value: Any) -> None:
        self._fail_validation(
            value,
            f"takes {an(type(value).__name__)} whose keys are stored as different values, and got "
            f"one with two that are alike. Keep one of the two.",
        )


def _entries(value: dict[Any, Any]) -> list[dict[str, Any]]:
    """Give the entries of a dict, not wrapped yet."""
    return [{"k": key, "v": item} for key, item in value.items()]


def _stored_as(name: str, field: Field[Any]) -> Field[Any]:
    """Give a copy of *field* that is stored as *name*: one field may serve as key and as value."""
    own = copy.copy(field)
    own._name = name
    own._given_db_field = own._owner = None
    return own
