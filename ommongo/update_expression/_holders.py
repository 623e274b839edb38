"""The documents in which an update changes a field: not all of a family have it, or take it."""

from __future__ import annotations

import itertools
from typing import Any, NamedTuple

from ommongo.query_expression import FREE_TYPE, FreeFormDoc
from ommongo.update_expression._operands import Target
from ommongo.update_expression._rules import Leaf, renames_safely

__all__ = ["REMOVING", "Holder", "holders_of", "in_other_classes"]

REMOVING = frozenset({"$unset", "$pull", "$pullAll", "$pop", "$rename"})
"""Operators that take something out, and so make nothing where there is nothing."""

# Operators that leave their operand, or what was there.
_PUTTING = frozenset({"$set", "$setOnInsert", "$min", "$max"})


class Holder(NamedTuple):
    """
    A document through which a target is reached.

    Attributes:
        path: Its stored dotted name; none for the whole document.
        cls: Its class.
        field: The field of it that leads on; `FREE_TYPE` where none is declared.
        name: What that is stored as.
    """

    path: str
    cls: Any
    field: Any
    name: str

    @property
    def is_told_by_it(self) -> bool:
        """Whether documents of the class's family are told by what is stored under the name."""
        return bool(self.cls._is_family and self.name in self.cls._selector.telling())

    def is_another_class(self, identity: Any) -> bool:
        """Whether a document that gets an identity may become one of another class, or of none."""
        selector = self.cls._selector
        named = selector.named(self.name, identity)
        if named is None:
            return bool(selector.is_of_several)
        return named is not self.cls or bool(selector.children)


def holders_of(cls: Any, target: Target) -> list[Holder]:
    """
    Give the documents through which a target is reached, the whole document first.

    Args:
        cls: The class that the update is on.
        target: What it changes.
    """
    levels = target.levels()
    if not levels or isinstance(cls, FreeFormDoc):
        return []
    found = [Holder("", cls, levels[0].get_type(), levels[0].get_absolute_name())]
    for above, below in itertools.pairwise(levels):
        embedded = getattr(above.get_type(), "document_class", None)
        if embedded is not None:
            path = above.get_absolute_name()
            name = below.get_absolute_name()[len(path) + 1 :]
            found.append(Holder(path, embedded, below.get_type(), name))
    return found


def in_other_classes(holder: Holder, operator: str, operand: Any, is_last: bool) -> list[Leaf]:
    """
    Say which documents of a family a change must not meet: their class has no such field.

    Args:
        holder: One of `holders_of`.
        operator: The update operator.
        operand: What the operator is given, BSON-ready.
        is_last: Whether the field itself is changed, and not what is below it.

    Returns:
        Conditions on the document, of which it must fulfil none.
    """
    cls, field = holder.cls, holder.field
    if field is FREE_TYPE or not cls._selector.children or cls._overrides_subclass:
        return []

    def refuses(other: Any) -> bool:
        own = other._by_db_field.get(holder.name)
        if own is field:
            return False
        if own is None:
            return operator not in REMOVING and other.config_extra_fields != "ignore"
        if operator in ("$unset", "$rename") and is_last:
            return not issubclass(other, field._owner)
        if operator in _PUTTING and is_last:
            return not own.is_valid_unwrap(operand)
        return not renames_safely(field, own)

    dot = "." if holder.path else ""
    return [
        {f"{dot}{name}": condition for name, condition in conditions.items()}
        for conditions in cls._selector.documents_of(refuses)
    ]
