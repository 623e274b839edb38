"""Which classes hold documents that an application's `Document.transform_incoming` rewrites."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ommongo.document._traits.described import Described
from ommongo.fields import DocumentField, Field

__all__ = ["holds_hooks", "knows_embedded", "loads_directly", "migrating_fields", "reads_whole"]


def loads_directly(cls: type[Described]) -> bool:
    """
    Tell whether every stored document of a class is loaded as just that class, as it is stored.

    Args:
        cls: The document class.

    Returns:
        Whether no hook rewrites it, in it or in its items, and nothing in it selects a subclass.
    """
    direct: bool | None = cls._direct
    if direct is None:
        direct = not (
            cls._overrides_transform
            or cls._overrides_subclass
            or cls._selector.below is not None
            or migrating_fields(cls)
        )
        if knows_embedded(cls):
            cls._direct = direct
    return direct


def reads_whole(cls: type[Described]) -> bool:
    """
    Tell whether loading a part of a document takes all of it.

    Args:
        cls: The class that is asked for.

    Returns:
        Whether a hook rewrites documents of it or of a subclass, or what is embedded in them: it
        may need what a field was called before.
    """
    if cls._overrides_transform or holds_hooks(cls):
        return True
    return any(reads_whole(place.cls) for place in cls._selector.children)


def knows_embedded(cls: type[Described]) -> bool:
    """
    Tell whether all classes are known that the fields of a class name by text, at any depth.

    Args:
        cls: The document class.

    Returns:
        Whether what follows from them can be found out once and for all.
    """
    return _are_known(cls._fields.values(), seen={cls})


def _are_known(fields: Iterable[Field[Any]], seen: set[Any]) -> bool:
    for field in fields:
        if isinstance(field, DocumentField):
            cls = field._known_class
            if cls is None:
                return False
            if cls not in seen:
                seen.add(cls)
                if not _are_known(cls._fields.values(), seen):
                    return False
        elif not _are_known(_held_fields(field), seen):
            return False
    return True


def _held_fields(field: Field[Any]) -> tuple[Field[Any], ...]:
    """Give the fields of what a value holds: a reference does not hold what it refers to."""
    return () if field._leads_elsewhere else field._inner_fields()


def holds_hooks(cls: type[Described]) -> bool:
    """
    Tell whether documents with a hook are embedded in those of a class, at any depth.

    Args:
        cls: The document class.

    Returns:
        Whether loading one runs a hook, which may be run only once.
    """
    return _migrates(cls._fields.values(), seen={cls})


def migrating_fields(cls: type[Described]) -> tuple[Field[Any], ...]:
    """
    Give the fields that hold documents with a hook inside a list, a dict or the like.

    What a hook changes in a directly embedded document is known to that document itself; what it
    changes in an item is a change of the whole value.

    Args:
        cls: The document class.

    Returns:
        The fields.
    """
    found: tuple[Field[Any], ...] | None = cls.__dict__.get("_migrating")
    if found is None:
        found = tuple(
            field
            for field in cls._fields.values()
            if _embedded_class(field) is None and _migrates(_held_fields(field), seen={cls})
        )
        if knows_embedded(cls):
            cls._migrating = found
    return found


def _migrates(fields: Iterable[Field[Any]], seen: set[Any]) -> bool:
    """Whether documents with a hook are among what *fields* hold; *seen* classes are done with."""
    for field in fields:
        cls = _embedded_class(field)
        if cls is not None and cls not in seen:
            seen.add(cls)
            if cls._overrides_transform or _migrates(cls._fields.values(), seen):
                return True
        if _migrates(_held_fields(field), seen):
            return True
    return False


def _embedded_class(field: Any) -> Any:
    """Give the class of the document that a field embeds, if it embeds one."""
    return field._known_class if isinstance(field, DocumentField) else None
