"""
Objects of another database or collection than the one in which their session keeps their class.

The members of the kind: an object that came by `dereference`, by a ``rel`` attribute, from another
session (loaded, saved, or pending there), out of a pickle, as a copy, after `expunge`, or as one of
a subclass with a collection of its own; and what is done with it: `save`, `add`, `insert`,
`update`, `remove`, `refresh`, `reload`, references to it, the identity map; with and without
versions, in a block, a transaction, and with a safe session or not.
"""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator
from typing import Any

import pytest
from bson import DBRef, ObjectId
from pymongo.errors import AutoReconnect, DuplicateKeyError

from ommongo import (
    Document,
    DocumentField,
    IntField,
    ListField,
    RefField,
    Session,
    SRefField,
    StringField,
    VersionField,
)
from ommongo.document import collection_registry
from ommongo.exceptions import (
    BadResultException,
    BadValueException,
    FieldNotRetrieved,
    InvalidUpdateException,
    StaleDocumentException,
)
from tests.helpers import drop_database

OID = ObjectId()


class Part(Document):
    config_collection_name = "places_parts"
    name = StringField()
    tags = ListField(StringField(), default_empty=True)
    hits = IntField(default=0, on_update="$inc")


class Sheet(Document):
    config_namespace = "tests.places"
    number = IntField(_id=True)
    text = StringField(default="")
    version = VersionField()


class Order(Document):
    config_namespace = "tests.places"
    part_ref = RefField(Part, required=False)
    part = part_ref.rel()
    part_id = SRefField(Part, required=False)
    plain = part_id.rel()


@pytest.fixture
def there(database, client) -> Iterator[Any]:
    """A second database on the same server."""
    other = client[f"{database.name}_there"]
    yield other
    drop_database(client, other.name)


@pytest.fixture
def here(make_session) -> Session:
    """A session on the test's database, in which there is a part."""
    collection_registry["global"]["places_parts"] = Part
    session = make_session(safe=True)
    session.db.places_parts.insert_one({"_id": OID, "name": "here"})
    return session


@pytest.fixture
def elsewhere(make_session, there) -> Session:
    """A session on the second database, in which there is another part with the same `_id`."""
    there.places_parts.insert_one({"_id": OID, "name": "there", "tags": [], "hits": 1})
    return make_session(there, safe=True)


def names(*sessions: Session) -> list[str | None]:
    """Give the stored names of the part in the databases of some sessions."""
    found = [session.db.places_parts.find_one({"_id": OID}) for session in sessions]
    return [one and one["name"] for one in found]


# -- where an object came from ----------------------------------------------------------------


def _by_reference(here: Session, elsewhere: Session) -> Part:
    return here.dereference(DBRef("places_parts", OID, elsewhere.db.name))


def _by_rel(here: Session, elsewhere: Session) -> Part:
    here.save(Order(part_ref=DBRef("places_parts", OID, elsewhere.db.name)))
    return here.query(Order).one().part


def _by_another_session(here: Session, elsewhere: Session) -> Part:
    return elsewhere.query(Part).one()


def _saved_by_another_session(here: Session, elsewhere: Session) -> Part:
    elsewhere.clear_collection(Part)
    part = Part(mongo_id=OID, name="there")
    elsewhere.save(part)
    return part


def _bound_anew(here: Session, elsewhere: Session) -> Part:
    part = elsewhere.query(Part).one()
    here.add_to_session(part)
    return part


def _expunged(here: Session, elsewhere: Session) -> Part:
    part = elsewhere.query(Part).one()
    elsewhere.expunge(part)
    return part


def _unpickled(here: Session, elsewhere: Session) -> Part:
    return pickle.loads(pickle.dumps(elsewhere.query(Part).one()))


def _copied(here: Session, elsewhere: Session) -> Part:
    return copy.copy(_by_reference(here, elsewhere))


def _copied_deeply(here: Session, elsewhere: Session) -> Part:
    return copy.deepcopy(_by_another_session(here, elsewhere))


def _refreshed(here: Session, elsewhere: Session) -> Part:
    return here.refresh(_by_reference(here, elsewhere))


def _reloaded(here: Session, elsewhere: Session) -> Part:
    part = _by_reference(here, elsewhere)
    here.reload(part)
    return part


