"""The generated load and store functions give exactly what the plain path gives."""

from __future__ import annotations

import copy
import math
import traceback
from datetime import datetime, timedelta, timezone
from typing import Any

import bson
import pytest
from bson import DBRef, Decimal128, Int64, ObjectId, Regex, Timestamp
from bson.binary import Binary
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ommongo import (
    AnythingField,
    BinaryField,
    BoolField,
    CreatedField,
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
    ModifiedField,
    ObjectIdField,
    RefField,
    RegExStringField,
    SetField,
    SRefField,
    StringField,
    TupleField,
    computed_field,
)
from ommongo.document._codec.interpreted import load_interpreted, store_interpreted
from tests.properties.drawn.outcomes import assert_same, exact, outcome
from tests.properties.drawn.own import (
    CodeField,
    PercentField,
    Session,
    StampField,
    TrimmedField,
    UpperField,
)
from tests.properties.examples import examples


class Inner(Document):
    """A document to be embedded, with free fields only."""

    config_namespace = None
    number = IntField(db_field="n")
    text = StringField(required=False)


class Judged(Document):
    """A document to be embedded, with fields that are asked, and a default."""

    config_namespace = None
    number = IntField(min_value=0)
    text = StringField(default="x", max_length=3)
    inner = DocumentField(Inner, required=False)


class Loose(Document):
    """A document to be embedded that keeps extra fields."""

    config_namespace = None
    config_extra_fields = "ignore"
    number = IntField(required=False)


class Shape(Document):
    """A document to be embedded that is one of two classes."""

    config_namespace = None
    config_polymorphic = "kind"
    config_polymorphic_identity = "shape"
    kind = StringField()


class Circle(Shape):
    """The other one."""

    config_polymorphic_identity = "circle"
    radius = IntField(required=False)


class Migrated(Document):
    """A document to be embedded with a hook."""

    config_namespace = None
    number = IntField(required=False)

    @classmethod
    def transform_incoming(cls, obj: dict[str, Any], session: Any) -> dict[str, Any]:
        if isinstance(obj.get("number"), str):
            obj["number"] = len(obj["number"])
        return obj


class Initialised(Document):
    """A document to be embedded with an ``__init__``."""

    config_namespace = None
    number = IntField(required=False)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.made = True


def no_x(value: Any) -> bool:
    """Refuse one value."""
    return value != "x"


def documents(*classes: Any) -> Any:
    """Stored forms of embedded documents, most of them right."""
    numbers = st.integers(0, 5) | st.just("abc")
    texts = st.sampled_from(["", "x", "abcd"])
    return st.fixed_dictionaries(
        {},
        optional={
            "n": numbers,
            "number": numbers,
            "text": texts,
            "kind": st.sampled_from(["shape", "circle", "other"]),
            "radius": st.integers(0, 3),
            "inner": st.fixed_dictionaries({}, optional={"n": numbers, "text": texts}),
        },
    )


TEXT = st.text(max_size=4) | st.sampled_from(["x", "aaa", " a ", "0123456789abcdef01234567"])
INT = st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 3) | st.builds(Int64, st.integers(-3, 3))
FLOAT = st.floats() | st.just(0.0)
DATE = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)).map(
    lambda date: date.replace(microsecond=date.microsecond // 1000 * 1000)
)
AWARE = DATE.map(lambda date: date.replace(tzinfo=timezone(timedelta(hours=7))))
OBJECT_ID = st.binary(min_size=12, max_size=12).map(ObjectId)
SCALAR = (
    st.none()
    | st.booleans()
    | TEXT
    | INT
    | FLOAT
    | DATE
    | AWARE
    | OBJECT_ID
    | st.binary(max_size=13)
    | st.builds(Binary, st.binary(max_size=3), st.just(0))
    | st.builds(DBRef, st.sampled_from(["Inner", "Other"]), OBJECT_ID)
    | st.sampled_from([Decimal128("1.5"), Timestamp(1, 1), Regex("a")])
)
UNSTORABLE = st.sampled_from([2**63, 2**70, -(2**63) - 1, "\ud800", "a\ud800", object, {1}])
ANY = st.recursive(
    SCALAR,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["a", "b", "n", "k", "v", "$x", "a.b"]), inner, max_size=3
        )
    ),
    max_leaves=5,
)
ITEMS = st.lists(st.integers(-3, 3) | TEXT | DATE | documents(), max_size=3)

