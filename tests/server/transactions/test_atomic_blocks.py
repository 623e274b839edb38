"""Blocks as one server transaction: all of a block is stored, or none, and who is told when."""

from __future__ import annotations

import logging
from functools import partial

import pytest
from pymongo import MongoClient, ReadPreference, WriteConcern
from pymongo.errors import (
    DuplicateKeyError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WriteConcernError,
)
from pymongo.monitoring import CommandListener

from ommongo import Document, Index, StringField
from ommongo.exceptions import FieldNotRetrieved, InvalidConfigException, TransactionException
from ommongo.testing import EmbeddedServer
from tests.helpers import bodies_of, drop_database, note_of, numbers_of
from tests.models import Account, Counter, Note, User

TRANSIENT = ["TransientTransactionError"]

# The server's codes.
WRITE_CONFLICT, NO_SUCH_TRANSACTION, MAX_TIME_EXPIRED = 112, 251, 50


class Mishap(Exception):
    """What goes wrong in an application."""


@pytest.fixture
def taken(database, make_session):
    """A database in which an email is taken."""
    make_session(safe=True).save(Account(email="taken"))
    return database


@pytest.fixture
def alone(standalone):
    """A fresh database on a server that has no transactions."""
    with standalone.client() as client:
        database = client["ommongo_test_atomic_blocks"]
        drop_database(client, database.name)
        yield database
        drop_database(client, database.name)


@pytest.fixture(scope="module")
def own_server():
    """A server whose limits tests may change: options keep it from being a running one."""
    with EmbeddedServer(options=["--setParameter=transactionLifetimeLimitSeconds=60"]) as server:
        yield server


def accounts(*emails):
    """Give new accounts."""
    return [Account(email=email) for email in emails]


def emails_in(database):
    """Give the emails of all stored accounts, sorted."""
    return sorted(account["email"] for account in database["accounts"].find())


def block(session, *documents):
    """Save documents in one block."""
    with session:
        for document in documents:
            session.save(document)


def in_transactions(commands):
    """Give the commands that were sent in transactions, by the transaction's number."""
    sent = {}
    for event in commands.started:
        if "autocommit" in event.command:
            number = event.command["lsid"]["id"], event.command["txnNumber"]
            sent.setdefault(number, []).append(event.command_name)
    return list(sent.values())


def error_of(call, kind=PyMongoError):
    """Give the error that a call raises."""
    with pytest.raises(kind) as caught:
        call()
    return caught.value


# -- one transaction ------------------------------------------------------------------------------


def test_a_block_is_one_server_transaction(session, commands):
    """All of a block's writes are sent between one start and one commit."""
    ada = User(name="ada")
    block(session, ada, Account(email="a"), Note(key=1))
    with session:
        ada.age = 3
        session.update(ada)
        session.query(User).set(nick="n").multi().execute()
        session.remove(ada)
        session.clear_collection(Note)

    assert in_transactions(commands) == [
        ["insert", "insert", "update", "commitTransaction"],
        ["update", "update", "delete", "delete", "commitTransaction"],
    ]
    starting = [e.command_name for e in commands.started if e.command.get("startTransaction")]
    assert starting == ["insert", "update"]


def test_a_block_of_one_operation_is_a_transaction_too(session, commands):
    """How many operations a block has makes no difference."""
    block(session, User(name="ada"))

    assert in_transactions(commands) == [["insert", "commitTransaction"]]


def test_what_was_queued_before_a_block_is_in_its_transaction(session, commands):
    """What comes first in the flush at a block's end is stored with the block, or not at all."""
    session.add(User(name="before"))
    block(session, User(name="inside"))

    assert in_transactions(commands) == [["insert", "commitTransaction"]]
    (body,) = bodies_of(commands, "insert")
    assert [document["name"] for document in body["documents"]] == ["before", "inside"]


