"""What each operation of a bulk flush learns: the error, its note, what is dirty, the report."""

from __future__ import annotations

import dataclasses

import pytest
from pymongo import WriteConcern
from pymongo.errors import (
    AutoReconnect,
    DuplicateKeyError,
    OperationFailure,
    PyMongoError,
    WriteConcernError,
    WriteError,
    WTimeoutError,
)

from ommongo import Document, IntField, ModifiedField, StringField
from ommongo.exceptions import FieldNotRetrieved, StaleDocumentException
from tests.helpers import note_of, numbers_of
from tests.models import Account, Note, User
from tests.processes import wait_until

WRITES = ("insert", "update", "delete")

TIMEOUT = {"code": 64, "errmsg": "timed out", "errInfo": {"wtimeout": True}}


class Stamped(Document):
    config_namespace = "tests.flush_outcomes"
    config_collection_name = "stamped"

    name = StringField()
    changed = ModifiedField()


class Counter(Document):
    config_namespace = "tests.flush_outcomes"
    config_collection_name = "counters"

    name = StringField()
    count = IntField(required=False, on_update="$inc")


@pytest.fixture
def new_session(make_session, database):
    """Make sessions without atomic blocks, on a database with a taken email and decent names."""
    database.create_collection("users", validator={"name": {"$ne": "refused"}})
    make_session(safe=True).save(Account(email="taken", owner="first"))

    def new(on=None, safe=True, **settings):
        return make_session(on, safe=safe, **{"atomic": False, **settings})

    return new


@pytest.fixture
def session(new_session):
    """A safe session."""
    return new_session()


@pytest.fixture
def unsafe(new_session):
    """A session that logs what the server reports."""
    return new_session(safe=False)


@pytest.fixture
def unconfirmed(database):
    """The database with a write concern that the server can never meet."""
    return database.with_options(write_concern=WriteConcern(w=9))


def error_of(call):
    """Give the driver's error that a call raises."""
    with pytest.raises(PyMongoError) as caught:
        call()
    return caught.value


def errors_in(caplog):
    """Give what the library logged as an error."""
    return [r for r in caplog.records if r.levelname == "ERROR" and r.name == "ommongo"]


def names_in(database, collection, name="name"):
    """Give what the documents of a collection are called, in the order of their insertion."""
    return [document[name] for document in database[collection].find(sort=[("_id", 1)])]


def accounts(*emails):
    """Give new accounts."""
    return [Account(email=email) for email in emails]


def stored(session, documents):
    """Store documents, and give them."""
    for document in documents:
        session.add(document)
    session.flush()
    return documents


def dirty(documents):
    """Tell of each document whether it has something to send."""
    return [bool(document.get_dirty_ops()) for document in documents]


# -- the error ------------------------------------------------------------------------------------


def insert_many(session, emails):
    """Insert accounts in one call."""
    for account in accounts(*emails):
        session.add(account)
    session.flush()


def replace_many(session, emails):
    """Save stored accounts in one call."""
    found = stored(session, accounts(*(f"old {email}" for email in emails)))
    for account, email in zip(found, emails, strict=True):
        account.email = email
        session.add(account)
    session.flush()


def update_many(session, emails):
    """Update stored accounts in one call."""
    found = stored(session, accounts(*(f"old {email}" for email in emails)))
    with session:
        for account, email in zip(found, emails, strict=True):
            account.email = email
            session.update(account)
        session.save(Note(key=1))


def express_many(session, emails):
    """Change accounts by expressions in one call."""
    stored(session, accounts(*(f"old {email}" for email in emails)))
    with session:
        for email in emails:
            found = session.query(Account).filter(Account.email == f"old {email}")
            found.set(email=email).execute()
        session.save(Note(key=1))


def upsert_many(session, emails):
    """Update or insert accounts in one call."""
    with session:
        for email in emails:
            session.update(Account(email=email), Account.owner == email, upsert=True)
        session.save(Note(key=1))


