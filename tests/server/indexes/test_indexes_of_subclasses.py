"""
An index that a subclass declares in a shared collection is about its documents and no others.

Members: unique indexes, those that expire, sparse and partial ones, text, geo, hashed and wildcard
indexes; classes with subclasses of their own and with attributes of their own; siblings with the
same keys; an index for the whole collection; classes that come later. Queries by the class use it.
"""

from __future__ import annotations

from datetime import datetime

import pytest
from pymongo.errors import DuplicateKeyError, OperationFailure

from ommongo import DateTimeField, Document, GeoField, Index, IntField, StringField
from ommongo.exceptions import BadIndexException
from tests.helpers import note_of


def family(**more):
    """Make a base, a subclass with a member (an index), and one below that."""

    class Ticket(Document):
        config_namespace = None
        config_collection_name = "tickets"
        config_polymorphic = "kind"
        config_polymorphic_identity = "ticket"
        config_polymorphic_collection = True
        kind = StringField(default="ticket")
        show = StringField(default="opera")
        number = StringField(required=False)
        at = DateTimeField(required=False)
        place = GeoField(required=False)

    seat = {
        "config_polymorphic_identity": "seat",
        "kind": StringField(default="seat"),
        "row": IntField(required=False),
        **more,
    }
    return Ticket, type("Seat", (Ticket,), {**seat, "__module__": __name__})


def below(seat, identity="box", **more):
    """Make a class below."""
    members = {
        "config_polymorphic_identity": identity,
        "kind": StringField(default=identity),
        **more,
    }
    return type(identity.title(), (seat,), {**members, "__module__": __name__})


def definition(session, cls, name="show_1_number_1"):
    """Give the partial filter of an index as the server has it."""
    return session.get_indexes(cls)[name].get("partialFilterExpression")


def by_both(**options):
    """Declare a compound index."""
    return Index(**options).ascending("show").ascending("number")


@pytest.fixture
def session(make_session):
    """A session whose errors are raised."""
    return make_session(safe=True)


def test_a_unique_index_leaves_siblings_alone(session):
    """It refuses a second document of the class, and of those below, and no other."""
    ticket, seat = family(by_both=by_both().unique())
    session.save(seat(number="1"))
    session.save(ticket())
    session.save(ticket())
    session.save(ticket(number="1"))
    with pytest.raises(DuplicateKeyError):
        session.save(seat(number="1"))

    assert definition(session, seat) == {"kind": "seat"}
    assert session.query(ticket).count() == 4


def test_classes_below_are_meant_too(session):
    """Their identities are in it, whichever class is written first."""
    ticket, seat = family(by_both=by_both().unique())
    box = below(seat)
    session.save(box(number="1"))
    assert definition(session, box) == {"kind": {"$in": ["seat", "box"]}}
    for cls in (seat, box):
        with pytest.raises(DuplicateKeyError):
            session.save(cls(number="1"))
    session.save(ticket(number="1"))


def test_a_class_that_comes_later_changes_the_index(session):
    """It is a changed option then, of which the note says what to do."""
    _, seat = family(by_both=by_both().unique())
    session.save(seat(number="1"))
    box = below(seat)
    with pytest.raises(OperationFailure) as caught:
        session.save(box(number="2"))

    assert "'box'" in note_of(caught.value)
    session.db["tickets"].drop_index("show_1_number_1")
    session.save(box(number="2"))


def test_an_index_that_stands_without_it_is_a_changed_option(session, database):
    """Nothing is rebuilt unasked."""
    database["tickets"].create_index([("show", 1), ("number", 1)], unique=True)
    _, seat = family(by_both=by_both().unique())
    with pytest.raises(OperationFailure) as caught:
        session.save(seat(number="1"))

    assert "drop_index('show_1_number_1')" in note_of(caught.value)


