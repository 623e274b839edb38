"""`VersionField`: a write of a document that somebody else has written meanwhile is refused."""

from __future__ import annotations

import logging
import pickle

import pytest
from pymongo import WriteConcern
from pymongo.errors import AutoReconnect, DuplicateKeyError, PyMongoError, WriteError

from ommongo import (
    DictField,
    Document,
    DocumentField,
    Index,
    IntField,
    ListField,
    StringField,
    VersionField,
)
from ommongo.exceptions import (
    BadQueryException,
    BadValueException,
    InvalidModifierException,
    InvalidUpdateException,
    StaleDocumentException,
)
from tests.helpers import bodies_of, note_of, numbers_of
from tests.models import Account, User

CONFLICT = {"errorCode": 112, "errorLabels": ["TransientTransactionError"]}


class Link(Document):
    config_namespace = "tests.optimistic_locking"

    target = StringField()


class Page(Document):
    """A document that counts its versions, under another stored name."""

    config_namespace = "tests.optimistic_locking"
    config_collection_name = "pages"

    title = StringField()
    text = StringField(required=False, db_field="t")
    tags = ListField(StringField(), required=False)
    words = DictField(IntField(), required=False)
    link = DocumentField(Link, required=False)
    reads = IntField(required=False, on_update="$inc")
    version = VersionField(db_field="v")

    i_title = Index().ascending("title").unique()


class Kept(Document):
    """A document with an application's own id."""

    config_namespace = "tests.optimistic_locking"
    config_collection_name = "kept"

    key = StringField(_id=True)
    body = StringField(required=False)
    version = VersionField()


class Shape(Document):
    config_namespace = "tests.optimistic_locking"
    config_collection_name = "shapes"
    config_polymorphic = "kind"
    config_polymorphic_collection = True

    kind = StringField(required=False)
    version = VersionField()


class Circle(Shape):
    config_polymorphic_identity = "circle"

    radius = IntField()


@pytest.fixture
def session(safe_session):
    """A safe session."""
    return safe_session


@pytest.fixture
def other(make_session):
    """The session of another writer."""
    return make_session(safe=True)


@pytest.fixture
def page(session):
    """A stored page."""
    page = Page(title="home", text="one", tags=["a"], words={"a": 1}, reads=10)
    session.save(page)
    return page


def overtake(other, **values):
    """Let another writer change the page."""
    theirs = other.query(Page).one()
    for name, value in (values or {"text": "theirs"}).items():
        setattr(theirs, name, value)
    other.save(theirs)
    return theirs


def stored(database, collection="pages"):
    """Give the one document of a collection."""
    (document,) = database[collection].find()
    return document


# -- how versions are counted ---------------------------------------------------------------------


def test_an_insert_is_version_one(session, database):
    """A new document has no version, and the first one when it is stored."""
    page = Page(title="home")
    assert not hasattr(page, "version")
    session.save(page)

    assert page.version == 1
    assert stored(database) == {"_id": page.mongo_id, "title": "home", "v": 1}


@pytest.mark.parametrize("write", ["save", "update"])
def test_every_write_increments_the_version(session, database, page, write):
    """Each save and each update counts one, in the object and in the database."""
    for number in range(2, 5):
        page.text = str(number)
        getattr(session, write)(page)
        assert page.version == stored(database)["v"] == number


def test_a_save_without_a_change_counts_too(session, database, page):
    """A save is a write."""
    session.save(page)

    assert page.version == stored(database)["v"] == 2


def test_an_update_without_a_change_sends_nothing(session, commands, page):
    """Nothing is sent, so nothing is counted."""
    assert session.update(page) is None
    assert page.version == 1
    assert commands.names("update") == []


