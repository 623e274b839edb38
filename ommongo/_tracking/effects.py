"""What one change of an update makes of a stored field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ommongo._bson import freeze, thaw
from ommongo._tracking.changes import ARGUMENT_OPERATORS, Change
from ommongo._tracking.marks import UNKNOWN
from ommongo._tracking.operators import apply
from ommongo.exceptions import BadValueException
from ommongo.fields import SetField
from ommongo.util import UNSET

__all__ = ["Effect"]


class Effect:
    """
    What one change of an update makes of a top-level field.

    Args:
        change: The change.
        below: The stored names of the part of the field that it is about.
        is_open: Whether what is stored of that part is not known.
        options: How snapshots are encoded.

    Attributes:
        made: What it last made of the part: the stored value, `UNSET` or `UNKNOWN`.
    """

    __slots__ = ("_argument", "below", "change", "is_open", "made")

    def __init__(self, change: Change, below: Sequence[str], is_open: bool, options: Any) -> None:
        self.change = change
        self.below = below
        self.is_open = is_open
        # Frozen, since the application may hold it, and change it. A tuple is one item of a list.
        value = [change.value] if _is_item(change) else change.value
        self._argument = freeze(value, options)
        self.made: Any = UNSET

    @property
    def is_constant(self) -> bool:
        """Whether it stores the same whatever was stored before."""
        return not self.below and self.change.operator not in ARGUMENT_OPERATORS

    def on(self, old: Any) -> Any:
        """Give what it makes of a stored value of the field, `UNSET` or `UNKNOWN`."""
        if not self.below:
            self.made = self._of(old)
            return self.made
        if old is UNKNOWN and not self.is_open:
            self.made = self._of(UNKNOWN)
            return UNKNOWN
        root = old = dict(old) if isinstance(old, Mapping) else {}
        for part in self.below[:-1]:
            inner = old.get(part)
            old[part] = dict(inner) if isinstance(inner, Mapping) else {}
            old = old[part]
        last = self.below[-1]
        new = self.made = self._of(UNKNOWN if self.is_open else old.get(last, UNSET))
        if new is UNSET or new is UNKNOWN:
            old.pop(last, None)
        else:
            old[last] = new
        return root

    def _of(self, old: Any) -> Any:
        operator = self.change.operator
        if operator == "$unset":
            return UNSET
        if operator == "$currentDate":
            return UNKNOWN
        if operator not in ARGUMENT_OPERATORS:
            return thaw(self._argument)
        if old is UNKNOWN:
            return UNKNOWN
        return self._in_order(apply(operator, old, thaw(self._argument)))

    def _in_order(self, made: Any) -> Any:
        """Give what an operator made in the order in which it is compared: a set has none."""
        field = self.change.field
        if not isinstance(field, SetField) or not isinstance(made, list):
            return made
        try:
            return field.wrap(field.unwrap(made, self.change.document._session))
        except BadValueException:
            return made  # whoever needs it in Python says what is wrong


def _is_item(change: Change) -> bool:
    """Whether a change is an operation with one item that is an array itself."""
    return change.operator in ARGUMENT_OPERATORS and isinstance(change.value, tuple)
