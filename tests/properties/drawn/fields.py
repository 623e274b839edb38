"""Fields as source: each class, with whatever it may be declared with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from functools import partial
from typing import Any

from hypothesis import strategies as st

from tests.properties.drawn import values as v
from tests.properties.drawn.own import NAMES, VALIDATORS

__all__ = ["KINDS", "Drawn", "Place", "as_dict", "as_list", "display", "fields", "plain_fields"]

Source = st.SearchStrategy[str]
pick = st.sampled_from


@dataclass(frozen=True)
class Drawn:
    """
    A field that was drawn.

    Attributes:
        source: How it is declared.
        right: Values that it mostly accepts.
        near: Values that it may or may not accept.
        is_hashable: Whether its values are.
    """

    source: str
    right: Source
    near: Source
    is_hashable: bool = True

    @property
    def values(self) -> Source:
        """Values of any kind, most of them right."""
        return st.one_of(*[self.right] * 12, self.near, self.near, v.ANYTHING)

    @property
    def wrong(self) -> Source:
        """Values of any kind, most of them not quite right."""
        return st.one_of(self.near, self.near, self.near, self.right, v.ANYTHING)


@dataclass(frozen=True)
class Place:
    """
    Where a field is declared.

    Attributes:
        number: The number of the field in its class.
        depth: How deep its values may be.
        embedded: Classes that may be embedded: name, and source of right and of other objects.
        is_inner: Whether it is a field of what is in a value.
    """

    number: int
    depth: int = 0
    embedded: tuple[tuple[str, Source, Source], ...] = ()
    is_inner: bool = False

    @property
    def below(self) -> Place:
        """The place of the items of a field that is declared here."""
        return replace(self, depth=self.depth - 1, is_inner=True)


def declared(kind: str, *parts: str | None) -> str:
    """Give the source of a field."""
    return f"{kind}({', '.join(part for part in parts if part)})"


# -- what every field may be declared with --------------------------------------------------------

_PRESENCE = [
    *("", "", "", "required=True", "required=False", "optional=True", "optional=True"),
    *("allow_none=True", "required=False, allow_none=True", "default", "default", "default_f"),
    *("default=None", "default=None, required=False"),
]


def options(draw: Any, place: Place, right: Source) -> list[str]:
    """Draw options of every field; an item has a few of them only."""
    given: list[str] = []
    if draw(st.integers(0, 4)) == 0:
        name = draw(pick(["validator", "wrap_validator", "unwrap_validator"]))
        given.append(f"{name}={draw(pick(VALIDATORS))}")
    if place.is_inner:
        return [*given, *(["allow_none=True"] if draw(st.integers(0, 3)) == 0 else [])]
    if draw(st.booleans()):
        number = place.number
        names = (f"d{number}", f"d {number}'\"", f"{number}", f"é{number}")
        given.append(f"db_field={draw(pick(names))!r}")
    if draw(st.integers(0, 5)) == 0:
        given.append(draw(pick(["on_update='ignore'", "on_update='$unset'"])))
    if draw(st.integers(0, 5)) == 0:
        given.append("counts_version=False")
    presence = draw(pick(_PRESENCE))
    if presence == "default":
        presence = f"default={draw(right)}"
    elif presence == "default_f":
        presence = f"default_f=lambda: {draw(right)}"
    return [*given, presence]


def bounds(draw: Any, low: str, high: str, choices: Sequence[str]) -> dict[str, str]:
    """Draw bounds, in order: their source by name."""
    given = {name: draw(pick(choices)) for name in (low, high) if draw(st.booleans())}
    if len(given) == 2 and is_greater(given[low], given[high]):
        given[low], given[high] = given[high], given[low]
    return given


def is_greater(one: str, other: str) -> bool:
    """Tell whether one bound is greater than another."""
    first, second = eval(one, NAMES), eval(other, NAMES)
    if isinstance(first, datetime):
        first, second = (
            date.replace(tzinfo=date.tzinfo or timezone.utc) for date in (first, second)
        )
    return bool(first > second)


def written(limits: Mapping[str, str]) -> list[str]:
    """Give bounds as arguments."""
    return [f"{name}={bound}" for name, bound in limits.items()]


# -- one value ------------------------------------------------------------------------------------

LENGTHS = ["0", "1", "2", "3", "-1", "10**30", "Level.HIGH", "Int64(2)"]
INTS = ["0", "1", "-1", "2", "-3", "2**31", "2**63 - 1", "-2**63", "10**30", "Level.HIGH"]
FLOATS = ["0.0", "-0.0", "0.5", "1.5", "1e300", "inf", "-inf", "nan", "Int64(1)", "Real(1.0)"]


@st.composite
def numbers(draw: Any, kind: str, choices: Sequence[str], first: str, place: Place) -> Drawn:
    """Numbers with any bounds."""
    limits = bounds(draw, "min_value", "max_value", choices)
    least = eval(limits.get("min_value", "-inf"), NAMES)
    greatest = eval(limits.get("max_value", "inf"), NAMES)
    usual = [repr(1.0 * n) if choices is not INTS else repr(n) for n in range(-3, 4)]
    right = pick([n for n in usual if least <= eval(n) <= greatest] or usual)
    beside = [
        form.format(bound)
        for bound in limits.values()
        for form in ("{}", "({}) + 1", "({}) - 1", "float({})", "({}) + 0.5", "Number({})")
    ]
    source = declared(kind, first, *written(limits), *options(draw, place, right))
    return Drawn(source, right, st.one_of(pick(v.INTS_NEAR), pick(beside or usual)))


@st.composite
def texts(draw: Any, kind: str, patterns: Sequence[str], place: Place) -> Drawn:
    """Text with any bounds."""
    limits = bounds(draw, "min_length", "max_length", LENGTHS)
    least = eval(limits.get("min_length", "0"), NAMES)
    most = eval(limits.get("max_length", "99"), NAMES)
    fitting = [text for text in v.TEXTS if least <= len(eval(text)) <= most] or v.TEXTS
    if patterns:
        fitting = [text for text in fitting if text.startswith("'a")] or fitting
    pattern = draw(pick(patterns)) if patterns else None
    given = options(draw, place, right := pick(fitting))
    source = declared(kind, pattern, *written(limits), *given)
    return Drawn(source, right, pick([*v.TEXTS, *v.TEXTS_NEAR]))


@st.composite
def simple(
    draw: Any, kind: str, right: Sequence[str], near: Sequence[str], setting: str, place: Place
) -> Drawn:
    """Values of a few kinds."""
    given = options(draw, place, pick(right))
    if setting:  # a default of its own
        given = [part for part in given if "default" not in part and "optional" not in part]
    return Drawn(declared(kind, setting, *given), pick(right), pick([*right, *near]))


@st.composite
def dates(draw: Any, kind: str, place: Place) -> Drawn:
    """Dates with any bounds, and time zones."""
    limits: dict[str, str] = {}
    if draw(st.booleans()):
        limits = bounds(draw, "min_date", "max_date", [*v.DATES, *v.DATES_NEAR[:5]])
    setting = draw(pick(["", "use_tz=True", "out_of_range='keep'"]))
    right = pick([text for text in v.DATES if "tzinfo" in text or "use_tz" not in setting])
    source = declared(kind, *written(limits), setting, *options(draw, place, right))
    return Drawn(source, right, pick([*v.DATES, *v.DATES_NEAR, *limits.values()]))


@st.composite
def clocks(draw: Any, kind: str, place: Place) -> Drawn:
    """Fields that hold the present time."""
    settings = ["", "tz_aware=True"]
    if kind == "ModifiedField":
        settings += ["on_server=True", "tz_aware=True, on_server=True"]
    setting = draw(pick(settings))
    right = pick([text for text in v.DATES if ("tzinfo" in text) == ("tz_aware" in setting)])
    return Drawn(declared(kind, setting), right, pick(v.DATES_NEAR))


@st.composite
def references(draw: Any, kind: str, place: Place) -> Drawn:
    """References by a `DBRef` and by an id alone."""
    target = draw(pick(["Target", "'Target'", "DocumentField(Target)", "Numbered"]))
    if target == "Numbered":
        name, stored_id, document = "Numbered", "1", "Numbered(number=1)"
    else:
        name, stored_id, document = "Target", v.ID, f"Target(mongo_id={v.ID})"
    refs = [f"DBRef({name!r}, {stored_id})", f"DBRef({name!r}, {stored_id}, 'db')"]
    if kind == "SRefField":
        right = [stored_id, stored_id, document]
    else:
        right = [*refs, document]
        target = draw(pick([target, target, "None"]))
        target += draw(pick(["", "", "", ", db='db'", ", db_required=True"]))
    near = [*right, *refs, *v.IDS, *v.IDS_NEAR, "DBRef('Other', 1)", "Target()", "True", "1.0"]
    source = declared(kind, target, *options(draw, place, pick(right)))
    return Drawn(source, pick(right), pick([*near, "None"]))


@st.composite
def computed(draw: Any, place: Place) -> Drawn:
    """Values that a function computes; some of them are wrong."""
    result, field = draw(pick([("3", "IntField()"), ("'a'", "StringField(max_length=2)")]))
    gives = draw(pick([result, result, result, "None", "1.5"]))
    setting = draw(pick(["", "one_time=True", "optional=True", f"db_field='c{place.number}'"]))
    source = declared("ComputedField", field, f"lambda values: {gives}", setting)
    return Drawn(source, pick([result]), pick([result, "None", "1.5", "'b'"]))


# -- values that are made of others ---------------------------------------------------------------


def display(opening: str, closing: str, parts: Sequence[str]) -> str:
    """Give source of a display."""
    return f"{opening}{', '.join(parts)}{closing}"


def tuple_of(parts: Sequence[str]) -> str:
    """Give source of a tuple."""
    return display("(", ",)", parts) if parts else "()"


as_list = partial(display, "[", "]")
as_generator = partial(display, "generated(", ")")
as_own_list = partial(display, "Items([", "])")
as_dict = partial(display, "{", "}")
as_own_dict = partial(display, "Pairs({", "})")


def as_own_tuple(parts: Sequence[str]) -> str:
    """Give source of a tuple of an application's type."""
    return f"Pair({tuple_of(parts)})"


