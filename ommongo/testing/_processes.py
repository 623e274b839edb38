"""The other side of `_reaper`: starting and ending server processes through it."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from ommongo.testing._errors import ServerUnavailable

__all__ = ["Processes"]

# Far more than either takes; only a reaper that does not run any more needs longer.
_SECONDS_TO_ANSWER = 30.0
_SECONDS_TO_CLEAR_UP = 30.0


class Processes:
    """
    The server processes of one `EmbeddedServer`, and the folder for what they write.

    They end and the folder goes when `close` is called, or when this process is gone for whatever
    reason.

    Raises:
        ServerUnavailable: the folder cannot be made.
    """

    def __init__(self) -> None:
        self._owner = os.getpid()
        self._lock = threading.Lock()
        self._asked = 0
        # A session of its own: neither Ctrl-C nor a signal to the test run's group reaches it.
        self._reaper = subprocess.Popen(
            [
                sys.executable,
                "-I",
                str(Path(__file__).with_name("_reaper.py")),
                tempfile.gettempdir(),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=True,
        )
        try:
            self.folder = Path(self._answer(0)["folder"])
        except BaseException:
            self._end_reaper()
            raise

    @property
    def ours(self) -> bool:
        """Whether this process has made them: one that was forked from it leaves them alone."""
        return os.getpid() == self._owner

    def start(self, member: int, arguments: list[str], log: Path) -> int:
        """
        Start a server.

        Args:
            member: Its number, for the other calls.
            arguments: The program's absolute path and its arguments.
            log: Where to add what it writes.

        Returns:
            Its process id.

        Raises:
            ServerUnavailable: the program cannot be run.
        """
        pid: int = self._ask("start", member, arguments, str(log))["pid"]
        return pid

    def kill(self, member: int) -> None:
        """Kill a server (SIGKILL) and wait until it is gone."""
        self._ask("kill", member)

    def exit_code(self, member: int) -> int | None:
        """Tell what a server ended with (negative for a signal); None while it runs."""
        code: int | None = self._ask("poll", member)["exit_code"]
        return code

    def close(self) -> None:
        """End all servers and remove the folder."""
        self._end_reaper()
        # There is something left to do only when the reaper was killed. Its servers die with it,
        # but it does not wait for them: until they are gone they may add files.
        deadline = time.monotonic() + _SECONDS_TO_CLEAR_UP
        while self.folder.exists() and time.monotonic() < deadline:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _ask(self, action: str, *arguments: Any) -> dict[str, Any]:
        """Have the reaper do something, and give its answer."""
        with self._lock:
            self._asked += 1
            command = {"id": self._asked, "do": action, "arguments": arguments}
            assert self._reaper.stdin is not None
            with contextlib.suppress(OSError):  # it has ended: the missing answer tells
                self._reaper.stdin.write(json.dumps(command).encode() + b"\n")
            return self._answer(self._asked)

    def _answer(self, wanted: int) -> dict[str, Any]:
        """Give the answer to a command, after those that nobody waited for because of a Ctrl-C."""
        assert self._reaper.stdout is not None
        state = "does not answer"
        while select.select([self._reaper.stdout], [], [], _SECONDS_TO_ANSWER)[0]:
            line = self._reaper.stdout.readline()
            if not line:
                state = "was killed from outside, and mongod with it"
                break
            answer: dict[str, Any] = json.loads(line)
            if answer["id"] != wanted:
                continue
            if "error" in answer:
                raise ServerUnavailable(f"mongod cannot be started: {answer['error']}.")
            return answer
        raise ServerUnavailable(
            f"The process that keeps mongod in check (_reaper.py) {state}. Start the server anew."
        )

    def _end_reaper(self) -> None:
        """Let the reaper clear up, and wait until it has."""
        assert self._reaper.stdin is not None
        assert self._reaper.stdout is not None
        self._reaper.stdin.close()
        try:
            self._reaper.wait(_SECONDS_TO_CLEAR_UP)
        except subprocess.TimeoutExpired:
            self._reaper.kill()
            self._reaper.wait()
        self._reaper.stdout.close()
