"""
The stored `_id` is the `_id`: every use of a loaded object's id takes it as it is stored.

Ids come from `$group` and `$merge`, from other languages and from older classes, so what a field
makes of one need not be what it would store. The ways in which it differs are the entries of
`STORED`: embedded documents with another order of keys (also deeper down, also of extra fields),
without a field that has a default now or is required now, with a number of another type; dates with
a time; the text of an `ObjectId`; what an application's own field stores in another form; what
`transform_incoming` rewrites. What is done with them are the entries of `WAYS`, in every mode of a
session.
"""

from __future__ import annotations

import copy
import pickle
import re
from datetime import date, datetime
from typing import Any

import pytest
from bson import DBRef, Int64, ObjectId, Regex
from bson.code import Code as JavaScript

from ommongo import (
    AnythingField,
    DictField,
    Document,
    DocumentField,
    FloatField,
    IntField,
    ListField,
    RefField,
    Session,
    SRefField,
    StringField,
    VersionField,
)
from ommongo.exceptions import BadValueException, InvalidUpdateException
from ommongo.fields import Field

NS = "tests.stored_ids"


class Row(Document):
    config_namespace = NS

    letter, number = StringField(), IntField()


class Place(Document):
    config_namespace = NS
    config_extra_fields = "ignore"

    hall = StringField()
    row = IntField()
    wing = StringField(default="left")
    inner = DocumentField(Row, required=False)


class Seat(Document):
    config_namespace = NS

    place = DocumentField(Place, _id=True)
    guest = StringField(default="")
    tags = ListField(StringField(), required=False)


class DayField(Field[date]):
    """Stores a date as its midnight, and loads any time of it."""

    def validate_wrap(self, value: Any) -> None:
        if not isinstance(value, date):
            self._fail_validation_type(value, date)

    validate_unwrap = validate_wrap

    def wrap(self, value: Any) -> Any:
        self.validate_wrap(value)
        return datetime(value.year, value.month, value.day)

    def unwrap(self, value: Any, session: Any = None) -> Any:
        return value.date()


class Day(Document):
    config_namespace = NS

    date = DayField(_id=True)
    guest = StringField(default="")


class Plain(Document):
    config_namespace = NS

    guest = StringField(default="")


class Amount(Document):
    config_namespace = NS

    amount = DictField(FloatField(), _id=True)
    guest = StringField(default="")


class CapitalsField(Field[str]):
    """Stores capitals, and loads what is stored."""

    def validate_wrap(self, value: Any) -> None:
        if not isinstance(value, str):
            self._fail_validation_type(value, str)

    validate_unwrap = validate_wrap

    def wrap(self, value: Any) -> Any:
        self.validate_wrap(value)
        return value.upper()

    def unwrap(self, value: Any, session: Any = None) -> Any:
        return value


class Code(Document):
    config_namespace = NS

    code = CapitalsField(_id=True)
    guest = StringField(default="")


class Moved(Document):
    config_namespace = NS

    key = StringField(_id=True)
    guest = StringField(default="")

    @classmethod
    def transform_incoming(cls, obj: dict[str, Any], session: Any) -> dict[str, Any]:
        obj["_id"] = f"new {obj['_id']}"
        return obj


class Counted(Document):
    config_namespace = NS

    place = DocumentField(Place, _id=True)
    guest = StringField(default="")
    version = VersionField()


WHOLE = {"hall": "A", "row": 3, "wing": "left"}
STORED: dict[str, tuple[Any, Any]] = {
    "order": (Seat, {"row": 3, "hall": "A", "wing": "left"}),
    "deeper": (Seat, {**WHOLE, "inner": {"number": 1, "letter": "x"}}),
    "extra_first": (Seat, {"x": 1, **WHOLE}),
    "no_default": (Seat, {"hall": "A", "row": 3}),
    "required_missing": (Seat, {"row": 3, "wing": "left"}),
    "versioned": (Counted, {"row": 3, "hall": "A", "wing": "left"}),
    "number": (Amount, {"a": 3, "b": 1.5}),
    "number_of_64_bits": (Seat, {"row": Int64(3), "hall": "A", "wing": "left"}),
    "time_of_day": (Day, datetime(2026, 3, 1, 12, 30)),
    "text_of_an_object_id": (Plain, "5f0c5e3b8f1b2c3d4e5f6a7b"),
    "own_field": (Code, "abc"),
    "hook": (Moved, "old"),
}


