"""Connecting, owning a client and closing it."""

from __future__ import annotations

import gc
import warnings
import weakref
from datetime import timezone

import pytest
from pymongo.errors import (
    ConfigurationError,
    DuplicateKeyError,
    InvalidOperation,
    OperationFailure,
    ServerSelectionTimeoutError,
)

from ommongo import Session
from ommongo.exceptions import InvalidConfigException, TransactionException
from tests.models import Account, User

NOWHERE = {"host": "127.0.0.1", "port": 1, "serverSelectionTimeoutMS": 50}


@pytest.fixture
def connect(server, database):
    """Connect to the test's database, and close what was made at the end."""
    made = []

    def connect(*args, cls=Session, **kwds):
        kwds.setdefault("host", server.uri)
        made.append(cls.connect(database.name, *args, **kwds))
        return made[-1]

    yield connect
    for session in made:
        session.clear_queue()
        session.close()


@pytest.mark.parametrize("wrong", [None, 5, b"name", ["name"]])
def test_a_database_is_connected_to_by_its_name(wrong):
    """Anything but text raises `TypeError` that says what to use for a database of one's own."""
    with pytest.raises(TypeError, match=r"Session\(database\)") as caught:
        Session.connect(wrong)

    assert type(wrong).__name__ in str(caught.value)


def is_closed(client):
    """Tell whether a client refuses to be used."""
    try:
        client.admin.command("ping")
    except InvalidOperation:
        return True
    return False


def test_connect_gives_a_session_on_the_named_database(connect, database):
    """What is saved through a connected session is in the database of the given name."""
    session = connect(safe=True)

    session.save(User(name="ada"))

    assert session.db.name == database.name
    assert database["users"].find_one()["name"] == "ada"


def test_connect_gives_an_instance_of_the_class_it_is_called_on(connect):
    """A subclass's `connect` gives a session of the subclass."""

    class MySession(Session):
        pass

    assert type(connect(cls=MySession)) is MySession


def test_connect_passes_the_settings_on(connect):
    """`connect` has the settings of the constructor."""
    session = connect(timezone.utc, 7, False, safe=True)

    assert session.timezone is timezone.utc
    assert session.cache_size == 7
    assert session.auto_ensure is False
    assert session.safe is True


def test_connect_takes_safe_and_tz_aware_among_the_keywords(connect):
    """`safe` and `tz_aware` go to the constructor, not to the driver."""
    session = connect(safe=True, tz_aware=True)

    assert session.safe is True
    assert session.tz_aware is True


def test_connect_has_the_defaults_of_the_constructor(connect):
    """Without settings a connected session is like any other."""
    session = connect()

    assert session.safe is False
    assert session.tz_aware is False
    assert session.cache_size == 0
    assert session.auto_ensure is True


def test_connect_passes_positional_arguments_to_the_client(server, database):
    """The arguments after `replica_set` are the client's: its address first."""
    session = Session.connect(database.name, None, 0, True, None, server.uri)

    assert session.query(User).count() == 0
    session.db.command("ping")  # until then the driver knows no primary
    assert session.db.client.address is not None
    session.close()


def test_connect_passes_keywords_to_the_client(connect):
    """Any option of the client can be given."""
    session = connect(appname="tests", w="majority", connectTimeoutMS=1234)

    assert session.db.client.options.pool_options.appname == "tests"
    assert session.db.client.options.pool_options.connect_timeout == 1.234
    assert session.db.write_concern.document == {"w": "majority"}


def test_connect_passes_the_name_of_the_replica_set(connect, client):
    """`replica_set` is the client's `replicaSet`."""
    name = client.admin.command("hello")["setName"]

    session = connect(replica_set=name)

    assert session.db.client.options.replica_set_name == name
    assert session.query(User).count() == 0


def test_a_wrong_replica_set_is_no_server(connect):
    """A server of another replica set is not used."""
    session = connect(replica_set="another", serverSelectionTimeoutMS=50)

    with pytest.raises(ServerSelectionTimeoutError):
        session.query(User).count()


def test_connect_with_an_unknown_option_raises_what_the_client_raises(database):
    """An option that the driver does not know is the driver's to complain of."""
    with pytest.raises(ConfigurationError):
        Session.connect(database.name, no_such_option=1)


