"""A flush that fails: the error and its note, what was applied, and what can be done afterwards."""

from __future__ import annotations

import pytest
from bson import ObjectId
from pymongo import WriteConcern
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    DuplicateKeyError,
    PyMongoError,
    WriteConcernError,
    WriteError,
    WTimeoutError,
)

from ommongo import Document, ModifiedField, StringField
from ommongo.exceptions import FieldNotRetrieved, StaleDocumentException
from tests.helpers import note_of, numbers_of
from tests.models import Account, Address, Note, User


@pytest.fixture
def session(safe_session, database):
    """A safe session on a database where ada's email is taken and users must be named decently."""
    database.create_collection("users", validator={"name": {"$ne": "refused"}})
    safe_session.save(Account(email="ada@example.org", owner="first"))
    return safe_session


def taken():
    """Give an account that the server refuses."""
    return Account(email="ada@example.org", owner="second")


def queue_seven(session):
    """Queue seven operations of which the third fails; give their documents."""
    documents = [
        Account(email="1@example.org"),
        Account(email="2@example.org"),
        taken(),
        *(Account(email=f"{number}@example.org") for number in range(4, 8)),
    ]
    for document in documents:
        session.add(document)
    return documents


def error_of(call):
    """Give the driver's error that a call raises."""
    with pytest.raises(PyMongoError) as caught:
        call()
    return caught.value


# -- the class of the error -----------------------------------------------------------------


def test_a_taken_key_raises_what_a_single_insert_raises(session, database):
    """A duplicate key on saving is `DuplicateKeyError`, with the code of the server."""
    expected = error_of(lambda: database["accounts"].insert_one({"email": "ada@example.org"}))
    error = error_of(lambda: session.save(taken()))

    assert type(error) is type(expected) is DuplicateKeyError
    assert error.code == expected.code
    assert error.details["keyPattern"] == {"email": 1}


def test_a_taken_key_on_update_raises_what_a_single_update_raises(session):
    """A duplicate key on updating is `DuplicateKeyError`, too."""
    account = Account(email="bob@example.org")
    session.save(account)
    account.email = "ada@example.org"

    assert type(error_of(lambda: session.update(account))) is DuplicateKeyError


def test_a_taken_key_on_replacing_raises_what_a_single_replacement_raises(session):
    """A duplicate key on saving a stored document is `DuplicateKeyError`, too."""
    account = Account(email="bob@example.org")
    session.save(account)
    account.email = "ada@example.org"

    assert type(error_of(lambda: session.save(account))) is DuplicateKeyError


def test_a_taken_key_in_an_update_expression_raises_what_a_single_update_raises(session):
    """An update expression fails as the driver's own call would."""
    session.save(Account(email="bob@example.org"))
    update = session.query(Account).filter(Account.email == "bob@example.org")

    error = error_of(lambda: update.set(email="ada@example.org").execute())

    assert type(error) is DuplicateKeyError


def test_a_refused_document_raises_what_a_single_insert_raises(session, database):
    """A document that the collection's validator refuses is a `WriteError`."""
    expected = error_of(lambda: database["users"].insert_one({"name": "refused"}))
    error = error_of(lambda: session.save(User(name="refused")))

    assert type(error) is type(expected) is WriteError
    assert error.code == expected.code == 121


@pytest.mark.parametrize("code", [13, 8000, 50], ids=["unauthorized", "atlas", "max_time"])
@pytest.mark.parametrize(
    ("command", "write", "single"),
    [
        (
            "insert",
            lambda session: session.save(User(name="ada")),
            lambda users: users.insert_one({"name": "ada"}),
        ),
        (
            "update",
            lambda session: session.query(User).set(age=1).multi().execute(),
            lambda users: users.update_many({}, {"$set": {"age": 1}}),
        ),
        (
            "delete",
            lambda session: session.remove_query(User).execute(),
            lambda users: users.delete_many({}),
        ),
        (
            "delete",
            lambda session: session.clear_collection(User),
            lambda users: users.delete_many({}),
        ),
    ],
    ids=["insert", "update", "delete", "clear"],
)
def test_a_refused_command_raises_what_the_single_call_raises(
    session, database, fail_command, code, command, write, single
):
    """An error of the whole command has the class and the code that the single call would give."""
    with fail_command(command, errorCode=code):
        expected = error_of(lambda: single(database["users"]))
        error = error_of(lambda: write(session))

    assert type(error) is type(expected)
    assert error.code == expected.code == code


