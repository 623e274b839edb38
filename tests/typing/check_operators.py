"""What checkers know of comparisons: which values a field is compared with."""

from __future__ import annotations

from datetime import datetime

from bson.objectid import ObjectId
from typing_extensions import assert_type

from ommongo import (
    AnythingField,
    BinaryField,
    BoolField,
    DateTimeField,
    DictField,
    Document,
    DocumentField,
    EnumField,
    FloatField,
    IntField,
    KVField,
    ListField,
    RefField,
    SetField,
    SRefField,
    StringField,
    TupleField,
)
from ommongo.query import Query
from ommongo.query_expression import ElemMatchQueryExpression, Q, QueryExpression


class Author(Document):
    """A document to be embedded and to be referred to."""

    name = StringField()


class Shirt(Document):
    """Fields with the names of operators."""

    size = StringField()
    mod = IntField()


class Order(Document):
    """A document that embeds them."""

    shirt = DocumentField(Shirt)
    maybe = DocumentField(Shirt, optional=True)
    shirts = ListField(DocumentField(Shirt))
    lengths = ListField(IntField())


def check_names_of_operators(query: Query[Order]) -> None:
    """A field of an embedded document wins over an operator of its name."""
    query.filter(Order.shirt.size == "XL", Order.shirt.mod > 3)
    query.filter(Order.maybe.size.in_("XL", "L"))
    query.filter(Order.shirts.size == "XL")
    assert_type(Order.lengths.size(3), QueryExpression)
    assert_type(Shirt.mod.mod(3, 1), QueryExpression)
    Order.lengths.size("3")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


class Book(Document):
    """A document with every kind of value."""

    title = StringField()
    subtitle = StringField(allow_none=True)
    pages = IntField()
    price = FloatField()
    is_new = BoolField()
    cover = BinaryField()
    printed = DateTimeField()
    kind = EnumField(StringField(), "a", "b")
    notes = AnythingField()
    tags = ListField(StringField())
    marks = ListField(IntField(), allow_none=True)
    rows = ListField(ListField(IntField()))
    codes = SetField(IntField())
    size = TupleField(FloatField(), FloatField())
    stock = DictField(IntField())
    shelves = KVField(IntField(), StringField())
    author = DocumentField(Author)
    authors = ListField(DocumentField(Author))
    owner_id = SRefField(Author)
    owner = owner_id.rel()
    ref = RefField(Author)
    reader_ids = ListField(SRefField(Author))


