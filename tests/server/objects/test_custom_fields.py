"""Field types that an application wrote: loading, saving, querying and updating honour them."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest
from bson import ObjectId

from ommongo import (
    DateTimeField,
    DictField,
    Document,
    DocumentField,
    IntField,
    KVField,
    ListField,
    SetField,
    StringField,
    TupleField,
)
from ommongo.document import FieldNotRetrieved
from ommongo.fields import NUMBER_MODIFIERS, BadValueException, Field
from tests.helpers import bodies_of


@dataclass(frozen=True, order=True)
class Money:
    """A value of the application's own type."""

    cents: int


class MoneyField(Field):
    """A field from scratch: `Money` in Python, an integer in the database."""

    valid_modifiers = NUMBER_MODIFIERS

    def validate_wrap(self, value):
        if not isinstance(value, Money):
            self._fail_validation_type(value, Money)

    def validate_unwrap(self, value):
        if type(value) is not int:
            self._fail_validation_type(value, int)

    def wrap(self, value):
        self.validate_wrap(value)
        return value.cents

    def unwrap(self, value, session=None):
        self.validate_unwrap(value)
        return Money(value)


class RefusingField(MoneyField):
    """A field that refuses with the public exception alone."""

    def validate_wrap(self, value):
        if value.cents < 0:
            raise BadValueException("price", value, "must not be negative")


class JsonField(Field):
    """A field with values that can be changed in place, stored as text."""

    def validate_wrap(self, value):
        try:
            json.dumps(value)
        except TypeError as error:
            self._fail_validation(value, "takes what JSON can hold", error)

    def validate_unwrap(self, value):
        if not isinstance(value, str):
            self._fail_validation_type(value, str)

    def wrap(self, value):
        self.validate_wrap(value)
        return json.dumps(value, sort_keys=True)

    def unwrap(self, value, session=None):
        self.validate_unwrap(value)
        return json.loads(value)


class LowerField(StringField):
    """A concrete field of which only `wrap` is another."""

    def wrap(self, value):
        return super().wrap(value).lower()


class ShoutedField(StringField):
    """A concrete field of which only `unwrap` is another."""

    def unwrap(self, value, session=None):
        return super().unwrap(value, session).upper()


class EvenField(IntField):
    """A concrete field that also judges, both ways."""

    def validate_wrap(self, value):
        super().validate_wrap(value)
        if value % 2:
            self._fail_validation(value, "takes even numbers")

    def validate_unwrap(self, value):
        super().validate_unwrap(value)
        if value % 2:
            self._fail_validation(value, "takes even numbers")


class LenientField(IntField):
    """A concrete field that loads what its base refuses."""

    def validate_unwrap(self, value):
        if not str(value).isdigit():
            self._fail_validation(value, "takes digits")

    def unwrap(self, value, session=None):
        self.validate_unwrap(value)
        return int(value)


class TrimmedField(StringField):
    """A concrete field that changes what it is assigned, and notes what was loaded."""

    def set_value(self, instance, value, from_db=False):
        calls.append((self._name, value, from_db))
        super().set_value(instance, value if from_db else value.strip(), from_db)


class CountedField(IntField):
    """A concrete field that is asked on every read."""

    def __get__(self, instance, owner):
        if instance is None:
            return super().__get__(instance, owner)
        calls.append("read")
        return super().__get__(instance, owner) * 10


class PlainSubclassField(StringField):
    """A concrete field under another name, with a shorter way to declare it."""

    def __init__(self, **kwargs):
        super().__init__(max_length=5, **kwargs)


calls = []


@pytest.fixture(autouse=True)
def _no_calls():
    calls.clear()


class Price(Document):
    """A document to be embedded, with a field of the application's own."""

    amount = MoneyField(db_field="a")


class Item(Document):
    """A document with every kind of them."""

    price = MoneyField(db_field="p", required=False)
    config = JsonField(required=False, db_field="cfg")
    lower = LowerField(required=False)
    shouted = ShoutedField(required=False)
    even = EvenField(required=False)
    lenient = LenientField(required=False)
    trimmed = TrimmedField(required=False)
    counted = CountedField(required=False)
    short = PlainSubclassField(required=False)
    prices = ListField(MoneyField(), required=False)
    price_set = SetField(MoneyField(), required=False)
    price_by = DictField(MoneyField(), required=False)
    price_kv = KVField(MoneyField(), MoneyField(), required=False)
    pair = TupleField(MoneyField(), LowerField(), required=False)
    configs = ListField(JsonField(), required=False)
    embedded = DocumentField(Price, required=False)
    embeddeds = ListField(DocumentField(Price), required=False)