def _loaded_in_part(here: Session, elsewhere: Session) -> Part:
    return elsewhere.query(Part).fields(Part.name).one()


OF_THE_SESSION = [_by_reference, _by_rel, _bound_anew, _copied, _refreshed, _reloaded]
OF_ANOTHER = [
    _by_another_session,
    _saved_by_another_session,
    _expunged,
    _unpickled,
    _copied_deeply,
    _loaded_in_part,
]


@pytest.mark.parametrize("find", [*OF_THE_SESSION, *OF_ANOTHER])
def test_it_is_updated_where_it_came_from(here, elsewhere, find):
    """An update goes to the document that was loaded, not to another one with its `_id`."""
    part = find(here, elsewhere)
    part.name = "changed"

    assert here.update(part)["n"] == 1
    assert names(here, elsewhere) == ["here", "changed"]
    assert part.get_dirty_ops() == {}


@pytest.mark.parametrize("find", [*OF_THE_SESSION, *OF_ANOTHER])
def test_it_is_removed_where_it_came_from(here, elsewhere, find):
    """A removal removes the document that was loaded."""
    part = find(here, elsewhere)

    assert here.remove(part)["n"] == 1
    assert names(here, elsewhere) == ["here", None]


@pytest.mark.parametrize("find", [*OF_THE_SESSION, *OF_ANOTHER])
def test_it_is_loaded_anew_from_where_it_came(here, elsewhere, find):
    """`refresh` and `reload` load the document that was loaded before."""
    part = find(here, elsewhere)
    elsewhere.db.places_parts.update_one({}, {"$set": {"name": "new there"}})

    assert here.refresh(part).name == "new there"
    here.reload(part)
    assert part.name == "new there"

    elsewhere.clear_collection(Part)
    with pytest.raises(BadResultException):
        here.refresh(part)


@pytest.mark.parametrize("find", OF_THE_SESSION)
@pytest.mark.parametrize("save", ["save", "add", "insert"])
@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_it_is_saved_where_its_session_found_it(here, elsewhere, find, save):
    """What a session found in another database it saves there."""
    part = find(here, elsewhere)
    part.name = "changed"
    getattr(here, save)(part)
    here.flush()

    assert names(here, elsewhere) == ["here", "changed"]
    assert part.get_dirty_ops() == {}


@pytest.mark.parametrize("find", [f for f in OF_ANOTHER if f is not _loaded_in_part])
@pytest.mark.parametrize("in_block", [False, True])
@pytest.mark.parametrize("safe", [True, False])
def test_a_copy_of_it_takes_the_place_of_no_other_document(
    here, elsewhere, database, make_session, find, in_block, safe
):
    """What another session saves of it is a new document, and the `_id` is taken."""
    session = make_session(database, safe=safe)
    part = find(here, elsewhere)
    part.name = "changed"

    with pytest.raises(InvalidUpdateException, match=r"is in .* already") as caught:
        if in_block:
            with session:
                session.save(part)
                session.save(Part(name="another one"))
        else:
            session.save(part)
    assert not isinstance(caught.value, StaleDocumentException)
    assert caught.value.document_id == OID
    assert names(here, elsewhere) == ["here", "there"]
    assert part.get_dirty_ops() == {"$set": {"name": "changed"}}


def test_copies_that_are_refused_in_a_shared_call_are_told(here, elsewhere, make_session):
    """In a call with others too, the error says what is there already, and nothing is lost."""
    elsewhere.save(Part(name="second"))
    parts = elsewhere.query(Part).ascending(Part.name).all()
    session = make_session(here.db, safe=False, atomic=False)
    with pytest.raises(InvalidUpdateException, match=r"is in .* already"), session:
        for part in parts:
            session.save(part)

    stored = sorted(one["name"] for one in here.db.places_parts.find())
    assert stored == ["here", "second"]


def test_a_partial_object_cannot_be_copied(here, elsewhere):
    """What was not retrieved cannot be stored elsewhere."""
    here.clear_collection(Part)
    with pytest.raises(FieldNotRetrieved):
        here.save(_loaded_in_part(here, elsewhere))

    assert names(here, elsewhere) == [None, "there"]


