"""Sixteen threads with a session each over one client."""

from __future__ import annotations

import gc
import itertools
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from pymongo import MongoClient

from ommongo import Document, IntField, Session
from ommongo.testing import EmbeddedServer
from tests.faults.conftest import Figures
from tests.processes import wait_until

THREADS = 16
SAVES = 20_000
IN_A_BLOCK = 25


class Entry(Document):
    """What is saved."""

    config_namespace = "tests.faults"

    thread = IntField()
    number = IntField()


def work(database: Any, thread: int) -> None:
    """Save, one by one and in blocks, and read what was saved, not to the end."""
    session = Session(database, safe=True, cache_size=100)
    numbers = range(SAVES // THREADS)
    for first in numbers[::IN_A_BLOCK]:
        entries = [Entry(thread=thread, number=first + place) for place in range(IN_A_BLOCK)]
        if first // IN_A_BLOCK % 2:
            with session:
                for entry in entries:
                    session.save(entry)
        else:
            for entry in entries:
                session.save(entry)
        mine = session.query(Entry).filter(Entry.thread == thread).batch_size(2)
        assert next(iter(mine)).thread == thread
    session.end()


def kept(client: MongoClient[Any]) -> dict[str, int]:
    """Count what the server keeps for its clients."""
    status = client.admin.command("serverStatus")
    # What the server knows of sessions goes into this collection every five minutes, or now.
    client.admin.command("refreshLogicalSessionCacheNow")
    return {
        "sessions": client.config["system.sessions"].count_documents({}),
        "cursors": status["metrics"]["cursor"]["open"]["total"],
        "transactions": status["transactions"]["currentOpen"],
        "connections": status["connections"]["current"],
    }


def test_sixteen_threads(figures: Figures) -> None:
    """Every save is there once, and no server sessions, cursors or threads are left."""
    threads = set(threading.enumerate())
    with EmbeddedServer() as server, server.client() as looking:
        before = kept(looking)
        with server.client() as client:
            client.ommongo_threads.create_collection("Entry")
            with ThreadPoolExecutor(THREADS) as pool:
                done = [pool.submit(work, client.ommongo_threads, n) for n in range(THREADS)]
            for future in done:
                future.result()
            gc.collect()
            wait_until(lambda: kept(looking)["cursors"] == 0, "cursors that are gone are closed")
            used = kept(looking)
            rows = client.ommongo_threads["Entry"].find()
            stored = Counter((row["thread"], row["number"]) for row in rows)

        def keeps_no_more() -> bool:
            return all(number <= before[name] for name, number in kept(looking).items())

        wait_until(keeps_no_more, "the server keeps no more than before")
        after = kept(looking)
    wait_until(lambda: set(threading.enumerate()) <= threads, "no thread is left")

    promised = Counter(itertools.product(range(THREADS), range(SAVES // THREADS)))
    lost, doubled = (promised - stored).total(), (stored - promised).total()
    figures(
        "Sixteen threads with a session each over one client",
        saves=SAVES,
        documents_found=stored.total(),
        server_sessions_used=used["sessions"] - before["sessions"],
        server_sessions_left=after["sessions"] - before["sessions"],
        cursors_left=after["cursors"],
        transactions_left=after["transactions"],
        threads_left=len(set(threading.enumerate()) - threads),
        lost=lost,
        doubled=doubled,
    )
    assert (lost, doubled) == (0, 0)
    assert used["sessions"] - before["sessions"] <= THREADS
