"""
A stored document that its class cannot load is named by the error, and hides no other.

Members of the kind, by who refuses the document: a field (alone, in a list, a dict, a tuple, an
entry, an embedded document), a key that is no field's, at any depth, a validator, a field or a hook
of the application (`transform_incoming`, `__init__`, `get_subclass`). By how it is loaded:
iterating, `all`, `first`, `one`, an index, a slice, `get`, in part, `refresh`, `reload`,
`dereference`, the `rel` attributes, find-and-modify, with and without an identity map, in a
transaction. (Dates: `test_dates_that_python_has_not`.)
"""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import Any

import pytest
from bson import DBRef, ObjectId, encode
from bson.raw_bson import RawBSONDocument

from ommongo import (
    AnythingField,
    DictField,
    Document,
    DocumentField,
    IntField,
    KVField,
    ListField,
    RefField,
    SetField,
    SRefField,
    StringField,
    TupleField,
)
from ommongo.exceptions import (
    BadDocumentException,
    BadQueryException,
    BadValueException,
    ExtraValueException,
    UnknownKeyException,
)
from ommongo.fields import Field
from tests.helpers import note_of

SPACE = "tests.bad_documents"


class Inner(Document):
    config_namespace = SPACE

    n = IntField(required=False, db_field="i")


class PickyField(IntField):
    """An application's field that expects what it gets."""

    def unwrap(self, value: Any, session: Any = None) -> Any:
        return super().unwrap(value["number"], session)


def _shorter_than_5(value: Any) -> bool:
    return len(value) < 5


class Member(Document):
    config_namespace = SPACE
    config_collection_name = "members"

    name = StringField()
    inner = DocumentField(Inner, required=False)
    inners = ListField(DocumentField(Inner), required=False)
    numbers = ListField(IntField(), required=False)
    by_name = DictField(DocumentField(Inner), required=False)
    by_key = KVField(IntField(), IntField(), required=False)
    pair = TupleField(IntField(), StringField(), required=False)
    chosen = SetField(IntField(), required=False)
    short = AnythingField(validator=_shorter_than_5, required=False)
    picky = PickyField(required=False)
    picked = ListField(PickyField(), required=False)
    text = StringField(required=False)


class Migrated(Document):
    config_namespace = SPACE
    config_collection_name = "members"

    name = StringField()
    inner = DocumentField(Inner, required=False)

    @classmethod
    def transform_incoming(cls, obj: dict[str, Any], session: Any) -> dict[str, Any]:
        obj["name"] = obj.pop("label")["text"]
        obj.get("inner", {}).clear()
        return obj


class Made(Document):
    config_namespace = SPACE
    config_collection_name = "members"

    name = StringField()

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        if self.name == "refused":
            raise RefusedError


class RefusedError(ValueError):
    """What an application raises."""


class Chosen(Document):
    config_namespace = SPACE
    config_collection_name = "members"

    name = StringField()

    @classmethod
    def get_subclass(cls, obj: Any) -> Any:
        return {"a": None}[obj["name"]]


class Follower(Document):
    config_namespace = SPACE
    config_collection_name = "followers"

    one = RefField(Member, required=False)
    member = one.rel()
    ids = ListField(SRefField(Member), required=False)
    members = ids.rel()


# What is stored beside a good name, the path to what is wrong, and the type that came.
BAD = {
    "field": ({"name": 5}, "Member.name", 5),
    "embedded": ({"inner": 5}, "Member.inner", 5),
    "in an embedded one": ({"inner": {"i": "x"}}, "Member.inner.n", "x"),
    "in a list": ({"numbers": [1, "x"]}, "Member.numbers[1]", "x"),
    "in an item": ({"inners": [{}, {"i": "x"}]}, "Member.inners[1].n", "x"),
    "in a dict": ({"by_name": {"a": {"i": "x"}}}, "Member.by_name['a'].n", "x"),
    "in an entry": ({"by_key": [{"k": 1, "v": "x"}]}, "Member.by_key[0].v", "x"),
    "in a tuple": ({"pair": [1, 2]}, "Member.pair[1]", 2),
    "in a set": ({"chosen": ["x"]}, "Member.chosen[0]", "x"),
    "validator": ({"short": "longer"}, "Member.short", "longer"),
    "validator that fails": ({"short": 5}, "Member.short", 5),
    "own field": ({"picky": "x"}, "Member.picky", "x"),
    "own field in a list": ({"picked": [{"number": 1}, 5]}, "Member.picked[1]", 5),
    "key": ({"other": 5}, "Member.other", 5),
    "key below": ({"inner": {"other": 5}}, "Member.inner.other", 5),
    "key in an item": ({"inners": [{"other": 5}]}, "Member.inners[0].other", 5),
}

