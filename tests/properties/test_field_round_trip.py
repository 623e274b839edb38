"""What a field stores comes back: ``unwrap(wrap(value)) == value``, through real BSON."""

from __future__ import annotations

import math
import random
from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import bson
import pytest
import pytz
from bson import CodecOptions
from bson.binary import Binary
from bson.dbref import DBRef
from bson.int64 import Int64
from bson.objectid import ObjectId
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ommongo.document import Document
from ommongo.exceptions import BadValueException
from ommongo.fields import (
    AnythingField,
    BinaryField,
    BoolField,
    ComputedField,
    CreatedField,
    DateTimeField,
    DictField,
    DocumentField,
    EnumField,
    Field,
    FloatField,
    GeoField,
    IntField,
    KVField,
    ListField,
    ModifiedField,
    NumberField,
    ObjectIdField,
    RefField,
    RegExStringField,
    SetField,
    SRefField,
    StringField,
    TupleField,
)
from tests.properties.examples import examples

# Many fields, so few examples of each; and no deadline, because a busy machine breaks no promise.
each_field = settings(max_examples=examples(40), deadline=None)
UTC = timezone.utc
BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [
    UTC,
    timezone(timedelta(hours=-9)),
    BERLIN,
    pytz.timezone("Asia/Jakarta"),
]


class Target(Document):
    """What references refer to, and what is embedded."""

    config_namespace = "tests.round_trip"
    config_collection_name = "targets"

    text = StringField(required=False)
    numbers = ListField(IntField(), required=False)


class Settings:
    """The two settings of a session that loading depends on."""

    def __init__(self, zone: Any = None) -> None:
        self.timezone = zone
        self.tz_aware = zone is not None


def through_bson(field: Field[Any], value: Any, session: Settings | None = None) -> Any:
    """Store a value as the driver does, and load it as a session would."""
    options: CodecOptions[Any] = CodecOptions(
        tz_aware=session is not None and session.tz_aware,
        tzinfo=None if session is None else session.timezone,
    )
    stored = bson.encode({"v": field.wrap(value)})
    return field.unwrap(bson.decode(stored, options)["v"], session)


def same(one: Any, other: Any) -> bool:
    """Compare two values; not-a-number equals itself, and dates are instants."""
    if isinstance(one, float) and isinstance(other, float) and math.isnan(one):
        return math.isnan(other)
    if isinstance(one, datetime) and isinstance(other, datetime):
        return instant(one) == instant(other)
    if isinstance(one, Document):
        return type(one) is type(other) and one.wrap() == other.wrap()
    if isinstance(one, (list, tuple)):
        return type(one) is type(other) and len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    return type(one) is type(other) and bool(one == other)


def instant(date: datetime) -> datetime:
    """Give a date as it is stored: in UTC, to the millisecond."""
    date = date.astimezone(UTC) if date.tzinfo is not None else date.replace(tzinfo=UTC)
    return date.replace(microsecond=date.microsecond // 1000 * 1000)


# -- values ---------------------------------------------------------------------------------------

texts = st.text(st.characters(codec="utf-8"))
ints = st.integers(-(2**63), 2**63 - 1)
floats = st.floats()
object_ids = st.binary(min_size=12, max_size=12).map(ObjectId)
naive_dates = st.datetimes()
aware_dates = st.datetimes(
    datetime(1800, 1, 1), datetime(2200, 1, 1), timezones=st.sampled_from(ZONES)
)
keys = st.text(st.characters(codec="utf-8", exclude_characters=".$\0"))
refs = st.builds(DBRef, st.just("targets"), object_ids, st.none() | st.just("elsewhere"))
targets = st.builds(
    lambda text, numbers: Target(
        **({} if text is None else {"text": text}), **({} if not numbers else {"numbers": numbers})
    ),
    st.none() | texts,
    st.lists(ints, max_size=3),
)
# Numbers come back as they are, but for the driver's own type of a 64-bit int.
plain = st.none() | st.booleans() | st.integers(-(2**31), 2**31 - 1) | floats | texts | object_ids
anything = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3)
)

