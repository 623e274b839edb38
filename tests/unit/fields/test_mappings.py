"""Fields of dicts."""

from __future__ import annotations

import inspect
from collections import OrderedDict

import pytest
from bson.objectid import ObjectId
from bson.son import SON

from ommongo.document import Document
from ommongo.exceptions import BadValueException, InvalidConfigException
from ommongo.fields import (
    AnythingField,
    DateTimeField,
    DictField,
    DocumentField,
    IntField,
    KVField,
    ListField,
    ObjectIdField,
    StringField,
    TupleField,
)
from tests.unit.fields.refusals import refusal

CALLS = ("wrap", "unwrap", "validate_wrap", "validate_unwrap")
BOTH = pytest.mark.parametrize("name", CALLS)
STORING = pytest.mark.parametrize("name", ["wrap", "validate_wrap"])
LOADING = pytest.mark.parametrize("name", ["unwrap", "validate_unwrap"])


class Part(Document):
    """An embedded document, as a value."""

    config_namespace = "tests.mappings"

    number = IntField(db_field="n")


class Key(Document):
    """An embedded document, as a key: hashable by its id."""

    config_namespace = "tests.mappings"

    number = IntField(_id=True)


# -- DictField ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["wrap", "unwrap"])
@pytest.mark.parametrize(
    "value", [{}, {"a": 1, "": 2}, OrderedDict(b=1, a=2), SON([("ключ", 3)])], ids=repr
)
def test_dicts_become_dicts(name, value):
    """Any dict with text as its keys is stored as a document, in its order."""
    converted = getattr(DictField(IntField()), name)(value)

    assert list(converted.items()) == list(value.items())
    assert type(converted) is dict


@BOTH
@pytest.mark.parametrize("value", [[("a", 1)], "text", 33333, {"a"}], ids=ascii)
def test_dicts_only(name, value):
    """What is no dict is refused."""
    assert "takes dict, not" in str(refusal(getattr(DictField(IntField()), name), value))


@BOTH
@pytest.mark.parametrize("key", ["a.b", ".", "$set", "a$", "a\0", "\ud800"], ids=ascii)
def test_unfit_keys_are_refused(name, key):
    """Keys with a meaning in MongoDB, or that UTF-8 cannot encode, are refused, on loading too."""
    error = refusal(getattr(DictField(IntField()), name), {"fine": 1, key: 2})
    assert "Rename the key" in str(error)


@BOTH
@pytest.mark.parametrize("key", [1, None, b"a", ("a",)], ids=repr)
def test_keys_are_text(name, key):
    """Keys of another type are refused, and the message names the field that takes them."""
    error = refusal(getattr(DictField(IntField()), name), {"fine": 1, key: 2})
    assert f"key of type {type(key).__name__}" in str(error)
    assert "KVField()" in str(error)


@BOTH
def test_path_of_a_value(name):
    """A refusal names the key of the value."""
    field = DictField(ListField(IntField()))
    field.__set_name__(Part, "rows")

    with pytest.raises(BadValueException, match="takes int, not str") as caught:
        getattr(field, name)({"a": [1], "b": [2, "x"]})
    assert caught.value.name == "rows['b'][1]"


def test_dict_parameters():
    """The parameters are those of the API, in their order."""
    assert list(inspect.signature(DictField).parameters)[:2] == ["value_field", "default_empty"]
    item = IntField()
    assert DictField(item).value_field is item


@pytest.mark.parametrize(
    "make", [DictField, lambda v, **kw: KVField(IntField(), v, **kw)], ids=["dict", "kv"]
)
def test_default_empty(make):
    """An unset field reads as a new empty dict, and so does the field's default."""

    class Shelf(Document):
        counts = make(IntField(), default_empty=True)

    field = Shelf.get_fields()["counts"]
    one, other = Shelf(), Shelf()
    one.counts[1] = 1

    assert other.counts == {}
    assert field.default == {}
    assert field.default is not field.default
    with pytest.raises(InvalidConfigException, match="default_empty and another default"):
        make(IntField(), default_empty=True, default={})


def test_autoload_is_that_of_the_values():
    """A mapping needs the session where its values do, one of any keys also where its keys do."""
    assert DictField(DateTimeField()).has_autoload
    assert not DictField(IntField()).has_autoload
    assert KVField(DateTimeField(), IntField()).has_autoload
    assert KVField(IntField(), DateTimeField()).has_autoload
    assert not KVField(IntField(), IntField()).has_autoload


# -- KVField --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key_field", "value"),
    [
        (IntField(), {3: "c", 1: "a"}),
        (TupleField(IntField(), IntField()), {(1, 2): "a"}),
        (AnythingField(), {"a.b": "x", 1: "y", b"$": "z"}),
        (StringField(), {}),
    ],
    ids=["int", "tuple", "anything", "empty"],
)
def test_keys_of_any_kind(key_field, value):
    """A dict is stored as an array of entries in its order, and loads as a dict."""
    field = KVField(key_field, StringField())
    stored = field.wrap(value)

    assert stored == [{"k": key_field.wrap(k), "v": v} for k, v in value.items()]
    assert field.unwrap(stored) == value
    assert list(field.unwrap(stored)) == list(value)


@STORING
@pytest.mark.parametrize("value", [[{"k": 1, "v": "a"}], "text", 33333], ids=ascii)
def test_dicts_only_are_stored(name, value):
    """What is no dict is refused."""
    field = KVField(IntField(), StringField())
    assert "takes dict, not" in str(refusal(getattr(field, name), value))


@LOADING
@pytest.mark.parametrize("value", [{"k": 1, "v": "a"}, "text", 33333, ({},)], ids=ascii)
def test_lists_only_are_loaded(name, value):
    """What is stored is an array."""
    field = KVField(IntField(), StringField())
    assert "takes list, not" in str(refusal(getattr(field, name), value))


