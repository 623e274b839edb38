"""
No `_id` and no reference acts as an operator or a pattern.

Values: `BAD`. Ways in: constructors, assignments, simple references, references, lists and dicts of
these, documents as ids (by their extra fields), comparisons. Ways out, for a value that came in by
another way (changed in place, stored by somebody else, an object made by hand): every command that
names an `_id`.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from bson import DBRef, ObjectId, Regex

from ommongo import (
    AnythingField,
    DictField,
    Document,
    DocumentField,
    IntField,
    ListField,
    RefField,
    Session,
    SRefField,
    StringField,
)
from ommongo.exceptions import BadReferenceException, BadValueException

NS = "tests.untrusted.ids"

BAD: dict[str, Any] = {
    "operator": {"$gt": ""},
    "operators": {"$gt": "", "$exists": True},
    "mixed": {"a": 1, "$gt": ""},
    "deeper": {"a": {"$gt": ""}},
    "in_a_list": {"a": [{"$gt": ""}]},
    "pattern": re.compile(""),
    "bson_pattern": Regex(""),
    "half_a_reference": {"$ref": "a"},
    "reference_with_more": {"$ref": "a", "$id": 1, "$gt": ""},
}


class Open(Document):
    config_namespace = NS
    config_collection_name = "open"

    key = AnythingField(_id=True)
    v = IntField(required=False)


class Key(Document):
    config_namespace = NS
    config_extra_fields = "ignore"

    name = StringField(required=False)


class Compound(Document):
    config_namespace = NS
    config_collection_name = "open"

    key = DocumentField(Key, _id=True)


class Holder(Document):
    config_namespace = NS

    simple = SRefField(Open, required=False)
    simple_target = simple.rel(allow_none=True)
    many = ListField(SRefField(Open), required=False)
    named = DictField(SRefField(Open), required=False)
    ref = RefField(Open, required=False)
    target = ref.rel(allow_none=True)
    refs = ListField(RefField(), required=False)
    targets = refs.rel(ignore_missing=True)


STORED = [{"_id": "a", "v": 1}, {"_id": "b", "v": 2}]


@pytest.fixture(params=BAD)
def bad(request) -> Any:
    """A value that the server might obey."""
    return BAD[request.param]


@pytest.fixture
def two(database) -> Any:
    """A database with two documents."""
    database["open"].insert_many([{**each} for each in STORED])
    return database


def test_an_id_that_the_server_might_obey_is_refused(bad):
    """In constructors and assignments, with a message that does not show it."""
    with pytest.raises(BadValueException, match=r"Open.key is an _id, and got one that is a patt"):
        Open(key=bad)
    document = Open(key="a")
    with pytest.raises(BadValueException):
        document.key = bad

    assert document.key == "a"


def test_a_document_as_an_id_is_judged_by_all_that_it_holds():
    """Extra fields are stored with it."""
    with pytest.raises(BadValueException):
        Compound(key=Key(**{"$gt": ""}))
    assert Compound(key=Key(name="a")).wrap() == {"_id": {"name": "a"}}


@pytest.mark.parametrize(
    "make",
    [
        lambda bad: Holder(simple=bad),
        lambda bad: Holder(many=["a", bad]),
        lambda bad: Holder(named={"x": bad}),
        lambda bad: Holder(ref=DBRef("open", bad)),
        lambda bad: Holder(refs=[DBRef("open", bad)]),
        lambda bad: Holder.simple == bad,
        lambda bad: Holder.simple.in_("a", bad),
        lambda bad: Holder.ref == DBRef("open", bad),
        lambda bad: Holder.many.all_(bad),
    ],
    ids=["simple", "list", "dict", "ref", "list_of_refs", "==", "in_", "== ref", "all_"],
)
def test_a_reference_that_the_server_might_obey_is_refused(make, bad):
    """Assigned, and compared with."""
    with pytest.raises(BadValueException):
        make(bad)


def made_by_hand(bad: Any) -> Any:
    """Give an object with an id that no field has judged."""
    document = Open(key="x", v=9)
    document.__dict__["key"] = bad
    return document


ACTS = {
    "save": lambda s, o: s.save(o),
    "update": lambda s, o: s.update(o),
    "upsert": lambda s, o: s.update(o, upsert=True),
    "remove": lambda s, o: s.remove(o),
    "refresh": lambda s, o: s.refresh(o),
    "reload": lambda s, o: s.reload(o),
    "session.get": lambda s, o: s.get(Open, o.key),
    "query.get": lambda s, o: s.query(Open).get(o.key),
    "raw get": lambda s, o: s.query("open").get(o.key),
}


@pytest.mark.parametrize("mode", ["safe", "unsafe", "block", "transaction"])
@pytest.mark.parametrize("act", ACTS)
def test_an_id_is_compared_with_and_not_obeyed(two, act, mode, bad):
    """Whatever comes of it, no other document is written, removed or loaded."""
    session, found = Session(two, safe=mode != "unsafe"), None
    try:
        if mode == "block":
            with session:
                found = ACTS[act](session, made_by_hand(bad))
        elif mode == "transaction":
            with session.transaction():
                found = ACTS[act](session, made_by_hand(bad))
        else:
            found = ACTS[act](session, made_by_hand(bad))
    except Exception:
        session.clear_queue()

    assert not isinstance(found, (Open, dict)) or "n" in found
    assert [each for each in two["open"].find() if each["_id"] in ("a", "b")] == STORED


def test_an_id_that_was_changed_in_place_is_not_obeyed(two):
    """A dict that was fine when it came."""
    session = Session(two, safe=True)
    document = Open(key={"a": 1})
    document.key.clear()
    document.key["$gt"] = ""

    assert session.remove(document)["n"] == 0
    assert two["open"].count_documents({}) == 2


FOLLOWING = {
    "dereference": lambda s, h, bad: s.dereference(DBRef("open", bad), allow_none=True),
    "simple": lambda s, h, bad: h.simple_target,
    "ref": lambda s, h, bad: h.target,
    "list": lambda s, h, bad: h.targets,
}


@pytest.mark.parametrize("way", FOLLOWING)
def test_a_reference_is_followed_to_one_document_at_most(two, commands, way, bad):
    """A stored reference that the server would obey leads to an error, and is not asked for."""
    session = Session(two, safe=True, cache_size=None)
    holder = Holder()
    session.add_to_session(holder)
    reference = DBRef("open", bad)
    holder.__dict__.update(simple=bad, ref=reference, refs=[reference, DBRef("open", "a")])
    commands.clear()

    with pytest.raises(BadReferenceException, match="No _id is like that"):
        FOLLOWING[way](session, holder, bad)
    assert commands.names() == []


def test_what_was_stored_by_others_can_be_loaded(two):
    """A bad reference hides no document: what holds it is loaded, and can be mended."""
    two["Holder"].insert_one({"ref": DBRef("open", {"$gt": ""}), "simple": {"$gt": ""}})
    session = Session(two, safe=True)
    holder = session.query(Holder).one()
    holder.ref, holder.simple = DBRef("open", "a"), "b"
    session.update(holder)

    assert session.query(Holder).one().target.v == 1
    assert session.query(Holder).one().simple_target.v == 2


@pytest.mark.parametrize(
    "key",
    ["a", 1, ObjectId(b"0" * 12), {"a": 1}, {"a": re.compile("x")}, DBRef("x", 1), b"x"],
    ids=repr,
)
def test_ids_that_the_server_stores_are_taken(session, key):
    """Dicts, references and patterns inside of dicts are values as any other."""
    document = Open(key=key, v=1)
    session.save(document)
    document.v = 2
    session.update(document)
    document.v = 3
    session.save(document)

    assert session.refresh(document).v == 3
    assert session.query(Open).get(key).v == 3
    assert session.query(Open).filter(Open.key == key).count() == 1
    assert session.remove(document)["n"] == 1
