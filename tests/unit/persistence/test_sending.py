"""What a call's error says of each operation in it."""

from __future__ import annotations

import pytest
from pymongo import MongoClient
from pymongo.errors import BulkWriteError, DuplicateKeyError, WriteConcernError, WriteError

from ommongo._persistence.sending import _of_bulk_error
from ommongo.exceptions import StaleDocumentException
from ommongo.ops import save_operation, update_operation
from tests.models import User


@pytest.fixture
def users():
    """A collection of a client that never connects."""
    with MongoClient(connect=False) as client:
        yield client["test"]["users"]


@pytest.fixture
def inserts(users):
    """Three operations of one call."""
    return [save_operation(users, User(name=name), True) for name in "abc"]


def bulk_error(*write_errors, **details):
    """Give what the driver raises for a call of many."""
    return BulkWriteError({"writeErrors": list(write_errors), **details})


@pytest.mark.parametrize(
    ("code", "kind"), [(11000, DuplicateKeyError), (121, WriteError), (66, WriteError)]
)
def test_a_refused_operation_has_the_error_of_a_single_call(inserts, code, kind):
    """Those before it are applied for certain; its own content is not in the error."""
    refusal = {"index": 1, "code": code, "errmsg": "no", "op": {"name": "secret"}}
    sent = _of_bulk_error(bulk_error(refusal), inserts)

    assert type(sent.error) is kind
    assert sent.error.code == code
    assert sent.error.details == {"index": 1, "code": code, "errmsg": "no"}
    assert sent.results == [inserts[0].document_id]
    assert (sent.unknown, sent.refused, sent.is_about_the_write) == (0, False, True)


def test_a_guarded_update_that_met_nothing_is_stale(users):
    """The server's refusal to change an `_id` means that the document is not there."""
    operations = []
    for name in "ab":
        user = User(name=name)
        save_operation(users, user, True)
        user.age = 5
        operations.append(update_operation(users, user, None, False, {}, True))
    sent = _of_bulk_error(bulk_error({"index": 1, "code": 66, "errmsg": "no"}), operations)

    assert type(sent.error) is StaleDocumentException
    assert sent.error.document_id == operations[1].document_id
    assert sent.results == [{"ok": 1.0, "n": 1}]


def test_a_call_that_is_not_confirmed_is_applied(inserts):
    """Its error is that of a single call, and everything in it has its result."""
    concern = {"code": 100, "errmsg": "not enough members"}
    sent = _of_bulk_error(bulk_error(writeConcernErrors=[concern]), inserts)

    assert type(sent.error) is WriteConcernError
    assert sent.error.code == 100
    assert len(sent.results) == 3
    assert sent.is_unconfirmed is True


def test_an_error_that_says_nothing_leaves_everything_open(inserts):
    """Whatever a driver raises one day, nothing is taken for applied that may not be."""
    error = BulkWriteError({})
    sent = _of_bulk_error(error, inserts)

    assert (sent.results, sent.error, sent.unknown, sent.refused) == ([], error, 3, False)
    assert sent.may_be_passed_over is False
