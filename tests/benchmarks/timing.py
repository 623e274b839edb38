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
    What was measured, in one unit for both sides.

    Attributes:
        unit: What the numbers count.
        raw: Of pymongo alone, one a round.
        mapped: Of the mapper, one a round.
        raw_cpu: As *raw*, but processor time of this process alone.
        mapped_cpu: As *mapped*, but processor time of this process alone.
    """

    unit: str
    raw: list[float] = field(default_factory=list)
    mapped: list[float] = field(default_factory=list)
    raw_cpu: list[float] = field(default_factory=list)
    mapped_cpu: list[float] = field(default_factory=list)

    def summary(self) -> dict[str, Any]:
        """Give everything as JSON has it; the ratios are those of the pairs."""
        ratios = _ratios(self.mapped, self.raw)
        cpu = _ratios(self.mapped_cpu, self.raw_cpu)
        return {
            "ratio": statistics.median(ratios),
            "min": min(ratios),
            "max": max(ratios),
            "quickest": min(self.mapped) / min(self.raw),
            "cpu_ratio": statistics.median(cpu) if cpu else None,
            "rounds": len(ratios),
            "unit": self.unit,
            "raw": statistics.median(self.raw),
            "mapped": statistics.median(self.mapped),
            "raw_each": self.raw,
            "mapped_each": self.mapped,
        }


def _ratios(mapped: list[float], raw: list[float]) -> list[float]:
    return [one / other for one, other in zip(mapped, raw, strict=True)]


def in_pairs(raw: Side, mapped: Side, *, each: int, seconds: float, unit: str = "µs") -> Pairs:
    """
    Time two sides in turn, at least twice.

    Args:
        raw: Pymongo alone.
        mapped: The mapper.
        each: How many documents one run handles.
        seconds: When to stop, all in all.
        unit: ``µs`` or ``ms``, for one document.

    Returns:
        The times for one document.
    """
    scale = {"µs": 1e6, "ms": 1e3}[unit] / each
    turns = []
    end = time.perf_counter() + seconds
    while len(turns) < 2 or time.perf_counter() < end:
        turns.append((*_timed(raw), *_timed(mapped)))
    if len(turns) > 3:
        del turns[0]  # it opened connections, filled caches and generated code
    walls, cpus, mapped_walls, mapped_cpus = ([turn[i] * scale for turn in turns] for i in range(4))
    return Pairs(unit, walls, mapped_walls, cpus, mapped_cpus)


def _timed(side: Side) -> tuple[float, float]:
    """Give the seconds of one run by the clock, and those of processor time."""
    side.prepare()
    gc.collect()
    used, started = time.process_time(), time.perf_counter()
    result = side.run()
    taken, used = time.perf_counter() - started, time.process_time() - used
    side.check(result)
    return taken, used
