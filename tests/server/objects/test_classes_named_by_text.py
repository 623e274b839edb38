"""
A class that is named by text is wanted when a reference is followed, and not before.

In a process that never imports it, documents are loaded (whole, in part), made, saved, updated, and
inserted by an upsert. Which fields name it: single references of both kinds, lists, sets, dicts,
keys and tuples of such, at the top, in an embedded document, in one in a list; embedded documents
that are not there. Where its objects are needed (to follow, to embed, to take an id in another
form) the error says so. A class that comes later is used from then on.
"""

from __future__ import annotations

import pytest
from bson import DBRef, ObjectId

from ommongo import (
    DictField,
    Document,
    DocumentField,
    IntField,
    KVField,
    ListField,
    ModifiedField,
    RefField,
    SetField,
    SRefField,
    StringField,
    TupleField,
)
from ommongo.document import document_type_registry
from ommongo.exceptions import BadFieldSpecification
from tests.helpers import bodies_of

NAMESPACE = "tests.server.named_by_text"
ID = ObjectId("0123456789abcdef01234567")
REF = DBRef("shelves", ID)


def ref(**options):
    """Give a reference of the other kind."""
    return RefField("Shelf", namespace=NAMESPACE, **options)


FIELDS = {
    "sref": lambda: SRefField("Shelf", required=False),
    "ref": lambda: ref(required=False),
    "srefs": lambda: ListField(SRefField("Shelf"), required=False),
    "refs": lambda: ListField(ref(), required=False),
    "set_of": lambda: SetField(SRefField("Shelf"), required=False),
    "dict_of": lambda: DictField(ref(), required=False),
    "keys": lambda: KVField(SRefField("Shelf"), IntField(), required=False),
    "tuple_of": lambda: TupleField(SRefField("Shelf"), ref(), required=False),
    "lists": lambda: ListField(ListField(SRefField("Shelf")), required=False),
    "document": lambda: DocumentField("Shelf", required=False),
    "documents": lambda: ListField(DocumentField("Shelf"), required=False),
    "dict_of_documents": lambda: DictField(DocumentField("Shelf"), required=False),
}
STORED = {
    "sref": ID,
    "ref": REF,
    "srefs": [ID],
    "refs": [REF],
    "set_of": [ID],
    "dict_of": {"a": REF},
    "keys": [{"k": ID, "v": 1}],
    "tuple_of": [ID, REF],
    "lists": [[ID]],
}
EMBEDDED = {"document": {}, "documents": [{}], "dict_of_documents": {"a": {}}}


def declare(name, **more):
    """Declare a class with all of these fields, anew: what is found out of one is kept."""
    body = {"config_namespace": NAMESPACE, "config_collection_name": "books", **more}
    return type(name, (Document,), {**body, **{field: make() for field, make in FIELDS.items()}})


@pytest.fixture
def book():
    """A class that names one which is not there, and so do those that are embedded in it."""
    part = declare("Part", size=IntField())
    return declare(
        "Book",
        title=StringField(),
        part=DocumentField(part, required=False),
        parts=ListField(DocumentField(part), required=False),
    )


def write_in_all_ways(session, database, cls):
    """Load an object of a class, and store it in each way."""
    session.clear_cache()
    [before] = database["books"].find()
    found = session.query(cls).one()
    assert found.get_dirty_ops() == {}
    session.save(found)
    assert [*database["books"].find()] == [before]
    found.title = "b"
    session.update(found)
    found.title = "c"
    with session:
        session.update(found)
    part = session.query(cls).fields(cls.title).one()
    assert part.title == "c"
    part.title = "d"
    session.save(part)
    session.query(cls).set(cls.title, "e").execute()
    assert session.query(cls).find_and_modify(new=True).set(cls.title, "f").execute().title == "f"
    assert [*database["books"].find()] == [{**before, "title": "f"}]


