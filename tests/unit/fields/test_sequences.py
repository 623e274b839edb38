"""Fields of lists, sets and tuples."""

from __future__ import annotations

import inspect
import math
import random
import uuid
from collections import namedtuple
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest
from bson.dbref import DBRef
from bson.objectid import ObjectId

from ommongo.document import Document
from ommongo.exceptions import BadValueException, InvalidConfigException
from ommongo.fields import (
    AnythingField,
    DateTimeField,
    DocumentField,
    EnumField,
    IntField,
    ListField,
    ObjectIdField,
    RefField,
    SetField,
    StringField,
    TupleField,
)
from ommongo.util import UNSET
from tests.unit.fields.refusals import refusal

CALLS = ("wrap", "unwrap", "validate_wrap", "validate_unwrap")
BOTH = pytest.mark.parametrize("name", CALLS)
Pair = namedtuple("Pair", "x y")


class Part(Document):
    """An embedded document, in lists."""

    config_namespace = "tests.sequences"

    number = IntField()


# -- lists ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["wrap", "unwrap"])
@pytest.mark.parametrize("value", [[1, 2], (1, 2), Pair(1, 2)], ids=["list", "tuple", "named"])
def test_lists_and_tuples_become_lists(name, value):
    """A list or tuple is stored as a list and loads as one."""
    converted = getattr(ListField(IntField()), name)(value)

    assert converted == [1, 2]
    assert type(converted) is list


@BOTH
@pytest.mark.parametrize("value", ["text", {1: 2}, {1}, range(3), 33333, b"ab", map(str, [])])
def test_other_types_are_no_lists(name, value):
    """Text, sets, dicts and other iterables are refused."""
    assert "takes list or tuple" in str(refusal(getattr(ListField(IntField()), name), value))


@pytest.mark.parametrize("name", ["wrap", "unwrap"])
def test_wrapping_makes_a_new_list(name):
    """What was converted can be changed without the original."""
    value = [1]
    assert getattr(ListField(IntField()), name)(value) is not value


def test_generator_becomes_a_list_at_once():
    """A generator that is assigned, or given to the constructor, is a list from then on."""

    class Basket(Document):
        fruits = ListField(StringField())

    basket = Basket(fruits=(name for name in ["apple"]))
    assert basket.fruits == ["apple"]
    basket.fruits = (name for name in ["pear", "plum"])
    assert basket.fruits == ["pear", "plum"]
    assert basket.wrap() == basket.wrap() == {"fruits": ["pear", "plum"]}


def test_generator_with_a_wrong_item_is_refused_when_assigned():
    """The items of a generator are judged as those of a list."""

    class Basket(Document):
        fruits = ListField(StringField())

    with pytest.raises(BadValueException, match=r"^Basket\.fruits\[1\] takes str"):
        Basket(fruits=(name for name in ["apple", 3]))


def test_judging_a_generator_does_not_use_it_up():
    """Asking whether a generator is valid leaves its items for whoever stores them."""
    field = ListField(IntField(), min_capacity=1)
    numbers = (n for n in [1, 2])

    assert field.is_valid_wrap(numbers)
    assert field.wrap(numbers) == [1, 2]


@BOTH
@pytest.mark.parametrize("make", [ListField, SetField])
def test_an_item_of_a_wrong_type_is_refused(name, make):
    """Every item is judged by the item field."""
    value = {33333} if make is SetField and "un" not in name else [33333]
    with pytest.raises(BadValueException, match="takes str, not int") as caught:
        getattr(make(StringField()), name)(value)
    assert caught.value.value == 33333


@BOTH
def test_path_of_an_item(name):
    """A refusal names the place of the item, through every level."""
    field = ListField(ListField(IntField()))
    field.__set_name__(Part, "rows")

    with pytest.raises(BadValueException) as caught:
        getattr(field, name)([[1], [2, 3, "x"]])
    assert caught.value.name == "rows[1][2]"


