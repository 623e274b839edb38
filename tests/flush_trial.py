"""Flushes on which faults happen, compared with the model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from pymongo.errors import PyMongoError

from tests.flush_model import Flush, Gadget, Outcome, Thing, rows_of
from tests.link import Bench

__all__ = ["VALIDATORS", "Trial"]

VALIDATORS = {cls.get_collection_name(): cls.validator for cls in (Thing, Gadget)}
"""What the server refuses of the model's classes."""


class Trial:
    """
    One flush on a bench.

    Args:
        bench: The bench.
        layout: How many collections it writes to.
        how: ``flush``, not atomic; ``atomic``, at the end of a block; or ``transaction``, at the
            end of a block in an interactive transaction.
        safe: Whether the session is.
    """

    def __init__(self, bench: Bench, layout: str, how: str, safe: bool = True) -> None:
        self.bench = bench
        self.flush = Flush(layout, wants_result=how == "flush")
        self.how = how
        self.flush.store(bench.database)
        self.session = bench.session(safe=safe, cache_size=None)
        self.flush.load(self.session)
        # What the identity map held after the last flush.
        self.held: list[Any] = []

    def write(self, queue: Callable[[], object]) -> None:
        """Flush what *queue* queues."""
        try:
            if self.how == "transaction":
                with self.session.transaction(), self.session:
                    queue()
            else:
                with self.session:
                    queue()
                    if self.how == "flush":
                        self._flush()
        finally:
            if self.how != "flush":
                self.held = self.session.cache.documents()

    def _flush(self) -> None:
        """Flush, and look at what the identity map holds before the block's end empties it."""
        try:
            self.session.flush()
        finally:
            self.held = self.session.cache.documents()

    def run(self, bad_at: int | None = None, bad: dict[str, Any] | None = None) -> Any:
        """Flush everything, one operation of it *bad*; give the error."""

        def queue() -> None:
            for place, step in enumerate(self.flush.steps):
                step.queue(self.session, **((bad or {}) if place == bad_at else {}))

        try:
            self.write(queue)
        except PyMongoError as error:
            return error
        finally:
            assert self.bench.link.left == 0, "a fault was not met"
        return None

    def check(self, outcomes: Sequence[Outcome], stored: Iterable[int], server_calls: int) -> None:
        """
        Compare everything with the model.

        Args:
            outcomes: What became of the operations, as far as the session can know.
            stored: The places of those that the database holds.
            server_calls: How many calls of the driver there were.
        """
        steps, session = self.flush.steps, self.session
        stored = set(stored)
        assert rows_of(self.bench.database) == self.flush.rows(stored)
        assert session.queue == []
        if self.how != "transaction":  # whose rollback comes after the flush
            report = self.flush.report(outcomes, server_calls, atomic=self.how == "atomic")
            assert session.flush_report == report
        for place, (step, outcome) in enumerate(zip(steps, outcomes, strict=True)):
            if step.document is not None:
                assert step.document.get_dirty_ops() == step.dirty(outcome), (place, outcome)

    def check_held(self, places: Iterable[int]) -> None:
        """Compare the identity map after the flush with the documents at these places."""
        steps = self.flush.steps
        expected = [
            id(steps[place].document)
            for place in places
            if steps[place].holds
            and not any(one.lets_go_of(steps[place], place < at) for at, one in enumerate(steps))
        ]
        assert sorted(map(id, self.held)) == sorted(expected)

    def put_right(self, outcomes: Sequence[Outcome], stored: Iterable[int]) -> None:
        """Save once more what was not applied for certain: then everything is stored once."""
        stored = set(stored)

        def queue() -> None:
            for place, (step, outcome) in enumerate(zip(self.flush.steps, outcomes, strict=True)):
                if outcome is not Outcome.APPLIED:
                    step.again(self.session, outcome, place in stored)

        self.write(queue)
        assert rows_of(self.bench.database) == self.flush.rows(range(len(self.flush.steps)))
        for step in self.flush.steps:
            if step.document is not None:
                assert step.document.get_dirty_ops() == step.dirty(Outcome.APPLIED)
