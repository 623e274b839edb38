"""
Whole classes, drawn with all that they may be declared with, do the same in both ways.

The generated functions of a class and the interpreted path give the same results, errors and calls
of what an application wrote: in constructing, assigning, reading, wrapping, unwrapping and finding
what changed. A class is drawn as source, and so is what is done with it: what fails is shown as a
program.

Members: every field class of the library and the own ones of `drawn.own`, with bounds, choices,
validators and all options; within each other, and within documents, families and classes with
hooks; right values, near misses, and values of all other types.
"""

from __future__ import annotations

import uuid
from typing import Any

import bson
import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

import ommongo.fields
from ommongo.exceptions import OmMongoException
from tests.properties.drawn import values as v
from tests.properties.drawn.classes import DrawnClass, Module, Way, modules
from tests.properties.drawn.fields import KINDS, Drawn, as_dict, as_list
from tests.properties.drawn.outcomes import assert_same, exact, outcome, shared, steady
from tests.properties.drawn.own import OWN_FIELDS
from tests.properties.examples import examples

SESSIONS = ["None", "None", "Session()", "Session(EAST, True)", "Session(None, True)"]


class Twins:
    """A module in both ways, and the program that they run."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.program: list[str] = []
        self.generated, self.interpreted = Way(module, False), Way(module, True)

    def declare(self) -> bool:
        """Declare the classes; say whether they can be."""
        sources = self.module.source.split("\n\n\n")
        return all(self._both("declare", source) == "gave" for source in sources)

    @property
    def has_document(self) -> bool:
        """Whether one was made or loaded."""
        return self.generated.names["doc"] is not None

    def do(self, statement: str) -> bool:
        """Execute a statement, which does the same in both ways; say whether it could be done."""
        self.program.append(statement)
        before = exact(self.generated.names["given"])
        done = self._both("do", statement) == "gave"
        if "given)" in statement or "given," in statement:
            self._look_at_given(statement, before, done)
        return done

    def _look_at_given(self, statement: str, before: Any, done: bool) -> None:
        """What is given to a class is not changed, and not held where it is loaded from."""
        # (To wrap an object that is given may complete it by what tells its class.)
        is_same = exact(self.generated.names["given"]) == before
        assert is_same or "Inner" in str(before), "what was given has changed"
        if done:
            ways = (self.generated.names, self.interpreted.names)
            sharing = [shared(names["given"], names["doc"]) for names in ways]
            assert sharing[0] == sharing[1]
            if "unwrap" in statement:
                assert sharing == [[], []]
            else:
                assert list(vars(ways[0]["doc"])) == list(vars(ways[1]["doc"]))

    def give(self, expression: str) -> Any:
        """Evaluate an expression, which gives the same in both ways."""
        return self._both("give", expression)

    def _both(self, how: str, source: str) -> str:
        first = getattr(self.generated, how)(source)
        second = getattr(self.interpreted, how)(source)
        assert_same(first, second)
        if first[0] == "gave":
            assert self.generated.calls == self.interpreted.calls, "calls"
        return str(first[0])

    def look(self) -> None:
        """Compare all that can be seen of the document."""
        first, second = self._seen(self.generated), self._seen(self.interpreted)
        for what, seen in first.items():
            assert seen == second[what], what

    def _seen(self, way: Way) -> dict[str, Any]:
        document = way.names["doc"]
        wrapped = way.give("doc.wrap()")
        # Fields may be asked in any order.
        calls = way.calls if wrapped[0] == "gave" else None
        sharing = encoded = None
        if wrapped[0] == "gave":
            wrapped = "gave", exact(stored := wrapped[1])
            sharing = shared(document, stored)
            encoded = outcome(bson.encode, steady(stored))[:2]
        changes = way.give("doc.get_dirty_ops()")
        if changes[0] == "gave":
            changes = "gave", exact(changes[1])
        return {
            "document": exact(document),
            "wrapped": wrapped,
            "calls": calls,
            "shared": sharing,
            "encoded": encoded,
            "changes": changes,
        }


@st.composite
def statements(draw: Any, subject: DrawnClass, raw: Any) -> list[str]:
    """Draw what is done next with a class, or with a document of it."""
    name = draw(st.sampled_from(sorted(subject.fields)))
    found = subject.fields[name]
    how = draw(st.sampled_from(["make", "make", "load", "load", "load", "set", "set", "other"]))
    if how == "make":
        return make(draw, subject, name)
    if how == "load" and raw is not None:
        expression = changed(draw, raw, subject)
        session = draw(st.sampled_from(SESSIONS))
        return [f"given = {expression}", f"doc = {subject.name}.unwrap(given, session={session})"]
    if how == "set":
        return [f"doc.{name} = {draw(st.one_of(found.values, found.wrong))}"]
    return [draw(other(name, found))]


def make(draw: Any, subject: DrawnClass, looked_at: str | None) -> list[str]:
    """Make an object, with one value that may be wrong, and others that are right or missing."""
    given = []
    for name, found in subject.fields.items():
        if name == looked_at:
            given.append(f"'{name}': {draw(found.wrong)}")
        elif looked_at is None or draw(st.integers(0, 9)):
            given.append(f"'{name}': {draw(found.right)}")
    if looked_at is not None and draw(st.integers(0, 9)) == 0:
        given.append(
            draw(
                st.sampled_from(
                    [
                        "'unknown': 1",
                        "'mongo_id': 'a'",
                        "'d0': 'a'",
                        "'f0_followed': Target()",
                        "'id': 1",
                    ]
                )
            )
        )
    return [f"given = {as_dict(given)}", f"doc = {subject.name}(**given)"]


def changed(draw: Any, raw: Any, subject: DrawnClass) -> str:
    """Give source of stored data that may be changed in a few places, at any depth."""
    pool = st.one_of(*(found.wrong for found in subject.fields.values()), v.ANYTHING)
    places = [path for path, _ in inside(raw, ())]
    changes = {}
    for path in draw(st.lists(st.sampled_from(places), max_size=2)):
        changes[path] = draw(st.one_of(pool, pool, st.sampled_from(["None", "", "", "more"])))
    return rebuilt(raw, (), changes)


def inside(value: Any, path: tuple[Any, ...]) -> Any:
    """Give the path and the value of everything within stored data."""
    yield path, value
    if isinstance(value, dict):
        for key, item in value.items():
            yield from inside(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from inside(item, (*path, index))


def rebuilt(value: Any, path: tuple[Any, ...], changes: dict[Any, str]) -> str:
    """Give source of stored data with other values, with one less, or with one more."""
    change = changes.get(path, "more")
    if change != "more" and path:
        return change
    more = path in changes
    if isinstance(value, dict):
        items = {key: rebuilt(item, (*path, key), changes) for key, item in value.items()}
        parts = [f"{key!r}: {item}" for key, item in items.items() if item]
        return as_dict([*parts, "'old': 'a'"] if more else parts)
    if isinstance(value, list):
        parts = [rebuilt(item, (*path, index), changes) for index, item in enumerate(value)]
        parts = [part for part in parts if part]
        return as_list([*parts, parts[0]] if more and parts else parts)
    return v.source_of(value)


@st.composite
def other(draw: Any, name: str, found: Drawn) -> str:
    """Draw what may be done with a value beside assigning it."""
    value = draw(st.one_of(found.right, found.wrong))
    return draw(
        st.sampled_from(
            [
                f"doc.{name}",
                f"del doc.{name}",
                f"vars(doc)[{name!r}] = {value}",
                f"vars(doc)[{name!r}] = {value}",
                f"doc.{name} = doc.{name}",
                f"doc.{name} = doc",
                f"doc.{name}.append({value})",
                f"doc.{name}.extend({value})",
                f"doc.{name}.update({value})",
                f"doc.{name}.clear()",
                f"doc.{name}.pop()",
                f"doc.{name}[0] = {value}",
                f"doc.{name}['a'] = {value}",
                f"doc.{name}.f0 = {value}",
                f"doc.get_extra_fields()['more'] = {value}",
            ]
        )
    )


def base(draw: Any, twins: Twins, subject: DrawnClass) -> Any:
    """Make a document of right values, and give what is stored of it; ``None`` where that fails."""
    for statement in make(draw, subject, None):
        if not twins.do(statement):
            return None
    twins.look()
    how, stored = twins.interpreted.give("doc.wrap()")[:2]
    if how != "gave":
        return None
    try:
        return bson.decode(bson.encode(steady(stored)))
    except (bson.errors.BSONError, OverflowError, UnicodeError):
        return None


# How long an example takes is the business of the machine.
WHOLE = settings(
    deadline=None,
    max_examples=examples(1200),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@given(modules(), st.data())
@WHOLE
def test_a_class_does_the_same_in_both_ways(module, data):
    """The same results, types, orders, errors, calls and changes, whatever is done with it."""
    twins = Twins(module)
    try:
        compare(twins, data.draw)
    except BaseException:
        note("\n".join([module.source, "", *twins.program]))
        raise


def compare(twins: Twins, draw: Any) -> None:
    """Do the same with a class in both ways."""
    if not twins.declare():
        return
    for subject in twins.module.subjects:
        raw = base(draw, twins, subject)
        for _ in range(draw(st.integers(1, 8))):
            for statement in draw(statements(subject, raw)):
                if twins.has_document or not statement.startswith(("doc.", "vars", "del")):
                    twins.do(statement)
            if twins.has_document:
                twins.look()


@pytest.fixture(scope="module")
def session(client):
    """A session for all examples."""
    database = client[f"ommongo_test_{uuid.uuid4().hex}"]
    yield ommongo.Session(database, safe=True)
    client.drop_database(database.name)


@given(modules(), st.data())
@settings(WHOLE, max_examples=examples(40))
def test_what_a_server_holds_of_a_class_is_what_the_interpreted_way_stores(session, module, data):
    """A drawn object is stored by a session as the interpreted way has it, and loaded again so."""
    twins = Twins(module)
    try:
        if twins.declare():
            store(session, twins, data.draw)
    except BaseException:
        note("\n".join([module.source, "", *twins.program]))
        raise


def store(session: Any, twins: Twins, draw: Any) -> None:
    """Save an object of right values, and load it."""
    subject = twins.module.subjects[-1]
    raw = base(draw, twins, subject)
    cls, interpreted = (way.names[subject.name] for way in (twins.generated, twins.interpreted))
    if raw is None or cls._overrides_transform:
        return
    collection = session.db[cls.get_collection_name()]
    collection.delete_many({})
    document = twins.generated.names["doc"]
    try:
        session.save(document)
    except OmMongoException:
        return  # no session takes it, such as an object whose class nothing tells
    finally:
        session.clear_queue()
        session.clear_cache()
    stored = collection.find_one()
    loaded = outcome(lambda: session.query(cls).one())
    other = outcome(interpreted.unwrap, stored, None, session)

    assert {**raw, **ids_and_version(cls, stored)} == steady(stored)
    if loaded[0] == "gave":
        assert_same(loaded, other)
    else:
        assert other[0] == "raised"


def ids_and_version(cls: Any, stored: dict[str, Any]) -> dict[str, Any]:
    """Give what a session adds to an object."""
    version = cls._version_field
    names = {"_id", "kind"} if version is None else {"_id", "kind", version.db_field}
    return {name: steady(stored[name]) for name in names & stored.keys()}


def test_every_field_class_is_drawn():
    """A field class that is new in the library is one that is to be drawn, too."""
    public = {
        name
        for name in ommongo.fields.__all__
        if isinstance(kind := getattr(ommongo.fields, name), type)
        and issubclass(kind, ommongo.fields.Field)
    }
    own = {kind.__name__ for kind in OWN_FIELDS}

    assert public - {"Field"} <= KINDS | {"ComputedField"}
    assert own <= KINDS
