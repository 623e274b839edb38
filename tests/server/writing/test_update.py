"""`Session.update`: what it sends, what it refuses, and what the item holds afterwards."""

from __future__ import annotations

import pytest
from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from ommongo import (
    DictField,
    Document,
    DocumentField,
    FloatField,
    IntField,
    ListField,
    SetField,
    StringField,
    computed_field,
)
from ommongo.document import FieldNotRetrieved, MissingValueException
from ommongo.exceptions import (
    BadValueException,
    FieldNotFoundException,
    InvalidModifierException,
    InvalidUpdateException,
    StaleDocumentException,
)
from tests.helpers import plain
from tests.models import Account, Address, Note, User


class Page(Document):
    config_namespace = "tests.session_update"
    number = IntField(db_field="n")


class Tally(Document):
    config_namespace = "tests.session_update"
    count = IntField(db_field="c", on_update="$inc")


class Book(Document):
    config_namespace = "tests.session_update"
    config_collection_name = "books"

    title = StringField()
    year = IntField(required=False, db_field="y")
    sold = IntField(required=False, on_update="$inc")
    price = FloatField(required=False)
    words = ListField(StringField(), required=False, on_update="$push", db_field="w")
    genres = SetField(StringField(), required=False, on_update="$addToSet")
    left = ListField(IntField(), required=False, on_update="$pullAll")
    removed = ListField(IntField(), required=False, on_update="$pull")
    more = ListField(IntField(), required=False, on_update="$pushAll")
    ends = ListField(IntField(), required=False, on_update="$pop")
    gone = StringField(required=False, on_update="$unset")
    shelf = StringField(required=False, on_update="ignore")
    notes = DictField(StringField(), required=False)
    pages = ListField(DocumentField(Page), required=False)
    cover = DocumentField(Page, required=False)
    tally = DocumentField(Tally, required=False)


class Doubled(Document):
    config_namespace = "tests.session_update"
    half = IntField()
    other = IntField(required=False)

    @computed_field(IntField(), deps=["half"])
    def whole(obj):
        return obj["half"] * 2


class Odd(Document):
    """Fields that are named like the parameters of `update`."""

    config_namespace = "tests.session_update"
    item = IntField(required=False)
    safe = IntField(required=False)
    upsert = IntField(required=False)


@pytest.fixture
def session(safe_session):
    """A session whose writes raise."""
    return safe_session


def stored(database, document):
    """Give what is stored of a document, without its `_id`."""
    found = database[document.get_collection_name()].find_one({"_id": document._wrapped_id()})
    del found["_id"]
    return found


def sent(commands):
    """Give the last update document that was sent."""
    events = [event for event in commands.started if event.command_name == "update"]
    return plain(events[-1].command["updates"][0]["u"])


def saved(session, **values):
    """Give a saved book."""
    book = Book(title="Emma", **values)
    session.save(book)
    return book


# -- what is sent ---------------------------------------------------------------------------


def test_only_what_changed_is_sent(session, database, commands):
    """An update sends the changed fields, under their stored names."""
    book = saved(session, year=1815)
    book.year = 1816
    session.update(book)

    assert sent(commands) == {"$set": {"y": 1816}}
    assert stored(database, book) == {"title": "Emma", "y": 1816}


def test_one_operation_is_sent(session, commands):
    """All changes of an item go by one update."""
    book = saved(session, year=1815, sold=1)
    book.year, book.sold, book.title = 1816, 2, "Persuasion"
    commands.clear()
    session.update(book)

    assert commands.names() == ["update"]
    assert sent(commands) == {"$set": {"title": "Persuasion", "y": 1816}, "$inc": {"sold": 2}}


def test_what_another_client_wrote_stays(session, database):
    """An update of one field does not touch the others."""
    book = saved(session)
    database["books"].update_one({}, {"$set": {"y": 1815}})
    book.title = "Persuasion"
    session.update(book)

    assert stored(database, book) == {"title": "Persuasion", "y": 1815}


