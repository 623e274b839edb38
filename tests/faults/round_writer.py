"""
Write in rounds, whatever happens to the server, and say what is done, until told to stop.

Its arguments are the server's address, the database, a number of its own, and whether the driver
tries again what it can (1) or not (0). Each round writes in every way that a session has; where
that fails, it does what an application would do.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from pymongo import MongoClient, WriteConcern
from pymongo.errors import PyMongoError, ServerSelectionTimeoutError
from pymongo.read_concern import ReadConcern

from ommongo import Document, IntField, Session, StringField
from tests.faults.programs import say, when_left_alone

IN_BLOCK, TOGETHER = 4, 3
"""How many documents a round adds in a block, and in a flush that is not atomic."""

OPERATIONS = IN_BLOCK + 2 + TOGETHER + 3
"""How many operations a round has."""


class Entry(Document):
    writer = IntField()
    round = IntField()
    number = IntField()
    text = StringField(required=False)


class Ledger(Document):
    writer = IntField(_id=True)
    last = IntField(default=0)
    hits = IntField(default=0, on_update="$inc")
    shots = IntField(default=0)


class Writer:
    """
    One writer.

    Args:
        session: Its session.
        number: Its number.
    """

    def __init__(self, session: Session, number: int) -> None:
        self.session = session
        self.number = number
        self.errors = 0
        self.ledger = Ledger(writer=number)
        self.before: list[Entry] = []
        self.until_done(lambda again: session.save(self.ledger))

    def until_done(self, write: Callable[[bool], object]) -> None:
        """Write, once more after every error of the driver; *write* is told whether it is that."""
        again = False
        while True:
            try:
                write(again)
            except ServerSelectionTimeoutError:
                raise  # this is not a fault of which a server recovers
            except PyMongoError:
                self.errors += 1
                again = True
            else:
                return

    def round(self, number: int) -> None:
        """Write a round."""
        entries = [
            Entry(writer=self.number, round=number, number=place)
            for place in range(IN_BLOCK + TOGETHER)
        ]

        def block(again: bool) -> None:
            with self.session:
                for entry in entries[:IN_BLOCK]:
                    self.session.add(entry)
                self.ledger.last = number
                self.session.update(self.ledger)
                for entry in self.before[:1]:
                    self.session.remove(entry)

        def together(again: bool) -> None:
            for entry in entries[IN_BLOCK:]:
                if entry.get_dirty_ops():
                    self.session.add(entry)
            self.session.flush()

        def count(again: bool) -> None:
            # After an error the field may not be retrieved any more: then a look tells.
            if again and not self.ledger.get_dirty_ops():
                self.session.reload(self.ledger, "hits")
                if self.ledger.hits == number:
                    return
            self.ledger.hits = 1
            self.session.update(self.ledger)

        def shoot(again: bool) -> None:
            mine = self.session.query(Ledger).filter(
                Ledger.writer == self.number, Ledger.shots == number - 1
            )
            mine.inc(Ledger.shots).execute()

        def replace(again: bool) -> None:
            entries[-1].text = "replaced"
            self.session.save(entries[-1])

        for write in (block, together, count, shoot, replace):
            self.until_done(write)
        self.before = entries


def main(uri: str, database: str, number: int, retries: bool) -> None:
    """Run the program."""
    client: MongoClient[Any] = MongoClient(
        uri, retryWrites=retries, retryReads=retries, serverSelectionTimeoutMS=60_000
    )
    place = client.get_database(
        database,
        write_concern=WriteConcern("majority"),
        # What is read has been acknowledged, and is not rolled back.
        read_concern=ReadConcern("linearizable"),
    )
    alone = when_left_alone()
    writer = Writer(Session(place, safe=True), number)
    rounds = 0
    while not alone.is_set():
        rounds += 1
        writer.round(rounds)
        say(rounds, writer.errors)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4] == "1")
