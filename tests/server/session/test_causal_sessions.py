"""
A session sees its own writes on whichever member it reads.

Outside of transactions all its commands carry one causally consistent session of the driver, where
reads may go to secondaries (or ``causal=True``): every way to read is held to wait for every way to
write, and for transactions and blocks before it; a real member that is behind is waited for. Where
it is not wanted, or the driver refuses it (writes without acknowledgement), nothing changes.
"""

from __future__ import annotations

import gc
import threading

import pytest
from bson import DBRef
from pymongo import MongoClient, ReadPreference, WriteConcern
from pymongo.monitoring import CommandListener
from pymongo.read_concern import ReadConcern

from ommongo import Document, IntField, RefField, Session, StringField
from ommongo.exceptions import InvalidConfigException


class Leaf(Document):
    config_namespace = "tests.causal"
    config_collection_name = "leaves"

    number = IntField(_id=True)
    text = StringField(required=False)


class Branch(Document):
    config_namespace = "tests.causal"
    config_collection_name = "branches"

    number = IntField(_id=True)
    leaf_ref = RefField(Leaf)
    leaf = leaf_ref.rel()


class Times(CommandListener):
    """Notes commands, and when the server says that they were done."""

    def __init__(self):
        self.clear()

    def clear(self):
        """Forget everything."""
        self.sent, self.done = [], []

    def started(self, event):
        self.sent.append((event.command_name, event.command))

    def succeeded(self, event):
        self.done.append((event.command_name, event.reply.get("operationTime")))

    def failed(self, event): ...


@pytest.fixture
def times():
    """What the client of `far` has sent."""
    return Times()


@pytest.fixture
def far(server, times):
    """A database whose reads may go to secondaries."""
    with server.client(event_listeners=[times]) as client:
        database = client.get_database(
            "ommongo_test_causal", read_preference=ReadPreference.SECONDARY_PREFERRED
        )
        for name in ("leaves", "branches"):
            database.create_collection(name)
        yield database
        client.drop_database(database.name)


@pytest.fixture
def session(far):
    """A safe session on it."""
    session = Session(far, safe=True)
    session.save(Leaf(number=1, text="x"))
    return session


def in_block(session):
    """Write in a block."""
    with session:
        session.add(Leaf(number=2))


def in_transaction(session):
    """Write in a transaction."""
    with session.transaction():
        session.save(Leaf(number=2))


WRITES = {
    "save": lambda s: s.save(Leaf(number=2)),
    "unsafe": lambda s: s.save(Leaf(number=2), safe=False),
    "update": lambda s: s.query(Leaf).set(Leaf.text, "y").execute(),
    "remove": lambda s: s.remove(Leaf(number=1)),
    "modify": lambda s: s.query(Leaf).find_and_modify().set(Leaf.text, "y").execute(),
    "block": in_block,
    "transaction": in_transaction,
    "run": lambda s: s.run_in_transaction(lambda s: s.save(Leaf(number=2))),
}


def follow(session):
    """Follow a reference."""
    branch = Branch(number=1, leaf_ref=DBRef("leaves", 1))
    session.add_to_session(branch)
    return branch.leaf


READS = {
    "all": lambda s: s.query(Leaf).all(),
    "iterate": lambda s: list(s.query(Leaf)),
    "first": lambda s: s.query(Leaf).first(),
    "index": lambda s: s.query(Leaf)[0],
    "get": lambda s: s.get(Leaf, 1),
    "raw": lambda s: s.query("leaves").all(),
    "fields": lambda s: s.query(Leaf).fields(Leaf.text).all(),
    "bypass": lambda s: list(s.query(Leaf).query_bypass({})),
    "count": lambda s: s.query(Leaf).count(),
    "exists": lambda s: s.query(Leaf).exists(),
    "distinct": lambda s: s.query(Leaf).distinct(Leaf.text),
    "aggregate": lambda s: list(s.query(Leaf).aggregate([])),
    "refresh": lambda s: s.refresh(Leaf(number=1)),
    "reload": lambda s: s.reload(Leaf(number=1)),
    "rel": follow,
}


@pytest.mark.parametrize("read", list(READS))
def test_every_read_waits_for_what_was_written(session, times, read):
    """It asks for what is as of after the write, in the same session of the driver."""
    times.clear()
    session.query(Leaf).set(Leaf.text, "y").execute()
    READS[read](session)

    (_, update), (_, sent) = times.sent
    assert sent["readConcern"]["afterClusterTime"] == times.done[0][1]
    assert sent["lsid"] == update["lsid"]


@pytest.mark.parametrize("write", list(WRITES))
def test_a_read_waits_for_every_write(session, times, write):
    """For those of blocks and transactions too, which have a session of their own."""
    times.clear()
    WRITES[write](session)
    session.query(Leaf).all()

    written = max(time for name, time in times.done if name not in ("find", "createIndexes"))
    assert times.sent[-1][1]["readConcern"]["afterClusterTime"] == written


def test_a_transaction_comes_after_what_was_done_before(session, times):
    """Its first read waits too."""
    times.clear()
    session.query(Leaf).set(Leaf.text, "y").execute()
    with session.transaction(read_concern=ReadConcern("majority")):
        session.query(Leaf).all()
    find = next(command for name, command in times.sent if name == "find")
    assert find["readConcern"]["afterClusterTime"] >= times.done[0][1]
    assert find["autocommit"] is False


