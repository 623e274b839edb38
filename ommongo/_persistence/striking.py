"""Work that comes to its end, whatever a signal handler raises meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["to_the_end"]

_TRIES = 100
"""How often work is taken up again: an exception that is its own comes again each time."""


def to_the_end(work: Callable[..., object], *arguments: Any) -> None:
    """
    Do work, and what is left of it when an exception strikes, and let that through afterwards.

    Args:
        work: A function that goes on where it was stopped when it is called again.
        arguments: What it takes.

    Raises:
        BaseException: The first one that struck.
    """
    try:
        work(*arguments)
    except BaseException:
        for _ in range(_TRIES):
            try:
                work(*arguments)
                break
            except BaseException:
                continue
        raise
