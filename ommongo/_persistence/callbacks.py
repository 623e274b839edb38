"""What an application has called once the outcome of a block or a transaction is known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["Callbacks"]


class Callbacks:
    """The functions that wait for an outcome, in the order in which they were given."""

    def __init__(self) -> None:
        # The wanted outcome (None: any), the blocks that were open, and the function.
        self._waiting: list[tuple[bool | None, tuple[int, ...], Callable[[], Any]]] = []

    def add(self, wanted: bool, blocks: tuple[int, ...], callback: Callable[[], Any]) -> None:
        """
        Let a function wait.

        Args:
            wanted: The outcome it waits for: whether what is open was committed.
            blocks: The ids of the blocks that are open.
            callback: The function.
        """
        self._waiting.append((wanted, blocks, callback))

    def fail(self, block: int) -> None:
        """
        Settle what waits for the outcome of a block that was left by an exception.

        What waits for a commit is dropped, and what waits for a rollback is due in any case.

        Args:
            block: The id of the block.
        """
        self._waiting = [
            (None if block in blocks else wanted, blocks, callback)
            for wanted, blocks, callback in self._waiting
            if not (wanted and block in blocks)
        ]

    def clear(self) -> None:
        """Drop every function, without a call."""
        self._waiting.clear()

    def run(self, committed: bool | None) -> None:
        """
        Call what waits for an outcome, each once.

        Args:
            committed: The outcome of what was open; ``None`` when nobody knows it. What waits for
                a block that failed inside it is called in any case.

        Raises:
            Exception: What the first of them raised; the others were called all the same.
        """
        waiting, self._waiting = self._waiting, []
        first: Exception | None = None
        for wanted, _, callback in waiting:
            if wanted is None or wanted is committed:
                try:
                    callback()
                except Exception as error:
                    first = first or error
        if first is not None:
            raise first