def test_nested_blocks_are_one_transaction(session, commands, database):
    """Only the outermost block is one; what a failed inner block queued is no part of it."""
    with session:
        session.save(User(name="outer"))
        with session:
            session.save(User(name="inner"))
        with pytest.raises(Mishap):
            with session:
                session.save(User(name="dropped"))
                raise Mishap

    assert in_transactions(commands) == [["insert", "commitTransaction"]]
    assert sorted(user["name"] for user in database["users"].find()) == ["inner", "outer"]


def test_an_empty_block_is_no_transaction(session, commands):
    """A block without operations sends nothing at all."""
    with session:
        session.query(User)

    assert commands.names() == []


def test_a_write_outside_a_block_is_no_transaction(session, commands):
    """A single write is atomic by itself."""
    session.save(User(name="ada"))
    session.add(User(name="bob"))
    session.add(User(name="eve"))
    session.flush()

    assert in_transactions(commands) == []


def test_reads_in_a_block_see_what_is_stored(session, database):
    """A block's transaction begins at its end, so nothing of the block can be read in it."""
    with session:
        session.save(User(name="ada"))
        assert session.query(User).count() == 0
        database["users"].insert_one({"name": "bob"})
        assert session.query(User).count() == 1


def test_ten_thousand_operations_of_a_block_are_one_call_and_a_commit(session, commands, database):
    """A transaction is flushed in bulk as any other flush."""
    block(session, *(User(name=str(number)) for number in range(10_000)))

    assert in_transactions(commands) == [["insert", "commitTransaction"]]
    assert database["users"].count_documents({}) == 10_000


# -- all or nothing -------------------------------------------------------------------------------


@pytest.mark.parametrize("safe", [True, False])
def test_a_block_that_fails_stores_nothing(make_session, taken, safe):
    """An error is raised whatever `safe` says, and not one operation of the block is stored."""
    session = make_session(safe=safe)
    documents = [User(name="ada"), *accounts("a", "taken", "c"), Note(key=1)]
    error = error_of(lambda: block(session, *documents), DuplicateKeyError)

    assert emails_in(taken) == ["taken"]
    assert taken["users"].count_documents({}) == taken["notes"].count_documents({}) == 0
    assert {3, 5, 0} <= numbers_of(note_of(error))
    assert repr(documents[2].mongo_id) in note_of(error)
    assert "rolled back" in note_of(error)


def test_an_operations_own_safety_does_not_count_in_a_transaction(make_session, taken):
    """What is unsafe by itself raises in an atomic block too, and nothing is logged for it."""
    session = make_session(safe=True)
    with pytest.raises(DuplicateKeyError):
        with session:
            session.save(User(name="ada"))
            session.save(Account(email="taken"), safe=False)

    assert taken["users"].count_documents({}) == 0


def test_after_a_block_that_failed_everything_is_dirty_and_can_be_saved(make_session, taken):
    """The corrected second try stores each document exactly once."""
    session = make_session(safe=True, cache_size=None)
    documents = accounts("a", "taken", "c")
    error_of(lambda: block(session, *documents))
    assert all(document.get_dirty_ops() for document in documents)
    assert (session.queue, len(session.cache)) == ([], 0)
    documents[1].email = "b"
    block(session, *documents)

    assert emails_in(taken) == ["a", "b", "c", "taken"]
    assert not any(document.get_dirty_ops() for document in documents)


def test_what_was_queued_before_a_block_that_failed_is_dirty_too(make_session, taken):
    """It was part of the flush, so it is neither stored nor pending any more."""
    session = make_session(safe=True)
    before = User(name="before")
    session.add(before)
    error_of(lambda: block(session, Account(email="taken")))

    assert session.queue == []
    assert taken["users"].count_documents({}) == 0
    assert before.get_dirty_ops() == {"$set": {"name": "before"}}


def test_increments_of_a_block_that_failed_are_sent_once(make_session, taken):
    """What was taken back is still to be sent; the objects hold what they held before."""
    session = make_session(safe=True)
    counter = Counter(name="hits", count=10)
    session.save(counter)
    changed = counter.changed
    with pytest.raises(DuplicateKeyError):
        with session:
            counter.count = 5
            session.update(counter)
            session.save(Account(email="taken"))
    assert counter.get_dirty_ops()["$inc"] == {"count": 5}
    assert counter.changed == changed
    session.update(counter)

    assert taken["counters"].find_one()["count"] == counter.count == 15


