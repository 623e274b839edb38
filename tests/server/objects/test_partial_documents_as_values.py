"""
A document that was loaded in part from its own collection can be embedded, where it is complete.

Members of the kind, by where it is put: a field, a list, a dict; by how: save, update, a block, an
update expression, find-and-modify. By what it lacks: optional fields; required ones, one with a
default, a part of an embedded document or of a list, which are refused. What was loaded as a part
of another document is never stored as a whole. Its own collection keeps what it has.
"""

from __future__ import annotations

from typing import Any

import pytest

from ommongo import (
    DictField,
    Document,
    DocumentField,
    IntField,
    ListField,
    ModifiedField,
    StringField,
    computed_field,
)
from ommongo.exceptions import FieldNotRetrieved

SPACE = "tests.partial_documents_as_values"


class Place(Document):
    config_namespace = SPACE
    city = StringField(required=False)
    zip = StringField(required=False)


class Author(Document):
    config_namespace = SPACE
    config_collection_name = "authors"

    name = StringField()
    note = StringField(required=False, db_field="n")
    age = IntField(required=False)
    rank = IntField(default=1)
    place = DocumentField(Place, required=False)
    tags = ListField(IntField(), required=False)


class Book(Document):
    config_namespace = SPACE
    config_collection_name = "books"

    title = StringField(default="t")
    author = DocumentField(Author, required=False)
    authors = ListField(DocumentField(Author), default_empty=True)
    by_name = DictField(DocumentField(Author), default_empty=True)


FIELDS = (Author.name, Author.rank)


@pytest.fixture
def author(safe_session) -> Any:
    """Give an author of whom the note was not loaded."""
    place = Place(city="Bogor", zip="16111")
    safe_session.save(Author(name="Ani", note="long", age=5, place=place, tags=[1, 2]))
    return safe_session.query(Author).fields(*FIELDS).one()


def _stored_book(session: Any) -> Any:
    return session.query("books").one()


PUT = {
    "alone": (lambda author: {"author": author}, lambda book: book["author"]),
    "in a list": (lambda author: {"authors": [author]}, lambda book: book["authors"][0]),
    "in a dict": (lambda author: {"by_name": {"a": author}}, lambda book: book["by_name"]["a"]),
}


def _saved(session: Any, values: dict[str, Any]) -> None:
    session.save(Book(**values))


def _updated(session: Any, values: dict[str, Any]) -> None:
    session.save(Book())
    book = session.query(Book).one()
    for name, value in values.items():
        setattr(book, name, value)
    session.update(book)


def _in_a_block(session: Any, values: dict[str, Any]) -> None:
    with session:
        session.add(Book(**values))


def _by_expression(session: Any, values: dict[str, Any]) -> None:
    session.save(Book())
    session.query(Book).set(**values).execute()


def _by_find_and_modify(session: Any, values: dict[str, Any]) -> None:
    session.save(Book())
    session.query(Book).find_and_modify().set(**values).execute()


def _in_place(session: Any, values: dict[str, Any]) -> None:
    session.save(Book())
    book = session.query(Book).one()
    for name, value in values.items():
        held = getattr(book, name, None) if name != "author" else None
        if isinstance(held, list):
            held.extend(value)
        elif isinstance(held, dict):
            held.update(value)
        else:
            setattr(book, name, value)
    session.update(book)


WAYS = {
    "save": _saved,
    "update": _updated,
    "block": _in_a_block,
    "expression": _by_expression,
    "find_and_modify": _by_find_and_modify,
    "in place": _in_place,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("put", PUT)
def test_it_is_stored_with_what_it_has(safe_session, author, put, way):
    """What it lacks is optional, and stays in its own collection."""
    hold, held = PUT[put]

    WAYS[way](safe_session, hold(author))

    assert held(_stored_book(safe_session)) == {"_id": author.mongo_id, "name": "Ani", "rank": 1}
    assert safe_session.query("authors").one()["n"] == "long"
    loaded = safe_session.query(Book).one()
    assert loaded.get_dirty_ops() == {}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "fields",
    [
        (Author.note, Author.rank),
        (Author.name,),
        (Author.name, Author.rank, Author.place.city),
        (Author.name, Author.rank, Author.tags.slice(1)),
    ],
    ids=["no name", "no rank", "a part of the place", "a part of the tags"],
)
def test_what_lacks_something_required_or_a_part_is_refused(safe_session, author, way, fields):
    """It would lose something, and nothing of it is stored."""
    author = safe_session.query(Author).fields(*fields).one()

    with pytest.raises(FieldNotRetrieved):
        WAYS[way](safe_session, {"author": author})

    assert [book for book in safe_session.query("books") if "author" in book] == []


