"""What is worth knowing of a document class before its documents are touched one by one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bson import ObjectId

from ommongo.fields import DocumentField, Field

__all__ = ["Plan"]


class Plan:
    """
    What follows from the fields of a document class.

    Args:
        cls: The class.

    Attributes:
        id_name: The name of the field that is the ``_id``.
        takes_ids: Whether an ``ObjectId`` is an ``_id`` as it is.
        takes_new_id: Whether the ``_id`` of a document without one can be any new ``ObjectId``.
        has_times: Whether a time of modification is among the fields, here or in embedded
            documents.
        holding: Names of the fields in whose values documents may be.
        embedded: Names of the fields that embed one document.
        plain_lists: Names of lists of plain values, of which a shallow copy is a snapshot, with
            the types of their items.
        simple_lists: Names of those that are packed when they are loaded.
        verbatim: Names of the fields that hold dicts of any size as they are stored; none where the
            class has a hook by which it holds something else.
        accepted: Name to type to a test for the values that a plain field accepts and stores as
            they are; any other value has to be judged by the field.
        settable: As *accepted*, of the fields that an update sends by ``$set``, and the names of
            such lists of plain values, without a test.
        is_settable: Whether nothing goes along with what changed: nothing is made, and no version
            counted.
        stored_names: The fields' stored names by their Python names.
        own: The fields that hold what was given.
        is_flat: Whether a document that nobody touched has not changed: none is embedded in it,
            and nothing made.
        made: The fields whose values are made when the document is stored.
        changeable: Stored names by the names of the fields whose values can change without an
            assignment.
        is_packable: Whether what can change in place are lists that can be packed, and embedded
            documents, and nothing else.
        may_have_extra: Whether documents may hold what is no field.
    """

    __slots__ = (
        "_fields",
        "accepted",
        "changeable",
        "embedded",
        "has_times",
        "holding",
        "id_name",
        "is_flat",
        "is_packable",
        "is_settable",
        "made",
        "may_have_extra",
        "own",
        "plain_lists",
        "settable",
        "simple_lists",
        "stored_names",
        "takes_ids",
        "takes_new_id",
        "verbatim",
    )

    def __init__(self, cls: Any) -> None:
        fields: dict[str, Field[Any]] = cls._fields
        id_field: Field[Any] = cls._by_db_field["_id"]
        self.id_name = id_field._name
        self.takes_ids = id_field._takes_any(ObjectId)
        self.takes_new_id = (
            self.takes_ids and not id_field.has_default and "_id" not in cls._identities
        )
        self.plain_lists: dict[str, frozenset[type]] = {
            name: item._taken_types()
            for name, field in fields.items()
            for item in [field._plain_item()]
            if item is not None
        }
        self.simple_lists = tuple(name for name in self.plain_lists if fields[name]._is_packed)
        hooks = cls._overrides_transform or cls._overrides_init or cls._overrides_new
        self.verbatim = frozenset(
            name for name, field in fields.items() if not hooks and field._is_verbatim
        )
        self.accepted = {
            name: field._plain_values()
            for name, field in fields.items()
            if field._is_plain and field.db_field not in cls._identities
        }
        self.settable = {
            name: self.accepted.get(name, {})
            for name in (*self.accepted, *self.plain_lists)
            if fields[name].on_update == "$set"
        }
        self.made: list[Field[Any]] = [
            field for field in fields.values() if field._sent_with_changes or field._is_computed
        ]
        self.is_settable = not self.made and cls._version_name is None
        self.stored_names = {name: field.db_field for name, field in fields.items()}
        names = {field._name for field in self.made}
        self.own = [field for name, field in fields.items() if name not in names]
        self.holding = tuple(name for name, field in fields.items() if _may_hold_documents(field))
        self.embedded = tuple(n for n, field in fields.items() if isinstance(field, DocumentField))
        self.is_flat = not self.embedded and not self.made
        self.changeable = {
            name: field.db_field
            for name, field in fields.items()
            if field._mutable_values or name in self.embedded
        }
        self.may_have_extra: bool = cls.config_extra_fields == "ignore"
        self.is_packable = not self.may_have_extra and self.changeable.keys() <= {
            *self.simple_lists,
            *self.embedded,
        }
        self._fields = fields

    def __getattr__(self, name: str) -> Any:
        if name != "has_times":
            raise AttributeError(name)
        # Not before it is asked for: a class that is embedded may be declared later.
        seen: set[Any] = set()
        has_times = _has_times(self._fields.values(), seen)
        if None not in seen:
            self.has_times: bool = has_times
        return has_times


def _may_hold_documents(field: Field[Any]) -> bool:
    """Whether documents may be in the values of *field*; an application's own may do anything."""
    if isinstance(field, DocumentField) or not type(field).__module__.startswith("ommongo.fields"):
        return True
    if field._leads_elsewhere:
        return False  # it holds what a document is found by
    return any(map(_may_hold_documents, field._inner_fields()))


def _has_times(fields: Iterable[Field[Any]], seen: set[Any]) -> bool:
    """
    Whether a time of modification is among *fields*.

    Classes that were *seen* are done with, one whose name is unknown is ``None`` there.
    """
    for field in fields:
        if field._is_modified:
            return True
        if isinstance(field, DocumentField):
            cls = field._known_class
            is_new = cls is not None and cls not in seen
            seen.add(cls)
            if is_new and _has_times(cls._fields.values(), seen):
                return True
    return False
