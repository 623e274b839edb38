"""An object as it was before an update: what it holds is not what is stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ommongo._tracking.tracked import Tracked

__all__ = ["be_past"]


def be_past(document: Tracked, paths: Iterable[str]) -> None:
    """
    Let a document that was just loaded be one that an update has changed since.

    The fields that were changed are known to differ from what is stored, and not how: they are sent
    when they are assigned. A save sends what was assigned, and nothing else.

    Args:
        document: The document.
        paths: The stored dotted names that the update changed.
    """
    _mark(document, ())
    for path in paths:
        _mark(document, path.split("."))


def _mark(document: Tracked, parts: Sequence[str]) -> None:
    particulars = document._own_state().own_particulars()
    past = particulars.past or frozenset()
    particulars.past = past
    field = type(document)._by_db_field.get(parts[0]) if parts else None
    if field is None:
        return
    particulars.past = past | {field._name}
    value = document.__dict__.get(field._name)
    if len(parts) > 1 and isinstance(value, Tracked):
        _mark(value, parts[1:])  # which then says itself what of it is the past
