"""`session.transaction()`: what is read and written together, and what becomes of it."""

from __future__ import annotations

import pytest
from bson import DBRef
from pymongo import MongoClient, WriteConcern
from pymongo.errors import (
    ConfigurationError,
    DuplicateKeyError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WriteConcernError,
)
from pymongo.read_concern import ReadConcern

from ommongo import Document, RefField
from ommongo.exceptions import BadResultException, FieldNotRetrieved, TransactionException
from ommongo.testing import EmbeddedServer
from tests.helpers import bodies_of, note_of, numbers_of
from tests.models import Account, Counter, Note, User

MAX_TIME_EXPIRED = 50
"""With this code of the server the outcome of a commit stays unknown."""


class Mishap(Exception):
    """What goes wrong in an application."""


class Letter(Document):
    config_namespace = "tests.interactive_transactions"
    config_collection_name = "letters"

    sender_ref = RefField(User, required=False)
    sender = sender_ref.rel()


@pytest.fixture
def session(make_session, database):
    """A safe session that holds its objects, on a database with its collections."""
    for name in ("users", "notes", "counters", "letters"):
        database.create_collection(name)
    return make_session(safe=True, cache_size=None)


@pytest.fixture
def ada(session):
    """A stored user, whom the session does not hold."""
    user = User(name="ada", age=36, hits=1)
    session.save(user)
    session.clear_cache()
    return user


@pytest.fixture
def alone(standalone):
    """A database on a server that has no transactions."""
    with standalone.client() as client:
        yield client["ommongo_test_interactive"]
        client.drop_database("ommongo_test_interactive")


def names_in(database):
    """Give the names of all users that are stored, as anybody else sees them, sorted."""
    return sorted(user["name"] for user in database["users"].find())


def transactions_of(commands):
    """Give the commands that were sent, by transaction; those outside of any under `None`."""
    sent = {}
    for event in commands.started:
        number = event.command.get("txnNumber") if "autocommit" in event.command else None
        sent.setdefault(number, []).append(event.command_name)
    outside = sent.pop(None, [])
    return outside, list(sent.values())


# -- one transaction ---------------------------------------------------------------------------


def test_a_transaction_gives_the_session(session):
    """`with session.transaction() as s` binds the session, which is in no block."""
    with session.transaction() as bound:
        assert bound is session
        assert session.in_transaction is False
        assert session.autoflush is True


def test_writes_are_sent_at_once_and_seen_by_others_after_the_commit(session, database):
    """Inside, a save is a flush; the rest of the world sees all of them together at the end."""
    with session.transaction():
        session.save(User(name="ada"))
        session.save(User(name="bob"))
        assert session.queue == []
        assert session.query(User).count() == 2
        assert names_in(database) == []

    assert names_in(database) == ["ada", "bob"]


def test_everything_is_sent_in_one_transaction(session, ada, commands):
    """Reads and writes carry the same transaction, and it is committed once."""
    with session.transaction():
        found = session.query(User).one()
        found.age = 37
        session.update(found)
        session.save(Note(key=1))
        session.query(User).all()

    outside, inside = transactions_of(commands)
    assert inside == [["find", "update", "update", "find", "commitTransaction"]]
    assert set(outside) <= {"create", "createIndexes"}


def test_what_was_pending_before_is_sent_before(session, commands, database):
    """It is no part of the transaction: a rollback leaves it stored."""
    session.add(User(name="before"))
    with pytest.raises(Mishap):
        with session.transaction():
            assert session.queue == []
            session.save(User(name="inside"))
            raise Mishap

    assert names_in(database) == ["before"]


def test_an_empty_transaction_sends_nothing(session, commands):
    """Without a command there is nothing to commit."""
    with session.transaction():
        pass

    assert commands.names() == []


def test_what_is_still_pending_at_the_end_is_sent(session, database):
    """`add` does not flush, so the end of the transaction does."""
    with session.transaction():
        session.add(User(name="ada"))

    assert names_in(database) == ["ada"]
    assert session.queue == []


def test_a_session_is_as_before_after_a_transaction(session, database, commands):
    """The next writes and reads are in no transaction."""
    with session.transaction():
        session.save(User(name="ada"))
    commands.clear()
    session.save(User(name="bob"))
    session.query(User).all()

    assert transactions_of(commands) == (["insert", "find"], [])


