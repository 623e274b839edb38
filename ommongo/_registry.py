"""Document classes by name and by collection, each in its namespace."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from ommongo.exceptions import BadFieldSpecification

document_type_registry: defaultdict[str, dict[str, Any]] = defaultdict(dict)
"""Namespace to class name to class."""

collection_registry: defaultdict[str, dict[str, Any]] = defaultdict(dict)
"""Namespace to collection name to the class (the base class of a shared collection)."""


def registered_name(cls: Any) -> str:
    """
    Give the name under which a document class is registered.

    Args:
        cls: The class.

    Returns:
        Its ``config_full_name``, or its name. The full name is one class's own: inherited, it would
        push the base out of its place.
    """
    return str(vars(cls).get("config_full_name") or cls.__name__)


def class_by_name(namespace: str | None, name: str) -> Any:
    """
    Look a document class up.

    Args:
        namespace: The namespace of the class that asks; ``None`` for a class outside the registry.
        name: The name under which the class is registered.

    Returns:
        The class.

    Raises:
        BadFieldSpecification: The asking class has no namespace, or no class has that name.
    """
    if namespace is None:
        raise BadFieldSpecification(
            f"The class name {name!r} cannot be looked up: the class that uses it has "
            f"config_namespace = None. Give it a namespace, or pass the class itself."
        )
    # .get: looking for a namespace must not create it
    found = document_type_registry.get(namespace, {}).get(name)
    if found is None:
        raise BadFieldSpecification(
            f"No document class {name!r} is registered in the namespace {namespace!r}. Declare it "
            f"(or import its module) before the field is used, or correct the name."
        )
    return found
