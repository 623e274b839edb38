"""Fields of object ids."""

from __future__ import annotations

import inspect

import pytest
from bson.objectid import ObjectId

from ommongo.document import Document
from ommongo.exceptions import InvalidConfigException
from ommongo.fields import ObjectIdField
from ommongo.util import UNSET
from tests.unit.fields.refusals import refusal

OID = ObjectId("5f0c5e3b8f1b2c3d4e5f6a7b")


@pytest.mark.parametrize("name", ["wrap", "unwrap", "wrap_value"])
@pytest.mark.parametrize("value", [OID, str(OID), str(OID).upper(), OID.binary])
def test_every_form_of_an_id(name, value):
    """An id, its digits and its bytes are one id, storing, loading and querying."""
    converted = getattr(ObjectIdField(), name)(value)

    assert converted == OID
    assert type(converted) is ObjectId


@pytest.mark.parametrize("name", ["wrap", "unwrap", "validate_wrap", "validate_unwrap"])
@pytest.mark.parametrize(
    "value",
    [
        "5f0c5e3b8f1b2c3d4e5f6a7",
        "5f0c5e3b8f1b2c3d4e5f6a7b\n",
        "zf0c5e3b8f1b2c3d4e5f6a7b",
        "twelve chars",
        "ab ab ab ab ab ab ab ab ",
        b"eleven byte",
        b"",
        33333,
        ["5f0c5e3b8f1b2c3d4e5f6a7b"],
    ],
)
def test_everything_else_is_refused(name, value):
    """What does not make an id is refused, and the message says what would."""
    assert "ObjectId" in str(refusal(getattr(ObjectIdField(), name), value))


def test_assigned_value_is_kept_as_given():
    """The attribute holds what was assigned; what is stored is an id."""

    class Thing(Document):
        other = ObjectIdField()

    thing = Thing(other=str(OID))

    assert thing.other == str(OID)
    assert thing.wrap() == {"other": OID}


def test_gen_makes_new_ids():
    """Each call gives another id."""
    field = ObjectIdField()
    assert isinstance(field.gen(), ObjectId)
    assert field.gen() != field.gen()


def test_auto_is_a_default_that_stays():
    """An automatic id is made when it is first read, and the document keeps it."""

    class Thing(Document):
        other = ObjectIdField(auto=True)

    thing = Thing()

    assert thing.other is thing.other
    assert thing.wrap() == {"other": thing.other}
    assert thing.other != Thing().other


def test_auto_default_comes_from_gen():
    """A subclass may make ids of its own."""

    class Fixed(ObjectIdField):
        def gen(self):
            return OID

    assert Fixed(auto=True).default == OID
    assert ObjectIdField().default is UNSET


@pytest.mark.parametrize("options", [{"default": OID}, {"default_f": ObjectId}])
def test_auto_and_another_default_exclude_each_other(options):
    """An automatic id is a default, and there is one default."""
    with pytest.raises(InvalidConfigException, match=r"auto and a default.*Keep one"):
        ObjectIdField(auto=True, **options)


def test_session_is_kept():
    """The first parameter is kept, without effect."""
    marker = object()
    assert ObjectIdField(marker).session is marker
    assert list(inspect.signature(ObjectIdField).parameters)[:2] == ["session", "auto"]