def save(session, **values):
    """Save an item of these values and give it."""
    item = Item(**values)
    session.save(item)
    return item


def raw(session):
    """Give what the server holds of the one item, without its id."""
    return session.db["Item"].find_one({}, {"_id": 0})


def load(session, **stored):
    """Store an item of these raw values and load it."""
    session.db["Item"].insert_one(stored)
    return session.query(Item).one()


CASES = {
    "price": (Money(250), 250, Money(300), 300),
    "config": ({"b": [1], "a": None}, '{"a": null, "b": [1]}', {"c": 1}, '{"c": 1}'),
    "prices": ([Money(1), Money(2)], [1, 2], [Money(3)], [3]),
    "price_set": ({Money(1), Money(2)}, [1, 2], {Money(3)}, [3]),
    "price_by": ({"x": Money(1)}, {"x": 1}, {"y": Money(2)}, {"y": 2}),
    "price_kv": (
        {Money(1): Money(2)},
        [{"k": 1, "v": 2}],
        {Money(3): Money(4)},
        [{"k": 3, "v": 4}],
    ),
    "pair": ((Money(1), "a"), [1, "a"], (Money(2), "b"), [2, "b"]),
    "configs": ([{"a": 1}, [2]], ['{"a": 1}', "[2]"], [], []),
    "even": (4, 4, 6, 6),
    "lower": ("a", "a", "b", "b"),
    "short": ("abc", "abc", "de", "de"),
}
FIELDS = pytest.mark.parametrize("name", CASES)


def stored_name(name):
    """Give the name of a field in the database."""
    return Item.get_fields()[name].db_field


@FIELDS
def test_values_are_stored_as_the_field_wraps_them(safe_session, name):
    """A save stores what `wrap` gives, also inside lists, sets, dicts and tuples."""
    save(safe_session, **{name: CASES[name][0]})

    assert raw(safe_session) == {stored_name(name): CASES[name][1]}


@FIELDS
def test_values_are_loaded_as_the_field_unwraps_them(safe_session, name):
    """Loading gives what `unwrap` gives, of the application's type."""
    value, stored, _, _ = CASES[name]
    item = load(safe_session, **{stored_name(name): stored})

    assert getattr(item, name) == value
    assert type(getattr(item, name)) is type(value)


@FIELDS
def test_a_loaded_value_is_clean(safe_session, commands, name):
    """Loading, reading and assigning an equal value change nothing."""
    value, stored, _, _ = CASES[name]
    item = load(safe_session, **{stored_name(name): stored})
    getattr(item, name)
    assert item.get_dirty_ops() == {}
    setattr(item, name, value)
    commands.clear()

    assert safe_session.update(item) is None
    assert commands.names() == []


@FIELDS
def test_an_assigned_value_is_updated(safe_session, commands, name):
    """An update sends the new value as the field wraps it, under its stored name."""
    _, stored, value, wrapped = CASES[name]
    item = load(safe_session, **{stored_name(name): stored})
    setattr(item, name, value)
    safe_session.update(item)

    (update,) = bodies_of(commands, "update")
    assert update["updates"][0]["u"] == {"$set": {stored_name(name): wrapped}}
    assert raw(safe_session) == {stored_name(name): wrapped}
    assert item.get_dirty_ops() == {}


@FIELDS
def test_a_query_wraps_what_it_compares_with(safe_session, name):
    """A condition takes a value of the application's type, and finds it."""
    value, _, other, _ = CASES[name]
    save(safe_session, **{name: value})
    save(safe_session, **{name: other})

    (found,) = safe_session.query(Item).filter(getattr(Item, name) == value)
    assert getattr(found, name) == value


@FIELDS
def test_an_update_expression_wraps_what_it_sets(safe_session, name):
    """`set` takes a value of the application's type."""
    _, stored, value, wrapped = CASES[name]
    load(safe_session, **{stored_name(name): stored})
    safe_session.query(Item).set(getattr(Item, name), value).execute()

    assert raw(safe_session) == {stored_name(name): wrapped}


