"""What an application asked for, and never had sent: it is said, and not passed over."""

from __future__ import annotations

import logging
import warnings

__all__ = ["tell_of_unsent"]

log = logging.getLogger("ommongo")


def tell_of_unsent(message: str, source: object) -> None:
    """
    Log and warn of something that goes without having been sent.

    Python hides a ``ResourceWarning``, and a log may go nowhere: together they are not missed.

    Args:
        message: What it is, and what to do. It holds no value of the application's.
        source: The object that goes.
    """
    log.warning("%s", message)
    warnings.warn(message, ResourceWarning, stacklevel=3, source=source)
