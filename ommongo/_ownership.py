"""Whose field a field is: a query is about one class, and names no field of another one."""

from __future__ import annotations

from typing import Any

from ommongo.exceptions import FieldNotFoundException

__all__ = ["NO_ROOTS", "Roots", "fields_read", "is_own", "joined", "refuse_foreign"]

Roots = tuple[Any, Any]
"""
Whose fields a condition is about: the class on which they were read, or ``None`` if these are
several, and the field. In place of the field there are the roots of all that was joined.

Nearly every condition is about the class that is asked for, and the first of the two tells it.
"""

NO_ROOTS: Roots = (None, ())
"""Of what belongs to no class."""


def joined(first: Roots, second: Roots) -> Roots:
    """
    Give the roots of two conditions that become one.

    Args:
        first: Those of one.
        second: Those of the other.

    Returns:
        The roots of both.
    """
    return first[0] if first[0] is second[0] else None, (first, second)


def fields_read(roots: Roots) -> set[Roots]:
    """
    Give all fields that a condition is about.

    Args:
        roots: The condition's roots.

    Returns:
        Each class on which a field was read, with the field.
    """
    found = set()
    waiting = [roots]
    while waiting:  # a chain of thousands is as deep as it is long
        root = waiting.pop()
        if type(root[1]) is tuple:
            waiting += root[1]
        else:
            found.add(root)
    return found


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


def refuse_foreign(cls: Any, roots: Roots) -> None:
    """
    Refuse fields of another class than the one that is asked for.

    Args:
        cls: The document class that is asked for.
        roots: Whose fields they are.

    Raises:
        FieldNotFoundException: One of them is no field of *cls*.
    """
    if roots[0] is cls:
        return
    for owner, field in fields_read(roots):
        if not is_own(cls, owner, field):
            raise FieldNotFoundException(
                f"{owner.__name__}.{field._name} is a field of {owner.__name__}, and this is about "
                f"{cls.__name__}, which has no such field. Name one of {cls.__name__}'s own.",
                name=field._name,
                document_class=cls.__name__,
            )
