"""
The tables of operators are whole and true.

Every public method of query fields, queries, removals, updates and their results is in them, and
every line of them is run: what a line says is sent is what would be sent.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from ommongo.query import Query, QueryResult, RemoveQuery
from ommongo.query_expression import FreeFormField, QueryExpression, QueryField
from ommongo.update_expression import FindAndModifyExpression, UpdateExpression
from tests.docs.test_documentation import as_read, drop, example, names, run

__all__ = ["drop", "names"]

PAGE = Path(__file__).parents[2] / "docs" / "guide" / "operators.rst"
TEXT = PAGE.read_text(encoding="utf-8")
# The first two cells of a line of a table whose first cell is code.
LINES = re.findall(r"^   \* - ``(.+)``\n     - ?(.*)$", TEXT, re.MULTILINE)
DESCRIBED = (
    QueryField,
    FreeFormField,
    QueryExpression,
    Query,
    QueryResult,
    RemoveQuery,
    UpdateExpression,
    FindAndModifyExpression,
)


@pytest.mark.parametrize("described", DESCRIBED, ids=lambda cls: cls.__name__)
def test_every_method_is_in_the_tables(described: type[Any]) -> None:
    """A reader who looks for a method finds it in code on the page."""
    code = " ".join(re.findall(r"``([^`]+)``", TEXT))
    public = {name for name in dir(described) if not name.startswith("_")}

    assert public
    assert {name for name in public if not re.search(rf"\b{name}\b", code)} == set()


def test_every_line_sends_what_it_says(names: dict[str, Any], drop: Any) -> None:
    """Each line of a table is run; where its second cell is a dict, that would be sent."""
    text = as_read(PAGE)
    drop(text)
    run(example(text, names, PAGE))

    wrong = []
    for code, said in LINES:
        names["books"] = names["session"].query(names["Book"])
        try:
            sent = would_send(eval(code, names), names)
        except Exception as error:
            wrong.append(f"{code}: {error!r}")
            continue
        literal = re.fullmatch(r"``(\{.+\})``", said)
        if literal and sent != ast.literal_eval(literal[1]):
            wrong.append(f"{code}: {sent}, and the page says {literal[1]}")

    assert wrong == []
    assert len(LINES) > 80


def would_send(value: Any, names: dict[str, Any]) -> Any:
    """Give the filter or the update that a line stands for."""
    if isinstance(value, dict):
        return value
    if isinstance(value, QueryExpression):
        value = names["session"].query(names["Book"]).filter(value)
    return value.update_data if isinstance(value, UpdateExpression) else getattr(value, "query", 0)
