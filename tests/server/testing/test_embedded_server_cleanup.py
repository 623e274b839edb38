"""`EmbeddedServer` leaves no process and no folder behind, whatever ends the program."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pymongo import MongoClient

from ommongo.testing import EmbeddedServer, ServerUnavailable
from tests.processes import heeding_signals, kill, naming, wait_until

ROOT = Path(__file__).parents[3]

# Says "ready" once its server runs, and then does what the test wants to see interrupted.
WITH_SERVER = """
import os, signal, sys
from ommongo.testing import EmbeddedServer

with EmbeddedServer({arguments}) as server:
    {before}
    print("ready", flush=True)
    {then}
"""

PING = "print(server.client().admin.command('ping')['ok'], flush=True)"

Run = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """Start a program whose temporary folder is the test's; what it leaves is ended after all."""
    started: list[subprocess.Popen[str]] = []
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    environment.pop("OMMONGO_TEST_URI", None)

    def start(*arguments: str) -> subprocess.Popen[str]:
        program = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,  # it ends with the test run, should that be killed
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(program)
        return program

    with heeding_signals():
        yield start
    for program in started:
        with contextlib.suppress(ProcessLookupError):  # all of its group have ended
            os.killpg(program.pid, signal.SIGKILL)
        program.communicate()
    for pid in naming(str(tmp_path)):
        kill(pid)


def program_with_server(
    run: Run, arguments: str = "False", before: str = "pass", then: str = "sys.stdin.read()"
) -> subprocess.Popen[str]:
    """Start a program, and wait until its server runs."""
    program = run("-c", WITH_SERVER.format(arguments=arguments, before=before, then=then))
    assert program.stdout is not None
    assert program.stdout.readline() == "ready\n"
    return program


def assert_nothing_is_left(folder: Path) -> None:
    """Wait until no process that has to do with *folder* runs, and nothing is in it."""
    wait_until(lambda: not naming(str(folder)), "all processes are gone")
    wait_until(lambda: not list(folder.iterdir()), "the folder is gone")


@pytest.mark.parametrize("arguments", ["True", "False", "members=3"])
def test_killed_program(run: Run, tmp_path: Path, arguments: str) -> None:
    """A program that is killed (``kill -9``) leaves nothing of its server."""
    program = program_with_server(run, arguments)
    assert naming(str(tmp_path))
    program.kill()

    assert_nothing_is_left(tmp_path)


def test_killed_group(run: Run, tmp_path: Path) -> None:
    """A program that is killed with its whole process group leaves nothing of its server."""
    program = program_with_server(run)
    os.killpg(program.pid, signal.SIGKILL)

    assert_nothing_is_left(tmp_path)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_to_the_group(run: Run, tmp_path: Path, number: signal.Signals) -> None:
    """Ctrl-C, which goes to a whole process group, and kindred signals leave nothing behind."""
    program = program_with_server(run)
    os.killpg(program.pid, number)
    program.wait()

    assert_nothing_is_left(tmp_path)


def test_signal_that_the_program_survives(run: Run, tmp_path: Path) -> None:
    """Ctrl-C ends no server of a program that goes on."""
    # Not by blocking the signal: another thread, such as one of the driver's, would still get it.
    program = program_with_server(
        run,
        before="got = []; signal.signal(signal.SIGINT, lambda *_: got.append(True))",
        then="while not got: signal.sigtimedwait([], 0.1)\n    " + PING,
    )
    os.killpg(program.pid, signal.SIGINT)

    assert program.communicate()[0] == "1.0\n"
    assert_nothing_is_left(tmp_path)


def test_program_killed_while_the_server_starts(run: Run, tmp_path: Path) -> None:
    """A program that is killed before its server is ready leaves nothing either."""
    program = run("-c", WITH_SERVER.format(arguments="", before="pass", then="pass"))
    # Not just anything in it: Python tries whether it can write there, with a file of its own.
    wait_until(lambda: list(tmp_path.glob("ommongo-*")), "the server's folder is made")
    program.kill()

    assert_nothing_is_left(tmp_path)


