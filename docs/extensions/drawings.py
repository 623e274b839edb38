"""
Drawings: who does what when, as a sequence, and what was drawn by hand.

They are put into the page itself, so that ``_static/pictures.css`` gives them the colours of the
theme, light and dark. They are narrow, so that they can be read on a telephone.
"""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

WIDTH = 400
HEAD = 34
STEP = 36

# ``a -> b: text``; ``a -x b: text`` is refused; ``a: text`` is a note.
LINE = re.compile(r"(?P<a>\w+)(?: (?P<how>->|-x) (?P<b>\w+))?: (?P<text>.+)")


def drawing(svg: str, alt: str) -> nodes.raw:
    """Give the node of a drawing, with what it shows in words."""
    label = f'<svg role="img" aria-label="{escape(alt)}" class="drawing"'
    return nodes.raw("", svg.replace("<svg", label, 1), format="html")


class Drawing(SphinxDirective):
    """The drawing in an SVG file beside the page; the option ``alt`` says what it shows."""

    required_arguments = 1
    option_spec: ClassVar[dict[str, Any]] = {  # type: ignore[misc]  # that of the base is none
        "alt": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        """Make the picture."""
        _, path = self.env.relfn2path(self.arguments[0])
        self.env.note_dependency(path)
        return [drawing(Path(path).read_text(encoding="utf-8"), self.options["alt"])]


class Sequence(SphinxDirective):
    """
    What goes from one to another, from top to bottom.

    The option ``lanes`` has them from left to right: a word, and what stands above the lane
    (``a=your program, b=the server``). The content has a line for each arrow and note.
    """

    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {  # type: ignore[misc]  # that of the base is none
        "lanes": directives.unchanged_required,
        "alt": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        """Make the picture."""
        lanes = dict(lane.strip().split("=") for lane in self.options["lanes"].split(","))
        space = WIDTH / len(lanes)
        places = {name: space * (number + 0.5) for number, name in enumerate(lanes)}
        height = HEAD + STEP * len(self.content) + 16
        parts = [
            f'<line class="lane" x1="{x:g}" y1="{HEAD}" x2="{x:g}" y2="{height - 4}"/>'
            for x in places.values()
        ]
        for name, title in lanes.items():
            parts.append(box(places[name], 2, space - 10, title, "head"))
        for number, line in enumerate(self.content):
            found = LINE.fullmatch(line)
            if not found or not {found["a"], found["b"] or found["a"]} <= places.keys():
                raise self.error(f"This is neither an arrow nor a note: {line!r}")
            y = HEAD + STEP * (number + 1)
            a, text = places[found["a"]], found["text"]
            if found["b"]:
                parts.append(arrow(a, places[found["b"]], y, text, found["how"] == "-x"))
            else:
                parts.append(box(a, y - 20, max(7.2 * len(text) + 14, 40), text, "note"))
        svg = f'<svg viewBox="0 0 {WIDTH} {height}">{"".join(parts)}</svg>'
        return [drawing(svg, self.options["alt"])]


def box(x: float, y: float, width: float, text: str, kind: str) -> str:
    """Give a box with a text, whose middle is at *x*; it stays inside the drawing."""
    x = min(max(x, width / 2 + 1), WIDTH - width / 2 - 1)
    return (
        f'<g class="{kind}"><rect x="{x - width / 2:g}" y="{y:g}" width="{width:g}" height="25" '
        f'rx="3"/><text x="{x:g}" y="{y + 17:g}">{escape(text)}</text></g>'
    )


def arrow(start: float, end: float, y: float, text: str, refused: bool) -> str:
    """Give an arrow with a text above it."""
    ahead = 1 if end > start else -1
    tip = end - 3 * ahead
    head = f"{tip:g},{y:g} {tip - 7 * ahead:g},{y - 4:g} {tip - 7 * ahead:g},{y + 4:g}"
    return (
        f'<g class="{"refused" if refused else "arrow"}">'
        f'<line x1="{start:g}" y1="{y:g}" x2="{tip - 6 * ahead:g}" y2="{y:g}"/>'
        f'<polygon points="{head}"/>'
        f'<text x="{(start + end) / 2:g}" y="{y - 6:g}">{escape(text)}</text></g>'
    )


def setup(app: Sphinx) -> dict[str, Any]:
    """Hook the above in."""
    app.add_directive("drawing", Drawing)
    app.add_directive("sequence", Sequence)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
