"""The examples of the README, the pages and the docstrings run, and the pages are complete."""

from __future__ import annotations

import configparser
import doctest
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.database import Database

import ommongo
from ommongo import Session, exceptions
from ommongo.document import collection_registry, document_type_registry
from ommongo.testing import EmbeddedServer
from tests.helpers import drop_database

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PARSER = doctest.DocTestParser()
# Long output may be broken between lines, and what differs from run to run is left out.
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
DESCRIBED_IN_THIS_ORDER = [
    "exceptions",
    "util",
    "query_expression",
    "update_expression",
    "fields",
    "document",
    "query",
    "ops",
    "session",
    "testing",
]
INCLUDED = ".. include:: /begin.txt\n"
BEGINNING = (DOCS / "begin.txt").read_text(encoding="utf-8")
PUBLIC_MODULES = [
    "document",
    "exceptions",
    "fields",
    "ops",
    "query",
    "query_expression",
    "session",
    "testing",
    "update_expression",
    "util",
]


def pages() -> list[Path]:
    """Find the pages that hold examples."""
    found = [ROOT / "README.rst", *sorted(DOCS.rglob("*.rst"))]
    return [page for page in found if PARSER.get_examples(page.read_text(encoding="utf-8"))]


def docstrings() -> list[doctest.DocTest]:
    """Find the docstrings that hold examples, in every module of the library."""
    modules = [ommongo]
    for info in pkgutil.walk_packages(ommongo.__path__, "ommongo."):
        if not info.name.endswith("__main__"):
            modules.append(importlib.import_module(info.name))
    finder = doctest.DocTestFinder()
    found = [test for module in modules for test in finder.find(module) if test.examples]
    return sorted(found, key=lambda test: test.name)


def run(test: doctest.DocTest) -> str:
    """Run the examples in order; what comes back is the report of those that are wrong."""
    report: list[str] = []
    runner = doctest.DocTestRunner(verbose=False, optionflags=FLAGS)
    runner.run(test, out=report.append, clear_globs=False)
    return "".join(report)


def as_read(page: Path) -> str:
    """Give the text of a page with the beginning that it includes, as its reader has it."""
    return page.read_text(encoding="utf-8").replace(INCLUDED, BEGINNING)


def example(text: str, names: dict[str, Any], page: Path) -> doctest.DocTest:
    """Give the examples of a text, which put the names that they make into *names*."""
    found = PARSER.get_doctest(text, names, page.stem, str(page), 0)
    found.globs = names
    return found


@pytest.fixture
def names(server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """What an example may use: no name yet. The classes that it declares are forgotten."""
    monkeypatch.setenv("MONGODB_URI", server.uri)
    monkeypatch.setenv("OMMONGO_TEST_URI", server.uri)
    before = {
        id(registry): {namespace: dict(held) for namespace, held in registry.items()}
        for registry in (document_type_registry, collection_registry)
    }
    names: dict[str, Any] = {"__name__": "documentation"}
    yield names
    for held in names.values():
        if isinstance(held, Session):
            held.clear_queue()
            held.close()
    for registry in (document_type_registry, collection_registry):
        registry.clear()
        registry.update(before[id(registry)])


@pytest.fixture
def drop(client: MongoClient[Any]) -> Iterator[Any]:
    """Drop the databases that a page names, before it and after it."""
    named: set[str] = set()

    def drop_named(text: str) -> None:
        named.update(re.findall(r'"(ommongo_\w+)"', text))
        for name in named:
            drop_database(client, name)

    yield drop_named
    for name in named:
        drop_database(client, name)


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_examples_of_a_page_run(page: Path, names: dict[str, Any], drop: Any) -> None:
    """Every example on the page gives what the page shows."""
    text = as_read(page)
    drop(text)

    report = run(example(text, names, page))

    assert not report, report


@pytest.mark.parametrize("test", docstrings(), ids=lambda test: test.name)
def test_examples_of_a_docstring_run(
    test: doctest.DocTest, names: dict[str, Any], database: Database[Any]
) -> None:
    """Every example in the docstring gives what it shows, after those of the reference's page."""
    names["session"] = Session(database, safe=True)
    text = (DOCS / "reference" / "index.rst").read_text(encoding="utf-8")
    beginning = PARSER.get_doctest(text, names, "reference", None, 0)
    run(beginning)
    test.globs = {**test.globs, **beginning.globs}

    report = run(test)

    assert not report, report


@pytest.mark.parametrize("name", exceptions.__all__)
def test_every_exception_has_an_entry(name: str) -> None:
    """The page of errors says of each exception what happened and what to do."""
    text = (DOCS / "errors.rst").read_text(encoding="utf-8")

    assert f":exc:`ommongo.exceptions.{name}`" in text or name == "OmMongoException"


def test_every_public_module_has_a_reference_page() -> None:
    """The reference has a page for each public module of the library."""
    public = {info.name for info in pkgutil.iter_modules(ommongo.__path__)}
    public = {name for name in public if not name.startswith("_")}

    assert public == set(PUBLIC_MODULES)
    for name in PUBLIC_MODULES:
        text = (DOCS / "reference" / f"{name}.rst").read_text(encoding="utf-8")
        assert f".. automodule:: ommongo.{name}\n" in text


def test_every_public_name_is_described() -> None:
    """A page of the reference describes each public name, in the first module that gives it."""
    pages = [page.read_text(encoding="utf-8") for page in (DOCS / "reference").rglob("*.rst")]
    text = "".join(pages)
    told: set[str] = set()
    missing = []
    for module in DESCRIBED_IN_THIS_ORDER:
        public = importlib.import_module(f"ommongo.{module}")
        if f".. automodule:: ommongo.{module}\n   :members:" not in text:
            described = rf"^\.\. (?:auto|py:)\w+:: (?:ommongo\.{module}\.)?(\w+)$"
            described_names = set(re.findall(described, text, re.MULTILINE))
            own = {name for name in public.__all__ if not is_of_bson(getattr(public, name))}
            missing += sorted(own - told - described_names)
        told |= set(public.__all__)

    assert missing == []


def is_of_bson(value: Any) -> bool:
    """Tell whether it is described elsewhere."""
    return str(getattr(value, "__module__", "")).startswith("bson")


def test_commands_of_the_readme_are_environments_of_tox() -> None:
    """Each ``tox run -e`` in the README and in the pages names an environment that there is."""
    tox = configparser.ConfigParser()
    tox.read(ROOT / "tox.ini", encoding="utf-8")
    named = {
        name
        for page in [ROOT / "README.rst", *DOCS.rglob("*.rst")]
        for name in re.findall(r"tox run -e (\w+)", page.read_text(encoding="utf-8"))
    }

    environments = {section.partition(":")[2] for section in tox.sections()}
    assert {"tour", "docs"} <= named
    assert named - {"py"} <= environments
