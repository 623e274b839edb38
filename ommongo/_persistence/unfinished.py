"""Functions whose work is not done when they return."""

from __future__ import annotations

import inspect
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

from ommongo._spelling import an
from ommongo.document import Document

__all__ = ["check_called", "check_function", "check_result"]

_IN_MEMORY = (
    *map(
        type, (iter([]), reversed([]), iter(()), iter(""), iter(b""), iter(set()), iter(range(0)))
    ),
    *map(type, (iter({}), iter({}.values()), iter({}.items()))),
    io.IOBase,
    Document,
)
"""Iterators that need nothing but what they hold."""


def check_function(function: Callable[..., Any], where: str) -> None:
    """
    Refuse a function that does nothing when it is called.

    Args:
        function: The function.
        where: Where it was given, for the message.

    Raises:
        TypeError: It cannot be called, or is a generator or a coroutine function.
    """
    if not callable(function):
        raise TypeError(
            f"{where} takes a function, not {type(function).__name__}. Give one that does its work "
            f"when it is called: lambda: ..., or the function without its parentheses."
        )
    for called in (function, getattr(function, "__call__", None)):  # noqa: B004 - of an object
        if (
            inspect.isgeneratorfunction(called)
            or inspect.iscoroutinefunction(called)
            or inspect.isasyncgenfunction(called)
        ):
            kind = "generator" if inspect.isgeneratorfunction(called) else "coroutine"
            raise TypeError(
                f"{where} takes a function whose work is done when it returns, and this is a "
                f"{kind} function, which has done nothing then. Return a list instead of yielding, "
                f"and do not await."
            )


def check_called(result: Any) -> None:
    """
    Refuse what a callback returned, if that shows that it has done nothing.

    Args:
        result: What it returned.

    Raises:
        TypeError: It is a generator or a coroutine, which nobody runs.
    """
    if _is_unfinished(result):
        _close(result)
        raise TypeError(
            f"A function that was given to after_commit or after_rollback returned "
            f"{an(type(result).__name__)}, which nobody runs. Give a function that does its work."
        )


def _close(result: Any) -> None:
    """End a generator or coroutine that has not begun, so that nobody waits for it."""
    if inspect.isgenerator(result) or inspect.iscoroutine(result):
        result.close()


def _is_unfinished(result: Any) -> bool:
    """Tell whether work is still to be done by what a function returned, and by nobody else."""
    return (
        inspect.isgenerator(result)
        or inspect.iscoroutine(result)
        or inspect.isasyncgen(result)
        or inspect.isgenerator(getattr(result, "gen", None))  # of @contextmanager
    )


def check_result(result: Any, where: str) -> None:
    """
    Refuse a result that needs the transaction in which it was made, when that is over.

    Args:
        result: What the function returned.
        where: What has called it, for the message.

    Raises:
        TypeError: It is an iterator, or is to be awaited.
    """
    is_lazy = isinstance(result, (Iterator, AsyncIterator, Awaitable))
    if not (_is_unfinished(result) or (is_lazy and not isinstance(result, _IN_MEMORY))):
        return
    _close(result)
    raise TypeError(
        f"The function that {where} has called returned {an(type(result).__name__)}, whose work is "
        f"not done yet: it would be done outside of the transaction, which is rolled back "
        f"therefore. Return what it gives as a list."
    )