@pytest.mark.parametrize(
    "write", [insert_many, replace_many, update_many, express_many, upsert_many]
)
def test_a_taken_key_in_a_call_of_many_raises_what_the_single_call_raises(
    session, database, commands, write
):
    """A duplicate key is `DuplicateKeyError` with the server's code and details, at its place."""
    expected = error_of(lambda: database["accounts"].insert_one({"email": "taken"}))
    error = error_of(lambda: write(session, ["a", "b", "taken", "d"]))

    assert type(error) is DuplicateKeyError
    assert error.code == expected.code
    assert error.details["keyPattern"] == expected.details["keyPattern"]
    assert set(error.details) <= set(expected.details)
    there = {"a", "b", "taken", "d"}.intersection(names_in(database, "accounts", "email"))
    assert there == {"a", "b", "taken"}
    assert database["notes"].count_documents({}) == 0
    total = 4 if write in (insert_many, replace_many) else 5
    assert {3, total, 2, total - 3} <= numbers_of(note_of(error))


def test_a_refused_document_in_a_call_of_many_raises_what_the_single_call_raises(session, database):
    """What the collection's validator refuses is a `WriteError`."""
    expected = error_of(lambda: database["users"].insert_one({"name": "refused"}))
    for name in ("ada", "refused", "eve"):
        session.add(User(name=name))
    error = error_of(session.flush)

    assert type(error) is type(expected) is WriteError
    assert error.code == expected.code
    assert names_in(database, "users") == ["ada"]


def test_the_values_of_a_refused_operation_are_not_in_the_error(session):
    """The driver's details of a bulk call hold the operation; the single call's do not."""
    for name in ("ada", "refused"):
        session.add(User(name=name, nick="secret"))
    error = error_of(session.flush)

    assert "secret" not in f"{error} {error.details} {note_of(error)}"


def test_a_lost_connection_in_a_call_of_many_raises_what_the_single_call_raises(
    session, fail_command
):
    """A connection that is lost for good is `AutoReconnect`, and the outcome is unknown."""
    users = [User(name=str(number)) for number in range(3)]
    for user in users:
        session.add(user)
    with fail_command("insert", closeConnection=True):
        error = error_of(session.flush)

    assert isinstance(error, AutoReconnect)
    assert {0, 3} <= numbers_of(note_of(error))
    assert dirty(users) == [True, True, True]
    report = session.flush_report
    assert (report.unknown, report.failed, report.not_attempted, report.applied) == (3, 0, 0, 0)


@pytest.mark.parametrize("code", [8000, 50, 11601], ids=["atlas", "max_time", "interrupted"])
def test_a_refused_command_of_many_raises_what_the_single_call_raises(
    session, database, fail_command, code
):
    """An error of the whole command has the class and the code that the single call gives."""
    with fail_command("insert", errorCode=code):
        expected = error_of(lambda: database["users"].insert_one({"name": "ada"}))
        session.add(User(name="ada"))
        session.add(User(name="bob"))
        error = error_of(session.flush)

    assert type(error) is type(expected)
    assert error.code == expected.code == code


def test_an_unknown_outcome_comes_after_what_is_known(session, database, fail_command):
    """Of three calls, the first was applied, the second is unknown, the third not attempted."""
    users, gone = stored(session, [User(name="a"), User(name="b")]), User(name="gone")
    stored(session, [gone])
    new = [Account(email=str(number)) for number in range(3)]
    with fail_command("insert", closeConnection=True):
        session.begin_trans()
        for user in users:
            user.age = 1
            session.update(user)
        for account in new:
            session.save(account)
        session.remove(gone)
        error = error_of(session.end_trans)

    assert {2, 1, 3} <= numbers_of(note_of(error))
    report = session.flush_report
    assert (report.updated, report.unknown, report.not_attempted, report.failed) == (2, 3, 1, 0)
    assert dirty([*users, *new]) == [False, False, True, True, True]
    assert database["users"].count_documents({"age": 1}) == 2


# -- what is dirty, and the second try ------------------------------------------------------------


def test_a_second_save_after_a_failed_call_stores_exactly_once(session, database):
    """What failed is put right, everything is saved again, and each document is there once."""
    documents = accounts("a", "b", "taken", "d", "e")
    for document in documents:
        session.add(document)
    error_of(session.flush)
    assert dirty(documents) == [False, False, True, True, True]
    documents[2].email = "c"
    stored(session, documents)

    assert sorted(names_in(database, "accounts", "email")) == ["a", "b", "c", "d", "e", "taken"]
    assert {document.mongo_id for document in documents} <= {
        account["_id"] for account in database["accounts"].find()
    }
    assert dirty(documents) == [False] * 5