def test_a_write_carries_the_loaded_version_in_its_filter(session, commands, page):
    """The server compares it in the same step as it writes."""
    page.text = "two"
    session.update(page)
    session.save(page)
    session.remove(page)

    update, save = (body["updates"][0] for body in bodies_of(commands, "update"))
    ((removal,),) = (body["deletes"] for body in bodies_of(commands, "delete"))
    assert update["q"] == {"_id": page.mongo_id, "v": 1}
    assert update["u"] == {"$set": {"t": "two"}, "$inc": {"v": 1}}
    assert save["q"] == {"_id": page.mongo_id, "v": 2}
    assert (save["u"]["v"], save.get("upsert", False)) == (3, False)
    assert removal["q"] == {"_id": page.mongo_id, "v": 3}


def test_a_version_is_no_change(session, page):
    """It is neither dirty nor anything that `get_dirty_ops` tells."""
    assert page.get_dirty_ops() == {}
    page.text = "two"
    assert page.get_dirty_ops() == {"$set": {"t": "two"}}


def test_a_version_can_be_queried(session, page):
    """It is a field like any other in a query."""
    assert session.query(Page).filter(Page.version == 1).one().mongo_id == page.mongo_id
    assert session.query(Page).filter(Page.version > 1).count() == 0


@pytest.mark.parametrize("change", ["set", "inc", "unset"])
def test_nobody_but_the_session_counts(session, page, change):
    """No update expression may name the version."""
    arguments = (Page.version,) if change == "unset" else (Page.version, 5)
    with pytest.raises(InvalidModifierException, match="v"):
        getattr(session.query(Page), change)(*arguments)


def test_the_version_cannot_be_assigned(session, database, page):
    """An assignment is refused, and the document is as it was."""
    with pytest.raises(BadValueException, match=r"Page\.version"):
        page.version = 7
    with pytest.raises(BadValueException):
        Page(title="x", version=7)

    session.save(page)
    assert stored(database)["v"] == 2


def test_an_application_may_name_no_operation_for_the_version(session, page):
    """`update_ops` cannot reach it either."""
    page.text = "two"
    with pytest.raises(InvalidModifierException):
        session.update(page, version="$set")


# -- saving, updating and removing what somebody else has written ---------------------------------


WRITES = {
    "save": lambda session, page: session.save(page),
    "update": lambda session, page: session.update(page),
    "upsert": lambda session, page: session.update(page, upsert=True),
    "by_expression": lambda session, page: session.update(page, Page.title == "home"),
    "upsert_by_expression": lambda session, page: session.update(
        page, Page.title == "home", upsert=True
    ),
    "remove": lambda session, page: session.remove(page),
}


@pytest.mark.parametrize("write", list(WRITES))
def test_a_write_of_a_stale_document_is_refused(session, other, database, page, write):
    """The error names class, id and version; nothing is written, nothing created."""
    overtake(other)
    page.text = "mine"
    before = stored(database)
    with pytest.raises(StaleDocumentException) as caught:
        WRITES[write](session, page)

    error = caught.value
    assert (error.document_class, error.document_id) == ("Page", page.mongo_id)
    assert (error.expected_version, error.is_versioned) == (1, True)
    assert all(part in str(error) for part in ("Page", repr(page.mongo_id), "version 1"))
    assert "mine" not in str(error)
    assert stored(database) == before
    assert isinstance(error, InvalidUpdateException)


@pytest.mark.parametrize("write", list(WRITES))
def test_a_write_of_a_removed_document_is_refused(session, other, database, page, write):
    """A versioned document that is gone is never created anew."""
    other.remove(other.query(Page).one())
    page.text = "mine"
    with pytest.raises(StaleDocumentException):
        WRITES[write](session, page)

    assert database["pages"].count_documents({}) == 0


@pytest.mark.parametrize("write", list(WRITES))
def test_a_write_of_a_current_document_goes_through(session, database, page, write):
    """Where nobody else has written, every write is done."""
    page.text = "mine"
    WRITES[write](session, page)

    if write == "remove":
        assert database["pages"].count_documents({}) == 0
    else:
        assert (stored(database)["t"], stored(database)["v"], page.version) == ("mine", 2, 2)
        assert page.get_dirty_ops() == {}


