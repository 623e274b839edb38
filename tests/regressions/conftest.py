"""What the tests that share documents start with."""

from __future__ import annotations

import copy

import pytest

from ommongo import Session
from tests.regressions.models import STORED, Numbered


@pytest.fixture
def safe(database):
    """A session whose writes raise what the server reports."""
    session = Session(database, safe=True)
    yield session
    session.clear_queue()


@pytest.fixture
def whole(safe, database):
    """A loaded document."""
    database.wholes.insert_one(copy.deepcopy(STORED))
    return safe.query(Numbered).one()
