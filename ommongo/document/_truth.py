"""What is stored of a document, as far as it is known, and in which form it is compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ommongo.document._state import State
from ommongo.document._stored import freeze, same, thaw
from ommongo.exceptions import BadValueException, DocumentException
from ommongo.fields import ComputedField
from ommongo.util import UNSET

__all__ = [
    "UNCHANGED",
    "UNKNOWN",
    "Truth",
    "held_form",
    "is_default",
    "is_document",
    "is_known",
    "kept_form",
    "snapshot",
    "stored_form",
]


class Mark:
    """A value of its own kind, named for messages."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name

    def __reduce__(self) -> str:
        return self.name


UNCHANGED: Final = Mark("UNCHANGED")
"""Nobody has touched the value: it is stored as it stands."""

UNKNOWN: Final = Mark("UNKNOWN")
"""What is stored is not known: it was never retrieved, or a write left it open."""


class Truth:
    """
    What is stored of one document, as far as it is known.

    A top-level document, and an embedded one that was loaded with it, tells it by its own state;
    an embedded document whose parent was saved since is told by its parent (*mapping*).

    Args:
        document: The document.
        mapping: Its stored form, when the parent knows it.
    """

    __slots__ = ("by_parent", "mapping", "state")

    def __init__(self, document: Any, mapping: Mapping[str, Any] | None = None) -> None:
        self.state: State | None = document._state
        self.mapping = mapping
        self.by_parent = mapping is not None
        state = self.state
        if mapping is None and state is not None:
            if not state.stored:
                self.mapping = {}
            elif state.source is not None:
                self.mapping = {**state.source.decode()}
                by_name = type(document)._fields
                for name, frozen in state.baseline.items():
                    if frozen is UNSET:
                        self.mapping.pop(by_name[name].db_field, None)
                    else:
                        self.mapping[by_name[name].db_field] = (
                            frozen if frozen is UNKNOWN else thaw(frozen)
                        )

    def of(self, field: Any) -> Any:
        """Give the stored value of *field* (or a snapshot of it), `UNSET` or a mark."""
        if self.mapping is not None:
            return self.mapping.get(field.db_field, UNSET)
        if self.state is None:
            return UNCHANGED
        return self.state.snapshot_of(field._name, UNCHANGED)

    @property
    def is_stored(self) -> bool:
        """Whether anything of the document is stored."""
        return bool(self.mapping) if self.mapping is not None else True


def is_known(old: Any) -> bool:
    """Tell whether *old* is a stored value (and no mark for one)."""
    return old is not UNSET and old is not UNCHANGED and old is not UNKNOWN


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


def is_document(value: Any) -> bool:
    """Tell whether *value* is a document, by what this room reads of it."""
    return hasattr(value, "_known")


def is_default(document: Any, field: Any, value: Any, options: Any) -> bool:
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
    if state is None or state.defaults is None or field._name not in state.defaults:
        return False
    frozen = state.defaults[field._name]
    try:
        return frozen is UNKNOWN or same(frozen, field.wrap(value), options)
    except DocumentException:
        return False


def kept_form(field: Any, value: Any) -> Any:
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
        return field._held_form(value)


def held_form(document: Any) -> dict[str, Any]:
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
            or isinstance(field, ComputedField)
            or is_default(document, field, value, options)
        ):
            continue
        form[field.db_field] = field._held_form(value)
    state = document._state
    return form if state is None or not state.extra else {**state.extra, **form}


def stored_form(document: Any) -> dict[str, Any]:
    """
    Give what is stored of an embedded document, as far as the document itself knows.

    Args:
        document: The embedded document.

    Returns:
        A new dict of BSON-ready values by stored name.
    """
    truth = Truth(document)
    form: dict[str, Any] = {}
    for name, field in type(document)._fields.items():
        old = truth.of(field)
        if old is UNCHANGED and name in document.__dict__:
            value = document.__dict__[name]
            if is_document(value) and field.has_subfields:
                form[field.db_field] = stored_form(value)
            else:
                form[field.db_field] = kept_form(field, value)
        elif is_known(old):
            form[field.db_field] = thaw(old)
    state = document._state
    if state is not None and state.extra is not None and truth.mapping is None:
        form.update(state.extra if state.extra_baseline is None else state.extra_baseline.decode())
    return form
