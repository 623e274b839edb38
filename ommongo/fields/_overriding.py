"""
What goes around the methods that a field class overrides, and what it inherits no more.

``None`` and the declared validators are none of an override's business, and what it puts into a
document is found as a change; whoever wrote it need not think of either.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ommongo.fields._signatures import fitted

__all__ = ["guard", "inherits"]

Method = Callable[..., Any]


def _guarded_conversion(name: str, method: Method) -> Method:
    """Let ``None`` pass *method* (a ``wrap`` or an ``unwrap``) where the field allows it."""
    if name == "unwrap":
        method = fitted(method, 2, "session")

    @functools.wraps(method)
    def guarded(self: Any, value: Any, *args: Any, **kwargs: Any) -> Any:
        if value is None and self._allow_none:
            return None
        return method(self, value, *args, **kwargs)

    return guarded


def _guarded_validation(name: str, method: Method) -> Method:
    """Let ``None`` pass *method* where allowed, and ask the declared validators after it."""

    @functools.wraps(method)
    def guarded(self: Any, value: Any, *args: Any, **kwargs: Any) -> Any:
        if value is None and self._allow_none:
            return None
        result = method(self, value, *args, **kwargs)
        # A method reached through super() leaves the validators to the one that called it.
        if self._has_validators and getattr(type(self), name) is guarded:
            self._ask_validators(value, storing=name == "validate_wrap")
        return result

    return guarded


def _guarded_change(name: str, method: Method) -> Method:
    """Keep what is stored before *method* changes what a document holds, and note the change."""

    @functools.wraps(method)
    def guarded(self: Any, instance: Any, *args: Any) -> None:
        held = instance._before_change(self)
        method(self, instance, *args)
        instance._after_change(self, held)

    return guarded


def _guarded_set_value(name: str, method: Method) -> Method:
    """As `_guarded_change`, of a ``set_value``; what it is given of the database is no change."""
    method = fitted(method, 3, "from_db")

    @functools.wraps(method)
    def guarded(self: Any, instance: Any, value: Any, *args: Any, **kwargs: Any) -> None:
        if kwargs.get("from_db", args and args[0]):
            method(self, instance, value, *args, **kwargs)
            return
        held = instance._before_change(self)
        method(self, instance, value, *args, **kwargs)
        instance._after_change(self, held)

    return guarded


_GUARDS: dict[str, Callable[[str, Method], Method]] = {
    "wrap": _guarded_conversion,
    "unwrap": _guarded_conversion,
    "validate_wrap": _guarded_validation,
    "validate_unwrap": _guarded_validation,
    "set_value": _guarded_set_value,
    "__set__": _guarded_change,
    "__delete__": _guarded_change,
}


def guard(cls: type[Any], unguarded: tuple[type[Any], ...]) -> None:
    """
    Put around the methods of a field class what goes around each of them.

    Args:
        cls: The class.
        unguarded: The classes whose own methods need no guard.
    """
    for name, guarded in _GUARDS.items():
        # It may be another base's, of which this class is the first that is a field.
        method = getattr(cls, name, None)
        if method is None or any(vars(base).get(name) is method for base in unguarded):
            continue
        if getattr(method, "_guard", None) is not method:
            made: Any = guarded(name, method)
            made._guard = made
            setattr(cls, name, made)


def inherits(cls: type[Any], name: str, origin: type[Any]) -> bool:
    """
    Tell whether a field class does not override something.

    Args:
        cls: The class.
        name: The name of a method, or of another attribute.
        origin: The class that has the original, which may lack it.
    """
    return getattr(cls, name, None) is getattr(origin, name, None)
