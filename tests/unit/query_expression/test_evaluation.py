"""`regex`, `startswith`, `endswith` and `mod`: what they send."""

from __future__ import annotations

import re

import pytest
from bson.regex import Regex

from ommongo.exceptions import BadQueryException
from tests.unit.query_expression.models import Book


def sent(expression):
    """Give the condition on the title."""
    return expression.obj["t"]


def test_a_regular_expression_is_sent_as_text():
    """Without options there is none to be sent."""
    assert sent(Book.title.regex("^E")) == {"$regex": "^E"}


@pytest.mark.parametrize(
    ("ignore_case", "options", "letters"),
    [
        (True, None, "i"),
        (False, "ms", "ms"),
        (True, "m", "mi"),
        (True, "ix", "ix"),
        (False, "", None),
    ],
)
def test_options_are_sent_once_each(ignore_case, options, letters):
    """`ignore_case` is the option `i`, and does not repeat it."""
    condition = sent(Book.title.regex("e", ignore_case=ignore_case, options=options))
    assert condition.get("$options") == letters


@pytest.mark.parametrize(
    ("pattern", "condition"),
    [
        (re.compile("e"), {"$regex": "e"}),
        (re.compile("e", re.IGNORECASE), {"$regex": "e", "$options": "i"}),
        (re.compile("e", re.M | re.S | re.X), {"$regex": "e", "$options": "msx"}),
        (Regex("e", "im"), {"$regex": "e", "$options": "im"}),
    ],
)
def test_flags_of_a_compiled_pattern_become_options(pattern, condition):
    """A compiled pattern means to the server what it means to Python."""
    assert sent(Book.title.regex(pattern)) == condition


def test_flags_and_options_are_joined():
    """What pattern and caller both ask for is sent once."""
    pattern = re.compile("e", re.I | re.M)
    assert sent(Book.title.regex(pattern, ignore_case=True)) == {"$regex": "e", "$options": "im"}


@pytest.mark.parametrize("pattern", [{"$ne": ""}, 3, None, b"e", re.compile(b"f")])
def test_a_pattern_that_is_no_text_is_refused(pattern):
    """Neither a dict nor bytes get to the server as a pattern."""
    with pytest.raises(BadQueryException, match=r"t\.regex\(\) takes text"):
        Book.title.regex(pattern)


@pytest.mark.parametrize("options", ["q", "I", 3, ["i"]])
def test_unknown_options_are_refused(options):
    """An option that the server does not have raises here."""
    with pytest.raises(BadQueryException, match="letters i, m, s, x"):
        Book.title.regex("e", options=options)


def test_startswith_takes_its_argument_literally():
    """No character of the prefix is part of the pattern's language."""
    assert sent(Book.title.startswith("a.b")) == {"$regex": r"^a\.b"}
    assert sent(Book.title.startswith("", ignore_case=True)) == {"$regex": "^", "$options": "i"}


def test_endswith_takes_its_argument_literally():
    """No character of the suffix is part of the pattern's language."""
    assert sent(Book.title.endswith("b?")) == {"$regex": r"b\?\z"}


def test_endswith_means_the_end_of_a_line_where_lines_count():
    """With the option `m` the end of each line is an end."""
    assert sent(Book.title.endswith("b", options="m")) == {"$regex": "b$", "$options": "m"}
    assert sent(Book.title.endswith("b", options="i")) == {"$regex": r"b\z", "$options": "i"}


def test_a_nul_is_escaped():
    """The server refuses a NUL in a pattern, so it is sent as its code."""
    assert sent(Book.title.startswith("a\0")) == {"$regex": r"^a\x00"}


@pytest.mark.parametrize("text", [{"$ne": ""}, 3, None, re.compile("a")])
@pytest.mark.parametrize("method", ["startswith", "endswith"])
def test_a_part_that_is_no_text_is_refused(method, text):
    """Only text can be a beginning or an end."""
    with pytest.raises(BadQueryException, match=rf"t\.{method}\(\) takes text"):
        getattr(Book.title, method)(text)


def test_mod_sends_divisor_and_remainder():
    """`mod` asks for a remainder."""
    assert Book.year.mod(4, 0).obj == {"year": {"$mod": [4, 0]}}


@pytest.mark.parametrize("arguments", [(2.5, 1), ("2", 1), (2, None), (True, 1)])
def test_mod_takes_whole_numbers(arguments):
    """The server would cut a fraction off silently."""
    with pytest.raises(BadQueryException, match=r"year\.mod\(\) takes whole numbers"):
        Book.year.mod(*arguments)


def test_mod_does_not_divide_by_zero():
    """A divisor of 0 raises here."""
    with pytest.raises(BadQueryException, match=r"year\.mod\(\) divides by 0"):
        Book.year.mod(0, 1)
