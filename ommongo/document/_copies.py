"""Copies of a document, shallow, deep and by pickling: what they hold, and what they know."""

from __future__ import annotations

import copy
from copyreg import __newobj__  # type: ignore[attr-defined]  # public, and not in the stubs
from typing import TYPE_CHECKING, Any

from ommongo import _tracking
from ommongo._tracking import UNSTORED, Places, State, Tracked, set_session, set_state

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Copies"]


class Copies(Tracked):
    """The part of a document that makes copies of it."""

    __slots__ = ()

    def __copy__(self) -> Self:
        return self._copied(dict(self.__dict__), _tracking.copied_state(self))

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        state = _tracking.copied_state(self)
        other = self._copied({}, state)
        memo[id(self)] = other  # what leads back to this document leads to the copy there
        if state is not None:
            state.extra = copy.deepcopy(state.extra, memo)
        other.__dict__.update(copy.deepcopy(self.__dict__, memo))
        return other

    def _copied(self, values: dict[str, Any], state: State | None) -> Self:
        other = object.__new__(type(self))
        other.__dict__.update(values)
        set_session(other, self._session)
        set_state(other, UNSTORED if self._state is UNSTORED else state)
        expired = None if state is None else state.particulars.expired
        if state is not None and expired is not None and expired.document is self:
            state.particulars.expired = expired.copy_for(other)
        note_copy = getattr(self._session, "_note_copy", None)
        if note_copy is not None:
            note_copy(self, other)
        return other

    def __reduce__(self) -> tuple[Any, ...]:
        # Python fills the new document after it has noted it, so others may lead back to it.
        is_unstored = self._known is UNSTORED
        state = None if is_unstored else _tracking.copied_state(self)
        home = self._home()
        if home is not None:  # the session, which tells it, stays behind
            state = state or State({})
            state.own_particulars().places = Places(home)
        return __newobj__, (type(self),), (self.__dict__, is_unstored, state)

    def __setstate__(self, pickled: tuple[dict[str, Any], bool, State | None]) -> None:
        values, unstored, state = pickled
        self.__dict__.update(values)
        set_state(self, UNSTORED if unstored else state)
