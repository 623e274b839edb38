"""
A date is loaded as it was stored, or refused before it is; a bad one hides no other document.

Two kinds. A date of the first or last day of the years 1 to 9999 that the session's time zone
carries out of them is refused when it is queued: in each way of writing (save, update, in a block,
an update expression, upsert, find-and-modify), at any depth, in every field that holds a date. A
stored date outside these years (or without a local form) is an error for its own document alone,
whatever the driver is told, or a `DatetimeMS` that can be read, assigned, asked for and stored
unchanged.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from bson.codec_options import CodecOptions, DatetimeConversion
from bson.datetime_ms import DatetimeMS

from ommongo import (
    AnythingField,
    CreatedField,
    DateTimeField,
    DictField,
    Document,
    DocumentField,
    IntField,
    KVField,
    ListField,
    ModifiedField,
    SetField,
    StringField,
    TupleField,
    computed_field,
)
from ommongo.exceptions import BadDocumentException, BadValueException, InvalidConfigException
from tests.helpers import bodies_of

SPACE = "tests.dates_that_python_has_not"
FIRST, LAST = datetime.min, datetime(9999, 12, 31, 23, 59, 59, 999000)
EAST, WEST = timezone(timedelta(hours=7)), timezone(-timedelta(hours=7))
FAR = DatetimeMS(300_000_000_000_000)
USUAL = DatetimeMS(1_000_000_000_000)
LONG_AGO = DatetimeMS(-300_000_000_000_000)
OUTSIDE = [
    FAR,
    LONG_AGO,
    DatetimeMS(253_402_300_800_000),
    DatetimeMS(-62_135_596_800_001),
    DatetimeMS(2**63 - 1),
    DatetimeMS(-(2**63)),
]


class Term(Document):
    config_namespace = SPACE

    until = DateTimeField(db_field="u")


class Permit(Document):
    config_namespace = SPACE
    config_collection_name = "permits"

    holder = StringField(default="Ani")
    ends = DateTimeField(required=False, db_field="e")
    aware = DateTimeField(required=False, use_tz=True)
    term = DocumentField(Term, required=False)
    terms = ListField(DocumentField(Term), required=False)
    dates = ListField(DateTimeField(), required=False)
    chosen = SetField(DateTimeField(), required=False)
    by_name = DictField(DateTimeField(), required=False)
    by_date = KVField(DateTimeField(), IntField(), required=False)
    pair = TupleField(IntField(), DateTimeField(), required=False)
    anything = AnythingField(required=False)


class Computing(Document):
    config_namespace = SPACE
    config_collection_name = "permits"

    n = IntField()

    @computed_field(DateTimeField(), deps=[n])
    def never(values: dict[str, Any]) -> datetime:
        return LAST if values["n"] else datetime(2020, 1, 1)


class Lease(Document):
    config_namespace = SPACE
    config_collection_name = "leases"

    holder = StringField()
    ends = DateTimeField(out_of_range="keep", required=False)
    aware = DateTimeField(out_of_range="keep", use_tz=True, required=False)
    dates = ListField(DateTimeField(out_of_range="keep"), required=False)
    chosen = SetField(DateTimeField(out_of_range="keep"), required=False)
    by_name = DictField(DateTimeField(out_of_range="keep"), required=False)


class Strict(Document):
    config_namespace = SPACE
    config_collection_name = "leases"

    holder = StringField()
    ends = DateTimeField(required=False)
    dates = ListField(DateTimeField(), required=False)
    changed = ModifiedField(required=False)


# -- no local form ----------------------------------------------------------------------------

ZONES = {
    "east": (EAST, LAST),
    "west": (WEST, FIRST),
    "Jakarta": (ZoneInfo("Asia/Jakarta"), LAST),
    "New York": (ZoneInfo("America/New_York"), FIRST),
    "farthest east": (timezone(timedelta(hours=23, minutes=59)), datetime(9999, 12, 31, 0, 2)),
    "farthest west": (timezone(-timedelta(hours=23, minutes=59)), datetime(1, 1, 1, 23, 57)),
}
HOLD = {
    "field": lambda date: {"ends": date},
    "aware": lambda date: {"aware": date.replace(tzinfo=timezone.utc)},
    "embedded": lambda date: {"term": Term(until=date)},
    "in an item": lambda date: {"terms": [Term(until=datetime(2020, 1, 1)), Term(until=date)]},
    "in a list": lambda date: {"dates": [date]},
    "in a set": lambda date: {"chosen": {date}},
    "in a dict": lambda date: {"by_name": {"a": date}},
    "as a key": lambda date: {"by_date": {date: 1}},
    "in a tuple": lambda date: {"pair": (1, date)},
    "in anything": lambda date: {"anything": {"a": [date]}},
}


def _assigned(session: Any, values: dict[str, Any]) -> Permit:
    """Give a loaded object with changed values."""
    session.save(Permit())
    permit = session.query(Permit).one()
    for name, value in values.items():
        setattr(permit, name, value)
    return permit


def _in_a_block(session: Any, values: dict[str, Any]) -> None:
    with session:
        session.add(Permit(**values))


WRITE = {
    "save": lambda session, values: session.save(Permit(**values)),
    "add": lambda session, values: session.add(Permit(**values)),
    "in a block": _in_a_block,
    "save of a loaded one": lambda session, values: session.save(_assigned(session, values)),
    "update": lambda session, values: session.update(_assigned(session, values)),
    "upsert": lambda session, values: session.update(
        Permit(**values), Permit.holder == "x", upsert=True
    ),
    "set": lambda session, values: session.query(Permit).set(**values).execute(),
    "set or insert": lambda session, values: session.query(Permit).set(**values).upsert().execute(),
    "find_and_modify": lambda session, values: (
        session.query(Permit).find_and_modify().set(**values).upsert().execute()
    ),
}


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("held", HOLD)
def test_a_date_without_a_local_form_is_refused(make_session, commands, zone, held):
    """In every field that holds dates, and nothing is sent."""
    tzinfo, date = ZONES[zone]
    session = make_session(safe=True, timezone=tzinfo)

    with pytest.raises(BadValueException, match="time zone") as caught:
        session.save(Permit(**HOLD[held](date)))

    assert caught.value.name.startswith("Permit.")
    assert commands.names("insert", "update") == []
    assert session.queue == []


@pytest.mark.parametrize("way", WRITE)
def test_it_is_refused_in_every_way_of_writing(make_session, way):
    """Nothing of it is stored, and what is stored can be read."""
    session = make_session(safe=True, timezone=EAST)

    with pytest.raises(BadValueException, match=r"Permit\.e holds a datetime"):
        WRITE[way](session, {"ends": LAST})

    assert session.queue == []
    assert [permit for permit in session.query(Permit) if "ends" in permit.__dict__] == []


@pytest.mark.parametrize("operation", ["append", "add_to_set", "extend"])
def test_it_is_refused_as_an_item_too(make_session, operation):
    """Operators that add to an array store dates as well."""
    session = make_session(safe=True, timezone=EAST)
    session.save(Permit(dates=[]))

    with pytest.raises(BadValueException, match="time zone"):
        getattr(session.query(Permit), operation)(Permit.dates, LAST).execute()

    assert session.query(Permit).one().dates == []


def test_it_is_refused_when_it_is_computed(make_session):
    """A computed field gives dates, too."""
    session = make_session(safe=True, timezone=EAST)

    with pytest.raises(BadValueException, match="time zone"):
        session.save(Computing(n=1))
    session.save(Computing(n=0))
    loaded = session.query(Computing).one()
    loaded.n = 1
    with pytest.raises(BadValueException, match="time zone"):
        session.update(loaded)


def test_an_object_whose_date_was_refused_is_still_dirty(make_session):
    """The refused write leaves the object as it was, and the corrected one is stored."""
    session = make_session(safe=True, timezone=EAST)
    permit = _assigned(session, {"ends": LAST})
    with pytest.raises(BadValueException):
        session.update(permit)

    assert permit.get_dirty_ops() == {"$set": {"e": LAST}}
    permit.ends = datetime(9999, 1, 1)
    session.update(permit)
    assert session.query(Permit).one().ends == datetime(9999, 1, 1, tzinfo=timezone.utc)


@pytest.mark.parametrize("settings", [{}, {"tz_aware": True}, {"timezone": timezone.utc}])
@pytest.mark.parametrize("date", [FIRST, LAST])
@pytest.mark.parametrize("held", HOLD)
def test_where_it_has_a_form_it_is_stored_and_loaded(make_session, settings, date, held):
    """A session without a time zone, or in UTC, gives it back equal."""
    session = make_session(safe=True, **settings)
    permit = Permit(**HOLD[held](date))
    session.save(permit)

    loaded = session.query(Permit).one()

    assert loaded.get_dirty_ops() == {}
    stored = session.query("permits").one()
    session.save(loaded)
    assert session.query("permits").one() == stored


@pytest.mark.parametrize("zone", ZONES)
def test_the_other_end_of_the_years_is_no_trouble(make_session, zone):
    """What the zone carries inwards is stored and comes back equal."""
    tzinfo, date = ZONES[zone]
    session = make_session(safe=True, timezone=tzinfo)
    other = LAST if date.year == 1 else FIRST
    session.save(Permit(ends=other, aware=other.replace(tzinfo=timezone.utc)))

    loaded = session.query(Permit).one()

    assert loaded.ends == loaded.aware == other.replace(tzinfo=timezone.utc)


@pytest.mark.parametrize("zone", ZONES)
def test_one_that_is_stored_hides_no_other(make_session, zone):
    """Another program stored it: its own document raises, the others are read."""
    tzinfo, date = ZONES[zone]
    make_session().db["permits"].insert_many(
        [{"_id": 1, "e": datetime(2020, 1, 1)}, {"_id": 2, "e": date}]
    )

    class Numbered(Permit):
        config_namespace = SPACE
        config_collection_name = "permits"
        key = IntField(_id=True)

    session = make_session(timezone=tzinfo)
    result = iter(session.query(Numbered).on_error("collect"))

    assert [permit.key for permit in result] == [1]
    [error] = result.errors
    assert (error.document_id, error.name) == (2, "Numbered.ends")


def test_a_condition_may_name_any_date(make_session):
    """Nothing is stored by asking."""
    session = make_session(safe=True, timezone=EAST)
    session.save(Permit(ends=datetime(2020, 1, 1)))

    assert session.query(Permit).filter(Permit.ends < LAST).one().ends.year == 2020
    assert (
        session.query(Permit).filter(Permit.ends < LAST).set(Permit.holder, "B").execute()["n"] == 1
    )


# -- outside the years ------------------------------------------------------------------------

CONVERSIONS = list(DatetimeConversion)
TIMES = [{}, {"tz_aware": True}, {"timezone": EAST}, {"timezone": WEST}]


@pytest.fixture
def converting(database, make_session):
    """Give a session whose driver is told how to make dates."""

    def make(conversion: DatetimeConversion, **settings: Any) -> Any:
        options = CodecOptions(datetime_conversion=conversion)
        on = database.client.get_database(database.name, codec_options=options)
        return make_session(on, safe=True, **settings)

    return make


@pytest.mark.parametrize("conversion", CONVERSIONS)
@pytest.mark.parametrize("settings", TIMES)
@pytest.mark.parametrize("value", OUTSIDE[1::2])
def test_it_is_the_error_of_its_document_alone(converting, conversion, settings, value):
    """Whatever the driver is told, the documents beside it are read."""
    session = converting(conversion, **settings)
    session.db["leases"].insert_many(
        [
            {"holder": "Ani", "ends": USUAL},
            {"holder": "Budi", "ends": value},
            {"holder": "Citra", "dates": [USUAL, value]},
        ]
    )
    result = iter(session.query(Strict).on_error("collect"))

    assert [lease.ends.year for lease in result] == [2001]
    assert [error.name for error in result.errors] == ["Strict.ends", "Strict.dates[1]"]
    for error in result.errors:
        assert type(error) is BadDocumentException
        assert error.value == value
        assert "out_of_range='keep'" in str(error)


@pytest.mark.parametrize("way", ["all", "first", "one"])
def test_it_is_so_in_every_way_of_loading(session, way):
    """Also where the driver gives the document undecoded."""
    session.db["leases"].insert_one({"holder": "Budi", "ends": FAR})

    with pytest.raises(BadDocumentException, match="out_of_range='keep'"):
        getattr(session.query(Strict), way)()


@pytest.mark.parametrize("conversion", CONVERSIONS)
@pytest.mark.parametrize("settings", TIMES)
@pytest.mark.parametrize("value", OUTSIDE[::2])
def test_what_is_kept_is_stored_again_unchanged(converting, commands, conversion, settings, value):
    """It loads as a `DatetimeMS`, is clean, and a save writes the same instant."""
    session = converting(conversion, **settings)
    stored = {
        "_id": 1,
        "holder": "B",
        "ends": value,
        "aware": value,
        "dates": [value, USUAL],
    }
    session.db["leases"].insert_one({**stored, "chosen": [value], "by_name": {"a": value}})

    class Numbered(Lease):
        config_namespace = SPACE
        config_collection_name = "leases"
        key = IntField(_id=True)

    lease = session.query(Numbered).one()
    assert (lease.ends, lease.aware, lease.dates[0]) == (value, value, value)
    assert (lease.chosen, lease.by_name) == ({value}, {"a": value})
    assert lease.dates[1].year == 2001
    assert lease.get_dirty_ops() == {}
    lease.holder = "C"
    commands.clear()
    session.update(lease)
    [body] = bodies_of(commands, "update")
    assert body["updates"][0]["u"].keys() == {"$set"}
    session.save(lease)

    raw = session.query("leases").one()
    exact = session.db.get_collection(
        "leases", CodecOptions(datetime_conversion=DatetimeConversion.DATETIME_MS)
    ).find_one()
    assert (exact["ends"], exact["aware"], exact["dates"]) == (value, value, [value, USUAL])
    assert (exact["chosen"], exact["by_name"], exact["holder"]) == ([value], {"a": value}, "C")
    assert raw["ends"] == value


@pytest.mark.parametrize("value", OUTSIDE)
def test_it_can_be_assigned_and_asked_for(safe_session, value):
    """In a field that keeps such dates, in documents, queries and updates."""
    safe_session.save(Lease(holder="A", ends=value, dates=[value], chosen={value}))

    assert safe_session.query(Lease).filter(Lease.ends == value).one().ends == value
    assert safe_session.query(Lease).filter(Lease.ends.in_(value)).count() == 1
    assert safe_session.query(Lease).filter(Lease.dates == value).one().chosen == {value}
    safe_session.query(Lease).set(Lease.ends, USUAL).execute()
    assert safe_session.query(Lease).one().ends == datetime(2001, 9, 9, 1, 46, 40)
    safe_session.query(Lease).set(Lease.ends, value).execute()
    assert safe_session.query(Lease).one().ends == value


def test_what_a_datetime_can_show_becomes_one(safe_session):
    """A `DatetimeMS` of the usual years is the same date, at once and when it is loaded."""
    lease = Lease(holder="A", ends=USUAL, aware=USUAL)

    assert (lease.ends, lease.aware) == (
        datetime(2001, 9, 9, 1, 46, 40),
        datetime(2001, 9, 9, 1, 46, 40, tzinfo=timezone.utc),
    )
    safe_session.save(lease)
    loaded = safe_session.query(Lease).one()
    assert (loaded.ends, loaded.aware) == (lease.ends, lease.aware)


@pytest.mark.parametrize("zone", ZONES)
def test_a_date_without_a_local_form_is_kept_too(make_session, zone):
    """A field that keeps dates gives it as it is stored, and stores it again."""
    tzinfo, date = ZONES[zone]
    session = make_session(safe=True, timezone=tzinfo)
    session.db["leases"].insert_one({"holder": "A", "ends": date})

    lease = session.query(Lease).one()
    assert lease.ends == DatetimeMS(date)
    session.save(lease)
    session.save(Lease(holder="B", ends=lease.ends))

    assert [found["ends"] for found in session.db["leases"].find()] == [date, date]


@pytest.mark.parametrize("value", OUTSIDE)
def test_a_field_that_does_not_keep_it_names_the_option(value):
    """The refusal of the assignment, the query and the update says what to declare."""
    for refused in (
        lambda: Strict(holder="A", ends=value),
        lambda: Strict.ends == value,
        lambda: Strict(holder="A", dates=[value]).wrap(),
    ):
        with pytest.raises(BadValueException, match="out_of_range='keep'"):
            refused()


@pytest.mark.parametrize(
    ("bounds", "refused"),
    [
        ({"max_date": datetime(2030, 1, 1)}, FAR),
        ({"min_date": datetime(2030, 1, 1)}, LONG_AGO),
    ],
)
def test_bounds_hold_for_it_too(bounds, refused):
    """It is an instant like any other, later or earlier than all that a `datetime` has."""
    field = DateTimeField(out_of_range="keep", **bounds)
    other = LONG_AGO if refused is FAR else FAR

    for judge in (field.is_valid_wrap, field.is_valid_unwrap):
        assert not judge(refused)
        assert judge(other)


@pytest.mark.parametrize("microsecond", [500, 999, 1500])
def test_a_date_within_its_bounds_is_so_when_it_is_loaded(safe_session, microsecond):
    """BSON cuts the microseconds, and the bounds have some."""
    bound = datetime(2020, 1, 1, microsecond=500)

    class Bounded(Document):
        config_namespace = SPACE
        since = DateTimeField(min_date=bound)
        until = DateTimeField(max_date=bound.replace(microsecond=1500))

    date = datetime(2020, 1, 1, microsecond=microsecond)
    safe_session.save(Bounded(since=date, until=date))

    loaded = safe_session.query(Bounded).one()
    assert loaded.since == date.replace(microsecond=microsecond // 1000 * 1000)
    assert loaded.get_dirty_ops() == {}


def test_created_and_modified_keep_it_where_they_are_told(session):
    """What is built on the field has its option."""

    class Kept(Document):
        config_namespace = SPACE
        config_collection_name = "leases"
        created = CreatedField(out_of_range="keep")
        changed = ModifiedField(out_of_range="keep")

    session.db["leases"].insert_one({"created": FAR, "changed": FAR})

    loaded = session.query(Kept).one()

    assert (loaded.created, loaded.changed) == (FAR, FAR)


@pytest.mark.parametrize("value", ["Keep", None, True])
def test_another_setting_is_refused(value):
    """A word that means nothing is no setting."""
    with pytest.raises(InvalidConfigException, match="'error' or 'keep'"):
        DateTimeField(out_of_range=value)


def test_anything_holds_it(safe_session):
    """A field that takes anything gives it as the driver does, and stores it again."""

    class Anything(Document):
        config_namespace = SPACE
        config_collection_name = "leases"
        body = AnythingField()

    safe_session.db["leases"].insert_one({"body": {"a": FAR}})
    loaded = safe_session.query(Anything).one()

    assert loaded.body == {"a": FAR}
    assert loaded.get_dirty_ops() == {}
    loaded.body["b"] = LONG_AGO
    safe_session.update(loaded)
    assert safe_session.query("leases").one()["body"] == {"a": FAR, "b": LONG_AGO}