@pytest.mark.parametrize("command", ["insert", "update", "delete"])
def test_a_lost_connection_raises_what_the_single_call_raises(session, fail_command, command):
    """A connection that is lost for good is `AutoReconnect`."""
    user = User(name="ada")
    write = {
        "insert": lambda: session.save(user),
        "update": lambda: session.query(User).set(age=1).execute(),
        "delete": lambda: session.remove_query(User).execute(),
    }[command]

    with fail_command(command, closeConnection=True):
        assert isinstance(error_of(write), AutoReconnect)


@pytest.mark.parametrize("command", ["insert", "update", "delete"])
def test_a_connection_lost_once_is_retried_by_the_driver(session, database, fail_command, command):
    """Writes of one document are retryable: one lost connection is not noticed."""
    user = User(name="ada")
    if command != "insert":
        session.save(user)
    user.age = 5
    write = {
        "insert": lambda: session.save(user),
        "update": lambda: session.update(user),
        "delete": lambda: session.remove(user),
    }[command]

    with fail_command(command, times=1, closeConnection=True):
        write()

    assert database["users"].count_documents({"age": 5}) == (0 if command == "delete" else 1)


def test_an_unconfirmed_write_raises_write_concern_error(make_session, database):
    """A write concern that cannot be met is `WriteConcernError`: applied but not confirmed."""
    session = make_session(database.with_options(write_concern=WriteConcern(w=9)), safe=True)
    user = User(name="ada")

    error = error_of(lambda: session.save(user))

    assert type(error) is WriteConcernError
    assert database["users"].count_documents({}) == 1


def test_an_unconfirmed_write_leaves_the_document_clean(make_session, database):
    """What was applied is not sent again because its confirmation is missing."""
    session = make_session(database.with_options(write_concern=WriteConcern(w=9)), safe=True)
    user = User(name="ada")
    error_of(lambda: session.save(user))

    assert user.get_dirty_ops() == {}
    assert session.queue == []


def test_after_an_unconfirmed_write_nothing_more_is_attempted(make_session, database):
    """The operations after an unconfirmed one are not sent, and their documents are dirty."""
    options = database.with_options(write_concern=WriteConcern(w=9))
    session = make_session(options, safe=True, auto_ensure=False)
    user, account = User(name="ada"), Account(email="ada@example.org")
    session.add(user)
    session.add(account)
    error_of(session.flush)

    assert database["users"].count_documents({}) == 1
    assert database["accounts"].count_documents({}) == 0
    assert account.get_dirty_ops() == {"$set": {"email": "ada@example.org"}}


def test_a_confirmation_that_comes_too_late_raises_what_the_single_call_raises(
    session, database, fail_command
):
    """A write concern timeout is the driver's `WTimeoutError`."""
    timeout = {"code": 64, "errmsg": "timed out", "errInfo": {"wtimeout": True}}
    with fail_command("insert", writeConcernError=timeout):
        expected = error_of(lambda: database["users"].insert_one({"name": "bob"}))
        error = error_of(lambda: session.save(User(name="ada")))

    assert type(error) is type(expected) is WTimeoutError


def test_a_flush_of_many_never_raises_a_bare_bulk_write_error(session):
    """However many operations are sent together, the error is that of the one that failed."""
    queue_seven(session)

    error = error_of(session.flush)

    assert not isinstance(error, BulkWriteError)
    assert type(error) is DuplicateKeyError


# -- what was applied -----------------------------------------------------------------------


def test_a_failed_flush_has_applied_what_came_before(session, database):
    """The operations before the failed one are stored, those after it are not."""
    queue_seven(session)
    error_of(session.flush)

    stored = {account["email"] for account in database["accounts"].find()}
    assert stored == {"ada@example.org", "1@example.org", "2@example.org"}


def test_a_failed_flush_stops_at_the_failed_operation(session, database, commands):
    """Nothing is sent after an operation that failed, of whatever kind and collection."""
    session.add(taken())
    session.add(User(name="ada"))
    with pytest.raises(DuplicateKeyError):
        session.clear_collection(Note)

    assert database["users"].count_documents({}) == 0
    assert commands.names("delete") == []