@pytest.mark.parametrize("write", list(WRITES))
def test_a_refused_object_keeps_its_changes(session, other, page, write):
    """What could not be written is still to be written, under the version that was loaded."""
    overtake(other)
    page.text = "mine"
    page.tags.append("b")
    page.reads = 5
    with pytest.raises(StaleDocumentException):
        WRITES[write](session, page)

    assert (page.text, page.tags, page.version) == ("mine", ["a", "b"], 1)
    assert page.get_dirty_ops() == {
        "$set": {"t": "mine", "tags": ["a", "b"]},
        "$inc": {"reads": 5},
    }


def test_after_a_refusal_the_changes_can_be_merged_and_stored(session, other, database, page):
    """Load anew, merge, try again: both writers' changes are stored."""
    overtake(other, words={"b": 2})
    page.tags.append("b")
    with pytest.raises(StaleDocumentException):
        session.save(page)
    fresh = session.refresh(page)
    fresh.tags = page.tags
    session.save(fresh)

    assert (stored(database)["tags"], stored(database)["words"]) == (["a", "b"], {"b": 2})
    assert fresh.version == stored(database)["v"] == 3


def test_after_a_refusal_an_object_can_be_reloaded_in_place(session, other, database, page):
    """`reload` gives up the changes and takes over the version."""
    overtake(other)
    page.text = "mine"
    with pytest.raises(StaleDocumentException):
        session.save(page)
    session.reload(page)
    assert (page.text, page.version) == ("theirs", 2)
    page.text = "mine after all"
    session.save(page)

    assert (stored(database)["t"], stored(database)["v"]) == ("mine after all", 3)


@pytest.mark.parametrize(
    "change",
    [
        lambda page: page.tags.append("b"),
        lambda page: page.words.update(b=2),
        lambda page: setattr(page.link, "target", "elsewhere"),
        lambda page: setattr(page, "reads", 5),
        lambda page: delattr(page, "text"),
    ],
    ids=["list", "dict", "embedded", "increment", "deletion"],
)
@pytest.mark.parametrize("write", ["save", "update"])
def test_every_kind_of_change_counts_and_is_checked(session, other, database, page, change, write):
    """Changes made in place are changes: they carry the version, and increment it."""
    page.link = Link(target="here")
    session.save(page)
    mine, theirs = session.query(Page).one(), other.query(Page).one()
    change(theirs)
    getattr(other, write)(theirs)
    assert theirs.version == stored(database)["v"] == 3
    change(mine)
    with pytest.raises(StaleDocumentException):
        getattr(session, write)(mine)


def test_two_copies_in_one_session_are_two_writers(session, database, page):
    """Without an identity map, the second copy of an object does not overwrite the first."""
    one, two = session.query(Page).one(), session.query(Page).one()
    one.text = "one"
    session.save(one)
    two.tags = ["two"]
    with pytest.raises(StaleDocumentException):
        session.save(two)

    assert (stored(database)["t"], stored(database)["tags"]) == ("one", ["a"])


# -- documents that were never stored -------------------------------------------------------------


def test_a_taken_id_is_a_duplicate_key(session, database):
    """A document that was never stored is an insert, whoever gave it its id."""
    session.save(Kept(key="k", body="first"))
    second = Kept(key="k", body="second")
    with pytest.raises(DuplicateKeyError):
        session.save(second)

    assert stored(database, "kept") == {"_id": "k", "body": "first", "version": 1}
    assert not hasattr(second, "version")


def test_a_failed_insert_can_be_put_right(session, database, page):
    """After a duplicate key the document is new still, and its next save is an insert."""
    second = Page(title="home")
    with pytest.raises(DuplicateKeyError):
        session.save(second)
    assert not hasattr(second, "version")
    second.title = "away"
    session.save(second)

    assert second.version == 1
    assert database["pages"].find_one({"title": "away"})["v"] == 1


def test_a_removed_document_can_be_stored_anew(session, database):
    """After its removal it is a new one, with a version of one."""
    kept = Kept(key="k")
    session.save(kept)
    session.save(kept)
    session.remove(kept)
    session.save(kept)

    assert kept.version == stored(database, "kept")["version"] == 1


