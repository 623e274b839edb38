"""Whose field a field is: a query is about one class, and names no field of another one."""

from __future__ import annotations

from typing import Any

from ommongo.exceptions import FieldNotFoundException

__all__ = ["is_own", "refuse_foreign"]

_MOST_KNOWN = 1000
"""How many sets of fields of a class are known to be its own, and not looked at again."""


def is_own(cls: Any, owner: Any, field: Any, *, embedded: bool = False) -> bool:
    """
    Tell whether a field that was read on one class is one of another's as well.

    Args:
        cls: The class that is asked about.
        owner: The class on which the field was read, a document class or a mixin of one.
        field: The field.
        embedded: Whether it is about documents that are embedded.

    Returns:
        Whether it is a field of the class itself, of a base, or of a subclass whose documents are
        in the same collection.
    """
    if owner is None or owner is cls:
        return True
    if issubclass(cls, owner):
        return field.db_field in cls._by_db_field
    if issubclass(owner, cls):
        is_beside = cls.get_collection_name() == owner.get_collection_name()
        is_beside = is_beside or (embedded and cls._selector.below is not None)
        return is_beside or cls._fields.get(field._name) is field
    # Two classes that have it of one base; the _id of every document is no such thing.
    declared = field._owner
    if cls._fields.get(field._name) is not field or not declared._is_declared:
        return False
    return issubclass(cls, declared) and issubclass(owner, declared)


def refuse_foreign(cls: Any, roots: frozenset[tuple[Any, Any]]) -> None:
    """
    Refuse fields of another class than the one that is asked for.

    Args:
        cls: The document class that is asked for.
        roots: The classes on which query fields were read, with the fields that were read there.

    Raises:
        FieldNotFoundException: One of them is no field of *cls*.
    """
    for owner, field in roots:
        if not is_own(cls, owner, field):
            raise FieldNotFoundException(
                f"{owner.__name__}.{field._name} is a field of {owner.__name__}, and this is about "
                f"{cls.__name__}, which has no such field. Name one of {cls.__name__}'s own.",
                name=field._name,
                document_class=cls.__name__,
            )
    known: set[frozenset[tuple[Any, Any]]] = cls._known_roots
    if len(known) < _MOST_KNOWN:
        known.add(roots)