KINDS: dict[str, tuple[Any, Any]] = {
    "string": (StringField, TEXT),
    "short string": (lambda **o: StringField(max_length=2, **o), TEXT),
    "pattern": (lambda **o: RegExStringField("a+", **o), TEXT),
    "judged string": (lambda **o: StringField(validator=no_x, **o), TEXT),
    "string judged when loaded": (lambda **o: StringField(unwrap_validator=no_x, **o), TEXT),
    "string judged when stored": (lambda **o: StringField(wrap_validator=no_x, **o), TEXT),
    "own string": (UpperField, TEXT),
    "own set_value": (TrimmedField, TEXT),
    "own plain string": (CodeField, TEXT),
    "own plain string, judged": (lambda **o: CodeField(validator=no_x, **o), TEXT),
    "own plain numbers": (PercentField, INT | FLOAT),
    "own plain date": (StampField, DATE | AWARE),
    "int": (IntField, INT),
    "bounded int": (lambda **o: IntField(min_value=0, max_value=2, **o), INT),
    "float": (FloatField, FLOAT | st.integers(-3, 3)),
    "bounded float": (lambda **o: FloatField(min_value=0.0, **o), FLOAT),
    "bool": (BoolField, st.booleans()),
    "date": (DateTimeField, DATE | AWARE),
    "bounded date": (lambda **o: DateTimeField(min_date=datetime(2000, 1, 1), **o), DATE),
    "date with zone": (lambda **o: DateTimeField(use_tz=True, **o), DATE | AWARE),
    "binary": (BinaryField, st.binary(max_size=3)),
    "object id": (ObjectIdField, OBJECT_ID),
    "anything": (AnythingField, ANY),
    "geo": (GeoField, st.lists(st.floats(-10, 10) | st.integers(-3, 3), min_size=1, max_size=3)),
    "enum": (lambda **o: EnumField(StringField(), "a", "x", **o), st.sampled_from(["a", "x", "b"])),
    "tuple": (
        lambda **o: TupleField(IntField(), StringField(), **o),
        st.tuples(INT, TEXT).map(list) | ITEMS,
    ),
    "list of strings": (lambda **o: ListField(StringField(), **o), st.lists(TEXT, max_size=3)),
    "list of ints": (lambda **o: ListField(IntField(), **o), st.lists(INT, max_size=3)),
    "list of floats": (lambda **o: ListField(FloatField(), **o), st.lists(FLOAT, max_size=3)),
    "list of bools": (lambda **o: ListField(BoolField(), **o), st.lists(st.booleans(), max_size=3)),
    "list of dates": (lambda **o: ListField(DateTimeField(), **o), st.lists(DATE, max_size=3)),
    "list of ids": (lambda **o: ListField(ObjectIdField(), **o), st.lists(OBJECT_ID, max_size=3)),
    "list of maybe ints": (
        lambda **o: ListField(IntField(allow_none=True), **o),
        st.lists(st.none() | INT, max_size=3),
    ),
    "list of bounded ints": (
        lambda **o: ListField(IntField(min_value=0), **o),
        st.lists(st.integers(-1, 3), max_size=3),
    ),
    "short list": (
        lambda **o: ListField(IntField(), min_capacity=1, max_capacity=2, **o),
        st.lists(INT, max_size=3),
    ),
    "list of lists": (
        lambda **o: ListField(ListField(StringField()), **o),
        st.lists(st.lists(TEXT, max_size=2), max_size=2),
    ),
    "list of anything": (lambda **o: ListField(AnythingField(), **o), st.lists(ANY, max_size=2)),
    "list of own plain": (lambda **o: ListField(PercentField(), **o), st.lists(INT, max_size=3)),
    "list of own": (lambda **o: ListField(UpperField(), **o), st.lists(TEXT, max_size=2)),
    "set": (lambda **o: SetField(StringField(), **o), st.lists(TEXT, max_size=3)),
    "dict": (
        lambda **o: DictField(IntField(), **o),
        st.dictionaries(st.sampled_from(["a", "b", "$x", "a.b"]), INT, max_size=3),
    ),
    "dict of documents": (
        lambda **o: DictField(DocumentField(Inner), **o),
        st.dictionaries(st.sampled_from(["a", "b"]), documents(), max_size=2),
    ),
    "pairs": (
        lambda **o: KVField(IntField(), StringField(), **o),
        st.lists(
            st.fixed_dictionaries({}, optional={"k": INT | st.none(), "v": TEXT, "w": TEXT}),
            max_size=2,
        ),
    ),
    "ref": (lambda **o: RefField(Inner, **o), st.builds(DBRef, st.just("Inner"), OBJECT_ID)),
    "any ref": (RefField, st.builds(DBRef, st.just("Other"), OBJECT_ID)),
    "id ref": (lambda **o: SRefField(Inner, **o), OBJECT_ID),
    **{
        f"embedded {cls.__name__}": (
            lambda cls=cls, **o: DocumentField(cls, **o),
            documents(),
        )
        for cls in (Inner, Judged, Loose, Shape, Migrated, Initialised)
    },
    **{
        f"list of {cls.__name__}": (
            lambda cls=cls, **o: ListField(DocumentField(cls), **o),
            st.lists(documents(), max_size=3),
        )
        for cls in (Inner, Judged, Loose, Shape, Migrated, Initialised)
    },
}
"""Name to a function that makes the field, and a strategy of stored values that mostly fit it."""