LOAD = {
    "iterating": lambda session, id: [*session.query(Member)],
    "all": lambda session, id: session.query(Member).all(),
    "first": lambda session, id: session.query(Member).descending("mongo_id").first(),
    "one": lambda session, id: session.query(Member).filter(Member.mongo_id == id).one(),
    "index": lambda session, id: session.query(Member).descending("mongo_id")[0],
    "index of a result": lambda session, id: iter(session.query(Member).descending("mongo_id"))[0],
    "slice": lambda session, id: session.query(Member)[0:5],
    "get of a query": lambda session, id: session.query(Member).get(id),
    "get": lambda session, id: session.get(Member, id),
    "refresh": lambda session, id: session.refresh(Member(mongo_id=id)),
    "reload": lambda session, id: session.reload(Member(mongo_id=id)),
    "dereference": lambda session, id: Follower(one=DBRef("members", id)),
    "find_and_modify": lambda session, id: (
        session.query(Member)
        .filter(Member.mongo_id == id)
        .find_and_modify()
        .set(Member.text, "t")
        .execute()
    ),
}


def _stored(session: Any, **bad: Any) -> ObjectId:
    """Store a good, a bad and another good document."""
    first, last, bad_id = ObjectId(), ObjectId(), ObjectId()
    session.db["members"].insert_many(
        [
            {"_id": first, "name": "Ani"},
            {"_id": last, "name": "Citra"},
            {"_id": bad_id, "name": "Budi", **bad},
        ]
    )
    return bad_id


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("fields", [None, ["name", *BAD["in a set"][0], "inner", "inners"]])
def test_the_error_names_the_document_and_the_path(session, name, fields):
    """Collection, _id, path and what came are in the text and among the attributes."""
    bad, path, value = BAD[name]
    query = session.query(Member)
    if fields is not None:
        query = query.fields(*fields)
        bad_name = next(iter(bad))
        if bad_name not in (*fields, "name"):
            query = (
                query.fields(bad_name) if bad_name in Member.get_fields() else session.query(Member)
            )
    bad_id = _stored(session, **bad)

    with pytest.raises(BadDocumentException) as caught:
        query.all()

    error = caught.value
    assert (error.name, error.value) == (path, value)
    assert (error.document_class, error.document_id, error.collection) == (
        "Member",
        bad_id,
        "members",
    )
    assert error.raw["_id"] == bad_id
    assert error.raw[next(iter(bad))] == next(iter(bad.values()))
    for told in (path, repr(bad_id), "'members'", type(value).__name__):
        assert told in str(error)
    assert isinstance(error, ExtraValueException) == path.endswith("other")


def test_the_text_has_no_value(session):
    """What is private stays out of the text, also what an application's own error says."""
    _stored(session, picky="s3cret", by_name={"a": {"i": "s3cret"}})

    with pytest.raises(BadDocumentException) as caught:
        session.query(Member).all()

    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("cache_size", [0, 10])
@pytest.mark.parametrize("way", LOAD)
def test_every_way_of_loading_names_the_document(make_session, way, cache_size):
    """However the document is loaded, the error says which it is."""
    session = make_session(cache_size=cache_size)
    bad_id = _stored(session, numbers=["x"])

    with pytest.raises(BadDocumentException) as caught:
        loaded = LOAD[way](session, bad_id)
        if way == "dereference":
            session.add_to_session(loaded)
            loaded.member

    error = caught.value
    assert (error.name, error.document_id, error.collection, error.raw["numbers"]) == (
        "Member.numbers[0]",
        bad_id,
        "members",
        ["x"],
    )


