"""
Slips with objects, classes and sessions: what came is told, and what to pass instead.

Everything that takes an object is given the class, a dict, several objects, a query, text, a number
or nothing; everything that takes a class is given an object, or text; values of a new document come
without their names; ids of another form; objects and values that contain themselves, at any depth,
in lists, dicts, tuples and documents, by every way to store or compare them; sessions that are
closed, by every method, and that are copied or pickled.
"""

from __future__ import annotations

import copy
import pickle

import pytest
from bson import ObjectId
from pymongo.errors import InvalidOperation

from ommongo import (
    AnythingField,
    DictField,
    Document,
    DocumentField,
    IntField,
    KVField,
    ListField,
    Session,
    SRefField,
    StringField,
)
from ommongo.exceptions import (
    BadResultException,
    BadValueException,
    ExtraValueException,
    FieldNotFoundException,
)


class Lamp(Document):
    config_namespace = "tests.slips"

    watts = IntField(default=1)
    part = DocumentField("Lamp", required=False)
    parts = ListField(DocumentField("Lamp"), required=False)
    by_name = DictField(DocumentField("Lamp"), required=False)
    keyed = KVField(StringField(), DocumentField("Lamp"), required=False)
    any = AnythingField(required=False)
    anys = ListField(AnythingField(), required=False)
    other_id = SRefField("Lamp", required=False)
    other = other_id.rel()


class Coded(Document):
    config_namespace = "tests.slips"

    code = IntField(_id=True)


@pytest.fixture
def safe(database):
    """A session that raises what the server refuses."""
    session = Session(database, safe=True)
    yield session
    session.clear_queue()


# -- objects and classes --------------------------------------------------------------------------

TAKES_AN_OBJECT = [
    "add",
    "save",
    "insert_new",
    "update",
    "remove",
    "delete",
    "expunge",
    "refresh",
    "reload",
    "add_to_session",
    "clone",
    "cache_write",
]

NO_OBJECTS = {
    "the class": (lambda session: Lamp, r"not the class Lamp .*Lamp\(\.\.\.\)"),
    "another class": (lambda session: dict, r"not the class dict"),
    "a dict": (lambda session: {"watts": "secret"}, r"not dict\. Make an object of it"),
    "a list": (lambda session: [Lamp()], r"not list\. .*add_all\(\)"),
    "a generator": (lambda session: (Lamp() for _ in "a"), r"not generator\. .*add_all\(\)"),
    "a query": (lambda session: session.query(Lamp), r"not Query\."),
    "text": (lambda session: "secret", r"not str\. .*session\.get"),
    "an id": (lambda session: ObjectId(), r"not ObjectId\. .*session\.get"),
    "nothing": (lambda session: None, r"not NoneType\. .*found anything"),
}


@pytest.mark.parametrize("method", TAKES_AN_OBJECT)
@pytest.mark.parametrize(("make", "advice"), NO_OBJECTS.values(), ids=NO_OBJECTS)
def test_what_is_no_object(safe, commands, method, make, advice):
    """Nothing is sent, and the message says what to pass, without a value."""
    with pytest.raises(TypeError, match=advice) as caught:
        getattr(safe, method)(make(safe))

    assert "secret" not in str(caught.value)
    assert commands.names() == []
    assert safe.queue == []


TAKES_A_CLASS = [
    "clear_collection",
    "ensure_indexes",
    "forget_indexes",
    "get",
    "get_indexes",
]


@pytest.mark.parametrize("method", TAKES_A_CLASS)
@pytest.mark.parametrize(
    ("came", "advice"),
    [
        (Lamp(any="secret"), r"not an object: Lamp is its class"),
        ("secret", "not str"),
        (dict, "not the class dict"),
        (None, "not NoneType"),
    ],
)
def test_what_is_no_class(safe, method, came, advice):
    """An object, a name or something else where the class is wanted."""
    with pytest.raises(TypeError, match=advice) as caught:
        getattr(safe, method)(came, *["1"][: method == "get"])
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("cls", "id", "path"), [(Lamp, "12", r"^Lamp\.mongo_id takes"), (Coded, "12", r"^Coded\.code")]
)
def test_an_id_of_another_form(safe, cls, id, path):
    """The class is named."""
    with pytest.raises(BadValueException, match=path):
        safe.get(cls, id)


