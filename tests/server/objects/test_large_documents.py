"""Large documents that are loaded one by one: nothing of them is encoded to be remembered."""

from __future__ import annotations

import copy
import pickle
import sys
from datetime import datetime, timezone

import pytest
from bson import DBRef, Decimal128, Int64, ObjectId, Regex, Timestamp, encode
from bson.binary import Binary
from bson.codec_options import CodecOptions, DatetimeConversion
from bson.datetime_ms import DatetimeMS
from bson.raw_bson import RawBSONDocument

from ommongo import AnythingField, DictField, Document, IntField, ListField, Session, StringField
from ommongo._tracking import State
from tests.helpers import bodies_of

# More than the least size of a large document.
TEXT = "x" * 70_000
VALUES = {
    "int": 1,
    "long": Int64(1),
    "float": float("nan"),
    "zero": -0.0,
    "none": None,
    "date": datetime(2024, 2, 29, 12, 30, 1, 5000),
    "id": ObjectId(b"a" * 12),
    "bytes": b"b",
    "binary": Binary(b"b", 128),
    "decimal": Decimal128("1.10"),
    "regex": Regex("^a", "i"),
    "timestamp": Timestamp(1, 2),
    "reference": DBRef("people", 1),
    "list": [1, Int64(1), 1.0, True, [{"a": []}]],
    "dict": {"b": {"c": {}}, "a": TEXT},
}


def as_stored(value):
    """Give a value in a form that compares types, and NaN with NaN."""
    return encode({"v": value})


class Chest(Document):
    config_namespace = "tests.large_documents"
    config_collection_name = "chests"

    name = StringField(required=False)
    body = AnythingField(required=False)
    parts = DictField(AnythingField(), required=False, db_field="p")
    items = AnythingField(required=False)
    sizes = ListField(IntField(), required=False)


class Changing(Chest):
    """A class whose documents hold something else than what is stored."""

    config_namespace = None

    @classmethod
    def transform_incoming(cls, obj, session):
        obj["body"] = {"was": obj["body"]}
        return obj


class Adding(Chest):
    """A class whose documents are made by a method of its own."""

    config_namespace = None

    def __init__(self, **values):
        super().__init__(**values)
        self.body["added"] = True


STORED = {"_id": 1, "name": "a", "body": VALUES, "p": VALUES, "items": [VALUES], "sizes": [1]}


@pytest.fixture
def stored(database):
    """Have a large document in the database, and a small one."""
    database["chests"].insert_many([{**STORED, "_id": ObjectId()}, {"body": {"a": [1]}}])
    return database["chests"]


def large(session, cls=Chest):
    """Load the large document."""
    return session.query(cls).filter(Chest.name == "a").first()


WAYS = {
    "first": large,
    "one": lambda session: session.query(Chest).filter(Chest.name == "a").one(),
    "get": lambda session: session.get(Chest, session.db["chests"].find_one({"name": "a"})["_id"]),
    "all": lambda session: session.query(Chest).filter(Chest.name == "a").all()[0],
}


@pytest.mark.parametrize("way", WAYS)
def test_what_was_only_read_is_clean(make_session, stored, commands, way):
    """Whatever is in it, and however it was loaded."""
    session = make_session()
    chest = WAYS[way](session)
    for name in ("name", "body", "parts", "items", "sizes"):
        getattr(chest, name)
    commands.clear()
    session.update(chest)

    assert chest.get_dirty_ops() == {}
    assert commands.names() == []
    assert as_stored(chest.body) == as_stored(VALUES)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ["body", "parts"])
def test_a_change_in_place_is_stored(make_session, stored, way, name):
    """Deep in the value, and of a type only; nothing else is sent."""
    session = make_session()
    chest = WAYS[way](session)
    value = getattr(chest, name)
    value["dict"]["b"]["c"]["d"] = 1
    value["long"] = 1.0

    expected = copy.deepcopy(VALUES)
    expected["dict"]["b"]["c"]["d"] = 1
    expected["long"] = 1.0
    stored_name = {"body": "body", "parts": "p"}[name]
    assert list(chest.get_dirty_ops()["$set"]) == [stored_name]
    session.update(chest)
    assert as_stored(stored.find_one({"name": "a"})[stored_name]) == as_stored(expected)
    assert chest.get_dirty_ops() == {}


@pytest.mark.parametrize("name", ["body", "parts"])
def test_reading_encodes_nothing(make_session, stored, name):
    """The snapshot is cut out of what the driver has received."""
    chest = large(make_session())
    encoded = []

    def note(frame, event, argument):
        if event == "c_call" and argument.__name__ in ("_dict_to_bson", "_dict_to_bson_with_size"):
            encoded.append(frame.f_code.co_name)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        value = getattr(chest, name)
    finally:
        sys.setprofile(before)

    assert value["dict"]["a"] == TEXT
    assert encoded == []


def test_time_zones(make_session, stored):
    """Aware dates are compared with what is stored of them, too."""
    session = make_session(timezone=timezone.utc)
    chest = large(session)

    assert chest.body["date"].tzinfo is not None
    assert chest.get_dirty_ops() == {}
    chest.body["date"] = chest.body["date"].replace(year=2028)
    session.update(chest)
    assert stored.find_one({"name": "a"})["body"]["date"] == VALUES["date"].replace(year=2028)


