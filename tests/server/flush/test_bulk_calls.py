"""Bulk flushes: which calls of the driver a queue becomes, and what each operation learns of it."""

from __future__ import annotations

import pytest
from bson import ObjectId
from bson.errors import BSONError
from pymongo.errors import DocumentTooLarge, OperationFailure, PyMongoError

from ommongo.exceptions import StaleDocumentException
from tests.helpers import bodies_of, note_of, numbers_of
from tests.models import Account, Note, User

WRITES = ("insert", "update", "delete")

# What the driver adds to the arrays of writes in a command: `_id`s are given by the session.
PARTS = {"insert": "documents", "update": "updates", "delete": "deletes"}

# The `_id` that an update in a shared call would insert under, if it could: never a document's.
ZERO = ObjectId("000000000000000000000000")


@pytest.fixture
def session(make_session):
    """A safe session whose blocks are no server transactions: their flush is one as any other."""
    return make_session(safe=True, atomic=False)


def sizes(commands, *names):
    """Give the writes sent: the name of each command and how many operations it has."""
    return [
        (event.command_name, len(event.command[PARTS[event.command_name]]))
        for event in commands.started
        if event.command_name in (names or WRITES)
    ]


def saved_users(session, count):
    """Store some users, and give them."""
    users = [User(name=f"user {number}", age=0) for number in range(count)]
    for user in users:
        session.add(user)
    session.flush()
    return users


def ages(database):
    """Give the ages of all stored users, in the order in which they were inserted."""
    return [user.get("age") for user in database["users"].find(sort=[("_id", 1)])]


def nested(depth):
    """Give a dict in a dict in a dict."""
    value = {}
    for _ in range(depth):
        value = {"v": value}
    return value


def error_of(call):
    """Give the driver's error that a call raises."""
    with pytest.raises((PyMongoError, BSONError)) as caught:
        call()
    return caught.value


# -- how many calls -------------------------------------------------------------------------------


def test_ten_thousand_adds_are_one_insert_command(session, database, commands):
    """A flush of new objects sends one insert command for each batch of the driver."""
    for number in range(10_000):
        session.add(User(name=f"user {number}"))
    session.flush()

    assert sizes(commands) == [("insert", 10_000)]
    assert session.flush_report.server_calls == 1
    assert database["users"].count_documents({}) == 10_000


def test_more_operations_than_a_command_holds_are_several_commands(session, database, commands):
    """One command holds 100,000 operations, the next one the rest."""
    for _ in range(100_001):
        session.add(User(name="ada"))
    session.flush()

    assert sizes(commands) == [("insert", 100_000), ("insert", 1)]
    assert session.flush_report.server_calls == 2
    assert database["users"].count_documents({}) == 100_001


def test_more_bytes_than_a_command_holds_are_several_commands(session, database, commands):
    """One command holds 48,000,000 bytes: three documents of 12 MB, and not four."""
    for _ in range(5):
        session.add(User(name="x" * 12_000_000))
    session.flush()

    assert sizes(commands) == [("insert", 3), ("insert", 2)]
    assert session.flush_report.server_calls == 2
    assert database["users"].count_documents({}) == 5


@pytest.mark.parametrize("big", [15_900_000, 11_980_000])
def test_a_call_is_never_cut_by_the_driver(session, commands, big):
    """However the bytes fall, one call is one command, so an error keeps its counts."""
    for _ in range(8):
        session.add(User(name="x" * big))
    session.flush()

    assert len(commands.names(*WRITES)) == session.flush_report.server_calls


def test_changed_objects_are_one_update_command(session, database, commands):
    """A thousand saves of stored objects are replacements in one command."""
    users = saved_users(session, 1000)
    commands.clear()
    for user in users:
        user.age = 7
        session.add(user)
    session.flush()

    assert sizes(commands) == [("update", 1000)]
    assert set(ages(database)) == {7}


def test_updates_are_one_update_command(session, database, commands):
    """A thousand updates are one command, where nobody gets the reply to the last."""
    users = saved_users(session, 1000)
    commands.clear()
    with session:
        for user in users:
            user.age = 7
            session.update(user)

    assert sizes(commands) == [("update", 1000)]
    assert set(ages(database)) == {7}


def test_removals_are_one_delete_command(session, database, commands):
    """A thousand removals are one command, where nobody gets the reply to the last."""
    users = saved_users(session, 1000)
    commands.clear()
    with session:
        for user in users:
            session.remove(user)

    assert sizes(commands) == [("delete", 1000)]
    assert database["users"].count_documents({}) == 0


