"""The flush queue: what is queued when, in which order it is sent, and what a flush gives back."""

from __future__ import annotations

import pytest
from bson import ObjectId
from bson.errors import InvalidDocument

from ommongo import AnythingField, Document, Session, StringField
from ommongo.document import MissingValueException
from ommongo.exceptions import BadValueException
from ommongo.ops import (
    ClearCollectionOp,
    Operation,
    RemoveDocumentOp,
    RemoveOp,
    SaveOp,
    UpdateDocumentOp,
    UpdateOp,
)
from tests.models import Account, Address, Note, User

WRITES = ("insert", "update", "delete")


def stored_names(database):
    """Give the names of all stored users, sorted."""
    return sorted(user["name"] for user in database["users"].find())


def test_add_queues_and_sends_nothing(session, commands):
    """`add` puts one operation into the queue and does not touch the server."""
    session.add(User(name="ada"))

    assert len(session.queue) == 1
    assert isinstance(session.queue[0], Operation)
    assert commands.names() == []


def test_the_queue_holds_the_operations_in_the_order_asked_for(session):
    """Each call puts its kind of operation behind those before it."""
    user = User(name="ada")
    session.save(user)
    user.age = 36
    with session:
        session.add(User(name="bob"))
        session.update(user)
        session.remove(user)
        session.query(User).set(age=1).execute()
        session.remove_query(User).execute()
        session.clear_collection(User)
        kinds = [type(operation) for operation in session.queue]
        session.clear_queue()

    assert kinds == [
        SaveOp,
        UpdateDocumentOp,
        RemoveDocumentOp,
        UpdateOp,
        RemoveOp,
        ClearCollectionOp,
    ]


def test_flush_sends_everything_and_empties_the_queue(session, database):
    """After a flush all that was queued is stored and nothing is pending."""
    for name in ("ada", "bob", "eve"):
        session.add(User(name=name))

    session.flush()

    assert session.queue == []
    assert stored_names(database) == ["ada", "bob", "eve"]


def test_flush_sends_operations_in_queue_order(session, commands):
    """A removal queued between two inserts reaches the server between them."""
    ada, bob = User(name="ada"), User(name="bob")
    session.add(ada)
    with session:
        session.remove(ada)
        session.add(bob)

    assert commands.names("insert", "delete") == ["insert", "delete", "insert"]


def test_operations_on_two_collections_keep_their_order(session, commands):
    """Operations are not reordered by collection."""
    session.add(User(name="ada"))
    session.add(Account(email="ada@example.org"))
    session.add(User(name="bob"))
    session.flush()

    sent = [event for event in commands.started if event.command_name == "insert"]
    assert [event.command["insert"] for event in sent] == ["users", "accounts", "users"]


def test_the_last_of_two_writes_of_one_document_wins(session, database):
    """Two saves of one document in one flush leave its last state."""
    user = User(name="ada")
    session.add(user)
    user.name = "bob"
    session.add(user)
    session.flush()

    assert stored_names(database) == ["bob"]


def test_an_operation_takes_its_snapshot_when_it_is_queued(session, database):
    """A change made after `add` needs another `add`."""
    user = User(name="ada", tags=["a"], settings={"x": 1})
    session.add(user)
    user.name = "bob"
    user.tags.append("b")
    user.settings["y"] = 2
    session.flush()

    stored = database["users"].find_one()
    assert (stored["name"], stored["tags"], stored["settings"]) == ("ada", ["a"], {"x": 1})


def test_a_change_after_add_is_still_a_change_after_the_flush(session, database):
    """What the snapshot did not hold is sent by the next `update`."""
    user = User(name="ada", tags=["a"])
    session.add(user)
    user.name = "bob"
    user.tags.append("b")
    session.flush()

    assert user.get_dirty_ops() == {"$set": {"name": "bob", "tags": ["a", "b"]}}
    session.update(user)
    assert database["users"].find_one()["tags"] == ["a", "b"]
    assert stored_names(database) == ["bob"]


def test_an_embedded_document_is_in_the_snapshot(session, database):
    """A change inside an embedded document after `add` is not sent with it, and not lost."""
    user = User(name="ada", address=Address(city="London"))
    session.add(user)
    user.address.city = "Paris"
    session.flush()

    assert database["users"].find_one()["address"] == {"city": "London"}
    assert user.get_dirty_ops() == {"$set": {"address.city": "Paris"}}


