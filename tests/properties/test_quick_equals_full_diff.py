"""The short way to store assigned values gives exactly what a comparison of everything gives."""

from __future__ import annotations

import copy
from typing import Any

import bson
import pytest
from bson import Int64, ObjectId
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo import MongoClient

from ommongo import (
    AnythingField,
    BoolField,
    DictField,
    Document,
    DocumentField,
    EnumField,
    FloatField,
    IntField,
    ListField,
    ObjectIdField,
    Session,
    StringField,
)
from ommongo.ops import _making
from tests.properties.examples import examples


class Place(Document):
    """A document to be embedded."""

    config_namespace = None
    city = StringField(required=False)
    floors = ListField(IntField(), required=False)


class Spot(Document):
    """A document to be embedded that has nothing that can change in place."""

    config_namespace = None
    city = StringField(required=False)


class Thing(Document):
    """Values that the short way takes, and some that it must leave alone."""

    config_namespace = None
    config_extra_fields = "ignore"
    name = StringField(required=False, db_field="n")
    size = IntField(required=False, allow_none=True)
    weight = FloatField(required=False)
    fresh = BoolField(required=False)
    owner = ObjectIdField(required=False)
    hits = IntField(required=False, on_update="$inc")
    few = IntField(required=False, max_value=9)
    tags = ListField(StringField(), required=False)
    marks = ListField(IntField(), required=False)
    any = AnythingField(required=False)
    default = IntField(default=3)
    place = DocumentField(Place, required=False)
    spot = DocumentField(Spot, required=False)
    nick = StringField(optional=True)
    labels = ListField(StringField(), optional=True)


class Usual(Thing):
    """What is saved of it is packed whole, and what can change in place is of many kinds."""

    config_extra_fields = "error"
    kind = EnumField(StringField(), "a", "b", required=False)
    bounds = DictField(IntField(min_value=0), required=False)
    places = ListField(DocumentField(Place), required=False)
    taken = AnythingField(required=False, on_update="$pull")


IDS = [ObjectId(b"%012d" % number) for number in range(3)]
TEXTS = st.sampled_from(["", "a", "b", "é"])
# The server holds ints in 32 and 64 bits for one kind, so they are equal and not the same type.
INTS = st.sampled_from([0, 1, 2**31, Int64(1), -1])
FLOATS = st.sampled_from([0.0, -0.0, 1.0, 1.5, float("nan"), float("inf")])
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "name": TEXTS,
    "size": st.none() | INTS,
    "weight": FLOATS,
    "fresh": st.booleans(),
    "owner": st.sampled_from(IDS),
    "hits": INTS,
    "few": st.integers(0, 9),
    "tags": st.lists(TEXTS, max_size=2),
    "marks": st.lists(INTS, max_size=2),
    "any": st.lists(FLOATS | INTS, max_size=2),
    "default": INTS,
    "place": st.fixed_dictionaries({"city": TEXTS, "floors": st.lists(INTS, max_size=2)}),
    "spot": st.fixed_dictionaries({"city": TEXTS}),
    "nick": st.none() | TEXTS,
    "labels": st.none() | st.lists(TEXTS, max_size=2),
    "kind": st.sampled_from(["a", "b"]),
    "bounds": st.dictionaries(TEXTS.filter(bool), st.integers(0, 2), max_size=2),
    "places": st.lists(st.fixed_dictionaries({"city": TEXTS}), max_size=2),
    "taken": st.lists(FLOATS | INTS, max_size=2),
}


def stored_of(cls: type[Thing]) -> st.SearchStrategy[dict[str, Any]]:
    """Give what may be stored of a class."""
    return st.fixed_dictionaries(
        {"_id": st.sampled_from(IDS)},
        optional={
            field.db_field: VALUES[name]
            for name, field in cls.get_fields().items()
            if name in VALUES
        },
    ).map(lambda stored: bson.decode(bson.encode(stored)))


CLASSES = st.sampled_from([Thing, Usual])
NAMES = st.sampled_from(sorted(VALUES))
CHANGED = ["tags", "marks", "any", "place", "spot", "bounds", "places", "taken"]
STEPS = st.lists(
    st.one_of(
        NAMES.flatmap(lambda name: st.tuples(st.just("assign"), st.just(name), VALUES[name])),
        st.tuples(st.sampled_from(["read", "delete"]), NAMES, st.none()),
        st.tuples(st.just("change"), st.sampled_from(CHANGED), TEXTS),
        st.tuples(st.just("assign"), st.just("mongo_id"), st.sampled_from(IDS)),
        st.tuples(
            st.sampled_from(["update", "update", "save", "fail", "lose", "extra"]),
            st.just(""),
            TEXTS,
        ),
    ),
    max_size=12,
)