def test_update_expressions_share_a_call(session, database, commands):
    """Expressions that change one match are sent together with updates and replacements."""
    _, second, third = saved_users(session, 3)
    commands.clear()
    with session:
        session.query(User).filter(User.name == "user 0").set(age=1).execute()
        second.age = 2
        session.update(second)
        third.age = 3
        session.save(third)

    assert sizes(commands) == [("update", 3)]
    assert ages(database) == [1, 2, 3]


# -- where a call ends ----------------------------------------------------------------------------


def test_alternating_collections_are_not_reordered(session, commands):
    """Operations on two collections by turns are sent by turns."""
    for number in range(6):
        session.add(User(name="ada") if number % 2 else Note(key=number))
        session.add(Account(email=f"{number}@example.org"))
    session.flush()

    collections = [
        event.command[event.command_name]
        for event in commands.started
        if event.command_name in WRITES
    ]
    assert collections == ["notes", "accounts", "users", "accounts"] * 3


def test_runs_of_a_collection_end_where_another_begins(session, commands):
    """Two runs on one collection around one on another stay two."""
    for document in [User(name="a"), User(name="b"), Account(email="c"), User(name="d")]:
        session.add(document)
    session.flush()

    assert sizes(commands) == [("insert", 2), ("insert", 1), ("insert", 1)]


def test_runs_are_of_one_kind(session, commands):
    """Inserts, then updates and replacements, then deletions: each kind is a run."""
    updated, replaced, removed, gone = saved_users(session, 4)
    commands.clear()
    with session:
        session.save(User(name="new"))
        session.save(User(name="newer"))
        updated.age = 1
        session.update(updated)
        replaced.age = 1
        session.save(replaced)
        session.remove(removed)
        session.remove(gone)
        session.save(User(name="last"))

    assert sizes(commands) == [("insert", 2), ("update", 2), ("delete", 2), ("insert", 1)]


def test_runs_have_one_safety(session, commands):
    """What raises its errors and what logs them is not sent together."""
    for number, safe in enumerate([True, True, False, False, None]):
        session.add(User(name=f"user {number}"), safe=safe)
    session.flush()

    assert sizes(commands) == [("insert", 2), ("insert", 2), ("insert", 1)]


def test_a_safety_given_to_flush_joins_runs(session, commands):
    """`flush(safe=...)` overrides each operation's own, so they go together."""
    for number, safe in enumerate([True, False, None]):
        session.add(User(name=f"user {number}"), safe=safe)
    session.flush(safe=True)

    assert sizes(commands) == [("insert", 3)]


def test_runs_have_one_write_concern(session, commands):
    """Statements with options of their own are not sent with those that have none."""
    saved_users(session, 3)
    commands.clear()
    with session:
        for number, options in enumerate([{"w": 1, "j": True}, {"w": 1, "j": True}, {}]):
            update = session.query(User).filter(User.name == f"user {number}").set(age=number)
            update.safe(True, **options).execute()

    assert sizes(commands) == [("update", 2), ("update", 1)]
    concerns = [body.get("writeConcern") for body in bodies_of(commands, "update")]
    assert concerns == [{"w": 1, "j": True}, None]


@pytest.mark.parametrize(
    ("write", "command"),
    [
        (lambda session: session.query(User).set(age=5).multi().execute(), "update"),
        (lambda session: session.remove_query(User).filter(User.age == 9).execute(), "delete"),
        (lambda session: session.clear_collection(User), "delete"),
    ],
    ids=["multi", "remove_query", "clear_collection"],
)
def test_what_the_driver_cannot_retry_has_a_call_of_its_own(session, commands, write, command):
    """One such operation in a shared call would lose the retries of all others in it."""
    one, two, three = saved_users(session, 3)
    commands.clear()
    with session:
        for user in (one, two):
            user.age = 1
            session.update(user) if command == "update" else session.remove(user)
        write(session)
        write(session)
        three.age = 1
        session.update(three, safe=False) if command == "update" else session.remove(three)
        session.save(User(name="last"))

    alone = [(command, 1)] * 2
    assert sizes(commands) == [(command, 2), *alone, (command, 1), ("insert", 1)]
    retried = ["txnNumber" in event.command for event in commands.started]
    assert retried == [True, False, False, True, True]