def test_an_update_takes_its_snapshot_when_it_is_queued(session, database):
    """A change made after a queued `update` is left for the next one."""
    user = User(name="ada", age=1)
    session.save(user)
    user.age = 2
    with session:
        session.update(user)
        user.age = 3

    assert database["users"].find_one()["age"] == 2
    assert user.get_dirty_ops() == {"$set": {"age": 3}}


def test_an_update_expression_takes_its_snapshot_when_it_is_queued(session, database):
    """An expression that is extended after `execute` does not change what is queued."""
    session.save(User(name="ada", age=1))
    with session:
        update = session.query(User).set(age=2)
        update.execute()
        update.set(age=3)

    assert database["users"].find_one()["age"] == 2


def test_a_remove_query_takes_its_snapshot_when_it_is_queued(session, database):
    """A condition that is added after `execute` does not change what is queued."""
    session.save(User(name="ada", age=1))
    with session:
        removal = session.remove_query(User).filter(User.age == 1)
        removal.execute()
        removal.filter(User.name == "nobody")

    assert database["users"].count_documents({}) == 0


def test_a_snapshot_of_anything_is_deep(session, database):
    """A nested value without a field of its own is taken as it is when queued."""
    body = {"list": [{"n": 1}]}
    note = Note(key=1, body=body)
    session.add(note)
    body["list"][0]["n"] = 2
    session.flush()

    assert database["notes"].find_one()["body"] == {"list": [{"n": 1}]}


def test_add_gives_an_id_at_once(session):
    """A document without `_id` can be referenced as soon as it is added."""
    user = User(name="ada")

    session.add(user)

    assert isinstance(user.mongo_id, ObjectId)
    assert user.to_ref().id == user.mongo_id


def test_the_id_given_by_add_is_the_one_that_is_stored(session, database):
    """The server keeps the `_id` that the session gave."""
    user = User(name="ada")
    session.add(user)
    given = user.mongo_id
    session.flush()

    assert database["users"].find_one()["_id"] == given


def test_adding_twice_keeps_the_id(session, database):
    """A second `add` of one document makes no second document."""
    user = User(name="ada")
    session.add(user)
    given = user.mongo_id
    session.add(user)
    session.flush()

    assert user.mongo_id == given
    assert database["users"].count_documents({}) == 1


@pytest.mark.parametrize("method", ["add", "save"])
@pytest.mark.parametrize("inside", [False, True], ids=["outside", "inside"])
def test_add_and_save_return_none(session, method, inside):
    """`add` and `save` give nothing back, in a block or not."""
    if inside:
        with session:
            assert getattr(session, method)(User(name="ada")) is None
    else:
        assert getattr(session, method)(User(name="ada")) is None


def test_insert_returns_none_and_warns(session):
    """`insert` is deprecated, and gives nothing back."""
    with pytest.warns(PendingDeprecationWarning, match="save"):
        result = session.insert(User(name="ada"))

    assert result is None


def test_the_warning_of_insert_points_at_the_caller(session):
    """The deprecation names the file that calls `insert`."""
    with pytest.warns(PendingDeprecationWarning) as caught:
        session.insert(User(name="ada"))

    assert caught[0].filename == __file__


def test_save_flushes_the_whole_queue(session, database, commands):
    """`save` sends what was added before it, too, and first."""
    session.add(User(name="ada"))
    session.save(Account(email="ada@example.org"))

    assert session.queue == []
    sent = [event for event in commands.started if event.command_name == "insert"]
    assert [event.command["insert"] for event in sent] == ["users", "accounts"]


@pytest.mark.parametrize(
    "write",
    [
        lambda session, user: session.save(User(name="eve")),
        lambda session, user: session.update(user),
        lambda session, user: session.remove(user),
        lambda session, user: session.query(User).filter(User.name == "x").set(age=1).execute(),
        lambda session, user: session.remove_query(User).filter(User.name == "x").execute(),
        lambda session, user: session.clear_collection(Account),
    ],
    ids=["save", "update", "remove", "update_expression", "remove_query", "clear_collection"],
)
class TestWhatFlushes:
    def test_outside_a_block_a_write_flushes_the_whole_queue(self, session, database, write):
        """What was added before is sent together with the write."""
        user = User(name="ada")
        session.save(user)
        user.age = 5
        session.add(User(name="bob"))

        write(session, user)

        assert session.queue == []
        assert database["users"].count_documents({"name": "bob"}) == 1

    def test_inside_a_block_a_write_queues(self, session, commands, write):
        """In a block nothing is sent, and the operation is pending."""
        user = User(name="ada")
        session.save(user)
        user.age = 5
        commands.clear()
        with session:
            write(session, user)
            assert len(session.queue) == 1
            assert commands.names(*WRITES) == []
            session.clear_queue()


