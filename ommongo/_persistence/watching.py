"""Cursors of a transaction, which tell it what they fail with."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

__all__ = ["watched"]

C = TypeVar("C")

Fail = Callable[[BaseException], None]
"""What is to be told of an error."""

_SENDING = ("next", "try_next", "to_list", "distinct")
"""The methods of the driver's cursors that send commands, and on which all others stand."""


def _told(method: Callable[..., Any]) -> Callable[..., Any]:
    """Give a method of a cursor that tells what it fails with."""

    def call(self: Any, *args: Any, **options: Any) -> Any:
        try:
            return method(self, *args, **options)
        except StopIteration:
            raise
        except BaseException as error:
            self._fail(error)
            raise

    return call


def _cloned(method: Callable[..., Any]) -> Callable[..., Any]:
    """Give the method of a cursor that makes another one, which tells the same."""

    def clone(self: Any) -> Any:
        return watched(method(self), self._fail)

    return clone


@cache
def _watched_class(name: str, cls: Any) -> Any:
    """Give the class of cursors that tell what they fail with; else they are of class *cls*."""
    methods = {one: _told(getattr(cls, one)) for one in _SENDING if hasattr(cls, one)}
    if hasattr(cls, "clone"):
        methods["clone"] = _cloned(cls.clone)
    return type(name, (cls,), {"__slots__": (), "_fail": None, **methods})


def watched(cursor: C, fail: Fail) -> C:
    """
    Have a cursor tell what the commands fail with that it sends when results are taken from it.

    Args:
        cursor: A cursor of the driver.
        fail: What is to be told of an error.

    Returns:
        The cursor.
    """
    kind: Any = type(cursor)
    if "_fail" not in kind.__dict__:
        cursor.__class__ = _watched_class(kind.__name__, kind)
    cursor.__dict__["_fail"] = fail
    return cursor
