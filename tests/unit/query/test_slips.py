"""
A slip in a query is told: what came, what was meant, and what to write.

Members: what is no class, no condition, no name and no order of a query and of a removal; values by
name and without one; the id under its usual names; operators in names; comparisons without
parentheses, and Python's own words (and, or, not, in, chained comparisons) of expressions, fields
and free-form fields.
"""

from __future__ import annotations

import pytest

from ommongo import Document, IntField, ListField, Q, StringField
from ommongo.exceptions import BadQueryException, BadValueException, FieldNotFoundException
from ommongo.query import Query, RemoveQuery
from ommongo.query_expression import FreeFormDoc


class Lamp(Document):
    config_namespace = "tests.query.slips"
    watts = IntField(default=1)
    name = StringField(required=False)
    tags = ListField(StringField(), required=False)


class Room(Document):
    config_namespace = "tests.query.slips"
    number = IntField(_id=True)


class Odd(Document):
    """Fields that are named like parameters."""

    config_namespace = "tests.query.slips"
    self = IntField()
    expressions = IntField()
    names = IntField()


@pytest.fixture(params=[Query, RemoveQuery])
def make(request):
    """Make a query, or a removal: both have these methods."""
    return lambda cls: request.param(cls, None)


CLASSES = [
    (Lamp(), "session.query(Lamp)"),
    ([Lamp], "a query for each class"),
    ((Lamp, Room), "a query for each class"),
    (Lamp.watts, "Pass its class"),
    (Query(Lamp, None), "Query already"),
    (None, "not for NoneType"),
    (dict, "not for the class dict"),
    (3, "not for int"),
]


@pytest.mark.parametrize(("wrong", "said"), CLASSES)
def test_what_is_no_class_is_told(make, wrong, said):
    """An object, several classes, a field, another query."""
    with pytest.raises(BadQueryException) as caught:
        make(wrong)

    assert said in str(caught.value)


@pytest.mark.parametrize("second", [Lamp, Room, "lamps", None])
def test_a_second_class_is_told(second):
    """It would be taken for exclude_subclasses."""
    with pytest.raises(BadQueryException, match="one class"):
        Query(Lamp, None, second)


CONDITIONS = {
    "true": (True, "compare a field with a value"),
    "identity": (Lamp.watts is None, "compare a field with a value"),
    "two_fields": (Lamp.watts == Lamp.name, "compare a field with a value"),
    "none": (None, "Leave it out"),
    "text": ("watts", "filter_by(name='value')"),
    "field": (Lamp.watts, "Lamp.watts == "),
    "free_field": (Q.watts, "Lamp.watts == "),
    "object": (Lamp(), "Lamp.mongo_id == "),
    "class": (Lamp, "compare its fields"),
    "function": (lambda lamp: lamp.watts > 3, "runs no Python"),
    "list": ([Lamp.watts > 3], "(*conditions)"),
    "tuple": ((Lamp.watts > 3,), "(*conditions)"),
    "generator": ((Lamp.watts > n for n in range(3)), "(*conditions)"),
    "number": (3, "not int"),
}


@pytest.mark.parametrize(("wrong", "said"), CONDITIONS.values(), ids=CONDITIONS)
@pytest.mark.parametrize("method", ["filter", "not_", "or_"])
def test_what_is_no_condition_is_told(make, method, wrong, said):
    """Every method that takes conditions says what to write, and adds nothing."""
    query = make(Lamp)

    with pytest.raises(BadQueryException) as caught:
        getattr(query, method)(Lamp.watts > 7, wrong)

    assert str(caught.value).startswith(f"{method}() takes")
    assert said in str(caught.value)
    assert query.query == {}


def test_filter_takes_values_by_name(make):
    """It works as filter_by, beside expressions and alone, dotted names and all."""
    assert make(Lamp).filter(watts=3).query == {"watts": 3}
    assert make(Lamp).filter(Lamp.watts > 3, name="a").query == {"watts": {"$gt": 3}, "name": "a"}
    assert make(Lamp).filter({"watts": 3}, name="a").query == {"watts": 3, "name": "a"}
    assert make(FreeFormDoc("lamps")).filter(**{"a.b": 3}).query == {"a.b": 3}
    assert make(Odd).filter(self=1, expressions=2, names=3).query == {
        "self": 1,
        "expressions": 2,
        "names": 3,
    }


@pytest.mark.parametrize("method", ["filter", "filter_by"])
def test_a_value_by_name_is_a_value(make, method):
    """It is wrapped by its field, is nobody's operator, and no condition is lost."""
    with pytest.raises(BadValueException):
        getattr(make(Lamp), method)(watts="x")
    with pytest.raises(BadValueException):
        getattr(make(Lamp), method)(name={"$gt": ""})
    with pytest.raises(BadQueryException):
        getattr(make(Lamp).filter(Lamp.watts > 3), method)(watts=3)


NAMES = [
    (Lamp, "_id", "The id of a Lamp is 'mongo_id'"),
    (Lamp, "pk", "The id of a Lamp is 'mongo_id'"),
    (Room, "_id", "The id of a Room is 'number'"),
    (Lamp, "wats", "Did you mean 'watts'?"),
    (Lamp, "watts__gt", "User.watts > 3"),
    (Lamp, "watts__in", "User.watts > 3"),
]


