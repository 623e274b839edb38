"""
What is said of an index that the server refuses, by its cause; and of a text index's languages.

Members: an option that has changed (of those that can be changed in place, and of the others), keys
that have, the same keys by another name; documents that clash; a view; rights; options that go not
together; a stored key `language` that is none, in embedded documents, in lists and under another
key.
"""

from __future__ import annotations

from datetime import datetime

import pytest
from pymongo.errors import OperationFailure

from ommongo import DateTimeField, Document, DocumentField, Index, IntField, ListField, StringField
from tests.helpers import note_of


def task(index):
    """Make a class with an index."""

    class Task(Document):
        config_namespace = None
        config_collection_name = "tasks"
        done = DateTimeField(required=False)
        name = StringField(default="x")
        n = IntField(default=1)
        by_done = index

    return Task


def refused(call):
    """Give the note on the error of a call."""
    with pytest.raises(OperationFailure) as caught:
        call()
    return note_of(caught.value)


def by_done(**options):
    """Declare an index on a date."""
    return Index(**options).ascending("done")


CHANGES = {
    "expiry": (by_done().expire(9), by_done().expire(5), "'expireAfterSeconds': 5"),
}
REBUILDS = {
    "unique": (by_done(), by_done().unique()),
    "not_unique": (by_done().unique(), by_done()),
    "sparse": (by_done(), by_done(sparse=True)),
    "partial": (by_done(partial={"n": 1}), by_done(partial={"n": 2})),
    "collation": (by_done(), by_done(name="done_1", collation={"locale": "id"})),
    "no_expiry": (by_done().expire(9), by_done()),
    "keys": (by_done(name="one"), Index(name="one").ascending("n")),
    "name": (by_done(name="one"), by_done(name="other")),
    "both": (by_done().expire(9), by_done(sparse=True).expire(5)),
}


@pytest.mark.parametrize("how", ["ensure_indexes", "save"])
@pytest.mark.parametrize(("before", "after", "option"), CHANGES.values(), ids=CHANGES)
def test_an_option_that_can_change_in_place(make_session, before, after, option, how):
    """Both definitions are named, and the command that makes the one of the other; it does."""
    session = make_session(safe=True)
    session.save(task(before)(done=datetime(2999, 1, 1)))
    cls = task(after)
    session.forget_indexes()
    note = refused(
        lambda: session.ensure_indexes(cls) if how == "ensure_indexes" else session.save(cls())
    )

    assert "'done_1' of Task" in note
    assert option in note
    command = note.split("in place: session.db.command(")[1].split(").")[0]
    session.db.command(
        *eval(f"({command.split(', index=')[0]},)"), index=eval(command.split(", index=")[1])
    )
    session.save(cls())


@pytest.mark.parametrize("how", ["ensure_indexes", "save"])
@pytest.mark.parametrize(("before", "after"), REBUILDS.values(), ids=REBUILDS)
def test_an_option_that_needs_a_new_index(make_session, before, after, how):
    """Both definitions are named, and what to drop and to call; that does it."""
    session = make_session(safe=True)
    first, cls = task(before), task(after)
    session.save(first(done=datetime(2999, 1, 1)))
    session.forget_indexes()
    note = refused(
        lambda: session.ensure_indexes(cls) if how == "ensure_indexes" else session.save(cls())
    )

    assert "Declared is" in note
    assert "and there is" in note
    assert "collMod" not in note
    dropped = note.split("drop_index('")[1].split("'")[0]
    session.db["tasks"].drop_index(dropped)
    session.ensure_indexes(cls)
    session.save(cls())


def test_documents_that_clash(make_session, database):
    """It is about them, and not about another index."""
    database["tasks"].insert_many([{"n": 1}, {"n": 1}])
    note = refused(lambda: make_session().ensure_indexes(task(Index().ascending("n").unique())))

    assert "the same values" in note
    assert "drop" not in note


def test_a_view_has_no_indexes(make_session, database):
    """It is said, and what to do."""
    database.create_collection("tasks", viewOn="elsewhere", pipeline=[])
    note = refused(lambda: make_session().ensure_indexes(task(by_done())))

    assert "view" in note
    assert "auto_ensure=False" in note


@pytest.mark.parametrize(("code", "word"), [(13, "may not"), (276, "given up"), (50, "done_1")])
def test_other_causes_have_notes_of_their_own(make_session, fail_command, code, word):
    """None speaks of another index."""
    session = make_session()
    with fail_command("createIndexes", times=1, errorCode=code):
        note = refused(lambda: session.ensure_indexes(task(by_done())))

    assert word in note
    assert "drop" not in note


def test_options_that_do_not_go_together(make_session):
    """The declaration is what is wrong."""
    index = Index(sparse=True, partial={"n": 1}).ascending("done")
    note = refused(lambda: make_session().ensure_indexes(task(index)))

    assert "Correct the declaration" in note


# -- languages --------------------------------------------------------------------------------


class Part(Document):
    config_namespace = None
    language = StringField(required=False)
    tongue = StringField(required=False)


def article(**options):
    """Make a class whose documents have a language."""

    class Article(Document):
        config_namespace = None
        config_collection_name = "articles"
        title = StringField(default="hello")
        language = StringField(required=False)
        lang = StringField(required=False, db_field="idx_language")
        part = DocumentField(Part, required=False)
        parts = ListField(DocumentField(Part), required=False)
        by_title = Index().text("title", "part.tongue", "parts.tongue", **options)

    return Article


WRONG = {
    "own": (lambda: {"language": "id"}, "Article.language"),
    "embedded": (lambda: {"part": Part(language="ja")}, "Article.part.language"),
    "in_list": (lambda: {"parts": [Part(language="ja")]}, "Article.parts.language"),
    "empty": (lambda: {"language": ""}, "Article.language"),
}


@pytest.mark.parametrize(("values", "path"), WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("block", [False, True], ids=["alone", "block"])
def test_a_language_that_is_none_is_explained(make_session, values, path, block):
    """The note names the option and the field."""
    session = make_session(safe=True)
    document = article()(**values())

    def write():
        if not block:
            session.save(document)
        else:
            with session:
                session.add(article()())
                session.add(document)

    note = refused(write)
    assert "language_override=" in note
    assert path in note


@pytest.mark.parametrize(("values", "path"), WRONG.values(), ids=WRONG)
def test_another_key_makes_language_a_name_like_any_other(make_session, database, values, path):
    """The server is told where languages are."""
    session = make_session(safe=True)
    cls = article(language_override="idx_language")
    session.save(cls(**values()))

    (index,) = [
        one for name, one in database["articles"].index_information().items() if name != "_id_"
    ]
    assert index["language_override"] == "idx_language"
    note = refused(lambda: session.save(cls(lang="id")))
    assert "'idx_language'" in note
    assert "Article.lang" in note


def test_a_stored_language_in_the_way_of_the_index(make_session, database):
    """While it is built, too."""
    database["articles"].insert_one({"title": "halo", "language": "id"})
    note = refused(lambda: make_session().ensure_indexes(article()))

    assert "language_override=" in note
