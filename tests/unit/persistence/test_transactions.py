"""What the end of a server transaction means."""

from __future__ import annotations

import pytest
from pymongo import MongoClient, WriteConcern
from pymongo.errors import (
    AutoReconnect,
    ConfigurationError,
    InvalidOperation,
    NetworkTimeout,
    OperationFailure,
    PyMongoError,
    WriteConcernError,
    WTimeoutError,
)

from ommongo._persistence.transactions import (
    ServerTransaction,
    about_outcome,
    is_committed,
    transaction_concern,
)
from ommongo.exceptions import TransactionException


def labelled(error, *labels):
    """Give an error the labels that the driver would find in the server's reply."""
    for label in labels:
        error._add_error_label(label)
    return error


@pytest.mark.parametrize(
    ("error", "committed"),
    [
        (OperationFailure("no", 8000), False),
        (labelled(OperationFailure("no", 112), "TransientTransactionError"), False),
        (WriteConcernError("not enough members", 100), True),
        (WTimeoutError("too late", 64), True),
        (labelled(AutoReconnect("lost"), "UnknownTransactionCommitResult"), None),
        (labelled(OperationFailure("late", 50), "UnknownTransactionCommitResult"), None),
        (KeyboardInterrupt(), None),
        (ValueError("of a signal handler"), None),
        (SystemExit(), None),
    ],
)
def test_the_error_of_a_commit_tells_what_became_of_it(error, committed):
    """Rolled back, committed and not confirmed, or nobody knows."""
    assert is_committed(error) is committed


@pytest.mark.parametrize("code", [112, 251, 257, 290, 388])
@pytest.mark.parametrize("wrapped", [False, True])
def test_what_is_too_much_for_the_server_is_explained(code, wrapped):
    """Also behind the error that the driver raises when its own time is up."""
    error: PyMongoError = OperationFailure("no", code)
    if wrapped:
        late = NetworkTimeout("no")
        late.__cause__ = error
        error = late
    note = about_outcome(error, False)

    assert "rolled back" in note
    for way_out in ("smaller", "transactionLifetimeLimitSeconds", "atomic=False"):
        assert way_out in note


def test_another_failure_is_said_to_be_rolled_back():
    """There is nothing to be done about its size."""
    assert about_outcome(OperationFailure("no", 8000), False) == "The transaction was rolled back."


def test_a_commit_that_is_not_confirmed_is_said_to_be_one():
    """It was not rolled back."""
    note = about_outcome(WriteConcernError("no", 100), True)

    assert "committed" in note
    assert "rolled back" not in note


def test_what_nobody_knows_is_said_to_be_unknown():
    """Neither committed nor rolled back."""
    assert "not known" in about_outcome(AutoReconnect("lost"), None)


@pytest.mark.parametrize(
    ("concern", "expected"),
    [
        (WriteConcern(), {}),
        (WriteConcern(w="majority", wtimeout=5), {"w": "majority", "wtimeout": 5}),
        (WriteConcern(w=0), {"w": 1}),
        (WriteConcern(w=0, wtimeout=5), {"w": 1, "wtimeout": 5}),
    ],
)
def test_a_commit_is_always_acknowledged(concern, expected):
    """The database's write concern, with w=1 where that is w=0."""
    with MongoClient(connect=False) as client:
        database = client["test"].with_options(write_concern=concern)

        assert transaction_concern(database).document == expected


def test_a_transaction_begins_with_its_first_command():
    """Before it, indexes and collections can still be created."""
    with MongoClient(connect=False) as client, client.start_session() as client_session:
        transaction = ServerTransaction(client_session)
        assert transaction.begun is False
        assert transaction.client_session_in_use() is client_session
        assert transaction.begun is True
        transaction.begin()

        assert transaction.begun is False


def test_nothing_can_be_done_in_a_transaction_that_has_failed():
    """The failure is behind the refusal, until the transaction begins anew."""
    with MongoClient(connect=False) as client, client.start_session() as client_session:
        transaction = ServerTransaction(client_session)
        transaction.failure = failure = OperationFailure("no", 8000)
        with pytest.raises(TransactionException) as caught:
            transaction.client_session_in_use()
        assert caught.value.__cause__ is failure
        transaction.begin()

        assert transaction.client_session_in_use() is client_session


@pytest.mark.parametrize(
    ("error", "ends"),
    [
        (OperationFailure("no", 2), True),
        (AutoReconnect("lost"), True),
        (NetworkTimeout("late"), True),
        (KeyboardInterrupt(), True),
        (ConfigurationError("no such option"), False),
        (InvalidOperation("used already"), False),
        (ValueError("the application's own"), False),
    ],
)
def test_what_a_command_failed_with_ends_the_transaction(error, ends):
    """What was sent, or may have been, does; what the driver refused to send does not."""
    transaction = ServerTransaction(None)
    transaction.note_failure(error)
    transaction.note_failure(OperationFailure("the second", 251))

    assert (transaction.failure is error) is ends
    with pytest.raises(TransactionException) as caught:
        transaction.check_alive()
    assert type(transaction.failure).__name__ in str(caught.value)
