"""
Objects of one class whose values have their names in common.

Python keeps the names of an object's attributes with its class, as long as the object's
``__dict__`` is its own: then only the values are the object's. It finds out by the first objects of
a class which names those are, and how many; here that is done when the class is made, before the
first is loaded.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from ommongo.util import UNSET

__all__ = ["prepare_keys", "shares_keys"]

# So many names a class can share, and each new object leaves room for one less.
_ROOM = 32


def prepare_keys(cls: Any) -> None:
    """
    Make the names of the fields known to a class that is being made.

    Args:
        cls: The document class, which nobody else has yet: its attributes are hidden for a moment.
    """
    if hasattr(cls, "__del__"):
        return  # it would be called for what was no document
    first = object.__new__(cls)
    for name in cls._fields:
        # A field that is asked for its value would take it, and keep it elsewhere.
        own = vars(cls).get(name, UNSET)
        type.__setattr__(cls, name, None)
        object.__setattr__(first, name, None)
        if own is UNSET:
            type.__delattr__(cls, name)
        else:
            type.__setattr__(cls, name, own)
    for _ in range(_ROOM):
        object.__new__(cls)


def shares_keys(cls: Any, names: Sequence[str]) -> bool:
    """
    Tell whether an object is smaller when its values are put into its own ``__dict__``.

    Args:
        cls: The document class.
        names: The names of the fields, in the order in which the usual document gets its values.

    Returns:
        Whether it is, with this version of Python; else a dict that is made at once is quicker.
    """
    if hasattr(cls, "__del__"):
        return False
    values = object.__new__(cls).__dict__
    for name in names:
        values[name] = None
    return sys.getsizeof(values) < sys.getsizeof(dict.fromkeys(names))
