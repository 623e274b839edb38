"""
A value that a field refuses, put into what can change in place, is refused by the field.

Members of the kind, by the value: too long a number, text that is no UTF-8, another type, one out
of bounds, what BSON does not know. By where it is: a list, a set, a dict, an entry, an item of a
list of lists, an embedded document, at any depth. By who looks at it: `update`, `save`, `add`,
`get_dirty_ops`, `session.dirty`, an upsert; of an object that was loaded, in part too, saved or is
new. What no field can judge is left to the driver.
"""

from __future__ import annotations

from typing import Any

import pytest
from bson.errors import InvalidDocument

from ommongo import (
    AnythingField,
    DictField,
    Document,
    DocumentField,
    IntField,
    KVField,
    ListField,
    SetField,
    StringField,
)
from ommongo.exceptions import BadValueException

SPACE = "tests.bad_values_in_place"


class Inner(Document):
    config_namespace = SPACE
    numbers = ListField(IntField(), default_empty=True)


class Holder(Document):
    config_namespace = SPACE
    config_collection_name = "holders"

    numbers = ListField(IntField(max_value=2**62), default_empty=True)
    texts = ListField(StringField(), default_empty=True)
    chosen = SetField(IntField(), default_empty=True)
    by_name = DictField(IntField(), default_empty=True)
    by_key = KVField(IntField(), IntField(), default_empty=True)
    rows = ListField(ListField(IntField()), default_empty=True)
    inner = DocumentField(Inner)
    inners = ListField(DocumentField(Inner), default_empty=True)
    anything = AnythingField(required=False)


def _stored(session: Any) -> None:
    session.save(
        Holder(
            numbers=[1],
            texts=["a"],
            chosen={1},
            by_name={"a": 1},
            by_key={1: 1},
            rows=[[1]],
            inner=Inner(numbers=[1]),
            inners=[Inner(numbers=[1])],
        )
    )


PUT = {
    "long": (lambda holder: holder.numbers.append(2**70), "Holder.numbers[1]"),
    "out of bounds": (lambda holder: holder.numbers.append(2**62 + 1), "Holder.numbers[1]"),
    "another type": (lambda holder: holder.numbers.append("x"), "Holder.numbers[1]"),
    "unknown to BSON": (lambda holder: holder.numbers.append(object()), "Holder.numbers[1]"),
    "no text": (lambda holder: holder.texts.append("\ud800"), "Holder.texts[1]"),
    "in a set": (lambda holder: holder.chosen.add(2**70), "Holder.chosen[]"),
    "in a dict": (lambda holder: holder.by_name.update(b=2**70), "Holder.by_name['b']"),
    "a bad key": (lambda holder: holder.by_name.update({"$b": 2}), "Holder.by_name"),
    "in an entry": (lambda holder: holder.by_key.update({2: 2**70}), "Holder.by_key[1].v"),
    "as a key": (lambda holder: holder.by_key.update({2**70: 1}), "Holder.by_key[1].k"),
    "in a row": (lambda holder: holder.rows[0].append(2**70), "Holder.rows[0][1]"),
    "embedded": (lambda holder: holder.inner.numbers.append(2**70), "Holder.inner.numbers[1]"),
    "in an item": (
        lambda holder: holder.inners[0].numbers.append(2**70),
        "Holder.inners[0].numbers[1]",
    ),
}
LOAD = {
    "loaded": lambda session: session.query(Holder).one(),
    "loaded alone": lambda session: session.query(Holder).first(),
    "from a list": lambda session: session.query(Holder).all()[0],
}
ASK = {
    "update": lambda session, holder: session.update(holder),
    "save": lambda session, holder: session.save(holder),
    "add": lambda session, holder: session.add(holder),
    "get_dirty_ops": lambda session, holder: holder.get_dirty_ops(),
    "with required": lambda session, holder: holder.get_dirty_ops(with_required=True),
    "upsert": lambda session, holder: session.update(holder, upsert=True),
}


@pytest.mark.parametrize("ask", ASK)
@pytest.mark.parametrize("put", PUT)
def test_the_field_refuses_it(safe_session, commands, put, ask):
    """With the path to it, and nothing is sent."""
    change, path = PUT[put]
    _stored(safe_session)
    holder = safe_session.query(Holder).one()
    change(holder)
    commands.clear()

    with pytest.raises(BadValueException) as caught:
        ASK[ask](safe_session, holder)

    assert caught.value.name == path
    assert commands.names("insert", "update") == []
    assert safe_session.queue == []


@pytest.mark.parametrize("load", LOAD)
@pytest.mark.parametrize("put", PUT)
def test_it_is_dirty_and_can_be_corrected(make_session, put, load):
    """`session.dirty` holds it; corrected, it is stored."""
    session = make_session(safe=True, cache_size=10)
    _stored(session)
    session.clear_cache()
    holder = LOAD[load](session)
    PUT[put][0](holder)

    assert session.dirty == [holder]
    with pytest.raises(BadValueException):
        session.update(holder)
    session.reload(holder)
    holder.numbers.append(2)
    assert session.update(holder)["n"] == 1
    assert session.query("holders").one()["numbers"] == [1, 2]


@pytest.mark.parametrize("put", ["long", "no text", "in a set", "in a dict", "embedded"])
@pytest.mark.parametrize("ask", ASK)
def test_so_is_it_in_an_object_that_was_saved(safe_session, put, ask):
    """Of which the BSON is known."""
    change, path = PUT[put]
    _stored(safe_session)
    holder = safe_session.query(Holder).one()
    safe_session.save(holder)
    change(holder)

    with pytest.raises(BadValueException) as caught:
        ASK[ask](safe_session, holder)

    assert caught.value.name == path


@pytest.mark.parametrize("ask", ["update", "save", "get_dirty_ops"])
def test_so_is_it_in_one_that_was_loaded_in_part(safe_session, ask):
    """Its other fields are left alone."""
    _stored(safe_session)
    holder = safe_session.query(Holder).fields(Holder.numbers, Holder.inner).one()
    holder.numbers.append(2**70)

    with pytest.raises(BadValueException, match=r"Holder\.numbers\[1\] takes"):
        ASK[ask](safe_session, holder)


@pytest.mark.parametrize("ask", ["update", "save"])
@pytest.mark.parametrize(
    ("value", "error"), [({"a": 2**70}, OverflowError), ([object()], InvalidDocument)]
)
def test_what_no_field_can_judge_is_left_to_the_driver(safe_session, ask, value, error):
    """A field that takes anything does not know what BSON has."""
    _stored(safe_session)
    holder = safe_session.query(Holder).one()
    holder.anything = value

    with pytest.raises(error):
        ASK[ask](safe_session, holder)

    assert safe_session.queue == []
    assert "anything" not in safe_session.query("holders").one()
