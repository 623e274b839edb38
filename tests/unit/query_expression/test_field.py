"""`User.age`: a query field, its sub-fields and the underlying field."""

from __future__ import annotations

import copy
import pickle
import threading

import pytest

from ommongo import Document, DocumentField, IntField, ListField, StringField
from ommongo.document import document_type_registry
from ommongo.exceptions import BadQueryException
from ommongo.query_expression import QueryField
from tests.unit.query_expression.models import Author, Book


@pytest.fixture
def namespace():
    """A registry of document classes for one test."""
    name = "tests.unit.query_expression.test_field"
    yield name
    document_type_registry.pop(name, None)


def test_the_class_gives_query_fields():
    """Reading a field on its class gives the query field, the same each time."""
    assert isinstance(Book.title, QueryField)
    assert Book.title is Book.title
    assert Book.author.name is Book.author.name


def test_a_query_field_knows_its_field_and_its_parent():
    """The type is the declared field, the parent what it was reached through."""
    assert Book.title.get_type() is Book.get_fields()["title"]
    assert Book.title._get_parent() is None
    assert Book.author.name.get_type() is Author.get_fields()["name"]
    assert Book.author.name._get_parent() is Book.author


def test_a_query_field_can_be_made_by_hand():
    """`QueryField(field, parent)` is what the class would give."""
    field = QueryField(Book.pages.number.get_type(), Book.pages)
    assert field == Book.pages.number
    assert field._get_parent() is Book.pages


@pytest.mark.parametrize(
    ("field", "name"),
    [
        (Book.author.name, "author.nm"),
        (Book.author.mongo_id, "author._id"),
        (Book.pages.number, "pages.n"),
        (Book.words.k, "words.k"),
        (Book.words.v, "words.v"),
    ],
)
def test_sub_fields_are_attributes(field, name):
    """They are reached through embedded documents, lists of these, and mappings."""
    assert str(field) == name


def test_documents_can_be_nested_to_any_depth(namespace):
    """A document that embeds itself has sub-fields without end."""

    class Folder(Document):
        config_namespace = namespace
        name = StringField()
        folders = ListField(DocumentField("Folder"), db_field="f")

    assert str(Folder.folders.folders.folders.name) == "f.f.f.name"


def test_another_class_of_the_name_takes_its_place(namespace):
    """A sub-field is that of the class that the name means now."""

    class Shelf(Document):
        config_namespace = namespace
        board = DocumentField("Board")

    class Board(Document):
        config_namespace = namespace
        width = IntField()

    first = Shelf.board.width

    class Board(Document):  # noqa: F811 - the point
        config_namespace = namespace
        width = IntField(db_field="w")

    expected = Shelf.board.get_type().subfields()["width"]
    assert first._get_parent() is Shelf.board
    assert Shelf.board.width.get_type() is expected
    assert str(Shelf.board.width) == f"board.{expected.db_field}"


def test_other_attributes_are_those_of_the_field():
    """What is neither a sub-field nor of the query field is asked of the underlying field."""
    assert Book.title.db_field == "t"
    assert Book.title.required is True
    assert Book.year.wrap(3) == 3
    assert Book.year.is_valid_wrap("3") is False
    assert Book.author.is_id is False
    assert Book.tags.is_sequence_field is True


def test_a_sub_field_wins_over_an_attribute_of_the_field():
    """An embedded document's own names come first."""
    assert str(Book.author.default) == "author.default"


def test_a_sub_field_wins_over_a_new_operator():
    """A name that documents had before the operator came still means the field."""
    assert (Book.author.size == 3).obj == {"author.size": 3}
    assert QueryField.size(Book.tags, 3).obj == {"tags": {"$size": 3}}


def test_an_operator_of_old_wins_over_a_sub_field():
    """What always was an operator still is one; by name the field can be reached."""
    assert Book.author.exists(True).obj == {"author": {"$exists": True}}
    assert (Book.author._subfield("exists") == 3).obj == {"author.exists": 3}


@pytest.mark.parametrize("field", [Book.author, Book.pages, Book.words])
def test_a_name_that_is_no_field_is_refused(field):
    """The message has the whole name."""
    with pytest.raises(BadQueryException, match=rf"^{field}\.nmae is no field"):
        _ = field.nmae


@pytest.mark.parametrize("field", [Book.title, Book.author.name, Book.tags, Book.anything])
def test_a_scalar_has_no_sub_fields(field):
    """A sub-field of what holds no document is an attribute that is not there."""
    with pytest.raises(AttributeError, match=rf"^{field} \(\w+Field\) has no field .*'city'"):
        _ = field.city


@pytest.mark.parametrize("name", ["__wrapped__", "__deepcopy_me__", "__len__", "__html__"])
@pytest.mark.parametrize("field", [Book.author, Book.title])
def test_protocol_names_are_no_fields(field, name):
    """Tools that ask whether a field has a special method are told no."""
    assert not hasattr(field, name)


@pytest.mark.parametrize(
    ("name", "stored"),
    [("0", "pages.0"), ("$", "pages.$"), ("$[]", "pages.$[]"), ("$[a]", "pages.$[a]")],
)
def test_positions_are_sub_fields_of_a_sequence(name, stored):
    """A dotted name may pick items of a list."""
    item = Book.pages._subfield(name)
    assert str(item) == stored
    assert str(item.number) == f"{stored}.n"
    assert item.get_type() is Book.pages.item_field


def test_what_is_no_sequence_has_no_positions():
    """An embedded document has no item."""
    assert Book.author._subfield("0") is None
    assert Book.title._subfield("0") is None


def test_a_query_field_has_no_attributes_of_its_own():
    """A field of an embedded document cannot be set through the class."""
    with pytest.raises(AttributeError):
        Book.author.name = "Jane"


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_a_query_field_can_be_pickled(protocol):
    """It means the same in another process."""
    field = pickle.loads(pickle.dumps(QueryField(IntField(db_field="i")), protocol))
    assert repr(field) == "QueryField(i)"
    assert (field > 3).obj == {"i": {"$gt": 3}}


def test_a_document_class_keeps_its_fields_when_copied():
    """Copying what holds query fields gives the same fields."""
    assert copy.deepcopy({Book.title: [Book.author.name]}) == {Book.title: [Book.author.name]}


def test_fields_can_be_shared_between_threads():
    """Reaching one sub-field from many threads at once gives one name and no error."""
    field = QueryField(Book.author.get_type())
    seen: list[str] = []
    start = threading.Barrier(8)

    def reach() -> None:
        start.wait()
        seen.extend(str(field.name) for _ in range(200))

    threads = [threading.Thread(target=reach) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(seen) == {"author.nm"}
    assert len(seen) == 1600


def test_a_field_in_the_place_of_another_is_the_one_that_is_asked():
    """A class gives the query field of the field that it has now."""

    class Replaced(Document):
        config_namespace = "tests.unit.query_expression"
        value = IntField()

    assert Replaced.value.get_type() is vars(Replaced)["value"]
    text = StringField()
    text.__set_name__(Replaced, "value")
    Replaced.value = text

    assert Replaced.value.get_type() is text
    assert (Replaced.value == "a").obj == {"value": "a"}
