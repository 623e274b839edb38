"""How a call goes on behind what the server refuses of it: in as few calls as may be."""

from __future__ import annotations

from ommongo._persistence.batches import Call
from ommongo._persistence.identity_map import IdentityMap

__all__ = ["Parts"]


class Parts:
    """
    The parts in which what is left of a call is sent, each cut when those before it are known.

    Behind an operation that may fail without stopping the others they are *unordered*, as far as
    nobody can see the order: the server then goes on by itself, and many refusals cost one call.
    Elsewhere each refusal halves what is tried next, and each success doubles it, so that an
    operation is sent a few times at most, however many are refused.

    Args:
        call: The call. A part as long as the call itself has been sent.
        goes_on: Whether an operation may fail without stopping those behind it.

    MongoDB manual:
        https://www.mongodb.com/docs/manual/core/bulk-write-operations/#ordered-vs-unordered-operations
    """

    def __init__(self, call: Call, goes_on: bool) -> None:
        self._call = call
        self._place = 0
        self._goes_on = goes_on
        self._may_reorder = not call.ordered
        self._refusals = 0
        # How many operations may go together: in this order; at all.
        self._in_order = self._most = len(call.operations)

    def dealt_with(self, count: int, refused: bool) -> None:
        """
        Hear what became of a part.

        Args:
            count: How many of its operations are dealt with.
            refused: Whether the server refused one of them.
        """
        self._place += count
        self._most *= 2
        self._in_order *= 2
        if refused:
            self._in_order = max(1, len(self._call.operations) >> self._refusals)
            self._refusals += 1
            self._may_reorder = self._goes_on

    def refused_as_a_whole(self, part: Call) -> None:
        """Hear that nothing was done of a part: an operation in it spoils it for all."""
        self._most = len(part.operations) // 2

    def next(self) -> Call | None:
        """Give the next part; ``None`` when all of the call is dealt with."""
        most = min(self._most, len(self._call.operations) - self._place)
        if not most:
            return None
        apart = self._apart(most) if self._may_reorder else 0
        count = min(most, max(apart, self._in_order))
        return self._call.part(self._place, count, ordered=count > apart)

    def _apart(self, most: int) -> int:
        """Tell how many of the next operations have nothing to do with each other."""
        operations = self._call.operations
        if not self._call.ordered:
            return most
        seen = set()
        for count in range(most):
            operation = operations[self._place + count]
            key = IdentityMap.key("", "", operation.document_id)
            if not operation.is_by_id or key is None or key in seen:
                return count
            seen.add(key)
        return most
