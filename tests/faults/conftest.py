"""The figures of the fault tests, printed at their end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.programs import Program

Figures = Callable[..., None]
Run = Callable[..., Program]

_FIGURES = pytest.StashKey[list[tuple[str, dict[str, int]]]]()


def pytest_configure(config: pytest.Config) -> None:
    """Make room for the figures."""
    config.stash[_FIGURES] = []


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print what the tests have counted."""
    if not config.stash[_FIGURES]:
        return
    terminalreporter.section("figures")
    for title, numbers in config.stash[_FIGURES]:
        terminalreporter.write_line(f"{title}:")
        for name, number in numbers.items():
            terminalreporter.write_line(f"    {name.replace('_', ' '):28}{number:>9,}")


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Figures:
    """Keep figures for the end of the run: a title, and numbers by name."""

    def keep(title: str, **numbers: int) -> None:
        request.config.stash[_FIGURES].append((title, numbers))

    return keep


@pytest.fixture
def run() -> Iterator[Run]:
    """Start programs of this folder by name; those that still run at the end are killed."""
    started: list[Program] = []

    def start(name: str, *arguments: str) -> Program:
        started.append(Program(Path(__file__).with_name(f"{name}.py"), *arguments))
        return started[-1]

    yield start
    for program in started:
        program.kill()
