"""
Ids in the form in which they are stored, where that is not the one that their field would store.

To the server two embedded documents are two values where their keys come in another order, and it
has never heard of a field that stores its values in capitals. So what was loaded as an ``_id`` is
the ``_id``, whatever wrapping it anew would give.
"""

from __future__ import annotations

from typing import Any

from bson.errors import BSONError

from ommongo._bson import encode, freeze, same, thaw
from ommongo._tracking.tracked import Tracked
from ommongo.exceptions import BadValueException, DocumentException
from ommongo.util import UNSET

__all__ = ["keep_id", "keep_whole", "kept_id", "kept_whole"]


def keep_id(document: Tracked, stored: Any) -> None:
    """
    Keep the ``_id`` of a loaded document as it is stored, where it would be stored otherwise.

    Args:
        document: The document.
        stored: Its ``_id`` as it is stored, or `UNSET`.
    """
    field = document._id_field()
    value = document.__dict__.get(field._name, UNSET)
    if stored is UNSET or value is UNSET:
        return
    options = document._snapshot_options()
    try:
        if _are_identical(stored, field.wrap(value), options):
            return
    except (BadValueException, DocumentException, BSONError):
        pass  # it cannot be stored anew at all
    held = freeze(field._partial_wrap(value), options)
    document._own_state().own_particulars().stored_id = freeze(stored, options), held


def kept_id(document: Tracked, value: Any) -> Any:
    """
    Give the ``_id`` of a document as `keep_id` kept it.

    Args:
        document: The document.
        value: What it holds as its ``_id``.

    Returns:
        The stored form; `UNSET` where none was kept, or where *value* is another one by now.
    """
    known = document._state
    kept = None if known is None else known.particulars.stored_id
    if kept is None:
        return UNSET
    now = document._id_field()._partial_wrap(value)
    return thaw(kept[0]) if same(kept[1], now, document._snapshot_options()) else UNSET


def keep_whole(document: Tracked, stored: Any) -> None:
    """
    Keep a document that is an ``_id`` as it is stored, where it would be stored otherwise.

    Args:
        document: The document, just loaded.
        stored: What it was loaded from.
    """
    options = document._snapshot_options()
    try:
        if _are_identical(stored, document._wrap_relative(), options):
            return
    except (BadValueException, DocumentException, BSONError):
        pass
    held = freeze(document._partial_wrap(), options)
    document._own_state().own_particulars().stored_whole = freeze(stored, options), held


def kept_whole(document: Tracked) -> Any:
    """
    Give a document that is an ``_id`` as `keep_whole` kept it.

    Args:
        document: The document.

    Returns:
        The stored form; `UNSET` where none was kept, or where the document has changed since.
    """
    known = document._state
    kept = None if known is None else known.particulars.stored_whole
    if kept is None:
        return UNSET
    is_as_loaded = same(kept[1], document._partial_wrap(), document._snapshot_options())
    return thaw(kept[0]) if is_as_loaded else UNSET


def _are_identical(stored: Any, wrapped: Any, options: Any) -> bool:
    """Tell whether two values are bit for bit the same in BSON."""
    return stored is wrapped or encode({"v": stored}, options) == encode({"v": wrapped}, options)
