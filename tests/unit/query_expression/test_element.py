"""`exists` and `type_`: what they send."""

from __future__ import annotations

import pytest

from ommongo.exceptions import BadQueryException
from tests.unit.query_expression.models import Book


@pytest.mark.parametrize(
    ("expression", "sent"),
    [
        (Book.title.exists(), True),
        (Book.title.exists(True), True),
        (Book.title.exists(False), False),
        (Book.title.exists(0), False),
    ],
)
def test_exists_asks_for_the_presence_of_the_stored_name(expression, sent):
    """`exists` sends a bool, and asks for presence when it is told nothing."""
    assert expression.obj == {"t": {"$exists": sent}}
    assert type(expression.obj["t"]["$exists"]) is bool


@pytest.mark.parametrize("value", ["false", None, 2, {}])
def test_exists_takes_truth_values_only(value):
    """Text such as 'false' is not silently true."""
    with pytest.raises(
        BadQueryException, match=rf"t\.exists\(\).*{type(value).__name__}"
    ) as caught:
        Book.title.exists(value)
    assert caught.value.value == value


@pytest.mark.parametrize("bson_type", ["string", 2, ["string", 16]])
def test_type_asks_for_a_stored_type(bson_type):
    """A BSON type goes by name, by number or by a list of these."""
    assert Book.title.type_(bson_type).obj == {"t": {"$type": bson_type}}


@pytest.mark.parametrize("bson_type", [str, True, None, ["string", 1.5]])
def test_type_refuses_what_names_no_type(bson_type):
    """A Python type is no BSON type."""
    with pytest.raises(BadQueryException, match="BSON types"):
        Book.title.type_(bson_type)
