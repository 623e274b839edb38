"""`EmbeddedServer` starts, serves, fails over, and says what went wrong."""

from __future__ import annotations

import re
import socket
import tempfile
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import AutoReconnect, OperationFailure

from ommongo.exceptions import InvalidConfigException
from ommongo.testing import EmbeddedServer, ServerUnavailable
from ommongo.testing._binary import find_binary
from ommongo.testing._members import _free_ports
from tests.conftest import FailCommand
from tests.processes import kill, wait_until


@pytest.fixture(autouse=True)
def temporary_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Servers start here, never at ``OMMONGO_TEST_URI``, and write into a folder of the test."""
    monkeypatch.delenv("OMMONGO_TEST_URI", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def options_of(client: MongoClient[dict[str, Any]]) -> dict[str, Any]:
    """Give the options that a server was started with."""
    options: dict[str, Any] = client.admin.command("getCmdLineOpts")["parsed"]
    return options


def test_default_has_transactions(server: EmbeddedServer) -> None:
    """By default the server is a replica set of one, which has transactions."""
    with server.client() as client, client.start_session() as session:
        hello = client.admin.command("hello")
        client.ommongo_embedded.before.insert_one({})
        with session.start_transaction():
            client.ommongo_embedded.made.insert_one({}, session=session)

        assert len(hello["hosts"]) == 1
        assert client.ommongo_embedded.made.count_documents({}) == 1
        client.drop_database("ommongo_embedded")


def test_standalone_is_in_no_set(standalone: EmbeddedServer) -> None:
    """With ``replica_set=False`` the server is a standalone one, which takes writes."""
    with standalone.client() as client:
        hello = client.admin.command("hello")

    assert "setName" not in hello
    assert hello["isWritablePrimary"]


def test_listens_on_this_machine_only(standalone: EmbeddedServer) -> None:
    """The server listens on 127.0.0.1 and nowhere else, nor at a socket in the file system."""
    with standalone.client() as client:
        net = options_of(client)["net"]

    assert net["bindIp"] == "127.0.0.1"
    assert net["unixDomainSocket"] == {"enabled": False}


def test_fail_points_are_enabled(standalone: EmbeddedServer, fail_command: FailCommand) -> None:
    """Commands can be made to fail, for as long as a block lasts."""
    with standalone.client() as client:
        with (
            fail_command("count", client=client, errorCode=2),
            pytest.raises(OperationFailure) as raised,
        ):
            client.test.command("count", "things")

        assert raised.value.code == 2
        assert client.test.command("count", "things")["n"] == 0


def test_options_are_given_to_mongod() -> None:
    """Further options reach the server: here one that lets nobody in."""
    server = EmbeddedServer(replica_set=False, options=["--auth"])
    with (
        server,
        server.client() as client,
        pytest.raises(OperationFailure, match=r"not authorized|requires authentication"),
    ):
        client.test.things.find_one()


def test_stop_leaves_nothing(temporary_folder: Path) -> None:
    """After a block, its exception or not, neither process nor folder of the server is there."""

    class Planned(Exception):
        pass

    server = EmbeddedServer(replica_set=False)
    with pytest.raises(Planned), server:
        port = server.ports[0]
        assert list(temporary_folder.iterdir())
        raise Planned

    assert not list(temporary_folder.iterdir())
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_starting_again_is_a_new_server() -> None:
    """A server can be started again after it was stopped, and is empty then."""
    server = EmbeddedServer(replica_set=False)
    with server, server.client() as client:
        client.ommongo_embedded.things.insert_one({})
    with server, server.client() as client:
        assert "ommongo_embedded" not in client.list_database_names()


def test_starting_twice(standalone: EmbeddedServer) -> None:
    """A running server is not started a second time."""
    with pytest.raises(InvalidConfigException, match=r"stop\(\) it before"):
        standalone.start()


def test_restarted_member_keeps_its_data() -> None:
    """A killed member comes back at its port with what it had acknowledged."""
    with EmbeddedServer() as server, server.client() as client:
        client.ommongo_embedded.things.insert_one({"_id": 1})
        before = server.uri
        server.kill()
        server.kill()  # nothing more happens to one that is down
        server.restart()

        assert server.uri == before
        assert client.ommongo_embedded.things.find_one() == {"_id": 1}


def test_three_members_fail_over(replica_set_3: EmbeddedServer) -> None:
    """When the primary of three members is killed, another one takes the writes."""
    with replica_set_3.client() as client:
        first = replica_set_3.primary
        client.ommongo_embedded.things.insert_one({})
        replica_set_3.kill(first)

        client.ommongo_embedded.things.insert_one({})

        assert replica_set_3.primary != first
        assert client.ommongo_embedded.things.count_documents({}) == 2
        client.drop_database("ommongo_embedded")


def test_taken_port(temporary_folder: Path) -> None:
    """A port that somebody listens on is reported as such, and the log is kept."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ServerUnavailable, match="The port is taken") as raised:
            EmbeddedServer(port=port).start()

    assert raised.value.log is not None
    assert str(raised.value.log) in str(raised.value)
    assert "Address already in use" in raised.value.log.read_text()
    assert list(temporary_folder.iterdir()) == [raised.value.log]


