"""
What prepares a write is repeated as the write is, while another member becomes the primary.

The commands are those that make a collection and its indexes, which the driver does not repeat by
itself; the errors all those by which it would repeat a write, and a lost connection; the ways every
one to write, in blocks, transactions and outside. What another try does not help is raised at once:
an index that cannot be built, a right that is lacking.
"""

from __future__ import annotations

import pytest
from pymongo.errors import DuplicateKeyError, OperationFailure, PyMongoError, WriteConcernError

from ommongo import Document, Index, IntField, StringField
from tests.helpers import note_of

GOING = [6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436]


class Order(Document):
    config_namespace = "tests.primary_goes"
    config_collection_name = "orders"

    number = IntField(_id=True)
    state = StringField(required=False)

    by_state = Index().ascending("state")
    by_both = Index().ascending("number").descending("state")


@pytest.fixture
def session(make_session, database):
    """A safe session on a database with a document in a collection."""
    database["orders"].insert_one({"_id": 1, "state": "new"})
    return make_session(safe=True)


def in_block(session):
    """Save in a block."""
    with session:
        session.add(Order(number=2))


def in_inner_block(session):
    """Save in a block in a block."""
    with session, session:
        session.add(Order(number=2))


def in_transaction(session):
    """Save in a transaction."""
    with session.transaction():
        session.save(Order(number=2))


def in_run(session):
    """Save in a function that is called in a transaction."""
    session.run_in_transaction(lambda session: session.save(Order(number=2)))


def in_block_in_transaction(session):
    """Save in a block in a transaction."""
    with session.transaction(), session:
        session.save(Order(number=2))


def by_modifying(session):
    """Insert by find-and-modify."""
    new = session.query(Order).filter(Order.number == 2)
    new.find_and_modify().set(Order.state, "x").upsert().execute()


def by_modifying_in_transaction(session):
    """The same in a transaction."""
    with session.transaction():
        by_modifying(session)


def by_expression(session):
    """Insert by an update expression."""
    session.query(Order).filter(Order.number == 2).set(Order.state, "x").upsert().execute()


def by_removing(session):
    """Insert, after a removal."""
    session.remove_query(Order).filter(Order.number == 3).execute()
    session.save(Order(number=2))


def by_flush(session):
    """Insert by a flush."""
    session.add(Order(number=2))
    session.flush()


def by_reading(session):
    """Insert by the flush before a read."""
    session.add(Order(number=2))
    session.query(Order).count()


WAYS = {
    "save": lambda s: s.save(Order(number=2)),
    "unsafe": lambda s: s.save(Order(number=2), safe=False),
    "update": lambda s: s.update(Order(number=2, state="x"), upsert=True),
    "block": in_block,
    "inner block": in_inner_block,
    "transaction": in_transaction,
    "run": in_run,
    "block in transaction": in_block_in_transaction,
    "modify": by_modifying,
    "modify in transaction": by_modifying_in_transaction,
    "expression": by_expression,
    "removal": by_removing,
    "flush": by_flush,
    "read": by_reading,
}
PATIENT = ["block", "inner block", "transaction", "run", "block in transaction"]


@pytest.mark.parametrize("way", list(WAYS))
@pytest.mark.parametrize("failure", [{"errorCode": 10107}, {"closeConnection": True}], ids=str)
def test_indexes_are_ensured_by_another_try(session, database, fail_command, way, failure):
    """Whatever writes, it is stored once, and the indexes are there."""
    with fail_command("createIndexes", times=1, **failure):
        WAYS[way](session)
    assert database["orders"].count_documents({"_id": 2}) == 1
    assert {"state_1", "number_1_state_-1"} & set(database["orders"].index_information())
    assert len(database["orders"].index_information()) == 3


@pytest.mark.parametrize("way", PATIENT)
@pytest.mark.parametrize("failure", [{"errorCode": 10107}, {"closeConnection": True}], ids=str)
@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("command", ["create", "createIndexes"])
def test_before_a_transaction_it_is_repeated_as_long_as_that(
    session, database, fail_command, way, failure, times, command
):
    """A collection too; the driver would repeat the transaction for two minutes."""
    with fail_command(command, times=times, **failure):
        WAYS[way](session)
    assert database["orders"].count_documents({"_id": 2}) == 1
    assert len(database["orders"].index_information()) == 3


