"""What a query asks for: conditions, joined so that none is lost."""

from __future__ import annotations

import copy
import re

import pytest

from ommongo import Document, IntField, Q, StringField
from ommongo.exceptions import (
    BadFieldSpecification,
    BadQueryException,
    BadValueException,
    FieldNotFoundException,
    InvalidConfigException,
)
from ommongo.query import Query, RemoveQuery
from ommongo.query_expression import FreeFormDoc
from tests.models import Book, Page, User


class Swapped(Document):
    """The Python name of one field is the stored name of the other."""

    config_namespace = "tests.query.filtering"
    a = IntField(db_field="b")
    b = IntField(db_field="a")


class Animal(Document):
    config_namespace = "tests.query.filtering"
    config_polymorphic = "kind"
    config_polymorphic_collection = True
    config_polymorphic_identity = "animal"
    kind = StringField(db_field="k")
    name = StringField()


class Dog(Animal):
    config_polymorphic_identity = "dog"


@pytest.fixture(params=[Query, RemoveQuery])
def make(request):
    """Make a query, or a removal: both have these methods."""
    return lambda cls: request.param(cls, None)


def test_a_new_query_matches_everything(make):
    """Without conditions the filter is empty."""
    assert make(User).query == {}


def test_filter_joins_its_expressions(make):
    """All expressions of one call count."""
    query = make(User).filter(User.age > 3, User.name == "ada")

    assert query.query == {"age": {"$gt": 3}, "name": "ada"}


def test_filter_joins_its_calls(make):
    """What a second call adds does not replace the first."""
    query = make(User).filter(User.age > 3).filter(User.age < 9)

    assert query.query == {"age": {"$gt": 3, "$lt": 9}}


def test_filter_keeps_two_values_of_one_operator(make):
    """The same operator with two values gives two conditions."""
    query = make(User).filter(User.age > 3, User.age > 5)

    assert query.query == {"$and": [{"age": {"$gt": 3}}, {"age": {"$gt": 5}}]}


def test_filter_takes_an_equal_condition_once(make):
    """The same operator with the same value is one condition."""
    assert make(User).filter(User.age > 3, User.age > 3).query == {"age": {"$gt": 3}}


@pytest.mark.parametrize(
    "expressions",
    [(User.age == 3, User.age < 9), (User.age == 3, User.age == 3), (User.age < 9, User.age == 3)],
)
def test_filter_refuses_a_second_condition_beside_equality(make, expressions):
    """An equality and another expression on one field are a mistake."""
    with pytest.raises(BadQueryException):
        make(User).filter(*expressions)


def test_a_refused_call_changes_nothing(make):
    """A call that raises has added none of its conditions."""
    query = make(User).filter(User.name == "ada")

    with pytest.raises(BadQueryException):
        query.filter(User.age > 3, User.name == "bob")

    assert query.query == {"name": "ada"}


def test_filter_joins_raw_dicts_that_cannot_merge(make):
    """Raw dicts on one field are joined by `$and`, never refused and never dropped."""
    query = make(User).filter({"age": 3}, {"age": {"$lt": 9}})

    assert query.query == {"$and": [{"age": 3}, {"age": {"$lt": 9}}]}


def test_filter_translates_python_names_of_raw_dicts(make):
    """Keys are Python names, stored names or query fields, at every level."""
    query = make(User).filter({"nick": "a", "$or": [{"address.zip": "1"}, {User.age: 3}]})

    assert query.query == {"n": "a", "$or": [{"address.z": "1"}, {"age": 3}]}


def test_filter_prefers_the_python_name_to_an_equal_stored_one(make):
    """A name that means two fields means the one of that Python name, once."""
    assert make(Swapped).filter({"a": 1}).query == {"b": 1}


@pytest.mark.parametrize("condition", [True, "age", None, [("age", 3)], User])
def test_filter_refuses_what_is_no_condition(make, condition):
    """Anything but an expression or a dict is refused, a compared pair of fields too."""
    with pytest.raises(BadQueryException):
        make(User).filter(condition)


