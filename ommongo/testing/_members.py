"""The mongods of one `EmbeddedServer`: started, waited for, killed and started again."""

from __future__ import annotations

import os
import random
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pymongo
from pymongo.errors import PyMongoError

from ommongo.testing._errors import ServerUnavailable, diagnose, is_port_taken
from ommongo.testing._processes import Processes

__all__ = ["HOST", "Members"]

HOST = "127.0.0.1"

_SET_NAME = "ommongo"

# What a mongod writes once it listens. Only our own process writes into its log, so that no other
# server on the same port can be mistaken for it.
_LISTENING = "Waiting for connections"

# Below the range from which systems take the ports of outgoing connections: such a connection
# could take the port of a member that is down for a moment.
_PORTS = range(20000, 32768)

# Another program may take a free port between our finding it and mongod's listening on it.
_TRIES_FOR_FREE_PORTS = 5

_SECONDS_BETWEEN_LOOKS = 0.01
_LINES_SHOWN = 10
_CHARACTERS_SHOWN = 300


class Members:
    """
    One mongod, or those of a replica set.

    Args:
        binary: The program, an absolute path.
        count: How many.
        replica_set: Whether they form a replica set.
        first_port: Where the first listens, the others on the ports after it; None for free ports.
        options: Further command-line options for each.
        timeout: Seconds until what does not come about has failed.

    Raises:
        ServerUnavailable: they do not get ready.
    """

    def __init__(
        self,
        binary: Path,
        count: int,
        *,
        replica_set: bool,
        first_port: int | None,
        options: Sequence[str],
        timeout: float,
    ) -> None:
        self._binary = binary
        self._replica_set = replica_set
        self._options = tuple(options)
        self._timeout = timeout
        # Members that were told to end, so that their end is no failure.
        self._killed: set[int] = set()
        self._processes = Processes()
        try:
            self._start_all(count, first_port)
            if replica_set:
                self._initiate()
            self.wait_until_ready()
        except BaseException:
            self._processes.close()
            raise

    @property
    def uri(self) -> str:
        """The address of them all, for `pymongo.MongoClient`."""
        hosts = ",".join(f"{HOST}:{port}" for port in self.ports)
        return f"mongodb://{hosts}/" + (f"?replicaSet={_SET_NAME}" if self._replica_set else "")

    def close(self) -> None:
        """
        End them and remove what they wrote; in a forked process, do nothing.

        Raises:
            ServerUnavailable: one had ended by itself before.
        """
        if not self._processes.ours:
            return
        try:
            if (ended := self._first_ended()) is not None:
                raise self._failure("A mongod had ended by itself.", ended)
        finally:
            self._processes.close()

    def kill(self, member: int) -> None:
        """Kill *member*, as a power cut would; nothing happens to one that is down."""
        self._killed.add(member)
        self._processes.kill(member)

    def restart(self, member: int) -> None:
        """Start *member* again where it is down, and wait until all that are up are ready."""
        if member in self._killed:
            self._start(member)
            self._killed.discard(member)
            self._wait(lambda: self._listens(member), "A mongod does not get ready again")
        self.wait_until_ready()

    def primary(self) -> int:
        """Give the number of the primary, after an election that is under way."""
        self._wait(lambda: "primary" in self._roles(), "There is no primary")
        return self._roles().index("primary")

    def wait_until_ready(self) -> None:
        """Wait until all that are up have data to read, and one of them takes writes."""

        def ready() -> bool:
            roles = self._roles()
            return "primary" in roles and all(
                role or member in self._killed for member, role in enumerate(roles)
            )

        self._wait(ready, "The server answers, but no primary is elected")

    def _start_all(self, count: int, first_port: int | None) -> None:
        """Start every member, on other ports when a free one was taken in the meantime."""
        for tries_left in reversed(range(_TRIES_FOR_FREE_PORTS)):
            if first_port is None:
                self.ports = _free_ports(count)
            else:
                self.ports = tuple(range(first_port, first_port + count))
            self.pids = [0] * count
            for member in range(count):
                self._start(member)
            refused = [member for member in range(count) if not self._gets_its_port(member)]
            if not refused:
                return
            if first_port is not None or not tries_left:
                raise self._failure("A mongod cannot listen.", refused[0])
            for member in range(count):
                self._processes.kill(member)
                shutil.rmtree(self._folder(member))

    def _start(self, member: int) -> None:
        """Start one mongod, not waiting for anything."""
        data = self._folder(member) / "data"
        data.mkdir(parents=True, exist_ok=True)
        # One log for each start, so that a line of an earlier one is not taken for news.
        self._log(member).unlink(missing_ok=True)
        arguments = [
            *(str(self._binary), "--port", str(self.ports[member]), "--bind_ip", HOST),
            *("--dbpath", str(data), "--nounixsocket", "--wiredTigerCacheSizeGB", "1"),
            *("--setParameter", "enableTestCommands=1"),
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
            *(("--replSet", _SET_NAME, "--oplogSize", "256") if self._replica_set else ()),
            *self._options,
        ]
        try:
            self.pids[member] = self._processes.start(member, arguments, self._log(member))
        except ServerUnavailable as error:
            message = f"{error} The program is {self._binary}."
            raise ServerUnavailable(message) from None

    def _gets_its_port(self, member: int) -> bool:
        """Wait until a new member listens; False when its port is taken."""

        def listens_or_cannot() -> bool:
            return self._listens(member) or self._finds_port_taken(member)

        self._wait(listens_or_cannot, "A mongod does not get ready", [member])
        return self._listens(member)

    def _initiate(self) -> None:
        """Make a replica set of the members."""
        config: dict[str, Any] = {
            "_id": _SET_NAME,
            "members": [
                {"_id": member, "host": f"{HOST}:{port}"} for member, port in enumerate(self.ports)
            ],
        }
        if len(self.ports) > 1:
            # A second instead of ten until the others notice that the primary is gone.
            config["settings"] = {"electionTimeoutMillis": 1000, "heartbeatIntervalMillis": 100}
        with self._direct_client(0) as client:
            client.admin.command("replSetInitiate", config)

    def _roles(self) -> list[str]:
        """Tell what each member is: "primary", "secondary", or "" for neither."""
        return [self._role(member) for member in range(len(self.ports))]

    def _role(self, member: int) -> str:
        """Ask one member what it is; one that is down is neither."""
        if member in self._killed:
            return ""
        try:
            with self._direct_client(member) as client:
                hello = client.admin.command("hello")
        except PyMongoError:  # it is starting, or in the middle of an election
            return ""
        if hello.get("isWritablePrimary"):
            return "primary"
        return "secondary" if hello.get("secondary") else ""

    def _direct_client(self, member: int) -> pymongo.MongoClient[dict[str, Any]]:
        """Connect to one member, whatever it is in the set."""
        return pymongo.MongoClient(
            HOST, self.ports[member], directConnection=True, serverSelectionTimeoutMS=1000
        )

    def _listens(self, member: int) -> bool:
        """Tell whether a member has got ready for connections since its start."""
        return _LISTENING in self._output(member)

    def _finds_port_taken(self, member: int) -> bool:
        """Tell whether a member ended because of its port."""
        return is_port_taken(self._output(member), self._processes.exit_code(member))

    def _wait(
        self, condition: Callable[[], bool], complaint: str, watched: Sequence[int] | None = None
    ) -> None:
        """Wait until *condition* holds, a watched member (any, by default) ends, or time is up."""
        deadline = time.monotonic() + self._timeout
        while True:
            # In this order: what holds already when a member ends counts.
            ended = self._first_ended(watched)
            if condition():
                return
            if ended is not None:
                raise self._failure(f"{complaint}: it has ended.", ended)
            if time.monotonic() > deadline:
                raise self._failure(f"{complaint}, in {self._timeout} seconds.", 0)
            time.sleep(_SECONDS_BETWEEN_LOOKS)

    def _first_ended(self, watched: Sequence[int] | None = None) -> int | None:
        """Give the first member that has ended though nobody told it to."""
        for member in range(len(self.ports)) if watched is None else watched:
            if member not in self._killed and self._processes.exit_code(member) is not None:
                return member
        return None

    def _failure(self, complaint: str, member: int) -> ServerUnavailable:
        """Make the error about *member*, and keep its log."""
        exit_code = self._processes.exit_code(member)
        output = self._output(member)
        descriptor, kept = tempfile.mkstemp(prefix="ommongo-mongod-", suffix=".log")
        os.close(descriptor)
        shutil.copyfile(self._log(member), kept)
        parts = [complaint, diagnose(output, exit_code), f"The program is {self._binary}"]
        parts[-1] += "." if exit_code is None else f", its exit code {exit_code}."
        lines = [line[:_CHARACTERS_SHOWN] for line in output.splitlines()[-_LINES_SHOWN:]]
        return ServerUnavailable(
            " ".join(part for part in parts if part)
            + f" Its log is kept in {kept}; it ends:"
            + "".join(f"\n  {line}" for line in lines),
            log=Path(kept),
        )

    def _folder(self, member: int) -> Path:
        return self._processes.folder / str(member)

    def _log(self, member: int) -> Path:
        return self._folder(member) / "mongod.log"

    def _output(self, member: int) -> str:
        """Give what a member has written since its start."""
        return self._log(member).read_text(encoding="utf-8", errors="replace")


def _free_ports(count: int) -> tuple[int, ...]:
    """Find ports that nobody listens on now."""
    found: list[int] = []
    # The system's own randomness: test runners seed the other kind alike in all their processes.
    choose = random.SystemRandom().choice
    while len(found) < count:
        port = choose(_PORTS)
        with socket.socket() as probe:
            if port not in found and probe.connect_ex((HOST, port)) != 0:
                found.append(port)
    return tuple(found)
