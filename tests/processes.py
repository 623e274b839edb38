"""Programs that tests start, and what is left of them."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["heeding_signals", "kill", "naming", "wait_until"]


def wait_until(condition: Callable[[], object], what: str, seconds: float = 30.0) -> None:
    """Wait until *condition* holds; fail when it does not in *seconds*."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} seconds in vain until {what}"
        time.sleep(0.01)


def kill(pid: int) -> None:
    """Kill a process, and wait until it has ended with all its threads."""
    process = os.pidfd_open(pid)
    try:
        signal.pidfd_send_signal(process, signal.SIGKILL)
        ended, _, _ = select.select([process], [], [], 30)
        assert ended, f"process {pid} survives being killed"
    finally:
        os.close(process)


def naming(text: str) -> list[int]:
    """Give the processes that have *text* in their command line."""
    return [
        int(folder.name)
        for folder in Path("/proc").glob("[0-9]*")
        if text.encode() in _command_line(folder)
    ]


@contextmanager
def heeding_signals() -> Iterator[None]:
    """
    Heed Ctrl-C and the end of the terminal here, and in programs that are started meanwhile.

    What a shell runs in the background ignores the one, and `nohup` the other, and programs inherit
    that.
    """
    before = {
        signal.SIGINT: signal.signal(signal.SIGINT, signal.default_int_handler),
        signal.SIGHUP: signal.signal(signal.SIGHUP, signal.SIG_DFL),
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _command_line(process: Path) -> bytes:
    """Give a process's command line; nothing for one that has ended."""
    try:
        return (process / "cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""