def test_a_removal_of_a_block_that_failed_is_taken_back(make_session, taken):
    """The object is a stored one still, and can be updated."""
    session = make_session(safe=True)
    user = User(name="ada", age=1)
    session.save(user)
    with pytest.raises(DuplicateKeyError):
        with session:
            session.remove(user)
            session.save(Account(email="taken"))
    user.age = 2
    session.update(user)

    assert taken["users"].find_one()["age"] == 2


def test_an_upsert_of_a_block_that_failed_gives_no_id(make_session, taken):
    """An `_id` that the server gave in a transaction that failed is nobody's."""
    session = make_session(safe=True)
    user = User(name="ada", hits=3)
    with pytest.raises(DuplicateKeyError):
        with session:
            session.update(user, User.name == "ada", upsert=True)
            session.save(Account(email="taken"))

    assert not user.has_id()
    assert user.get_dirty_ops() == {"$set": {"name": "ada"}, "$inc": {"hits": 3}}


# -- where there are transactions -----------------------------------------------------------------


def test_where_transactions_are_is_known_without_asking(session, commands):
    """The driver knows its servers: a block sends its writes and the commit, nothing else."""
    block(session, User(name="ada"))
    commands.clear()
    block(session, User(name="bob"))

    assert commands.names() == ["insert", "commitTransaction"]


def test_a_new_client_finds_out_in_time(server, database, make_session):
    """Also when the very first thing that a client does is a block."""
    with server.client() as client:
        block(make_session(client[database.name], atomic=True), User(name="ada"))

    assert database["users"].count_documents({}) == 1


def test_a_direct_connection_to_a_replica_set_has_transactions(server, database, make_session):
    """A client that was told of one member only finds out that it belongs to a set."""
    with server.client() as found:
        found.admin.command("ping")  # until then the driver knows no primary
        host, port = found.address
    with MongoClient(host, port, directConnection=True) as client:
        block(make_session(client[database.name], atomic=True), User(name="ada"))

    assert database["users"].count_documents({}) == 1


def test_without_atomic_a_block_is_a_flush_as_any_other(make_session, taken, commands):
    """`atomic=False` never uses a transaction: what comes before an error is stored."""
    session = make_session(safe=True, atomic=False)
    documents = [User(name="ada"), *accounts("a", "taken", "c")]
    error = error_of(lambda: block(session, *documents), DuplicateKeyError)

    assert in_transactions(commands) == []
    assert emails_in(taken) == ["a", "taken"]
    assert {3, 4, 2, 1} <= numbers_of(note_of(error))
    assert "transaction" not in note_of(error)


@pytest.mark.parametrize("atomic", [None, False])
def test_on_a_standalone_server_a_block_is_a_flush_as_any_other(make_session, alone, atomic):
    """In order, stopping at the first error of a safe operation, with counts in the note."""
    session = make_session(alone, safe=True, atomic=atomic)
    session.save(Account(email="taken"))
    documents = [User(name="ada"), *accounts("a", "taken", "c")]
    error = error_of(lambda: block(session, *documents), DuplicateKeyError)

    assert emails_in(alone) == ["a", "taken"]
    assert alone["users"].count_documents({}) == 1
    assert {3, 4, 2, 1} <= numbers_of(note_of(error))
    assert session.flush_report.atomic is False
    assert [bool(d.get_dirty_ops()) for d in documents] == [False, False, True, True]


def test_on_a_standalone_server_an_unsafe_failure_is_passed_over(make_session, alone, caplog):
    """Each operation has its own `safe` there."""
    session = make_session(alone)
    session.save(Account(email="taken"))
    block(session, *accounts("a", "taken", "c"))

    assert emails_in(alone) == ["a", "c", "taken"]
    assert [r.levelno for r in caplog.records if r.name == "ommongo"] == [logging.ERROR]


