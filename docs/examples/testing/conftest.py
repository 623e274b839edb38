"""A server for all tests, and a database of its own for each."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from pymongo import MongoClient

from ommongo import Session
from ommongo.testing import EmbeddedServer


@pytest.fixture(scope="session")
def client() -> Iterator[MongoClient[dict[str, Any]]]:
    """A real server, gone after the last test."""
    with EmbeddedServer() as server, server.client() as client:
        yield client


@pytest.fixture
def session(client: MongoClient[dict[str, Any]]) -> Iterator[Session]:
    """A session on an empty database that no other test knows."""
    database = client[f"test_{uuid.uuid4().hex}"]
    session = Session(database, safe=True)
    yield session
    session.clear_queue()
    client.drop_database(database)
