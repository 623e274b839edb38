"""The objects of a class have the names of their values in common, and nobody sees it."""

from __future__ import annotations

import sys

import pytest
from bson import ObjectId

from ommongo import Document, DocumentField, IntField, ListField, StringField
from ommongo.document._shared_keys import shares_keys


class Tagged(Document):
    """A class with fields that Python asks on every read, and others that it does not."""

    config_namespace = None
    name = StringField()
    tags = ListField(StringField())
    age = IntField(required=False)


class Older(Tagged):
    """One that has a field more."""

    config_namespace = None
    year = IntField()


def size(document):
    """Give the bytes of a document's dict; the names of a class are none of its own."""
    return sys.getsizeof(document.__dict__)


@pytest.mark.parametrize("cls", [Tagged, Older])
def test_a_loaded_object_has_no_names_of_its_own(cls):
    """From the first one on; only where this Python gains nothing by it is a dict made at once."""
    raw = {"_id": ObjectId(), "name": "a", "tags": ["b"], "age": 3, "year": 1999}
    if cls is Tagged:
        del raw["year"]
    first, second = cls.unwrap(raw), cls.unwrap(raw)
    alone = sys.getsizeof(dict(vars(first)))

    assert size(first) == size(second)
    assert (size(first) < alone) == shares_keys(cls, list(vars(first)))
    if sys.version_info[:2] in ((3, 11), (3, 12)):
        assert size(first) < alone * 2 / 3


def test_the_fields_of_a_class_are_what_they_were():
    """They were hidden while the class was made: those of a base are still the base's."""
    assert set(vars(Older)) & {"name", "tags", "age", "year"} == {"year"}
    assert Older.__dict__["year"] is Older.get_fields()["year"]
    assert Tagged.__dict__["tags"] is Older.get_fields()["tags"]


def test_a_class_that_is_told_of_the_end_of_its_objects_hears_of_no_others():
    """Nothing is made for it beforehand."""
    ended = []

    class Telling(Document):
        config_namespace = None
        name = StringField()

        def __del__(self):
            ended.append(self.name)

    document = Telling(name="a")
    loaded = Telling.unwrap({"name": "b"})
    assert ended == []
    del document
    del loaded
    assert ended == ["a", "b"]


def test_any_attribute_and_any_number_of_values_find_room():
    """More fields than names can be shared, fewer values than fields, and attributes beside."""
    many = {f"f{i}": IntField(required=False) for i in range(60)}
    cls = type("Many", (Document,), {"config_namespace": None, **many})
    raw = {f"f{i}": i for i in range(60)}

    assert vars(cls.unwrap(raw)) == raw
    assert vars(cls.unwrap({"f7": 7})) == {"f7": 7}
    document = cls.unwrap({"f1": 1})
    document._note = "x"
    del document.f1
    document.f2 = 2
    assert vars(document) == {"_note": "x", "f2": 2}
    assert document.wrap() == {"f2": 2}


def test_an_embedded_object_shares_those_of_its_class():
    """At any depth, in lists too."""

    class Holder(Document):
        config_namespace = None
        one = DocumentField(Tagged)
        more = ListField(DocumentField(Tagged))

    raw = {"name": "a", "tags": []}
    loaded = Holder.unwrap({"one": raw, "more": [raw, raw]})

    assert {size(part) for part in (loaded.one, *loaded.more)} == {size(Tagged.unwrap(raw))}
