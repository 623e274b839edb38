"""A value is stored as what it is: equal ones of two types, replaced, pushed, copied."""

from __future__ import annotations

import copy
import pickle

import pytest
from bson import DBRef
from bson.binary import Binary

from ommongo import AnythingField, Document, ListField, RefField, StringField
from tests.regressions.models import Numbered, Part, Whole, loaded_person, stored, stored_person

# -- stored ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("write", ["update", "save", "remove"])
def test_the_dict_of_extra_fields_stays_live(safe, database, whole, write):
    """What an application puts into the dict that it was given is found after every write."""
    extra = whole.get_extra_fields()
    extra["extra"] = 1
    getattr(safe, write)(whole)
    extra["extra"] = 2
    safe.save(whole)

    assert stored(database)["extra"] == 2


def test_a_deleted_field_whose_default_was_read_is_unset(safe, database):
    """Reading the default of a deleted field does not hide the deletion."""
    database.wholes.insert_one({"_id": 1, "count": 5})
    loaded = safe.query(Numbered).one()
    del loaded.count
    assert loaded.count == 0
    safe.update(loaded)

    assert stored(database) == {"_id": 1}


def test_references_to_ids_of_two_types_differ(safe, database):
    """A reference to 1 and one to True are two references."""

    class Holder(Document):
        config_namespace = None
        config_collection_name = "holders"
        ref = RefField()
        any = AnythingField()

    safe.save(Holder(ref=DBRef("notes", 1), any=[DBRef("notes", 1)]))
    holder = safe.query(Holder).one()
    holder.ref = DBRef("notes", True)
    holder.any = [DBRef("notes", True)]

    assert set(holder.get_dirty_ops()["$set"]) == {"ref", "any"}


def test_a_loaded_value_that_cannot_be_stored_any_more_can_be_replaced(safe, database):
    """A value that only a validator for storing refuses can be loaded, and so be corrected."""

    class Strict(Document):
        config_namespace = None
        config_collection_name = "strict"
        name = StringField(wrap_validator=lambda value: value != "bad")
        names = ListField(StringField(wrap_validator=lambda value: value != "bad"))

    database.strict.insert_one({"name": "bad", "names": ["bad"]})
    strict = safe.query(Strict).one()
    strict.name = "good"
    strict.names[0] = "good"
    safe.update(strict)

    assert database.strict.find_one({}, {"_id": 0}) == {"name": "good", "names": ["good"]}


def test_a_pushed_tuple_is_one_item(safe, database):
    """What a field holds after a push of a tuple is what is stored."""

    class Holder(Document):
        config_namespace = None
        config_collection_name = "holders"
        any = AnythingField(on_update="$push")

    safe.save(Holder(any=[1]))
    holder = safe.query(Holder).one()
    holder.any = (2, 3)
    safe.update(holder)
    safe.save(holder)

    assert database.holders.find_one()["any"] == [1, [2, 3]]


def test_the_subtype_of_a_binary_deep_within_is_a_change(session):
    """Equal bytes of two subtypes are two values, in an item of a list too."""
    person = loaded_person(session, parts=[{"b": Binary(b"q", 5)}])
    person.parts[0]["b"] = Binary(b"q", 128)

    session.update(person)

    assert stored_person(session) == {"parts": [{"b": Binary(b"q", 128)}]}


# -- constructed and copied -----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["retrieved_fields", "loading_from_db"])
def test_a_parameter_of_the_constructor_is_none_of_its_fields(name):
    """A field that is named like a parameter is set by assignment; an argument is not for it."""
    cls = type("Named", (Document,), {"config_namespace": None, name: StringField(required=False)})

    document = cls(**{name: None})

    assert name not in vars(document)


def pickled(document):
    """Give what comes of pickling."""
    return pickle.loads(pickle.dumps(document))


@pytest.mark.parametrize("copied", [copy.deepcopy, pickled])
def test_documents_that_know_each_other_can_be_copied(copied):
    """An attribute that leads back to its document does so in the copy."""
    whole = Whole(part=Part(city="Bogor"))
    whole.part.parent = whole
    other = copied(whole)

    assert other.part.parent is other
    assert other is not whole
    assert other.get_dirty_ops() == {"$set": {"part.city": "Bogor"}}