def test_reads_are_of_one_moment(session, ada, database):
    """With a snapshot, what others write meanwhile is not seen."""
    with session.transaction(read_concern=ReadConcern("snapshot")):
        assert session.query(User).count() == 1
        database["users"].insert_one({"name": "bob"})
        assert session.query(User).count() == 1

    assert session.query(User).count() == 2


READS = {
    "all": lambda s, u: s.query(User).all()[0].age,
    "iterate": lambda s, u: next(iter(s.query(User))).age,
    "first": lambda s, u: s.query(User).first().age,
    "one": lambda s, u: s.query(User).one().age,
    "index": lambda s, u: s.query(User)[0].age,
    "slice": lambda s, u: s.query(User)[0:5][0].age,
    "fields": lambda s, u: s.query(User).fields(User.age).one().age,
    "raw": lambda s, u: s.query("users").first()["age"],
    "raw_output": lambda s, u: s.query(User).raw_output().first()["age"],
    "bypass": lambda s, u: next(s.query(User).query_bypass({}))["age"],
    "count": lambda s, u: 38 * s.query(User).filter(User.age == 38).count(),
    "count_bounded": lambda s, u: (
        38 * s.query(User).filter(User.age == 38).limit(1).count(with_limit_and_skip=True)
    ),
    "distinct": lambda s, u: s.query(User).distinct(User.age)[0],
    "aggregate": lambda s, u: next(iter(s.query(User).aggregate([])))["age"],
    "query_get": lambda s, u: s.query(User).get(u.mongo_id).age,
    "get": lambda s, u: s.get(User, u.mongo_id).age,
    "refresh": lambda s, u: s.refresh(u).age,
    "dereference": lambda s, u: s.dereference(DBRef("users", u.mongo_id)).age,
    "rel": lambda s, u: letter_to(s, u).sender.age,
    "find_and_modify": lambda s, u: s.query(User).find_and_modify().set(nick="n").execute().age,
}


def letter_to(session, user):
    """Give a letter that was bound to the session and never stored."""
    letter = Letter(sender_ref=user.to_ref())
    session.add_to_session(letter)
    return letter


@pytest.fixture
def known(session):
    """Let the class of a reference be known, whatever other tests have declared."""
    from ommongo.document import collection_registry

    held = dict(collection_registry["global"])
    collection_registry["global"]["users"] = User
    yield
    collection_registry["global"].clear()
    collection_registry["global"].update(held)


@pytest.mark.parametrize("read", list(READS))
def test_every_read_is_in_the_transaction_and_sees_its_writes(session, ada, commands, known, read):
    """Whatever reads, it is sent in the transaction, after what was written in it."""
    with session.transaction():
        session.query(User).filter(User.name == "ada").set(age=38).execute()
        session.clear_cache()
        commands.clear()
        assert READS[read](session, ada) == 38
        outside, ((command, *_),) = transactions_of(commands)

    assert outside == []
    assert command in {"find", "aggregate", "distinct", "findAndModify"}


@pytest.mark.parametrize("read", list(READS))
def test_every_read_flushes_what_is_pending_first(session, ada, commands, known, read):
    """Inside a transaction reading works as outside of a block."""
    with session.transaction():
        ada.age = 38
        session.add(ada)
        session.clear_cache()
        assert READS[read](session, ada) == 38

    assert set(transactions_of(commands)[0]) <= {"create"}


def test_reload_is_in_the_transaction(session, ada):
    """An object that is loaded anew in place sees what the transaction wrote."""
    with session.transaction():
        session.query(User).set(age=38).execute()
        session.reload(ada)
        assert ada.age == 38


WRITES = {
    "save": lambda s, u: s.save(User(name="bob")),
    "replace": lambda s, u: s.save(u),
    "update": lambda s, u: s.update(u),
    "remove": lambda s, u: s.remove(u),
    "expression": lambda s, u: s.query(User).set(nick="x").execute(),
    "multi": lambda s, u: s.query(User).set(nick="x").multi().execute(),
    "remove_query": lambda s, u: s.remove_query(User).execute(),
    "delete": lambda s, u: s.query(User).delete(),
    "clear_collection": lambda s, u: s.clear_collection(User),
    "upsert": lambda s, u: s.update(User(name="new"), User.name == "new", upsert=True),
    "find_and_modify": lambda s, u: s.query(User).find_and_modify().set(nick="x").execute(),
    "find_and_remove": lambda s, u: s.query(User).find_and_modify(remove=True).execute(),
}


