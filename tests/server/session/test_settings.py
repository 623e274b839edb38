"""
A setting of a session holds from the next operation on, whenever it is set.

Members: `safe`, `auto_ensure`, `timezone`, `tz_aware`, `cache_size`, `atomic`, of sessions made by
the constructor, by `connect` and of subclasses; every kind of write and of reading. What cannot be
set says so: what is read is what holds.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from pymongo.errors import DuplicateKeyError, OperationFailure

from ommongo import (
    AnythingField,
    DateTimeField,
    Document,
    Index,
    IntField,
    RefField,
    Session,
)
from ommongo.exceptions import InvalidConfigException, TransactionException
from tests.models import User

JAKARTA = ZoneInfo("Asia/Jakarta")
NOON = datetime(2024, 5, 1, 12)


class Chair(Document):
    config_namespace = "tests.settings"
    config_collection_name = "chairs"

    n = IntField()
    by_n = Index().ascending("n").unique()


class Day(Document):
    config_namespace = "tests.settings"
    config_collection_name = "days"

    at = DateTimeField(required=False)
    any = AnythingField(required=False)
    other_ref = RefField("Day", namespace="tests.settings", required=False)
    other = other_ref.rel()


# -- safe -------------------------------------------------------------------------------------


def add(session, chair):
    """Queue it, and flush."""
    session.add(Chair(n=1))
    session.flush()


def block(session, chair):
    """Save it in a block that is no transaction."""
    session.atomic = False
    with session:
        session.save(Chair(n=1))


def update(session, chair):
    """Change another to the same."""
    chair.n = 1
    session.update(chair)


def express(session, chair):
    """Change the other by an expression."""
    session.query(Chair).filter(Chair.n == 2).set(Chair.n, 1).execute()


def remove(session, chair):
    """Remove by a query that the server refuses."""
    session.remove_query(Chair).filter({"$expr": {"$divide": [1, 0]}}).execute()


WRITES = {
    "save": lambda session, chair: session.save(Chair(n=1)),
    "insert": pytest.param(
        lambda session, chair: session.insert(Chair(n=1)),
        marks=pytest.mark.filterwarnings("ignore::PendingDeprecationWarning"),
    ),
    "add": add,
    "block": block,
    "update": update,
    "express": express,
    "remove": remove,
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_safe_holds_from_the_next_write(session, caplog, write):
    """What was logged is raised, and the other way round."""
    session.save(Chair(n=1))
    chair = Chair(n=2)
    session.save(chair)
    session.safe = True
    assert session.safe is True
    with pytest.raises(OperationFailure):
        write(session, chair)
    assert caplog.records == []

    session.safe = False
    write(session, chair)
    assert session.safe is False
    assert len(caplog.records) == 1


def test_what_a_call_says_of_its_safety_goes_first(session, caplog):
    """The setting is for those that say nothing."""
    session.save(Chair(n=1))
    session.safe = True
    session.save(Chair(n=1), safe=False)
    session.safe = False
    with pytest.raises(DuplicateKeyError):
        session.save(Chair(n=1), safe=True)

    assert len(caplog.records) == 1


def test_a_write_that_is_queued_is_sent_as_the_setting_says_then(session):
    """It is looked at when the write is sent."""
    session.save(Chair(n=1))
    session.add(Chair(n=1))
    session.safe = True
    with pytest.raises(DuplicateKeyError):
        session.flush()


# -- auto_ensure ------------------------------------------------------------------------------


def test_auto_ensure_holds_from_the_next_write(make_session, database, commands):
    """Indexes are made once it is on, and not any more once it is off."""
    session = make_session(auto_ensure=False)
    session.save(Chair(n=1))
    assert commands.names("createIndexes") == []

    session.auto_ensure = True
    session.save(Chair(n=2))
    assert session.auto_ensure is True
    assert commands.names("createIndexes") == ["createIndexes"]

    session.forget_indexes()
    session.auto_ensure = False
    session.save(Chair(n=3))
    session.auto_ensure_indexes(Chair)
    assert commands.names("createIndexes") == ["createIndexes"]


# -- time zones -------------------------------------------------------------------------------


def loaded(session, name):
    """Load the date by every way of reading."""
    yield getattr(session.query(Day).one(), name)
    yield getattr(session.query(Day).all()[0], name)
    yield getattr(session.query(Day).fields(Day.at, Day.any).one(), name)
    yield getattr(session.refresh(session.query(Day).one()), name)
    yield getattr(session.get(Day, session.query(Day).one().mongo_id), name)
    yield getattr(session.query(Day).one().other, name)
    yield session.query("days").one()[name]
    yield session.query(Day).distinct(name)[0]
    yield getattr(session.query(Day).find_and_modify().set(Day.any, NOON).execute(), name)


@pytest.fixture
def day(session):
    """A stored day that refers to itself."""
    day = Day(at=NOON, any=NOON)
    session.save(day)
    day.other_ref = day.to_ref()
    session.save(day)
    return day


@pytest.mark.parametrize("name", ["at", "any"])
def test_a_time_zone_holds_from_the_next_reading(session, day, name):
    """Dates come in it, and without it as before."""
    aware = NOON.replace(tzinfo=timezone.utc)
    list(loaded(session, name))
    session.timezone = JAKARTA
    assert (session.timezone, session.tz_aware) == (JAKARTA, True)
    for date in loaded(session, name):
        assert (date, date.utcoffset()) == (aware, timedelta(hours=7))

    session.timezone = ZoneInfo("Asia/Tokyo")
    assert all(date.utcoffset() == timedelta(hours=9) for date in loaded(session, name))

    session.timezone = None
    assert (session.timezone, session.tz_aware) == (None, False)
    assert list(loaded(session, name)) == [NOON] * len(list(loaded(session, name)))


@pytest.mark.parametrize("name", ["at", "any"])
def test_awareness_holds_from_the_next_reading(session, day, name):
    """Dates come aware, in UTC, and without it naive."""
    session.tz_aware = True
    assert session.tz_aware is True
    for date in loaded(session, name):
        assert (date.replace(tzinfo=None), date.utcoffset()) == (NOON, timedelta(0))

    session.tz_aware = False
    assert session.tz_aware is False
    assert all(date == NOON for date in loaded(session, name))


def test_dates_of_an_aware_database_can_be_wanted_naive(make_session, database, day):
    """What is set goes before what the database's owner has chosen."""
    options = database.codec_options.with_options(tz_aware=True, tzinfo=JAKARTA)
    session = make_session(database.with_options(codec_options=options))
    assert session.query(Day).one().at.utcoffset() == timedelta(hours=7)

    session.tz_aware = False
    assert session.query(Day).one().at == NOON


