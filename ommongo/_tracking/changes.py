"""What an update sends: one change a field, and the update document that they make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ommongo._tracking.operators import needs_exact_pull
from ommongo.query_expression import is_obeyed

if TYPE_CHECKING:
    from ommongo._tracking.tracked import Tracked
    from ommongo.fields import Field

__all__ = ["ARGUMENT_OPERATORS", "Change", "Changes", "count_version"]

ARGUMENT_OPERATORS: Final = frozenset(
    {"$inc", "$mul", "$min", "$max", "$push", "$pushAll", "$addToSet", "$pull", "$pullAll", "$pop"}
)
"""Operators whose value is an argument and not what is stored afterwards."""


class Change:
    """One field that an update sends; *field* is ``None`` for what belongs to no field."""

    __slots__ = ("document", "field", "operator", "path", "value")

    def __init__(
        self, path: str, operator: str, value: Any, document: Tracked, field: Field[Any] | None
    ) -> None:
        self.path = path
        self.operator = operator
        self.value = value
        self.document = document
        self.field = field


class Changes:
    """
    Everything that an update sends.

    Attributes:
        sent: What changed.
        always: What goes along with a change without being one.
        rest: Stored names (dotted) and values of what is set and did not change, for an upsert.
        counts_version: Whether the version is among what is sent.
    """

    __slots__ = ("always", "counts_version", "rest", "sent")

    def __init__(self) -> None:
        self.sent: list[Change] = []
        self.always: list[Change] = []
        self.rest: dict[str, Any] = {}
        self.counts_version: bool = False

    def add(
        self, path: str, operator: str, value: Any, document: Tracked, field: Field[Any] | None
    ) -> None:
        """Note that a field changed."""
        self.sent.append(Change(path, operator, value, document, field))

    def operations(self) -> dict[str, dict[str, Any]]:
        """
        Give the update document.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/update/
        """
        update: dict[str, dict[str, Any]] = {}
        for change in (*self.sent, *self.always):
            operator, value = _as_sent(change.operator, change.value)
            update.setdefault(operator, {})[change.path] = value
        return update


def _as_sent(operator: str, value: Any) -> tuple[str, Any]:
    """Give operator and value as the server takes them."""
    if operator == "$unset":
        return operator, True
    if operator == "$pop":
        return operator, 1
    if operator in ("$push", "$pushAll", "$addToSet") and isinstance(value, list):
        return ("$push" if operator == "$pushAll" else operator), {"$each": value}
    if operator == "$pull" and needs_exact_pull(value):
        return "$pullAll", value if isinstance(value, list) else [value]
    if operator in ("$push", "$addToSet") and is_obeyed(value):
        return operator, {"$each": [value]}
    if operator == "$pull" and isinstance(value, list):
        return operator, {"$in": value}
    return operator, value


def count_version(document: Tracked, changes: Changes) -> None:
    """
    Let an update increment the document's version, if its class counts versions.

    An update of fields alone that do not count the version (``counts_version=False``) leaves it.

    Args:
        document: The document.
        changes: What the update sends, added to.
    """
    version: Any = type(document)._version_field
    if version is None:
        return
    fields = type(document)._by_db_field
    for change in changes.sent:
        path = change.path
        field = fields.get(path)
        if _counts_below(document, path) if "." in path else field is None or field.counts_version:
            changes.add(version.db_field, "$inc", 1, document, version)
            changes.counts_version = True
            return


def _counts_below(document: Tracked, path: str) -> bool:
    """Tell whether a change in an embedded document counts, as all that holds it does."""
    held: Any = document
    for part in path.split("."):
        field = type(held)._by_db_field.get(part)
        if field is None:
            return True
        if not field.counts_version:
            return False
        held = held.__dict__.get(field._name)
    return True
