"""Importing the atlas: raw records become documents, in blocks; broken ones are put aside."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from atlas_data import Raw
from atlas_models import Capital, City, Continent, Country, Currency
from tqdm import tqdm

from ommongo import Document, Session
from ommongo.exceptions import BadValueException, DocumentException

BLOCK = 1_000


@dataclass(frozen=True)
class Rejection:
    """A record that did not become a document, and why."""

    record: Raw
    error: Exception


def continent(raw: Raw) -> Continent:
    """Make a continent of a record."""
    return Continent(**raw)


def country(raw: Raw) -> Country:
    """Make a country, with its currency embedded, of a record."""
    values = dict(raw)
    if "currency" in values:
        values["currency"] = Currency(**values["currency"])
    return Country(**values)


def city(raw: Raw) -> City:
    """Make a city or a capital of a record."""
    return Capital(**raw) if "largest" in raw else City(**raw)


def store(
    session: Session, label: str, make: Callable[[Raw], Document], records: list[Raw]
) -> list[Rejection]:
    """
    Store records in blocks of 1,000 under a progress bar.

    A record is judged when its document is made and when it is queued. So a broken one is known
    before anything is sent, and the rest of its block is stored.

    Returns:
        What was rejected.
    """
    rejected: list[Rejection] = []
    # In a file, only the beginning and the end of the bar are of interest.
    seconds = 0.1 if sys.stdout.isatty() else 3_600
    with tqdm(
        total=len(records), desc=f"{label:10}", ncols=72, mininterval=seconds, file=sys.stdout
    ) as bar:
        for block in _blocks(records):
            with session:
                for record in block:
                    try:
                        session.add(make(record))
                    except (BadValueException, DocumentException) as error:
                        rejected.append(Rejection(record, error))
            bar.update(len(block))
    return rejected


def _blocks(records: Iterable[Any]) -> Iterator[list[Any]]:
    remaining = iter(records)
    while block := list(islice(remaining, BLOCK)):
        yield block