def test_filter_does_not_change_its_arguments(make):
    """A dict and an expression can be used again after they were filtered by."""
    condition, expression = {"age": {"$gt": 3}}, User.age < 9

    make(User).filter(condition).filter(expression)

    assert condition == {"age": {"$gt": 3}}
    assert expression.obj == {"age": {"$lt": 9}}


def test_filter_by_asks_for_equality(make):
    """Each keyword is a Python name and its value."""
    assert make(User).filter_by(nick="a", age=3).query == {"n": "a", "age": 3}


def test_filter_by_takes_a_field_called_self(make):
    """No name of a parameter is in the way of a field's name."""

    class Mirror(Document):
        config_namespace = "tests.query.filtering"
        self = IntField()

    assert make(Mirror).filter_by(self=3).query == {"self": 3}


def test_filter_by_refuses_an_unknown_name(make):
    """A name that is no field is named in the error, with the class."""
    with pytest.raises(FieldNotFoundException) as caught:
        make(User).filter_by(nme="ada")

    assert (caught.value.name, caught.value.document_class) == ("nme", "User")


def test_filter_by_refuses_an_operator_as_a_value(make):
    """A dict where text is wanted never becomes an operator."""
    with pytest.raises(BadValueException):
        make(User).filter_by(name={"$ne": ""})


def test_not_asks_for_the_negation_of_each(make):
    """None of the conditions may hold."""
    query = make(User).not_(User.age > 3, User.name == "ada", {"nick": "a"})

    assert query.query == {"age": {"$not": {"$gt": 3}}, "name": {"$ne": "ada"}, "n": {"$ne": "a"}}


def test_not_translates_a_name_once(make):
    """A stored name is not taken for a Python name in a second translation."""
    assert make(Swapped).not_({"a": 1}).query == {"b": {"$ne": 1}}


def test_or_asks_for_any(make):
    """One of the conditions is enough."""
    query = make(User).or_(User.age > 3, {"nick": "a"}, User.age == 1)

    assert query.query == {"$or": [{"age": {"$gt": 3}}, {"n": "a"}, {"age": 1}]}


def test_or_of_one_condition_is_that_condition(make):
    """Without an alternative the condition stands by itself."""
    assert make(User).or_(User.age > 3).query == {"age": {"$gt": 3}}


def test_two_calls_of_or_both_hold(make):
    """A second `or_` narrows further."""
    query = make(User).or_(User.age == 1, User.age == 2).or_(User.age == 2, User.age == 3)

    assert query.query == {
        "$and": [
            {"$or": [{"age": 1}, {"age": 2}]},
            {"$or": [{"age": 2}, {"age": 3}]},
        ]
    }


@pytest.mark.parametrize("method", ["not_", "or_"])
def test_not_and_or_refuse_what_is_no_condition(make, method):
    """Anything but an expression or a dict is refused."""
    with pytest.raises(BadQueryException):
        getattr(make(User), method)("age")


def test_in_asks_for_one_of_the_values(make):
    """The field is a query field or a name."""
    assert make(User).in_(User.nick, "a", "b").query == {"n": {"$in": ["a", "b"]}}
    assert make(User).in_("address.zip", "1").query == {"address.z": {"$in": ["1"]}}


def test_nin_asks_for_none_of_the_values(make):
    """The field is a query field or a name."""
    assert make(User).nin("age", 1, 2).query == {"age": {"$nin": [1, 2]}}


def test_in_wraps_its_values(make):
    """A value that the field cannot hold is refused."""
    with pytest.raises(BadValueException):
        make(User).in_(User.age, 1, "2")


@pytest.mark.parametrize("field", [3, None, User.age > 3])
def test_a_field_is_named_by_text_or_query_field(make, field):
    """Anything else is refused, with the forms to use."""
    with pytest.raises(BadQueryException, match=r"User\.name"):
        make(User).in_(field, 1)


def test_filter_like_matches_whatever_the_case():
    """Each value is a regular expression that ignores case."""
    query = Query(User, None).filter_like(name="^ad.")
    matched = Query(User, None).filter(User.name.regex("^ad.", ignore_case=True))

    assert query.query == matched.query