def as_set(parts: Sequence[str]) -> str:
    """Give source of a set; an empty one has no display."""
    return display("{", "}", parts) if parts else "set()"


@st.composite
def items(draw: Any, kind: str, place: Place) -> Drawn:
    """Lists and sets."""
    is_set = "Set" in kind
    item = draw(fields(place.below))
    if is_set and not item.is_hashable:
        item = draw(plain_fields(place.below))
    limits: dict[str, str] = {}
    if draw(st.integers(0, 3)) == 0:
        choices = ["0", "1", "2", "Level.HIGH"]
        limits = bounds(draw, "min_capacity", "max_capacity", choices)
    own = as_set if is_set else as_list
    right = st.lists(item.right, min_size=1, max_size=2).map(own)
    forms = [own, own, as_generator, tuple_of, as_own_list]
    some = st.lists(item.values, max_size=3)
    near = st.one_of([some.map(form) for form in forms])
    given = options(draw, place, right)
    if not any("default" in part or "optional" in part for part in given):
        given.append(draw(pick(["", "", "default_empty=True"])))
    source = declared(kind, item.source, *written(limits), *given)
    return Drawn(source, right, near, is_hashable=False)


def pairs(keys: Source, values: Source) -> Any:
    """Source of the pairs of a dict."""
    return st.lists(st.tuples(keys, values).map(": ".join), min_size=1, max_size=2)


