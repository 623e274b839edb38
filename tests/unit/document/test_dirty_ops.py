"""get_dirty_ops: the update that brings what is stored to what the object is now."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from bson import Int64, ObjectId

from ommongo import (
    AnythingField,
    BoolField,
    CreatedField,
    DateTimeField,
    DictField,
    Document,
    DocumentField,
    FloatField,
    IntField,
    KVField,
    ListField,
    ModifiedField,
    SetField,
    StringField,
    TupleField,
    computed_field,
)
from ommongo.document import FieldNotRetrieved, MissingValueException

KEY = ObjectId("0123456789abcdef01234567")


class Place(Document):
    """A document to be embedded, which embeds another of its kind."""

    city = StringField(db_field="c")
    zip = StringField(required=False)
    tags = ListField(StringField(), required=False)
    near = DocumentField("Place", required=False)

    config_namespace = "dirty"


class User(Document):
    """A class with fields of many kinds."""

    name = StringField(db_field="n")
    age = IntField(required=False)
    ratio = FloatField(required=False)
    flag = BoolField(required=False)
    at = DateTimeField(required=False)
    pair = TupleField(IntField(), IntField(), required=False)
    any = AnythingField(required=False)
    tags = ListField(StringField(), required=False)
    matrix = ListField(ListField(IntField()), required=False)
    groups = SetField(StringField(), required=False)
    limits = DictField(IntField(), required=False)
    deep = DictField(DictField(ListField(IntField())), required=False)
    pairs = KVField(IntField(), StringField(), required=False)
    address = DocumentField(Place, required=False)
    addresses = ListField(DocumentField(Place), required=False)
    by_kind = DictField(DocumentField(Place), required=False)


class Operators(Document):
    """A class whose fields are updated by operators of their own."""

    hits = IntField(required=False, on_update="$inc")
    log = ListField(StringField(), required=False, on_update="$push")
    old_log = ListField(StringField(), required=False, on_update="$pushAll")
    tags = ListField(StringField(), required=False, on_update="$pullAll")
    fixed = StringField(required=False, on_update="ignore")
    gone = StringField(required=False, on_update="$unset")
    name = StringField(required=False)


class Computed(Document):
    """A class with computed fields."""

    first = StringField()
    last = StringField(required=False)
    other = StringField(required=False)

    @computed_field(StringField(), deps=["first", "last"])
    def full(values):
        return f"{values['first']} {values['last']}"

    @computed_field(IntField())
    def always(values):
        return 7


class Stamped(Document):
    """A class that notes when it was made and changed."""

    name = StringField()
    created = CreatedField()
    modified = ModifiedField()


def loaded(cls=User, **raw):
    """Give an object as it comes from the database."""
    return cls.unwrap({"_id": KEY, **raw})


def changes(document):
    """Give the dirty fields, sets and unsets alike, by stored name; unset ones as ``None``."""
    ops = document.get_dirty_ops()
    assert set(ops) <= {"$set", "$unset"}
    return {**dict.fromkeys(ops.get("$unset", {})), **ops.get("$set", {})}


# -- clean and dirty --------------------------------------------------------------------------


def test_a_loaded_document_is_clean():
    """Nothing has changed yet."""
    raw = {
        "n": "ada",
        "age": 36,
        "ratio": 1.5,
        "at": datetime(2020, 1, 1),
        "pair": [1, 2],
        "any": {"x": [1]},
        "tags": ["a"],
        "groups": ["x", "y"],
        "limits": {"a": 1},
        "pairs": [{"k": 1, "v": "a"}],
        "address": {"c": "Bogor"},
        "addresses": [{"c": "x"}],
    }

    assert loaded(**raw).get_dirty_ops() == {}


def test_reading_does_not_make_a_document_dirty():
    """Reading every field, of whatever kind, changes nothing."""
    user = loaded(
        n="ada",
        tags=["a"],
        groups=["y", "x"],
        limits={"a": 1},
        pairs=[{"k": 1, "v": "a"}],
        any={"x": [1]},
        pair=[1, 2],
        at=datetime(2020, 1, 1),
        address={"c": "Bogor", "tags": ["t"]},
        addresses=[{"c": "x"}],
        by_kind={"home": {"c": "x"}},
    )
    for name in User.get_fields():
        getattr(user, name, None)
    _ = user.address.tags, user.addresses[0].city, user.by_kind["home"].city

    assert user.get_dirty_ops() == {}


def test_constructing_makes_fields_dirty():
    """Each value given to the constructor is to be set, under its stored name."""
    assert User(name="ada", age=36).get_dirty_ops() == {"$set": {"n": "ada", "age": 36}}


def test_values_are_sent_in_their_stored_form():
    """Sets, tuples, key-value pairs and documents are wrapped."""
    user = User(
        name="a",
        groups={"x"},
        pair=(1, 2),
        pairs={1: "a"},
        addresses=[Place(city="x")],
        by_kind={"home": Place(city="y")},
    )

    assert changes(user) == {
        "n": "a",
        "groups": ["x"],
        "pair": [1, 2],
        "pairs": [{"k": 1, "v": "a"}],
        "addresses": [{"c": "x"}],
        "by_kind": {"home": {"c": "y"}},
    }


def test_assigning_makes_a_field_dirty():
    """An assigned value that differs is to be set."""
    user = loaded(n="ada", age=36)
    user.age = 37

    assert user.get_dirty_ops() == {"$set": {"age": 37}}


def test_asking_does_not_change_the_answer():
    """`get_dirty_ops` can be asked again and gives the same."""
    user = loaded(n="ada", tags=["a"])
    user.name = "eva"
    user.tags.append("b")

    assert (
        user.get_dirty_ops() == user.get_dirty_ops() == {"$set": {"n": "eva", "tags": ["a", "b"]}}
    )


def test_what_was_given_out_is_not_the_documents_own():
    """Changing the update that was given out changes nothing else."""
    user = loaded(n="ada", tags=["a"])
    user.tags.append("b")
    user.get_dirty_ops()["$set"]["tags"].append("c")

    assert user.tags == ["a", "b"]
    assert user.get_dirty_ops() == {"$set": {"tags": ["a", "b"]}}


def test_assigning_an_equal_value_is_no_change():
    """A value that is stored as it is already needs no update."""
    user = loaded(n="ada", age=36, tags=["a"], limits={"a": 1}, pair=[1, 2])
    user.name = "ada"
    user.age = 36
    user.tags = ["a"]
    user.limits = {"a": 1}
    user.pair = (1, 2)

    assert user.get_dirty_ops() == {}


def test_a_value_that_was_changed_back_is_no_change():
    """What counts is the difference to what is stored, not the way there."""
    user = loaded(n="ada", age=36)
    user.name = "eva"
    user.name = "ada"
    del user.age
    user.age = 36

    assert user.get_dirty_ops() == {}


def test_setting_a_field_that_was_not_stored_makes_it_dirty():
    """A value where there was none is a change."""
    user = loaded(n="ada")
    user.age = 36

    assert user.get_dirty_ops() == {"$set": {"age": 36}}


def test_deleting_a_field_unsets_it():
    """A deleted field is taken out of the stored document, under its stored name."""
    user = loaded(n="ada", age=36)
    del user.age

    ops = user.get_dirty_ops()
    assert set(ops) == {"$unset"}
    assert set(ops["$unset"]) == {"age"}


def test_deleting_a_required_field_unsets_it_too():
    """A required field that was deleted is unset as any other."""
    user = loaded(n="ada")
    del user.name

    assert set(user.get_dirty_ops()["$unset"]) == {"n"}


def test_a_field_that_was_set_and_deleted_again_is_clean():
    """A field that is not stored and not there needs no update."""
    user = loaded(n="ada")
    user.age = 36
    del user.age

    assert user.get_dirty_ops() == {}


def test_deleting_a_list_or_embedded_document_unsets_it():
    """Fields of every kind can be deleted."""
    user = loaded(n="a", tags=["a"], address={"c": "x"}, limits={"a": 1})
    user.tags.append("b")
    user.address.city = "y"
    del user.tags
    del user.address
    del user.limits

    assert changes(user) == {"tags": None, "address": None, "limits": None}


def test_the_id_is_never_in_it():
    """``_id`` of a new document, of a loaded one, or declared: no update names it."""

    class Country(Document):
        code = StringField(_id=True)
        name = StringField(required=False)

    assert User(mongo_id=KEY, name="a").get_dirty_ops() == {"$set": {"n": "a"}}
    assert Country(code="ID", name="a").get_dirty_ops() == {"$set": {"name": "a"}}
    assert Country(code="ID").get_dirty_ops(with_required=True) == {}
    country = Country.unwrap({"_id": "ID"})
    country.code = "NL"
    assert country.get_dirty_ops() == {}


# -- changes in place -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda tags: tags.append("c"), ["a", "b", "c"]),
        (lambda tags: tags.insert(0, "c"), ["c", "a", "b"]),
        (lambda tags: tags.pop(), ["a"]),
        (lambda tags: tags.reverse(), ["b", "a"]),
        (lambda tags: tags.clear(), []),
        (lambda tags: tags.__setitem__(0, "x"), ["x", "b"]),
        (lambda tags: tags.extend(["c", "d"]), ["a", "b", "c", "d"]),
    ],
    ids=["append", "insert", "pop", "reverse", "clear", "set an item", "extend"],
)
def test_a_list_changed_in_place_is_found(change, expected):
    """Whatever happens to a list, the new list is to be set."""
    user = loaded(n="ada", tags=["a", "b"])
    change(user.tags)

    assert user.get_dirty_ops() == {"$set": {"tags": expected}}


def test_a_list_inside_a_list_changed_in_place_is_found():
    """A change at any depth sets the whole field."""
    user = loaded(n="ada", matrix=[[1], [2, 3]])
    user.matrix[1].append(4)

    assert user.get_dirty_ops() == {"$set": {"matrix": [[1], [2, 3, 4]]}}


def test_a_set_changed_in_place_is_found():
    """Adding to a set and taking out of it are changes."""
    user = loaded(n="ada", groups=["x", "y"])
    user.groups.add("z")
    user.groups.remove("x")

    assert sorted(user.get_dirty_ops()["$set"]["groups"]) == ["y", "z"]


def test_the_order_of_a_stored_set_does_not_count():
    """A set that is stored in another order than it would be now is clean."""
    for stored in (["x", "y", "z"], ["z", "y", "x"], ["y", "x", "z"]):
        user = loaded(n="ada", groups=stored)
        assert user.groups == {"x", "y", "z"}
        assert user.get_dirty_ops() == {}
        user.groups = {"y", "z", "x"}
        assert user.get_dirty_ops() == {}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda limits: limits.update(b=2), {"a": 1, "b": 2}),
        (lambda limits: limits.pop("a"), {}),
        (lambda limits: limits.__setitem__("a", 3), {"a": 3}),
    ],
    ids=["add", "pop", "set"],
)
def test_a_dict_changed_in_place_is_found(change, expected):
    """Whatever happens to a dict, the new dict is to be set."""
    user = loaded(n="ada", limits={"a": 1})
    change(user.limits)

    assert user.get_dirty_ops() == {"$set": {"limits": expected}}


def test_a_change_deep_inside_a_dict_is_found():
    """A list inside a dict inside a dict is watched too."""
    user = loaded(n="ada", deep={"a": {"b": [1]}})
    user.deep["a"]["b"].append(2)

    assert user.get_dirty_ops() == {"$set": {"deep": {"a": {"b": [1, 2]}}}}


def test_a_key_value_field_changed_in_place_is_found():
    """A dict that is stored as pairs is watched too."""
    user = loaded(n="ada", pairs=[{"k": 1, "v": "a"}])
    user.pairs[2] = "b"

    assert user.get_dirty_ops() == {"$set": {"pairs": [{"k": 1, "v": "a"}, {"k": 2, "v": "b"}]}}


def test_a_change_inside_anything_is_found():
    """What an `AnythingField` holds is watched at any depth."""
    user = loaded(n="ada", any=[{"x": [1]}])
    user.any[0]["x"].append(2)

    assert user.get_dirty_ops() == {"$set": {"any": [{"x": [1, 2]}]}}


def test_a_change_inside_an_embedded_document_of_a_list_is_found():
    """An embedded document in a list that was changed sets the whole list."""
    user = loaded(n="ada", addresses=[{"c": "x"}, {"c": "y"}])
    user.addresses[1].city = "z"

    assert user.get_dirty_ops() == {"$set": {"addresses": [{"c": "x"}, {"c": "z"}]}}


def test_a_change_inside_an_embedded_document_of_a_dict_is_found():
    """So does one in a dict."""
    user = loaded(n="ada", by_kind={"home": {"c": "x"}})
    user.by_kind["home"].city = "z"

    assert user.get_dirty_ops() == {"$set": {"by_kind": {"home": {"c": "z"}}}}


def test_a_value_changed_in_place_and_changed_back_is_clean():
    """Lists, sets, dicts and embedded documents that are what they were are clean."""
    user = loaded(
        n="ada",
        tags=["a"],
        groups=["x"],
        limits={"a": 1},
        deep={"a": {"b": [1]}},
        address={"c": "x", "tags": ["t"]},
        addresses=[{"c": "x"}],
    )
    user.tags.append("b")
    user.tags.pop()
    user.groups.add("y")
    user.groups.discard("y")
    user.limits["b"] = 1
    del user.limits["b"]
    user.deep["a"]["b"][0] = 5
    user.deep["a"]["b"][0] = 1
    user.address.city = "y"
    user.address.city = "x"
    user.address.tags.append("u")
    user.address.tags.pop()
    user.addresses[0].zip = "1"
    del user.addresses[0].zip

    assert user.get_dirty_ops() == {}


def test_a_list_that_was_kept_elsewhere_is_still_watched():
    """It does not matter through which name a list is changed."""
    user = loaded(n="ada", tags=["a"])
    tags = user.tags
    assert user.get_dirty_ops() == {}
    tags.append("b")

    assert user.get_dirty_ops() == {"$set": {"tags": ["a", "b"]}}


def test_a_list_that_was_assigned_is_watched_from_then_on():
    """An assigned list that is changed later is sent as it is when asked for."""
    user = loaded(n="ada", tags=["a"])
    tags = ["b"]
    user.tags = tags
    tags.append("c")

    assert user.get_dirty_ops() == {"$set": {"tags": ["b", "c"]}}


def test_a_list_assigned_equal_and_then_changed_is_found():
    """An equal list that took the place of the loaded one is watched against what is stored."""
    user = loaded(n="ada", tags=["a"])
    user.tags = ["a"]
    assert user.get_dirty_ops() == {}
    user.tags.append("b")

    assert user.get_dirty_ops() == {"$set": {"tags": ["a", "b"]}}


# -- what is equal ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stored", "assigned"),
    [
        (1, True),
        (True, 1),
        (0, False),
        (1, 1.0),
        (1.0, 1),
        (True, 1.0),
        ("1", 1),
        (None, 0),
        ("", None),
        ([], {}),
        ([1], [True]),
        ({"x": 1}, {"x": 1.0}),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ([{"a": 1, "b": 2}], [{"b": 2, "a": 1}]),
        (b"a", "a"),
    ],
    ids=repr,
)
def test_values_that_are_stored_differently_are_different(stored, assigned):
    """What Python calls equal is dirty where BSON would store something else."""
    user = loaded(n="ada", any=stored)
    user.any = assigned

    found = user.get_dirty_ops()["$set"]["any"]
    assert repr(found) == repr(assigned)


@pytest.mark.parametrize(
    ("stored", "assigned"),
    [
        (1, Int64(1)),
        (Int64(1), 1),
        (float("nan"), float("nan")),
        ([float("nan")], [float("nan")]),
        ({"x": float("nan")}, {"x": float("nan")}),
        ({"x": [1, Int64(2)]}, {"x": [Int64(1), 2]}),
        ([1, 2], (1, 2)),
        (datetime(2020, 1, 1, 0, 0, 0, 1000), datetime(2020, 1, 1, 0, 0, 0, 1999)),
        (datetime(2020, 1, 1, 12), datetime(2020, 1, 1, 12, tzinfo=timezone.utc)),
        (
            datetime(2020, 1, 1, 12),
            datetime(2020, 1, 1, 19, tzinfo=timezone(timedelta(hours=7))),
        ),
    ],
    ids=lambda value: f"{type(value).__name__} {value!r}",
)
def test_values_that_are_stored_alike_are_equal(stored, assigned):
    """What BSON would store in the same way is no change."""
    user = loaded(n="ada", any=stored)
    user.any = assigned

    assert user.get_dirty_ops() == {}


def test_nan_equals_nan_in_a_float_field():
    """A stored NaN that stays NaN is clean, read and assigned."""
    user = loaded(n="ada", ratio=float("nan"))
    assert user.ratio != user.ratio
    assert user.get_dirty_ops() == {}
    user.ratio = float("nan")

    assert user.get_dirty_ops() == {}


def test_an_integer_in_a_float_field_equals_the_float():
    """A float field stores doubles, so 1 and 1.0 are the same there."""
    user = loaded(n="ada", ratio=1.0)
    user.ratio = 1

    assert user.get_dirty_ops() == {}


def test_dates_are_compared_to_the_millisecond():
    """What BSON would cut off is no difference; a whole millisecond is one."""
    user = loaded(n="ada", at=datetime(2020, 1, 1, 0, 0, 0, 5000))
    user.at = datetime(2020, 1, 1, 0, 0, 0, 5999)
    assert user.get_dirty_ops() == {}
    user.at = datetime(2020, 1, 1, 0, 0, 0, 6000)

    assert set(user.get_dirty_ops()["$set"]) == {"at"}


def test_dates_are_compared_as_instants():
    """One instant in two time zones is one value; the same clock time in two is two."""
    east = timezone(timedelta(hours=7))
    user = loaded(n="ada", at=datetime(2020, 1, 1, 12))
    user.at = datetime(2020, 1, 1, 19, tzinfo=east)
    assert user.get_dirty_ops() == {}
    user.at = datetime(2020, 1, 1, 12, tzinfo=east)

    assert set(user.get_dirty_ops()["$set"]) == {"at"}


def test_the_order_of_keys_in_a_dict_field_counts():
    """BSON keeps the order of keys, so another order is another value."""
    user = loaded(n="ada", limits={"a": 1, "b": 2})
    user.limits = {"b": 2, "a": 1}

    assert list(user.get_dirty_ops()["$set"]["limits"]) == ["b", "a"]


def test_the_order_of_a_list_counts():
    """Another order of a list is another value."""
    user = loaded(n="ada", tags=["a", "b"])
    user.tags.reverse()

    assert user.get_dirty_ops() == {"$set": {"tags": ["b", "a"]}}


# -- embedded documents -----------------------------------------------------------------------


def test_an_embedded_document_changed_inside_gives_a_dotted_name():
    """Only what changed inside is to be set, by its stored dotted name."""
    user = loaded(n="ada", address={"c": "Jakarta", "zip": "1"})
    user.address.city = "Bogor"

    assert user.get_dirty_ops() == {"$set": {"address.c": "Bogor"}}


def test_a_field_deleted_inside_an_embedded_document_is_unset_by_a_dotted_name():
    """Deleting inside gives a dotted ``$unset``."""
    user = loaded(n="ada", address={"c": "Jakarta", "zip": "1"})
    del user.address.zip

    ops = user.get_dirty_ops()
    assert set(ops) == {"$unset"}
    assert set(ops["$unset"]) == {"address.zip"}


def test_a_list_changed_inside_an_embedded_document_gives_a_dotted_name():
    """A change in place inside an embedded document is found as well."""
    user = loaded(n="ada", address={"c": "Jakarta", "tags": ["a"]})
    user.address.tags.append("b")

    assert user.get_dirty_ops() == {"$set": {"address.tags": ["a", "b"]}}


def test_a_change_several_documents_deep_gives_a_longer_name():
    """Dotted names reach through all levels."""
    user = loaded(n="ada", address={"c": "a", "near": {"c": "b", "near": {"c": "c"}}})
    user.address.near.near.city = "d"

    assert user.get_dirty_ops() == {"$set": {"address.near.near.c": "d"}}


def test_an_embedded_document_that_replaced_a_stored_one_is_set_whole():
    """After an assignment nothing of the old embedded document may stay."""
    user = loaded(n="ada", address={"c": "Jakarta", "zip": "1"})
    user.address = Place(city="Bogor")

    assert user.get_dirty_ops() == {"$set": {"address": {"c": "Bogor"}}}


def test_an_embedded_document_that_replaced_a_stored_one_and_was_changed_is_set_whole():
    """Changes after the assignment are in the whole that is set."""
    user = loaded(n="ada", address={"c": "Jakarta", "zip": "1"})
    user.address = Place(city="Bogor")
    user.address.tags = ["a"]

    assert user.get_dirty_ops() == {"$set": {"address": {"c": "Bogor", "tags": ["a"]}}}


def test_an_equal_embedded_document_that_replaced_a_stored_one_is_no_change():
    """A document that would be stored as the old one is needs no update."""
    user = loaded(n="ada", address={"c": "Jakarta", "zip": "1"})
    user.address = Place(city="Jakarta", zip="1")

    assert user.get_dirty_ops() == {}


def test_an_embedded_document_that_replaced_one_deeper_down_is_set_whole():
    """What holds at the top holds below: the inner document is set whole, by its dotted name."""
    user = loaded(n="ada", address={"c": "a", "near": {"c": "b", "zip": "1"}})
    user.address.near = Place(city="d")

    assert user.get_dirty_ops() == {"$set": {"address.near": {"c": "d"}}}


def test_an_embedded_document_of_another_loaded_document_is_set_whole():
    """A loaded embedded document that moves to another parent is new there."""
    first = loaded(n="ada", address={"c": "Jakarta", "zip": "1"})
    second = loaded(n="bob", address={"c": "Bogor", "tags": ["a"]})
    second.address = first.address

    assert second.get_dirty_ops() == {"$set": {"address": {"c": "Jakarta", "zip": "1"}}}
    assert first.get_dirty_ops() == {}


def test_an_embedded_document_of_another_loaded_document_is_set_where_none_was():
    """A clean embedded document that moves to a parent without one is sent with all it has."""
    first = loaded(n="ada", address={"c": "Jakarta", "zip": "1"})
    second = loaded(n="bob")
    second.address = first.address

    assert changes(second) in (
        {"address": {"c": "Jakarta", "zip": "1"}},
        {"address.c": "Jakarta", "address.zip": "1"},
    )


def test_an_embedded_document_that_was_taken_out_and_put_back_is_no_change():
    """The same embedded document in the same place is what is stored."""
    user = loaded(n="ada", address={"c": "Jakarta", "zip": "1"})
    place = user.address
    del user.address
    user.address = place

    assert user.get_dirty_ops() == {}


def test_an_embedded_document_of_a_new_document_gives_dotted_names():
    """Of a document that was never stored, the set fields of an embedded one are sent dotted."""
    user = User(name="ada", address=Place(city="Bogor", zip="1"))

    assert user.get_dirty_ops() == {"$set": {"n": "ada", "address.c": "Bogor", "address.zip": "1"}}


def test_an_empty_embedded_document_of_a_new_document_is_not_sent():
    """Nothing is set in it, and what may be stored there already must not be erased."""
    assert User(name="ada", address=Place()).get_dirty_ops() == {"$set": {"n": "ada"}}


# -- operators --------------------------------------------------------------------------------


def test_each_field_is_sent_by_its_own_operation():
    """`on_update` names the operator of a field."""
    document = Operators.unwrap({"_id": KEY, "hits": 10, "log": ["a"], "tags": ["x", "y"]})
    document.hits = 3
    document.log = ["b"]
    document.tags = ["x"]
    document.name = "n"
    ops = document.get_dirty_ops()

    assert ops["$set"] == {"name": "n"}
    assert ops["$inc"] == {"hits": 3}
    assert list(ops["$pullAll"]["tags"]) == ["x"]
    assert set(ops) == {"$set", "$inc", "$pullAll", "$push"}


def test_operators_of_new_documents_are_the_same():
    """A constructed document sends by operators too."""
    assert Operators(hits=3, name="n").get_dirty_ops() == {
        "$inc": {"hits": 3},
        "$set": {"name": "n"},
    }


def test_a_field_to_be_ignored_is_never_sent():
    """``on_update='ignore'`` keeps a field out, new, changed or deleted."""
    assert Operators(fixed="a").get_dirty_ops() == {}
    document = Operators.unwrap({"_id": KEY, "fixed": "a"})
    document.fixed = "b"
    assert document.get_dirty_ops() == {}


def test_an_operator_field_is_dirty_whenever_it_was_assigned():
    """An argument counts, also when it happens to equal what is stored."""
    document = Operators.unwrap({"_id": KEY, "hits": 3, "name": "n"})
    document.hits = 3
    document.name = "n"

    assert document.get_dirty_ops() == {"$inc": {"hits": 3}}


def test_an_operator_field_that_was_not_assigned_is_clean():
    """Reading a field with an operator makes no argument of its value."""
    document = Operators.unwrap({"_id": KEY, "hits": 3, "log": ["a"], "tags": ["x"]})
    assert (document.hits, document.log, document.tags) == (3, ["a"], ["x"])

    assert document.get_dirty_ops() == {}


def test_an_unset_operation_takes_the_field_out_whatever_was_assigned():
    """``on_update='$unset'`` unsets a field that was changed, under its stored name."""
    document = Operators.unwrap({"_id": KEY, "gone": "a"})
    document.gone = "b"

    assert set(document.get_dirty_ops()) == {"$unset"}
    assert set(document.get_dirty_ops()["$unset"]) == {"gone"}


def test_operators_inside_embedded_documents_get_dotted_names():
    """A field of an embedded document is sent by its own operation."""

    class Holder(Document):
        inner = DocumentField(Operators, db_field="in")

    holder = loaded(Holder, **{"in": {"hits": 10, "fixed": "a", "name": "n"}})
    holder.inner.hits = 3
    holder.inner.fixed = "b"
    holder.inner.name = "m"

    assert holder.get_dirty_ops() == {"$inc": {"in.hits": 3}, "$set": {"in.name": "m"}}


# -- fields that follow others ----------------------------------------------------------------


def test_a_computed_field_is_sent_when_a_dependency_is_dirty():
    """What was computed from a changed field is sent with it."""
    document = Computed.unwrap({"_id": KEY, "first": "a", "last": "b", "full": "a b", "always": 7})
    document.first = "x"

    ops = document.get_dirty_ops()
    assert ops["$set"]["full"] == "x b"
    assert ops["$set"]["first"] == "x"


def test_a_computed_field_is_not_sent_when_no_dependency_is_dirty():
    """A change of something else does not send it."""
    document = Computed.unwrap({"_id": KEY, "first": "a", "last": "b", "full": "a b", "always": 7})
    document.other = "x"

    assert "full" not in document.get_dirty_ops()["$set"]


def test_a_computed_field_that_lost_a_dependency_is_unset():
    """What was computed of a field that is gone must not stay stored."""
    document = Computed.unwrap({"_id": KEY, "first": "a", "last": "b", "full": "a b", "always": 7})
    del document.last

    assert set(document.get_dirty_ops()["$unset"]) == {"last", "full"}


def test_a_computed_field_of_a_new_document_that_lacks_a_dependency_is_left_out():
    """What cannot be computed yet is not sent."""
    assert Computed(other="x").get_dirty_ops() == {"$set": {"other": "x", "always": 7}}


def test_a_computed_field_without_dependencies_is_sent_with_every_change():
    """Nobody knows what it depends on, so it goes along."""
    document = Computed.unwrap({"_id": KEY, "first": "a", "always": 7})
    document.other = "x"

    assert document.get_dirty_ops()["$set"]["always"] == 7


def test_a_computed_field_that_depends_on_a_list_changed_in_place_is_sent():
    """A dependency that was changed in place is a dirty one."""

    class Summed(Document):
        numbers = ListField(IntField())

        @computed_field(IntField(), deps=["numbers"])
        def total(values):
            return sum(values["numbers"])

    document = Summed.unwrap({"_id": KEY, "numbers": [1, 2], "total": 3})
    assert document.get_dirty_ops() == {}
    document.numbers.append(3)

    assert document.get_dirty_ops() == {"$set": {"numbers": [1, 2, 3], "total": 6}}


def test_the_modified_date_is_sent_with_every_change():
    """A change of anything moves the date of modification."""
    before = datetime(2000, 1, 1)
    document = Stamped.unwrap({"_id": KEY, "name": "a", "created": before, "modified": before})
    document.name = "b"
    ops = document.get_dirty_ops()

    assert set(ops["$set"]) == {"name", "modified"}
    assert ops["$set"]["modified"] > before


# -- required fields --------------------------------------------------------------------------


def test_with_required_includes_required_fields_that_did_not_change():
    """An upsert needs every required field."""
    user = loaded(n="ada", age=36)

    assert user.get_dirty_ops(with_required=True) == {"$set": {"n": "ada"}}


def test_with_required_includes_changes_too():
    """Changes of optional fields are there as well."""
    user = loaded(n="ada", age=36)
    user.age = 37

    assert user.get_dirty_ops(with_required=True) == {"$set": {"n": "ada", "age": 37}}


def test_with_required_refuses_a_required_field_that_is_not_set():
    """A document that lacks a required field cannot be upserted."""
    with pytest.raises(MissingValueException, match="name"):
        loaded(age=36).get_dirty_ops(with_required=True)
    with pytest.raises(MissingValueException, match="name"):
        User(age=36).get_dirty_ops(with_required=True)


def test_without_it_a_missing_required_field_is_no_error():
    """An update of a document that lacks a required field is allowed."""
    user = loaded(age=36)
    user.age = 37

    assert user.get_dirty_ops() == {"$set": {"age": 37}}


def test_with_required_includes_the_default_of_a_required_field():
    """A default is the value of an unset field, so nothing is missing."""

    class Themed(Document):
        theme = StringField(default="dark")

    assert Themed.unwrap({"_id": KEY}).get_dirty_ops(with_required=True) == {
        "$set": {"theme": "dark"}
    }


# -- partly loaded values ---------------------------------------------------------------------


def test_a_list_that_was_loaded_in_part_and_left_alone_is_clean():
    """What was not loaded is no change."""
    user = User.unwrap({"_id": KEY, "addresses": [{"c": "x"}]}, fields=["addresses.city"])

    assert [place.city for place in user.addresses] == ["x"]
    assert user.get_dirty_ops() == {}


def test_a_list_that_was_loaded_in_part_and_changed_in_place_is_refused():
    """What would be written is not the whole list, so nothing can be written."""
    user = User.unwrap({"_id": KEY, "addresses": [{"c": "x"}]}, fields=["addresses.city"])
    user.addresses.append(Place(city="y"))

    with pytest.raises(FieldNotRetrieved, match="addresses"):
        user.get_dirty_ops()


def test_a_document_changed_inside_a_list_that_was_loaded_in_part_is_refused():
    """Nor can a change of one of its items."""
    user = User.unwrap({"_id": KEY, "addresses": [{"c": "x"}]}, fields=["addresses.city"])
    user.addresses[0].city = "y"

    with pytest.raises(FieldNotRetrieved, match="addresses"):
        user.get_dirty_ops()


def test_a_value_assigned_to_a_list_that_was_loaded_in_part_replaces_it():
    """Another list given by assignment is whole."""
    user = User.unwrap({"_id": KEY, "addresses": [{"c": "x"}]}, fields=["addresses.city"])
    user.addresses = [Place(city="z")]

    assert user.get_dirty_ops() == {"$set": {"addresses": [{"c": "z"}]}}


def test_the_same_partly_loaded_list_assigned_again_is_not_the_whole():
    """Assigning what was loaded in part must not write the part over the whole."""
    user = User.unwrap({"_id": KEY, "addresses": [{"c": "x"}]}, fields=["addresses.city"])
    places = user.addresses
    places.append(Place(city="y"))
    user.addresses = places

    with pytest.raises(FieldNotRetrieved, match="addresses"):
        user.get_dirty_ops()


def test_an_embedded_document_that_was_loaded_in_part_can_be_changed():
    """A change inside a partial embedded document sends that change alone."""
    user = User.unwrap({"_id": KEY, "address": {"c": "x"}}, fields=["address.city"])
    user.address.city = "y"
    user.address.zip = "1"

    assert user.get_dirty_ops() == {"$set": {"address.c": "y", "address.zip": "1"}}


def test_a_partial_embedded_document_assigned_to_its_own_place_erases_nothing():
    """Setting the part whole would erase the rest: only what changed inside may be sent."""
    user = User.unwrap({"_id": KEY, "address": {"c": "x"}}, fields=["address.city"])
    user.address.city = "y"
    place = user.address
    user.address = place

    try:
        ops = user.get_dirty_ops()
    except FieldNotRetrieved:
        return
    assert ops == {"$set": {"address.c": "y"}}


def test_a_partial_embedded_document_cannot_take_the_place_of_a_whole_one():
    """What was not retrieved of it would be missing there without a word."""
    part = User.unwrap({"_id": KEY, "address": {"c": "x"}}, fields=["address.city"]).address
    user = loaded(n="ada", address={"c": "z", "zip": "1"})
    user.address = part

    with pytest.raises(FieldNotRetrieved):
        user.get_dirty_ops()


def test_partial_embedded_documents_in_another_list_are_not_whole():
    """A new list of the items that were loaded in part would erase the rest of each."""
    user = User.unwrap({"_id": KEY, "addresses": [{"c": "x"}]}, fields=["addresses.city"])
    user.addresses = [*user.addresses, Place(city="y")]

    with pytest.raises(FieldNotRetrieved):
        user.get_dirty_ops()
