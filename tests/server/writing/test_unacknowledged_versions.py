"""
Versions where the write concern asks for no acknowledgement.

The members of the kind: every write of a class that counts versions (`save` of a new and of a
loaded object, `update` by ``_id`` and by an expression, `remove`, update expressions, removal
queries, `clear_collection`), alone, in a shared call, together with a class that counts none, and
with ``w=0`` from the database or for the one statement.
"""

from __future__ import annotations

import pytest
from pymongo import WriteConcern
from pymongo.errors import DuplicateKeyError

from ommongo import Document, IntField, StringField, VersionField
from ommongo.exceptions import StaleDocumentException


class Page(Document):
    config_namespace = "tests.unacknowledged"
    config_collection_name = "pages"
    config_polymorphic = "kind"
    config_polymorphic_identity = "page"
    config_polymorphic_collection = True
    key = StringField(_id=True)
    kind = StringField()
    text = StringField(default="")
    hits = IntField(default=0, on_update="$inc")


class Entry(Page):
    config_polymorphic_identity = "entry"
    version = VersionField()


@pytest.fixture
def quick(make_session, database):
    """A session whose database asks for no acknowledgement."""
    return make_session(database.with_options(write_concern=WriteConcern(w=0)), atomic=False)


@pytest.fixture
def entry(quick, make_session):
    """An entry that the quick session has loaded, and somebody else has changed since."""
    other = make_session(safe=True)
    other.save(Entry(key="k", text="first"))
    loaded = quick.query(Entry).one()
    other.query(Entry).set(Entry.text, "by somebody else").execute()
    return loaded


def _save(session, entry):
    entry.text = "mine"
    session.save(entry)


def _update(session, entry):
    entry.text = "mine"
    session.update(entry)


def _count(session, entry):
    entry.hits = 5
    session.update(entry)


def _update_by_expression(session, entry):
    entry.text = "mine"
    session.update(entry, Entry.key == "k")


def _add(session, entry):
    entry.text = "mine"
    session.add(entry)
    session.flush()


def _remove(session, entry):
    session.remove(entry)


def _in_a_block(session, entry):
    with session:
        session.save(Page(key="before"))
        entry.text = "mine"
        session.update(entry)
        session.save(Page(key="behind"))


def _explicitly_unsafe(session, entry):
    entry.text = "mine"
    session.update(entry, safe=False)


WRITES = [
    _save,
    _update,
    _count,
    _add,
    _remove,
    _in_a_block,
    _explicitly_unsafe,
]


@pytest.mark.parametrize("write", WRITES)
def test_a_stale_write_is_told(quick, entry, database, write):
    """Nothing is written over what somebody else has stored, and the version stays."""
    with pytest.raises(StaleDocumentException):
        write(quick, entry)

    assert entry.version == 1
    assert database.pages.find_one({"_id": "k"}) == {
        "_id": "k",
        "kind": "entry",
        "text": "by somebody else",
        "hits": 0,
        "version": 2,
    }


def test_an_update_by_an_expression_that_is_stale_changes_nothing(quick, entry, database):
    """An update that matched nothing has not moved the version on."""
    with pytest.raises(StaleDocumentException):
        _update_by_expression(quick, entry)

    assert entry.version == 1
    assert database.pages.find_one({"_id": "k"})["text"] == "by somebody else"


@pytest.mark.parametrize("write", [_save, _update, _add, _explicitly_unsafe])
def test_a_write_that_is_not_stale_is_stored(quick, database, write):
    """The version in memory is the stored one, write after write."""
    entry = Entry(key="k")
    quick.save(entry)
    for version in (2, 3):
        entry.hits = version  # so that there is a change each time
        write(quick, entry)
        assert entry.version == database.pages.find_one({"_id": "k"})["version"] == version


def test_a_taken_id_is_told_to_the_log_and_the_object(quick, entry, database, caplog):
    """A new object that was not inserted has no version, and is dirty."""
    new = Entry(key="k", text="new")
    quick.save(new)

    assert "DuplicateKey" in caplog.text or "E11000" in caplog.text
    assert new.get_dirty_ops()["$set"]["text"] == "new"
    assert "version" not in new.__dict__
    with pytest.raises(DuplicateKeyError):
        quick.save(new, safe=True)


def test_a_shared_call_is_acknowledged_for_its_versions(quick, database, commands):
    """In one call with documents that have none, those with a version are acknowledged too."""
    pages = [Page(key=f"{i}") for i in range(3)]
    entry = Entry(key="k")
    with quick:
        for page in (*pages, entry):
            quick.add(page)
    for page in (*pages, entry):
        page.text = "changed"
    commands.clear()
    with quick:
        for page in (*pages, entry):
            quick.update(page)

    assert [
        event.command["writeConcern"]["w"]
        for event in commands.started
        if any("version" in update["q"] for update in event.command["updates"])
    ] == [1]
    assert (entry.version, database.pages.find_one({"_id": "k"})["version"]) == (2, 2)


STATEMENTS = {
    "update expression": lambda session: session.query(Entry).set(Entry.text, "x").execute(),
    "removal query": lambda session: session.remove_query(Entry).execute(),
    "removal query with w=0": lambda session: (
        session.remove_query(Entry).set_safe(False, w=0).execute()
    ),
    "clearing": lambda session: session.clear_collection(Entry),
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_statements_on_a_class_with_versions_are_acknowledged(quick, entry, name):
    """They give the server's reply."""
    assert STATEMENTS[name](quick)["n"] == 1


def test_a_class_without_versions_is_not_acknowledged(quick, database, commands):
    """Fire and forget is still there for whoever wants it."""
    page = Page(key="a")
    quick.save(page)
    page.text = "b"

    assert quick.update(page) is None
    assert [event.command["writeConcern"]["w"] for event in commands.started] == [0, 0]
