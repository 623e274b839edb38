"""What a type checker says of `ommongo.testing`; read by checkers, never run."""

from __future__ import annotations

from typing import Any

from pymongo import MongoClient
from typing_extensions import assert_type

from ommongo.testing import EmbeddedServer

with EmbeddedServer(members=3, options=["--quiet"]) as server:
    assert_type(server, EmbeddedServer)
    assert_type(server.uri, str)
    assert_type(server.ports, tuple[int, ...])
    assert_type(server.client(appname="check"), MongoClient[dict[str, Any]])

EmbeddedServer(options=[1])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
EmbeddedServer(False, 1, 27017)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
