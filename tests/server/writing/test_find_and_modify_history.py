"""
An object that find-and-modify gives without ``new`` is what was stored before.

Reading it gives the past. What is sent of it is what was assigned since, whatever it was: by
``update`` and ``save``, alone, in a block, in a transaction, twice, after a failure, of a copy.
Members of the kind: a flag, a number, a list that was changed, a field inside an embedded document,
the whole of one, a field that was renamed or taken out, a counter with an operator of its own, an
extra field of the class's own name, versions; a partial object; one that was removed. A list that
was changed by the update and then in place cannot be known, and is refused.
"""

from __future__ import annotations

import copy
import pickle

import pytest

from ommongo import (
    BoolField,
    Document,
    DocumentField,
    IntField,
    ListField,
    ModifiedField,
    StringField,
    VersionField,
)
from ommongo.exceptions import FieldNotRetrieved, StaleDocumentException
from tests.helpers import bodies_of

NAMESPACE = "tests.server.find_and_modify_history"


class Inner(Document):
    config_namespace = NAMESPACE
    n = IntField(default=0)
    m = IntField(default=0)


class Machine(Document):
    config_namespace = NAMESPACE
    config_collection_name = "machines"
    busy = BoolField(default=False)
    runs = IntField(default=0)
    name = StringField(default="a")
    label = StringField(required=False)
    tags = ListField(StringField(), default_empty=True)
    others = ListField(IntField(), default_empty=True)
    inner = DocumentField(Inner, required=False)
    hits = IntField(default=0, on_update="$inc")


class Versioned(Document):
    config_namespace = NAMESPACE
    config_collection_name = "versioned"
    busy = BoolField(default=False)
    runs = IntField(default=0)
    modified = ModifiedField()
    version = VersionField()


@pytest.fixture
def stored(safe_session, database):
    """Store a machine; what it gives reads it."""
    safe_session.save(Machine(tags=["a"], inner=Inner(n=1, m=2), hits=7))
    return lambda: database["machines"].find_one({}, {"_id": 0})


def lock(session, cls=Machine):
    """Take the machine, and give it as it was before."""
    return session.query(cls).find_and_modify().set("busy", True).inc("runs").execute()


@pytest.mark.parametrize("write", ["update", "save"])
@pytest.mark.parametrize("place", ["alone", "block", "transaction"])
def test_what_was_assigned_is_stored_and_nothing_else(safe_session, stored, write, place):
    """Also when it is what it was before."""
    machine = lock(safe_session)
    assert (machine.busy, machine.runs, machine.get_dirty_ops()) == (False, 0, {})

    machine.busy = False
    if place == "block":
        with safe_session:
            getattr(safe_session, write)(machine)
    elif place == "transaction":
        with safe_session.transaction():
            getattr(safe_session, write)(machine)
    else:
        getattr(safe_session, write)(machine)

    assert (stored()["busy"], stored()["runs"]) == (False, 1)
    assert machine.get_dirty_ops() == {}


@pytest.mark.parametrize("write", ["update", "save"])
def test_nothing_assigned_is_nothing_sent(safe_session, stored, commands, write):
    """The past is no change, and is never written over the present."""
    machine = lock(safe_session)
    before = stored()
    commands.clear()

    getattr(safe_session, write)(machine)

    assert commands.names("update", "insert") == []
    assert stored() == before


@pytest.mark.parametrize("write", ["update", "save"])
def test_what_others_store_since_stays(safe_session, database, stored, write):
    """A save of it is no replacement."""
    machine = lock(safe_session)
    database["machines"].update_one({}, {"$set": {"name": "by another", "runs": 9}})

    machine.label = "x"
    getattr(safe_session, write)(machine)

    assert (stored()["name"], stored()["runs"], stored()["label"]) == ("by another", 9, "x")


CHANGES = {
    "unset": (lambda e: e.unset("name"), {"name": "a"}),
    "rename": (lambda e: e.rename("name", "label"), {"name": "a", "label": "b"}),
    "push": (lambda e: e.append("tags", "b"), {"tags": ["a"]}),
    "embedded": (lambda e: e.inc("inner.n"), {"inner": Inner(n=1, m=2)}),
    "whole_embedded": (lambda e: e.set("inner", Inner(n=5)), {"inner": Inner(n=1, m=2)}),
    "made": (lambda e: e.set("label", "new"), {"label": "old"}),
}


@pytest.mark.parametrize("write", ["update", "save"])
@pytest.mark.parametrize(("change", "assigned"), CHANGES.values(), ids=CHANGES)
def test_every_field_that_was_changed_can_be_set_back(
    safe_session, stored, write, change, assigned
):
    """Whatever operator has changed it."""
    machine = change(safe_session.query(Machine).find_and_modify()).execute()

    for name, value in assigned.items():
        setattr(machine, name, value)
    getattr(safe_session, write)(machine)

    wanted = {name: v.wrap() if isinstance(v, Inner) else v for name, v in assigned.items()}
    assert {name: stored()[name] for name in wanted} == wanted


def test_inside_an_embedded_document(safe_session, stored):
    """Its fields are known to differ one by one."""
    machine = safe_session.query(Machine).find_and_modify().inc("inner.n").inc("runs").execute()
    assert machine.inner.n == 1

    machine.inner.n = 1
    safe_session.update(machine)

    assert stored()["inner"] == {"n": 1, "m": 2}
    machine.inner.m = 9
    safe_session.save(machine)
    assert stored()["inner"] == {"n": 1, "m": 9}
    assert stored()["runs"] == 1


