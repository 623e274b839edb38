"""How many examples a test tries, where that is not Hypothesis' usual hundred."""

from __future__ import annotations

from hypothesis import settings

__all__ = ["examples"]

_USUAL = 100


def examples(full: int) -> int:
    """Give *full*, or as much less or more as a profile has fewer or more than usual."""
    # A number given to `settings` goes before that of the profile, which was loaded before the
    # tests were imported.
    return max(1, full * settings.default.max_examples // _USUAL)