@pytest.mark.parametrize("write", list(WRITES))
def test_every_write_is_in_the_transaction_and_rolled_back(session, ada, database, commands, write):
    """Whatever writes, an exception takes it back."""
    before = list(database["users"].find())
    commands.clear()
    with pytest.raises(Mishap):
        with session.transaction():
            ada.age = 38
            WRITES[write](session, ada)
            raise Mishap

    outside, inside = transactions_of(commands)
    assert set(outside) <= {"create"}
    assert [names[-1] for names in inside] == ["abortTransaction"]
    assert list(database["users"].find()) == before


@pytest.mark.parametrize("write", list(WRITES))
def test_every_write_is_stored_by_the_commit(session, ada, database, write):
    """Whatever writes, it is there when the transaction is."""
    before = list(database["users"].find())
    with session.transaction():
        ada.age = 38
        WRITES[write](session, ada)
        assert list(database["users"].find()) == before

    assert list(database["users"].find()) != before


# -- rolled back -------------------------------------------------------------------------------


def test_an_exception_goes_through(session):
    """What is raised in a transaction is raised by it."""
    mishap = Mishap("no")
    with pytest.raises(Mishap) as caught:
        with session.transaction():
            session.save(User(name="ada"))
            raise mishap

    assert caught.value is mishap


@pytest.mark.parametrize("error", [Mishap, KeyboardInterrupt, SystemExit])
def test_any_exception_rolls_back(session, database, error):
    """Of a transaction that is left by any exception nothing is stored."""
    with pytest.raises(error):
        with session.transaction():
            session.save(User(name="ada"))
            raise error

    assert names_in(database) == []


def test_a_rollback_empties_the_queue_and_the_identity_map(session):
    """Neither what was sent nor what was only queued stays behind."""
    with pytest.raises(Mishap):
        with session.transaction():
            session.save(User(name="sent"))
            session.add(User(name="queued"))
            raise Mishap

    assert (session.queue, len(session.cache)) == ([], 0)


def test_after_a_rollback_everything_is_dirty_and_saved_once(session, ada, database):
    """Each kind of change that was taken back is a change still."""
    counter, gone = Counter(name="hits", count=10), User(name="gone")
    session.save(counter)
    session.save(gone)
    new, queued, changed = User(name="new"), User(name="queued"), counter.changed
    with pytest.raises(Mishap):
        with session.transaction():
            ada.age = 38
            session.save(ada)
            counter.count = 5
            session.update(counter)
            session.remove(gone)
            session.save(new)
            session.add(queued)
            raise Mishap

    assert ada.get_dirty_ops() == {"$set": {"age": 38}}
    assert counter.get_dirty_ops()["$inc"] == {"count": 5}
    assert counter.changed == changed
    assert gone.get_dirty_ops() == {}
    assert new.get_dirty_ops() == {"$set": {"name": "new"}}
    for document in (ada, new, queued):
        session.save(document)
    session.update(counter)
    assert names_in(database) == ["ada", "gone", "new", "queued"]
    assert database["users"].find_one({"name": "ada"})["age"] == 38
    assert database["counters"].find_one()["count"] == 15


def test_several_changes_of_one_object_are_taken_back_together(session, ada, database):
    """After a rollback all changes of an object since it was loaded are pending, each once."""
    counter = Counter(name="hits", count=10)
    session.save(counter)
    with pytest.raises(Mishap):
        with session.transaction():
            counter.name = "renamed"
            session.update(counter)
            for _ in range(3):
                counter.count = 5
                session.update(counter)
            assert counter.count == 25
            raise Mishap

    assert counter.get_dirty_ops()["$set"]["name"] == "renamed"
    assert counter.get_dirty_ops()["$inc"] == {"count": 15}
    session.update(counter)
    assert database["counters"].find_one()["count"] == 25


def test_an_upsert_that_was_rolled_back_gives_no_id(session):
    """An `_id` that the server gave in vain is nobody's."""
    user = User(name="ada")
    with pytest.raises(Mishap):
        with session.transaction():
            session.update(user, User.name == "ada", upsert=True)
            assert user.has_id()
            raise Mishap

    assert not user.has_id()
    assert user.get_dirty_ops() == {"$set": {"name": "ada"}}


