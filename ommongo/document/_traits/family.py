"""The fields of a class's family: what documents that are stored in one place may have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ommongo.document._traits.polymorphism import Selector
from ommongo.exceptions import BadQueryException
from ommongo.query_expression import FREE_TYPE

__all__ = ["family_fields", "find_in_family"]


def family_fields(cls: Any) -> dict[str, Any]:
    """
    Give the fields that embedded documents of a class, or of one of its subclasses, may have.

    Args:
        cls: The document class.

    Returns:
        The fields by Python name; of several with one name that of *cls*, or of its first subclass.
    """
    fields: dict[str, Any] = cls._fields
    if cls._selector.below is None or not cls._selector.children:
        return fields
    found = {**fields}
    for subclass in _subclasses(cls, embedded=True):
        for name, field in subclass._fields.items():
            found.setdefault(name, field)
    return found


def find_in_family(cls: Any, name: str, stored: bool, embedded: bool) -> tuple[str, Any] | None:
    """
    Find what a name means that is no field of a class itself.

    Args:
        cls: The document class.
        name: The name.
        stored: Whether it may be a stored name, or one that belongs to no field.
        embedded: Whether the documents are embedded, and not of the class's collection.

    Returns:
        The stored name, and what is known of its values; ``None`` where it means nothing.

    Raises:
        BadQueryException: Subclasses store what has this name differently.
    """
    subclasses = list(_subclasses(cls, embedded))
    fields: dict[Any, Any] = {}
    for by_name in ("_fields", "_by_db_field") if stored else ("_fields",):
        for subclass in [] if fields and by_name == "_by_db_field" else subclasses:
            field = getattr(subclass, by_name).get(name)
            if field is not None:
                fields.setdefault(field, subclass)
    if fields:
        return _the_one(cls, name, fields, stored)
    if stored and (
        any(sub.config_extra_fields == "ignore" for sub in (cls, *subclasses))
        or any(sub._selector.below == name for sub in (cls, *subclasses))
        or cls._selector.own == name
    ):
        return name, FREE_TYPE
    return None


def _the_one(cls: Any, name: str, fields: dict[Any, Any], stored: bool) -> tuple[str, Any]:
    """Give the one stored name of several fields, and the field if they are alike."""
    first = next(iter(fields))
    if all(field.db_field == first.db_field for field in fields):
        if all(type(field) is type(first) for field in fields):
            return first.db_field, first
        if stored:  # a raw dict, of which no value is judged
            return first.db_field, FREE_TYPE
    owners = " and ".join(
        f"{sub.__name__} ({type(field).__name__}, stored as {field.db_field!r})"
        for field, sub in fields.items()
    )
    raise BadQueryException(
        f"{name!r} below {cls.__name__} means two things: {owners} store it differently. Ask for "
        f"each by its stored name in a dict, or query a class that has one of them."
    )


def _subclasses(cls: Any, embedded: bool) -> Iterator[Any]:
    """Give the classes below *cls* whose documents are where its own are."""
    seen: set[Selector] = set()
    waiting = list(cls._selector.children)
    collection = cls.get_collection_name()
    while waiting:
        child = waiting.pop(0)
        if child in seen:
            continue
        seen.add(child)
        waiting += child.children
        if embedded or child.cls.get_collection_name() == collection:
            yield child.cls