def test_atomic_blocks_are_refused_on_a_standalone_server(make_session, alone):
    """`atomic=True` raises before anything is written, and what was queued is dirty again."""
    session = make_session(alone, atomic=True, cache_size=None)
    account = Account(email="a")
    error = error_of(lambda: block(session, account), TransactionException)

    assert "standalone" in str(error)
    assert alone.list_collection_names() == []
    assert (session.queue, session.transactions, len(session.cache)) == ([], [], 0)
    assert account.get_dirty_ops() == {"$set": {"email": "a"}}
    assert {0, 1} <= numbers_of(note_of(error))
    assert "Operation 1 of 1 was not sent" in note_of(error)


def test_outside_a_block_an_atomic_session_writes_to_a_standalone_server(make_session, alone):
    """`atomic=True` is about blocks."""
    make_session(alone, atomic=True, safe=True).save(User(name="ada"))

    assert alone["users"].count_documents({}) == 1


def test_a_block_without_a_server_fails_as_a_flush_does(make_session):
    """The queue is empty, the documents are dirty, and nothing is sent behind the block's back."""
    with MongoClient("127.0.0.1", 1, serverSelectionTimeoutMS=10) as client:
        session = make_session(client["nowhere"])
        user = User(name="ada")
        error_of(lambda: block(session, user), ServerSelectionTimeoutError)

    assert session.queue == []
    assert user.get_dirty_ops() == {"$set": {"name": "ada"}}


@pytest.mark.parametrize("atomic", ["yes", 1, 0])
def test_atomic_is_one_of_three(make_session, atomic):
    """Anything but `None`, `True` and `False` is refused."""
    with pytest.raises(InvalidConfigException, match="atomic"):
        make_session(atomic=atomic)


# -- flush() in a block ---------------------------------------------------------------------------


def test_flush_in_a_block_sends_now(make_session, database, commands):
    """What it sends is no part of the block's transaction, and not dropped with the block."""
    session = make_session()
    with pytest.raises(Mishap):
        with session:
            session.save(User(name="sent"))
            session.flush()
            raise Mishap

    assert in_transactions(commands) == []
    assert database["users"].count_documents({"name": "sent"}) == 1


def test_flush_in_an_atomic_block_is_refused(make_session, database, commands):
    """With `atomic=True` it raises, sends nothing, and the block goes on."""
    session = make_session(atomic=True)
    with session:
        session.save(User(name="ada"))
        with session:
            with pytest.raises(TransactionException):
                session.flush()
        assert len(session.queue) == 1
        assert commands.names() == []

    assert database["users"].count_documents({"name": "ada"}) == 1


# -- before the transaction -----------------------------------------------------------------------


def test_indexes_and_collections_are_there_before_the_transaction(session, database, commands):
    """Neither is created in the transaction; a second block finds both."""
    block(session, User(name="ada"), Account(email="a"))
    first = commands.names()
    commands.clear()
    block(session, User(name="bob"), Account(email="b"))

    assert sorted(first[:-3]) == ["create", "create", "createIndexes"]
    assert first[-3:] == ["insert", "insert", "commitTransaction"]
    assert commands.names() == ["insert", "insert", "commitTransaction"]
    assert "email_1" in database["accounts"].index_information()


def test_an_existing_collection_is_no_error(session, database):
    """A collection that was there before the client knew is taken as it is."""
    database["users"].insert_one({"name": "ada"})
    block(session, User(name="bob"))

    assert database["users"].count_documents({}) == 2


def test_collections_are_taken_care_of_without_indexes(make_session, commands):
    """`auto_ensure=False` creates no index, and the collection all the same."""
    block(make_session(auto_ensure=False), Account(email="a"))

    assert commands.names() == ["create", "insert", "commitTransaction"]


