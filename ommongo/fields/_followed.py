"""The documents that a list or a set of references leads to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

__all__ = ["Followed"]


def _refused(method: str) -> Callable[..., NoReturn]:
    """Make the method of a list that would change it in place."""

    def refuse(self: Followed, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError(
            f"{self._reading} cannot be changed by {method}: it is what {self._source} leads to, "
            f"read anew each time. Change {self._source}, or change a copy: list(...)."
        )

    refuse.__name__ = method
    return refuse


class Followed(list[Any]):
    """
    The documents that references lead to, as a list that refuses to be changed.

    It is made at each reading, so that a change in it would be lost. What is made of it (a slice, a
    sum, a copy) is a list as any other.

    Args:
        documents: The documents.
        reading: The attribute that was read, for messages.
        source: What holds the references, for messages: how to change it is said there.
    """

    __slots__ = ("_reading", "_source")

    def __init__(self, documents: list[Any], reading: str, source: str) -> None:
        super().__init__(documents)
        self._reading, self._source = reading, source

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return list, (list(self),)

    append = _refused("append()")
    clear = _refused("clear()")
    extend = _refused("extend()")
    insert = _refused("insert()")
    pop = _refused("pop()")
    remove = _refused("remove()")
    reverse = _refused("reverse()")
    sort = _refused("sort()")
    __delitem__ = _refused("del")
    __iadd__ = _refused("+=")
    __imul__ = _refused("*=")
    __setitem__ = _refused("an assignment")
    # Of a set of references it is a list too, and is changed as a set by habit.
    add = _refused("add()")
    discard = _refused("discard()")
    update = _refused("update()")
    __iand__ = _refused("&=")
    __ior__ = _refused("|=")
    __isub__ = _refused("-=")