def test_the_last_reply_is_complete(session):
    """The result of a flush that ends with an update is all that the server says."""
    one, two = saved_users(session, 2)
    with session:
        one.age = 1
        session.update(one)
        two.age = 0
        session.query(User).filter(User.name == "user 1").set(age=0).execute()
        reply = session.flush()

    assert reply == {"ok": 1.0, "n": 1, "nModified": 0}


def test_the_last_removal_tells_what_it_removed(session, database):
    """The result of a flush that ends with a removal counts what was there."""
    one, two = saved_users(session, 2)
    database["users"].delete_one({"_id": two.mongo_id})
    with session:
        session.remove(one)
        session.remove(two)
        assert session.flush()["n"] == 0


def test_a_last_save_needs_no_call_of_its_own(session, commands):
    """The result of a save is its `_id`, which the session knows."""
    users = saved_users(session, 3)
    commands.clear()
    for user in users:
        session.add(user)

    assert session.flush() == users[-1].mongo_id
    assert sizes(commands) == [("update", 3)]


@pytest.mark.parametrize(
    ("write", "expected"),
    [
        (lambda session, user: session.save(user), {"q", "u", "upsert"}),
        (lambda session, user: session.update(user), {"q", "u"}),
    ],
    ids=["save", "update"],
)
def test_a_single_operation_is_the_single_call(session, commands, write, expected):
    """What is flushed alone is what `replace_one` and `update_one` send, without any guard."""
    (user,) = saved_users(session, 1)
    user.age = 3
    commands.clear()
    write(session, user)

    (body,) = bodies_of(commands, "update")
    (update,) = body["updates"]
    assert {name for name, value in update.items() if value is not False} == expected
    assert "$setOnInsert" not in update["u"]


# -- order ----------------------------------------------------------------------------------------


def test_several_updates_of_one_document_stay_separate_and_ordered(session, database, commands):
    """Each update of one object in one flush is an operation of its own."""
    (user,) = saved_users(session, 1)
    commands.clear()
    with session:
        for age in (1, 2, 3):
            user.age = age
            user.hits = 10
            session.update(user)
        session.save(User(name="last"))

    (body,) = bodies_of(commands, "update")
    sent = [(update["u"]["$set"], update["u"]["$inc"]) for update in body["updates"]]
    assert sent == [({"age": age}, {"hits": 10}) for age in (1, 2, 3)]
    stored = database["users"].find_one({"_id": user.mongo_id})
    assert (stored["age"], stored["hits"], user.hits) == (3, 30, 30)


def test_everything_is_sent_in_the_order_of_the_queue(session, database, commands):
    """A document that is stored, changed, removed and stored again in one flush ends stored."""
    user, other = User(name="ada"), User(name="bob")
    with session:
        session.save(user)
        user.age = 1
        session.update(user)
        session.save(other)
        session.remove(user)
        session.query(User).filter(User.name == "bob").set(age=2).execute()
        session.save(user)
        session.query(User).filter(User.name == "ada").inc(User.age, 10).execute()
        session.save(Note(key=1))

    names = [event.command_name for event in commands.started]
    assert names == ["insert", "update", "insert", "delete", "update", "update"]
    stored = {user["name"]: user["age"] for user in database["users"].find()}
    assert stored == {"ada": 11, "bob": 2}


def test_a_later_operation_sees_an_earlier_one_of_its_call(session, database):
    """Within one call too, an update works on what the one before it left."""
    saved_users(session, 1)
    with session:
        for age in range(5):
            session.query(User).filter(User.age == age).set(age=age + 1).execute()
        session.save(Note(key=1))

    assert ages(database) == [5]


# -- what is too large, or nested too deeply ------------------------------------------------------


def test_a_document_that_is_too_large_fails_alone(session, database):
    """Those before it are applied, those after it are not, and the error is about it."""
    big = User(name="x" * 17_000_000)
    users = [User(name="one"), User(name="two"), big, User(name="four")]
    for user in users:
        session.add(user)
    error = error_of(session.flush)

    assert type(error) is DocumentTooLarge
    assert repr(big.mongo_id) in note_of(error)
    assert {3, 4, 2, 1} <= numbers_of(note_of(error))
    assert [user["name"] for user in database["users"].find()] == ["one", "two"]
    assert [bool(user.get_dirty_ops()) for user in users] == [False, False, True, True]