# -- known per database -----------------------------------------------------------------------


@pytest.fixture(params=["loaded", "saved"])
def part(request, here, elsewhere) -> Part:
    """A part of the second database; the first one has none."""
    here.clear_collection(Part)
    if request.param == "loaded":
        return _by_another_session(here, elsewhere)
    return _saved_by_another_session(here, elsewhere)


WRITES = {
    "save": lambda session, part: session.save(part),
    "insert": lambda session, part: session.insert(part),
    "add": lambda session, part: (session.add(part), session.flush()),
    "in a block": lambda session, part: _in_block(session, part),
    "in a transaction": lambda session, part: _in_transaction(session, part),
}


def _in_block(session: Session, part: Part) -> None:
    with session:
        session.save(part)


def _in_transaction(session: Session, part: Part) -> None:
    session.save(Part(name="the first, so that there is the collection"))
    with session.transaction():
        session.save(part)


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_a_copy_says_nothing_of_the_original(here, elsewhere, part, write):
    """What was saved to another database still has to be stored in its own."""
    part.name = "final"
    part.tags.append("a")
    WRITES[write](here, part)

    assert names(here, elsewhere) == ["final", "there"]
    assert part.get_dirty_ops() == {"$set": {"name": "final", "tags": ["a"]}}
    assert elsewhere.update(part)["nModified"] == 1
    assert names(here, elsewhere) == ["final", "final"]


def test_a_copy_is_written_again_by_who_has_stored_it(here, elsewhere, part):
    """Later saves, updates and removals of the same session are about its copy."""
    here.save(part)
    part.name = "second"
    here.save(part)
    assert names(here, elsewhere) == ["second", "there"]

    part.name, part.tags = "third", ["b"]
    assert here.update(part)["nModified"] == 1
    assert names(here, elsewhere) == ["third", "there"]
    assert here.db.places_parts.find_one()["tags"] == ["b"]

    assert here.remove(part)["n"] == 1
    assert names(here, elsewhere) == [None, "there"]
    here.save(part)
    assert names(here, elsewhere) == ["third", "there"]
    assert elsewhere.update(part)["nModified"] == 1
    assert names(here, elsewhere) == ["third", "third"]


def test_an_operator_counts_once_in_each_place(here, elsewhere, part):
    """An increment that is sent to one database is still to be sent to the other."""
    here.save(part)
    start = elsewhere.db.places_parts.find_one()["hits"]
    part.hits = 5
    here.update(part)
    assert here.db.places_parts.find_one()["hits"] == start + 5
    elsewhere.update(part)
    assert elsewhere.db.places_parts.find_one()["hits"] == start + 5
    here.update(part)

    assert here.db.places_parts.find_one()["hits"] == start + 5


def test_a_copy_shares_nothing_with_the_original(here, elsewhere, part, make_session):
    """The identity map holds the copy, and a change of one does not show in the other."""
    session = make_session(here.db, safe=True, cache_size=None)
    session.save(part)
    held = session.get(Part, OID)
    part.tags.append("original")

    assert held is not part
    assert (held.tags, held._get_session() is session) == ([], True)
    assert part._get_session() is elsewhere


def test_a_copy_that_could_not_be_stored_is_a_new_one_again(here, elsewhere, part):
    """After a refusal the next save is an insert once more, and overwrites nothing."""
    here.db.places_parts.insert_one({"_id": OID, "name": "here"})
    for _ in range(2):
        with pytest.raises(InvalidUpdateException):
            here.save(part)
    assert names(here) == ["here"]

    here.clear_collection(Part)
    here.save(part)
    assert names(here) == ["there"]


def test_a_copy_that_was_dropped_is_a_new_one_again(here, elsewhere, part):
    """What a block that failed was to copy is not stored, and is copied by the next save."""
    with pytest.raises(ValueError, match="no"), here:
        here.save(part)
        raise ValueError("no")
    assert names(here) == [None]
    here.save(part)
    assert names(here) == ["there"]


