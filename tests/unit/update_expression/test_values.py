"""The operators that change one value, as they are sent."""

from __future__ import annotations

import pytest

from ommongo import (
    AnythingField,
    DateTimeField,
    Document,
    DocumentField,
    EnumField,
    Field,
    FloatField,
    IntField,
    ListField,
    Q,
    StringField,
)
from ommongo.exceptions import (
    BadValueException,
    FieldNotFoundException,
    InvalidModifierException,
    UpdateException,
)
from ommongo.query import Query
from ommongo.update_expression import UpdateExpression
from tests.models import Address, Book, User


class Cents(Field):
    """An application's own number: money, stored in cents."""

    valid_modifiers = IntField.valid_modifiers

    def validate_wrap(self, value):
        if not isinstance(value, float):
            self._fail_validation_type(value, float)

    def wrap(self, value):
        self.validate_wrap(value)
        return round(value * 100)


class Account(Document):
    config_namespace = "tests.updates.values"

    count = IntField(min_value=0, max_value=9, validator=lambda value: value != 5, db_field="c")
    rate = FloatField(required=False, allow_none=True)
    money = Cents(required=False)
    since = DateTimeField(required=False, db_field="s")
    until = DateTimeField(required=False)
    anything = AnythingField(required=False)
    self = IntField(required=False)
    by = IntField(required=False)
    grid = ListField(ListField(IntField()), required=False)
    kind = EnumField(StringField(), "a", "b", required=False)


@pytest.fixture
def users():
    """All users."""
    return Query(User, None)


@pytest.fixture
def accounts():
    """All accounts."""
    return Query(Account, None)


def test_an_update_method_gives_an_update_expression(users):
    """What follows a query's update method is about the change."""
    assert type(users.set(User.age, 3)) is UpdateExpression


def test_set_takes_a_field_and_a_value(users):
    """The field is sent under its stored name."""
    assert users.set(User.nick, "a").update_data == {"$set": {"n": "a"}}


def test_set_takes_dotted_names(users):
    """A name reaches into embedded documents."""
    assert users.set("address.zip", "1").update_data == {"$set": {"address.z": "1"}}


def test_set_takes_names_with_their_values(users):
    """Keywords are Python names."""
    assert users.set(nick="a", age=3).update_data == {"$set": {"n": "a", "age": 3}}


def test_set_takes_both_forms_at_once(users):
    """A field with its value may stand beside names."""
    assert users.set(User.age, 3, nick="a").update_data == {"$set": {"age": 3, "n": "a"}}


def test_names_of_parameters_are_names_of_fields(accounts):
    """A field may be called as nothing else."""
    update = accounts.set(self=1).inc(by=2)

    assert update.update_data == {"$set": {"self": 1}, "$inc": {"by": 2}}


def test_set_wraps_embedded_documents(users):
    """A document is sent as it is stored."""
    update = users.set(User.address, Address(city="Bogor", zip="1"))

    assert update.update_data == {"$set": {"address": {"city": "Bogor", "z": "1"}}}


def test_set_reaches_the_item_that_was_matched():
    """The positional operator is part of the name."""
    update = Query(Book, None).set(Book.pages.matched_index().text, "x")

    assert update.update_data == {"$set": {"p.$.t": "x"}}


def test_set_twice_on_one_field_keeps_the_last(users):
    """The last value holds."""
    assert users.set(age=3).set(User.age, 4).update_data == {"$set": {"age": 4}}


def test_set_takes_none_where_the_field_does(accounts):
    """`None` is a value of a field with `allow_none`."""
    assert accounts.set(rate=None).update_data == {"$set": {"rate": None}}


def test_set_of_a_list_takes_a_whole_list(users):
    """Only a query is content with an item."""
    with pytest.raises(BadValueException):
        users.set(tags="a")


def test_a_refused_value_leaves_nothing_behind(users):
    """Of several values in one call none is taken when one is refused."""
    update = users.set(name="ada")

    with pytest.raises(BadValueException):
        update.set(nick="a", age="old")

    assert update.update_data == {"$set": {"name": "ada"}}


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda q: q.set(age="old"), "User.age"),
        (lambda q: q.set(tags=["a", 1]), "User.tags[1]"),
        (lambda q: q.set("address.zip", 1), "User.address.zip"),
        (lambda q: q.append(User.tags, 1), "User.tags"),
        (lambda q: q.inc(age="1"), "User.age"),
    ],
    ids=["plain", "item", "embedded", "appended", "amount"],
)
def test_a_refused_value_is_named_by_its_path(users, change, path):
    """The error says where, seen from the class."""
    with pytest.raises(BadValueException) as caught:
        change(users)

    assert caught.value.name == path


