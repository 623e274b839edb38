"""The table of what was measured, as Markdown and as CSV."""

from __future__ import annotations

import csv
import io
from typing import Any

__all__ = ["GOALS", "PLAIN", "USUAL", "as_csv", "as_markdown", "missed"]

PLAIN: dict[str, tuple[str, float]] = {
    "load": ("load 20,000 documents from one query into a list", 1.8),
    "load_and_read": ("load them and read every field once", 1.9),
    "save_each": ("construct and save one by one, acknowledged", 1.15),
    "save_bulk": ("construct and save 20,000 in bulk", 1.8),
    "change": ("load 2,000, change one number in each, store", 1.5),
    "save_change": ("construct and save one by one, change one number, store", 1.5),
    "save_change_bulk": (
        "update after save: construct and save 2,000, change one number in each, store",
        1.5,
    ),
    "construct": ("construct 50,000 validated objects", 5),
    "build_query": ("build a query", 14),
    "bytes_loaded": ("memory of a loaded object", 0.7),
    "bytes_read": ("memory of it after reading every field", 1.05),
    "large_any": ("8 MB in an ``AnythingField``, read one value", 1.15),
    "large_dict": ("8 MB in a ``DictField(AnythingField())``, read one value", 1.15),
    "import": ("import the library", 1.15),
}
"""Of each workload on plain values its name for readers, and the ratio to stay under."""

USUAL: dict[str, tuple[str, float]] = {
    "usual_load": ("usual class: load", 2),
    "usual_save_bulk": ("usual class: construct and save in bulk", 1.9),
    "usual_change": ("usual class: load, change, store", 1.5),
    "usual_save_change_bulk": ("usual class: update after save", 1.5),
    "usual_construct": ("usual class: construct", 6),
    "query_five": ("usual class: build a query with five conditions", 20),
    "construct_book": ("construct a ``Book`` (bounds)", 3),
    "construct_enum": ("construct a ``Book`` with a choice", 6),
    "construct_dict": ("construct a ``Book`` with a dict", 6),
    "construct_validator": ("construct a ``Book`` with a validator", 6),
    "construct_tz": ("construct a ``Book`` with an aware date", 6),
    "encode_book": ("wrap and encode a ``Book``", 2.5),
    "load_book": ("load a ``Book`` that is decoded", 1.3),
}
"""As *PLAIN*, of the workloads on fields with conditions."""

GOALS = PLAIN | USUAL
"""Of each workload its name for readers, and the ratio that ommongo is to stay under."""

Rows = list[list[str]]


def _cells(
    lines: list[dict[str, Any]], goals: dict[str, tuple[str, float]]
) -> tuple[list[str], Rows]:
    """Give the head and the rows of a table."""
    libraries = [line["library"] for line in lines if "workload" not in line]
    names = {line["library"]: line.get("name", line["library"]) for line in reversed(lines)}
    found = {(line["workload"], line["library"]): line for line in lines if "workload" in line}
    others = [library for library in libraries if library != "ommongo"]
    head = [
        "workload",
        "pymongo",
        "ommongo",
        "ratio",
        "quickest",
        "goal",
        *(names[one] for one in others),
    ]
    rows = []
    for workload, (title, goal) in goals.items():
        if not any((workload, library) in found for library in libraries):
            continue
        ours = found.get((workload, "ommongo"), {})
        times = [_amount(ours, "raw"), _amount(ours, "mapped")]
        ratios = [_median(found.get((workload, library), {})) for library in others]
        quickest = f"{ours['quickest']:.2f}" if "quickest" in ours else "–"
        rows.append([title, *times, _ratio(ours), quickest, f"{goal:g}", *ratios])
    return head, rows


def _amount(line: dict[str, Any], side: str) -> str:
    return f"{line[side]:,.4g} {line['unit']}" if side in line else "–"


def _median(line: dict[str, Any]) -> str:
    if "ratio" in line:
        return f"{line['ratio']:.2f}"
    return "failed" if "error" in line else "–"


def _ratio(line: dict[str, Any]) -> str:
    if "ratio" not in line or line["unit"] == "bytes":
        return _median(line)
    return f"{_median(line)} ({line['min']:.2f}–{line['max']:.2f})"


def _notes(lines: list[dict[str, Any]]) -> list[str]:
    """Say what could not be measured, and why."""
    return [
        f"{line['library']}{', ' + GOALS[line['workload']][0] if 'workload' in line else ''}: "
        f"not measured: {line.get('error', line.get('note'))}"
        for line in lines
        if "error" in line or "note" in line
    ]


def missed(lines: list[dict[str, Any]]) -> list[str]:
    """Name the rows in which ommongo is over its goal, or was not measured."""
    return [
        f"{GOALS[line['workload']][0]}: {line.get('ratio', float('nan')):.2f}, "
        f"goal {GOALS[line['workload']][1]:g}"
        for line in lines
        if line["library"] == "ommongo"
        and "workload" in line
        and not line.get("ratio", float("inf")) <= GOALS[line["workload"]][1]
    ]


def as_markdown(lines: list[dict[str, Any]], machine: dict[str, Any]) -> str:
    """Give the table with what it was measured on."""
    head, rows = _cells(lines, GOALS)
    versions = [
        f"{line['name']} {line['version']}"
        for line in lines
        if "workload" not in line and "name" in line
    ]
    text = [
        f"Python {machine['python']}, pymongo {machine['pymongo']}, MongoDB {machine['mongodb']}, "
        f"{machine['cpus']} processors; {', '.join(versions)}.",
        "",
        "Times and bytes are for one document (one query, one import). Ratios are to pymongo alone "
        "in the same process: median (lowest–highest) of pairs; of the other mappers, the median. "
        "*Quickest* compares the quickest run of each, which other work on the machine disturbs "
        "least.",
        "",
        _line(head),
        _line(["---"] * len(head)),
        *map(_line, rows),
        "",
        *(f"* {note}" for note in _notes(lines)),
        *(f"* over its goal: {row}" for row in missed(lines)),
    ]
    return "\n".join(text).rstrip() + "\n"


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def as_csv(lines: list[dict[str, Any]], goals: dict[str, tuple[str, float]]) -> str:
    """Give a table as the documentation includes it."""
    head, rows = _cells(lines, goals)
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([head, *rows])
    return out.getvalue()
