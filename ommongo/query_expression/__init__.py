"""What a query asks for: query fields, query expressions and free-form queries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ommongo._on_demand import on_demand
from ommongo.exceptions import BadQueryException
from ommongo.query_expression._conditions import PATTERNS as PATTERNS
from ommongo.query_expression._conditions import holds_operators as holds_operators
from ommongo.query_expression._conditions import is_obeyed as is_obeyed
from ommongo.query_expression._conditions import is_operators as is_operators
from ommongo.query_expression._free_type import FREE_TYPE as FREE_TYPE

if TYPE_CHECKING:
    from ommongo.query_expression._merging import absorb as absorb
    from ommongo.query_expression._merging import merge as merge
    from ommongo.query_expression._names import is_position as is_position
    from ommongo.query_expression._names import own_copy as own_copy
    from ommongo.query_expression._none import none_refused as none_refused
    from ommongo.query_expression._operand import several as several
    from ommongo.query_expression._parts import Parts as Parts
    from ommongo.query_expression._parts import add as add
    from ommongo.query_expression._parts import add_one as add_one
    from ommongo.query_expression._parts import in_full as in_full
    from ommongo.query_expression._parts import in_parts as in_parts
    from ommongo.query_expression._translation import flatten
    from ommongo.query_expression._translation import stored_item_query as stored_item_query
    from ommongo.query_expression._translation import stored_query as stored_query
    from ommongo.query_expression._translation import translate as translate
    from ommongo.query_expression.array import ElemMatchQueryExpression
    from ommongo.query_expression.field import QueryField
    from ommongo.query_expression.free_form import FreeFormDoc, FreeFormField, Q
    from ommongo.query_expression.logical import QueryExpression
else:  # to declare classes takes none of it, and neither does to store and to get objects
    __getattr__, __dir__ = on_demand(
        __name__,
        {
            "ommongo.query_expression._merging": "absorb merge",
            "ommongo.query_expression._names": "is_position own_copy",
            "ommongo.query_expression._none": "none_refused",
            "ommongo.query_expression._operand": "several",
            "ommongo.query_expression._parts": "Parts add add_one in_full in_parts",
            "ommongo.query_expression._translation": (
                "flatten stored_item_query stored_query translate"
            ),
            "ommongo.query_expression.array": "ElemMatchQueryExpression",
            "ommongo.query_expression.field": "QueryField",
            "ommongo.query_expression.free_form": "FreeFormDoc FreeFormField Q",
            "ommongo.query_expression.logical": "QueryExpression",
        },
    )

__all__ = [
    "BadQueryException",
    "ElemMatchQueryExpression",
    "FreeFormDoc",
    "FreeFormField",
    "Q",
    "QueryExpression",
    "QueryField",
    "flatten",
]