def test_an_upsert_of_a_new_document_inserts_version_one(session, database):
    """Where nothing is there it is inserted, and known with its version."""
    page = Page(title="home", text="new")
    session.update(page, Page.title == "home", upsert=True)
    assert (page.version, stored(database)["v"]) == (1, 1)
    page.text = "newer"
    session.update(page)

    assert (page.version, stored(database)["v"]) == (2, 2)


def test_an_upsert_that_met_a_stored_document_increments_its_version(session, database):
    """The item was never loaded, so its version is not known, and not asked for until it is."""
    session.save(Kept(key="k", body="first"))
    item = Kept(key="k", body="second")
    session.update(item, upsert=True)
    assert stored(database, "kept") == {"_id": "k", "body": "second", "version": 2}
    item.body = "third"
    session.save(item)
    assert stored(database, "kept") == {"_id": "k", "body": "third", "version": 3}
    session.reload(item)
    item.body = "fourth"
    session.save(item)

    assert stored(database, "kept") == {"_id": "k", "body": "fourth", "version": 4}
    assert item.version == 4


def test_a_clone_is_a_new_document(session, database, page):
    """It has no version before it is stored, and its own afterwards."""
    session.save(page)
    copied = session.clone(page)
    copied.title = "copy"
    assert not hasattr(copied, "version")
    session.save(copied)

    assert (copied.version, page.version) == (1, 2)
    assert database["pages"].find_one({"title": "copy"})["v"] == 1


def test_documents_from_before_their_class_counted_versions(session, other, database):
    """They have none, count from one, and two writers of one are told apart all the same."""
    database["pages"].insert_one({"title": "old", "t": "old"})
    mine, theirs = session.query(Page).one(), other.query(Page).one()
    theirs.text = "theirs"
    other.save(theirs)
    assert (theirs.version, stored(database)["v"]) == (1, 1)
    mine.text = "mine"
    with pytest.raises(StaleDocumentException) as caught:
        session.update(mine)

    assert caught.value.expected_version is None
    assert caught.value.is_versioned is True


@pytest.mark.parametrize("write", ["update", "save", "remove"])
def test_an_old_document_is_written_where_nobody_else_has(session, database, write):
    """A document without a version is matched by its lack of one."""
    database["pages"].insert_one({"title": "old"})
    page = session.query(Page).one()
    page.text = "new"
    getattr(session, write)(page)

    if write == "remove":
        assert database["pages"].count_documents({}) == 0
    else:
        assert (stored(database)["v"], page.version) == (1, 1)


@pytest.mark.parametrize("bad", [0, -1, "1", 1.0, True, 2**63])
def test_a_stored_version_that_is_none_is_refused(session, database, bad):
    """What another program has written there is not taken for a version."""
    if bad == 2**63:
        bad = float(bad)
    database["pages"].insert_one({"title": "odd", "v": bad})
    with pytest.raises(BadValueException, match=r"Page\.version"):
        session.query(Page).one()


# -- partial documents and subclasses -------------------------------------------------------------


@pytest.mark.parametrize("write", ["save", "update"])
def test_a_partial_document_knows_its_version(session, other, database, page, write):
    """It is loaded with whatever was asked for, checked and incremented."""
    mine = session.query(Page).fields(Page.text).one()
    theirs = other.query(Page).fields(Page.text).one()
    theirs.text = "theirs"
    getattr(other, write)(theirs)
    assert (stored(database)["v"], stored(database)["tags"], theirs.version) == (2, ["a"], 2)
    mine.text = "mine"
    with pytest.raises(StaleDocumentException):
        getattr(session, write)(mine)
    assert mine.get_dirty_ops() == {"$set": {"t": "mine"}}


def test_a_partial_document_is_removed_under_its_version(session, other, database, page):
    """A removal is checked as well."""
    mine = session.query(Page).fields(Page.text).one()
    overtake(other)
    with pytest.raises(StaleDocumentException):
        session.remove(mine)

    assert database["pages"].count_documents({}) == 1


