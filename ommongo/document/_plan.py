"""What is worth knowing of a document class before its documents are touched one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from bson import Int64, ObjectId

from ommongo.fields import (
    BoolField,
    DateTimeField,
    DocumentField,
    Field,
    FloatField,
    IntField,
    ListField,
    ModifiedField,
    ObjectIdField,
    StringField,
)

__all__ = ["Plan", "is_free", "plain_types", "plan_of"]

_PLAIN_TYPES: dict[type[Field[Any]], frozenset[type]] = {
    StringField: frozenset({str}),
    IntField: frozenset({int, Int64}),
    FloatField: frozenset({float}),
    BoolField: frozenset({bool}),
    ObjectIdField: frozenset({ObjectId}),
    DateTimeField: frozenset({datetime}),
}
"""The types that a field without further conditions takes as they are, loading and storing."""

_CONDITIONS = (
    "min_length",
    "max_length",
    "min_value",
    "max_value",
    "min_date",
    "max_date",
    "min_capacity",
    "max_capacity",
)


def is_free(field: Field[Any]) -> bool:
    """
    Tell whether a field judges by type alone.

    Args:
        field: The field.

    Returns:
        Whether it has no validators, bounds and time zone.
    """
    return (
        not field._has_validators
        and not getattr(field, "use_tz", False)
        and all(getattr(field, name, None) is None for name in _CONDITIONS)
    )


def plain_types(field: Field[Any]) -> frozenset[type] | None:
    """
    Give the types that a field takes as they are.

    Args:
        field: The field.

    Returns:
        The types; ``None`` for a field that has to be asked.
    """
    types = _PLAIN_TYPES.get(type(field))
    if types is None or not is_free(field):
        return None
    return types | {type(None)} if field.allow_none else types


class Plan:
    """
    What follows from the fields of a document class.

    Args:
        cls: The class.

    Attributes:
        holding: Names of the fields in whose values documents may be.
        embedded: Names of the fields that embed one document.
        has_times: Whether a time of modification is among the fields, here or in embedded
            documents.
        plain_lists: Names of lists of plain values, of which a shallow copy is a snapshot, with
            a test for the types of their items.
    """

    __slots__ = ("embedded", "has_times", "holding", "plain_lists")

    def __init__(self, cls: Any) -> None:
        fields: dict[str, Field[Any]] = cls._fields
        self.holding = tuple(name for name, field in fields.items() if _may_hold_documents(field))
        self.embedded = tuple(n for n, field in fields.items() if isinstance(field, DocumentField))
        self.has_times = _has_times(fields.values(), {cls})
        self.plain_lists: dict[str, Callable[[Iterable[type]], bool]] = {}
        for name, field in fields.items():
            if type(field) is ListField and is_free(field):
                types = plain_types(field.item_field)
                if types is not None:
                    self.plain_lists[name] = types.issuperset


def plan_of(cls: Any) -> Plan:
    """
    Give the plan of a document class.

    Args:
        cls: The class.

    Returns:
        Its plan, always the same one.
    """
    plan: Plan | None = cls.__dict__.get("_plan")
    if plan is None:
        plan = cls._plan = Plan(cls)
    return plan


def _may_hold_documents(field: Field[Any]) -> bool:
    """Whether documents may be in the values of *field*; an application's own may do anything."""
    if isinstance(field, DocumentField) or not type(field).__module__.startswith("ommongo.fields"):
        return True
    return any(map(_may_hold_documents, field._inner_fields()))


def _has_times(fields: Iterable[Field[Any]], seen: set[Any]) -> bool:
    """Whether a time of modification is among *fields*; *seen* classes are done with."""
    for field in fields:
        if isinstance(field, ModifiedField):
            return True
        if isinstance(field, DocumentField) and field.document_class not in seen:
            seen.add(field.document_class)
            if _has_times(field.document_class._fields.values(), seen):
                return True
    return False
