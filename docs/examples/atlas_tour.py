"""What the showcases share: the session, the raw data, printing and checking."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from atlas_data import Atlas

from ommongo import Session


class Tour:
    """
    One run of the tour.

    Args:
        session: The session on the imported data.
        atlas: The raw data, which every result is checked against.
    """

    def __init__(self, session: Session, atlas: Atlas) -> None:
        self.session = session
        self.atlas = atlas
        self._passed = 0
        self._failed: list[str] = []
        self._headings = 0

    def heading(self, text: str) -> None:
        """Begin a part of the tour."""
        title = f"{self._headings}  {text.strip().rstrip('.')}"
        self._headings += 1
        print(f"\n{title}\n{'-' * len(title)}")

    def say(self, text: str) -> None:
        """Print a line."""
        print(text, flush=True)

    def show(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Print rows: text to the left, numbers to the right with thousands apart."""
        for row in rows:
            cells = [f"{cell:28}" if isinstance(cell, str) else f"{cell:>14,}" for cell in row]
            print("  " + " ".join(cells).rstrip())

    def check(self, promise: str, result: Any, expected: Any) -> None:
        """
        Compare a result with what plain Python makes of the raw data.

        Args:
            promise: What is checked, in words.
            result: What came from the database.
            expected: What should have come.
        """
        if result == expected:
            self._passed += 1
            print(f"  ok: {promise}")
            return
        self._failed.append(promise)
        print(f"  FAILED: {promise}")
        print(f"    expected {str(expected)[:500]}")
        print(f"    got      {str(result)[:500]}")

    def conclude(self, seconds: float) -> int:
        """
        Print how it went.

        Returns:
            The exit status.
        """
        print(f"\n{self._passed} results checked, {len(self._failed)} wrong, {seconds:.1f} s")
        for promise in self._failed:
            print(f"  wrong: {promise}")
        return 1 if self._failed or not self._passed else 0
