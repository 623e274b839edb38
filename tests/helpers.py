"""What tests of several rooms look at results with."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import Any

__all__ = ["bodies_of", "note_of", "numbers_of", "plain"]


def note_of(error: BaseException) -> str:
    """Give the note on an exception: its notes, or on Python 3.10 its message."""
    if sys.version_info >= (3, 11):
        return "\n".join(getattr(error, "__notes__", ()))
    return str(error)


def numbers_of(text: str) -> set[int]:
    """Give the whole numbers that stand as words of their own in a text."""
    return {int(number) for number in re.findall(r"(?<![\w.])\d+(?!\w)", text)}


def plain(sent: Any) -> Any:
    """Give what was sent in dicts and lists, whatever form the driver was given it in."""
    if isinstance(sent, Mapping):
        return {name: plain(value) for name, value in sent.items()}
    if isinstance(sent, (list, tuple)):
        return [plain(value) for value in sent]
    return sent


def bodies_of(commands: Any, name: str) -> list[dict[str, Any]]:
    """Give the commands of one name that the client of a test has sent."""
    return [plain(event.command) for event in commands.started if event.command_name == name]
