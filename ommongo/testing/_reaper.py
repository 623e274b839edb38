"""
Keep servers in check: a small program beside the one that uses them, and the parent of each mongod.

It reads one command a line from its standard input and answers on its standard output, both in
JSON. When the program that started it ends, however that comes about, the input closes or the
parent process changes; then it kills its servers, removes their folder and ends. When it is
killed itself, Linux kills the servers (a server's "parent death signal" belongs to the thread
that started it, so only a program with one thread can rely on it: the reason for this one).

It runs on its own, without the rest of the library, which is why it imports nothing of it.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

_PR_SET_PDEATHSIG = 1

# How often to look for a new parent process. A copy of the input's other end in a forked child
# of a killed program keeps the input open, so that its closing alone cannot be relied upon.
_SECONDS_BETWEEN_LOOKS = 0.2


class Reaper:
    """
    The servers and their folder.

    Args:
        folder: Holds everything that the servers write; removed in the end.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder
        # Member number -> its latest process, which may have ended.
        self._servers: dict[int, subprocess.Popen[bytes]] = {}

    def obey(self, command: dict[str, Any]) -> dict[str, Any]:
        """Carry out one command and give its answer."""
        action: Callable[..., dict[str, Any]] = getattr(self, "do_" + command["do"])
        return action(*command["arguments"])

    def do_start(self, member: int, arguments: list[str], log: str) -> dict[str, Any]:
        """Start a server that writes to the file *log*, and tell its process id."""
        with open(log, "ab") as output:
            try:
                process = subprocess.Popen(
                    arguments,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    preexec_fn=_die_with(os.getpid()),
                )
            except OSError as error:
                return {"error": os.strerror(error.errno or 0)}
        self._servers[member] = process
        return {"pid": process.pid}

    def do_kill(self, member: int) -> dict[str, Any]:
        """Kill a server and wait until it is gone."""
        process = self._servers[member]
        process.kill()
        return {"exit_code": process.wait()}

    def do_poll(self, member: int) -> dict[str, Any]:
        """Tell what a server ended with; None while it runs."""
        return {"exit_code": self._servers[member].poll()}

    def clear_up(self) -> None:
        """Leave nothing behind."""
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        for member in self._servers:
            self.do_kill(member)
        shutil.rmtree(self.folder, ignore_errors=True)


def _die_with(parent: int) -> Callable[[], None]:
    """Make what a new process does first: ask to be killed when *parent* ends."""
    if sys.platform != "linux":
        return lambda: None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        # The parent may have ended before the request was made: then nobody would send the signal.
        if os.getppid() != parent:
            os._exit(1)

    return ask


def _commands(parent: int) -> Iterator[dict[str, Any]]:
    """Give each command as it comes, until the input closes or *parent* has ended."""
    pending = b""
    while os.getppid() == parent:
        ready, _, _ = select.select([0], [], [], _SECONDS_BETWEEN_LOOKS)
        if not ready:
            continue
        received = os.read(0, 65536)
        if not received:
            return
        *lines, pending = (pending + received).split(b"\n")
        for line in lines:
            yield json.loads(line)


def _answer(answer: dict[str, Any]) -> None:
    """Send one answer."""
    os.write(1, json.dumps(answer).encode() + b"\n")


def _end(*_: object) -> None:
    """End the program the ordinary way, so that it clears up."""
    sys.exit(0)


def main(temporary_folder: str) -> None:
    """
    Serve until the other side is gone.

    Args:
        temporary_folder: Where to make the servers' folder.
    """
    parent = os.getppid()
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, _end)
    try:
        reaper = Reaper(tempfile.mkdtemp(prefix="ommongo-", dir=temporary_folder))
    except OSError as error:
        _answer({"id": 0, "error": str(error)})
        return
    try:
        _answer({"id": 0, "folder": reaper.folder})
        for command in _commands(parent):
            _answer({"id": command["id"], **reaper.obey(command)})
    except BrokenPipeError:
        pass  # the other side ended while it waited for the answer
    finally:
        reaper.clear_up()


if __name__ == "__main__":
    main(sys.argv[1])
