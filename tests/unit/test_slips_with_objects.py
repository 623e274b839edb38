"""
What a session is given instead of a document, or of a class, is told without its values.

Members: a class, a query, a dict, several documents, something else, for every method that takes a
document; an object, text, another class for those that take a class; a second document in the place
of a setting; the id of a document under its stored name.
"""

from __future__ import annotations

import pytest
from pymongo import MongoClient

from ommongo import Document, IntField, Session
from tests.models import User


@pytest.fixture
def session():
    """A session that never connects."""
    return Session(MongoClient(connect=False)["slips"])


GIVEN = {
    "class": (lambda s: User, r"the class User .*User\(\.\.\.\)"),
    "query": (lambda s: s.query(User), r"query\.delete\(\)"),
    "dict": (lambda s: {"name": "hunter2"}, r"User\(\*\*values\)"),
    "list": (lambda s: [User(name="hunter2")], r"session\.add_all\(\)"),
    "generator": (lambda s: (User(name="x") for _ in range(2)), r"session\.add_all\(\)"),
    "text": (lambda s: "hunter2", "not str"),
    "none": (lambda s: None, "not NoneType"),
}


@pytest.mark.parametrize(("make", "said"), GIVEN.values(), ids=GIVEN)
@pytest.mark.parametrize(
    "method",
    ["add", "save", "insert_new", "update", "remove", "delete", "clone", "expunge", "refresh"],
)
def test_what_is_no_document_is_told(session, method, make, said):
    """Nothing is queued."""
    with pytest.raises(TypeError, match=said) as caught:
        getattr(session, method)(make(session))

    assert "hunter2" not in str(caught.value)
    assert session.queue == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (User(name="hunter2"), "not an object: User is its class"),
        ("hunter2", "not str"),
        (int, "not the class int"),
    ],
)
def test_what_is_no_class_is_told(session, wrong, said):
    """By its type, and not by what is in it."""
    for ask in (
        lambda: session.get(wrong, 1),
        lambda: session.clear_collection(wrong),
        lambda: session.ensure_indexes(wrong),
    ):
        with pytest.raises(TypeError, match=said) as caught:
            ask()
        assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("second", [User(name="hunter2"), [User(name="b")], User, "yes"])
@pytest.mark.parametrize("method", ["add", "save", "remove", "delete"])
def test_a_second_document_is_told(session, method, second):
    """It would be taken for safe, and forgotten."""
    with pytest.raises(TypeError, match=r"safe=True.*session\.add_all\(\)") as caught:
        getattr(session, method)(User(name="ada"), second)

    assert "hunter2" not in str(caught.value)
    assert session.queue == []


def test_flush_takes_no_documents(session):
    """It sends all that is pending."""
    with pytest.raises(TypeError, match="safe=True"):
        session.flush([User(name="ada")])


def test_the_stored_name_of_an_id_is_told():
    """On the class and on an object; a field may have it."""

    class Own(Document):
        config_namespace = None
        _id = IntField(_id=True)

    for asked in (User, User(name="ada")):
        with pytest.raises(AttributeError, match="mongo_id"):
            asked._id
        assert not hasattr(asked, "_id")
    assert Own(_id=3)._id == 3
    assert (Own._id == 3).obj == {"_id": 3}