def test_what_a_list_of_references_names_is_loaded_so_too(session):
    """Reading a `rel` attribute of several references names the one that cannot be loaded."""
    bad_id = _stored(session, numbers=["x"])
    follower = Follower(ids=[doc["_id"] for doc in session.db["members"].find()])
    session.add_to_session(follower)

    with pytest.raises(BadDocumentException) as caught:
        follower.members

    assert caught.value.document_id == bad_id


def test_the_collection_is_the_one_that_was_read(session):
    """A reference may name another collection than that of the class."""
    session.db["others"].insert_one({"_id": 1, "n": 1})

    class Thing(Document):
        config_namespace = "global"
        config_collection_name = "others"
        key = IntField(_id=True)

    with pytest.raises(BadDocumentException) as caught:
        session.dereference(DBRef("others", 1))

    assert (caught.value.collection, caught.value.document_class) == ("others", "Thing")


def test_loading_in_a_transaction_names_it(session):
    """So does a query inside a transaction, which can go on."""
    bad_id = _stored(session, numbers=["x"])

    with session.transaction():
        with pytest.raises(BadDocumentException) as caught:
            session.query(Member).all()
        assert session.query(Member).filter(Member.name == "Ani").one().name == "Ani"

    assert caught.value.document_id == bad_id


@pytest.mark.parametrize("with_identity_map", [False, True])
def test_iterating_goes_on_behind_a_bad_document(make_session, with_identity_map):
    """The next step gives the next document."""
    session = make_session(cache_size=10 if with_identity_map else 0)
    session.db["members"].insert_many(
        [{"name": "Ani"}, {"name": 5}, {"name": "Citra"}, {"name": 6}]
    )
    result, names, bad = iter(session.query(Member)), [], 0

    while True:
        try:
            names.append(next(result).name)
        except BadDocumentException:
            bad += 1
        except StopIteration:
            break

    assert (names, bad) == (["Ani", "Citra"], 2)


# -- what an application does with it ---------------------------------------------------------


@pytest.mark.parametrize("stored", [{}, {"label": 5}, {"label": {"no": 1}}])
def test_what_a_hook_raises_names_the_document(session, stored):
    """A hook that expected another form is told of with the document as it is stored."""
    stored = {**stored, "inner": {"i": 1}}
    id = session.db["members"].insert_one({**stored}).inserted_id

    with pytest.raises(BadDocumentException) as caught:
        session.query(Migrated).all()

    assert caught.value.document_id == id
    assert caught.value.raw == {"_id": id, **stored}
    assert caught.value.cause is caught.value.__cause__


def test_the_document_is_told_as_it_is_stored_and_not_as_the_hook_made_it(session):
    """`raw` is what has to be corrected, at any depth."""
    stored = {"_id": 1, "label": {"text": 5}, "inner": {"i": 5}}
    session.db["members"].insert_one({**stored})

    with pytest.raises(BadDocumentException) as caught:
        session.query(Migrated).all()

    assert (caught.value.name, caught.value.raw) == ("Migrated.mongo_id", stored)


def test_what_a_constructor_raises_names_the_document(session):
    """So does what `__init__` raises when it is called with what is stored."""
    id = session.db["members"].insert_one({"name": "refused"}).inserted_id

    with pytest.raises(BadDocumentException) as caught:
        session.query(Made).all()

    assert caught.value.document_id == id
    assert isinstance(caught.value.cause, RefusedError)


def test_what_chooses_the_subclass_may_fail_too(session):
    """So does what an application's `get_subclass` raises."""
    id = session.db["members"].insert_one({"name": "b"}).inserted_id

    with pytest.raises(BadDocumentException) as caught:
        session.query(Chosen).all()

    assert caught.value.document_id == id


