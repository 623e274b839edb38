"""How a query names a field: the stored dotted name, and what carries one."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from ommongo._ownership import NO_ROOTS, Roots
from ommongo.exceptions import BadQueryException
from ommongo.query_expression._slips import NoValue

__all__ = [
    "ATOMS",
    "NamedField",
    "StoredName",
    "final_names",
    "is_position",
    "name_of",
    "own_copy",
]

ATOMS: frozenset[type] = frozenset({str, int, float, bool, type(None)})
"""Types of what certainly holds nothing; asking them is faster than asking ``isinstance``."""


class StoredName(str):
    """
    A field's stored dotted name, as a key of an expression.

    A plain string key of a raw dict may be a Python name, which is translated when the document
    class is known; this one is final. Otherwise it is equal to the plain string.
    """

    __slots__ = ("roots",)

    # Whose fields the expression was made of; not there where nobody knows.
    roots: Roots


def final_names(value: Any, roots: Roots = NO_ROOTS) -> Any:
    """
    Copy what a query is made of, with names that are final.

    Args:
        value: A query dict with stored names only, or what it holds.
        roots: Whose fields it was made of.

    Returns:
        The same, with each key a `StoredName`.
    """
    if isinstance(value, dict):
        named = {}
        for key, part in value.items():
            name = StoredName(key)
            name.roots = roots
            named[name] = final_names(part, roots)
        return named
    if isinstance(value, (list, tuple)):
        return type(value)([final_names(part, roots) for part in value])
    return value


def own_copy(query: dict[str, Any]) -> dict[str, Any]:
    """
    Copy a query.

    Args:
        query: A query dict.

    Returns:
        A query whose dicts, lists and tuples nobody else holds, at any level.
    """
    copy = {**query}
    for key in copy:
        part = copy[key]
        if type(part) is dict:
            copy[key] = own_copy(part)
        elif type(part) is list or type(part) is tuple:
            copy[key] = _own_items(part)
    return copy


def _own_items(items: Any) -> Any:
    """Copy a list or a tuple that a query holds."""
    copies = [
        item
        if type(item) in ATOMS
        else own_copy(item)
        if type(item) is dict
        else _own_items(item)
        if type(item) is list or type(item) is tuple
        else item
        for item in items
    ]
    return copies if type(items) is list else tuple(copies)


class NamedField(NoValue):
    """
    What stands for a field in a query: the base of query fields and free-form fields.

    It never changes. (No ``ABC``: asking ``isinstance`` of one is slow, and every comparison asks.)
    """

    __slots__ = ("_path",)

    _path: str
    # The class on which the field was read, or the field above it, and the field that was read.
    _roots: Roots = NO_ROOTS

    def get_absolute_name(self) -> str:
        """
        Give the stored dotted name.

        Returns:
            The name, from the document that the collection holds downwards.

        Example:
            >>> from ommongo.query_expression import Q
            >>> Q.address.city.get_absolute_name()
            'address.city'
        """
        return self._path

    @abstractmethod
    def get_type(self) -> Any:
        """
        Give what judges the values.

        Returns:
            The underlying field, as the document class declares it.
        """

    def __str__(self) -> str:
        return self._path

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._path})"

    def __hash__(self) -> int:
        # Not the hash of the name alone: in a dict that also has string keys every look-up would
        # compare a field with a string, and that comparison makes an expression.
        return hash((NamedField, self._path))

    def __copy__(self) -> NamedField:
        return self  # nothing in it ever changes

    def __deepcopy__(self, memo: dict[int, Any]) -> NamedField:
        return self


def name_of(key: Any) -> str:
    """
    Give the name that a key of a query dict stands for.

    Args:
        key: A name or a query field.

    Returns:
        The name; that of a query field is the stored dotted one.

    Raises:
        BadQueryException: The key is neither.
    """
    if isinstance(key, str):
        return key
    if isinstance(key, NamedField):
        return key.get_absolute_name()
    raise BadQueryException(
        f"A key of a query is of type {type(key).__name__}. Keys are field names, operators "
        f"(text that begins with $) or query fields such as User.age."
    )


def is_position(part: str) -> bool:
    """
    Tell whether a part of a dotted name picks items of an array.

    Args:
        part: What stands between two dots.

    Returns:
        Whether it is a number, ``$``, ``$[]`` or ``$[identifier]``.
    """
    return part.isdecimal() or part.startswith("$")
