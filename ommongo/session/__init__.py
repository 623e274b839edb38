"""The front desk: a session, which connects the rooms and decides nothing that they can decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ommongo.session.scoped import scoped_session
from ommongo.session.session import Session

if TYPE_CHECKING:
    from ommongo._persistence.report import FlushReport

__all__ = ["FlushReport", "Session", "scoped_session"]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def __getattr__(name: str) -> Any:
    # Most programs name a session only, and to make the class takes a hundredth of the import.
    if name == "FlushReport":
        from ommongo._persistence.report import FlushReport

        return FlushReport
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