def test_a_copy_whose_fate_is_unknown_is_saved_again(here, elsewhere, part, fail_command):
    """After a lost connection the copy may be there: the next save replaces it."""
    client = here.db.client
    with fail_command("insert", times=2, closeConnection=True), pytest.raises(AutoReconnect):
        here.save(part)
    client.admin.command("ping")
    part.name = "later"
    here.save(part)
    assert names(here, elsewhere) == ["later", "there"]


def test_versions_are_counted_in_each_place(make_session, database, there):
    """The version of a copy is its own, and so is what makes it stale."""
    here, backup = make_session(safe=True), make_session(there, safe=True)
    here.save(Sheet(number=1, text="draft"))
    sheet = here.query(Sheet).one()
    for text in ("a", "b"):
        sheet.text = text
        here.update(sheet)
    backup.save(sheet)
    assert (sheet.version, there.Sheet.find_one()["version"]) == (3, 1)

    sheet.text = "c"
    backup.save(sheet)
    assert (sheet.version, there.Sheet.find_one()["version"]) == (3, 2)
    here.update(sheet)
    assert database.Sheet.find_one() == {"_id": 1, "text": "c", "version": 4}

    there.Sheet.update_one({}, {"$inc": {"version": 1}})
    sheet.text = "d"
    with pytest.raises(StaleDocumentException):
        backup.save(sheet)
    assert here.update(sheet)["n"] == 1


def test_what_is_pending_in_one_database_is_no_part_of_another(make_session, database, there):
    """A new object belongs to the session that has it in its queue first."""
    here, backup = make_session(safe=True), make_session(there, safe=True)
    part = Part(name="new")
    here.add(part)
    backup.save(part)
    assert (database.places_parts.count_documents({}), there.places_parts.count_documents({})) == (
        0,
        1,
    )
    here.flush()
    part.name = "changed"
    here.update(part)
    assert database.places_parts.find_one()["name"] == "changed"
    assert there.places_parts.find_one()["name"] == "new"


@pytest.mark.parametrize("leave", ["drop", "remove", "expunge"])
def test_what_is_stored_nowhere_is_as_new_everywhere(make_session, database, there, leave):
    """An object that was dropped or removed belongs to no database any more."""
    here, other = make_session(safe=True), make_session(there, safe=True)
    part = Part(name="new")
    here.add(part)
    if leave == "drop":
        here.clear_queue()
    elif leave == "expunge":
        here.expunge(part)
    else:
        here.remove(part)
    other.save(part)
    part.name = "changed"
    other.update(part)

    assert database.places_parts.count_documents({}) == 0
    assert there.places_parts.find_one()["name"] == "changed"


def test_two_sessions_of_one_database_share_an_object(make_session, database):
    """Within a database an object belongs to every session."""
    one, two = make_session(safe=True), make_session(safe=True)
    part = Part(name="a")
    one.save(part)
    part.name = "b"
    two.update(part)
    assert part._get_session() is two
    part.name = "c"
    one.save(part)
    two.remove(part)

    assert database.places_parts.count_documents({}) == 0


def test_a_second_client_of_one_server_leads_to_the_same_place(make_session, database, server):
    """What matters is the database, not the client that leads to it."""
    one = make_session(safe=True)
    one.save(Part(name="a"))
    part = one.query(Part).one()
    with server.client(appname="another client") as client:
        two = make_session(client[database.name], safe=True)
        part.name = "b"
        two.save(part)
        assert part._get_session() is two
        assert part.get_dirty_ops() == {}
        one.add_to_session(part)

    assert database.places_parts.find_one()["name"] == "b"


def test_an_object_of_another_server_is_not_written_through_this_one(
    make_session, database, standalone
):
    """A session does not reach the other server; a copy can be saved here."""
    with standalone.client() as client:
        far = make_session(client[database.name], safe=True)
        far.save(Part(mongo_id=OID, name="far"))
        part = far.query(Part).one()
        here = make_session(safe=True)
        part.name = "changed"
        for call in (here.update, here.remove, here.refresh, here.reload):
            with pytest.raises(InvalidUpdateException, match="another client"):
                call(part)
        here.save(part)
        assert names(here, far) == ["changed", "far"]
        far.update(part)
        assert names(here, far) == ["changed", "changed"]
        far.clear_collection(Part)


# -- collections ------------------------------------------------------------------------------


