"""What a type checker says of `ommongo.query_expression`; read by checkers, never run."""

from __future__ import annotations

from typing import Any

from typing_extensions import assert_type

from ommongo.query_expression import (
    ElemMatchQueryExpression,
    FreeFormField,
    Q,
    QueryExpression,
    QueryField,
    flatten,
)


def check(field: QueryField[int], other: QueryField[str]) -> None:
    """Look at every kind of result."""
    assert_type(field == 3, QueryExpression)
    assert_type(field >= 3, QueryExpression)
    assert_type(field == other, bool)
    assert_type(field < other, bool)
    assert_type(field.in_(1, 2), QueryExpression)
    assert_type(field.exclude(), QueryField[int])
    assert_type(field.elem_match({"a": 1}), ElemMatchQueryExpression)
    assert_type(~(field == 3) | (field > 3) & {"a": 1}, QueryExpression)
    assert_type(field.fields_expression, dict[str, Any])
    assert_type(Q.any.name, FreeFormField)
    assert_type(Q.any.name == 3, QueryExpression)
    assert_type(flatten(field == 3), dict[str, Any])

    field.elem_match(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    field.size("3")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    (field == 3) & 3  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnusedExpression]
