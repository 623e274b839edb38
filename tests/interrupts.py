"""Calls that an exception strikes at one of their lines, as a signal handler raises it."""

from __future__ import annotations

import gc
import linecache
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import ommongo

__all__ = ["Strike", "lines_of", "struck"]

_LIBRARY = os.path.dirname(ommongo.__file__) + os.sep

# The rooms in which an object's state changes, or a block begins and ends.
_ROOMS = tuple(_LIBRARY + room + os.sep for room in ("session", "_persistence", "ops", "_tracking"))

# What a finalizer runs is not part of a call.
_FINALIZERS = frozenset({"__del__", "_warn_of_pending"})


class Strike(BaseException):
    """What a signal handler raises: an interrupt, or the end of a time limit."""


@contextmanager
def _traced(trace: Callable[[FrameType, str, Any], Any]) -> Iterator[None]:
    """Have the lines of the library traced, and nothing of what others have left behind."""
    before = sys.gettrace()
    gc.collect(0)
    gc.disable()
    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)
        gc.enable()


def _is_traced(frame: FrameType) -> bool:
    code = frame.f_code
    return code.co_filename.startswith(_ROOMS) and code.co_name not in _FINALIZERS


class _Lines:
    """Counts the lines of the library that run, without those at which no signal strikes."""

    def __init__(self, at_line: Callable[[FrameType], None]) -> None:
        self._at_line = at_line
        self._entered: set[tuple[FrameType, int]] = set()

    def trace(self, frame: FrameType, event: str, _: Any) -> Any:
        """Have each line counted; the form is that of `sys.settrace`."""
        if not _is_traced(frame):
            return None
        if event == "line" and not self._leaves_a_with(frame):
            self._at_line(frame)
        return self.trace

    def _leaves_a_with(self, frame: FrameType) -> bool:
        """Whether a line is that of a ``with`` which is left: its end is called without a gap."""
        source = linecache.getline(frame.f_code.co_filename, frame.f_lineno).lstrip()
        if not source.startswith("with "):
            return False
        place = frame, frame.f_lineno
        leaves = place in self._entered
        self._entered ^= {place}
        return leaves


def lines_of(call: Callable[[], object], times: int = 2) -> list[int]:
    """
    Give the moments of a call at which a strike may leave something else than at others.

    Args:
        call: The call. It is made.
        times: How often each line of the source is wanted: as often from the first time on, and
            the last time.

    Returns:
        Numbers of lines, in the order in which they were run.
    """
    lines: list[tuple[str, int]] = []

    def note(frame: FrameType) -> None:
        lines.append((frame.f_code.co_filename, frame.f_lineno))

    with _traced(_Lines(note).trace):
        try:
            call()
        except Strike:
            raise AssertionError("nothing has struck yet") from None
        except Exception:
            pass  # of a call that is to fail
    last = {line: number for number, line in enumerate(lines)}
    seen: Counter[tuple[str, int]] = Counter()
    wanted = []
    for number, line in enumerate(lines):
        seen[line] += 1
        if seen[line] <= times or last[line] == number:
            wanted.append(number)
    return wanted


def struck(call: Callable[[], object], line: int) -> str | None:
    """
    Make a call that an exception strikes at a line of the library.

    Args:
        call: The call.
        line: The number of the line, from 0 on.

    Returns:
        Where that was; ``None`` when the call came to its end before.
    """
    left, place = line, None

    def strike(frame: FrameType) -> None:
        nonlocal left, place
        left -= 1
        if left < 0 and place is None:
            code = frame.f_code
            place = f"{code.co_filename[len(_LIBRARY) :]}:{code.co_name}:{frame.f_lineno}"
            raise Strike

    with _traced(_Lines(strike).trace):
        try:
            call()
        except Strike:
            return place
        except Exception:
            if place is None:
                return None
            raise
    return None