def test_nothing_changed_sends_nothing(session, database, commands):
    """A clean item sends nothing, gives `None`, and the stored document stays."""
    book = saved(session, year=1815)
    commands.clear()

    assert session.update(book) is None
    assert commands.names() == []
    assert session.queue == []
    assert stored(database, book) == {"title": "Emma", "y": 1815}


@pytest.mark.parametrize(
    "touch",
    [
        lambda book: setattr(book, "year", 1815),
        lambda book: (setattr(book, "year", 1), setattr(book, "year", 1815)),
        lambda book: (book.pages.append(Page(number=9)), book.pages.pop()),
        lambda book: setattr(book, "notes", {"a": "b"}),
        lambda book: book.pages[0].number,
    ],
    ids=["equal", "back", "back_in_place", "equal_dict", "read"],
)
def test_a_change_that_changes_nothing_sends_nothing(session, commands, touch):
    """What was set to an equal value, or changed and changed back, is no change."""
    book = saved(session, year=1815, pages=[Page(number=1)], notes={"a": "b"})
    touch(book)
    commands.clear()

    assert session.update(book) is None
    assert commands.names() == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda b: b.notes.update(x="y"), {"$set": {"notes": {"a": "b", "x": "y"}}}),
        (lambda b: b.notes.clear(), {"$set": {"notes": {}}}),
        (lambda b: b.pages.append(Page(number=2)), {"$set": {"pages": [{"n": 1}, {"n": 2}]}}),
        (lambda b: setattr(b.pages[0], "number", 7), {"$set": {"pages": [{"n": 7}]}}),
        (lambda b: setattr(b.cover, "number", 7), {"$set": {"cover.n": 7}}),
        (lambda b: setattr(b, "cover", Page(number=7)), {"$set": {"cover": {"n": 7}}}),
        (lambda b: delattr(b, "year"), {"$unset": {"y": True}}),
        (lambda b: delattr(b, "title"), {"$unset": {"title": True}}),
        (lambda b: delattr(b, "cover"), {"$unset": {"cover": True}}),
    ],
    ids=[
        "dict_key",
        "dict_cleared",
        "list_item",
        "list_item_inside",
        "embedded_inside",
        "embedded_replaced",
        "deleted",
        "required_deleted",
        "embedded_deleted",
    ],
)
def test_every_change_is_found(session, commands, change, expected):
    """Changes in place, inside embedded documents and deletions are sent exactly."""
    book = saved(session, year=1815, notes={"a": "b"}, pages=[Page(number=1)], cover=Page(number=3))
    change(book)
    session.update(book)

    assert sent(commands) == expected
    assert book.get_dirty_ops() == {}


@pytest.mark.parametrize("origin", ["saved", "loaded", "refreshed"])
def test_an_item_of_any_origin_is_updated(session, database, origin):
    """Saved, loaded and refreshed objects know what they changed."""
    book = saved(session, year=1815)
    if origin == "loaded":
        book = session.query(Book).one()
    if origin == "refreshed":
        book = session.refresh(book)
    book.year = 1816
    session.update(book)

    assert stored(database, book)["y"] == 1816


def test_an_ignored_field_is_never_sent(session, database, commands):
    """A field with `on_update='ignore'` does not count as a change."""
    book = saved(session, shelf="A")
    book.shelf = "B"
    commands.clear()

    assert session.update(book) is None
    assert commands.names() == []


def test_the_id_is_never_sent(session, commands):
    """`_id` is in the filter and not in the update."""
    book = saved(session)
    book.title = "Persuasion"
    session.update(book)

    event = [event for event in commands.started if event.command_name == "update"][-1]
    assert plain(event.command["updates"][0]["q"]) == {"_id": book.mongo_id}


def test_a_computed_field_goes_with_its_dependency(session, commands):
    """A computed field is sent when one of its dependencies changed, and only then."""
    doubled = Doubled(half=2, other=1)
    session.save(doubled)
    doubled.half = 3
    session.update(doubled)
    assert sent(commands) == {"$set": {"half": 3, "whole": 6}}

    doubled.other = 2
    session.update(doubled)
    assert sent(commands) == {"$set": {"other": 2}}