@FIELDS
def test_find_and_modify_wraps_and_unwraps(safe_session, name):
    """What find-and-modify sets and gives are values of the application's type."""
    value, stored, other, _ = CASES[name]
    load(safe_session, **{stored_name(name): stored})
    field = getattr(Item, name)

    before = safe_session.query(Item).find_and_modify().set(field, other).execute()
    assert getattr(before, name) == value
    after = safe_session.query(Item).find_and_modify(new=True).set(field, other).execute()
    assert getattr(after, name) == other


@FIELDS
def test_a_partial_load_unwraps(safe_session, name):
    """A field of the application's type can be loaded alone, and left out."""
    value, stored, _, _ = CASES[name]
    load(safe_session, **{stored_name(name): stored, "shouted": "x"})

    assert getattr(safe_session.query(Item).fields(name).one(), name) == value
    with pytest.raises(FieldNotRetrieved):
        getattr(safe_session.query(Item).fields("shouted").one(), name)


def test_order_comparisons_wrap_too(safe_session):
    """Conditions other than equality take values of the application's type."""
    for cents in (1, 2, 3):
        save(safe_session, price=Money(cents))

    assert safe_session.query(Item).filter(Item.price > Money(1)).count() == 2
    assert safe_session.query(Item).filter(Item.price.in_(Money(1), Money(3))).count() == 2


def test_a_query_of_a_sequence_takes_one_item(safe_session):
    """A condition on a list takes an item of the application's type."""
    save(safe_session, prices=[Money(1), Money(2)])

    assert safe_session.query(Item).filter(Item.prices == Money(2)).count() == 1
    assert safe_session.query(Item).filter(Item.prices == Money(3)).count() == 0


def test_a_query_into_an_embedded_document_wraps(safe_session):
    """A field of an embedded document is wrapped by itself."""
    save(safe_session, embedded=Price(amount=Money(5)), embeddeds=[Price(amount=Money(6))])

    assert raw(safe_session) == {"embedded": {"a": 5}, "embeddeds": [{"a": 6}]}
    assert safe_session.query(Item).filter(Item.embedded.amount == Money(5)).count() == 1
    assert safe_session.query(Item).filter(Item.embeddeds.amount == Money(6)).count() == 1
    assert safe_session.query(Item).one().embeddeds[0].amount == Money(6)


def test_operators_of_an_update_expression_wrap_items(safe_session):
    """What is appended to a list, or added to a set, is wrapped by the item field."""
    save(safe_session, prices=[Money(1)], price_set={Money(1)})
    safe_session.query(Item).append(Item.prices, Money(2)).execute()
    safe_session.query(Item).add_to_set(Item.price_set, Money(2)).execute()
    safe_session.query(Item).remove(Item.prices, Money(1)).execute()

    assert raw(safe_session) == {"prices": [2], "price_set": [1, 2]}


def test_distinct_values_are_unwrapped(safe_session):
    """`distinct` gives values of the application's type."""
    save(safe_session, price=Money(1))
    save(safe_session, price=Money(2))

    assert sorted(safe_session.query(Item).distinct(Item.price)) == [Money(1), Money(2)]


@pytest.mark.parametrize("value", [250, "250", None], ids=repr)
def test_a_wrong_value_is_refused_when_it_is_assigned(value):
    """`validate_wrap` judges every assignment and every constructor argument."""
    with pytest.raises(BadValueException) as caught:
        Item(price=value)
    assert caught.value.name == "Item.price"

    item = Item()
    with pytest.raises(BadValueException):
        item.price = value


@pytest.mark.parametrize("value", ["250", 2.5, None, {"cents": 1}])
def test_a_wrong_stored_value_is_refused_when_it_is_loaded(safe_session, value):
    """`validate_unwrap` judges what is loaded; the exception has the path."""
    with pytest.raises(BadValueException) as caught:
        load(safe_session, p=value)
    assert caught.value.name == "Item.price"


def test_a_wrong_stored_item_is_told_by_its_path(safe_session):
    """Inside lists and embedded documents the path leads to the value."""
    with pytest.raises(BadValueException) as caught:
        Item.unwrap({"prices": [1, "2"]})
    assert caught.value.name == "Item.prices[1]"
    with pytest.raises(BadValueException) as caught:
        Item.unwrap({"embeddeds": [{"a": 1}, {"a": "2"}]})
    assert caught.value.name == "Item.embeddeds[1].amount"


