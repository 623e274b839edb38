"""Copies and pickled documents: they have the same values, and know the same of what is stored."""

from __future__ import annotations

import copy
import pickle
from datetime import datetime
from typing import Any

import pytest
from bson import ObjectId

from ommongo import (
    DateTimeField,
    DictField,
    Document,
    DocumentField,
    IntField,
    ListField,
    SetField,
    StringField,
)
from ommongo.document import FieldNotRetrieved


class Part(Document):
    """A document to be embedded."""

    size = IntField()
    note = StringField(required=False)


class Machine(Document):
    """A class with fields of several kinds."""

    config_extra_fields = "ignore"
    note: Any  # an attribute that is no field

    name = StringField(db_field="n")
    count = IntField(required=False, on_update="$inc")
    theme = StringField(default="dark")
    at = DateTimeField(required=False)
    tags = ListField(StringField(), required=False)
    groups = SetField(StringField(), required=False)
    limits = DictField(IntField(), required=False)
    part = DocumentField(Part, required=False)
    parts = ListField(DocumentField(Part), required=False)


class Initialised(Document):
    """A class with an ``__init__`` of its own."""

    name = StringField()

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.made = "by __init__"


RAW = {
    "_id": ObjectId("0123456789abcdef01234567"),
    "n": "press",
    "count": 10,
    "theme": "light",
    "at": datetime(2020, 1, 2, 3, 4, 5, 6000),
    "tags": ["a", "b"],
    "groups": ["x"],
    "limits": {"heat": 5},
    "part": {"size": 1},
    "parts": [{"size": 2}, {"size": 3}],
    "colour": {"name": "red"},
}


def pickled(document):
    """Give what comes out of a pickle of *document*."""
    return pickle.loads(pickle.dumps(document))


WAYS = pytest.mark.parametrize("way", [copy.copy, copy.deepcopy, pickled])
DEEP_WAYS = pytest.mark.parametrize("way", [copy.deepcopy, pickled])


@WAYS
def test_a_copy_has_the_same_class_and_values(way):
    """Every field, extra field and plain attribute is there."""
    machine = Machine.unwrap(RAW)
    machine.note = "mine"
    other = way(machine)

    assert type(other) is Machine
    assert other is not machine
    assert other == machine
    assert other.wrap() == machine.wrap() == RAW
    assert other.get_extra_fields() == {"colour": {"name": "red"}}
    assert other.note == "mine"


@WAYS
def test_a_copy_of_an_untouched_document_is_untouched(way):
    """What was loaded and not read is the same in the copy."""
    other = way(Machine.unwrap(RAW))

    assert other.get_dirty_ops() == {}
    assert (other.tags, other.groups, other.limits) == (["a", "b"], {"x"}, {"heat": 5})
    assert other.get_dirty_ops() == {}


@WAYS
def test_a_copy_of_an_unset_field_is_unset(way):
    """What is not there in the one is not there in the other."""
    other = way(Machine(name="press"))

    assert not hasattr(other, "tags")
    assert other.theme == "dark"


@WAYS
def test_a_copy_of_a_new_document_is_as_new(way):
    """A document that was never stored stays dirty in its copies."""
    machine = Machine(name="press", tags=["a"], part=Part(size=1))

    assert way(machine).get_dirty_ops() == machine.get_dirty_ops()
    assert way(machine).get_dirty_ops()["$set"]["part.size"] == 1


@WAYS
def test_a_copy_of_a_changed_document_has_the_same_changes(way):
    """What was assigned, deleted, or changed in place is so in the copy, and nothing else."""
    machine = Machine.unwrap(RAW)
    machine.name = "drill"
    machine.count = 3
    machine.tags.append("c")
    machine.part.size = 9
    machine.limits["heat"] = 6
    machine.get_extra_fields()["weight"] = 1
    del machine.at
    ops = machine.get_dirty_ops()
    assert set(ops) == {"$set", "$inc", "$unset"}

    assert way(machine).get_dirty_ops() == ops


@WAYS
def test_a_copy_knows_what_was_loaded(way):
    """A value that is put back to what was loaded is clean in the copy too."""
    machine = Machine.unwrap(RAW)
    machine.name = "drill"
    other = way(machine)
    other.name = "press"

    assert other.get_dirty_ops() == {}
    assert machine.get_dirty_ops() == {"$set": {"n": "drill"}}


@WAYS
def test_a_copy_knows_the_loaded_value_of_a_list(way):
    """A list that was changed in place before the copy is clean again when changed back."""
    machine = Machine.unwrap(RAW)
    machine.tags.append("c")
    other = way(machine)
    other.tags = ["a", "b"]

    assert other.get_dirty_ops() == {}


@WAYS
def test_changing_a_field_of_a_copy_leaves_the_original_alone(way):
    """An assignment to the one is no assignment to the other."""
    machine = Machine.unwrap(RAW)
    other = way(machine)
    other.name = "drill"
    del other.at
    other.note = 5

    assert machine.name == "press"
    assert machine.at == RAW["at"]
    assert not hasattr(machine, "note")
    assert machine.get_dirty_ops() == {}
    assert other.get_dirty_ops()["$set"] == {"n": "drill"}


