"""
What the identity map holds after a removal by condition.

The members of the kind: `remove_query`, `Query.delete`, both with and without a condition, on a
class, on a base and on a subclass of a shared collection, and on a collection's name;
`clear_collection`; `remove` of an object whose document was loaded again in between. Sent at once,
in a block with a flush in it, in a transaction, by a session that is not safe, and failed. What is
answered from the map: `get`, `cache_read`, `dereference`, ``rel`` attributes, queries.
"""

from __future__ import annotations

import pytest
from bson import DBRef
from pymongo.errors import PyMongoError

from ommongo import Document, IntField, Q, RefField, StringField
from ommongo.document import collection_registry


class Ticket(Document):
    config_collection_name = "removed_tickets"
    number = IntField(_id=True)
    state = StringField(default="open")


class Board(Document):
    config_namespace = "tests.removals"
    ticket_ref = RefField(Ticket)
    ticket = ticket_ref.rel(allow_none=True)


class Animal(Document):
    config_namespace = "tests.removals"
    config_collection_name = "removed_animals"
    config_polymorphic = "kind"
    config_polymorphic_identity = "animal"
    config_polymorphic_collection = True
    number = IntField(_id=True)
    kind = StringField()


class Cat(Animal):
    config_polymorphic_identity = "cat"


@pytest.fixture
def session(make_session):
    """A session with an identity map, and three tickets in it."""
    collection_registry["global"]["removed_tickets"] = Ticket
    session = make_session(safe=True, cache_size=None)
    for number in (1, 2, 3):
        session.save(Ticket(number=number))
    return session


def _held(session, cls=Ticket):
    """Name what the map answers for, and what the database holds."""
    answered = [n for n in (1, 2, 3) if session.get(cls, n) is not None]
    stored = sorted(session.db[cls.get_collection_name()].distinct("_id"))
    assert answered == stored
    return stored


REMOVALS = {
    "by id": lambda s: s.remove_query(Ticket).filter(Ticket.number == 1),
    "by ids": lambda s: s.remove_query(Ticket).filter(Ticket.number.in_(1)),
    "by id in a dict": lambda s: s.remove_query(Ticket).filter({"number": 1}),
    "by a range of ids": lambda s: s.remove_query(Ticket).filter(Ticket.number < 2),
    "by another field": lambda s: s.remove_query(Ticket).filter(Ticket.state == "closed"),
    "by id and more": lambda s: (
        s.remove_query(Ticket).filter(Ticket.number == 1).filter(Ticket.state == "closed")
    ),
    "by one of two": lambda s: s.remove_query(Ticket).filter(
        (Ticket.number == 1) | (Ticket.number == 9)
    ),
    "by what it is not": lambda s: s.remove_query(Ticket).filter(Ticket.number.nin(2, 3)),
    "raw": lambda s: s.remove_query("removed_tickets").filter(Q._id == 1),
    "by a float": lambda s: s.remove_query("removed_tickets").filter({"_id": 1.0}),
}


@pytest.fixture
def closed(session):
    """Have the first ticket closed by somebody else, of which the held object knows nothing."""
    session.db.removed_tickets.update_one({"_id": 1}, {"$set": {"state": "closed"}})


@pytest.mark.parametrize("name", REMOVALS)
@pytest.mark.usefixtures("closed")
def test_what_a_query_removes_is_not_held(session, name):
    """Nothing is answered for what is gone, whatever the held object says of itself."""
    assert REMOVALS[name](session).execute()["n"] == 1

    assert _held(session) == [2, 3]
    assert session.cache_read(1, Ticket) is None
    assert session.dereference(DBRef("removed_tickets", 1), allow_none=True) is None


@pytest.mark.parametrize("name", REMOVALS)
@pytest.mark.usefixtures("closed")
def test_what_is_not_removed_keeps_its_changes(session, name):
    """An object that is held no more is still one of the session's, and can be stored."""
    ticket = session.get(Ticket, 2)
    ticket.state = "changed"
    REMOVALS[name](session).execute()
    assert ticket.get_dirty_ops() == {"$set": {"state": "changed"}}
    session.update(ticket)

    assert session.db.removed_tickets.find_one({"_id": 2})["state"] == "changed"


def test_a_query_deletes_likewise(session):
    """`Query.delete` is a removal by query."""
    session.query(Ticket).filter(Ticket.state == "open").delete()
    assert _held(session) == []


def test_a_removal_without_a_condition_removes_all(session):
    """As `clear_collection` does."""
    session.remove_query(Ticket).execute()
    assert _held(session) == []


