"""Fields of dates."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest
import pytz

from ommongo.document import Document
from ommongo.exceptions import BadValueException, FieldNotRetrieved, InvalidConfigException
from ommongo.fields import ComputedField, CreatedField, DateTimeField, ModifiedField
from tests.unit.fields.refusals import refusal

UTC = timezone.utc
JAKARTA = timezone(timedelta(hours=7))
BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2024, 8, 17, 12)
BOTH = pytest.mark.parametrize("name", ["wrap", "unwrap", "validate_wrap", "validate_unwrap"])


class Settings:
    """The two settings of a session that dates depend on."""

    def __init__(self, timezone: tzinfo | None = None, tz_aware: bool = False) -> None:
        self.timezone = timezone
        self.tz_aware = tz_aware or timezone is not None


class Timeless(tzinfo):
    """A time zone that does not say what time it has, so its dates are naive to Python."""

    def utcoffset(self, dt):
        return None

    def tzname(self, dt):
        return None

    def dst(self, dt):
        return None


# -- what is accepted -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [NOON, NOON.replace(tzinfo=UTC), NOON.replace(tzinfo=BERLIN), datetime.min, datetime.max],
    ids=["naive", "utc", "zone", "min", "max"],
)
def test_wrap_gives_the_date_as_it_is(value):
    """A naive date stays naive and an aware one keeps its zone: the driver stores both in UTC."""
    wrapped = DateTimeField().wrap(value)

    assert wrapped == value
    assert wrapped.tzinfo is value.tzinfo


@BOTH
@pytest.mark.parametrize("value", [date(2024, 8, 17), "2024-08-17", 1723896000, timedelta(1), {}])
def test_dates_only(name, value):
    """What is no datetime is refused, a date too."""
    assert "takes datetime, not" in str(refusal(getattr(DateTimeField(), name), value))


@BOTH
@pytest.mark.parametrize(
    "value",
    [
        datetime(1, 1, 1, 6, 59, tzinfo=JAKARTA),
        datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-2))),
    ],
    ids=["before", "after"],
)
def test_instants_outside_the_years_of_a_datetime_are_refused(name, value):
    """A date that UTC would put before the year 1 or after 9999 cannot be stored."""
    assert "between the years 1 and 9999" in str(refusal(getattr(DateTimeField(), name), value))


# -- bounds ---------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("bound_zone", [None, UTC, JAKARTA])
@pytest.mark.parametrize("zone", [None, UTC, JAKARTA], ids=["naive", "utc", "jakarta"])
def test_bounds_compare_as_instants(name, zone, bound_zone):
    """Dates are within bounds by their instant, whatever the zones of either are."""

    def in_zone(hour, zone):
        aware = datetime(2024, 8, 17, hour, tzinfo=UTC)
        return aware.replace(tzinfo=None) if zone is None else aware.astimezone(zone)

    field = DateTimeField(min_date=in_zone(10, bound_zone), max_date=in_zone(12, bound_zone))

    getattr(field, name)(in_zone(10, zone))
    getattr(field, name)(in_zone(12, zone))
    assert "and got an earlier one" in str(refusal(getattr(field, name), in_zone(9, zone)))
    assert "and got a later one" in str(refusal(getattr(field, name), in_zone(13, zone)))


def test_a_local_time_that_occurs_twice_is_two_instants():
    """The second of two equal clock times is later than a bound between them."""
    first = datetime(2024, 10, 27, 2, 30, tzinfo=BERLIN)
    field = DateTimeField(max_date=first)

    assert field.is_valid_wrap(first)
    assert not field.is_valid_wrap(first.replace(fold=1))


def test_bounds_of_pytz():
    """Zones of pytz serve as those of the standard library."""
    berlin = pytz.timezone("Europe/Berlin")
    field = DateTimeField(min_date=berlin.localize(NOON))

    assert field.is_valid_wrap(datetime(2024, 8, 17, 10, tzinfo=UTC))
    assert not field.is_valid_wrap(datetime(2024, 8, 17, 9, 59, tzinfo=UTC))


def test_bounds_by_position():
    """The lower bound comes first, then the upper one, then use_tz."""
    field = DateTimeField(datetime.min, datetime.max, True)
    assert (field.min_date, field.max_date, field.use_tz) == (datetime.min, datetime.max, True)


@pytest.mark.parametrize(
    "bound", ["2024", date(2024, 8, 17), datetime(1, 1, 1, tzinfo=JAKARTA)], ids=str
)
@pytest.mark.parametrize("name", ["min_date", "max_date"])
def test_bounds_are_instants(name, bound):
    """A bound that no date can be compared with is refused."""
    with pytest.raises(InvalidConfigException, match=f"{name} is no instant"):
        DateTimeField(**{name: bound})


# -- time zones -----------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", [None, Timeless()], ids=["naive", "timeless"])
def test_use_tz_refuses_naive_dates(zone):
    """With use_tz only a date that says its offset is stored; a stored naive one is UTC."""
    field = DateTimeField(use_tz=True)

    error = refusal(field.wrap, NOON.replace(tzinfo=zone))
    assert "takes an aware datetime" in str(error)
    assert field.is_valid_unwrap(NOON)


@pytest.mark.parametrize(
    ("use_tz", "stored", "session", "loaded"),
    [
        (False, NOON, None, NOON),
        (False, NOON, Settings(), NOON),
        (False, NOON, Settings(tz_aware=True), NOON.replace(tzinfo=UTC)),
        (False, NOON, Settings(JAKARTA), datetime(2024, 8, 17, 19, tzinfo=JAKARTA)),
        (False, NOON.replace(tzinfo=JAKARTA), None, NOON.replace(tzinfo=JAKARTA)),
        (False, NOON.replace(tzinfo=JAKARTA), Settings(), NOON.replace(tzinfo=JAKARTA)),
        (
            False,
            NOON.replace(tzinfo=JAKARTA),
            Settings(tz_aware=True),
            NOON.replace(tzinfo=JAKARTA),
        ),
        (False, NOON.replace(tzinfo=UTC), Settings(JAKARTA), NOON.replace(hour=19, tzinfo=JAKARTA)),
        (True, NOON, None, NOON.replace(tzinfo=UTC)),
        (True, NOON, Settings(), NOON.replace(tzinfo=UTC)),
        (True, NOON, Settings(JAKARTA), NOON.replace(hour=19, tzinfo=JAKARTA)),
        (True, NOON.replace(tzinfo=UTC), Settings(JAKARTA), NOON.replace(hour=19, tzinfo=JAKARTA)),
        (True, NOON.replace(tzinfo=JAKARTA), None, NOON.replace(tzinfo=JAKARTA)),
        (True, NOON.replace(tzinfo=JAKARTA), Settings(), NOON.replace(hour=5, tzinfo=UTC)),
    ],
)
def test_time_zone_of_a_loaded_date(use_tz, stored, session, loaded):
    """A loaded date has the time zone that field and session ask for."""
    date = DateTimeField(use_tz=use_tz).unwrap(stored, session)

    assert date == loaded
    assert date.tzinfo == loaded.tzinfo


@pytest.mark.parametrize("zone", [BERLIN, pytz.timezone("Europe/Berlin")], ids=["zoneinfo", "pytz"])
def test_zones_with_summer_time(zone):
    """A date loads with the offset that its zone has on that day."""
    field = DateTimeField(use_tz=True)

    assert field.unwrap(datetime(2024, 8, 1), Settings(zone)).utcoffset() == timedelta(hours=2)
    assert field.unwrap(datetime(2024, 12, 1), Settings(zone)).utcoffset() == timedelta(hours=1)


def test_date_that_the_time_zone_cannot_show():
    """An instant that is before the year 1 in the session's zone is refused, not mangled."""
    session = Settings(timezone(timedelta(hours=-5)))
    error = refusal(lambda value: DateTimeField().unwrap(value, session), datetime.min)

    assert "would put outside the years" in str(error)
    assert isinstance(error.cause, OverflowError)