def test_insert_inside_a_block_queues(session, database):
    """In a block `insert` only queues, as `save` does."""
    with session:
        with pytest.warns(PendingDeprecationWarning):
            session.insert(User(name="ada"))
        assert len(session.queue) == 1
        assert database["users"].count_documents({}) == 0


def test_insert_outside_a_block_flushes(session, database):
    """Outside a block `insert` flushes, as `save` does."""
    with pytest.warns(PendingDeprecationWarning):
        session.insert(User(name="ada"))

    assert database["users"].count_documents({}) == 1


def test_flush_of_nothing_gives_none(session, commands):
    """An empty queue sends nothing and gives nothing."""
    assert session.flush() is None
    assert commands.names() == []


def test_flush_gives_the_id_of_a_last_save(session):
    """The result of a flush that ends with a save is that document's `_id`."""
    user = User(name="ada")
    session.add(User(name="bob"))
    session.add(user)

    assert session.flush() == user.mongo_id


def test_flush_gives_the_id_of_a_last_replacement(session):
    """A save of a stored document gives its `_id` too."""
    user = User(name="ada")
    session.save(user)
    user.name = "bob"
    session.add(user)

    assert session.flush() == user.mongo_id


def test_flush_gives_an_applications_own_id(session):
    """The `_id` of a save is given as it is in Python."""
    session.add(Note(key="k", body=1))

    assert session.flush() == "k"


def test_update_gives_the_servers_reply(session):
    """The result of `update` is a dict with `ok`, `n` and `nModified`."""
    user = User(name="ada")
    session.save(user)
    user.age = 5

    reply = session.update(user)

    assert isinstance(reply, dict)
    assert (reply["ok"], reply["n"], reply["nModified"]) == (1, 1, 1)


def test_remove_gives_the_servers_reply(session):
    """The result of `remove` is a dict with `ok` and `n`."""
    user = User(name="ada")
    session.save(user)

    reply = session.remove(user)

    assert isinstance(reply, dict)
    assert (reply["ok"], reply["n"]) == (1, 1)


def test_removing_what_is_gone_gives_the_servers_reply(session, database):
    """A removal that matched nothing is no error; the reply says so."""
    user = User(name="ada")
    session.save(user)
    database["users"].delete_many({})

    assert session.remove(user)["n"] == 0


def test_an_update_expression_gives_the_servers_reply(session):
    """The result of `execute` of an update is a dict."""
    session.save(User(name="ada"))
    session.save(User(name="bob"))

    reply = session.query(User).set(age=1).multi().execute()

    assert (reply["ok"], reply["n"], reply["nModified"]) == (1, 2, 2)


def test_an_upsert_gives_the_new_id(session, database):
    """The reply of an upsert that inserted holds the new `_id` as `upserted`."""
    reply = session.query(User).filter(User.name == "ada").set(age=1).upsert().execute()

    assert reply["upserted"] == database["users"].find_one()["_id"]


def test_a_remove_query_gives_the_servers_reply(session):
    """The result of `execute` of a removal counts what was removed."""
    for name in ("ada", "bob", "eve"):
        session.add(User(name=name))
    session.flush()

    reply = session.remove_query(User).execute()

    assert (reply["ok"], reply["n"]) == (1, 3)


def test_inside_a_block_the_results_are_none(session):
    """What is only queued has no reply yet."""
    user = User(name="ada")
    session.save(user)
    user.age = 5
    with session:
        assert session.update(user) is None
        assert session.query(User).set(age=1).execute() is None
        assert session.remove_query(User).filter(User.name == "x").execute() is None
        assert session.remove(user) is None


def test_flush_gives_the_reply_of_a_last_update(session):
    """The result of a flush is that of its last operation, not of its first."""
    user = User(name="ada")
    session.save(user)
    with session:
        session.add(User(name="bob"))
        session.query(User).set(age=1).multi().execute()
        reply = session.flush()

    assert (reply["ok"], reply["n"]) == (1, 2)


