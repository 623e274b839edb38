"""
Fields that the library keeps go along with every write that is not of a whole object.

Which field: a time of modification (naive, aware, of the server), what is computed without
dependencies, the version; at the top, in an embedded document, in an item of a list. Which write:
every operator of an update expression, of one and of many, in a block, in a transaction, upserts,
find-and-modify, the update and the save of an object that was loaded in part. Where the library
cannot know the value (something computed from what an update names), the update is refused.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from ommongo import (
    Document,
    DocumentField,
    IntField,
    ListField,
    ModifiedField,
    StringField,
    VersionField,
    computed_field,
)
from ommongo.exceptions import FieldNotRetrieved, InvalidModifierException, StaleDocumentException
from ommongo.update_expression import FindAndModifyExpression, UpdateExpression
from tests.helpers import bodies_of

NAMESPACE = "tests.server.kept_fields"
LONG_AGO = datetime(2020, 1, 1)


class Part(Document):
    config_namespace = NAMESPACE
    n = IntField(default=0)
    modified = ModifiedField(db_field="m")


class Note(Document):
    config_namespace = NAMESPACE
    config_collection_name = "notes"
    text = StringField(default="")
    hits = IntField(default=0)
    other = IntField(required=False)
    tags = ListField(StringField(), default_empty=True)
    part = DocumentField(Part, required=False)
    parts = ListField(DocumentField(Part), default_empty=True)
    modified = ModifiedField(db_field="m")
    by_server = ModifiedField(on_server=True)
    never = ModifiedField(on_update="ignore")

    @computed_field(IntField())
    def era(values):
        return 7


def stored_note(database, **values):
    """Store a note of long ago."""
    times = dict.fromkeys(("m", "by_server", "never"), LONG_AGO)
    note = {"text": "a", "hits": 1, "tags": ["x"], "era": 1, **times, **values}
    database["notes"].insert_one(note)


def moved(stored):
    """Name the fields of a stored note that are newer than long ago."""
    return {name for name in ("m", "by_server", "never") if stored[name] > LONG_AGO}


OPERATORS = {
    "set": lambda u: u.set(Note.text, "b"),
    "unset": lambda u: u.unset(Note.hits),
    "inc": lambda u: u.inc(Note.hits),
    "mul": lambda u: u.mul(Note.hits, 2),
    "min": lambda u: u.min(Note.hits, 0),
    "max": lambda u: u.max(Note.hits, 9),
    "rename": lambda u: u.rename("hits", "other"),
    "append": lambda u: u.append(Note.tags, "y"),
    "add_to_set": lambda u: u.add_to_set(Note.tags, "y"),
    "remove": lambda u: u.remove(Note.tags, "x"),
    "remove_all": lambda u: u.remove_all(Note.tags, "x"),
    "pop": lambda u: u.pop_last(Note.tags),
}


@pytest.mark.parametrize("change", OPERATORS.values(), ids=OPERATORS)
def test_every_operator_moves_the_times(safe_session, database, change):
    """What was computed without dependencies is computed as well."""
    stored_note(database)

    change(UpdateExpression(safe_session.query(Note))).execute()

    stored = database["notes"].find_one()
    assert moved(stored) == {"m", "by_server"}
    assert stored["era"] == 7


WRITES = {
    "multi": lambda s: s.query(Note).set(text="b").multi().execute(),
    "unsafe": lambda s: s.query(Note).set(text="b").safe(False).execute(),
    "upsert": lambda s: s.query(Note).set(text="b").upsert().execute(),
    "find_and_modify": lambda s: s.query(Note).find_and_modify().set(text="b").execute(),
    "find_and_modify_new": lambda s: s.query(Note).find_and_modify(new=True).inc("hits").execute(),
}


@pytest.mark.parametrize("place", ["alone", "block", "transaction"])
@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_every_call_moves_the_times(safe_session, database, write, place):
    """However an update expression is sent."""
    stored_note(database)

    if place == "block" and "find_and_modify" not in write.__code__.co_names:
        with safe_session:
            write(safe_session)
    elif place == "transaction":
        with safe_session.transaction():
            write(safe_session)
    else:
        write(safe_session)

    assert moved(database["notes"].find_one()) == {"m", "by_server"}


def test_an_update_that_sets_the_time_itself_wins(safe_session, database):
    """What the application says holds."""
    stored_note(database)
    then = datetime(2021, 1, 1)

    update = safe_session.query(Note).set(modified=then).set(by_server=then)
    update.execute()

    stored = database["notes"].find_one()
    assert (stored["m"], stored["by_server"]) == (then, then)


def test_the_servers_time_is_that_of_the_server(safe_session, database, commands):
    """The server is told to fill it in."""
    stored_note(database)

    safe_session.query(Note).set(text="b").execute()

    [sent] = bodies_of(commands, "update")
    assert sent["updates"][0]["u"]["$currentDate"] == {"by_server": True}


def test_an_update_that_changes_nothing_of_what_is_there_moves_nothing(safe_session, database):
    """What is set on insert only is no modification of a document that is there."""
    stored_note(database)

    UpdateExpression(safe_session.query(Note)).set_on_insert(text="b").upsert().execute()

    assert moved(database["notes"].find_one()) == set()


EMBEDDED = {
    "embedded": (lambda u: u.inc(Note.part.n), lambda note: note["part"]),
    "item": (lambda u: u.inc("parts.1.n"), lambda note: note["parts"][1]),
    "every_item": (lambda u: u.inc("parts.$[].n"), lambda note: note["parts"][1]),
}


@pytest.mark.parametrize(("change", "find"), EMBEDDED.values(), ids=EMBEDDED)
def test_the_time_of_an_embedded_document_moves(safe_session, database, change, find):
    """That of the document around it moves, too."""
    part = {"n": 1, "m": LONG_AGO}
    stored_note(database, part=part, parts=[part, part])

    change(UpdateExpression(safe_session.query(Note))).execute()

    stored = database["notes"].find_one()
    assert find(stored)["m"] > LONG_AGO
    assert moved(stored) == {"m", "by_server"}


def test_the_time_of_the_matched_item_moves(safe_session, database):
    """And that of no other item."""
    stored_note(database, parts=[{"n": 1, "m": LONG_AGO}, {"n": 2, "m": LONG_AGO}])

    query = safe_session.query(Note).filter(Note.parts.n == 2)
    query.inc(Note.parts.matched_index().n).execute()

    first, second = database["notes"].find_one()["parts"]
    assert first == {"n": 1, "m": LONG_AGO}
    assert second["m"] > LONG_AGO


@pytest.mark.parametrize("write", ["update", "save"])
@pytest.mark.parametrize("fields", [("text",), ("text", "modified", "by_server", "never")])
def test_the_write_of_a_part_moves_the_times(safe_session, database, write, fields):
    """Whether they were loaded or not."""
    stored_note(database)
    note = safe_session.query(Note).fields(*fields).one()
    note.text = "b"

    getattr(safe_session, write)(note)

    assert {"m", "by_server"} <= moved(database["notes"].find_one())


def test_the_write_of_an_embedded_part_moves_its_time(safe_session, database):
    """A part of an embedded document is a part as well."""
    stored_note(database, part={"n": 1, "m": LONG_AGO})
    note = safe_session.query(Note).fields(Note.part.n).one()
    note.part.n = 2

    safe_session.update(note)

    assert database["notes"].find_one()["part"]["m"] > LONG_AGO


class TestTheServersTime:
    """An object does not know a time that the server has filled in."""

    def test_it_is_not_retrieved(self, safe_session, database):
        """Loading it anew gives it; the next update moves it on."""
        stored_note(database)
        note = safe_session.query(Note).one()
        note.text = "b"

        safe_session.update(note)

        stored = database["notes"].find_one()
        assert note.modified == stored["m"]
        with pytest.raises(FieldNotRetrieved):
            _ = note.by_server
        assert safe_session.refresh(note).by_server == stored["by_server"] > LONG_AGO
        note.text = "c"
        safe_session.update(note)
        assert database["notes"].find_one()["by_server"] >= stored["by_server"]
        assert note.get_dirty_ops().keys() <= {"$currentDate", "$set"}

    def test_a_save_behind_it_stores_everything(self, safe_session, database):
        """Nothing is lost by what is not known."""
        stored_note(database)
        note = safe_session.query(Note).one()
        note.text = "b"
        safe_session.update(note)
        note.hits = 5

        safe_session.save(note)

        stored = database["notes"].find_one()
        assert (stored["text"], stored["hits"], stored["tags"]) == ("b", 5, ["x"])

    def test_a_block_that_fails_gives_it_back(self, safe_session, database):
        """What was known before is known again."""
        stored_note(database)
        note = safe_session.query(Note).one()
        note.text = "b"

        with pytest.raises(ValueError, match="no"), safe_session.transaction():
            safe_session.update(note)
            raise ValueError("no")

        assert note.by_server == LONG_AGO
        safe_session.update(note)
        assert database["notes"].find_one()["text"] == "b"

    def test_a_whole_save_takes_the_time_of_this_computer(self, safe_session, database):
        """An insert cannot ask the server for it."""
        safe_session.save(note := Note())

        assert database["notes"].find_one()["by_server"] == note.by_server


def test_an_aware_time_goes_along(make_session, database):
    """It is stored as the instant that it is."""

    class Aware(Document):
        config_namespace = NAMESPACE
        config_collection_name = "aware"
        text = StringField()
        modified = ModifiedField(tz_aware=True)

    session = make_session(safe=True, timezone=timezone(timedelta(hours=7)))
    database["aware"].insert_one({"text": "a", "modified": LONG_AGO})

    session.query(Aware).set(text="b").execute()

    now = datetime.now(timezone.utc).replace(tzinfo=None)
    assert timedelta(0) <= now - database["aware"].find_one()["modified"] < timedelta(minutes=1)


class Post(Document):
    config_namespace = NAMESPACE
    config_collection_name = "posts"
    config_polymorphic = "kind"
    config_polymorphic_identity = "post"
    config_polymorphic_collection = True
    kind = StringField(default="post")
    title = StringField(default="t")
    tags = ListField(StringField(), default_empty=True)
    part = DocumentField(Part, required=False)

    @computed_field(IntField(), deps=[tags])
    def count(values):
        return len(values["tags"])

    @computed_field(IntField(), deps=[count])
    def twice(values):
        return 2 * values["count"]

    @computed_field(IntField(), deps=[title, tags], one_time=True)
    def first(values):
        return len(values["tags"])


class Long(Post):
    config_polymorphic_identity = "long"
    kind = StringField(default="long")

    @computed_field(IntField(), deps=["title"])
    def width(values):
        return len(values["title"])


class TestComputed:
    """What is computed from what an update names cannot go along, so it is refused."""

    @pytest.mark.parametrize("kind", [UpdateExpression, FindAndModifyExpression])
    @pytest.mark.parametrize(
        "change",
        [
            lambda u: u.append(Post.tags, "b"),
            lambda u: u.set(Post.tags, ["b"]),
            lambda u: u.unset(Post.tags),
            lambda u: u.pop_last(Post.tags),
            lambda u: u.set("tags.0", "b"),
        ],
    )
    def test_an_update_of_a_dependency_is_refused(self, safe_session, database, kind, change):
        """Both are named, also through another computed field."""
        safe_session.save(Post(tags=["a"]))

        with pytest.raises(InvalidModifierException, match=r"tags.*count"):
            change(kind(safe_session.query(Post))).execute()

        assert database["posts"].find_one()["tags"] == ["a"]

    def test_that_of_a_subclass_counts(self, safe_session):
        """A query of a class finds objects of its subclasses."""
        with pytest.raises(InvalidModifierException, match=r"title.*width"):
            safe_session.query(Post).set(title="x")

    def test_in_an_embedded_document(self, safe_session):
        """So it is below."""

        class Outer(Document):
            config_namespace = NAMESPACE
            posts = ListField(DocumentField(Post))
            whole = DocumentField(Post)

            @computed_field(IntField(), deps=["whole"])
            def size(values):
                return len(values["whole"].tags)

        query = safe_session.query(Outer)
        with pytest.raises(InvalidModifierException, match=r"posts\.\$\[\]\.count"):
            query.append("posts.$[].tags", "b")
        with pytest.raises(InvalidModifierException, match="'size'"):
            query.set("whole.part.n", 1)

    def test_unchecked_leaves_it_behind(self, safe_session, database):
        """Until the object is saved."""
        safe_session.save(Post(tags=["a"]))

        safe_session.query(Post).append(Post.tags, "b", unchecked=True).execute()

        assert database["posts"].find_one()["count"] == 1
        safe_session.save(safe_session.query(Post).one())
        assert database["posts"].find_one()["count"] == 2

    @pytest.mark.parametrize(
        "change",
        [
            lambda q: q.set(tags=["b", "c"], count=2, twice=4),
            lambda q: q.set(count=2, twice=4).set(tags=["b", "c"]),
        ],
    )
    def test_an_update_that_sets_both_is_right(self, safe_session, database, change):
        """Whoever knows the value says it."""
        safe_session.save(Post(tags=["a"]))

        change(safe_session.query(Post)).execute()

        stored = database["posts"].find_one()
        assert (stored["tags"], stored["count"], stored["twice"]) == (["b", "c"], 2, 4)

    def test_what_is_set_on_insert_is_computed(self, safe_session, database):
        """Of what an upsert inserts everything is known."""
        query = UpdateExpression(safe_session.query(Post).filter(Post.title == "t"))

        query.set_on_insert(tags=["a", "b"]).upsert().execute()

        assert database["posts"].find_one()["twice"] == 4

    @pytest.mark.parametrize("write", ["update", "save"])
    def test_the_write_of_a_part_computes_it(self, safe_session, database, write):
        """All that it is computed from was retrieved."""
        safe_session.save(Post(tags=["a"]))
        post = safe_session.query(Post).fields(Post.tags).one()
        post.tags.append("b")

        getattr(safe_session, write)(post)

        stored = database["posts"].find_one({}, {"_id": 0})
        assert stored == {
            "kind": "post", "title": "t", "tags": ["a", "b"], "count": 2, "twice": 4, "first": 1,
        }  # fmt: skip

    @pytest.mark.parametrize("write", ["update", "save"])
    def test_the_write_of_too_small_a_part_is_refused(self, safe_session, database, write):
        """The error names what has to be loaded."""

        class Sum(Document):
            config_namespace = NAMESPACE
            config_collection_name = "sums"
            a = IntField()
            b = IntField()

            @computed_field(IntField(), deps=[a, b])
            def total(values):
                return values["a"] + values["b"]

        safe_session.save(Sum(a=1, b=2))
        part = safe_session.query(Sum).fields(Sum.a).one()
        part.a = 5

        with pytest.raises(FieldNotRetrieved, match=r"Sum\.total.*Sum\.b"):
            getattr(safe_session, write)(part)

        assert database["sums"].find_one({}, {"_id": 0}) == {"a": 1, "b": 2, "total": 3}


class Article(Document):
    config_namespace = NAMESPACE
    config_collection_name = "articles"
    text = StringField(default="")
    views = IntField(default=0, counts_version=False)
    seen_by = ListField(StringField(), default_empty=True, counts_version=False)
    part = DocumentField(Part, required=False, counts_version=False)
    modified = ModifiedField()
    version = VersionField()


@pytest.fixture
def article(safe_session):
    """An article that somebody is editing."""
    safe_session.save(Article(text="old", part=Part()))
    return safe_session.query(Article).one()


def by_an_object(session, **values):
    """Change a copy of the article, and update it."""
    copy = session.query(Article).one()
    for name, value in values.items():
        setattr(copy, name, value)
    return session.update(copy)


def below(session):
    """Change something below a field, and update it."""
    copy = session.query(Article).one()
    copy.part.n += 1
    session.update(copy)


def save_of_part(session):
    """Save a part of the article."""
    copy = session.query(Article).fields(Article.views).one()
    copy.views += 1
    session.save(copy)


SILENT = {
    "expression": lambda s: s.query(Article).inc(Article.views).execute(),
    "two_fields": lambda s: s.query(Article).inc(Article.views).append("seen_by", "x").execute(),
    "below": lambda s: s.query(Article).inc(Article.part.n).execute(),
    "find_and_modify": lambda s: s.query(Article).find_and_modify().inc(Article.views).execute(),
    "upsert": lambda s: s.query(Article).inc(Article.views).upsert().execute(),
    "without_bump": lambda s: s.query(Article).set(text="x").execute(bump_version=False),
    "find_and_modify_without_bump": lambda s: (
        s.query(Article).find_and_modify(new=True).set(text="x").execute(bump_version=False)
    ),
    "object": lambda s: by_an_object(s, views=5),
    "object_below": below,
    "save_of_part": save_of_part,
}


@pytest.mark.parametrize("write", SILENT.values(), ids=SILENT)
def test_an_editor_need_not_know_of_a_counter(safe_session, database, article, write):
    """The version stays, and the editor's update is stored."""
    write(safe_session)

    assert database["articles"].find_one()["version"] == 1
    article.text = "new"
    safe_session.update(article)
    stored = database["articles"].find_one()
    assert (stored["text"], stored["version"]) == ("new", 2)