def test_a_second_save_after_an_unknown_outcome_stores_exactly_once(
    session, database, fail_command
):
    """Whatever became of the first try, each document is there once."""
    documents = accounts("a", "b", "c")
    for document in documents:
        session.add(document)
    with fail_command("insert", closeConnection=True):
        error_of(session.flush)
    # What the server had done before the connection was lost.
    database["accounts"].insert_one({"_id": documents[0].mongo_id, "email": "a"})
    stored(session, documents)

    assert sorted(names_in(database, "accounts", "email")) == ["a", "b", "c", "taken"]


def test_increments_after_an_unknown_outcome_are_not_sent_again(session, database, fail_command):
    """In a call of many too, a field that was sent by an operator is not retrieved any more."""
    counters = stored(session, [Counter(name=str(number), count=10) for number in range(3)])
    with fail_command("update", closeConnection=True):
        session.begin_trans()
        for counter in counters:
            counter.count = 5
            counter.name = "new"
            session.update(counter)
        session.save(Note(key=1))
        error_of(session.end_trans)

    for counter in counters:
        assert counter.get_dirty_ops() == {"$set": {"name": "new"}}
        with pytest.raises(FieldNotRetrieved):
            counter.count
        session.save(counter)
    assert [c["count"] for c in database["counters"].find()] == [10, 10, 10]


def test_increments_behind_a_failure_are_sent_once(session, database):
    """An increment that was not attempted is still to be sent; one that was applied is not."""
    counters = stored(session, [Counter(name=str(number), count=10) for number in range(4)])
    database["counters"].delete_one({"_id": counters[1].mongo_id})
    session.begin_trans()
    for counter in counters:
        counter.count = 5
        session.update(counter)
    session.save(Note(key=1))
    with pytest.raises(StaleDocumentException):
        session.end_trans()
    for counter in (counters[0], counters[2], counters[3]):
        session.update(counter)

    assert [c["count"] for c in database["counters"].find()] == [15, 15, 15]
    assert [counters[place].count for place in (0, 2, 3)] == [15, 15, 15]


def test_a_time_of_modification_moves_only_where_it_was_stored(session, database):
    """Of a call that failed, the documents before the failure hold what was stored."""
    first, second = stored(session, [Stamped(name="a"), Stamped(name="b")])
    before = first.changed, second.changed
    session.begin_trans()
    for stamped in (first, second):
        session.save(stamped)
        if stamped is first:
            session.save(Account(email="taken"))
    error_of(session.end_trans)

    assert first.changed > before[0]
    assert first.changed == database["stamped"].find_one({"name": "a"})["changed"]
    assert second.changed == before[1] == database["stamped"].find_one({"name": "b"})["changed"]


def test_an_identity_map_is_empty_after_a_failed_call(new_session):
    """No document of a failed flush is held, also none that was applied."""
    session = new_session(cache_size=None)
    for account in accounts("a", "taken", "c"):
        session.add(account)
    error_of(session.flush)

    assert len(session.cache) == 0
    assert session.queue == []


# -- unsafe operations ----------------------------------------------------------------------------


def test_sending_goes_on_behind_unsafe_failures_in_order(unsafe, database, commands, caplog):
    """The server goes on behind each operation that failed, and none is sent again."""
    emails = ["taken", "a", "taken", "b", "c", "taken"]
    documents = accounts(*emails)
    for document in documents:
        unsafe.add(document)
    commands.clear()

    assert unsafe.flush() is None
    assert names_in(database, "accounts", "email") == ["taken", "a", "b", "c"]
    sent = [len(e.command["documents"]) for e in commands.started if e.command_name == "insert"]
    assert sent == [6]
    assert dirty(documents) == [email == "taken" for email in emails]
    assert len(errors_in(caplog)) == 3


def test_an_unsafe_failure_is_logged_with_operation_class_and_id(unsafe, caplog):
    """What failed without being raised can be found in the log."""
    documents = accounts("a", "taken", "c")
    for document in documents:
        unsafe.add(document)
    unsafe.flush()

    (record,) = errors_in(caplog)
    message = record.getMessage()
    assert all(part in message for part in ("save", "Account", repr(documents[1].mongo_id)))


def test_an_unsafe_failure_takes_its_object_out_of_the_map(new_session):
    """Only what failed leaves the identity map."""
    session = new_session(safe=False, cache_size=None)
    documents = accounts("a", "taken", "c")
    for document in documents:
        session.add(document)
    session.flush()

    assert [document in session for document in documents] == [True, False, True]


