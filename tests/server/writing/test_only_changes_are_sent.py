"""What an update or a save writes after changes of every kind, and that nothing else is sent."""

from __future__ import annotations

import logging
from datetime import datetime

import pytest
from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from ommongo import (
    AnythingField,
    CreatedField,
    DictField,
    Document,
    DocumentField,
    FloatField,
    IntField,
    KVField,
    ListField,
    ModifiedField,
    SetField,
    StringField,
    computed_field,
)
from ommongo.exceptions import InvalidUpdateException, StaleDocumentException
from tests.helpers import bodies_of


class Place(Document):
    """A document to be embedded."""

    city = StringField(db_field="c")
    zip = StringField(required=False)
    tags = ListField(StringField(), required=False)


class User(Document):
    """A document with fields of many kinds."""

    name = StringField(db_field="n")
    age = IntField(required=False)
    ratio = FloatField(required=False)
    any = AnythingField(required=False)
    tags = ListField(StringField(), required=False)
    groups = SetField(StringField(), required=False)
    limits = DictField(ListField(IntField()), required=False)
    pairs = KVField(IntField(), StringField(), required=False)
    address = DocumentField(Place, required=False)
    addresses = ListField(DocumentField(Place), required=False)


class Loose(Document):
    """A class that keeps extra fields."""

    config_extra_fields = "ignore"
    name = StringField()


class Stamped(Document):
    """A class whose fields follow others."""

    first = StringField()
    other = StringField(required=False)
    created = CreatedField()
    modified = ModifiedField()

    @computed_field(StringField(), deps=["first"])
    def upper(values):
        return values["first"].upper()

    @computed_field(IntField())
    def always(values):
        return 7


WHOLE = {
    "_id": ObjectId("0123456789abcdef01234567"),
    "n": "ada",
    "age": 36,
    "ratio": 1.5,
    "any": {"x": [1, {"y": 2}]},
    "tags": ["a", "b"],
    "groups": ["x", "y"],
    "limits": {"a": [1]},
    "pairs": [{"k": 1, "v": "a"}],
    "address": {"c": "Jakarta", "zip": "1", "tags": ["t"]},
    "addresses": [{"c": "x"}, {"c": "y", "tags": []}],
}


@pytest.fixture
def user(database, safe_session):
    """The one stored user, freshly loaded by a session whose errors are raised."""
    database["User"].insert_one(WHOLE)
    return safe_session.query(User).one()


def stored(document, database):
    """Give what the server holds of *document*."""
    return database[document.get_collection_name()].find_one({"_id": document.mongo_id})


def read_everything(document):
    """Read every field, and those of embedded documents."""
    for name in document.get_fields():
        value = getattr(document, name, None)
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, Document):
                read_everything(item)


def test_an_update_of_an_unchanged_document_sends_nothing(safe_session, user, commands):
    """Nothing changed, nothing is sent, and there is no reply to give."""
    assert safe_session.update(user) is None
    assert commands.names() == []


def test_an_update_of_a_document_that_was_only_read_sends_nothing(safe_session, user, commands):
    """Reading every field changes nothing."""
    read_everything(user)

    assert safe_session.update(user) is None
    assert commands.names() == []


def test_an_update_after_changing_back_sends_nothing(safe_session, user, commands):
    """A document that is what is stored needs no update."""
    user.name, user.age = "eva", 3
    user.tags.append("c")
    user.address.city = "Bogor"
    user.name, user.age = "ada", 36
    user.tags.pop()
    user.address.city = "Jakarta"

    assert safe_session.update(user) is None
    assert commands.names() == []


CHANGES = {
    "a value": (lambda u: setattr(u, "name", "eva"), {"n": "eva"}),
    "a value where none was": (lambda u: setattr(u.addresses[0], "zip", "9"), None),
    "a list": (lambda u: u.tags.append("c"), {"tags": ["a", "b", "c"]}),
    "an item of a list": (lambda u: u.tags.__setitem__(0, "z"), {"tags": ["z", "b"]}),
    "a set": (lambda u: u.groups.discard("x"), {"groups": ["y"]}),
    "a list in a dict": (lambda u: u.limits["a"].append(2), {"limits": {"a": [1, 2]}}),
    "a key of a dict": (lambda u: u.limits.pop("a"), {"limits": {}}),
    "a pair": (lambda u: u.pairs.__setitem__(1, "b"), {"pairs": [{"k": 1, "v": "b"}]}),
    "deep inside": (
        lambda u: u.any["x"][1].__setitem__("y", 3),
        {"any": {"x": [1, {"y": 3}]}},
    ),
    "an embedded document": (lambda u: setattr(u.address, "city", "Bogor"), {"address.c": "Bogor"}),
    "a list in an embedded document": (
        lambda u: u.address.tags.append("u"),
        {"address.tags": ["t", "u"]},
    ),
    "a document in a list": (
        lambda u: setattr(u.addresses[1], "city", "z"),
        {"addresses": [{"c": "x"}, {"c": "z", "tags": []}]},
    ),
}