class Twin:
    """
    A loaded document, and the updates of it that are queued.

    Args:
        session: The session.
        cls: The class.
        stored: What is stored of it.
        partial: The fields that are loaded, if not all.
    """

    def __init__(
        self, session: Session, cls: type[Thing], stored: dict[str, Any], partial: bool
    ) -> None:
        self.session = session
        names = ["mongo_id", "name", "size", "tags"] if partial else None
        self.document: Any = cls.unwrap(copy.deepcopy(stored), names, session=session)
        self.queued: list[Any] = []
        self.was_saved = False

    def take(self, what: str, name: str, value: Any) -> Any:
        """Do one step; give what came of it, in a form to compare."""
        try:
            return getattr(self, what)(name, value)
        except Exception as error:
            return type(error), str(error)

    def assign(self, name: str, value: Any) -> None:
        cls = {"place": Place, "spot": Spot}.get(name)
        value = copy.deepcopy(value) if cls is None else cls(**value)
        if name == "places":
            value = [Place(**place) for place in value]
        if name in type(self.document).get_fields():
            setattr(self.document, name, value)

    def read(self, name: str, _: Any) -> str:
        return repr(getattr(self.document, name))

    def delete(self, name: str, _: Any) -> None:
        delattr(self.document, name)

    def change(self, name: str, text: str) -> None:
        value = getattr(self.document, name)
        if name == "places":
            value.append(Place(city=text)) if text else setattr(value[0], "city", "a")
        elif isinstance(value, Document):
            value.city = text
        elif isinstance(value, dict):
            value["a"] = len(text) - (text == "é") * 9  # the field refuses what is below 0
        else:
            value.append(len(text) if name == "marks" else text)

    def extra(self, _: str, text: str) -> None:
        self.document.get_extra_fields()["more"] = text

    def update(self, *_: Any) -> Any:
        self.session.update(self.document)
        if not self.session.queue:
            return None
        operation = self.session.queue.pop()
        self.queued.append(operation)
        request: Any = operation.request()
        return (
            dict(operation._filter),
            operation._raw,
            bytes(request._doc.raw),
            operation.size,
            operation.run,
            repr(operation),
        )

    def save(self, *_: Any) -> Any:
        self.session.save(self.document)
        operation = self.session.queue.pop()
        self.queued.append(operation)
        self.was_saved = True
        return repr(operation), operation.size

    def fail(self, *_: Any) -> None:
        if self.queued:
            self.queued.pop().failed(sent=True)

    def lose(self, *_: Any) -> None:
        if self.queued:
            self.queued.pop(0).failed(sent=True, unknown=True)

    def known(self) -> Any:
        """Give what is known of the document, in a form to compare."""
        dirty = self.take("dirty", "", None)
        state = self.document._state
        if state is None:
            return dirty, None
        state.unpack()
        # Of a saved document each way knows in its own form what it has compared.
        stored = [] if self.was_saved else sorted(state.committed.items(), key=lambda item: item[0])
        return dirty, repr(sorted(state.origins.items())), state.id_is_new, repr(stored)

    def dirty(self, *_: Any) -> bytes:
        return bson.encode(self.document.get_dirty_ops())


@pytest.fixture(scope="module")
def unbound() -> Any:
    """A session that never connects: its block is never left, and nothing sent."""
    client: MongoClient[Any] = MongoClient(connect=False)
    session = Session(client["nowhere"], cache_size=0)
    session.begin_trans()
    yield session
    client.close()


@settings(max_examples=examples(400), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cls=CLASSES, data=st.data(), partial=st.booleans(), steps=STEPS)
def test_the_short_way_is_the_long_way(
    unbound: Session,
    cls: type[Thing],
    data: st.DataObject,
    partial: bool,
    steps: list[tuple[str, str, Any]],
) -> None:
    """Whatever was done to a document, both ways queue the same bytes and know the same after."""
    stored = data.draw(stored_of(cls))
    short, long = Twin(unbound, cls, stored, partial), Twin(unbound, cls, stored, partial)
    for step in steps:
        came = short.take(*step)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(_making, "quick_diff", lambda document: None)
            assert came == long.take(*step), step
        assert short.known() == long.known(), step


def test_the_short_way_is_taken(unbound: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """The usual update is not compared as a whole."""
    monkeypatch.setattr(_making, "full_diff", None)
    stored = {"_id": IDS[0], "n": "ada", "size": None, "tags": ["a"], "spot": {"city": "Rome"}}
    twin = Twin(unbound, Thing, stored, partial=False)
    assert twin.document.tags == ["a"]
    assert twin.document.spot.city == "Rome"

    assert twin.update() is None
    twin.document.size = 3
    twin.document.name = "grace"
    twin.document.weight = 1.5
    twin.document.fresh = True
    assert bson.decode(twin.update()[1]) == {
        "$set": {"n": "grace", "size": 3, "weight": 1.5, "fresh": True}
    }


def test_it_is_taken_after_a_save_of_any_class(
    unbound: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dicts, lists of documents and embedded documents are compared by their bytes, all at once."""
    document = Usual(
        mongo_id=IDS[0], name="ada", bounds={"a": 1}, places=[Place(city="a")], any=[1],
        spot=Spot(city="Rome"), kind="a", few=3,
    )  # fmt: skip
    unbound.save(document)
    unbound.queue.pop()
    monkeypatch.setattr(_making, "full_diff", None)

    for step in range(2):
        document.few = 4 + step
        document.kind = "ba"[step]
        assert document.places[0].city == "a"
        assert document.bounds == {"a": 1}
        unbound.update(document)
        operation: Any = unbound.queue.pop()
        assert bson.decode(operation._raw) == {"$set": {"few": 4 + step, "kind": "ba"[step]}}