def test_the_version_cannot_be_left_out_of_a_partial_load(session, page):
    """Without it nothing could be written safely."""
    with pytest.raises(BadQueryException, match="version"):
        session.query(Page).fields(Page.version.exclude()).one()


def test_a_version_is_inherited(session, other, database):
    """Subclasses count in the field of their base."""
    session.save(Circle(radius=1))
    mine, theirs = session.query(Shape).one(), other.query(Circle).one()
    theirs.radius = 2
    other.save(theirs)
    mine.radius = 3
    with pytest.raises(StaleDocumentException) as caught:
        session.save(mine)

    assert caught.value.document_class == "Circle"
    assert stored(database, "shapes")["version"] == 2


# -- update expressions and find-and-modify -------------------------------------------------------


def test_an_update_expression_increments_the_version(session, database, page):
    """So a document that somebody has loaded is stale afterwards."""
    session.query(Page).set(text="two").execute()
    assert stored(database)["v"] == 2
    page.text = "mine"
    with pytest.raises(StaleDocumentException):
        session.save(page)


def test_an_update_of_many_increments_each(session, database, page):
    """Every document that is changed counts."""
    session.save(Page(title="away"))
    session.query(Page).set(text="two").multi().execute()

    assert [page["v"] for page in database["pages"].find()] == [2, 2]


def test_an_increment_of_another_field_stands_beside_the_versions(session, database, page):
    """Both are in one `$inc`."""
    session.query(Page).inc(Page.reads, 5).execute()

    assert (stored(database)["reads"], stored(database)["v"]) == (15, 2)


def test_an_upsert_by_expression_inserts_version_one(session, database):
    """What it creates can be loaded and written like any other."""
    session.query(Page).filter(Page.title == "home").set(text="new").upsert().execute()
    page = session.query(Page).one()
    assert page.version == 1
    page.text = "newer"
    session.save(page)

    assert stored(database)["v"] == 2


def test_a_removal_by_query_asks_for_no_version(session, database, page):
    """It is about what matches when it is done."""
    session.save(page)
    session.remove_query(Page).filter(Page.title == "home").execute()

    assert database["pages"].count_documents({}) == 0


@pytest.mark.parametrize("new", [False, True])
def test_find_and_modify_increments_the_version(session, database, page, new):
    """The object has the version of the state that it shows."""
    found = session.query(Page).find_and_modify(new=new).set(text="two").execute()

    assert stored(database)["v"] == 2
    assert found.version == (2 if new else 1)
    found.text = "three"
    if new:
        session.save(found)
        assert stored(database)["v"] == 3
    else:
        with pytest.raises(StaleDocumentException):
            session.save(found)


def test_find_and_modify_inserts_version_one(session, page):
    """An upsert that inserts begins to count."""
    away = session.query(Page).filter(Page.title == "away").find_and_modify(new=True)

    assert away.set(text="x").upsert().execute().version == 1


def test_a_partial_find_and_modify_knows_the_version(session, page):
    """Whatever fields were asked for, the version is among them."""
    query = session.query(Page).fields(Page.text)
    found = query.find_and_modify(new=True).set(text="two").execute()
    found.text = "three"
    session.save(found)

    assert found.version == 3


# -- several writes in one flush ------------------------------------------------------------------


def test_several_saves_of_one_object_in_a_row(session, database, page):
    """Each follows the one before it."""
    for text in ("two", "three", "four"):
        page.text = text
        session.save(page)

    assert (stored(database)["t"], stored(database)["v"], page.version) == ("four", 4, 4)


@pytest.mark.parametrize("atomic", [None, False])
def test_several_writes_of_one_object_in_one_block(make_session, database, atomic):
    """Saves, updates and a removal of one object follow each other within one flush."""
    session = make_session(safe=True, atomic=atomic)
    page, gone = Page(title="home"), Page(title="gone")
    with session:
        session.save(page)
        page.text = "two"
        session.save(page)
        page.tags = ["a"]
        session.update(page)
        page.tags.append("b")
        session.update(page)
        page.text = "five"
        session.save(page)
        session.save(gone)
        gone.text = "x"
        session.update(gone)
        session.remove(gone)

    assert stored(database) == {
        "_id": page.mongo_id,
        "title": "home",
        "t": "five",
        "tags": ["a", "b"],
        "v": 5,
    }
    assert page.version == 5
    assert page.get_dirty_ops() == {}


