"""Documents that were loaded in part store what changed, and leave what they do not know."""

from __future__ import annotations

import copy

import pytest
from bson import ObjectId

from ommongo import Document, DocumentField, IntField, ListField, StringField, VersionField
from ommongo.exceptions import FieldNotRetrieved
from tests.regressions.models import STORED, Numbered, stored


class Eager(Document):
    """A class whose ``__init__`` reads a field."""

    config_namespace = "tests.regressions"
    config_collection_name = "eager"

    name = StringField()
    count = IntField(default=0)
    label = StringField(required=False)

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        try:
            self.seen = self.count
        except FieldNotRetrieved:
            self.seen = None


def test_an_increment_in_a_partial_embedded_document_is_not_retrieved_afterwards(safe, database):
    """What an increment made of a value that was not loaded is not known."""
    database.wholes.insert_one(copy.deepcopy(STORED))
    partial = safe.query(Numbered).fields("part.city").one()
    partial.part.hits = 3
    safe.update(partial)
    assert stored(database)["part"]["hits"] == 13
    with pytest.raises(FieldNotRetrieved):
        _ = partial.part.hits
    partial.part.city = "Depok"
    safe.save(partial)

    assert stored(database)["part"] == {"city": "Depok", "zip": "1", "hits": 13}


def test_an_embedded_document_with_a_partly_loaded_list_can_be_updated(safe, database):
    """A change beside a list that was loaded in part is stored."""

    class Row(Document):
        config_namespace = None
        number = IntField()
        text = StringField(required=False)

    class Inner(Document):
        config_namespace = None
        city = StringField()
        rows = ListField(DocumentField(Row))

    class Outer(Document):
        config_namespace = None
        config_collection_name = "outers"
        inner = DocumentField(Inner)

    rows = [{"number": 1, "text": "a"}]
    database.outers.insert_one({"inner": {"city": "Bogor", "rows": rows}})
    partial = safe.query(Outer).fields("inner.city", "inner.rows.number").one()
    partial.inner.city = "Depok"
    safe.update(partial)

    assert database.outers.find_one()["inner"] == {"city": "Depok", "rows": rows}
    assert partial.get_dirty_ops() == {}


def test_a_name_that_a_hook_took_out_of_a_partial_document_is_unset_by_its_save(safe, database):
    """What a migration hook removes is unset when a partial document is saved."""

    class Migrated(Document):
        config_namespace = None
        config_collection_name = "migrated"
        city = StringField()
        other = StringField(required=False)

        @classmethod
        def transform_incoming(cls, obj, session):
            if "town" in obj:
                obj["city"] = obj.pop("town")
            return obj

    database.migrated.insert_one({"_id": ObjectId(), "town": "Bogor", "other": "x"})
    partial = safe.query(Migrated).fields(Migrated.other.exclude()).one()
    safe.save(partial)

    assert database.migrated.find_one({}, {"_id": 0}) == {"city": "Bogor", "other": "x"}


def test_a_partial_document_with_a_version_can_be_saved(safe, database):
    """A version is counted once by the save of a partial document."""

    class Page(Document):
        config_namespace = None
        config_collection_name = "pages"
        text = StringField()
        version = VersionField()

    safe.save(Page(text="a"))
    page = safe.query(Page).fields("text").one()
    page.text = "b"
    safe.save(page)

    assert database.pages.find_one({}, {"_id": 0}) == {"text": "b", "version": 2}


def test_an_own_init_that_reads_a_default_does_not_store_it_over_what_was_not_retrieved(
    safe, database
):
    """A partial document knows what it lacks while its class's ``__init__`` runs."""
    database.eager.insert_one({"name": "ada", "count": 7})
    partial = safe.query(Eager).fields("name").one()
    partial.name = "bob"
    safe.save(partial)

    assert database.eager.find_one({}, {"_id": 0}) == {"name": "bob", "count": 7}