@pytest.mark.parametrize("kind", CHANGES)
def test_an_update_sends_what_changed_and_nothing_else(
    safe_session, database, user, commands, kind
):
    """One update with the changed stored names; the server then holds what the object has."""
    change, expected = CHANGES[kind]
    change(user)
    safe_session.update(user)

    (update,) = bodies_of(commands, "update")
    (statement,) = update["updates"]
    assert statement["q"] == {"_id": WHOLE["_id"]}
    assert set(statement["u"]) == {"$set"}
    if expected is not None:
        assert statement["u"]["$set"] == expected
    assert stored(user, database) == user.wrap() != WHOLE


@pytest.mark.parametrize("kind", CHANGES)
@pytest.mark.parametrize("write", ["update", "save", "add"])
def test_a_document_is_clean_after_it_was_written(safe_session, user, commands, kind, write):
    """What was written is what is stored: nothing is left to send."""
    CHANGES[kind][0](user)
    assert user.get_dirty_ops() != {}
    getattr(safe_session, write)(user)
    safe_session.flush()
    commands.clear()

    assert user.get_dirty_ops() == {}
    assert safe_session.update(user) is None
    assert commands.names() == []


@pytest.mark.parametrize("kind", CHANGES)
def test_a_document_can_be_changed_again_after_an_update(safe_session, database, user, kind):
    """The next change is compared with what the first update stored."""
    user.tags.append("first")
    user.address.city = "First"
    safe_session.update(user)
    CHANGES[kind][0](user)
    safe_session.update(user)

    assert stored(user, database) == user.wrap()
    assert user.get_dirty_ops() == {}


def test_undoing_a_change_that_was_written_is_a_change(safe_session, database, user):
    """After an update the stored value is the new one, and going back is sent."""
    user.tags.append("c")
    user.age = 37
    safe_session.update(user)
    user.tags.remove("c")
    user.age = 36
    safe_session.update(user)

    assert stored(user, database) == WHOLE


@pytest.mark.parametrize("write", ["update", "save"])
def test_deleted_fields_are_taken_out(safe_session, database, user, write):
    """A deleted field is not stored any more, at the top and inside."""
    del user.age
    del user.tags
    del user.address.zip
    getattr(safe_session, write)(user)

    expected = {name: value for name, value in WHOLE.items() if name not in ("age", "tags")}
    expected["address"] = {"c": "Jakarta", "tags": ["t"]}
    assert stored(user, database) == expected
    assert user.get_dirty_ops() == {}


def test_a_deleted_required_field_is_taken_out_by_an_update(safe_session, database, user):
    """An update may take out a required field; a save may not."""
    del user.name
    safe_session.update(user)

    assert "n" not in stored(user, database)


def test_deleting_sends_an_unset(safe_session, user, commands):
    """A deletion is a ``$unset`` of the stored name."""
    del user.age
    del user.address.zip
    safe_session.update(user)

    (update,) = bodies_of(commands, "update")
    (statement,) = update["updates"]
    assert set(statement["u"]) == {"$unset"}
    assert set(statement["u"]["$unset"]) == {"age", "address.zip"}


def test_a_replaced_embedded_document_leaves_nothing_of_the_old_one(safe_session, database, user):
    """An assigned embedded document is stored whole."""
    user.address = Place(city="Bogor")
    safe_session.update(user)

    assert stored(user, database)["address"] == {"c": "Bogor"}
    user.address.zip = "2"
    safe_session.update(user)
    assert stored(user, database)["address"] == {"c": "Bogor", "zip": "2"}


def test_an_embedded_document_where_none_was_is_stored(safe_session, database):
    """An embedded document that is set for the first time is stored with all it has."""
    user = User(name="a")
    safe_session.save(user)
    user = safe_session.query(User).one()
    user.address = Place(city="Bogor")
    safe_session.update(user)

    assert stored(user, database)["address"] == {"c": "Bogor"}
    assert user.get_dirty_ops() == {}


