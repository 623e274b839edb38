"""How an update calls what people look for under other names."""

from __future__ import annotations

from typing import Final

__all__ = ["ELSEWHERE"]

_SEND: Final = "Call execute(): nothing is sent before."
_BEFORE: Final = "Say which documents before the operators: query.filter(...).set(...)."
_RESULT: Final = (
    "An update gives no objects, and execute() the server's reply; find_and_modify() gives one."
)
_ONE: Final = "Without multi() one document is changed, and with it all that match."

ELSEWHERE: Final = {
    "all": _RESULT,
    "commit": _SEND,
    "count": "execute() gives the server's reply, with 'n' and 'nModified'.",
    "exec": _SEND,
    "filter": _BEFORE,
    "filter_by": _BEFORE,
    "first": _RESULT,
    "flush": _SEND,
    "limit": _ONE,
    "many": "Call multi().",
    "one": _RESULT,
    "run": _SEND,
    "save": _SEND,
    "send": _SEND,
    "update": "Each operator has a method, set(...) or inc(...); execute() sends them.",
    "where": _BEFORE,
    # the server's operators
    "addToSet": "Call add_to_set(field, value).",
    "pop": "Call pop_first(field) or pop_last(field).",
    "pull": "Call remove(field, value).",
    "pullAll": "Call remove_all(field, values).",
    "pull_all": "Call remove_all(field, values).",
    "pushAll": "Call extend(field, values).",
    "push_all": "Call extend(field, values).",
    "setOnInsert": "Call set_on_insert(field, value).",
}
"""What is to be written instead, by name."""