# -- a write that fails inside -----------------------------------------------------------------


def test_a_failed_write_rolls_back_what_came_before(session, database):
    """An error of the server ends the transaction, whatever `safe` says."""
    session.ensure_indexes(Account)
    session.save(Account(email="taken"))
    with pytest.raises(DuplicateKeyError) as caught:
        with session.transaction():
            session.save(User(name="ada"))
            session.add(Account(email="free"), safe=False)
            session.save(Account(email="taken"), safe=False)

    note = note_of(caught.value)
    assert {2, 0} <= numbers_of(note)
    assert "rolled back" in note
    assert names_in(database) == []
    assert database["accounts"].count_documents({}) == 1


def test_a_flush_that_fails_inside_has_applied_nothing(session):
    """Its report counts nothing as applied: the transaction is rolled back."""
    session.ensure_indexes(Account)
    session.save(Account(email="taken"))
    documents = [Account(email=email) for email in ("a", "taken", "c")]
    with pytest.raises(DuplicateKeyError):
        with session.transaction():
            for document in documents:
                session.add(document)
            session.flush()

    report = session.flush_report
    assert (report.applied, report.failed, report.not_attempted) == (0, 1, 2)
    assert report.atomic is True
    assert all(document.get_dirty_ops() for document in documents)


def test_a_call_that_is_refused_as_a_whole_blames_nobody_wrongly(session):
    """What the server does not say is not guessed: the note names all that were sent together."""
    body = {}
    for _ in range(250):
        body = {"v": body}
    with pytest.raises(OperationFailure) as caught:
        with session.transaction():
            session.add(User(name="ada"))
            for key in ("a", "b", "c"):
                session.add(Note(key=key, body=body if key == "b" else 1))
            session.flush()

    assert {2, 4, 0} <= numbers_of(note_of(caught.value))
    assert "'a'" not in note_of(caught.value)


def test_a_failure_that_was_caught_inside_is_not_committed(session, database):
    """The server has rolled back already: nothing more can be done, and the end says so."""
    session.ensure_indexes(Account)
    session.save(Account(email="taken"))
    ada = User(name="ada")
    with pytest.raises(TransactionException, match="rolled back") as caught:
        with session.transaction():
            session.save(ada)
            with pytest.raises(DuplicateKeyError):
                session.save(Account(email="taken"))
            with pytest.raises(TransactionException):
                session.query(User).count()
            with pytest.raises(TransactionException):
                session.save(User(name="bob"))

    assert isinstance(caught.value.__cause__, DuplicateKeyError)
    assert names_in(database) == []
    assert ada.get_dirty_ops() == {"$set": {"name": "ada"}}


def test_a_failure_that_was_caught_in_a_callback_is_not_tried_for_ever(session):
    """`run_in_transaction` raises too, after one try."""
    session.ensure_indexes(Account)
    session.save(Account(email="taken"))
    tries = []

    def swallow(session):
        tries.append(1)
        with pytest.raises(DuplicateKeyError):
            session.save(Account(email="taken"))

    with pytest.raises(TransactionException):
        session.run_in_transaction(swallow)
    assert tries == [1]


def test_a_conflict_with_another_writer_is_raised(session, ada, make_session):
    """A transaction is not repeated by itself: the error says what to do about it."""
    other = make_session(safe=True)
    with session.transaction():
        session.query(User).inc(User.hits).execute()
        with pytest.raises(OperationFailure) as caught:
            with other.transaction():
                other.query(User).inc(User.hits).execute()

    assert caught.value.has_error_label("TransientTransactionError")
    assert "lost against other writers" in note_of(caught.value)


# -- the commit --------------------------------------------------------------------------------


def test_a_commit_that_fails_rolls_back(session, ada, database, fail_commit):
    """When the server refuses the commit everything is dirty again."""
    with fail_commit(errorCode=8000):
        with pytest.raises(OperationFailure) as caught:
            with session.transaction():
                ada.age = 38
                session.save(ada)

    assert caught.value.code == 8000
    assert "rolled back" in note_of(caught.value)
    assert ada.get_dirty_ops() == {"$set": {"age": 38}}
    assert database["users"].find_one()["age"] == 36


