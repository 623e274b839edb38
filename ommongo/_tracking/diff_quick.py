"""What an update sends of a document in which plain values were assigned, and nothing else."""

from __future__ import annotations

from typing import Any

from bson import ObjectId
from bson.errors import BSONError

from ommongo._bson import Encoded, compared, encode, same, thaw
from ommongo._tracking.committed import kept_form
from ommongo._tracking.diff import is_untouched
from ommongo._tracking.marks import ASSIGNED, is_known
from ommongo._tracking.packed import PackedBson, PackedLists, pack_lists
from ommongo._tracking.state import UNSTORED, State
from ommongo._tracking.tracked import Tracked, set_state
from ommongo.exceptions import OmMongoException
from ommongo.util import UNSET

__all__ = ["quick_diff"]


def quick_diff(document: Tracked) -> dict[str, Any] | None:
    """
    Give the values that an update of a document sets, if it does nothing else.

    That is the usual update, and this is `full_diff` for it, at a fraction of the price.

    Args:
        document: The document.

    Returns:
        The changed values by name, in the order of the fields; ``None`` for a document that only
        `full_diff` can judge.
    """
    state, held, plan = document._state, document.__dict__, document._plan
    id_name = plan.id_name
    if not plan.is_settable or not plan.takes_ids or type(held.get(id_name)) is not ObjectId:
        return None
    is_as_saved = False
    if state is not None:
        if state.particulars.stored_id is not None:
            return None
        if type(state.packed) is PackedBson and not state.packed.is_kept:
            is_as_saved = _is_as_saved(document, state, state.packed)
            if is_as_saved and plan.is_packable:
                _repack(document, state)
        if not state.is_whole_as_loaded(held, is_as_saved):
            return None
    committed: Any = {} if state is None else state.committed
    for name in plan.embedded:
        value = held.get(name)
        if value is None or name in committed or is_untouched(value):
            continue
        if not (is_as_saved and value._known is UNSTORED and value._plan.is_flat):
            return None
    changed: dict[str, Any] = {}
    if state is None:
        return changed
    settable = plan.settable
    for name, frozen in committed.items():
        tests = settable.get(name)
        if frozen is UNSET and name not in held:
            continue  # it has no value, and had none
        if tests is None or name not in held or name == id_name:
            if name in plan.changeable and _is_stored_so(document, name, frozen):
                continue
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
    for name, origin in state.origins.items():
        if origin is not ASSIGNED or name not in committed:
            return None
    if len(changed) > 1:
        return {name: changed[name] for name in type(document)._fields if name in changed}
    return changed


def _repack(document: Tracked, state: State) -> None:
    """Let a document that is as it was saved be known as one that was loaded, if it can be."""
    held, plan = document.__dict__, document._plan
    inside = [held[name] for name in plan.embedded if held.get(name) is not None]
    for inner in inside:
        known = inner._known
        if not (inner._plan.is_flat and inner._plan.is_packable):
            return
        if type(known) is State and known is not UNSTORED:
            return
    made: list[tuple[Tracked, bytes | None]] = []
    try:
        lists = pack_lists(plan.simple_lists, held) if plan.simple_lists else None
        for inner in inside:
            simple = inner._plan.simple_lists
            now, known = pack_lists(simple, inner.__dict__) if simple else None, inner._known
            if known is UNSTORED:
                made.append((inner, now))
            elif known is not None and known != now:
                return  # a list that was changed in place: what was loaded must not be forgotten
    except ValueError:
        return
    for inner, now in made:
        set_state(inner, now)
    state.packed = None if lists is None else PackedLists(plan.simple_lists, lists)


def _is_as_saved(document: Tracked, state: State, packed: PackedBson) -> bool:
    """Tell whether a document would be stored as it was, but for what was assigned or read."""
    if not packed.names:
        return True
    for name in state.committed or ():
        if name not in document.__dict__:
            return False  # wrapping it would give a deleted value its default again
    try:
        now = document._wrap_relative()
    except OmMongoException:
        return False
    stored_names = document._plan.stored_names
    for name, old in (state.committed or {}).items():
        if old is UNSET:
            now.pop(stored_names[name], None)
        elif is_known(old) and name in stored_names:
            now[stored_names[name]] = thaw(old)
        else:
            return False
    return packed.holds(now)


def _is_stored_so(document: Tracked, name: str, frozen: Any) -> bool:
    """Tell quickly whether a dict, a list or an embedded document is surely stored as it stands."""
    field, value = document._fields[name], document.__dict__.get(name)
    if value is None or not is_known(frozen):
        return False
    if field.on_update != "$set" or field._sent_with_changes:
        return False  # it is sent also when it is equal
    try:
        if name not in document._plan.embedded:
            return same(frozen, kept_form(field, value), document._snapshot_options())
        if type(frozen) is not Encoded or not isinstance(value, Tracked):
            return False
        # Something in one that is not flat may be made anew each time it is stored.
        is_sure = value._plan.is_flat and value._is_whole()
        return is_sure and encode({"v": value._wrap_relative()}, frozen.options) == frozen
    except (OmMongoException, BSONError, OverflowError, ValueError):
        return False  # it cannot be stored