def test_a_failed_flush_empties_the_queue(session):
    """What failed and what was not attempted is not pending any more."""
    queue_seven(session)
    error_of(session.flush)

    assert session.queue == []
    assert session.flush() is None


def test_a_failed_flush_empties_the_identity_map(make_session):
    """After a failure no object is held, also none that has nothing to do with it."""
    session = make_session(safe=True, cache_size=None)
    session.save(Account(email="ada@example.org"))
    session.save(User(name="ada"))
    assert len(session.cache) == 2
    session.add(taken())
    error_of(session.flush)

    assert len(session.cache) == 0


def test_after_a_failed_flush_applied_documents_are_clean(session):
    """The documents that were stored have nothing to send."""
    documents = queue_seven(session)
    error_of(session.flush)

    assert [document.get_dirty_ops() for document in documents[:2]] == [{}, {}]


def test_after_a_failed_flush_the_others_are_dirty(session):
    """The failed document and those not attempted can be saved once more."""
    documents = queue_seven(session)
    error_of(session.flush)

    assert [document.get_dirty_ops()["$set"]["email"] for document in documents[2:]] == [
        "ada@example.org",
        "4@example.org",
        "5@example.org",
        "6@example.org",
        "7@example.org",
    ]


def test_a_second_save_stores_exactly_once(session, database):
    """After a failure everything can be put right and saved again, and is stored once."""
    documents = queue_seven(session)
    error_of(session.flush)
    documents[2].email = "3@example.org"
    for document in documents:
        session.add(document)
    session.flush()

    stored = sorted(account["email"] for account in database["accounts"].find())
    assert stored == [*(f"{number}@example.org" for number in range(1, 8)), "ada@example.org"]


def test_a_session_is_usable_after_a_failed_flush(session, database):
    """The next write and the next read work as if nothing had happened."""
    queue_seven(session)
    error_of(session.flush)
    session.save(User(name="ada"))

    assert session.query(User).one().name == "ada"
    assert database["users"].count_documents({}) == 1


def test_a_failed_update_stays_dirty(session, database):
    """What an update could not store is sent by the next one."""
    account = Account(email="bob@example.org")
    session.save(account)
    account.email, account.owner = "ada@example.org", "bob"
    error_of(lambda: session.update(account))

    assert account.get_dirty_ops() == {"$set": {"email": "ada@example.org", "owner": "bob"}}
    account.email = "bob@example.org"
    session.update(account)
    assert database["accounts"].find_one({"_id": account.mongo_id})["owner"] == "bob"


def test_a_change_made_after_the_failed_snapshot_is_not_lost(session, database):
    """Both what was queued and what changed since are sent by the next update."""
    user = User(name="ada", age=1)
    session.save(user)
    with pytest.raises(DuplicateKeyError):
        with session:
            session.add(taken())
            user.age = 2
            session.update(user)
            user.nick = "countess"

    assert user.get_dirty_ops() == {"$set": {"age": 2, "n": "countess"}}


def test_a_failed_increment_is_counted_once(session, database):
    """An increment that was refused is sent by the next update, once."""
    user = User(name="ada", hits=10)
    session.save(user)
    user.hits = 5
    user.name = "refused"
    error_of(lambda: session.update(user))
    user.name = "ada"
    session.update(user)

    assert database["users"].find_one()["hits"] == 15
    assert user.hits == 15


def test_a_failed_removal_leaves_the_document_updatable(session, database, fail_command):
    """An object whose removal failed is still a stored one."""
    user = User(name="ada")
    session.save(user)
    with fail_command("delete", errorCode=13):
        error_of(lambda: session.remove(user))
    user.age = 4
    session.update(user)

    assert database["users"].find_one()["age"] == 4


def test_a_failed_removal_can_be_tried_again(session, database, fail_command):
    """The object has its id still, and its next removal removes it."""
    user = User(name="ada")
    session.save(user)
    with fail_command("delete", errorCode=13):
        error_of(lambda: session.remove(user))
    session.remove(user)

    assert database["users"].count_documents({}) == 0


def test_a_document_queued_twice_is_dirty_for_what_failed(session, database):
    """Of two updates of one document, the first applied and the second not attempted."""
    user = User(name="ada", age=1)
    session.save(user)
    with pytest.raises(DuplicateKeyError):
        user.age = 2
        session.begin_trans()
        session.update(user)
        session.add(taken())
        user.nick = "countess"
        session.update(user)
        session.end_trans()
    session.update(user)

    stored = database["users"].find_one()
    assert (stored["age"], stored["n"]) == (2, "countess")


