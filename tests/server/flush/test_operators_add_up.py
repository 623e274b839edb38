"""Several updates by operators that do not come about are pending again, together and each once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from pymongo.errors import DuplicateKeyError

from ommongo import Document, Index, IntField, ListField, Session, SetField, StringField


class Tally(Document):
    config_namespace = "tests.operators_add_up"
    config_collection_name = "tallies"

    added = IntField(required=False, on_update="$inc")
    times = IntField(required=False, on_update="$mul")
    least = IntField(required=False, on_update="$min")
    most = IntField(required=False, on_update="$max")
    pushed = ListField(IntField(), required=False, on_update="$push")
    united = SetField(IntField(), required=False, on_update="$addToSet")
    pulled = ListField(IntField(), required=False, on_update="$pull")
    pulled_all = ListField(IntField(), required=False, on_update="$pullAll")
    popped = ListField(IntField(), required=False, on_update="$pop")
    code = StringField(required=False)

    i_code = Index(sparse=True).ascending("code").unique()


# Field, what is stored, what is assigned for the first and for the second update, and what comes of
# both in the end.
OPERATIONS: dict[str, tuple[Any, Any, Any, Any]] = {
    "added": (100, 5, 3, 108),
    "times": (2, 5, 3, 30),
    "least": (9, 5, 3, 3),
    "most": (1, 3, 5, 5),
    "pushed": ([0], [1], [2, 3], [0, 1, 2, 3]),
    "united": ([0], {1}, {0, 2}, [0, 1, 2]),
    "pulled": ([0, 1, 2, 3], [1], [2], [0, 3]),
    "pulled_all": ([0, 1, 2, 3], [1], [2], [0, 3]),
    "popped": ([0, 1, 2, 3], [9], [9], [0, 1]),
}

Mishap = ZeroDivisionError


@pytest.fixture
def tally(session: Session) -> Any:
    """A loaded object, beside documents that have taken some codes."""
    session.ensure_indexes(Tally)
    stored = {name: stored for name, (stored, *_) in OPERATIONS.items()}
    session.db["tallies"].insert_many([{"code": "taken"}, {"code": "taken too"}])
    session.db["tallies"].insert_one({**stored, "code": "free"})
    return session.query(Tally).filter(Tally.code == "free").one()


def twice(session: Session, tally: Tally, name: str, codes: Sequence[str] = ()) -> None:
    """Queue two updates by the operator of a field; each with one of *codes*, if there are."""
    _, first, second, _ = OPERATIONS[name]
    for place, value in enumerate((first, second)):
        if codes:
            tally.code = codes[place]
        setattr(tally, name, value)
        session.update(tally)


def dropped(session: Session, tally: Tally, name: str) -> None:
    """Drop both from the queue."""
    session.begin_trans()
    twice(session, tally, name)
    session.clear_queue()
    session.end_trans()


def left(session: Session, tally: Tally, name: str) -> None:
    """Leave the block of both by an exception."""
    with pytest.raises(Mishap), session:
        twice(session, tally, name)
        raise Mishap


def left_inside(session: Session, tally: Tally, name: str) -> None:
    """Leave an inner block by an exception that the outer one does not see."""
    with session:
        with pytest.raises(Mishap), session:
            twice(session, tally, name)
            raise Mishap


def rolled_back(session: Session, tally: Tally, name: str) -> None:
    """Roll back the transaction in which both were sent."""
    with pytest.raises(Mishap), session.transaction():
        twice(session, tally, name)
        raise Mishap


def refused_together(session: Session, tally: Tally, name: str) -> None:
    """Let the atomic flush of both fail behind them."""
    with pytest.raises(DuplicateKeyError), session:
        twice(session, tally, name)
        session.add(Tally(code="taken"))


def refused_one_by_one(session: Session, tally: Tally, name: str) -> None:
    """Let the server refuse one after the other, and be passed over."""
    unsafe = Session(session.db, atomic=False)
    with unsafe:
        twice(unsafe, tally, name, ["taken", "taken too"])
    tally.code = "free"


ENDINGS = [dropped, left, left_inside, rolled_back, refused_together, refused_one_by_one]


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("ending", ENDINGS)
def test_updates_that_did_not_come_about_are_sent_together_and_once(session, tally, ending, name):
    """Repeating the update after any ending gives what both updates were to give."""
    ending(session, tally, name)
    assert session.db["tallies"].find_one({"code": "free"})[name] == OPERATIONS[name][0]
    session.update(tally)

    found = session.db["tallies"].find_one({"code": "free"})[name]
    assert found == OPERATIONS[name][3]
    held = getattr(tally, name)
    assert (sorted(held) if isinstance(held, set) else held) == found
    assert tally.get_dirty_ops() == {}


@pytest.mark.parametrize("name", OPERATIONS)
def test_of_two_updates_the_first_is_refused(session, tally, name):
    """The second is applied and known, and the first is pending alone."""
    _, first, second, both = OPERATIONS[name]
    unsafe = Session(session.db, atomic=False)
    with unsafe:
        tally.code = "taken"
        setattr(tally, name, first)
        unsafe.update(tally)
        tally.code = "free"
        setattr(tally, name, second)
        unsafe.update(tally)
    session.update(tally)

    found = session.db["tallies"].find_one({"code": "free"})[name]
    assert sorted([found] if isinstance(found, int) else found) == sorted(
        [both] if isinstance(both, int) else both
    )
    assert tally.get_dirty_ops() == {}


def test_an_operation_of_another_operator_is_not_added_to_one_before(session, tally):
    """What an increment and a multiplication were to make is wanted as it is."""
    with session:
        with pytest.raises(Mishap), session:
            tally.added = 5
            session.update(tally)
            tally.added = 3
            session.update(tally, added="$mul")
            raise Mishap

    assert tally.get_dirty_ops() == {"$set": {"added": 315}}


@pytest.mark.parametrize("is_read", [False, True])
def test_an_increment_behind_a_save_that_stores_the_default_is_not_lost(session, is_read):
    """Where both fail, the object holds what both were to store, and is dirty in it."""

    class Visit(Document):
        config_namespace = None
        config_collection_name = "visits"
        hits = IntField(default=0, on_update="$inc")
        tags = ListField(StringField(), default_empty=True, on_update="$push")
        page = StringField(required=False)

    session.db["visits"].insert_one({"page": "home"})
    visit = session.query(Visit).one()
    if is_read:
        assert visit.hits == 0
    with pytest.raises(Mishap), session:
        visit.page = "start"
        session.save(visit)
        visit.hits, visit.tags = 5, ["new"]
        session.update(visit)
        raise Mishap
    session.update(visit)

    found = session.db["visits"].find_one({}, {"_id": False})
    assert found == {"page": "start", "hits": 5, "tags": ["new"]}