def test_a_value_that_became_invalid_is_refused(session, database):
    """A list that was spoilt in place raises, nothing is sent and the item is unchanged."""
    book = saved(session, notes={"a": "b"})
    book.notes["c"] = 5
    with pytest.raises(BadValueException) as caught:
        session.update(book)

    assert caught.value.name.startswith("Book.notes")
    assert session.queue == []
    assert stored(database, book)["notes"] == {"a": "b"}
    assert book.notes == {"a": "b", "c": 5}


# -- the operations -------------------------------------------------------------------------


def test_inc_adds(session, database):
    """A field with `$inc` sends its value as the increment, and then holds the sum."""
    book = saved(session, sold=10)
    book.sold = 3
    session.update(book)

    assert stored(database, book)["sold"] == 13
    assert book.sold == 13
    assert book.get_dirty_ops() == {}


def test_inc_is_never_sent_twice(session, database):
    """A second update without a new assignment sends nothing."""
    book = saved(session, sold=10)
    book.sold = 3
    session.update(book)

    assert session.update(book) is None
    assert stored(database, book)["sold"] == 13


def test_inc_is_never_saved_as_a_value(session, database):
    """A save after an increment stores the sum, not the increment."""
    book = saved(session, sold=10)
    book.sold = 3
    session.update(book)
    book.title = "Persuasion"
    session.save(book)

    assert stored(database, book) == {"title": "Persuasion", "sold": 13}


def test_inc_by_an_equal_value_is_an_increment(session, database):
    """An assigned argument counts also when it equals what was loaded."""
    book = saved(session, sold=10)
    book.sold = 10
    session.update(book)

    assert stored(database, book)["sold"] == 20
    assert book.sold == 20


def test_inc_of_an_absent_field_begins_at_zero(session, database):
    """A field that is not stored holds the increment afterwards."""
    book = saved(session)
    book.sold = 3
    session.update(book)

    assert stored(database, book)["sold"] == 3
    assert book.sold == 3


def test_two_increments_in_one_flush_add_up(session, database):
    """Several updates in one flush apply in order."""
    book = saved(session, sold=10)
    with session:
        book.sold = 3
        session.update(book)
        book.sold = 4
        session.update(book)

    assert stored(database, book)["sold"] == 17
    assert book.sold == 17
    assert book.get_dirty_ops() == {}


def test_push_appends_the_items(session, database):
    """`$push` appends every item of the assigned list, and the field holds the whole list."""
    book = saved(session, words=["a"])
    book.words = ["b", "c"]
    session.update(book)

    assert stored(database, book)["w"] == ["a", "b", "c"]
    assert book.words == ["a", "b", "c"]
    assert book.get_dirty_ops() == {}


def test_push_all_appends_the_items(session, database, commands):
    """`$pushAll` no longer exists on servers: it is sent as `$push` with `$each`."""
    book = saved(session, more=[1])
    book.more = [2, 3]
    session.update(book)

    assert "$pushAll" not in sent(commands)
    assert stored(database, book)["more"] == [1, 2, 3]
    assert book.more == [1, 2, 3]


def test_add_to_set_adds_the_items(session, database):
    """`$addToSet` adds every item that is not there."""
    book = saved(session, genres={"novel"})
    book.genres = {"novel", "satire"}
    session.update(book)

    assert set(stored(database, book)["genres"]) == {"novel", "satire"}
    assert book.genres == {"novel", "satire"}
    assert book.get_dirty_ops() == {}


def test_pull_all_removes_the_items(session, database):
    """`$pullAll` removes every item that equals one of the assigned."""
    book = saved(session, left=[1, 2, 3, 2])
    book.left = [2, 3]
    session.update(book)

    assert stored(database, book)["left"] == [1]
    assert book.left == [1]
    assert book.get_dirty_ops() == {}


def test_an_unset_operation_unsets(session, database):
    """A field whose operation is `$unset` is removed."""
    book = saved(session, gone="x")
    book.gone = "y"
    session.update(book)

    assert "gone" not in stored(database, book)
    assert book.get_dirty_ops() == {}
    assert not hasattr(book, "gone")


