"""The tables for those who come from another library: what they say to write here runs."""

from __future__ import annotations

import builtins
import re
from pathlib import Path
from typing import Any

import bson
import pymongo.errors
import pytest

from ommongo import Document, Session, SRefField
from ommongo.query import Query
from tests.docs.test_documentation import DOCS, as_read, drop, example, names, run

__all__ = ["drop", "names"]

PAGES = sorted(DOCS.glob("coming-from/*[!x].rst"))
# The second cell of a line of a table.
LINES = re.compile(r"^   \* - .+\n     - (.+)$", re.MULTILINE)

# Where a name that stands alone is looked for.
CONNECT = "Session.connect("
HELD = (Session, Document, SRefField, Query, bson, builtins, pymongo.errors)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_line_runs(page: Path, names: dict[str, Any], drop: Any) -> None:
    """All code on the right side of a table runs, a line after the other, each on a stored user."""
    text = as_read(page)
    drop(text)
    run(example(text, names, page))

    lines = LINES.findall(text)
    for line in lines:
        begin(names)
        for code in re.findall(r"``([^`]+)``", line):
            try_out(code, names)

    assert len(lines) > 15


def begin(names: dict[str, Any]) -> None:
    """Give the names that the tables use their meaning anew."""
    names["session"].clear_collection(names["User"])
    names["user"] = names["User"](name="Ada", age=36)
    names["session"].save(names["user"])
    names["users"] = names["session"].query(names["User"])


def try_out(code: str, names: dict[str, Any]) -> None:
    """Run code; a name that stands alone has to be one of what users have in their hands."""
    if re.fullmatch(r"\w+", code):
        assert code in names or any(hasattr(held, code) for held in HELD), f"what is {code}?"
    elif code != "|":
        try:
            exec(
                compile(f"made = {code}" if code.startswith(CONNECT) else code, code, "exec"), names
            )
            if code.startswith(CONNECT):
                names["made"].close()
        except Exception as error:
            raise AssertionError(f"{code}: {error!r}") from error