@BOTH
def test_capacity_bounds_the_number_of_items(name):
    """The bounds are included, and hold for loading too."""
    field = ListField(IntField(), min_capacity=1, max_capacity=2)

    getattr(field, name)([1])
    getattr(field, name)([1, 2])
    assert "at least 1 item, not of 0" in str(refusal(getattr(field, name), []))
    assert "at most 2 items, not of 3" in str(refusal(getattr(field, name), [1, 2, 3]))


def test_capacity_of_a_generator():
    """A generator's items are counted when it becomes a list."""
    with pytest.raises(BadValueException, match="at most 2 items, not of 3"):
        ListField(IntField(), max_capacity=2).wrap(n for n in [1, 2, 3])


@pytest.mark.parametrize("make", [ListField, SetField])
def test_sequence_parameters(make):
    """The parameters are those of the API, in their order."""
    names = ["item_field", "min_capacity", "max_capacity", "default_empty"]
    assert list(inspect.signature(make).parameters)[:4] == names

    item = IntField()
    field = make(item, 1, 2)
    assert (field.item_field, field.item_type) == (item, item)
    assert (field.min_capacity, field.max_capacity, field.default_empty) == (1, 2, False)


@pytest.mark.parametrize("name", ["min_capacity", "max_capacity"])
def test_capacities_are_ints(name):
    """A capacity that no number of items can be compared with is refused."""
    with pytest.raises(InvalidConfigException, match=f"ListField: {name} is a value of str"):
        ListField(IntField(), **{name: "3"})


@pytest.mark.parametrize(("make", "empty"), [(ListField, []), (SetField, set())])
def test_default_empty(make, empty):
    """An unset field reads as a new empty value, and so does the field's default."""

    class Basket(Document):
        fruits = make(StringField(), default_empty=True)

    field = Basket.get_fields()["fruits"]

    assert Basket().fruits == empty
    assert type(Basket().fruits) is type(empty)
    assert Basket().fruits is not Basket().fruits
    assert field.default == empty
    assert field.default is not field.default
    assert make(StringField()).default is UNSET


@pytest.mark.parametrize("options", [{"default": []}, {"default_f": list}])
@pytest.mark.parametrize("make", [ListField, SetField])
def test_default_empty_and_another_default_exclude_each_other(make, options):
    """A field has one default."""
    with pytest.raises(InvalidConfigException, match=r"default_empty and another.*Keep one"):
        make(StringField(), default_empty=True, **options)


@pytest.mark.parametrize("make", [ListField, SetField, TupleField])
def test_autoload_is_that_of_the_items(make):
    """A sequence needs the session where its items do."""
    assert make(DateTimeField()).has_autoload
    assert make(DocumentField(Part)).has_autoload
    assert make(RefField()).has_autoload
    assert not make(IntField()).has_autoload


def test_items_in_time_zones():
    """The items are loaded with the session."""

    class Settings:
        timezone = timezone(timedelta(hours=7))
        tz_aware = True

    [loaded] = ListField(DateTimeField()).unwrap([datetime(2024, 1, 1)], Settings())
    assert loaded.hour == 7


@pytest.mark.parametrize("make", [ListField, SetField])
def test_subfields_are_those_of_the_items(make):
    """Fields of embedded documents are reached through the list."""
    field = make(DocumentField(Part))

    assert field.is_sequence_field
    assert field.has_subfields
    assert field.subfields() is Part.get_fields()
    assert not make(IntField()).has_subfields
    assert make(IntField()).subfields() == {}


# -- in queries -----------------------------------------------------------------------------------


def test_query_for_an_item_or_for_the_whole():
    """A query value may be an item (it contains) or a whole sequence (it equals)."""
    field = ListField(StringField())

    assert field.wrap_value("a") == "a"
    assert field.wrap_value(["a"]) == ["a"]
    assert field.wrap_value(("a", "b")) == ["a", "b"]
    assert field.wrap_value(x for x in ["a"]) == ["a"]


@pytest.mark.parametrize("value", [33333, {"$ne": 1}, [33333], {"abc"}, ["abc", 33333]])
def test_query_value_that_fits_neither(value):
    """What is neither an item nor a whole sequence is refused."""
    with pytest.raises(BadValueException, match="takes str, not"):
        ListField(StringField()).wrap_value(value)


