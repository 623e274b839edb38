"""The operators that change an array, as they are sent."""

from __future__ import annotations

import re

import pytest

from ommongo import (
    AnythingField,
    BoolField,
    DictField,
    Document,
    DocumentField,
    IntField,
    ListField,
    Q,
    SetField,
    StringField,
)
from ommongo.exceptions import (
    BadValueException,
    ConflictingModifierException,
    InvalidModifierException,
    UpdateException,
)
from ommongo.query import Query
from tests.models import Book, Page


class Box(Document):
    config_namespace = "tests.updates.arrays"

    words = ListField(StringField(), db_field="w")
    numbers = SetField(IntField(), required=False)
    anything = AnythingField(required=False)
    things = ListField(AnythingField(), required=False)
    grid = ListField(ListField(IntField()), required=False)
    dicts = ListField(DictField(IntField()), required=False)
    # A list whose items have a field with the list's own stored name.
    number = ListField(DocumentField(Page), required=False)


@pytest.fixture
def boxes():
    """All boxes."""
    return Query(Box, None)


@pytest.fixture
def books():
    """All books."""
    return Query(Book, None)


def test_append_adds_an_item(boxes):
    """The item is sent by itself."""
    assert boxes.append(Box.words, "a").update_data == {"$push": {"w": "a"}}


def test_append_wraps_by_the_item_field(books):
    """An item is an embedded document, as it is stored."""
    update = books.append("pages", Page(number=1, text="x"))

    assert update.update_data == {"$push": {"p": {"number": 1, "t": "x"}}}


@pytest.mark.parametrize("method", ["append", "add_to_set", "remove", "extend", "remove_all"])
@pytest.mark.parametrize("value", [1, None, ["a"], {"$each": ["a"]}, {"$gt": ""}])
def test_an_item_of_a_wrong_type_is_refused(boxes, method, value):
    """A dict where text is wanted never becomes an operator; a list may be several items."""
    if value == ["a"] and method in ("extend", "remove_all"):
        value = [value]
    with pytest.raises(BadValueException):
        getattr(boxes, method)(Box.words, value)


def test_extend_adds_items(boxes):
    """The items are a tuple, as tools expect them."""
    assert boxes.extend("words", "a", "b").update_data == {"$push": {"w": {"$each": ("a", "b")}}}


def test_extend_by_nothing_adds_nothing(boxes):
    """A call with an empty list of items is none that fails."""
    assert boxes.extend("words").update_data == {"$push": {"w": {"$each": ()}}}


def test_appending_twice_adds_both(boxes):
    """Items of `append` and `extend` on one list are added in order."""
    update = boxes.append("words", "a").extend("words", "b", "c").append("words", "d")

    assert update.update_data == {"$push": {"w": {"$each": ("a", "b", "c", "d")}}}


def test_push_keeps_a_list_in_order_and_bounds(books):
    """The options are sent beside the items."""
    update = books.set(title="x").push(
        "pages", Page(number=1), position=0, slice=-5, sort={"number": 1}
    )

    assert update.update_data["$push"] == {
        "p": {"$each": ({"number": 1},), "$position": 0, "$slice": -5, "$sort": {"number": 1}}
    }


def test_push_with_options_is_not_joined(boxes):
    """Two positions, or two sorts, cannot be one operation."""
    update = boxes.extend("words", "a")

    with pytest.raises(ConflictingModifierException):
        update.push("words", "b", position=0)


def test_add_to_set_adds_an_item(boxes):
    """The item is sent by itself."""
    assert boxes.add_to_set(Box.numbers, 1).update_data == {"$addToSet": {"numbers": 1}}


def test_adding_to_a_set_twice_adds_both(boxes):
    """Items of several calls on one set are added together."""
    update = boxes.add_to_set("numbers", 1).add_to_set("numbers", 2)
    update.add_each_to_set("numbers", 3, 4)

    assert update.update_data == {"$addToSet": {"numbers": {"$each": (1, 2, 3, 4)}}}


@pytest.mark.parametrize(("method", "operator"), [("append", "$push"), ("add_to_set", "$addToSet")])
def test_an_item_that_looks_like_operators_is_an_item(boxes, method, operator):
    """Where items may be any dict, the server is told that this is one."""
    update = getattr(boxes, method)("things", {"$each": [1]})

    assert update.update_data == {operator: {"things": {"$each": ({"$each": [1]},)}}}


def test_a_field_of_anything_takes_items(boxes):
    """Where nothing is known of the items they are taken as they are."""
    assert boxes.append("anything", 1).update_data == {"$push": {"anything": 1}}


def test_remove_takes_an_item_out(boxes):
    """The item is sent by itself."""
    assert boxes.remove(Box.words, "a").update_data == {"$pull": {"w": "a"}}


