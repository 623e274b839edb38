"""Values that documents hold, and what they know of them, put by a write and not by its user."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ommongo.document._plan import plan_of
from ommongo.document._retrieved import Retrieved
from ommongo.document._state import State
from ommongo.document._truth import UNCHANGED, UNKNOWN
from ommongo.fields import ModifiedField
from ommongo.util import UNSET

__all__ = ["Embedded", "Times", "forget", "knows_changes", "put", "put_times", "stored_times"]

Times = Sequence[tuple[Any, str, Any]]


def stored_times(document: Any, stored: Mapping[str, Any]) -> Times:
    """
    Give the times of modification that are about to be stored.

    Args:
        document: The document, of a class that has some.
        stored: Its stored form.

    Returns:
        Documents, attribute names and values: what they hold once that is stored.
    """
    times: list[tuple[Any, str, Any]] = []
    for name, field in type(document)._fields.items():
        value = stored.get(field.db_field)
        if isinstance(field, ModifiedField) and value is not None:
            times.append((document, name, field.unwrap(value, document._session)))
        elif isinstance(value, Mapping) and hasattr(document.__dict__.get(name), "_known"):
            inner = document.__dict__[name]
            if plan_of(type(inner)).has_times:
                times.extend(stored_times(inner, value))
    return times


def put_times(times: Times) -> Times:
    """
    Let documents hold times of modification.

    Args:
        times: Documents, attribute names and values; `UNSET` for none.

    Returns:
        The same, with what they held before.
    """
    earlier = [(document, name, document.__dict__.get(name, UNSET)) for document, name, _ in times]
    for document, name, value in times:
        put(document, name, value)
    return earlier


def put(document: Any, name: str, value: Any) -> None:
    """
    Let a field hold a value.

    Args:
        document: The document.
        name: The field's name.
        value: The value, or `UNSET` for none.
    """
    document.__dict__.pop(name, None)
    if value is not UNSET:
        document.__dict__[name] = value


def forget(document: Any, name: str) -> None:
    """
    Let a field of a document be one that was not retrieved.

    Args:
        document: The document.
        name: The field's name.
    """
    document.__dict__.pop(name, None)
    state: State = document._own_state()
    retrieved = state.retrieved or Retrieved.everything(type(document))
    state.retrieved = retrieved.without({name})
    state.assigned -= {name}
    state.baseline[name] = UNKNOWN


def knows_changes(document: Any, names: Sequence[str]) -> bool:
    """
    Tell whether documents embedded in another know what was assigned in them, or taken out.

    Args:
        document: The other one.
        names: The names of its fields that embed one.

    Returns:
        Whether there is something for `Embedded.clear` to do.
    """
    for name in names:
        value = document.__dict__.get(name)
        if value is None:
            continue
        known = value._known
        if type(known) is State and (known.assigned or known.removed):
            return True
        below = plan_of(type(value)).embedded
        if below and knows_changes(value, below):
            return True
    return False


class Embedded:
    """What embedded documents know that a write of their parent takes care of."""

    def __init__(self) -> None:
        self._cleared: list[tuple[State, frozenset[str], tuple[str, ...]]] = []
        self._marked: list[tuple[State, str, Any, Retrieved | None]] = []

    def clear(self, document: Any) -> None:
        """Forget what was assigned in the documents embedded in *document*, or taken out."""
        for name in plan_of(type(document)).embedded:
            value = document.__dict__.get(name)
            if value is None:
                continue
            state: State | None = value._state
            if state is not None and (state.assigned or state.removed):
                self._cleared.append((state, state.assigned, state.removed))
                state.assigned, state.removed = frozenset(), ()
            self.clear(value)

    def mark(self, document: Any, name: str, is_retrieved: bool) -> None:
        """Let a field of an embedded document be one that was retrieved, or was not."""
        state: State = document._own_state()
        if is_retrieved and (state.retrieved is None or name in state.retrieved):
            return
        known = state.baseline.get(name, UNCHANGED)
        self._marked.append((state, name, known, state.retrieved))
        if not is_retrieved:
            forget(document, name)
        elif state.retrieved is not None:
            state.retrieved = state.retrieved.with_whole({name})

    def unmark(self) -> None:
        """Let every field be retrieved again, or not, as before."""
        for state, name, known, retrieved in reversed(self._marked):
            state.retrieved = retrieved
            if known is UNCHANGED:
                state.baseline.pop(name, None)
            else:
                state.baseline[name] = known
        self._marked.clear()

    def restore(self) -> None:
        """Put everything back."""
        self.unmark()
        for state, assigned, removed in self._cleared:
            state.assigned |= assigned
            state.removed = removed
