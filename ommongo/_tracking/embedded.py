"""The documents that are embedded in another."""

from __future__ import annotations

from collections.abc import Iterable

from ommongo._tracking.state import State
from ommongo._tracking.tracked import Tracked

__all__ = ["embedded_in", "has_origins_below"]


def embedded_in(document: Tracked) -> Iterable[Tracked]:
    """Give the documents that are embedded in another, at any depth, as values of their own."""
    for name in document._plan.embedded:
        inner = document.__dict__.get(name)
        if isinstance(inner, Tracked):
            yield inner
            yield from embedded_in(inner)


def has_origins_below(document: Tracked) -> bool:
    """Tell whether a document embedded in another knows of values that were assigned to it."""
    for name in document._plan.embedded:
        inner = document.__dict__.get(name)
        if inner is None:
            continue
        known = inner._known
        if type(known) is State and known.origins:
            return True
        if inner._plan.embedded and has_origins_below(inner):
            return True
    return False