def test_updates_of_many_objects_share_a_call(make_session, database, commands):
    """Updates are checked in bulk; replacements and removals have a call of their own."""
    session = make_session(safe=True, atomic=False)
    pages = [Page(title=str(number)) for number in range(5)]
    for page in pages:
        session.add(page)
    session.flush()
    commands.clear()
    with session:
        for page in pages:
            page.text = "two"
            session.update(page)
        session.save(User(name="last"))
    assert [len(body["updates"]) for body in bodies_of(commands, "update")] == [5]
    with session:
        for page in pages:
            page.text = "three"
            session.save(page)

    assert [page["v"] for page in database["pages"].find()] == [3] * 5
    assert [page.version for page in pages] == [3] * 5


@pytest.mark.parametrize("write", ["save", "update", "remove"])
def test_a_stale_document_stops_a_flush_at_its_place(make_session, other, database, write):
    """Those before it are applied, those after it are not, and hold their versions."""
    session = make_session(safe=True, atomic=False)
    pages = [Page(title=str(number), text="one") for number in range(4)]
    for page in pages:
        session.add(page)
    session.flush()
    other.query(Page).filter(Page.title == "2").set(text="theirs").execute()
    session.begin_trans()
    for page in pages:
        page.text = "mine"
        getattr(session, write)(page)
    session.save(User(name="last"))
    with pytest.raises(StaleDocumentException) as caught:
        session.end_trans()

    assert caught.value.document_id == pages[2].mongo_id
    assert {3, 5, 2} <= numbers_of(note_of(caught.value))
    left = [(page["t"], page["v"]) for page in database["pages"].find()]
    before = [] if write == "remove" else [("mine", 2)] * 2
    assert left == [*before, ("theirs", 2), ("one", 1)]
    assert [page.version for page in pages[2:]] == [1, 1]
    assert all(page.get_dirty_ops() == {"$set": {"t": "mine"}} for page in pages[2:])


@pytest.mark.parametrize("write", ["save", "update", "remove"])
def test_a_stale_document_rolls_the_whole_block_back(session, other, database, page, write):
    """In one server transaction nothing of the block is stored, and all keep their versions."""
    second, account = Page(title="second"), Account(email="a")
    overtake(other)
    session.begin_trans()
    session.save(second)
    session.save(account)
    page.text = "mine"
    getattr(session, write)(page)
    with pytest.raises(StaleDocumentException):
        session.end_trans()

    assert stored(database)["t"] == "theirs"
    assert database["accounts"].count_documents({}) == 0
    assert page.version == 1
    assert not hasattr(second, "version")
    assert second.get_dirty_ops() == {"$set": {"title": "second"}}
    session.save(second)
    assert second.version == 1


def test_a_block_can_be_tried_again_after_a_merge(session, other, database, page):
    """The second try stores everything once."""
    second = Page(title="second")
    overtake(other)
    page.tags.append("b")
    with pytest.raises(StaleDocumentException):
        with session:
            session.save(second)
            session.save(page)
    fresh = session.refresh(page)
    fresh.tags = page.tags
    with session:
        session.save(second)
        session.save(fresh)

    assert sorted((p["title"], p["v"]) for p in database["pages"].find()) == [
        ("home", 3),
        ("second", 1),
    ]


def test_a_dropped_write_gives_its_version_back(session, database, page):
    """What a failed block queued counts nothing."""
    new = Page(title="new")
    with pytest.raises(KeyError):
        with session:
            session.save(new)
            page.text = "two"
            session.save(page)
            page.text = "three"
            session.update(page)
            assert (page.version, new.version) == (3, 1)
            raise KeyError
    assert page.version == 1
    assert not hasattr(new, "version")
    session.save(page)

    assert (page.version, stored(database)["v"], stored(database)["t"]) == (2, 2, "three")