def test_a_commit_whose_outcome_is_unknown_is_asked_for_again(
    session, database, commands, fail_command
):
    """It is repeated until the outcome is known, and stored once."""
    with fail_command("commitTransaction", times=3, closeConnection=True):
        with session.transaction():
            session.save(User(name="ada"))

    (inside,) = transactions_of(commands)[1]
    assert inside == ["insert", *["commitTransaction"] * 4]
    assert names_in(database) == ["ada"]


@pytest.mark.parametrize("run", [False, True], ids=["transaction", "run_in_transaction"])
def test_an_outcome_that_stays_unknown_is_said_to_be_unknown(session, fail_commit, run):
    """What may count twice is not retrieved any more, the rest is dirty, no callback is called."""
    counter, called = Counter(name="hits", count=10), []
    session.save(counter)

    def change(session):
        session.after_commit(lambda: called.append("commit"))
        session.after_rollback(lambda: called.append("rollback"))
        counter.name, counter.count = "new", 5
        session.update(counter)

    with fail_commit(errorCode=MAX_TIME_EXPIRED):
        with pytest.raises(PyMongoError) as caught:
            if run:
                session.run_in_transaction(change)
            else:
                with session.transaction():
                    change(session)

    assert "not known" in note_of(caught.value)
    assert counter.get_dirty_ops()["$set"]["name"] == "new"
    with pytest.raises(FieldNotRetrieved):
        counter.count
    assert called == []


def test_an_interrupted_commit_is_unknown(session, end_transactions):
    """Whoever presses Ctrl-C during the commit cannot know either."""
    counter = Counter(name="hits", count=10)
    session.save(counter)

    class Interrupting(WriteConcern):
        """What the driver asks for when it is about to commit."""

        @property
        def document(self):
            if asked:
                raise KeyboardInterrupt
            return super().document

    asked = []
    with pytest.raises(KeyboardInterrupt):
        with session.transaction(write_concern=Interrupting(w=1)):
            counter.count = 5
            session.update(counter)
            asked.append(True)

    with pytest.raises(FieldNotRetrieved):
        counter.count


@pytest.mark.parametrize("run", [False, True], ids=["transaction", "run_in_transaction"])
def test_a_commit_that_is_not_confirmed_has_stored_all(session, database, run):
    """`WriteConcernError` means applied: the documents are clean, and it counts as committed."""
    user, called, concern = User(name="ada"), [], WriteConcern(w=9)

    def write(session):
        session.after_commit(lambda: called.append("commit"))
        session.after_rollback(lambda: called.append("rollback"))
        session.save(user)

    with pytest.raises(WriteConcernError) as caught:
        if run:
            session.run_in_transaction(write, write_concern=concern)
        else:
            with session.transaction(write_concern=concern):
                write(session)

    assert names_in(database) == ["ada"]
    assert user.get_dirty_ops() == {}
    assert called == ["commit"]
    assert "committed" in note_of(caught.value)


@pytest.mark.parametrize("run", [False, True], ids=["transaction", "run_in_transaction"])
def test_the_options_go_to_the_driver(session, commands, run):
    """Read concern, write concern and the commit's time are those that were given."""
    options = {
        "read_concern": ReadConcern("snapshot"),
        "write_concern": WriteConcern(w="majority", wtimeout=9000),
        "max_commit_time_ms": 5000,
    }
    if run:
        session.run_in_transaction(lambda session: session.save(User(name="ada")), **options)
    else:
        with session.transaction(**options):
            session.save(User(name="ada"))

    (insert,), (commit,) = bodies_of(commands, "insert"), bodies_of(commands, "commitTransaction")
    assert insert["readConcern"]["level"] == "snapshot"
    assert commit["writeConcern"] == {"w": "majority", "wtimeout": 9000}
    assert commit["maxTimeMS"] == 5000


@pytest.mark.parametrize("run", [False, True], ids=["transaction", "run_in_transaction"])
def test_without_options_the_databases_write_concern_holds(make_session, database, commands, run):
    """An acknowledged one always."""
    session = make_session(database.with_options(write_concern=WriteConcern(w=0)))
    if run:
        session.run_in_transaction(lambda session: session.save(User(name="ada")))
    else:
        with session.transaction():
            session.save(User(name="ada"))

    assert bodies_of(commands, "commitTransaction")[0]["writeConcern"] == {"w": 1}
    assert names_in(database) == ["ada"]