def test_a_safe_failure_behind_unsafe_ones_stops(unsafe, database, caplog):
    """What is raised stops the flush, with the unsafe failures before it counted and logged."""
    documents = accounts("taken", "a", "taken", "c")
    for place, document in enumerate(documents):
        unsafe.add(document, safe=place >= 2)
    error = error_of(unsafe.flush)

    assert type(error) is DuplicateKeyError
    assert repr(documents[2].mongo_id) in note_of(error)
    assert {3, 4, 1} <= numbers_of(note_of(error))
    assert names_in(database, "accounts", "email") == ["taken", "a"]
    report = unsafe.flush_report
    assert (report.inserted, report.failed, report.not_attempted) == (1, 2, 1)
    assert len(errors_in(caplog)) == 1


def test_the_result_behind_an_unsafe_failure_is_the_last_operations_own(unsafe):
    """A flush whose last operation was applied gives its result, whatever failed before it."""
    first, last = accounts("taken", "b")
    unsafe.add(first)
    unsafe.add(last)

    assert unsafe.flush() == last.mongo_id


def test_an_unsafe_call_that_may_not_write_is_raised(unsafe, database, fail_command):
    """Not to be authorised is no error of one write, and nothing goes on behind it."""
    for account in accounts("a", "b"):
        unsafe.add(account)
    unsafe.add(User(name="ada"))
    with fail_command("insert", errorCode=13, times=1):
        error = error_of(unsafe.flush)

    assert error.code == 13
    assert database["users"].count_documents({}) == 0


def test_an_unsafe_call_whose_connection_is_lost_is_raised(unsafe, fail_command):
    """Errors of the connection are always raised."""
    for account in accounts("a", "b"):
        unsafe.add(account)
    with fail_command("insert", closeConnection=True):
        assert isinstance(error_of(unsafe.flush), AutoReconnect)


def test_an_unsafe_failure_can_be_saved_again(unsafe, database):
    """What was logged is dirty, and a corrected save stores it once."""
    documents = accounts("a", "taken", "c")
    for document in documents:
        unsafe.add(document)
    unsafe.flush()
    documents[1].email = "b"
    unsafe.save(documents[1])

    assert sorted(names_in(database, "accounts", "email")) == ["a", "b", "c", "taken"]


def test_an_unsafe_call_that_the_server_refuses_as_a_whole_is_passed_over(
    unsafe, database, fail_command, caplog
):
    """Nobody knows what became of its operations: it is told in the log, and sending goes on."""
    counters = stored(unsafe, [Counter(name=str(number), count=10) for number in range(3)])
    with fail_command("update", errorCode=8000, times=1), unsafe:
        for counter in counters:
            counter.name, counter.count = "new", 5
            unsafe.update(counter)
        unsafe.save(User(name="ada"))

    assert database["users"].count_documents({}) == 1
    (record,) = errors_in(caplog)
    assert "unknown" in record.getMessage()
    assert repr(counters[2].mongo_id) in record.getMessage()
    report = unsafe.flush_report
    assert (report.unknown, report.inserted, report.failed, report.not_attempted) == (3, 1, 0, 0)
    for counter in counters:
        assert counter.get_dirty_ops() == {"$set": {"name": "new"}}
        with pytest.raises(FieldNotRetrieved):
            counter.count


@pytest.mark.parametrize("count", [1, 2])
def test_an_unsafe_increment_that_was_interrupted_is_not_sent_again(
    unsafe, database, fail_command, caplog, count
):
    """What the server may have done before it was stopped could count twice."""
    counters = stored(unsafe, [Counter(name=str(number), count=10) for number in range(count)])
    with fail_command("update", errorCode=50), unsafe:
        for counter in counters:
            counter.count = 5
            unsafe.update(counter)

    assert len(errors_in(caplog)) == 1  # they share a call
    for counter in counters:
        assert counter.get_dirty_ops() == {}
        with pytest.raises(FieldNotRetrieved):
            counter.count


@pytest.mark.parametrize("safe", [True, False])
def test_a_collection_that_takes_no_writes_refuses_each_write(new_session, database, caplog, safe):
    """A view is refused as a whole, before anything is done: no outcome is unknown."""
    database.command("create", "notes", viewOn="other", pipeline=[])
    session = new_session(safe=safe)
    notes = [Note(key=number, body=number) for number in range(3)]
    for note in notes:
        session.add(note)
    if safe:
        assert isinstance(error_of(session.flush), OperationFailure)
    else:
        session.flush()

    report = session.flush_report
    assert (report.unknown, report.applied) == (0, 0)
    assert (report.failed, report.not_attempted) == ((1, 2) if safe else (3, 0))
    assert len(errors_in(caplog)) == (0 if safe else 3)
    assert dirty(notes) == [True] * 3