def test_an_invalid_document_is_not_queued(session):
    """A missing value raises when the document is added, and nothing is queued."""
    user = User(age=5)

    with pytest.raises(MissingValueException, match="name"):
        session.add(user)

    assert session.queue == []
    assert not user.has_id()


def test_a_refused_value_is_not_queued(session):
    """A value that became invalid in place raises when the document is added."""
    user = User(name="ada", tags=["a"])
    user.tags.append(5)

    with pytest.raises(BadValueException) as caught:
        session.add(user)

    assert caught.value.name == "User.tags[1]"
    assert session.queue == []
    assert not user.has_id()


@pytest.mark.parametrize(
    ("body", "error"),
    [(object(), InvalidDocument), (2**64, OverflowError), ({"a\0b": 1}, InvalidDocument)],
    ids=["object", "int", "nul"],
)
@pytest.mark.parametrize("method", ["add", "save"])
def test_what_bson_cannot_encode_is_not_queued(session, commands, method, body, error):
    """The driver's own error is raised when the document is added, and nothing is queued."""
    note = Note(key=1, body=body)

    with pytest.raises(error):
        getattr(session, method)(note)

    assert session.queue == []
    assert commands.names() == []
    assert note.body is body


def test_a_refused_document_is_unchanged(session):
    """A document that could not be queued has no id, and is as dirty as before."""

    class Loose(Document):
        config_namespace = "tests.session_queue"
        text = AnythingField()

    loose = Loose(text=object())
    before = loose.__dict__.copy()

    with pytest.raises(InvalidDocument):
        session.add(loose)

    assert loose.__dict__ == before
    assert not loose.has_id()


def test_a_refused_document_leaves_the_others_queued(session, database):
    """An invalid document disturbs nothing that was queued before it."""
    session.add(User(name="ada"))
    with pytest.raises(MissingValueException):
        session.save(User(age=5))

    assert len(session.queue) == 1
    session.flush()
    assert stored_names(database) == ["ada"]


def test_a_refused_document_is_not_held(make_session):
    """A document that could not be queued is not in the identity map."""
    session = make_session(cache_size=10)

    with pytest.raises(MissingValueException):
        session.add(User(age=5))

    assert len(session.cache) == 0


@pytest.mark.parametrize("wrong", [None, 5, "ada", {"name": "ada"}, object()])
@pytest.mark.parametrize("method", ["add", "save", "update", "remove", "refresh", "clone"])
def test_what_is_no_document_is_refused(session, method, wrong):
    """A call on anything but a document raises `TypeError` naming what came, and queues nothing."""
    with pytest.raises(TypeError) as caught:
        getattr(session, method)(wrong)

    assert type(wrong).__name__ in str(caught.value)
    assert session.queue == []


@pytest.mark.parametrize("method", ["add", "save", "update", "remove"])
def test_a_class_in_place_of_a_document_is_refused(session, method):
    """A document's class is not taken for a document."""
    with pytest.raises(TypeError):
        getattr(session, method)(User)

    assert session.queue == []


def test_documents_of_another_session_can_be_saved(make_session, database):
    """An object may be bound anew: the last session holds."""
    one, other = make_session(), make_session()
    user = User(name="ada")
    one.save(user)
    user.name = "bob"

    other.save(user)

    assert user._get_session() is other
    assert stored_names(database) == ["bob"]


@pytest.mark.parametrize("method", ["add", "save"])
def test_add_and_save_bind_the_document(session, method):
    """A document that was added or saved is bound to the session."""
    user = User(name="ada")

    getattr(session, method)(user)

    assert user._get_session() is session


def test_a_subclass_may_override_flush(database):
    """An application's own session is called where the library flushes."""
    flushed = []

    class Counting(Session):
        def flush(self, safe=None):
            flushed.append(len(self.queue))
            return super().flush(safe)

    session = Counting(database)
    session.save(User(name="ada"))

    assert flushed == [1]


def test_an_empty_class_can_be_saved(session, database):
    """A document with no field but its id is stored."""

    class Bare(Document):
        config_namespace = "tests.session_queue"
        note = StringField(required=False)

    session.save(Bare())

    assert database["Bare"].count_documents({}) == 1
