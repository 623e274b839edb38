"""
What other libraries call something is told by its name here, and stays no attribute.

Members: sessions, queries, removals, lists of results, documents and their classes, query fields,
free-form fields; names of other libraries, misspelt names. What probes for attributes (hasattr,
copies, pickles, mocks, notebooks) finds what it found before, and what is there is never asked for.
"""

from __future__ import annotations

import copy
import inspect
import pickle
import re
from collections.abc import Iterable
from unittest.mock import Mock, create_autospec

import pytest
from pymongo import MongoClient
from pymongo.database import Database

from ommongo import (
    Document,
    IntField,
    ListField,
    Q,
    RefField,
    Session,
    SRefField,
    StringField,
)
from ommongo._habits import Habits
from ommongo.document._traits import habits as document_habits
from ommongo.exceptions import BadQueryException, FieldNotFoundException, UnknownAttributeWarning
from ommongo.query import Query, RemoveQuery
from ommongo.query import _habits as query_habits
from ommongo.query.result import Loaded
from ommongo.query_expression import QueryField
from ommongo.query_expression import _habits as field_habits
from ommongo.session import _habits as session_habits
from ommongo.session import scoped_session
from ommongo.update_expression import FindAndModifyExpression, UpdateExpression
from ommongo.update_expression import _habits as update_habits
from tests.models import Book, User

TABLES = {
    Session: session_habits.ELSEWHERE,
    Query: query_habits.ELSEWHERE,
    RemoveQuery: query_habits.OF_A_REMOVAL,
    Loaded: query_habits.OF_A_LIST,
    Document: document_habits.ELSEWHERE,
    QueryField: field_habits.ELSEWHERE,
    UpdateExpression: update_habits.ELSEWHERE,
}

NAMES = [(cls, name) for cls, names in TABLES.items() for name in names]

KNOWN = {
    name
    for cls in (Session, Query, RemoveQuery, UpdateExpression, FindAndModifyExpression)
    for name in (*dir(cls), *inspect.signature(cls).parameters)
}
KNOWN |= {
    *dir(QueryField),
    *dir(Database),
    *dir(scoped_session),
    "cls",
    "escape",
    "setattr",
    "iter",
    "client",
    "db",
    "cache",
    "rel",
}
KNOWN |= {*dir(Document)} - {*document_habits.ELSEWHERE}


@pytest.mark.parametrize(("cls", "name"), NAMES)
def test_a_name_of_another_library_is_none_here(cls, name):
    """A table names nothing that there is, and says what to write in names that there are."""
    assert name not in dir(cls) or cls is Document
    assert not hasattr(cls, name)

    text = TABLES[cls][name]
    for called in re.findall(r"(\w+)\(|(?:session|query|obj)\.(\w+)", text):
        word = "".join(called)
        assert word in KNOWN, f"{word} of {text}"


@pytest.fixture
def session():
    """A session that never connects."""
    return Session(MongoClient(connect=False)["habits"])


def parts(session):
    """Give one of each that answers by name."""
    return {
        "session": session,
        "query": session.query(User),
        "raw_query": session.query("users"),
        "removal": session.remove_query(User),
        "list": Loaded(),
        "document": User(name="ada"),
        "class": User,
        "field": User.age,
        "update": session.query(User)._update(),
    }