def test_a_counter_need_not_know_of_an_editor(safe_session, database, article):
    """An object that is out of date can still be counted; the version in it stays."""
    by_an_object(safe_session, text="new")
    article.views = 7

    safe_session.update(article)

    stored = database["articles"].find_one()
    assert (stored["views"], stored["text"], stored["version"]) == (7, "new", 2)
    article.text = "mine"
    with pytest.raises(StaleDocumentException):
        safe_session.update(article)


COUNTED = {
    "expression": lambda s: s.query(Article).set(text="x").execute(),
    "with_another": lambda s: s.query(Article).inc(Article.views).set(text="x").execute(),
    "find_and_modify": lambda s: s.query(Article).find_and_modify().set(text="x").execute(),
    "object": lambda s: by_an_object(s, views=5, text="x"),
    "whole_save": lambda s: s.save(s.query(Article).one()),
}


@pytest.mark.parametrize("write", COUNTED.values(), ids=COUNTED)
def test_every_other_write_counts(safe_session, database, article, write):
    """That every writer counts stays the rule."""
    write(safe_session)

    assert database["articles"].find_one()["version"] == 2
    article.text = "new"
    with pytest.raises(StaleDocumentException):
        safe_session.update(article)


def test_what_is_inserted_without_a_count_has_a_version(safe_session, database):
    """It is the first one."""
    safe_session.query(Article).inc(Article.views).upsert().execute()
    safe_session.query(Article).filter(Article.text == "b").set(views=1).upsert().execute(
        bump_version=False
    )

    assert [article["version"] for article in database["articles"].find()] == [1, 1]
    article = safe_session.query(Article).filter(Article.text == "b").one()
    article.text = "c"
    safe_session.update(article)


def test_a_look_up_that_may_insert_counts_nothing(safe_session, database, article):
    """Getting or making a document is no change of one that is there."""
    query = safe_session.query(Article).filter(Article.text == "old")

    found = query.find_and_modify(new=True).set_on_insert(views=1).upsert().execute()

    assert found.version == database["articles"].find_one()["version"] == 1
