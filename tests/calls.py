"""Counts the calls of the library's functions, those of generated code included."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import ommongo

__all__ = ["SIZES", "Calls", "calls_each", "counted"]

# How many documents the runs handle: results of the last two come in the same number of batches.
SIZES = (3, 200, 400)

LIBRARY = os.path.dirname(ommongo.__file__) + os.sep
# Python 3.12 makes no function of these any more.
INLINED = frozenset({"<listcomp>", "<dictcomp>", "<setcomp>"})


class Calls:
    """How many functions of the library were called, those of generated code included."""

    def __init__(self) -> None:
        self.count = 0

    def note(self, frame: FrameType, event: str, argument: object) -> None:
        """Count one call; the form is that of `sys.setprofile`."""
        code = frame.f_code
        if (
            event == "call"
            and code.co_filename.startswith((LIBRARY, "<ommongo "))
            and code.co_name not in INLINED
        ):
            self.count += 1


@contextmanager
def counted() -> Iterator[Calls]:
    """Count calls for the length of a ``with`` block."""
    calls = Calls()
    before = sys.getprofile()
    gc.collect()  # what other tests have left may be ended now, but not while calls are counted
    gc.disable()
    sys.setprofile(calls.note)
    try:
        yield calls
    finally:
        sys.setprofile(before)
        gc.enable()


def calls_each(run: Callable[[int], object], sizes: tuple[int, int, int] = SIZES) -> float:
    """Count the calls that one more document costs; what a whole run costs once is left out."""
    counts = []
    for number in sizes:
        with counted() as calls:
            run(number)
        counts.append(calls.count)
    # The first run had the code generated and the caches filled.
    return (counts[2] - counts[1]) / (sizes[2] - sizes[1])
