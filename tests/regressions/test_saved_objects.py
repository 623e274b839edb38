"""An object that was saved is known as it was stored, however its next update is told."""

from __future__ import annotations

import pytest

from ommongo import Document, DocumentField, IntField, ListField, StringField


class Label(Document):
    config_namespace = "tests.saved_objects"

    text = StringField(required=False)
    words = ListField(StringField(), required=False)


class Box(Document):
    config_namespace = "tests.saved_objects"
    config_collection_name = "boxes"

    size = IntField(required=False)
    count = IntField(required=False, default=3)
    tags = ListField(StringField(), required=False)
    label = DocumentField(Label, required=False)


Mishap = ZeroDivisionError


@pytest.fixture
def box(session):
    """A loaded box."""
    stored = {"size": 1, "count": 7, "tags": ["a"], "label": {"text": "t", "words": ["w"]}}
    session.db["boxes"].insert_one(stored)
    return session.query(Box).one()


def test_a_list_inside_that_a_dropped_save_was_to_store_is_dirty(session, box):
    """Also where an update behind the save has found the object as it was saved."""
    with pytest.raises(Mishap), session:
        box.label.words.append("x")
        session.save(box)
        box.size = 2
        session.update(box)
        raise Mishap

    assert box.get_dirty_ops() == {"$set": {"size": 2, "label.words": ["w", "x"]}}


def test_what_another_object_shares_stays_dirty_in_that_one(session, box):
    """A new object that is saved and updated says nothing of what is stored of the other one."""
    box.label.words.append("x")
    other = Box(size=1, label=box.label)
    session.save(other)
    other.size = 2
    session.update(other)

    assert box.get_dirty_ops() == {"$set": {"label.words": ["w", "x"]}}


@pytest.mark.parametrize("count", [3, 7])
def test_a_deleted_value_of_a_saved_object_is_unset(session, count):
    """A default that could take its place is none of the update's business."""
    box = Box(size=1, count=count)
    session.save(box)
    del box.count
    box.size = 2
    session.update(box)

    found = session.db["boxes"].find_one({}, {"_id": False})
    assert found == {"size": 2}
