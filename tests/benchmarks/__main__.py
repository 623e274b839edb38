"""
What ommongo costs beside pymongo alone, and beside other mappers.

``python tests/benchmarks`` starts a throw-away server (or uses the one at ``OMMONGO_TEST_URI``),
measures each library in a process of its own, checks every result, and prints a table in Markdown.
The table and every single time, as JSON, are left in ``build/``. ``tox run -e bench`` brings what
it needs along. It takes about ten minutes on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

# In a checkout the library need not be installed.
sys.path.append(str(Path(__file__).resolve().parents[2]))

import pymongo
from report import GOALS, PLAIN, USUAL, as_csv, as_markdown

from ommongo.testing import EmbeddedServer

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LIBRARIES = ("ommongo", "mongoengine", "bunnet", "odmantic")


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="bench", description="Measure ommongo and other mappers.")
    parser.add_argument("--libraries", nargs="+", choices=LIBRARIES, default=LIBRARIES)
    parser.add_argument("--workloads", nargs="+", choices=list(GOALS), default=[])
    parser.add_argument(
        "--seconds", type=float, default=6, help="about how long to measure each workload"
    )
    parser.add_argument(
        "--small",
        action="store_true",
        help="handle a hundredth of the documents, to see that everything works",
    )
    parser.add_argument(
        "--output", type=Path, default=ROOT / "build", help="the folder for bench.md and bench.json"
    )
    parser.add_argument(
        "--docs", action="store_true", help="put the tables into the documentation too"
    )
    return parser.parse_args()


def measured(library: str, uri: str, options: argparse.Namespace) -> list[dict[str, Any]]:
    """Measure one library in a process of its own."""
    # The other mappers have shorter turns: they are here for comparison.
    seconds = options.seconds if library == "ommongo" else options.seconds / 3
    command = [sys.executable, str(HERE / "measure.py"), library, uri, str(seconds)]
    command.append("small" if options.small else "full")
    lines: list[dict[str, Any]] = []
    with subprocess.Popen(
        [*command, *options.workloads], stdout=subprocess.PIPE, text=True
    ) as process:
        for text in process.stdout or ():
            lines.append(json.loads(text))
            ratio = lines[-1].get("ratio", lines[-1].get("error", lines[-1].get("note", "")))
            print(library, lines[-1].get("workload", ""), ratio, file=sys.stderr, flush=True)
    if process.returncode:
        lines.append({"library": library, "error": f"its process ended with {process.returncode}"})
    return lines


def main() -> int:
    """Measure, and leave the results; the exit status tells whether all of ommongo was measured."""
    options = arguments()
    with EmbeddedServer() as server:
        with server.client() as client:
            mongodb = client.server_info()["version"]
        lines = [
            line for library in options.libraries for line in measured(library, server.uri, options)
        ]
    machine = {
        "python": platform.python_version(),
        "pymongo": pymongo.version,
        "mongodb": mongodb,
        "cpus": os.cpu_count(),
    }
    table = as_markdown(lines, machine)
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "bench.md").write_text(table, encoding="utf-8")
    (options.output / "bench.json").write_text(
        json.dumps({"machine": machine, "results": lines}, indent=1) + "\n", encoding="utf-8"
    )
    if options.docs:
        folder = ROOT / "docs" / "explain"
        (folder / "performance.csv").write_text(as_csv(lines, PLAIN), encoding="utf-8")
        (folder / "performance-usual.csv").write_text(as_csv(lines, USUAL), encoding="utf-8")
    print(table)
    return int(any("error" in line for line in lines if line["library"] == "ommongo"))


if __name__ == "__main__":
    sys.exit(main())