def test_nothing_is_referred_to(session, database, book):
    """Where no value is there, the class is not wanted."""
    session.save(book(title="a"))
    write_in_all_ways(session, database, book)
    session.query(book).filter(book.title == "g").set(book.title, "g").upsert().execute()
    session.remove_query(book).filter(book.title == "g").execute()
    assert database["books"].count_documents({}) == 1
    with session:
        for found in session.query(book):
            session.remove(found)
    assert database["books"].count_documents({}) == 0


@pytest.mark.parametrize("name", STORED)
@pytest.mark.parametrize("depth", ["", "part", "parts"])
def test_references_are_not_followed(session, database, book, name, depth):
    """What is referred to is loaded as it is stored, and stored as it was loaded."""
    value = {name: STORED[name]}
    if depth:
        inner = {**value, "size": 1}
        value = {depth: inner if depth == "part" else [inner]}
    database["books"].insert_one({"title": "a", **value})
    write_in_all_ways(session, database, book)


@pytest.mark.parametrize("name", EMBEDDED)
def test_what_is_embedded_needs_its_class(session, database, book, name):
    """A document that is stored there cannot be loaded; the rest can."""
    database["books"].insert_one({"title": "a", name: EMBEDDED[name]})
    with pytest.raises(BadFieldSpecification, match="Shelf"):
        session.query(book).one()
    assert session.query(book).fields(book.title).one().title == "a"


def test_a_reference_can_be_made_and_asked_for(session, database, book):
    """An ``ObjectId`` and a ``DBRef`` are what they are; of others only the class can tell."""
    session.save(book(title="a", sref=ID, ref=REF, srefs=[ID]))
    found = session.query(book).filter(book.sref == ID, book.ref == REF, book.srefs == ID).one()
    assert (found.sref, found.ref, found.srefs) == (ID, REF, [ID])
    session.query(book).set(book.sref, ID).execute()
    before = [*database["books"].find()]
    for use in (
        lambda: book(sref=str(ID)),
        lambda: setattr(found, "ref", str(ID)),
        lambda: book.sref == str(ID),
        lambda: session.query(book).set(book.sref, str(ID)),
        lambda: session.query(book).set(book.sref, 7),
    ):
        with pytest.raises(BadFieldSpecification, match="Shelf"):
            use()
    assert [*database["books"].find()] == before


def test_following_needs_the_class(session, book):
    """It says which class is missing."""
    reader = declare("Reader", title=StringField())
    for name in ("sref", "ref", "srefs"):
        setattr(reader, name + "_rel", reader._fields[name].rel())
    session.save(reader(title="a", sref=ID, ref=REF, srefs=[ID]))
    found = session.query(reader).one()
    for name in ("sref", "ref", "srefs"):
        with pytest.raises(BadFieldSpecification, match="Shelf"):
            getattr(found, name + "_rel")


def test_a_class_that_comes_later(session, database, commands, book):
    """What it says is known from then on: its hooks, its times, its kind of id."""
    session.save(book(title="a", sref=ID))
    assert session.query(book).one().title == "a"
    ran = []

    def transform_incoming(cls, obj, session):
        ran.append(obj)
        return obj

    shelf = type(
        "Shelf",
        (Document,),
        {
            "config_namespace": NAMESPACE,
            "config_collection_name": "shelves",
            "changed": ModifiedField(),
            "label": StringField(required=False),
            "transform_incoming": classmethod(transform_incoming),
        },
    )
    try:
        session.clear_cache()
        found = session.query(book).one()
        found.documents = [shelf()]
        found.document = shelf()
        session.save(found)
        [stored] = database["books"].find()
        assert stored["document"].keys() == stored["documents"][0].keys() == {"changed"}
        session.clear_cache()
        found = session.query(book).one()
        assert len(ran) == 2
        commands.clear()
        found.document.label = "x"
        session.update(found)
        [body] = bodies_of(commands, "update")
        assert body["updates"][0]["u"]["$set"].keys() == {"document.label", "document.changed"}
        assert book(title="b", sref=str(ID)).sref == ID
    finally:
        del document_type_registry[NAMESPACE]["Shelf"]
