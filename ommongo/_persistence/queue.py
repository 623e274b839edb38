"""The pending operations, in order, some of which can be taken out at the cost of these alone."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ommongo.document import Document

if TYPE_CHECKING:
    from ommongo.ops import Operation

__all__ = ["Queue"]


class _Index:
    """
    The operations of each document in a queue.

    Attributes:
        by_document: Operations by the identity of their document, each with a number that grows
            along the queue.
        numbers: These numbers, for as much of the queue as the index knows.
    """

    __slots__ = ("_next", "by_document", "numbers")

    def __init__(self) -> None:
        self.by_document: dict[int, list[tuple[int, Operation]]] = {}
        self.numbers: list[int] = []
        self._next = 0

    def add(self, operation: Operation) -> None:
        """Know an operation more."""
        number, self._next = self._next, self._next + 1
        self.numbers.append(number)
        self.by_document.setdefault(id(operation.document), []).append((number, operation))


class Queue(list["Operation"]):
    """
    The list of pending operations.

    It is a list like any other, so queueing costs nothing more. Once it is asked for the operations
    of a document it has an index, which then catches up with what came to its end.
    """

    lookup: _Index | None = None

    def of(self, document: Document) -> list[Operation]:
        """Give the operations of a document, in order."""
        known = self._up_to_date().by_document.get(id(document), ())
        return [operation for _, operation in known]

    def take_of(self, document: Document) -> None:
        """Take the operations of a document out."""
        index = self._up_to_date()
        self.lookup = None  # until both agree again
        for number, _ in reversed(index.by_document.pop(id(document), [])):
            place = bisect_left(index.numbers, number)
            del index.numbers[place]
            list.__delitem__(self, place)
        self.lookup = index

    def since(self, block: int, everywhere: bool = False) -> list[Operation]:
        """
        Give what was queued in a block, in order.

        Args:
            block: The id of the block, which is open. Blocks that were opened later have greater
                ids.
            everywhere: Whether it may stand between what was queued in other blocks.
        """
        behind = self[self._place_of(block, everywhere) :]
        return [operation for operation in behind if block in operation.transactions]

    def take_since(self, block: int, everywhere: bool = False) -> None:
        """Take out what `since` gives."""
        place = self._place_of(block, everywhere)
        behind = self[place:]
        kept = [operation for operation in behind if block not in operation.transactions]
        index, self.lookup = self.lookup, None  # until both agree again
        if index is not None:
            for operation in reversed(behind[: max(0, len(index.numbers) - place)]):
                index.by_document[id(operation.document)].pop()
            del index.numbers[place:]
        list.__setitem__(self, slice(place, None), kept)
        self.lookup = index

    def _place_of(self, block: int, everywhere: bool) -> int:
        """Give the place from which on there is what was queued in a block."""
        place = 0 if everywhere else len(self)
        while place and max(self[place - 1].transactions, default=0) >= block:
            place -= 1
        return place

    def _up_to_date(self) -> _Index:
        """Give the index, with everything in it."""
        if self.lookup is None:
            self.lookup = _Index()
        for place in range(len(self.lookup.numbers), len(self)):
            self.lookup.add(self[place])
        return self.lookup


def _dropping_index(method: Callable[..., Any]) -> Callable[..., Any]:
    """Give a method of a list that does something else than to append."""

    def change(self: Queue, *args: Any, **kwargs: Any) -> Any:
        self.lookup = None
        return method(self, *args, **kwargs)

    return change


for _name in (
    "__delitem__",
    "__imul__",
    "__setitem__",
    "clear",
    "insert",
    "pop",
    "remove",
    "reverse",
    "sort",
):
    setattr(Queue, _name, _dropping_index(getattr(list, _name)))
