"""
No update leaves what its class refuses to load.

What tells of a refusal: the bounds of a number (``inc``, ``mul``; of what is stored, and of what is
made of nothing), the capacity of a list (``append``, ``extend``, ``push``, ``add_to_set``,
``add_each_to_set``; ``pop_first``, ``pop_last``, ``remove``, ``remove_all``), a validator, the
items of an array (``unset``, an index behind its end, no position at all), the keys of a dict that
is stored as one, a field of another kind (``rename``), dates out of bounds (``current_date``).
Which call: an update of one or many, an upsert, find-and-modify, in a block, in a transaction, of
an unsafe session; the update of an object by an operator. Where: at the top, in an embedded
document, in an item of an array (``$``, ``$[]``, ``$[name]``, an index).
"""

from __future__ import annotations

from datetime import datetime

import pytest

from ommongo import (
    AnythingField,
    DateTimeField,
    Document,
    DocumentField,
    FloatField,
    IntField,
    KVField,
    ListField,
    SetField,
    StringField,
    VersionField,
)
from ommongo.exceptions import BadValueException, UpdateException
from ommongo.query import Query
from ommongo.update_expression import FindAndModifyExpression, UpdateExpression
from tests.helpers import bodies_of

NAMESPACE = "tests.server.update_limits"


class Line(Document):
    config_namespace = NAMESPACE
    product = StringField()
    stock = IntField(min_value=0, max_value=10, required=False, db_field="s")
    marks = ListField(StringField(), min_capacity=1, max_capacity=2, required=False)


class Other(Document):
    config_namespace = NAMESPACE
    weight = IntField()


def no_five(value):
    """Refuse 5."""
    return value != 5


class Store(Document):
    config_namespace = NAMESPACE
    config_collection_name = "stores"

    stock = IntField(min_value=0, max_value=10, required=False, db_field="s")
    price = FloatField(min_value=0.1, max_value=8, required=False)
    positive = IntField(min_value=1, required=False)
    odd = IntField(validator=no_five, required=False)
    loaded = IntField(unwrap_validator=no_five, required=False)
    tags = ListField(StringField(), min_capacity=1, max_capacity=3, required=False, db_field="t")
    pairs = SetField(IntField(), min_capacity=2, max_capacity=4, required=False)
    judged = ListField(IntField(), validator=lambda v: sum(v) != 5, required=False)
    lines = ListField(DocumentField(Line), min_capacity=1, max_capacity=3, required=False)
    grid = ListField(ListField(IntField(), max_capacity=2), required=False)
    scores = ListField(IntField(min_value=0), required=False)
    numbers_by_number = KVField(IntField(), IntField(), required=False)
    pairs_by_name = KVField(StringField(), IntField(), required=False)
    inner = DocumentField(Line, required=False)
    other = DocumentField(Other, required=False)
    early = DateTimeField(max_date=datetime(2020, 1, 1), required=False)
    late = DateTimeField(min_date=datetime(2021, 1, 1), required=False)
    label = StringField(max_length=3, required=False)
    longer = StringField(max_length=5, required=False)
    anything = AnythingField(required=False)


@pytest.fixture
def store(database):
    """Store a raw document; what it gives reads it back."""

    def put(**values):
        key = database["stores"].insert_one(values).inserted_id

        def read():
            raw = database["stores"].find_one({"_id": key})
            del raw["_id"]
            return raw

        return read

    return put


ENTRIES = {"pairs_by_name": [{"k": "a", "v": 1}, {"k": "b", "v": 2}]}


def lines(*stocks):
    """Give stored lines, of which the first has one product and the others another."""
    return [{"product": "tea" if i else "rice", "s": stock} for i, stock in enumerate(stocks)]


