"""Fields of text."""

from __future__ import annotations

import enum
import re

import pytest
from bson.code import Code

from ommongo.exceptions import InvalidConfigException
from ommongo.fields import RegExStringField, StringField
from tests.unit.fields.refusals import refusal

BOTH = pytest.mark.parametrize("name", ["wrap", "unwrap", "validate_wrap", "validate_unwrap"])


class Colour(str, enum.Enum):
    RED = "red"


@pytest.mark.parametrize("text", ["", "abc", "Jogja — 日惹 🙂", "a\0b", "\ufeff", "\x7f"])
def test_text_is_stored_as_it_is(text):
    """Any text that UTF-8 can encode is accepted, empty text and NUL included."""
    assert StringField().wrap(text) == text
    assert StringField().unwrap(text) == text


@BOTH
@pytest.mark.parametrize("value", [b"bytes", 33333, 3.5, {"$gt": ""}, ["text"], object()])
def test_other_types_are_refused(name, value):
    """What is no text is refused; a dict would let an operator into a query."""
    assert "takes str, not" in str(refusal(getattr(StringField(), name), value))


def test_a_query_refuses_a_dict():
    """A query value of a string field is text, never an operator."""
    refusal(StringField().wrap_value, {"$ne": "secret"})


@BOTH
@pytest.mark.parametrize("text", ["\ud800", "abc\udfff", "🙂\ud83d"])
def test_lone_surrogates_are_refused(name, text):
    """Text that UTF-8 cannot encode is refused, with what to do."""
    error = refusal(getattr(StringField(), name), text)
    assert "lone surrogate" in str(error)
    assert "Decode the text properly" in str(error)


@BOTH
def test_length_bounds(name):
    """Lengths are counted in characters, and the bounds are included."""
    field = StringField(max_length=5, min_length=2)

    for text in ("ab", "abcde", "🙂" * 5):
        getattr(field, name)(text)
    assert "at most 5 characters, not of 6" in str(refusal(getattr(field, name), "abcdef"))
    assert "at least 2 characters, not of 1" in str(refusal(getattr(field, name), "🙂"))


def test_length_bounds_by_position():
    """The upper bound comes first."""
    field = StringField(3, 1)
    assert (field.max_length, field.min_length) == (3, 1)


@pytest.mark.parametrize("bound", ["3", 3.5, True])
@pytest.mark.parametrize("name", ["max_length", "min_length"])
def test_length_bounds_are_ints(name, bound):
    """A bound that no length can be compared with is refused."""
    with pytest.raises(InvalidConfigException, match=f"StringField: {name} is a value of"):
        StringField(**{name: bound})


@pytest.mark.parametrize("value", [Colour.RED, Code("red")], ids=["enum", "code"])
@pytest.mark.parametrize("name", ["wrap", "unwrap"])
def test_kinds_of_text_become_plain_text(name, value):
    """A subclass of str is stored as text, also one that the driver stores as something else."""
    converted = getattr(StringField(), name)(value)

    assert converted == "red"
    assert type(converted) is str


# -- RegExStringField -----------------------------------------------------------------------------


@pytest.mark.parametrize("regex", [r"[a-z]+\d", re.compile(r"[a-z]+\d")], ids=["text", "compiled"])
@BOTH
def test_regex_has_to_match_at_the_beginning(name, regex):
    """A value is judged by the expression's match(), given as text or compiled."""
    field = RegExStringField(regex)

    getattr(field, name)("abc1 and more")
    assert "[a-z]+" in str(refusal(getattr(field, name), " abc1"))


@BOTH
def test_regex_field_takes_text_only(name):
    """A value of another type is refused for its type."""
    assert "takes str, not bytes" in str(refusal(getattr(RegExStringField("a"), name), b"abc"))


def test_regex_with_flags():
    """A compiled expression keeps its flags."""
    assert RegExStringField(re.compile("abc", re.IGNORECASE)).is_valid_wrap("ABC")


def test_regex_field_has_the_bounds_of_text():
    """A length can be limited beside the expression."""
    assert not RegExStringField("a*", max_length=2).is_valid_wrap("aaa")


@pytest.mark.parametrize("regex", ["(", 3, None, b"a", re.compile(b"b")])
def test_regex_for_text_is_needed(regex):
    """What is no regular expression for text is refused when the field is declared."""
    with pytest.raises(InvalidConfigException, match=r"^RegExStringField: regex .*\. Pass"):
        RegExStringField(regex)
