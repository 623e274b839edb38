"""
What `Document.unwrap` is given need not be a driver's: it is judged at any depth.

Members: an int of more than 64 bits, text that UTF-8 cannot encode, and a naive date for a
time-zone-aware session; in the document itself, in one that is embedded (by its class or by its
name), in a list, a dict and a tuple, in an embedded document's own, and in documents of a family.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from ommongo import (
    CreatedField,
    DateTimeField,
    DictField,
    Document,
    DocumentField,
    IntField,
    ListField,
    StringField,
    TupleField,
)
from ommongo.exceptions import BadDocumentException


class Part(Document):
    config_namespace = "tests.foreign"
    number = IntField(required=False)
    text = StringField(required=False)
    date = DateTimeField(required=False)
    dates = ListField(DateTimeField(), required=False)
    created = CreatedField(required=False)
    part = DocumentField("Part", required=False)


class Kind(Document):
    config_namespace = "tests.foreign"
    config_polymorphic = "kind"
    config_polymorphic_identity = "kind"
    kind = StringField()
    number = IntField(required=False)
    text = StringField(required=False)
    date = DateTimeField(required=False)
    dates = ListField(DateTimeField(), required=False)
    created = CreatedField(required=False)


class Whole(Document):
    config_namespace = "tests.foreign"
    number = IntField(required=False)
    text = StringField(required=False)
    date = DateTimeField(required=False)
    dates = ListField(DateTimeField(), required=False)
    created = CreatedField(required=False)
    part = DocumentField(Part, required=False)
    named = DocumentField("Part", required=False)
    parts = ListField(DocumentField(Part), required=False)
    by_key = DictField(DocumentField(Part), required=False)
    pair = TupleField(IntField(), DocumentField(Part), required=False)
    kind = DocumentField(Kind, required=False)
    kinds = ListField(DocumentField(Kind), required=False)


PLACES = {
    "itself": (Whole, lambda part: part, lambda whole: whole),
    "family": (Kind, lambda part: {"kind": "kind", **part}, lambda whole: whole),
    "embedded": (Whole, lambda part: {"part": part}, lambda whole: whole.part),
    "named": (Whole, lambda part: {"named": part}, lambda whole: whole.named),
    "deeper": (Whole, lambda part: {"part": {"part": part}}, lambda whole: whole.part.part),
    "list": (Whole, lambda part: {"parts": [{}, part]}, lambda whole: whole.parts[1]),
    "dict": (Whole, lambda part: {"by_key": {"a": part}}, lambda whole: whole.by_key["a"]),
    "tuple": (Whole, lambda part: {"pair": [1, part]}, lambda whole: whole.pair[1]),
    "embedded family": (
        Whole,
        lambda part: {"kind": {"kind": "kind", **part}},
        lambda whole: whole.kind,
    ),
    "list of a family": (
        Whole,
        lambda part: {"kinds": [{"kind": "kind", **part}]},
        lambda whole: whole.kinds[0],
    ),
}
EACH_PLACE = pytest.mark.parametrize(("cls", "placed", "found"), PLACES.values(), ids=list(PLACES))


@EACH_PLACE
@pytest.mark.parametrize("part", [{"number": 2**63}, {"text": "\ud800"}], ids=["int", "text"])
def test_what_no_server_holds_is_refused(cls, placed, found, part):
    """A value that could not be stored again is not loaded."""
    [name] = part

    with pytest.raises(BadDocumentException) as caught:
        cls.unwrap(placed(part))

    assert caught.value.name.endswith(f".{name}")


class Session:
    """The two settings of a session that loading depends on."""

    def __init__(self, zone):
        self.timezone = zone
        self.tz_aware = True


@EACH_PLACE
@pytest.mark.parametrize("zone", [None, timezone(timedelta(hours=7))], ids=["UTC", "a zone"])
def test_dates_are_in_the_time_zone_of_the_session(cls, placed, found, zone):
    """A naive date is UTC, and a session with time zones has aware ones."""
    naive = datetime(2024, 8, 17, 3)
    part = {"date": naive, "dates": [naive], "created": naive}

    loaded = found(cls.unwrap(placed(part), session=Session(zone)))

    for date in (loaded.date, *loaded.dates, loaded.created):
        assert date == naive.replace(tzinfo=timezone.utc)
        assert date.utcoffset() == (zone or timezone.utc).utcoffset(None)