@pytest.mark.parametrize("write", ["save", "update"])
def test_a_change_that_is_too_large_fails_alone(session, database, write):
    """The same holds for replacements and for updates."""
    users = saved_users(session, 4)
    for age, user in enumerate(users):
        user.age = age + 1
    users[2].nick = "x" * 17_000_000
    session.begin_trans()
    for user in users:
        getattr(session, write)(user)
    error = error_of(session.end_trans)

    assert type(error) is DocumentTooLarge
    assert repr(users[2].mongo_id) in note_of(error)
    assert ages(database) == [1, 2, 0, 0]
    assert [bool(user.get_dirty_ops()) for user in users] == [False, False, True, True]


def test_a_document_that_grows_too_large_fails_alone(session, database):
    """An update whose result the server cannot store is refused at its own place."""
    users = saved_users(session, 4)
    for age, user in enumerate(users):
        user.age = age + 1
        session.update(user)
    database["users"].update_one({"_id": users[2].mongo_id}, {"$set": {"n": "x" * 9_000_000}})
    session.begin_trans()
    for user in users:
        user.age += 10
        if user is users[2]:
            user.settings = {"x" * 9_000_000: 1}
        session.update(user)
    error = error_of(session.end_trans)

    assert repr(users[2].mongo_id) in note_of(error)
    assert ages(database) == [11, 12, 3, 4]


def queue_deep(session):
    """Queue four documents, of which the third is nested too deeply; give them."""
    bodies = [1, 2, nested(250), 4]
    notes = [Note(key=key, body=body) for key, body in zip("abcd", bodies, strict=True)]
    for note in notes:
        session.add(note)
    return notes


def test_a_document_that_is_nested_too_deeply_fails_alone(session, database):
    """The server refuses such a call as a whole, so it is sent again one by one."""
    expected = error_of(lambda: database["notes"].insert_one({"body": nested(250)}))
    notes = queue_deep(session)
    error = error_of(session.flush)

    assert type(error) is type(expected)
    assert error.code == expected.code
    assert "'c'" in note_of(error)
    assert {3, 4, 2, 1} <= numbers_of(note_of(error))
    assert [note["_id"] for note in database["notes"].find()] == ["a", "b"]
    assert [bool(note.get_dirty_ops()) for note in notes] == [False, False, True, True]


def test_an_unsafe_document_that_is_nested_too_deeply_is_passed_over(session, database, caplog):
    """Without safety the others of its call are all stored, and it is logged."""
    queue_deep(session)
    session.flush(safe=False)

    assert [note["_id"] for note in database["notes"].find()] == ["a", "b", "d"]
    assert len(caplog.records) == 1
    assert "'c'" in caplog.text


def test_in_a_transaction_too_the_error_is_about_the_document_nested_too_deeply(
    make_session, database
):
    """A block as one transaction stores none, and the note names the one to blame."""
    session = make_session()
    with pytest.raises(OperationFailure) as caught:
        with session:
            notes = queue_deep(session)

    assert "'c'" in note_of(caught.value)
    assert {3, 4, 0} <= numbers_of(note_of(caught.value))
    assert database["notes"].count_documents({}) == 0
    assert all(note.get_dirty_ops() for note in notes)


# -- updates of documents that are gone -----------------------------------------------------------


def test_an_update_of_a_removed_document_fails_at_its_own_place(session, database, commands):
    """Of a call with it those before are applied, those after not attempted, none is created."""
    users = saved_users(session, 5)
    database["users"].delete_one({"_id": users[2].mongo_id})
    session.begin_trans()
    for user in users:
        user.age = 7
        session.update(user)
    session.add(User(name="last"))
    commands.clear()
    with pytest.raises(StaleDocumentException) as caught:
        session.end_trans()

    error = caught.value
    assert sizes(commands) == [("update", 5)]
    assert (error.document_class, error.document_id) == ("User", users[2].mongo_id)
    assert {3, 6, 2} <= numbers_of(note_of(error))
    assert ages(database) == [7, 7, 0, 0]
    assert [bool(user.get_dirty_ops()) for user in users] == [False, False, True, True, True]


def test_an_unsafe_update_of_a_removed_document_is_passed_over(make_session, database, caplog):
    """Without safety those behind it are applied, in order, and nothing is created."""
    session = make_session(atomic=False)
    users = saved_users(session, 5)
    database["users"].delete_one({"_id": users[2].mongo_id})
    with session:
        for user in users:
            user.age = 7
            session.update(user)

    assert ages(database) == [7, 7, 7, 7]
    assert len(caplog.records) == 1
    assert "User" in caplog.text
    assert repr(users[2].mongo_id) in caplog.text
    assert [bool(user.get_dirty_ops()) for user in users] == [False, False, True, False, False]