class Base(Document):
    config_namespace = "tests.places.polymorphic"
    config_collection_name = "places_bases"
    config_polymorphic = "kind"
    config_polymorphic_identity = "base"
    kind = StringField()
    text = StringField(default="")


class Special(Base):
    config_collection_name = "places_specials"
    config_polymorphic_identity = "special"


LOADS = {
    "all": lambda session: session.query(Base).all()[0],
    "one": lambda session: session.query(Base).one(),
    "iteration": lambda session: next(iter(session.query(Base))),
    "partial": lambda session: session.query(Base).fields("text").one(),
    "find_and_modify": lambda session: (
        session.query(Base).find_and_modify(new=True).set(Base.text, "stored").execute()
    ),
}


@pytest.mark.parametrize("load", LOADS)
@pytest.mark.parametrize("cache_size", [0, None])
def test_an_object_of_a_subclass_belongs_to_the_collection_it_came_from(
    make_session, database, load, cache_size
):
    """A subclass may have a collection of its own, and objects in that of its base."""
    session = make_session(safe=True, cache_size=cache_size)
    database.places_bases.insert_one({"_id": OID, "kind": "special", "text": "stored"})
    database.places_specials.insert_one({"_id": OID, "kind": "special", "text": "another"})
    special = LOADS[load](session)
    assert type(special) is Special
    special.text = "changed"
    session.update(special)
    assert session.refresh(special).text == "changed"
    assert database.places_bases.find_one()["text"] == "changed"
    session.remove(special)

    assert database.places_bases.count_documents({}) == 0
    assert database.places_specials.find_one()["text"] == "another"


def test_a_reference_into_a_collection_of_another_name_leads_back_there(make_session, database):
    """The registry may give a class for a collection that is not its own."""
    collection_registry["global"]["places_archive"] = Part
    session = make_session(safe=True, cache_size=None)
    database.places_archive.insert_one({"_id": OID, "name": "old"})
    database.places_parts.insert_one({"_id": OID, "name": "own"})
    part = session.dereference(DBRef("places_archive", OID))
    part.name = "changed"
    session.save(part)

    assert database.places_archive.find_one()["name"] == "changed"
    assert database.places_parts.find_one()["name"] == "own"
    assert session.dereference(part.to_ref()) is part
    assert session.get(Part, OID).name == "own"


# -- the identity map, and references ---------------------------------------------------------


def test_the_identity_map_holds_it_under_its_own_place(make_session, here, elsewhere):
    """Objects of two databases with one `_id` are both held, whatever is done with one of them."""
    session = make_session(here.db, safe=True, cache_size=None)
    own, other = session.get(Part, OID), _by_reference(session, elsewhere)
    other.name = "changed"
    session.save(other)
    assert session.get(Part, OID) is own
    assert _by_reference(session, elsewhere) is other
    session.cache_write(other)
    assert session.get(Part, OID) is own
    session.expunge(other)
    assert session.get(Part, OID) is own
    assert len(session.cache) == 1
    session.remove(_by_reference(session, elsewhere))
    assert session.get(Part, OID) is own
    assert _by_reference_or_none(session, elsewhere) is None


def _by_reference_or_none(session: Session, elsewhere: Session) -> Any:
    return session.dereference(DBRef("places_parts", OID, elsewhere.db.name), allow_none=True)


@pytest.mark.parametrize("find", [*OF_THE_SESSION, *OF_ANOTHER])
def test_a_reference_to_it_keeps_its_database(here, elsewhere, find):
    """What is assigned to a reference is found by that reference."""
    order = Order()
    here.add_to_session(order)
    order.part = find(here, elsewhere)
    here.save(order)

    stored = here.db.Order.find_one({"_id": order.mongo_id})
    assert stored["part_ref"] == DBRef("places_parts", OID, elsewhere.db.name)
    assert here.query(Order).filter(Order.mongo_id == order.mongo_id).one().part.name == "there"


@pytest.mark.parametrize("find", OF_THE_SESSION)
def test_a_reference_of_an_order_that_is_bound_to_nothing_keeps_the_database(here, elsewhere, find):
    """The object knows its database; where the order will be stored nobody does."""
    order = Order()
    order.part = find(here, elsewhere)

    assert order.part_ref == DBRef("places_parts", OID, elsewhere.db.name)


