"""wrap and unwrap: the dict to be stored, and the object from stored data."""

from __future__ import annotations

import copy
from datetime import datetime

import pytest
from bson import Binary, DBRef, ObjectId

from ommongo import (
    AnythingField,
    BinaryField,
    BoolField,
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
    RegExStringField,
    SetField,
    SRefField,
    StringField,
    TupleField,
    computed_field,
)
from ommongo.document import ExtraValueException, MissingValueException
from ommongo.fields import BadValueException


class Place(Document):
    """A document with stored names of its own, to be embedded."""

    city = StringField(db_field="c")
    zip = StringField(required=False)


class User(Document):
    """A document with embedded ones at several depths."""

    name = StringField()
    age = IntField(required=False, db_field="a")
    nick = StringField(required=False, allow_none=True)
    address = DocumentField(Place, required=False)
    addresses = ListField(DocumentField(Place), required=False)
    by_kind = DictField(DocumentField(Place), required=False)

    @computed_field(StringField(), deps=["name"])
    def upper(values):
        return values["name"].upper()


class Everything(Document):
    """A document with one field of every kind."""

    text = StringField()
    pattern = RegExStringField(r"a+")
    raw = BinaryField()
    flag = BoolField()
    number = IntField()
    ratio = FloatField()
    at = DateTimeField()
    pair = TupleField(IntField(), StringField())
    point = GeoField()
    choice = EnumField(StringField(), "a", "b")
    anything = AnythingField()
    other = ObjectIdField()
    items = ListField(IntField())
    unique = SetField(StringField())
    names = DictField(IntField())
    pairs = KVField(IntField(), StringField())
    place = DocumentField(Place)
    places = ListField(DocumentField(Place))
    ref = RefField(Place)
    sref = SRefField(Place)


class Teapot(Document):
    """A class whose properties and methods fail."""

    name = StringField()

    @property
    def spout(self):
        raise AttributeError("a teapot has no spout")

    def pour(self):
        raise AttributeError("nor tea")


def test_wrap_gives_every_set_field_under_its_stored_name():
    """What is stored has stored names, at every level."""
    user = User(name="ada", age=36, address=Place(city="Bogor", zip="1"))

    assert user.wrap() == {
        "name": "ada",
        "a": 36,
        "address": {"c": "Bogor", "zip": "1"},
        "upper": "ADA",
    }


def test_wrap_gives_embedded_documents_in_lists_and_dicts():
    """Embedded documents are stored as dicts wherever they are."""
    user = User(name="a", addresses=[Place(city="x")], by_kind={"home": Place(city="y")})

    assert user.wrap()["addresses"] == [{"c": "x"}]
    assert user.wrap()["by_kind"] == {"home": {"c": "y"}}


def test_wrap_computes_computed_fields():
    """A computed field is stored with what it computes now."""
    user = User(name="ada")
    assert user.wrap()["upper"] == "ADA"

    user.name = "eva"
    assert user.wrap()["upper"] == "EVA"


def test_wrap_of_an_incomplete_document_names_the_missing_field():
    """A required field that is unset is told by its name."""
    with pytest.raises(MissingValueException, match="name") as caught:
        User(age=3).wrap()
    assert "name" in caught.value.name


def test_wrap_names_a_field_that_an_embedded_document_lacks():
    """A required field of an embedded document is missed as well."""
    with pytest.raises(MissingValueException, match="city"):
        User(name="ada", address=Place()).wrap()


def test_wrap_leaves_out_optional_fields_that_are_unset():
    """There is no key for a value that is not there."""
    assert User(name="ada").wrap() == {"name": "ada", "upper": "ADA"}


def test_wrap_keeps_none_where_it_was_set():
    """``None`` is a value, and stored as null."""
    assert User(name="ada", nick=None).wrap()["nick"] is None


def test_wrap_judges_values_that_were_changed_in_place():
    """What was put into a list after the assignment is judged before it is stored."""
    user = User(name="ada", addresses=[Place(city="x")])
    user.addresses.append("nowhere")

    with pytest.raises(BadValueException) as caught:
        user.wrap()
    assert caught.value.name == "User.addresses[1]"


def test_failing_properties_and_methods_do_not_disturb_wrap():
    """Properties and methods that raise `AttributeError` are none of its business."""
    pot = Teapot(name="brown")

    assert pot.wrap() == {"name": "brown"}
    assert Teapot.unwrap(pot.wrap()).name == "brown"
    assert pot.get_dirty_ops() == {"$set": {"name": "brown"}}