def test_an_inner_block_that_was_dropped_leaves_the_version_of_the_outer_one(
    session, database, page
):
    """The next write follows the one that is still queued."""
    with session:
        page.text = "outer"
        session.save(page)
        with pytest.raises(KeyError):
            with session:
                page.text = "inner"
                session.save(page)
                raise KeyError
        page.text = "after"
        session.save(page)

    assert (stored(database)["t"], stored(database)["v"], page.version) == ("after", 3, 3)


def test_a_block_that_is_tried_again_counts_once(session, database, page, fail_command):
    """The queue makes the driver's retry exact."""
    new = Page(title="new")
    with fail_command("commitTransaction", times=2, **CONFLICT):
        with session:
            page.text = "two"
            session.update(page)
            session.save(page)
            session.save(new)

    assert sorted(page["v"] for page in database["pages"].find()) == [1, 3]
    assert (page.version, new.version) == (3, 1)


def test_a_transaction_that_is_tried_again_counts_once(session, database, page, fail_command):
    """Before each try the versions are put back to what they were."""
    seen, new = [], Page(title="new")

    def change(session):
        seen.append((page.version, hasattr(new, "version")))
        page.text = "two"
        session.save(page)
        page.tags.append(f"{len(seen)}")
        session.update(page)
        session.save(new)

    with fail_command("commitTransaction", times=2, **CONFLICT):
        session.run_in_transaction(change)

    assert seen == [(1, False)] * 3
    assert sorted(page["v"] for page in database["pages"].find()) == [1, 3]
    assert (page.version, new.version) == (3, 1)


def test_a_rolled_back_transaction_gives_the_versions_back(session, database, page):
    """Afterwards a write is one under the version that is stored."""
    with pytest.raises(KeyError):
        with session.transaction():
            page.text = "two"
            session.save(page)
            session.save(page)
            raise KeyError
    assert page.version == 1
    session.save(page)

    assert (page.version, stored(database)["v"], stored(database)["t"]) == (2, 2, "two")


def test_an_upsert_that_was_rolled_back_gives_no_version(session):
    """A document that was inserted in vain is a new one still."""
    page = Page(title="home")
    with pytest.raises(KeyError):
        with session.transaction():
            session.update(page, Page.title == "home", upsert=True)
            assert page.version == 1
            raise KeyError
    assert not hasattr(page, "version")
    assert not page.has_id()
    session.save(page)

    assert page.version == 1


def test_a_removal_that_was_rolled_back_leaves_the_version(session, database, page):
    """The document is there still, and so is the object's knowledge of it."""
    session.save(page)
    with pytest.raises(KeyError):
        with session.transaction():
            session.remove(page)
            raise KeyError
    page.text = "two"
    session.update(page)

    assert (page.version, stored(database)["v"]) == (3, 3)


# -- safety, and what is not known ----------------------------------------------------------------


@pytest.mark.parametrize("many", [False, True], ids=["alone", "in_bulk"])
@pytest.mark.parametrize("write", ["save", "update", "remove"])
def test_a_stale_document_is_raised_without_safety(
    make_session, other, database, caplog, write, many
):
    """`safe=False` logs what the server reports; a lost update is always raised."""
    session = make_session(atomic=False)
    pages = [Page(title=title, text="one") for title in ("home", "away", "last")]
    for page in pages:
        session.add(page)
    session.flush()
    other.query(Page).filter(Page.title == "away").set(text="theirs").execute()
    session.begin_trans()
    for page in pages if many else pages[1:2]:
        page.text = "mine"
        getattr(session, write)(page, safe=False)
    session.save(User(name="last"))
    with pytest.raises(StaleDocumentException):
        session.end_trans()

    assert database["users"].count_documents({}) == 0
    assert [r for r in caplog.records if r.levelno == logging.ERROR] == []


