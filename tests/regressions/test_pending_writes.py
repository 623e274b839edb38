"""What is dirty after several pending writes of an object: told by what became of each of them."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator
from datetime import datetime

import pytest
from pymongo.errors import AutoReconnect, DuplicateKeyError

from ommongo import (
    CreatedField,
    Document,
    IntField,
    ModifiedField,
    Session,
    StringField,
    VersionField,
)
from ommongo.exceptions import StaleDocumentException
from tests.link import Link, lost_after, lost_before
from tests.regressions.models import Numbered, Part, stored


class Stop(Exception):
    """What ends a block."""


class Numbers(Document):
    """A document that counts its versions."""

    config_namespace = "tests.regressions"
    config_collection_name = "numbers"

    hits = IntField(required=False, on_update="$inc")
    size = IntField(required=False)
    version = VersionField()


class Dated(Document):
    """A document that holds when it was made."""

    config_namespace = "tests.regressions"
    config_collection_name = "dated"

    name = StringField()
    created = CreatedField()


class Counted(Document):
    """A document that counts, and holds when it was changed."""

    config_namespace = "tests.regressions"
    config_collection_name = "counted"

    hits = IntField(required=False, on_update="$inc")
    modified = ModifiedField()


class Renamed(Document):
    """A document of which a name was stored otherwise once."""

    config_namespace = "tests.regressions"
    config_collection_name = "renamed"
    config_extra_fields = "ignore"

    name = StringField(required=False)
    text = StringField(required=False)

    @classmethod
    def transform_incoming(cls, obj, session):
        """Give the name its new name."""
        if "title" in obj:
            obj["name"] = obj.pop("title")
        return obj


@pytest.fixture
def link(client) -> Iterator[Link]:
    """A way to the server on which faults happen."""
    link = Link(client.address)
    yield link
    link.close()


@pytest.fixture
def losing(link, database) -> Iterator[Session]:
    """A session that goes by the link, and tries nothing twice."""
    with link.client(retryWrites=False) as client:
        yield Session(client[database.name], safe=True, auto_ensure=False)


def unsafe(database, **refused) -> Session:
    """Make a session that passes over what the server refuses, with a validator that does."""
    database.create_collection("wholes", validator=refused)
    return Session(database, safe=False, atomic=False)


# -- reloading ------------------------------------------------------------------------------------


def test_what_a_pending_save_stores_is_dirty_when_it_is_reloaded_away(safe, whole, database):
    """A value that a pending save adds, and that a reload takes out again, is dirty."""
    whole.count = 5
    with safe:
        safe.save(whole)
        safe.reload(whole)

    assert stored(database)["count"] == 5
    assert whole.get_dirty_ops()["$unset"]["count"] is True


def test_extra_fields_are_reloaded_over_a_pending_write(safe, whole, database):
    """A whole reload, while a write is pending, takes the extra fields too."""
    whole.get_extra_fields()["more"] = 1
    database.wholes.update_one({}, {"$set": {"more": 2}})
    with safe:
        safe.save(whole)
        safe.reload(whole)
    assert whole.get_extra_fields() == {"more": 2}
    safe.update(whole)

    assert stored(database)["more"] == 2


def test_a_reload_while_a_removal_is_pending_stores_nothing(safe, whole):
    """An object that was reloaded after its removal was queued is not stored when that is sent."""
    with safe:
        safe.remove(whole)
        safe.reload(whole)
    assert whole.get_dirty_ops() != {}
    safe.save(whole)

    assert safe.query(Numbered).one().name == "ada"


def test_a_reloaded_field_that_a_hook_rewrites_is_stored(safe, database):
    """What a hook made of a field is still to be stored after that field was reloaded."""
    database.renamed.insert_one({"title": "ada"})
    found = safe.query(Renamed).one()
    safe.reload(found, "name")
    safe.update(found)

    assert database.renamed.find_one({}, {"_id": False}) == {"name": "ada"}


def test_a_reload_does_not_set_back_the_version_that_is_pending(safe):
    """A reload between an update and its flush leaves the version that the update stores."""
    page = Numbers(size=1)
    safe.save(page)
    with safe:
        page.size = 2
        safe.update(page)
        safe.reload(page)
    safe.update(page)

    assert (page.version, page.size) == (3, 1)
    assert safe.query(Numbers).one().size == 1


def test_what_was_reloaded_in_a_transaction_is_as_of_after_its_writes(safe, whole, database):
    """What was written and then reloaded in a transaction is dirty when that is rolled back."""
    with pytest.raises(Stop), safe.transaction():
        whole.name = "eve"
        safe.update(whole)
        safe.reload(whole)
        raise Stop
    assert whole.get_dirty_ops() == {"$set": {"name": "eve"}}
    safe.update(whole)

    assert stored(database)["name"] == "eve"


# -- removals -------------------------------------------------------------------------------------


def test_a_document_stored_between_two_removals_is_not_stored(database):
    """An upsert that was applied between two removals leaves an object that is not stored."""
    session = Session(database, atomic=False)
    whole = Numbered(key=1, name="ada")
    session.save(whole)
    with session:
        session.remove(whole)
        session.update(whole, upsert=True)
        session.remove(whole)
    assert database.wholes.count_documents({}) == 0
    assert whole.get_dirty_ops() == {"$set": {"name": "ada", "count": 0}}


def test_increments_between_two_removals_that_were_applied(database):
    """Upserts with operators, each followed by a removal, are settled without an error."""
    session = Session(database, atomic=False)
    whole = Numbered(key=1, hits=1)
    with session:
        for _ in range(2):
            session.update(whole, upsert=True)
            session.remove(whole)

    assert database.wholes.count_documents({}) == 0
    assert whole.get_dirty_ops() != {}


def test_what_is_assigned_after_two_removals_is_dirty_when_they_are_dropped(safe, whole):
    """A value that was assigned while two removals were pending is found when both are dropped."""
    with safe:
        safe.remove(whole)
        safe.remove(whole)
        whole.count = 5
        safe.clear_queue()

    assert whole.get_dirty_ops() == {"$set": {"count": 5}}


def test_what_is_assigned_after_an_update_of_what_is_removed_is_dirty(safe, whole):
    """A value assigned behind an update, behind a removal, is found when both are rolled back."""
    with safe:
        safe.remove(whole)
        safe.update(whole)
        whole.count = 5
        safe.clear_queue()

    assert whole.get_dirty_ops() == {"$set": {"count": 5}}


def test_an_extra_field_changed_while_a_removal_is_pending_is_dirty(safe, whole, database):
    """An extra field that changed while a removal was pending is found when that was dropped."""
    database.wholes.update_one({}, {"$set": {"more": 1}})
    safe.reload(whole)
    with safe:
        safe.remove(whole)
        whole.get_extra_fields()["more"] = 2
        safe.clear_queue()

    assert whole.get_dirty_ops() == {"$set": {"more": 2}}


def test_numbers_are_no_increments_behind_a_removal_that_is_rolled_back(safe, whole, database):
    """Numbers that nobody assigned, sent behind a removal, are clean when that is rolled back."""
    with pytest.raises(StaleDocumentException), safe:
        safe.remove(whole)
        whole.name = "eve"
        safe.update(whole)
    assert whole.get_dirty_ops() == {"$set": {"name": "eve"}}
    safe.update(whole)

    assert stored(database)["hits"] == 10


def test_extra_fields_of_what_nobody_knows_are_dirty(database):
    """Where an update below failed, and an upsert stored the object, its extra fields are sent."""
    session = Session(database, atomic=False)
    whole = Numbered(key=1, name="ada")
    session.save(whole)
    with session:
        session.remove(whole)
        session.update(whole)
        session.update(whole, upsert=True)
        whole.get_extra_fields()["more"] = 1
    session.update(whole)

    assert stored(database)["more"] == 1


def test_a_time_made_by_a_save_behind_a_removal_is_not_held(safe, database):
    """The time that a save made behind a removal is gone when both did not come about."""
    database.dated.insert_one({"name": "ada"})
    dated = safe.query(Dated).one()
    with safe:
        safe.remove(dated)
        safe.save(dated)
        safe.clear_queue()

    assert "created" not in vars(dated)


# -- operators ------------------------------------------------------------------------------------


def test_an_increment_behind_a_save_of_a_new_object_adds_to_what_that_stores(safe, database):
    """The save of a new object and increments behind it, rolled back, are pending as their sum."""
    whole = Numbered(key=1, hits=1, part=Part(hits=1))
    with safe:
        safe.save(whole)
        whole.hits, whole.part.hits = 5, 5
        safe.update(whole)
        safe.clear_queue()
    safe.save(whole)

    assert (stored(database)["hits"], stored(database)["part"]["hits"]) == (6, 6)


def test_increments_around_a_save_that_is_refused_add_up(database):
    """Increments before and behind a save are all stored when each of the three was refused."""
    session = unsafe(database, hits={"$not": {"$gte": 1000}})
    session.save(Numbered(key=1, hits=10))
    whole = session.query(Numbered).one()
    with session:
        whole.hits = 1000
        session.update(whole)
        session.save(whole)
        whole.hits = 1000
        session.update(whole)
    database.command("collMod", "wholes", validator={})
    session.update(whole)

    assert stored(database)["hits"] == whole.hits == 2010


def test_what_was_assigned_is_no_argument_when_an_increment_behind_it_was_applied(database):
    """A refused save of a number, and an increment that was applied, are not counted twice."""
    session = unsafe(database, name={"$ne": "refused"})
    session.save(Numbered(key=1, name="ada", hits=10))
    whole = session.query(Numbered).one()
    with session:
        whole.name, whole.hits = "refused", 5
        session.save(whole)
        whole.name, whole.hits = "eve", 3
        session.update(whole)
    session.update(whole)

    assert stored(database)["hits"] == whole.hits == 8


def test_increments_of_which_one_was_passed_over_and_the_next_ones_not_sent_add_up(database):
    """One increment that is refused, and two behind a stale write, are all pending again."""
    database.create_collection("numbers", validator={"hits": {"$not": {"$gte": 1000}}})
    session = Session(database, safe=False, atomic=False)
    page = Numbers(hits=10)
    session.save(page)
    with pytest.raises(StaleDocumentException), session:
        for number in (1000, 1, 2):
            page.hits = number
            session.update(page)

    assert page.get_dirty_ops() == {"$inc": {"hits": 1003}}


def test_an_upserted_object_with_an_increment_inside_is_whole(safe, database):
    """After an upsert has inserted it, what an operator made inside an object is known."""
    whole = Numbered(key=1, part=Part(city="Bogor", hits=1))
    safe.update(whole, upsert=True)
    assert whole.part.hits == 1
    whole.part.city = "Depok"
    safe.save(whole)

    assert stored(database)["part"] == {"city": "Depok", "hits": 1}


# -- unknown outcomes -----------------------------------------------------------------------------


@pytest.mark.parametrize("fate", [lost_before, lost_after])
def test_an_insert_in_doubt_counts_nothing_twice(losing, link, database, fate):
    """After an insert in doubt, numbers are sent as they are: an increment might count twice."""
    whole = Numbered(key=1, hits=1, part=Part(city="Bogor", hits=1))
    link.plan(["update"], 0, [fate])
    with pytest.raises(AutoReconnect):
        losing.save(whole)
    losing.update(whole, upsert=True)

    assert (stored(database)["hits"], stored(database)["part"]["hits"]) == (1, 1)


def test_a_save_in_doubt_of_an_assigned_number_counts_it_once(losing, link, database, whole):
    """After a save in doubt, a number that was assigned is wanted as it is, and no increment."""
    found = losing.query(Numbered).one()
    found.hits = 5
    link.plan(["update"], 0, [lost_after])
    with pytest.raises(AutoReconnect):
        losing.save(found)
    losing.update(found)

    assert stored(database)["hits"] == 5


def test_what_an_insert_in_doubt_stores_is_unset_when_it_was_deleted(losing, link, database):
    """A value that was deleted while the insert of its object was pending is unset later."""
    whole = Numbered(key=1, name="ada", part=Part(city="Bogor", zip="1"))
    link.plan(["update"], 0, [lost_after])
    with pytest.raises(AutoReconnect), losing:
        losing.atomic = False
        losing.save(whole)
        del whole.name
        del whole.part.zip
    losing.update(whole)

    assert stored(database) == {"_id": 1, "part": {"city": "Bogor"}}
    assert whole.get_dirty_ops() == {}


@pytest.mark.parametrize("fate", [lost_before, lost_after])
def test_an_insert_in_doubt_of_a_versioned_object_is_tried_again_as_one(losing, link, fate):
    """A versioned object whose insert is in doubt is inserted again, and never written over."""
    page = Numbers(hits=1)
    link.plan(["insert"], 0, [fate])
    with pytest.raises(AutoReconnect):
        losing.save(page)
    with pytest.raises(StaleDocumentException):
        losing.update(page)
    if fate is lost_after:
        with pytest.raises(DuplicateKeyError):
            losing.save(page)
    else:
        losing.save(page)

    assert losing.query(Numbers).one().hits == 1


# -- others ---------------------------------------------------------------------------------------


def test_a_part_that_replaces_one_loaded_in_part_is_dirty(safe, whole, database):
    """A new embedded document is stored, also where what was loaded of the old one equals it."""
    partial = safe.query(Numbered).fields("key", "part.city").one()
    partial.part = Part(city="Bogor")
    safe.update(partial)

    assert stored(database)["part"] == {"city": "Bogor"}


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda o: pickle.loads(pickle.dumps(o))]
)
def test_a_copy_is_dirty_in_what_is_pending(safe, whole, database, copied):
    """A copy is not told what becomes of a pending write, so it is dirty in that."""
    whole.name, whole.part.hits = "eve", 5
    with safe:
        safe.update(whole)
        other = copied(whole)
        safe.clear_queue()
    safe.update(other)

    assert (stored(database)["name"], stored(database)["part"]["hits"]) == ("eve", 15)


def test_a_default_that_was_read_before_an_upsert_and_assigned_after_it_is_dirty(safe, database):
    """A default that an update has not stored is dirty once it is assigned."""
    whole = Numbered(key=1, name="ada")
    database.wholes.insert_one({"_id": 1})
    assert whole.count == 0
    safe.update(whole)
    whole.count = 0
    safe.update(whole)

    assert stored(database) == {"_id": 1, "name": "ada", "count": 0}


def test_a_field_that_the_update_of_a_new_object_ignores_is_dirty(safe, database):
    """What the update of an object that was never loaded leaves out is still to be stored."""
    whole = Numbered(key=1, name="ada", count=5)
    database.wholes.insert_one({"_id": 1})
    safe.update(whole, count="ignore")
    safe.update(whole)

    assert stored(database)["count"] == 5


@pytest.mark.parametrize("origin", ["partial", "removed"])
def test_an_object_of_which_not_all_is_known_holds_the_time_of_its_save(safe, database, origin):
    """Such a save is an update of what is set, and its time is held as that of any other."""
    database.counted.insert_one({"hits": 10, "modified": datetime(2020, 1, 1)})
    query = safe.query(Counted)
    counted = query.fields(Counted.modified).one() if origin == "partial" else query.one()
    with safe:
        if origin == "removed":  # what an operator of the upsert makes is not known
            safe.remove(counted)
            safe.update(counted, upsert=True)
        safe.save(counted)

    stored = database.counted.find_one()
    assert stored["modified"] > datetime(2020, 1, 1)
    assert counted.modified == stored["modified"]
