"""
`add` takes a new document in quickly, and that is the same as the plain way in everything.

Both ways are gone for each kind of document (flat; with embedded ones, fresh and with values that
were assigned, in a list and nested; with defaults, read or not; assigned to after it was made; of
a subclass; polymorphic; with times, a version, a computed field, extra fields, optional ones; with
an own ``_id``, one with a default; with an own ``__init__``, ``wrap``, collection name) in each of
the things that can happen to it: sent, in a block, dropped, refused by the server, rolled back,
changed afterwards, with ``safe``, held by the identity map, in another session before, in a session
with a time zone. Values that cannot be stored, other threads, hooks that add the document, and
interrupts at every line come below.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest
from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from ommongo import (
    AnythingField,
    CreatedField,
    DateTimeField,
    Document,
    DocumentField,
    Index,
    IntField,
    ListField,
    ModifiedField,
    Session,
    StringField,
)
from ommongo.exceptions import SessionThreadError
from ommongo.fields import VersionField, computed_field
from tests.interrupts import Strike, lines_of, struck


class Base(Document):
    config_namespace = "tests.quick_add"


class City(Base):
    name = StringField()


class Address(Base):
    street = StringField()
    floor = IntField(default=1)
    city = DocumentField(City, required=False)


class Flat(Base):
    config_collection_name = "flats"

    name = StringField()
    at = DateTimeField(required=False)
    unique = Index().ascending("name").unique()


class Shade(Flat):
    config_collection_name = "flats"

    shade = IntField(default=7)


class Parent(Base):
    config_collection_name = "parents"

    name = StringField()
    city = DocumentField(City, required=False)
    address = DocumentField(Address, required=False)
    cities = ListField(DocumentField(City), default_empty=True)


class Animal(Base):
    config_collection_name = "animals"
    config_polymorphic = "kind"

    kind = StringField(default="animal")
    name = StringField()


class Dog(Animal):
    config_polymorphic_collection = True
    config_polymorphic_identity = "dog"

    kind = StringField(default="dog")
    tricks = ListField(StringField(), default_empty=True)


class Timed(Base):
    config_collection_name = "timed"

    name = StringField()
    created = CreatedField()
    modified = ModifiedField()


class Counted(Base):
    config_collection_name = "counted"

    name = StringField()
    version = VersionField()


class Computing(Base):
    config_collection_name = "computing"

    name = StringField()

    @computed_field(StringField(), deps=[name])
    def loud(values: Any) -> str:
        return str(values["name"]).upper()


class Extra(Base):
    config_collection_name = "extra"
    config_extra_fields = "ignore"

    name = StringField(optional=True)


class OwnId(Base):
    config_collection_name = "own_ids"

    name = StringField(db_field="_id")


class DefaultId(Base):
    config_collection_name = "default_ids"

    key = StringField(db_field="_id", default="the one")


class OwnInit(Base):
    config_collection_name = "own_inits"

    name = StringField()

    def __init__(self, name: str = "made", **values: Any) -> None:
        super().__init__(name=name, **values)


class OwnWrap(Base):
    config_collection_name = "own_wraps"

    name = StringField()

    def wrap(self) -> dict[str, Any]:
        return {**super().wrap(), "more": 1}


class Moving(Base):
    where = "moving_1"

    name = StringField()

    @classmethod
    def get_collection_name(cls) -> str:
        return cls.where


def assigned() -> Document:
    """Make one that got its value after it was made."""
    flat = Flat()
    flat.name = "ada"
    return flat


def default_read() -> Document:
    """Make one of which a default was read."""
    shade = Shade(name="ada")
    assert shade.shade == 7
    return shade


def moved() -> Document:
    """Make one of a class that says another collection each time."""
    Moving.where = f"moving_{int(Moving.where[-1]) % 3 + 1}"
    return Moving(name="ada")


def assigned_inside() -> Document:
    """Make one with an embedded one that got its value after it was made."""
    city = City()
    city.name = "Jepara"
    return Parent(name="ada", city=city)


DOCUMENTS: dict[str, Callable[[], Document]] = {
    "flat": lambda: Flat(name="ada"),
    "subclass": lambda: Shade(name="ada", shade=3),
    "default": lambda: Shade(name="ada"),
    "default_read": default_read,
    "assigned": assigned,
    "embedded": lambda: Parent(name="ada", city=City(name="Jepara")),
    "assigned_inside": assigned_inside,
    "default_inside": lambda: Parent(name="ada", address=Address(street="Jalan")),
    "nested": lambda: Parent(
        name="ada", address=Address(street="Jalan", floor=2, city=City(name="Jepara"))
    ),
    "listed": lambda: Parent(name="ada", cities=[City(name="Jepara"), City(name="Solo")]),
    "polymorphic": lambda: Dog(name="ada", tricks=["sit"]),
    "times": lambda: Timed(name="ada"),
    "version": lambda: Counted(name="ada"),
    "computed": lambda: Computing(name="ada"),
    "extra": lambda: Extra(name="ada", other=[1]),
    "optional": lambda: Extra(name=None),
    "own_id": lambda: OwnId(name="ada"),
    "default_id": lambda: DefaultId(),
    "id_given": lambda: Flat(name="ada", mongo_id=ObjectId("0" * 24)),
    "own_init": lambda: OwnInit(),
    "own_wrap": lambda: OwnWrap(name="ada"),
    "own_name": moved,
}

QUICK = ("flat", "subclass", "embedded", "nested", "times", "own_init", "own_wrap")
"""Those that go the quick way from end to end, and so do not show what the others do."""


def in_the_same_words(value: Any, item: Document) -> Any:
    """Give a value with neither ids nor times of its own making in it."""
    if isinstance(value, dict):
        return {name: in_the_same_words(one, item) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [in_the_same_words(one, item) for one in value]
    if isinstance(value, Document):
        return repr(value)
    if isinstance(value, ObjectId):
        return "its id" if value == item.__dict__.get("mongo_id") else "an id"
    return "a time" if isinstance(value, datetime) else value


def seen(session: Session, item: Any) -> dict[str, Any]:
    """
    Tell all that can be seen of a document and of the session.

    In which form it is known is not looked at: of defaults the quick way keeps less.
    """
    inside = [item, item.__dict__.get("city"), *(item.__dict__.get("cities") or ())]
    address = item.__dict__.get("address")
    inside += [] if address is None else [address, address.__dict__.get("city")]
    seen = {
        "holds": {n: v for n, v in item.__dict__.items() if not isinstance(v, Document)},
        "dirty": item.get_dirty_ops(),
        "origins": [
            {**one._state.origins} if one is not None and one._state is not None else None
            for one in inside
        ],
        "bound": [one is not None and one._get_session() is session for one in inside],
        "id_is_new": item._own_state().id_is_new,
        "held": len(session.cache),
        "collection": session._loader.collection(type(item)).name,
        "queue": [
            {
                name: getattr(operation, name, None)
                for name in ("run", "insert", "gave_id", "safe", "transactions", "counted_as")
            }
            | {
                "id": operation.document_id,
                "told": operation.is_told,
                "size": operation.size,
                "class": operation.document_class,
                "own": operation.document is item,
                "times": len(operation._times),
                "version": operation.version,
            }
            for operation in session.queue
        ],
        "stored": {
            name: session.db[name].find({}, sort=[("_id", 1)]).to_list()
            for name in sorted(session.db.list_collection_names())
        },
        "report": session.flush_report,
    }
    return in_the_same_words(seen, item)  # type: ignore[no-any-return]  # of a dict


# -- what can happen to it ------------------------------------------------------------------------


def sent(session: Session, make: Callable[[], Any]) -> list[Any]:
    """Add and flush."""
    item = make()
    session.add(item)
    pending = seen(session, item)
    result = session.flush()
    is_id = result == item._wrapped_id()
    return [pending, is_id, seen(session, item)]


def with_safe(session: Session, make: Callable[[], Any]) -> list[Any]:
    """Add with a word on errors."""
    item = make()
    session.add(item, safe=False)
    return [seen(session, item)]


def in_a_block(session: Session, make: Callable[[], Any]) -> list[Any]:
    """Add in a block."""
    item = make()
    with session:
        session.add(item)
        pending = [operation.transactions == (1,) for operation in session.queue]
    return [pending, seen(session, item)]


def dropped(session: Session, make: Callable[[], Any]) -> list[Any]:
    """Add, drop what is pending, and save."""
    item = make()
    session.add(item)
    session.clear_queue()
    after = seen(session, item)
    session.save(item)
    return [after, seen(session, item)]


def refused(session: Session, make: Callable[[], Any]) -> list[Any]:
    """Add what the server refuses, and save it then."""
    item = make()
    session.auto_ensure = False
    collection = session._loader.collection(type(item))
    collection.create_index("marked", unique=True)
    collection.insert_one({"taken": True})
    session.add(item)
    with pytest.raises(DuplicateKeyError):
        session.flush()
    after = seen(session, item)
    collection.delete_one({"taken": True})
    session.save(item)
    return [after, seen(session, item)]


def changed_and_refused(session: Session, make: Callable[[], Any]) -> list[Any]:
    """Add, change, and have the server refuse the first."""
    item = make()
    collection = session._loader.collection(type(item))
    collection.create_index("marked", unique=True)
    collection.insert_one({"taken": True})
    session.add(item)
    if "city" in item.__dict__:
        item.city.name = "Solo"
    item.__dict__.get("cities", []).append(City(name="Kudus"))
    if "name" in type(item)._fields and not type(item)._fields["name"].is_id:
        item.name = "eve"
    with pytest.raises(DuplicateKeyError):
        session.flush()
    return [seen(session, item)]


def rolled_back(session: Session, make: Callable[[], Any]) -> list[Any]:
    """Add in a transaction that is rolled back."""
    item = make()
    session.atomic = True
    with pytest.raises(KeyError), session:
        session.add(item)
        raise KeyError
    return [seen(session, item)]


def changed_after(session: Session, make: Callable[[], Any]) -> list[Any]:
    """Add, change and update."""
    item = make()
    session.add(item)
    if "city" in item.__dict__:
        item.city.name = "Solo"
    item.__dict__.get("cities", []).append(City(name="Kudus"))
    if "name" in type(item)._fields and not type(item)._fields["name"].is_id:
        item.name = "eve"
    pending = seen(session, item)
    session.update(item)
    return [pending, seen(session, item)]


def added_twice(session: Session, make: Callable[[], Any]) -> list[Any]:
    """Add twice."""
    item = make()
    session.add(item)
    session.add(item)
    pending = seen(session, item)
    session.flush()
    return [pending, seen(session, item)]


def held(session: Session, make: Callable[[], Any]) -> list[Any]:
    """Add in a session that holds objects."""
    item = make()
    session.cache_size = None
    session.add(item)
    pending = seen(session, item)
    session.flush()
    is_same = session.query(type(item)).get(item._id_value()) is item
    return [pending, is_same]


def of_another_session(session: Session, make: Callable[[], Any]) -> list[Any]:
    """Add what is bound to another session."""
    item = make()
    other = Session(session.db)
    item._set_session(other)
    session.add(item)
    pending = seen(session, item)
    session.flush()
    return [pending, seen(session, item)]


def with_a_time_zone(session: Session, make: Callable[[], Any]) -> list[Any]:
    """Add in a session with a time zone."""
    item = make()
    session.timezone = timezone.utc
    session.add(item)
    options = [operation.collection.codec_options.tz_aware for operation in session.queue]
    pending = seen(session, item)
    session.flush()
    return [options, pending, seen(session, item)]


THINGS = [
    sent,
    with_safe,
    in_a_block,
    dropped,
    refused,
    changed_and_refused,
    rolled_back,
    changed_after,
    added_twice,
    held,
    of_another_session,
    with_a_time_zone,
]


def told(
    database: Any, make: Callable[[], Any], thing: Callable[[Session, Any], list[Any]], quick: bool
) -> tuple[list[Any], list[Document]]:
    """Let a thing happen in a session that goes one way, and give what is seen, and who did not."""
    session = Session(database, safe=True, atomic=False)
    plainly: list[Document] = []
    plain = session._add_any

    def note(item: Document, safe: bool | None) -> None:
        plainly.append(item)
        plain(item, safe)

    Moving.where = "moving_1"
    first = make()
    cls = type(first)
    if quick:  # the first document of a class goes the plain way
        session.add(first)
        session.clear_queue()
        session.clear_cache()
    else:
        session._loader.insert_plans[cls] = None
    session._add_any = note  # type: ignore[method-assign]
    result = thing(session, make)
    del session._add_any
    session.clear_queue()
    for name in database.list_collection_names():
        database.drop_collection(name)
    return result, plainly


@pytest.mark.parametrize("thing", THINGS, ids=lambda thing: thing.__name__)
@pytest.mark.parametrize("kind", DOCUMENTS)
def test_the_quick_way_is_as_the_plain_one(database, kind, thing):
    """What is queued, known, held and stored is the same, whichever way a document went."""
    make = DOCUMENTS[kind]

    plain, through_all = told(database, make, thing, quick=False)
    quick, through_few = told(database, make, thing, quick=True)

    assert quick == plain
    assert through_all
    if kind in QUICK and thing not in (added_twice, of_another_session, with_a_time_zone):
        assert len(through_few) == len(through_all) - 1


# -- what cannot be stored ------------------------------------------------------------------------


class Loose(Base):
    config_collection_name = "anything"

    name = StringField()
    value = AnythingField()
    city = DocumentField(City, required=False)


NO_BSON = object()


def endless() -> list[Any]:
    """Give a list that contains itself."""
    items: list[Any] = []
    items.append(items)
    return items


def missing() -> Document:
    """Make one without a required value."""
    item = Loose(name="ada", value=1, city=City(name="Jepara"))
    del item.__dict__["name"]
    return item


BAD: dict[str, Callable[[], Any]] = {
    "missing": missing,
    "missing_inside": lambda: Loose(name="ada", value=1, city=City()),
    "no_bson": lambda: Loose(name="ada", value=NO_BSON, city=City(name="Jepara")),
    "too_large": lambda: Loose(name="ada", value=2**70, city=City(name="Jepara")),
    "endless": lambda: Loose(name="ada", value=endless(), city=City(name="Jepara")),
    "no_document": lambda: "ada",
    "a_class": lambda: Loose,
}


@pytest.mark.parametrize("kind", BAD)
def test_what_cannot_be_stored_is_refused_in_the_same_words(session, kind):
    """The error is the same, nothing is queued, and the document is as it was."""
    errors, items = [], []
    for plans in ({}, {Loose: None}):
        session._loader.insert_plans = plans
        if not plans:
            session.add(Loose(name="first", value=1))
            session.clear_queue()
        item = BAD[kind]()
        items.append(item)
        with pytest.raises(Exception) as raised:
            session.add(item)
        errors.append((type(raised.value), str(raised.value)[:80]))
        assert session.queue == []
        if isinstance(item, Document):
            assert "mongo_id" not in item.__dict__
            assert item._get_session() is None
            assert item.city._get_session() is None

    assert errors[0] == errors[1]


def test_safe_is_a_bool_whichever_way_is_gone(session):
    """Another value is refused before anything is done to the document."""
    session.add(Flat(name="first"))
    flat = Flat(name="ada")

    with pytest.raises(TypeError, match="safe"):
        session.add(flat, safe="no")  # type: ignore[arg-type]

    assert not flat.has_id()
    assert len(session.queue) == 1
    session.clear_queue()


# -- who comes between ---------------------------------------------------------------------------


def test_another_thread_is_noticed_before_anything_is_done(session):
    """While a block is open in one thread, another one adds nothing."""
    session.add(Flat(name="first"))
    session.clear_queue()
    flat, errors = Flat(name="ada"), []

    def add() -> None:
        try:
            session.add(flat)
        except SessionThreadError as error:
            errors.append(error)

    with session:
        thread = threading.Thread(target=add)
        thread.start()
        thread.join()

    assert len(errors) == 1
    assert session.queue == []
    assert not flat.has_id()


def test_a_thread_that_comes_while_a_document_is_wrapped_is_noticed(session):
    """What the document's own hook lets another thread do is seen before it is queued."""
    errors = []

    class Slow(Base):
        name = StringField()

        def wrap(self) -> dict[str, Any]:
            stored = super().wrap()
            if self.name == "second":
                session._turn.thread = -5  # as if another thread were inside
            return stored

    session.add(Slow(name="first"))
    session.clear_queue()
    slow = Slow(name="second")
    try:
        session.add(slow)
    except SessionThreadError as error:
        errors.append(error)
    finally:
        session._turn.thread = None

    assert len(errors) == 1
    assert session.queue == []
    assert slow._own_state().committed is None


