"""What the save of a partial document sends: all that it has, and nothing that it lacks."""

from __future__ import annotations

from typing import Any

from ommongo._tracking.changes import Change, Changes
from ommongo._tracking.committed import Committed, is_default
from ommongo._tracking.diff import full_diff, goes_along, is_part, is_rewritten, renewal
from ommongo._tracking.extra import diff_extra
from ommongo._tracking.marks import UNKNOWN, is_known
from ommongo._tracking.tracked import Tracked
from ommongo.exceptions import BadValueException
from ommongo.fields import ComputedField, VersionField
from ommongo.util import UNSET

__all__ = ["partial_diff"]


def partial_diff(document: Tracked) -> Changes:
    """
    Collect every field of a partial document that is set: what its save sends.

    Args:
        document: A partial document.

    Returns:
        ``$set`` for what is set, ``$unset`` for what was deleted.

    Raises:
        BadValueException: A value cannot be stored.
        FieldNotRetrieved: A value that was loaded in part was changed in place.
    """
    changes = Changes()
    _walk(document, "", changes, document._snapshot_options())
    lacking = [field for field in document._plan.made if not document._is_retrieved(field._name)]
    if any(isinstance(field, ComputedField) and field.deps for field in lacking):
        # What changed may leave behind what is computed from it, and was not retrieved.
        for change in full_diff(document).sent:
            if change.field in lacking and isinstance(change.field, ComputedField):
                changes.sent.append(change)
    return changes


def _is_loaded_part(document: Tracked, field: Any, value: Any) -> bool:
    """Whether a value is what was loaded of an embedded document, and no other one assigned."""
    if not isinstance(value, Tracked) or not field.has_subfields or value._is_whole():
        return False
    return not document._was_assigned(field._name)


def _walk(document: Tracked, prefix: str, changes: Changes, options: Any) -> None:
    """Collect what is set in *document*, whose stored names begin with *prefix*."""
    committed, before = Committed(document), len(changes.sent)
    renewed: list[Change] = []
    for name, field in type(document)._fields.items():
        if (field.is_id and not prefix) or isinstance(field, VersionField):
            continue
        path = prefix + field.db_field
        if goes_along(field):
            change = renewal(document, field, path, "$set", is_embedded=bool(prefix))
            if document._is_retrieved(name):
                changes.sent.append(change)  # as what was set
            elif field.on_update != "ignore":
                renewed.append(change)
            continue
        if not document._is_retrieved(name):
            continue
        held, old = document.__dict__.get(name, UNSET), committed.of(field)
        if held is not UNSET and is_part(document, field, held, options):
            continue
        if is_rewritten(document, field, held, old, options):
            continue
        value = field._value_to_store(document)
        is_unset = value is UNSET or is_default(document, field, value, options)
        if is_unset and (is_known(old) or old is UNKNOWN or (value is UNSET and held is not UNSET)):
            changes.add(path, "$unset", True, document, field)
        elif value is UNSET:
            continue
        elif _is_loaded_part(document, field, value):
            try:
                _walk(value, path + ".", changes, options)
            except BadValueException as error:
                raise error.within(name) from error
        else:
            changes.add(path, "$set", field._wrap_to_store(value), document, field)
    diff_extra(changes, document, committed, prefix, options, with_rest=False)
    if len(changes.sent) > before:
        changes.always.extend(renewed)