def test_a_write_concern_without_acknowledgement_is_refused(session):
    """A transaction's commit is always acknowledged; the driver says so."""
    with pytest.raises(ConfigurationError):
        with session.transaction(write_concern=WriteConcern(w=0)):
            pass
    session.save(User(name="ada"))  # in no transaction


# -- nested, and with blocks -------------------------------------------------------------------


def test_a_nested_transaction_joins_the_outer_one(session, commands, database):
    """There is one transaction, and one commit, at the end of the outer one."""
    with session.transaction():
        session.save(User(name="outer"))
        with session.transaction() as bound:
            assert bound is session
            session.save(User(name="inner"))
        session.run_in_transaction(lambda session: session.save(User(name="run")))
        assert names_in(database) == []

    assert transactions_of(commands)[1] == [["insert"] * 3 + ["commitTransaction"]]
    assert names_in(database) == ["inner", "outer", "run"]


@pytest.mark.parametrize("inner", ["transaction", "run_in_transaction"])
@pytest.mark.parametrize("outer", ["transaction", "run_in_transaction"])
def test_an_inner_exception_dooms_the_outer_transaction(session, database, inner, outer):
    """Caught or not, it rolls all back: the outer one cannot be committed any more."""

    def fail(session):
        session.save(User(name="inner"))
        raise Mishap

    def both(session):
        session.save(User(name="outer"))
        with pytest.raises(Mishap):
            if inner == "transaction":
                with session.transaction():
                    fail(session)
            else:
                session.run_in_transaction(fail)
        session.save(User(name="after"))

    with pytest.raises(TransactionException, match="rolled back"):
        if outer == "transaction":
            with session.transaction():
                both(session)
        else:
            session.run_in_transaction(both)
    assert names_in(database) == []


def test_an_inner_exception_that_goes_through_is_the_outer_ones(session, database):
    """The application's own exception is what is raised."""
    with pytest.raises(Mishap):
        with session.transaction():
            session.save(User(name="outer"))
            with session.transaction():
                raise Mishap

    assert names_in(database) == []


def test_after_a_doomed_transaction_the_next_one_is_not(session, database):
    """Each transaction begins anew."""
    with pytest.raises(TransactionException):
        with session.transaction():
            with pytest.raises(Mishap):
                with session.transaction():
                    raise Mishap
    with session.transaction():
        session.save(User(name="ada"))

    assert names_in(database) == ["ada"]


def test_an_inner_callback_gives_its_result(session):
    """A nested `run_in_transaction` returns what the callback returned."""
    with session.transaction():
        assert session.run_in_transaction(lambda session: 5) == 5


def test_a_block_inside_a_transaction_queues_and_flushes_into_it(session, commands, database):
    """What the block queued is sent at its end, in the transaction."""
    with session.transaction():
        with session:
            session.save(User(name="ada"))
            session.save(User(name="bob"))
            assert len(session.queue) == 2
            assert commands.names("insert") == []
        assert session.query(User).count() == 2
        assert names_in(database) == []

    assert transactions_of(commands)[1] == [["insert", "aggregate", "commitTransaction"]]
    assert names_in(database) == ["ada", "bob"]


def test_a_failed_block_inside_a_transaction_drops_its_own_operations(session, database):
    """Nothing of the block was sent, so the transaction can go on."""
    with session.transaction():
        session.save(User(name="before"))
        with pytest.raises(Mishap):
            with session:
                session.save(User(name="dropped"))
                raise Mishap
        session.save(User(name="after"))

    assert names_in(database) == ["after", "before"]


def test_an_atomic_session_uses_the_open_transaction_for_its_blocks(make_session, database):
    """A block inside a transaction is no transaction of its own."""
    session = make_session(atomic=True)
    database.create_collection("users")
    with session.transaction():
        with session:
            session.save(User(name="ada"))

    assert names_in(database) == ["ada"]


def test_a_block_whose_flush_fails_rolls_the_transaction_back(session, database):
    """An operation of the block that the server refuses ends the transaction."""
    session.ensure_indexes(Account)
    session.save(Account(email="taken"))
    with pytest.raises(DuplicateKeyError):
        with session.transaction():
            session.save(User(name="before"))
            with session:
                session.save(User(name="block"))
                session.save(Account(email="taken"))

    assert names_in(database) == []


