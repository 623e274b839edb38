"""Declaring indexes: by chaining, by every kind of name."""

from __future__ import annotations

import pytest

from ommongo import Document, DocumentField, GeoField, Index, IntField, StringField
from ommongo.document import BadIndexException
from ommongo.exceptions import OmMongoException

STEPS = {
    "ascending": lambda index: index.ascending("a"),
    "descending": lambda index: index.descending("a"),
    "geo2d": lambda index: index.geo2d("a"),
    "geo2d with bounds": lambda index: index.geo2d("a", min=0, max=10),
    "geo_haystack": lambda index: index.geo_haystack("a", 5),
    "unique": lambda index: index.unique(),
    "unique without drop_dups": lambda index: index.unique(drop_dups=False),
    "expire": lambda index: index.ascending("a").expire(60),
    "expire by name": lambda index: index.ascending("a").expire(after=60),
    "geo2dsphere": lambda index: index.geo2dsphere("a"),
    "text": lambda index: index.text("a", "b"),
    "text with options": lambda index: index.text("a", weights={"a": 2}, default_language="none"),
    "hashed": lambda index: index.hashed("a"),
    "wildcard": lambda index: index.wildcard(),
    "wildcard below": lambda index: index.wildcard("a"),
}


@pytest.mark.parametrize("step", STEPS)
def test_every_method_gives_the_index_for_chaining(step):
    """Each method of an index returns that index."""
    index = Index()

    assert STEPS[step](index) is index


def test_the_options_of_an_index_are_keyword_only():
    """A value without a name could mean any of the options."""
    with pytest.raises(TypeError):
        Index("my_name")


def test_an_index_takes_its_options():
    """All options may be given together where the server allows it."""
    Index(name="i", sparse=True, hidden=True, collation={"locale": "id"})
    Index(partial={"age": {"$gt": 3}})


def test_an_index_of_an_unknown_name_is_no_error_when_declared():
    """Names are looked up when the index is first ensured, so later classes may be named."""

    class Early(Document):
        late = DocumentField("LateIndexed", required=False)
        number = Index().ascending("late.number").descending("nothing")

    class LateIndexed(Document):
        number = IntField()

    assert len(list(Early.get_indexes())) == 1


def test_indexes_are_not_stored():
    """An index in a class body is no field."""

    class Indexed(Document):
        name = StringField()
        place = GeoField(required=False)
        by_name = Index().ascending(name)
        by_place = Index().geo2d(place)

    assert set(Indexed.get_fields()) == {"mongo_id", "name", "place"}
    assert Indexed(name="a").wrap() == {"name": "a"}


def test_bad_index_exception_is_the_librarys_own():
    """`BadIndexException` is caught with all others of the library."""
    assert issubclass(BadIndexException, OmMongoException)


@pytest.mark.parametrize("after", [-1, 2**31, 1.5, "60", None, True])
def test_a_time_to_live_that_no_server_takes_is_refused(after):
    """`expire` takes whole seconds that the server can hold."""
    with pytest.raises(BadIndexException):
        Index().ascending("a").expire(after)


def test_a_text_index_of_nothing_is_refused():
    """`text` needs a field."""
    with pytest.raises(BadIndexException):
        Index().text()