def test_update_ops_by_query_field(session, database):
    """An operation can be given for a query field."""
    book = saved(session, year=1815)
    book.year = 2
    session.update(book, update_ops={Book.year: "$inc"})

    assert stored(database, book)["y"] == 1817
    assert book.year == 1817


def test_update_ops_by_name(session, database):
    """An operation can be given for a name."""
    book = saved(session, year=1815)
    book.year = 2
    session.update(book, update_ops={"year": "$inc"})

    assert stored(database, book)["y"] == 1817


def test_update_ops_by_keyword(session, database):
    """An operation can be given by top-level Python name."""
    book = saved(session, year=1815)
    book.year = 2
    session.update(book, year="$inc")

    assert stored(database, book)["y"] == 1817


def test_update_ops_and_keywords_together(session, database, commands):
    """The keywords are merged into `update_ops`."""
    book = saved(session, year=1815, left=[1, 2])
    book.year, book.left = 2, [2]
    session.update(book, None, False, {Book.left: "$pullAll"}, year="$inc")

    assert sent(commands) == {"$inc": {"y": 2}, "$pullAll": {"left": [2]}}


def test_update_ops_override_on_update(session, database):
    """An operation of the call goes before that of the field."""
    book = saved(session, sold=10)
    book.sold = 3
    session.update(book, sold="$set")

    assert stored(database, book)["sold"] == 3
    assert book.sold == 3


@pytest.mark.parametrize("origin", ["saved", "loaded"])
def test_update_ops_for_an_embedded_field(session, database, origin):
    """A query field of an embedded document has an operation of its own."""
    book = saved(session, cover=Page(number=3))
    if origin == "loaded":
        book = session.query(Book).one()
    book.cover.number = 2
    session.update(book, update_ops={Book.cover.number: "$inc"})

    assert stored(database, book)["cover"] == {"n": 5}
    assert book.cover.number == 5
    assert book.get_dirty_ops() == {}


@pytest.mark.parametrize("origin", ["saved", "loaded"])
def test_an_embedded_field_is_updated_by_its_own_operation(session, database, origin):
    """A field of an embedded document that declares `$inc` sends its value as the increment."""
    book = saved(session, tally=Tally(count=3))
    if origin == "loaded":
        book = session.query(Book).one()
    book.tally.count = 2
    session.update(book)

    assert stored(database, book)["tally"] == {"c": 5}
    assert book.tally.count == 5
    assert book.get_dirty_ops() == {}


def test_update_ops_ignore(session, commands):
    """A change can be left out of one update, and stays a change."""
    book = saved(session, year=1815)
    book.year, book.title = 1816, "Persuasion"
    session.update(book, year="ignore")

    assert sent(commands) == {"$set": {"title": "Persuasion"}}
    assert book.get_dirty_ops() == {"$set": {"y": 1816}}


@pytest.mark.parametrize(
    ("name", "operation"),
    [("title", "$inc"), ("title", "$push"), ("year", "$push"), ("words", "$inc"), ("year", "$x")],
)
def test_an_operation_that_the_field_does_not_allow_is_refused(session, name, operation):
    """A wrong operation raises, naming the field and the operation; nothing is queued."""
    book = saved(session, year=1815, words=["a"])
    book.title, book.year, book.words = "Persuasion", 1816, ["b"]
    with pytest.raises(InvalidModifierException) as caught:
        session.update(book, **{name: operation})

    assert name in str(caught.value)
    assert operation in str(caught.value)
    assert session.queue == []


def test_an_operation_for_an_unknown_name_is_refused(session):
    """A name that is no field raises, naming it and the class."""
    book = saved(session)
    book.title = "Persuasion"
    with pytest.raises(FieldNotFoundException, match="titel") as caught:
        session.update(book, titel="$set")

    assert "Book" in str(caught.value)


def test_fields_named_like_parameters_go_into_update_ops(session, database):
    """`item`, `safe` and `upsert` are reached by `update_ops`."""
    odd = Odd(item=1, safe=1, upsert=1)
    session.save(odd)
    odd.item, odd.safe, odd.upsert = 5, 5, 5
    session.update(odd, update_ops={"item": "$inc", Odd.safe: "$inc", "upsert": "$set"})

    assert stored(database, odd) == {"item": 6, "safe": 6, "upsert": 5}