def test_many_writes_without_acknowledgement_are_sent_in_one_call(new_session, database, commands):
    """Fire and forget is so for many, too: nothing is raised, and what could be stored is."""
    session = new_session(database.with_options(write_concern=WriteConcern(w=0)), safe=False)
    documents = [User(name=str(number)) for number in range(100)]
    for document in documents:
        session.add(document)
    session.flush()

    assert commands.names("insert") == ["insert"]
    assert dirty(documents) == [False] * 100
    wait_until(lambda: database["users"].count_documents({}) == 100, "all are stored")


# -- applied but not confirmed --------------------------------------------------------------------


def test_an_unconfirmed_call_of_many_is_applied(new_session, unconfirmed, database):
    """`WriteConcernError` is raised, and every document of the call is stored and clean."""
    session = new_session(unconfirmed, auto_ensure=False)
    documents = accounts("a", "b", "c")
    for document in documents:
        session.add(document)
    error = error_of(session.flush)

    assert type(error) is WriteConcernError
    assert names_in(database, "accounts", "email") == ["taken", "a", "b", "c"]
    assert dirty(documents) == [False] * 3
    report = session.flush_report
    assert (report.inserted, report.failed, report.not_attempted) == (3, 0, 0)


def test_behind_an_unconfirmed_call_nothing_is_attempted(new_session, unconfirmed, database):
    """What comes after it is dirty and counted so; nothing is said to have failed."""
    session = new_session(unconfirmed, auto_ensure=False)
    documents = [*accounts("a", "b"), User(name="ada"), User(name="eve")]
    for document in documents:
        session.add(document)
    error = error_of(session.flush)

    assert database["users"].count_documents({}) == 0
    assert dirty(documents) == [False, False, True, True]
    report = session.flush_report
    assert (report.inserted, report.failed, report.not_attempted) == (2, 0, 2)
    assert {2, 4} <= numbers_of(note_of(error))
    assert "not confirmed" in note_of(error)
    assert "User" not in note_of(error)


def test_updates_that_are_not_confirmed_are_applied(new_session, unconfirmed, session, database):
    """Replacements, updates and upserts of one call are known to be applied."""
    users = stored(session, [User(name="a", hits=1), User(name="b", hits=1)])
    new = User(name="c")
    other = new_session(unconfirmed)
    other.begin_trans()
    for user in users:
        user.hits = 5
        other.update(user)
    other.update(new, User.name == "c", upsert=True)
    other.save(users[0])
    error = error_of(other.end_trans)

    assert type(error) is WriteConcernError
    assert [user["hits"] for user in database["users"].find({"name": {"$ne": "c"}})] == [6, 6]
    assert [user.hits for user in users] == [6, 6]
    assert new.mongo_id == database["users"].find_one({"name": "c"})["_id"]


def test_a_confirmation_that_comes_too_late_for_many_is_a_timeout(session, fail_command):
    """A write concern timeout of a call of many is the driver's `WTimeoutError`."""
    for account in accounts("a", "b"):
        session.add(account)
    with fail_command("insert", writeConcernError=TIMEOUT):
        error = error_of(session.flush)

    assert type(error) is WTimeoutError
    assert error.code == 64


@pytest.mark.parametrize("count", [1, 3])
def test_an_unsafe_unconfirmed_call_is_logged_and_passed_over(
    new_session, unconfirmed, database, caplog, count
):
    """It is told in the log, its documents are clean but not held, and sending goes on."""
    session = new_session(unconfirmed, safe=False, cache_size=None, auto_ensure=False)
    documents = accounts(*map(str, range(count)))
    for document in documents:
        session.add(document)
    session.add(User(name="ada"))
    session.flush()

    assert database["accounts"].count_documents({}) == count + 1
    assert database["users"].count_documents({}) == 1
    assert dirty(documents) == [False] * count
    assert not any(document in session for document in documents)
    first, _ = errors_in(caplog)
    assert repr(documents[-1].mongo_id) in first.getMessage()
    assert "not confirmed" in first.getMessage()


# -- the report -----------------------------------------------------------------------------------