@pytest.mark.parametrize(("cls", "name", "said"), NAMES)
@pytest.mark.parametrize("method", ["filter", "filter_by"])
def test_a_name_that_is_none_is_told(make, method, cls, name, said):
    """The id under another name, a misspelt one, an operator in a name."""
    with pytest.raises(FieldNotFoundException) as caught:
        getattr(make(cls), method)(**{name: 3})

    assert said in str(caught.value)


@pytest.mark.parametrize("wrong", [Lamp.watts == 3, {"watts": 3}, "watts", Lamp.watts])
def test_filter_by_is_for_names(make, wrong):
    """What has no name is for filter."""
    with pytest.raises(BadQueryException, match=r"for filter\(\)") as caught:
        make(Lamp).filter_by(wrong)

    assert type(wrong).__name__ in str(caught.value)


ORDERS = [
    (("watts",), "sort(('watts', 1)), or ascending('watts')"),
    (("-watts",), "sort(('watts', -1)), or descending('watts')"),
    (("watts", 1), "sort(('watts', 1)), or ascending('watts')"),
    (("watts", -1), "sort(('watts', -1)), or descending('watts')"),
    (("watts", "desc"), "sort(('watts', -1)), or descending('watts')"),
    ((Lamp.watts,), "ascending(User.age)"),
    ((Lamp.watts, -1), "descending(User.age)"),
    (([("watts", 1)],), "sort(*pairs)"),
    (([("watts", 1), ("name", -1)],), "sort(*pairs)"),
    (({"watts": 1},), "sort(*order.items())"),
    ((3,), "not int"),
    ((("watts", "asc"),), "1 for lowest first"),
]


@pytest.mark.parametrize(("wrong", "said"), ORDERS)
def test_an_order_that_is_none_is_told(wrong, said):
    """As pymongo, Django and SQLAlchemy take it."""
    query = Query(Lamp, None)

    with pytest.raises(BadQueryException) as caught:
        query.sort(*wrong)

    assert said in str(caught.value)
    assert query._sort == []


@pytest.mark.parametrize("wrong", [["watts", "name"], ("watts",), {"watts"}])
def test_several_names_in_one_are_told(wrong):
    """Names come one by one."""
    for method in ("fields", "ascending", "hint_asc"):
        with pytest.raises(BadQueryException, match=r"\*names"):
            getattr(Query(Lamp, None), method)(wrong)


@pytest.mark.parametrize("doc", [Lamp, Q])
@pytest.mark.parametrize(
    "join",
    [
        lambda f: f.watts > 3 | f.watts == 5,
        lambda f: f.watts > 3 & f.watts == 5,
        lambda f: f.name == "a" | f.watts == 5,
        lambda f: f.name == "a" & (f.watts == 5),
        lambda f: f.name == "a" | (f.watts == 5),
        lambda f: (f.watts > 3) | f.watts,
        lambda f: f.watts & (f.watts > 3),
        lambda f: f.watts | f.name,
        lambda f: (f.watts > 3) & True,
        lambda f: None | (f.watts > 3),
    ],
)
def test_parentheses_that_are_missing_are_told(doc, join):
    """`|` and `&` bind more tightly than comparisons."""
    with pytest.raises(TypeError, match=r"put parentheses around both sides, \(User\.age > 3\)"):
        join(doc)


def test_a_dict_joins_from_either_side():
    """It is a condition as an expression is."""
    assert ({"a": 1} | (Q.b == 2)).obj == {"$or": [{"a": 1}, {"b": 2}]}
    assert ((Q.b == 2) | {"a": 1}).obj == {"$or": [{"b": 2}, {"a": 1}]}
    assert ({"a": 1} & (Q.b == 2)).obj == {"a": 1, "b": 2}
    assert ((Q.b == 2) & {"a": 1}).obj == {"b": 2, "a": 1}


@pytest.mark.parametrize("doc", [Lamp, Q])
@pytest.mark.parametrize(
    "ask",
    [
        lambda f: 3 < f.watts < 5,
        lambda f: not (f.watts > 3),
        lambda f: (f.watts > 3) and (f.watts < 5),
        lambda f: (f.watts > 3) or (f.watts < 5),
        lambda f: 1 if f.watts > 3 else 2,
        lambda f: bool(f.watts == 3),
        lambda f: any([f.watts == 3]),
        lambda f: f.watts in [1, 2],
        lambda f: not f.watts,
        lambda f: f.watts and f.watts > 3,
        lambda f: f.watts or f.watts > 3,
        lambda f: bool(f.name),
    ],
)
def test_what_has_no_truth_is_told(doc, ask):
    """Python would drop a condition without a word."""
    with pytest.raises(TypeError, match=r"no truth value.*& for and, .*in_\(values\)"):
        ask(doc)


@pytest.mark.parametrize("doc", [Lamp, Q])
def test_operators_of_values_are_told(doc):
    """A field is none of its values."""
    with pytest.raises(TypeError, match="Compare it first"):
        ~doc.watts
    with pytest.raises(TypeError, match=r"descending\(field\)"):
        -doc.watts
    with pytest.raises(TypeError, match=r"all_\(values\)"):
        "a" in doc.tags