def test_an_empty_embedded_document_where_none_was_is_stored(safe_session, database):
    """An embedded document without fields is stored as an empty one."""

    class Empty(Document):
        pass

    class Holder(Document):
        empty = DocumentField(Empty, required=False)

    holder = Holder()
    safe_session.save(holder)
    holder.empty = Empty()
    safe_session.update(holder)

    assert database["Holder"].find_one({}, {"_id": 0}) == {"empty": {}}


def test_an_embedded_document_that_moved_from_another_parent_is_stored(safe_session, database):
    """A loaded embedded document given to another parent is stored there with all it has."""
    for name in ("a", "b"):
        safe_session.save(User(name=name, address=Place(city=name, zip=name)))
    first, second = safe_session.query(User).sort((User.name, 1))
    second.address = first.address
    safe_session.update(second)

    assert stored(second, database)["address"] == {"c": "a", "zip": "a"}
    assert stored(first, database)["address"] == {"c": "a", "zip": "a"}


def test_one_embedded_document_of_two_parents_is_written_for_both(safe_session, database):
    """A change of a shared embedded document reaches each parent that is updated."""
    shared = Place(city="a")
    first, second = User(name="a", address=shared), User(name="b", address=shared)
    safe_session.save(first)
    safe_session.save(second)
    shared.city = "b"
    safe_session.update(first)
    safe_session.update(second)

    assert stored(first, database)["address"] == {"c": "b"}
    assert stored(second, database)["address"] == {"c": "b"}


def test_a_just_saved_document_is_clean(safe_session, commands):
    """A new document has nothing to send after it was saved."""
    user = User(
        name="a",
        tags=["t"],
        groups={"y", "x"},
        limits={"a": [1]},
        address=Place(city="c"),
        any={"x": [1]},
    )
    assert user.get_dirty_ops() != {}
    safe_session.save(user)
    commands.clear()

    assert user.get_dirty_ops() == {}
    assert safe_session.update(user) is None
    assert commands.names() == []


def test_a_just_saved_document_that_was_changed_in_place_is_dirty(safe_session, database):
    """What a new document was saved with is what later changes are compared with."""
    tags = ["t"]
    user = User(name="a", tags=tags, address=Place(city="c"), limits={"a": [1]})
    safe_session.save(user)
    tags.append("u")
    user.address.city = "d"
    user.limits["a"].append(2)

    assert user.get_dirty_ops() == {
        "$set": {"tags": ["t", "u"], "address.c": "d", "limits": {"a": [1, 2]}}
    }
    safe_session.update(user)
    assert stored(user, database) == user.wrap()


def test_a_change_made_after_an_add_is_not_in_that_add(safe_session, database):
    """`add` takes a snapshot; what changes later needs another write, and is found."""
    user = User(name="a", tags=["t"])
    safe_session.add(user)
    user.name = "b"
    user.tags.append("u")
    safe_session.flush()

    assert stored(user, database)["n"] == "a"
    assert stored(user, database)["tags"] == ["t"]
    assert user.get_dirty_ops() == {"$set": {"n": "b", "tags": ["t", "u"]}}


def test_a_document_is_dirty_again_when_its_write_failed(safe_session, database, user):
    """A change that was not stored is still to be stored."""
    database["User"].create_index("n", unique=True)
    database["User"].insert_one({"n": "taken"})
    user.name = "taken"
    user.tags.append("c")
    with pytest.raises(DuplicateKeyError):
        safe_session.update(user)

    assert user.get_dirty_ops() == {"$set": {"n": "taken", "tags": ["a", "b", "c"]}}
    user.name = "free"
    safe_session.update(user)
    assert stored(user, database)["n"] == "free"
    assert stored(user, database)["tags"] == ["a", "b", "c"]


def test_a_document_is_dirty_again_when_its_write_was_dropped(safe_session, user):
    """A queued change that was dropped is still to be stored."""
    user.tags.append("c")
    safe_session.begin_trans()
    safe_session.update(user)
    safe_session.clear_queue()
    safe_session.end_trans()

    assert user.get_dirty_ops() == {"$set": {"tags": ["a", "b", "c"]}}


def test_a_document_is_dirty_again_after_a_block_that_failed(safe_session, database, user):
    """What a block dropped was never stored."""
    with pytest.raises(ZeroDivisionError), safe_session:
        user.tags.append("c")
        safe_session.update(user)
        _ = 1 / 0

    assert stored(user, database) == WHOLE
    assert user.get_dirty_ops() == {"$set": {"tags": ["a", "b", "c"]}}


