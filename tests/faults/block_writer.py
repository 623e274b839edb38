"""
Write blocks and say every step, until killed.

Its arguments are the server's address, the database, and a number of its own.
"""

from __future__ import annotations

import sys
from typing import Any

from pymongo import MongoClient, WriteConcern
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from ommongo import Document, IntField, Session
from tests.faults.programs import say, when_left_alone

ENTRIES, MARKS, REMOVED = 8, 3, 2
"""How many documents a block adds to two collections, and removes of the block before."""

STEPS = (
    "queued",
    "insert-sent",
    "insert-done",
    "update-sent",
    "update-done",
    "delete-sent",
    "delete-done",
    "commitTransaction-sent",
    "commitTransaction-done",
    "reported",
)
"""What it says of a block, at least once each, in this order."""


class Entry(Document):
    writer = IntField()
    block = IntField()
    number = IntField()


class Mark(Entry):
    pass


class Ledger(Document):
    writer = IntField(_id=True)
    last = IntField()
    blocks = IntField(on_update="$inc")


class Teller(CommandListener):
    """Says what the driver sends and gets."""

    def __init__(self) -> None:
        self.block = 0

    def started(self, event: CommandStartedEvent) -> None:
        say(self.block, f"{event.command_name}-sent")

    def succeeded(self, event: CommandSucceededEvent) -> None:
        say(self.block, f"{event.command_name}-done")

    def failed(self, event: CommandFailedEvent) -> None:
        say(self.block, f"{event.command_name}-failed")


def main(uri: str, database: str, writer: int) -> None:
    """Run the program."""
    teller = Teller()
    client: MongoClient[Any] = MongoClient(
        uri, event_listeners=[teller], appname=f"writer-{writer}"
    )
    concern = WriteConcern("majority")
    session = Session(client.get_database(database, write_concern=concern), safe=True)
    ledger = Ledger(writer=writer, last=0, blocks=0)
    session.save(ledger)
    before: list[Entry] = []
    alone = when_left_alone()
    while not alone.is_set():
        teller.block += 1
        block = teller.block
        entries = [Entry(writer=writer, block=block, number=n) for n in range(ENTRIES)]
        with session:
            for entry in entries:
                session.add(entry)
            for number in range(MARKS):
                session.add(Mark(writer=writer, block=block, number=number))
            ledger.last = block
            ledger.blocks = 1
            session.update(ledger)
            for entry in before[:REMOVED]:
                session.remove(entry)
            say(block, "queued")
        say(block, "reported")
        before = entries


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