def test_a_reference_within_a_database_names_none(here, elsewhere):
    """What is stored stays as it was for documents of one database."""
    part = _by_another_session(here, elsewhere)
    order = Order(part_ref=part.to_ref())
    elsewhere.save(order)
    order.part = part
    assert order.part_ref == DBRef("places_parts", OID)
    order.plain = part
    assert order.part_id == OID


def test_an_id_alone_cannot_refer_into_another_database(here, elsewhere):
    """The reference would lead to another document with the same `_id`."""
    order = Order()
    here.add_to_session(order)
    with pytest.raises(BadValueException, match="part_id keeps an id alone"):
        order.plain = _by_reference(here, elsewhere)
    assert "part_id" not in order.__dict__


class Note(Document):
    config_namespace = "tests.places"
    author_id = SRefField(Part, required=False)
    author = author_id.rel()


class Letter(Document):
    config_namespace = "tests.places"
    config_collection_name = "places_letters"
    number = IntField(_id=True)
    part_ref = RefField(Part)
    part = part_ref.rel()
    part_id = SRefField(Part)
    plain = part_id.rel()
    part_ids = ListField(SRefField(Part))
    parts = part_ids.rel()
    note = DocumentField(Note)
    notes = ListField(DocumentField(Note))


FOLLOWED = {
    "reference": lambda letter: letter.part,
    "id": lambda letter: letter.plain,
    "list": lambda letter: letter.parts[0],
    "embedded": lambda letter: letter.note.author,
    "embedded in a list": lambda letter: letter.notes[0].author,
}

LETTERS = {
    "dereferenced": lambda here, there: here.dereference(DBRef("places_letters", 1, there.db.name)),
    "refreshed": lambda here, there: here.refresh(there.query(Letter).one()),
    "reloaded": lambda here, there: _reloaded_letter(here, there),
    "bound": lambda here, there: _bound_letter(here, there),
}


def _reloaded_letter(here: Session, there: Session) -> Letter:
    letter = here.dereference(DBRef("places_letters", 1, there.db.name))
    here.reload(letter)
    return letter


def _bound_letter(here: Session, there: Session) -> Letter:
    letter = there.query(Letter).one()
    here.add_to_session(letter)
    return letter


@pytest.mark.parametrize("find", LETTERS)
@pytest.mark.parametrize("follow", FOLLOWED)
def test_what_it_refers_to_is_looked_up_in_its_database(here, elsewhere, find, follow):
    """A reference that names no database is one within that of the object."""
    collection_registry["global"]["places_letters"] = Letter
    note = {"author_id": OID}
    elsewhere.db.places_letters.insert_one(
        {
            "_id": 1,
            "part_ref": DBRef("places_parts", OID),
            "part_id": OID,
            "part_ids": [OID],
            "note": note,
            "notes": [note],
        }
    )
    letter = LETTERS[find](here, elsewhere)
    found = FOLLOWED[follow](letter)
    assert found.name == "there"
    found.name = "changed"
    here.save(found)

    assert names(here, elsewhere) == ["here", "changed"]


def test_a_field_with_a_database_takes_what_is_stored_there(here, elsewhere):
    """The database that a field declares is the one that its objects are in."""

    class Line(Document):
        config_namespace = None
        there_id = SRefField(Part, db=elsewhere.db.name, required=False)
        there = there_id.rel()
        part_ref = RefField(Part, db=here.db.name, required=False)
        part = part_ref.rel()

    line = Line()
    line.there = _by_reference(here, elsewhere)
    assert line.there_id == OID
    with pytest.raises(BadValueException, match="refers into the database"):
        line.part = _by_reference(here, elsewhere)


def test_a_versioned_class_says_of_a_taken_id_what_others_say(make_session, there):
    """A copy with a version is inserted too; a new object keeps the error of the server."""
    here, backup = make_session(safe=True), make_session(there, safe=True)
    for session in (here, backup):
        session.save(Sheet(number=1))
    with pytest.raises(InvalidUpdateException, match=r"is in .* already"):
        backup.save(here.query(Sheet).one())
    with pytest.raises(DuplicateKeyError):
        backup.save(Sheet(number=1))
