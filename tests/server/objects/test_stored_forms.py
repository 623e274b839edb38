"""
What an object takes for storing can be loaded again, in the form in which it is stored.

The stored form differs from the value in Python: a date has milliseconds, a float cannot hold each
int, an id may come as text. So what is judged before is judged as it is stored: bounds of a float,
the capacity of a set, the keys of a dict, a choice of dates. And a validator is asked on loading,
about the stored form: what it refuses there is refused on storing, by every way of writing. A part
of an embedded document that is sent alone is judged with the whole, too.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from ommongo import (
    AnythingField,
    DateTimeField,
    DictField,
    Document,
    DocumentField,
    EnumField,
    FloatField,
    IntField,
    KVField,
    ListField,
    ObjectIdField,
    Session,
    SetField,
    StringField,
)
from ommongo.exceptions import BadValueException

NAMESPACE = "tests.server.stored_forms"
NEW_YEAR = datetime(2024, 1, 1)
TICK = timedelta(microseconds=1)


def declare(field):
    """Declare a class with that field."""

    class Holder(Document):
        config_namespace = None
        config_collection_name = "holders"
        value = field

    return Holder


ALIKE = {
    "float above a bound": (FloatField(min_value=2**53 + 1), 2**53 + 1),
    "items of a set": (SetField(ObjectIdField(), min_capacity=2), {"6" * 24, b"f" * 12}),
    "dates of a set": (SetField(DateTimeField(), min_capacity=2), {NEW_YEAR, NEW_YEAR + TICK}),
    "keys": (KVField(DateTimeField(), IntField()), {NEW_YEAR: 1, NEW_YEAR + TICK: 2}),
    "keys of any kind": (KVField(AnythingField(), IntField()), {NEW_YEAR: 1, NEW_YEAR + TICK: 2}),
    "keys in a list": (
        ListField(KVField(DateTimeField(), IntField())),
        [{NEW_YEAR: 1, NEW_YEAR + TICK: 2}],
    ),
}


@pytest.mark.parametrize(("field", "value"), ALIKE.values(), ids=ALIKE)
@pytest.mark.parametrize("way", ["save", "update", "set", "upsert"])
def test_what_is_stored_alike(safe_session, field, value, way):
    """Values that only Python tells apart are refused where they have to differ."""
    holder = declare(field)
    field.required = False
    if way != "save":
        safe_session.save(holder())

    with pytest.raises(BadValueException):
        if way == "save":
            safe_session.save(holder(value=value))
        elif way == "update":
            stored = safe_session.query(holder).one()
            stored.value = value
            safe_session.update(stored)
        else:
            update = safe_session.query(holder).set(holder.value, value)
            (update.upsert() if way == "upsert" else update).execute()

    assert all("value" not in stored for stored in safe_session.db["holders"].find())


def test_a_set_of_dates_holds_each_once(safe_session):
    """Two dates of one millisecond are one item."""
    holder = declare(SetField(DateTimeField()))

    safe_session.save(holder(value={NEW_YEAR, NEW_YEAR + TICK}))

    assert safe_session.db["holders"].find_one()["value"] == [NEW_YEAR]


@pytest.mark.parametrize("tz_aware", [False, True])
def test_a_choice_of_dates_is_saved_again(safe_session, tz_aware):
    """What was loaded of a choice is one, also where it reads as another value."""
    holder = declare(EnumField(DateTimeField(), NEW_YEAR + TICK))
    safe_session.save(holder(value=NEW_YEAR + TICK))
    session = Session(safe_session.db, safe=True, tz_aware=tz_aware)

    loaded = session.query(holder).one()
    session.save(loaded)
    loaded.value = loaded.value
    session.update(loaded)

    assert safe_session.db["holders"].find_one()["value"] == NEW_YEAR


def under_five(stored):
    """Refuse greater sums."""
    return (stored if isinstance(stored, int) else sum(stored)) < 5


def ordered(value):
    """Refuse a range that ends before it begins."""
    stored = value if isinstance(value, dict) else value.wrap()
    return stored["first"] <= stored["last"]


class Range(Document):
    config_namespace = NAMESPACE
    first = IntField(default=1)
    last = IntField(default=2)


class Outer(Document):
    config_namespace = NAMESPACE
    range = DocumentField(Range, validator=ordered)


class Judged(Document):
    config_namespace = NAMESPACE
    config_collection_name = "judged"

    number = IntField(unwrap_validator=under_five, default=1)
    numbers = ListField(IntField(), unwrap_validator=under_five, default_empty=True)
    chosen = SetField(IntField(), unwrap_validator=under_five, default_empty=True)
    by_name = DictField(IntField(unwrap_validator=under_five), default_empty=True)
    range = DocumentField(Range, validator=ordered)
    loaded = DocumentField(Range, unwrap_validator=ordered)
    outer = DocumentField(Outer)
    text = StringField(default="a")


CHANGES = {
    "scalar": lambda judged: setattr(judged, "number", 50),
    "list": lambda judged: judged.numbers.append(50),
    "set": lambda judged: judged.chosen.add(50),
    "dict": lambda judged: judged.by_name.update(a=50),
    "embedded": lambda judged: setattr(judged.range, "first", 50),
    "on loading alone": lambda judged: setattr(judged.loaded, "first", 50),
    "below": lambda judged: setattr(judged.outer.range, "first", 50),
}
WAYS = {
    "save": lambda session, judged: session.save(judged),
    "update": lambda session, judged: session.update(judged),
    "add": lambda session, judged: session.add(judged),
    "upsert": lambda session, judged: session.update(judged, upsert=True),
    "clone": lambda session, judged: session.save(session.clone(judged)),
}


@pytest.mark.parametrize("is_partial", [False, True])
@pytest.mark.parametrize("write", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_validators(safe_session, change, write, is_partial):
    """What a validator would refuse on loading is refused when it is queued."""
    judged = Judged(range=Range(), loaded=Range(), outer=Outer(range=Range()))
    safe_session.save(judged)
    before = list(safe_session.db["judged"].find())
    query = safe_session.query(Judged)
    if is_partial and write is WAYS["clone"]:
        return  # which clones whole documents only
    if is_partial:
        query = query.fields(*(name for name in Judged._fields if name != "text"))
    judged = query.one()

    with pytest.raises(BadValueException):
        change(judged)
        write(safe_session, judged)
        safe_session.flush()

    assert list(safe_session.db["judged"].find()) == before
    assert not safe_session.queue
    assert safe_session.query(Judged).all()


def test_a_validator_that_cannot_judge_what_is_loaded(safe_session):
    """Whatever it raises about the stored form, nothing is stored that cannot be loaded."""
    holder = declare(DocumentField(Range, validator=lambda value: value.first <= value.last))

    with pytest.raises(BadValueException, match="AttributeError"):
        safe_session.save(holder(value=Range()))

    assert safe_session.db["holders"].find_one() is None


def test_a_change_that_the_validators_take(safe_session):
    """A part is sent alone, as ever."""
    safe_session.save(Judged(range=Range(), loaded=Range(), outer=Outer(range=Range())))
    judged = safe_session.query(Judged).one()
    judged.range.last = 9

    assert judged.get_dirty_ops() == {"$set": {"range.last": 9}}
