"""How a document becomes an operation."""

from __future__ import annotations

import pytest
from pymongo import MongoClient

from ommongo import Document, IntField, ListField, ObjectIdField, StringField
from ommongo.exceptions import BadValueException, MissingValueException
from ommongo.ops import save_operation, update_operation
from tests.helpers import plain
from tests.models import User


class Keyed(Document):
    config_namespace = "tests.unit.persistence"

    key = StringField(_id=True)
    words = ListField(StringField(), required=False)
    count = IntField(required=False)


class Automatic(Document):
    config_namespace = "tests.unit.persistence"

    key = ObjectIdField(_id=True, auto=True)


@pytest.fixture
def collection():
    """A collection of a client that never connects."""
    with MongoClient(connect=False) as client:
        yield client["test"]["things"]


def test_a_new_document_is_an_insert(collection):
    """The session gives it an id, and nobody else can have that."""
    user = User(name="ada")
    operation = save_operation(collection, user, None)

    assert (operation.insert, operation.run, operation.counted_as) == (True, "insert", "inserted")
    assert operation.document_id == user.mongo_id
    assert plain(operation.request()) == {"_id": user.mongo_id, "name": "ada"}


def test_an_automatic_id_is_an_insert(collection):
    """A default that makes a new id is as good as the session's."""
    assert save_operation(collection, Automatic(), None).insert is True


def test_an_applications_own_id_is_a_replacement(collection):
    """Whether it is taken only the server knows."""
    operation = save_operation(collection, Keyed(key="k"), None)

    assert (operation.insert, operation.counted_as) == (False, "replaced")


def test_a_second_save_is_a_replacement(collection):
    """A write of the document is queued already."""
    user = User(name="ada")
    save_operation(collection, user, None)

    assert save_operation(collection, user, None).insert is False


def test_an_id_that_nobody_can_make_is_missing(collection):
    """The error names the field and says what to do; the document is unchanged."""
    keyed = Keyed(count=1)
    with pytest.raises(MissingValueException, match=r"Keyed\.key") as caught:
        save_operation(collection, keyed, None)

    assert caught.value.name == "key"
    assert "set one" in str(caught.value)
    assert keyed.__dict__ == {"count": 1}


def test_a_partial_document_in_which_nothing_is_set_is_no_operation(collection):
    """There is nothing to store and nothing to erase."""
    partial = Keyed.unwrap({"_id": "k"}, fields=["key", "words"])

    assert save_operation(collection, partial, None) is None


def test_a_partial_document_with_a_bad_value_is_refused(collection):
    """The error names the path to it from the class on."""
    partial = Keyed.unwrap({"_id": "k", "words": ["a"]}, fields=["key", "words"])
    partial.words.append(5)
    with pytest.raises(BadValueException) as caught:
        save_operation(collection, partial, None)

    assert caught.value.name == "Keyed.words[1]"


def test_an_upsert_by_expression_inserts_under_the_items_own_id(collection):
    """Where it has one, that is what is inserted."""
    operation = update_operation(
        collection, Keyed(key="k", count=1), Keyed.count == 5, True, {}, None
    )

    assert plain(operation.request()._doc)["$setOnInsert"] == {"_id": "k"}


def test_an_upsert_by_expression_without_an_id_is_refused(collection):
    """The server would make an `ObjectId`, which the class cannot load."""
    with pytest.raises(MissingValueException, match="_id"):
        update_operation(collection, Keyed(count=1), Keyed.count == 5, True, {}, None)


def test_an_upsert_by_an_expression_on_the_id_names_it_once(collection):
    """The filter gives the id to what is inserted."""
    keyed = Keyed(key="k", count=1)
    operation = update_operation(collection, keyed, Keyed.key == "k", True, {}, None)

    assert plain(operation.request()._doc) == {"$set": {"count": 1}}
