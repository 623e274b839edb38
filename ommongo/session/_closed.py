"""What is left of a session that was closed."""

from __future__ import annotations

from typing import Any, NoReturn

from pymongo.errors import InvalidOperation

__all__ = ["CLOSED"]


class _Closed:
    """What stands in the place of all that a session works with: whoever uses it is told."""

    # Those who are not to be told: the end of the process, and the copy of an object.
    reads = None

    @property
    def queue(self) -> list[Any]:
        """What is pending: nothing."""
        return []

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise InvalidOperation(
            "This session is closed. Make another one: a session is used until close(), or until "
            "the end of what it was made for, and not again."
        )

    def drop_all(self) -> None:
        """Drop nothing, as nothing is pending: who clears up at the end may do so after close()."""

    def let_go(self) -> None:
        """Hold nothing, in a process that was forked either."""

    __bool__ = __contains__ = __iter__ = __len__ = _refuse

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):  # tools that look what sort of thing it is
            raise AttributeError(name)
        self._refuse()

    def __setattr__(self, name: str, value: Any) -> None:
        self._refuse()


CLOSED: Any = _Closed()
"""The only one."""