def test_a_document_saved_twice_is_dirty_for_the_second_save(session, database):
    """Of two saves of one document, the first applied and the second not attempted."""
    user = User(name="ada", age=1)
    session.save(user)
    user.age = 2
    session.add(user)
    session.add(taken())
    user.nick = "countess"
    session.add(user)
    error_of(session.flush)

    assert user.get_dirty_ops() == {"$set": {"n": "countess"}}
    session.update(user)
    stored = database["users"].find_one()
    assert (stored["age"], stored["n"]) == (2, "countess")


@pytest.mark.parametrize("write", ["save", "update"])
@pytest.mark.parametrize("origin", ["saved", "loaded"])
def test_every_kind_of_change_is_dirty_again(session, database, origin, write):
    """Deletions and changes in place of a failed write are found by the next update."""
    user = User(name="ada", age=1, tags=["a"], settings={"x": 1}, address=Address(city="London"))
    session.save(user)
    if origin == "loaded":
        user = session.query(User).one()
    del user.age
    user.tags.append("b")
    user.settings["x"] = 2
    user.address.city = "Paris"
    user.nick = "countess"
    session.add(taken())
    error_of(lambda: getattr(session, write)(user))

    assert user.get_dirty_ops() == {
        "$set": {
            "tags": ["a", "b"],
            "settings": {"x": 2},
            "address.city": "Paris",
            "n": "countess",
        },
        "$unset": {"age": True},
    }
    session.update(user)
    assert database["users"].find_one() == user.wrap()


def test_what_was_undone_after_a_failed_save_is_not_dirty(session):
    """Dirty means different from what is stored, not from what was tried."""
    user = User(name="ada", age=1, tags=["a"])
    session.save(user)
    user.age = 2
    user.tags.append("b")
    session.add(taken())
    error_of(lambda: session.save(user))
    user.age = 1
    user.tags.pop()

    assert user.get_dirty_ops() == {}


def test_a_time_of_modification_that_was_not_stored_is_not_kept(session, database):
    """A `ModifiedField` moves to what was stored only when that succeeded."""

    class Timed(Document):
        config_namespace = "tests.session_failures"
        config_collection_name = "accounts"
        email = StringField()
        modified = ModifiedField()

    timed = Timed(email="bob@example.org")
    session.save(timed)
    before = timed.modified
    timed.email = "ada@example.org"
    error_of(lambda: session.save(timed))

    assert timed.modified == before
    assert database["accounts"].find_one({"_id": timed.mongo_id})["modified"] == before


def test_a_failed_unsafe_last_operation_has_no_result(session):
    """The result of a flush is not that of an operation before the last."""
    session.add(User(name="ada"), safe=False)
    session.add(taken(), safe=False)

    assert session.flush() is None


# -- an unknown outcome ---------------------------------------------------------------------


def lose(session, fail_command, write, command):
    """Let the connection be lost while *write* is under way."""
    with fail_command(command, closeConnection=True):
        assert isinstance(error_of(write), AutoReconnect)


def test_after_a_lost_insert_the_document_is_dirty(session, fail_command):
    """What may not have been applied is dirty."""
    user = User(name="ada")
    lose(session, fail_command, lambda: session.save(user), "insert")

    assert user.get_dirty_ops() == {"$set": {"name": "ada"}}
    assert session.queue == []


def test_after_a_lost_insert_that_was_not_applied_a_save_stores_once(
    session, database, fail_command
):
    """When the server never saw the insert, the next save stores the document."""
    user = User(name="ada")
    lose(session, fail_command, lambda: session.save(user), "insert")
    session.save(user)

    assert [stored["_id"] for stored in database["users"].find()] == [user.mongo_id]


def test_after_a_lost_insert_that_was_applied_a_save_stores_once(session, database, fail_command):
    """When the server had applied the insert, the next save replaces it."""
    user = User(name="ada")
    lose(session, fail_command, lambda: session.save(user), "insert")
    database["users"].insert_one(user.wrap())  # as if the first try had got through
    user.age = 5
    session.save(user)

    assert list(database["users"].find()) == [{"_id": user.mongo_id, "name": "ada", "age": 5}]


