"""Loading what an application's `Document.transform_incoming` rewrites."""

from __future__ import annotations

import copy
from typing import Any

from ommongo._bson import CONSTANTS, SNAPSHOT_OPTIONS, freeze, same, thaw
from ommongo._tracking import ASSIGNED, EXTRA, Retrieved, Tracked
from ommongo.document._codec.interpreted import load_interpreted
from ommongo.document._traits.described import Described
from ommongo.document._traits.hooks import migrating_fields
from ommongo.fields import Field
from ommongo.util import UNSET

__all__ = ["load_migrating", "load_transformed"]


def load_transformed(
    cls: type[Described], raw: Any, session: Any, retrieved: Retrieved | None
) -> Any:
    """
    Load what the hook of *cls* makes of stored data.

    Args:
        cls: The class, or a base of the document's class.
        raw: What was stored. The hook gets a copy: that it may change it is no reason to forget
            what is stored, which an error is to show.
        session: The session that loads it, or ``None``.
        retrieved: What a partial document has.

    Returns:
        The document. The next update sets what the hook changed, and unsets the stored names that
        it removed.
    """
    options = getattr(session, "_snapshot_options", SNAPSHOT_OPTIONS)
    copied = {
        name: value if type(value) in CONSTANTS else copy.deepcopy(value)
        for name, value in raw.items()
    }
    incoming = cls.transform_incoming(copied, session)
    subclass = cls.get_subclass(incoming) or cls
    if _hook_of(subclass) is _hook_of(cls):
        document = subclass._build(incoming, session, retrieved)
    else:
        document = subclass._unwrap_relative(incoming, session, retrieved)
    changed = _changed(raw, incoming, options)
    if "_id" in changed and "_id" in document._by_db_field:
        changed.remove("_id")
        document._keep_id(raw.get("_id", UNSET))
    if retrieved is None or _has_all(document, changed, incoming, retrieved):
        _settle(document, changed, raw, incoming, options)
    return document


def _settle(document: Any, changed: list[str], raw: Any, incoming: Any, options: Any) -> None:
    """Let a document know what a hook made of what is stored under some names."""
    fields, state = type(document)._by_db_field, document._own_state()
    removed = {}
    for name in changed:
        field, old = fields.get(name), raw.get(name, UNSET)
        if field is not None:
            known = UNSET if old is UNSET else freeze(old, options)
            _mark_dirty(document, field, known, assigned=name in incoming)
        elif name not in incoming:
            removed[name] = old
    if removed:  # extra fields that are stored, and not held any more
        document.get_extra_fields()
        state.committed[EXTRA] = freeze({**thaw(state.known(EXTRA)), **removed}, options)


def _has_all(document: Described, changed: list[str], incoming: Any, retrieved: Retrieved) -> bool:
    """
    Tell whether a partial document has all that a hook changed; else let it know so.

    What the hook changed is stored together or not at all: half of it would let the hook, the next
    time, take what is old for what is new.
    """
    fields, state = type(document)._by_db_field, document._own_state()
    if retrieved.hides:
        # What is not there may be stored under another name, which the hook has not seen.
        by_name = document._fields
        unseen = [name for name in retrieved.names if by_name[name].db_field not in incoming]
        state.retrieved = retrieved = retrieved.without(unseen)
    made = [fields[name]._name for name in changed if name in fields]
    held = [name for name in made if name in retrieved]
    if not retrieved.hides and held == made and not any(map(retrieved.has_part_of, held)):
        return True
    state.retrieved = retrieved.with_rewritten(held)
    return False


def _changed(raw: Any, incoming: Any, options: Any) -> list[str]:
    """Give the stored names under which a hook has put something else, or nothing."""
    return [
        name
        for name in {**raw, **incoming}
        if name not in raw or name not in incoming or not same(raw[name], incoming[name], options)
    ]


def _hook_of(cls: type[Described]) -> Any:
    """Give the function that rewrites the stored data of a class."""
    hook: Any = cls.transform_incoming
    return hook.__func__


def _mark_dirty(document: Described, field: Field[Any], old: Any, assigned: bool) -> None:
    """Let a document know that a field is stored otherwise than it was loaded."""
    state = document._own_state()
    if state.committed is not None:  # it was just loaded
        state.committed[field._name] = old
    if assigned:
        state.note(field._name, ASSIGNED)


def load_migrating(
    cls: type[Described], raw: Any, session: Any, retrieved: Retrieved | None
) -> Any:
    """
    Load a document of a class with `migrating_fields`.

    Args:
        cls: The class.
        raw: What was stored.
        session: The session that loads it, or ``None``.
        retrieved: What a partial document has.

    Returns:
        The document, dirty where a hook changed something.
    """
    options = getattr(session, "_snapshot_options", SNAPSHOT_OPTIONS)
    if retrieved is None:
        document = cls._codec.load(raw, session)
    else:
        document = load_interpreted(cls, raw, session, retrieved)
    for field in migrating_fields(cls):
        if field.db_field in raw and _was_migrated(document.__dict__.get(field._name)):
            old = freeze(raw[field.db_field], options)
            _mark_dirty(document, field, old, assigned=True)
    return document


def _was_migrated(value: Any) -> bool:
    """Whether a hook changed a document inside *value*."""
    if isinstance(value, dict):
        return any(map(_was_migrated, value.values()))
    if isinstance(value, (list, tuple, set, frozenset)):
        return any(map(_was_migrated, value))
    if not isinstance(value, Tracked):
        return False
    state = value._state
    if state is not None and (state.origins or state.committed):
        return True
    return any(map(_was_migrated, value.__dict__.values()))
