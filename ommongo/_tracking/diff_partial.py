"""What the save of a partial document sends: all that it has, and nothing that it lacks."""

from __future__ import annotations

from typing import Any

from ommongo._tracking.changes import Changes
from ommongo._tracking.committed import Committed, is_default
from ommongo._tracking.diff import is_part
from ommongo._tracking.extra import diff_extra
from ommongo._tracking.marks import UNKNOWN, is_known
from ommongo._tracking.tracked import Tracked
from ommongo.fields import VersionField
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
    return changes


def _walk(document: Tracked, prefix: str, changes: Changes, options: Any) -> None:
    """Collect what is set in *document*, whose stored names begin with *prefix*."""
    committed = Committed(document)
    for name, field in type(document)._fields.items():
        if (field.is_id and not prefix) or isinstance(field, VersionField):
            continue
        if not document._is_retrieved(name):
            continue
        path = prefix + field.db_field
        held, old = document.__dict__.get(name, UNSET), committed.of(field)
        if held is not UNSET and is_part(document, field, held, options):
            continue
        value = field._value_to_store(document)
        is_unset = value is UNSET or is_default(document, field, value, options)
        if is_unset and (is_known(old) or old is UNKNOWN or (value is UNSET and held is not UNSET)):
            changes.add(path, "$unset", True, document, field)
        elif value is UNSET:
            continue
        elif isinstance(value, Tracked) and field.has_subfields and not value._is_whole():
            _walk(value, path + ".", changes, options)
        else:
            changes.add(path, "$set", field.wrap(value), document, field)
    diff_extra(changes, document, committed, prefix, options, with_rest=False)
