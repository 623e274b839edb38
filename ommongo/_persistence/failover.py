"""Commands that the driver does not repeat by itself, while another member becomes the primary."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from pymongo import MongoClient
from pymongo.errors import (
    AutoReconnect,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
)

__all__ = ["PATIENCE", "repeated"]

T = TypeVar("T")

PATIENCE = 120
"""For how many seconds the driver repeats a transaction."""

_GOING = frozenset({6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436})
"""The server's codes for a member that is the primary no more, or not yet, or cannot be reached:
those with which the driver repeats a write."""


def repeated(command: Callable[[], T], client: MongoClient[Any], is_patient: bool = False) -> T:
    """
    Send a command again as long as its error says that the primary is going.

    The driver waits for the next primary before each try.

    Args:
        command: Sends it. To send it twice has to do no harm.
        client: The client.
        is_patient: Whether a transaction follows, which the driver repeats for two minutes; else
            the command is repeated once, as the driver repeats a write if it is to.

    Returns:
        What the command gave.

    Raises:
        pymongo.errors.PyMongoError: Its error, when that says something else, or stays.

    MongoDB manual:
        https://www.mongodb.com/docs/manual/core/retryable-writes/
    """
    until = time.monotonic() + PATIENCE
    tries_left = 1 if client.options.retry_writes else 0
    while True:
        try:
            return command()
        except PyMongoError as error:
            may_repeat = time.monotonic() < until if is_patient else tries_left > 0
            if not (may_repeat and _is_primary_going(error)):
                raise
            tries_left -= 1


def _is_primary_going(error: PyMongoError) -> bool:
    """Tell whether an error says that another member is going to be the primary."""
    if isinstance(error, ServerSelectionTimeoutError):
        return False  # the driver has waited for one
    return isinstance(error, AutoReconnect) or (
        isinstance(error, OperationFailure) and error.code in _GOING
    )
