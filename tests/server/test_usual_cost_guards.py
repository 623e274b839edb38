"""
What a condition costs, counted and not timed: functions of the library called.

No condition takes a class off the code that is generated for it. A class with a field of each kind
is made, stored, loaded, saved in bulk and updated, and so is the same class without the condition;
the kinds are the keys of *KINDS*. Two classes as applications write them are held as a whole.
"""

from __future__ import annotations

import copy
import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import partial
from typing import Any

import pytest
from bson import DBRef, ObjectId

from ommongo import (
    AnythingField,
    BinaryField,
    BoolField,
    DateTimeField,
    DictField,
    Document,
    DocumentField,
    EnumField,
    FloatField,
    GeoField,
    IntField,
    KVField,
    ListField,
    ObjectIdField,
    RefField,
    RegExStringField,
    SetField,
    SRefField,
    StringField,
    TupleField,
)
from ommongo.fields import Field
from tests import calls

SIZES = (3, 20, 30)


@dataclass(frozen=True)
class Costs:
    """
    Calls for each document.

    Attributes:
        made: To construct it, validated.
        stored: To make its stored form.
        loaded: To load it from a query.
        saved: To save it in a bulk.
        updated: To change a number of it, and store that in a block, after it was loaded.
        updated_after_save: The same, after this session has saved it.
    """

    made: float = 0
    stored: float = 0
    loaded: float = 0
    saved: float = 0
    updated: float = 0
    updated_after_save: float = 0

    def beyond(self, allowed: Costs) -> dict[str, tuple[float, float]]:
        """Give what is more than is allowed, with that."""
        pairs = {name: (value, getattr(allowed, name)) for name, value in vars(self).items()}
        return {name: pair for name, pair in pairs.items() if pair[0] > pair[1]}

    def without(self, other: Costs) -> Costs:
        """Give how much more each is than another's."""
        return Costs(**{name: value - getattr(other, name) for name, value in vars(self).items()})


def costs_of(session: Any, make: Callable[[], Document]) -> Costs:
    """Count the calls that one more document of a class costs; *make* makes one of age 1."""
    documents = {number: [make() for _ in range(number)] for number in SIZES}
    cls: Any = type(documents[SIZES[0]][0])

    def save(number: int) -> None:
        for document in documents[number]:
            session.add(document)
        session.flush()

    def update(some: list[Any]) -> None:
        with session:
            for document in some:
                document.age += 1
                session.update(document)

    calls_each = partial(calls.calls_each, sizes=SIZES)
    made = calls_each(lambda number: [make() for _ in range(number)])
    stored = calls_each(lambda number: [one.wrap() for one in documents[number]])
    saved = calls_each(save)
    loaded = calls_each(lambda number: session.query(cls).limit(number).all())
    again = {number: session.query(cls).limit(number).all() for number in SIZES}
    updated_after_save = calls_each(lambda number: update(documents[number]))
    assert session.db[cls.get_collection_name()].count_documents({"age": 2}) == sum(SIZES)
    session.query(cls).set(cls.age, 1).multi().execute()
    updated = calls_each(lambda number: update(again[number]))
    assert session.db[cls.get_collection_name()].count_documents({"age": 2}) == SIZES[-1]
    return Costs(made, stored, loaded, saved, updated, updated_after_save)


# -- each condition alone ---------------------------------------------------------------------


class Part(Document):
    config_namespace = None

    text = StringField(max_length=9)


def judge(value: Any) -> bool:
    """Judge nothing: a validator's own work is the application's."""
    return value is not None


MISSING = object()
AWARE = datetime(2020, 4, 21, 7, tzinfo=timezone.utc)

Kind = tuple[Callable[[], Field[Any]], Any, Costs]

