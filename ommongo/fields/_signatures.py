"""Parameters by other names, and overrides that take fewer of them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import FunctionType
from typing import Any, TypeVar

__all__ = ["also_named", "fitted"]

Method = Callable[..., Any]
M = TypeVar("M", bound=Method)

_VARARGS, _VARKEYWORDS = 0x04, 0x08


def also_named(**old_names: str) -> Callable[[M], M]:
    """
    Let a constructor take parameters by their old names too.

    Args:
        old_names: The old name of each parameter, by its name.

    Returns:
        A decorator.
    """

    def decorate(method: M) -> M:
        @functools.wraps(method)
        def renamed(self: Any, *args: Any, **kwargs: Any) -> None:
            for name, old in old_names.items():
                if old in kwargs:
                    if name in kwargs:
                        raise TypeError(
                            f"{type(self).__name__}() got {name!r} twice, once as {old!r}"
                        )
                    kwargs[name] = kwargs.pop(old)
            method(self, *args, **kwargs)

        return renamed  # type: ignore[return-value]  # with the signature of what it calls

    return decorate


def fitted(method: Method, given: int, extra: str) -> Method:
    """
    Let an override of a field's method be called with a parameter that it may not have.

    Args:
        method: The method.
        given: How many parameters, the field itself included, are given to every override.
        extra: The name of the one that comes after these.

    Returns:
        The method itself, if it takes the parameter; else one that gives it by keyword, or leaves
        it out, as the method takes it.
    """
    if not isinstance(method, FunctionType):
        return method
    code = method.__code__
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    positional = names[: code.co_argcount]
    by_keyword = extra in names[code.co_posonlyargcount :] or bool(code.co_flags & _VARKEYWORDS)
    if extra in positional[given : given + 1] or (extra not in names and len(positional) > given):
        return method  # whatever the next one is called
    if code.co_flags & _VARARGS and extra not in names:
        return method

    @functools.wraps(method)
    def adapted(*args: Any, **kwargs: Any) -> Any:
        more = args[given:] or ((kwargs.pop(extra),) if extra in kwargs else ())
        if more and by_keyword:
            kwargs[extra] = more[0]
        return method(*args[:given], **kwargs)

    return adapted
