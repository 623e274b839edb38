"""What is written alike with every library."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["Maker", "aware_maker", "makers"]

Maker = Callable[..., Any]


def makers(book: Maker, chosen: Maker, priced: Maker, validated: Maker) -> dict[str, Maker]:
    """Give what makes an object of a row, by the names of the classes; dates are not among them."""
    return {
        "book": lambda title, year, tags, _: book(title=title, year=year, tags=[*tags]),
        "enum": lambda title, year, tags, state: chosen(
            title=title, year=year, tags=[*tags], state=state
        ),
        "dict": lambda title, year, tags, prices: priced(
            title=title, year=year, tags=[*tags], prices={**prices}
        ),
        "validator": lambda title, year, tags, email: validated(
            title=title, year=year, tags=[*tags], email=email
        ),
    }


def aware_maker(aware: Maker) -> dict[str, Maker]:
    """Give the same of books with an aware date, for libraries that have such fields."""
    return {"tz": lambda title, year, tags, at: aware(title=title, year=year, tags=[*tags], at=at)}