REFUSED = {
    "inc_below": (lambda u: u.inc(Store.stock, -7), {"s": 5}),
    "inc_above": (lambda u: u.inc(Store.stock, 6), {"s": 5}),
    "inc_beyond_all": (lambda u: u.inc(Store.stock, 100), {"s": 5}),
    "inc_of_nothing": (lambda u: u.inc(Store.positive, 0), {}),
    "inc_float_below": (lambda u: u.inc(Store.price, -0.1), {"price": 0.15}),
    "inc_float_above": (lambda u: u.inc(Store.price, 0.2), {"price": 7.9}),
    "inc_float_rounds": (lambda u: u.inc(Store.price, -0.2), {"price": 0.3}),
    "inc_infinite": (lambda u: u.inc(Store.price, float("inf")), {"price": 0.3}),
    "inc_nan": (lambda u: u.inc(Store.price, float("nan")), {"price": 0.3}),
    "mul_above": (lambda u: u.mul(Store.stock, 3), {"s": 4}),
    "mul_negative": (lambda u: u.mul(Store.stock, -1), {"s": 4}),
    "mul_below": (lambda u: u.mul(Store.price, 0.5), {"price": 0.15}),
    "mul_by_0": (lambda u: u.mul(Store.price, 0), {"price": 0.15}),
    "mul_of_nothing": (lambda u: u.mul(Store.positive, 3), {}),
    "inc_validated": (lambda u: u.inc(Store.odd, 1), {"odd": 4}),
    "mul_validated": (lambda u: u.mul(Store.loaded, 5), {"loaded": 1}),
    "append_full": (lambda u: u.append(Store.tags, "d"), {"t": ["a", "b", "c"]}),
    "append_twice": (lambda u: u.append(Store.tags, "c").append("tags", "d"), {"t": ["a", "b"]}),
    "extend_beyond": (lambda u: u.extend(Store.tags, "c", "d"), {"t": ["a", "b"]}),
    "push_beyond": (lambda u: u.push("tags", "c", "d", position=0), {"t": ["a", "b"]}),
    "push_sliced_too_wide": (lambda u: u.push("tags", "c", "d", slice=4), {"t": ["a", "b"]}),
    "push_too_few": (lambda u: u.append(Store.pairs, 1), {}),
    "extend_by_nothing": (lambda u: u.extend(Store.tags), {}),
    "push_validated": (lambda u: u.append(Store.judged, 1), {"judged": [4]}),
    "add_to_full_set": (lambda u: u.add_to_set(Store.tags, "d"), {"t": ["a", "b", "c"]}),
    "add_each": (lambda u: u.add_each_to_set("tags", "a", "d"), {"t": ["a", "b", "c"]}),
    "add_each_2": (lambda u: u.add_each_to_set("tags", "b", "d", "e"), {"t": ["a", "b"]}),
    "pop_first": (lambda u: u.pop_first(Store.tags), {"t": ["a"]}),
    "pop_last": (lambda u: u.pop_last(Store.pairs), {"pairs": [1, 2]}),
    "remove_all_of_it": (lambda u: u.remove(Store.tags, "a"), {"t": ["a", "a"]}),
    "remove_by_condition": (lambda u: u.remove(Store.tags, Store.tags.in_("a", "b")), {"t": ["b"]}),
    "remove_by_operators": (
        lambda u: u.remove(Store.tags, Store.tags.startswith("a")), {"t": ["ab"]},
    ),
    "remove_documents": (lambda u: u.remove(Store.lines, Line.stock > 1), {"lines": lines(2, 3)}),
    "remove_one_document": (
        lambda u: u.remove(Store.lines, Line(product="rice")), {"lines": [{"product": "rice"}]},
    ),
    "remove_below_2": (lambda u: u.remove(Store.pairs, 1), {"pairs": [1, 2]}),
    "remove_all": (lambda u: u.remove_all(Store.tags, "a", "b"), {"t": ["a", "b"]}),
    "remove_all_below_2": (lambda u: u.remove_all(Store.pairs, 1, 3), {"pairs": [1, 2, 3]}),
    "embedded": (lambda u: u.inc(Store.inner.stock, -1), {"inner": {"s": 0}}),
    "embedded_list": (lambda u: u.append("inner.marks", "c"), {"inner": {"marks": ["a", "b"]}}),
    "every_item": (lambda u: u.inc("lines.$[].stock", -1), {"lines": lines(0, 3)}),
    "item_by_index": (lambda u: u.inc("lines.1.stock", -1), {"lines": lines(3, 0)}),
    "items_by_name": (
        lambda u: u.inc("lines.$[x].stock", -1).array_filters({"x.product": "tea"}),
        {"lines": lines(3, 0)},
    ),
    "scores_by_name": (
        lambda u: u.inc("scores.$[x]", -3).array_filters({"x": {"$lt": 5}}), {"scores": [8, 2]},
    ),
    "list_in_item": (
        lambda u: u.append("lines.$[].marks", "c"), {"lines": [{"marks": ["a", "b"]}]},
    ),
    "list_in_list": (lambda u: u.append("grid.0", 3), {"grid": [[1, 2]]}),
    "list_in_every_list": (lambda u: u.append("grid.$[]", 3), {"grid": [[1], [1, 2]]}),
    "index_behind_the_end": (lambda u: u.set("tags.2", "c"), {"t": ["a"]}),
    "index_of_nothing": (lambda u: u.set("tags.0", "c"), {}),
    "field_behind_the_end": (lambda u: u.set("lines.2.product", "c"), {"lines": lines(1)}),
    "unset_item": (lambda u: u.unset("tags.0"), {"t": ["a", "b"]}),
    "unset_every_item": (lambda u: u.unset("lines.$[]"), {"lines": lines(1)}),
    "unset_key": (lambda u: u.unset("pairs_by_name.0.k"), {"pairs_by_name": [{"k": "a", "v": 1}]}),
    "key_of_another": (lambda u: u.set("pairs_by_name.0.k", "b"), ENTRIES),
    "entry_of_another": (lambda u: u.set("pairs_by_name.0", {"k": "b", "v": 3}), ENTRIES),
    "key_of_all": (lambda u: u.set("pairs_by_name.$[].k", "c"), ENTRIES),
    "key_that_is_not_known": (lambda u: u.inc("numbers_by_number.0.k", 1), {}),
    "rename_kind": (lambda u: u.set(positive=1).rename("stock", "label"), {"s": 1}),
    "rename_class": (lambda u: u.rename("inner", "other"), {"inner": {"product": "a"}}),
    "rename_bounds": (lambda u: u.set(positive=1).rename("longer", "label"), {"longer": "abcde"}),
    "rename_validated": (lambda u: u.set(positive=1).rename("stock", "odd"), {"s": 5}),
    "set_refused_on_load": (lambda u: u.set(loaded=5), {}),
    "current_date": (lambda u: u.set(positive=1).current_date("early"), {}),
}  # fmt: skip