@pytest.fixture(params=STORED)
def stored(request, database) -> tuple[Any, Any]:
    """A class, and the `_id` of its one document as it is stored."""
    cls, stored_id = STORED[request.param]
    version = {"version": 1} if cls is Counted else {}
    database[cls.__name__].insert_one({"_id": stored_id, "guest": "Ani", **version})
    return cls, stored_id


def saved(session, document):
    """Save it."""
    document.guest = "Budi"
    session.save(document)


def updated(session, document):
    """Update it."""
    document.guest = "Budi"
    session.update(document)


def upserted(session, document):
    """Update it, or insert it."""
    document.guest = "Budi"
    session.update(document, upsert=True)


def in_a_block(session, document):
    """Write it twice in a block."""
    with session:
        document.guest = "?"
        session.update(document)
        document.guest = "Budi"
        session.save(document)


def in_a_transaction(session, document):
    """Update it in a transaction."""
    with session.transaction():
        document.guest = "Budi"
        session.update(document)


def twice(session, document):
    """Write it again and again."""
    saved(session, document)
    document.guest = "Citra"
    session.save(document)
    document.guest = "Dewi"
    session.update(document)
    updated(session, document)


def of_a_part(session, document):
    """Write what was loaded in part."""
    part = session.query(type(document)).fields("guest").one()
    part.guest = "?"
    session.update(part)
    part.guest = "Budi"
    session.save(part)


def of_a_copy(session, document):
    """Write a copy."""
    document = copy.copy(document)
    session.add_to_session(document)
    updated(session, document)


def of_an_unpickled_one(session, document):
    """Write what was pickled."""
    document = pickle.loads(pickle.dumps(document))
    updated(session, document)


def after_reading_the_id(session, document):
    """Read the id before."""
    getattr(document, type(document)._id_field()._name)
    updated(session, document)


def after_a_reload(session, document):
    """Load it again before."""
    session.reload(document)
    session.reload(document, "guest")
    updated(session, document)


def after_a_refresh(session, document):
    """Write a fresh copy."""
    updated(session, session.refresh(document))


def of_one_that_was_held(session, document):
    """Let the identity map hold it."""
    session = Session(session.db, safe=True, cache_size=10)
    document = session.query(type(document)).one()
    updated(session, document)
    assert session.cache_read(document._wrapped_id()) in (document, None)


WAYS = {
    function.__name__: function
    for function in (
        saved,
        updated,
        upserted,
        in_a_block,
        in_a_transaction,
        twice,
        of_a_part,
        of_a_copy,
        of_an_unpickled_one,
        after_reading_the_id,
        after_a_reload,
        after_a_refresh,
        of_one_that_was_held,
    )
}


@pytest.mark.parametrize("safe", [True, False], ids=["safe", "unsafe"])
@pytest.mark.parametrize("way", WAYS)
def test_a_write_reaches_the_document_that_was_loaded(database, stored, way, safe):
    """There is one document, with the same `_id`, and it holds what was written."""
    cls, stored_id = stored
    session = Session(database, safe=safe)

    WAYS[way](session, session.query(cls).one())

    [found] = database[cls.__name__].find()
    assert found["guest"] == "Budi"
    assert repr(found["_id"]) == repr(stored_id)  # which tells the order, and types


@pytest.mark.parametrize("safe", [True, False], ids=["safe", "unsafe"])
def test_a_removal_removes_the_document_that_was_loaded(database, stored, safe):
    """It is the stored one that goes."""
    cls, _ = stored
    session = Session(database, safe=safe)

    session.remove(session.query(cls).one())

    assert database[cls.__name__].count_documents({}) == 0


def test_wrap_gives_the_id_as_it_is_stored(session, stored):
    """So do `to_ref` and what is compared and hashed."""
    cls, stored_id = stored
    document, same = session.query(cls).one(), session.query(cls).one()

    assert document.to_ref().id == stored_id
    if cls is not Seat or "hall" in stored_id:
        assert repr(document.wrap()["_id"]) == repr(stored_id)
    assert document == same


