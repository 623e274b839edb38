"""
Measure one library in this process.

``python measure.py LIBRARY URI SECONDS SIZES [WORKLOAD …]`` prints one line of JSON for each
workload; *SIZES* is ``full`` or ``small``.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

# In a checkout the library need not be installed.
sys.path.append(str(Path(__file__).resolve().parents[2]))

from pymongo import MongoClient
from rows import Rows
from sizes import SMALL, Sizes


def say(**line: Any) -> None:
    """Print one line of JSON."""
    print(json.dumps(line), flush=True)


def measure(library: str, uri: str, seconds: float, sizes: Sizes, chosen: list[str]) -> None:
    """Print what was measured, or why it could not be."""
    try:
        adapter = importlib.import_module(f"with_{library}").Library
    except Exception as error:
        say(library=library, error=f"{type(error).__name__}: {error}")
        return
    say(library=library, name=adapter.name, version=adapter.version)
    with MongoClient[dict[str, Any]](uri) as client:
        database = client[f"ommongo_bench_{library}_{os.getpid()}"]
        client.drop_database(database.name)
        try:
            rows = Rows(library, adapter, database, uri, seconds, sizes)
            workloads = rows.by_name()
            for workload in chosen or workloads:
                try:
                    note = rows.cannot(workload)
                    found = {"note": note} if note else workloads[workload]().summary()
                except Exception as error:
                    found = {"error": f"{type(error).__name__}: {error}"[:300]}
                say(library=library, workload=workload, **found)
        finally:
            client.drop_database(database.name)


if __name__ == "__main__":
    name, address, time, size, *some = sys.argv[1:]
    measure(name, address, float(time), SMALL if size == "small" else Sizes(), some)
