"""What a document class's settings say, checked and described."""

from __future__ import annotations

import copy
from typing import Any

from ommongo.document._traits.described import Described
from ommongo.exceptions import BadFieldSpecification, FieldNotFoundException
from ommongo.util import resolve_name

__all__ = ["checked_sort", "schema"]

_SETTINGS = (
    "config_collection_name",
    "config_namespace",
    "config_full_name",
    "config_polymorphic",
    "config_polymorphic_identity",
    "config_polymorphic_collection",
    "config_default_sort",
    "config_extra_fields",
)


def checked_sort(cls: type[Described]) -> list[tuple[str, int]] | None:
    """
    Give the default sort of a class.

    Args:
        cls: The document class.

    Returns:
        Stored names with directions, or ``None``.

    Raises:
        BadFieldSpecification: A name is no field, or a direction is neither 1 nor -1.
    """
    if cls.config_default_sort is None:
        return None
    sort: list[tuple[str, int]] = []
    for name, direction in _pairs(cls):
        try:
            field = resolve_name(cls, name)
        except FieldNotFoundException as error:
            raise BadFieldSpecification(
                f"{cls.__name__}.config_default_sort: could not resolve field {name!r}. Use "
                f"attribute names of the class."
            ) from error
        if direction not in (1, -1) or isinstance(direction, bool):
            raise BadFieldSpecification(
                f"{cls.__name__}.config_default_sort: {name!r} has the invalid sort direction "
                f"{direction!r}. Use 1 (ascending) or -1 (descending)."
            )
        sort.append((str(field), direction))
    return sort


def _pairs(cls: type[Described]) -> list[tuple[Any, Any]]:
    """Give what a default sort consists of, where it has the form of one."""
    given = cls.config_default_sort
    is_list = isinstance(given, (list, tuple))
    pairs = [*given] if is_list and given is not None else []
    if not is_list or not all(isinstance(pair, (list, tuple)) and len(pair) == 2 for pair in pairs):
        raise BadFieldSpecification(
            f"{cls.__name__}.config_default_sort is no list of pairs, each of a name and a sort "
            f"direction. Write [('name', 1)], with 1 for ascending and -1 for descending."
        )
    return [(name, direction) for name, direction in pairs]


def schema(cls: type[Described]) -> dict[str, Any]:
    """
    Describe a class.

    Args:
        cls: The document class.

    Returns:
        Its settings by name, and ``fields`` with each field's own description.
    """
    described = {name: copy.copy(getattr(cls, name)) for name in _SETTINGS}
    described["fields"] = {name: field.schema_json() for name, field in cls._fields.items()}
    return described