def test_update_does_not_change_the_dict_it_was_given(session):
    """The caller's `update_ops` are the caller's."""
    book = saved(session, year=1815)
    book.year = 2
    given = {Book.year: "$inc"}
    session.update(book, update_ops=given, title="$set")

    assert given == {Book.year: "$inc"}


def test_one_call_leaves_nothing_for_the_next(session, database):
    """The operations of one call do not reach the next one."""
    book = saved(session, year=1815)
    book.year = 2
    session.update(book, year="$inc")
    book.year = 5
    session.update(book)

    assert stored(database, book)["y"] == 5


# -- after an operation on a value that is not known ----------------------------------------


def test_an_operation_on_a_field_that_was_not_retrieved_leaves_it_so(session, database):
    """Where the loaded value is not known the result is not, either."""
    saved(session, sold=10)
    book = session.query(Book).fields(Book.title).one()
    book.sold = 3
    session.update(book)

    assert stored(database, book)["sold"] == 13
    with pytest.raises(FieldNotRetrieved):
        _ = book.sold
    assert book.get_dirty_ops() == {}


def test_a_save_after_it_leaves_the_field_alone(session, database):
    """A later save writes no increment as a value."""
    saved(session, sold=10)
    book = session.query(Book).fields(Book.title).one()
    book.sold = 3
    session.update(book)
    book.title = "Persuasion"
    session.save(book)

    assert stored(database, book) == {"title": "Persuasion", "sold": 13}


# -- the target -----------------------------------------------------------------------------


def test_the_target_is_the_items_id(session, database):
    """Only the item's own document is updated."""
    first, second = saved(session), saved(session)
    second.year = 1816
    session.update(second)

    assert "y" not in stored(database, first)
    assert stored(database, second)["y"] == 1816


def test_a_declared_id_is_the_target(session, database):
    """Documents with an id field of their own are updated by it."""
    note = Note(key="k", body=1)
    session.save(note)
    note.body = 2
    session.update(note)

    assert database["notes"].find_one() == {"_id": "k", "body": 2}


def test_an_item_without_an_id_is_refused(session, commands):
    """Neither an `_id` nor an expression: `InvalidUpdateException`, and nothing is sent."""
    with pytest.raises(InvalidUpdateException) as caught:
        session.update(Book(title="Emma"))

    assert not isinstance(caught.value, StaleDocumentException)
    assert "Book" in str(caught.value)
    assert session.queue == []
    assert commands.names() == []


def test_a_partial_item_without_its_id_is_refused(session):
    """Without the `_id` nobody knows what to update."""
    saved(session)
    book = session.query(Book).fields(Book.title, Book.mongo_id.exclude()).one()
    book.title = "Persuasion"
    with pytest.raises((FieldNotRetrieved, InvalidUpdateException)):
        session.update(book)

    assert session.queue == []


@pytest.mark.parametrize(
    "expression",
    [
        Book.title == "Emma",
        {"title": "Emma"},
        {Book.title: "Emma"},
        (Book.title == "Emma") & (Book.year > 1800),
    ],
    ids=["expression", "dict", "query_field", "compound"],
)
def test_an_expression_picks_the_target(session, database, expression):
    """An `id_expression` goes before the item's `_id`."""
    saved(session, year=1815)
    session.save(Book(title="Other", year=1815))
    session.update(Book(title="Persuasion"), expression)

    assert sorted(book["title"] for book in database["books"].find()) == ["Other", "Persuasion"]


def test_an_expression_updates_one_document(session, database):
    """It picks one document, also when several match."""
    saved(session)
    saved(session)
    session.update(Book(title="Persuasion"), Book.title == "Emma")

    assert sorted(book["title"] for book in database["books"].find()) == ["Emma", "Persuasion"]


