"""What a session is made of, what it refuses, and what can be read on it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from fractions import Fraction

import pytest
from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions, TypeCodec, TypeRegistry
from bson.int64 import Int64
from pymongo import AsyncMongoClient

from ommongo import DateTimeField, Document, Session
from ommongo.exceptions import InvalidConfigException
from tests.models import Note, User

JAKARTA = timezone(timedelta(hours=7))
NOON = datetime(2024, 5, 17, 12, 0)


class Event(Document):
    config_namespace = "tests.session_construction"
    at = DateTimeField()


def loaded_date(session):
    """Give the date that *session* loads for noon UTC."""
    session.db["Event"].insert_one({"at": NOON})
    return session.query(Event).one().at


@pytest.mark.parametrize("wrong", [None, "mongodb://localhost", "test", 5, {}, object()])
def test_what_is_no_database_is_refused(wrong):
    """Anything but a pymongo database raises `TypeError` with what was given and wanted."""
    with pytest.raises(TypeError) as caught:
        Session(wrong)

    assert type(wrong).__name__ in str(caught.value)
    assert "Database" in str(caught.value)


def test_a_text_is_not_repeated_in_the_refusal():
    """An address with a password in it does not end up in a log."""
    with pytest.raises(TypeError) as caught:
        Session("mongodb://ada:secret@localhost/test")

    assert "secret" not in str(caught.value)


def test_a_client_is_refused(client):
    """A client is not a database, and the message says what to pass instead."""
    with pytest.raises(TypeError) as caught:
        Session(client)

    assert "MongoClient" in str(caught.value)
    assert "Database" in str(caught.value)


def test_a_collection_is_refused(database):
    """A collection is not a database."""
    with pytest.raises(TypeError, match="Collection"):
        Session(database["users"])


def test_an_async_database_is_refused():
    """The database of an asynchronous client is not taken for a synchronous one."""
    with pytest.raises(TypeError) as caught:
        Session(AsyncMongoClient(connect=False)["test"])

    assert "AsyncDatabase" in str(caught.value)


def test_every_setting_has_the_documented_default(database):
    """A session of a database alone is naive, unsafe, without identity map and ensures indexes."""
    session = Session(database)

    assert session.db == database
    assert session.queue == []
    assert session.safe is False
    assert session.timezone is None
    assert session.tz_aware is False
    assert session.auto_ensure is True
    assert session.cache_size == 0


def test_every_setting_can_be_read(database):
    """What was given to the constructor is there as an attribute."""
    session = Session(database, True, JAKARTA, True, 5, False)

    assert session.tz_aware is True
    assert session.timezone is JAKARTA
    assert session.safe is True
    assert session.cache_size == 5
    assert session.auto_ensure is False


def test_making_a_session_sends_nothing(database, commands):
    """No command goes to the server before the first operation."""
    Session(database, cache_size=10)

    assert commands.names() == []


def test_the_queue_is_a_list(session):
    """`queue` is a list."""
    assert isinstance(session.queue, list)


@pytest.mark.parametrize("size", [0, 3, None])
def test_the_cache_is_a_mapping(database, size):
    """`cache` is a mapping, empty at first, whatever its size."""
    session = Session(database, cache_size=size)

    assert isinstance(session.cache, Mapping)
    assert len(session.cache) == 0
    assert list(session.cache) == []


@pytest.mark.parametrize("size", [-1, -100, 1.0, 2.5, "10", float("nan"), []])
def test_a_cache_size_that_is_no_size_is_refused(database, size):
    """A negative number or a non-integer raises `InvalidConfigException`."""
    with pytest.raises(InvalidConfigException, match="cache_size"):
        Session(database, cache_size=size)


def test_outside_a_block_there_is_no_transaction(session):
    """The attributes about blocks say that none is open."""
    assert list(session.transactions) == []
    assert session.transaction_id is None
    assert session.in_transaction is False
    assert session.autoflush is True


def test_inside_a_block_there_is_a_transaction(session):
    """The attributes about blocks name the innermost one."""
    with session:
        assert len(session.transactions) == 1
        assert session.transaction_id == session.transactions[-1]
        assert session.transaction_id is not None
        assert session.in_transaction is True
        assert session.autoflush is False


def test_nested_blocks_have_ids_of_their_own(session):
    """The stack of ids grows and shrinks with the blocks."""
    with session:
        outer = session.transaction_id
        with session:
            assert session.transaction_id != outer
            assert list(session.transactions) == [outer, session.transaction_id]
        assert session.transaction_id == outer
        assert list(session.transactions) == [outer]
    assert session.transaction_id is None


def test_dates_are_naive_by_default(session):
    """Without a time zone dates come as naive UTC."""
    assert loaded_date(session) == NOON


def test_tz_aware_gives_utc(make_session):
    """`tz_aware` alone gives dates in UTC."""
    date = loaded_date(make_session(tz_aware=True))

    assert date == NOON.replace(tzinfo=timezone.utc)
    assert date.utcoffset() == timedelta(0)


def test_a_timezone_gives_dates_in_it(make_session):
    """With a time zone dates come aware, in that zone."""
    date = loaded_date(make_session(timezone=JAKARTA))

    assert date == NOON.replace(tzinfo=timezone.utc)
    assert date.utcoffset() == timedelta(hours=7)


def test_a_timezone_makes_the_session_aware(database):
    """`tz_aware` says whether dates come aware, also when only a time zone was given."""
    assert Session(database, timezone=JAKARTA).tz_aware is True


def test_tz_aware_and_a_timezone_together(make_session):
    """Both settings together give dates in the zone."""
    date = loaded_date(make_session(tz_aware=True, timezone=JAKARTA))

    assert date.utcoffset() == timedelta(hours=7)


def test_a_database_that_its_owner_made_aware_stays_aware(database, make_session):
    """Without settings, the codec options of the given database hold."""
    aware = database.with_options(codec_options=CodecOptions(tz_aware=True, tzinfo=JAKARTA))
    session = make_session(aware)

    assert loaded_date(session).utcoffset() == timedelta(hours=7)
    assert session.tz_aware is True


def test_a_timezone_goes_before_that_of_the_database(database, make_session):
    """The session's own setting wins over the database's codec options."""
    aware = database.with_options(codec_options=CodecOptions(tz_aware=True, tzinfo=JAKARTA))
    session = make_session(aware, timezone=timezone.utc)

    assert loaded_date(session).utcoffset() == timedelta(0)


def test_tz_aware_alone_keeps_an_aware_database_aware(database, make_session):
    """An instant loaded by a session with `tz_aware` is the one that is stored."""
    aware = database.with_options(codec_options=CodecOptions(tz_aware=True, tzinfo=JAKARTA))

    assert loaded_date(make_session(aware, tz_aware=True)) == NOON.replace(tzinfo=timezone.utc)


def test_raw_results_come_aware_too(make_session):
    """Raw output is decoded with the session's time zone."""
    session = make_session(timezone=JAKARTA)
    session.db["Event"].insert_one({"at": NOON})

    assert next(iter(session.query("Event"))).get("at").utcoffset() == timedelta(hours=7)


