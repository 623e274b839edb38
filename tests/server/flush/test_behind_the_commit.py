"""
What goes wrong behind a commit does not make what is stored a failure.

An object that cannot take over what was stored of it (an ``_id`` that the server has made, a time)
raises, and everything is stored: alone, in a block with and without a server transaction, in front
of other writes of the same flush, beside an error of the server. In an open transaction it is
applied, and what becomes of the transaction decides.
"""

from __future__ import annotations

import pytest
from pymongo.errors import DuplicateKeyError

from ommongo import Document, Index, IntField, ObjectIdField, StringField
from tests.helpers import note_of

NAMESPACE = "tests.server.behind_the_commit"


class Unlucky(ObjectIdField):
    """An id that cannot be taken over."""

    def unwrap(self, value, session=None):
        raise RuntimeError("out of luck")


class Odd(Document):
    config_namespace = NAMESPACE
    config_collection_name = "odds"
    key = Unlucky(_id=True, required=False)
    name = StringField()


class Plain(Document):
    config_namespace = NAMESPACE
    config_collection_name = "plains"
    name = StringField()
    n = IntField(default=0)
    i = Index().ascending("name").unique()


def upsert(session):
    """Insert by an upsert, whose id the object cannot take over."""
    session.update(Odd(name="odd"), Odd.name == "odd", upsert=True)


def names(database):
    """Give the names of all that is stored."""
    return {document["name"] for name in ("odds", "plains") for document in database[name].find()}


@pytest.mark.parametrize("atomic", [None, False])
def test_a_block_is_stored_as_a_whole(make_session, database, atomic):
    """What waits for the commit is called, and the report and the note say so."""
    session = make_session(safe=True, atomic=atomic)
    called = []
    first, last = Plain(name="first"), Plain(name="last")

    with pytest.raises(RuntimeError, match="out of luck") as caught, session:
        session.after_commit(lambda: called.append("commit"))
        session.after_rollback(lambda: called.append("rollback"))
        session.add(first)
        upsert(session)
        session.add(last)

    assert names(database) == {"first", "odd", "last"}
    assert called == ["commit"]
    report = session.flush_report
    assert (report.applied, report.failed, report.not_attempted, report.unknown) == (3, 0, 0, 0)
    assert "All 3 operations are stored" in note_of(caught.value)
    assert "rolled back" not in note_of(caught.value)
    assert first.get_dirty_ops() == last.get_dirty_ops() == {}
    last.n = 5
    session.update(last)
    assert database["plains"].find_one({"name": "last"})["n"] == 5


def test_alone(safe_session, database):
    """A call outside a block says the same."""
    with pytest.raises(RuntimeError) as caught:
        upsert(safe_session)

    assert names(database) == {"odd"}
    assert "stored" in note_of(caught.value)
    assert safe_session.flush_report.applied == 1


def test_an_error_of_the_server_behind_it_comes_first(make_session, database):
    """The other is told beside it."""
    session = make_session(safe=True, atomic=False)
    session.save(Plain(name="taken"))

    with pytest.raises(DuplicateKeyError) as caught, session:
        upsert(session)
        session.add(Plain(name="taken"))

    assert names(database) == {"odd", "taken"}
    assert "RuntimeError" in note_of(caught.value)


def test_in_a_transaction_that_goes_on(safe_session, database):
    """What is applied in it is committed if the application goes on."""
    safe_session.ensure_indexes(Plain)

    with safe_session.transaction():
        with pytest.raises(RuntimeError) as caught:
            upsert(safe_session)
        safe_session.save(Plain(name="last"))

    assert names(database) == {"odd", "last"}
    assert "applied in the open transaction" in note_of(caught.value)


def test_in_a_transaction_that_is_left(safe_session, database):
    """The error leaves it, so nothing is stored."""
    with pytest.raises(RuntimeError), safe_session.transaction():
        upsert(safe_session)

    assert names(database) == set()