def check_right(query: Query[Book], author: Author, now: datetime, key: ObjectId) -> None:
    """What a field can hold, or an item of it, is what it is compared with."""
    assert_type(Book.title == "a", QueryExpression)
    assert_type(Book.title > "a", QueryExpression)
    assert_type("a" < Book.title, QueryExpression)
    assert_type(Book.title.ge_("a"), QueryExpression)
    assert_type(Book.title.in_("a", "b"), QueryExpression)
    assert_type(Book.title.in_(["a", "b"]), QueryExpression)
    assert_type(Book.title.nin(each for each in ["a"]), QueryExpression)
    assert_type(Book.title.not_in({"a"}), QueryExpression)
    assert_type(Book.title == Book.subtitle, bool)
    assert_type(Book.title < Book.pages, bool)
    assert_type(Book.subtitle == None, QueryExpression)
    assert_type(Book.subtitle.in_("a", None), QueryExpression)
    assert_type(Book.pages != 3, QueryExpression)
    assert_type((3 <= Book.pages) & (Book.pages < 9), QueryExpression)
    assert_type(Book.price > 3, QueryExpression)
    assert_type(Book.is_new == True, QueryExpression)
    assert_type(Book.cover == b"a", QueryExpression)
    assert_type(Book.printed < now, QueryExpression)
    assert_type(Book.kind == "a", QueryExpression)
    query.filter(Book.notes == 3)
    query.filter(Book.notes.in_("a", 3))
    assert_type(Book.tags == "a", QueryExpression)
    assert_type(Book.tags == ["a"], QueryExpression)
    assert_type(Book.tags == ("a",), QueryExpression)
    assert_type(Book.tags.in_("a", "b"), QueryExpression)
    assert_type(Book.tags.in_(["a", "b"]), QueryExpression)
    assert_type(Book.tags.in_(["a"], ["b"]), QueryExpression)
    assert_type(Book.tags.all_("a", "b"), QueryExpression)
    assert_type(Book.tags.matched_index() == "a", QueryExpression)
    assert_type(Book.marks == 3, QueryExpression)
    assert_type(Book.marks == [3], QueryExpression)
    assert_type(Book.marks == None, QueryExpression)
    assert_type(Book.rows == [1], QueryExpression)
    assert_type(Book.rows == [[1]], QueryExpression)
    assert_type(Book.codes == 3, QueryExpression)
    assert_type(Book.codes == {3}, QueryExpression)
    assert_type(Book.codes == [3], QueryExpression)
    assert_type(Book.size == (1.5, 2.5), QueryExpression)
    assert_type(Book.stock == {"a": 3}, QueryExpression)
    query.filter(Book.stock.jakarta > 3)
    assert_type(Book.shelves == {3: "a"}, QueryExpression)
    query.filter(Book.shelves.k == 3)
    assert_type(Book.author == author, QueryExpression)
    query.filter(Book.author.name == "a")
    query.filter(Book.author.name > "a")
    query.filter(Book.authors.name.in_("a"))
    assert_type(Book.authors.elem_match(Author.name == "a"), ElemMatchQueryExpression)
    assert_type(Book.mongo_id == key, QueryExpression)
    assert_type(Book.mongo_id == "0123456789abcdef01234567", QueryExpression)
    assert_type(Book.mongo_id.in_([key, key]), QueryExpression)
    assert_type(Book.owner_id == author, QueryExpression)
    assert_type(Book.owner_id == author.mongo_id, QueryExpression)
    assert_type(Book.owner_id.in_(author, key), QueryExpression)
    query.filter(Book.owner == author)
    assert_type(Book.ref == author.to_ref(), QueryExpression)
    assert_type(Book.ref == author, QueryExpression)
    assert_type(Book.reader_ids == key, QueryExpression)
    assert_type(Book.reader_ids == [key], QueryExpression)
    assert_type(Q.anything == 3, QueryExpression)
    assert_type(Q.anything.in_("a", 3), QueryExpression)
    assert_type(query.filter(Book.pages > 3, Book.tags == "a"), Query[Book])


def check_wrong(query: Query[Book], author: Author) -> None:
    """What a field never holds is refused."""
    Book.pages > "5"  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnusedExpression]
    Book.pages <= None  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnusedExpression]
    Book.title < 3  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnusedExpression]
    Book.subtitle > 3  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnusedExpression]
    Book.tags > 3  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnusedExpression]
    Book.printed > "now"  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnusedExpression]
    Book.mongo_id > 3  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnusedExpression]
    Book.pages.gt_("5")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]
    Book.pages.eq_("5")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]
    Book.pages.in_("5")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Book.pages.nin(["5"])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    Book.tags.in_(1)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]
    Book.tags.all_(1, 2)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]
    Book.codes.in_(["a"])  # type: ignore[list-item]  # pyright: ignore[reportCallIssue, reportArgumentType]


def check_wrong_equality(query: Query[Book], author: Author) -> None:
    """Python compares any two things: what gives no condition is refused where one is wanted."""
    query.filter(Book.pages == "5")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    query.filter(Book.pages != "5")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    query.filter(Book.title == 3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    query.filter(Book.title == None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    query.filter(Book.tags == 3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    query.filter(Book.tags == [3])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    query.filter(Book.author == "Ada")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    query.filter(Book.title == author)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    query.filter(Book.title == Book.subtitle)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