def test_other_codec_options_of_the_database_hold(database, make_session):
    """A time zone replaces nothing else of what the owner of the database set."""
    options = CodecOptions(unicode_decode_error_handler="ignore")
    session = make_session(database.with_options(codec_options=options), timezone=JAKARTA)

    assert session.db.codec_options.unicode_decode_error_handler == "ignore"


def test_types_that_the_owner_of_the_database_registered_are_stored(database, make_session):
    """Custom codecs of the given database serve for writing, querying and reading."""

    class MoneyCodec(TypeCodec):
        python_type = Fraction
        bson_type = Int64

        def transform_python(self, value):
            return Int64(value * 100)

        def transform_bson(self, value):
            return Fraction(value, 100)

    options = CodecOptions(type_registry=TypeRegistry([MoneyCodec()]))
    session = make_session(database.with_options(codec_options=options))
    session.save(Note(key=1, body=Fraction(5, 2)))

    assert database["notes"].find_one()["body"] == 250
    assert session.query(Note).filter(Note.body == Fraction(5, 2)).one().body == Fraction(5, 2)


def test_the_uuid_representation_of_the_database_holds(database, make_session):
    """UUIDs are stored and loaded as the owner of the database wants them."""
    options = CodecOptions(uuid_representation=UuidRepresentation.STANDARD)
    session = make_session(database.with_options(codec_options=options))
    key = uuid.uuid4()
    note = Note(key=key, body=key)
    session.save(note)

    loaded = session.query(Note).one()
    assert (loaded.key, loaded.body) == (key, key)
    assert loaded == note


def test_a_wrong_timezone_is_refused(database):
    """A time zone that is no `tzinfo` raises when the session is made."""
    with pytest.raises((TypeError, InvalidConfigException)) as caught:
        Session(database, timezone="Asia/Jakarta")

    assert "timezone" in str(caught.value)


def test_two_sessions_on_one_database_are_independent(make_session):
    """What one session queues is not in the other's queue."""
    one, other = make_session(), make_session()
    one.add(User(name="ada"))

    assert len(one.queue) == 1
    assert other.queue == []
