"""
Asking for ``None``: by ``==``, ``!=``, ``in_`` and ``nin``, as methods of fields and of queries.

Of an optional field, and of one with ``allow_none``, it is what is missing or null. Of any other it
is refused, and the message says how to ask for what is missing, and how to declare the field. That
is so on every kind of field, at the top, in an embedded document, in the items of a list, in those
of a list of embedded documents, and in the values of a dict.
"""

from __future__ import annotations

import operator

import pytest

from ommongo import (
    BoolField,
    ComputedField,
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
    SetField,
    SRefField,
    StringField,
    TupleField,
)
from ommongo.exceptions import BadValueException
from ommongo.query import Query

NAMESPACE = "tests.server.asking_for_none"


class Street(Document):
    config_namespace = NAMESPACE
    name = StringField()


def declared(**options):
    """Give a field of each kind."""
    return {
        "flag": BoolField(**options),
        "date": DateTimeField(**options),
        "entries": DictField(IntField(), **options),
        "enum": EnumField(StringField(), "a", **options),
        "geo": GeoField(**options),
        "kv": KVField(StringField(), IntField(), **options),
        "id_text": ObjectIdField(**options),
        "names": SetField(StringField(), **options),
        "number": FloatField(**options),
        "pair": TupleField(IntField(), **options),
        "ref": RefField(**options),
        "sref": SRefField(Street, **options),
        "street": DocumentField(Street, **options),
        "tags": ListField(StringField(), **options),
        "text": StringField(**options),
        "computed": ComputedField(IntField(), lambda values: None, **options),
    }


def house(name, **options):
    """Make a class of such fields, in it and in others that hold it."""
    body = {
        "config_namespace": NAMESPACE,
        "config_collection_name": "houses",
        **declared(**options),
    }
    inner = type("Inner" + name, (Document,), body)
    fields = {
        **declared(**options),
        "inner": DocumentField(inner, required=False),
        "inners": ListField(DocumentField(inner), required=False),
    }
    return type(name, (Document,), {**body, **fields})


Optional = house("Optional", optional=True)
Nullable = house("Nullable", required=False, allow_none=True)
Other = house("Other", required=False)
NAMES = [*declared(), *(f"{above}.{name}" for above in ("inner", "inners") for name in declared())]
WAYS = {
    "==": lambda query, field: query.filter(operator.eq(field, None)),
    "eq_": lambda query, field: query.filter(field.eq_(None)),
    "!=": lambda query, field: query.filter(operator.ne(field, None)),
    "ne_": lambda query, field: query.filter(field.ne_(None)),
    "in_": lambda query, field: query.filter(field.in_(None)),
    "in_list": lambda query, field: query.filter(field.in_([None])),
    "nin": lambda query, field: query.filter(field.nin(None)),
    "not_in": lambda query, field: query.filter(field.not_in(None)),
    "query_in": lambda query, field: query.in_(field, None),
    "query_nin": lambda query, field: query.nin(field, None),
    "filter_by": lambda query, field: query.filter_by(**{str(field): None}),
}
SENT = {
    "==": None,
    "eq_": None,
    "filter_by": None,
    "!=": {"$ne": None},
    "ne_": {"$ne": None},
    "in_": {"$in": [None]},
    "in_list": {"$in": [None]},
    "query_in": {"$in": [None]},
    "nin": {"$nin": [None]},
    "not_in": {"$nin": [None]},
    "query_nin": {"$nin": [None]},
}


def field_of(cls, name):
    """Give the query field of a dotted name."""
    return operator.attrgetter(name)(cls)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("cls", [Optional, Nullable], ids=lambda cls: cls.__name__)
def test_none_is_asked_for(cls, name):
    """It is sent as None, which is what is missing or null for the server."""
    for way, ask in WAYS.items():
        query = ask(Query(cls, None), field_of(cls, name))
        assert query.query == {name: SENT[way]}, way


@pytest.mark.parametrize("name", [*NAMES, "entries.a"])
def test_none_is_refused(name):
    """Where it is no value, the message has all ways out."""
    for ask in WAYS.values():
        with pytest.raises(BadValueException) as caught:
            ask(Query(Other, None), field_of(Other, name))
        text = str(caught.value)
        assert text.startswith(f"Other.{name} ")
        for way_out in ("exists(False)", "optional=True", "allow_none=True"):
            assert way_out in text


def test_values_beside_none():
    """Beside None each value is judged."""
    assert Optional.text.in_(None, "a").obj == {"text": {"$in": [None, "a"]}}
    with pytest.raises(BadValueException, match="takes str, not int"):
        Optional.text.in_(None, 3)
    with pytest.raises(BadValueException, match=r"exists\(False\)"):
        Other.text.in_("a", None)
    with pytest.raises(BadValueException, match=r"exists\(False\)"):
        Other.tags.in_(["a", None])


def test_items_that_may_be_none():
    """An item is one thing, and the list another."""

    class Holder(Document):
        config_namespace = NAMESPACE
        tags = ListField(StringField(allow_none=True))
        lists = ListField(StringField(), optional=True)

    assert (Holder.tags == None).obj == {"tags": None}
    assert Holder.lists.in_(None, ["a"]).obj == {"lists": {"$in": [None, ["a"]]}}


def test_what_the_server_finds(session, database):
    """Missing and null are one; a value, the empty one too, is another."""
    database["houses"].insert_many(
        [
            {"_id": 1},
            {"_id": 2, "text": None, "inner": {"text": None}, "inners": [{"text": None}]},
            {"_id": 3, "text": "", "inner": {"text": ""}, "inners": [{"text": ""}]},
            {"_id": 4, "text": "a", "inner": {"text": "a"}, "inners": [{"text": "a"}, {}]},
        ]
    )

    def found(*expressions):
        query = session.query(Optional).filter(*expressions).ascending("mongo_id")
        return [raw["_id"] for raw in query.raw_output()]

    for field in (Optional.text, Optional.inner.text):
        assert found(field.eq_(None)) == [1, 2]
        assert found(field.ne_(None)) == [3, 4]
        assert found(~field.eq_(None)) == [3, 4]
        assert found(field.in_(None, "")) == [1, 2, 3]
        assert found(field.nin(None, "")) == [4]
        assert found(field.exists(False)) == [1]
    assert found(Optional.inners.text.eq_(None)) == [1, 2, 4]
    assert found(Optional.inners.elem_match({"text": None})) == [2, 4]
