"""
What does not count the version leaves it, wherever it is and however it is written.

The kinds: a field with ``counts_version=False`` in an embedded document, in one of a list, below
another, or above fields that count; and a computed field all of whose dependencies are such, also
through another one; by an object's update, a save of a part, an update expression, a
find-and-modify and an upsert. What is beside such a field counts as ever.
"""

from __future__ import annotations

import pytest

from ommongo import (
    Document,
    DocumentField,
    IntField,
    ListField,
    StringField,
    VersionField,
    computed_field,
)
from ommongo.exceptions import StaleDocumentException

SPACE = "tests.uncounted_fields"


class Inner(Document):
    config_namespace = SPACE
    hits = IntField(default=0, counts_version=False)
    text = StringField(default="")


class Stats(Document):
    config_namespace = SPACE
    views = IntField(default=0, counts_version=False)
    title = StringField(default="")
    inner = DocumentField(Inner, required=False)
    quiet = DocumentField(Inner, required=False, counts_version=False)


class Page(Document):
    config_namespace = SPACE
    config_collection_name = "pages"
    text = StringField(default="")
    likes = IntField(default=0, counts_version=False)
    stats = DocumentField(Stats)
    parts = ListField(DocumentField(Stats), default_empty=True)
    version = VersionField()

    @computed_field(IntField(), deps=[likes])
    def score(values):
        return 10 * values["likes"]

    @computed_field(IntField(), deps=[score])
    def rank(values):
        return 1 + values["score"]

    @computed_field(IntField(), deps=[likes, text])
    def mixed(values):
        return values["likes"] + len(values["text"])


class Plain(Document):
    """The same without a computed field, for what changes a field that others depend on."""

    config_namespace = SPACE
    config_collection_name = "pages"
    text = StringField(default="")
    stats = DocumentField(Stats)
    parts = ListField(DocumentField(Stats), default_empty=True)
    version = VersionField()


class Liked(Document):
    """A page whose computed fields all depend on a counter."""

    config_namespace = SPACE
    config_collection_name = "pages"
    text = StringField(default="")
    likes = IntField(default=0, counts_version=False)
    version = VersionField()

    @computed_field(IntField(), deps=[likes])
    def score(values):
        return 10 * values["likes"]

    @computed_field(IntField(), deps=[score])
    def rank(values):
        return 1 + values["score"]


def page(cls=Plain):
    """Give a new page with all that is embedded."""
    stats = [Stats(inner=Inner(), quiet=Inner()) for _ in range(2)]
    return cls(stats=stats[0], parts=[stats[1]])


def of_object(change):
    """Give a write that changes a loaded object and updates it."""

    def write(session):
        found = session.query(Plain).one()
        change(found)
        session.update(found)

    return write


def of_part(session):
    """Save an object that was loaded in part."""
    found = session.query(Plain).fields(Plain.stats.views).one()
    found.stats.views = 3
    session.save(found)


UNCOUNTED = {
    "object": of_object(lambda p: setattr(p.stats, "views", 3)),
    "object, deeper": of_object(lambda p: setattr(p.stats.inner, "hits", 3)),
    "object, below": of_object(lambda p: setattr(p.stats.quiet, "text", "x")),
    "object, unset": of_object(lambda p: delattr(p.stats, "quiet")),
    "object, two": of_object(lambda p: (setattr(p.stats, "views", 3), delattr(p.stats, "quiet"))),
    "part": of_part,
    "inc": lambda s: s.query(Plain).inc(Plain.stats.views).execute(),
    "inc, by name": lambda s: s.query(Plain).inc("stats.inner.hits").execute(),
    "set, below": lambda s: s.query(Plain).set("stats.quiet.text", "x").execute(),
    "inc, in a list": lambda s: s.query(Plain).inc("parts.0.views").execute(),
    "inc, of every item": lambda s: s.query(Plain).inc(Plain.parts.any_index().views).execute(),
    "inc, deeper in a list": lambda s: s.query(Plain).inc("parts.0.inner.hits").execute(),
    "find_and_modify": lambda s: s.query(Plain).find_and_modify().inc("stats.views").execute(),
    "upsert": lambda s: s.query(Plain).filter_by(text="").inc("stats.views").upsert().execute(),
}

COUNTED = {
    "object": of_object(lambda p: setattr(p.stats, "title", "x")),
    "object, deeper": of_object(lambda p: setattr(p.stats.inner, "text", "x")),
    "object, both": of_object(lambda p: (setattr(p.stats, "views", 3), setattr(p, "text", "x"))),
    "object, whole": of_object(lambda p: setattr(p, "stats", Stats(views=3))),
    "object, list": of_object(lambda p: setattr(p.parts[0], "views", 3)),
    "set": lambda s: s.query(Plain).set("stats.title", "x").execute(),
    "set, both": lambda s: s.query(Plain).set("stats.title", "x").inc("stats.views").execute(),
    "set, in a list": lambda s: s.query(Plain).set("parts.0.title", "x").execute(),
    "find_and_modify": lambda s: s.query(Plain).find_and_modify().set("text", "x").execute(),
}


@pytest.mark.parametrize("write", UNCOUNTED.values(), ids=UNCOUNTED)
def test_a_field_that_does_not_count_may_be_anywhere(safe_session, database, write):
    """Something is written, the version stays, and whoever edits the page is not stale."""
    safe_session.save(page())
    edited = safe_session.query(Plain).one()
    before = database["pages"].find_one()
    write(safe_session)

    after = database["pages"].find_one()
    assert after != before
    assert after["version"] == before["version"] == 1
    edited.text = "new"
    safe_session.update(edited)
    assert database["pages"].find_one()["version"] == 2


@pytest.mark.parametrize("write", COUNTED.values(), ids=COUNTED)
def test_what_is_beside_it_counts(safe_session, database, write):
    """Also in the same update, and where the whole is written that holds it."""
    safe_session.save(page())
    edited = safe_session.query(Plain).one()
    write(safe_session)

    assert database["pages"].find_one()["version"] == 2
    edited.text = "new"
    with pytest.raises(StaleDocumentException):
        safe_session.update(edited)


def test_an_object_asks_for_no_version_for_it(safe_session, database):
    """One that is out of date can still be counted, below as above."""
    safe_session.save(page())
    out_of_date = safe_session.query(Plain).one()
    safe_session.query(Plain).set(text="x").execute()
    out_of_date.stats.views = 3
    safe_session.update(out_of_date)

    stored = database["pages"].find_one()
    assert (stored["stats"]["views"], stored["text"], stored["version"]) == (3, "x", 2)


def test_what_is_computed_from_it_alone_does_not_count_either(safe_session, database):
    """It goes along with the counter; through another computed field, too."""
    safe_session.save(Liked())
    liked = safe_session.query(Liked).one()
    liked.likes = 3
    safe_session.update(liked)

    stored = database["pages"].find_one()
    assert (stored["score"], stored["rank"], stored["version"]) == (30, 31, 1)
    assert not Liked.score.counts_version
    liked.text = "x"
    safe_session.update(liked)
    assert database["pages"].find_one()["version"] == 2


def test_what_is_computed_from_something_else_counts(safe_session, database):
    """It is for those who edit that as well."""
    safe_session.save(page(Page))
    found = safe_session.query(Page).one()
    found.likes = 3
    safe_session.update(found)

    assert Page.mixed.counts_version
    assert database["pages"].find_one()["version"] == 2
