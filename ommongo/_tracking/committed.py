"""What is stored of a document, as far as it is known, and in which form it is compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ommongo._bson import freeze, same, thaw
from ommongo._tracking.marks import EXTRA, UNCHANGED, UNKNOWN, Assigned, is_known
from ommongo._tracking.state import State
from ommongo._tracking.tracked import Tracked
from ommongo.exceptions import BadValueException, DocumentException
from ommongo.fields import Field
from ommongo.util import UNSET

__all__ = [
    "Committed",
    "held_form",
    "is_default",
    "kept_form",
    "partial_wrap",
    "snapshot",
    "stored_form",
]


class Committed:
    """
    What is stored of one document, as far as it is known.

    A top-level document, and an embedded one that was loaded with it, tells it by its own state;
    an embedded document whose parent was written since is told by its parent (*mapping*).

    Args:
        document: The document.
        mapping: Its stored form, when the parent knows it.
    """

    __slots__ = ("by_parent", "mapping", "state")

    def __init__(self, document: Tracked, mapping: Mapping[str, Any] | None = None) -> None:
        self.state: State | None = document._state
        self.by_parent = mapping is not None
        if mapping is None and self.state is not None and self.state.committed is None:
            mapping = {}
        self.mapping = mapping

    def of(self, field: Field[Any]) -> Any:
        """Give the stored value of *field* (or a snapshot of it), `UNSET` or a mark."""
        if self.mapping is not None:
            return self.mapping.get(field.db_field, UNSET)
        return UNCHANGED if self.state is None else self.state.known(field._name)

    def extra(self, document: Tracked) -> Mapping[str, Any] | None:
        """
        Give what is stored of the extra fields, as far as it is known.

        They are ``None`` when nobody has asked for them since they were loaded.
        """
        if self.mapping is not None:
            fields = type(document)._by_db_field
            return {name: value for name, value in self.mapping.items() if name not in fields}
        known = UNCHANGED if self.state is None else self.state.known(EXTRA)
        return {} if known is UNKNOWN else thaw(known) if is_known(known) else None

    @property
    def is_stored(self) -> bool:
        """Whether anything of the document is stored."""
        return bool(self.mapping) if self.mapping is not None else True


def snapshot(value: Any, options: Any) -> Any:
    """
    Take a snapshot of a stored value, or keep the mark that stands for one.

    Args:
        value: A BSON-ready value, `UNSET` or `UNKNOWN`.
        options: How to encode what needs encoding.

    Returns:
        As `freeze`, or the mark.
    """
    return value if value is UNSET or value is UNKNOWN else freeze(value, options)


def is_default(document: Tracked, field: Field[Any], value: Any, options: Any) -> bool:
    """
    Tell whether a value is a default that was only read.

    Args:
        document: The document.
        field: The field.
        value: The value that the document holds.
        options: How snapshots are encoded.

    Returns:
        Whether nobody has assigned it, or changed it in place.
    """
    state = document._state
    frozen = None if state is None else state.origins.get(field._name)
    if frozen is None or isinstance(frozen, Assigned):
        return False
    try:
        return frozen is UNKNOWN or same(frozen, field.wrap(value), options)
    except DocumentException:
        return False


def kept_form(field: Field[Any], value: Any) -> Any:
    """
    Give the stored form of a value, to compare it with a later one.

    Args:
        field: Its field.
        value: The value, which may be one that cannot be stored as it is: a list of documents of
            which a part was loaded, or of such as lack a required field.

    Returns:
        A BSON-ready value.
    """
    try:
        return field.wrap(value)
    except (BadValueException, DocumentException):
        return field._partial_wrap(value)


def partial_wrap(document: Tracked) -> dict[str, Any]:
    """
    Give the values that a document holds, whatever it lacks.

    Args:
        document: The document.

    Returns:
        BSON-ready values by stored name, without what is computed or only a default.
    """
    form: dict[str, Any] = {}
    options = document._snapshot_options()
    for name, field in type(document)._fields.items():
        value = document.__dict__.get(name, UNSET)
        if (
            value is UNSET
            or field._sent_with_changes
            or field._is_computed
            or is_default(document, field, value, options)
        ):
            continue
        form[field.db_field] = field._partial_wrap(value)
    state = document._state
    return form if state is None or not state.extra else {**state.extra, **form}


def stored_form(document: Tracked) -> dict[str, Any]:
    """
    Give what is stored of an embedded document, as far as the document itself knows.

    Args:
        document: The embedded document.

    Returns:
        A new dict of BSON-ready values by stored name.
    """
    committed = Committed(document)
    form: dict[str, Any] = {}
    for name, field in type(document)._fields.items():
        old = committed.of(field)
        if old is UNCHANGED and name in document.__dict__:
            form[field.db_field] = held_form(field, document.__dict__[name])
        elif is_known(old):
            form[field.db_field] = thaw(old)
    state = document._state
    if state is not None and not committed.by_parent:
        extra = committed.extra(document)
        form.update(extra if extra is not None else state.extra or {})
    return form


def held_form(field: Field[Any], value: Any) -> Any:
    """Give what is stored of a value that its parent has not touched."""
    if isinstance(value, Tracked) and field.has_subfields and not field.is_id:
        return stored_form(value)
    return kept_form(field, value)