def test_filter_dict_takes_dotted_names():
    """Values go to the server as they are; the first part of a key is a field."""
    query = Query(User, None).filter_dict({"address.zip": {"$exists": True}, "settings.a": 3})

    assert query.query == {"address.z": {"$exists": True}, "settings.a": 3}


def test_filter_dict_takes_stored_names():
    """A stored name is a field too."""
    assert Query(User, None).filter_dict({"n": "a"}).query == {"n": "a"}


@pytest.mark.parametrize("name", ["nme", "nme.x", "$where", "$or"])
def test_filter_dict_refuses_what_is_no_field(name):
    """A key that begins with no field, an operator too, is named in the error."""
    with pytest.raises(FieldNotFoundException) as caught:
        Query(User, None).filter_dict({name: []})

    assert caught.value.name == name.split(".")[0]
    assert caught.value.document_class == "User"


def test_filter_dict_refuses_what_is_no_dict():
    """It takes a dict."""
    with pytest.raises(BadQueryException):
        Query(User, None).filter_dict([("name", "ada")])


def test_filter_dict_of_a_collection_checks_nothing():
    """Without a document class there are no names to check."""
    assert Query("things", None).filter_dict({"a.b": 3}).query == {"a.b": 3}


def test_filter_dict_joins_what_is_there():
    """A raw dict is one more condition."""
    query = Query(User, None).filter(User.age == 3).filter_dict({"age": {"$lt": 9}})

    assert query.query == {"$and": [{"age": 3}, {"age": {"$lt": 9}}]}


@pytest.mark.parametrize("text", [None, 3, {"$search": "a"}, re.compile("a")])
def test_search_takes_text(text):
    """Anything but text is refused before it is sent."""
    with pytest.raises(BadQueryException):
        Query(User, None).search(text)


def test_search_is_part_of_the_filter():
    """What would be sent shows the text."""
    query = Query(User, None).filter(User.age > 3).search("ada")

    assert query.query == {"age": {"$gt": 3}, "$text": {"$search": "ada"}}


def test_search_drops_no_raw_text():
    """A `$text` of a raw dict stays beside the other; the server judges them."""
    query = Query(User, None).filter({"$text": {"$search": "ada"}}).search("bob")

    assert query.query == {"$and": [{"$text": {"$search": "ada"}}, {"$text": {"$search": "bob"}}]}


def test_search_refuses_a_second_text():
    """The server takes one text, so no second one replaces the first."""
    with pytest.raises(BadQueryException):
        Query(User, None).search("ada").search("bob")


@pytest.mark.parametrize("index", [[], ("name",), "name", {"name": 1}])
def test_search_takes_a_list_of_fields_to_index(index):
    """`createIndex` is a list with something in it."""
    with pytest.raises(InvalidConfigException):
        Query(User, None).search("ada", createIndex=index)


def test_search_refuses_to_index_what_is_no_field():
    """Names in `createIndex` are those of the class."""
    with pytest.raises(FieldNotFoundException):
        Query(User, None).search("ada", createIndex=["nme"])


def test_bypass_replaces_the_whole_filter():
    """Neither earlier conditions nor those of the class nor a text are left."""
    query = Query(Dog, None).filter(Dog.name == "rex").search("rex")

    assert query.query_bypass({"nick": 1}, raw_output=False) is query
    assert query.query == {"nick": 1}


def test_conditions_after_a_bypass_count():
    """The raw dict is the filter from then on, to which more can be added."""
    query = Query(Dog, None).query_bypass({"a": 1}, raw_output=False).filter(Dog.name == "rex")

    assert query.query == {"a": 1, "name": "rex"}


def test_bypass_takes_a_dict():
    """Anything else is refused."""
    with pytest.raises(BadQueryException):
        Query(User, None).query_bypass([("a", 1)], raw_output=False)


def test_bypass_does_not_keep_the_dict():
    """The query is not changed by what is done to the dict afterwards."""
    raw = {"a": 1}
    query = Query(User, None).query_bypass(raw, raw_output=False)

    raw["b"] = 2

    assert query.query == {"a": 1}


