"""Each kind of `Index`: what the server has after it was ensured."""

from __future__ import annotations

import pytest
from bson import ObjectId
from pymongo.collation import Collation
from pymongo.errors import DuplicateKeyError, OperationFailure

from ommongo import (
    DateTimeField,
    DictField,
    Document,
    DocumentField,
    GeoField,
    Index,
    IntField,
    ListField,
    StringField,
)
from ommongo.document import BadIndexException
from tests.helpers import note_of


class Place(Document):
    """A document to be embedded, with stored names of its own."""

    city = StringField(db_field="c")
    zip = StringField(required=False)


def indexes(session, cls):
    """Ensure the indexes of *cls* and give what the server has, without that of ``_id``."""
    session.ensure_indexes(cls)
    found = session.db[cls.get_collection_name()].index_information()
    assert found.pop("_id_")["key"] == [("_id", 1)]
    return found


def make(*declared, **fields):
    """Make a class with the usual fields and *declared* indexes."""
    body = {
        "i": IntField(required=False),
        "j": IntField(required=False, db_field="jj"),
        "text": StringField(required=False),
        "title": StringField(required=False, db_field="t"),
        "at": DateTimeField(required=False),
        "point": GeoField(required=False),
        "place": DocumentField(Place, required=False, db_field="p"),
        "places": ListField(DocumentField(Place), required=False),
        "meta": DictField(StringField(), required=False, db_field="m"),
        **fields,
    }
    names = {f"index_{number}": index for number, index in enumerate(declared)}
    return type("Indexed", (Document,), {**body, **names})


def test_an_ascending_index(session):
    """`ascending` makes an index in ascending order, named as pymongo names it."""
    assert indexes(session, make(Index().ascending("i")))["i_1"]["key"] == [("i", 1)]


def test_a_descending_index(session):
    """`descending` makes an index in descending order."""
    assert indexes(session, make(Index().descending("i")))["i_-1"]["key"] == [("i", -1)]


def test_a_compound_index_has_its_fields_in_the_declared_order(session):
    """Chaining makes one index of several fields, with the name that pymongo would give."""
    found = indexes(session, make(Index().ascending("i").descending("j")))

    assert found["i_1_jj_-1"]["key"] == [("i", 1), ("jj", -1)]
    assert len(found) == 1


def test_several_indexes_of_a_class(session):
    """Every declared index is created."""
    found = indexes(session, make(Index().ascending("i"), Index().descending("j")))

    assert set(found) == {"i_1", "jj_-1"}


def test_a_python_name_means_the_stored_name(session):
    """An attribute name is turned into the name in the database."""
    assert indexes(session, make(Index().ascending("title")))["t_1"]["key"] == [("t", 1)]


def test_a_stored_name_may_be_used_too(session):
    """A stored name means itself."""
    assert indexes(session, make(Index().ascending("t")))["t_1"]["key"] == [("t", 1)]


def test_a_dotted_name_reaches_into_an_embedded_document(session):
    """Each part of a dotted Python name is turned into its stored name."""
    found = indexes(session, make(Index().ascending("place.city")))

    assert found["p.c_1"]["key"] == [("p.c", 1)]


def test_a_dotted_stored_name_may_be_used_too(session):
    """A dotted name may be the stored one throughout."""
    assert indexes(session, make(Index().ascending("p.c")))["p.c_1"]["key"] == [("p.c", 1)]


def test_a_dotted_name_reaches_into_embedded_documents_of_a_list(session):
    """The items of a list are reached as an embedded document is."""
    found = indexes(session, make(Index().ascending("places.city")))

    assert found["places.c_1"]["key"] == [("places.c", 1)]


def test_the_field_itself_may_be_used(session):
    """In a class body, where the name is not bound to a class yet, the field stands for itself."""

    class ByField(Document):
        number = IntField(db_field="n")
        other = IntField()
        both = Index().ascending(number).descending(other)

    assert indexes(session, ByField)["n_1_other_-1"]["key"] == [("n", 1), ("other", -1)]


def test_the_id_may_be_part_of_an_index(session):
    """`mongo_id` is a name like any other."""
    found = indexes(session, make(Index().ascending("i").ascending("mongo_id")))

    assert found["i_1__id_1"]["key"] == [("i", 1), ("_id", 1)]


@pytest.mark.parametrize("name", ["nothing", "place.nothing", "i.nothing", "nothing.city"])
def test_a_name_that_resolves_to_nothing_is_refused_when_ensured(session, name):
    """An unknown name raises `BadIndexException` that tells it, and nothing is created."""
    cls = make(Index().ascending(name))

    with pytest.raises(BadIndexException, match=name):
        session.ensure_indexes(cls)
    assert session.db.list_collection_names() == []


