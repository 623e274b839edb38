"""Checks of what a field is declared with."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any

from ommongo.exceptions import BadFieldSpecification, InvalidConfigException
from ommongo.fields.base import Field

__all__ = ["check_bounds", "check_field", "check_item", "check_order", "with_empty_default"]


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
            wanted = " or ".join(dict.fromkeys(kind.__name__ for kind in kinds))
            raise InvalidConfigException(
                f"{owner}: {name} is a value of {type(bound).__name__}. Pass {wanted}, or None for "
                f"no bound."
            )


def check_order(owner: str, low: tuple[str, Any], high: tuple[str, Any]) -> None:
    """
    Refuse bounds between which nothing is.

    Args:
        owner: The class of the field, for the message.
        low: The lower bound, with its name before it; ``None`` where there is none.
        high: The same of the upper one.

    Raises:
        InvalidConfigException: The lower bound is above the upper one.
    """
    if low[1] is not None and high[1] is not None and low[1] > high[1]:
        raise InvalidConfigException(
            f"{owner}: {low[0]} is above {high[0]}, so that every value would be refused. Exchange "
            f"them, or leave one out."
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
        raise BadFieldSpecification(f"{role} is {came}. {_field_for(field)}")


def _field_for(given: Any) -> str:
    """Say which field was meant by what is none."""
    if isinstance(given, type) and issubclass(given, Field):
        return f"Pass an instance of a field class: {given.__name__}()."
    if isinstance(given, type) and issubclass(given, enum.Enum):
        return (
            f"Pass a field of its values, and these: "
            f"EnumField(StringField(), *[member.value for member in {given.__name__}])."
        )
    document = given if isinstance(given, type) else type(given)
    if hasattr(document, "to_ref"):
        name = document.__name__
        return f"DocumentField({name}) embeds its documents, and SRefField({name}) refers to them."
    return "Pass an instance of a field class: StringField(), not StringField or str."


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
