"""One call of the driver, and what became of each operation in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from bson.errors import BSONError
from pymongo.client_session import ClientSession
from pymongo.errors import (
    BulkWriteError,
    ConfigurationError,
    DocumentTooLarge,
    DuplicateKeyError,
    InvalidOperation,
    OperationFailure,
    ServerSelectionTimeoutError,
    WriteConcernError,
    WriteError,
    WTimeoutError,
)

from ommongo._bson import Encoded
from ommongo._persistence.batches import Call
from ommongo.exceptions import (
    OmMongoException,
    StaleDocumentException,
)
from ommongo.ops import Operation

__all__ = ["MAY_NOT", "Sent", "send"]

MAY_NOT = 13
"""The server's code for a user who has no right to do it."""

_NOT_AUTHORISED = frozenset({11, 13, 18})
"""Codes of the server that say who may write, not what is wrong with the write."""

_REFUSED = frozenset({2, 9, 14, 15, 16, 17, 21, 22, 40, 73, 166, 10334, 17280, 17419, 17420, 51024})
"""Codes with which the server refuses a command before it does any of it: it cannot be read, an
operation in it is too large or nested too deeply, or its collection takes no writes."""

_INTERRUPTED = frozenset({24, 50, 89, 91, 189, 262, 11600, 11601, 11602})
"""Codes with which the server stops a command that it may have done in part."""

_REFUSED_BY_DRIVER = (BSONError, ConfigurationError, DocumentTooLarge, InvalidOperation)
"""Errors of the driver that say that it did not send a call."""

_DUPLICATE_KEYS = frozenset({11000, 11001, 12582})
_IMMUTABLE_FIELD = 66
_NONE: Mapping[int, Exception] = MappingProxyType({})
_WRITE_CONCERN_TIMEOUT = 64


class Sent:
    """
    What became of a call.

    Args:
        results: The results of the operations that were applied for certain: the first of the
            call, in order.
        error: Why the rest was not: the error that the single call would have raised.
        refusals: Errors by the places of operations that the server refused, and went on behind.
            They count among the first of the call, with a result of no meaning.
        unknown: How many of the operations after the applied ones the server may have applied.
        refused: Whether the server refused the call as a whole, so that nothing was applied.
        is_about_the_write: Whether the error is the server's word on what was written.
    """

    __slots__ = ("error", "is_about_the_write", "refusals", "refused", "results", "unknown")

    def __init__(
        self,
        results: list[Any],
        error: BaseException | None = None,
        unknown: int = 0,
        refused: bool = False,
        is_about_the_write: bool = False,
        refusals: Mapping[int, Exception] = _NONE,
    ) -> None:
        self.results = results
        self.refusals = refusals
        self.error = error
        self.unknown = unknown
        self.refused = refused
        self.is_about_the_write = is_about_the_write

    @property
    def may_be_passed_over(self) -> bool:
        """Whether an unsafe operation may fail by this, and those behind it still go on."""
        outdated = isinstance(self.error, StaleDocumentException) and self.error.is_versioned
        return self.is_about_the_write and not outdated

    @property
    def is_about_rights(self) -> bool:
        """Whether the user has no right to do it."""
        return isinstance(self.error, OperationFailure) and self.error.code == MAY_NOT

    def can_do_without_insert(self, operations: Sequence[Operation]) -> bool:
        """
        Tell whether a call can be made again for a user who may not insert.

        Args:
            operations: The call's operations, which then insert nothing.
        """
        error = self.error
        if not isinstance(error, OperationFailure) or not self.is_about_rights:
            return False
        is_shared = len(operations) > 1
        changed = [one.do_without_insert(error, is_shared) for one in operations]
        return any(changed)

    @property
    def is_unconfirmed(self) -> bool:
        """Whether everything was applied, only not confirmed as the write concern asks."""
        return isinstance(self.error, WriteConcernError)


def send(call: Call, session: ClientSession | None) -> Sent:
    """
    Send a call.

    Args:
        call: What to send.
        session: The driver's session, if one is in use.

    Returns:
        What became of it. An error is not raised.
    """
    if not call.collection.write_concern.acknowledged:
        session = None  # the driver refuses one
    try:
        if len(call.operations) == 1:
            return Sent([call.operations[0].execute(call.collection, session)])
        return Sent(_send_many(call, session))
    except BulkWriteError as error:
        return _of_bulk_error(error, call.operations, call.ordered)
    except BaseException as error:
        return _of_error(error, call.operations)


