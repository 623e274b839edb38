"""Tests of the guest book over HTTP: what a client receives, and what is stored then."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from guestbook_fastapi import app

from ommongo.testing import EmbeddedServer


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A client of the application, which works on a database of its own."""
    name = f"test_{uuid.uuid4().hex}"
    with EmbeddedServer() as server, server.client() as mongo:
        monkeypatch.setenv("MONGODB_URI", server.uri)
        monkeypatch.setenv("MONGODB_DATABASE", name)
        with TestClient(app, raise_server_exceptions=False) as client:  # runs the lifespan, too
            yield client
        mongo.drop_database(name)


def test_a_name_is_given_once(client: TestClient) -> None:
    """Who comes second is told so."""
    new = {"name": "Ani", "text": "hello"}

    assert [client.post("/guests", json=new).status_code for _ in range(2)] == [201, 409]
    assert [guest["name"] for guest in client.get("/guests").json()] == ["Ani"]
