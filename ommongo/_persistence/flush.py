"""One flush: its operations, how far it came, and what it tells."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.errors import WriteConcernError

from ommongo._notes import about_text_index, add_note
from ommongo._persistence.batches import Call, calls
from ommongo._persistence.index_notes import about_language
from ommongo._persistence.parts import Parts
from ommongo._persistence.report import FlushReport
from ommongo._persistence.sending import MAY_NOT, Sent, send
from ommongo._persistence.transactions import about_outcome, is_committed
from ommongo.ops import Operation

__all__ = ["Flush"]

_END = sys.maxsize
"""The place behind the last item of a list, which need not be counted."""

Forget = Callable[[list[Operation], BaseException, bool], None]
"""What to do about unsafe operations that ran into an error; whether it leaves them in doubt."""


class Flush:
    """
    The operations of one flush, and what became of them.

    Args:
        operations: The operations, in order.
        safe: Whether errors are raised, over what each operation says.
        default: The same where neither this nor an operation says it.
        wants_result: Whether the last operation's own result is wanted.

    Attributes:
        position: How many operations are dealt with: the first of them, in order.
        unknown: How many after these the server may have applied.
        result: The result of the last operation, once it was applied, if it is wanted.
        complete: Whether every operation is dealt with.
        untold: Operations that were applied, and whose objects could not take that over, each with
            the error.
        error: What stopped it.
        is_committed: Whether the transaction that it has for itself is committed for certain.
        is_noted: Whether the error has its note.
        in_transaction: Whether it is part of a server transaction.
        refused: How many operations a call had that the server refused as a whole, in a
            transaction; 0 where it did not.
    """

    def __init__(
        self,
        operations: list[Operation],
        safe: bool | None,
        default: bool,
        wants_result: bool = True,
    ) -> None:
        self.operations = operations
        self.server_calls = 0
        self.in_transaction = False
        self.error: BaseException | None = None
        self.is_noted = False
        self.is_committed = False
        self._safe = safe
        self._default = default
        self._wants_result = wants_result
        self._failed_at: int | None = None
        # Where calls begin that the next try of a transaction makes one by one.
        self._to_cut: set[int] = set()
        self.refused = 0
        # Whether an operation may be sent in another form where the server has refused it.
        self._is_open = False
        self.untold: list[tuple[Operation, Exception]] = []
        self._begin()

    def _begin(self, unknown: int = 0) -> None:
        # Of each call those that were applied, their results, and those that were passed over.
        self._taken: list[tuple[list[Operation], list[Any], list[Operation]]] = []
        self._lost = self._doubted = self._told = 0
        self.result: Any = None
        self.complete = False
        self.position, self.unknown = 0, unknown

    # -- sending ----------------------------------------------------------------------------------

    def send(
        self, client_session: ClientSession | None, forget: Forget | None, begun: bool = True
    ) -> None:
        """
        Send the operations, in order, and tell each its outcome as soon as it is known.

        Args:
            client_session: The driver's session to use: that of an open transaction, or another.
            forget: What to do about unsafe operations that failed, or are not confirmed; ``None``
                in a transaction.
            begun: Whether the transaction has begun: a refusal of its first command ends it, also
                where the server would have gone on behind another one.

        Raises:
            BaseException: What stopped it.
        """
        self._is_open = begun
        for call in calls(self.operations, self._is_safe, self._wants_result):
            for part in [call] if self._is_open else call.with_first_alone():
                self._send(part, client_session, forget)
                self._is_open = True
            self.settle()
        self.complete = True

    def send_in_transaction(self, client_session: ClientSession) -> None:
        """
        Send the operations, in order, and tell none its outcome yet; may be called again.

        Args:
            client_session: The driver's session, with its transaction open.

        Raises:
            BaseException: What stopped it.
        """
        self._begin()
        self.refused = 0
        for call in calls(self.operations, self._is_safe, self._wants_result):
            for part in call.singly() if self.position in self._to_cut else [call]:
                self._send(part, client_session, None)
        self.complete = True

    def _is_safe(self, operation: Operation) -> bool:
        """Tell whether an operation's errors are raised; in a transaction they always are."""
        safe = operation.safe if self._safe is None else self._safe
        return self.in_transaction or (self._default if safe is None else safe)

    def _send(
        self, call: Call, client_session: ClientSession | None, forget: Forget | None
    ) -> None:
        """Send one call, and what is left of it behind unsafe operations that failed."""
        if call.safe:
            forget = None
        part: Call | None = call
        parts: Parts | None = None
        while part is not None:
            self.server_calls += 1
            self.unknown = len(part.operations)  # until the driver has said what became of them
            sent = send(part, client_session)
            self._take(part, sent)
            if parts is None:
                if sent.error is None and not sent.refusals:
                    return  # as a rule
                parts = Parts(call, goes_on=forget is not None)
            if sent.can_do_without_insert(part.operations):
                if self._is_open:
                    self._send_singly(part, client_session, forget)
                    parts.dealt_with(len(part.operations), False)
                    part = parts.next()
                    continue
                sent.refused = True  # the next try of the transaction does without
            if sent.refused and not self.in_transaction:
                parts.refused_as_a_whole(part)
            else:
                parts.dealt_with(*self._judge(part, sent, forget))
            part = parts.next()

    def _send_singly(
        self, part: Call, client_session: ClientSession | None, forget: Forget | None
    ) -> None:
        """Send a part again, one by one."""
        for single in part.singly():
            self._send(single, client_session, forget)

    def _judge(self, part: Call, sent: Sent, forget: Forget | None) -> tuple[int, bool]:
        """Give how many of a part are dealt with, and whether any was refused; raise an error."""
        if sent.refused:
            self.refused = len(part.operations)
            self._to_cut.add(self.position)
        if sent.error is not None and (forget is None or not sent.may_be_passed_over):
            raise sent.error
        behind = 0 if forget is None else self._pass_over(part, sent, forget)
        return len(sent.results) + behind, behind > 0 or bool(sent.refusals)

    def _take(self, call: Call, sent: Sent) -> None:
        """Keep the results of the operations that were applied, and how many may have been."""
        applied, results = call.operations[: len(sent.results)], sent.results
        position = self.position + len(results)
        refused = [applied[place] for place in sent.refusals]
        if refused:
            kept = [place for place in range(len(results)) if place not in sent.refusals]
            applied, results = [applied[place] for place in kept], [results[p] for p in kept]
        taken = [(applied, results, refused)]
        if applied and applied[-1] is self.operations[-1]:
            self.result = results[-1]
        # One line without a call: no signal strikes before all of it has come about.
        self._taken[_END:], self.position, self.unknown = taken, position, sent.unknown

    def _pass_over(self, call: Call, sent: Sent, forget: Forget) -> int:
        """Go on behind unsafe operations that failed; give how many there are behind the others."""
        for place, refusal in sorted(sent.refusals.items()):
            forget([call.operations[place]], refusal, False)
        self._lost += len(sent.refusals)
        if sent.error is None:
            return 0
        if sent.is_unconfirmed:
            applied, _, _ = self._taken[-1]
            forget(applied, sent.error, False)
            return 0
        place, count = len(sent.results), sent.unknown or 1
        forget(call.operations[place : place + count], sent.error, sent.unknown > 0)
        position, doubted = self.position + count, self._doubted + sent.unknown
        lost = self._lost + (not sent.unknown)
        # As in `_take`: in one line.
        self.position, self.unknown, self._doubted, self._lost = position, 0, doubted, lost
        return count

    # -- outcomes ---------------------------------------------------------------------------------

    def passed_over(self) -> list[Operation]:
        """Give the operations that were refused without a stop, as far as one call tells so."""
        return [operation for _, _, refused in self._taken for operation in refused]

    def settle(self) -> None:
        """
        Tell the operations that were applied; may be called again where it was stopped.

        What an object cannot take over (an ``_id`` that its field refuses) changes nothing of what
        is stored, so it is kept in mind for the end.
        """
        while self._told < len(self._taken):
            operations, results, _ = self._taken[self._told]
            for operation, result in zip(operations, results, strict=True):
                if not operation.is_told:
                    continue
                try:
                    operation.succeeded(result)
                except Exception as error:
                    self.untold.append((operation, error))
                    with suppress(Exception):  # what a signal handler raises does not come again
                        operation.succeeded(result)
            self._told += 1

    def raise_untold(self, in_transaction: bool) -> None:
        """
        Raise what the first object raised that could not take over what was stored of it.

        Args:
            in_transaction: Whether what was applied is still to be committed.

        Raises:
            Exception: That error, with a note.
        """
        for operation, error in self.untold:
            done = "applied in the open transaction" if in_transaction else "stored"
            add_note(
                error,
                f"{_all(len(self.operations))} {done}; only the object of one "
                f"({operation.describe()}) could not take over what came of it. Load it anew.",
            )
            raise error

    def roll_back(self, error: BaseException) -> None:
        """
        Take back what a transaction that failed has done.

        Args:
            error: What ended it. When that leaves open whether it was committed, the outcome of
                all its operations is unknown; when it says that the commit was only not
                confirmed, they count as applied.
        """
        committed = self.is_committed or (is_committed(error) if self.complete else False)
        if committed or self._failed_at is not None:
            return
        self._failed_at = self.position
        self._begin(unknown=len(self.operations) if committed is None else 0)

    def report(self, atomic: bool, error: BaseException | None = None) -> FlushReport:
        """
        Say what became of the operations.

        Args:
            atomic: Whether they ran in one server transaction.
            error: What stopped them.

        Returns:
            The report.
        """
        rest = len(self.operations) - self.position - self.unknown
        unconfirmed = isinstance(error, WriteConcernError)
        stopped = error is not None and rest > 0 and not self.unknown and not unconfirmed
        counts: Counter[str] = Counter()
        for applied, _, _ in self._taken:
            counts.update([operation.counted_as for operation in applied])
        return FlushReport(
            **counts,
            failed=self._lost + stopped,
            not_attempted=rest - stopped,
            unknown=self.unknown + self._doubted,
            server_calls=self.server_calls,
            atomic=atomic,
        )

    def note(self, error: BaseException, atomic: bool) -> str:
        """
        Say, for the error that stopped the flush, what became of the operations.

        Args:
            error: The error.
            atomic: Whether they were to run in one server transaction.

        Returns:
            The note.
        """
        report = self.report(atomic, error)
        note = (
            f"{self._what_happened(error)}: {report.applied} applied, {report.not_attempted} not "
            f"attempted, {report.unknown} with an unknown outcome."
        )
        place = self._place()
        if (
            getattr(error, "code", None) == MAY_NOT
            and self.server_calls
            and place < len(self.operations)
        ):
            note = f"{note} {self.operations[place].needed_rights()}"
        if place < len(self.operations):
            cls = self.operations[place].document_class
            about = about_language(error, cls) or about_text_index(error, cls)
            note = f"{note} {about}".rstrip()
        if not (atomic and self.server_calls):
            return note
        committed = None if report.unknown else report.applied > 0
        return f"{note} {about_outcome(error, committed)}"

    def _place(self) -> int:
        """Give how many operations were before the one that failed."""
        return self.position if self._failed_at is None else self._failed_at

    def _what_happened(self, error: BaseException) -> str:
        """Say which operation of how many an error is about."""
        total, place = len(self.operations), self._place()
        if not self.server_calls:
            none = "Operation 1 of 1 was not" if total == 1 else f"None of {total} operations was"
            return f"{none} sent"
        if isinstance(error, WriteConcernError) and self.position:
            last = self.operations[self.position - 1].describe()
            return f"Operation {self.position} of {total} is applied but not confirmed ({last})"
        if self.refused > 1:
            together = f"{place + 1} to {place + self.refused}"
            return f"One of the operations {together} of {total}, sent together, failed"
        if place < total:
            failed = self.operations[place].describe()
            return f"Operation {place + 1} of {total} failed ({failed})"
        sent = "Operation 1 of 1 was" if total == 1 else f"All of {total} operations were"
        return f"{sent} sent, and the commit failed"


def _all(count: int) -> str:
    """Say of all operations, or of the only one, that they are something."""
    return "The operation is" if count == 1 else f"All {count} operations are"
