"""Sessions with other settings than the defaults."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pymongo.database import Database

from ommongo import Session


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