# A field, its value, and the calls that it is allowed beside those of a text without a condition.
KINDS: dict[str, Kind] = {
    "min_length": (lambda: StringField(min_length=1), "x", Costs()),
    "max_length": (lambda: StringField(max_length=9), "x", Costs()),
    "regex": (lambda: RegExStringField(r"x$"), "x", Costs()),
    "bounds of an int": (lambda: IntField(min_value=0, max_value=9), 3, Costs()),
    "bounds of a float": (lambda: FloatField(min_value=0, max_value=9), 3.5, Costs()),
    "bounds of a date": (
        lambda: DateTimeField(min_date=datetime(2000, 1, 1)),
        datetime(2020, 4, 21),
        Costs(),
    ),
    "use_tz": (lambda: DateTimeField(use_tz=True), AWARE, Costs(loaded=7)),
    "enum": (lambda: EnumField(StringField(), "x", "y"), "x", Costs()),
    "bool": (BoolField, True, Costs()),
    "binary": (BinaryField, b"x", Costs(stored=6, loaded=8, saved=6)),
    "object id": (ObjectIdField, ObjectId(), Costs()),
    "geo": (GeoField, (1.0, 2.0), Costs(stored=21, loaded=26, saved=21, updated_after_save=25)),
    "validator": (lambda: StringField(validator=judge), "x", Costs()),
    "wrap_validator": (lambda: StringField(wrap_validator=judge), "x", Costs()),
    "unwrap_validator": (
        lambda: StringField(unwrap_validator=judge),
        "x",
        Costs(stored=16, saved=16),
    ),
    "db_field": (lambda: StringField(db_field="v"), "x", Costs()),
    "optional": (lambda: StringField(optional=True), "x", Costs()),
    "optional, missing": (lambda: StringField(optional=True), MISSING, Costs()),
    "optional, None": (lambda: StringField(optional=True), None, Costs()),
    "not required": (lambda: StringField(required=False), "x", Costs()),
    "not required, missing": (lambda: StringField(required=False), MISSING, Costs()),
    "allow_none": (lambda: StringField(allow_none=True), None, Costs()),
    "default": (
        lambda: StringField(default="x"),
        MISSING,
        Costs(stored=14, saved=8),
    ),
    "default, given": (lambda: StringField(default="x"), "y", Costs()),
    "default_f": (
        lambda: StringField(default_f=lambda: "x"),
        MISSING,
        Costs(stored=14, saved=8),
    ),
    "anything": (AnythingField, "x", Costs(updated_after_save=4)),
    "dict": (lambda: DictField(StringField()), {"k": "x"}, Costs(updated_after_save=4)),
    "dict of ints with bounds": (
        lambda: DictField(IntField(min_value=0)),
        {"k": 1},
        Costs(updated_after_save=4),
    ),
    "key and value": (
        lambda: KVField(StringField(), IntField()),
        {"k": 1},
        Costs(made=24, stored=34, loaded=35, saved=34, updated_after_save=38),
    ),
    "list": (lambda: ListField(StringField()), ["x"], Costs(updated=3, updated_after_save=7)),
    "list of texts with bounds": (
        lambda: ListField(StringField(max_length=9)),
        ["x"],
        Costs(updated=3, updated_after_save=7),
    ),
    "list with bounds": (
        lambda: ListField(StringField(), min_capacity=1, max_capacity=9),
        ["x"],
        Costs(updated_after_save=4),
    ),
    "list of enums": (
        lambda: ListField(EnumField(StringField(), "x")),
        ["x"],
        Costs(updated=3, updated_after_save=7),
    ),
    "set": (
        lambda: SetField(StringField()),
        {"x"},
        Costs(stored=18, saved=18, updated_after_save=22),
    ),
    "tuple": (
        lambda: TupleField(StringField(), IntField()),
        ("x", 1),
        Costs(stored=23, loaded=28, saved=23, updated_after_save=27),
    ),
    "embedded": (
        lambda: DocumentField(Part),
        lambda: Part(text="x"),
        Costs(made=2, stored=1, loaded=1, saved=3, updated=2, updated_after_save=8),
    ),
    "list of embedded": (
        lambda: ListField(DocumentField(Part)),
        lambda: [Part(text="x")],
        Costs(made=2, stored=1, loaded=1, saved=7, updated=3, updated_after_save=8),
    ),
    "dict of embedded": (
        lambda: DictField(DocumentField(Part)),
        lambda: {"k": Part(text="x")},
        Costs(made=2, stored=1, loaded=1, saved=7, updated=3, updated_after_save=8),
    ),
    "reference by id": (
        lambda: SRefField(Part),
        ObjectId(),
        Costs(),
    ),
    "reference": (RefField, DBRef("Part", ObjectId()), Costs()),
    "list of references": (
        lambda: ListField(SRefField(Part)),
        [ObjectId()],
        Costs(updated_after_save=4),
    ),
}


