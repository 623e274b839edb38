"""Which documents of a collection an index is about: those of the class that declares it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

__all__ = ["family_of", "reach_of"]


def reach_of(cls: Any) -> dict[str, Any]:
    """
    Give the condition on the documents that an index of a class is about.

    Args:
        cls: The class that declares the index.

    Returns:
        A condition on identities, as a partial index takes it; empty where all documents of the
        collection are meant: the class has it to itself, or is the base of those that share it.
    """
    if cls is None or _top(cls) is cls:
        return {}
    reach: dict[str, Any] = {}
    for name, condition in cls.base_query().items():
        identities = condition["$in"] if isinstance(condition, dict) else [condition]
        if not identities:
            return {}  # no document is one of the class
        reach[name] = identities[0] if len(identities) == 1 else {"$in": identities}
    return reach


def family_of(cls: Any) -> Iterator[Any]:
    """Give the classes that share a collection by being of one family, in order of declaration."""
    top = _top(cls)
    yield top
    yield from _below(top, top.get_collection_name())


def _below(cls: Any, collection: str) -> Iterator[Any]:
    for child in cls._selector.children:
        if child.cls.get_collection_name() == collection:
            yield child.cls
            yield from _below(child.cls, collection)


def _top(cls: Any) -> Any:
    """Give the highest class above one that shares its collection and tells classes apart."""
    parent = cls._selector.parent
    if parent is None or parent.below is None:
        return cls
    if parent.cls.get_collection_name() != cls.get_collection_name():
        return cls
    return _top(parent.cls)
