"""
Values in queries: the short way of a plain value gives what its field gives.

The kind has every field that knows some of its values by their type, bare and with what may be
declared beside, and fields of an application that override a part of it; every value, fit and
unfit; every operator that has the short way; and values alone and in one list.
"""

from __future__ import annotations

from datetime import datetime, timezone
from functools import partial
from typing import Any

import pytest
from bson import Int64, ObjectId
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ommongo.exceptions import BadValueException
from ommongo.fields import (
    AnythingField,
    BoolField,
    ComputedField,
    DateTimeField,
    EnumField,
    Field,
    FloatField,
    IntField,
    ListField,
    NumberField,
    ObjectIdField,
    RegExStringField,
    SetField,
    StringField,
    TupleField,
)
from ommongo.query_expression import QueryField
from tests.properties.examples import examples


def refuse_some(value: Any) -> bool:
    """Accept what has a written form of even length."""
    return len(repr(value)) % 2 == 0


class Shouting(StringField):
    def _to_stored(self, value: Any) -> Any:
        return value.upper()


class Lower(StringField):
    def wrap(self, value: Any) -> Any:
        return super().wrap(value).lower()


class FewInts(IntField):
    def validate_wrap(self, value: Any) -> None:
        super().validate_wrap(value)
        if value > 3:
            self._fail_validation(value)


class Firsts(ListField[Any]):
    def wrap_value(self, value: Any) -> Any:
        return super().wrap_value(value)[:1]


class Code(StringField):
    plain_types = (str,)

    def accepts_plain(self, value: str) -> bool:
        return value < "b" and value.isascii()

    def _check(self, value: Any) -> None:
        super()._check(value)
        if not self.accepts_plain(value):
            self._fail_validation(value)


class Joined(StringField):
    """Text that may be given in pieces: a list of them is one value."""

    plain_types = (str,)

    def _check(self, value: Any) -> None:
        super()._check(self._to_stored(value))

    def _to_stored(self, value: Any) -> Any:
        return "".join(map(str, value)) if isinstance(value, (list, tuple)) else value


class Text(str):
    pass


SCALARS: list[Field[Any]] = [
    BoolField(),
    BoolField(validator=refuse_some),
    Code(),
    Code(validator=refuse_some),
    DateTimeField(),
    FewInts(),
    FloatField(),
    FloatField(max_value=2),
    FloatField(validator=refuse_some),
    IntField(),
    IntField(allow_none=True),
    IntField(min_value=2),
    IntField(wrap_validator=refuse_some),
    Joined(),
    Lower(),
    NumberField(int),
    ObjectIdField(),
    ObjectIdField(validator=refuse_some),
    RegExStringField("[a-c]"),
    Shouting(),
    StringField(),
    StringField(allow_none=True),
    StringField(max_length=2),
    StringField(min_length=1),
    StringField(validator=refuse_some),
]
FIELDS: list[Field[Any]] = [
    *SCALARS,
    *(kind(item) for kind in (ListField, SetField) for item in SCALARS),
    Firsts(StringField()),
    ListField(DateTimeField()),
    ListField(EnumField(IntField(), 1, 2)),
    ListField(ListField(IntField())),
    ListField(StringField(), max_capacity=1, validator=refuse_some),
    AnythingField(),
    ComputedField(IntField(), len),
    TupleField(IntField(), IntField()),
]
for number, field in enumerate(FIELDS):
    field.__set_name__(Field, f"f{number}")

VALUE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([2**63 - 1, 2**63, -(2**63), -(2**63) - 1]),
    st.integers(0, 9).map(Int64),
    st.floats(),
    st.text(),
    st.text("abc\ud800", max_size=3),
    st.text("abc").map(Text),
    st.just(ObjectId("5f0c5e3b8f1b2c3d4e5f6a7b")),
    st.just("5f0c5e3b8f1b2c3d4e5f6a7b"),
    st.binary(),
    st.datetimes(timezones=st.none() | st.just(timezone.utc)),
    st.lists(st.integers(0, 4) | st.text("ab"), max_size=3),
)


# What operators that take several values say besides.
ONE_BY_ONE = " Pass several values one by one, or all of them in one list."


def outcome(wrap: Any, value: Any) -> tuple[Any, ...]:
    """Give what comes of a value: the stored form with its type, or why it was refused."""
    try:
        wrapped = wrap(value)
    except BadValueException as refusal:
        # What to do about None is another thing in a query.
        reason = refusal.reason.replace(ONE_BY_ONE, "")
        return ("refused", reason.partition(". ")[0] if value is None else reason)
    return (type(wrapped), repr(wrapped))


def judged(field: Field[Any], values: Any) -> list[Any]:
    """Give what the field itself makes of several values."""
    is_one = field.is_valid_wrap(values)
    return [field.wrap_value(value) for value in ([values] if is_one else values)]


def only(expression: Any) -> Any:
    """Give what the only field of a condition is compared with."""
    [value] = expression._query.values()
    return value


# Each way to ask, and what it compares with.
WAYS: dict[str, Any] = {
    "==": lambda field, value: only(field == value),
    "!=": lambda field, value: only(field != value)["$ne"],
    "<": lambda field, value: only(field < value)["$lt"],
    "<=": lambda field, value: only(field <= value)["$lte"],
    ">": lambda field, value: only(field > value)["$gt"],
    ">=": lambda field, value: only(field >= value)["$gte"],
    "in_": lambda field, value: only(field.in_(value, value))["$in"][1],
    "nin": lambda field, value: only(field.nin(value, value))["$nin"][1],
    "all_": lambda field, value: only(field.all_(value, value))["$all"][1],
}


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: f"{type(field).__name__}-{field._name}")
@settings(max_examples=examples(60), deadline=None)
@given(value=VALUE)
@example(value=2**63)
@example(value="\ud800")
@example(value=True)
@example(value=float("nan"))
def test_a_query_wraps_as_the_field_does(field, value):
    """What a query field compares with is `wrap_value` of its field, whichever way it took."""
    query_field: Any = QueryField(field)

    wanted = outcome(field.wrap_value, value)
    for way in WAYS.values():
        assert outcome(partial(way, query_field), value) == wanted


@pytest.mark.parametrize("field", SCALARS, ids=lambda field: type(field).__name__)
@settings(max_examples=examples(60), deadline=None)
@given(
    values=st.lists(
        VALUE.filter(lambda value: not isinstance(value, (list, type(None)))), max_size=3
    ),
    kind=st.sampled_from([list, tuple]),
)
@example(values=["a", "b"], kind=list)
@example(values=[1, 2**63], kind=list)
def test_one_list_of_values_is_several_as_the_field_judges(field, values, kind):
    """A list is several values, unless the field takes it for one."""
    query_field: Any = QueryField(field)

    found = outcome(lambda given: only(query_field.in_(given))["$in"], kind(values))

    assert found == outcome(lambda given: judged(field, given), kind(values))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (BoolField(), True),
        (Code(), "a"),
        (DateTimeField(), datetime(2020, 1, 1)),
        (FloatField(), 1.5),
        (IntField(), 3),
        (ObjectIdField(), ObjectId()),
        (StringField(), "a"),
        (ListField(StringField()), "a"),
        (SetField(IntField()), 3),
    ],
)
def test_a_plain_value_takes_the_short_way(field, value):
    """The usual values of the usual fields are known without asking the field."""
    assert field._plain_values()[type(value)](value)
