"""Changes that could be lost, invented or refused: what a review of change tracking found."""

from __future__ import annotations

import copy
import itertools
import pickle

import pytest
from bson import DBRef, ObjectId

from ommongo import (
    AnythingField,
    DictField,
    Document,
    DocumentField,
    IntField,
    ListField,
    ModifiedField,
    RefField,
    Session,
    StringField,
    VersionField,
    computed_field,
)
from ommongo.exceptions import BadValueException, FieldNotRetrieved


class Part(Document):
    """A document to be embedded, with fields of several kinds."""

    config_namespace = "tests.review"
    config_extra_fields = "ignore"

    city = StringField(required=False)
    zip = StringField(required=False)
    hits = IntField(required=False, on_update="$inc")
    items = ListField(DictField(IntField()), required=False)


class Whole(Document):
    """A document that embeds another."""

    config_namespace = "tests.review"
    config_collection_name = "wholes"
    config_extra_fields = "ignore"

    name = StringField(required=False)
    count = IntField(default=0)
    hits = IntField(required=False, on_update="$inc")
    tags = ListField(StringField(), required=False, on_update="$push")
    part = DocumentField(Part, required=False)
    parts = ListField(DocumentField(Part), required=False)


STORED = {
    "_id": 1,
    "name": "ada",
    "hits": 10,
    "tags": ["a"],
    "part": {"city": "Bogor", "zip": "1", "hits": 10},
}


@pytest.fixture
def safe(database):
    """A session whose writes raise what the server reports."""
    session = Session(database, safe=True)
    yield session
    session.clear_queue()


class Numbered(Whole):
    """`Whole` with an application's own id."""

    config_collection_name = "wholes"

    key = IntField(_id=True)


@pytest.fixture
def whole(safe, database):
    """A loaded document."""
    database.wholes.insert_one(copy.deepcopy(STORED))
    return safe.query(Numbered).one()


def stored(database):
    """Give what the server holds of the only document."""
    return database.wholes.find_one()


# -- failure and restoring -----------------------------------------------------------------------


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


@pytest.mark.parametrize("write", ["update", "save", "remove"])
def test_the_dict_of_extra_fields_stays_live(safe, database, whole, write):
    """What an application puts into the dict that it was given is found after every write."""
    extra = whole.get_extra_fields()
    extra["extra"] = 1
    getattr(safe, write)(whole)
    extra["extra"] = 2
    safe.save(whole)

    assert stored(database)["extra"] == 2


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


# -- upserts -------------------------------------------------------------------------------------


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


# -- defaults ------------------------------------------------------------------------------------


def test_a_deleted_field_whose_default_was_read_is_unset(safe, database):
    """Reading the default of a deleted field does not hide the deletion."""
    database.wholes.insert_one({"_id": 1, "count": 5})
    loaded = safe.query(Numbered).one()
    del loaded.count
    assert loaded.count == 0
    safe.update(loaded)

    assert stored(database) == {"_id": 1}


def test_an_upsert_with_a_deleted_required_field_sends_its_default(safe, database):
    """A deleted required field that has a default is no missing one."""
    database.wholes.insert_one({"_id": 1, "count": 5})
    loaded = safe.query(Numbered).one()
    del loaded.count
    safe.update(loaded, upsert=True)

    assert stored(database) == {"_id": 1, "count": 0}


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


# -- embedded documents --------------------------------------------------------------------------


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


# -- documents in lists --------------------------------------------------------------------------


class Row(Document):
    """An item that lacks a required field where it is old."""

    config_namespace = "tests.review"

    number = IntField()
    text = StringField()


class Table(Document):
    """A document that holds items."""

    config_namespace = "tests.review"
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


class Comment(Document):
    """An item that notes when it was stored, and counts how often: a clock that never stops."""

    config_namespace = "tests.review"

    text = StringField()
    edited = ModifiedField()

    @computed_field(IntField())
    def writes(values):
        return next(_writes)


_writes = itertools.count()


class Post(Document):
    """A document with such items."""

    config_namespace = "tests.review"
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


# -- computed fields -----------------------------------------------------------------------------


class Named(Document):
    """A computed field that is computed from another."""

    config_namespace = "tests.review"
    config_collection_name = "named"

    first = StringField(required=False)
    other = StringField(required=False)

    @computed_field(StringField(), deps=["first"], required=False)
    def upper(values):
        return values["first"].upper()

    @computed_field(StringField(), deps=["upper"], required=False)
    def shout(values):
        return values["upper"] + "!"


def test_a_computed_field_of_a_computed_field_follows(safe, database):
    """A change reaches a field that is computed from a computed one."""
    safe.save(Named(first="ada"))
    named = safe.query(Named).one()
    named.first = "bob"
    safe.update(named)

    assert database.named.find_one()["shout"] == "BOB!"


def test_a_partial_document_without_the_dependencies_can_be_saved(safe, database):
    """A computed value that was loaded without what it is computed from stays as it is."""
    safe.save(Named(first="ada", other="x"))
    partial = safe.query(Named).fields("other", "upper").one()
    partial.other = "y"
    safe.save(partial)

    assert database.named.find_one({}, {"_id": 0}) == {
        "first": "ada",
        "other": "y",
        "upper": "ADA",
        "shout": "ADA!",
    }


def test_a_partial_save_unsets_a_computed_field_that_lost_a_dependency(safe, database):
    """A partial document whose computed field can be computed no more unsets it."""
    safe.save(Named(first="ada", other="x"))
    partial = safe.query(Named).fields("first", "upper").one()
    del partial.first
    safe.save(partial)

    assert "upper" not in database.named.find_one()


# -- partial documents ---------------------------------------------------------------------------


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


class Eager(Document):
    """A class whose ``__init__`` reads a field."""

    config_namespace = "tests.review"
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


def test_an_own_init_that_reads_a_default_does_not_store_it_over_what_was_not_retrieved(
    safe, database
):
    """A partial document knows what it lacks while its class's ``__init__`` runs."""
    database.eager.insert_one({"name": "ada", "count": 7})
    partial = safe.query(Eager).fields("name").one()
    partial.name = "bob"
    safe.save(partial)

    assert database.eager.find_one({}, {"_id": 0}) == {"name": "bob", "count": 7}


# -- values --------------------------------------------------------------------------------------


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


# -- copies --------------------------------------------------------------------------------------


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
