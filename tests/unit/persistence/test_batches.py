"""A queue cut into calls of the driver."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pymongo import MongoClient, WriteConcern

from ommongo._persistence.batches import MAX_BYTES, MAX_DOCUMENT_BYTES, MAX_OPERATIONS, calls
from ommongo.ops import (
    ClearCollectionOp,
    RemoveDocumentOp,
    RemoveOp,
    UpdateOp,
    save_operation,
    update_operation,
)
from tests.models import Account, User


@pytest.fixture
def database():
    """A database of a client that never connects."""
    with MongoClient(connect=False) as client:
        yield client["test"]


class Queue(list):
    """Operations in a queue, made as a session makes them."""

    def __init__(self, database):
        super().__init__()
        self.database = database

    def collection(self, cls):
        return self.database[cls.get_collection_name()]

    def save(self, document=None, safe=None):
        document = document or User(name="ada")
        self.append(save_operation(self.collection(type(document)), document, safe))
        return document

    def saved(self):
        user = self.save()
        self.pop()
        return user

    def update(self, safe=None):
        user = self.saved()
        user.age = 5
        self.append(update_operation(self.collection(User), user, None, False, {}, safe))

    def express(self, **options):
        update = {"$set": {"age": 1}}
        self.append(UpdateOp(self.collection(User), User, {}, update, **options))

    def remove(self, safe=None):
        self.append(RemoveDocumentOp(self.collection(User), self.saved(), safe))

    def remove_matching(self, **options):
        self.append(RemoveOp(self.collection(User), User, {}, **options))

    def clear(self):
        self.append(ClearCollectionOp(self.collection(User), User))


@pytest.fixture
def queue(database):
    """An empty queue."""
    return Queue(database)


def is_safe(operation):
    """Tell an operation's own safety; one that has none is safe."""
    return operation.safe is not False


def cut(queue):
    """Give the sizes of the calls that a queue becomes; the operations keep their order."""
    found = list(calls(queue, is_safe))
    assert [operation for call in found for operation in call.operations] == list(queue)
    return [len(call.operations) for call in found]


def test_an_empty_queue_is_no_call(queue):
    """There is nothing to send."""
    assert cut(queue) == []


def test_a_run_is_one_call(queue):
    """Operations of one kind on one collection go together."""
    for _ in range(5):
        queue.save()

    assert cut(queue) == [5]


def test_replacements_and_updates_are_of_one_kind(queue):
    """Both go in an update command; so do expressions that change one match."""
    user = queue.saved()
    queue.save(user)
    queue.update()
    queue.express()
    queue.save(user)

    assert cut(queue) == [4]


def test_kinds_do_not_mix(queue):
    """Inserts, updates and deletions have a command each."""
    queue.save()
    queue.save()
    queue.update()
    queue.update()
    queue.remove()
    queue.remove()
    queue.save()

    assert cut(queue) == [2, 2, 2, 1]


def test_collections_do_not_mix(queue):
    """A call is for one collection, and nothing is reordered to make longer ones."""
    for document in (User(name="a"), User(name="b"), Account(email="c"), User(name="d")):
        queue.save(document)

    assert cut(queue) == [2, 1, 1]


def test_databases_do_not_mix(queue):
    """Collections of one name in two databases are two."""
    queue.save()
    queue.database = queue.database.client["other"]
    queue.save()

    assert cut(queue) == [1, 1]


def test_safeties_do_not_mix(queue):
    """What raises and what logs have a call each."""
    for safe in (True, None, False, False, True):
        queue.save(safe=safe)

    assert cut(queue) == [2, 2, 1]


def test_write_options_do_not_mix(queue):
    """Statements with a write concern of their own have calls of their own."""
    queue.express(write_options={"w": 1, "j": True})
    queue.express(write_options={"j": True, "w": 1})
    queue.express(write_options={"w": 2})
    queue.express()
    queue.save(queue.saved())

    assert cut(queue) == [2, 1, 2]


