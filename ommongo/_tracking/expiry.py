"""
What a transaction read that was not committed: it is not known any more.

Fields that hold nothing else become such as were not retrieved; what was changed in a document
stays, and is dirty. Before the next read of one of these fields, or write of the document, it is
loaded anew.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ommongo._bson import freeze, same, thaw
from ommongo._tracking.changes import ARGUMENT_OPERATORS
from ommongo._tracking.diff import full_diff
from ommongo._tracking.embedded import embedded_in
from ommongo._tracking.expired import Expired
from ommongo._tracking.marks import EXTRA, UNKNOWN, Assigned, is_known
from ommongo._tracking.stamps import hold_version
from ommongo._tracking.tracked import Tracked, forget, hold
from ommongo.exceptions import OmMongoException
from ommongo.util import UNSET

__all__ = ["Held", "expire", "held_values", "put_back", "renew"]

Held = Mapping[str, Any]
"""What a document held before it was loaded anew, by name; `UNSET` for nothing."""

Places = Collection[tuple[int, str]]
"""Fields, each by what tells its document from all others and its name."""


def held_values(document: Tracked, names: Iterable[str]) -> Held:
    """Give what a document holds in some fields, before it is loaded anew."""
    return {name: document.__dict__.get(name, UNSET) for name in names}


def put_back(document: Tracked, before: Held, after: Held) -> None:
    """
    Let a document hold what was given to it before it was loaded anew in place, and not stored.

    Args:
        document: The document, of which nothing is pending.
        before: What it held before.
        after: What it held then; anything else was assigned since, and stays.
    """
    is_new = document._own_state().committed is None
    for name, value in before.items():
        is_as_loaded = document.__dict__.get(name, UNSET) is after[name]
        if is_as_loaded and (is_new or _was_given(document, name)):
            hold(document, name, value)


def expire(document: Tracked, names: Collection[str], is_loaded: bool = False) -> None:
    """
    Let what was read of a document not count as known.

    Args:
        document: The document, of which nothing is pending.
        names: The names of the fields that were read.
        is_loaded: Whether the object was made by that, and not only loaded anew.
    """
    state = document._own_state()
    if is_loaded and state.committed is None:  # find-and-modify has removed it, in vain
        state.committed, state.id_is_new = {}, False
    if state.committed is None:
        return  # nothing of it is stored: what it holds was given to it
    expired = state.particulars.expired
    if expired is None:
        expired = state.own_particulars().expired = Expired(document, state.retrieved)
    _expire(document, names, _changed(document, names), expired)


def _was_given(document: Tracked, name: str) -> bool:
    """Whether a value was assigned to be stored as it is, and is pending again."""
    is_argument = type(document)._fields[name].on_update in ARGUMENT_OPERATORS
    return document._was_assigned(name) and not is_argument


def _changed(document: Tracked, names: Collection[str]) -> Places:
    """Give the fields that are not as they were read, also of what is embedded in a document."""
    try:
        found = [(change.document, change.field) for change in full_diff(document).sent]
    except OmMongoException:  # something in it cannot be stored: what was touched may be changed
        touched = {*document._own_state().touched(document.__dict__)} & {*names}
        return {(id(document), name) for name in touched if name in document.__dict__}
    changed = {(id(holder), field._name) for holder, field in found if field is not None}
    for holder in (document, *embedded_in(document)):
        changed.update(
            (id(holder), name)
            for name, origin in (() if holder._state is None else holder._state.origins.items())
            if isinstance(origin, Assigned)
        )
    return changed


def _expire(document: Tracked, names: Collection[str], changed: Places, expired: Expired) -> None:
    """Let fields be such as were not retrieved, unless they are among the changed ones."""
    state, fields = document._own_state(), type(document)._fields
    holders = {holder for holder, _ in changed}
    for name in names:
        if name == document._plan.id_name or not document._is_retrieved(name):
            continue
        inner = document.__dict__.get(name)
        if (id(document), name) in changed:
            if state.committed is not None:
                state.committed[name] = UNKNOWN
        elif isinstance(inner, Tracked) and holders & {id(inner), *map(id, embedded_in(inner))}:
            own = inner._own_state()
            below = own.own_particulars().expired = Expired(expired.document, own.retrieved)
            _expire(inner, [*type(inner)._fields], changed, below)
            expired.inside.add(name)
            if state.committed is not None:
                state.committed[name] = UNKNOWN
        else:
            forget(document, name)
            expired.names.add(name)
    if not fields.keys() - {*names}:
        expired.names.add(EXTRA)
        _expire_extra(document, expired)


def _expire_extra(document: Tracked, expired: Expired) -> None:
    """Let go of the extra fields that nobody has changed."""
    state = document._own_state()
    if state.extra is None:
        return
    known, options = state.known(EXTRA), document._snapshot_options()
    stored = thaw(known) if is_known(known) else {**state.extra}
    for name, value in stored.items():
        if name not in state.extra:
            expired.deleted.add(name)
        elif same(freeze(value, options), state.extra[name], options):
            del state.extra[name]
    if state.committed is not None:
        state.committed[EXTRA] = UNKNOWN


def renew(document: Tracked, fresh: Tracked) -> None:
    """
    Let a document know again what had expired, and hold it where nothing else was assigned.

    Args:
        document: The document.
        fresh: A copy that was just loaded.
    """
    state = document._own_state()
    expired = state.particulars.expired
    if expired is None:
        return
    wanted = {name for name in expired.names if name not in document.__dict__}
    known: dict[str, Any] = {}
    for name, field in type(document)._fields.items():
        if name not in wanted and state.known(name) is not UNKNOWN:
            continue
        known[name] = fresh._remember(field).known(name)
        if name in wanted:
            hold(document, name, fresh.__dict__.get(name, UNSET))
            origin = fresh._origin_of(name)
            if origin is not None:  # a hook has rewritten what is stored
                state.note(name, origin)
    has_extra = state.extra is not None or fresh._own_state().extra is not None
    if EXTRA in expired.names and has_extra:
        extra = fresh.get_extra_fields()
        known[EXTRA] = fresh._own_state().known(EXTRA)
        state.extra = {} if state.extra is None else state.extra
        for name, value in extra.items():
            if name not in expired.deleted:
                state.extra.setdefault(name, value)
    state.particulars.expired, state.retrieved = None, expired.retrieved
    state.renew(known)
    for name in expired.inside:
        inner, newer = document.__dict__.get(name), fresh.__dict__.get(name)
        if isinstance(inner, Tracked):
            own = inner._own_state()
            if isinstance(newer, Tracked):
                renew(inner, newer)
            elif own.particulars.expired is not None:
                own.retrieved = own.particulars.expired.retrieved
                own.particulars.expired = None
    hold_version(document)