class Interrupted(Exception):
    """What a signal handler raises; it is not about the data."""


def test_what_is_not_about_the_data_is_raised_as_it_is(session):
    """A time limit that passes while loading is no bad document, and is never left out."""

    class SlowField(Field):
        def validate_unwrap(self, value):
            raise Interrupted

        unwrap = lambda self, value, session=None: self.validate_unwrap(value)  # noqa: E731

    class Slow(Document):
        config_namespace = SPACE
        config_collection_name = "members"
        name = SlowField()

    session.db["members"].insert_one({"name": "a"})

    with pytest.raises(Interrupted):
        session.query(Slow).on_error("skip").all()


def test_input_is_told_from_what_is_stored(session):
    """What a visitor sent is no stored document."""
    with pytest.raises(BadValueException) as caught:
        Member(name=5)

    assert not isinstance(caught.value, BadDocumentException)


def test_an_unknown_key_is_both(session):
    """Applications that look for the one or the other find it."""
    session.db["members"].insert_one({"name": "Ani", "other": 1})

    with pytest.raises(UnknownKeyException) as caught:
        session.query(Member).one()

    assert "has no field stored as 'other'" in str(caught.value)
    assert "config_extra_fields" in str(caught.value)


@pytest.mark.parametrize("kind", ["changed", "removed"])
def test_find_and_modify_says_that_it_was_carried_out(make_session, kind):
    """The write is done when its object cannot be made, and the error says so."""
    session = make_session(cache_size=10)
    bad_id = _stored(session, numbers=["x"])
    change = session.query(Member).filter(Member.mongo_id == bad_id)
    change = change.find_and_modify(remove=kind == "removed")
    if kind == "changed":
        change = change.set(Member.text, "t")

    with pytest.raises(BadDocumentException) as caught:
        change.execute()

    assert f"It was {kind}" in note_of(caught.value)
    stored = session.db["members"].find_one(bad_id)
    assert (stored or {}).get("text") == ("t" if kind == "changed" else None)


# -- what the driver cannot decode --------------------------------------------------------------


def _store_no_text(session: Any, count: int = 1) -> ObjectId:
    """Store some good documents, and behind these one with text that is none."""
    collection = session.db["members"]
    collection.insert_many([{"name": f"n{number}"} for number in range(count)])
    id = ObjectId()
    raw = encode({"_id": id, "name": "a??", "short": "s3cret"}).replace(b"??", b"\xff\xff")
    collection.insert_one(RawBSONDocument(raw))
    collection.insert_one({"name": "last"})
    return id


@pytest.mark.parametrize(
    "load",
    [
        lambda query: query.all(),
        lambda query: [*query],
        lambda query: query.skip(1).first(),
        lambda query: query[1],
        lambda query: query[0:5],
        lambda query: query.fields("name").all(),
        lambda query: query.query_bypass({"short": "s3cret"}, raw_output=False).one(),
    ],
)
def test_text_that_is_none_is_told_of_its_document(session, load):
    """The driver gives up the whole batch; the error says which document it was."""
    id = _store_no_text(session)

    with pytest.raises(BadDocumentException, match="no UTF-8") as caught:
        load(session.query(Member))

    error = caught.value
    assert (error.document_id, error.name, error.collection) == (id, "Member.name", "members")
    assert "s3cret" not in str(error)


def bound(session, document):
    """Bind a document to a session."""
    session.add_to_session(document)
    return document