@pytest.mark.parametrize("inside", [False, True], ids=["block", "block_in_transaction"])
def test_a_transaction_inside_a_block_is_refused(session, commands, inside):
    """What a block writes is queued until its end; the block goes on, and nothing was sent."""

    def refuse(session):
        with session:
            session.save(User(name="ada"))
            with pytest.raises(TransactionException):
                with session.transaction():
                    pytest.fail("the transaction has begun")
            with pytest.raises(TransactionException):
                session.run_in_transaction(lambda session: pytest.fail("it was called"))
            assert len(session.queue) == 1
            assert commands.names("insert") == []

    if inside:
        with session.transaction():
            refuse(session)
    else:
        refuse(session)
    assert session.query(User).count() == 1


def test_find_and_modify_works_in_a_transaction_but_not_in_a_block(session, ada):
    """A block inside a transaction queues, so it has no result to give."""
    with session.transaction():
        changed = session.query(User).find_and_modify(new=True).inc(User.hits).execute()
        assert changed.hits == 2
        with session:
            with pytest.raises(TransactionException):
                session.query(User).find_and_modify().inc(User.hits).execute()


# -- where there are none ----------------------------------------------------------------------


def test_a_standalone_server_is_refused_before_anything_runs(make_session, alone):
    """Neither what was pending nor the callback has run."""
    session = make_session(alone)
    session.add(User(name="pending"))
    with pytest.raises(TransactionException, match="standalone"):
        with session.transaction():
            pytest.fail("the transaction has begun")
    with pytest.raises(TransactionException, match="standalone"):
        session.run_in_transaction(lambda session: pytest.fail("the callback was called"))

    assert len(session.queue) == 1
    assert alone.list_collection_names() == []
    session.flush()
    assert names_in(alone) == ["pending"]


def test_without_a_server_nothing_runs(make_session):
    """An error of the connection is the driver's own."""
    with MongoClient("127.0.0.1", 1, serverSelectionTimeoutMS=10) as client:
        session = make_session(client["nowhere"])
        with pytest.raises(ServerSelectionTimeoutError):
            with session.transaction():
                pytest.fail("the transaction has begun")


# -- indexes and collections -------------------------------------------------------------------


def test_indexes_are_ensured_before_the_first_command(make_session, commands, database):
    """The first write of a transaction creates what its class lacks, outside of it."""
    session = make_session(safe=True)
    with session.transaction():
        session.save(Account(email="a"))

    assert transactions_of(commands) == (
        ["create", "createIndexes"],
        [["insert", "commitTransaction"]],
    )
    assert "email_1" in database["accounts"].index_information()


def test_a_class_that_comes_later_and_lacks_indexes_is_refused(session, database):
    """The error names the class, the index and what to call; the transaction can go on."""
    account = Account(email="a")
    with session.transaction():
        session.save(User(name="ada"))
        with pytest.raises(TransactionException, match="ensure_indexes") as caught:
            session.save(account)
        assert session.queue == []

    assert "Account" in str(caught.value)
    assert "email_1" in str(caught.value)
    assert account.get_dirty_ops() == {"$set": {"email": "a"}}
    assert names_in(database) == ["ada"]
    assert database["accounts"].count_documents({}) == 0


def test_a_class_that_comes_later_and_lacks_none_is_welcome(session, database):
    """What is there on the server needs no creation, whoever made it and whenever."""
    session.ensure_indexes(Account)
    session.forget_indexes()
    with session.transaction():
        session.save(User(name="ada"))
        session.save(Account(email="a"))
        session.save(Account(email="b"))

    assert database["accounts"].count_documents({}) == 2


def test_indexes_that_were_ensured_before_are_not_asked_for(session, commands):
    """As outside of transactions, it costs no round trip again and again."""
    session.ensure_indexes(Account)
    commands.clear()
    with session.transaction():
        session.query(User).count()
        session.save(Account(email="a"))

    assert transactions_of(commands)[0] == []