@pytest.mark.parametrize("code", GOING)
@pytest.mark.parametrize(("command", "way"), [("create", "block"), ("createIndexes", "save")])
def test_every_error_that_says_that_the_primary_is_going(
    session, database, fail_command, code, command, way
):
    """They are those by which the driver repeats a write."""
    with fail_command(command, times=1, errorCode=code):
        WAYS[way](session)
    assert database["orders"].count_documents({"_id": 2}) == 1


@pytest.mark.parametrize("command", ["create", "createIndexes"])
def test_a_collection_that_the_old_primary_made_is_made_again(
    session, database, fail_command, command
):
    """A write concern that failed since it goes says that what was done may be gone."""
    concern = {"code": 91, "errmsg": "going"}
    with fail_command(command, times=1, writeConcernError=concern):
        in_block(session)
    assert database["orders"].count_documents({"_id": 2}) == 1


def test_outside_of_transactions_it_is_repeated_once(session, fail_command, commands):
    """As the driver repeats a write; then the error is raised, and the object is dirty."""
    order = Order(number=2, state="new")
    with fail_command("createIndexes", errorCode=10107):
        with pytest.raises(PyMongoError) as caught:
            session.save(order)
    assert commands.names("createIndexes", "insert", "update") == ["createIndexes"] * 2
    assert "was not sent" in note_of(caught.value)
    assert order.get_dirty_ops()
    session.save(order)


def test_a_client_that_repeats_no_writes_repeats_nothing(server, make_session, fail_command):
    """Its `retryWrites` says so."""
    with server.client(retryWrites=False) as client:
        database = client["ommongo_test_no_retries"]
        session = make_session(database, safe=True)
        with fail_command("createIndexes", times=1, errorCode=10107):
            with pytest.raises(PyMongoError):
                session.save(Order(number=2))
        session.save(Order(number=2))
        with fail_command("create", times=1, errorCode=10107):
            session.forget_indexes()
            in_run_of_another(session)
        client.drop_database(database.name)


def in_run_of_another(session):
    """A transaction is repeated all the same."""
    session.run_in_transaction(lambda session: session.save(Order(number=3)))


@pytest.mark.parametrize("code", [2, 8000, 67, 85, 86, 276, 13])
def test_another_error_is_raised_at_once(session, fail_command, commands, code):
    """What cannot be built is not tried again."""
    with fail_command("createIndexes", errorCode=code):
        with pytest.raises(OperationFailure) as caught:
            in_block(session)
    assert caught.value.code == code
    assert commands.names("createIndexes") == ["createIndexes"]


def test_an_index_that_the_data_does_not_allow_is_raised_at_once(session, database, commands):
    """By the server's own word."""

    class Unique(Document):
        config_namespace = "tests.primary_goes.unique"
        config_collection_name = "orders"

        number = IntField(_id=True)
        state = StringField()
        by_state = Index().ascending("state").unique()

    database["orders"].insert_one({"_id": 5, "state": "new"})
    with pytest.raises(DuplicateKeyError):
        with session:
            session.add(Unique(number=6, state="new"))
    assert commands.names("createIndexes") == ["createIndexes"]


def test_what_is_not_confirmed_is_not_repeated(session, fail_command, commands):
    """A write concern that cannot be met has nothing to do with the primary."""
    concern = {"code": 100, "errmsg": "not enough members"}
    with fail_command("createIndexes", writeConcernError=concern):
        with pytest.raises(WriteConcernError):
            session.save(Order(number=2))
    assert commands.names("createIndexes") == ["createIndexes"]


def test_indexes_that_are_asked_for_are_repeated(session, database, fail_command):
    """`ensure_indexes`, and the text index that a search makes."""
    with fail_command("createIndexes", times=1, errorCode=11600):
        session.ensure_indexes(Order)
    with fail_command("createIndexes", times=1, errorCode=11600):
        session.query(Order).search("new", createIndex=["state"])
    assert len(database["orders"].index_information()) == 4


def test_a_real_failover_between_two_blocks(replica_set_3, make_session):
    """With real members: the first command after the primary went is one that prepares."""
    with replica_set_3.client() as client:
        database = client["ommongo_test_failover"]
        session = make_session(database, safe=True)
        in_block(session)
        session.forget_indexes()
        client.admin.command("replSetStepDown", 60, secondaryCatchUpPeriodSecs=30, force=True)
        with session:
            session.add(Order(number=3))
        assert database["orders"].count_documents({}) == 2
        client.drop_database(database.name)
