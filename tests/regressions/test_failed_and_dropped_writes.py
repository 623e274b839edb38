"""What is dirty after a write that was dropped, refused or rolled back: what is not stored."""

from __future__ import annotations

import copy

import pytest

from ommongo import Document, IntField, StringField, VersionField
from ommongo.exceptions import BadValueException
from tests.regressions.models import STORED, Numbered, Part, loaded_person, stored, stored_person

# -- dropped and refused --------------------------------------------------------------------------


def test_a_change_inside_an_embedded_document_is_dirty_again_after_a_dropped_save(safe, whole):
    """What changed in an embedded document is found again when the save of it was dropped."""
    whole.part.city = "Depok"
    safe.add(whole)
    safe.clear_queue()

    assert whole.get_dirty_ops() == {"$set": {"part.city": "Depok"}}


def test_a_change_deep_inside_is_dirty_again_after_a_dropped_save(safe, whole):
    """What changed in a list of an embedded document is found again after a dropped save."""
    whole.part.items = [{"a": 1}]
    safe.save(whole)
    whole = safe.query(Numbered).one()
    whole.part.items[0]["a"] = 2
    safe.add(whole)
    safe.clear_queue()

    assert whole.get_dirty_ops() == {"$set": {"part.items": [{"a": 2}]}}


def test_an_embedded_document_replaced_after_a_dropped_save_is_dirty(safe, whole):
    """An embedded document that was changed, queued, and then replaced is set whole."""
    whole.part.city = "Depok"
    safe.add(whole)
    whole.part = Part(city="Depok", zip="1", hits=10)
    safe.clear_queue()

    assert whole.get_dirty_ops() == {"$set": {"part": {"city": "Depok", "zip": "1", "hits": 10}}}


def test_a_default_that_was_assigned_after_a_dropped_save_is_dirty(safe, whole):
    """A value that was assigned over a default, while a save was pending, is found."""
    assert whole.count == 0
    safe.add(whole)
    whole.count = 5
    safe.clear_queue()

    assert whole.get_dirty_ops() == {"$set": {"count": 5}}


def test_extra_fields_changed_after_a_dropped_update_are_dirty(safe, database, whole):
    """An extra field that was changed while an update was pending is found."""
    database.wholes.update_one({}, {"$set": {"extra": 1}})
    whole = safe.query(Numbered).one()
    whole.name = "bob"
    with pytest.raises(ZeroDivisionError), safe:
        safe.update(whole)
        whole.get_extra_fields()["extra"] = 2
        raise ZeroDivisionError

    assert whole.get_dirty_ops() == {"$set": {"name": "bob", "extra": 2}}


def test_extra_fields_changed_after_a_dropped_save_are_dirty(safe, database, whole):
    """An extra field that was changed while a save was pending is found."""
    database.wholes.update_one({}, {"$set": {"extra": 1}})
    whole = safe.query(Numbered).one()
    safe.add(whole)
    whole.get_extra_fields()["extra"] = 2
    safe.clear_queue()

    assert whole.get_dirty_ops() == {"$set": {"extra": 2}}


def test_items_appended_after_a_dropped_update_are_kept(safe, whole):
    """What was appended in place while a push was pending stays in the list."""
    whole.tags = ["b"]
    with pytest.raises(ZeroDivisionError), safe:
        safe.update(whole)
        whole.tags.append("c")
        raise ZeroDivisionError
    safe.update(whole)

    assert safe.query(Numbered).one().tags == ["a", "b", "c"]


def test_an_argument_assigned_after_a_dropped_update_is_kept(safe, whole):
    """An increment that was assigned while another was pending is not exchanged for that one."""
    whole.hits = 3
    with pytest.raises(ZeroDivisionError), safe:
        safe.update(whole)
        whole.hits = 13
        raise ZeroDivisionError

    assert whole.get_dirty_ops() == {"$inc": {"hits": 13}}


