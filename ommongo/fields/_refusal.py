"""Where in a stored document something cannot be loaded."""

from __future__ import annotations

from typing import Any, Final

from bson.errors import BSONError

from ommongo._spelling import an
from ommongo.exceptions import BadValueException, DocumentException

__all__ = ["DATA_ERRORS", "caught", "located", "raised"]

DATA_ERRORS: Final = (
    BadValueException,
    DocumentException,
    BSONError,
    AssertionError,
    AttributeError,
    LookupError,
    OverflowError,
    TypeError,
    ValueError,
)
"""
What is raised where stored data are to blame, by fields or by what an application does with data of
a form that it did not expect. Everything else (a connection that is lost, a time limit, a class
that cannot work) is not about the one document that is being loaded.
"""


def caught(action: str) -> tuple[type[Exception], ...]:
    """
    Give what a field catches of the field of a part, to say where that part is.

    Args:
        action: The method that is called for each part.
    """
    return DATA_ERRORS if action == "unwrap" else (BadValueException,)


def located(error: Exception, path: str, value: Any) -> BadValueException:
    """
    Say where a value is that was refused, or that could not be loaded.

    Args:
        error: What was raised, one of `DATA_ERRORS`.
        path: The path to the value, from whatever holds it.
        value: The value.

    Returns:
        A refusal.
    """
    return (
        error.within(path) if isinstance(error, BadValueException) else raised(error, path, value)
    )


def raised(error: Exception, path: str, value: Any) -> BadValueException:
    """
    Make a refusal of an error that is none; without its words, which may hold values.

    Args:
        error: What was raised.
        path: The path to the value, from whatever holds it.
        value: What is stored there.
    """
    return BadValueException(
        path,
        value,
        f"holds {an(type(value).__name__)} on which {type(error).__name__} was raised. Correct "
        f"what is stored, or what raises it.",
        error,
    )