@pytest.mark.parametrize(
    "alone",
    [
        lambda queue: queue.express(multi=True),
        lambda queue: queue.remove_matching(),
        lambda queue: queue.clear(),
    ],
    ids=["multi", "remove_query", "clear_collection"],
)
def test_what_the_driver_cannot_retry_is_alone(queue, alone):
    """Also between operations of its kind, and next to one like it."""
    queue.remove()
    queue.remove()
    alone(queue)
    alone(queue)
    queue.remove()
    queue.save()

    assert cut(queue) == [2, 1, 1, 1, 1]


@pytest.mark.parametrize("method", ["update", "express", "remove"])
def test_the_last_one_that_gives_a_reply_is_alone(queue, method):
    """Its reply is the flush's result, which a shared call does not have."""
    for _ in range(3):
        getattr(queue, method)()

    assert cut(queue) == [2, 1]
    assert [len(call.operations) for call in calls(queue, is_safe, wants_result=False)] == [3]


def test_a_last_save_is_not_alone(queue):
    """Its result is known without a reply."""
    queue.update()
    queue.save(queue.saved())

    assert cut(queue) == [2]


def test_a_call_has_no_more_operations_than_a_command(queue):
    """The server's limit of writes in one command."""
    queue.save()
    many = Queue(queue.database)
    many.extend(queue * (2 * MAX_OPERATIONS + 1))

    assert cut(many) == [MAX_OPERATIONS, MAX_OPERATIONS, 1]


@pytest.mark.parametrize("name_bytes", [100, 10_000, 1_000_000, 12_000_000, 15_000_000])
def test_a_call_has_no_more_bytes_than_a_command(queue, name_bytes):
    """The server's limit of one message holds with all that the driver adds."""
    queue.save(User(name="x" * name_bytes))
    many = Queue(queue.database)
    many.extend(queue * (2 * MAX_BYTES // name_bytes))

    found = list(calls(many, is_safe))
    assert len(found) > 1
    for call in found:
        assert sum(operation.size for operation in call.operations) < MAX_BYTES
    assert sum(len(call.operations) for call in found) == len(many)


def test_a_document_that_is_too_large_is_alone(queue):
    """It will be refused, and nothing else is to be refused with it."""
    for size in (10, MAX_DOCUMENT_BYTES, 10, 10):
        queue.save(User(name="x" * size))

    assert cut(queue) == [1, 1, 2]


def test_calls_are_made_one_by_one(queue):
    """Memory beside the queue grows with a call, not with the queue."""
    queue.save()
    queue.update()
    found = calls(queue, is_safe)

    assert isinstance(found, Iterator)
    assert next(found).operations == queue[:1]


@pytest.mark.parametrize(
    ("concern", "options", "safe", "expected"),
    [
        (WriteConcern(), {}, True, {}),
        (WriteConcern(w="majority"), {}, True, {"w": "majority"}),
        (WriteConcern(w="majority"), {}, False, {"w": "majority"}),
        (WriteConcern(w=0), {}, False, {"w": 0}),
        (WriteConcern(w=0), {}, True, {"w": 1}),
        (WriteConcern(w=2, wtimeout=5), {"w": 1}, True, {"w": 1, "wtimeout": 5}),
        (WriteConcern(), {"w": 0}, False, {"w": 0}),
        (WriteConcern(), {"w": 0}, True, {"w": 1}),
        (WriteConcern(w=0), {"j": True, "w": 1}, False, {"w": 1, "j": True}),
    ],
)
def test_a_call_has_the_write_concern_that_was_asked_for(queue, concern, options, safe, expected):
    """The database's own, with a statement's options over it; acknowledged where it is safe."""
    queue.database = queue.database.with_options(write_concern=concern)
    queue.express(write_options=options, safe=safe)
    (call,) = calls(queue, is_safe)

    assert call.collection.write_concern.document == expected
    assert call.safe is safe


def test_what_is_left_of_a_call(queue):
    """A call can go on behind some of its operations, or be taken apart."""
    for _ in range(3):
        queue.save(safe=False)
    (call,) = calls(queue, is_safe)

    rest = call.part(1, 2, ordered=True)
    assert (rest.operations, rest.collection, rest.safe) == (queue[1:], call.collection, False)
    assert [one.operations for one in call.singly()] == [[operation] for operation in queue]
    assert all(one.collection is call.collection and not one.safe for one in call.singly())