CASES: dict[str, tuple[Field[Any], st.SearchStrategy[Any]]] = {
    "StringField": (StringField(), texts),
    "StringField bounds": (StringField(5, 2), texts.filter(lambda text: 2 <= len(text) <= 5)),
    "RegExStringField": (RegExStringField(r"[a-z]+$"), st.from_regex(r"\A[a-z]+\Z")),
    "BinaryField": (BinaryField(), st.binary().map(Binary)),
    "BinaryField subtype": (BinaryField(), st.builds(Binary, st.binary(), st.just(5))),
    "BoolField": (BoolField(), st.booleans()),
    "FloatField": (FloatField(), floats),
    "FloatField bounds": (FloatField(-1, 1), st.floats(-1, 1)),
    "NumberField": (NumberField(float), floats),
    "DateTimeField": (DateTimeField(), naive_dates),
    "ModifiedField": (ModifiedField(), naive_dates),
    "CreatedField": (CreatedField(), naive_dates),
    "TupleField": (TupleField(BoolField(), StringField()), st.tuples(st.booleans(), texts)),
    "GeoField": (GeoField(), st.tuples(floats, floats)),
    "EnumField": (EnumField(StringField(), "a", "b"), st.sampled_from("ab")),
    "AnythingField": (AnythingField(), anything),
    "ObjectIdField": (ObjectIdField(), object_ids),
    "ListField": (ListField(StringField()), st.lists(texts)),
    "ListField nested": (ListField(ListField(FloatField())), st.lists(st.lists(floats))),
    "SetField": (SetField(StringField()), st.sets(texts)),
    "SetField of dates": (SetField(DateTimeField()), st.sets(naive_dates.map(instant)).map(
        lambda dates: {date.replace(tzinfo=None) for date in dates})),
    "DictField": (DictField(FloatField()), st.dictionaries(keys, floats)),
    "KVField": (KVField(FloatField(), StringField()), st.dictionaries(
        st.floats(allow_nan=False), texts)),
    "KVField of tuples": (KVField(TupleField(StringField()), BoolField()), st.dictionaries(
        st.tuples(texts), st.booleans())),
    "DocumentField": (DocumentField(Target), targets),
    "ListField of documents": (ListField(DocumentField(Target)), st.lists(targets, max_size=3)),
    "RefField": (RefField(Target), refs),
    "SRefField": (SRefField(Target), object_ids),
    "ComputedField": (ComputedField(StringField(), len), texts),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
@each_field
@given(data=st.data())
def test_values_come_back(case, data):
    """Whatever a field accepts is loaded as it was stored."""
    field, values = CASES[case]
    value = data.draw(values)

    assert field.is_valid_wrap(value)
    assert same(through_bson(field, value), value)


@pytest.mark.parametrize("case", CASES)
@each_field
@given(data=st.data())
def test_what_is_stored_can_be_loaded_and_stored_again(case, data):
    """A stored value is valid for loading, and storing what was loaded changes nothing."""
    field, values = CASES[case]
    stored = field.wrap(data.draw(values))
    as_loaded = bson.decode(bson.encode({"v": stored}))["v"]

    assert field.is_valid_unwrap(as_loaded)
    assert bson.encode({"v": field.wrap(field.unwrap(as_loaded))}) == bson.encode({"v": stored})


@settings(deadline=None)
@given(ints | ints.map(Int64))
def test_ints_come_back(number):
    """Every int of 64 bits is loaded as it was stored (as the driver's own int, if it is long)."""
    assert through_bson(IntField(), number) == number
    assert through_bson(NumberField(int), number) == number


@settings(deadline=None)
@given(st.integers(-(2**53), 2**53))
def test_ints_in_a_float_field_come_back(number):
    """Ints that a float holds exactly are loaded as equal floats."""
    loaded = through_bson(FloatField(), number)

    assert loaded == number
    assert type(loaded) is float


@settings(deadline=None)
@given(aware_dates, st.sampled_from([None, *ZONES]), st.booleans())
@example(datetime(1987, 3, 29, 2, tzinfo=BERLIN), BERLIN, False)  # a time that there was not
def test_aware_dates_come_back_as_the_same_instant(date, zone, use_tz):
    """An aware date is loaded as the instant that was stored, in the session's time zone."""
    loaded = through_bson(DateTimeField(use_tz=use_tz), date, Settings(zone))

    assert instant(loaded) == instant(date)
    assert (loaded.tzinfo is None) == (zone is None and not use_tz)
    if loaded.tzinfo is not None:
        # By way of UTC: a time that clocks skip in spring stays as it is in its own zone.
        assert loaded.utcoffset() == date.astimezone(UTC).astimezone(zone or UTC).utcoffset()


@settings(deadline=None)
@given(st.lists(plain, unique_by=repr))
def test_a_set_is_stored_in_one_order(items):
    """The order of a stored set does not depend on that in which it was filled."""
    field = SetField(AnythingField())
    distinct = set(items)
    stored = field.wrap(distinct)
    shuffled = list(distinct)
    random.Random(len(items)).shuffle(shuffled)

    assert repr(field.wrap(set(shuffled))) == repr(stored)
    assert repr(sorted(map(repr, field.unwrap(stored)))) == repr(sorted(map(repr, distinct)))


# (An unknown key of a document is refused by an exception of its own.)
@pytest.mark.parametrize("case", [case for case in CASES if "ocument" not in case])
@each_field
@given(value=anything | st.sets(st.integers()) | st.binary() | naive_dates | st.integers())
def test_judging_and_converting_agree(case, value):
    """What a field calls valid it converts, and the rest it refuses; nothing else is raised."""
    field, _ = CASES[case]
    for judge, convert in (
        (field.is_valid_wrap, field.wrap),
        (field.is_valid_unwrap, field.unwrap),
    ):
        if judge(value):
            convert(value)
        else:
            with pytest.raises(BadValueException):
                convert(value)