def test_an_update_of_a_removed_document_is_stale(safe_session, database, user):
    """A document that someone removed is not created again."""
    database["User"].delete_many({})
    user.name = "eva"

    with pytest.raises(StaleDocumentException):
        safe_session.update(user)
    assert database["User"].count_documents({}) == 0


def test_an_update_of_a_removed_document_is_logged_without_safe(session, database, caplog):
    """Without `safe` the same is an error in the log, and nothing is created."""
    database["User"].insert_one(WHOLE)
    user = session.query(User).one()
    database["User"].delete_many({})
    user.name = "eva"
    with caplog.at_level(logging.ERROR, "ommongo"):
        session.update(user)

    assert [record.levelname for record in caplog.records if record.name == "ommongo"] == ["ERROR"]
    assert database["User"].count_documents({}) == 0


def test_another_writers_change_of_another_field_is_kept(safe_session, database, user):
    """An update writes its own changes only."""
    database["User"].update_one({}, {"$set": {"age": 99, "address.zip": "9"}})
    user.name = "eva"
    user.address.city = "Bogor"
    safe_session.update(user)

    assert stored(user, database)["age"] == 99
    assert stored(user, database)["address"] == {"c": "Bogor", "zip": "9", "tags": ["t"]}


def test_a_list_to_be_pushed_that_was_changed_in_place_is_stored_as_it_is(safe_session, database):
    """In place there is no argument: the list is the wanted one, and no item is stored twice."""

    class Logged(Document):
        log = ListField(StringField(), on_update="$push")

    safe_session.save(Logged(log=["a"]))
    logged = safe_session.query(Logged).one()
    logged.log.append("b")
    safe_session.update(logged)

    assert database["Logged"].find_one({}, {"_id": 0}) == {"log": ["a", "b"]}
    assert logged.get_dirty_ops() == {}


# -- fields that follow others --------------------------------------------------------------------


@pytest.fixture
def stamped(safe_session):
    """A stored document whose fields follow others, freshly loaded."""
    safe_session.save(Stamped(first="a"))
    return safe_session.query(Stamped).one()


def test_fields_that_always_go_along_are_no_change(safe_session, stamped, commands):
    """A modified date and a computed field without dependencies alone send nothing."""
    _ = stamped.modified, stamped.always, stamped.created, stamped.upper

    assert safe_session.update(stamped) is None
    assert commands.names() == []


def test_fields_that_always_go_along_are_sent_with_a_change(safe_session, stamped, commands):
    """A change of anything sends them too."""
    stamped.other = "x"
    safe_session.update(stamped)

    (update,) = bodies_of(commands, "update")
    assert set(update["updates"][0]["u"]["$set"]) == {"other", "always", "modified"}


def test_a_computed_field_is_stored_with_its_dependency(safe_session, database, stamped):
    """What is computed from a changed field is stored in the same update."""
    stamped.first = "b"
    safe_session.update(stamped)

    assert stored(stamped, database)["upper"] == "B"
    assert stored(stamped, database)["first"] == "b"


def test_a_document_with_a_modified_date_is_clean_after_an_update(safe_session, stamped, commands):
    """The date that was stored is not sent again without a change."""
    stamped.other = "x"
    safe_session.update(stamped)
    commands.clear()

    assert safe_session.update(stamped) is None
    assert commands.names() == []


def test_the_modified_date_of_the_object_is_what_was_stored(safe_session, database, stamped):
    """After an update the attribute has the stored date, which is newer than the one before."""
    database["Stamped"].update_one({}, {"$set": {"modified": datetime(2000, 1, 1)}})
    stamped = safe_session.query(Stamped).one()
    assert stamped.modified == datetime(2000, 1, 1)
    stamped.other = "x"
    safe_session.update(stamped)

    assert stamped.modified == stored(stamped, database)["modified"] > datetime(2000, 1, 1)


def test_the_created_date_stays(safe_session, database, stamped):
    """A date of creation is stored once."""
    before = stored(stamped, database)["created"]
    stamped.other = "x"
    safe_session.update(stamped)
    safe_session.save(stamped)

    assert stored(stamped, database)["created"] == before == stamped.created


# -- extra fields ---------------------------------------------------------------------------------