def test_values_are_taken_as_they_are(users, accounts):
    """What is done to a value after the call does not change the update."""
    tags, anything = ["a"], {"x": [{"y": 1}], "z": ([1],)}
    update = users.set(tags=tags)
    free = accounts.set(anything=anything)

    tags.append("b")
    anything["x"][0]["y"] = 2
    anything["z"][0].append(2)

    assert update.update_data == {"$set": {"tags": ["a"]}}
    assert free.update_data == {"$set": {"anything": {"x": [{"y": 1}], "z": ([1],)}}}


@pytest.mark.parametrize(
    ("method", "args"),
    [
        ("set", ()),
        ("set", (User.age,)),
        ("set", (User.age, 1, 2)),
        ("inc", ()),
        ("inc", (User.age, 1, 2)),
    ],
)
def test_wrong_arguments_are_refused(users, method, args):
    """A field comes with one value."""
    with pytest.raises(UpdateException):
        getattr(users, method)(*args)


@pytest.mark.parametrize("field", [3, None, User.age > 3])
def test_what_is_no_field_is_refused(users, field):
    """Fields are named by text or by query field."""
    with pytest.raises(UpdateException):
        users.unset(field)


def test_an_unknown_name_is_refused(users):
    """The error names it, and the class."""
    with pytest.raises(FieldNotFoundException) as caught:
        users.set(nme="ada")

    assert (caught.value.name, caught.value.document_class) == ("nme", "User")


def test_unset_takes_a_field_out(users):
    """The value is of no consequence to the server; tools expect `True`."""
    assert users.unset(User.nick).update_data == {"$unset": {"n": True}}


def test_inc_adds_1(accounts):
    """Without an amount it counts."""
    assert accounts.inc(Account.count).update_data == {"$inc": {"c": 1}}


@pytest.mark.parametrize("call", ["position", "keyword", "name"])
def test_inc_adds_an_amount(accounts, call):
    """The amount comes second, as `by`, or with the field's name."""
    update = {
        "position": lambda: accounts.inc("count", 3),
        "keyword": lambda: accounts.inc(Account.count, by=3),
        "name": lambda: accounts.inc(count=3),
    }[call]()

    assert update.update_data == {"$inc": {"c": 3}}


@pytest.mark.parametrize("amount", [-1, 5, 100])
def test_bounds_are_for_the_value_and_not_for_the_amount(accounts, amount):
    """What is added may lie outside what the field accepts, and what its validator does."""
    assert accounts.inc(count=amount).update_data == {"$inc": {"c": amount}}


def test_the_bounds_of_the_field_stay(accounts):
    """The field itself goes on judging values."""
    accounts.inc(count=100)

    with pytest.raises(BadValueException):
        accounts.set(count=100)


@pytest.mark.parametrize("amount", [1.5, "1", None, True, [1], {"$each": [1]}, 2**63])
def test_an_amount_is_a_number_of_the_fields_kind(accounts, amount):
    """A wrong type is refused before anything is sent."""
    with pytest.raises(BadValueException):
        accounts.inc(count=amount)


@pytest.mark.parametrize("amount", ["1", None, True])
def test_an_amount_of_anything_is_a_number(accounts, amount):
    """Also where the field takes anything, for the server adds numbers only."""
    with pytest.raises(BadValueException):
        accounts.inc(anything=amount)


def test_none_is_no_amount(accounts):
    """`allow_none` is about values."""
    with pytest.raises(BadValueException):
        accounts.inc(rate=None)


def test_an_amount_is_wrapped(accounts):
    """The field says how numbers are stored."""
    update = accounts.inc(rate=2, money=1.25)

    assert update.update_data == {"$inc": {"rate": 2.0, "money": 125}}


def test_mul_multiplies(accounts):
    """Both forms of arguments work."""
    update = accounts.set(by=1).mul(Account.count, 3).mul(rate=2)

    assert update.update_data == {"$set": {"by": 1}, "$mul": {"c": 3, "rate": 2.0}}


def test_min_and_max_bound(accounts):
    """The bound is a value of the field."""
    update = accounts.set(by=1).min("count", 3).max(Account.rate, 2)

    assert update.update_data == {"$set": {"by": 1}, "$min": {"c": 3}, "$max": {"rate": 2.0}}


def test_set_on_insert_is_for_inserted_documents(accounts):
    """Both forms of arguments work, and the last value holds."""
    update = accounts.inc(by=1).set_on_insert(count=3).set_on_insert(Account.count, 4)

    assert update.update_data == {"$inc": {"by": 1}, "$setOnInsert": {"c": 4}}