@st.composite
def classes(draw: Any, kind: str) -> Any:
    """Document classes with a field of one kind, few others, and any settings."""
    kinds = [kind, *draw(st.lists(st.sampled_from(sorted(KINDS)), max_size=2))]
    body: dict[str, Any] = {
        "config_namespace": None,
        "config_extra_fields": draw(st.sampled_from(["error", "ignore"])),
        "kinds": {},
    }
    for number, kind in enumerate(kinds):
        name = f"f{number}"
        options: dict[str, Any] = {"optional": True}
        if draw(st.integers(0, 3)):
            options = {"required": draw(st.booleans()), "allow_none": draw(st.booleans())}
        if draw(st.booleans()):
            options["db_field"] = f"d{number}"
        body[name] = KINDS[kind][0](**options)
        body["kinds"][name] = kind
    if draw(st.booleans()):
        body["defaulted"] = ListField(IntField(), default=[1])
    if draw(st.booleans()):
        body["plain_default"] = StringField(default=draw(st.sampled_from(["a", None])))
    return type("Generated", (Document,), body)


@st.composite
def stored_data(draw: Any, cls: Any) -> dict[str, Any]:
    """Stored data of a class: fields in any order, missing, wrong, and beside them extra ones."""
    names = draw(st.permutations(sorted(cls.kinds)))
    raw: dict[str, Any] = {}
    if draw(st.booleans()):
        raw["_id"] = draw(st.one_of(*[OBJECT_ID] * 9, SCALAR))
    for name in names:
        # The first field is the one that is looked at; others mostly let it come to that.
        odds = 8 if name == "f0" else 30
        how = draw(st.sampled_from(["right"] * odds + ["missing", "missing", "wrong", "none"]))
        if how == "missing":
            continue
        stored = cls.get_fields()[name].db_field
        if how == "right":
            raw[stored] = draw(KINDS[cls.kinds[name]][1])
        else:
            raw[stored] = None if how == "none" else draw(SCALAR | ANY | ITEMS)
    if draw(st.integers(0, 9)) == 0:
        raw[draw(st.sampled_from(["extra", "f0", "d0", "mongo_id", "$x", "a.b"]))] = draw(ANY)
    return raw


# How long an example takes is the business of the machine.
WITHOUT_TIMING = settings(
    deadline=None, max_examples=examples(25), suppress_health_check=[HealthCheck.too_slow]
)
EACH_KIND = pytest.mark.parametrize("kind", KINDS)