ASKED = [
    ("session", "execute", r"session\.query\(cls\)"),
    ("session", "merge", r"session\.save\(obj\)"),
    ("session", "begin", r"with session:"),
    ("session", "insert_one", r"session\.save\(obj\)"),
    ("session", "find", r"session\.query\(cls\)"),
    ("session", "find_one", r"first\(\)"),
    ("session", "update_one", r"session\.update\(obj\)"),
    ("session", "objects", r"session\.query\(cls\)"),
    ("session", "get_or_404", r"session\.get\(cls, id\)"),
    ("session", "sav", "Did you mean 'save'?"),
    ("session", "execute_qurey", "Did you mean 'execute_query'?"),
    ("query", "order_by", r"descending\(User\.age\)"),
    ("query", "where", r"filter\(\.\.\.\)"),
    ("query", "first_or_404", r"first\(\)"),
    ("query", "get_or_404", r"get\(id\)"),
    ("query", "update", r"set\(\.\.\.\)"),
    ("query", "fliter", "Did you mean 'filter'?"),
    ("raw_query", "find", r"filter\(\.\.\.\)"),
    ("removal", "delete", r"execute\(\)"),
    ("removal", "filtre", "Did you mean 'filter'?"),
    ("list", "first", r"first\(\) on the query"),
    ("list", "filter", r"filter\(\) on the query"),
    ("document", "save", r"session\.save\(obj\)"),
    ("document", "delete", r"session\.remove\(obj\)"),
    ("document", "objects", r"session\.query\(User\)"),
    ("class", "objects", r"session\.query\(User\)"),
    ("class", "find_one", r"session\.get\(User, id\)"),
    ("session", "create_all", r"ensure_indexes\(cls\)"),
    ("session", "drop_all", r"clear_collection\(cls\)"),
    ("session", "delete_all", r"clear_collection\(cls\)"),
    ("query", "push", r"append\(field, value\)"),
    ("query", "mul", r"behind another operator.*mul\("),
    ("query", "values", r"raw_output\(\)"),
    ("query", "page", r"limit\(n\)"),
    ("update", "commit", r"execute\(\)"),
    ("update", "filter", r"filter\(\.\.\.\)\.set"),
    ("update", "first", r"find_and_modify\(\)"),
    ("update", "pushAll", r"extend\("),
    ("update", "exceute", "Did you mean 'execute'?"),
    ("document", "to_dict", r"wrap\(\)"),
    ("document", "json", r"wrap\(\)"),
    ("class", "model_validate", r"User\(\*\*values\)"),
    ("class", "collection", r"session\.db\[User\.get_collection_name\(\)\]"),
    ("field", "desc", r"descending\(field\)"),
    ("field", "like", r"regex\("),
    ("field", "startwith", "Did you mean 'startswith'?"),
]


@pytest.mark.parametrize(("part", "name", "said"), ASKED)
def test_what_is_asked_for_is_told(session, part, name, said):
    """An AttributeError, with the library's own name."""
    asked = parts(session)[part]

    with pytest.raises(AttributeError, match=said) as caught:
        getattr(asked, name)

    assert name in str(caught.value)
    assert not hasattr(asked, name)


def test_a_name_below_an_embedded_document_is_told():
    """There it is a bad query, as any other name that is none."""
    with pytest.raises(BadQueryException, match="elem_match"):
        Book.pages.contains(3)
    with pytest.raises(BadQueryException, match="Did you mean 'number'"):
        Book.pages.nubmer


def test_an_operator_of_a_free_form_field_is_told():
    """Every attribute of one is a field: only the call tells."""
    with pytest.raises(TypeError, match="descending"):
        Q.age.desc()
    with pytest.raises(TypeError, match="Did you mean 'startswith'"):
        Q.name.startwith("a")


def test_to_count_a_list_is_told():
    """`all().count()` is a method of lists, which takes a value."""
    found = Loaded()
    found.extend([1, 2, 2])

    with pytest.raises(TypeError, match=r"count\(\) on the query"):
        found.count()
    assert found.count(2) == 2


def test_a_list_of_results_is_a_list():
    """Equal to one, and elsewhere nothing else."""
    found = Loaded()
    found.extend([1, 2])

    assert found == [1, 2]
    assert found.errors == []
    for elsewhere in (copy.copy(found), copy.deepcopy(found), pickle.loads(pickle.dumps(found))):
        assert type(elsewhere) is list
        assert elsewhere == [1, 2]


PROBED = ["_repr_html_", "_ipython_display_", "_ipython_canary_method_should_not_exist_", "__len__"]


@pytest.mark.parametrize("name", [*PROBED, "__deepcopy__", "__array__", "__html__", "nothing"])
@pytest.mark.parametrize("part", ["session", "query", "removal", "document", "class", "field"])
def test_probing_finds_nothing(session, part, name):
    """Notebooks, templates and copies ask for names to see whether they are there."""
    assert getattr(parts(session)[part], name, None) is None or name == "__deepcopy__"


