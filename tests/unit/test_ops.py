"""What every kind of queued write has in common."""

from __future__ import annotations

import pytest
from pymongo import MongoClient

from ommongo.ops import ClearCollectionOp, Operation, RemoveOp, save_operation
from tests.models import User


@pytest.fixture
def users():
    """A collection of a client that never connects."""
    with MongoClient(connect=False) as client:
        yield client["test"]["users"]


def test_an_operation_says_what_it_writes(users):
    """Its `repr` names kind, class and `_id`, and shows no value."""
    user = User(name="secret")
    operation = save_operation(users, user, None)

    assert repr(operation) == f"<SaveOp save of User with _id {user.mongo_id!r}>"
    assert repr(ClearCollectionOp(users, User)) == "<ClearCollectionOp clearing on User>"
    assert repr(RemoveOp(users, "users", {})) == "<RemoveOp removal on 'users'>"


def test_an_operation_of_ones_own_says_what_it_lacks(users):
    """The base class does not know how to be sent."""

    class Unfinished(Operation):
        kind = "something"

    operation = Unfinished(users, User)
    with pytest.raises(NotImplementedError, match="Unfinished"):
        operation.execute(users, None)
    with pytest.raises(NotImplementedError, match="Unfinished"):
        operation.request()


def test_an_operation_without_a_document_learns_its_outcome_in_silence(users):
    """There is nobody to tell."""
    operation = ClearCollectionOp(users, User)
    operation.succeeded({"ok": 1.0, "n": 0})
    operation.failed(sent=True, unknown=True)
    operation.take_back_id()

    assert operation.document is None
