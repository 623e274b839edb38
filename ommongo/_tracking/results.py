"""
Fields whose value is the argument of an operation: what they hold once that was queued.

Assigned to a field of ``$inc``, a number is what to add. From when the update is queued on, the
field holds the sum. When the update fails, the number is pending again; those of several updates
add up.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from ommongo._bson import same, thaw
from ommongo._tracking.changes import Change
from ommongo._tracking.committed import kept_form, snapshot
from ommongo._tracking.marks import ASSIGNED, UNKNOWN, Returned, is_known
from ommongo._tracking.operators import apply, combine
from ommongo._tracking.tracked import Tracked, forget, hold
from ommongo._tracking.undo import Undo
from ommongo.exceptions import BadValueException, DocumentException
from ommongo.fields import Field
from ommongo.util import UNSET

__all__ = ["Result", "want"]

_numbers = itertools.count()
_by_number = itemgetter(0)


class Result:
    """
    What a field holds once its operation was applied.

    Args:
        change: The change by the operation.
        root: The name of the top-level field that it is about, or a part of it.
        made: What is stored then: `UNSET` for nothing, `UNKNOWN` for what only the server knows.
        options: How snapshots are encoded.

    Attributes:
        value: The same in its Python form.
        stored: A snapshot of it.
        argument: What the field held before.
        is_assigned: Whether that was assigned, and not sent because nothing was stored.
        number: What tells its place among all that were made.
        is_superseded: Whether what the field holds is wanted as it is, and no argument any more.
    """

    __slots__ = (
        "argument",
        "document",
        "field",
        "is_assigned",
        "is_superseded",
        "number",
        "operator",
        "root",
        "stored",
        "value",
    )

    def __init__(self, change: Change, root: str, made: Any, options: Any) -> None:
        field: Any = change.field  # there is one, where there is an operation
        self.document, self.field, self.operator = change.document, field, change.operator
        self.root = root
        self.argument = change.document.__dict__.get(field._name, UNSET)
        self.is_assigned = change.document._was_assigned(field._name)
        self.value = field.unwrap(made, change.document._session) if is_known(made) else made
        self.stored = snapshot(made, options)
        self.number = next(_numbers)
        self.is_superseded = False

    @property
    def place(self) -> tuple[int, str]:
        """What tells the field from all others."""
        return id(self.document), self.field._name

    def take(self, undo: Undo) -> None:
        """Let the field hold the result."""
        if self.value is UNKNOWN:
            forget(self.document, self.field._name, undo)
        else:
            hold(self.document, self.field._name, self.value)

    def is_held(self) -> bool:
        """Whether the field still holds what the operation made."""
        if not is_known(self.value):
            return True
        value = self.document.__dict__.get(self.field._name, UNSET)
        options = self.document._snapshot_options()
        return value is self.value and (
            not self.field._mutable_values
            or same(self.stored, kept_form(self.field, value), options)
        )

    def take_back(self, later: Sequence[Result], is_covered: bool) -> None:
        """
        Let the argument be pending again: the operation was not applied.

        Args:
            later: The results of those that work on this one, in order.
            is_covered: Whether a write behind it stores the field whatever it was.
        """
        name, state = self.field._name, self.document._own_state()
        origin = state.origins.get(name)
        if is_covered or self.is_superseded or origin is ASSIGNED:
            return  # what was assigned since is wanted
        if any(other.operator != self.operator for other in later):
            for other in later:  # the value that they came to is wanted
                other.is_superseded = True
            return
        if origin is None and not later and not self.is_held():
            return  # changed in place: that is the wanted value, and no argument
        if isinstance(origin, Returned) and origin.operator != self.operator:
            argument = self.document.__dict__.get(name, UNSET)
            want(self.document, self.field, origin.operator, self.stored, argument)
            return
        others = self._returned(origin)
        parts = sorted([*others, (self.number, self.argument)], key=_by_number)
        pending = self._together(parts)
        if pending is UNKNOWN:  # no argument does what all of them were to do
            behind = self._together([part for part in others if part[0] > self.number])
            want(self.document, self.field, self.operator, self.stored, behind)
            for other in later:
                other.is_superseded = True
            return
        hold(self.document, name, pending)
        if pending is not UNSET and (self.is_assigned or others):
            state.note(name, Returned(self.operator, parts))

    def _returned(self, origin: Any) -> Sequence[tuple[float, Any]]:
        """Give the arguments that are pending again, of other operations, with their numbers."""
        held = self.document.__dict__.get(self.field._name, UNSET)
        if not isinstance(origin, Returned):
            return ()
        if len(origin.parts) == 0 or self._together(origin.parts) != held:
            return ((math.inf, held),)  # changed in place since
        return origin.parts

    def _together(self, parts: Sequence[tuple[float, Any]]) -> Any:
        """Give the one argument for several, with their numbers."""
        together: Any = UNSET
        for _, argument in parts:
            together = self._both(together, argument)
        return together

    def _both(self, one: Any, other: Any) -> Any:
        """Give the one argument for two, if there is one that the field takes."""
        if one is UNSET or other is UNSET:
            return other if one is UNSET else one
        if one is UNKNOWN:
            return UNKNOWN
        combined = combine(self.operator, one, other)
        takes_it = combined is not UNKNOWN and self.field.is_valid_wrap(combined)
        return combined if takes_it else UNKNOWN

    def doubt(self, later: Sequence[Result], is_covered: bool) -> None:
        """
        Let the field be one that is not known: the operation may have been applied, or not.

        Args:
            later: As for `take_back`.
            is_covered: As for `take_back`.
        """
        name = self.field._name
        if is_covered or self.is_superseded or name in self.document._own_state().origins:
            return
        if self.value is UNSET:
            hold(self.document, name, self.argument)
        elif later or self.is_held():
            forget(self.document, name)
            for other in later:
                other.value = UNKNOWN


def want(
    document: Tracked, field: Field[Any], operator: str, stored: Any, argument: Any = UNSET
) -> None:
    """
    Let a field hold what is to be stored, and no argument.

    Args:
        document: The document.
        field: The field.
        operator: The operator that is still to be applied.
        stored: A snapshot of what it is applied to.
        argument: Its argument; `UNSET` for none.
    """
    if not is_known(stored):
        return
    try:
        wanted = thaw(stored)
        if argument is not UNSET:
            wanted = apply(operator, wanted, field.wrap(argument))
        if is_known(wanted):
            hold(document, field._name, field.unwrap(wanted, document._session))
            document._own_state().drop_origins({field._name})
    except (BadValueException, DocumentException):
        return  # what it would come to is refused, so the argument stays
