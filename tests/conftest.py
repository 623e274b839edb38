"""The real server that tests run on, and what they look at it with."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from ommongo.testing import EmbeddedServer
from tests.helpers import drop_database

if TYPE_CHECKING:
    from ommongo import Session

_RUNNING = "OMMONGO_TEST_URI"

Client = MongoClient[dict[str, Any]]
FailCommand = Callable[..., AbstractContextManager[None]]

# What the driver sends of its own accord.
_OF_THE_DRIVER = frozenset({"endSessions", "hello", "isMaster", "ismaster", "ping"})


class Commands:
    """The commands that the client of a test has sent."""

    def __init__(self) -> None:
        self.started: list[CommandStartedEvent] = []

    def names(self, *wanted: str) -> list[str]:
        """Name the commands in the order in which they were sent; only *wanted* ones if any."""
        names = [event.command_name for event in self.started]
        return [name for name in names if not wanted or name in wanted]

    def clear(self) -> None:
        """Forget what was sent up to now."""
        self.started.clear()


class _Spy(CommandListener):
    """Fills the `Commands` of the running test."""

    def __init__(self) -> None:
        self.commands = Commands()
        # Databases of earlier tests: the driver may close a forgotten cursor there long after.
        self.past: set[str] = set()

    def started(self, event: CommandStartedEvent) -> None:
        if event.command_name not in _OF_THE_DRIVER and event.database_name not in self.past:
            self.commands.started.append(event)

    def succeeded(self, event: CommandSucceededEvent) -> None: ...

    def failed(self, event: CommandFailedEvent) -> None: ...


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """Let ``-n auto`` mean one worker where a running server is to be used: it cannot be shared."""
    return 1 if os.environ.get(_RUNNING) else None


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    """
    A replica set of one: that at ``OMMONGO_TEST_URI``, or one that is started.

    Each of several workers starts its own: a fail point, and the end of all transactions, are for
    the whole of a server.
    """
    server = EmbeddedServer()
    with pytest.MonkeyPatch.context() as patch:
        if int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")) > 1:
            patch.delenv(_RUNNING, raising=False)
        server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def standalone() -> Iterator[EmbeddedServer]:
    """A server that has no transactions, started when the first test wants it."""
    with EmbeddedServer(replica_set=False) as server:
        yield server


@pytest.fixture(scope="session")
def _replica_set_3() -> Iterator[EmbeddedServer]:
    with EmbeddedServer(members=3) as server:
        yield server


@pytest.fixture
def replica_set_3(_replica_set_3: EmbeddedServer) -> Iterator[EmbeddedServer]:
    """A replica set that can fail over, started when the first test wants it."""
    yield _replica_set_3
    for member in range(3):  # whatever the test killed is up for the next one
        _replica_set_3.restart(member)


@pytest.fixture(scope="session")
def _admin(server: EmbeddedServer) -> Iterator[Client]:
    """What the fixtures themselves do goes here, where no test looks."""
    with server.client() as client:
        yield client


@pytest.fixture(scope="session")
def _spy() -> _Spy:
    return _Spy()


@pytest.fixture(scope="session")
def client(server: EmbeddedServer, _spy: _Spy) -> Iterator[Client]:
    """The client of all tests; `commands` sees what it sends."""
    with server.client(event_listeners=[_spy]) as client:
        yield client


@pytest.fixture
def database(client: Client, _admin: Client, _spy: _Spy) -> Iterator[Database[dict[str, Any]]]:
    """A database that no other test uses."""
    name = f"ommongo_test_{uuid.uuid4().hex}"
    yield client[name]
    _spy.past.add(name)
    drop_database(_admin, name)


@pytest.fixture
def session(database: Database[dict[str, Any]]) -> Iterator[Session]:
    """A session on the test's database, with every setting at its default."""
    # Here, so that tests which need no session do not need the whole library to import.
    from ommongo import Session

    session = Session(database)
    yield session
    session.clear_queue()  # a test may leave operations behind; they are not to be warned of


@pytest.fixture
def commands(client: Client, _spy: _Spy) -> Commands:
    """What the test's client sends from here on."""
    _spy.commands = Commands()
    return _spy.commands


@pytest.fixture
def fail_command(_admin: Client) -> FailCommand:
    """
    Let commands fail on the server, for the length of a ``with`` block.

    It is given the names of the commands; *times*, how often (always, by default); *client*, which
    tells the server to do it on (by default that of `client`); and any data of the fail point, such
    as ``errorCode=11600``, ``closeConnection=True``, ``writeConcernError={...}``.
    """

    @contextmanager
    def fail(
        *names: str, times: int | None = None, client: Client | None = None, **data: Any
    ) -> Iterator[None]:
        admin = (client or _admin).admin
        mode: Any = "alwaysOn" if times is None else {"times": times}
        data["failCommands"] = list(names)
        admin.command("configureFailPoint", "failCommand", mode=mode, data=data)
        try:
            yield
        finally:
            admin.command("configureFailPoint", "failCommand", mode="off")

    return fail
