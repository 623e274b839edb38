"""Write safety: what is raised, what is logged, and which write concern is sent."""

from __future__ import annotations

import logging

import pytest
from pymongo import WriteConcern
from pymongo.errors import AutoReconnect, DocumentTooLarge, DuplicateKeyError, OperationFailure

from tests.models import Account, Note, User


@pytest.fixture
def session(session, database):
    """An unsafe session on a database where ada's email is taken."""
    database["accounts"].create_index("email", unique=True)
    database["accounts"].insert_one({"email": "ada@example.org"})
    return session


def taken():
    """Give an account that the server refuses."""
    return Account(email="ada@example.org", owner="tr0ub4dor")


def errors_in(caplog):
    """Give what was logged at ERROR on the library's logger."""
    return [
        record
        for record in caplog.records
        if record.name == "ommongo" and record.levelno == logging.ERROR
    ]


def concern_of(commands, name):
    """Give the write concern of the last command of that name, as it was sent."""
    sent = [event for event in commands.started if event.command_name == name]
    return sent[-1].command.get("writeConcern")


def test_an_unsafe_error_is_not_raised(session, database):
    """An error that the server reports for a write does not reach the application."""
    session.save(taken())

    assert database["accounts"].count_documents({}) == 1
    assert session.queue == []


def test_an_unsafe_error_is_logged(session, caplog):
    """It is logged once at ERROR on `ommongo`, with the operation, the class and the `_id`."""
    account = taken()
    session.save(account)

    (record,) = errors_in(caplog)
    message = record.getMessage()
    assert "Account" in message
    assert str(account.mongo_id) in message
    assert "save" in message.lower()
    assert "E11000" in message or "E11000" in str(record.exc_info)


def test_a_log_entry_has_no_other_values_of_the_document(session, caplog):
    """What users wrote into fields that have nothing to do with the error stays out of the log."""
    session.save(taken())

    assert "tr0ub4dor" not in caplog.text


def test_a_successful_write_logs_nothing(session, caplog):
    """Nothing is logged at ERROR when nothing fails."""
    session.save(User(name="ada"))

    assert errors_in(caplog) == []


def test_a_safe_error_is_not_logged(make_session, session, caplog):
    """An error that is raised is the application's to log."""
    safe = make_session(safe=True)
    with pytest.raises(DuplicateKeyError):
        safe.save(taken())

    assert errors_in(caplog) == []


@pytest.mark.parametrize(
    ("write", "word"),
    [
        (lambda session, account: session.update(account), "update"),
        (
            lambda session, account: (
                session.query(Account)
                .filter(Account.email == "bob@example.org")
                .set(email="ada@example.org")
                .execute()
            ),
            "update",
        ),
        (lambda session, account: session.save(account), "save"),
    ],
    ids=["update", "update_expression", "replacement"],
)
def test_every_unsafe_write_logs_its_operation(session, caplog, write, word):
    """The log entry says what was to be done, on which class."""
    account = Account(email="bob@example.org")
    session.save(account)
    account.email = "ada@example.org"
    write(session, account)

    (record,) = errors_in(caplog)
    assert word in record.getMessage().lower()
    assert "Account" in record.getMessage()


def test_an_unsafe_error_takes_the_object_out_of_the_identity_map(make_session, session):
    """An object that was not stored is not held; the others are."""
    mapped = make_session(cache_size=10)
    held, refused = Account(email="bob@example.org"), taken()
    mapped.save(held)
    mapped.save(refused)

    assert mapped.cache_read(refused.mongo_id, Account) is None
    assert mapped.cache_read(held.mongo_id, Account) is held


def test_an_unsafe_error_leaves_the_document_dirty(session, database):
    """What was not stored can be put right and saved again."""
    account = taken()
    session.save(account)

    assert account.get_dirty_ops()["$set"]["email"] == "ada@example.org"
    account.email = "bob@example.org"
    session.save(account)
    assert database["accounts"].count_documents({"_id": account.mongo_id}) == 1


def test_an_unsafe_error_does_not_stop_the_operations_after_it(session, database, caplog):
    """What was queued behind a failed operation is sent, in its order."""
    session.add(Account(email="1@example.org"))
    session.add(taken())
    session.add(Account(email="2@example.org"))
    session.add(taken())
    session.add(User(name="ada"))
    session.flush()

    assert database["accounts"].count_documents({}) == 3
    assert database["users"].count_documents({}) == 1
    assert len(errors_in(caplog)) == 2


