"""
The names in array filters and in the order of a push are checked and translated, as elsewhere.

Where: a dict with names behind the identifier, joined ones (``$or``), below ``$elemMatch``, in an
embedded document; by keyword a dict, an expression on the items or on the list; before and after
the path is named; in find-and-modify; ``push(sort=)``. Which name: a Python name, a stored one, a
misspelt one, a field of another class. Below a field that holds anything nobody knows.
"""

from __future__ import annotations

import pytest

from ommongo import (
    AnythingField,
    DictField,
    Document,
    DocumentField,
    IntField,
    ListField,
    StringField,
)
from ommongo.exceptions import FieldNotFoundException
from ommongo.update_expression import UpdateExpression

NAMESPACE = "tests.server.array_filters"


class Page(Document):
    config_namespace = NAMESPACE
    number = IntField(db_field="n")
    text = StringField(default="", db_field="t")
    notes = ListField(DocumentField("Page"), default_empty=True)


class Other(Document):
    config_namespace = NAMESPACE
    number = IntField()


class Book(Document):
    config_namespace = NAMESPACE
    config_collection_name = "books"
    pages = ListField(DocumentField(Page), default_empty=True, db_field="p")
    tags = ListField(StringField(), default_empty=True)
    parts = DictField(ListField(DocumentField(Page)), default_empty=True)
    things = ListField(AnythingField(), default_empty=True)


@pytest.fixture
def query(safe_session):
    """A query of one book."""
    pages = [Page(number=1), Page(number=5, notes=[Page(number=9)])]
    parts = {"k": [Page(number=3)]}
    safe_session.save(Book(pages=pages, tags=["a", "b"], parts=parts, things=[{"x": 1}]))
    return safe_session.query(Book)


FILTERS = {
    "python name": ([{"x.number": 1}], {}, [0]),
    "stored name": ([{"x.n": 1}], {}, [0]),
    "joined": ([{"$or": [{"x.number": 1}, {"x.number": 5}]}], {}, [0, 1]),
    "embedded": ([{"x.notes.number": 9}], {}, [1]),
    "elemMatch": ([{"x.notes": {"$elemMatch": {"number": 9}}}], {}, [1]),
    "dict": ([], {"x": {"number": {"$lt": 3}}}, [0]),
    "expression": ([], {"x": Page.number == 1}, [0]),
    "by the list": ([], {"x": Book.pages.number > 1}, [1]),
    "either": ([], {"x": (Page.number == 1) | (Page.text == "q")}, [0]),
}


@pytest.mark.parametrize("is_before", [False, True])
@pytest.mark.parametrize(("given", "named", "changed"), FILTERS.values(), ids=FILTERS)
def test_names_of_items(query, given, named, changed, is_before):
    """Items are picked by the names of their class, and by the stored ones."""
    update = UpdateExpression(query)
    if is_before:
        update.array_filters(*given, **named).set("pages.$[x].text", "new").execute()
    else:
        update.set("pages.$[x].text", "new").array_filters(*given, **named).execute()

    texts = [page.text for page in query.one().pages]
    assert texts == ["new" if index in changed else "" for index in range(2)]


def test_items_that_are_values(query):
    """An item itself is compared with a value, by operators, or by an expression on the list."""
    for named in ({"x": "a"}, {"x": {"$in": ["a"]}}, {"x": Book.tags == "a"}):
        query.set(Book.tags, ["a", "b"]).execute()
        UpdateExpression(query).set("tags.$[x]", "c").array_filters(**named).execute()
        assert query.one().tags == ["c", "b"]


def test_items_of_items_and_of_anything(query):
    """Each identifier has its items; what may be anything is not checked."""
    update = UpdateExpression(query).set("pages.$[x].notes.$[y].text", "new")
    update.array_filters({"x.number": 5}, y=Page.number == 9).execute()
    UpdateExpression(query).set("parts.k.$[x].text", "new").array_filters({"x.number": 3}).execute()
    UpdateExpression(query).set("things.$[x].x", 2).array_filters({"x.x": 1}).execute()

    book = query.one()
    assert book.pages[1].notes[0].text == book.parts["k"][0].text == "new"
    assert book.things == [{"x": 2}]


WRONG = {
    "misspelt": lambda u: u.array_filters({"x.nmber": 1}),
    "joined": lambda u: u.array_filters({"$or": [{"x.nmber": 1}]}),
    "embedded": lambda u: u.array_filters({"x.notes.nmber": 1}),
    "elemMatch": lambda u: u.array_filters({"x.notes": {"$elemMatch": {"nmber": 9}}}),
    "dict": lambda u: u.array_filters(x={"nmber": 1}),
    "another class": lambda u: u.array_filters(x=Other.number == 1),
}


@pytest.mark.parametrize("is_found", [False, True])
@pytest.mark.parametrize("filters", WRONG.values(), ids=WRONG)
def test_names_that_mean_nothing(query, filters, is_found):
    """They are refused, and nothing is sent."""
    before = query.raw_output().one()
    query = query.session.query(Book)
    update = query.find_and_modify() if is_found else UpdateExpression(query)

    with pytest.raises(FieldNotFoundException, match="number"):
        filters(update.set("pages.$[x].text", "new")).execute()

    assert query.raw_output().one() == before


@pytest.mark.parametrize("name", ["number", "n", Page.number])
def test_the_order_of_a_push(query, name):
    """It names fields of the items in either form."""
    UpdateExpression(query).push("pages", Page(number=3), sort={name: -1}).execute()

    assert [page.number for page in query.one().pages] == [5, 3, 1]


@pytest.mark.parametrize("name", ["nmber", Other.number])
def test_an_order_that_means_nothing(query, name):
    """It is refused when it is named."""
    with pytest.raises(FieldNotFoundException, match="number"):
        UpdateExpression(query).push("pages", Page(number=3), sort={name: -1})
