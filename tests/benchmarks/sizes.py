"""How many documents the workloads handle, and how they insist on right results."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["SMALL", "Sizes", "WrongResult", "want"]


@dataclass(frozen=True)
class Sizes:
    """
    How much the workloads handle.

    Attributes:
        loads: How many documents are loaded, and saved in bulk.
        updates: How many are changed.
        saves: How many are saved one by one.
        objects: How many are made without a server.
        queries: How many queries are built.
        large: The bytes of the large document.
        imports: How many processes import the library.
    """

    loads: int = 20_000
    updates: int = 2_000
    saves: int = 500
    objects: int = 50_000
    queries: int = 10_000
    large: int = 8_000_000
    imports: int = 12


SMALL = Sizes(loads=200, updates=20, saves=5, objects=500, queries=100, large=860_000, imports=1)
"""As much as is needed to see that everything works."""


class WrongResult(Exception):
    """A workload gave something else than it should."""


def want(right: bool, what: object) -> None:
    """Raise unless a result is right."""
    if not right:
        raise WrongResult(str(what))