def counts(report):
    """Give what a report counts, without the zeros."""
    return {name: n for name, n in dataclasses.asdict(report).items() if n}


def test_a_new_session_has_a_report_of_nothing(session):
    """Before the first flush there is a report, and all its counts are zero."""
    assert counts(session.flush_report) == {}
    assert session.flush_report.atomic is False


def test_a_report_is_read_only(session):
    """Nobody can change what a flush did."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        session.flush_report.inserted = 5
    with pytest.raises(AttributeError):
        session.flush_report = None


def test_a_report_counts_operations_by_kind(session):
    """Inserted, replaced, updated and removed are told apart, whatever they matched."""
    users = stored(session, [User(name=str(number)) for number in range(6)])
    with session:
        session.save(User(name="new"))
        session.save(User(name="newer"))
        session.save(Note(key="own id"))
        users[0].age = 1
        session.save(users[0])
        users[1].age = 1
        session.update(users[1])
        session.query(User).set(age=5).multi().execute()
        session.query(User).filter(User.name == "nobody").set(age=5).execute()
        session.remove(users[2])
        session.remove_query(User).filter(User.name == "3").execute()
        session.clear_collection(Note)

    report = session.flush_report
    assert counts(report) == {
        "inserted": 2,
        "replaced": 2,
        "updated": 3,
        "removed": 3,
        "server_calls": 8,
    }
    assert report.applied == 10


def test_a_report_counts_what_was_not_applied(session):
    """The failed operation and those after it are counted."""
    for account in accounts("a", "taken", "c", "d"):
        session.add(account)
    error_of(session.flush)

    assert counts(session.flush_report) == {
        "inserted": 1,
        "failed": 1,
        "not_attempted": 2,
        "server_calls": 1,
    }


def test_a_report_counts_unsafe_failures(unsafe):
    """What was only logged has failed all the same."""
    for account in accounts("a", "taken", "c", "taken"):
        unsafe.add(account)
    unsafe.flush()

    assert counts(unsafe.flush_report) == {"inserted": 2, "failed": 2, "server_calls": 1}


def test_a_report_says_whether_the_flush_was_atomic(make_session):
    """A block that is one server transaction reports so, and a flush outside of one does not."""
    session = make_session(safe=True)
    with session:
        session.save(User(name="ada"))
        session.save(User(name="bob"))
    assert counts(session.flush_report) == {"inserted": 2, "server_calls": 1, "atomic": True}

    session.save(User(name="eve"))
    assert counts(session.flush_report) == {"inserted": 1, "server_calls": 1}


def test_a_report_of_a_block_that_was_rolled_back_counts_nothing_applied(make_session, session):
    """One operation failed, and all others were not attempted or taken back."""
    session = make_session(safe=True)
    with pytest.raises(DuplicateKeyError):
        with session:
            for account in accounts("a", "taken", "c"):
                session.save(account)

    report = counts(session.flush_report)
    assert report.pop("server_calls") >= 1
    assert report == {"failed": 1, "not_attempted": 2, "atomic": True}


def test_a_report_of_a_flush_that_sent_nothing(session):
    """What fails before its first operation has made no call."""
    database = session.db
    database["users"].insert_many([{"email": "same"}, {"email": "same"}])

    class Clashing(Account):
        config_namespace = "tests.flush_outcomes"
        config_collection_name = "users"

    session.add(Clashing(email="other"))
    session.add(Clashing(email="another"))
    error = error_of(session.flush)

    assert isinstance(error, OperationFailure)
    assert counts(session.flush_report) == {"failed": 1, "not_attempted": 1}
    assert {0, 2} <= numbers_of(note_of(error))


def test_an_empty_flush_reports_nothing(session):
    """A flush of an empty queue has done nothing."""
    session.save(User(name="ada"))
    session.flush()

    assert counts(session.flush_report) == {}


def test_reading_does_not_touch_the_report(session):
    """A read with nothing pending flushes nothing, so the report is still that of the flush."""
    session.save(User(name="ada"))
    session.query(User).all()
    session.query(User).count()

    assert counts(session.flush_report) == {"inserted": 1, "server_calls": 1}


def test_a_read_that_flushes_reports(session):
    """What a read has flushed first is in the report."""
    session.save(User(name="ada"))
    session.add(User(name="bob"))
    session.add(User(name="eve"))
    session.query(User).all()

    assert counts(session.flush_report) == {"inserted": 2, "server_calls": 1}