def test_a_hook_may_add_the_document_itself(session, database):
    """A document that its own hook has queued is stored once, as it is at last."""

    class Eager(Base):
        config_collection_name = "eager"

        name = StringField()

        def wrap(self) -> dict[str, Any]:
            if self.name == "ada":
                self.name = "eve"
                session.add(self)
            return super().wrap()

    session.add(Eager(name="first"))
    eager = Eager(name="ada")
    session.add(eager)
    session.flush()

    assert sorted(one["name"] for one in database["eager"].find()) == ["eve", "first"]
    assert eager.get_dirty_ops() == {}


def test_a_hook_may_add_another_document(session, database):
    """What a hook queues comes before the document that it belongs to, and both are stored."""

    class Pair(Base):
        config_collection_name = "pairs"

        name = StringField()

        def wrap(self) -> dict[str, Any]:
            if self.name != "other":
                session.add(Pair(name="other"))
            return super().wrap()

    session.add(Pair(name="first"))
    session.add(Pair(name="second"))

    assert [one.document.name for one in session.queue] == ["other", "first", "other", "second"]
    session.flush()
    assert database["pairs"].count_documents({}) == 4


@pytest.mark.parametrize("kind", ["flat", "embedded", "nested", "listed", "default", "times"])
def test_a_strike_leaves_a_document_that_is_pending_or_new(database, kind):
    """Whatever line a signal handler raises at: queued and clean, or neither, and stored later."""
    make = DOCUMENTS[kind]

    def begun() -> tuple[Session, Any]:
        session = Session(database, safe=True, atomic=False)
        session.add(make())
        session.clear_queue()
        return session, make()

    session, item = begun()
    lines = lines_of(lambda: session.add(item))
    session.clear_queue()
    for line in lines:
        session, item = begun()
        with_strike = struck(lambda: session.add(item), line)  # noqa: B023  # at once
        assert with_strike is not None
        is_pending = [operation.document is item for operation in session.queue] == [True]
        assert is_pending or session.queue == []
        assert is_pending == (item._own_state().committed is not None), with_strike
        session.save(item)
        stored = database[type(item).get_collection_name()].find().to_list()
        assert len(stored) == 1, with_strike
        assert stored[0]["_id"] == item.mongo_id
        database[type(item).get_collection_name()].delete_many({})