def test_given_port() -> None:
    """The server listens on the port that was asked for."""
    (port,) = _free_ports(1)
    with EmbeddedServer(replica_set=False, port=port) as server:
        assert server.ports == (port,)
        assert server.uri == f"mongodb://127.0.0.1:{port}/"


def test_free_port_taken_in_the_meantime(monkeypatch: pytest.MonkeyPatch) -> None:
    """A free port that another program takes before mongod does is replaced by another."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        free = _free_ports(1)
        ports = iter([(other.getsockname()[1],), free])
        monkeypatch.setattr("ommongo.testing._members._free_ports", lambda count: next(ports))

        with EmbeddedServer(replica_set=False) as server, server.client() as client:
            assert server.ports == free
            assert client.admin.command("ping")["ok"] == 1


def test_server_that_ends_by_itself(temporary_folder: Path) -> None:
    """A server that has crashed is reported when it is stopped, with the last lines of its log."""
    server = EmbeddedServer(replica_set=False).start()
    kill(server.pids[0])

    with pytest.raises(ServerUnavailable, match=r"ended by itself.*exit code -9") as raised:
        server.stop()

    assert raised.value.log is not None
    assert raised.value.log.read_text().splitlines()[-1][:300] in str(raised.value)
    assert list(temporary_folder.iterdir()) == [raised.value.log]


def test_missing_shared_library(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A mongod whose libcurl is not installed fails with the package to install."""
    content = find_binary([]).read_bytes()
    broken = tmp_path / "mongod"
    # The loader looks for the name that the binary holds: here one that no machine has.
    broken.write_bytes(content.replace(b"libcurl.so.4\0", b"libcurl.so.0\0"))
    broken.chmod(0o755)
    monkeypatch.setenv("OMMONGO_MONGOD", str(broken))

    with pytest.raises(ServerUnavailable, match=r"libcurl\.so\.0: .* `apt-get install libcurl4`"):
        EmbeddedServer().start()


def test_not_a_program(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, temporary_folder: Path
) -> None:
    """A binary that this machine cannot run is named, and nothing is left behind."""
    wrong = tmp_path / "mongod"
    wrong.write_text("not a program\n")
    wrong.chmod(0o755)
    monkeypatch.setenv("OMMONGO_MONGOD", str(wrong))

    with pytest.raises(ServerUnavailable, match=re.escape(str(wrong))) as raised:
        EmbeddedServer().start()

    assert "Exec format error" in str(raised.value)
    assert list(temporary_folder.iterdir()) == [wrong]


def test_server_that_does_not_get_ready(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A program that never listens is given up after the time that was set, and is gone."""
    silent = tmp_path / "mongod"
    silent.write_text("#!/bin/sh\necho $$\nexec sleep 1000\n")
    silent.chmod(0o755)
    monkeypatch.setenv("OMMONGO_MONGOD", str(silent))

    with pytest.raises(ServerUnavailable, match=r"in 0\.5 seconds") as raised:
        EmbeddedServer(timeout=0.5).start()

    assert raised.value.log is not None
    pid = raised.value.log.read_text().strip()
    wait_until(lambda: not Path("/proc", pid).exists(), "the program is gone")


def test_running_server_is_used(
    monkeypatch: pytest.MonkeyPatch, server: EmbeddedServer, temporary_folder: Path
) -> None:
    """``OMMONGO_TEST_URI`` names a server that is used, not started and not stopped."""
    monkeypatch.setenv("OMMONGO_TEST_URI", server.uri)

    with EmbeddedServer() as used:
        assert used.uri == server.uri
        assert used.pids == ()
        assert not list(temporary_folder.iterdir())
        with pytest.raises(ServerUnavailable, match="unset OMMONGO_TEST_URI"):
            used.kill()

    with server.client() as client:
        assert client.admin.command("ping")["ok"] == 1


@pytest.mark.parametrize("wanted", [{"replica_set": False}, {"port": 1}, {"members": 3}])
def test_running_server_that_cannot_serve(
    monkeypatch: pytest.MonkeyPatch, server: EmbeddedServer, wanted: dict[str, Any]
) -> None:
    """A running server that is not what is wanted is left alone, and one is looked for to start."""
    monkeypatch.setenv("OMMONGO_TEST_URI", server.uri)
    monkeypatch.setenv("OMMONGO_MONGOD", "/nonexistent/mongod")

    with pytest.raises(ServerUnavailable) as raised:
        EmbeddedServer(**wanted).start()

    places = [line.partition(":")[0] for line in raised.value.tried]
    assert places == ["OMMONGO_TEST_URI", "OMMONGO_MONGOD"]


@pytest.mark.parametrize("address", ["mongodb://127.0.0.1:1", "no address", "mongodb://h:port"])
def test_running_server_that_does_not_answer(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """An ``OMMONGO_TEST_URI`` that leads nowhere is an error; nothing is started in its place."""
    monkeypatch.setenv("OMMONGO_TEST_URI", address)

    with pytest.raises(ServerUnavailable, match="OMMONGO_TEST_URI does not answer"):
        EmbeddedServer(timeout=0.2).start()


def test_killed_primary_of_one_does_not_answer() -> None:
    """A server that was killed refuses connections until it is started again."""
    with EmbeddedServer(replica_set=False) as server:
        server.kill()
        with (
            server.client(serverSelectionTimeoutMS=100) as client,
            pytest.raises(AutoReconnect),
        ):
            client.admin.command("ping")
