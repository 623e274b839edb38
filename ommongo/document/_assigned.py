"""What an update sends of a document in which plain values were assigned, and nothing else."""

from __future__ import annotations

from typing import Any

from bson import ObjectId

from ommongo.document._dirty import is_untouched
from ommongo.document._plan import plan_of
from ommongo.document._stored import compared
from ommongo.util import UNSET

__all__ = ["assigned_values"]


def assigned_values(document: Any) -> dict[str, Any] | None:
    """
    Give the values that an update of a document sets, if it does nothing else.

    That is the usual update, and this is `collect` for it, at a fraction of the price.

    Args:
        document: The document.

    Returns:
        The changed values by name, in the order of the fields; ``None`` for a document that only
        `collect` can judge.
    """
    cls, state, held = type(document), document._state, document.__dict__
    plan = cls._plan or plan_of(cls)
    id_name = plan.id_name
    if (
        not plan.is_settable
        or not plan.takes_ids
        or type(held.get(id_name)) is not ObjectId
        or not (state is None or state.is_whole_as_loaded(held))
    ):
        return None
    for name in plan.embedded:
        value = held.get(name)
        if value is not None and not is_untouched(value):
            return None
    changed: dict[str, Any] = {}
    if state is None:
        return changed
    settable, snapshots = plan.settable, state.snapshots
    for name, frozen in snapshots.items():
        tests = settable.get(name)
        if tests is None or name not in held or name == id_name:
            return None
        value = held[name]
        is_same = compared(frozen, value)
        if is_same:
            continue
        if is_same is None and frozen is not UNSET and frozen is not None:
            return None
        test = tests.get(type(value))
        if test is None or not test(value):
            return None
        changed[name] = value
    if not state.assigned <= snapshots.keys():
        return None
    if len(changed) > 1:
        return {name: changed[name] for name in cls._fields if name in changed}
    return changed