def test_two_removed_documents_of_one_call_are_both_told(make_session, database, caplog):
    """Each unsafe update that finds nothing is logged for itself."""
    session = make_session(atomic=False)
    users = saved_users(session, 5)
    gone = [users[0], users[4]]
    database["users"].delete_many({"_id": {"$in": [user.mongo_id for user in gone]}})
    with session:
        for user in users:
            user.age = 7
            session.update(user)

    assert ages(database) == [7, 7, 7]
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR"]
    assert all(repr(user.mongo_id) in caplog.text for user in gone)
    assert (session.flush_report.updated, session.flush_report.failed) == (3, 2)


def test_an_update_of_a_removed_document_rolls_its_block_back(make_session, database):
    """In one server transaction nothing of the block is applied."""
    session = make_session(safe=True)
    users = saved_users(session, 3)
    database["users"].delete_one({"_id": users[1].mongo_id})
    with pytest.raises(StaleDocumentException):
        with session:
            for user in users:
                user.age = 7
                session.update(user)

    assert ages(database) == [0, 0]
    assert all(user.get_dirty_ops() == {"$set": {"age": 7}} for user in users)


@pytest.mark.parametrize("there", [True, False])
def test_no_id_of_a_document_is_mistaken_for_the_guard(session, database, there):
    """Also a document whose `_id` is all zeros is updated, or told to be gone; never created."""
    zero, other = User(name="zero", mongo_id=ZERO), User(name="other")
    session.save(zero)
    session.save(other)
    if not there:
        database["users"].delete_one({"_id": ZERO})
    session.begin_trans()
    for user in (zero, other, other):
        user.age = 7
        session.update(user)
        user.nick = "n"
        session.update(user)
    if there:
        session.end_trans()
    else:
        with pytest.raises(StaleDocumentException):
            session.end_trans()

    assert database["users"].count_documents({"_id": ZERO, "age": 7, "n": "n"}) == int(there)
    assert database["users"].count_documents({}) == 1 + there


def test_a_guard_leaves_no_trace(session, database):
    """What updates in one call store is exactly what single ones store."""
    users = saved_users(session, 3)
    with session:
        for user in users:
            user.age = 7
            session.update(user)

    assert list(database["users"].find()) == [
        {"_id": user.mongo_id, "name": f"user {number}", "age": 7}
        for number, user in enumerate(users)
    ]


# -- upserts in a shared call ---------------------------------------------------------------------


def test_upserts_in_one_call_learn_their_new_ids(session, database, commands):
    """Each item that was inserted has the `_id` that the server gave it, each other one has not."""
    session.save(User(name="user 1", age=0))
    items = [User(name=f"user {number}", age=7) for number in range(4)]
    commands.clear()
    with session:
        for item in items:
            session.update(item, User.name == item.name, upsert=True)
        session.save(Note(key=1))

    assert sizes(commands)[0] == ("update", 4)
    stored = {user["name"]: user for user in database["users"].find()}
    assert [user["age"] for user in stored.values()] == [7, 7, 7, 7]
    for number in (0, 2, 3):
        assert items[number].mongo_id == stored[f"user {number}"]["_id"]
        assert items[number].get_dirty_ops() == {}
    assert not items[1].has_id()


def test_an_upserted_item_of_a_shared_call_is_stored(session, database):
    """It can be updated and removed like any other afterwards."""
    items = [User(name=f"user {number}") for number in range(2)]
    with session:
        for item in items:
            session.update(item, User.name == item.name, upsert=True)
        session.save(Note(key=1))
    for item in items:
        item.age = 3
        session.update(item)

    assert ages(database) == [3, 3]


def test_upserts_before_a_failure_learn_their_new_ids(session, database):
    """The outcome of those before it is known, though the call failed."""
    database.create_collection("users", validator={"name": {"$ne": "refused"}})
    items = [User(name=name, hits=3) for name in ("ada", "refused", "eve")]
    session.begin_trans()
    for item in items:
        session.update(item, User.name == item.name, upsert=True)
    session.save(Note(key=1))
    error_of(session.end_trans)

    (stored,) = database["users"].find()
    assert items[0].mongo_id == stored["_id"]
    assert items[0].hits == stored["hits"] == 3
    assert [item.has_id() for item in items] == [True, False, False]
    assert [bool(item.get_dirty_ops()) for item in items] == [False, True, True]