@WAYS
def test_changing_the_original_leaves_a_copy_alone(way):
    """Nor the other way round."""
    machine = Machine.unwrap(RAW)
    other = way(machine)
    machine.name = "drill"

    assert other.name == "press"
    assert other.get_dirty_ops() == {}


@DEEP_WAYS
def test_changing_a_deep_copy_in_place_leaves_the_original_alone(way):
    """Lists, sets, dicts, embedded documents and extra fields of a deep copy are its own."""
    machine = Machine.unwrap(RAW)
    other = way(machine)
    other.tags.append("c")
    other.groups.add("y")
    other.limits["cold"] = 1
    other.part.size = 9
    other.parts[0].size = 9
    other.get_extra_fields()["colour"]["name"] = "blue"

    assert machine.wrap() == RAW
    assert machine.get_dirty_ops() == {}
    assert set(other.get_dirty_ops()["$set"]) == {
        "tags",
        "groups",
        "limits",
        "part.size",
        "parts",
        "colour",
    }


def test_a_shallow_copy_has_a_dict_of_extra_fields_of_its_own():
    """Adding an extra field to a copy adds none to the original."""
    machine = Machine.unwrap(RAW)
    copy.copy(machine).get_extra_fields()["weight"] = 1

    assert machine.get_extra_fields() == {"colour": {"name": "red"}}


@WAYS
def test_a_copy_of_a_partial_document_is_partial(way):
    """What was not retrieved of the one is not retrieved of the other."""
    machine = Machine.unwrap({"_id": RAW["_id"], "n": "press"}, fields=["name"])
    other = way(machine)

    assert other.name == "press"
    for name in ("theme", "count", "tags"):
        with pytest.raises(FieldNotRetrieved):
            getattr(other, name)
    assert other.get_dirty_ops() == {}


@WAYS
def test_setting_a_field_of_a_partial_copy_leaves_the_original_partial(way):
    """What was set in a copy is still not retrieved in the original."""
    machine = Machine.unwrap({"_id": RAW["_id"], "n": "press"}, fields=["name"])
    other = way(machine)
    other.theme = "light"

    assert other.theme == "light"
    with pytest.raises(FieldNotRetrieved):
        _ = machine.theme


@WAYS
def test_a_copy_of_a_partial_embedded_document_is_partial(way):
    """Embedded documents keep what was retrieved of them."""
    machine = Machine.unwrap({"_id": RAW["_id"], "part": {"size": 1}}, fields=["part.size"])

    with pytest.raises(FieldNotRetrieved):
        _ = way(machine).part.note


@WAYS
def test_a_copy_of_an_operator_field_keeps_its_argument(way):
    """A value that waits to be sent by ``$inc`` is an argument in the copy too."""
    machine = Machine.unwrap(RAW)
    machine.count = 3

    assert way(machine).get_dirty_ops() == {"$inc": {"count": 3}}


@WAYS
def test_a_copy_of_a_migrated_document_keeps_what_is_to_be_unset(way):
    """What `transform_incoming` removed is still to be removed."""
    ops = way(Renamed.unwrap({"_id": ObjectId(), "title": "a"})).get_dirty_ops()

    assert set(ops["$unset"]) == {"title"}
    assert ops["$set"] == {"name": "a"}


class Renamed(Document):
    """A class that once had a title."""

    name = StringField()

    @classmethod
    def transform_incoming(cls, obj, session):
        if "title" in obj:
            obj["name"] = obj.pop("title")
        return obj


@WAYS
def test_a_class_with_an_init_is_copied_too(way):
    """Copying needs no constructor arguments, and keeps the attributes that it set."""
    loaded = Initialised.unwrap({"name": "a"})
    loaded.made = "changed"
    other = way(loaded)

    assert (other.name, other.made) == ("a", "changed")
    assert other.get_dirty_ops() == {}


def test_an_unpickled_document_is_bound_to_no_session():
    """A session does not travel in a pickle."""

    class Stub:
        """Something that cannot be pickled, as a session cannot."""

        def __reduce__(self):
            raise AssertionError("the session was pickled")

    machine = Machine(name="press", part=Part(size=1))
    machine._set_session(Stub())

    other = pickled(machine)

    assert other._get_session() is None
    assert machine._get_session() is not None


def test_a_document_that_was_unpickled_twice_is_two_objects():
    """Each unpickled document can be changed alone."""
    data = pickle.dumps(Machine.unwrap(RAW))
    first, second = pickle.loads(data), pickle.loads(data)
    first.tags.append("c")

    assert second.tags == ["a", "b"]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_every_pickle_protocol_works(protocol):
    """Old protocols, which some caches use, carry a document as new ones do."""
    machine = Machine.unwrap(RAW)
    machine.name = "drill"
    other = pickle.loads(pickle.dumps(machine, protocol))

    assert other.wrap() == machine.wrap()
    assert other.get_dirty_ops() == {"$set": {"n": "drill"}}


def test_a_list_of_one_document_twice_is_so_when_copied():
    """Documents take part in Python's own way of copying what is held twice."""
    machine = Machine.unwrap(RAW)
    first, second = copy.deepcopy([machine, machine])

    assert first is second