def test_an_index_of_nothing_is_refused_when_ensured(session):
    """An index that names no field raises `BadIndexException`."""
    with pytest.raises(BadIndexException):
        session.ensure_indexes(make(Index().unique()))


def test_a_name_of_python_and_stored_parts_is_never_taken_for_another_field(session):
    """A dotted name whose parts are of both kinds means the field, or is refused."""
    try:
        found = indexes(session, make(Index().ascending("place.c")))
    except BadIndexException:
        return
    assert found["p.c_1"]["key"] == [("p.c", 1)]


def test_a_name_that_resolves_to_nothing_is_refused_by_the_first_write(session):
    """A write that ensures indexes fails before anything is written."""
    cls = make(Index().ascending("nothing"))

    with pytest.raises(BadIndexException, match="nothing"):
        session.save(cls(i=1))
    assert session.db["Indexed"].count_documents({}) == 0


def test_a_unique_index_refuses_duplicates(safe_session):
    """`unique` lets the server refuse a second document of the same value."""
    cls = make(Index().ascending("i").unique())

    assert indexes(safe_session, cls)["i_1"]["unique"] is True
    safe_session.save(cls(i=1))
    with pytest.raises(DuplicateKeyError):
        safe_session.save(cls(i=1))


def test_an_index_that_is_not_unique_allows_duplicates(session):
    """Without `unique` the server takes any number of documents of one value."""
    assert not indexes(session, make(Index().ascending("i")))["i_1"].get("unique")


def test_drop_dups_is_refused(session):
    """`drop_dups=True` is gone from servers; the message tells what to do instead."""
    with pytest.raises(BadIndexException, match=r"[Dd]uplicates"):
        session.ensure_indexes(make(Index().ascending("i").unique(drop_dups=True)))


def test_a_haystack_index_is_refused(session):
    """`geo_haystack` is gone from servers; the message tells what to use instead."""
    with pytest.raises(BadIndexException, match="geo2d"):
        session.ensure_indexes(make(Index().geo_haystack("point", 5).ascending("i")))
    assert session.db.list_collection_names() == []


def test_an_expiring_index(session):
    """`expire` sets the time to live in seconds."""
    found = indexes(session, make(Index().ascending("at").expire(3600)))

    assert found["at_1"]["expireAfterSeconds"] == 3600


def test_an_index_that_expires_at_once(session):
    """0 seconds is a time to live too: at that date."""
    found = indexes(session, make(Index().ascending("at").expire(after=0)))

    assert found["at_1"]["expireAfterSeconds"] == 0


def test_a_geo2d_index(session):
    """`geo2d` makes a flat geographic index."""
    found = indexes(session, make(Index().geo2d("point")))["point_2d"]

    assert found["key"] == [("point", "2d")]
    assert "min" not in found
    assert "max" not in found


def test_the_bounds_of_a_geo2d_index(session):
    """`min` and `max` bound the coordinates, 0 included."""
    found = indexes(session, make(Index().geo2d("point", min=0, max=500)))["point_2d"]

    assert (found["min"], found["max"]) == (0, 500)


def test_a_geo2d_index_with_a_second_field(session):
    """A geographic index may have further fields."""
    found = indexes(session, make(Index().geo2d("point").ascending("i")))

    assert found["point_2d_i_1"]["key"] == [("point", "2d"), ("i", 1)]


def test_a_geo2dsphere_index(session):
    """`geo2dsphere` makes a spherical geographic index."""
    found = indexes(session, make(Index().geo2dsphere("point")))

    assert found["point_2dsphere"]["key"] == [("point", "2dsphere")]


def test_a_text_index(session):
    """`text` makes one text index of all its fields, by stored name."""
    (found,) = indexes(session, make(Index().text("text", "title"))).values()

    assert dict(found["weights"]) == {"text": 1, "t": 1}


def test_the_weights_of_a_text_index(session):
    """`weights` are given by Python name, and kept by stored name."""
    index = Index().text("text", "title", weights={"title": 10})
    (found,) = indexes(session, make(index)).values()

    assert dict(found["weights"]) == {"text": 1, "t": 10}


def test_the_language_of_a_text_index(session):
    """`default_language` is the language of the words."""
    index = Index().text("text", default_language="dutch")
    (found,) = indexes(session, make(index)).values()

    assert found["default_language"] == "dutch"


def test_a_hashed_index(session):
    """`hashed` makes an index of hashes."""
    found = indexes(session, make(Index().hashed("title")))

    assert found["t_hashed"]["key"] == [("t", "hashed")]


