"""Random changes in place, then an update, then a reload: the server has what the object has."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ommongo import (
    AnythingField,
    DictField,
    Document,
    DocumentField,
    IntField,
    KVField,
    ListField,
    Session,
    SetField,
    StringField,
    TupleField,
)


class Inner(Document):
    """A document to be embedded, which embeds another of its kind."""

    config_namespace = "in_place_changes"
    text = StringField(required=False, db_field="t")
    number = IntField(required=False)
    words = ListField(StringField(), required=False)
    names = DictField(IntField(), required=False, db_field="n")
    uniques = SetField(StringField(), required=False)
    inner = DocumentField("Inner", required=False, db_field="i")


class Outer(Document):
    """A document with everything that can be changed in place."""

    config_namespace = "in_place_changes"
    config_extra_fields = "ignore"
    text = StringField(required=False)
    number = IntField(required=False, db_field="num")
    words = ListField(StringField(), default_empty=True)
    matrix = ListField(ListField(IntField()), required=False)
    uniques = SetField(StringField(), required=False, db_field="u")
    names = DictField(IntField(), required=False)
    deep = DictField(ListField(DictField(IntField())), required=False)
    pairs = KVField(IntField(), ListField(StringField()), required=False)
    pair = TupleField(IntField(), ListField(IntField()), required=False)
    anything = AnythingField(required=False)
    one = DocumentField(Inner, required=False, db_field="o")
    many = ListField(DocumentField(Inner), required=False)
    by_key = DictField(DocumentField(Inner), required=False)


TEXT = st.text("abé🐈", max_size=3)
INT = st.integers(-(2**40), 2**40) | st.integers(0, 2)
KEY = st.sampled_from(["a", "b", "c", "ü"])
ANY = st.recursive(
    st.none() | st.booleans() | INT | TEXT | st.sampled_from([0.0, 1.0, 1.5]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEY, inner, max_size=3),
    max_leaves=4,
)


def values_of(field: Any, depth: int = 2) -> st.SearchStrategy[Any]:
    """Give a strategy of Python values of a field."""
    kind = type(field)
    if kind is StringField:
        return TEXT
    if kind is IntField:
        return INT
    if kind is AnythingField:
        return ANY
    if kind is ListField:
        return st.lists(values_of(field.item_field, depth), max_size=3)
    if kind is SetField:
        return st.sets(values_of(field.item_field, depth), max_size=3)
    if kind is DictField:
        return st.dictionaries(KEY, values_of(item_of(field), depth), max_size=3)
    if kind is KVField:
        return st.dictionaries(st.integers(0, 4), st.lists(TEXT, max_size=2), max_size=3)
    if kind is TupleField:
        return st.tuples(INT, st.lists(INT, max_size=2))
    assert kind is DocumentField
    return inners(depth - 1)


def item_of(field: Any) -> Any:
    """Give the field of a dict's values."""
    (item,) = field._inner_fields()
    return item


@st.composite
def inners(draw: Any, depth: int) -> Inner:
    """Embedded documents of any content."""
    inner = Inner()
    for name, field in Inner.get_fields().items():
        if name != "mongo_id" and (depth > 0 or name != "inner") and draw(st.booleans()):
            setattr(inner, name, draw(values_of(field, depth)))
    return inner


@st.composite
def outers(draw: Any) -> Outer:
    """Documents of any content."""
    outer = Outer()
    for name, field in Outer.get_fields().items():
        if name != "mongo_id" and draw(st.integers(0, 3)):
            setattr(outer, name, draw(values_of(field)))
    outer.get_extra_fields().update(draw(st.dictionaries(st.sampled_from(["x", "y"]), ANY)))
    return outer


def change(draw: Any, document: Any, depth: int = 2) -> None:
    """Change a document somewhere: assign, delete, or go into what it holds."""
    if isinstance(document, Outer) and draw(st.integers(0, 9)) == 0:
        change_dict(draw, document.get_extra_fields(), st.sampled_from(["x", "y", "z"]), ANY)
        return
    names = [name for name in type(document).get_fields() if name != "mongo_id"]
    if depth <= 0:
        names.remove("inner")
    name = draw(st.sampled_from(names))
    field = type(document).get_fields()[name]
    held = getattr(document, name, None)
    how = draw(st.sampled_from(["into", "into", "into", "assign", "delete"]))
    if how == "into" and isinstance(held, (list, set, dict, tuple, Document)):
        go_into(draw, field, held, depth)
    elif how == "delete" and not field.has_default and hasattr(document, name):
        delattr(document, name)
    else:
        setattr(document, name, draw(values_of(field, depth)))


