"""Upserts store what the object has, once, and the object holds what was stored."""

from __future__ import annotations

import copy

from ommongo import Document, DocumentField, IntField, StringField, VersionField
from tests.regressions.models import STORED, Numbered, stored


def test_an_increment_that_an_upsert_added_to_a_stored_value_is_not_retrieved(safe, database):
    """An upsert of a new object that matched adds to what nobody has loaded."""
    database.wholes.insert_one(copy.deepcopy(STORED))
    new = Numbered(key=1, hits=3)
    safe.update(new, upsert=True)
    assert stored(database)["hits"] == 13
    safe.save(new)

    assert stored(database)["hits"] == 13


def test_increments_of_two_upserts_of_a_removed_document_both_count(safe, database, whole):
    """Of two upserts in one flush the first inserts, and the object holds what both made."""
    database.wholes.delete_many({})
    with safe:
        whole.hits = 3
        safe.update(whole, upsert=True)
        whole.hits = 4
        safe.update(whole, upsert=True)
    assert stored(database)["hits"] == 7
    safe.save(whole)

    assert stored(database)["hits"] == 7


def test_what_is_assigned_while_an_upsert_is_pending_stays(safe, database, whole):
    """An increment assigned after an upsert was queued is sent by the next update."""
    database.wholes.delete_many({})
    with safe:
        whole.hits = 3
        safe.update(whole, upsert=True)
        whole.hits = 4
        whole.get_extra_fields()["extra"] = 1
    safe.update(whole)

    assert (stored(database)["hits"], stored(database)["extra"]) == (7, 1)


def test_an_upsert_of_a_versioned_document_counts_once(safe, database):
    """An upsert of a loaded document with a version is accepted by the server."""

    class Page(Document):
        config_namespace = None
        config_collection_name = "pages"
        text = StringField()
        version = VersionField()

    safe.save(Page(text="a"))
    page = safe.query(Page).one()
    page.text = "b"
    safe.update(page, upsert=True)

    assert database.pages.find_one({}, {"_id": 0}) == {"text": "b", "version": 2}


def test_an_upsert_sends_the_optional_default_of_an_empty_embedded_document(safe, database):
    """An embedded document with nothing but an optional default can be inserted by an upsert."""

    class Inner(Document):
        config_namespace = None
        number = IntField(required=False, default=3)

    class Outer(Document):
        config_namespace = None
        config_collection_name = "outers"
        key = IntField(_id=True)
        inner = DocumentField(Inner)

    safe.update(Outer(key=1, inner=Inner()), upsert=True)

    assert database.outers.find_one() == {"_id": 1, "inner": {"number": 3}}


def test_an_upsert_with_a_deleted_required_field_sends_its_default(safe, database):
    """A deleted required field that has a default is no missing one."""
    database.wholes.insert_one({"_id": 1, "count": 5})
    loaded = safe.query(Numbered).one()
    del loaded.count
    safe.update(loaded, upsert=True)

    assert stored(database) == {"_id": 1, "count": 0}