def test_wrap_gives_a_new_dict_each_time():
    """What `wrap` gave can be changed without changing the document."""
    user = User(name="ada", addresses=[Place(city="x")])
    wrapped = user.wrap()
    wrapped["name"] = "eva"
    wrapped["addresses"].append({})
    wrapped["addresses"][0]["c"] = "y"

    assert user.name == "ada"
    assert [place.city for place in user.addresses] == ["x"]


def test_unwrap_builds_the_object_from_stored_data():
    """Stored data becomes an object with Python values, at every level."""
    key = ObjectId()
    user = User.unwrap(
        {
            "_id": key,
            "name": "ada",
            "a": 36,
            "nick": None,
            "address": {"c": "Bogor"},
            "addresses": [{"c": "x"}],
            "by_kind": {"home": {"c": "y"}},
            "upper": "ADA",
        }
    )

    assert type(user) is User
    assert (user.mongo_id, user.name, user.age, user.nick) == (key, "ada", 36, None)
    assert (type(user.address), user.address.city) == (Place, "Bogor")
    assert [place.city for place in user.addresses] == ["x"]
    assert user.by_kind["home"].city == "y"
    assert user.upper == "ADA"


def test_loading_a_document_that_lacks_a_required_field_is_allowed():
    """Old data may be incomplete; reading or storing the field tells."""
    user = User.unwrap({"a": 36})

    assert user.age == 36
    with pytest.raises(AttributeError):
        _ = user.name
    with pytest.raises(MissingValueException):
        user.wrap()


def test_an_embedded_document_may_lack_a_required_field():
    """What holds for a document holds for one inside it."""
    assert User.unwrap({"name": "a", "address": {"zip": "1"}}).address.zip == "1"


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        ({"name": 3}, "User.name"),
        ({"name": None}, "User.name"),
        ({"name": "a", "a": "36"}, "User.age"),
        ({"name": "a", "address": "Bogor"}, "User.address"),
        ({"name": "a", "address": {"c": 1}}, "User.address.city"),
        ({"name": "a", "addresses": {"c": "x"}}, "User.addresses"),
        ({"name": "a", "addresses": [{"c": "x"}, {"c": "y"}, {"zip": 5}]}, "User.addresses[2].zip"),
        ({"name": "a", "by_kind": {"home": {"zip": 5}}}, "User.by_kind['home'].zip"),
    ],
)
def test_a_wrong_stored_value_is_told_by_its_path(raw, path):
    """Every loaded value is validated; the exception gives the way to it."""
    with pytest.raises(BadValueException) as caught:
        User.unwrap(raw)

    assert caught.value.name == path
    assert path in str(caught.value)


def test_a_wrong_stored_value_is_data_and_not_text():
    """The value that was refused is an attribute of the exception, not part of its message."""
    with pytest.raises(BadValueException) as caught:
        User.unwrap({"name": "a", "addresses": [{"zip": 987654}]})

    assert caught.value.value == 987654
    assert "987654" not in str(caught.value)


@pytest.mark.parametrize("raw", [{"name": "a", "a": 2**63}, {"name": "\ud800"}], ids=repr)
def test_values_that_no_server_can_hold_are_refused(raw):
    """Data that did not come from a server is validated as strictly as any."""
    with pytest.raises(BadValueException):
        User.unwrap(raw)


def test_unknown_keys_are_refused():
    """A key that is no stored name is refused, and named."""
    with pytest.raises(ExtraValueException, match="colour"):
        User.unwrap({"name": "a", "colour": "red"})


def test_unknown_keys_of_embedded_documents_are_refused():
    """A key that an embedded class does not know is refused, and named."""
    with pytest.raises(ExtraValueException, match="colour"):
        User.unwrap({"name": "a", "addresses": [{"c": "x", "colour": "red"}]})


def test_a_python_name_is_no_stored_name():
    """Stored data has stored names only."""
    with pytest.raises(ExtraValueException, match="age"):
        User.unwrap({"name": "a", "age": 3})


def test_the_result_of_unwrap_is_clean():
    """What was just loaded has nothing to send."""
    raw = {"_id": ObjectId(), "name": "ada", "address": {"c": "x"}, "addresses": [{"c": "x"}]}

    assert User.unwrap(raw).get_dirty_ops() == {}