def test_a_wrong_value_in_a_query_is_refused():
    """A condition with a value that the field refuses is never built."""
    with pytest.raises(BadValueException):
        _ = Item.price == 250


def test_a_wrong_value_in_an_update_expression_is_refused(safe_session, commands):
    """`set` of a value that the field refuses sends nothing."""
    with pytest.raises(BadValueException):
        safe_session.query(Item).set(Item.price, 250)
    assert commands.names() == []


def test_a_field_may_refuse_with_the_public_exception_alone():
    """Raising `BadValueException` is all that a field needs to do."""

    class Shop(Document):
        price = RefusingField()

    assert Shop(price=Money(1)).wrap() == {"price": 1}
    with pytest.raises(BadValueException, match="must not be negative"):
        Shop(price=Money(-1))


def test_a_value_changed_in_place_is_found(safe_session):
    """A field of the application's own is compared by what it wraps."""
    item = load(safe_session, cfg='{"a": [1]}')
    item.config["a"].append(2)
    assert item.get_dirty_ops() == {"$set": {"cfg": '{"a": [1, 2]}'}}
    safe_session.update(item)

    assert raw(safe_session) == {"cfg": '{"a": [1, 2]}'}
    assert item.get_dirty_ops() == {}


def test_a_value_changed_in_place_inside_a_list_is_found(safe_session):
    """The same holds for items of a list."""
    item = load(safe_session, configs=['{"a": 1}'])
    item.configs[0]["a"] = 2
    safe_session.update(item)

    assert raw(safe_session) == {"configs": ['{"a": 2}']}


def test_a_stored_form_that_the_field_would_write_differently_is_clean(safe_session):
    """What is stored as another text of the same value, and was not touched, needs no update."""
    item = load(safe_session, cfg='{ "a" : 1 }')

    assert item.get_dirty_ops() == {}


def test_overriding_wrap_of_a_concrete_field(safe_session):
    """What is stored is what the overridden `wrap` gives; the object keeps what it was given."""
    item = save(safe_session, lower="ABC")

    assert item.lower == "ABC"
    assert raw(safe_session) == {"lower": "abc"}
    assert safe_session.query(Item).one().lower == "abc"


def test_overriding_wrap_of_a_concrete_field_holds_for_queries_and_updates(safe_session):
    """Conditions and update expressions use the overridden `wrap` too."""
    save(safe_session, lower="ABC")

    assert safe_session.query(Item).filter(Item.lower == "ABC").count() == 1
    safe_session.query(Item).set(lower="XYZ").execute()
    assert raw(safe_session) == {"lower": "xyz"}


def test_a_value_that_an_overridden_wrap_stores_alike_is_clean(safe_session):
    """Equal means that the same would be stored."""
    item = load(safe_session, lower="abc")
    item.lower = "ABC"

    assert item.get_dirty_ops() == {}


def test_overriding_unwrap_of_a_concrete_field(safe_session):
    """What is loaded is what the overridden `unwrap` gives."""
    assert load(safe_session, shouted="abc").shouted == "ABC"


def test_overriding_the_judgement_of_a_concrete_field(safe_session):
    """An overridden `validate_wrap` and `validate_unwrap` judge in both directions."""
    with pytest.raises(BadValueException, match="even numbers"):
        Item(even=3)
    with pytest.raises(BadValueException, match="even numbers"):
        load(safe_session, even=3)


def test_the_judgement_of_the_concrete_field_still_holds():
    """`super()` is what the concrete field would say."""
    with pytest.raises(BadValueException):
        Item(even="4")
    with pytest.raises(BadValueException):
        Item.unwrap({"even": "4"})


def test_a_field_may_load_what_its_base_refuses(safe_session):
    """An override may be more generous than the field it was made of."""
    assert load(safe_session, lenient="42").lenient == 42


def test_overriding_set_value_sees_assignments(safe_session):
    """`set_value` gets what is assigned, and decides what is kept."""
    item = Item(trimmed="  a ")
    assert calls == [("trimmed", "  a ", False)]
    assert item.trimmed == "a"
    item.trimmed = " b"

    assert item.trimmed == "b"
    assert item.wrap() == {"trimmed": "b"}


