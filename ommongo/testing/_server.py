"""A throw-away MongoDB server, or the one that ``OMMONGO_TEST_URI`` names."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pymongo
from pymongo.errors import PyMongoError

from ommongo.exceptions import InvalidConfigException
from ommongo.testing._binary import find_binary
from ommongo.testing._errors import ServerUnavailable
from ommongo.testing._members import Members

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

__all__ = ["EmbeddedServer"]

_URI_VARIABLE = "OMMONGO_TEST_URI"

# A server that is said to be running answers soon; a new one may take longer.
_SECONDS_FOR_A_RUNNING_ONE = 10.0


class EmbeddedServer:
    """
    A real MongoDB server that lives as long as a ``with`` block, or from `start` to `stop`.

    It listens on free ports of 127.0.0.1 and writes into a temporary folder. Its processes and the
    folder go with `stop`, and also when this process ends without it, by whatever signal. Fail
    points (``configureFailPoint``) are enabled.

    The server is, in this order:

    * the one at the address in ``OMMONGO_TEST_URI``, where it can serve: a replica set or a sharded
      cluster for the defaults, a standalone server for ``replica_set=False``, none for several
      members, a port or options. Nothing is started then;
    * the mongod binary that ``OMMONGO_MONGOD`` names;
    * ``mongod`` on ``PATH``;
    * the one that the extra ``embedded`` of this library brings on x86-64 Linux.

    Args:
        replica_set: Start a replica set, which has transactions and change streams; otherwise a
            standalone server.
        members: How many servers the replica set has. Three can fail over, in about a second after
            the primary is gone.
        port: Where the first member listens, the others on the ports after it; by default free
            ports are found.
        options: Further command-line options for each mongod.
        timeout: Seconds until a server that does not get ready has failed.

    Raises:
        InvalidConfigException: *members* is no positive number, or a standalone server has several.

    Example:
        >>> with EmbeddedServer() as server, server.client() as client:
        ...     client.admin.command("ping")["ok"]
        1.0

    MongoDB manual:
        https://www.mongodb.com/docs/manual/reference/program/mongod/ (the options) and
        https://www.mongodb.com/docs/manual/replication/.
    """

    def __init__(
        self,
        replica_set: bool = True,
        members: int = 1,
        *,
        port: int | None = None,
        options: Sequence[str] = (),
        timeout: float = 60.0,
    ) -> None:
        if members < 1:
            raise InvalidConfigException(f"members is 1 or more, not {members}.")
        if members > 1 and not replica_set:
            raise InvalidConfigException(
                f"A standalone server has one member, not {members}: leave replica_set=True."
            )
        self._replica_set = replica_set
        self._count = members
        self._first_port = port
        self._options = tuple(options)
        self._timeout = timeout
        self._uri: str | None = None
        # None also while the server at OMMONGO_TEST_URI is used.
        self._members: Members | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def uri(self) -> str:
        """
        The address for `pymongo.MongoClient`.

        Raises:
            ServerUnavailable: the server is not running.
        """
        if self._uri is None:
            raise ServerUnavailable("The server is not running: call start() first.")
        return self._uri

    @property
    def ports(self) -> tuple[int, ...]:
        """The port of each member; none of a server that this object has not started."""
        return self._members.ports if self._members else ()

    @property
    def pids(self) -> tuple[int, ...]:
        """The process id of each member; none of a server that this object has not started."""
        return tuple(self._members.pids) if self._members else ()

    @property
    def primary(self) -> int:
        """
        The number of the member that is the primary, after an election that is under way.

        Raises:
            ServerUnavailable: there is none, or this object has not started the server.
        """
        return self._own().primary()

    def start(self) -> Self:
        """
        Start the server, and wait until it answers and takes writes.

        Returns:
            This object.

        Raises:
            InvalidConfigException: it is running.
            ServerUnavailable: there is no server to use, or it failed; then its log is kept.
        """
        if self._uri is not None:
            raise InvalidConfigException("The server is running: stop() it before another start().")
        tried: list[str] = []
        self._uri = self._find_running(tried)
        if self._uri is not None:
            return self
        binary = find_binary(tried)
        try:
            self._members = Members(
                binary,
                self._count,
                replica_set=self._replica_set,
                first_port=self._first_port,
                options=self._options,
                timeout=self._timeout,
            )
        except ServerUnavailable as error:
            error.tried = tuple(tried)
            raise
        self._uri = self._members.uri
        return self

    def stop(self) -> None:
        """
        End the server and remove what it wrote; nothing happens to one at ``OMMONGO_TEST_URI``.

        In a process that was forked from the one that started the server, this only forgets it.

        Raises:
            ServerUnavailable: it had ended by itself; its log is kept.
        """
        members, self._members, self._uri = self._members, None, None
        if members is not None:
            members.close()

    def client(self, **options: Any) -> pymongo.MongoClient[dict[str, Any]]:
        """
        Connect to the server.

        Args:
            **options: Any options of `pymongo.MongoClient`.

        Returns:
            A new client, which is the caller's to close.

        Raises:
            ServerUnavailable: the server is not running.
        """
        return pymongo.MongoClient(self.uri, **options)

    def kill(self, member: int = 0) -> None:
        """
        Kill a member at once, as a power cut would.

        Args:
            member: Its number, from 0. Nothing happens to one that is down.

        Raises:
            ServerUnavailable: this object has not started the server.
        """
        self._own().kill(member)

    def restart(self, member: int = 0) -> None:
        """
        Start a killed member again, on its old port and data, and wait until it is of use.

        Args:
            member: Its number, from 0. For one that is up this only waits for a primary.

        Raises:
            ServerUnavailable: this object has not started the server, or it does not get ready.
        """
        self._own().restart(member)

    def _own(self) -> Members:
        """Give what this object has started."""
        if self._members is None:
            raise ServerUnavailable(
                "This needs a server that was started here: call start() first"
                + (f", and unset {_URI_VARIABLE}." if self._uri else ".")
            )
        return self._members

    def _find_running(self, tried: list[str]) -> str | None:
        """Give the address in ``OMMONGO_TEST_URI`` when its server can serve."""
        uri = os.environ.get(_URI_VARIABLE)
        if not uri:
            tried.append(f"{_URI_VARIABLE}: not set")
            return None
        if self._count > 1 or self._first_port is not None or self._options:
            tried.append(f"{_URI_VARIABLE}: serves for no members, port or options of one's own")
            return None
        milliseconds = int(min(self._timeout, _SECONDS_FOR_A_RUNNING_ONE) * 1000)
        try:
            with pymongo.MongoClient[Any](uri, serverSelectionTimeoutMS=milliseconds) as client:
                hello = client.admin.command("hello")
        except (PyMongoError, ValueError) as error:
            raise ServerUnavailable(
                f"The server at the address in {_URI_VARIABLE} does not answer: {error}"
            ) from error
        replica_set = "setName" in hello or hello.get("msg") == "isdbgrid"
        if replica_set != self._replica_set:
            wanted = "a replica set" if self._replica_set else "a standalone server"
            tried.append(f"{_URI_VARIABLE}: its server is not {wanted}")
            return None
        tried.append(f"{_URI_VARIABLE}: used")
        return uri