@EACH_KIND
@given(data=st.data())
@WITHOUT_TIMING
def test_loading_gives_what_the_plain_path_gives(data, kind):
    """Same values, same types, same state, or the same exception with the same message."""
    cls = data.draw(classes(kind))
    session = data.draw(st.sampled_from([None, Session()]))
    for raw in data.draw(st.lists(stored_data(cls), min_size=1, max_size=4)):
        generated = outcome(cls._codec.load, copy.deepcopy(raw), session)
        plain = outcome(load_interpreted, cls, copy.deepcopy(raw), session)

        assert_same(generated, plain)
        if generated[0] == "gave":
            assert_same(outcome(generated[1].get_dirty_ops), outcome(plain[1].get_dirty_ops))


@EACH_KIND
@given(data=st.data())
@WITHOUT_TIMING
def test_storing_a_loaded_document_gives_what_the_plain_path_gives(data, kind):
    """What was loaded is stored alike, in the same order of keys, by both ways."""
    cls = data.draw(classes(kind))
    for raw in data.draw(st.lists(stored_data(cls), min_size=1, max_size=4)):
        one, other = (outcome(load_interpreted, cls, copy.deepcopy(raw), None) for _ in range(2))
        if one[0] == "gave":
            assert_same(outcome(cls._codec.store, one[1]), outcome(store_interpreted, other[1]))


@EACH_KIND
@given(data=st.data())
@WITHOUT_TIMING
def test_storing_whatever_values_gives_what_the_plain_path_gives(data, kind):
    """Values that came in past every check are stored or refused alike by both ways."""
    cls = data.draw(classes(kind))
    values: dict[str, Any] = {}
    embedded = st.builds(Inner, number=st.integers(0, 3)) | st.builds(Judged) | st.builds(Circle)
    for name in cls.get_fields():
        if data.draw(st.integers(0, 4)):
            right = KINDS[cls.kinds[name]][1] if name in cls.kinds else OBJECT_ID
            values[name] = data.draw(
                st.one_of(
                    right,
                    right,
                    right,
                    ANY,
                    UNSTORABLE,
                    embedded,
                    st.lists(embedded | SCALAR | UNSTORABLE, max_size=2),
                    st.tuples(TEXT, INT),
                    st.frozensets(TEXT, max_size=2),
                )
            )
    one, other = cls(), cls()
    vars(one).update(copy.deepcopy(values))
    vars(other).update(copy.deepcopy(values))

    assert_same(outcome(cls._codec.store, one), outcome(store_interpreted, other))


@EACH_KIND
@given(data=st.data())
@WITHOUT_TIMING
def test_making_gives_what_the_plain_path_gives(data, kind):
    """Values that are taken together are those that each field takes, and held as it holds them."""
    cls = data.draw(classes(kind))
    values: dict[str, Any] = {}
    embedded = st.builds(Inner, number=st.integers(0, 3)) | st.builds(Judged) | st.builds(Circle)
    for name in [*cls.get_fields(), "unknown"]:
        if data.draw(st.integers(0, 4 if name != "unknown" else 1)):
            right = KINDS[cls.kinds[name]][1] if name in cls.kinds else OBJECT_ID
            values[name] = data.draw(st.one_of(right, right, ANY, UNSTORABLE, embedded, ITEMS))

    made = cls._codec.judge(copy.deepcopy(values))

    if made is not None:
        assert_same(("gave", made), outcome(plainly_made, cls, values))


def plainly_made(cls: Any, values: dict[str, Any]) -> Any:
    """Make a document field by field."""
    document = cls.__new__(cls)
    for name, value in copy.deepcopy(values).items():
        cls._fields[name].set_value(document, value)
    return document