@st.composite
def dicts(draw: Any, kind: str, place: Place) -> Drawn:
    """Dicts with text as keys, and with any."""
    value = draw(fields(place.below))
    if kind == "KVField":
        key = draw(plain_fields(place.below))
        keys, keys_near, first = key.right, key.values, f"{key.source}, {value.source}"
    else:
        keys, keys_near, first = pick(v.KEYS), pick([*v.KEYS, *v.KEYS_NEAR]), value.source
    right = pairs(keys, value.right).map(as_dict)
    near = st.one_of(
        pairs(keys, value.values).map(as_dict),
        pairs(keys_near, value.right).map(as_dict),
        pairs(keys, value.right).map(as_own_dict),
        pick(["{}", "[]", "[{'k': 1, 'v': 1}]", "[{'k': 1}]", "[['a', 1]]"]),
    )
    source = declared(kind, first, *options(draw, place, right))
    return Drawn(source, right, near, is_hashable=False)


_PLACE = Drawn(
    "",
    pick(["0", "1.5", "-6.0", "Real(1.5)", "Level.LOW"]),
    pick(["True", "nan", "inf", "'1'", "None", "10**400", "2**63"]),
)


@st.composite
def tuples(draw: Any, kind: str, place: Place) -> Drawn:
    """Tuples, and places on a map."""
    if kind == "GeoField":
        parts = [_PLACE, _PLACE]
    else:
        parts = draw(st.lists(fields(place.below), min_size=1, max_size=3))
    rights = [part.right for part in parts]
    right = st.one_of(st.tuples(*rights).map(tuple_of), st.tuples(*rights).map(as_list))
    near = st.one_of(
        st.tuples(*(part.values for part in parts)).map(tuple_of),
        st.tuples(*(part.values for part in parts)).map(as_list),
        st.tuples(*rights, v.ANYTHING).map(tuple_of),
        st.tuples(*rights[1:]).map(as_list),
        st.tuples(*rights).map(as_own_tuple),
    )
    source = declared(kind, *(part.source for part in parts), *options(draw, place, right))
    return Drawn(source, right, near, is_hashable=False)


@st.composite
def choices(draw: Any, kind: str, place: Place) -> Drawn:
    """One of a few values."""
    item = draw(fields(place.below))
    found = draw(st.lists(st.one_of(item.right, item.right, item.near), max_size=3))
    values = [text for text in found if "generated(" not in text] or ["'a'"]
    given = options(draw, place, pick(values))
    near = st.one_of(item.right, item.near, pick([*values, "1", "1.0", "True", "'a'", "Colour.A"]))
    source = declared(kind, item.source, *values, *given)
    return Drawn(source, pick(values), near, item.is_hashable)


