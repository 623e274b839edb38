"""
Pictures of the library for the page about its architecture.

They are made of text and boxes, so they are as wide as the page is, as dark as the reader wants it,
and found by the search. What is next to what is read from the contracts in ``pyproject.toml``: a
picture cannot show another order than the one that ``lint-imports`` holds.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # Sphinx needs it too

PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"


def contract(name: str) -> dict[str, Any]:
    """Give the contract of ``lint-imports`` with this id."""
    settings = tomllib.loads(PROJECT.read_text(encoding="utf-8"))
    contracts: list[dict[str, Any]] = settings["tool"]["importlinter"]["contracts"]
    return next(each for each in contracts if each["id"] == name)


def box(kind: str, *children: nodes.Node) -> nodes.container:
    """Give a box, whose look ``_static/pictures.css`` says."""
    return nodes.container("", *children, classes=[kind])


class Stairs(SphinxDirective):
    """
    The stairs of a contract, from the top down, with a line for each room.

    The argument is the contract's id. The content is a field list: a room and what it is for. A
    room that is missing, or that there is not, is an error.
    """

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Make the picture."""
        self.env.note_dependency(str(PROJECT))
        found = contract(self.arguments[0])
        layers = [re.split(r"\s*[|:]\s*", layer) for layer in found["layers"]]
        beside = found.get("exhaustive_ignores", [])
        said = self._lines()
        wanted = {room for layer in [*layers, beside] for room in layer}
        if wanted != said.keys():
            raise self.error(
                f"The contract {self.arguments[0]!r} has no line for "
                f"{sorted(wanted - said.keys())}, and lines for what is no room of it: "
                f"{sorted(said.keys() - wanted)}."
            )
        stairs = nodes.container()
        for layer in reversed(layers):
            rooms = box("stair-rooms", *(self._room(room, said[room]) for room in layer))
            stairs = box("stair", rooms, *([stairs] if stairs.children else []))
        parts = [stairs]
        if beside:
            parts.append(box("beside", *(self._room(room, said[room]) for room in beside)))
        return [box("stairs", *parts)]

    def _lines(self) -> dict[str, list[nodes.Node]]:
        """Give what is said of each room."""
        lines: dict[str, list[nodes.Node]] = {}
        for listed in self.parse_content_to_nodes():
            for field in listed.children:
                name, body = field.children
                lines[name.astext()] = list(body.children)
        return lines

    @staticmethod
    def _room(name: str, line: list[nodes.Node]) -> nodes.container:
        title = nodes.paragraph("", "", nodes.literal(text=name), classes=["room-name"])
        return box("room", title, *line)


class Frame(SphinxDirective):
    """
    One moment in the life of an object; the argument says what has just happened.

    Options:
        slot: What is in the document's slot.
        holds: What the document holds.
        layers: What is known of what is stored, a line a layer, the last one on top; each begins
            with ``base``, ``layer``, ``out`` (taken out) or ``sinks``.
        sees: ``clean``, or ``dirty`` and in what.
        instead: This happens instead of the frame before it.
    """

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {  # type: ignore[misc]  # that of the base is none
        "slot": directives.unchanged_required,
        "holds": directives.unchanged_required,
        "layers": directives.unchanged_required,
        "sees": directives.unchanged_required,
        "instead": directives.flag,
    }
    names: ClassVar[dict[str, str]] = {"out": "taken out", "sinks": "sinks in"}

    def run(self) -> list[nodes.Node]:
        """Make the picture."""
        event = self._line("event", self.arguments[0])
        stack = box("stack")
        for line in self.options["layers"].splitlines():
            kind, _, text = line.partition(" ")
            if kind not in ("base", "layer", "out", "sinks"):
                raise self.error(f"A layer is base, layer, out or sinks, not {kind!r}.")
            name = nodes.inline(text=self.names.get(kind, kind), classes=["name"])
            stack.append(box(f"layer-{kind}", self._line("", text, name)))
        state, _, what = self.options["sees"].partition(" ")
        sees = nodes.inline(text=state, classes=["verdict"])
        kind = "frame-instead" if "instead" in self.options else "frame-next"
        frame = box(
            "frame",
            event,
            box(
                "facts",
                self._line("", self.options["holds"], nodes.inline(text="holds", classes=["name"])),
                self._line("", self.options["slot"], nodes.inline(text="slot", classes=["name"])),
            ),
            stack,
            box(f"sees-{state}", self._line("", what, sees)),
            *self.parse_content_to_nodes(),
        )
        frame["classes"].append(kind)
        return [frame]

    def _line(self, kind: str, text: str, *before: nodes.Node) -> nodes.paragraph:
        parsed, messages = self.parse_inline(text)
        parts = [*before, nodes.Text(" "), *parsed] if before else parsed
        return nodes.paragraph("", "", *parts, *messages, classes=[kind] if kind else [])


class Life(SphinxDirective):
    """Frames, one after the other."""

    has_content = True
    kind = "life"

    def run(self) -> list[nodes.Node]:
        """Make the picture."""
        return [box(self.kind, *self.parse_content_to_nodes())]


class Either(Life):
    """Frames of which one happens, in one place of a life."""

    kind = "either"


def setup(app: Sphinx) -> dict[str, Any]:
    """Hook the above in."""
    app.add_directive("stairs", Stairs)
    app.add_directive("life", Life)
    app.add_directive("either", Either)
    app.add_directive("frame", Frame)
    app.add_css_file("pictures.css")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