def test_program_that_forgets_to_stop(run: Run, tmp_path: Path) -> None:
    """A program that ends without stopping its server leaves nothing of it."""
    program = run("-c", "from ommongo.testing import EmbeddedServer; EmbeddedServer(False).start()")
    program.wait()

    assert_nothing_is_left(tmp_path)


def test_killed_program_with_a_forked_child(run: Run, tmp_path: Path) -> None:
    """A forked child that lives on keeps no server of a killed program alive."""
    program = program_with_server(
        run,
        before="child = os.fork(); child or sys.stdin.read()",
        then="print(child, flush=True); sys.stdin.read()",
    )
    assert program.stdout is not None
    child = int(program.stdout.readline())
    program.kill()

    assert_nothing_is_left(tmp_path)
    os.kill(child, 0)  # raises when it is gone


def test_forked_child_that_stops_the_server(run: Run, tmp_path: Path) -> None:
    """A forked child that leaves the block, and ends, does not end its parent's server."""
    program = program_with_server(
        run,
        before="child = os.fork(); child and os.waitpid(child, 0); child or sys.exit()",
        then=PING,
    )

    assert program.communicate()[0] == "1.0\n"
    assert_nothing_is_left(tmp_path)


def test_killed_parallel_test_run(run: Run, tmp_path: Path) -> None:
    """A parallel test run whose controlling process is killed leaves nothing of its servers."""
    tests = tmp_path / "tests"
    tests.mkdir()
    (tests / "test_it.py").write_text(
        "import pathlib, signal, pytest\n"
        "from ommongo.testing import EmbeddedServer\n"
        "@pytest.mark.parametrize('number', range(2))\n"
        "def test_it(number):\n"
        "    with EmbeddedServer(False) as server:\n"
        "        pathlib.Path(__file__).with_name(f'ready{number}').touch()\n"
        "        while True: signal.sigtimedwait([], 0.1)\n"
    )
    program = run("-m", "pytest", "-n2", "-pno:cacheprovider", "--rootdir", str(tests), str(tests))
    wait_until(lambda: len(list(tests.glob("ready*"))) == 2, "both servers run")
    program.kill()

    wait_until(lambda: not naming(str(tmp_path)), "all processes are gone")
    wait_until(lambda: not list(tmp_path.glob("ommongo-*")), "the folders are gone")


def test_server_outlives_the_thread_that_started_it() -> None:
    """A server that a thread has started runs on when the thread has ended."""
    server = EmbeddedServer(replica_set=False)
    thread = threading.Thread(target=server.start)
    thread.start()
    thread.join()

    with server.client() as client:
        assert client.admin.command("ping")["ok"] == 1
    server.stop()


def test_killed_reaper(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """When the process that keeps the server in check is killed, the server goes with it."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.delenv("OMMONGO_TEST_URI", raising=False)
    server = EmbeddedServer(replica_set=False).start()
    reaper = next(pid for pid in naming(str(tmp_path)) if pid not in server.pids)
    kill(reaper)

    wait_until(lambda: not naming(str(tmp_path)), "mongod is gone")
    with pytest.raises(ServerUnavailable, match="was killed from outside"):
        server.stop()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_command_line(run: Run, tmp_path: Path, number: signal.Signals) -> None:
    """``python -m ommongo.testing`` prints the address of a server that runs until Ctrl-C."""
    program = run("-m", "ommongo.testing", "--standalone")
    assert program.stdout is not None
    address = program.stdout.readline().strip()
    with MongoClient[dict[str, object]](address) as client:
        assert client.admin.command("ping")["ok"] == 1
    program.send_signal(number)

    assert program.wait() == 0
    assert_nothing_is_left(tmp_path)


def test_command_line_without_a_server(run: Run) -> None:
    """``python -m ommongo.testing`` fails with the reason when the server cannot be started."""
    program = run("-m", "ommongo.testing", "--members", "0")

    assert "members is 1 or more" in program.communicate()[1]
    assert program.returncode == 1
