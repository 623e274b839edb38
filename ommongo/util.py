"""Small things that every room of the library uses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar, final

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
        FieldNotFoundException: The name, or a part of it, is no field.

    Example:
        >>> from ommongo import Document, IntField
        >>> class Person(Document):
        ...     age = IntField()
        >>> str(resolve_name(Person, "age"))
        'age'
    """
    if not isinstance(name, str):
        return name
    found = cls
    for depth, part in enumerate(name.split(".")):
        # Below a query field only fields count, not its operators and its field's attributes.
        found = found._subfield(part) if depth else getattr(cls, part, None)
        if not hasattr(found, "get_absolute_name"):
            owner = getattr(cls, "__name__", repr(cls))
            raise FieldNotFoundException(
                f"{owner} has no field {name!r}: {part!r} is none. Check the spelling; names are "
                f"the attribute names of the class, dotted into embedded documents.",
                name=name,
                document_class=owner,
            )
    return found