@pytest.mark.parametrize(
    "load",
    [
        lambda session, id: session.refresh(Member(mongo_id=id)),
        lambda session, id: session.reload(Member(mongo_id=id)),
        lambda session, id: session.get(Member, id),
        lambda session, id: bound(session, Follower(one=DBRef("members", id))).member,
        lambda session, id: bound(session, Follower(ids=[ObjectId(), id])).members,
    ],
    ids=["refresh", "reload", "get", "reference", "references"],
)
def test_text_that_is_none_where_one_document_is_read(session, load):
    """So it is where a document is read by its ``_id``, and by a reference."""
    id = _store_no_text(session)

    with pytest.raises(BadDocumentException, match="no UTF-8") as caught:
        load(session, id)

    assert caught.value.document_id == id
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("options", [{}, {"new": True}, {"remove": True}])
def test_text_that_is_none_in_find_and_modify(session, options):
    """What find-and-modify did is told with the document, and is done once."""
    id = _store_no_text(session)
    update = session.query(Member).filter(Member.mongo_id == id).find_and_modify(**options)
    if not options.get("remove"):
        update.set(Member.numbers, [7])

    with pytest.raises(BadDocumentException, match="no UTF-8") as caught:
        update.execute()

    assert caught.value.document_id == id
    assert "only its object" in note_of(caught.value)
    found = session.db["members"].count_documents({"_id": id, "numbers": [7]})
    assert found == (0 if options.get("remove") else 1)


@pytest.mark.parametrize("count", [1, 150])
@pytest.mark.parametrize("cache_size", [0, 300])
def test_iterating_goes_on_behind_such_a_document_too(make_session, count, cache_size):
    """In the first batch and in a later one: each document is given once."""
    session = make_session(cache_size=cache_size)
    _store_no_text(session, count)
    result, names, bad = iter(session.query(Member)), [], 0

    while True:
        try:
            names.append(next(result).name)
        except BadDocumentException:
            bad += 1
        except StopIteration:
            break

    assert (names, bad) == ([*(f"n{number}" for number in range(count)), "last"], 1)
    assert next(result.rewind()).name == next(result.clone()).name == "n0"


@pytest.mark.parametrize("action", ["skip", "collect"])
@pytest.mark.parametrize("count", [1, 150])
@pytest.mark.parametrize("limit", [0, 152])
def test_a_listing_goes_past_it(session, action, count, limit):
    """With a limit, which counts it."""
    id = _store_no_text(session, count)

    found = session.query(Member).on_error(action).limit(limit).all()

    assert len(found) == count + 1
    assert [error.document_id for error in found.errors] == ([id] if action == "collect" else [])


# -- on_error -----------------------------------------------------------------------------------

LISTED = {
    "iterating": lambda query: [*iter(query)],
    "all": lambda query: query.all(),
    "slice": lambda query: query[0:10],
    "one by one": lambda query: [document for document in query],  # noqa: C416
    "clone of a result": lambda query: [*iter(query).clone()],
    "part": lambda query: query.clone().fields("name", "numbers").all(),
}


@pytest.mark.parametrize("cache_size", [0, 10])
@pytest.mark.parametrize("action", ["skip", "collect"])
@pytest.mark.parametrize("way", LISTED)
def test_a_listing_goes_past_bad_documents(make_session, caplog, way, action, cache_size):
    """The others are given, in every form of a listing."""
    session = make_session(cache_size=cache_size)
    _stored(session, numbers=["x"])

    with caplog.at_level(logging.WARNING, "ommongo"):
        found = LISTED[way](session.query(Member).on_error(action))

    assert [member.name for member in found] == ["Ani", "Citra"]
    assert len(caplog.records) == (action == "skip")


def test_what_is_skipped_is_told_in_the_log(session, caplog):
    """The record says which document it is, and holds nothing of it."""
    bad_id = _stored(session, numbers=["s3cret"])

    with caplog.at_level(logging.WARNING, "ommongo"):
        session.query(Member).on_error("skip").all()

    [record] = caplog.records
    assert (record.name, record.levelname) == ("ommongo", "WARNING")
    assert repr(bad_id) in record.getMessage()
    assert "Member.numbers[0]" in record.getMessage()
    assert "s3cret" not in record.getMessage()


def test_what_is_collected_is_kept_by_the_result(session):
    """The result says why, of each document that it left out, and begins anew with `rewind`."""
    session.db["members"].insert_many([{"_id": ObjectId(), "name": n} for n in ("a", 1, "b", 2)])
    result = iter(session.query(Member).on_error("collect"))

    names = [member.name for member in result]

    assert (names, [error.value for error in result.errors]) == (["a", "b"], [1, 2])
    assert all(type(error) is BadDocumentException for error in result.errors)
    assert result.rewind().errors == []
    assert len([*result]) == len(result.errors) == 2


