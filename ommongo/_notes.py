"""Notes on errors that are not ours."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from pymongo.errors import OperationFailure

__all__ = ["about_text_index", "add_note", "note_text_index", "tells_of_text_index"]

F = TypeVar("F", bound=Callable[..., Any])

_NO_INDEX = 27


def add_note(error: BaseException, note: str) -> None:
    """
    Say something about an error without changing what it is.

    Args:
        error: The error.
        note: What to say: as one of its ``__notes__``, or at the end of its message on
            Python 3.10, which has none.
    """
    if sys.version_info >= (3, 11):
        error.add_note(note)
    else:
        message = str(error.args[0]) if error.args else ""
        error.args = (f"{message}\n{note}".strip(), *error.args[1:])


def about_text_index(error: BaseException, type: Any) -> str:
    """
    Say what to do where the server has no text index to search in.

    Args:
        error: The error.
        type: The document class that was asked for, or the free-form document of a collection.

    Returns:
        A note; empty where it is another error.

    MongoDB manual:
        https://www.mongodb.com/docs/manual/core/indexes/index-types/index-text/
    """
    if getattr(error, "code", None) != _NO_INDEX or "text index required" not in str(error):
        return ""
    name = getattr(type, "__name__", None)
    if name is None:
        return (
            f"The collection {type.get_collection_name()!r} has no text index. Create one, or pass "
            f"search(..., createIndex=['name'])."
        )
    return (
        f"{name} has no text index. Declare one in the class, i_text = Index().text('name'), and "
        f"call session.ensure_indexes({name}); or pass search(..., createIndex=['name'])."
    )


def tells_of_text_index(method: F) -> F:
    """
    Let a method of what has a ``type`` note on its error that there is no text index.

    Args:
        method: The method.

    Returns:
        The method, for the class body.
    """

    @wraps(method)
    def telling(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return method(self, *args, **kwargs)
        except OperationFailure as error:
            note_text_index(error, self.type)
            raise

    return cast("F", telling)


def note_text_index(error: OperationFailure, type: Any) -> None:
    """
    Note on an error that there is no text index, once.

    Args:
        error: The error.
        type: As for `about_text_index`.
    """
    note = about_text_index(error, type)
    if note and note not in getattr(error, "__notes__", ()):
        add_note(error, note)