def test_who_may_not_create_collections_may_write(session, fail_command, database):
    """A server that refuses to create a collection is asked to write all the same."""
    database["users"].insert_one({"name": "ada"})
    with fail_command("create", errorCode=13):
        block(session, User(name="bob"))

    assert database["users"].count_documents({}) == 2


def test_a_collection_that_cannot_be_created_fails_the_block(session, fail_command, database):
    """Any other error is the block's, before its first operation."""
    user = User(name="bob")
    with fail_command("create", errorCode=8000):
        error = error_of(lambda: block(session, user), OperationFailure)

    assert error.code == 8000
    assert {0, 1} <= numbers_of(note_of(error))
    assert "rolled back" not in note_of(error)
    assert user.get_dirty_ops() == {"$set": {"name": "bob"}}


def test_an_index_that_cannot_be_created_fails_the_block(make_session, database, commands):
    """Then no transaction has begun, and nothing is stored."""

    class Clashing(Document):
        config_namespace = "tests.atomic_blocks"
        name = StringField()
        i_name = Index().ascending("name").unique()

    database["Clashing"].insert_many([{"name": "same"}, {"name": "same"}])
    commands.clear()
    error = error_of(lambda: block(make_session(), User(name="ada"), Clashing(name="other")))

    assert error.code == 11000
    assert in_transactions(commands) == []
    assert database["users"].count_documents({}) == 0


# -- tried again ----------------------------------------------------------------------------------


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("command", ["insert", "update", "commitTransaction"])
def test_a_transient_error_is_tried_again(make_session, database, fail_command, command, times):
    """The whole transaction is repeated by the driver's rules, and each write counts once."""
    session = make_session(safe=True, cache_size=None)
    counter = Counter(name="hits", count=10)
    session.save(counter)
    new = User(name="ada")
    with fail_command(command, times=times, errorCode=WRITE_CONFLICT, errorLabels=TRANSIENT):
        with session:
            counter.count = 5
            session.save(new)
            session.update(counter)

    assert database["users"].count_documents({}) == 1
    assert database["counters"].find_one()["count"] == counter.count == 15
    assert "$inc" not in counter.get_dirty_ops()
    assert new.get_dirty_ops() == {}
    report = session.flush_report
    assert (report.inserted, report.updated, report.failed, report.atomic) == (1, 1, 0, True)
    assert report.server_calls == 2 + times * (1 if command == "insert" else 2)


def test_an_unknown_result_of_the_commit_is_asked_for_again(
    session, database, commands, fail_command
):
    """The commit is repeated until its outcome is known, and the writes are not."""
    with fail_command("commitTransaction", times=1, closeConnection=True):
        block(session, User(name="ada"))

    assert in_transactions(commands) == [["insert", "commitTransaction", "commitTransaction"]]
    assert database["users"].count_documents({}) == 1


def test_a_connection_that_is_lost_in_a_transaction_is_tried_again(
    session, database, commands, fail_command
):
    """A connection lost before the commit has rolled the transaction back: it is repeated."""
    with fail_command("insert", times=1, closeConnection=True):
        block(session, User(name="ada"))

    assert [names[0] for names in in_transactions(commands)] == ["insert", "insert"]
    assert database["users"].count_documents({}) == 1


def test_a_conflict_with_another_writer_is_tried_again(make_session, database, client, server):
    """A block that meets another's open transaction is stored when that has ended."""
    met = []

    class LetGo(CommandListener):
        """Ends the other transaction as soon as the block has met it."""

        def started(self, event): ...

        def succeeded(self, event): ...

        def failed(self, event):
            if event.command_name == "update":
                met.append(event.command_name)
                if other.in_transaction:
                    other.commit_transaction()

    make_session(safe=True).save(User(name="ada", hits=1))
    with client.start_session() as other, server.client(event_listeners=[LetGo()]) as watched:
        session = make_session(watched[database.name], safe=True)
        user = session.query(User).one()
        other.start_transaction()
        database["users"].update_one({}, {"$inc": {"hits": 10}}, session=other)
        with session:
            user.hits = 5
            session.update(user)

    assert met
    assert database["users"].find_one()["hits"] == 16
    assert user.hits == 6