def test_an_object_that_is_held_stays_as_it_is(make_session, stored):
    """What it holds, and what it knows, is not touched by its being found again."""
    session = make_session(cache_size=None)
    chest = large(session)
    chest.body["new"] = 1

    assert large(session) is chest
    assert chest.body["new"] == 1
    assert list(chest.get_dirty_ops()) == ["$set"]
    session.update(chest)
    assert stored.find_one({"name": "a"})["body"]["new"] == 1


def test_a_class_that_changes_what_it_loads(make_session, stored):
    """What its hook made of the stored value is the change."""
    chest = large(make_session(), Changing)

    assert as_stored(chest.body) == as_stored({"was": VALUES})
    assert list(chest.get_dirty_ops()["$set"]) == ["body"]


def test_a_class_with_a_method_of_its_own(make_session, stored):
    """What it adds counts as stored, as in any document that it makes."""
    chest = large(make_session(), Adding)

    assert chest.body["added"] is True
    assert chest.get_dirty_ops() == {}


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda c: pickle.loads(pickle.dumps(c))]
)
def test_a_copy_knows_what_is_stored(make_session, stored, copied):
    """Whether it was read before or after it was copied."""
    chest = large(make_session())
    twin = copied(chest)
    twin.body["long"] = 2

    assert list(twin.get_dirty_ops()["$set"]) == ["body"]
    twin = copied(chest)
    assert as_stored(twin.parts) == as_stored(VALUES)
    assert "p" not in twin.get_dirty_ops().get("$set", {})


def test_a_small_document_is_as_any(make_session, stored):
    """It has no BSON to keep."""
    session = make_session()
    chest = session.query(Chest).filter(Chest.name.exists(False)).first()
    chest.body["a"].append(2)

    assert chest.get_dirty_ops() == {"$set": {"body": {"a": [1, 2]}}}


@pytest.mark.parametrize("way", ["AUTO", "MS", "CLAMP"])
@pytest.mark.parametrize("inside", [True, False])
def test_a_date_that_python_has_not(client, database, stored, commands, way, inside):
    """It is no change, wherever it is and whatever the driver makes of it."""
    far = DatetimeMS(2**60)
    stored.update_one({"name": "a"}, {"$set": {"body.far" if inside else "items": far}})
    options = CodecOptions(datetime_conversion=DatetimeConversion[f"DATETIME_{way}"])
    session = Session(client.get_database(database.name, codec_options=options))
    chest = large(session)

    assert chest.body["int"] == 1
    assert chest.get_dirty_ops() == {}
    chest.parts["int"] = 2
    commands.clear()
    session.update(chest)
    (command,) = bodies_of(commands, "update")
    assert [list(update["u"]["$set"]) for update in command["updates"]] == [["p"]]


@pytest.mark.parametrize("inside", [True, False])
def test_text_that_is_no_text(client, database, stored, inside):
    """What the driver replaces in it is no change."""
    bad = encode({"v": "x??x"}).replace(b"??", b"\xff\xff")
    place = "body.bad" if inside else "items"
    stored.update_one({"name": "a"}, {"$set": {place: RawBSONDocument(bad)}})
    options = CodecOptions(unicode_decode_error_handler="replace")
    session = Session(client.get_database(database.name, codec_options=options))
    chest = large(session)

    assert (chest.body["bad"] if inside else chest.items)["v"] == "x\ufffd\ufffdx"
    assert chest.body["int"] == 1
    assert chest.get_dirty_ops() == {}


class Ignoring(Chest):
    """A class of which an update leaves a large value alone."""

    config_namespace = None
    parts = DictField(AnythingField(), on_update="ignore", db_field="p")


def test_a_removed_document_that_is_stored_again(make_session, stored):
    """What was stored of it before it was removed is not what is stored."""
    session = make_session()
    chest = large(session, Ignoring)
    session.remove(chest)
    chest.parts["int"] = 2
    session.update(chest, upsert=True)
    assert stored.find_one({"name": "a"})["p"]["int"] == 2
    chest.parts["int"] = 1
    session.update(chest, update_ops={"parts": "$set"})

    assert stored.find_one({"name": "a"})["p"]["int"] == 1


def test_a_removal_that_is_undone(make_session, stored):
    """What is stored is known again."""
    session = make_session()
    chest = large(session)
    with pytest.raises(LookupError), session.transaction():
        session.remove(chest)
        raise LookupError
    chest.body["int"] = 2

    assert list(chest.get_dirty_ops()["$set"]) == ["body"]
    session.update(chest)
    assert stored.find_one({"name": "a"})["body"]["int"] == 2


def test_a_state_of_an_earlier_version():
    """A document that was pickled before its attributes stood where they do can be used."""
    before = State({"name": "a"})
    attributes = before.__getstate__()
    del attributes["particulars"]
    state = State.__new__(State)
    state.__setstate__({**attributes, "score": 2.5})

    assert state.particulars.score == 2.5
    assert before.particulars.score == 0
    assert state.copy().committed == {"name": "a"}


def test_a_save_that_is_undone(make_session, stored):
    """What was stored is known again."""
    session = make_session()
    chest = large(session)
    chest.body["int"] = 2
    session.add(chest)
    assert chest.get_dirty_ops() == {}
    session.clear_queue()

    assert list(chest.get_dirty_ops()["$set"]) == ["body"]
    chest.body["int"] = 1
    assert chest.get_dirty_ops() == {}
