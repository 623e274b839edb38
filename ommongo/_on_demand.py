"""Names that a door gives, and whose modules are imported when somebody asks for one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

__all__ = ["on_demand"]


def on_demand(
    door: str, homes: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """
    Make the ``__getattr__`` and ``__dir__`` of a module that gives some names on demand.

    A checker must not see them, as it would believe that every name is there: declare them where it
    does not look, and import the names where it does.

    Args:
        door: The module.
        homes: For each module that is imported so, by its full name, the names that it has, with
            spaces between.

    Returns:
        Both functions.
    """
    places = {name: home for home, names in homes.items() for name in names.split()}

    def give(name: str) -> Any:
        if name not in places:
            raise AttributeError(f"module {door!r} has no attribute {name!r}")
        value = getattr(import_module(places[name]), name)
        setattr(sys.modules[door], name, value)  # the next one does not ask
        return value

    def names() -> list[str]:
        return sorted({*vars(sys.modules[door]), *places})

    return give, names