def test_another_failure_without_safety_gives_the_version_back(make_session, database):
    """What was only logged can be put right: it is sent under the version that is stored."""
    session = make_session()
    page, taken = Page(title="home"), Page(title="taken")
    session.save(page)
    session.save(taken)
    page.title = "taken"
    session.save(page)
    assert page.version == 1
    page.title = "free"
    session.save(page)

    assert page.version == 2
    assert database["pages"].find_one({"title": "free"})["v"] == 2


@pytest.mark.parametrize("write", ["save", "update"])
def test_a_refused_write_gives_the_version_back(session, database, page, write):
    """An error of the server counts nothing."""
    session.save(Page(title="taken"))
    page.title = "taken"
    with pytest.raises(DuplicateKeyError):
        getattr(session, write)(page)
    assert page.version == 1
    page.title = "free"
    getattr(session, write)(page)

    assert (page.version, database["pages"].find_one({"title": "free"})["v"]) == (2, 2)


@pytest.mark.parametrize("applied", [True, False])
@pytest.mark.parametrize("write", ["save", "update"])
def test_after_an_unknown_outcome_it_is_sent_again_under_the_same_version(
    session, database, page, fail_command, write, applied
):
    """When the first try was applied the second is stale; when it was not, it is stored once."""
    page.text = "two"
    with fail_command("update", closeConnection=True):
        with pytest.raises(AutoReconnect):
            getattr(session, write)(page)
    if applied:  # what the server may have done before the connection was lost
        database["pages"].update_one({}, {"$set": {"t": "two"}, "$inc": {"v": 1}})

    assert page.version == 1
    assert page.get_dirty_ops() == {"$set": {"t": "two"}}
    if applied:
        with pytest.raises(StaleDocumentException):
            getattr(session, write)(page)
    else:
        getattr(session, write)(page)
        assert page.version == 2
    assert (stored(database)["t"], stored(database)["v"]) == ("two", 2)


@pytest.mark.parametrize("applied", [True, False])
def test_an_insert_of_unknown_outcome_is_an_insert_again(session, database, fail_command, applied):
    """When the first try was applied the second meets its own document."""
    page = Page(title="home")
    with fail_command("insert", closeConnection=True):
        with pytest.raises(AutoReconnect):
            session.save(page)
    if applied:
        database["pages"].insert_one({"_id": page.mongo_id, "title": "home", "v": 1})
        with pytest.raises(DuplicateKeyError):
            session.save(page)
        session.reload(page)
    else:
        session.save(page)

    assert (page.version, stored(database)["v"]) == (1, 1)


def test_a_write_without_acknowledgement_is_counted(make_session, database):
    """What has a version is acknowledged all the same, so that a stale write is told."""
    database["pages"].insert_one({"title": "home", "v": 3})
    unheard = make_session(database.with_options(write_concern=WriteConcern(w=0)))
    page, stale = unheard.query(Page).one(), unheard.query(Page).one()
    for text in ("two", "three"):
        page.text = text
        unheard.save(page)
    stale.text = "stale"
    for write in (unheard.update, unheard.remove):
        with pytest.raises(StaleDocumentException):
            write(stale)
    unheard.save(User(name="last"))

    make_session(safe=True).query(Page).set(reads=1).execute()
    assert stored(database)["t"] == "three"
    assert stored(database)["v"] == page.version + 1 == 6


def test_a_refused_field_is_no_stale_document(session, database, page):
    """Another error of the server at the same place stays what it is."""
    database.command("collMod", "pages", validator={"t": {"$ne": "refused"}})
    page.text = "refused"
    with pytest.raises(WriteError) as caught:
        session.update(page)

    assert not isinstance(caught.value, StaleDocumentException)
    assert isinstance(caught.value, PyMongoError)


def test_a_pickled_document_keeps_its_version(session, other, page):
    """It can be written by another process, under the version that was loaded here."""
    copied = pickle.loads(pickle.dumps(page))
    copied.text = "two"
    other.save(copied)

    assert copied.version == 2
