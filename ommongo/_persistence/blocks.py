"""The blocks of a session that are open, and who is inside which of them."""

from __future__ import annotations

import inspect
import sys
from types import FrameType
from typing import TYPE_CHECKING

from ommongo._persistence.turn import Turn

if TYPE_CHECKING:
    from ommongo.ops import Operation

__all__ = ["OpenBlocks"]

_YIELDS = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR

_ON_THE_WAY = frozenset({"begin_trans", "end_trans", "__enter__", "__exit__"})
"""Functions between a ``with`` and what it calls here, those of subclasses included."""


class OpenBlocks(list[int]):
    """
    The ids of the open blocks, the innermost last.

    A block belongs to the function that entered it. While that function is suspended by a
    ``yield``, the code that runs is inside the block where the function serves as a context (the
    body of a ``@contextmanager``, a test with a fixture), and outside where it is iterated over.
    The difference is who had it go on to its first ``yield``: something that has returned since, or
    a function that runs still and does not see that there is a block.

    Args:
        turn: What keeps other threads out while a block is open.

    Attributes:
        are_nested: Whether all of them begin and end as the code reads: nobody has to ask.
    """

    def __init__(self, turn: Turn) -> None:
        super().__init__()
        self._turn = turn
        self.are_nested: bool = True
        # By block: who entered it, and who iterates over that, if it is a function that yields.
        self._owners: dict[int, tuple[int, FrameType | None]] = {}

    def open(self, block: int, frame: FrameType) -> None:
        """
        Open a block.

        Args:
            block: Its id.
            frame: The frame of what the ``with`` calls.
        """
        if not self:
            self._owners.clear()
            self.are_nested = True
        owner, _ = _owner(frame)
        iterating = _iterating(owner)
        self._owners[block] = id(owner), iterating
        self.are_nested = self.are_nested and iterating is None
        self._turn.open(block, owner)
        self.append(block)

    def close(self, block: int) -> None:
        """Close a block, if it is open."""
        self[:] = [one for one in self if one != block]
        self._owners.pop(block, None)
        self._turn.close(block)

    def clear(self) -> None:
        """Close all blocks."""
        for block in [*self]:
            self.close(block)

    def entered(self) -> tuple[int, ...]:
        """Give the blocks that the running code is inside, the innermost last."""
        if self.are_nested:
            return tuple(self)
        running = set()
        frame: FrameType | None = sys._getframe()
        while frame is not None:
            running.add(id(frame))
            frame = frame.f_back
        return tuple(block for block in self if self._is_entered(block, running))

    def is_own(self, operation: Operation) -> bool:
        """Tell whether an operation belongs to no block that the running code is not inside."""
        foreign = set(self) - set(self.entered())
        return foreign.isdisjoint(operation.transactions)

    def _is_entered(self, block: int, running: set[int]) -> bool:
        owner, iterating = self._owners.get(block, (0, None))
        return iterating is None or owner in running or id(iterating) not in running

    def ended_by(self, frame: FrameType) -> int | None:
        """
        Give the block that ends.

        Args:
            frame: The frame of what the end of the ``with`` calls, or what calls `end_trans`.

        Returns:
            The one that this ``with`` has opened, else the innermost one that the running code is
            inside; ``None`` where there is none.
        """
        owner, is_with = _owner(frame)
        if is_with:
            for block in reversed(self):
                if self._owners.get(block, (0, None))[0] == id(owner):
                    return block
        entered = self.entered()
        return entered[-1] if entered else None


def _owner(frame: FrameType) -> tuple[FrameType, bool]:
    """Give the function that a ``with`` stands in, and whether there is one."""
    is_with = False
    while frame.f_back is not None:
        name, module = frame.f_code.co_name, frame.f_globals.get("__name__")
        if name not in _ON_THE_WAY and module != "contextlib":
            break
        is_with = is_with or name in ("__enter__", "__exit__")
        frame = frame.f_back
    return frame, is_with


def _iterating(frame: FrameType) -> FrameType | None:
    """Give the function that has a function that yields go on; ``None`` for one that does not."""
    above: FrameType | None = frame
    while above is not None and above.f_code.co_flags & _YIELDS:
        above = above.f_back
    return None if above is frame else above
