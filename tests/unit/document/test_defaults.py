"""Defaults: what an unset field reads as, once for each document."""

from __future__ import annotations

import itertools

import pytest
from bson import ObjectId

from ommongo import (
    AnythingField,
    DictField,
    Document,
    IntField,
    ListField,
    ObjectIdField,
    SetField,
    StringField,
)


class Settings(Document):
    """A class of which every field has a default."""

    theme = StringField(default="dark")
    size = IntField(default=10, db_field="s")
    nothing = StringField(default=None)
    names = ListField(StringField(), default_empty=True)
    groups = SetField(StringField(), default_empty=True)
    limits = DictField(IntField(), default_empty=True)
    shared = ListField(IntField(), default=[1, 2])


class Keyed(Document):
    """A class with an automatic id."""

    key = ObjectIdField(_id=True, auto=True)
    other = ObjectIdField(auto=True)


def test_an_unset_field_reads_as_its_default():
    """In a full document a field that was not set has its default."""
    settings = Settings()

    assert (settings.theme, settings.size, settings.nothing) == ("dark", 10, None)
    assert (settings.names, settings.groups, settings.limits) == ([], set(), {})


def test_a_set_field_does_not_read_as_its_default():
    """A value that was set hides the default."""
    assert Settings(theme="light").theme == "light"


def test_defaults_are_part_of_what_is_stored():
    """`wrap` has the defaults of unset fields, whether they were read or not."""
    assert Settings().wrap() == {
        "theme": "dark",
        "s": 10,
        "nothing": None,
        "names": [],
        "groups": [],
        "limits": {},
        "shared": [1, 2],
    }


def test_the_default_of_a_required_field_satisfies_it():
    """A required field with a default is never missing."""
    assert Settings().wrap()["theme"] == "dark"


def test_a_default_function_is_called_once_for_a_document():
    """The value that a default function makes is kept."""
    counter = itertools.count()

    class Counted(Document):
        number = IntField(default_f=lambda: next(counter))

    first, second = Counted(), Counted()

    assert (first.number, first.number) == (0, 0)
    assert second.number == 1
    assert first.wrap() == {"number": 0}


def test_a_default_that_wrap_made_is_the_one_that_reads_later():
    """Serializing evaluates a default as reading does, and keeps it."""
    counter = itertools.count()

    class CountedToo(Document):
        number = IntField(default_f=lambda: next(counter))

    document = CountedToo()

    assert document.wrap() == {"number": 0}
    assert document.wrap() == {"number": 0}
    assert document.number == 0


def test_an_automatic_id_stays_the_same():
    """An id made by ``auto`` is the same on every read and in what is stored."""
    document = Keyed()
    key, other = document.key, document.other

    assert isinstance(key, ObjectId)
    assert document.key == key
    assert document.wrap() == {"_id": key, "other": other}
    assert Keyed().key != key


def test_a_default_list_can_be_appended_to():
    """A mutable default is the document's own value from the first read on."""
    settings = Settings()
    settings.names.append("ada")
    settings.groups.add("staff")
    settings.limits["disk"] = 5

    assert settings.names == ["ada"]
    assert settings.wrap()["names"] == ["ada"]
    assert settings.wrap()["groups"] == ["staff"]
    assert settings.wrap()["limits"] == {"disk": 5}


def test_a_mutable_default_is_never_shared():
    """Changing the default of one document leaves every other one alone."""
    Settings().shared.append(3)

    assert Settings().shared == [1, 2]
    assert Settings.get_fields()["shared"].default == [1, 2]


def test_a_nested_mutable_default_is_never_shared():
    """Nor do documents share what is inside a default."""

    class Nested(Document):
        value = AnythingField(default={"list": [1]})

    Nested().value["list"].append(2)

    assert Nested().value == {"list": [1]}


@pytest.mark.parametrize("name", ["theme", "names", "groups", "limits", "shared", "nothing"])
def test_reading_a_default_does_not_make_a_loaded_document_dirty(name):
    """A stored document that lacks a field stays clean when the default is read."""
    loaded = Settings.unwrap({"_id": ObjectId()})
    getattr(loaded, name)

    assert loaded.get_dirty_ops() == {}


def test_serializing_defaults_does_not_make_a_loaded_document_dirty():
    """`wrap` evaluates defaults; that alone is no change."""
    loaded = Settings.unwrap({"_id": ObjectId()})
    loaded.wrap()

    assert loaded.get_dirty_ops() == {}


def test_changing_a_default_in_place_makes_a_loaded_document_dirty():
    """A default that was changed is a value to be stored."""
    loaded = Settings.unwrap({"_id": ObjectId()})
    loaded.names.append("ada")
    loaded.limits["disk"] = 1
    loaded.groups.add("staff")

    assert loaded.get_dirty_ops() == {
        "$set": {"names": ["ada"], "limits": {"disk": 1}, "groups": ["staff"]}
    }


def test_changing_a_default_in_place_and_back_is_no_change():
    """A default that is what it was is still no value to be stored."""
    loaded = Settings.unwrap({"_id": ObjectId()})
    loaded.names.append("ada")
    loaded.names.remove("ada")

    assert loaded.get_dirty_ops() == {}


def test_a_default_is_not_stored_by_an_update_of_something_else():
    """Only what changed is sent: a default that was read stays out of it."""
    loaded = Settings.unwrap({"_id": ObjectId()})
    assert loaded.names == []
    loaded.theme = "light"

    assert loaded.get_dirty_ops() == {"$set": {"theme": "light"}}


def test_assigning_another_value_over_a_default_makes_a_loaded_document_dirty():
    """A value assigned where only a default was is a change."""
    loaded = Settings.unwrap({"_id": ObjectId()})
    loaded.size = 11

    assert loaded.get_dirty_ops() == {"$set": {"s": 11}}


def test_a_default_function_may_make_mutable_values():
    """Each document gets what its own call of the function made."""

    class Made(Document):
        values = ListField(IntField(), default_f=lambda: [0])

    document = Made()
    document.values.append(1)

    assert document.values == [0, 1]
    assert Made().values == [0]


def test_a_stored_none_is_not_replaced_by_a_default():
    """A stored ``None`` is a value where ``None`` is allowed, not a missing one."""

    class Maybe(Document):
        name = StringField(default="x", allow_none=True)

    assert Maybe.unwrap({"name": None}).name is None
