"""
What grows with the square of what it handles, counted and not timed: nothing.

Members: following a list of references (ids of any kind, some of them twice, held or not), taking
objects out of a long queue, dropping inner blocks behind one, their callbacks, taking back many
writes of one object, asking what is held or pending, refusals in a flush whose order can be seen.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

import pytest
from bson import ObjectId

from ommongo import AnythingField, Document, IntField, ListField, RefField, SRefField
from tests.models import User

SIZES = (60, 240)


class Leaf(Document):
    config_namespace = "tests.linear_costs"
    config_collection_name = "leaves"

    key = AnythingField(_id=True)


class Tree(Document):
    config_namespace = "tests.linear_costs"
    config_collection_name = "trees"

    leaf_ids = ListField(SRefField(Leaf))
    leaves = leaf_ids.rel()
    leaf_refs = ListField(RefField(Leaf))
    referred = leaf_refs.rel()


class Row(Document):
    config_namespace = "tests.linear_costs"
    config_collection_name = "rows"

    n = IntField()
    x = IntField(default=0)


def called(run: Callable[[], object]) -> int:
    """Count all functions that are called, of whatever library or of the interpreter."""
    count = 0

    def note(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    gc.collect()
    gc.disable()
    sys.setprofile(note)
    try:
        run()
    finally:
        sys.setprofile(before)
        gc.enable()
    return count


def assert_linear(prepare: Callable[[int], Callable[[], object]]) -> None:
    """Check that four times as many cost about four times as much."""
    prepare(2)()  # what is done once a class, or a process
    few, many = (called(prepare(size)) for size in SIZES)
    assert many < 5.5 * few, (few, many)


IDS: dict[str, Callable[[int], object]] = {
    "object_ids": lambda n: ObjectId(f"{n:024x}"),
    "documents": lambda n: {"n": n, "more": [n]},
}


@pytest.mark.parametrize("cache_size", [0, None])
@pytest.mark.parametrize("attribute", ["leaves", "referred"])
@pytest.mark.parametrize("make_id", IDS.values(), ids=IDS)
def test_references_are_followed(make_session, make_id, attribute, cache_size):
    """Each object is found by its id."""
    session = make_session(cache_size=cache_size)

    def prepare(size: int) -> Callable[[], object]:
        leaves = [Leaf(key=make_id(n)) for n in range(size)]
        session.clear_collection(Leaf)
        for leaf in leaves:
            session.add(leaf)
        tree = Tree(
            leaf_ids=[leaf.key for leaf in leaves], leaf_refs=[leaf.to_ref() for leaf in leaves]
        )
        session.save(tree)
        session.clear_cache()
        return lambda: [leaf.key for leaf in getattr(tree, attribute)] == tree.leaf_ids or 1 / 0

    assert_linear(prepare)


def test_a_reference_that_is_there_twice_is_followed_twice(session):
    """And an id is the same whatever the type of its numbers."""
    session.save(Leaf(key={"n": 1}))
    session.save(Leaf(key=2))
    tree = Tree(leaf_ids=[{"n": 1.0}, 2.0, {"n": 1}, 2], leaf_refs=[])
    session.save(tree)

    assert [leaf.key for leaf in tree.leaves] == [{"n": 1}, 2, {"n": 1}, 2]


@pytest.mark.parametrize("backwards", [False, True])
def test_objects_are_expunged_from_a_long_queue(session, backwards):
    """Taking one out does not look at all others."""

    def prepare(size: int) -> Callable[[], object]:
        users = [User(name="ada") for _ in range(size)]
        for _ in range(2):
            for user in users:
                session.add(user)

        def expunge() -> None:
            for user in reversed(users) if backwards else users:
                session.expunge(user)
            assert session.queue == []

        return expunge

    assert_linear(prepare)


def test_what_comes_after_an_expunged_object_can_be_expunged_too(session, database):
    """The queue is what it looks like, whatever was done with it before."""
    users = [User(name=f"user {n}") for n in range(8)]
    for user in users[:4]:
        session.add(user)
    session.expunge(users[1])
    session.add(users[4])
    session.queue.pop(0)  # as an application might
    session.expunge(users[3])
    session.begin_trans()
    session.add(users[5])
    session.add(users[2])
    assert users[5] in session
    session.clear_queue(session.transaction_id)
    assert users[5] not in session
    session.add(users[6])
    session.add(users[7])
    session.expunge(users[6])
    assert [operation.document for operation in session.queue] == [users[2], users[4], users[7]]
    assert session.pending == [users[2], users[4], users[7]]
    session.end_trans()

    assert [row["name"] for row in database["users"].find()] == ["user 2", "user 4", "user 7"]


def test_inner_blocks_are_dropped_behind_a_long_queue(session):
    """Dropping a block looks at what was queued in it."""

    def prepare(size: int) -> Callable[[], object]:
        session.begin_trans()
        for _ in range(size):
            session.add(User(name="ada"))

        def drop() -> None:
            for _ in range(size):
                with suppress(ValueError), session:
                    session.add(User(name="bob"))
                    session.after_rollback(lambda: None)
                    raise ValueError
            assert len(session.queue) == size
            session.clear_queue()

        return drop

    try:
        assert_linear(prepare)
    finally:
        session.clear_queue()


@pytest.mark.parametrize("write", ["update", "save"])
def test_taking_back_many_writes_of_one_object(session, write):
    """Each is taken back without a look at all those before it."""

    def prepare(size: int) -> Callable[[], object]:
        row = Row(n=0)
        session.save(row)
        session.begin_trans()
        for n in range(size):
            row.n = n + 1
            getattr(session, write)(row)

        def drop() -> None:
            session.clear_queue()
            assert row.get_dirty_ops() == {"$set": {"n": size}}

        return drop

    try:
        assert_linear(prepare)
    finally:
        session.clear_queue()


@pytest.mark.parametrize("which", ["held", "pending", "neither"])
def test_asking_for_objects_does_not_look_at_all(make_session, which):
    """Whether a session has an object is known without asking every other."""
    session = make_session(cache_size=None)

    def prepare(size: int) -> Callable[[], object]:
        session.clear_queue()
        session.clear_collection(User)
        session.clear_cache()
        users = [User(name="ada") for _ in range(size)]
        for user in users:
            session.add(user)
        if which != "pending":
            session.flush()
        asked = [User(name="ada") for _ in users] if which == "neither" else users
        expected = which != "neither"
        return lambda: [user in session for user in asked] == [expected] * size or 1 / 0

    assert_linear(prepare)
    session.clear_queue()


def test_objects_are_found_by_their_ids_alone(make_session):
    """Without the class, too."""
    session = make_session(cache_size=None)

    def prepare(size: int) -> Callable[[], object]:
        session.clear_cache()
        users = [User(name="ada") for _ in range(size)]
        for user in users:
            session.save(user)
        return lambda: all(session.cache_read(user.mongo_id) is user for user in users) or 1 / 0

    assert_linear(prepare)


def test_refusals_of_what_has_to_stay_in_order(make_session, database):
    """What is left of a call is sent again a few times at most."""
    session = make_session(safe=False, atomic=False)
    database.create_collection("rows", validator={"x": {"$not": {"$gte": 1000}}})
    session.save(Row(n=1))

    def prepare(size: int) -> Callable[[], object]:
        def update() -> None:
            with session:
                for n in range(size):
                    session.query(Row).set(Row.x, 5000 if n % 2 else n + 1).execute()

        return update

    assert_linear(prepare)