def test_the_conditions_of_the_class_are_part_of_every_filter(make):
    """A polymorphic class asks for its own documents."""
    query = make(Animal).filter(Animal.name == "rex")

    assert query.query == {"k": {"$in": ["animal", "dog"]}, "name": "rex"}


def test_subclasses_can_be_excluded():
    """`exclude_subclasses` asks for documents of the class alone."""
    assert Query(Animal, None, exclude_subclasses=True).query == {"k": "animal"}


def test_a_condition_on_the_selecting_field_is_one_more(make):
    """A filter by the attribute that selects the class joins the class's own."""
    query = make(Animal).filter(Animal.kind == "dog")

    assert query.query == {"$and": [{"k": {"$in": ["animal", "dog"]}}, {"k": "dog"}]}


def test_a_subclass_declared_later_is_found():
    """The conditions of the class are those of the moment when the query is sent."""

    class Plant(Document):
        config_namespace = "tests.query.filtering"
        config_polymorphic = "kind"
        config_polymorphic_identity = "plant"
        kind = StringField()

    query = Query(Plant, None)

    class Tree(Plant):
        config_polymorphic_identity = "tree"

    assert query.query == {"kind": {"$in": ["plant", "tree"]}}


def test_a_collections_name_gives_a_free_form_query(make):
    """Values and names are not checked."""
    query = make("things").filter(Q.any.name == 3, {"x": {"y": 1}}).filter_by(size=4).in_("in_", 5)

    assert query.query == {"any.name": 3, "x": {"y": 1}, "size": 4, "in_": {"$in": [5]}}


def test_a_free_form_document_does_too(make):
    """`FreeFormDoc` stands for a collection."""
    assert make(FreeFormDoc("things")).type.get_collection_name() == "things"


@pytest.mark.parametrize("type", [None, 3, dict, User.age])
def test_a_query_is_for_a_class_or_a_collection(make, type):
    """Anything else is refused when the query is made."""
    with pytest.raises(BadQueryException):
        make(type)


def test_an_object_is_no_class(make):
    """A document in the place of its class is refused."""
    with pytest.raises(BadQueryException):
        make(User(name="ada"))


@pytest.mark.parametrize(
    ("sort", "complaint"), [([("nme", 1)], "resolve field"), ([("name", 2)], "sort direction")]
)
def test_a_default_sort_that_cannot_work_is_refused(make, sort, complaint):
    """The first query tells of a class whose `config_default_sort` is wrong."""

    class Sorted(Document):
        config_namespace = "tests.query.filtering"
        config_default_sort = sort
        name = StringField()

    with pytest.raises(BadFieldSpecification, match=complaint):
        make(Sorted)


def test_elements_of_lists_are_asked_for(make):
    """A condition on an item goes through the list."""
    query = make(Book).filter(Book.pages.elem_match(Page.text == "x"), {"pages.number": {"$gt": 3}})

    assert query.query == {"p": {"$elemMatch": {"t": "x"}}, "p.number": {"$gt": 3}}


def test_each_filter_is_a_dict_of_its_own(make):
    """Changing the dict that a query shows does not change the query."""
    query = make(User).filter(User.age > 3)

    query.query["name"] = "ada"

    assert query.query == {"age": {"$gt": 3}}


def test_what_is_done_to_the_filter_stays_there():
    """A change of the dict that `query` gave, at any level, reaches no query and no expression."""
    either = (User.name == "Ada") | User.tags.in_("a", "b")
    query = Query(User, None).filter(either, User.age > 3, {"address": {"x": [(1, [2])]}})
    before = copy.deepcopy(query.query)

    given = query.query
    given["$or"][1]["tags"]["$in"].append("c")
    given["$or"].append({})
    given["age"]["$gt"] = 4
    given["address"]["x"][0][1].append(3)

    assert query.query == before
    assert Query(User, None).filter(either).query == {"$or": before["$or"]}


def test_a_filter_that_is_refused_leaves_the_query_as_it_was():
    """All conditions of one call are added, or none."""
    query = Query(User, None).filter(User.age > 3)

    with pytest.raises(BadQueryException):
        query.filter(User.name == "Ada", User.age == 5)

    assert query.query == {"age": {"$gt": 3}}