def test_overriding_set_value_sees_loading(safe_session):
    """`set_value` gets what is loaded, told that it comes from the database."""
    item = load(safe_session, trimmed=" a ")

    assert calls == [("trimmed", " a ", True)]
    assert item.trimmed == " a "
    assert item.get_dirty_ops() == {}


def test_overriding_set_value_makes_fields_dirty_as_usual(safe_session):
    """An assignment that goes through an overridden `set_value` is updated."""
    item = load(safe_session, trimmed="a")
    item.trimmed = " a "
    assert item.get_dirty_ops() == {}
    item.trimmed = " b "
    safe_session.update(item)

    assert raw(safe_session) == {"trimmed": "b"}


def test_a_value_set_past_the_attribute_is_updated(safe_session, commands):
    """`set_value` of a field, called by the application, is an assignment, after a save too."""
    item = save(safe_session, lower="abc", prices=[Money(1)])
    commands.clear()
    Item.get_fields()["lower"].set_value(item, "XYZ")
    Item.get_fields()["prices"].set_value(item, [Money(2)])
    safe_session.update(item)

    (update,) = bodies_of(commands, "update")
    assert update["updates"][0]["u"] == {"$set": {"lower": "xyz", "prices": [2]}}
    assert item.get_dirty_ops() == {}


@pytest.mark.parametrize("is_loaded", [True, False])
def test_an_argument_set_past_the_attribute_is_one_in_an_embedded_document(safe_session, is_loaded):
    """What an embedded document's field is given so is for its operation, as by assignment."""

    class Count(Document):
        hits = IntField(on_update="$inc")

    class Site(Document):
        count = DocumentField(Count)

    site = Site(count=Count(hits=1))
    safe_session.save(site)
    if is_loaded:
        site = safe_session.query(Site).one()
    Count.get_fields()["hits"].set_value(site.count, 5)
    assert site.get_dirty_ops() == {"$inc": {"count.hits": 5}}
    safe_session.update(site)

    assert safe_session.db["Site"].find_one()["count"] == {"hits": 6}
    assert site.count.hits == 6


def test_overriding_set_is_called(safe_session, commands):
    """An overridden ``__set__`` decides what is held, and that is saved and updated."""

    class EscapedField(StringField):
        def __set__(self, instance, value):
            self.set_value(instance, value.replace("<", "&lt;"))

    class Comment(Document):
        text = EscapedField()

    comment = Comment(text="<a>")
    safe_session.save(comment)
    comment.text = "<b>"
    safe_session.update(comment)

    (update,) = bodies_of(commands, "update")
    assert update["updates"][0]["u"] == {"$set": {"text": "&lt;b>"}}
    assert safe_session.query(Comment).one().text == "&lt;b>"


def test_overriding_get_is_asked_on_every_read(safe_session):
    """A field with a ``__get__`` of its own gives what it likes, each time."""
    item = load(safe_session, counted=4)

    assert (item.counted, item.counted) == (40, 40)
    assert calls == ["read", "read"]
    assert Item(counted=5).counted == 50


def test_overriding_get_does_not_change_what_is_stored(safe_session):
    """What a ``__get__`` shows is no value of the field."""
    item = load(safe_session, counted=4)
    _ = item.counted
    assert item.get_dirty_ops() == {}
    item.counted = 5
    safe_session.update(item)

    assert raw(safe_session) == {"counted": 5}


def test_a_subclass_that_only_declares_differently_works(safe_session):
    """A subclass without overrides is the field that it was made of."""
    with pytest.raises(BadValueException):
        Item(short="too long")
    assert load(safe_session, short="abc").short == "abc"


def test_none_never_reaches_a_field_that_allows_it(safe_session):
    """With `allow_none`, ``None`` passes every method of the application's own."""

    class Maybe(Document):
        price = MoneyField(allow_none=True)
        config = JsonField(default=None)

    safe_session.save(Maybe(price=None))
    maybe = safe_session.query(Maybe).one()

    assert (maybe.price, maybe.config) == (None, None)
    assert safe_session.query(Maybe).filter(Maybe.price == None).count() == 1


