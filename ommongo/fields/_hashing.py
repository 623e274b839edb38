"""What has to be hashed when it is loaded: the items of a set, the keys of a dict."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import bson

from ommongo._bson import SNAPSHOT_OPTIONS, encode
from ommongo.fields._refusal import DATA_ERRORS
from ommongo.fields.base import Field

__all__ = ["UNHASHABLE", "hashable", "loads_hashable"]

UNHASHABLE: Final = (
    "can be hashed by Python as it is, and not as it would be loaded: a tuple, for one, is stored "
    "as an array and comes back as a list. Declare a TupleField() for it, or use a ListField()."
)


def hashable(loaded: Any) -> Any:
    """
    Give a loaded value in the form in which a set had it.

    Args:
        loaded: The value. A list was a tuple there, and a set a frozenset, for nothing else could
            be hashed.
    """
    if isinstance(loaded, (list, tuple)):
        return tuple(map(hashable, loaded))
    return frozenset(loaded) if isinstance(loaded, set) else loaded


def loads_hashable(
    field: Field[Any], wrapped: Any, form: Callable[[Any], Any] = lambda loaded: loaded
) -> bool:
    """
    Tell whether a value can be hashed when it is loaded again.

    Args:
        field: Its field.
        wrapped: The value, BSON-ready.
        form: What a loaded value is turned into.
    """
    if not field._mutable_values:
        return True
    # What cannot be encoded or loaded here is judged by the driver, or was by the field.
    with suppress(*DATA_ERRORS):
        loaded = field.unwrap(bson.decode(encode({"v": wrapped}, SNAPSHOT_OPTIONS).raw)["v"])
        try:
            hash(form(loaded))
        except TypeError:
            return False
    return True
