"""The entries of a dict that is stored as an array."""

from __future__ import annotations

import copy
from typing import Any

from ommongo.exceptions import BadValueException
from ommongo.fields._compound import CompoundField
from ommongo.fields.base import Field

__all__ = ["EntryField"]


class EntryField(CompoundField[dict[str, Any]]):
    """
    One entry of a `KVField` as it is stored: ``{'k': key, 'v': value}``.

    Args:
        key_field: The field of the key.
        value_field: The field of the value.
    """

    _mutable_values = True

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
        except BadValueException as error:
            raise error.within(self._name) from error


def _stored_as(name: str, field: Field[Any]) -> Field[Any]:
    """Give a copy of *field* that is stored as *name*: one field may serve as key and as value."""
    own = copy.copy(field)
    own._name = name
    own._given_db_field = own._owner = None
    return own