def test_after_a_lost_update_the_fields_are_dirty(session, database, fail_command):
    """`$set` and `$unset` whose outcome is unknown are sent again."""
    user = User(name="ada", age=1, nick="a")
    session.save(user)
    user.age = 2
    del user.nick
    lose(session, fail_command, lambda: session.update(user), "update")

    assert user.get_dirty_ops() == {"$set": {"age": 2}, "$unset": {"n": True}}
    session.update(user)
    assert database["users"].find_one() == {"_id": user.mongo_id, "name": "ada", "age": 2}


def test_after_a_lost_increment_the_field_is_not_retrieved(session, database, fail_command):
    """A second `$inc` might count twice, so the field is unknown instead of dirty."""
    user = User(name="ada", hits=10)
    session.save(user)
    user.hits = 5
    lose(session, fail_command, lambda: session.update(user), "update")

    with pytest.raises(FieldNotRetrieved):
        _ = user.hits
    assert user.get_dirty_ops() == {}
    assert session.update(user) is None
    assert database["users"].find_one()["hits"] == 10


def test_after_a_lost_increment_a_save_does_not_touch_the_field(session, database, fail_command):
    """Saving a document with an unknown field leaves what is stored there."""
    user = User(name="ada", hits=10, age=1)
    session.save(user)
    user.hits = 5
    lose(session, fail_command, lambda: session.update(user), "update")
    database["users"].update_one({}, {"$inc": {"hits": 5}})  # as if it had got through
    user.age = 2
    session.save(user)

    stored = database["users"].find_one()
    assert (stored["hits"], stored["age"]) == (15, 2)


@pytest.mark.parametrize("operation", ["$push", "$addToSet", "$pullAll"])
def test_after_a_lost_list_operation_the_field_is_not_retrieved(
    session, database, fail_command, operation
):
    """A second `$push` might add the items twice, so the field is unknown."""
    user = User(name="ada", tags=["a", "b"])
    session.save(user)
    user.tags = ["b"]
    lose(session, fail_command, lambda: session.update(user, tags=operation), "update")

    with pytest.raises(FieldNotRetrieved):
        _ = user.tags
    assert session.update(user) is None
    assert database["users"].find_one()["tags"] == ["a", "b"]


def test_after_a_lost_increment_another_assignment_is_sent(session, database, fail_command):
    """A field that became unknown can be assigned anew, and that is one increment."""
    user = User(name="ada", hits=10)
    session.save(user)
    user.hits = 5
    lose(session, fail_command, lambda: session.update(user), "update")
    user.hits = 1
    session.update(user)

    assert database["users"].find_one()["hits"] == 11


def test_after_a_lost_removal_the_object_can_be_removed(session, database, fail_command):
    """A removal whose outcome is unknown can be asked for again, applied or not."""
    user = User(name="ada")
    session.save(user)
    lose(session, fail_command, lambda: session.remove(user), "delete")
    assert session.remove(user)["n"] == 1
    assert session.remove(user)["n"] == 0


def test_after_a_lost_mixed_update_the_set_fields_are_dirty(session, fail_command):
    """Of an update with several operators, `$set` is dirty and the increment unknown."""
    user = User(name="ada", hits=10, age=1)
    session.save(user)
    user.hits, user.age = 5, 2
    lose(session, fail_command, lambda: session.update(user), "update")

    assert user.get_dirty_ops() == {"$set": {"age": 2}}


def test_operations_after_a_lost_one_are_not_attempted(session, database, fail_command):
    """After a lost connection nothing more is sent; an increment not attempted is dirty."""
    first, second = User(name="ada"), User(name="bob", hits=10)
    session.save(second)
    session.add(first)
    second.hits = 5
    lose(session, fail_command, lambda: session.update(second), "insert")

    session.update(second)
    assert database["users"].find_one({"_id": second.mongo_id})["hits"] == 15


# -- the note -------------------------------------------------------------------------------


def test_the_note_says_which_operation_of_how_many(session):
    """The third of seven failed: two were applied, four not attempted."""
    queue_seven(session)

    note = note_of(error_of(session.flush))

    assert {3, 7, 2, 4} <= numbers_of(note)
    assert "applied" in note
    assert "not attempted" in note


def test_the_note_names_the_class_and_the_id(session):
    """The note leads to the document that failed."""
    documents = queue_seven(session)

    note = note_of(error_of(session.flush))

    assert "Account" in note
    assert str(documents[2].mongo_id) in note