def test_remove_of_a_document_is_exact(books):
    """Only equal items are taken out, and none that has more in it."""
    update = books.remove("pages", Page(number=1))

    assert update.update_data == {"$pull": {"p": {"$eq": {"number": 1}}}}


@pytest.mark.parametrize("value", [{"a": 1}, {"$gt": 1}, re.compile("a")])
def test_remove_of_a_value_that_looks_like_a_condition_is_exact(boxes, value):
    """Where items may be anything, a value is compared as one."""
    assert boxes.remove("things", value).update_data == {"$pull": {"things": {"$eq": value}}}


def test_remove_of_a_dict_from_dicts_is_exact(boxes):
    """A dict is an item where items are dicts."""
    assert boxes.remove("dicts", {"a": 1}).update_data == {"$pull": {"dicts": {"$eq": {"a": 1}}}}


def test_remove_of_a_list_from_lists(boxes):
    """A list is an item where items are lists."""
    assert boxes.remove("grid", [1, 2]).update_data == {"$pull": {"grid": [1, 2]}}


def query_for(field):
    """Give a query of the class that has the field."""
    if "Free" in type(field).__name__:
        return Query("things", None)
    return Query(Book if field is Book.pages else Box, None)


CONDITIONS = {
    "operators": (Box.words, Box.words.in_("a", "b"), {"$in": ["a", "b"]}),
    "equal": (Box.words, Box.words == "a", "a"),
    "range": (Box.numbers, (Box.numbers > 3) & (Box.numbers < 9), {"$gt": 3, "$lt": 9}),
    "not": (Box.numbers, ~(Box.numbers > 3), {"$nin": [], "$not": {"$gt": 3}}),
    "elem_match": (Box.numbers, Box.numbers.elem_match({"$gt": 3}), {"$gt": 3}),
    "item_field": (Book.pages, Page.text == "x", {"t": "x"}),
    "item_fields": (Book.pages, (Page.text == "x") & (Page.number == 1), {"t": "x", "number": 1}),
    "through_the_list": (Book.pages, Book.pages.text == "x", {"t": "x"}),
    "either": (
        Book.pages,
        (Book.pages.number > 3) | (Page.text == "x"),
        {"$or": [{"number": {"$gt": 3}}, {"t": "x"}]},
    ),
    "elem_match_of_documents": (Book.pages, Book.pages.elem_match(Page.text == "x"), {"t": "x"}),
    "equal_document": (Book.pages, Book.pages == Page(number=1), {"$eq": {"number": 1}}),
    "dict_of_python_names": (Book.pages, {"text": "x"}, {"t": "x"}),
    "dict_of_stored_names": (Book.pages, {"t": {"$exists": False}}, {"t": {"$exists": False}}),
    "list_named_like_a_field_of_its_items": (Box.number, Page.number > 3, {"number": {"$gt": 3}}),
    "any_list": (Q.tags, Q.tags > 3, {"$gt": 3}),
    "any_list_of_documents": (Q.docs, Q.docs.a > 3, {"a": {"$gt": 3}}),
    "any_list_by_item": (Q.docs, Q.a > 3, {"a": {"$gt": 3}}),
}


@pytest.mark.parametrize(("field", "condition", "sent"), CONDITIONS.values(), ids=CONDITIONS)
def test_remove_takes_conditions(field, condition, sent):
    """A condition on the list, or on the fields of its items, is one on an item."""
    update = query_for(field)

    data = update.remove(field, condition).update_data

    assert data == {"$pull": {field.get_absolute_name(): sent}}


def test_remove_below_a_position():
    """A condition through the list applies where the list is reached by position."""

    class Shelf(Document):
        config_namespace = "tests.updates.arrays"
        books = ListField(DocumentField(Book))

    pages = Shelf.books.matched_index().pages
    update = Query(Shelf, None).remove(pages, Shelf.books.pages.number > 3)

    assert update.update_data == {"$pull": {"books.$.p": {"number": {"$gt": 3}}}}


def test_free_form_remove_takes_what_the_server_takes():
    """Without a class a dict is what the server makes of it."""
    update = Query("things", None).remove("a", {"$gt": 3})

    assert update.update_data == {"$pull": {"a": {"$gt": 3}}}


@pytest.mark.parametrize(
    ("field", "condition"),
    [
        (Book.pages, {}),
        (Book.pages, Book.pages.elem_match({})),
        (Box.words, Page.number > 3),
        (Book.pages, Book.title == "x"),
        (Box.words, (Box.words == "a") | (Box.words == "b")),
        (Box.words, (Box.words == "a") & (Box.numbers == 3)),
        (Q.a, (Q.a > 3) & (Q.b > 3)),
    ],
)
def test_remove_refuses_conditions_that_mean_something_else(field, condition):
    """A condition on no field of the items, on several things at once, or on nothing at all."""
    query = query_for(field)

    with pytest.raises(UpdateException):
        query.remove(field, condition)