def class_with(name: str, field: Field[Any]) -> Any:
    """Make a class of a number and another field."""
    body = {
        "config_namespace": None,
        "config_collection_name": name,
        "__module__": __name__,
        "age": IntField(),
        "value": field,
    }
    return type(Document)(name, (Document,), body)


def maker(cls: Any, value: Any) -> Callable[[], Document]:
    """Give what makes documents of such a class, each with a value of its own."""
    if value is MISSING:
        return lambda: cls(age=1)
    if callable(value):
        return lambda: cls(age=1, value=value())
    return lambda: cls(age=1, value=copy.copy(value))


@pytest.fixture(scope="module", autouse=True)
def _small_heap() -> Iterator[None]:
    """Have the collector, which is asked before each count, pass over what was there before."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


_COUNTED: dict[str, Costs] = {}


@pytest.fixture
def plain(session) -> Costs:
    """Give what the class without a condition costs, counted once."""
    if not _COUNTED:
        _COUNTED["plain"] = costs_of(session, maker(class_with("Plain", StringField()), "x"))
    return _COUNTED["plain"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_condition_takes_no_class_off_the_generated_way(session, plain, kind):
    """A class with a condition costs the calls of one without, but for what is said here."""
    field, value, allowed = KINDS[kind]
    found = costs_of(session, maker(class_with("Conditioned", field()), value))

    assert found.without(plain).beyond(allowed) == {}


# -- whole classes ----------------------------------------------------------------------------


class Book(Document):
    """The book of the README, with an age in the place of a year."""

    config_namespace = None

    title = StringField(min_length=1)
    age = IntField(min_value=0)
    tags = ListField(StringField(), default_empty=True)


class Place(Document):
    config_namespace = None

    label = StringField(max_length=20)
    street = StringField(min_length=1)


class Member(Document):
    """As applications write it: a condition in nearly every field."""

    config_namespace = None

    name = StringField(min_length=1, max_length=100)
    email = StringField(max_length=254, validator=judge)
    age = IntField(min_value=0, max_value=50_000)
    height = FloatField(min_value=0.2, max_value=3.0)
    level = EnumField(StringField(), "guest", "member", "board")
    country = StringField(default="Indonesia")
    settings = DictField(StringField())
    phone = StringField(optional=True)
    club = SRefField(Part)
    joined = DateTimeField(use_tz=True)
    places = ListField(DocumentField(Place))


CLUB = ObjectId()


def make_book() -> Book:
    """Make a book as the README does."""
    return Book(title="Bumi Manusia", age=1, tags=["novel"])


def make_member() -> Member:
    """Make a member of two places, whose country is the default."""
    return Member(
        name="Kartini",
        email="kartini@example.org",
        age=1,
        height=1.6,
        level="board",
        settings={"theme": "dark"},
        phone="+62 1",
        club=CLUB,
        joined=AWARE,
        places=[Place(label="home", street="x"), Place(label="work", street="y")],
    )


# As many as there were when this was written. What a better way makes too high is to be lowered.
WHOLE: dict[str, tuple[Callable[[], Document], Costs]] = {
    "book": (make_book, Costs(2, 2, 1, 14, 38, 49)),
    "member": (make_member, Costs(6, 18, 10, 24, 41, 52)),
}


@pytest.mark.parametrize("name", WHOLE)
def test_calls_for_a_document_of_a_usual_class(session, name):
    """Documents with conditions cost a fixed number of calls, and few."""
    make, allowed = WHOLE[name]

    assert costs_of(session, make).beyond(allowed) == {}