def test_values_that_all_plain_fields_take_are_taken_together():
    """The quick way is the one that is gone: it does not leave everything to the plain path."""
    cls = type(
        "AllPlain",
        (Document,),
        {
            "config_namespace": None,
            "text": StringField(),
            "number": IntField(),
            "texts": ListField(StringField()),
            "inner": DocumentField(Inner),
        },
    )
    values = {"text": "é", "number": 3, "texts": ["a", ""], "inner": Inner(number=1)}

    assert cls._codec.judge(dict(values)) is not None
    assert cls._codec.judge({"text": "a", "number": 2**63}) is None
    assert cls._codec.judge({**values, "texts": ["a", 3]}) is None
    assert cls._codec.judge({**values, "unknown": 3}) is None
    # One that is wanted is missing, and another one is there.
    assert cls._codec.judge({**values, "mongo_id": 3}) is None


NOW = datetime(2020, 2, 29, 12, 30, 45, 123000)
SAMPLES: list[Any] = [
    None,
    True,
    False,
    0,
    1,
    -1,
    2,
    3,
    Int64(1),
    Int64(-1),
    2**31,
    2**63 - 1,
    -(2**63),
    2**63,
    0.0,
    -0.0,
    1.0,
    -1.5,
    math.nan,
    math.inf,
    -math.inf,
    "",
    "a",
    "aaa",
    "x",
    "b",
    " a ",
    "é",
    "\ud800",
    "0123456789abcdef01234567",
    b"",
    b"0123456789ab",
    Binary(b"a", 0),
    Binary(b"a", 5),
    Binary(bytes(16), 4),
    ObjectId("0123456789abcdef01234567"),
    NOW,
    NOW.replace(microsecond=123456),
    NOW.replace(tzinfo=timezone.utc),
    NOW.replace(tzinfo=timezone(timedelta(hours=7))),
    datetime(1999, 12, 31),
    DBRef("Inner", ObjectId("0123456789abcdef01234567")),
    DBRef("Inner", ObjectId("0123456789abcdef01234567"), "elsewhere"),
    DBRef("Other", 1),
    Decimal128("1.5"),
    Timestamp(1, 1),
    Regex("a"),
    [],
    [None],
    [1],
    [1, 2, 3],
    [1, "a"],
    [1.0, 2],
    [True],
    [1.5, -2.5],
    [math.nan],
    [-1],
    ["a", "b"],
    ["a", "a"],
    ["a", "\ud800"],
    [[]],
    [["a"], []],
    [[1]],
    [NOW],
    [b"a"],
    [ObjectId("0123456789abcdef01234567")],
    ["0123456789abcdef01234567"],
    [2**63],
    (1, "a"),
    ("a",),
    {"a"},
    frozenset({1}),
    {},
    {"a": 1},
    {"a": None},
    {"a": {"n": 1}},
    {1: "a"},
    {"$x": 1},
    {"a.b": 1},
    {"n": 1},
    {"n": 1, "text": "x"},
    {"n": "1"},
    {"number": 1},
    {"number": -1},
    {"number": "abc"},
    {"number": 1, "inner": {"n": 1}},
    {"number": 1, "inner": {"n": "1"}},
    {"number": 1, "text": "abcd"},
    {"kind": "circle", "radius": 1},
    {"kind": "shape", "radius": 1},
    {"kind": "other"},
    [{}],
    [{"n": 1}, {"n": 2, "text": "x"}],
    [{"n": 1}, {"n": "2"}],
    [{"n": 1}, {"extra": 2}],
    [{"n": 1}, None],
    [{"n": 1}, []],
    [{"number": 1}, {"number": -1}],
    [{"number": 1}, {"number": "abc"}],
    [{"kind": "circle"}, {"kind": "shape"}],
    [{"k": 1, "v": "a"}],
    [{"k": 1}],
    [{"k": None, "v": "a"}],
    [{"k": "a", "v": 1}],
    [[1, "a"]],
    Inner(number=1),
    Inner(),
    Judged(number=1),
    Judged(number=1, inner=Inner(number=1)),
    Circle(radius=1),
    Loose(extra=1),
    Initialised(number=1),
    [Inner(number=1), Inner(number=2, text="x")],
    [Inner(number=1), Inner()],
    [Inner(number=1), Judged(number=1)],
    [Shape(), Circle(radius=1)],
    {"a": Inner(number=1)},
    object(),
]
"""Values of every type and of every border case."""


