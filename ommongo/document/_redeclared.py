"""A class that takes the place of another one in the registry."""

from __future__ import annotations

import inspect
import sys
import warnings
import weakref
from types import CodeType
from typing import Any

from ommongo.exceptions import RedeclaredClassWarning

__all__ = ["note_declaration", "warn_of_redeclared"]

_OUTSIDE = 3
"""How far above the functions here a class statement is: the metaclass is between."""


def note_declaration(cls: Any) -> None:
    """
    Remember where a class is declared: by which run of which code, at which line.

    Args:
        cls: The class.
    """
    frame = sys._getframe(_OUTSIDE - 1)
    # Of a function, a class is one of many, and of the day: that of a test, for instance.
    is_local = bool(frame.f_code.co_flags & inspect.CO_OPTIMIZED) or "<locals>" in cls.__qualname__
    cls._declared_at = None if is_local else (weakref.ref(frame.f_code), frame.f_lineno)


def warn_of_redeclared(cls: Any, earlier: Any, name: str) -> None:
    """
    Warn where a class takes the place of another one that is not itself from before a reload.

    Args:
        cls: The class.
        earlier: The class that was registered under the same name.
        name: The name.
    """
    at, before = cls._declared_at, getattr(earlier, "_declared_at", None)
    if at is None or before is None:
        return
    if cls.__module__ == earlier.__module__ and not _same_run(at, before):
        return  # the module was loaded again, or it is a REPL, or a notebook
    warnings.warn(
        f"{name!r} names two classes of the namespace {cls.config_namespace!r}: one of "
        f"{_place(earlier)}, and now one of {_place(cls)}, which takes its place wherever the name "
        f"is looked up. Rename one, or give it a config_full_name or config_namespace of its own.",
        RedeclaredClassWarning,
        stacklevel=_OUTSIDE + 1,
    )


def _same_run(
    at: tuple[weakref.ref[CodeType], int], before: tuple[weakref.ref[CodeType], int]
) -> bool:
    """Tell whether one run of a module declares both, in different places."""
    return at[0]() is before[0]() and at[1] != before[1]


def _place(cls: Any) -> str:
    """Give the place of a class for a message."""
    return f"{cls.__module__}, line {cls._declared_at[1]}"
