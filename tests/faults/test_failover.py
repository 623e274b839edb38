"""Four processes write while the primary of three members steps down or is killed."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import Any

import pymongo
from pymongo import MongoClient
from pymongo.errors import AutoReconnect, OperationFailure

from ommongo.testing import EmbeddedServer
from tests.faults.conftest import Figures, Run
from tests.faults.programs import Program
from tests.faults.round_writer import IN_BLOCK, OPERATIONS, TOGETHER
from tests.processes import wait_until

WRITERS = 4
FAULTS = ("step down", "kill") * 10
ROUNDS = 10
"""How many rounds each writer does at least between two faults."""


class Progress:
    """What a writer has said: how many rounds it has done, and how many errors it has seen."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.rounds = 0
        self.errors = 0

    def take(self) -> bool:
        """Wait for a round; tell whether there was one before the writer's end."""
        line = self.program.line()
        if line is not None:
            self.rounds, self.errors = map(int, line.split())
        return line is not None


def go_on(writers: list[Progress]) -> None:
    """Wait until each writer has done some rounds from now on."""
    for writer in writers:
        while writer.program.has_said_more:
            writer.take()
    for writer, begun in [(writer, writer.rounds) for writer in writers]:
        while writer.rounds < begun + ROUNDS:
            assert writer.take(), "a writer has ended by itself"


def step_down(server: EmbeddedServer) -> None:
    """Let the primary step down, which ends the writes that are under way on it."""

    def done() -> bool:
        port = server.ports[server.primary]
        with pymongo.MongoClient[Any]("127.0.0.1", port, directConnection=True) as client:
            try:
                client.admin.command("replSetStepDown", 5, force=True)
            except (AutoReconnect, OperationFailure):  # another one was elected in the meantime
                return False
        return True

    wait_until(done, "the primary has stepped down")


def kill(server: EmbeddedServer) -> int:
    """Kill the primary; give its number."""
    primary = server.primary
    server.kill(primary)
    return primary


def expected(rounds: int) -> Counter[tuple[int, int, str | None]]:
    """Give the entries of a writer after so many rounds."""
    numbers = range(IN_BLOCK + TOGETHER)
    last = IN_BLOCK + TOGETHER - 1
    entries = Counter(
        (number, place, "replaced" if place == last else None)
        for number, place in itertools.product(range(1, rounds + 1), numbers)
    )
    entries -= Counter((number, 0, None) for number in range(1, rounds))
    return entries


def found(client: MongoClient[Any], name: str, writer: int) -> Counter[tuple[int, int, str | None]]:
    """Give the entries of a writer that are stored."""
    rows = client[name]["Entry"].find({"writer": writer})
    return Counter((row["round"], row["number"], row.get("text")) for row in rows)


def test_writers_over_failovers(run: Run, figures: Figures) -> None:
    """Whatever happens to the primary, nothing is lost or written twice, and the writers go on."""
    name = "ommongo_failover"
    with EmbeddedServer(members=3) as server, server.client() as client:
        for collection in ("Entry", "Ledger"):
            client[name].create_collection(collection)
        writers = [
            # Half of them hear of what the driver would hide by trying again.
            Progress(run("round_writer", server.uri, name, str(number), str(number % 2)))
            for number in range(WRITERS)
        ]
        for fault in FAULTS:
            go_on(writers)
            if fault == "kill":
                killed = kill(server)
                go_on(writers)  # with two members, too
                server.restart(killed)
            else:
                step_down(server)
        go_on(writers)
        for writer in writers:
            writer.program.stop()
        for writer in writers:
            while writer.take():
                pass
            assert writer.program.exit_code() == 0

        lost = doubled = documents = 0
        for number, writer in enumerate(writers):
            promised, stored = expected(writer.rounds), found(client, name, number)
            ledger = client[name]["Ledger"].find_one({"_id": number})
            assert ledger is not None
            for count in (ledger["last"], ledger["hits"], ledger["shots"]):
                lost += max(0, writer.rounds - count)
                doubled += max(0, count - writer.rounds)
            lost += (promised - stored).total()
            doubled += (stored - promised).total()
            documents += stored.total()

    figures(
        "The primary of three members stepped down or killed while four processes write",
        step_downs=FAULTS.count("step down"),
        kills=FAULTS.count("kill"),
        operations_acknowledged=sum(writer.rounds for writer in writers) * OPERATIONS,
        errors_that_writers_saw=sum(writer.errors for writer in writers),
        documents_found=documents,
        lost=lost,
        doubled=doubled,
    )
    assert (lost, doubled) == (0, 0)
