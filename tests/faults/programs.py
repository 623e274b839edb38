"""Programs that write while faults happen, and say what they do."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
from pathlib import Path

__all__ = ["Program", "say", "when_left_alone"]

ROOT = Path(__file__).parents[2]

# A line comes sooner, or never.
_SECONDS_FOR_A_LINE = 120.0


class Program:
    """
    A program that says on its standard output what it does, line by line.

    Args:
        path: The program.
        arguments: What it is told.
    """

    def __init__(self, path: Path, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(path), *arguments],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def line(self) -> str | None:
        """Wait for what it says next; None when it has ended."""
        return self._lines.get(timeout=_SECONDS_FOR_A_LINE)

    @property
    def has_said_more(self) -> bool:
        """Whether it has said something that `line` has not given yet."""
        return not self._lines.empty()

    def stop(self) -> None:
        """Tell it that it is to end."""
        assert self._process.stdin is not None
        self._process.stdin.close()

    def kill(self) -> None:
        """Kill it (SIGKILL) unless it has ended, and wait until it is gone."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()

    def exit_code(self) -> int:
        """Wait until it has ended; give what it ended with."""
        return self._process.wait(_SECONDS_FOR_A_LINE)

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)


def say(*words: object) -> None:
    """Say, as such a program, what is done; it is said even if the program is killed next."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def when_left_alone() -> threading.Event:
    """Give, to such a program, what is set when it is to end or its parent has gone."""
    alone = threading.Event()

    def wait() -> None:
        os.read(0, 1)  # not by sys.stdin, whose lock would be in the way at the program's end
        alone.set()

    threading.Thread(target=wait, daemon=True).start()
    return alone
