"""A queue cut into calls of the driver, each of which becomes one command."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from typing import Any

from pymongo import WriteConcern
from pymongo.collection import Collection

from ommongo.ops import Operation

__all__ = ["MAX_BYTES", "MAX_DOCUMENT_BYTES", "MAX_OPERATIONS", "Call", "calls"]

MAX_OPERATIONS = 100_000
"""How many operations one command holds (``maxWriteBatchSize``)."""

MAX_BYTES = 48_000_000
"""How many bytes one command holds (``maxMessageSizeBytes``)."""

MAX_DOCUMENT_BYTES = 16 * 1024 * 1024
"""How many bytes a document has at most (``maxBsonObjectSize``)."""

_copied_from = attrgetter("copied_from")

# What the driver adds to an operation (its place in the array, the names of its parts) and to the
# command around them, with some to spare: a call that does not fit would become two commands.
_OPERATION_OVERHEAD = 160
_COMMAND_OVERHEAD = 65_536


class Call:
    """
    Consecutive operations that are sent together.

    Args:
        operations: The operations, in order.
        collection: Their collection, with the write concern to use.
        safe: Whether an error of the server is raised.
        ordered: Whether the server stops at the first operation that it refuses.
    """

    __slots__ = ("collection", "operations", "ordered", "safe")

    def __init__(
        self,
        operations: Sequence[Operation],
        collection: Collection[Any],
        safe: bool,
        ordered: bool = True,
    ) -> None:
        self.operations = list(operations)
        self.collection = collection
        self.safe = safe
        self.ordered = ordered

    def part(self, place: int, count: int, ordered: bool) -> Call:
        """Give the call of *count* of its operations, from a place on."""
        return Call(
            self.operations[place : place + count], self.collection, self.safe, ordered=ordered
        )

    def with_first_alone(self) -> list[Call]:
        """Give a call for the first operation, and one for the others, where these are updates."""
        count = len(self.operations)
        if count == 1 or self.operations[0].run != "update":
            return [self]
        return [self.part(0, 1, True), self.part(1, count - 1, self.ordered)]

    def singly(self) -> list[Call]:
        """Give a call for each operation."""
        return [Call([operation], self.collection, self.safe) for operation in self.operations]


def calls(
    operations: Sequence[Operation], is_safe: Callable[[Operation], bool], wants_result: bool = True
) -> Iterator[Call]:
    """
    Cut a queue into calls, in order.

    Args:
        operations: The queue.
        is_safe: Tells whether an operation's errors are raised.
        wants_result: Whether the last operation's own result is wanted.

    Yields:
        The calls: runs of operations of one kind on one collection with one write concern and
        safety; and single operations that the driver cannot retry, whose own reply is wanted, or
        that are too large.

    MongoDB manual:
        https://www.mongodb.com/docs/manual/reference/limits/#mongodb-limit-Write-Command-Batch-Limit-Size
    """
    run: list[Operation] = []
    run_bytes = 0
    last = operations[-1] if wants_result and operations and operations[-1].gives_reply else None
    for operation in operations:
        size = operation.size + _OPERATION_OVERHEAD
        alone = operation.run is None or operation is last or operation.size > MAX_DOCUMENT_BYTES
        full = len(run) >= MAX_OPERATIONS or run_bytes + size > MAX_BYTES - _COMMAND_OVERHEAD
        first = run[0] if run else operation
        # As `_go_together`, which would be a call more for each operation of a bulk.
        is_alike = (
            first.run == operation.run
            and first.collection is operation.collection
            and first.write_options is operation.write_options
            and first.safe is operation.safe
        )
        if run and (alone or full or not (is_alike or _go_together(first, operation, is_safe))):
            yield _call(run, is_safe)
            run, run_bytes = [], 0
        if alone:
            yield _call([operation], is_safe)
            continue
        run.append(operation)
        run_bytes += size
    if run:
        yield _call(run, is_safe)


def _go_together(one: Operation, other: Operation, is_safe: Callable[[Operation], bool]) -> bool:
    """Tell whether two operations can be in one call."""
    return (
        one.run == other.run
        and (one.collection is other.collection or one.collection == other.collection)
        and one.write_options == other.write_options
        and (one.safe is other.safe or is_safe(one) == is_safe(other))
    )


def _call(operations: list[Operation], is_safe: Callable[[Operation], bool]) -> Call:
    first = operations[0]
    safe = is_safe(first)
    collection = _for_writing(operations, safe)
    # An insert that is refused does not concern those behind it, unless it is that of a copy, of
    # which the refusal is raised. And of an ordered call that nobody acknowledges the server would
    # not even try the rest.
    inserts = first.run == "insert" and not any(map(_copied_from, operations))
    goes_on = inserts or not collection.write_concern.acknowledged
    return Call(operations, collection, safe, ordered=safe or not goes_on)


def _for_writing(operations: list[Operation], safe: bool) -> Collection[Any]:
    """Give the collection of operations that go together, with the write concern to use."""
    collection, write_options = operations[0].collection, operations[0].write_options
    concern = collection.write_concern
    if write_options:
        concern = WriteConcern(**{**concern.document, **write_options})
    # What counts versions needs the server's word on each of them.
    if not concern.acknowledged and (safe or any(map(_counts_versions, operations))):
        concern = WriteConcern(**{**concern.document, "w": 1})
    if concern == collection.write_concern:
        return collection
    return collection.with_options(write_concern=concern)


def _counts_versions(operation: Operation) -> bool:
    """Whether the documents that an operation is about have versions."""
    return getattr(operation.document_class, "_version_name", None) is not None