# -- told after the commit ------------------------------------------------------------------------


def test_outcomes_are_told_after_the_commit_only(make_session, database, fail_commit):
    """A commit that the server refuses leaves everything as it was before the block."""
    session = make_session(safe=True)
    counter, gone, fresh = Counter(name="hits", count=10), User(name="gone"), User(name="new")
    upserted = User(name="upserted")
    session.save(counter)
    session.save(gone)
    changed = counter.changed
    with fail_commit(errorCode=8000):
        session.begin_trans()
        counter.count = 5
        session.update(counter)
        session.remove(gone)
        session.save(fresh)
        session.update(upserted, User.name == "upserted", upsert=True)
        error = error_of(session.end_trans, OperationFailure)

    assert error.code == 8000
    assert {0, 3, 4} <= numbers_of(note_of(error))
    assert "rolled back" in note_of(error)
    assert [user["name"] for user in database["users"].find()] == ["gone"]
    assert database["counters"].find_one()["count"] == 10
    assert counter.get_dirty_ops()["$inc"] == {"count": 5}
    assert counter.changed == changed
    assert gone.get_dirty_ops() == {}
    assert fresh.get_dirty_ops() == {"$set": {"name": "new"}}
    assert not upserted.has_id()
    for document in (counter, fresh):
        session.update(counter) if document is counter else session.save(fresh)
    assert database["counters"].find_one()["count"] == 15
    assert database["users"].count_documents({"name": "new"}) == 1


@pytest.mark.parametrize("committed", [True, False])
def test_an_unknown_outcome_of_the_commit_is_said_to_be_unknown(
    make_session, database, fail_commit, committed
):
    """What is sent again then is stored once, and nothing is counted twice."""
    session = make_session(safe=True)
    counter, user = Counter(name="hits", count=10), User(name="ada")
    session.save(counter)
    with fail_commit(errorCode=MAX_TIME_EXPIRED):
        session.begin_trans()
        counter.name, counter.count = "new", 5
        session.update(counter)
        session.save(user)
        error = error_of(session.end_trans)
    if committed:  # what the server may have done
        database["counters"].update_one({}, {"$set": {"name": "new"}, "$inc": {"count": 5}})
        database["users"].insert_one({"_id": user.mongo_id, "name": "ada"})

    assert error.has_error_label("UnknownTransactionCommitResult")
    assert "not known" in note_of(error)
    assert {0, 2} <= numbers_of(note_of(error))
    report = session.flush_report
    assert (report.unknown, report.failed, report.not_attempted, report.applied) == (2, 0, 0, 0)
    with pytest.raises(FieldNotRetrieved):
        counter.count
    session.update(counter)
    session.save(user)
    stored = database["counters"].find_one()
    assert (stored["name"], stored["count"]) == ("new", 15 if committed else 10)
    assert database["users"].count_documents({}) == 1


def test_a_commit_that_is_not_confirmed_has_stored_the_block(make_session, database):
    """`WriteConcernError` means applied: it is raised, and the documents are clean."""
    unconfirmed = database.with_options(write_concern=WriteConcern(w=9))
    session = make_session(unconfirmed, safe=True, auto_ensure=False)
    database.create_collection("users")
    users = [User(name="ada"), User(name="bob")]
    error = error_of(lambda: block(session, *users), WriteConcernError)

    assert database["users"].count_documents({}) == 2
    assert not any(user.get_dirty_ops() for user in users)
    report = session.flush_report
    assert (report.inserted, report.failed, report.not_attempted) == (2, 0, 0)
    assert "not confirmed" in note_of(error)
    assert "rolled back" not in note_of(error)