def test_the_note_of_a_single_save(session):
    """The first of one failed: nothing was applied, nothing was not attempted."""
    account = taken()

    note = note_of(error_of(lambda: session.save(account)))

    assert 1 in numbers_of(note)
    assert "Account" in note
    assert str(account.mongo_id) in note


def test_the_note_of_an_update_expression_names_the_class(session, fail_command):
    """An operation without an `_id` is told by its class."""
    with fail_command("update", errorCode=13):
        error = error_of(session.query(User).set(age=1).execute)

    assert "User" in note_of(error)


def test_the_note_of_an_unknown_outcome(session, fail_command):
    """Of three, the first was applied, the second is unknown, the third was not attempted."""
    other = User(name="bob")
    session.save(other)
    session.add(User(name="eve"))
    other.age = 5
    session.add(other)  # stored already, so this is an update
    session.add(User(name="zoe"))
    with fail_command("update", closeConnection=True):
        error = error_of(session.flush)

    note = note_of(error)
    assert {2, 3, 1} <= numbers_of(note)
    assert "unknown" in note
    assert str(other.mongo_id) in note


def test_the_note_has_no_values(session):
    """What users wrote into their documents is not in the note."""
    error = error_of(lambda: session.save(Account(email="ada@example.org", owner="tr0ub4dor")))

    assert "tr0ub4dor" not in note_of(error)


def test_an_error_is_noted_once(session):
    """One error has one note of its flush."""
    error = error_of(lambda: session.save(taken()))

    assert note_of(error).count("Account") == 1


def test_the_error_keeps_what_the_driver_says(session, database):
    """The message of the server stands, with the note beside it."""
    expected = error_of(lambda: database["accounts"].insert_one({"email": "ada@example.org"}))
    error = error_of(lambda: session.save(taken()))

    assert "E11000" in str(error)
    assert error.details.keys() >= expected.details.keys() - {"op"}


# -- updates that find nothing --------------------------------------------------------------


def test_updating_a_removed_document_stops_the_flush(session, database):
    """What came before the stale update of a removed document is applied, and it creates none."""
    user = User(name="ada")
    session.save(user)
    database["users"].delete_many({})
    session.add(User(name="before"))
    user.age = 5
    with pytest.raises(StaleDocumentException):
        session.update(user)

    assert [stored["name"] for stored in database["users"].find()] == ["before"]


def test_updating_a_removed_document_is_a_failed_operation(session, database):
    """What comes after the stale update of a removed document is not attempted."""
    user = User(name="ada")
    session.save(user)
    database["users"].delete_many({})
    session.begin_trans()
    session.add(User(name="before"))
    user.age = 5
    session.update(user)
    session.add(User(name="after"))
    with pytest.raises(StaleDocumentException) as caught:
        session.end_trans()

    assert database["users"].count_documents({"name": "after"}) == 0
    assert database["users"].count_documents({"_id": user.mongo_id}) == 0
    assert caught.value.document_class == "User"
    assert caught.value.document_id == user.mongo_id
    assert user.get_dirty_ops() == {"$set": {"age": 5}}
    assert session.queue == []


def test_saving_a_removed_document_stores_it_again(session, database):
    """A whole save is a replacement that inserts when there is none."""
    user = User(name="ada")
    session.save(user)
    database["users"].delete_many({})
    session.save(user)

    assert database["users"].find_one() == {"_id": user.mongo_id, "name": "ada"}


def test_a_save_after_a_removal_stores_the_document_again(session, database):
    """An object that the session removed can be saved anew, under its id."""
    user = User(name="ada")
    session.save(user)
    session.remove(user)
    session.save(user)

    assert database["users"].find_one() == {"_id": user.mongo_id, "name": "ada"}


def test_an_object_with_an_unknown_id_is_stored_under_it(session, database):
    """An application's own `_id` that nobody has is no error on saving."""
    given = ObjectId()
    session.save(User(name="ada", mongo_id=given))

    assert database["users"].find_one()["_id"] == given


def test_a_taken_id_is_replaced_by_a_save(session, database):
    """A save of a document with an application's own `_id` replaces what is stored there."""
    session.save(Note(key="k", body=1))
    session.save(Note(key="k", body=2))

    assert list(database["notes"].find()) == [{"_id": "k", "body": 2}]