def test_a_session_with_a_time_zone_stays_aware(make_session):
    """The two would contradict each other."""
    session = make_session(timezone=JAKARTA)
    with pytest.raises(InvalidConfigException, match="timezone"):
        session.tz_aware = False

    assert (session.tz_aware, session.timezone) == (True, JAKARTA)


def test_a_time_zone_that_is_none_is_refused(session):
    """And leaves the session as it was."""
    with pytest.raises(TypeError, match="tzinfo"):
        session.timezone = "Asia/Jakarta"

    assert (session.timezone, session.tz_aware) == (None, False)


# -- cache_size -------------------------------------------------------------------------------


def test_a_smaller_identity_map_drops_the_oldest(make_session):
    """Those used last stay."""
    session = make_session(cache_size=None)
    users = [User(name=f"user {n}") for n in range(5)]
    for user in users:
        session.save(user)
    session.cache_size = 2
    assert (session.cache_size, session.cache.documents()) == (2, users[3:])
    assert [user in session for user in users] == [False, False, False, True, True]
    assert session.cache_read(users[0].mongo_id) is None

    session.save(User(name="last"))
    assert len(session.cache) == 2
    session.cache_size = 0
    session.save(User(name="very last"))
    assert len(session.cache) == 0


def test_a_larger_identity_map_holds_more(session):
    """From none to all."""
    session.cache_size = 1
    session.save(User(name="ada"))
    session.save(User(name="bob"))
    assert len(session.cache) == 1

    session.cache_size = None
    users = session.query(User).all()
    assert len(session.cache) == 2
    assert all(one is other for one, other in zip(users, session.query(User), strict=True))


@pytest.mark.parametrize("size", [-1, 1.5, "3", True])
def test_a_size_that_is_none_is_refused(make_session, size):
    """And leaves the identity map as it was."""
    session = make_session(cache_size=3)
    session.save(User(name="ada"))
    with pytest.raises(InvalidConfigException):
        session.cache_size = size

    assert (session.cache_size, len(session.cache)) == (3, 1)


# -- atomic, and what cannot be set -----------------------------------------------------------


def test_atomic_holds_from_the_next_block(session, commands):
    """A block is a transaction as it says when the block ends."""
    for atomic, commits in ((False, 0), (True, 1), (None, 2)):
        session.atomic = atomic
        with session:
            session.save(User(name="ada"))
        assert session.atomic is atomic
        assert len(commands.names("commitTransaction")) == commits


def test_atomic_is_one_of_three(session):
    """Anything else is refused."""
    with pytest.raises(InvalidConfigException):
        session.atomic = "always"

    assert session.atomic is None


def test_a_standalone_server_is_noticed_then(standalone):
    """With atomic=True a block without transactions is refused, also when it was set later."""
    with standalone.client() as client:
        session = Session(client["settings"])
        session.atomic = True
        with pytest.raises(TransactionException):
            with session:
                session.save(User(name="ada"))
        session.clear_queue()


@pytest.mark.parametrize(
    "name",
    [
        "db",
        "cache",
        "causal",
        "transactions",
        "queue",
        "transaction_id",
        "in_transaction",
        "autoflush",
    ],
)
def test_what_is_to_be_read_cannot_be_set(session, name):
    """It would be read back, and not hold."""
    before = getattr(session, name)
    with pytest.raises(AttributeError, match=name):
        setattr(session, name, None)

    assert getattr(session, name) is before or getattr(session, name) == before


def test_every_session_has_them(server, database):
    """Those made by `connect`, and those of subclasses, which may set what they like."""

    class Own(Session):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.safe = True
            self.note = "mine"

    session = Own.connect(database.name, host=server.uri)
    assert (session.safe, session.note) == (True, "mine")
    session.save(Chair(n=1))
    with pytest.raises(DuplicateKeyError):
        session.save(Chair(n=1))
    session.close()


@pytest.mark.parametrize("name", ["safe", "auto_ensure", "tz_aware"])
@pytest.mark.parametrize("value", ["false", "", "yes", [], 0.0], ids=repr)
def test_what_is_neither_yes_nor_no(server, database, session, name, value):
    """``"false"``, as a file of settings has it, would be a yes: by every way to say it."""
    before = getattr(session, name)
    for give in (
        lambda: setattr(session, name, value),
        lambda: Session(database, **{name: value}),
        lambda: Session.connect(database.name, host=server.uri, **{name: value}),
    ):
        with pytest.raises(InvalidConfigException, match=rf"{name} is of type .* True or False"):
            give()
    assert getattr(session, name) is before
