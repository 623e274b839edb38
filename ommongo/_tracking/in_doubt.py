"""What is stored where nobody knows whether a write was applied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ommongo._bson import freeze, same, thaw
from ommongo._tracking.marks import EXTRA, IN_DOUBT, UNCHANGED, UNKNOWN, is_known
from ommongo._tracking.tracked import Tracked
from ommongo.util import UNSET

__all__ = ["either", "nothing_known"]


def nothing_known(document: Tracked) -> dict[str, Any]:
    """Give what is stored of a document of which nobody knows anything."""
    state = document._own_state()
    known = state.remembered[EXTRA] if state.remembered and state.knows(EXTRA) else UNKNOWN
    extra = [*(state.extra or ()), *(thaw(known) if is_known(known) else ())]
    in_doubt = freeze(dict.fromkeys(extra, IN_DOUBT), document._snapshot_options())
    return {**dict.fromkeys(type(document)._fields, UNKNOWN), EXTRA: in_doubt}


def either(old: Any, new: Any) -> Any:
    """
    Give what is stored when it is one of two.

    Args:
        old: A snapshot, or a mark.
        new: Another one.

    Returns:
        The snapshot where both are the same; else `UNKNOWN`, or for two dicts one of what is the
        same in both, in which everything else is in doubt.
    """
    if old is new or old is UNCHANGED:
        return old
    if old is UNKNOWN or new is UNKNOWN or old is UNSET or new is UNSET:
        return UNKNOWN
    one, other = thaw(old), thaw(new)
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return freeze(_either(one, other), old.options)
    return old if same(old, other) else UNKNOWN


def _either(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Give the dict that one of two is, as far as that is known."""
    known: dict[str, Any] = {}
    for name in [*one, *(name for name in other if name not in one)]:
        here, there = one.get(name, UNSET), other.get(name, UNSET)
        if isinstance(here, Mapping) and isinstance(there, Mapping):
            known[name] = _either(here, there)
        elif here is not UNSET and there is not UNSET and same(freeze(here), there):
            known[name] = here
        else:
            known[name] = IN_DOUBT
    return known