@st.composite
def documents(draw: Any, place: Place) -> Drawn:
    """Embedded documents."""
    name, right, near = draw(pick(place.embedded))
    others = st.one_of(
        near, near, *(found for _, found, _ in place.embedded), pick(["None", "{}", "Target()"])
    )
    source = declared("DocumentField", name, *options(draw, place, right))
    return Drawn(source, right, others, is_hashable=False)


# -- all of them ----------------------------------------------------------------------------------

Kind = Callable[[Place], Any]

PLAIN: dict[str, Kind] = {
    **{
        kind: partial(texts, kind, ())
        for kind in (
            *("StringField", "UpperField", "TrimmedField", "JudgedField", "CodeField"),
            *("SameTextField", "BareField", "ReadField"),
        )
    },
    "RegExStringField": partial(
        texts, "RegExStringField", ("'a+'", "'a+$'", "re.compile('A', re.I)")
    ),
    **{
        kind: partial(numbers, kind, INTS, "")
        for kind in (
            *("IntField", "WrappedField", "UnwrappedField", "SameIntField"),
            *("DefaultingField",),
        )
    },
    **{
        kind: partial(numbers, kind, [*INTS, *FLOATS], "")
        for kind in ("FloatField", "SameFloatField")
    },
    "NumberField": partial(numbers, "NumberField", INTS, "int"),
    "DateTimeField": partial(dates, "DateTimeField"),
    "StampField": partial(dates, "StampField"),
    "BinaryField": partial(simple, "BinaryField", v.BINARY, v.BINARY_NEAR, ""),
    "BoolField": partial(
        simple, "BoolField", ["True", "False"], ["0", "1", "None", "1.0", "'a'"], ""
    ),
    "ObjectIdField": partial(simple, "ObjectIdField", v.IDS, v.IDS_NEAR, ""),
    "AnythingField": partial(
        simple, "AnythingField", ["1", "'a'", "b'a'"], ["None", "2**63", "object"], ""
    ),
    "PercentField": partial(
        simple, "PercentField", ["0", "1", "100", "0.5"], ["-1", "101", *v.INTS_NEAR], ""
    ),
    "InsideOutField": partial(
        simple, "InsideOutField", ["0", "7"], ["True", "'1'", "None", "1.0"], ""
    ),
}
"""Fields of one undivided value."""

COMPOUND: dict[str, Kind] = {
    **{
        kind: partial(items, kind)
        for kind in ("ListField", "OwnListField", "SetField", "OwnSetField")
    },
    **{kind: partial(dicts, kind) for kind in ("DictField", "OwnDictField", "KVField")},
    **{kind: partial(tuples, kind) for kind in ("TupleField", "OwnTupleField", "GeoField")},
    **{kind: partial(choices, kind) for kind in ("EnumField", "OwnEnumField")},
}
"""Fields of values that are made of others."""

# Most of the generated code is about these.
USUAL = {kind: PLAIN[kind] for kind in ("StringField", "IntField", "FloatField", "DateTimeField")}
USUAL_COMPOUND = {kind: COMPOUND[kind] for kind in ("ListField", "DictField", "EnumField")}

REFERENCES: dict[str, Kind] = {
    kind: partial(references, kind) for kind in ("RefField", "SRefField")
}

MADE: dict[str, Kind] = {
    "ComputedField": computed,
    "CreatedField": partial(clocks, "CreatedField"),
    "ModifiedField": partial(clocks, "ModifiedField"),
    "auto": partial(simple, "ObjectIdField", v.IDS, v.IDS_NEAR, "auto=True"),
}
"""Fields that make their own values."""

KINDS = {*PLAIN, *COMPOUND, *REFERENCES, *MADE, "DocumentField", "VersionField"}
"""All that are drawn; the version is a matter of a whole class."""


@st.composite
def fields(draw: Any, place: Place) -> Drawn:
    """Draw a field."""
    ways = [USUAL, USUAL, PLAIN, REFERENCES]
    if place.depth > 0:
        ways += [USUAL_COMPOUND, COMPOUND]
    if not place.is_inner:
        ways.append(MADE)
    if place.embedded:
        ways += [{"DocumentField": documents}] * 2
    kind: Kind = draw(pick(sorted(draw(pick(ways)).items())))[1]
    made: Drawn = draw(kind(place))
    return made


@st.composite
def plain_fields(draw: Any, place: Place) -> Drawn:
    """Draw a field of one undivided value."""
    made: Drawn = draw(draw(pick(list(PLAIN.values())))(place))
    return made
