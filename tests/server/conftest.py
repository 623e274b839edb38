"""Sessions with other settings than the defaults."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from pymongo.database import Database

from ommongo import Session
from ommongo.testing import EmbeddedServer


@pytest.fixture
def make_session(database: Database[dict[str, Any]]) -> Iterator[Callable[..., Session]]:
    """Make sessions on the test's database (or *on* another), with any settings."""
    made = []

    def make(on: Database[dict[str, Any]] | None = None, **settings: Any) -> Session:
        made.append(Session(database if on is None else on, **settings))
        return made[-1]

    yield make
    for session in made:
        session.clear_queue()  # a test may leave operations behind; they are not to be warned of


@pytest.fixture
def safe_session(make_session: Callable[..., Session]) -> Session:
    """A session whose writes raise what the server reports."""
    return make_session(safe=True)


@pytest.fixture
def end_transactions(server: EmbeddedServer) -> Iterator[Callable[[], None]]:
    """End what the server holds open: transactions whose commit has never reached it."""

    def end() -> None:
        with server.client() as client:
            client.admin.command("killAllSessions", [])

    yield end
    end()


@pytest.fixture
def fail_commit(
    fail_command: Callable[..., AbstractContextManager[None]], end_transactions: Callable[[], None]
) -> Callable[..., AbstractContextManager[None]]:
    """
    Let commits fail on the server, for the length of a ``with`` block.

    It is given what `fail_command` takes. Afterwards the transactions are gone, of whose commit
    the server has not heard.
    """

    @contextmanager
    def fail(**data: Any) -> Iterator[None]:
        with fail_command("commitTransaction", **data):
            yield
        end_transactions()

    return fail