def test_rename_moves_a_value(accounts):
    """Both names are stored ones."""
    update = accounts.inc(by=1).rename("since", Account.until)

    assert update.update_data == {"$inc": {"by": 1}, "$rename": {"s": "until"}}


def test_current_date_is_the_servers(accounts):
    """The server fills in its time."""
    update = accounts.inc(by=1).current_date(Account.since).current_date("anything")

    assert update.update_data == {
        "$inc": {"by": 1},
        "$currentDate": {"s": True, "anything": True},
    }


class Untouchable(IntField):
    valid_modifiers = frozenset()


class Sealed(Document):
    config_namespace = "tests.updates.values"
    seal = Untouchable(on_update="ignore")
    at = DateTimeField()


NOT_SUPPORTED = {
    "inc": (lambda q: q.inc("name", "no number"), "name", "$inc"),
    "inc_names": (lambda q: q.inc(name="no number"), "name", "$inc"),
    "append": (lambda q: q.append("name", 1), "name", "$push"),
    "extend": (lambda q: q.extend("nick", 1), "n", "$push"),
    "remove": (lambda q: q.remove("age", "x"), "age", "$pull"),
    "remove_all": (lambda q: q.remove_all("age", "x"), "age", "$pullAll"),
    "add_to_set": (lambda q: q.add_to_set("age", "x"), "age", "$addToSet"),
    "pop_first": (lambda q: q.pop_first("age"), "age", "$pop"),
    "pop_last": (lambda q: q.pop_last("settings"), "settings", "$pop"),
    "mul": (lambda q: q.set(age=1).mul("tags", "x"), "tags", "$mul"),
    "min": (lambda q: q.set(age=1).min("name", 1), "name", "$min"),
    "max": (lambda q: q.set(age=1).max("name", 1), "name", "$max"),
    "current_date": (lambda q: q.set(age=1).current_date("name"), "name", "$currentDate"),
    "add_each_to_set": (lambda q: q.set(age=1).add_each_to_set("name"), "name", "$addToSet"),
}


@pytest.mark.parametrize(("change", "name", "operation"), NOT_SUPPORTED.values(), ids=NOT_SUPPORTED)
def test_an_operation_that_the_field_does_not_support(users, change, name, operation):
    """The error names field and operation, and comes before the value is looked at."""
    with pytest.raises(InvalidModifierException) as caught:
        change(users)

    assert (caught.value.name, caught.value.operation) == (name, operation)
    assert name in str(caught.value)
    assert operation in str(caught.value)


@pytest.mark.parametrize("method", ["set", "set_on_insert", "unset", "rename"])
def test_a_field_without_modifiers_is_not_changed(method):
    """What a field class allows is what it lists."""
    update = UpdateExpression(Query(Sealed, None))
    arguments = {"set": (1,), "set_on_insert": (1,), "unset": (), "rename": ("at",)}

    with pytest.raises(InvalidModifierException):
        getattr(update, method)(Sealed.seal, *arguments[method])


def test_free_form_updates_check_nothing():
    """Without a class any name takes any value."""
    update = Query("things", None).set(Q.a.b, {1, 2}).inc("n", "1").set(size=3)

    assert update.update_data == {"$set": {"a.b": {1, 2}, "size": 3}, "$inc": {"n": "1"}}


def test_items_of_items_are_lists(accounts):
    """A list of lists takes lists as items."""
    assert accounts.append("grid", [1, 2]).update_data == {"$push": {"grid": [1, 2]}}


def test_enumerations_are_set(accounts):
    """A field made of another is wrapped by itself."""
    assert accounts.set(kind="a").update_data == {"$set": {"kind": "a"}}
    with pytest.raises(BadValueException):
        accounts.set(kind="c")


def test_a_document_field_is_not_set_to_a_dict():
    """A dict is no document, so no operator slips in."""
    with pytest.raises(BadValueException):
        Query(User, None).set(address={"$set": 1})


def test_embedded_fields_of_other_classes_are_named():
    """A field of a document in a document is reached by dots."""

    class Outer(Document):
        config_namespace = "tests.updates.values"
        inner = DocumentField(User, db_field="i")

    assert Query(Outer, None).inc(Outer.inner.hits, 2).update_data == {"$inc": {"i.hits": 2}}


@pytest.mark.parametrize("method", ["set", "inc"])
def test_a_slip_in_what_is_set_is_told(method):
    """A dict of names, or a comparison, in the place of a field and its value."""
    start = getattr(Query(Account, None), method)

    with pytest.raises(UpdateException, match=rf"{method}\(\*\*values\)"):
        start({"count": 3})
    with pytest.raises(UpdateException, match="does not compare"):
        start(Account.count == 3)