def test_queries_of_the_class_use_it(session):
    """As far down as they go."""
    ticket, seat = family(by_both=by_both())
    box = below(seat)
    session.save(box(number="1"))
    for cls, stage in ((seat, True), (box, True), (ticket, False)):
        query = session.query(cls).filter(cls.show == "opera", cls.number == "1")
        assert ("IXSCAN" in repr(query.explain()["queryPlanner"]["winningPlan"])) is stage
        assert query.count() == 1


def test_documents_of_siblings_do_not_expire(session):
    """Only those of the class do."""
    _, seat = family(by_at=Index().ascending("at").expire(after=0))
    session.save(seat(at=datetime(2999, 1, 1)))

    assert definition(session, seat, "at_1") == {"kind": "seat"}


@pytest.mark.parametrize(
    ("index", "name"),
    [
        (Index().geo2d("place"), "place_2d"),
        (Index().geo2dsphere("place"), "place_2dsphere"),
        (Index().hashed("number"), "number_hashed"),
        (Index().text("number"), "number_text"),
        (Index().wildcard("number"), "number.$**_1"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_kind_of_index_is_about_the_class(session, index, name):
    """The server has all of them in part."""
    _, seat = family(index=index)
    session.save(seat(number="1"))

    assert definition(session, seat, name) == {"kind": "seat"}


def test_a_search_finds_its_class(session):
    """By a text index of the class."""
    _, seat = family(by_words=Index().text("number"))
    session.save(seat(number="one two"))

    assert session.query(seat).search("two").one().number == "one two"


def test_its_own_condition_stays(session):
    """Both hold, also about the same attribute."""
    _, seat = family(by_both=by_both(partial={"row": {"$gt": 3}}).unique())
    session.save(seat(number="1"))
    assert definition(session, seat) == {"kind": "seat", "row": {"$gt": 3}}

    session.db["tickets"].drop()
    session.forget_indexes()
    _, seat = family(by_both=by_both(partial={"kind": {"$exists": True}}))
    session.save(seat(number="1"))
    assert definition(session, seat) == {"$and": [{"kind": "seat"}, {"kind": {"$exists": True}}]}


def test_a_sparse_index_becomes_a_partial_one(session):
    """The server has none that is both; of several fields it is refused, with the ways out."""
    _, seat = family(by_number=Index(sparse=True).ascending("number").unique())
    session.save(seat())
    session.save(seat())
    assert definition(session, seat, "number_1") == {"kind": "seat", "number": {"$exists": True}}

    _, seat = family(by_both=by_both(sparse=True))
    with pytest.raises(BadIndexException, match="whole_collection=True"):
        session.save(seat())


def test_siblings_may_have_the_same_keys(session):
    """Each has its own index, the later one with its identity in the name."""
    ticket, seat = family(by_both=by_both().unique())
    stand = below(ticket, "stand", by_both=by_both().unique())
    for cls in (seat, stand):
        session.save(cls(number="1"))
        with pytest.raises(DuplicateKeyError):
            session.save(cls(number="1"))

    assert definition(session, seat) == {"kind": "seat"}
    assert definition(session, seat, "show_1_number_1_stand") == {"kind": "stand"}


def test_an_index_of_the_whole_collection(session):
    """It is declared as one."""
    ticket, seat = family(by_both=by_both(whole_collection=True).unique())
    session.save(seat(number="1"))
    with pytest.raises(DuplicateKeyError):
        session.save(ticket(number="1"))

    assert definition(session, seat) is None


def test_an_index_of_the_base_is_about_all(session):
    """Whoever writes first."""
    ticket, seat = family()
    ticket._indexes["by_both"] = index = by_both().unique()
    index._set_owner(ticket)
    box = below(seat)
    session.ensure_indexes(ticket)
    session.ensure_indexes(box)

    assert definition(session, ticket) is None


def test_a_subclass_with_a_collection_of_its_own(session):
    """There is nothing to leave alone there."""
    _, seat = family(by_both=by_both().unique(), config_collection_name="seats")
    session.save(seat(number="1"))

    assert definition(session, seat) is None
