"""
Misspelt names: the message asks whether the one that is like it was meant.

A letter too few, too many, another one, two in the wrong order, capitals, underscores; where a
document is made and loaded, in conditions by keyword, by text and by dict, in projections and
sorts, on query fields, in updates, in indexes; in the class, in what is embedded in it, in lists
and below keys, by attribute name and by stored name.

Nouns have the article that they sound with, and one thing is no plural.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import ommongo
from ommongo import (
    DictField,
    Document,
    DocumentField,
    Index,
    IntField,
    KVField,
    ListField,
    Session,
    SRefField,
    StringField,
    TupleField,
)
from ommongo._spelling import suggestion
from ommongo.exceptions import (
    BadIndexException,
    BadQueryException,
    ExtraValueException,
    FieldNotFoundException,
    UnknownKeyException,
)
from ommongo.query import Query
from ommongo.query_expression import flatten
from ommongo.util import resolve_name


class Place(Document):
    config_namespace = None

    street = StringField()
    postal_code = StringField(db_field="zip_code")


class Lamp(Document):
    config_namespace = None

    watts = IntField(default=1)
    made_by = StringField(db_field="maker")
    place = DocumentField(Place)
    places = ListField(DocumentField(Place))
    rooms = DictField(DocumentField(Place))
    keyed = KVField(StringField(), DocumentField(Place))


@pytest.mark.parametrize(
    "name", ["wats", "wattss", "watss", "wtats", "Watts", "WATTS", "wat_ts", "_watts", "vatts"]
)
def test_what_is_like_a_name(name):
    """One slip, or another habit of writing, does not hide what was meant."""
    assert suggestion(name, ["place", "watts", "made_by"]) == " Did you mean 'watts'?"


@pytest.mark.parametrize("name", ["", "_", "x", "colour", "ß", "w" * 10_000, 3, None])
def test_what_is_like_no_name(name):
    """Nothing is guessed that nobody would have meant."""
    assert suggestion(name, ["place", "watts", "made_by"]) == ""


def test_there_are_no_names():
    """Where there is nothing, nothing was meant."""
    assert suggestion("watts", []) == ""


NAMES = {
    "wats": "watts",
    "madeBy": "made_by",
    "place.stret": "street",
    "place.postalcode": "postal_code",
    "places.stret": "street",
    "rooms.hall.stret": "street",
    "keyed.v.stret": "street",
    "plaice.street": "place",
}


@pytest.mark.parametrize(("name", "meant"), NAMES.items())
def test_a_dotted_name(name, meant):
    """The part that is none is told, and what it may have meant; not that it is none."""
    with pytest.raises(FieldNotFoundException) as caught:
        resolve_name(Lamp, name)

    text = str(caught.value)
    assert text.startswith(f"Lamp has no field {name!r}")
    assert f"Did you mean {meant!r}?" in text
    assert "is none" not in text
    if "." in name:
        misspelt = next(part for part in name.split(".") if part not in ("place", "places"))
        assert misspelt in text
    assert caught.value.name == name


@pytest.mark.parametrize(
    ("name", "meant"), [*NAMES.items(), ("makr", "maker"), ("place.zip_cod", "zip_code")]
)
def test_a_key_of_a_raw_dict(session_alone, name, meant):
    """A dict may have stored names too, so these may be meant."""
    for ask in (
        lambda: session_alone.query(Lamp).filter({name: 1}),
        lambda: session_alone.query(Lamp).filter({"$or": [{name: 1}]}),
        lambda: session_alone.query(Lamp).not_({name: 1}),
    ):
        with pytest.raises(FieldNotFoundException, match=rf"Did you mean '{meant}'\?"):
            ask()


@pytest.fixture
def session_alone(client):
    """A session that sends nothing."""
    return Session(client["ommongo_spelling"])


ASKING = {
    "filter_by": lambda query: query.filter_by(wats=1),
    "in_": lambda query: query.in_("wats", 1),
    "sort": lambda query: query.sort(("wats", 1)),
    "ascending": lambda query: query.ascending("wats"),
    "fields": lambda query: query.fields("wats"),
    "set": lambda query: query.set("wats", 1),
    "set by keyword": lambda query: query.set(wats=1),
    "inc": lambda query: query.inc("wats", 1),
    "filter_dict": lambda query: query.filter_dict({"wats": 1}),
    "filter_like": lambda query: query.filter_like(wats="a"),
}


@pytest.mark.parametrize("ask", ASKING.values(), ids=ASKING)
def test_a_name_in_a_query_or_an_update(session_alone, ask):
    """Wherever a field is named, it is the same message."""
    with pytest.raises(FieldNotFoundException, match=r"Did you mean 'watts'\?"):
        ask(session_alone.query(Lamp))


@pytest.mark.parametrize(
    "ask",
    [
        lambda: Lamp.place.stret,
        lambda: Lamp.places.stret,
        lambda: Lamp.place.stret == "a",
        lambda: Lamp.keyed.v.Street,
    ],
)
def test_an_attribute_of_a_query_field(ask):
    """What is embedded has fields, and one of them was meant."""
    with pytest.raises(BadQueryException, match=r"Did you mean 'street'\?"):
        ask()


def test_items_of_a_list():
    """So it is in a condition on the items."""
    with pytest.raises(FieldNotFoundException, match=r"Did you mean 'street'\?"):
        flatten({"$or": [Lamp.places.elem_match({"stret": "a"})]})


@pytest.mark.parametrize("name", ["wats", "makr", "place.zip_cod", "places.stret"])
def test_an_index(name):
    """An index is declared by names too."""
    declared = Index().ascending(name)
    with pytest.raises(BadIndexException, match=rf"names .*'{name}'.* Did you mean '\w+'\?"):
        declared.specification(Lamp)


def test_a_value_of_a_new_document():
    """A keyword that is no field may be one with a slip in it."""
    with pytest.raises(ExtraValueException, match=r"Lamp has no field 'wats'\. Did you mean"):
        Lamp(wats=40)


def test_a_key_of_a_stored_document():
    """What is stored is compared with the stored names."""
    with pytest.raises(UnknownKeyException, match=r"Did you mean 'maker'\?"):
        Lamp.unwrap({"makre": "a"})


# "Give" + end of line + a name is no article before a name of ours, nor is a word that is known.
_BARE = re.compile(r"\b[aA] \{(?:type\(|\w+\.__name__|kind|name\b)")


def test_every_article_is_asked_for():
    """No message has a fixed article before the name of a class, which may begin with a vowel."""
    root = Path(ommongo.__file__).parent
    found = [
        f"{path.relative_to(root)}: {line.strip()}"
        for path in root.rglob("*.py")
        for line in path.read_text().splitlines()
        if _BARE.search(line) and "A {type(self).__name__} cannot be copied" not in line
    ]

    assert found == []


@pytest.mark.parametrize(
    ("say", "words"),
    [
        (lambda: ListField(StringField(min_length=1)).wrap([""]), "at least 1 character, not"),
        (lambda: StringField(max_length=1).wrap("ab"), "at most 1 character, not of 2"),
        (lambda: StringField(max_length=0).wrap("ab"), "at most 0 characters, not of 2"),
        (lambda: ListField(IntField(), max_capacity=1).wrap([1, 2]), "at most 1 item, not of 2"),
        (lambda: TupleField(IntField()).wrap([]), "of 1 value, and"),
        (lambda: SRefField(Place).wrap(IntField), "takes Place or its _id"),
        (lambda: Query(Author_, None).inc(Author_.places, 1), "is a ListField"),
        (lambda: Query(Author_, None).append(Author_.age, 1), "is an IntField"),
        (lambda: Author_(5), "given an int without"),
        (lambda: Query(Author_, None).filter_by(pk=1), "id of an Author_ is"),
        (lambda: SRefField(Author_).wrap(Place(mongo_id="0" * 24)), "Refer to an Author_"),
    ],
)
def test_words_in_messages(say, words):
    """A reader stumbles over *1 characters* and *a IntField*."""
    with pytest.raises(Exception, match=re.escape(words)):
        say()


class Author_(Document):
    config_namespace = None
    age = IntField(required=False)
    places = ListField(StringField(), required=False)
