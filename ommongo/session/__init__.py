"""The front desk: a session, which connects the rooms and decides nothing that they can decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ommongo._on_demand import on_demand
from ommongo.session.session import Session

if TYPE_CHECKING:
    from ommongo._persistence.report import FlushReport
    from ommongo.session.scoped import scoped_session
else:  # most programs have one session at a time, and never look into a report
    __getattr__, __dir__ = on_demand(
        __name__,
        {
            "ommongo._persistence.report": "FlushReport",
            "ommongo.session.scoped": "scoped_session",
        },
    )

__all__ = ["FlushReport", "Session", "scoped_session"]
