"""`elem_match`, `all_`, `size` and positions in arrays."""

from __future__ import annotations

import re

import pytest

from ommongo.exceptions import BadQueryException, BadValueException
from ommongo.query_expression import ElemMatchQueryExpression, Q, QueryExpression
from tests.unit.query_expression.models import Book, Page, Swapped


@pytest.mark.parametrize(
    "condition",
    [
        Page.number > 3,
        Book.pages.number > 3,
        {"number": {"$gt": 3}},
        {"n": {"$gt": 3}},
        {Page.number: {"$gt": 3}},
        {Book.pages.number: {"$gt": 3}},
        {"pages.n": {"$gt": 3}},
    ],
)
def test_an_item_can_be_described_in_every_way(condition):
    """Names may be those of the item's class or begin at the document, Python's or stored."""
    assert Book.pages.elem_match(condition).obj == {"pages": {"$elemMatch": {"n": {"$gt": 3}}}}


def test_names_are_relative_at_every_level():
    """Alternatives about an item are translated as the rest is."""
    either = (Book.pages.number > 3) | (Page.text == "a") | {"number": 1}
    expression = Book.pages.elem_match(either & (Book.pages.text != "b"))
    assert expression.obj == {
        "pages": {
            "$elemMatch": {
                "$or": [{"n": {"$gt": 3}}, {"text": "a"}, {"n": 1}],
                "text": {"$ne": "b"},
            }
        }
    }


def test_no_condition_on_an_item_is_lost():
    """One field named in two ways has both conditions."""
    expression = Book.pages.elem_match({Page.number: 3, Book.pages.number: 4})
    assert expression.obj == {"pages": {"$elemMatch": {"$and": [{"n": 3}, {"n": 4}]}}}


@pytest.mark.parametrize(
    ("condition", "sent"),
    [
        ({"$gt": 3, "$lt": 9}, {"$gt": 3, "$lt": 9}),
        ((Book.scores > 3) & (Book.scores < 9), {"$gt": 3, "$lt": 9}),
        (Book.scores == 3, {"$in": [3]}),
    ],
)
def test_plain_items_can_be_described_by_operators(condition, sent):
    """A condition on the list itself is one on its items."""
    assert Book.scores.elem_match(condition).obj == {"scores": {"$elemMatch": sent}}


def test_a_pattern_describes_plain_items():
    """A regular expression finds, it is not compared with."""
    pattern = re.compile("^a")
    expression = Book.tags.elem_match({"tags": pattern})
    assert expression.obj == {"tags": {"$elemMatch": {"$in": [pattern]}}}


def test_keys_and_values_of_a_mapping_are_items():
    """A mapping with keys of any type is stored as an array."""
    expression = Book.words.elem_match((Book.words.k == "a") & (Book.words.v > 3))
    assert expression.obj == {"words": {"$elemMatch": {"k": "a", "v": {"$gt": 3}}}}


def test_an_item_with_a_field_of_the_same_name_keeps_its_names():
    """In a tree, names that could begin at the document or at the item begin at the item."""
    expression = Swapped.inner.elem_match(Swapped.inner.left == 3)
    assert expression.obj == {"left_inner": {"$elemMatch": {"left_inner.right": 3}}}


def test_nothing_is_known_of_free_form_items():
    """Without a document class names are left as they are."""
    assert Q.a.elem_match(Q.a.b == 3).obj == {"a": {"$elemMatch": {"a.b": 3}}}


@pytest.mark.parametrize("field", [Book.title, Book.author, Book.anything, Book.at])
def test_only_sequences_have_items(field):
    """A field that is no array of like items raises and is named."""
    with pytest.raises(BadQueryException, match=rf"^{field}\.elem_match\(\) needs"):
        field.elem_match({"a": 1})


@pytest.mark.parametrize("condition", [3, None, [{"a": 1}], True])
def test_an_item_is_described_by_an_expression_or_a_dict(condition):
    """Anything else raises."""
    with pytest.raises(BadQueryException, match=r"pages\.elem_match\(\) takes a query expression"):
        Book.pages.elem_match(condition)


def test_elem_match_is_a_projection_too():
    """What it gives can be asked for by `Query.fields`."""
    expression = Book.pages.elem_match(Page.number > 3)
    assert isinstance(expression, ElemMatchQueryExpression)
    assert isinstance(expression, QueryExpression)
    assert expression.fields_expression == {"pages": {"$elemMatch": {"n": {"$gt": 3}}}}
    assert str(expression) == expression.get_absolute_name() == "pages"


def test_elem_match_can_be_negated():
    """It is an expression like any other."""
    expression = ~Book.scores.elem_match({"$gt": 3})
    assert expression.obj == {"scores": {"$not": {"$elemMatch": {"$gt": 3}}}}


def test_all_sends_items_wrapped():
    """`all_` asks for each of several items."""
    assert Book.tags.all_("a", "b").obj == {"tags": {"$all": ["a", "b"]}}
    with pytest.raises(BadValueException, match=r"^Book\.tags"):
        Book.tags.all_("a", 3)


def test_size_sends_a_length():
    """`size` asks for the number of items."""
    assert Book.tags.size(0).obj == {"tags": {"$size": 0}}


@pytest.mark.parametrize("n", [-1, 1.5, "1", None, True])
def test_size_takes_a_length_only(n):
    """What is no length raises."""
    with pytest.raises(BadQueryException, match=r"tags\.size\(\) takes a whole number"):
        Book.tags.size(n)


@pytest.mark.parametrize(
    ("field", "name"),
    [
        (Book.pages.matched_index(), "pages.$"),
        (Book.pages.matched_index().number, "pages.$.n"),
        (Book.pages.any_index().number, "pages.$[].n"),
        (Book.pages.filtered_index("aB1").number, "pages.$[aB1].n"),
        (Book.words.matched_index().v, "words.$.v"),
        (Q.a.matched_index().b, "a.$.b"),
        (Q.a.any_index(), "a.$[]"),
        (Q.a.filtered_index("x"), "a.$[x]"),
    ],
)
def test_positions_are_part_of_the_name(field, name):
    """An item is named by its position in the array."""
    assert str(field) == field.get_absolute_name() == name


def test_a_position_has_the_type_of_the_items():
    """Values for one item are judged as items."""
    assert Book.scores.matched_index().get_type() is Book.scores.item_field
    with pytest.raises(BadValueException, match=r"^Book\.scores\.\$ "):
        _ = Book.scores.matched_index() == "3"


def test_a_position_leaves_the_array_as_it_is():
    """Naming an item never changes the field that all queries share."""
    item = Book.pages.matched_index()
    assert str(Book.pages) == "pages"
    assert str(Book.pages.number) == "pages.n"
    assert item._get_parent() == Book.pages


@pytest.mark.parametrize("name", ["", "A", "1a", "a b", "a-b", "ä", "a\n", None, 3])
def test_an_array_filter_needs_an_identifier(name):
    """A name that the server would refuse raises."""
    with pytest.raises(BadQueryException, match=r"pages\.filtered_index\(\)"):
        Book.pages.filtered_index(name)