def go_into(draw: Any, field: Any, held: Any, depth: int) -> None:
    """Change a value in place, or what is inside of it."""
    kind = type(field)
    if isinstance(held, Document):
        change(draw, held, depth - 1)
    elif kind is AnythingField:
        change_anything(draw, held)
    elif isinstance(held, tuple):
        change_list(draw, held[1], IntField(), depth)
    elif isinstance(held, set):
        if held and draw(st.booleans()):
            held.remove(draw(st.sampled_from(sorted(held))))
        else:
            held.add(draw(TEXT))
    elif isinstance(held, list):
        change_list(draw, held, field.item_field, depth)
    else:
        item = ListField(StringField()) if kind is KVField else item_of(field)
        keys = st.integers(0, 4) if kind is KVField else KEY
        inside = [key for key, value in held.items() if is_container(value)]
        if inside and draw(st.booleans()):
            go_into(draw, item, held[draw(st.sampled_from(inside))], depth)
        else:
            change_dict(draw, held, keys, values_of(item, depth))


def is_container(value: Any) -> bool:
    """Whether there is something to go into."""
    return isinstance(value, (list, set, dict, tuple, Document))


def change_list(draw: Any, held: list[Any], item: Any, depth: int) -> None:
    """Change a list in place."""
    inside = [value for value in held if is_container(value)]
    if inside and draw(st.booleans()):
        go_into(
            draw, item, draw(st.sampled_from(range(len(inside))).map(inside.__getitem__)), depth
        )
        return
    how = draw(st.sampled_from(["append", "insert", "pop", "set", "reverse", "clear"]))
    if how == "append" or not held:
        held.append(draw(values_of(item, depth)))
    elif how == "insert":
        held.insert(0, draw(values_of(item, depth)))
    elif how == "pop":
        held.pop(draw(st.integers(0, len(held) - 1)))
    elif how == "set":
        held[draw(st.integers(0, len(held) - 1))] = draw(values_of(item, depth))
    elif how == "reverse":
        held.reverse()
    else:
        held.clear()


def change_dict(draw: Any, held: dict[Any, Any], keys: Any, values: Any) -> None:
    """Change a dict in place, its order included."""
    how = draw(st.sampled_from(["set", "set", "pop", "reorder"]))
    if how == "set" or not held:
        held[draw(keys)] = draw(values)
    elif how == "pop":
        held.pop(draw(st.sampled_from(list(held))))
    else:
        first = next(iter(held))
        held[first] = held.pop(first)


def change_anything(draw: Any, held: Any) -> None:
    """Change plain data in place, at any depth."""
    items = held if isinstance(held, list) else list(held.values())
    inside = [value for value in items if isinstance(value, (list, dict))]
    if inside and draw(st.booleans()):
        change_anything(draw, inside[draw(st.integers(0, len(inside) - 1))])
    elif isinstance(held, list):
        change_list(draw, held, AnythingField(), 0)
    else:
        change_dict(draw, held, KEY, ANY)


def exact(value: Any) -> Any:
    """Give stored data so that only the same data is equal: types and order of keys included."""
    if isinstance(value, dict):
        return [(key, exact(item)) for key, item in value.items()]
    if isinstance(value, list):
        return ["list", *map(exact, value)]
    if isinstance(value, int) and not isinstance(value, bool):
        return "int", int(value)  # of 32 or 64 bits: one kind
    return type(value), value


def sorted_keys(stored: dict[str, Any]) -> dict[str, Any]:
    """Give a stored document without the order of its top-level keys."""
    return dict(sorted(stored.items()))


@pytest.fixture
def safe_session(database: Any) -> Iterator[Session]:
    """A session whose errors are raised."""
    session = Session(database, safe=True)
    yield session
    session.clear_queue()


