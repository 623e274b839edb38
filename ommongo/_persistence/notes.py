"""Notes on errors that are not ours."""

from __future__ import annotations

import sys

__all__ = ["add_note"]


def add_note(error: BaseException, note: str) -> None:
    """
    Say something about an error without changing what it is.

    Args:
        error: The error.
        note: What to say: as one of its ``__notes__``, or at the end of its message on
            Python 3.10, which has none.
    """
    if sys.version_info >= (3, 11):
        error.add_note(note)
    else:
        message = str(error.args[0]) if error.args else ""
        error.args = (f"{message}\n{note}".strip(), *error.args[1:])
