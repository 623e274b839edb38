"""What an application has called once the outcome of a block or a transaction is known."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from ommongo._notes import add_note

__all__ = ["Callbacks"]

_OUTCOMES = {
    True: "Stored: the block or transaction was committed, and then a function that was given to "
    "after_commit or after_rollback raised this.",
    False: "Not stored: the block or transaction was rolled back, and then a function that was "
    "given to after_rollback raised this.",
    None: "Whether the block or transaction is stored is not known. A function that was given to "
    "after_rollback raised this.",
}
"""What became of what a function waited for."""


class _Waiting:
    """
    A function that waits.

    Args:
        wanted: The outcome it waits for; ``None`` when it is due whatever comes.
        callback: The function.
    """

    __slots__ = ("callback", "dropped", "wanted")

    def __init__(self, wanted: bool, callback: Callable[[], Any]) -> None:
        self.wanted: bool | None = wanted
        self.callback = callback
        self.dropped = False


class Callbacks:
    """The functions that wait for an outcome, in the order in which they were given."""

    def __init__(self) -> None:
        self.clear()

    def add(self, wanted: bool, blocks: tuple[int, ...], callback: Callable[[], Any]) -> None:
        """
        Let a function wait.

        Args:
            wanted: The outcome it waits for: whether what is open was committed.
            blocks: The ids of the blocks that are open.
            callback: The function.
        """
        one = _Waiting(wanted, callback)
        self._waiting.append(one)
        for block in blocks:
            self._of_block.setdefault(block, []).append(one)

    def fail(self, block: int) -> None:
        """
        Settle what waits for the outcome of a block that was left by an exception.

        What waits for a commit is dropped, and what waits for a rollback is due in any case.

        Args:
            block: The id of the block.
        """
        for one in self._of_block.pop(block, ()):
            one.dropped = one.dropped or one.wanted is True
            one.wanted = None

    def clear(self) -> None:
        """Drop every function, without a call."""
        self._waiting: list[_Waiting] = []
        self._of_block: dict[int, list[_Waiting]] = {}

    def run(
        self,
        committed: bool | None,
        error: BaseException | None = None,
        still_open: Collection[int] = (),
    ) -> None:
        """
        Call what waits for an outcome, each once.

        Args:
            committed: The outcome of what was open; ``None`` when nobody knows it. What waits for
                a block that failed inside it is called in any case.
            error: What the block or transaction ended with. It is what its user is to be told, so
                what a function raises is chained to it.
            still_open: The ids of blocks that are open beside: what was given in them waits on.

        Raises:
            BaseException: Without an *error*, what the first of them raised; the others were called
                all the same. With one, only what is no `Exception`, such as an interrupt.
        """
        beside = {id(one) for block in still_open for one in self._of_block.get(block, ())}
        raised: list[BaseException] = []
        for one in self._waiting:
            if id(one) in beside or one.dropped or one.wanted not in (None, committed):
                continue
            from ommongo._persistence.unfinished import check_called  # as for `after_commit`

            try:
                one.dropped = True  # each is called once
                check_called(one.callback())
            except BaseException as mishap:
                raised.append(mishap)
        self._waiting = [one for one in self._waiting if id(one) in beside]
        if not beside:
            self.clear()
        interrupts = [mishap for mishap in raised if not isinstance(mishap, Exception)]
        if error is None and raised:
            first = (interrupts or raised)[0]
            add_note(first, _OUTCOMES[committed])
            _chain(first, [mishap for mishap in raised if mishap is not first])
            raise first
        if error is not None:
            _chain(error, [mishap for mishap in raised if mishap not in interrupts])
        if interrupts:
            raise interrupts[0]


def _chain(error: BaseException, others: list[BaseException]) -> None:
    """Put exceptions that came beside an error behind it, and say so."""
    for other in others:
        if other is error:
            continue  # a function that raises what it was called for
        link, seen = other, {id(other)}
        while link.__context__ is not None and id(link.__context__) not in seen:
            if link.__context__ is error:  # Python has chained them the other way round
                link.__context__ = None
                break
            link = link.__context__
            seen.add(id(link))
        last, seen = error, {id(error)}
        while last.__context__ is not None and id(last.__context__) not in seen:
            last = last.__context__
            seen.add(id(last))
        if id(other) not in seen:
            last.__context__ = other
        add_note(
            error,
            f"A function that was given to after_commit or after_rollback failed too, with "
            f"{type(other).__name__}: that is at the end of this exception's chain (__context__).",
        )