def _send_many(call: Call, session: ClientSession | None) -> list[Any]:
    """Send several operations, and give their results."""
    operations = call.operations
    if operations[0].run == "insert":
        # As `request` does, which would be two calls more for each of a bulk.
        options = call.collection.codec_options
        documents = [Encoded(operation.raw, options) for operation in operations]
        call.collection.insert_many(documents, ordered=call.ordered, session=session)
        return [operation.document_id for operation in operations]
    requests = [operation.request() for operation in operations]
    result = call.collection.bulk_write(requests, ordered=call.ordered, session=session)
    inserted = result.upserted_ids if result.acknowledged else None
    return _results(operations, inserted or {})


def _results(operations: list[Operation], inserted: Mapping[int, Any]) -> list[Any]:
    """Give the results of operations that a bulk call applied."""
    return [
        operation.result_in_bulk(inserted.get(place)) for place, operation in enumerate(operations)
    ]


def _of_bulk_error(
    error: BulkWriteError, operations: list[Operation], ordered: bool = True
) -> Sent:
    """Read from a bulk error what the single calls would have said."""
    details: Mapping[str, Any] = error.details or {}
    inserted = {one["index"]: one["_id"] for one in details.get("upserted", ())}
    refusals = {
        one["index"]: _single_error(one, operations[one["index"]])
        for one in details.get("writeErrors", ())
    }
    unconfirmed = _of_concerns(details.get("writeConcernErrors", ()))
    if refusals and ordered:
        place, single = min(refusals.items())
        return Sent(_results(operations[:place], inserted), single, is_about_the_write=True)
    if refusals or unconfirmed is not None:
        results = _results(operations, inserted)
        return Sent(results, unconfirmed, is_about_the_write=True, refusals=refusals)
    return Sent([], error, unknown=len(operations))


def _of_concerns(concerns: Sequence[Mapping[str, Any]]) -> WriteConcernError | None:
    """Give the error that the driver raises of a single call that is not confirmed."""
    for concern in concerns[:1]:
        kind = WTimeoutError if concern.get("code") == _WRITE_CONCERN_TIMEOUT else WriteConcernError
        return kind(concern.get("errmsg", ""), concern.get("code"), concern)
    return None


def _single_error(refusal: Mapping[str, Any], operation: Operation) -> Exception:
    """Give the error that the driver raises when the operation is sent alone."""
    code, message = refusal.get("code"), refusal.get("errmsg", "")
    details = {name: value for name, value in refusal.items() if name != "op"}
    if code == _IMMUTABLE_FIELD and operation.is_guarded:
        return operation.stale()
    if code in _DUPLICATE_KEYS:
        return operation.taken(DuplicateKeyError(message, code, details))
    return WriteError(message, code, details)


def _of_error(error: BaseException, operations: list[Operation]) -> Sent:
    """Judge an error of a whole call."""
    if isinstance(error, WriteConcernError):
        results = [operation.result_in_bulk(None) for operation in operations]
        return Sent(results, error, is_about_the_write=True)
    if isinstance(error, StaleDocumentException):
        return Sent([], error, is_about_the_write=True)
    if isinstance(error, ServerSelectionTimeoutError):
        return Sent([], error)  # no server was found, so nothing was sent
    if isinstance(error, OperationFailure):
        if error.code in _NOT_AUTHORISED:
            return Sent([], error)
        if len(operations) == 1 and isinstance(error, DuplicateKeyError):
            return Sent([], operations[0].taken(error), is_about_the_write=True)
        if len(operations) == 1:
            interrupted = error.code in _INTERRUPTED
            return Sent([], error, unknown=int(interrupted), is_about_the_write=True)
        if error.code in _REFUSED:
            return Sent([], error, refused=True)
        return Sent([], error, unknown=len(operations), is_about_the_write=True)
    if isinstance(error, OmMongoException):
        return Sent([], error)  # an operation that refuses to go on says that nothing was done
    if isinstance(error, _REFUSED_BY_DRIVER) and len(operations) == 1:
        return Sent([], error)
    # A lost connection; or what strikes at any moment, such as what a signal handler raises.
    return Sent([], error, unknown=len(operations))
