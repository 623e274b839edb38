"""The update operators that fields support."""

from __future__ import annotations

__all__ = ["ANY_MODIFIER", "LIST_MODIFIERS", "NUMBER_MODIFIERS", "SCALAR_MODIFIERS"]

SCALAR_MODIFIERS = frozenset({"$set", "$unset"})
"""The update operators that every field supports."""

NUMBER_MODIFIERS = SCALAR_MODIFIERS | {"$inc", "$mul", "$min", "$max"}
"""The update operators of numbers."""

LIST_MODIFIERS = SCALAR_MODIFIERS | {
    "$push",
    "$addToSet",
    "$pull",
    "$pushAll",
    "$pullAll",
    "$pop",
}
"""The update operators of arrays."""

ANY_MODIFIER = NUMBER_MODIFIERS | LIST_MODIFIERS
"""Every update operator that a field can name in ``on_update``."""