@pytest.mark.parametrize("is_read_by_client", [True, False])
def test_a_session_that_reads_from_the_primary_needs_none(server, times, is_read_by_client):
    """There every read sees what was written, and nothing is to be waited for."""
    with server.client(event_listeners=[times]) as client:
        session = Session(client["ommongo_test_causal_near"], safe=True)
        WRITES["save"](session)
        READS["all"](session)
        assert "readConcern" not in times.sent[-1][1]
        times.clear()
        session = Session(client["ommongo_test_causal_near"], safe=True, causal=True)
        WRITES["update"](session)
        READS["all"](session)
        assert times.sent[-1][1]["readConcern"]["afterClusterTime"] == times.done[0][1]
        client.drop_database("ommongo_test_causal_near")


def test_it_can_be_left_out(far, times):
    """With `causal=False` reads do not wait."""
    session = Session(far, safe=True, causal=False)
    WRITES["save"](session)
    READS["all"](session)
    assert "readConcern" not in times.sent[-1][1]
    assert session.causal is False


def test_other_databases_are_read_as_the_client_says(server, times):
    """A reference may lead there, and its reads may go to secondaries."""
    with server.client(event_listeners=[times], readPreference="nearest") as client:
        own = client.get_database("ommongo_test_causal_own", read_preference=ReadPreference.PRIMARY)
        client["ommongo_test_causal_other"]["leaves"].insert_one({"_id": 1})
        session = Session(own, safe=True)
        times.clear()
        WRITES["save"](session)
        session._follow([DBRef("leaves", 1, "ommongo_test_causal_other")], Leaf)
        assert times.sent[-1][1]["readConcern"]["afterClusterTime"] == times.done[-2][1]
        for name in ("own", "other"):
            client.drop_database(f"ommongo_test_causal_{name}")


@pytest.mark.parametrize("causal", [None, True])
def test_writes_that_are_not_acknowledged_have_none(far, causal):
    """The driver refuses a session for them; they are sent as ever."""
    session = Session(far.with_options(write_concern=WriteConcern(w=0)), causal=causal)
    session.save(Leaf(number=2))
    session.query(Leaf).find_and_modify().set(Leaf.text, "y").execute()
    session.query(Leaf).all()
    session = Session(far, safe=False, causal=causal)
    session.query(Leaf).set(Leaf.text, "z").safe(False, w=0).execute()
    session.save(Leaf(number=3))
    assert session.get(Leaf, 3) is not None


def test_a_read_concern_that_cannot_wait_is_left_alone(far, times):
    """The server would refuse it."""
    session = Session(far.with_options(read_concern=ReadConcern("available")), safe=True)
    WRITES["save"](session)
    assert len(session.query(Leaf).all()) == 1
    assert "afterClusterTime" not in times.sent[-1][1]["readConcern"]


@pytest.mark.parametrize("causal", [0, "yes", 1])
def test_another_setting_is_refused(far, causal):
    """It is one of three."""
    with pytest.raises(InvalidConfigException, match="causal"):
        Session(far, causal=causal)


def test_the_drivers_session_goes_with_the_session(far, times):
    """The server is not left with it: the next session takes it over."""
    session = Session(far, safe=True)
    WRITES["save"](session)
    first = times.sent[-1][1]["lsid"]
    del session
    gc.collect()
    session = Session(far, safe=True)
    WRITES["update"](session)
    assert times.sent[-1][1]["lsid"] == first
    session.close()
    assert far["leaves"].find_one()
    assert times.sent[-1][1]["lsid"] == first


def test_connect_takes_it(server):
    """`causal` is for the session, not for the client."""
    session = Session.connect("ommongo_test_causal", host=server.uri, causal=True)
    assert session.causal is True
    session.close()


def test_refusals_are_passed_over_with_it_too(far):
    """What a flush does outside of transactions is the same."""
    body = {}
    for _ in range(250):
        body = {"v": body}
    from tests.models import Note

    session = Session(far, safe=False)
    for key in ("a", "b", "c"):
        session.add(Note(key=key, body=body if key == "b" else 1))
    session.flush()
    assert sorted(note.key for note in session.query(Note)) == ["a", "c"]
    far.drop_collection("notes")


def test_a_member_that_is_behind_is_waited_for(replica_set_3):
    """A real one: the read is answered once it has applied what was written."""

    class Reads(CommandListener):
        def started(self, event):
            if event.command_name == "find":
                begun.set()

        def succeeded(self, event): ...

        def failed(self, event): ...

    begun = threading.Event()
    with replica_set_3.client() as client:
        client.admin.command("ping")
        client.get_database("causal", write_concern=WriteConcern(3))["leaves"].insert_one(
            {"_id": 0}
        )
        slow = MongoClient(*sorted(client.secondaries)[0], directConnection=True)

    def applies(mode):
        slow.admin.command("configureFailPoint", "rsSyncApplyStop", mode=mode)

    def select(found):
        return [server for server in found if server.address == slow.address] or found

    with replica_set_3.client(server_selector=select, event_listeners=[Reads()]) as client, slow:
        far = client.get_database("causal", read_preference=ReadPreference.SECONDARY)
        session, found = Session(far, safe=True), []
        applies("alwaysOn")
        try:
            session.save(Leaf(number=1, text="mine"))
            reader = threading.Thread(target=lambda: found.append(session.get(Leaf, 1)))
            reader.start()
            assert begun.wait(30)
        finally:
            applies("off")
        reader.join()
        assert [leaf.text for leaf in found] == ["mine"]
        client.drop_database("causal")