@pytest.mark.parametrize("write", ["update", "save"])
def test_a_list_of_the_past_changed_in_place_is_refused(safe_session, stored, write):
    """What to store is not known; another list may be assigned."""
    machine = safe_session.query(Machine).find_and_modify().append("tags", "b").execute()
    machine.tags.append("c")

    with pytest.raises(FieldNotRetrieved, match=r"Machine\.tags"):
        getattr(safe_session, write)(machine)

    assert stored()["tags"] == ["a", "b"]
    machine.tags = ["a", "c"]
    getattr(safe_session, write)(machine)
    assert stored()["tags"] == ["a", "c"]


def test_another_list_changed_in_place_is_a_change(safe_session, stored):
    """It was not touched by the update."""
    machine = lock(safe_session)
    machine.others.append(3)
    machine.tags.append("b")

    safe_session.save(machine)

    assert (stored()["others"], stored()["tags"], stored()["runs"]) == ([3], ["a", "b"], 1)


def test_a_field_that_is_taken_out(safe_session, stored):
    """It is taken out of what is stored."""
    machine = safe_session.query(Machine).find_and_modify().set("name", "b").execute()
    del machine.name

    safe_session.save(machine)

    assert "name" not in stored()


def test_an_operator_of_its_own(safe_session, stored):
    """It works on what is stored."""
    machine = safe_session.query(Machine).find_and_modify().inc("hits").execute()
    machine.hits = 2

    safe_session.update(machine)

    assert stored()["hits"] == 10


def test_after_a_failure_it_is_sent_again(safe_session, stored):
    """What was assigned is still known to differ."""
    machine = lock(safe_session)
    machine.busy = False
    with pytest.raises(ValueError, match="no"), safe_session:
        safe_session.update(machine)
        raise ValueError("no")

    assert stored()["busy"] is True
    safe_session.save(machine)
    assert (stored()["busy"], stored()["runs"]) == (False, 1)


@pytest.mark.parametrize(
    "make", [copy.copy, copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))]
)
def test_a_copy_is_history_too(safe_session, stored, make):
    """It knows what its original knows."""
    machine = make(lock(safe_session))
    machine.busy = False

    safe_session.save(machine)

    assert (stored()["busy"], stored()["runs"]) == (False, 1)


def test_it_does_not_get_into_the_identity_map(make_session, stored):
    """A save of it does not make it what others are given."""
    session = make_session(safe=True, cache_size=10)
    machine = lock(session)
    machine.label = "x"

    session.save(machine)

    fresh = session.query(Machine).one()
    assert fresh is not machine
    assert (fresh.busy, fresh.runs, fresh.label) == (True, 1, "x")


def test_reloaded_it_is_the_present(safe_session, stored):
    """Then it is an object as any other."""
    machine = lock(safe_session)

    safe_session.reload(machine)
    machine.busy = True

    assert (machine.runs, machine.get_dirty_ops()) == (1, {})
    safe_session.save(machine)
    assert stored()["runs"] == 1


def test_reloaded_in_part_it_is_the_present_in_part(safe_session, stored):
    """The rest stays the past."""
    machine = lock(safe_session)

    safe_session.reload(machine, "busy")
    machine.busy, machine.runs = True, 0
    safe_session.save(machine)

    assert (stored()["busy"], stored()["runs"]) == (True, 0)


def test_a_part_of_the_past(safe_session, stored):
    """A partial object sends what was assigned, too."""
    query = safe_session.query(Machine).fields("busy", "name")
    machine = query.find_and_modify().set("busy", True).execute()
    machine.busy = False

    safe_session.save(machine)

    assert (stored()["busy"], stored()["tags"]) == (False, ["a"])


class TestVersions:
    """A version is a value as any other, and that of before."""

    @pytest.mark.parametrize("write", ["update", "save"])
    def test_it_has_the_version_of_what_it_shows(self, safe_session, database, write):
        """So a write of it is out of date, and nothing is written."""
        safe_session.save(Versioned())
        machine = lock(safe_session, Versioned)
        machine.busy = False
        before = database["versioned"].find_one()

        with pytest.raises(StaleDocumentException):
            getattr(safe_session, write)(machine)

        assert machine.version == 1
        assert database["versioned"].find_one() == before

    def test_without_a_count(self, safe_session, database):
        """A change that does not count leaves the version."""
        safe_session.save(Versioned())
        query = safe_session.query(Versioned).find_and_modify()
        machine = query.set("busy", True).execute(bump_version=False)

        machine.busy = False
        safe_session.update(machine)

        assert database["versioned"].find_one()["version"] == 2


class TestRemoved:
    """What find-and-modify has removed is not stored."""

    @pytest.mark.parametrize(("cls", "name"), [(Machine, "machines"), (Versioned, "versioned")])
    def test_a_save_stores_it_again(self, safe_session, database, cls, name):
        """All of it, as that of a removed object."""
        safe_session.save(cls(runs=5))
        machine = safe_session.query(cls).find_and_modify(remove=True).execute()
        assert database[name].count_documents({}) == 0

        safe_session.save(machine)

        assert database[name].find_one()["runs"] == 5
        assert database[name].find_one()["_id"] == machine.mongo_id

    def test_an_update_says_that_it_is_gone(self, safe_session, stored):
        """Nothing is created by it."""
        machine = safe_session.query(Machine).find_and_modify(remove=True).execute()
        machine.busy = True

        with pytest.raises(StaleDocumentException):
            safe_session.update(machine)


def test_the_object_after_the_change_is_as_any_other(safe_session, stored, commands):
    """With `new` nothing of this is needed."""
    machine = safe_session.query(Machine).find_and_modify(new=True).set("busy", True).execute()
    machine.busy = True

    assert machine.get_dirty_ops() == {}
    machine.busy = False
    commands.clear()
    safe_session.save(machine)
    [sent] = bodies_of(commands, "update")
    assert sent["updates"][0]["u"].keys() > {"busy", "runs", "tags"}