def test_a_part_of_another_document_is_never_stored_as_a_whole(safe_session, author):
    """Neither where it was, nor elsewhere."""
    full = safe_session.refresh(author)
    safe_session.save(Book(author=full, authors=[full]))
    for fields, held in (
        (["author.name", "author.rank"], lambda book: book.author),
        (["authors.name", "authors.rank"], lambda book: book.authors[0]),
    ):
        part = held(safe_session.query(Book).fields(*fields).one())
        with pytest.raises(FieldNotRetrieved):
            safe_session.save(Book(title="other", author=part))

    assert safe_session.query(Book).count() == 1


def test_what_was_assigned_since_goes_along(safe_session, author):
    """A required field that was set is there."""
    author = safe_session.query(Author).fields(Author.name).one()
    author.rank, author.note = 2, "short"

    safe_session.save(Book(author=author))

    assert _stored_book(safe_session)["author"] == {
        "_id": author.mongo_id,
        "name": "Ani",
        "n": "short",
        "rank": 2,
    }


def test_the_object_stays_partial(safe_session, author):
    """It may be changed and written on both sides, and neither erases anything."""
    book = Book(author=author)
    safe_session.save(book)
    with pytest.raises(FieldNotRetrieved):
        author.note

    author.name = "Budi"
    assert book.get_dirty_ops() == {"$set": {"author.name": "Budi"}}
    safe_session.update(book)
    safe_session.update(author)

    assert _stored_book(safe_session)["author"]["name"] == "Budi"
    stored = safe_session.query("authors").one()
    assert (stored["n"], stored["age"]) == ("long", 5)


def test_it_replaces_what_a_partial_document_had(safe_session, author):
    """Nothing of the embedded document before it stays."""
    safe_session.save(Book(author=Author(name="Budi", note="short", age=1)))
    book = safe_session.query(Book).fields(Book.author).one()
    book.author = author
    safe_session.save(book)

    assert _stored_book(safe_session)["author"] == {
        "_id": author.mongo_id,
        "name": "Ani",
        "rank": 1,
    }


def test_a_new_partial_object_is_no_stored_one(safe_session):
    """One that an application made partial was loaded from nowhere."""
    author = Author(retrieved_fields=["name", "rank"], name="A", rank=1)

    with pytest.raises(FieldNotRetrieved):
        safe_session.save(Book(author=author))


def test_a_condition_refuses_it(author):
    """An embedded document is equal as a whole or not at all."""
    with pytest.raises(FieldNotRetrieved, match="Compare the fields"):
        Book.author == author


def test_a_partial_document_is_saved_on_its_own_as_ever(safe_session, author):
    """Its save writes what it has."""
    safe_session.save(Book(author=author))
    author.rank = 7
    safe_session.save(author)

    assert safe_session.query("authors").one()["n"] == "long"
    assert safe_session.query("authors").one()["rank"] == 7


def test_what_is_computed_of_what_it_lacks_is_refused_or_left_out(safe_session):
    """No value is stored that was computed of a default."""

    class Counted(Document):
        config_namespace = SPACE
        config_collection_name = "counted"
        tags = ListField(IntField(), required=False, default_empty=True)
        name = StringField()
        changed = ModifiedField(required=False)

        @computed_field(IntField(), deps=[tags], required=False)
        def count(values: dict[str, Any]) -> int:
            return len(values["tags"])

    class Holder(Document):
        config_namespace = SPACE
        config_collection_name = "holders"
        counted = DocumentField(Counted)

    safe_session.save(Counted(tags=[1, 2], name="a"))
    counted = safe_session.query(Counted).fields(Counted.name).one()
    try:
        safe_session.save(Holder(counted=counted))
    except FieldNotRetrieved:
        assert safe_session.query("holders").all() == []
    else:
        assert "count" not in safe_session.query("holders").one()["counted"]
