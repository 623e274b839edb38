"""What is said where ``None`` came, and a field takes none."""

from __future__ import annotations

from ommongo.exceptions import BadValueException

__all__ = ["none_refused"]


def none_refused(error: BadValueException, instead: str = "") -> BadValueException:
    """
    Say what to do where a field was given ``None``, and refuses it.

    Args:
        error: The refusal.
        instead: What would be done without ``None``: a sentence.

    Returns:
        A refusal that names the options by which a field takes ``None``.
    """
    reason = error.reason.partition(". ")[0].rstrip(".")
    return BadValueException(
        error.name,
        None,
        f"{reason}. {instead and instead + ' '}Declare the field with optional=True if None is to "
        f"mean that there is no value (nothing is stored), or with allow_none=True if null is to "
        f"be stored.",
        error,
    )
