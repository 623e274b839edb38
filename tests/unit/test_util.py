"""The small things every room uses: `UNSET`, `classproperty`, `resolve_name`."""

from __future__ import annotations

import copy
import pickle

import pytest

from ommongo import util
from ommongo.exceptions import FieldNotFoundException
from ommongo.util import UNSET, classproperty, resolve_name
from tests.models import User


def test_unset_equals_itself():
    """`UNSET` is the one mark for *no value*."""
    assert UNSET == UNSET


@pytest.mark.parametrize("other", [None, 0, "", False, (), "UNSET", object()])
def test_unset_equals_nothing_else(other):
    """Nothing that could be a value is taken for *no value*."""
    assert UNSET != other
    assert (UNSET == other) is False


def test_unset_stays_the_same_object_when_copied():
    """There is only one `UNSET`, also after a copy of what holds it."""
    assert copy.copy(UNSET) is UNSET
    assert copy.deepcopy([UNSET])[0] is UNSET


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_unset_stays_the_same_object_when_pickled(protocol):
    """There is only one `UNSET`, also after it travelled between processes."""
    assert pickle.loads(pickle.dumps(UNSET, protocol)) is UNSET


def test_unset_stays_one_when_its_class_is_called():
    """Calling the class of `UNSET` makes no second mark."""
    assert type(UNSET)() is UNSET


def test_unset_shows_its_name():
    """A signature or a message with `UNSET` in it can be read."""
    assert repr(UNSET) == "UNSET"


def test_unset_is_hashable():
    """`UNSET` can be looked for in a set."""
    assert UNSET in {UNSET}


def test_classproperty_reads_on_the_class():
    """A method of the class reads as an attribute of the class."""

    class Shelf:
        @classproperty
        def label(cls):
            return cls.__name__.lower()

    assert Shelf.label == "shelf"


def test_classproperty_reads_on_an_instance():
    """An instance gives what its class gives."""

    class Shelf:
        @classproperty
        def label(cls):
            return cls.__name__.lower()

    assert Shelf().label == "shelf"


def test_classproperty_asks_the_class_it_is_read_on():
    """A subclass is passed itself, not its base."""

    class Shelf:
        @classproperty
        def label(cls):
            return cls.__name__.lower()

    class BookShelf(Shelf):
        pass

    assert BookShelf.label == "bookshelf"


def test_resolve_name_finds_a_field():
    """A Python name gives the query field of that name."""
    assert str(resolve_name(User, "name")) == "name"


def test_resolve_name_gives_the_stored_name():
    """The query field that is found knows its stored name."""
    assert str(resolve_name(User, "nick")) == "n"


def test_resolve_name_walks_into_embedded_documents():
    """A dotted name reaches into an embedded document, by stored names."""
    assert str(resolve_name(User, "address.zip")) == "address.z"


def test_resolve_name_gives_a_query_field_back():
    """A query field may stand where a name may."""
    assert resolve_name(User, User.age) is User.age


@pytest.mark.parametrize("name", ["naem", "address.town", "age.years", "naem.x", "", "name.", "."])
def test_resolve_name_refuses_what_is_no_field(name):
    """An unknown name raises, and the message has the name and the class."""
    with pytest.raises(FieldNotFoundException) as caught:
        resolve_name(User, name)

    assert repr(name) in str(caught.value) or name in str(caught.value)
    assert "User" in str(caught.value)
    assert caught.value.name == name


@pytest.mark.parametrize("name", ["get_fields", "config_namespace", "wrap", "__class__"])
def test_resolve_name_refuses_attributes_that_are_no_fields(name):
    """Methods and settings of a class are not mistaken for fields."""
    with pytest.raises(FieldNotFoundException):
        resolve_name(User, name)


def test_the_exception_is_the_one_of_the_tree():
    """`util.FieldNotFoundException` is the class of `ommongo.exceptions`."""
    assert util.FieldNotFoundException is FieldNotFoundException