def test_remove_all_takes_items_out(boxes):
    """The items are a tuple, as tools expect them."""
    assert boxes.remove_all(Box.words, "a", "b").update_data == {"$pullAll": {"w": ("a", "b")}}


def test_removing_all_twice_removes_all_of_them(boxes):
    """Items of several calls on one list are taken out together."""
    update = boxes.remove_all("words", "a").remove_all("words", "b", "c")

    assert update.update_data == {"$pullAll": {"w": ("a", "b", "c")}}


def test_pop_takes_an_end_off(boxes):
    """The first item is at -1, the last at 1."""
    update = boxes.pop_first(Box.words).pop_last("numbers")

    assert update.update_data == {"$pop": {"w": -1, "numbers": 1}}


def test_items_are_taken_as_they_are(boxes):
    """What is done to an item after the call does not change the update."""
    item = {"x": [1]}
    update = boxes.append("things", item)

    item["x"].append(2)

    assert update.update_data == {"$push": {"things": {"x": [1]}}}


def test_what_a_field_supports_is_checked_first(boxes):
    """No value is looked at for an operation that the field does not have."""
    with pytest.raises(InvalidModifierException):
        boxes.inc("words", object())


SEVERAL = {
    "list": lambda: [1, 2],
    "tuple": lambda: (1, 2),
    "set": lambda: {1, 2},
    "generator": lambda: (n for n in (1, 2)),
    "keys": lambda: {1: "a", 2: "b"}.keys(),
    "range": lambda: range(1, 3),
}

TAKE_SEVERAL = {
    "extend": (lambda q, *values: q.extend(*values), "$push", True),
    "push": (lambda q, *values: q.set(open=True).push(*values), "$push", True),
    "add_each_to_set": (
        lambda q, *values: q.set(open=True).add_each_to_set(*values),
        "$addToSet",
        True,
    ),
    "remove_all": (lambda q, *values: q.remove_all(*values), "$pullAll", False),
}


class Shelf(Document):
    """Lists of everything that may be taken for several values."""

    config_namespace = "tests.updates.several"
    open = BoolField(required=False)
    numbers = ListField(IntField(), required=False)
    unique = SetField(IntField(), required=False)
    grid = ListField(ListField(IntField()), required=False)
    things = ListField(AnythingField(), required=False)
    anything = AnythingField(required=False)
    words = ListField(StringField(), required=False)


@pytest.mark.parametrize(("start", "operator", "each"), TAKE_SEVERAL.values(), ids=TAKE_SEVERAL)
@pytest.mark.parametrize("make", SEVERAL.values(), ids=SEVERAL)
@pytest.mark.parametrize("name", ["numbers", "unique"])
def test_several_items_may_come_as_one_list(start, operator, each, make, name):
    """As `in_` takes its values: one by one, or all of them in one iterable."""
    update = start(Query(Shelf, None), name, make())

    sent = update.update_data[operator][name]
    assert (sent["$each"] if each else sent) == (1, 2)


@pytest.mark.parametrize(("start", "operator", "each"), TAKE_SEVERAL.values(), ids=TAKE_SEVERAL)
def test_one_list_is_one_item_where_items_can_be_lists(start, operator, each):
    """And in a collection without a class; a generator is several values there, too."""
    for query, name in [
        (Query(Shelf, None), "grid"),
        (Query(Shelf, None), "things"),
        (Query(Shelf, None), "anything"),
        (Query("shelves", None), "grid"),
    ]:
        sent = start(query, name, [1, 2]).update_data[operator][name]
        assert (sent["$each"] if each else sent) == ([1, 2],)
        sent = start(query, name, ([n] for n in (1, 2))).update_data[operator][name]
        assert (sent["$each"] if each else sent) == ([1], [2])


@pytest.mark.parametrize(("start", "operator", "each"), TAKE_SEVERAL.values(), ids=TAKE_SEVERAL)
def test_text_is_no_list_of_letters(start, operator, each):
    """Text and bytes are values, and a dict is none of several."""
    sent = start(Query(Shelf, None), "words", "ab").update_data[operator]["words"]
    assert (sent["$each"] if each else sent) == ("ab",)
    with pytest.raises(BadValueException):
        start(Query(Shelf, None), "words", {"a": "b"})
    with pytest.raises(BadValueException, match="one by one"):
        start(Query(Shelf, None), "numbers", [1, 2], [3])


@pytest.mark.parametrize(
    ("method", "instead"),
    [("append", "extend"), ("add_to_set", "add_each_to_set"), ("remove", "remove_all")],
)
@pytest.mark.parametrize("make", SEVERAL.values(), ids=SEVERAL)
def test_several_items_for_one_are_told(method, instead, make):
    """The message names the operator that takes several."""
    with pytest.raises(BadValueException) as caught:
        getattr(Query(Shelf, None), method)("numbers", make())

    assert f"{instead}()" in str(caught.value)
