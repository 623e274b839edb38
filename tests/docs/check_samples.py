"""
What mypy says of the samples: ``check_samples.py``, with the library to be imported.

Each page becomes a module. A line whose sample shows an exception may be refused: it shows a
mistake. What may be None may be used as if it were not: a sample knows what it has stored.
"""

from __future__ import annotations

import doctest
import re
import sys
import tempfile
from pathlib import Path

from mypy import api

ROOT = Path(__file__).parents[2]
PARSER = doctest.DocTestParser()
OPTIONS = [
    "--config-file=",
    "--python-version=3.10",
    "--ignore-missing-imports",
    "--no-error-summary",
    "--hide-error-context",
    "--no-pretty",
    # One page is one story, in which a name may come to mean another thing.
    "--allow-redefinition-new",
    "--local-partial-types",
    "--disable-error-code=no-redef",
    # `MongoClient(uri)` is short, and right.
    "--disable-error-code=var-annotated",
]
MAY_BE_NONE = re.compile(
    r"""Item "None" of|\| None" is not indexable|(incompatible type|be) "[^"]*\| None\""""
)
BEFORE = ["from ommongo import Session", "session: Session", "uri: str"]


def main() -> None:
    """Make a module of each page, and say what mypy refuses in them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        mistakes = {line for page in pages() for line in write(page, folder)}
        report, errors, _ = api.run([*OPTIONS, str(folder)])
        refused = [line for line in report.splitlines() if ": error:" in line]
        refused = [line for line in refused if not MAY_BE_NONE.search(line)]
        wrong = [line for line in refused if place(line) not in mistakes]
        samples = len(list(folder.glob("*.py")))
        if wrong or errors:
            text = "\n".join([*wrong, errors])
            sys.exit(text + "".join(f"\n{at}: {line}" for at, line in shown(wrong)))
    print(f"mypy finds the samples of {samples} pages right")


def pages() -> list[Path]:
    """Find the pages that hold samples."""
    found = [ROOT / "README.rst", *sorted((ROOT / "docs").rglob("*.rst"))]
    return [page for page in found if PARSER.get_examples(page.read_text(encoding="utf-8"))]


def write(page: Path, folder: Path) -> set[tuple[str, int]]:
    """
    Write the module of a page.

    Args:
        page: The page.
        folder: Where to.

    Returns:
        The places, as module and line, that show a mistake.
    """
    module = "_".join(page.relative_to(ROOT).with_suffix("").parts).replace("-", "_") + ".py"
    lines = [*BEFORE, *(["from ommongo import *"] if page.parent.name == "reference" else [])]
    mistakes: set[tuple[str, int]] = set()
    declared: dict[str, int] = {}
    for example in PARSER.get_examples(page.read_text(encoding="utf-8")):
        source = example.source.rstrip("\n")
        for name in re.findall(r"^class (\w+)", source, re.MULTILINE):
            declared[name] = declared.get(name, 0) + 1
        # A class that is declared anew is another one.
        for name, times in declared.items():
            if times > 1:
                source = re.sub(rf"(?<![\"'.\w]){name}(?![\"'\w])", f"{name}_{times}", source)
        added = source.split("\n")
        if example.exc_msg is not None:
            mistakes.update((module, len(lines) + number + 1) for number in range(len(added)))
        lines += added
    (folder / module).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return mistakes


def place(line: str) -> tuple[str, int]:
    """Give the module and the line that an error is about."""
    path, number, _ = line.split(":", 2)
    return Path(path).name, int(number)


def shown(wrong: list[str]) -> list[tuple[str, str]]:
    """Give what stands in the lines that are refused."""
    found = []
    for line in wrong:
        path, number, _ = line.split(":", 2)
        text = Path(path).read_text(encoding="utf-8").split("\n")[int(number) - 1]
        found.append((f"{Path(path).name}:{number}", text.strip()))
    return found


if __name__ == "__main__":
    main()