def test_an_expression_that_matches_nothing_leaves_the_item_dirty(session, database):
    """What was not stored anywhere is a change still, and nothing is created."""
    book = Book(title="Emma", year=1815)
    reply = session.update(book, Book.title == "nothing")

    assert reply["n"] == 0
    assert book.get_dirty_ops() == {"$set": {"title": "Emma", "y": 1815}}
    assert database["books"].count_documents({}) == 0


def test_an_expression_that_matches_leaves_the_item_clean(session):
    """An item whose changes were stored has none left."""
    saved(session)
    book = Book(title="Emma", year=1815)
    session.update(book, Book.title == "Emma")

    assert book.get_dirty_ops() == {}


@pytest.mark.parametrize("wrong", ["Emma", 5, ["Emma"], Book.title])
def test_what_is_no_expression_is_refused(session, wrong):
    """An `id_expression` is a query expression or a dict."""
    book = saved(session)
    book.year = 1816
    with pytest.raises((InvalidUpdateException, TypeError)):
        session.update(book, wrong)

    assert session.queue == []


# -- a document that is gone ----------------------------------------------------------------


def test_an_item_that_was_removed_is_stale(session, database):
    """Without `upsert` nothing is created where the document is gone, and that is an error."""
    book = saved(session)
    database["books"].delete_many({})
    book.year = 1816
    with pytest.raises(StaleDocumentException) as caught:
        session.update(book)

    assert caught.value.document_class == "Book"
    assert caught.value.document_id == book.mongo_id
    assert database["books"].count_documents({}) == 0
    assert book.get_dirty_ops() == {"$set": {"y": 1816}}


def test_an_item_that_was_never_stored_is_stale(session, database):
    """An `_id` of the application's own that nobody has is not created, either."""
    with pytest.raises(StaleDocumentException):
        session.update(Book(title="Emma", mongo_id=ObjectId()))

    assert database["books"].count_documents({}) == 0


def test_after_a_stale_update_a_save_stores_the_item(session, database):
    """An application that wants the document back saves it."""
    book = saved(session)
    database["books"].delete_many({})
    book.year = 1816
    with pytest.raises(StaleDocumentException):
        session.update(book)
    session.save(book)

    assert stored(database, book) == {"title": "Emma", "y": 1816}


# -- upsert ---------------------------------------------------------------------------------


def test_an_upsert_inserts(session, database):
    """Where nothing matches, the item is inserted, with its optional fields."""
    book = Book(title="Emma", year=1815)
    reply = session.update(book, Book.title == "Emma", upsert=True)

    assert reply["upserted"] == book.mongo_id
    assert stored(database, book) == {"title": "Emma", "y": 1815}
    assert book.get_dirty_ops() == {}


def test_an_upsert_updates(session, database):
    """Where something matches, it is updated, and nothing is inserted."""
    saved(session, year=1815)
    session.update(Book(title="Emma", year=1816), Book.title == "Emma", upsert=True)

    assert [book["y"] for book in database["books"].find()] == [1816]


def test_an_upsert_by_id_inserts_under_it(session, database):
    """An item whose document is gone is stored under its own `_id` again."""
    book = saved(session, year=1815)
    given = book.mongo_id
    database["books"].delete_many({})
    book.price = 2.5
    session.update(book, upsert=True)

    assert book.mongo_id == given
    assert stored(database, book) == {"title": "Emma", "y": 1815, "price": 2.5}


def test_an_upsert_sends_required_fields(session, database, commands):
    """Every required field is sent, changed or not; the others are for an insertion only."""
    book = saved(session, year=1815)
    book.price = 2.5
    session.update(book, upsert=True)

    assert sent(commands) == {
        "$set": {"title": "Emma", "price": 2.5},
        "$setOnInsert": {"y": 1815},
    }


def test_an_upsert_without_a_required_field_is_refused(session, commands):
    """An unset required field raises `MissingValueException`, and nothing is sent."""
    with pytest.raises(MissingValueException, match="title"):
        session.update(Book(year=1815), Book.year == 1815, upsert=True)

    assert session.queue == []
    assert commands.names() == []


