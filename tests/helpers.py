"""What tests of several rooms look at results with."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import Any

from pymongo import MongoClient

__all__ = ["bodies_of", "drop_database", "note_of", "numbers_of", "plain"]


def drop_database(client: MongoClient[Any], name: str) -> None:
    """
    Drop a database quickly.

    To drop one that has collections takes a tenth of a second, however few they are; to drop
    the collections before takes a few milliseconds.
    """
    for collection in client[name].list_collection_names():
        if not collection.startswith("system."):  # they go with what they are about
            client[name].drop_collection(collection)
    client.drop_database(name)


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