WITH_SERVER = settings(
    deadline=None,
    # Each example makes documents of its own, so they can share the fixtures.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


WITHOUT_SERVER = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def reload(session: Session, document: Outer) -> Outer:
    """Load a document anew."""
    found: Outer = session.query(Outer).filter(Outer.mongo_id == document.mongo_id).one()
    assert found is not document
    return found


def assert_stored(session: Session, document: Outer, commands: Any) -> None:
    """The server holds what the object has, and nothing is left to send."""
    commands.clear()
    assert document.get_dirty_ops() == {}
    assert session.update(document) is None
    assert commands.names() == []
    loaded = reload(session, document)
    assert exact(sorted_keys(loaded.wrap())) == exact(sorted_keys(document.wrap()))


@given(data=st.data())
@WITH_SERVER
def test_an_update_stores_every_change(safe_session, commands, data):
    """After random changes, one update makes the server hold exactly what the object has."""
    document = data.draw(outers())
    safe_session.save(document)
    if data.draw(st.booleans()):
        document = reload(safe_session, document)
    for _ in range(data.draw(st.integers(1, 3))):
        for _ in range(data.draw(st.integers(1, 4))):
            change(data.draw, document)
        safe_session.update(document)

        assert_stored(safe_session, document, commands)


@given(data=st.data())
@WITH_SERVER
def test_a_save_stores_every_change(safe_session, commands, data):
    """So does a save, and the next update then has nothing to send."""
    document = data.draw(outers())
    safe_session.save(document)
    if data.draw(st.booleans()):
        document = reload(safe_session, document)
    for _ in range(data.draw(st.integers(1, 3))):
        change(data.draw, document)
    safe_session.save(document)

    assert_stored(safe_session, document, commands)


@given(data=st.data())
@WITH_SERVER
def test_a_document_that_was_only_read_is_clean(safe_session, commands, data):
    """Reading anything at any depth, of a loaded or of a saved document, sends nothing."""
    document = data.draw(outers())
    safe_session.save(document)
    if data.draw(st.booleans()):
        document = reload(safe_session, document)
    read(document)

    assert_stored(safe_session, document, commands)


def read(document: Document) -> None:
    """Read every field at every depth."""
    for name in type(document).get_fields():
        value = getattr(document, name, None)
        if isinstance(value, Document):
            read(value)
        elif isinstance(value, (list, dict)):
            for item in value.values() if isinstance(value, dict) else value:
                if isinstance(item, Document):
                    read(item)


@given(data=st.data())
@WITHOUT_SERVER
def test_changes_that_were_taken_back_are_no_changes(data):
    """A container that was changed in place and put back as it was leaves the document clean."""
    document = Outer.unwrap(data.draw(outers()).wrap())
    names = [
        name
        for name in Outer.get_fields()
        if isinstance(getattr(document, name, None), (list, set, dict))
    ]
    for name in names:
        held = getattr(document, name)
        before = copy.deepcopy(held)
        for _ in range(data.draw(st.integers(0, 2))):
            go_into(data.draw, Outer.get_fields()[name], held, 1)
        held.clear()
        if isinstance(held, list):
            held.extend(before)
        else:
            held.update(before)

    assert document.get_dirty_ops() == {}


@given(data=st.data())
@WITHOUT_SERVER
def test_a_document_is_dirty_exactly_when_it_would_be_stored_differently(data):
    """After random changes there is something to send if and only if `wrap` gives another dict."""
    document = Outer.unwrap(data.draw(outers()).wrap())
    # A default is part of wrap(), and no change; so it is made before the comparison.
    before = exact(sorted_keys(document.wrap()))
    for _ in range(data.draw(st.integers(0, 3))):
        change(data.draw, document)

    assert bool(document.get_dirty_ops()) == (exact(sorted_keys(document.wrap())) != before)


@given(data=st.data())
@WITHOUT_SERVER
def test_unwrap_of_wrap_is_the_same_document(data):
    """Whatever a document holds comes back through its stored form."""
    document = data.draw(outers())
    stored = document.wrap()

    assert exact(Outer.unwrap(stored).wrap()) == exact(stored)