def test_an_id_that_was_changed_is_refused(session, stored):
    """Whatever its form is, an `_id` never changes."""
    cls, _ = stored
    document = session.query(cls).one()
    name = cls._id_field()._name
    field = cls._id_field()
    values = {
        DocumentField: Place(hall="B", row=9),
        DayField: date(2020, 1, 1),
        DictField: {"a": 9.0},
    }
    value = values.get(type(field), ObjectId() if cls is Plain else "other")
    setattr(document, name, value)
    document.guest = "Budi"

    for write in (session.save, session.update):
        with pytest.raises(InvalidUpdateException, match="was changed"):
            write(document)


def test_an_id_that_was_changed_in_place_is_refused(database, session):
    """Also where nothing else than its form said that it was kept."""
    database["Seat"].insert_one({"_id": {"row": 3, "hall": "A"}, "guest": "Ani"})
    seat = session.query(Seat).one()
    seat.place.row = 4

    with pytest.raises(InvalidUpdateException, match="was changed"):
        session.save(seat)


class Booking(Document):
    config_namespace = NS

    seat_id = SRefField(Seat, required=False)
    seat = seat_id.rel()
    ref = RefField(Seat, required=False)
    by_ref = ref.rel()
    seat_ids = ListField(SRefField(Seat), default_empty=True)
    seats = seat_ids.rel()


@pytest.fixture
def two_seats(database) -> Any:
    """Two documents whose ids differ in the order of their keys alone."""
    database["Seat"].insert_many(
        [
            {"_id": {"row": 3, "hall": "A", "wing": "left"}, "guest": "Ani"},
            {"_id": {"hall": "A", "row": 3, "wing": "left"}, "guest": "Budi"},
        ]
    )
    return database


def test_references_keep_the_form_of_the_id(session, two_seats):
    """A reference leads to the document that was assigned, also when it is loaded again."""
    ani = session.query(Seat).filter_by(guest="Ani").one()
    budi = session.query(Seat).filter_by(guest="Budi").one()
    booking = Booking(seat_ids=[budi.place, ani.place])
    booking.seat = booking.by_ref = ani
    session.save(booking)

    [stored] = two_seats["Booking"].find()
    assert [*stored["seat_id"]] == ["row", "hall", "wing"]
    assert [[*each] for each in stored["seat_ids"]] == [
        ["hall", "row", "wing"],
        ["row", "hall", "wing"],
    ]
    for found in (booking, session.query(Booking).one()):
        session.add_to_session(found)
        assert (found.seat.guest, found.by_ref.guest) == ("Ani", "Ani")
        assert [seat.guest for seat in found.seats] == ["Budi", "Ani"]
    loaded = session.query(Booking).one()
    loaded.seat_ids.append(loaded.seat_id)
    session.update(loaded)
    assert [*two_seats["Booking"].find_one()["seat_ids"][2]] == ["row", "hall", "wing"]


def test_conditions_take_the_id_of_a_loaded_object(session, two_seats):
    """`==`, `in_` and `get` find the object whose id they are given."""
    ani = session.query(Seat).filter_by(guest="Ani").one()

    assert session.query(Seat).filter(Seat.place == ani.place).one().guest == "Ani"
    assert session.query(Seat).filter(Seat.place.in_(ani.place)).one().guest == "Ani"
    assert session.query(Seat).get(ani.place).guest == "Ani"
    assert session.get(Seat, ani.place).guest == "Ani"


def test_ids_that_differ_in_order_are_two(session, two_seats):
    """Two documents that the server holds are not equal."""
    first, second = session.query(Seat).all()

    assert first != second


def test_a_reference_that_would_lead_nowhere_is_refused(session, database):
    """A simple reference stores an id as its field does; where that is another one, it says so."""

    class Diary(Document):
        config_namespace = NS

        day_id = SRefField(Day, required=False)
        day = day_id.rel()
        ref = RefField(Day, required=False)
        by_ref = ref.rel()

    database["Day"].insert_one({"_id": datetime(2026, 3, 1, 12, 30), "guest": "Ani"})
    day = session.query(Day).one()
    diary = Diary()
    with pytest.raises(BadValueException, match="RefField"):
        diary.day = day
    diary.by_ref = day
    session.save(diary)

    assert session.query(Diary).one().by_ref.guest == "Ani"
    assert database["Diary"].find_one()["ref"] == DBRef("Day", datetime(2026, 3, 1, 12, 30))


