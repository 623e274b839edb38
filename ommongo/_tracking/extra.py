"""What an update sends of the extra fields, which belong to no field of the class."""

from __future__ import annotations

from typing import Any

from ommongo._bson import freeze, same
from ommongo._spelling import an
from ommongo._tracking.changes import Changes
from ommongo._tracking.committed import Committed
from ommongo._tracking.tracked import Tracked
from ommongo.exceptions import BadValueException, InvalidUpdateException
from ommongo.util import UNSET

__all__ = ["diff_extra", "refuse_stored_names"]


def refuse_stored_names(document: Tracked) -> None:
    """
    Refuse an extra field that would be stored in the place of a field, past its checks.

    Args:
        document: A document with extra fields.

    Raises:
        BadValueException: It has one under the stored name of a field.
    """
    state, fields = document._state, type(document)._by_db_field
    if state is None or not state.extra or fields.keys().isdisjoint(state.extra):
        return
    name = next(name for name in state.extra if name in fields)
    raise BadValueException(
        name,
        state.extra[name],
        f"is the stored name of the field {fields[name]._name!r}, and no extra field (it holds "
        f"{an(type(state.extra[name]).__name__)}). Assign the value to the field.",
    )


def diff_extra(
    changes: Changes,
    document: Tracked,
    committed: Committed,
    prefix: str,
    options: Any,
    *,
    with_rest: bool,
) -> None:
    """
    Collect extra fields that were added, changed or deleted.

    Args:
        changes: What the update sends, added to.
        document: The document.
        committed: What is stored of it.
        prefix: What the stored names of *document* begin with.
        options: How snapshots are encoded.
        with_rest: Whether to note unchanged ones for an upsert.

    Raises:
        InvalidUpdateException: One changed that no update can name.
    """
    state = document._state
    if state is None or state.extra is None:
        return
    refuse_stored_names(document)
    stored = committed.extra(document)
    if stored is None:
        return  # loaded, and nobody asked for them since
    for name in [*state.extra, *(name for name in stored if name not in state.extra)]:
        value = state.extra.get(name, UNSET)
        if (
            name in stored
            and value is not UNSET
            and same(freeze(stored[name], options), value, options)
        ):
            if with_rest:
                changes.rest[prefix + name] = value
            continue
        if "." in name or name.startswith("$"):
            owner = type(document).__name__
            raise InvalidUpdateException(
                f"The extra field {name!r} of {owner} changed, and no update can name it: MongoDB "
                f"reads '.' as a path and '$' as an operator. Save the whole document, or rename "
                f"the field on the server.",
                document_class=owner,
            )
        operator = "$unset" if value is UNSET else "$set"
        changes.add(prefix + name, operator, True if value is UNSET else value, document, None)