def test_a_strike_is_not_swallowed(session):
    """What a handler raises while a document is wrapped comes out, and the document is new."""

    class Struck(Base):
        name = StringField()

        def wrap(self) -> dict[str, Any]:
            if self.name == "ada":
                raise Strike
            return super().wrap()

    session.add(Struck(name="first"))
    item = Struck(name="ada")
    with pytest.raises(Strike):
        session.add(item)

    assert not item.has_id()
    assert len(session.queue) == 1
    session.clear_queue()


# -- what may change between two documents ---------------------------------------------------------


def test_a_setting_holds_from_the_next_document_on(session):
    """A time zone, and a map of objects, are heeded by the document after."""
    session.add(Flat(name="first"))
    session.add(Flat(name="second"))
    session.timezone = timezone.utc
    session.cache_size = None
    late = Flat(name="third", at=datetime(2024, 1, 1, tzinfo=timezone.utc))
    session.add(late)

    aware = [operation.collection.codec_options.tz_aware for operation in session.queue]
    assert aware == [False, False, True]
    assert len(session.cache) == 1
    session.clear_queue()


def test_a_class_may_say_another_collection(session, database):
    """Documents go where their class says at the time, also between two of one session."""
    Moving.where = "moving_1"
    for number in (1, 2, 1, 2):
        Moving.where = f"moving_{number}"
        session.add(Moving(name="ada"))
    session.flush()

    assert [database[f"moving_{n}"].count_documents({}) for n in (1, 2)] == [2, 2]


def test_every_document_after_the_first_goes_the_quick_way(session, monkeypatch):
    """A usual class leaves the plain way after its first document in a session."""
    session.add(Parent(name="first"))
    monkeypatch.setattr(session, "_add_any", None)

    for kind in ("embedded", "nested", "listed", "assigned_inside", "default_inside"):
        session.add(DOCUMENTS[kind]())

    assert len(session.queue) == 6
    session.clear_queue()
