"""What the pages say of the source is there: files, and names in them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

PATH = r"``((?:\.ci|docs|ommongo|tests)/[\w./-]*)``"
# ``file`` (``name``, ``name``); words may stand between the names.
NAMED = re.compile(rf"{PATH}\s+\(([^)]*``[^)]*)\)")


def pages() -> list[Path]:
    """Find the pages that name files of the source."""
    return [
        page for page in sorted(DOCS.rglob("*.rst")) if re.search(PATH, page.read_text("utf-8"))
    ]


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    """A file or a folder between backticks, from the root of the repository, is there."""
    named = re.findall(PATH, page.read_text("utf-8"))

    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_name_that_a_page_gives_with_a_file_is_in_it(page: Path) -> None:
    """A name that stands in parentheses behind a file is defined in it."""
    missing = []
    for path, names in NAMED.findall(page.read_text("utf-8")):
        text = (ROOT / path).read_text("utf-8")
        for name in re.findall(r"``(\w+)``", names):
            defined = rf"^ *(?:(?:class|def) {name}\b|{name}\b[^()\n]*=|{name}: )"
            if not re.search(defined, text, re.MULTILINE):
                missing.append(f"{path}: {name}")

    assert missing == []


def test_every_link_of_the_readme_leads_to_a_file() -> None:
    """A relative link is one into the checkout, and there is something."""
    links = re.findall(
        r"`[^`<]+ <(?!https?://)([^>]+)>`_", (ROOT / "README.rst").read_text("utf-8")
    )

    assert len(links) > 6
    assert [link for link in links if not (ROOT / link).is_file()] == []


def test_every_page_can_be_reached() -> None:
    """Each page is in a table of contents of another, where a reader finds it."""
    reached = {"index"}
    pages = [page for page in DOCS.rglob("*.rst") if "changelog.d" not in page.parts]
    for page in pages:
        for tree in re.findall(r"toctree::\n((?:   .*\n|\n)+)", page.read_text("utf-8")):
            for name in re.findall(r"^   ([\w/-]+)$", tree, re.MULTILINE):
                reached.add((page.parent / name).relative_to(DOCS).as_posix())

    assert {page.relative_to(DOCS).with_suffix("").as_posix() for page in pages} == reached


def test_the_page_about_the_architecture_is_looked_at() -> None:
    """The pattern finds what the page names."""
    text = (DOCS / "architecture.rst").read_text("utf-8")

    assert len(re.findall(PATH, text)) > 40
    assert len(NAMED.findall(text)) > 20