# -- values without names -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "values",
    [("Ada",), (b"a",), (5,), (1.5,), ("Ada", 36), (["watts"], 36), (None, "Ada"), (1, 2, 3)],
)
def test_values_go_by_name(values):
    """Text is not read as names of fields."""
    with pytest.raises(
        TypeError, match=r"Lamp\(\) takes values by name.* Write Lamp\(watts=\.\.\.\)"
    ):
        Lamp(*values)


@pytest.mark.parametrize(
    "way", [lambda cls, given: cls(given), lambda cls, given: cls(retrieved_fields=given)]
)
def test_a_dict_or_an_object_for_the_values(way):
    """A dict of values would have been a list of names: a partial document without any."""
    with pytest.raises(TypeError, match=r"Lamp\(\*\*values\)"):
        way(Lamp, {"watts": 40})
    with pytest.raises(TypeError, match="given a Lamp without a name"):
        way(Lamp, Lamp())


def test_names_of_retrieved_fields():
    """They are what the parameter is for."""
    for names in (["watts"], ("watts",), {"watts"}, iter(["watts"]), [Lamp.watts]):
        assert Lamp(names).retrieved_fields == ["watts"]
    with pytest.raises(FieldNotFoundException, match="Did you mean 'watts'"):
        Lamp(["wats"])


@pytest.mark.parametrize("given", [[1], [None], [Lamp.watts, 1.5], [["watts"]]])
def test_what_is_no_name_of_a_field(given):
    """A list of values is no list of names either."""
    with pytest.raises(TypeError, match="Values are given by name"):
        Lamp(given)


def test_an_init_of_its_own():
    """A class says itself what it takes by position."""

    class Own(Document):
        config_namespace = None
        watts = IntField()

        def __init__(self, watts=None, volts=None, ohms=None, **kwargs):
            super().__init__(**kwargs)
            if watts is not None:
                self.watts = watts

    assert Own(40, 1, 2).watts == 40


def test_an_annotation_declares_no_field():
    """A habit of other libraries; the message is that of any name."""

    class Noted(Document):
        config_namespace = None
        watts: int

    with pytest.raises(ExtraValueException, match=r"watts: .*IntField"):
        Noted(watts=3)


# -- what contains itself -------------------------------------------------------------------------


def _by_list(lamp):
    lamp.parts = [Lamp()]
    lamp.parts.append(lamp)


def _deeper(lamp):
    lamp.parts = [Lamp(part=Lamp(by_name={"a": lamp}))]


def _list(lamp):
    lamp.any = [1, []]
    lamp.any[1].append(lamp.any)


def _dict(lamp):
    lamp.any = {"a": {"b": 1}}
    lamp.any["a"]["c"] = lamp.any


def _tuple(lamp):
    items = []
    items.append((1, items))
    lamp.any = items


CYCLES = {
    "directly": (lambda lamp: setattr(lamp, "part", lamp), "part"),
    "in a list": (_by_list, "parts[1]"),
    "in a dict": (lambda lamp: setattr(lamp, "by_name", {"a": lamp}), "by_name.a"),
    "under a key": (lambda lamp: setattr(lamp, "keyed", {"a": lamp}), "keyed.a"),
    "deeper": (_deeper, "parts[0].part.by_name.a"),
    "a list in itself": (_list, "any[1][0]"),
    "a dict in itself": (_dict, "any.a.c"),
    "a list in a tuple": (_tuple, "any[0][1]"),
}

STORING = {
    "save": lambda session, lamp: session.save(lamp),
    "add": lambda session, lamp: session.add(lamp),
    "insert_new": lambda session, lamp: session.insert_new(lamp),
    "update": lambda session, lamp: session.update(lamp),
    "upsert": lambda session, lamp: session.update(lamp, upsert=True),
}


