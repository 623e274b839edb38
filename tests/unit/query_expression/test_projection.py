"""What a field stands for in `Query.fields`."""

from __future__ import annotations

import pytest

from ommongo.exceptions import BadQueryException
from ommongo.query_expression import Q
from tests.unit.query_expression.models import Book


@pytest.mark.parametrize(
    ("field", "projection"),
    [
        (Book.title, {"t": True}),
        (Book.author.name, {"author.nm": True}),
        (Book.title.exclude(), {"t": False}),
        (Book.author.name.exclude(), {"author.nm": False}),
        (Book.tags.slice(3), {"tags": {"$slice": 3}}),
        (Book.tags.slice(-3), {"tags": {"$slice": -3}}),
        (Book.tags.slice(2, 5), {"tags": {"$slice": [2, 5]}}),
        (Book.pages.matched_index(), {"pages.$": True}),
        (Q.a.b, {"a.b": True}),
        (Q.a.b.exclude(), {"a.b": False}),
        (Q.a.b.slice(1), {"a.b": {"$slice": 1}}),
    ],
)
def test_a_field_gives_its_projection(field, projection):
    """A field is loaded whole, in part or not at all."""
    assert field.fields_expression == projection


@pytest.mark.parametrize("part", [Book.tags.exclude(), Book.tags.slice(3)])
def test_a_projection_is_the_same_field(part):
    """It keeps name, type and parent, and leaves the shared field as it is."""
    assert part == Book.tags
    assert part.get_type() is Book.tags.get_type()
    assert part._get_parent() is None
    assert Book.tags.fields_expression == {"tags": True}


def test_an_excluded_part_of_an_embedded_document_keeps_its_parent():
    """The field it was reached through is the one of the original."""
    assert Book.author.name.exclude()._get_parent() is Book.author


@pytest.mark.parametrize("arguments", [("3",), (1.5,), (True,), (None,), (1, 0), (1, -1), (1, "2")])
def test_a_slice_takes_whole_numbers(arguments):
    """What the server would refuse raises here."""
    with pytest.raises(BadQueryException, match=r"tags\.slice\(\) takes"):
        Book.tags.slice(*arguments)
