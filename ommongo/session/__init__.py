"""The front desk: a session, which connects the rooms and decides nothing that they can decide."""

from __future__ import annotations

from ommongo._persistence.report import FlushReport
from ommongo.session.session import Session

__all__ = ["FlushReport", "Session"]