def test_a_rel_attribute_finds_nothing(session):
    """A reference to what was removed leads nowhere."""
    board = Board(ticket_ref=DBRef("removed_tickets", 1))
    session.add_to_session(board)
    assert board.ticket.number == 1
    session.remove_query(Ticket).filter(Ticket.number == 1).execute()
    assert board.ticket is None


@pytest.mark.parametrize("name", ["by id", "by ids", "by id and more", "raw", "by a float"])
def test_an_id_tells_what_is_not_removed(session, name):
    """The other objects stay held: an `_id` never changes."""
    others = session.get(Ticket, 2), session.get(Ticket, 3)
    REMOVALS[name](session).execute()
    assert (session.get(Ticket, 2), session.get(Ticket, 3)) == others
    assert session.get(Ticket, 2) is others[0]
    assert session.get(Ticket, 3) is others[1]


def test_other_classes_and_collections_stay_held(session, make_session):
    """A removal is about one class; objects of others in its collection are no concern of it."""
    animal, cat = Animal(number=1), Cat(number=2)
    for one in (animal, cat):
        session.save(one)
    ticket = session.get(Ticket, 1)
    session.remove_query(Cat).execute()
    assert session.get(Animal, 1) is animal
    assert session.get(Animal, 2) is None
    assert session.get(Ticket, 1) is ticket
    session.save(cat)
    session.remove_query(Animal).execute()
    assert (session.get(Animal, 1), session.get(Cat, 2)) == (None, None)


def test_ids_that_a_collation_may_take_for_one_are_let_go(make_session, database):
    """In a collection that ignores case the server removes what is written otherwise."""

    class Tag(Document):
        config_namespace = None
        config_collection_name = "removed_tags"
        name = StringField(_id=True)

    database.create_collection("removed_tags", collation={"locale": "en", "strength": 2})
    session = make_session(safe=True, cache_size=None)
    session.save(Tag(name="Red"))
    assert session.remove_query(Tag).filter(Tag.name == "red").execute()["n"] == 1
    assert session.get(Tag, "Red") is None


LATER = {
    "remove_query": lambda s, t: s.remove_query(Ticket).filter(Ticket.number == 1).execute(),
    "delete": lambda s, t: s.query(Ticket).filter(Ticket.state == "open").delete(),
    "remove": lambda s, t: s.remove(t),
    "clear_collection": lambda s, t: s.clear_collection(Ticket),
}


@pytest.mark.parametrize("name", LATER)
def test_what_is_loaded_before_the_removal_is_sent_is_not_held_either(session, name):
    """In a block the database still holds it, until the block flushes."""
    with session:
        LATER[name](session, session.get(Ticket, 1))
        assert session.get(Ticket, 1).number == 1
        session.flush()
        assert session.get(Ticket, 1) is None


@pytest.mark.parametrize("name", LATER)
def test_what_is_removed_in_a_transaction_is_not_held(session, name):
    """The transaction sees its own removal, and so does who comes after its commit."""
    with session.transaction():
        LATER[name](session, session.get(Ticket, 1))
        assert session.get(Ticket, 1) is None
    assert session.get(Ticket, 1) is None


@pytest.mark.parametrize("name", LATER)
def test_what_is_saved_behind_a_removal_is_held(session, name):
    """A save in the same flush puts its object into the map, and there it stays."""
    new = Ticket(number=1, state="new")
    with session:
        LATER[name](session, session.get(Ticket, 1))
        session.save(new)
        session.flush()
        assert session.get(Ticket, 1) is new
        assert new.state == session.db.removed_tickets.find_one({"_id": 1})["state"]


def test_an_object_that_is_removed_and_saved_again_stays_held(session):
    """It is the object of the session once more."""
    ticket = session.get(Ticket, 1)
    with session:
        session.remove(ticket)
        session.save(ticket)
        session.flush()
        assert session.get(Ticket, 1) is ticket


@pytest.mark.parametrize("name", ["remove_query", "clear_collection"])
@pytest.mark.parametrize("code", [2, 11600])
def test_after_a_removal_that_failed_everything_is_loaded_anew(session, fail_command, name, code):
    """What is not known to be there is not held."""
    ticket = session.get(Ticket, 1)
    with fail_command("delete", times=1, errorCode=code), pytest.raises(PyMongoError):
        LATER[name](session, ticket)
    assert session.get(Ticket, 1) is not ticket
    assert _held(session) == [1, 2, 3]


def test_after_an_unsafe_removal_that_failed_everything_is_loaded_anew(make_session, fail_command):
    """What is passed over has let go of its objects too."""
    session = make_session(cache_size=None)
    ticket = Ticket(number=1)
    session.save(ticket)
    with fail_command("delete", times=1, errorCode=2):
        session.remove_query(Ticket).execute()

    assert session.get(Ticket, 1) is not ticket
    assert session.get(Ticket, 1).number == 1
