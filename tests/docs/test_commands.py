"""The commands that the README and the pages tell to type are ones that there are."""

from __future__ import annotations

import configparser
import importlib.util
import re
from pathlib import Path

import pytest

from ommongo import __version__
from tests.docs.test_documentation import DOCS, ROOT

COMMAND = re.compile(r"^ +\$ (.+)$", re.MULTILINE)
# What the reader's machine has, and no file of the repository says.
ELSEWHERE = ("docker ", "export ", "pre-commit install", "python -m venv ", ". .venv/bin/activate")


def commands() -> list[str]:
    """Find each command once, those that are joined by ``&&`` by themselves."""
    pages = [ROOT / "README.rst", *sorted(DOCS.rglob("*.rst"))]
    lines = [line for page in pages for line in COMMAND.findall(page.read_text(encoding="utf-8"))]
    return sorted({part for line in lines for part in line.split(" && ")})


@pytest.mark.parametrize("command", commands())
def test_a_command_names_what_there_is(command: str) -> None:
    """An extra, an environment of tox, a module, a file: whatever a command names is there."""
    command = re.sub(r"^[A-Z_]+=\S+ ", "", command)
    if command.startswith(ELSEWHERE):
        return
    program, _, rest = command.removeprefix("python -m ").partition(" ")

    assert command.startswith("python -m ")
    if program == "tox":
        environment = re.fullmatch(r"run -e (\w+)", rest)
        assert not rest or (environment and environment[1] in environments())
    elif program == "pip":
        assert re.fullmatch(rf'install (tox|(-e )?"?\.(\[\w+\])?"?|\./{wheel()})', rest)
        assert set(re.findall(r"\[(\w+)\]", rest)) <= extras()
    elif program == "pytest":
        assert not rest or (ROOT / rest).exists()
    else:
        assert importlib.util.find_spec(f"{program}.__main__"), f"there is no program {program}"


def wheel() -> str:
    """Give the name of the file that a build makes."""
    return re.escape(f"ommongo-{__version__}-py3-none-any.whl")


def environments() -> set[str]:
    """Give what ``tox run -e`` takes."""
    tox = configparser.ConfigParser()
    tox.read(ROOT / "tox.ini", encoding="utf-8")
    return {section.partition(":")[2] for section in tox.sections()}


def extras() -> set[str]:
    """Give the extras in ``setup.py``."""
    text = Path(ROOT / "setup.py").read_text(encoding="utf-8")
    return set(re.findall(r'^ {4,8}"(\w+)": (?:\[|sorted)', text, re.MULTILINE))


def test_there_are_commands() -> None:
    """The pattern finds what the pages say; the extras and environments are found, too."""
    assert len(commands()) > 15
    assert {"embedded", "dev", "test"} <= extras()
    assert {"docs", "packaging", "tour"} <= environments()