def test_declared_validators_are_asked_after_the_fields_own_check():
    """A validator given in the declaration sees only what the field accepts."""
    seen = []

    class Checked(Document):
        price = MoneyField(validator=lambda value: seen.append(value) or True)

    Checked(price=Money(1))
    with pytest.raises(BadValueException):
        Checked(price=1)

    assert seen[:1] == [Money(1)]
    assert 1 not in seen


def test_a_declared_validator_refuses():
    """A validator that gives `False` refuses the value of an application's own field too."""

    class Checked(Document):
        price = MoneyField(wrap_validator=lambda value: value.cents < 100)

    with pytest.raises(BadValueException) as caught:
        Checked(price=Money(500))
    assert caught.value.name == "Checked.price"


def test_defaults_of_an_applications_own_field(safe_session):
    """A default is a Python value of the field, wrapped when it is stored."""

    class Defaulted(Document):
        price = MoneyField(default=Money(7))

    safe_session.save(Defaulted())

    assert safe_session.db["Defaulted"].find_one({}, {"_id": 0}) == {"price": 7}
    assert safe_session.query(Defaulted).one().price == Money(7)


def test_an_applications_own_field_may_be_the_id(make_session):
    """An id of the application's type is wrapped wherever an id is used."""
    session = make_session(safe=True, cache_size=10)

    class Coin(Document):
        worth = MoneyField(_id=True)
        name = StringField(required=False)

    coin = Coin(worth=Money(5))
    session.save(coin)
    coin.name = "nickel"
    session.update(coin)
    assert session.db["Coin"].find_one() == {"_id": 5, "name": "nickel"}
    assert session.query(Coin).filter(Coin.worth == Money(5)).one() is coin
    assert session.refresh(coin).worth == Money(5)
    assert Coin(worth=Money(5)) == coin
    session.remove(coin)

    assert session.db["Coin"].count_documents({}) == 0


def test_an_own_operator_of_an_applications_own_field(safe_session):
    """A field may be updated by an operator that its `valid_modifiers` allow."""

    class Account(Document):
        balance = MoneyField(on_update="$inc")

    account = Account(balance=Money(10))
    safe_session.save(account)
    account = safe_session.query(Account).one()
    account.balance = Money(5)
    safe_session.update(account)

    assert safe_session.db["Account"].find_one({}, {"_id": 0}) == {"balance": 15}
    assert account.balance == Money(15)
    assert account.get_dirty_ops() == {}


def test_a_field_is_given_the_session_when_it_loads(safe_session):
    """`unwrap` gets the session, for what it may want to look up."""
    seen = []

    class AskingField(StringField):
        def unwrap(self, value, session=None):
            seen.append(session)
            return super().unwrap(value, session)

    class Asking(Document):
        text = AskingField()

    safe_session.save(Asking(text="a"))
    safe_session.query(Asking).one()

    assert seen == [safe_session]


def test_a_date_field_of_the_applications_own(safe_session):
    """A subclass of a field with a stored type of its own is loaded through its `unwrap`."""

    class YearField(DateTimeField):
        def unwrap(self, value, session=None):
            return super().unwrap(value, session).replace(month=1, day=1)

    class Wine(Document):
        year = YearField()

    safe_session.db["Wine"].insert_one({"year": ObjectId().generation_time.replace(month=5)})
    wine = safe_session.query(Wine).one()

    assert (wine.year.month, wine.year.day) == (1, 1)


def test_a_wrong_item_that_was_added_in_place_is_refused_when_saved(safe_session):
    """What was put into a list after the assignment is judged by the item field."""
    item = save(safe_session, prices=[Money(1)])
    item.prices.append(2)

    for write in (safe_session.save, safe_session.update):
        with pytest.raises(BadValueException):
            write(item)
    assert raw(safe_session) == {"prices": [1]}
    item.prices[1] = Money(2)
    safe_session.update(item)
    assert raw(safe_session) == {"prices": [1, 2]}


@pytest.mark.parametrize(
    "method",
    ["wrap", "unwrap", "validate_wrap", "validate_unwrap", "is_valid_wrap", "is_valid_unwrap"],
)
def test_the_base_class_converts_nothing(method):
    """The methods of the base class are there to be overridden."""
    with pytest.raises(NotImplementedError):
        getattr(Field(), method)(1)
