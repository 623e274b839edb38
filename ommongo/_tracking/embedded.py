"""The documents that are embedded in another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ommongo._tracking.places import Place, Places
from ommongo._tracking.state import State
from ommongo._tracking.tracked import Tracked

__all__ = ["embedded_in", "has_origins_below", "live_at"]


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


def live_at(document: Tracked, home: Place | None) -> None:
    """
    Let a document, and all that is embedded in it, know where it is stored.

    Args:
        document: The document.
        home: Its place; ``None`` for where its session keeps its class.
    """
    for one in _documents_in(document):
        particulars = one._own_state().own_particulars()
        particulars.places = particulars.places or Places()
        particulars.places.home = home


def _documents_in(value: Any) -> Iterator[Tracked]:
    """Give the documents in a value, itself and at any depth."""
    if isinstance(value, Tracked):
        yield value
        value = [value.__dict__.get(name) for name in value._plan.holding]
    if isinstance(value, Mapping):
        value = value.values()
    elif not isinstance(value, (list, tuple, set, frozenset)):
        return
    for item in value:
        yield from _documents_in(item)
