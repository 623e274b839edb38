"""What came to a method of a session instead of what it takes, and what to write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ommongo.document import Document

__all__ = ["no_class", "no_document", "no_setting"]


def no_document(given: Any) -> TypeError:
    """
    Make the error for what is no document.

    Args:
        given: What came.

    Returns:
        The error, without values.
    """
    name = type(given).__name__
    stores = "A session stores instances of Document subclasses, not"
    if isinstance(given, type):
        name = given.__name__
        return TypeError(
            f"{stores} the class {name} ({type(given).__name__}). Pass an object of it, "
            f"{name}(...); session.clear_collection({name}) removes all of its documents."
        )
    if hasattr(given, "_criteria"):
        return TypeError(
            f"{stores} {name}. What a query matches is removed by query.delete(), and changed by "
            f"query.set(...).multi().execute()."
        )
    if isinstance(given, Mapping):
        return TypeError(f"{stores} {name}. Make an object of its values, User(**values).")
    if isinstance(given, Iterable) and not isinstance(given, (str, bytes)):
        return TypeError(f"{stores} {name}. Pass them one by one, or to session.add_all().")
    if given is None:
        return TypeError(f"{stores} {name}. Look whether the query that gave it found anything.")
    return TypeError(f"{stores} {name}. One that is stored is loaded by session.get(User, id).")


def no_class(given: Any) -> TypeError:
    """
    Make the error for what is no document class.

    Args:
        given: What came.

    Returns:
        The error, without values.
    """
    if isinstance(given, Document):
        name = type(given).__name__
        return TypeError(f"Pass a subclass of Document, not an object: {name} is its class.")
    what = f"the class {given.__name__}" if isinstance(given, type) else type(given).__name__
    return TypeError(f"Pass a subclass of Document, not {what}.")


def no_setting(method: str, given: Any) -> TypeError:
    """
    Make the error for what stands in the place of ``safe`` and is no bool.

    Args:
        method: The method.
        given: What came.

    Returns:
        The error, without values.
    """
    return TypeError(
        f"{method}() takes safe=True or safe=False there, not {type(given).__name__}. Several "
        f"documents are passed to session.add_all(), or one by one."
    )
