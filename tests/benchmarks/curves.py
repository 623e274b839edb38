"""What something costs at several sizes, how steep that is, and how it looks."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["ALONE", "Curve", "plot", "table", "too_steep"]

ALONE = "pymongo alone"
ROOM = 0.2
"""How much steeper than linear a curve may look: a processor's caches, and what else it does."""


@dataclass
class Curve:
    """
    What one thing costs at several sizes.

    Attributes:
        name: What is measured.
        axis: What its size counts.
        unit: ``s`` or ``bytes``.
        sizes: The sizes.
        costs: The whole cost at each of them.
    """

    name: str
    axis: str
    unit: str
    sizes: list[int] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)

    def exponent(self, last: int = 0) -> float:
        """Give the slope of the costs in a double-logarithmic plot, of the *last* sizes only."""
        x = [math.log(size) for size in self.sizes[-last:]]
        y = [math.log(max(cost, 1e-9)) for cost in self.costs[-last:]]
        middle_x, middle_y = sum(x) / len(x), sum(y) / len(y)
        return sum((a - middle_x) * (b - middle_y) for a, b in zip(x, y, strict=True)) / sum(
            (a - middle_x) ** 2 for a in x
        )


def plot(curves: list[Curve], path: Path) -> None:
    """Draw the curves: what one document, operation, field or item costs, by size."""
    import matplotlib as mpl

    mpl.use("svg")
    import matplotlib.pyplot as plt

    mpl.rcParams.update(
        {"svg.hashsalt": "ommongo", "svg.fonttype": "none", "font.size": 9, "axes.grid": True}
    )
    parts = [
        ("documents", "s"),
        ("documents", "bytes"),
        ("operations", "s"),
        ("operations", "bytes"),
        ("fields", "s"),
        ("items", "s"),
    ]
    figure, axes = plt.subplots(3, 2, figsize=(10, 11), layout="constrained")
    for (axis, unit), place in zip(parts, axes.flat, strict=True):
        scale = 1e6 if unit == "s" else 1
        shown = [curve for curve in curves if (curve.axis, curve.unit) == (axis, unit)]
        drawn: list[float] = []
        for curve in shown:
            each = [c / n * scale for c, n in zip(curve.costs, curve.sizes, strict=True)]
            label = f"{curve.name} (exponent {curve.exponent():.2f})"
            place.plot(curve.sizes, each, marker="o", label=label)
            drawn.extend(each)
        place.set(xscale="log", yscale="log", xlabel=axis)
        # Room for the legend, and so that small differences look small.
        place.set_ylim(min(drawn) / 3, max(drawn) * 5)
        place.set_ylabel(f"{'µs' if unit == 's' else 'peak bytes'} for one of the {axis}")
        place.legend(fontsize=7, loc="upper right")
    figure.savefig(path, metadata={"Date": None})


def table(curves: list[Curve]) -> str:
    """Give the costs and the exponents in Markdown."""
    lines = [
        "| what | sizes | cost at each size | exponent | of the last step |",
        "| --- | --- | --- | --- | --- |",
    ]
    for curve in curves:
        sizes = ", ".join(f"{size:,}" for size in curve.sizes)
        costs = ", ".join(f"{cost:.3g}" for cost in curve.costs)
        lines.append(
            f"| {curve.name} | {sizes} {curve.axis} | {costs} {curve.unit} "
            f"| {curve.exponent():.2f} | {curve.exponent(2):.2f} |"
        )
    return "\n".join(lines) + "\n"


def too_steep(curves: list[Curve]) -> list[str]:
    """Name the curves that grow faster than linear, and faster than pymongo's own."""
    limits: dict[tuple[str, str], float] = {}
    for curve in curves:
        if ALONE in curve.name:
            # Python's garbage collector has more to look at in longer lists, of dicts too.
            limits[curve.axis, curve.unit] = curve.exponent()
    return [
        f"{curve.name}: {curve.exponent():.2f}"
        for curve in curves
        if curve.exponent() > max(1, limits.get((curve.axis, curve.unit), 1)) + ROOM
    ]