def test_the_order_behind_an_unsafe_error_holds(session, database):
    """Operations after the failed one are not overtaken by each other."""
    user = User(name="ada", age=1)
    session.save(user)
    session.add(taken())
    user.age = 2
    session.add(user)
    user.age = 3
    session.add(user)
    session.flush()

    assert database["users"].find_one()["age"] == 3


def test_an_unsafe_stale_update_is_logged(session, database, caplog):
    """An update of a document that is gone creates nothing and is told in the log."""
    user = User(name="ada")
    session.save(user)
    database["users"].delete_many({})
    user.age = 5
    session.update(user)

    (record,) = errors_in(caplog)
    assert "User" in record.getMessage()
    assert str(user.mongo_id) in record.getMessage()
    assert database["users"].count_documents({}) == 0
    assert user.get_dirty_ops() == {"$set": {"age": 5}}


def test_a_safe_operation_of_an_unsafe_session_raises(session):
    """`safe=True` of a call goes before the session's setting."""
    with pytest.raises(DuplicateKeyError):
        session.save(taken(), safe=True)


def test_an_unsafe_operation_of_a_safe_session_does_not_raise(make_session, session, caplog):
    """`safe=False` of a call goes before the session's setting."""
    make_session(safe=True).save(taken(), safe=False)

    assert len(errors_in(caplog)) == 1


def test_add_remembers_its_own_safe(session):
    """The `safe` of an `add` holds when the queue is flushed later."""
    session.add(taken(), safe=True)

    with pytest.raises(DuplicateKeyError):
        session.flush()


def test_a_safe_operation_behind_an_unsafe_one_raises(session, database, caplog):
    """Each operation of a flush has its own safety."""
    session.add(taken(), safe=False)
    session.add(taken(), safe=True)
    session.add(User(name="ada"))
    with pytest.raises(DuplicateKeyError):
        session.flush()

    assert len(errors_in(caplog)) == 1
    assert database["users"].count_documents({}) == 0


def test_flush_safe_overrides_each_operation(session):
    """`flush(safe=True)` raises although the operations were unsafe."""
    session.add(taken(), safe=False)

    with pytest.raises(DuplicateKeyError):
        session.flush(safe=True)


def test_flush_unsafe_overrides_each_operation(session, database, caplog):
    """`flush(safe=False)` raises nothing although the operations were safe."""
    session.add(taken(), safe=True)
    session.add(User(name="ada"), safe=True)
    session.flush(safe=False)

    assert len(errors_in(caplog)) == 1
    assert database["users"].count_documents({}) == 1


@pytest.mark.parametrize(
    "write",
    [
        lambda session, account: session.update(account, safe=True),
        lambda session, account: (
            session.query(Account)
            .filter(Account.email == "bob@example.org")
            .set(email="ada@example.org")
            .safe()
            .execute()
        ),
        lambda session, account: (
            session.query(Account)
            .filter(Account.email == "bob@example.org")
            .set(email="ada@example.org")
            .safe(True)
            .execute()
        ),
    ],
    ids=["update", "expression", "expression_true"],
)
def test_safe_can_be_set_for_one_statement(session, write):
    """One statement of an unsafe session can be made to raise."""
    account = Account(email="bob@example.org")
    session.save(account)
    account.email = "ada@example.org"

    with pytest.raises(DuplicateKeyError):
        write(session, account)


def test_unsafe_can_be_set_for_one_expression(make_session, session, caplog):
    """One update of a safe session can be made to log instead."""
    safe = make_session(safe=True)
    safe.save(Account(email="bob@example.org"))
    update = safe.query(Account).filter(Account.email == "bob@example.org")
    update.set(email="ada@example.org").safe(False).execute()

    assert len(errors_in(caplog)) == 1


@pytest.mark.parametrize("safe", [False, True])
@pytest.mark.parametrize("command", ["insert", "update", "delete"])
def test_not_authorised_always_raises(session, fail_command, safe, command):
    """An error of who may write is no error of the write."""
    user = User(name="ada")
    write = {
        "insert": lambda: session.save(user, safe=safe),
        "update": lambda: session.query(User).set(age=1).safe(safe).execute(),
        "delete": lambda: session.remove_query(User).set_safe(safe).execute(),
    }[command]

    with fail_command(command, errorCode=13):
        with pytest.raises(OperationFailure) as caught:
            write()
    assert caught.value.code == 13
    assert session.queue == []


@pytest.mark.parametrize("safe", [False, True])
def test_a_lost_connection_always_raises(session, fail_command, safe):
    """A connection that is lost for good is raised whatever `safe` says."""
    user = User(name="ada")
    with fail_command("insert", closeConnection=True):
        with pytest.raises(AutoReconnect):
            session.save(user, safe=safe)

    assert user.get_dirty_ops() == {"$set": {"name": "ada"}}


