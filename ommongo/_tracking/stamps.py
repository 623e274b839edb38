"""What a write stamps on a document: its version, and times of modification."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ommongo._tracking.changes import Change
from ommongo._tracking.marks import UNCHANGED, UNKNOWN
from ommongo._tracking.tracked import Tracked, forget, hold
from ommongo._tracking.undo import Undo
from ommongo.fields import Field
from ommongo.util import UNSET

__all__ = [
    "Times",
    "hold_version",
    "put_times",
    "remember_version",
    "sent_times",
    "stored_times",
]

Times = Sequence[tuple[Tracked, str, Any]]
"""Documents, names of their fields, and the values that these hold once a write was applied."""


def stored_times(document: Tracked, stored: Mapping[str, Any]) -> Times:
    """
    Give the times of modification that are about to be stored.

    Args:
        document: The document.
        stored: Its stored form.
    """
    if not document._plan.has_times:
        return ()
    times: list[tuple[Tracked, str, Any]] = []
    for name, field in type(document)._fields.items():
        value, held = stored.get(field.db_field), document.__dict__.get(name)
        if field._is_modified and value is not None:
            times.append((document, name, field.unwrap(value, document._session)))
        elif isinstance(value, Mapping) and isinstance(held, Tracked):
            times.extend(stored_times(held, value))
    return times


def sent_times(changes: Sequence[Change]) -> Times:
    """
    Give the times of modification that an update sends.

    Args:
        changes: What it sends.
    """
    return [
        (change.document, field._name, _time_of(change, field))
        for change in changes
        for field in [change.field]
        if field is not None and field._is_modified
    ]


def _time_of(change: Change, field: Field[Any]) -> Any:
    """Give the time that a change stores; `UNKNOWN` where the server fills it in."""
    if change.operator == "$currentDate":
        return UNKNOWN
    return field.unwrap(change.value, change.document._session)


def put_times(times: Times, undo: Undo) -> None:
    """
    Let documents hold the times of modification that were stored.

    Args:
        times: The times.
        undo: Notes what was held before.
    """
    for document, name, value in times:
        if value is UNKNOWN:
            undo.put(document.__dict__, name, UNSET)
            forget(document, name, undo)
        else:
            undo.put(document.__dict__, name, value)


def remember_version(document: Tracked) -> None:
    """Keep the version that is stored of a document, before a write of it counts on."""
    name = type(document)._version_name
    if name is not None:
        document._own_state().remember(name, document.__dict__.get(name, UNSET))


def hold_version(document: Tracked) -> None:
    """Let a document hold the version that is stored, or will be."""
    name = type(document)._version_name
    if name is None:
        return
    state = document._own_state()
    if state.committed is None and state.top is not None:
        return  # of one whose removal is pending, the version is still wanted
    version = UNSET if state.committed is None else state.known(name)
    if version is not UNCHANGED and version is not UNKNOWN:
        hold(document, name, version)
