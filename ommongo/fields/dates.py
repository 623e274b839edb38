"""Dates and times."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Literal, NoReturn, overload

from bson.codec_options import CodecOptions, DatetimeConversion
from bson.datetime_ms import DatetimeMS

from ommongo.exceptions import InvalidConfigException
from ommongo.fields._primitive import PrimitiveField
from ommongo.fields._scalar import ScalarField
from ommongo.fields._settings import check_order
from ommongo.fields._types import Date
from ommongo.fields._written import Name, all_of, is_of_types, is_within

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ommongo.fields._types import Options, OrNone

__all__ = ["DateTimeField"]


class DateTimeField(PrimitiveField[Date]):
    """
    An instant, to the millisecond.

    BSON dates are in UTC. A naive ``datetime`` is taken as UTC; an aware one may have any
    ``tzinfo`` (``zoneinfo``, ``pytz``, ``datetime.timezone``). Loaded by a time-zone-aware session,
    and with *use_tz* always, dates are aware.

    Args:
        min_date: The earliest instant that is accepted; naive means UTC.
        max_date: The latest.
        use_tz: Accept aware dates only, and give them back in the session's time zone (in UTC
            where it has none).
        out_of_range: What becomes of dates outside the years 1 to 9999, which BSON has and
            ``datetime`` has not. ``"error"`` refuses them: a stored one raises
            `BadDocumentException`. ``"keep"`` gives and takes them as `bson.datetime_ms.DatetimeMS`
            (so it does a stored date that the session's time zone would carry out of these years).
        kwargs: The options of every field, see `Field`.

    Raises:
        InvalidConfigException: *min_date* or *max_date* is no ``datetime``, or no instant between
            the years 1 and 9999; or *out_of_range* is none of the two.

    Example:
        >>> from datetime import datetime
        >>> DateTimeField(use_tz=True).unwrap(datetime(2024, 8, 17, 3)).isoformat()
        '2024-08-17T03:00:00+00:00'
        >>> DateTimeField(use_tz=True).is_valid_wrap(datetime(2024, 8, 17, 10))
        False

    MongoDB manual:
        https://www.mongodb.com/docs/manual/reference/bson-types/#date
    """

    constructor = datetime
    plain_types: tuple[type, ...] = (datetime,)
    _refuses_lists = True
    # A value of another type that a subclass accepts is its own business.
    _to_stored = ScalarField._to_stored
    _trusts_stored = _judges_bounds = True

    @overload
    def __init__(
        self: DateTimeField[datetime],
        min_date: datetime | None = None,
        max_date: datetime | None = None,
        use_tz: bool = False,
        *,
        out_of_range: Literal["error"] = "error",
        **options: Unpack[Options[datetime]],
    ) -> None: ...
    @overload
    def __init__(
        self: DateTimeField[datetime | None],
        min_date: datetime | None = None,
        max_date: datetime | None = None,
        use_tz: bool = False,
        *,
        out_of_range: Literal["error"] = "error",
        **options: Unpack[OrNone[datetime]],
    ) -> None: ...
    @overload
    def __init__(
        self: DateTimeField[datetime | DatetimeMS],
        min_date: datetime | None = None,
        max_date: datetime | None = None,
        use_tz: bool = False,
        *,
        out_of_range: Literal["keep"],
        **options: Unpack[Options[datetime | DatetimeMS]],
    ) -> None: ...
    @overload
    def __init__(
        self: DateTimeField[datetime | DatetimeMS | None],
        min_date: datetime | None = None,
        max_date: datetime | None = None,
        use_tz: bool = False,
        *,
        out_of_range: Literal["keep"],
        **options: Unpack[OrNone[datetime | DatetimeMS]],
    ) -> None: ...
    def __init__(
        self,
        min_date: datetime | None = None,
        max_date: datetime | None = None,
        use_tz: bool = False,
        *,
        out_of_range: Literal["error", "keep"] = "error",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if out_of_range not in ("error", "keep"):
            raise InvalidConfigException(
                f"{type(self).__name__}: out_of_range is {out_of_range!r}. It is 'error' or 'keep'."
            )
        self.out_of_range = out_of_range
        self.min_date: datetime | None = min_date
        self.max_date: datetime | None = max_date
        self.min: datetime | None = min_date
        self.max: datetime | None = max_date
        self.use_tz = use_tz
        self._earliest = self._bound("min_date", min_date)
        if self._earliest is not None:
            # As it would be stored: what is accepted has to be so when it is loaded again.
            ms = self._earliest.microsecond // 1000
            self._earliest = self._earliest.replace(microsecond=ms * 1000)
        self._latest = self._bound("max_date", max_date)
        check_order(type(self).__name__, ("min_date", self._earliest), ("max_date", self._latest))

    def _bound(self, name: str, date: Any) -> datetime | None:
        """Give a bound as an instant."""
        if date is None:
            return None
        instant = _instant(date) if isinstance(date, datetime) else None
        if instant is None:
            raise InvalidConfigException(
                f"{type(self).__name__}: {name} is no instant between the years 1 and 9999 in UTC "
                f"(it is a value of {type(date).__name__}). Pass a datetime."
            )
        return instant

    @property
    def has_autoload(self) -> bool:
        """Whether `unwrap` may need the session: it knows the time zone."""
        return True

    def schema_json(self) -> dict[str, Any]:
        """
        Describe this field.

        Returns:
            The settings of every field, ``min_date``, ``max_date`` and ``use_tz``, and
            ``out_of_range`` where it was given.
        """
        kept = {"out_of_range": "keep"} if self.out_of_range == "keep" else {}
        return {
            **super().schema_json(),
            "min_date": self.min_date,
            "max_date": self.max_date,
            "use_tz": self.use_tz,
            **kept,
        }

    @property
    def _is_fully_judged(self) -> bool:
        return super()._is_fully_judged and not self.use_tz

    @property
    def _has_bounds(self) -> bool:
        return self.min_date is not None or self.max_date is not None

    def accepts_plain(self, value: datetime) -> bool:
        """Tell whether a date is naive, and within the bounds."""
        return (
            value.tzinfo is None
            and (self._earliest is None or self._earliest <= value)
            and (self._latest is None or value <= self._latest)
        )

    def _stored_source(self, value: str, name: Name) -> str:
        if not self.use_tz:
            return super()._stored_source(value, name)
        # In the first and the last year it depends on the time zone whether UTC has the date.
        return (
            ""
            if self._has_bounds
            else all_of(
                is_of_types(value, self.plain_types, name),
                f"1 < {value}.year < 9999 and {value}.utcoffset() is not None",
            )
        )

    def _loaded_source(self, value: str, name: Name) -> str:
        return "" if self.use_tz else super()._loaded_source(value, name)

    def _plain_source(self, value: str, name: Name) -> str:
        return f"{value}.tzinfo is None"

    def _bounds_source(self, value: str, name: Name) -> str:
        within = is_within(value, self._earliest, self._latest, name)
        return within and f"{value}.tzinfo is None and {within}"

    def _kept(self, value: Any) -> Any:
        if self.out_of_range == "keep" and isinstance(value, DatetimeMS) and _is_common(value):
            return value.as_datetime(_AS_UTC if self.use_tz else _AS_NAIVE)
        return value

    def _check(self, value: Any) -> None:
        if isinstance(value, DatetimeMS):
            self._check_beyond(value)
            return
        self._check_stored(value)
        if self.use_tz and value.utcoffset() is None:
            self._fail_validation(
                value,
                "takes an aware datetime, not a naive one. Give it a time zone, such as "
                "tzinfo=timezone.utc, or declare the field without use_tz.",
            )

    def _check_beyond(self, value: DatetimeMS) -> None:
        """Refuse an instant that may be outside the years that a ``datetime`` has."""
        if self.out_of_range != "keep":
            self._fail_validation_type(
                value,
                datetime,
                advice="Dates outside the years 1 to 9999 (or, in the session's time zone, at "
                "their ends) need a field that is declared with out_of_range='keep'.",
            )
        ms = int(value)
        if self._earliest is not None and ms < _milliseconds(self._earliest):
            self._fail_too_early(value)
        if self._latest is not None and ms > _milliseconds(self._latest):
            self._fail_too_late(value)

    def _check_stored(self, value: Any) -> None:
        if isinstance(value, DatetimeMS):
            if not _is_datetime(value):
                self._check_beyond(value)
                return
            value = value.as_datetime(_AS_NAIVE)  # a driver may be told to give every date so
        if type(value) is not datetime and not isinstance(value, datetime):
            self._fail_validation_type(value, datetime)
        if value.tzinfo is None and self._earliest is None and self._latest is None:
            return
        instant = _instant(value)
        if instant is None:
            self._fail_validation(
                value,
                "takes a datetime between the years 1 and 9999, and got one that is outside them "
                "in UTC. Correct the date or its time zone.",
            )
        if self._earliest is not None and instant < self._earliest:
            self._fail_too_early(value)
        if self._latest is not None and instant > self._latest:
            self._fail_too_late(value)

    def _fail_too_early(self, value: Any) -> NoReturn:
        self._fail_validation(
            value,
            f"takes a datetime from {self.min_date} on, and got an earlier one. Correct the date, "
            f"or set min_date back.",
        )

    def _fail_too_late(self, value: Any) -> NoReturn:
        self._fail_validation(
            value,
            f"takes a datetime up to {self.max_date}, and got a later one. Correct the date, or "
            f"set max_date forward.",
        )

    def _to_python(self, value: Any, session: Any) -> Any:
        if isinstance(value, DatetimeMS) and _is_datetime(value):
            value = value.as_datetime(_AS_NAIVE)
        if not isinstance(value, datetime):
            return value  # only where a subclass of this field accepts more
        naive = value.utcoffset() is None
        if session is None:
            return value.replace(tzinfo=timezone.utc) if self.use_tz and naive else value
        zone = session.timezone
        if self.use_tz or (naive and session.tz_aware):
            zone = zone or timezone.utc
        elif not session.tz_aware or zone is None:
            return value
        try:
            # (On a naive date astimezone() would take the computer's own zone, not UTC.)
            return (value.replace(tzinfo=timezone.utc) if naive else value).astimezone(zone)
        except OverflowError as error:
            if self.out_of_range == "keep":
                return DatetimeMS(value)
            self._fail_validation(
                value,
                "is a datetime that the session's time zone would put outside the years 1 to 9999. "
                "Load it by a session without a timezone.",
                error,
            )


# The years 1 to 9999, and how far no time zone is from UTC.
_FIRST, _LAST, _DAY = -62_135_596_800_000, 253_402_300_799_999, 86_400_000

_AS_NAIVE: CodecOptions[Any] = CodecOptions(datetime_conversion=DatetimeConversion.DATETIME)
_AS_UTC = _AS_NAIVE.with_options(tz_aware=True)


def _is_datetime(value: DatetimeMS) -> bool:
    """Tell whether an instant is one that a ``datetime`` can show in UTC."""
    return _FIRST <= int(value) <= _LAST


def _is_common(value: DatetimeMS) -> bool:
    """Tell whether an instant is one that a ``datetime`` can show in every time zone."""
    return _FIRST + _DAY <= int(value) <= _LAST - _DAY


def _milliseconds(instant: datetime) -> int:
    """Give a naive instant as BSON counts it."""
    return int(DatetimeMS(instant))


def _instant(date: datetime) -> datetime | None:
    """
    Give a date as naive UTC, in which instants compare (two aware dates of one zone compare by
    what its clocks show, and those show an hour twice a year).

    Returns:
        The instant; ``None`` where it is outside the years that a ``datetime`` has.
    """
    offset = date.utcoffset()
    naive = date.replace(tzinfo=None)
    try:
        return naive if offset is None else naive - offset
    except OverflowError:
        return None