# -- how it is committed and read -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("concern", "sent"),
    [
        (WriteConcern(), None),
        (WriteConcern(w="majority", wtimeout=9000), {"w": "majority", "wtimeout": 9000}),
        (WriteConcern(w=0), {"w": 1}),
        (WriteConcern(w=0, wtimeout=9000), {"w": 1, "wtimeout": 9000}),
    ],
    ids=["default", "majority", "none", "none_with_timeout"],
)
def test_a_block_commits_with_the_databases_write_concern(
    make_session, database, commands, concern, sent
):
    """An acknowledged one always: w=0 becomes w=1."""
    session = make_session(database.with_options(write_concern=concern))
    block(session, User(name="ada"))

    (commit,) = bodies_of(commands, "commitTransaction")
    assert commit.get("writeConcern") == sent
    assert "writeConcern" not in bodies_of(commands, "insert")[0]
    assert database["users"].count_documents({}) == 1


def test_an_operations_own_write_concern_does_not_count_in_a_transaction(session, commands):
    """The server takes one for the commit only."""
    with session:
        session.save(User(name="ada"))
        session.query(User).set(age=1).safe(True, w=1, j=True).execute()
        session.remove_query(User).filter(User.age == 2).set_safe(True, w=1, wtimeout=50).execute()

    assert not any("writeConcern" in event.command for event in commands.started)


def test_a_block_goes_to_the_primary(make_session, database):
    """Also where the database reads from secondaries, which have no transactions."""
    secondary = database.with_options(read_preference=ReadPreference.SECONDARY_PREFERRED)
    block(make_session(secondary), User(name="ada"))

    assert database["users"].count_documents({}) == 1


# -- what is too much for the server --------------------------------------------------------------


WAYS_OUT = ("transactionLifetimeLimitSeconds", "atomic=False")

TOO_MUCH = {
    WRITE_CONFLICT: ("lost against other writers", "cache", *WAYS_OUT),
    225: ("a later one",),
    NO_SUCH_TRANSACTION: ("had ended it before this command", "does not say why", *WAYS_OUT),
    257: ("too large", *WAYS_OUT),
    290: ("too slow", *WAYS_OUT),
    388: ("too large", "cache", *WAYS_OUT),
}


@pytest.mark.parametrize(
    "code",
    list(TOO_MUCH),
    ids=["conflict", "too_old", "no_such", "too_large", "lifetime", "cache"],
)
@pytest.mark.parametrize("at_commit", [False, True])
def test_an_error_of_a_transaction_that_is_too_much_names_the_ways_out(
    session, fail_command, fail_commit, at_commit, code
):
    """Whatever the server says, the note says what that means, no more, and what to do."""
    fail = fail_commit if at_commit else partial(fail_command, "insert")
    with fail(errorCode=code, errorLabels=[]):
        error = error_of(lambda: block(session, User(name="ada")), OperationFailure)

    assert error.code == code
    assert all(words in note_of(error) for words in TOO_MUCH[code])
    if code == NO_SUCH_TRANSACTION:
        assert not any(words in note_of(error) for words in ("too large", "too slow", "lost"))


def test_another_error_of_a_transaction_names_no_ways_out(make_session, taken):
    """A taken key is not a matter of size."""
    error = error_of(lambda: block(make_session(), Account(email="taken")))

    assert not any(words in note_of(error) for words in WAYS_OUT)


def test_a_block_that_is_too_large_for_the_server_says_so(make_session, own_server):
    """A real server refuses what does not fit into its cache; nothing of it is stored."""
    with own_server.client() as client:
        session = make_session(client["large"])
        users = [User(name="x" * 4_000_000) for _ in range(30)]
        error = error_of(lambda: block(session, *users), OperationFailure)

        assert client["large"]["users"].count_documents({}) == 0
    assert all(words in note_of(error) for words in WAYS_OUT)
    assert all(user.get_dirty_ops() for user in users)


def test_the_way_out_of_a_block_that_is_too_large(make_session, own_server):
    """Without a transaction the same block is stored."""
    with own_server.client() as client:
        session = make_session(client["not_atomic"], atomic=False)
        block(session, *(User(name="x" * 4_000_000) for _ in range(30)))

        assert client["not_atomic"]["users"].count_documents({}) == 30
        client.drop_database("not_atomic")
