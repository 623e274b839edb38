"""Small things that every room of the library uses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar, final

from ommongo._spelling import unknown_name
from ommongo.exceptions import FieldNotFoundException

__all__ = ["UNSET", "FieldNotFoundException", "classproperty", "resolve_name"]

T = TypeVar("T")


@final
class Unset:
    """The type of `UNSET`."""

    __slots__ = ()
    _only: Unset | None = None

    def __new__(cls) -> Unset:
        if cls._only is None:
            cls._only = super().__new__(cls)
        return cls._only

    def __repr__(self) -> str:
        return "UNSET"

    def __bool__(self) -> bool:
        return False

    def __reduce__(self) -> str:  # copies and unpickled ones are the same object
        return "UNSET"


UNSET: Final = Unset()
"""The one mark for *no value*: equal to itself only, false, the same after pickling."""


class classproperty(Generic[T]):
    """
    Make a method of the class readable as a class attribute.

    Args:
        getter: A function of the class.

    Example:
        >>> class Shelf:
        ...     @classproperty
        ...     def label(cls) -> str:
        ...         return cls.__name__.lower()
        >>> Shelf.label
        'shelf'
    """

    def __init__(self, getter: Callable[[Any], T]) -> None:
        self._getter = getter
        self.__doc__ = getter.__doc__

    def __get__(self, instance: object, owner: type[Any]) -> T:
        return self._getter(owner)


def resolve_name(cls: Any, name: Any) -> Any:
    """
    Give the query field that a dotted Python name means.

    Args:
        cls: A document class.
        name: A name such as ``"address.city"``. Anything but text is given back as it is, so that
            query fields may be passed where names may.

    Returns:
        The query field.

    Raises:
        FieldNotFoundException: The name, or a part of it, is no field; or a query field is one of
            another class.

    Example:
        >>> from ommongo import Document, IntField
        >>> class Person(Document):
        ...     age = IntField()
        >>> str(resolve_name(Person, "age"))
        'age'
    """
    if not isinstance(name, str):
        roots = getattr(name, "_roots", None)
        if type(roots) is tuple and isinstance(cls, type) and hasattr(cls, "_part"):
            from ommongo._ownership import refuse_foreign  # with the first query

            refuse_foreign(cls, roots)
        return name
    at = cls
    for depth, part in enumerate(name.split(".")):
        # Below a query field only fields count, not its operators and its field's attributes.
        found = at._subfield(part) if depth else _own_field(cls, part)
        if found is None:
            owner = getattr(cls, "__name__", repr(cls))
            scope = at.get_type() if depth else cls
            raise FieldNotFoundException(
                f"{owner} has no field {unknown_name(scope, name, part)} Names are the attribute "
                f"names of the class, dotted into embedded documents.",
                name=name,
                document_class=owner,
            )
        at = found
    return at


def _own_field(cls: Any, name: str) -> Any:
    """Give the query field of a name on a class, or on a subclass in its collection."""
    found: Any = getattr(cls, name, None)
    is_field = hasattr(found, "get_absolute_name")
    if is_field and not (isinstance(cls, type) and name in getattr(cls, "_aliases", ())):
        return found
    part = cls._part(name, False) if hasattr(cls, "_part") else None
    if is_field and part is not None and part[1] is found.get_type():
        return found  # and no field of a subclass, which may have this name for its own
    return None if part is None else part[1]._query_field(part[1]._owner)
