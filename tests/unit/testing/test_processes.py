"""The processes of an `EmbeddedServer` are started and ended, whatever becomes of the reaper."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path

import pytest

from ommongo.testing import ServerUnavailable, _members, _processes
from ommongo.testing._processes import Processes
from tests.processes import heeding_signals, naming, wait_until


@pytest.fixture(autouse=True)
def temporary_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """What the processes write goes into a folder of the test."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_folder_that_cannot_be_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where no temporary folder can be made the error says so."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))

    with pytest.raises(ServerUnavailable, match="No such file or directory"):
        Processes()


def test_interrupted_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A Ctrl-C between a command and its answer does not mix up the answers that follow."""
    processes = Processes()
    processes.start(0, ["/bin/sleep", "1000"], tmp_path / "log0")
    with monkeypatch.context() as interrupted, heeding_signals():
        interrupted.setattr(Processes, "_answer", lambda *_: signal.raise_signal(signal.SIGINT))
        with pytest.raises(KeyboardInterrupt):
            processes.kill(0)

    assert processes.exit_code(0) == -signal.SIGKILL
    processes.close()


def test_reaper_that_hangs(monkeypatch: pytest.MonkeyPatch, temporary_folder: Path) -> None:
    """A reaper that is stopped is given up, and its processes and their folder go all the same."""
    processes = Processes()
    pid = processes.start(0, ["/bin/sleep", "1000"], processes.folder / "log")
    (reaper,) = naming(str(temporary_folder))
    os.kill(reaper, signal.SIGSTOP)
    monkeypatch.setattr(_processes, "_SECONDS_TO_ANSWER", 0.1)
    monkeypatch.setattr(_processes, "_SECONDS_TO_CLEAR_UP", 0.1)

    with pytest.raises(ServerUnavailable, match="does not answer"):
        processes.exit_code(0)
    processes.close()

    wait_until(lambda: not Path("/proc", str(pid), "exe").exists(), "the process is gone")
    assert not list(temporary_folder.iterdir())


def test_reaper_that_is_told_to_end(temporary_folder: Path) -> None:
    """A reaper that is told to end, as at a shutdown of the machine, clears up first."""
    processes = Processes()
    pid = processes.start(0, ["/bin/sleep", "1000"], processes.folder / "log")
    (reaper,) = naming(str(temporary_folder))
    os.kill(reaper, signal.SIGTERM)

    with pytest.raises(ServerUnavailable, match="was killed from outside"):
        processes.exit_code(0)
    processes.close()
    assert not Path("/proc", str(pid)).exists()
    assert not list(temporary_folder.iterdir())


def test_free_ports_pass_over_taken_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """A port that somebody listens on is not taken for a free one."""
    with (
        socket.create_server(("127.0.0.1", 0)) as first,
        socket.create_server(("127.0.0.1", 0)) as second,
    ):
        taken, free = first.getsockname()[1], second.getsockname()[1]
        second.close()
        monkeypatch.setattr(_members, "_PORTS", [taken, free])

        # Again and again, because the order is left to chance.
        assert {_members._free_ports(1) for _ in range(20)} == {(free,)}
