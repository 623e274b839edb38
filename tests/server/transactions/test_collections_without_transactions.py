"""
Collections in which the server takes no writes in a transaction: the error names the way out.

They are capped ones, time series (servers from 5.0) and those of the databases ``config`` and
``local``. Whichever way a transaction is begun and whatever is written in it, the note says what to
do, and the objects can be saved again as if nothing had happened: what was to be an insert is one,
which is all that a time series takes; also those that were never attempted, because something
before them was refused.
"""

from __future__ import annotations

from datetime import datetime

import pytest
from pymongo.errors import DuplicateKeyError, OperationFailure

from ommongo import DateTimeField, Document, IntField, StringField
from tests.helpers import note_of
from tests.models import Account, User

AT = datetime(2020, 4, 21)


class Log(Document):
    config_namespace = "tests.without_transactions"
    config_collection_name = "logs"

    text = StringField()
    at = DateTimeField()
    count = IntField(required=False)


@pytest.fixture(params=["capped", "time series"])
def logs(request, database):
    """A collection without transactions."""
    has_series = database.client.server_info()["versionArray"] >= [5, 0]
    if request.param == "capped" or not has_series:
        return database.create_collection("logs", capped=True, size=100_000)
    return database.create_collection("logs", timeseries={"timeField": "at"})


@pytest.fixture
def session(make_session, database):
    """A safe session."""
    session = make_session(safe=True)
    session.ensure_indexes(Account)
    session.save(Account(email="taken"))
    database.create_collection("users")
    return session


def in_block(session, *documents):
    """Save documents in a block."""
    with session:
        for document in documents:
            session.add(document)


def in_transaction(session, *documents):
    """Save documents one by one, in a transaction."""
    with session.transaction():
        for document in documents:
            session.save(document)


def in_run(session, *documents):
    """The same in a function."""
    session.run_in_transaction(lambda session: [session.save(one) for one in documents] and None)


def in_block_in_transaction(session, *documents):
    """Save documents in a block in a transaction."""
    with session.transaction():
        in_block(session, *documents)


WAYS = [in_block, in_transaction, in_run, in_block_in_transaction]


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("way", WAYS)
def test_the_note_names_the_way_out(session, logs, way, count):
    """Outside of the block, or without a transaction."""
    with pytest.raises(OperationFailure) as caught:
        way(session, *(Log(text="x", at=AT) for _ in range(count)))
    assert caught.value.code == 263
    assert "rolled back" in note_of(caught.value)
    assert "capped" in note_of(caught.value)
    assert "outside" in note_of(caught.value)
    assert "atomic=False" in note_of(caught.value)


@pytest.mark.parametrize("way", WAYS)
def test_what_was_not_applied_can_be_saved_again(session, logs, way, commands):
    """As it would have been the first time: by an insert, with what goes before it."""
    user, documents = User(name="ada"), [Log(text=str(number), at=AT) for number in range(3)]
    with pytest.raises(OperationFailure):
        way(session, user, *documents)
    commands.clear()
    for document in (user, *documents):
        session.save(document)

    assert commands.names("insert", "update") == ["insert"] * 4
    assert sorted(log["text"] for log in logs.find()) == ["0", "1", "2"]
    assert {log["_id"] for log in logs.find()} == {log.mongo_id for log in documents}
    assert session.db["users"].count_documents({}) == 1


@pytest.mark.parametrize("way", [in_block, in_run])
def test_what_was_never_attempted_can_be_saved_too(session, logs, way):
    """Something before it was refused, for a reason of its own."""
    log = Log(text="x", at=AT)
    with pytest.raises(DuplicateKeyError):
        way(session, Account(email="taken"), log)
    session.save(log)
    assert logs.find_one()["text"] == "x"


def test_the_way_out(make_session, session, logs):
    """A block that is no transaction takes the same objects."""
    log = Log(text="x", at=AT)
    with pytest.raises(OperationFailure):
        in_block(session, log)
    in_block(make_session(safe=True, atomic=False), log, User(name="ada"))
    assert logs.find_one()["_id"] == log.mongo_id


def test_a_database_without_transactions(client, make_session):
    """That of the server itself is named by the server; the way out is the same."""
    session = make_session(client["config"], safe=True)
    log = Log(text="x", at=AT)
    try:
        with pytest.raises(OperationFailure) as caught:
            in_block(session, log)
        assert "atomic=False" in note_of(caught.value)
        session.save(log)
        assert client["config"]["logs"].find_one()["_id"] == log.mongo_id
    finally:
        client["config"].drop_collection("logs")


def test_an_outcome_that_is_not_known_is_not_taken_for_a_rollback(
    session, database, fail_commit, commands
):
    """What may be stored is replaced, and not inserted twice."""
    user = User(name="ada")
    with fail_commit(errorCode=50), pytest.raises(OperationFailure):
        in_block(session, user)
    commands.clear()
    session.save(user)
    assert commands.names("insert", "update") == ["update"]