def test_query_refusal_names_the_item():
    """Where a sequence was meant, the refusal names the item in it."""
    field = ListField(StringField())
    field.__set_name__(Part, "tags")

    with pytest.raises(BadValueException) as caught:
        field.wrap_value(["a", 3])
    assert caught.value.name == "tags[1]"
    with pytest.raises(BadValueException) as caught:
        field.wrap_value(3)
    assert caught.value.name == "tags"


def test_query_for_lists_of_lists():
    """An inner list is an item; what is in it is none, as the server sees it."""
    field = ListField(ListField(IntField()))

    assert field.wrap_value([[1]]) == [[1]]
    assert field.wrap_value([1]) == [1]
    with pytest.raises(BadValueException):
        field.wrap_value(1)


def test_query_for_lists_of_anything():
    """What could be an item or a whole sequence is taken as a whole sequence."""
    seen = []
    assert ListField(AnythingField(), validator=seen.append).wrap_value([1]) == [1]
    assert seen == [[1]]


def test_query_value_goes_through_the_item_field():
    """Items are wrapped as the item field wraps them for queries."""
    oid = ObjectId()
    assert ListField(ObjectIdField()).wrap_value(str(oid)) == oid
    assert ListField(EnumField(IntField(), 1)).wrap_value(1) == 1


@pytest.mark.parametrize(
    "value",
    [{"b", "a"}, frozenset("ab"), ["b", "a", "b"], ("b", "a")],
    ids=["set", "frozenset", "list", "tuple"],
)
def test_query_for_a_whole_set(value):
    """A set is asked for in the order in which it is stored, however it is given."""
    assert SetField(StringField()).wrap_value(value) == ["a", "b"]


def test_query_for_an_item_of_a_set():
    """A set of tuples can be asked for one, which may be no set of them."""
    field = SetField(TupleField(IntField(), IntField()))

    assert field.wrap_value((1, 2)) == [1, 2]
    assert field.wrap_value([(1, 2)]) == [[1, 2]]


def test_query_for_a_set_with_what_cannot_be_in_it():
    """A list that makes no set is refused, not a TypeError."""
    refusal(SetField(StringField()).wrap_value, [["abc"]])


# -- sets -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [{3, 1, 2}, frozenset([3, 1, 2])], ids=["set", "frozenset"])
def test_sets_are_stored_as_sorted_lists(value):
    """A set is stored as an array and loads as a set."""
    field = SetField(IntField())

    assert field.wrap(value) == [1, 2, 3]
    assert field.unwrap([1, 2, 3]) == {1, 2, 3}


@pytest.mark.parametrize(
    "value",
    [[1], (1,), {1: 2}, "text", 33333, (x for x in [1])],
    ids=["list", "tuple", "dict", "str", "int", "gen"],
)
@pytest.mark.parametrize("name", ["wrap", "validate_wrap"])
def test_other_types_are_no_sets(name, value):
    """Only queries take a list for a set."""
    assert "takes set or frozenset" in str(refusal(getattr(SetField(IntField()), name), value))


@pytest.mark.parametrize("value", [{1}, (1,), {}, "text", 33333], ids=ascii)
@pytest.mark.parametrize("name", ["unwrap", "validate_unwrap"])
def test_a_set_loads_from_a_list_alone(name, value):
    """What is stored is an array."""
    assert "takes list" in str(refusal(getattr(SetField(IntField()), name), value))


@pytest.mark.parametrize(
    "items",
    [
        [1, "a", 2.5, None, (1, 2), b"x", ObjectId()],
        [math.nan, 1.0, -math.inf, 0.5],
        [datetime(2024, 1, d, tzinfo=timezone.utc) for d in range(1, 9)],
        [datetime(2024, 1, 1), datetime(2024, 1, 2, tzinfo=timezone.utc)],
        [uuid.UUID(int=n) for n in range(5)],
        [DBRef("a", 1), DBRef("b", 0), DBRef("a", 0)],
        [frozenset([1]), frozenset([2]), frozenset([1, 2])],
        [2**100, -(2**100), Decimal("1.5"), "\ud800"],
    ],
    ids=["kinds", "nan", "aware", "mixed", "uuid", "dbref", "partial", "unstorable"],
)
def test_order_depends_on_the_items_alone(items):
    """However a set was filled, it is stored in one order, also where its items do not compare."""
    field = SetField(AnythingField())

    orders = set()
    for seed in range(20):
        random.Random(seed).shuffle(items)
        orders.add(repr(field.wrap(_Ordered(items))))
    assert len(orders) == 1