def test_a_wildcard_index_of_the_whole_document(session):
    """`wildcard` without a name indexes every field."""
    (found,) = indexes(session, make(Index().wildcard())).values()

    assert found["key"] == [("$**", 1)]


def test_a_wildcard_index_below_a_field(session):
    """`wildcard` with a name indexes what is below that field."""
    (found,) = indexes(session, make(Index().wildcard("meta"))).values()

    assert found["key"] == [("m.$**", 1)]


def test_a_name_for_an_index(session):
    """`name` is the server's name for the index."""
    found = indexes(session, make(Index(name="by_number").ascending("i")))

    assert found["by_number"]["key"] == [("i", 1)]


def test_a_sparse_index(session):
    """`sparse` leaves out documents without the field."""
    assert indexes(session, make(Index(sparse=True).ascending("i")))["i_1"]["sparse"] is True


def test_a_partial_index_by_a_dict(session):
    """`partial` may be a dict, with Python names as in a query."""
    found = indexes(session, make(Index(partial={"j": {"$gt": 5}}).ascending("i")))

    assert found["i_1"]["partialFilterExpression"] == {"jj": {"$gt": 5}}


def test_a_partial_index_by_stored_names(session):
    """A dict of stored names means itself."""
    found = indexes(session, make(Index(partial={"jj": {"$gt": 5}}).ascending("i")))

    assert found["i_1"]["partialFilterExpression"] == {"jj": {"$gt": 5}}


def test_a_partial_index_by_an_expression(session):
    """`partial` may be a query expression, with the query fields of another class or of `Q`."""

    class Measured(Document):
        size = IntField(db_field="s")

    class Partial(Measured):
        number = IntField()
        big = Index(partial=Measured.size > 5).ascending("number")

    found = indexes(session, Partial)

    assert found["number_1"]["partialFilterExpression"] == {"s": {"$gt": 5}}


@pytest.mark.parametrize(
    "collation",
    [{"locale": "nl", "strength": 2}, Collation("nl", strength=2)],
    ids=["dict", "object"],
)
def test_an_index_with_a_collation(session, collation):
    """`collation` compares text by the rules of a language."""
    found = indexes(session, make(Index(collation=collation).ascending("text")))["text_1"]

    assert (found["collation"]["locale"], found["collation"]["strength"]) == ("nl", 2)


def test_a_hidden_index(session):
    """`hidden` keeps the query planner from using the index."""
    assert indexes(session, make(Index(hidden=True).ascending("i")))["i_1"]["hidden"] is True


def test_options_and_methods_go_together(session):
    """Options of the constructor and of the chain make one index."""
    index = Index(name="young", sparse=True).ascending("at").unique().expire(60)
    found = indexes(session, make(index))["young"]

    assert found["key"] == [("at", 1)]
    assert (found["sparse"], found["unique"], found["expireAfterSeconds"]) == (True, True, 60)


def test_ensure_creates_one_index(database):
    """`Index.ensure` creates the index in the collection that it is given."""
    cls = make(Index().ascending("i"), Index().ascending("title"))
    list(cls.get_indexes())[1].ensure(database["elsewhere"])

    assert set(database["elsewhere"].index_information()) == {"_id_", "t_1"}


def test_ensuring_twice_changes_nothing(session):
    """An index that is there is left as it is."""
    cls = make(Index().ascending("i").unique(), Index().text("text"))

    assert indexes(session, cls) == indexes(session, cls)


def test_a_subclass_has_the_indexes_of_its_base_class(session):
    """Inherited indexes are created in the subclass's own collection."""

    class Base(Document):
        i = IntField()
        by_i = Index().ascending("i")

    class Derived(Base):
        j = IntField()
        by_j = Index().ascending("j")

    assert set(indexes(session, Derived)) == {"i_1", "j_1"}
    assert set(indexes(session, Base)) == {"i_1"}


def test_get_indexes_of_a_session_tells_what_the_server_has(session):
    """`Session.get_indexes` is the driver's `index_information` of the collection."""
    cls = make(Index().ascending("i"))
    session.ensure_indexes(cls)

    assert session.get_indexes(cls) == session.db["Indexed"].index_information()


def test_an_index_that_conflicts_with_another_one_is_told(safe_session, database):
    """An index of the same name and other options is the server's error, naming class and index."""
    database["Indexed"].create_index([("i", 1)])
    cls = make(Index().ascending("i").unique())

    with pytest.raises(OperationFailure) as caught:
        safe_session.save(cls(i=1, mongo_id=ObjectId()))
    assert "Indexed" in note_of(caught.value)
    assert "i_1" in note_of(caught.value)
