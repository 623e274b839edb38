"""What came to a method of a query instead of what it takes, what was meant, and what to write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ommongo._spelling import an
from ommongo.document import Document
from ommongo.query_expression import FreeFormField, QueryField

__all__ = ["kind", "no_class", "no_condition", "no_field", "no_order"]

_FIELDS = (QueryField, FreeFormField)


def kind(value: Any) -> str:
    """
    Name what came, for a message.

    Args:
        value: What came.

    Returns:
        Its type, or that it is a class.
    """
    return f"the class {value.__name__}" if isinstance(value, type) else type(value).__name__


def no_class(given: Any) -> str:
    """
    Say what to write instead of what cannot be queried.

    Args:
        given: What came in the place of a class.

    Returns:
        The sentences of an error.
    """
    name = type(given).__name__
    if isinstance(given, Document):
        return (
            f"A query is for a class, and this is an object of {name}. Pass the class, "
            f"session.query({name}); session.refresh(obj) loads an object again."
        )
    if isinstance(given, _FIELDS):
        return (
            "A query is for a class, and this is a field. Pass its class; query.fields(User.name) "
            "loads parts, and query.distinct(User.name) gives values."
        )
    if isinstance(given, (list, tuple, set, frozenset)):
        return f"A query is for one class, and this is {an(name)}. Make a query for each class."
    if hasattr(given, "_criteria"):
        return (
            f"A query is for a class, and this is {an(name)} already. Use clone() for another one."
        )
    return (
        f"A query is for a Document subclass, or for a collection's name to get raw dicts, not for "
        f"{kind(given)}."
    )


def no_condition(given: Any, method: str, cls: Any) -> str:
    """
    Say what to write instead of what is no condition.

    Args:
        given: What came.
        method: The method that it came to.
        cls: The class that is asked for.

    Returns:
        The sentences of an error.
    """
    name = getattr(cls, "__name__", "Q")
    takes = f"{method}() takes query expressions such as {name}.age > 18, or dicts, not "
    if isinstance(given, bool):
        return (
            f"{takes}bool. Two query fields compared give one, and so do 'is', 'in' and 'not': "
            f"compare a field with a value, and write ~ for not, & for and, | for or."
        )
    if given is None:
        return f"{takes}None. Leave it out where there is no condition."
    if isinstance(given, str):
        return (
            f"{takes}text. Write {name}.name == 'value', filter_by(name='value') or "
            f"{{'name': 'value'}}."
        )
    if isinstance(given, _FIELDS):
        path = given.get_absolute_name()
        return (
            f"{takes}a field. Compare {path!r} with a value: {name}.{path} == True, for instance."
        )
    if isinstance(given, Document):
        return (
            f"{takes}an object. Compare a reference with it, or ask for it by its id: "
            f"{type(given).__name__}.mongo_id == obj.mongo_id."
        )
    if isinstance(given, type):
        return f"{takes}{kind(given)}. The class is that of the query: compare its fields."
    if callable(given):
        return (
            f"{takes}{kind(given)}. The server judges, and runs no Python: write the condition by "
            f"the class's fields, or judge the results in a loop."
        )
    if isinstance(given, Iterable):
        return f"{takes}{kind(given)}. Put a star before several: {method}(*conditions)."
    return f"{takes}{kind(given)}."


def no_field(given: Any) -> str:
    """
    Say what to write instead of what names no field.

    Args:
        given: What came.

    Returns:
        The sentences of an error.
    """
    star = ""
    if isinstance(given, Iterable) and not isinstance(given, (bytes, Mapping)):
        star = " Put a star before several: *names."
    return (
        f"A query names its fields by text or by query field, not by {kind(given)}. Pass 'name', "
        f"'embedded.name' or User.name.{star}"
    )


def no_order(given: Any, following: Any = None) -> str:
    """
    Say what to write instead of what is no part of an order.

    Args:
        given: What came.
        following: What came behind it, if anything did.

    Returns:
        The sentences of an error.
    """
    takes = f"sort() takes pairs of a field and 1 or -1, such as (User.age, -1), not {kind(given)}."
    if isinstance(given, (str, *_FIELDS)):
        field, goes_down = "User.age", _is_down(following)
        if isinstance(given, str):
            field, goes_down = repr(given.lstrip("-+")), goes_down or given.startswith("-")
        name = "descending" if goes_down else "ascending"
        return f"{takes} Write sort(({field}, {-1 if goes_down else 1})), or {name}({field})."
    if isinstance(given, Mapping):
        return f"{takes} Write sort(*order.items())."
    if isinstance(given, Iterable):
        return f"{takes} Put a star before several pairs: sort(*pairs)."
    return takes


def _is_down(direction: Any) -> bool:
    """Whether what stands behind a field is a direction, and the one from the highest."""
    is_number = isinstance(direction, int) and not isinstance(direction, bool)
    if isinstance(direction, str):
        return direction.lower().startswith("desc")
    return is_number and direction < 0
