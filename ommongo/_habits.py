"""What is asked for under the name that another library has for it, and what it is called here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from ommongo._spelling import suggestion

__all__ = ["Habits", "Missing", "no_attribute"]


def no_attribute(owner: object, name: str, elsewhere: Mapping[str, str]) -> AttributeError:
    """
    Make the error for an attribute that is none.

    Args:
        owner: The object, or the class, that was asked for it.
        name: The name.
        elsewhere: What is to be written instead, by the names that other libraries have for it.

    Returns:
        The error.
    """
    cls = owner if isinstance(owner, type) else type(owner)
    if name in elsewhere:
        return AttributeError(f"{cls.__name__} has no {name!r}. {elsewhere[name]}")
    if name.startswith("_"):  # what protocols ask for, to see whether it is there
        return AttributeError(f"{cls.__name__!r} object has no attribute {name!r}")
    public = [known for known in dir(cls) if not known.startswith("_")]
    return AttributeError(
        f"{cls.__name__!r} object has no attribute {name!r}.{suggestion(name, public)}"
    )


class Habits:
    """
    A class that says how it calls what people look for under other names.

    Attributes:
        _elsewhere: What is to be written instead, by name.
    """

    __slots__ = ()

    _elsewhere: ClassVar[Mapping[str, str]] = {}

    if not TYPE_CHECKING:  # a checker is to go on refusing what is not there

        def __getattr__(self, name: str) -> Any:
            """Say it; what is there is found before anybody asks here."""
            if hasattr(type(self), name):  # a property raised an AttributeError of its own
                return object.__getattribute__(self, name)
            raise no_attribute(self, name, self._elsewhere)


class Missing:
    """
    An attribute that a class has not, with what is to be written instead.

    It is for classes whose misses are frequent, where a ``__getattr__`` would cost them something.

    Args:
        instead: What is to be written instead; ``cls`` stands for the class that is asked.
    """

    def __init__(self, instead: str) -> None:
        self._instead = instead
        self._name = ""
        self._holder: Any = None
        self.__doc__ = None  # nothing to be read about

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self._name, self._holder = name, owner

    def __get__(self, instance: object, owner: type[Any]) -> Any:
        behind: Any = super(self._holder, owner if instance is None else instance)
        try:
            return getattr(behind, self._name)  # of a base that stands behind the class
        except AttributeError:
            self._refuse(owner)

    def _refuse(self, owner: type[Any]) -> NoReturn:
        instead = self._instead.replace("cls", owner.__name__)
        raise no_attribute(owner, self._name, {self._name: instead}) from None