def test_an_upsert_of_a_partial_item_without_a_required_field_is_refused(session, commands):
    """A required field that was not retrieved cannot be sent."""
    saved(session, year=1815)
    book = session.query(Book).fields(Book.year).one()
    book.year = 1816
    commands.clear()
    with pytest.raises((FieldNotRetrieved, MissingValueException), match="title"):
        session.update(book, upsert=True)

    assert session.queue == []
    assert commands.names() == []


def test_an_update_by_an_expression_stays_in_its_class(session, database):
    """In a shared collection another class's document is not picked."""

    class Animal(Document):
        config_namespace = "tests.session_update"
        config_polymorphic = "kind"
        config_polymorphic_collection = True
        kind = StringField()
        name = StringField()

    class Cat(Animal):
        config_polymorphic_identity = "cat"

    class Dog(Animal):
        config_polymorphic_identity = "dog"

    session.save(Dog(kind="dog", name="rex"))
    reply = session.update(Cat(kind="cat", name="tom"), Cat.name == "rex")

    assert reply["n"] == 0
    assert database["Animal"].find_one()["kind"] == "dog"


def test_after_an_upsert_a_field_holds_what_its_operator_makes_of_nothing(session, database):
    """Where an upsert inserted, an increment began at zero and a push at an empty list."""
    book = Book(title="Emma", sold=3, words=["a"])
    session.update(book, Book.title == "Emma", upsert=True)

    assert stored(database, book) == {"title": "Emma", "sold": 3, "w": ["a"]}
    assert (book.sold, book.words) == (3, ["a"])
    assert book.get_dirty_ops() == {}


def test_an_item_that_was_upserted_is_stored(session, database):
    """After an insertion the item can be updated, saved and removed by its `_id`."""
    book = Book(title="Emma")
    session.update(book, Book.title == "Emma", upsert=True)
    book.year = 1815
    session.update(book)
    assert stored(database, book) == {"title": "Emma", "y": 1815}
    session.remove(book)

    assert database["books"].count_documents({}) == 0


# -- what the item holds afterwards ---------------------------------------------------------


def test_a_stored_item_is_clean(session):
    """When an update succeeded nothing is left to send."""
    book = saved(session, year=1815)
    book.year = 1816
    del book.year
    book.title = "Persuasion"
    session.update(book)

    assert book.get_dirty_ops() == {}
    assert session.update(book) is None


def test_a_field_that_was_changed_again_while_queued_is_dirty(session, database):
    """A change made after queueing is left, and relative to what was stored."""
    book = saved(session, year=1815)
    with session:
        book.year = 1816
        session.update(book)
        book.year = 1815

    assert stored(database, book)["y"] == 1816
    assert book.get_dirty_ops() == {"$set": {"y": 1815}}


def test_an_update_and_a_save_in_one_flush(session, database):
    """A save queued behind an update stores the whole document with both."""
    book = saved(session, sold=10)
    with session:
        book.year = 1815
        session.update(book)
        book.title = "Persuasion"
        session.save(book)

    assert stored(database, book) == {"title": "Persuasion", "y": 1815, "sold": 10}
    assert book.get_dirty_ops() == {}


def test_a_save_behind_an_increment_in_one_flush_keeps_the_sum(session, database):
    """A save queued behind an increment does not write the increment as the value."""
    book = saved(session, sold=10)
    with session:
        book.sold = 3
        session.update(book)
        book.title = "Persuasion"
        session.save(book)

    assert stored(database, book)["sold"] == 13
    assert book.sold == 13


def test_an_updated_item_is_held(make_session):
    """An update does not take the object out of the identity map."""
    session = make_session(safe=True, cache_size=10)
    user = User(name="ada", address=Address(city="London"))
    session.save(user)
    user.address.city = "Paris"
    session.update(user)

    assert session.query(User).one() is user


def test_a_duplicate_key_leaves_the_item_dirty(session, database):
    """An update that the server refuses changes nothing."""
    session.save(Account(email="ada@example.org"))
    account = Account(email="bob@example.org")
    session.save(account)
    account.email = "ada@example.org"
    with pytest.raises(DuplicateKeyError):
        session.update(account)

    assert stored(database, account)["email"] == "bob@example.org"
    assert account.get_dirty_ops() == {"$set": {"email": "ada@example.org"}}