WAYS = {
    "update": (lambda q, c: c(UpdateExpression(q)).execute(), True),
    "multi": (lambda q, c: c(UpdateExpression(q)).multi().execute(), True),
    "unsafe": (lambda q, c: c(UpdateExpression(q)).safe(False).execute(), True),
    "upsert": (lambda q, c: c(UpdateExpression(q)).upsert().execute(), True),
    "find_and_modify": (lambda q, c: c(FindAndModifyExpression(q)).execute(), True),
    "new": (lambda q, c: c(FindAndModifyExpression(q, new=True)).execute(), True),
}


@pytest.mark.parametrize(("change", "stored"), REFUSED.values(), ids=REFUSED)
def test_what_a_field_refuses_is_not_left(safe_session, store, change, stored):
    """The update raises, nothing is changed, and what is stored can be loaded."""
    read = store(**stored)

    with pytest.raises(BadValueException):
        change(UpdateExpression(safe_session.query(Store))).execute()

    assert read() == stored


SERVER_TELLS = ["inc_below", "append_full", "pop_first", "add_each", "remove_all_below_2"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", SERVER_TELLS)
def test_every_call_refuses(safe_session, store, database, way, name):
    """So does every call that sends an update expression; an upsert inserts nothing beside."""
    change, stored = REFUSED[name]
    read = store(**stored)

    with pytest.raises(BadValueException, match="Store"):
        WAYS[way][0](safe_session.query(Store), change)

    assert read() == stored
    assert database["stores"].count_documents({}) == 1


@pytest.mark.parametrize("name", SERVER_TELLS)
def test_a_block_refuses(safe_session, store, name):
    """Of a block nothing is stored then."""
    change, stored = REFUSED[name]
    read = store(**stored)

    with pytest.raises(BadValueException), safe_session:
        safe_session.add(Tally(key="k"))
        change(UpdateExpression(safe_session.query(Store))).execute()

    assert read() == stored
    assert safe_session.query(Tally).count() == 0


def test_a_transaction_refuses(safe_session, store):
    """So it is in a transaction, of which nothing is stored."""
    read = store(s=5)

    with pytest.raises(BadValueException), safe_session.transaction():
        safe_session.save(Store(positive=1))
        safe_session.query(Store).inc(Store.stock, -7).execute()

    assert read() == {"s": 5}
    assert safe_session.query(Store).count() == 1


@pytest.mark.parametrize("name", SERVER_TELLS)
def test_nothing_matched_is_no_refusal(safe_session, name):
    """Where no document matches, that is what the reply says."""
    change, _ = REFUSED[name]

    assert change(UpdateExpression(safe_session.query(Store))).execute()["n"] == 0
    assert change(FindAndModifyExpression(safe_session.query(Store))).execute() is None


def test_what_can_be_changed_of_many_is(safe_session, store, caplog):
    """With `multi` the documents are changed that may be, and the log tells of others."""
    reads = [store(s=5), store(s=8)]

    reply = safe_session.query(Store).inc(Store.stock, -7).multi().execute()

    assert reply["n"] == 1
    assert [read() for read in reads] == [{"s": 5}, {"s": 1}]
    [record] = caplog.records
    assert "carried out in 1 documents, and not in all" in record.getMessage()
    assert "Store.stock" in record.getMessage()


def test_an_update_of_all_is_no_news(safe_session, store, caplog):
    """Where all can be changed, nothing is said; nor where what was changed could not be again."""
    reads = [store(s=4), store(s=3)]

    assert safe_session.query(Store).inc(Store.stock, -3).multi().execute()["n"] == 2

    assert [read() for read in reads] == [{"s": 1}, {"s": 0}]
    assert not caplog.records


def test_an_upsert_updates_what_is_there(safe_session, store, database):
    """Within its limits an upsert is one, in both of its ways."""
    read = store(s=5, label="a")
    update = safe_session.query(Store).filter(Store.label == "a").inc(Store.stock, 2).upsert()

    assert update.execute()["n"] == 1
    other = safe_session.query(Store).filter(Store.label == "b").inc(Store.stock, 2).upsert()
    assert "upserted" in other.execute()

    assert read() == {"s": 7, "label": "a"}
    assert database["stores"].count_documents({"label": "b", "s": 2}) == 1


ALLOWED = {
    "inc_to_the_bound": (lambda u: u.inc(Store.stock, -5), {"s": 5}, {"s": 0}),
    "inc_to_the_top": (lambda u: u.inc(Store.stock, 5), {"s": 5}, {"s": 10}),
    "inc_of_nothing": (lambda u: u.inc(Store.positive, 1), {}, {"positive": 1}),
    "inc_float": (lambda u: u.inc(Store.price, -0.1), {"price": 0.2}, {"price": 0.1}),
    "mul": (lambda u: u.mul(Store.stock, 2), {"s": 5}, {"s": 10}),
    "mul_by_0": (lambda u: u.mul(Store.stock, 0), {"s": 5}, {"s": 0}),
    "mul_of_nothing": (lambda u: u.mul(Store.stock, 7), {}, {"s": 0}),
    "append": (lambda u: u.append(Store.tags, "c"), {"t": ["a", "b"]}, {"t": ["a", "b", "c"]}),
    "append_to_nothing": (lambda u: u.append(Store.tags, "c"), {}, {"t": ["c"]}),
    "push_sliced": (
        lambda u: u.push("tags", "c", "d", slice=-3), {"t": ["a", "b"]}, {"t": ["b", "c", "d"]},
    ),
    "add_what_is_there": (
        lambda u: u.add_to_set(Store.tags, "a"), {"t": ["a", "b", "c"]}, {"t": ["a", "b", "c"]},
    ),
    "add_each": (
        lambda u: u.add_each_to_set("tags", "a", "c"), {"t": ["a", "b"]}, {"t": ["a", "b", "c"]},
    ),
    "pop": (lambda u: u.pop_last(Store.tags), {"t": ["a", "b"]}, {"t": ["a"]}),
    "pop_of_nothing": (lambda u: u.pop_last(Store.tags), {}, {}),
    "remove": (lambda u: u.remove(Store.tags, "a"), {"t": ["a", "b"]}, {"t": ["b"]}),
    "remove_what_is_not_there": (lambda u: u.remove(Store.tags, "z"), {"t": ["a"]}, {"t": ["a"]}),
    "remove_by_condition": (
        lambda u: u.remove(Store.lines, Line.stock > 1),
        {"lines": lines(1, 2)},
        {"lines": lines(1)},
    ),
    "remove_to_2": (
        lambda u: u.remove_all(Store.pairs, 1), {"pairs": [1, 2, 3]}, {"pairs": [2, 3]},
    ),
    "index": (lambda u: u.set("tags.0", "c"), {"t": ["a"]}, {"t": ["c"]}),
    "index_at_the_end": (lambda u: u.set("tags.1", "c"), {"t": ["a"]}, {"t": ["a", "c"]}),
    "key": (
        lambda u: u.set("pairs_by_name.0.k", "c"),
        ENTRIES,
        {"pairs_by_name": [{"k": "c", "v": 1}, {"k": "b", "v": 2}]},
    ),
    "entry": (
        lambda u: u.set("pairs_by_name.0", {"k": "a", "v": 3}),
        ENTRIES,
        {"pairs_by_name": [{"k": "a", "v": 3}, {"k": "b", "v": 2}]},
    ),
    "value_of_all": (
        lambda u: u.inc("pairs_by_name.$[].v", 1),
        ENTRIES,
        {"pairs_by_name": [{"k": "a", "v": 2}, {"k": "b", "v": 3}]},
    ),
    "rename": (lambda u: u.rename("label", "longer"), {"label": "abc"}, {"longer": "abc"}),
    "rename_to_anything": (lambda u: u.rename("stock", "anything"), {"s": 1}, {"anything": 1}),
    "min_and_max": (
        lambda u: u.min(Store.stock, 3).max(Store.price, 2), {"s": 5}, {"s": 3, "price": 2.0},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("change", "stored", "after"), ALLOWED.values(), ids=ALLOWED)
def test_what_a_field_takes_is_left(safe_session, store, change, stored, after):
    """An update whose outcome the class can load is carried out, by one command."""
    read = store(**stored)

    assert change(UpdateExpression(safe_session.query(Store))).execute()["n"] == 1

    assert read() == after
    safe_session.query(Store).one()


UNCHECKED = {
    "inc": (lambda u: u.inc(Store.stock, -7, unchecked=True), {"s": 5}, {"s": -2}),
    "mul": (lambda u: u.mul(stock=3, unchecked=True), {"s": 5}, {"s": 15}),
    "inc_validated": (lambda u: u.inc(Store.odd, unchecked=True), {"odd": 4}, {"odd": 5}),
    "append": (
        lambda u: u.append("tags", "d", unchecked=True),
        {"t": ["a", "b", "c"]},
        {"t": ["a", "b", "c", "d"]},
    ),
    "extend": (
        lambda u: u.extend("tags", "c", "d", unchecked=True),
        {"t": ["a", "b"]},
        {"t": ["a", "b", "c", "d"]},
    ),
    "push": (
        lambda u: u.push("tags", "c", "d", position=0, unchecked=True),
        {"t": ["a", "b"]},
        {"t": ["c", "d", "a", "b"]},
    ),
    "add_to_set": (
        lambda u: u.add_to_set("tags", "d", unchecked=True),
        {"t": ["a", "b", "c"]},
        {"t": ["a", "b", "c", "d"]},
    ),
    "add_each_to_set": (
        lambda u: u.add_each_to_set("tags", "d", "e", unchecked=True),
        {"t": ["a", "b"]},
        {"t": ["a", "b", "d", "e"]},
    ),
    "pop_first": (lambda u: u.pop_first("tags", unchecked=True), {"t": ["a"]}, {"t": []}),
    "pop_last": (lambda u: u.pop_last("tags", unchecked=True), {"t": ["a"]}, {"t": []}),
    "remove": (lambda u: u.remove("tags", "a", unchecked=True), {"t": ["a"]}, {"t": []}),
    "remove_all": (lambda u: u.remove_all("tags", "a", unchecked=True), {"t": ["a"]}, {"t": []}),
    "unset": (lambda u: u.unset("tags.0", unchecked=True), {"t": ["a"]}, {"t": [None]}),
    "set": (lambda u: u.set("tags.1", "c", unchecked=True), {"t": []}, {"t": [None, "c"]}),
    "rename": (lambda u: u.rename("stock", "label", unchecked=True), {"s": 1}, {"label": 1}),
}


@pytest.mark.parametrize(("change", "stored", "after"), UNCHECKED.values(), ids=UNCHECKED)
def test_unchecked_leaves_the_condition_out(safe_session, store, commands, change, stored, after):
    """Who wants it all the same says so; then nothing is sent but what was asked for."""
    read = store(**stored)

    assert change(UpdateExpression(safe_session.query(Store))).execute()["n"] == 1

    [sent] = bodies_of(commands, "update")
    assert sent["updates"][0]["q"] == {}
    assert read() == after


@pytest.mark.parametrize("start", ["append", "extend", "remove", "remove_all", "add_to_set"])
def test_a_query_starts_an_unchecked_update(start):
    """The methods of a query take the parameter too."""
    update = getattr(Query(Store, None), start)(Store.tags, "a", unchecked=True)

    assert not update._limits()


@pytest.mark.parametrize("start", ["unset", "pop_first", "pop_last"])
def test_a_query_starts_an_unchecked_update_without_values(start):
    """So do those that take a field only."""
    update = getattr(Query(Store, None), start)(Store.tags, unchecked=True)

    assert not update._limits()


def test_a_field_named_unchecked_is_a_field():
    """Where the class has a field of this name, or has no fields at all, it is one."""

    class Box(Document):
        config_namespace = NAMESPACE
        unchecked = IntField()

    for unsent in (Query(Box, None), Query("raw", None)):
        assert unsent.set(unchecked=1).update_data == {"$set": {"unchecked": 1}}


def test_a_path_through_an_array_says_to_which_item(safe_session):
    """The server would make a document where no array is yet."""
    with pytest.raises(UpdateException, match="matched_index"):
        safe_session.query(Store).set(Store.lines.product, "x")


class TestOfTheMatchedItem:
    """What `$` stands for is judged, and no other item."""

    @pytest.mark.parametrize(
        "condition",
        [
            Store.lines.product == "tea",
            Store.lines.elem_match(Line.product == "tea"),
            Store.lines.elem_match((Line.product == "tea") & (Line.stock >= 0)),
        ],
        ids=["dotted", "elem_match", "elem_match_of_two"],
    )
    @pytest.mark.parametrize(("stocks", "after"), [((0, 3), (0, 2)), ((3, 0), None)])
    def test_it_is_judged_alone(self, safe_session, store, condition, stocks, after):
        """An item that is not meant does not matter."""
        read = store(lines=lines(*stocks))
        update = safe_session.query(Store).filter(condition)
        update = update.inc(Store.lines.matched_index().stock, -1)

        if after is None:
            with pytest.raises(BadValueException):
                update.execute()
        else:
            assert update.execute()["n"] == 1

        assert read() == {"lines": lines(*(after or stocks))}

    @pytest.mark.parametrize(("scores", "after"), [((9, 2, 7), (9, 1, 7)), ((9, 0, 7), None)])
    def test_of_numbers(self, safe_session, store, scores, after):
        """An item that is a number is judged by what picked it out."""
        read = store(scores=[*scores])
        update = safe_session.query(Store).filter(Store.scores < 5)
        update = update.inc(Store.scores.matched_index(), -1)

        if after is None:
            with pytest.raises(BadValueException):
                update.execute()
        else:
            update.execute()

        assert read() == {"scores": [*(after or scores)]}

    @pytest.mark.parametrize(("key", "is_taken"), [("a", False), ("b", True), ("c", False)])
    def test_of_a_key(self, safe_session, store, key, is_taken):
        """The entry that was matched may have a key that no other one has."""
        read = store(**ENTRIES)
        query = safe_session.query(Store).filter(Store.pairs_by_name.k == "a")

        update = query.set(Store.pairs_by_name.matched_index().k, key)
        if is_taken:
            with pytest.raises(BadValueException):
                update.execute()
        else:
            update.execute()

        assert [each["k"] for each in read()["pairs_by_name"]] == ["a" if is_taken else key, "b"]

    def test_of_several_conditions(self, safe_session, store):
        """Any of several may pick the item, so each has to hold; the item that is meant stays."""
        read = store(lines=lines(0, 3))
        query = safe_session.query(Store).filter(Store.lines.product == "tea")

        query.filter(Store.lines.stock == 3).inc("lines.$.stock", -1).execute()

        assert read() == {"lines": lines(0, 2)}


class Tally(Document):
    config_namespace = NAMESPACE
    config_collection_name = "tallies"
    key = StringField(_id=True)
    points = IntField(min_value=0, max_value=10, on_update="$inc", required=False)
    factor = FloatField(min_value=1, max_value=10, on_update="$mul", required=False)
    tags = ListField(StringField(), max_capacity=3, on_update="$push", required=False)
    names = SetField(StringField(), max_capacity=3, on_update="$addToSet", required=False)
    rest = ListField(StringField(), min_capacity=1, on_update="$pullAll", required=False)
    odd = IntField(validator=no_five, on_update="$inc", required=False)
    version = VersionField()


OBJECTS = {
    "inc": ("points", 5, 3, 8),
    "mul": ("factor", 2.0, 3.0, 4.0),
    "push": ("tags", ["a"], ["b"], ["a", "x", "y"]),
    "add_to_set": ("names", ["a"], {"b"}, ["a", "x", "y"]),
    "pull_all": ("rest", ["a", "b"], ["a"], ["a"]),
    "validated": ("odd", 1, 1, 4),
}


@pytest.mark.parametrize("way", ["update", "block", "part", "id_expression", "upsert"])
@pytest.mark.parametrize(("name", "loaded", "argument", "now"), OBJECTS.values(), ids=OBJECTS)
def test_the_operator_of_an_object_is_judged_by_what_is_stored(
    safe_session, database, way, name, loaded, argument, now
):
    """What was loaded would take the argument, and what is stored by now does not."""
    tallies = database["tallies"]
    tallies.insert_one({"_id": "k", name: loaded, "version": 1})
    query = safe_session.query(Tally)
    tally = query.fields("key", name, "version").one() if way == "part" else query.one()
    tallies.update_one({}, {"$set": {name: now}})
    setattr(tally, name, argument)

    with pytest.raises(BadValueException):
        if way == "block":
            with safe_session:
                safe_session.update(tally)
        elif way == "id_expression":
            safe_session.update(tally, Tally.key == "k")
        elif way == "upsert":
            safe_session.update(tally, upsert=True)
        else:
            safe_session.update(tally)

    assert tallies.find_one() == {"_id": "k", name: now, "version": 1}
    assert tally.get_dirty_ops()
    tallies.update_one({}, {"$set": {name: loaded}})
    safe_session.update(tally)
    safe_session.query(Tally).one()


def test_a_document_that_has_gone_is_still_stale(safe_session, database):
    """Limits do not hide that the document is not there."""
    safe_session.save(Tally(key="k", points=5))
    tally = safe_session.query(Tally).one()
    database["tallies"].delete_one({})
    tally.points = 1

    with pytest.raises(Exception, match="not in the collection"):
        safe_session.update(tally)


def test_a_message_holds_no_value(safe_session, store):
    """What was given is an attribute of the error, and not in its text."""
    store(s=5)

    with pytest.raises(BadValueException) as caught:
        safe_session.query(Store).inc(Store.stock, -777).execute()

    assert caught.value.value == -777
    assert "777" not in str(caught.value)
    assert "Store.stock" in str(caught.value)
