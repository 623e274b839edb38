"""
What an application wrote is asked once about what is accepted, and always.

Members: validators and fields of its own, where a value of a document is set in another way (it is
computed, or the field has its own `set_value`), and where a name is no field's (an extra field, a
stored name, the name of what follows a reference), when made and when loaded; parts of a value,
beside one that has to be converted; a class that makes
its objects by a `__new__` of its own; a field of its own dates, with time zones.
"""

from __future__ import annotations

import copy
from datetime import datetime, timezone
from typing import Any

import pytest

from ommongo import (
    ComputedField,
    DateTimeField,
    DictField,
    Document,
    DocumentField,
    FloatField,
    IntField,
    ListField,
    SRefField,
    StringField,
    TupleField,
)
from ommongo.document._codec.interpreted import store_interpreted

ASKED: list[Any] = []


@pytest.fixture(autouse=True)
def _nothing_asked():
    ASKED.clear()


def ask(value):
    """Accept, and keep what was asked."""
    ASKED.append(value)


class OwnField(StringField):
    """A field of an application."""

    def validate_wrap(self, value):
        super().validate_wrap(value)
        ask(value)

    def unwrap(self, value, session=None):
        ask(value)
        return super().unwrap(value, session)


class TrimmedField(StringField):
    """A field that sets its values itself."""

    def set_value(self, instance, value, from_db=False):
        super().set_value(instance, value.strip(), from_db)


ASKING = {
    "validator": lambda: StringField(validator=ask),
    "own field": OwnField,
    "validator of items": lambda: ListField(StringField(validator=ask)),
    "own field of values": lambda: DictField(OwnField()),
}
VALUES = {"validator of items": ["a"], "own field of values": {"k": "a"}}


def asking_class(kind: str, **more: Any) -> Any:
    """Declare a class with a field that asks the application."""
    return type("Asking", (Document,), {"config_namespace": None, "asked": ASKING[kind](), **more})


@pytest.mark.parametrize("kind", ASKING)
@pytest.mark.parametrize(
    ("given", "more"),
    [
        ({"extra": 1}, {"config_extra_fields": "ignore"}),
        ({"other": "b"}, {"other": ComputedField(StringField(), lambda values: "b")}),
        ({"other": " b "}, {"other": TrimmedField()}),
        ({"d": "b"}, {"other": StringField(db_field="d"), "config_extra_fields": "ignore"}),
    ],
    ids=["extra", "computed", "own set_value", "stored name"],
)
def test_a_new_object_asks_once(kind, given, more):
    """Another way to set some value is no reason to ask about all of them twice."""
    cls = asking_class(kind, **more)

    cls(asked=VALUES.get(kind, "a"), **given)

    assert ASKED == ["a"]


def test_a_new_object_that_is_given_what_follows_a_reference_asks_once():
    """The name of the attribute that follows a reference is a keyword, too."""

    class Asking(Document):
        config_namespace = None
        asked = StringField(validator=ask)
        target_id = SRefField(IntTarget)
        target = target_id.rel()

    assert Asking(asked="a", target=IntTarget(number=1)).target_id == 1
    assert ASKED == ["a"]


class IntTarget(Document):
    config_namespace = None
    number = IntField(_id=True)


@pytest.mark.parametrize("kind", ASKING)
def test_a_loaded_object_with_extra_fields_asks_once(kind):
    """What is no field's is kept, without asking about the fields again."""
    cls = asking_class(kind, config_extra_fields="ignore")

    loaded = cls.unwrap({"asked": VALUES.get(kind, "a"), "extra": 1})

    assert loaded.get_extra_fields() == {"extra": 1}
    assert ASKED == ["a"]


MIXED: dict[str, tuple[Any, Any, Any]] = {
    "list": (ListField(FloatField(validator=ask)), [1.5, 2], [1.5, 2]),
    "list of lists": (ListField(ListField(FloatField(validator=ask))), [[1.5], [2]], [[1.5], [2]]),
    "dict": (DictField(FloatField(validator=ask)), {"a": 1.5, "b": 2}, {"a": 1.5, "b": 2}),
    "tuple": (TupleField(FloatField(validator=ask), FloatField()), (1.5, 2), [1.5, 2]),
    "pair": (TupleField(*[FloatField(validator=ask)] * 2), (1.5, 2), [1.5, 2]),
}


@pytest.mark.parametrize("kind", MIXED)
def test_the_parts_before_an_unusual_one_are_asked_once(kind):
    """A part that has to be converted is no reason to ask about those before it again."""
    field, given, stored = MIXED[kind]
    cls = type("Asking", (Document,), {"config_namespace": None, "asked": copy.copy(field)})
    asked = [1.5] if kind == "tuple" else [1.5, 2]

    document = cls(asked=given)
    assert ASKED == asked
    ASKED.clear()
    written = document.wrap()
    by_store = [*ASKED]
    ASKED.clear()
    assert written == store_interpreted(document)
    assert by_store == ASKED
    ASKED.clear()
    assert cls.unwrap({"asked": stored}).wrap() == written
    assert ASKED[: len(asked)] == asked
    assert ASKED[len(asked) :] == by_store


class Born(Document):
    """A class that makes its objects itself."""

    config_namespace = None
    born: Any
    number = IntField(required=False)

    def __new__(cls, *args, **kwargs):
        made = super().__new__(cls, *args, **kwargs)
        made.born = True
        return made


class Holder(Document):
    config_namespace = None
    one = DocumentField(Born)
    many = ListField(DocumentField(Born))


def test_a_class_makes_its_loaded_objects():
    """A `__new__` of the application's is called for every object, wherever it is."""
    loaded = Born.unwrap({"number": 1})
    holder = Holder.unwrap({"one": {}, "many": [{"number": 2}]})

    assert [born.born for born in (loaded, holder.one, *holder.many)] == [True] * 3
    assert (loaded.number, holder.many[0].number) == (1, 2)
    assert not loaded.get_dirty_ops()


class StampField(DateTimeField):
    """A field that says of its dates what `DateTimeField` says."""

    plain_types = (datetime,)


def test_own_dates_with_time_zones_are_aware():
    """A field that has to be asked about a condition is asked, whatever it says of its types."""

    class Stamped(Document):
        config_namespace = None
        at = StampField(use_tz=True)

    assert Stamped.unwrap({"at": datetime(2024, 8, 17)}).at.tzinfo is timezone.utc
    assert not StampField(use_tz=True).is_valid_wrap(datetime(2024, 8, 17))
