"""
References to a class that nobody has imported are loaded, and stored again as they are.

The kinds: an `SRefField`, with ids of any type, or a `RefField`; alone or in a list, set, dict,
`KVField` or tuple, in an embedded document or in one of a list; loaded whole or in part, changed,
updated, saved and removed. What is given anew is an ``ObjectId`` or a ``DBRef``: of anything else
the class alone could tell what it stands for.
"""

from __future__ import annotations

from datetime import datetime

import pytest
from bson import DBRef, ObjectId

from ommongo import (
    DictField,
    Document,
    DocumentField,
    IntField,
    KVField,
    ListField,
    RefField,
    SetField,
    SRefField,
    StringField,
    TupleField,
)
from ommongo.document import document_type_registry
from ommongo.exceptions import BadFieldSpecification, BadValueException

SPACE = "tests.unknown_classes"


class Note(Document):
    config_namespace = SPACE
    by_id = SRefField("Shelf", required=False)
    by = by_id.rel()


class Book(Document):
    config_namespace = SPACE
    config_collection_name = "books"

    title = StringField(default="")
    shelf_id = SRefField("Shelf", required=False)
    shelf = shelf_id.rel(allow_none=True)
    shelf_ref = RefField("Shelf", required=False, namespace=SPACE)
    ref_shelf = shelf_ref.rel()
    past_ids = ListField(SRefField("Shelf"), default_empty=True)
    past = past_ids.rel()
    other_ids = SetField(SRefField("Shelf"), default_empty=True)
    refs = ListField(RefField("Shelf", namespace=SPACE), default_empty=True)
    places = DictField(SRefField("Shelf"), default_empty=True)
    counts = KVField(SRefField("Shelf"), IntField(), default_empty=True)
    pair = TupleField(SRefField("Shelf"), IntField(), required=False)
    note = DocumentField(Note, required=False)
    notes = ListField(DocumentField(Note), default_empty=True)


IDS = {
    "ObjectId": ObjectId(),
    "str": "A 3",
    "int": 7,
    "date": datetime(2024, 5, 6),
    "compound": {"room": 3, "number": 7},
}


def with_references(id):
    """Give what another process has stored, with the id in every place."""
    place, as_item = DBRef("Shelf", id), [] if isinstance(id, dict) else [id]
    return {
        "title": "Bumi Manusia",
        "shelf_id": id,
        "shelf_ref": place,
        "past_ids": [id, id],
        "other_ids": as_item,
        "refs": [place],
        "places": {"home": id},
        "counts": [{"k": one, "v": 3} for one in as_item],
        "pair": [id, 1],
        "note": {"by_id": id},
        "notes": [{"by_id": id}],
    }


@pytest.mark.parametrize("id", IDS.values(), ids=IDS)
def test_documents_are_loaded_and_stored_again(safe_session, database, id):
    """What is stored stays as it is, and what is changed is changed."""
    raw = {"_id": ObjectId(), **with_references(id)}
    database["books"].insert_one(raw)

    book = safe_session.query(Book).one()
    assert (book.shelf_id, book.past_ids, book.note.by_id) == (id, [id, id], id)
    assert book.get_dirty_ops() == {}
    for write in (safe_session.update, safe_session.save):
        book.title += "!"
        book.past_ids.append(id)
        write(book)
    raw["title"] += "!!"
    raw["past_ids"] += [id, id]
    assert database["books"].find_one() == raw
    assert safe_session.query(Book).fields(Book.title, Book.past_ids).one().past_ids == [id] * 4
    assert safe_session.remove(book)["n"] == 1


def test_a_document_without_references(safe_session, database):
    """Nothing is used, so nothing is looked up."""
    safe_session.save(Book(title="Rumah Kaca"))
    book = safe_session.query(Book).one()
    book.title = "x"
    safe_session.update(book)

    assert safe_session.query(Book).fields(Book.title).one().title == "x"
    assert safe_session.query(Book).filter(Book.title == "x").count() == 1


def test_an_object_id_is_one_whatever_the_class(safe_session, database):
    """It is taken, asked for and set; whether the class has such ids is known with the class."""
    id = ObjectId()
    safe_session.save(Book(shelf_id=id, past_ids=[id], shelf_ref=DBRef("Shelf", id)))

    assert safe_session.query(Book).filter(Book.shelf_id == id, Book.past_ids == id).count() == 1
    safe_session.query(Book).set(Book.shelf_id, id).append(Book.past_ids, id).execute()
    assert database["books"].find_one()["past_ids"] == [id, id]


GIVEN = {
    "constructor": lambda s, v: Book(shelf_id=v),
    "in a list": lambda s, v: Book(past_ids=[v]),
    "assignment": lambda s, v: setattr(Book(), "shelf", v),
    "query": lambda s, v: Book.shelf == v,
    "in_": lambda s, v: Book.past_ids.in_(v, v),
    "set": lambda s, v: s.query(Book).set(Book.shelf, v),
    "append": lambda s, v: s.query(Book).append(Book.past_ids, v),
}


@pytest.mark.parametrize("give", GIVEN.values(), ids=GIVEN)
@pytest.mark.parametrize("value", [str(ObjectId()), 7, Note(mongo_id=ObjectId())], ids=type)
def test_what_might_stand_for_an_id_is_refused(session, give, value):
    """Nobody knows whether text is the id, or a form of it: it is not stored as it came."""
    with pytest.raises(BadFieldSpecification, match=r"'Shelf'.*import its module"):
        give(session, value)


def test_operators_are_no_ids(session):
    """Not those of an unknown class either."""
    for value in ({"$gt": ""}, {"a": {"$ne": 1}}):
        with pytest.raises(BadValueException):
            Book(shelf_id=value)


@pytest.mark.parametrize("name", ["shelf", "ref_shelf", "past"])
def test_following_says_which_class_is_missing(safe_session, database, name):
    """With what to do, and not before."""
    id = ObjectId()
    database["books"].insert_one(
        {"shelf_id": id, "shelf_ref": DBRef("Shelf", id), "past_ids": [id]}
    )
    book = safe_session.query(Book).one()

    with pytest.raises(BadFieldSpecification, match=r"'Shelf'.*import its module"):
        getattr(book, name)


def test_a_class_that_comes_later_is_known(safe_session, database, monkeypatch):
    """What was found out before does not stay."""
    id = ObjectId()
    database["books"].insert_one({"shelf_id": id, "past_ids": [id]})
    safe_session.query(Book).one()
    monkeypatch.setitem(document_type_registry, SPACE, {**document_type_registry[SPACE]})

    class Shelf(Document):
        config_namespace = SPACE
        name = StringField(default="A")

    safe_session.save(Shelf(mongo_id=id))
    book = safe_session.query(Book).one()
    assert (book.shelf.name, [one.name for one in book.past]) == ("A", ["A"])
    assert Book(shelf=str(id)).shelf_id == id
    database["books"].update_one({}, {"$set": {"shelf_id": "text"}})
    with pytest.raises(BadValueException, match="takes ObjectId, not str"):
        safe_session.query(Book).one()