def as_loaded(samples: list[Any]) -> list[Any]:
    """Give those of *samples* that can be stored, as the driver loads them."""
    loaded = []
    for sample in samples:
        try:
            data = bson.encode({"sample": sample})
        except (bson.errors.InvalidDocument, OverflowError, UnicodeEncodeError):
            continue
        loaded.append(bson.decode(data)["sample"])
    return loaded


LOADED_SAMPLES = as_loaded(SAMPLES)


@EACH_KIND
@pytest.mark.parametrize("allow_none", [False, True], ids=["no None", "None allowed"])
@pytest.mark.parametrize("required", [False, True], ids=["optional", "required"])
def test_each_sample_is_treated_as_in_the_plain_path(kind, allow_none, required):
    """One field of each kind, alone in its class, loads and stores each sample alike."""
    field = KINDS[kind][0](allow_none=allow_none, required=required, db_field="stored")
    cls = type("Single", (Document,), {"config_namespace": None, "field": field})
    for sample in LOADED_SAMPLES:
        generated = outcome(cls._codec.load, {"stored": copy.deepcopy(sample)}, None)
        plain = outcome(load_interpreted, cls, {"stored": copy.deepcopy(sample)}, None)
        assert_same(generated, plain)
        if generated[0] == "gave":
            one = outcome(cls._codec.store, generated[1])
            assert_same(one, outcome(store_interpreted, plain[1]))

    for sample in SAMPLES:
        one, other = cls(), cls()
        vars(one)["field"], vars(other)["field"] = copy.deepcopy(sample), copy.deepcopy(sample)
        assert_same(outcome(cls._codec.store, one), outcome(store_interpreted, other))


class Stamped(Document):
    """A class with the fields that make their own values."""

    config_namespace = None
    first = StringField(required=False)
    created = CreatedField()
    modified = ModifiedField()

    @computed_field(StringField(), deps=["first"])
    def upper(values: Any) -> Any:
        return values.get("first", "").upper()

    @computed_field(IntField(), one_time=True)
    def once(values: Any) -> Any:
        return 7


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "first": TEXT | SCALAR,
            "created": DATE | SCALAR,
            "modified": DATE | SCALAR,
            "upper": TEXT | SCALAR,
            "once": INT | SCALAR,
        },
    )
)
@example({})
@settings(WITHOUT_TIMING, max_examples=examples(100))
def test_fields_that_make_their_values_load_and_store_as_in_the_plain_path(raw):
    """Computed, created and modified fields come out of both ways alike."""
    generated = outcome(Stamped._codec.load, copy.deepcopy(raw), None)
    plain = outcome(load_interpreted, Stamped, copy.deepcopy(raw), None)
    assert_same(generated, plain)
    if generated[0] == "raised":
        return

    one = outcome(Stamped._codec.store, generated[1])
    other = outcome(store_interpreted, plain[1])
    assert one[0] == other[0]
    if one[0] == "raised":
        assert one == other
        return
    now = {name for name in ("created", "modified") if name not in raw} | {"modified"}
    for stored in (one[1], other[1]):
        assert all(type(stored.pop(name)) is datetime for name in now)
    assert exact(one[1]) == exact(other[1])


@pytest.mark.parametrize("function", ["load", "store"])
def test_a_traceback_shows_the_generated_source(function):
    """Where a field of the application fails, the traceback has the line that called it."""

    class BrokenField(StringField):
        def unwrap(self, value: Any, session: Any = None) -> Any:
            raise ZeroDivisionError

        def wrap(self, value: Any) -> Any:
            raise ZeroDivisionError

    class Broken(Document):
        config_namespace = None
        text = BrokenField()

    with pytest.raises(ZeroDivisionError) as caught:
        if function == "load":
            Broken.unwrap({"text": "a"})
        else:
            Broken(text="a").wrap()

    frames = traceback.extract_tb(caught.value.__traceback__)
    written = [frame for frame in frames if frame.filename.startswith("<ommongo")]
    assert written
    assert all("Broken" in frame.filename and frame.line for frame in written)
