"""The settings of a session: each holds from the next operation on, whenever it is set."""

from __future__ import annotations

from datetime import tzinfo
from typing import Any

from bson.codec_options import CodecOptions, DatetimeConversion
from pymongo.database import Database

from ommongo._persistence.blocks import OpenBlocks
from ommongo._persistence.identity_map import IdentityMap
from ommongo._persistence.loader import Loader
from ommongo._persistence.unit_of_work import UnitOfWork
from ommongo._spelling import an
from ommongo.exceptions import InvalidConfigException

__all__ = ["Settings", "yes_or_no"]

_FIXED = {
    "db": "Make another Session on the other database.",
    "cache": "Set cache_size, or use clear_cache().",
    "causal": "Make another Session with it.",
    "transactions": "Use 'with session:', or begin_trans() and end_trans().",
}


# By these a date that Python has not is an error for all documents of a batch, or becomes another
# date, which would be stored in its place.
_LOSSY_CONVERSIONS = (DatetimeConversion.DATETIME, DatetimeConversion.DATETIME_CLAMP)


def yes_or_no(name: str, given: Any) -> Any:
    """
    Refuse text and the like, which may say "no" and would be taken for a yes.

    Args:
        name: The setting.
        given: What was given.

    Returns:
        The same.

    Raises:
        InvalidConfigException: It is neither a bool nor a number.
    """
    if given is None or isinstance(given, int):
        return given
    raise InvalidConfigException(
        f"{name} is of type {type(given).__name__}. It is True or False; text of a file of "
        f"settings is to be read first."
    )


class Settings:
    """
    The attributes of a session that can be set.

    Each is kept by the part of the session that goes by it, so that what is read is what holds.
    """

    db: Database[Any]
    cache: IdentityMap
    transactions: OpenBlocks
    _loader: Loader
    _unit_of_work: UnitOfWork

    # Whether dates are wanted aware; None as the database has them.
    _wants_aware: bool | None = None
    _timezone: tzinfo | None = None
    _atomic: bool | None = None
    _upsert_on_save: bool = True

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _FIXED and name in self.__dict__:
            raise AttributeError(
                f"{name} is an attribute of {an(type(self).__name__)} to read, and cannot be set. "
                f"{_FIXED[name]}"
            )
        object.__setattr__(self, name, value)

    @property
    def safe(self) -> bool:
        """Whether an error that the server reports for a write is raised, and not logged."""
        return self._unit_of_work.safe

    @safe.setter
    def safe(self, safe: bool) -> None:
        self._unit_of_work.safe = yes_or_no("safe", safe)

    @property
    def auto_ensure(self) -> bool:
        """Whether the indexes of a class are ensured before it is written."""
        return self._unit_of_work.auto_ensure

    @auto_ensure.setter
    def auto_ensure(self, auto_ensure: bool) -> None:
        self._unit_of_work.auto_ensure = yes_or_no("auto_ensure", auto_ensure)

    @property
    def cache_size(self) -> int | None:
        """How many objects the identity map holds; ``None`` for all. Fewer drop the oldest."""
        return self.cache.size

    @cache_size.setter
    def cache_size(self, size: int | None) -> None:
        self.cache.resize(size)

    @property
    def timezone(self) -> tzinfo | None:
        """The time zone in which dates are loaded; it makes them aware."""
        return self._timezone

    @timezone.setter
    def timezone(self, timezone: tzinfo | None) -> None:
        if timezone is not None and not isinstance(timezone, tzinfo):
            raise TypeError(
                f"timezone takes a datetime.tzinfo (zoneinfo.ZoneInfo('Asia/Jakarta')), not "
                f"{type(timezone).__name__}."
            )
        self._timezone = timezone
        self._loader.codec_options = self._codec_options()

    @property
    def tz_aware(self) -> bool:
        """Whether dates are loaded aware: in the session's time zone, or in UTC without one."""
        return self._loader.codec_options.tz_aware

    @tz_aware.setter
    def tz_aware(self, tz_aware: bool) -> None:
        if not tz_aware and self._timezone is not None:
            raise InvalidConfigException(
                f"tz_aware cannot be {tz_aware!r} in a session with a timezone, in which dates "
                f"come aware. Set timezone to None first."
            )
        self._wants_aware = bool(yes_or_no("tz_aware", tz_aware))
        self._loader.codec_options = self._codec_options()

    @property
    def atomic(self) -> bool | None:
        """Whether the outermost block is one server transaction; ``None`` where there are such."""
        return self._atomic

    @atomic.setter
    def atomic(self, atomic: bool | None) -> None:
        if atomic is not None and not isinstance(atomic, bool):
            raise InvalidConfigException(
                f"atomic is {atomic!r}. It is None (where the server has transactions), True or "
                f"False."
            )
        self._atomic = atomic

    @property
    def upsert_on_save(self) -> bool:
        """Whether saving a stored document that is gone inserts it."""
        return self._upsert_on_save

    @upsert_on_save.setter
    def upsert_on_save(self, upsert_on_save: bool) -> None:
        if not isinstance(upsert_on_save, bool):
            raise InvalidConfigException(
                f"upsert_on_save is {upsert_on_save!r}. It is True (save inserts a stored document "
                f"that is gone) or False."
            )
        self._upsert_on_save = upsert_on_save

    def _codec_options(self) -> CodecOptions[dict[str, Any]]:
        """Give what documents are decoded by: as the database has it, but for dates."""
        options = self.db.codec_options.with_options(document_class=dict)
        if options.datetime_conversion in _LOSSY_CONVERSIONS:
            options = options.with_options(datetime_conversion=DatetimeConversion.DATETIME_AUTO)
        if self._timezone is not None:
            return options.with_options(tz_aware=True, tzinfo=self._timezone)
        if self._wants_aware is not None:
            return options.with_options(tz_aware=self._wants_aware, tzinfo=None)
        return options