@pytest.mark.parametrize(("make", "path"), CYCLES.values(), ids=CYCLES)
@pytest.mark.parametrize("store", STORING.values(), ids=STORING)
@pytest.mark.parametrize("is_loaded", [False, True])
def test_what_contains_itself_is_not_stored(safe, make, path, store, is_loaded):
    """The message has the path, and what is stored is as it was."""
    lamp = Lamp(mongo_id=ObjectId())
    if is_loaded:
        safe.save(lamp)
        lamp = safe.query(Lamp).one()
    make(lamp)

    with pytest.raises(BadValueException, match="contains itself") as caught:
        store(safe, lamp)
    assert caught.value.name == f"Lamp.{path}"
    assert isinstance(caught.value.cause, RecursionError)
    assert safe.queue == []
    assert list(safe.db["Lamp"].find({}, {"_id": 0})) == [{"watts": 1}] * is_loaded


def test_wrapping_and_binding():
    """So it is wherever a document is walked through."""
    lamp = Lamp()
    lamp.part = lamp
    with pytest.raises(BadValueException, match=r"^Lamp\.part contains itself"):
        lamp.wrap()


def test_binding(safe):
    """A session binds what is embedded, too."""
    lamp = Lamp()
    lamp.part = lamp
    with pytest.raises(BadValueException, match=r"^Lamp\.part contains itself"):
        safe.add_to_session(lamp)


def _endless():
    lamp, items = Lamp(), []
    lamp.part = lamp
    items.append(items)
    return lamp, items


USING = {
    "compare with a document": lambda session, lamp, items: Lamp.part == lamp,
    "compare with a list": lambda session, lamp, items: Lamp.any == items,
    "one of": lambda session, lamp, items: Lamp.part.in_(lamp),
    "by keyword": lambda session, lamp, items: session.query(Lamp).filter_by(part=lamp),
    "a raw dict": lambda session, lamp, items: session.query(Lamp).filter({"any": items}),
    "set a document": lambda session, lamp, items: session.query(Lamp).set(Lamp.part, lamp),
    "set a list": lambda session, lamp, items: session.query(Lamp).set(Lamp.any, items),
    "push": lambda session, lamp, items: session.query(Lamp).append(Lamp.parts, lamp),
    "push a list": lambda session, lamp, items: session.query(Lamp).append(Lamp.anys, items),
    "find and modify": lambda session, lamp, items: (
        session.query(Lamp).find_and_modify().set(Lamp.any, items)
    ),
}


@pytest.mark.parametrize("use", USING.values(), ids=USING)
def test_what_contains_itself_in_a_query(safe, use):
    """A condition and an update expression take no such value either."""
    with pytest.raises(BadValueException, match="contains itself"):
        use(safe, *_endless())


def test_what_is_nested_too_deeply(safe):
    """The server has a limit to levels; the message tells it where Python's own was reached."""
    inner = []
    for _ in range(20_000):
        inner = [inner]
    lamp = Lamp(any=inner)

    with pytest.raises(BadValueException, match="nested more than 100 levels"):
        safe.save(lamp)
    while inner:  # taken apart: Python itself cannot, of so many
        inner = inner.pop()


def test_an_endless_recursion_of_an_application():
    """Another error of this kind is not said to be the value's."""

    def endless(value):
        return endless(value)

    cls = type("Endless", (Document,), {"config_namespace": None, "n": IntField(validator=endless)})
    with pytest.raises(RecursionError):
        cls.n == 2


# -- sessions -------------------------------------------------------------------------------------