def test_an_error_of_a_property_is_not_covered_up():
    """It says what was missing inside."""

    class Own(Session):
        @property
        def tenant(self):
            return self.db.client.codec_options.nothing_of_this_name

    with pytest.raises(AttributeError, match="nothing_of_this_name"):
        Own(MongoClient(connect=False)["habits"]).tenant


def test_half_made_objects_answer():
    """Before the constructor has run, as when something is unpickled."""
    for cls in (Session, Query, RemoveQuery):
        made = cls.__new__(cls)
        with pytest.raises(AttributeError):
            made.nothing
        with pytest.raises(AttributeError):
            made._nothing


def test_mocks_have_what_there_is(session):
    """A mock after a class takes its methods, and no names of other libraries."""
    for mock in (Mock(spec=Session), create_autospec(Session, instance=True), Mock(spec=session)):
        assert mock.save
        with pytest.raises(AttributeError):
            mock.merge


def test_copies_of_queries_stay_queries(session):
    """They are made without a look at such names."""
    query = session.query(User).filter(User.age > 3)

    assert copy.copy(query).query == query.query


def test_a_class_may_have_such_names():
    """Fields, methods, and mixins, also those that stand behind `Document`."""

    class Stored:
        def save(self):
            return f"saved {self.count}"

        @classmethod
        def objects(cls):
            return cls.__name__

    class Shelf(Document, Stored):
        config_namespace = None
        count = IntField()
        query = StringField(required=False)
        filter = ListField(IntField(), default_empty=True)

        def delete(self):
            return "deleted"

    shelf = Shelf(count=3)

    assert shelf.save() == "saved 3"
    assert Shelf.objects() == "Shelf"
    assert shelf.delete() == "deleted"
    assert shelf.wrap() == {"count": 3, "filter": []}
    assert (Shelf.count > 3).obj == {"count": {"$gt": 3}}
    with pytest.raises(AttributeError, match=r"session\.query\(Shelf\)"):
        Shelf.find()


def test_what_is_assigned_is_there():
    """An attribute that is no field may have such a name."""
    user = User(name="ada")
    with pytest.warns(UnknownAttributeWarning):
        user.objects = 3

    assert user.objects == 3
    del user.objects
    assert not hasattr(user, "objects")


def test_what_is_there_is_not_asked_for(session, monkeypatch):
    """The names cost nothing where an attribute is found."""
    asked = []
    monkeypatch.setattr(Habits, "__getattr__", lambda self, name: asked.append(name))

    session.add(User(name="ada"))
    query = session.query(User).filter(User.age > 3).ascending(User.name).limit(3)
    assert query.query == {"age": {"$gt": 3}}
    session.clear_queue()

    assert asked == []


class Letter(Document):
    config_namespace = None
    to_id = SRefField(User, required=False)
    to = to_id.rel()
    copies = ListField(SRefField(User), default_empty=True)
    about = RefField(required=False)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: Letter.to.name,
        lambda: Letter.to_id.name,
        lambda: Letter.copies.name,
        lambda: Letter.about.name,
        lambda: Query(Letter, None).filter_by(**{"to.name": "ada"}),
        lambda: Query(Letter, None).filter({"to_id.name": "ada"}),
        lambda: Query(Letter, None).sort(("to.name", 1)),
        lambda: Query(Letter, None).fields("copies.name"),
    ],
)
def test_what_a_reference_leads_to_is_not_reached_by_a_dot(ask):
    """Nothing is joined: the message does not offer an operator for the name of a field."""
    with pytest.raises((AttributeError, FieldNotFoundException), match="not followed") as told:
        ask()
    assert "Did you mean" not in str(told.value)


@pytest.mark.parametrize("field", [User.age, Letter.copies, Q.a.b], ids=str)
def test_a_field_has_no_items(field):
    """``Letter.copies[0]`` says what names an item; a field is still nothing to iterate over."""
    with pytest.raises(TypeError, match=r"'items\.0'.*matched_index\(\)"):
        field[0]
    with pytest.raises(TypeError, match="not iterable"):
        list(field)
    assert not isinstance(field, Iterable)