def test_dates_may_need_the_session():
    """Loading a date depends on the session's time zone."""
    assert DateTimeField().has_autoload is True


def test_field_of_an_application_that_takes_more():
    """A value that only a subclass of the field accepts is passed through."""

    class Loose(DateTimeField):
        def validate_unwrap(self, value):
            pass

    assert Loose(use_tz=True).unwrap("never") == "never"


# -- ModifiedField --------------------------------------------------------------------------------


def is_now(value, aware):
    """Whether *value* is the present time in whole milliseconds, aware or not."""
    assert value.microsecond % 1000 == 0
    assert (value.tzinfo is UTC) is aware
    passed = datetime.now(UTC) - (value if aware else value.replace(tzinfo=UTC))
    return timedelta(0) <= passed < timedelta(minutes=1)


@pytest.mark.parametrize("aware", [False, True])
def test_modified_field_reads_as_now_and_keeps_it(aware):
    """Read while it is unset, it is the time of that reading."""

    class Page(Document):
        modified = ModifiedField(aware)

    page = Page()

    assert is_now(page.modified, aware)
    assert page.modified is page.modified


@pytest.mark.parametrize("aware", [False, True])
def test_modified_field_stores_now(aware):
    """Serializing takes the present time and leaves the attribute alone."""

    class Page(Document):
        modified = ModifiedField(tz_aware=aware)

    before = datetime(2020, 1, 1, tzinfo=UTC if aware else None)
    page = Page(modified=before)

    assert is_now(page.wrap()["modified"], aware)
    assert page.modified == before