@pytest.mark.parametrize("listing", [lambda query: query.all(), lambda query: query[0:5]])
def test_a_list_of_all_keeps_the_errors_too(session, listing):
    """`all` and slices give a list, which has them as well."""
    session.db["members"].insert_many([{"name": n} for n in ("a", 1, "b")])

    found = listing(session.query(Member).on_error("collect"))

    assert isinstance(found, list)
    assert [error.value for error in found.errors] == [1]


def test_the_bad_ones_at_the_start_and_end_are_left_out_too(session):
    """Nothing but bad documents is an empty result."""
    session.db["members"].insert_many([{"name": 1}, {"name": 2}])

    assert session.query(Member).on_error("skip").all() == []
    assert session.query(Member).on_error("skip").first() is None


def test_to_skip_holds_for_a_single_result(session):
    """`first`, `one` and `get` look for the first that can be loaded."""
    session.db["members"].insert_many([{"name": 1}, {"name": "a"}, {"name": 2}])
    query = session.query(Member).on_error("skip")

    assert query.first().name == query.one().name == "a"
    session.db["members"].insert_one({"name": "b"})
    with pytest.raises(Exception, match="more than one result"):
        query.one()


@pytest.mark.parametrize(
    "single",
    [lambda q: q.first(), lambda q: q.one(), lambda q: q[0], lambda q: q.get(ObjectId("0" * 24))],
)
def test_to_collect_raises_where_there_is_no_place_for_errors(session, single):
    """A method that gives a single document hides nothing."""
    session.db["members"].insert_one({"_id": ObjectId("0" * 24), "name": 1})

    with pytest.raises(BadDocumentException):
        single(session.query(Member).on_error("collect"))


@pytest.mark.parametrize("action", ["skip", "collect"])
def test_an_index_means_that_document(session, action):
    """What stands in the place that was asked for is given, or raises."""
    session.db["members"].insert_many([{"name": 1}, {"name": "a"}])
    query = session.query(Member).on_error(action)

    with pytest.raises(BadDocumentException):
        query[0]
    assert query[1].name == "a"
    with pytest.raises(IndexError):
        query[2]


def test_to_raise_is_what_happens_anyway(session):
    """The default can be said, also to take another setting back."""
    session.db["members"].insert_one({"name": 1})

    with pytest.raises(BadDocumentException):
        session.query(Member).on_error("skip").on_error("raise").all()


def test_a_copy_of_a_query_has_its_own_setting(session):
    """As every setting, it belongs to one query."""
    session.db["members"].insert_one({"name": 1})
    query = session.query(Member)
    copy = query.clone().on_error("skip")

    assert copy.all() == copy.clone().all() == []
    with pytest.raises(BadDocumentException):
        query.all()


@pytest.mark.parametrize("action", ["ignore", None, "", ["skip"]])
def test_another_action_is_refused(session, action):
    """A word that means nothing is no setting."""
    with pytest.raises(BadQueryException, match="'raise', 'skip' or 'collect'"):
        session.query(Member).on_error(action)


def test_raw_results_have_nothing_to_refuse(session):
    """Dicts are given as they are."""
    session.db["members"].insert_one({"_id": 1, "name": 1})

    found = session.query(Member).on_error("skip").raw_output().all()

    assert found == [{"_id": 1, "name": 1}]


def test_what_is_left_out_stays_stored(session):
    """Looking past a document changes nothing of it."""
    bad_id = _stored(session, numbers=["x"])

    for member in session.query(Member).on_error("skip"):
        member.name += "!"
        with suppress(Exception):
            session.save(member)

    assert session.db["members"].find_one(bad_id)["name"] == "Budi"
    assert session.db["members"].count_documents({"name": {"$regex": "!$"}}) == 2
