"""What a write changed in objects, to be put back when it did not come about."""

from __future__ import annotations

from typing import Any

from ommongo.util import UNSET

__all__ = ["Undo"]


class Undo:
    """
    Steps ``(holder, key, old, new)``: what was put where, and what was there before.

    A holder is a dict, or an object whose attributes are meant; `UNSET` stands for nothing.
    """

    __slots__ = ("steps",)

    def __init__(self) -> None:
        self.steps: list[tuple[Any, str, Any, Any]] = []

    def put(self, holder: Any, key: str, new: Any) -> None:
        """Put a value somewhere, and note what was there."""
        self.steps.append((holder, key, _get(holder, key), new))
        _put(holder, key, new)

    def take_back(self) -> None:
        """Put everything back that is still as it was put, the last first."""
        while self.steps:
            holder, key, old, new = self.steps[-1]
            if _get(holder, key) is new:
                _put(holder, key, old)
            del self.steps[-1]  # not before: who is stopped in between can begin again


def _get(holder: Any, key: str) -> Any:
    return holder.get(key, UNSET) if type(holder) is dict else getattr(holder, key)


def _put(holder: Any, key: str, value: Any) -> None:
    if type(holder) is not dict:
        setattr(holder, key, value)
    elif value is UNSET:
        holder.pop(key, None)
    else:
        holder[key] = value