@LOADING
@pytest.mark.parametrize(
    ("entry", "path"),
    [
        ("no dict", "kv[1]"),
        ([1, "a"], "kv[1]"),
        ({}, "kv[1]"),
        ({"v": "a"}, "kv[1]"),
        ({"k": 1}, "kv[1]"),
        ({"k": 1, "v": "a", "w": 2}, "kv[1]"),
        ({"k": None, "v": "a"}, "kv[1]"),
        ({"k": "one", "v": "a"}, "kv[1].k"),
        ({"k": 1, "v": 2}, "kv[1].v"),
    ],
    ids=ascii,
)
def test_bad_entries_are_refused(name, entry, path):
    """An entry is a dict of a key and a value that their fields accept, and of nothing else."""
    field = KVField(IntField(allow_none=True), StringField())
    field.__set_name__(Part, "kv")

    with pytest.raises(BadValueException) as caught:
        getattr(field, name)([{"k": 2, "v": "b"}, entry])
    assert caught.value.name == path


@STORING
@pytest.mark.parametrize(
    ("value", "path"),
    [({1: "a", None: "b"}, "kv[1]"), ({1: "a", "x": "b"}, "kv[1].k"), ({1: "a", 2: 3}, "kv[1].v")],
    ids=ascii,
)
def test_bad_keys_and_values_are_refused(name, value, path):
    """A key or value that its field refuses, and None as a key, is not stored."""
    field = KVField(IntField(allow_none=True), StringField())
    field.__set_name__(Part, "kv")

    with pytest.raises(BadValueException) as caught:
        getattr(field, name)(value)
    assert caught.value.name == path


@LOADING
@pytest.mark.parametrize(
    ("key_field", "keys"),
    [(IntField(), (1, 1)), (AnythingField(), (1, 1.0))],
    ids=["same", "equal"],
)
def test_keys_that_one_dict_cannot_hold_are_refused(name, key_field, keys):
    """Two entries with one key would lose a value on loading, so they are refused."""
    field = KVField(key_field, StringField())
    stored = [{"k": key, "v": "abc"} for key in keys]

    assert "Keep one of the two" in str(refusal(getattr(field, name), stored))


def test_keys_that_become_equal_by_loading_are_refused():
    """Stored keys that differ but unwrap to one are refused too."""

    class Folded(StringField):
        def unwrap(self, value, session=None):
            return value.lower()

    refusal(KVField(Folded(), IntField()).unwrap, [{"k": "A", "v": 1}, {"k": "a", "v": 2}])


def test_keys_that_are_stored_alike_are_refused():
    """Two forms of one id are no two keys."""
    oid = ObjectId()
    refusal(KVField(ObjectIdField(), IntField()).wrap, {oid: 1, str(oid): 2})


def test_keys_that_are_stored_as_documents():
    """Keys may be stored as what Python cannot hash, as long as they load as what it can."""
    field = KVField(DocumentField(Key), IntField())
    keys = {Key(number=1): 10, Key(number=2): 20}

    assert field.wrap(keys) == [{"k": {"_id": 1}, "v": 10}, {"k": {"_id": 2}, "v": 20}]
    assert field.unwrap(field.wrap(keys)) == keys
    entry = {"k": {"_id": 1}, "v": 10}
    refusal(field.validate_unwrap, [entry, entry])


def test_stored_keys_that_python_cannot_hash():
    """A stored key that can be none of a dict is refused, with what to do."""
    error = refusal(KVField(AnythingField(), IntField()).unwrap, [{"k": [1], "v": 1}])
    assert "ListField() of embedded documents" in str(error)


def test_kv_subfields():
    """Keys and values are fields below, so that queries reach them."""

    class Shelf(Document):
        parts = KVField(StringField(db_field="ignored"), DocumentField(Part))

    field = Shelf.get_fields()["parts"]

    assert field.is_sequence_field
    assert field.has_subfields
    assert list(field.subfields()) == ["k", "v"]
    assert str(Shelf.parts.k) == "parts.k"
    assert str(Shelf.parts.v.number) == "parts.v.n"


def test_one_field_for_keys_and_values():
    """One field object can be that of the keys and of the values."""
    text = StringField()
    field = KVField(text, text)

    assert field.wrap({"a": "b"}) == [{"k": "a", "v": "b"}]
    assert [field.key_field.db_field, field.value_field.db_field] == ["k", "v"]
    assert text.db_field == ""


def test_kv_names_are_looked_up_in_the_namespace_of_its_class():
    """A class that keys or values name belongs to the namespace of the declaring class."""

    class Shelf(Document):
        config_namespace = "tests.mappings"

        parts = KVField(DocumentField("Key"), DocumentField("Part"))

    shelf = Shelf(parts={Key(number=1): Part(number=2)})
    assert shelf.wrap() == {"parts": [{"k": {"_id": 1}, "v": {"n": 2}}]}


def test_query_for_an_entry_or_for_the_whole():
    """A query value may be one entry or a whole dict; what could be both is a whole dict."""
    field = KVField(IntField(), StringField())
    entry = {"k": 1, "v": "a"}

    assert field.wrap_value({1: "a"}) == [entry]
    assert field.wrap_value(entry) == entry
    assert KVField(StringField(), AnythingField()).wrap_value(entry) == [
        {"k": "k", "v": 1},
        {"k": "v", "v": "a"},
    ]
    for value in ({"k": "one", "v": "a"}, [entry], 3):
        with pytest.raises(BadValueException):
            field.wrap_value(value)


def test_kv_parameters():
    """The parameters are those of the API, in their order."""
    names = ["key_field", "value_field", "default_empty"]
    assert list(inspect.signature(KVField).parameters)[:3] == names
