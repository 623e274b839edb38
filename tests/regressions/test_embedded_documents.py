"""Changes in embedded documents are found, and nothing else is taken for one."""

from __future__ import annotations

import itertools

from bson import ObjectId

from ommongo import (
    DictField,
    Document,
    DocumentField,
    IntField,
    ListField,
    ModifiedField,
    Session,
    StringField,
    computed_field,
)
from tests.regressions.models import Address, Numbered, Part, Person, stored, stored_person

# -- in a field -----------------------------------------------------------------------------------


def test_a_default_inside_a_saved_embedded_document_is_no_change(safe, database):
    """What was stored as a default, with the whole of its document, is clean."""

    class Inner(Document):
        config_namespace = None
        number = IntField(default=3)

    class Outer(Document):
        config_namespace = None
        config_collection_name = "outers"
        inner = DocumentField(Inner)

    outer = Outer(inner=Inner())
    safe.save(outer)

    assert (outer.inner.number, outer.get_dirty_ops()) == (3, {})


def test_an_extra_field_of_an_embedded_document_is_clean_after_an_update(safe, whole, commands):
    """An extra field of an embedded document is sent once."""
    whole.part.get_extra_fields()["extra"] = 1
    safe.update(whole)
    commands.clear()

    assert (whole.get_dirty_ops(), safe.update(whole), commands.names("update")) == ({}, None, [])


def test_a_later_change_of_such_an_extra_field_is_found(safe, database, whole):
    """An extra field of an embedded document that was updated can be changed back."""
    database.wholes.update_one({}, {"$set": {"part.extra": 1}})
    whole = safe.query(Numbered).one()
    for value in (2, 1):
        whole.part.get_extra_fields()["extra"] = value
        safe.update(whole)

    assert stored(database)["part"]["extra"] == 1


def test_an_embedded_document_of_two_parents_increments_both(safe, database):
    """An increment in an embedded document that two parents share reaches both."""
    part = Part(city="Bogor", hits=10)
    one, two = Numbered(key=1, part=part), Numbered(key=2, part=part)
    safe.save(one)
    safe.save(two)
    part.hits = 3
    safe.update(one)
    safe.update(two)

    assert [found["part"]["hits"] for found in database.wholes.find()] == [13, 13]


def test_a_name_that_a_hook_took_out_of_an_embedded_document_is_unset(safe, database):
    """What the migration hook of an embedded document removes is unset by the next update."""

    class Inner(Document):
        config_namespace = None
        city = StringField()

        @classmethod
        def transform_incoming(cls, obj, session):
            if "town" in obj:
                obj["city"] = obj.pop("town")
            return obj

    class Outer(Document):
        config_namespace = None
        config_collection_name = "outers"
        inner = DocumentField(Inner)

    database.outers.insert_one({"inner": {"town": "Bogor"}})
    safe.update(safe.query(Outer).one())

    assert database.outers.find_one()["inner"] == {"city": "Bogor"}


def test_an_increment_in_a_new_embedded_document_is_sent_once(session):
    """After the update nothing is dirty, and a later save does not store the increment."""
    key = ObjectId()
    session.db["people"].insert_one({"_id": key, "address": {"hits": 10}})
    person = Person(mongo_id=key, address=Address(hits=3))

    session.update(person)
    assert person.get_dirty_ops() == {}
    session.update(person)

    assert stored_person(session) == {"address": {"hits": 13}}


# -- in a list ------------------------------------------------------------------------------------


class Row(Document):
    """An item that lacks a required field where it is old."""

    config_namespace = "tests.regressions"

    number = IntField()
    text = StringField()


class Table(Document):
    """A document that holds items."""

    config_namespace = "tests.regressions"
    config_collection_name = "tables"

    rows = ListField(DocumentField(Row))
    by_name = DictField(DocumentField(Row), required=False)


def test_a_list_of_documents_that_lack_a_required_field_can_be_read(safe, database):
    """Loading a document that lacks a required field is allowed, so is reading it."""
    database.tables.insert_one({"rows": [{"number": 1}], "by_name": {"a": {"number": 1}}})
    table = safe.query(Table).one()

    assert [row.number for row in (*table.rows, *table.by_name.values())] == [1, 1]
    assert table.get_dirty_ops() == {}


def test_a_list_of_documents_that_lack_a_required_field_can_be_completed(safe, database):
    """Giving the missing value to an item of a list is a change, and is stored."""
    database.tables.insert_one({"rows": [{"number": 1}], "by_name": {"a": {"number": 1}}})
    table = safe.query(Table).one()
    table.rows[0].text = "x"
    table.by_name["a"].text = "y"
    safe.update(table)

    assert database.tables.find_one({}, {"_id": 0}) == {
        "rows": [{"number": 1, "text": "x"}],
        "by_name": {"a": {"number": 1, "text": "y"}},
    }


class Tagged(Document):
    """A document to be embedded, with a hook that changes nothing."""

    config_namespace = "tests.regressions"

    tags = ListField(StringField(), required=False)

    @classmethod
    def transform_incoming(cls, obj, session):
        return obj


class Holder(Document):
    config_namespace = "tests.regressions"

    items = ListField(DocumentField(Tagged), on_update="$push", required=False)


def test_a_hook_that_changed_nothing_in_an_item_makes_no_change():
    """The lists of an item, which are remembered when it is loaded, are no change by its hook."""
    holder = Holder.unwrap({"items": [{"tags": ["a"]}]})

    assert holder.get_dirty_ops() == {}


# -- with a time of modification ------------------------------------------------------------------


class Comment(Document):
    """An item that notes when it was stored, and counts how often: a clock that never stops."""

    config_namespace = "tests.regressions"

    text = StringField()
    edited = ModifiedField()

    @computed_field(IntField())
    def writes(values):
        return next(_writes)


_writes = itertools.count()


class Post(Document):
    """A document with such items."""

    config_namespace = "tests.regressions"
    config_collection_name = "posts"

    comments = ListField(DocumentField(Comment))
    title = StringField(required=False)


def test_reading_a_list_of_documents_with_a_modified_date_is_no_change(safe):
    """The time of modification of an item is no change of the list."""
    safe.save(Post(comments=[Comment(text="a")]))
    post = safe.query(Post).one()
    assert post.comments[0].text == "a"

    assert post.get_dirty_ops() == {}


def test_a_saved_list_of_documents_with_a_modified_date_is_clean(safe):
    """A document is clean after it was saved, also with a time of modification in an item."""
    post = Post(comments=[Comment(text="a")])
    safe.save(post)

    assert post.get_dirty_ops() == {}


def test_an_updated_list_of_documents_with_a_modified_date_is_clean(safe):
    """A document is clean after it was updated, also with a time of modification in an item."""
    safe.save(Post(comments=[Comment(text="a")]))
    post = safe.query(Post).one()
    post.comments[0].text = "b"
    safe.update(post)

    assert post.get_dirty_ops() == {}


def test_the_modified_date_is_aware_after_an_update_as_after_loading(database):
    """On a time-zone-aware session a time of modification stays aware when it is updated."""
    session = Session(database, safe=True, tz_aware=True)
    session.save(Post(comments=[]))

    class Stamped(Document):
        config_namespace = None
        config_collection_name = "stamped"
        text = StringField()
        changed = ModifiedField()

    session.save(Stamped(text="a"))
    stamped = session.query(Stamped).one()
    stamped.text = "b"
    session.update(stamped)

    assert stamped.changed == session.query(Stamped).one().changed
