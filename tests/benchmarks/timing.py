"""Times in pairs: raw, ours, raw, ours, so that what else the machine does hits both."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Pairs", "Side", "in_pairs"]


@dataclass
class Side:
    """
    One of the two that are compared.

    Attributes:
        run: What is timed.
        check: Raises when what *run* gave is wrong; not timed.
        prepare: What is done before each run; not timed.
    """

    run: Callable[[], Any]
    check: Callable[[Any], None]
    prepare: Callable[[], object] = lambda: None


@dataclass
class Pairs:
    """
    What was measured, one number a round.

    Attributes:
        unit: What the numbers count.
        raw: Of pymongo alone.
        mapped: Of the mapper.
        raw_cpu: As *raw*, but processor time of this process alone; none for bytes.
        mapped_cpu: As *mapped*, but processor time of this process alone; none for bytes.
        alone: Whether nothing is waited for, so that processor time is all the time there is. It
            is what counts then: other work on the machine disturbs it less.
    """

    unit: str
    raw: list[float] = field(default_factory=list)
    mapped: list[float] = field(default_factory=list)
    raw_cpu: list[float] = field(default_factory=list)
    mapped_cpu: list[float] = field(default_factory=list)
    alone: bool = False

    def add(self, raw: tuple[float, float], mapped: tuple[float, float]) -> None:
        """Add a round; each side is its time by the clock and its processor time."""
        self.raw.append(raw[0])
        self.mapped.append(mapped[0])
        self.raw_cpu.append(raw[1])
        self.mapped_cpu.append(mapped[1])

    def summary(self) -> dict[str, Any]:
        """Give everything as JSON has it; the ratios are those of the pairs."""
        raw = self.raw_cpu if self.alone else self.raw
        mapped = self.mapped_cpu if self.alone else self.mapped
        ratios = _ratios(raw, mapped)
        return {
            "ratio": statistics.median(ratios),
            "min": min(ratios),
            "max": max(ratios),
            "quickest": min(mapped) / min(raw),
            "rounds": len(ratios),
            "unit": self.unit,
            "raw": statistics.median(raw),
            "mapped": statistics.median(mapped),
            "clock_ratio": statistics.median(_ratios(self.raw, self.mapped)),
            "cpu_ratio": statistics.median(_ratios(self.raw_cpu, self.mapped_cpu) or [0]),
            "each": {
                "raw": self.raw,
                "mapped": self.mapped,
                "raw_cpu": self.raw_cpu,
                "mapped_cpu": self.mapped_cpu,
            },
        }


def _ratios(raw: list[float], mapped: list[float]) -> list[float]:
    return [mine / other for mine, other in zip(mapped, raw, strict=True)]


def in_pairs(
    raw: Side,
    mapped: Side,
    *,
    each: int,
    seconds: float,
    unit: str = "µs",
    alone: bool = False,
) -> Pairs:
    """
    Time two sides in turn: at least twice, but once where that takes very long.

    Args:
        raw: Pymongo alone.
        mapped: The mapper.
        each: How many documents one run handles.
        seconds: When to stop, all in all.
        unit: ``µs`` or ``ms``, for one document.
        alone: Whether neither side waits for anything.

    Returns:
        The times for one document.
    """
    scale = {"µs": 1e6, "ms": 1e3}[unit] / each
    turns: list[tuple[tuple[float, float], tuple[float, float]]] = []
    started = time.perf_counter()
    taken = 0.0
    while not turns or taken < seconds or (len(turns) < 2 and taken < 4 * seconds):
        turns.append((_timed(raw, scale), _timed(mapped, scale)))
        taken = time.perf_counter() - started
    if len(turns) > 3:
        del turns[0]  # it opened connections, filled caches and generated code
    pairs = Pairs(unit, alone=alone)
    for turn in turns:
        pairs.add(*turn)
    return pairs


def _timed(side: Side, scale: float) -> tuple[float, float]:
    """Give the time of one run by the clock, and its processor time."""
    side.prepare()
    gc.collect()
    used, started = time.process_time(), time.perf_counter()
    result = side.run()
    taken, used = time.perf_counter() - started, time.process_time() - used
    side.check(result)
    return taken * scale, used * scale