def test_unwrap_does_not_change_what_it_was_given():
    """The caller's dict stays as it was, also when the object is changed afterwards."""
    raw = {
        "name": "ada",
        "address": {"c": "x"},
        "addresses": [{"c": "x"}],
        "by_kind": {"home": {"c": "y"}},
    }
    before = copy.deepcopy(raw)
    user = User.unwrap(raw)
    assert raw == before

    user.name = "eva"
    user.address.city = "y"
    user.addresses.append(Place(city="z"))
    user.by_kind["work"] = Place(city="z")
    assert raw == before


def test_unwrap_takes_no_part_of_a_list_or_dict_that_it_was_given():
    """A list or dict of plain values is the object's own, not the caller's."""
    raw = {"items": [1], "names": {"a": 1}, "anything": {"deep": [1]}}
    before = copy.deepcopy(raw)
    loaded = Everything.unwrap(raw)
    loaded.items.append(2)
    loaded.names["b"] = 2
    loaded.anything["deep"].append(2)

    assert raw == before


def test_changing_what_was_given_to_unwrap_does_not_change_the_object():
    """The caller may go on using the dict."""
    raw = {"items": [1], "names": {"a": 1}, "place": {"c": "x"}}
    loaded = Everything.unwrap(raw)
    raw["items"].append(2)
    raw["names"]["b"] = 2
    raw["place"]["c"] = "y"

    assert (loaded.items, loaded.names, loaded.place.city) == ([1], {"a": 1}, "x")
    assert loaded.get_dirty_ops() == {}


def test_unwrap_of_wrap_equals_the_document_field_by_field():
    """What is stored loads as what it was, for every kind of field."""
    key = ObjectId()
    made = Everything(
        mongo_id=key,
        text="text",
        pattern="aaa",
        raw=Binary(b"\x00\xff"),
        flag=True,
        number=2**62,
        ratio=1.5,
        at=datetime(2020, 2, 29, 12, 30, 45, 123000),
        pair=(1, "a"),
        point=(106.8, -6.2),
        choice="b",
        anything={"deep": [1, "a", None]},
        other=ObjectId(),
        items=[3, 1, 2],
        unique={"a", "b"},
        names={"a": 1},
        pairs={1: "a", 2: "b"},
        place=Place(city="x", zip="1"),
        places=[Place(city="x"), Place(city="y")],
        ref=DBRef("Place", key),
        sref=key,
    )

    loaded = Everything.unwrap(made.wrap())

    plain = set(Everything.get_fields()) - {"place", "places", "point"}
    for name in plain:
        value = getattr(loaded, name)
        assert value == getattr(made, name), name
        assert isinstance(value, type(getattr(made, name))), name
    assert tuple(loaded.point) == (106.8, -6.2)
    assert (loaded.place.city, loaded.place.zip) == ("x", "1")
    assert [place.city for place in loaded.places] == ["x", "y"]
    assert loaded.wrap() == made.wrap()


def test_unset_fields_stay_unset_through_wrap_and_unwrap():
    """A document with holes loads with the same holes."""
    loaded = User.unwrap(User(name="ada").wrap())

    assert not hasattr(loaded, "age")
    assert not hasattr(loaded, "address")


def test_transform_incoming_gives_back_what_it_got_by_default():
    """A class without a hook loads stored data as it is."""
    raw = {"name": "a"}

    assert User.transform_incoming(raw, None) is raw


class Migrated(Document):
    """A class that once had ``full_name`` and an age in text."""

    name = StringField()
    age = IntField(required=False)
    tags = ListField(StringField(), required=False)
    address = DocumentField(Place, required=False)

    seen_sessions = []

    @classmethod
    def transform_incoming(cls, obj, session):
        cls.seen_sessions.append(session)
        if "full_name" in obj:
            obj["name"] = obj.pop("full_name")
        if isinstance(obj.get("age"), str):
            obj["age"] = int(obj["age"])
        if isinstance(obj.get("address", {}).get("zip"), int):
            obj["address"]["zip"] = str(obj["address"]["zip"])
        return obj


def test_transform_incoming_rewrites_stored_data():
    """The hook sees stored data and gives what is loaded."""
    loaded = Migrated.unwrap({"full_name": "ada", "age": "36"})

    assert (loaded.name, loaded.age) == ("ada", 36)


def test_transform_incoming_is_given_the_session():
    """The hook gets what `unwrap` was given as its session."""
    Migrated.seen_sessions.clear()
    Migrated.unwrap({"name": "ada"}, session=None)

    assert Migrated.seen_sessions == [None]


