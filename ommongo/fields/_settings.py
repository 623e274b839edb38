"""Checks of what a field is declared with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ommongo.exceptions import BadFieldSpecification, InvalidConfigException
from ommongo.fields.base import Field

__all__ = ["check_bounds", "check_field", "check_item", "with_empty_default"]


def check_bounds(owner: str, *kinds: type, **bounds: Any) -> None:
    """
    Refuse bounds that nothing could be compared with.

    Args:
        owner: The class of the field, for the message.
        kinds: The types that a bound may have.
        bounds: The bounds by name, ``None`` where there is none.

    Raises:
        InvalidConfigException: A bound is of another type.
    """
    for name, bound in bounds.items():
        if bound is not None and (isinstance(bound, bool) or not isinstance(bound, kinds)):
            wanted = " or ".join(kind.__name__ for kind in kinds)
            raise InvalidConfigException(
                f"{owner}: {name} is a value of {type(bound).__name__}. Pass {wanted}, or None for "
                f"no bound."
            )


def check_field(field: Any, role: str) -> None:
    """
    Refuse what is no field where a field is wanted.

    Args:
        field: What was given.
        role: What it is to be (``ListField: item_field``), for the message.

    Raises:
        BadFieldSpecification: It is no instance of `Field`.
    """
    if not isinstance(field, Field):
        came = field.__name__ if isinstance(field, type) else f"a value of {type(field).__name__}"
        raise BadFieldSpecification(
            f"{role} is {came}. Pass an instance of a field class: StringField(), not StringField "
            f"or str."
        )


def check_item(field: Any, role: str) -> None:
    """
    Refuse what is no field, or one that may have no value, where there is always one.

    Args:
        field: What was given.
        role: What it is to be (``ListField: item_field``), for the message.

    Raises:
        BadFieldSpecification: It is no instance of `Field`.
        InvalidConfigException: It is optional.
    """
    check_field(field, role)
    if field.optional:
        raise InvalidConfigException(
            f"{role} is declared with optional=True, and what is in a value cannot be unset by "
            f"itself. Declare it with allow_none=True if None may be among the values, or the "
            f"whole with optional=True."
        )


def with_empty_default(
    owner: str, default_empty: bool, make: Callable[[], Any], options: dict[str, Any]
) -> dict[str, Any]:
    """
    Give the options of a field whose default may be an empty value.

    Args:
        owner: The class of the field, for the message.
        default_empty: Whether it is.
        make: Makes the empty value.
        options: The options that were given.

    Returns:
        The options for `Field`.

    Raises:
        InvalidConfigException: Another default was given too.
    """
    if not default_empty:
        return options
    if "default" in options or "default_f" in options:
        raise InvalidConfigException(
            f"{owner}: default_empty and another default were both given. Keep one."
        )
    return {**options, "default_f": make}
