"""What an application wrote: validators, field classes and values of its own types."""

from __future__ import annotations

import datetime
import enum
import functools
import re
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from bson import DBRef, Decimal128, Int64, ObjectId, Regex, Timestamp
from bson.binary import Binary
from bson.datetime_ms import DatetimeMS

import ommongo
from ommongo.exceptions import BadValueException
from ommongo.fields import (
    DateTimeField,
    DictField,
    EnumField,
    Field,
    FloatField,
    IntField,
    ListField,
    SetField,
    StringField,
    TupleField,
)
from ommongo.fields import __all__ as FIELD_NAMES

__all__ = ["CALLS", "NAMES", "OWN_FIELDS", "VALIDATORS"]

CALLS: list[tuple[str, Any]] = []
"""The calls of what an application wrote, in order; for comparison `exact` is made of them."""


def noted(function: Any) -> Any:
    """Let calls of an application's method or function be known."""

    @functools.wraps(function)
    def noting(*args: Any, **kwargs: Any) -> Any:
        CALLS.append((function.__qualname__, args[-1] if len(args) == 1 else args[1]))
        return function(*args, **kwargs)

    return noting


# -- validators -----------------------------------------------------------------------------------


@noted
def says_nothing(value: Any) -> None:
    """Accept."""


@noted
def says_zero(value: Any) -> int:
    """Accept: only ``False`` itself refuses."""
    return 0


@noted
def says_false(value: Any) -> bool:
    """Refuse."""
    return False


@noted
def judges_truth(value: Any) -> bool:
    """Refuse what is false."""
    return bool(value)


@noted
def raises_bad(value: Any) -> bool:
    """Refuse what is false, by the exception."""
    if not value:
        raise BadValueException("mine", value, "is nothing")
    return True


@noted
def raises_other(value: Any) -> Any:
    """Fail for zero, and for whatever is no number."""
    return 1 / value


class Judge:
    """A validator that is an object."""

    def __call__(self, value: Any) -> bool:
        CALLS.append(("Judge", value))
        return value != "x"


VALIDATORS = [
    *["says_nothing"] * 4,
    "says_zero",
    "says_false",
    "judges_truth",
    "raises_bad",
    "raises_other",
    "Judge()",
    "lambda value: value != 1",
]


# -- fields ---------------------------------------------------------------------------------------


class UpperField(StringField):
    """Its `wrap` and `unwrap` are the application's."""

    @noted
    def wrap(self, value: Any) -> Any:
        return super().wrap(value).lower()

    @noted
    def unwrap(self, value: Any, session: Any = None) -> Any:
        return super().unwrap(value, session).upper()


class WrappedField(IntField):
    """Its `wrap` alone is the application's: numbers are stored as text."""

    @noted
    def wrap(self, value: Any) -> Any:
        return super().wrap(value)

    @noted
    def validate_wrap(self, value: Any) -> None:
        super().validate_wrap(value)


class UnwrappedField(IntField):
    """What is loaded of it is one more."""

    @noted
    def unwrap(self, value: Any, session: Any = None) -> Any:
        return super().unwrap(value, session) + 1


class TrimmedField(StringField):
    """Its `set_value` is the application's."""

    @noted
    def set_value(self, instance: Any, value: Any, from_db: bool = False) -> None:
        super().set_value(instance, value.strip() if isinstance(value, str) else value, from_db)


class JudgedField(StringField):
    """Judges what is stored and what is loaded differently."""

    @noted
    def validate_wrap(self, value: Any) -> None:
        super().validate_wrap(value)
        if value == "x":
            self._fail_validation(value, "is no x")

    @noted
    def validate_unwrap(self, value: Any) -> None:
        super().validate_unwrap(value)
        if value == "y":
            self._fail_validation(value, "is no y")


class CodeField(StringField):
    """Takes values as they are, and judges them."""

    plain_types = (str,)

    def accepts_plain(self, value: Any) -> bool:
        return value.isascii() and len(value) < 3

    def validate_wrap(self, value: Any) -> None:
        super().validate_wrap(value)
        if not self.accepts_plain(value):
            self._fail_validation(value, "takes a short str")

    validate_unwrap = validate_wrap


class SameTextField(StringField):
    """Says that it takes text as `StringField` does, bounds included."""

    plain_types = (str,)


class SameIntField(IntField):
    """Says that it takes ints as `IntField` does, bounds included."""

    plain_types = (int,)


class SameFloatField(FloatField):
    """Says that it takes floats as `FloatField` does, bounds included."""

    plain_types = (float,)


class StampField(DateTimeField):
    """Takes all dates that it takes as they are."""

    plain_types = (datetime.datetime,)