def test_connect_with_a_bad_setting_raises_and_leaves_no_client(database):
    """A session that is refused warns of no client that was never closed."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with pytest.raises(InvalidConfigException):
            Session.connect(database.name, cache_size=-1, **NOWHERE)
        gc.collect()

    assert [str(warning.message) for warning in caught] == []


def test_connect_does_not_wait_for_a_server():
    """With no server running `connect` succeeds, and the first operation raises."""
    session = Session.connect("nowhere", **NOWHERE)

    with pytest.raises(ServerSelectionTimeoutError):
        session.query(User).first()
    session.close()


@pytest.mark.parametrize("safe", [False, True])
def test_a_write_without_a_server_always_raises(safe):
    """An error of the connection is raised whatever `safe` says, and nothing stays queued."""
    session = Session.connect("nowhere", safe=safe, **NOWHERE)
    user = User(name="ada")

    with pytest.raises(ServerSelectionTimeoutError):
        session.save(user)

    assert session.queue == []
    assert user.get_dirty_ops() == {"$set": {"name": "ada"}}
    session.close()


@pytest.mark.parametrize("safe", [False, True])
def test_a_refused_login_always_raises(connect, safe):
    """Wrong credentials raise the driver's `OperationFailure` at the first operation."""
    session = connect(safe=safe, username="ada", password="tr0ub4dor")

    with pytest.raises(OperationFailure) as caught:
        session.save(User(name="ada"))

    assert caught.value.code == 18
    assert session.queue == []


def test_close_closes_a_client_that_the_session_made(connect):
    """After `close` the client of a connected session is closed."""
    session = connect()
    client = session.db.client

    session.close()

    assert is_closed(client)


def test_close_twice_is_fine(connect):
    """Closing a closed session does nothing."""
    session = connect()

    session.close()
    session.close()

    assert session.queue == []


def test_close_flushes(connect, database):
    """`close` ends the session: what is queued is sent first."""
    session = connect()
    session.add(User(name="ada"))

    session.close()

    assert database["users"].count_documents({}) == 1


def test_close_empties_the_identity_map(connect):
    """`close` ends the session: the identity map is empty."""
    session = connect(cache_size=10)
    session.save(User(name="ada"))

    session.close()

    assert len(session.cache) == 0


def test_close_inside_a_block_is_refused(connect, database):
    """A block is left before its session is closed; nothing was sent."""
    session = connect()
    with session:
        session.add(User(name="ada"))
        with pytest.raises(TransactionException):
            session.close()
        assert database["users"].count_documents({}) == 0
        session.clear_queue()


def test_close_leaves_a_given_client_open(database, client):
    """A session that was given a database never closes its client."""
    session = Session(database)

    session.close()

    assert not is_closed(client)


def test_a_given_database_stays_usable_after_the_closed_session(database, session):
    """Closing a session that owns nothing is its end; the database is there for another one."""
    session.close()

    with pytest.raises(InvalidOperation, match="closed"):
        session.save(User(name="ada"))
    Session(database).save(User(name="ada"))
    assert database["users"].count_documents({}) == 1


def test_closing_with_a_failing_flush_closes_the_client(connect, database):
    """An error of the last flush is raised, and the client is closed all the same."""
    database["accounts"].create_index("email", unique=True)
    database["accounts"].insert_one({"email": "ada@example.org"})
    session = connect(safe=True, auto_ensure=False)
    client = session.db.client
    session.add(Account(email="ada@example.org"))

    with pytest.raises(DuplicateKeyError):
        session.close()

    assert is_closed(client)


def test_a_forgotten_session_closes_its_client(server, database):
    """A connected session that is garbage-collected closes its client, without a warning."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        session = Session.connect(database.name, host=server.uri)
        session.save(User(name="ada"))
        client = session.db.client
        del session
        gc.collect()
        closed = is_closed(client)
        del client
        gc.collect()

    assert closed
    assert [str(warning.message) for warning in caught] == []


def test_a_forgotten_session_that_was_never_used_warns_of_nothing():
    """A client that never connected is closed silently too."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        session = Session.connect("nowhere", **NOWHERE)
        del session
        gc.collect()

    assert [str(warning.message) for warning in caught] == []


def test_a_forgotten_session_leaves_a_given_client_open(database, client):
    """A session without a client of its own closes none when it goes."""
    session = Session(database)
    session.save(User(name="ada"))
    del session
    gc.collect()

    assert not is_closed(client)


@pytest.mark.parametrize(
    "keep",
    [
        lambda session: session.query(User),
        lambda session: iter(session.query(User)),
        lambda session: session.query(User).filter(User.name == "ada").set(age=3),
        lambda session: session.remove_query(User),
        lambda session: session.query("users"),
    ],
    ids=["query", "result", "update", "remove_query", "raw_query"],
)
def test_what_a_session_made_keeps_it_alive(server, database, keep):
    """A query, a result and an update work although nothing else holds their session."""
    session = Session.connect(database.name, host=server.uri)
    session.save(User(name="ada"))
    gone = weakref.ref(session)
    kept = keep(session)
    del session
    gc.collect()

    assert gone() is not None
    assert not is_closed(gone().db.client)
    with warnings.catch_warnings():  # an update that nobody executes says so
        warnings.simplefilter("ignore", ResourceWarning)
        del kept


def test_a_kept_result_can_be_read_to_its_end(server, database):
    """A result whose session nobody else holds goes on reading."""
    with Session.connect(database.name, host=server.uri) as session:
        for number in range(250):
            session.add(User(name=f"user {number}"))
    del session
    result = iter(Session.connect(database.name, host=server.uri).query(User))
    gc.collect()

    assert len(list(result)) == 250
