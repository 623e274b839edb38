"""Dates that a session could store and not load."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import bson
from bson.codec_options import CodecOptions, DatetimeConversion

from ommongo.exceptions import BadValueException

__all__ = ["refuse_what_has_no_local_form"]

_DAY, _FIRST, _LAST = 86_400_000, -62_135_596_800_000, 253_402_300_799_999

# No time zone is as far as a day from UTC, so it can only be a date of the first or the last day;
# and the BSON of each date of these ends like one of the two.
_ENDS = {struct.pack("<q", ms)[4:] for ms in (_FIRST, _FIRST + _DAY, _LAST - _DAY, _LAST)}


def refuse_what_has_no_local_form(
    cls: Any, stored: Mapping[str, Any], options: CodecOptions[Any], raw: bytes | None = None
) -> None:
    """
    Refuse a date that the session's time zone would carry out of the years 1 to 9999.

    Args:
        cls: The class of the document, for the message.
        stored: What is to be stored: a document, or an update document.
        options: How the session decodes, with its time zone.
        raw: Its BSON where it is at hand, which is quickly looked through.

    Raises:
        BadValueException: It holds such a date. (One that was loaded as a ``DatetimeMS``, because
            it is such a one, is stored again as it is.)
    """
    if raw is not None and not any(end in raw for end in _ENDS):
        return
    options = options.with_options(datetime_conversion=DatetimeConversion.DATETIME_AUTO)
    for path, date in _dates(stored, ""):
        loaded = bson.decode(bson.encode({"v": date}), options)["v"]
        if not isinstance(loaded, datetime):
            raise BadValueException(
                f"{cls.__name__}.{path}",
                date,
                f"holds a datetime that the session's time zone, {options.tzinfo}, would put "
                f"outside the years 1 to 9999, so it could not be loaded again. Choose another "
                f"date for 'never', such as datetime(9999, 1, 1), or None.",
            )


def _dates(value: Any, path: str) -> Iterator[tuple[str, datetime]]:
    """Give each date in a value, with the path to it."""
    if isinstance(value, datetime):
        yield path, value
    elif isinstance(value, Mapping):
        for name, item in value.items():
            # An operator is no part of the path.
            below = path if name.startswith("$") else f"{path}.{name}" if path else name
            yield from _dates(item, below)
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from _dates(item, f"{path}[{index}]")