def test_a_refused_result_leaves_the_document_as_it_was(safe, database):
    """An increment whose result its field refuses is refused, and the document is unchanged."""

    class Bounded(Document):
        config_namespace = None
        config_collection_name = "bounded"
        number = IntField(max_value=10, on_update="$inc")
        other = IntField()

    safe.save(Bounded(number=8, other=1))
    loaded = safe.query(Bounded).one()
    loaded.number, loaded.other = 5, 2
    with pytest.raises(BadValueException):
        safe.update(loaded)

    assert (loaded.get_dirty_ops(), safe.queue) == (
        {"$inc": {"number": 5}, "$set": {"other": 2}},
        [],
    )


def test_setting_back_after_one_of_two_writes_failed_is_a_change(session, database):
    """Where the first of two unsafe writes failed, what the second stored is what counts."""
    database.create_collection("wholes", validator={"name": {"$ne": "refused"}})
    database.wholes.insert_one(copy.deepcopy(STORED))
    loaded = session.query(Numbered).one()
    loaded.name = "refused"
    session.add(loaded)
    loaded.name = "eve"
    session.add(loaded)
    session.flush()
    assert stored(database)["name"] == "eve"
    loaded.name = "ada"
    session.update(loaded)

    assert stored(database)["name"] == "ada"


def test_setting_back_after_one_of_two_updates_failed_is_a_change(session, database):
    """Where the first of two unsafe updates failed, what the second stored is what counts."""
    database.create_collection("wholes", validator={"name": {"$ne": "refused"}})
    database.wholes.insert_one(copy.deepcopy(STORED))
    session.atomic = False
    loaded = session.query(Numbered).one()
    with session:
        loaded.name = "refused"
        session.update(loaded)
        loaded.name = "eve"
        session.update(loaded)
    assert stored(database)["name"] == "eve"
    loaded.name = "ada"
    session.update(loaded)

    assert stored(database)["name"] == "ada"


def test_a_version_that_was_never_stored_is_unset_again_after_a_failed_update(safe, database):
    """A document from before its class counted versions has none after a failed update either."""

    class Page(Document):
        config_namespace = None
        config_collection_name = "pages"
        text = StringField()
        version = VersionField()

    database.pages.insert_one({"text": "a"})
    page = safe.query(Page).one()
    page.text = "b"
    with safe:
        safe.update(page)
        safe.clear_queue()
    safe.update(page)

    assert database.pages.find_one({}, {"_id": 0}) == {"text": "b", "version": 1}


def test_a_document_removed_and_added_again_in_a_dropped_block_is_removed_later(safe, whole):
    """A removal is what counts when the save behind it was dropped: the next save inserts."""
    with safe:
        safe.remove(whole)
        with pytest.raises(ZeroDivisionError), safe:
            safe.add(whole)
            raise ZeroDivisionError
    safe.save(whole)

    assert safe.query(Numbered).one().name == "ada"
    assert whole.get_dirty_ops() == {}


# -- rolled back ----------------------------------------------------------------------------------


class Stop(Exception):
    """What ends a transaction."""


def removed_and_rolled_back(session, person, change):
    """Remove a person in a transaction that is rolled back, and change it meanwhile."""
    with pytest.raises(Stop), session.transaction():
        session.remove(person)
        change(person)
        raise Stop


def test_an_argument_that_was_assigned_while_removed_is_sent_after_the_rollback(session):
    """The removal did not happen, so the document is there to be incremented."""
    person = loaded_person(session, hits=10)
    removed_and_rolled_back(session, person, lambda person: setattr(person, "hits", 3))

    session.update(person)

    assert stored_person(session) == {"hits": 13}


def test_a_value_that_was_assigned_while_removed_is_sent_after_the_rollback(session):
    """What was assigned in the transaction is what the application wants."""
    person = loaded_person(session, name="x")
    removed_and_rolled_back(session, person, lambda person: setattr(person, "name", "y"))

    session.update(person)

    assert stored_person(session) == {"name": "y"}


@pytest.mark.parametrize("is_read", [False, True])
def test_a_default_that_changed_while_removed_is_sent_after_the_rollback(session, is_read):
    """A default that was appended to is a value, whether or not it is read again."""
    person = loaded_person(session, name="x")
    removed_and_rolled_back(session, person, lambda person: person.marks.append(1))
    if is_read:
        assert person.marks == [1]

    session.update(person)

    assert stored_person(session) == {"name": "x", "marks": [1]}