USES = {
    "add": lambda s, lamp: s.add(Lamp()),
    "save": lambda s, lamp: s.save(lamp),
    "add_all": lambda s, lamp: s.add_all([lamp]),
    "insert_new": lambda s, lamp: s.insert_new(Lamp()),
    "update": lambda s, lamp: s.update(lamp),
    "remove": lambda s, lamp: s.remove(lamp),
    "flush": lambda s, lamp: s.flush(),
    "commit": lambda s, lamp: s.commit(),
    "rollback": lambda s, lamp: s.rollback(),
    "end": lambda s, lamp: s.end(),
    "clear_collection": lambda s, lamp: s.clear_collection(Lamp),
    "block": lambda s, lamp: s.__enter__(),
    "transaction": lambda s, lamp: s.transaction().__enter__(),
    "run_in_transaction": lambda s, lamp: s.run_in_transaction(lambda session: None),
    "query": lambda s, lamp: s.query(Lamp).all(),
    "count": lambda s, lamp: s.query(Lamp).count(),
    "update expression": lambda s, lamp: s.query(Lamp).set(Lamp.watts, 2).execute(),
    "remove query": lambda s, lamp: s.remove_query(Lamp).execute(),
    "get": lambda s, lamp: s.get(Lamp, ObjectId()),
    "refresh": lambda s, lamp: s.refresh(lamp),
    "reload": lambda s, lamp: s.reload(lamp),
    "ensure_indexes": lambda s, lamp: s.ensure_indexes(Lamp),
    "get_indexes": lambda s, lamp: s.get_indexes(Lamp),
    "cache_read": lambda s, lamp: s.cache_read(lamp.mongo_id, Lamp),
    "cache_write": lambda s, lamp: s.cache_write(lamp),
    "expunge": lambda s, lamp: s.expunge(lamp),
    "flush_report": lambda s, lamp: s.flush_report,
    "in_transaction": lambda s, lamp: s.in_transaction,
    "after_commit": lambda s, lamp: s.after_commit(print),
    "a reference": lambda s, lamp: lamp.other,
}


@pytest.mark.parametrize("is_own", [False, True], ids=["given client", "own client"])
@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_a_closed_session(database, server, commands, is_own, use):
    """It says that it is closed, whoever made its client, and sends nothing."""
    if is_own:
        session = Session.connect(database.name, host=server.uri, safe=True)
    else:
        session = Session(database, safe=True)
    lamp = Lamp(other_id=ObjectId())
    session.save(lamp)
    session.close()
    commands.clear()

    with pytest.raises(InvalidOperation, match="This session is closed"):
        use(session, lamp)
    assert commands.names() == []


def test_what_may_be_done_after_close(database):
    """To close it once more, to clear up, to show it; its objects go on in another session."""
    session = Session(database, safe=True)
    lamp = Lamp(watts=3)
    session.save(lamp)
    session.close()
    session.close()
    session.clear_queue()  # nothing is there

    assert "0 pending" in repr(session)
    other = Session(database, safe=True)
    for one in (lamp, copy.copy(lamp), copy.deepcopy(lamp), pickle.loads(pickle.dumps(lamp))):
        one.watts += 1
        other.update(one)
    assert other.query(Lamp).one().watts == 4


def test_a_session_that_could_not_be_closed(safe):
    """What is pending is not lost by the attempt."""
    safe.begin_trans()
    safe.add(Lamp())
    with pytest.raises(Exception, match="block"):
        safe.close()
    safe.end_trans()
    assert safe.query(Lamp).count() == 1


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_session_is_not_pickled(safe, protocol):
    """Another process makes its own."""
    for value in (safe, [safe], {"session": safe}, safe.query(Lamp)):
        with pytest.raises(TypeError, match="Make one in each process"):
            pickle.dumps(value, protocol)


@pytest.mark.parametrize("way", [copy.copy, copy.deepcopy])
def test_a_session_is_not_copied(safe, way):
    """Two would share what is pending."""
    with pytest.raises(TypeError, match="Make one in each process, and one for each piece of work"):
        way(safe)


@pytest.mark.parametrize("ask", [Session.refresh, Session.reload])
def test_what_was_never_stored_is_not_loaded_anew(safe, ask):
    """The message says so, and names no ``_id`` that it has not."""
    with pytest.raises(BadResultException, match=r"This Lamp has no _id: it was never stored"):
        ask(safe, Lamp())


def test_what_is_no_function(safe):
    """A result, or a number, in the place of what is to be called is told before anything else."""
    lamp = Lamp()
    with safe:
        for give in (safe.after_commit, safe.after_rollback):
            with pytest.raises(TypeError, match=r"after_\w+\(\) takes a function, not NoneType"):
                give(safe.add(lamp))
    with pytest.raises(TypeError, match=r"run_in_transaction\(\) takes a function, not int"):
        safe.run_in_transaction(3)
    assert safe.query(Lamp).count() == 1
