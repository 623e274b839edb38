"""A process that is killed while it writes blocks: each is there as a whole, or not at all."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.database import Database

from ommongo.testing import EmbeddedServer
from tests.faults.block_writer import ENTRIES, MARKS, REMOVED, STEPS
from tests.faults.conftest import Figures, Run
from tests.faults.programs import Program
from tests.processes import wait_until

KILLED_AT = (*STEPS * 4, *("commitTransaction-sent",) * 10)
"""Where the writers are killed: everywhere, and most often where it is the closest thing."""

Keys = Counter[tuple[Any, ...]]


@pytest.fixture
def database(server: EmbeddedServer) -> Iterator[Database[Any]]:
    """A database in which the writers do nothing but write."""
    with server.client() as client:
        database = client.ommongo_killed_writer
        for name in ("Entry", "Mark", "Ledger"):
            database.create_collection(name)
        yield database
        client.drop_database(database.name)


def write_until(program: Program, block: int, step: str) -> int:
    """Let a program write until it says that it is at a step of a block, and kill it there.

    Returns:
        The last block that it has reported as committed.
    """
    while (line := program.line()) != f"{block} {step}":
        assert line is not None, "the writer has ended by itself"
    program.kill()
    reported = block - 1 if step != "reported" else block
    while (line := program.line()) is not None:  # what it still said before it was gone
        number, said = line.split()
        if said == "reported":
            reported = int(number)
    return reported


def end_transactions(client: MongoClient[Any], writer: int) -> None:
    """Wait until nothing runs for a writer; then end what it has left open, as time would."""
    pipeline = [
        {"$currentOp": {"allUsers": True, "idleConnections": True}},
        {"$match": {"appName": f"writer-{writer}", "type": "op"}},
    ]
    wait_until(lambda: not list(client.admin.aggregate(pipeline)), "its connections are gone")
    client.admin.command("killAllSessions", [])


def expected(blocks: int) -> tuple[Keys, Keys, dict[str, int]]:
    """Give what a writer's documents are after so many blocks."""
    entries = Counter(itertools.product(range(1, blocks + 1), range(ENTRIES)))
    entries -= Counter(itertools.product(range(1, blocks), range(REMOVED)))
    marks = Counter(itertools.product(range(1, blocks + 1), range(MARKS)))
    return entries, marks, {"last": blocks, "blocks": blocks}


def found(database: Database[Any], writer: int) -> tuple[Keys, Keys, dict[str, int]]:
    """Give what a writer's documents are."""

    def keys(name: str) -> Keys:
        return Counter(
            (row["block"], row["number"]) for row in database[name].find({"writer": writer})
        )

    ledger = database["Ledger"].find_one({"_id": writer}, {"_id": False})
    return keys("Entry"), keys("Mark"), ledger or {}


def test_a_killed_writer(
    server: EmbeddedServer, database: Database[Any], run: Run, figures: Figures
) -> None:
    """Of a process killed at any step of a block, each block is whole, and each reported one is."""
    whole = absent = torn = committed = documents = lost = doubled = 0
    for writer, step in enumerate(KILLED_AT):
        program = run("block_writer", server.uri, database.name, str(writer))
        reported = write_until(program, 2 + writer % 3, step)
        end_transactions(database.client, writer)

        state = found(database, writer)
        if state == expected(reported + 1):
            whole += 1
            committed += reported + 1
        else:
            absent += state == expected(reported)
            torn += state != expected(reported)
            committed += reported
        promised = expected(reported + (state == expected(reported + 1)))
        for stored, wanted in zip(state[:2], promised[:2], strict=True):
            lost += (wanted - stored).total()
            doubled += (stored - Counter(set(stored))).total()
            documents += stored.total()
        doubled += max(0, state[2]["blocks"] - state[2]["last"])

    figures(
        "A writing process killed (kill -9) at every step of a block",
        kills=len(KILLED_AT),
        blocks_committed=committed,
        killed_block_there_as_a_whole=whole,
        killed_block_not_there_at_all=absent,
        killed_block_there_in_part=torn,
        documents_found=documents,
        lost=lost,
        doubled=doubled,
    )
    assert (torn, lost, doubled) == (0, 0, 0)