def loose(safe_session, database, **extra):
    """Give a loaded loose document that is stored with *extra* fields."""
    database["Loose"].insert_one({"name": "a", **extra})
    return safe_session.query(Loose).one()


def test_extra_fields_are_written_by_an_update(safe_session, database):
    """Added, changed and deleted extra fields are stored so."""
    document = loose(safe_session, database, colour="red", size=1, deep={"list": [1]})
    extra = document.get_extra_fields()
    extra["colour"] = "blue"
    extra["new"] = [1]
    extra["deep"]["list"].append(2)
    del extra["size"]
    safe_session.update(document)

    assert database["Loose"].find_one({}, {"_id": 0}) == {
        "name": "a",
        "colour": "blue",
        "deep": {"list": [1, 2]},
        "new": [1],
    }
    assert document.get_dirty_ops() == {}


def test_unchanged_extra_fields_send_nothing(safe_session, database, commands):
    """Loaded extra fields are clean."""
    document = loose(safe_session, database, colour="red")
    document.get_extra_fields()
    commands.clear()

    assert safe_session.update(document) is None
    assert commands.names() == []


def test_extra_fields_are_kept_by_a_save(safe_session, database):
    """Saving the whole document keeps what the class does not know."""
    document = loose(safe_session, database, colour="red", **{"a.b": 1})
    document.name = "b"
    safe_session.save(document)

    assert database["Loose"].find_one({}, {"_id": 0}) == {"name": "b", "colour": "red", "a.b": 1}


def test_an_extra_field_with_a_dot_is_saved_with_the_document(safe_session, database):
    """A save writes the whole document, so no update has to name the field."""
    document = loose(safe_session, database, **{"a.b": 1})
    document.get_extra_fields()["a.b"] = 2
    safe_session.save(document)

    assert database["Loose"].find_one({}, {"_id": 0}) == {"name": "a", "a.b": 2}


@pytest.mark.parametrize(
    "change",
    [
        lambda extra: extra.update({"a.b": 2}),
        lambda extra: extra.update({"new.one": 2}),
        lambda extra: extra.pop("a.b"),
    ],
    ids=["changed", "added", "deleted"],
)
def test_an_extra_field_with_a_dot_cannot_be_updated(safe_session, database, change):
    """No update can name such a field: refused, and nothing is written."""
    document = loose(safe_session, database, **{"a.b": 1})
    document.name = "b"
    change(document.get_extra_fields())

    with pytest.raises(InvalidUpdateException):
        safe_session.update(document)
    assert database["Loose"].find_one({}, {"_id": 0}) == {"name": "a", "a.b": 1}
    assert safe_session.queue == []


def test_an_unchanged_extra_field_with_a_dot_does_not_disturb_an_update(safe_session, database):
    """An update of something else does not name it."""
    document = loose(safe_session, database, **{"a.b": 1, "$x": 2})
    document.name = "b"
    safe_session.update(document)

    assert database["Loose"].find_one({}, {"_id": 0}) == {"name": "b", "a.b": 1, "$x": 2}


def test_an_extra_field_with_a_dollar_is_stored_by_an_insert(safe_session, database):
    """A new document may have an extra field that begins with ``$``."""
    document = Loose(name="a")
    document.get_extra_fields()["$x"] = 1
    safe_session.save(document)

    assert database["Loose"].find_one({}, {"_id": 0}) == {"name": "a", "$x": 1}


def test_an_extra_field_with_a_dollar_is_loaded(safe_session, database):
    """What is stored under such a name can be read."""
    assert loose(safe_session, database, **{"$x": 1}).get_extra_fields() == {"$x": 1}


@pytest.mark.parametrize("write", ["save", "update"])
def test_a_changed_extra_field_with_a_dollar_cannot_be_written(safe_session, database, write):
    """No update and no replacement can name such a field: refused, and nothing is written."""
    document = loose(safe_session, database, **{"$x": 1})
    document.get_extra_fields()["$x"] = 2

    with pytest.raises(InvalidUpdateException):
        getattr(safe_session, write)(document)
    assert database["Loose"].find_one({}, {"_id": 0}) == {"name": "a", "$x": 1}


def test_a_document_with_a_dollar_cannot_be_replaced(safe_session, database):
    """A save that would have to replace such a document is refused, and nothing is written."""
    document = loose(safe_session, database, **{"$x": 1})
    document.name = "b"

    with pytest.raises(InvalidUpdateException):
        safe_session.save(document)
    assert database["Loose"].find_one({}, {"_id": 0}) == {"name": "a", "$x": 1}