def test_an_upsert_that_inserts_keeps_the_form_of_the_id(session, database):
    """The `_id` that the server took from the condition is the `_id`."""
    seat = Seat(guest="Ani")
    session.update(seat, {"_id": {"row": 3, "hall": "A"}}, upsert=True)
    seat.guest = "Budi"
    session.update(seat)
    session.save(seat)

    [found] = database["Seat"].find()
    assert [*found["_id"]] == ["row", "hall"]
    assert found["guest"] == "Budi"


def test_an_embedded_document_keeps_its_id(session, database):
    """Storing the parent as a whole stores the id of what is embedded as it was loaded."""

    class Hall(Document):
        config_namespace = NS

        name = StringField(default="")
        best = DocumentField(Seat)
        seats = ListField(DocumentField(Seat))

    seat = {"_id": {"row": 3, "hall": "A", "wing": "left"}, "guest": "Ani"}
    database["Hall"].insert_one({"name": "x", "best": seat, "seats": [seat, seat]})
    hall = session.query(Hall).one()
    assert hall.get_dirty_ops() == {}
    hall.best.guest = "Budi"
    hall.seats[0].guest = "Budi"
    session.update(hall)
    hall.name = "y"
    session.save(hall)

    [found] = database["Hall"].find()
    for each in (found["best"], *found["seats"]):
        assert [*each["_id"]] == ["row", "hall", "wing"]


@pytest.mark.parametrize("cache_size", [0, 10])
@pytest.mark.parametrize("write", ["save", "update", "upsert", "remove", "reload", "block"])
def test_an_id_of_null(database, write, cache_size):
    """What `$group` of all documents stores has an ``_id``: null, and nothing takes its place."""

    class Total(Document):
        config_namespace = None
        config_collection_name = "totals"
        key = AnythingField(_id=True)
        count = IntField()

    database["things"].insert_many([{}, {}])
    database["things"].aggregate(
        [{"$group": {"_id": None, "count": {"$sum": 1}}}, {"$out": "totals"}]
    )
    session = Session(database, safe=True, cache_size=cache_size)
    total = session.query(Total).one()
    total.count = 7

    if write == "remove":
        assert session.remove(total) == {"ok": 1.0, "n": 1}
    elif write == "reload":
        session.reload(total)
        assert total.count == session.refresh(total).count == 2
    elif write == "block":
        with session:
            session.update(total)
    elif write == "upsert":
        session.update(total, upsert=True)
    else:
        getattr(session, write)(total)

    expected = {"remove": [], "reload": [{"_id": None, "count": 2}]}
    assert list(database["totals"].find()) == expected.get(write, [{"_id": None, "count": 7}])


def test_a_new_object_has_no_id_of_null(safe_session):
    """``None`` is the id of what was stored with it alone."""

    class Total(Document):
        config_namespace = None
        config_collection_name = "totals"
        key = AnythingField(_id=True)

    safe_session.save(Total(key=None))

    assert type(safe_session.query(Total).one().key) is ObjectId
    with pytest.raises(InvalidUpdateException):
        total = safe_session.query(Total).one()
        total.key = None
        safe_session.save(total)


@pytest.mark.parametrize("cache_size", [0, 10])
@pytest.mark.parametrize(
    "stored_id", [JavaScript("x"), {"c": JavaScript("x")}], ids=["code", "in a dict"]
)
@pytest.mark.parametrize("other", [[Regex("a")], re.compile("a"), JavaScript("y")])
def test_ids_without_a_hash(database, stored_id, other, cache_size):
    """What Python cannot hash is an id like any other, and what is none refers to nothing."""

    class Anything(Document):
        config_namespace = None
        config_collection_name = "anything"
        key = AnythingField(_id=True)

    class Referring(Document):
        config_namespace = None
        keys = ListField(SRefField(Anything))
        found = keys.rel(ignore_missing=True)

    database["anything"].insert_one({"_id": stored_id})
    session = Session(database, safe=True, cache_size=cache_size)
    loaded = session.query(Anything).one()
    referring = Referring(keys=[stored_id, stored_id])
    session.add_to_session(referring)

    assert session.get(Anything, stored_id).key == loaded.key == stored_id
    assert [each.key for each in referring.found] == [stored_id, stored_id]
    assert session.get(Anything, other) is None