def test_what_transform_incoming_changed_is_set_by_the_next_update():
    """A migrated value differs from the stored one, so it is sent."""
    loaded = Migrated.unwrap({"_id": ObjectId(), "name": "ada", "age": "36"})

    assert loaded.get_dirty_ops() == {"$set": {"age": 36}}


def test_what_transform_incoming_removed_is_unset_by_the_next_update():
    """A stored name that the hook took out is taken out of the stored document."""
    ops = Migrated.unwrap({"_id": ObjectId(), "full_name": "ada", "age": 36}).get_dirty_ops()

    assert ops["$set"] == {"name": "ada"}
    assert set(ops["$unset"]) == {"full_name"}
    assert set(ops) == {"$set", "$unset"}


def test_what_transform_incoming_left_alone_is_clean():
    """A document that needs no migration is clean."""
    loaded = Migrated.unwrap({"_id": ObjectId(), "name": "ada", "age": 36, "tags": ["a"]})

    assert loaded.get_dirty_ops() == {}


def test_what_transform_incoming_changed_inside_an_embedded_document_is_set():
    """A change at any depth, made in place, is found."""
    loaded = Migrated.unwrap({"_id": ObjectId(), "name": "a", "address": {"c": "x", "zip": 12345}})

    assert loaded.address.zip == "12345"
    assert loaded.get_dirty_ops() in (
        {"$set": {"address.zip": "12345"}},
        {"$set": {"address": {"c": "x", "zip": "12345"}}},
    )


def test_transform_incoming_may_return_a_new_dict():
    """A hook that builds a new dict is as good as one that changes the old."""

    class Renamed(Document):
        name = StringField()

        @classmethod
        def transform_incoming(cls, obj, session):
            return {"_id": obj["_id"], "name": obj["title"].title()}

    ops = Renamed.unwrap({"_id": ObjectId(), "title": "ada"}).get_dirty_ops()

    assert ops["$set"] == {"name": "Ada"}
    assert set(ops["$unset"]) == {"title"}


def test_transform_incoming_does_not_change_what_unwrap_was_given():
    """A hook that works in place works on a copy of the caller's data."""
    raw = {"full_name": "ada", "age": "36", "address": {"c": "x", "zip": 1}}
    before = copy.deepcopy(raw)
    Migrated.unwrap(raw)

    assert raw == before


def test_the_hook_of_an_embedded_class_is_asked_too():
    """Every document has its hook, also inside others; what it changed is sent."""

    class Part(Document):
        size = IntField()

        @classmethod
        def transform_incoming(cls, obj, session):
            return {"size": int(obj["size"])}

    class Machine(Document):
        part = DocumentField(Part)
        parts = ListField(DocumentField(Part))

    loaded = Machine.unwrap({"_id": ObjectId(), "part": {"size": "3"}, "parts": [{"size": "4"}]})

    assert (loaded.part.size, loaded.parts[0].size) == (3, 4)
    assert loaded.get_dirty_ops()["$set"]["parts"] == [{"size": 4}]


@pytest.mark.parametrize("extra", [{}, {"colour": "red"}], ids=["no extra", "extra"])
@pytest.mark.parametrize("missing", [{}, {"name": "a"}], ids=["missing", "complete"])
def test_the_hook_of_an_embedded_class_is_asked_once(extra, missing):
    """A hook that converts a value converts it once, whatever else the document holds."""

    class Price(Document):
        cents = IntField()

        @classmethod
        def transform_incoming(cls, obj, session):
            obj["cents"] *= 100
            return obj

    class Bill(Document):
        config_extra_fields = "ignore"
        price = DocumentField(Price)
        prices = ListField(DocumentField(Price))
        name = StringField(required=False)

    bill = Bill.unwrap({"price": {"cents": 1}, "prices": [{"cents": 2}], **missing, **extra})

    assert (bill.price.cents, bill.prices[0].cents) == (100, 200)
    assert bill.get_dirty_ops() == {"$set": {"price.cents": 100, "prices": [{"cents": 200}]}}


def test_values_that_transform_incoming_gave_are_validated():
    """The hook's result is judged as stored data is."""

    class Careless(Document):
        age = IntField()

        @classmethod
        def transform_incoming(cls, obj, session):
            return {"age": "many"}

    with pytest.raises(BadValueException) as caught:
        Careless.unwrap({"age": 3})
    assert caught.value.name == "Careless.age"