def test_without_auto_ensure_no_index_is_missed(make_session, database):
    """A session that ensures no indexes writes without them."""
    database.create_collection("users")
    database.create_collection("accounts")
    session = make_session(auto_ensure=False)
    with session.transaction():
        session.query(User).count()
        session.save(Account(email="a"))

    assert database["accounts"].count_documents({}) == 1


def test_find_and_modify_creates_indexes_before_the_first_command_only(make_session, database):
    """In a transaction that has begun it is refused, as a write is."""
    session = make_session()
    email = session.query(Account).filter(Account.email == "a")
    with session.transaction():
        email.find_and_modify().set(owner="x").execute()
    assert "email_1" in database["accounts"].index_information()
    database["accounts"].drop()
    session.forget_indexes()

    with pytest.raises(TransactionException, match="ensure_indexes"):
        with session.transaction():
            session.query(User).count()
            email.find_and_modify().set(owner="x").execute()


def test_ensuring_indexes_in_a_transaction_that_has_begun_is_refused(session):
    """The server would wait for the end of the transaction, which waits for the server."""
    with session.transaction():
        session.ensure_indexes(Account)
        session.query(Account).count()
        with pytest.raises(TransactionException):
            session.ensure_indexes(Account)
        session.auto_ensure_indexes(Account)


def test_text_indexes_are_made_and_dropped_before_the_first_command_only(session, ada, database):
    """A search may create its index, but not in a transaction that has begun."""
    with session.transaction():
        found = session.query(User).search("ada", createIndex=["name"])
        assert [user.name for user in found] == ["ada"]
        for change in (
            lambda: session.query(User).search("ada", createIndex=["name"]),
            lambda: session.clear_index(database["users"]),
        ):
            with pytest.raises(TransactionException):
                change()

    assert "name_text" in database["users"].index_information()


def test_indexes_can_be_looked_at_in_a_transaction(session, ada):
    """What the server does not tell inside a transaction is asked outside of it."""
    with session.transaction():
        session.query(User).count()
        assert "_id_" in session.get_indexes(User)


def test_a_collection_that_is_first_written_later_is_created(session, database):
    """In a transaction that has begun the server creates it."""
    with session.transaction():
        session.query(User).count()
        with session:
            session.save(Note(key=1))
            session.save(Counter(name="a"))

    assert database["notes"].count_documents({}) == database["counters"].count_documents({}) == 1


# -- too slow ----------------------------------------------------------------------------------


def test_a_transaction_that_is_too_slow_for_the_server_says_so(make_session):
    """A real server ends one that is open for too long; the note names the ways out."""
    options = ["--setParameter=transactionLifetimeLimitSeconds=1"]
    with EmbeddedServer(options=options) as server, server.client() as client:
        session = make_session(client["slow"], safe=True)
        ada, bob = User(name="ada"), User(name="bob")

        def is_open():
            return client.admin.command("serverStatus")["transactions"]["currentOpen"]

        for again in (True, False):
            with pytest.raises(OperationFailure) as caught:
                with session.transaction():
                    session.save(ada)
                    while is_open():
                        pass
                    if again:
                        session.save(bob)
            note = note_of(caught.value)
            assert "had ended it before this command" in note
            assert "transactionLifetimeLimitSeconds" in note
            assert ada.get_dirty_ops() == {"$set": {"name": "ada"}}
        assert client["slow"]["users"].count_documents({}) == 0
        session.save(ada)
        assert client["slow"]["users"].count_documents({}) == 1


def test_a_result_that_is_read_after_its_transaction_is_an_error(session, ada):
    """A cursor belongs to its transaction; what is fetched later is an error."""
    with session.transaction():
        for number in range(300):
            session.add(User(name=str(number)))
        result = iter(session.query(User))
        next(result)

    with pytest.raises((PyMongoError, BadResultException)):
        list(result)


def test_an_update_that_matched_nothing_is_pending_once_after_a_rollback(session, database):
    """An increment that met no document is pending again at once, and not twice after that."""
    counter = Counter(name="hits", count=10)
    session.save(counter)
    with pytest.raises(Mishap):
        with session.transaction():
            counter.count = 5
            session.update(counter, Counter.name == "nobody")
            assert counter.get_dirty_ops()["$inc"] == {"count": 5}
            raise Mishap

    assert counter.get_dirty_ops()["$inc"] == {"count": 5}
    session.update(counter)
    assert database["counters"].find_one()["count"] == 15
