"""Documents by database, collection and `_id`."""

from __future__ import annotations

from ommongo._persistence.identity_map import IdentityMap
from tests.models import User


def test_a_map_says_how_full_it_is():
    """Its `repr` shows no document."""
    held = IdentityMap(3)
    held.write(IdentityMap.key("db", "users", 1), User(name="secret"))

    assert repr(held) == "<IdentityMap of 1 objects, at most 3>"


def test_an_id_that_cannot_be_hashed_is_never_held():
    """Asking for it is no error."""
    held = IdentityMap(None)
    key = IdentityMap.key("db", "users", {"a": 1})
    held.write(key, User(name="ada"))

    assert key is None
    assert held.read(key) is None
    assert held.with_id({"a": 1}) == []
    held.drop(key)
    assert len(held) == 0


def test_objects_of_two_collections_can_have_one_id():
    """By the id alone both are found."""
    held = IdentityMap(None)
    users, notes = User(name="user"), User(name="note")
    held.write(IdentityMap.key("db", "users", 1), users)
    held.write(IdentityMap.key("db", "notes", 1), notes)
    held.write(IdentityMap.key("db", "notes", True), User(name="bool"))

    assert [id(one) for one in held.with_id(1)] == [id(users), id(notes)]
    held.drop_collection("db", "users")
    assert [id(one) for one in held.with_id(1)] == [id(notes)]
