"""
What a document holds once a write of it was queued, and again when that write failed.

A queued write makes its document clean, and a failed or dropped one makes it dirty again; so
success, the common case, costs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ommongo.document._holding import Embedded, Times, knows_changes, put, put_times
from ommongo.document._plan import plan_of
from ommongo.document._state import UNSTORED, Saved, State
from ommongo.document._stored import Encoded, encode, freeze
from ommongo.document._truth import UNKNOWN, snapshot, stored_form
from ommongo.document._values import set_state
from ommongo.fields import VersionField
from ommongo.util import UNSET

__all__ = ["NextVersion", "QueuedWrite", "SavedDocument"]


class NextVersion:
    """
    The version that a whole document is stored under.

    Args:
        document: The document, of a class that counts versions.
    """

    def __init__(self, document: Any) -> None:
        self._document = document
        self._field: VersionField = type(document)._version_field
        self._before: Any = UNSET
        self._number = 1
        state = document._state
        if state is None or state.stored:
            self._before = document.__dict__.get(self._field._name, UNSET)
            self._number += self._before or 0

    def stored(self, stored: Mapping[str, Any]) -> Mapping[str, Any]:
        """Give *stored* with the new version."""
        return {**stored, self._field.db_field: self._number}

    def take(self) -> None:
        """Let the document have the new version: the next write follows this one."""
        self._document.__dict__[self._field._name] = self._number

    def take_back(self) -> None:
        """Let the document have the version again that is stored."""
        put(self._document, self._field._name, self._before)


class QueuedWrite:
    """
    A document of which a write was queued: what the operation that writes it knows of it.

    Each queued write gives its document a state of its own, so that a later one can be told by it.

    Args:
        document: The document.
        after: The state that tells what is stored once the write was applied.
    """

    # Most writes have nothing to say here.
    _embedded: Embedded | None = None
    _times: Times = ()
    _earlier: Times = ()

    def __init__(self, document: Any, after: State) -> None:
        self.document = document
        self._before: State | None = document._state
        self._after = after
        set_state(document, after)

    @property
    def _is_last(self) -> bool:
        """Whether no other write was queued behind this one (and not taken back)."""
        return self.document._state is self._after

    def _take_back(self, truths: Mapping[str, Any], sent: bool) -> None:
        """
        Let the document be as it was before the write, but for what happened to it since.

        Args:
            truths: Snapshots of what is stored of the fields that the write was about.
            sent: Whether the write may have reached the server.
        """
        if self._is_last:
            state = self._state_before()
            self._add_what_happened(state, truths)
            set_state(self.document, state)
        else:
            # The writes behind this one went on from what it was to leave.
            state = self.document._own_state()
            for name in truths:
                state.baseline[name] = UNKNOWN
                if self._after is not None:  # a write behind this one may return to it
                    self._after.baseline[name] = UNKNOWN
            if self._before is not None:
                state.assigned |= self._before.assigned
        state.sent = state.sent or sent
        if self._embedded is not None:
            self._embedded.restore()
        put_times(self._earlier)

    def _state_before(self) -> State:
        """Give the state to return to: the same one, by which an earlier write is told."""
        if self._before is None:
            return State(stored=True)
        return self._before.copy() if self._before is UNSTORED else self._before

    def _add_what_happened(self, state: State, truths: Mapping[str, Any]) -> None:
        """Let the state to return to know what was read, assigned and deleted since."""
        after = self._after
        if state.stored and state.source is None:
            for name, frozen in {**after.baseline, **truths}.items():
                state.baseline.setdefault(name, frozen)
            if state.extra_baseline is None:
                state.extra_baseline = self._stored_extra()
        if state.defaults or after.defaults:
            read = {n: d for n, d in (state.defaults or {}).items() if n not in after.assigned}
            state.defaults = {**read, **(after.defaults or {})}
        if state.retrieved is not None:
            for name in after.assigned & state.retrieved.parts:
                if after.retrieved is None or name not in after.retrieved.parts:
                    state.retrieved = state.retrieved.without_part(name)
                    state.baseline[name] = UNKNOWN
        state.assigned |= after.assigned
        state.extra = after.extra

    def _stored_extra(self) -> Encoded | None:
        """Give what is stored of the extra fields that nobody had asked for before the write."""
        return self._after.extra_baseline


class SavedDocument(QueuedWrite, Encoded):
    """
    A document whose whole content was queued.

    It is its BSON too, so it is itself what is sent, and what a new document knows of itself for as
    long as nobody wants to know more.

    Args:
        document: The document.
        raw: Its BSON, as it will be sent.
        times: Documents, attribute names and the values that they take over when it was stored.
    """

    _before = UNSTORED
    # Made when it is first asked for, where the document is new.
    _after: State = None  # type: ignore[assignment]
    # The embedded documents at the time of the write, by name.
    _held: Mapping[str, Any] = MappingProxyType({})

    # It is one write and no other one, and true, whatever is in the BSON.
    __eq__ = object.__eq__
    __hash__ = object.__hash__  # type: ignore[assignment]

    def __bool__(self) -> bool:
        return True

    def __init__(self, document: Any, raw: bytes, times: Times) -> None:
        self.document = document
        self.raw = raw
        self.options = document._snapshot_options()
        if times:
            self._times = times
        embedded = plan_of(type(document)).embedded
        if embedded and knows_changes(document, embedded):
            self._embedded = Embedded()
            self._embedded.clear(document)
        if document._known is UNSTORED:  # nothing is known of it, and nothing stored
            set_state(document, self)
            return
        self._before = before = document._state
        state = self.make_state()
        if before is not None:
            state.extra = before.extra
            state.score = before.score
            state.id_given = before.id_given
        set_state(document, state)
        self._held = {name: document.__dict__.get(name) for name in embedded}

    def make_state(self) -> State:
        """Give the state that tells what is stored once the write was applied."""
        self._after = State(True, None, Encoded(self.raw, self.options))
        return self._after

    @property
    def _is_last(self) -> bool:
        known = self.document._known
        return known is self or (known is self._after and known is not None)

    def release(self) -> None:
        """Let the document go of this, as nothing can take the write back any more."""
        if self.document._known is self:
            set_state(self.document, Saved(self.raw))

    def _was_applied(self) -> None:
        """Take over the times that were stored."""
        self._earlier = put_times(self._times)

    def _restore(self, sent: bool) -> None:
        """
        Make the document dirty again.

        Args:
            sent: Whether the write may have reached the server.
        """
        if self._is_last:
            self.document._own_state()  # which is `_after`, if nobody has asked for it yet
            before = self._before
            known = before is not None and (not before.stored or before.source is not None)
            truths = {} if known else self._stored_before()
        else:
            truths = dict.fromkeys(type(self.document)._fields, UNKNOWN)
            del truths[self.document._id_field()._name]
        self._take_back(truths, sent)

    def _stored_before(self) -> dict[str, Any]:
        """Give what was stored of the fields that nobody had touched until the write."""
        stored, options = self.decode(), self.options
        known = {} if self._before is None else self._before.baseline
        truths: dict[str, Any] = {}
        for name, field in type(self.document)._fields.items():
            if name in known:
                continue
            held = self._held.get(name)
            if held is None:  # untouched until the write, so what the write held was stored
                truths[name] = snapshot(stored.get(field.db_field, UNSET), options)
            elif held is not self.document.__dict__.get(name):
                truths[name] = freeze(stored_form(held), options)
            # Else the embedded document itself knows what is stored of it.
        return truths

    def _stored_extra(self) -> Encoded | None:
        fields = type(self.document)._by_db_field
        extra = {name: value for name, value in self.items() if name not in fields}
        return encode(extra, self.options)