class PercentField(Field[Any]):
    """A field from scratch that takes values of two types as they are."""

    plain_types = (int, float)

    def accepts_plain(self, value: Any) -> bool:
        return 0 <= value <= 100

    def validate_wrap(self, value: Any) -> None:
        if type(value) not in (int, float):
            self._fail_validation_type(value, int, float)
        if not self.accepts_plain(value):
            self._fail_validation(value, "takes a number from 0 to 100")

    validate_unwrap = validate_wrap

    def wrap(self, value: Any) -> Any:
        self.validate_wrap(value)
        return value

    def unwrap(self, value: Any, session: Any = None) -> Any:
        self.validate_unwrap(value)
        return value


class InsideOutField(Field[Any]):
    """A field from scratch whose stored values are of another type."""

    @noted
    def validate_wrap(self, value: Any) -> None:
        if not isinstance(value, int):
            self._fail_validation_type(value, int)

    @noted
    def validate_unwrap(self, value: Any) -> None:
        if not isinstance(value, str):
            self._fail_validation_type(value, str)

    @noted
    def wrap(self, value: Any) -> Any:
        self.validate_wrap(value)
        return str(int(value))

    @noted
    def unwrap(self, value: Any, session: Any = None) -> Any:
        self.validate_unwrap(value)
        return int(value)


class BareField(StringField):
    """Overrides nothing, and so says nothing of its values."""


class DefaultingField(IntField):
    """Its default is the application's."""

    has_default = True

    def _make_default(self) -> Any:
        return 7

    @property
    def default(self) -> Any:
        return 7


class ReadField(StringField):
    """How it is read is the application's."""

    def __get__(self, instance: Any, owner: Any) -> Any:
        value = super().__get__(instance, owner)
        return value if instance is None else f"<{value}>"


class OwnListField(ListField):
    """A list whose `validate_wrap` is the application's."""

    @noted
    def validate_wrap(self, value: Any) -> None:
        super().validate_wrap(value)


class OwnDictField(DictField):
    """A dict that is loaded with one more key."""

    @noted
    def unwrap(self, value: Any, session: Any = None) -> Any:
        return super().unwrap(value, session)


class OwnSetField(SetField):
    """A set of which nothing is overridden."""


class OwnTupleField(TupleField):
    """A tuple whose `wrap` is the application's."""

    @noted
    def wrap(self, value: Any) -> Any:
        return super().wrap(value)


class OwnEnumField(EnumField):
    """A choice whose `validate_unwrap` is the application's."""

    @noted
    def validate_unwrap(self, value: Any) -> None:
        super().validate_unwrap(value)


OWN_FIELDS = [
    kind
    for kind in list(globals().values())
    if isinstance(kind, type) and issubclass(kind, Field) and kind.__module__ == __name__
]


# -- values ---------------------------------------------------------------------------------------


class Text(str):
    """Text of another type."""


class Number(int):
    """An int of another type."""


class Real(float):
    """A float of another type."""


class Raw(bytes):
    """Bytes of another type."""


class Items(list[Any]):
    """A list of another type."""


class Pairs(dict[Any, Any]):
    """A dict of another type."""


class Pair(tuple[Any, ...]):
    """A tuple of another type."""


class Date(datetime.datetime):
    """A date of another type."""


class Level(enum.IntEnum):
    """Ints with a name."""

    LOW = 0
    HIGH = 2


class Colour(str, enum.Enum):
    """Text with a name."""

    RED = "red"
    A = "a"


def generated(*items: Any) -> Iterator[Any]:
    """Give a generator."""
    return (item for item in items)


def cyclic() -> list[Any]:
    """Give a list that holds itself."""
    made: list[Any] = []
    made.append(made)
    return made


def cyclic_dict() -> dict[str, Any]:
    """Give a dict that holds itself."""
    made: dict[str, Any] = {}
    made["a"] = made
    return made


class Session:
    """Something to be bound to."""

    def __init__(self, timezone: Any = None, tz_aware: bool = False) -> None:
        self.timezone = timezone
        self.tz_aware = tz_aware


UTC = datetime.timezone.utc
EAST = datetime.timezone(datetime.timedelta(hours=7))
BERLIN = ZoneInfo("Europe/Berlin")

NAMES: dict[str, Any] = {
    **{name: value for name, value in globals().items() if not name.startswith("__")},
    **{name: getattr(ommongo, name) for name in ommongo.__all__ if name != "__version__"},
    **{name: getattr(ommongo.fields, name) for name in FIELD_NAMES},
    "DBRef": DBRef,
    "Binary": Binary,
    "DatetimeMS": DatetimeMS,
    "Decimal128": Decimal128,
    "Int64": Int64,
    "ObjectId": ObjectId,
    "Regex": Regex,
    "Timestamp": Timestamp,
    "datetime": datetime,
    "re": re,
    "Session": Session,
    "nan": float("nan"),
    "inf": float("inf"),
}
"""The names that drawn source may use."""