def test_modified_field_with_tz_aware_loads_aware():
    """The values of an aware field are aware, by whatever session they are loaded."""
    assert ModifiedField(tz_aware=True).unwrap(NOON, Settings()) == NOON.replace(tzinfo=UTC)


def test_modified_field_is_a_date():
    """What is assigned to it, or stored in it, is a date."""
    refusal(ModifiedField().wrap, "today")
    assert isinstance(ModifiedField(), DateTimeField)
    assert ModifiedField().has_default is True


def test_modified_field_that_was_not_retrieved():
    """In a partial document without it, it is not retrieved, rather than now."""

    class Page(Document):
        title = DateTimeField(required=False)
        modified = ModifiedField()

    with pytest.raises(FieldNotRetrieved):
        Page(retrieved_fields=["title"]).modified


# -- CreatedField ---------------------------------------------------------------------------------


@pytest.mark.parametrize("aware", [False, True])
def test_created_field_is_computed_once(aware):
    """The time is taken once, then kept and stored."""

    class Page(Document):
        created = CreatedField(tz_aware=aware)

    page = Page()
    stored = page.wrap()["created"]

    assert is_now(stored, aware)
    assert page.created is page.created
    assert page.created == stored == page.wrap()["created"]


def test_created_field_takes_no_other_value():
    """Once it has its value, assigning is refused."""

    class Page(Document):
        created = CreatedField()

    page = Page(created=NOON)

    with pytest.raises(BadValueException, match=r"^Page\.created is computed once"):
        page.created = NOON
    assert page.created == NOON


def test_created_field_loads_what_is_stored():
    """A stored time is not computed again."""

    class Page(Document):
        created = CreatedField()

    assert Page.unwrap({"created": NOON}).created == NOON


def test_created_field_is_a_computed_field():
    """It is a function that makes a one-time computed field of a date."""
    field = CreatedField("made", True, db_field="m", required=False)

    assert isinstance(field, ComputedField)
    assert field.one_time is True
    assert field.deps == []
    assert field.fun.__name__ == "made"
    assert (field.db_field, field.required) == ("m", False)
    assert CreatedField().fun.__name__ == "created"
