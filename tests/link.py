"""A way to the server on which chosen commands meet their fate."""

from __future__ import annotations

import contextlib
import socket
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pymongo import MongoClient

from ommongo import Session
from tests.helpers import drop_database

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["WRITES", "Bench", "Fate", "Link", "failing", "lost_after", "lost_before"]

WRITES = ("insert", "update", "delete")

_HOST = "127.0.0.1"
# An OP_MSG begins with 16 bytes of header, 4 of flags and 1 of section kind; the command in it with
# 4 bytes of length and 1 of type: then comes the name of its first element, which is its own.
_NAME_AT = 26

Forward = Callable[[], "bytes | None"]
Fate = Callable[[Forward], "bytes | None"]
"""What becomes of a command: given how to have it done, the reply to give; None for none."""


def lost_before(forward: Forward) -> bytes | None:
    """Lose the connection before the server has seen the command."""
    return None


def lost_after(forward: Forward) -> bytes | None:
    """Lose the connection when the server has done the command, before its reply is through."""
    forward()
    return None


def failing(
    admin: MongoClient[Any], point: str = "failCommand", mode: Any = "alwaysOn", **data: Any
) -> Fate:
    """Give the fate of a command for which a fail point of the server is on, for it alone."""

    def fate(forward: Forward) -> bytes | None:
        admin.admin.command("configureFailPoint", point, mode=mode, data=data)
        try:
            return forward()
        finally:
            admin.admin.command("configureFailPoint", point, mode="off")

    return fate


class Link:
    """
    A way to a server, for one client.

    Args:
        address: Where the server listens.
    """

    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address
        self._lock = threading.Lock()
        self._names: tuple[str, ...] = ()
        self._fates: list[Fate | None] = []
        self._entrance = socket.create_server((_HOST, 0))
        threading.Thread(target=self._accept, daemon=True).start()

    def client(self, **options: Any) -> MongoClient[Any]:
        """Connect a client by this way."""
        return MongoClient(
            _HOST,
            self._entrance.getsockname()[1],
            directConnection=True,
            # Otherwise the driver gets replies that it has not asked for one by one.
            serverMonitoringMode="poll",
            **options,
        )

    def plan(self, names: Sequence[str], place: int, fates: Sequence[Fate]) -> None:
        """
        Let commands meet their fates.

        Args:
            names: Names of commands.
            place: How many of these from now on get through first.
            fates: The fates of those after them; the next ones get through again.
        """
        with self._lock:
            self._names = tuple(names)
            self._fates = [*[None] * place, *fates]

    @property
    def left(self) -> int:
        """How many of what was planned is still to come."""
        return len(self._fates)

    def close(self) -> None:
        """Take no more connections; those that there are end with their client."""
        # Closing alone would leave the thread waiting for a connection.
        self._entrance.shutdown(socket.SHUT_RDWR)
        self._entrance.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # the entrance was closed
            while True:
                near, _ = self._entrance.accept()
                threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        """Pass on what one connection asks, and what the server answers, until one of them ends."""
        with (
            contextlib.suppress(OSError),
            near,
            socket.create_connection(self._address) as far,
        ):
            near.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            far.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for request in _messages(near):

                def forward(request: bytes = request) -> bytes | None:
                    far.sendall(request)
                    return next(_messages(far), None)

                fate = self._fate(request)
                reply = forward() if fate is None else fate(forward)
                if reply is None:
                    return
                near.sendall(reply)

    def _fate(self, request: bytes) -> Fate | None:
        name = request[_NAME_AT : request.find(b"\0", _NAME_AT)].decode(errors="replace")
        with self._lock:
            return self._fates.pop(0) if self._fates and name in self._names else None


def _messages(connection: socket.socket) -> Iterator[bytes]:
    """Give the messages that come by a connection until it ends."""
    while True:
        length = connection.recv(4, socket.MSG_WAITALL)
        if len(length) < 4:
            return
        rest = int.from_bytes(length, "little") - 4
        yield length + connection.recv(rest, socket.MSG_WAITALL)


class Bench:
    """
    A database, and a way to it on which faults happen.

    Args:
        admin: A client that goes straight to the server.
        validators: What its server refuses, by the names of collections, which are made.
        options: What is special about the client that goes by the link.
    """

    def __init__(
        self, admin: MongoClient[Any], validators: Mapping[str, Mapping[str, Any]], **options: Any
    ) -> None:
        self.admin = admin
        self.database = admin[f"ommongo_test_{uuid.uuid4().hex}"]
        for name, validator in validators.items():
            self.database.create_collection(name, validator=validator)
        self.link = Link(admin.address)  # which the driver knows by now
        self.client = self.link.client(**options)

    def session(self, **settings: Any) -> Session:
        """Make a session that goes by the link."""
        return Session(self.client[self.database.name], **settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.client.close()
        self.link.close()
        drop_database(self.admin, self.database.name)
