"""Notes on errors that are not ours."""

from __future__ import annotations

import sys

import pytest

from ommongo._notes import add_note
from tests.helpers import note_of


def test_a_note_is_added_without_changing_the_error():
    """The error is the same, and says what was added."""
    error = ValueError("wrong", 5)
    add_note(error, "first")
    add_note(error, "second")

    assert "first" in note_of(error)
    assert "second" in note_of(error)
    assert error.args[0].startswith("wrong")
    assert error.args[1:] == (5,)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [(("wrong", 5), ("wrong\nnote", 5)), ((), ("note",)), ((7,), ("7\nnote",))],
)
def test_on_python_3_10_a_note_is_at_the_end_of_the_message(monkeypatch, arguments, expected):
    """Its exceptions have no notes, so the message carries it."""
    error = ValueError(*arguments)
    monkeypatch.setattr(sys, "version_info", (3, 10, 0))
    add_note(error, "note")
    monkeypatch.undo()

    assert error.args == expected
    assert not getattr(error, "__notes__", None)