@pytest.mark.parametrize("safe", [False, True])
def test_a_document_that_is_too_large_always_raises(session, database, safe):
    """What the driver refuses to send is raised whatever `safe` says."""
    with pytest.raises(DocumentTooLarge):
        session.save(Note(key=1, body="x" * (17 * 1024 * 1024)), safe=safe)

    assert database["notes"].count_documents({}) == 0
    assert session.queue == []


def test_an_unsafe_write_has_the_write_concern_of_the_database(make_session, database, commands):
    """`safe=False` changes nothing in how the database's owner wants writes confirmed."""
    options = database.with_options(write_concern=WriteConcern(w="majority", wtimeout=5000))
    make_session(options).save(User(name="ada"))

    assert concern_of(commands, "insert") == {"w": "majority", "wtimeout": 5000}


def test_a_safe_write_has_the_write_concern_of_the_database(make_session, database, commands):
    """`safe=True` does not lower what the database's owner wants."""
    options = database.with_options(write_concern=WriteConcern(w="majority"))
    make_session(options, safe=True).save(User(name="ada"))

    assert concern_of(commands, "insert") == {"w": "majority"}


def test_an_unsafe_write_is_acknowledged_by_default(session, database):
    """An unsafe write has been made when the call returns, so any client can read it."""
    session.save(User(name="ada"))

    assert database["users"].count_documents({}) == 1


def test_an_unsafe_write_without_write_concern_is_not_acknowledged(
    make_session, database, commands
):
    """A database with w=0 gives fire-and-forget writes."""
    session = make_session(
        database.with_options(write_concern=WriteConcern(w=0)), auto_ensure=False
    )
    session.save(User(name="ada"))

    assert concern_of(commands, "insert") == {"w": 0}


def test_results_that_are_not_acknowledged_are_none(make_session, database):
    """A write that the server does not answer has no reply."""
    session = make_session(
        database.with_options(write_concern=WriteConcern(w=0)), auto_ensure=False
    )
    user = User(name="ada")
    session.save(user)
    user.age = 5

    assert session.update(user) is None
    assert session.query(User).set(age=6).execute() is None
    assert session.remove_query(User).filter(User.name == "x").execute() is None
    assert session.remove(user) is None


def test_a_document_written_without_acknowledgement_is_clean(make_session, database):
    """What was sent counts as stored."""
    session = make_session(
        database.with_options(write_concern=WriteConcern(w=0)), auto_ensure=False
    )
    user = User(name="ada")
    session.save(user)

    assert user.get_dirty_ops() == {}


def test_a_safe_write_is_acknowledged_where_the_database_wants_none(
    make_session, session, database
):
    """`safe=True` raises w=0 to w=1, so that an error is raised."""
    safe = make_session(database.with_options(write_concern=WriteConcern(w=0)), safe=True)

    with pytest.raises(DuplicateKeyError):
        safe.save(taken())


@pytest.mark.parametrize(
    ("write", "command"),
    [
        (lambda session: session.save(User(name="eve")), "insert"),
        (lambda session: session.query(User).set(age=1).execute(), "update"),
        (lambda session: session.remove_query(User).execute(), "delete"),
        (lambda session: session.clear_collection(User), "delete"),
    ],
    ids=["insert", "update", "delete", "clear"],
)
def test_every_safe_write_is_acknowledged(make_session, database, commands, write, command):
    """No kind of write of a safe session is fire-and-forget."""
    options = database.with_options(write_concern=WriteConcern(w=0))
    write(make_session(options, safe=True, auto_ensure=False))

    assert (concern_of(commands, command) or {"w": 1})["w"] == 1


def test_remove_queries_take_write_concern_options(session, commands):
    """`set_safe` passes `w`, `wtimeout` and `j` on for one statement."""
    removal = session.remove_query(User).set_safe(True, w="majority", wtimeout=4000, j=True)
    removal.execute()

    assert concern_of(commands, "delete") == {"w": "majority", "wtimeout": 4000, "j": True}


def test_write_concern_options_hold_for_one_statement(session, commands):
    """The next removal has the database's own write concern again."""
    session.remove_query(User).set_safe(True, w="majority").execute()
    session.remove_query(User).execute()

    assert concern_of(commands, "delete") in (None, {}, {"w": 1})


def test_unsafe_find_and_modify_raises(session):
    """Find-and-modify is a read with a result as well: its errors are raised."""
    session.save(Account(email="bob@example.org"))
    query = session.query(Account).filter(Account.email == "bob@example.org")

    with pytest.raises(OperationFailure):
        query.find_and_modify().set(email="ada@example.org").execute()
