"""
The benchmark runs: every row is measured, its results are right, and the tables show it.

Times are no part of this. The other libraries are not installed here: what they cannot do, and what
fails in them, is tried with lines as their processes print them.
"""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


def load_report() -> Any:
    """Import the module that makes the tables; its folder is no package."""
    spec = importlib.util.spec_from_file_location("bench_report", BENCHMARKS / "report.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


report = load_report()


def run(*arguments: str, uri: str = "") -> subprocess.CompletedProcess[str]:
    """Run the benchmark with a command line."""
    return subprocess.run(
        [sys.executable, str(BENCHMARKS), *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, **({"OMMONGO_TEST_URI": uri} if uri else {})},
    )


@pytest.fixture(scope="module")
def small(server, tmp_path_factory) -> dict[str, Any]:
    """Give what a small run leaves."""
    folder = tmp_path_factory.mktemp("bench")
    done = run(
        *("--libraries", "ommongo", "--small", "--seconds", "0", "--output", str(folder)),
        uri=server.uri,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads((folder / "bench.json").read_text())
    return {**found, "table": (folder / "bench.md").read_text()}


def test_every_row_is_measured_and_its_results_are_right(small):
    """A wrong result, or an error, would stand in the row's line instead of a ratio."""
    lines = {line["workload"]: line for line in small["results"] if "workload" in line}

    assert list(lines) == list(report.GOALS)
    assert [line for line in lines.values() if line.get("ratio", 0) <= 0] == []


def test_the_table_has_every_row(small):
    """The table in Markdown has a row for each title, and no note that one was not measured."""
    titles = [row.split(" | ")[0].removeprefix("| ") for row in small["table"].splitlines()]

    assert [title for title, _ in report.GOALS.values() if title not in titles] == []
    assert "not measured" not in small["table"]


def test_the_help_names_the_rows():
    """``--help`` shows the options, and every row that may be chosen."""
    shown = run("--help")

    assert shown.returncode == 0
    assert "--small" in shown.stdout
    assert "--docs" in shown.stdout
    assert [name for name in report.GOALS if name not in shown.stdout] == []


def test_a_row_that_is_unknown_is_refused():
    """A slip in the name of a row is an error of the command line."""
    refused = run("--workloads", "lode")

    assert refused.returncode == 2
    assert "lode" in refused.stderr


MEASURED = {"ratio": 2.0, "min": 1.5, "max": 2.5, "quickest": 1.9, "unit": "µs"}
LINES = [
    {"library": "ommongo", "name": "ommongo", "version": "1"},
    {"library": "ommongo", "workload": "load", "raw": 1.0, "mapped": 2.0, **MEASURED},
    {"library": "ommongo", "workload": "construct_tz", "raw": 1.0, "mapped": 2.0, **MEASURED},
    {"library": "other", "name": "Other", "version": "2"},
    {"library": "other", "workload": "load", "error": "WrongResult: 7"},
    {"library": "other", "workload": "construct_tz", "note": "it has no aware dates"},
]


def test_what_a_library_cannot_do_is_a_dash_with_a_note():
    """A dash is no failure, and the note says why there is no figure."""
    table = report.as_markdown(
        LINES, {"python": "3", "pymongo": "4", "mongodb": "6", "cpus": 2}
    ).splitlines()

    assert [row for row in table if "aware date" in row and row.endswith("| – |")] != []
    assert [
        row for row in table if row.startswith("| load 20,000") and row.endswith("| failed |")
    ] != []
    assert [row for row in table if row.startswith("* other") and "no aware dates" in row] != []


@pytest.mark.parametrize(
    ("goals", "rows"), [("PLAIN", ["load"]), ("USUAL", ["construct_tz"])], ids=["plain", "usual"]
)
def test_the_documentation_has_a_table_for_each_kind_of_rows(goals, rows):
    """Plain values and conditions are two tables of the same columns."""
    text = report.as_csv(LINES, getattr(report, goals))
    head, *found = csv.reader(io.StringIO(text))

    assert head == ["workload", "pymongo", "ommongo", "ratio", "quickest", "goal", "Other"]
    assert [row[0] for row in found] == [report.GOALS[name][0] for name in rows]
    assert {len(row) for row in found} == {len(head)}


@pytest.mark.parametrize("file", ["performance.csv", "performance-usual.csv"])
def test_the_tables_of_the_documentation_have_their_rows(file):
    """The tables that are checked in are those that the benchmark writes now."""
    goals = report.PLAIN if file == "performance.csv" else report.USUAL
    folder = Path(__file__).parents[2] / "docs" / "explain"
    with (folder / file).open(encoding="utf-8", newline="") as text:
        _, *rows = csv.reader(text)

    assert [row[0] for row in rows] == [title for title, _ in goals.values()]
