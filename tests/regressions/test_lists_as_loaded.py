"""Snapshots of the lists of a loaded document, which are packed together, miss no change."""

from __future__ import annotations

import copy
import pickle

import pytest
from bson import Int64, ObjectId

from ommongo import AnythingField, Document, IntField, ListField, StringField


class Note(Document):
    config_namespace = "tests.lists_as_loaded"
    config_collection_name = "notes"

    title = StringField()
    tags = ListField(StringField(), required=False)
    marks = ListField(IntField(), required=False, allow_none=True)
    body = AnythingField(required=False)


def loaded(session, **values):
    """Give a note that was loaded, as another program has stored it."""
    session.db["notes"].insert_one({"title": "a", **values})
    return session.query(Note).one()


def stored(session):
    """Give what the server holds of the note."""
    return session.db["notes"].find_one({}, {"_id": False})


def test_a_list_that_is_changed_back_after_an_update_is_stored_again(session):
    """What was loaded is not what is stored any more, once an update has stored something else."""
    note = loaded(session, tags=["a"], marks=[1])
    note.tags.append("b")
    session.update(note)

    note.tags.pop()
    assert note.get_dirty_ops() == {"$set": {"tags": ["a"]}}
    session.update(note)

    assert stored(session) == {"title": "a", "tags": ["a"], "marks": [1]}


def test_an_update_of_another_field_keeps_what_is_known_of_the_lists(session):
    """A list that changed in place after the update of a title is found, the other is not sent."""
    note = loaded(session, tags=["a"], marks=[1])
    note.title = "b"
    session.update(note)

    note.marks.append(2)

    assert note.get_dirty_ops() == {"$set": {"marks": [1, 2]}}


@pytest.mark.parametrize("marks", [None, [], [2**40], [Int64(1), 2]], ids=str)
def test_lists_of_every_content_are_compared_exactly(session, marks):
    """Empty, absent as a value, or of 64-bit integers: untouched is clean, changed is found."""
    note = loaded(session, tags=["a"], marks=marks)
    assert note.marks == marks
    assert note.get_dirty_ops() == {}

    note.tags[0] = "b"
    note.marks = [3]

    assert note.get_dirty_ops() == {"$set": {"tags": ["b"], "marks": [3]}}


def test_a_list_that_was_not_stored_is_new(session):
    """A list that the stored document lacks is sent when it is given one."""
    note = loaded(session, tags=["a"])

    note.marks = [1]

    assert note.get_dirty_ops() == {"$set": {"marks": [1]}}


@pytest.mark.parametrize("body", [{"a": {"b": [1, "c"]}}, [["a"], {"b": 1.5}]], ids=str)
def test_who_else_holds_a_part_of_a_value_makes_no_change_of_it(session, body):
    """A nested value is clean while a caller holds its parts, and dirty once one changed."""
    note = loaded(session, body=body)
    parts = [*(note.body.values() if isinstance(note.body, dict) else note.body)]
    held = [parts, *parts]

    assert note.get_dirty_ops() == {}
    session.update(note)
    held[1]["new" if isinstance(held[1], dict) else slice(0, 0)] = [1]

    assert note.get_dirty_ops() == {"$set": {"body": note.body}}


def test_a_nested_value_with_types_of_bson_is_compared_by_its_bson(session):
    """An ``ObjectId`` deep within is no reason to miss a change, or to see one."""
    first, second = ObjectId(), ObjectId()
    note = loaded(session, body={"ids": [{"id": first}]})
    assert note.body["ids"][0]["id"] == first
    assert note.get_dirty_ops() == {}

    note.body["ids"][0]["id"] = second

    assert note.get_dirty_ops() == {"$set": {"body": {"ids": [{"id": second}]}}}


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda n: pickle.loads(pickle.dumps(n))]
)
def test_copies_of_a_loaded_document_know_what_its_lists_were(session, copied):
    """A copy finds what changed since loading, in itself and before it was copied."""
    note = loaded(session, tags=["a"], marks=[1], body={"b": [1]})
    assert note.body == {"b": [1]}
    note.tags.append("b")

    other = copied(note)
    other.body["b"].append(2)

    assert other.get_dirty_ops() == {"$set": {"tags": ["a", "b"], "body": {"b": [1, 2]}}}


def test_a_failed_update_leaves_a_list_dirty(session):
    """What the failed update was to store is still to be stored."""
    note = loaded(session, tags=["a"])
    session.db["notes"].delete_many({})
    note.tags.append("b")
    note.title = "b"
    session.update(note, safe=False)

    assert note.get_dirty_ops() == {"$set": {"title": "b", "tags": ["a", "b"]}}