class _Ordered(frozenset):
    """A set that iterates in the order in which it was filled."""

    def __new__(cls, items):
        self = super().__new__(cls, items)
        self.items = list(items)
        return self

    def __iter__(self):
        return iter(self.items)


@pytest.mark.parametrize(
    ("items", "stored"),
    [
        ({2.5, -1.0, 10.0}, [-1.0, 2.5, 10.0]),
        ({"b", "B", "é"}, ["B", "b", "é"]),
        ({b"b", b"a"}, [b"a", b"b"]),
        (
            {datetime(2025, 1, 1), datetime(2024, 12, 31)},
            [datetime(2024, 12, 31), datetime(2025, 1, 1)],
        ),
        (set(), []),
    ],
    ids=["floats", "texts", "bytes", "dates", "empty"],
)
def test_items_that_compare_are_sorted(items, stored):
    """Items of one kind are stored in their own order."""
    assert SetField(AnythingField()).wrap(items) == stored


def test_items_that_are_stored_alike_are_stored_once():
    """Two forms of one id are one item of the stored set."""
    oid = ObjectId()
    assert SetField(ObjectIdField()).wrap({oid, str(oid), oid.binary}) == [oid]


def test_item_of_a_set_has_no_index():
    """A refusal on storing names the set, on loading the place in the array."""
    field = SetField(IntField())
    field.__set_name__(Part, "tags")

    with pytest.raises(BadValueException) as caught:
        field.wrap({"x"})
    assert caught.value.name == "tags[]"
    with pytest.raises(BadValueException) as caught:
        field.unwrap([1, "x"])
    assert caught.value.name == "tags[1]"


def test_stored_items_that_make_no_set():
    """An array of what Python cannot hash is refused, with what to do."""
    error = refusal(SetField(AnythingField()).unwrap, [[1], {"a": 2}])
    assert "Declare the field as a ListField()" in str(error)


# -- tuples ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [(1, "a"), [1, "a"]], ids=["tuple", "list"])
def test_tuples_are_stored_as_lists(value):
    """A tuple or list of the right size is stored as an array and loads as a tuple."""
    field = TupleField(IntField(), StringField())

    assert field.wrap(value) == [1, "a"]
    assert field.unwrap(value) == (1, "a")
    assert field.is_valid_wrap(value)
    assert field.is_valid_unwrap(value)


@BOTH
@pytest.mark.parametrize("value", [(), (1,), [1, "a", 2]], ids=repr)
def test_tuples_of_another_size_are_refused(name, value):
    """A tuple has a value for each of its fields, no more."""
    field = TupleField(IntField(), StringField())
    assert "of 2 values" in str(refusal(getattr(field, name), value))


@BOTH
@pytest.mark.parametrize("value", ["ab", {1, 2}, {1: 2, 3: 4}, 33333, range(2)], ids=ascii)
def test_other_types_are_no_tuples(name, value):
    """Anything but a tuple or list is refused."""
    field = TupleField(IntField(), IntField())
    assert "takes tuple or list" in str(refusal(getattr(field, name), value))


@BOTH
def test_an_element_of_a_wrong_type_is_refused(name):
    """Each element is judged by its own field, and the refusal names its place."""
    field = TupleField(IntField(), StringField())
    field.__set_name__(Part, "pair")

    with pytest.raises(BadValueException, match="takes str, not int") as caught:
        getattr(field, name)((1, 2))
    assert caught.value.name == "pair[1]"


def test_tuple_of_nothing():
    """A tuple without fields is empty."""
    assert TupleField().wrap(()) == []


def test_tuple_fields_are_kept():
    """The fields of a tuple can be looked at."""
    fields = (IntField(), StringField())
    assert TupleField(*fields).types == fields
