"""The founding document of the API, line by line."""

from __future__ import annotations

import warnings

import pytest
from bson import ObjectId
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from ommongo import Document, Index, IntField, ListField, Q, Session, StringField
from ommongo.document import FieldNotRetrieved, collection_registry
from ommongo.exceptions import BadReferenceException
from ommongo.ops import Operation
from ommongo.query import Query, RemoveQuery
from tests.helpers import plain

COLLECTION = "tests_founding_document"


class Item(Document):
    config_namespace = "tests.founding_document"
    config_collection_name = COLLECTION

    name = StringField()
    count = IntField(required=False, on_update="$inc")
    tags = ListField(StringField(), required=False, on_update="$push")
    price = IntField(required=False)

    i_name = Index().ascending("name").unique()


@pytest.fixture(autouse=True)
def _registered():
    """References to the collection lead to `Item`, whatever other tests did."""
    collection_registry["global"][COLLECTION] = Item


def names(database):
    """Give the names of what is stored, sorted."""
    return sorted(item["name"] for item in database[COLLECTION].find())


# "Session objects handles the actual queueing of database operations. The primary methods on a
# session are query, save, and flush."


def test_query_save_and_flush(session, database):
    """The three primary methods store and find an object."""
    session.add(Item(name="a"))
    session.flush()
    session.save(Item(name="b"))

    assert names(database) == ["a", "b"]
    assert session.query(Item).filter(Item.name == "b").one().name == "b"


# "The session also responsible for ordering operations and knowing when operations need to be
# flushed, although it does not currently do anything intelligent for ordering."


def test_operations_keep_their_order(session, commands):
    """What is asked for first is sent first."""
    item = Item(name="a")
    with session:
        session.save(item)
        session.remove(item)
        session.save(Item(name="b"))

    assert commands.names("insert", "delete") == ["insert", "delete", "insert"]


# "class ommongo.session.Session(database, tz_aware=False, timezone=None, safe=False,
# cache_size=0, auto_ensure=True): Create a session connecting to database."


def test_the_constructor(database):
    """All six parameters can be given in their order."""
    session = Session(database, False, None, False, 0, True)

    assert session.db == database


# "database – the database to connect to. Should be an instance of pymongo.database.Database"


def test_database(database):
    """Only a database of pymongo will do."""
    assert isinstance(Session(database).db, Database)
    with pytest.raises(TypeError):
        Session(database.name)


# "safe – Whether the “safe” option should be used on mongo writes, blocking to make sure there
# are no errors."


def test_safe(make_session):
    """A safe session raises errors, another does not."""
    make_session(safe=True).save(Item(name="a"))
    with pytest.raises(DuplicateKeyError):
        make_session(safe=True).save(Item(name="a"))
    make_session(safe=False).save(Item(name="a"))


# "auto_ensure – Whether to implicitly call ensure_indexes on all write operations."


@pytest.mark.parametrize("auto_ensure", [False, True])
def test_auto_ensure(make_session, database, auto_ensure):
    """A write creates the indexes of its class, unless that is switched off."""
    make_session(auto_ensure=auto_ensure).save(Item(name="a"))

    assert ("name_1" in database[COLLECTION].index_information()) is auto_ensure


# "Fields: db: the underlying pymongo database object"


def test_db(session, database):
    """`db` is the database."""
    assert session.db == database
    assert isinstance(session.db, Database)


# "queue: the queue of unflushed database commands"


def test_queue(session):
    """`queue` holds what is not flushed."""
    session.add(Item(name="a"))

    assert [isinstance(operation, Operation) for operation in session.queue] == [True]


# "cache_size: The size of the identity map to keep. When objects are pulled from the DB they are
# checked against this map and if present, the existing object is used. Defaults to 0, use None
# to only clear at session end."


def test_cache_size(make_session):
    """With a size the existing object is used."""
    session = make_session(cache_size=2)
    item = Item(name="a")
    session.save(item)

    assert session.query(Item).one() is item
    assert session.cache_size == 2


def test_cache_size_none(make_session):
    """`None` clears at the session's end only."""
    session = make_session(cache_size=None)
    for number in range(50):
        session.save(Item(name=str(number)))
    assert len(session.cache) == 50
    session.end()

    assert len(session.cache) == 0


def test_cache_size_zero(make_session):
    """The default keeps nothing."""
    session = make_session()
    session.save(Item(name="a"))

    assert len(session.cache) == 0


# "add(item, safe=None): Add an item into the queue of things to be inserted. Does not flush."


def test_add(session, database):
    """`add` queues and does not flush."""
    session.add(Item(name="a"))

    assert len(session.queue) == 1
    assert names(database) == []


# "add_to_session(obj)"


def test_add_to_session(session):
    """The object is bound, nothing is queued."""
    item = Item(name="a")
    session.add_to_session(item)

    assert item._get_session() is session
    assert session.queue == []


# "auto_ensure_indexes(cls)"


def test_auto_ensure_indexes(session, database):
    """The indexes of the class are created."""
    session.auto_ensure_indexes(Item)

    assert "name_1" in database[COLLECTION].index_information()


# "begin_trans()"


def test_begin_trans(session, database):
    """From here on operations are queued only."""
    session.begin_trans()
    session.save(Item(name="a"))

    assert names(database) == []
    session.end_trans()


# "clear_cache()"


def test_clear_cache(make_session):
    """The identity map is empty afterwards."""
    session = make_session(cache_size=10)
    session.save(Item(name="a"))
    session.clear_cache()

    assert len(session.cache) == 0


# "clear_collection(*classes): Clear all objects from the collections associated with the objects
# in *cls. use with caution!"


def test_clear_collection(session, database):
    """Every object of the collection is gone."""
    session.save(Item(name="a"))
    session.clear_collection(Item)

    assert names(database) == []


# "clear_index(collection)"


def test_clear_index(session, database):
    """The text indexes of a collection of pymongo are dropped."""
    database[COLLECTION].create_index([("name", "text")])

    assert session.clear_index(database[COLLECTION]) is True
    assert set(database[COLLECTION].index_information()) == {"_id_"}


# "clear_queue(trans_id=None): Clear the queue of database operations without executing any of the
# pending operations"


def test_clear_queue(session, database):
    """Nothing is pending and nothing was executed."""
    session.add(Item(name="a"))
    session.clear_queue()

    assert session.queue == []
    assert names(database) == []


def test_clear_queue_of_a_transaction(session, database):
    """With an id only what was queued since then is cleared."""
    with session:
        session.add(Item(name="a"))
        with session:
            session.add(Item(name="b"))
            session.clear_queue(session.transaction_id)

    assert names(database) == ["a"]


# "clone(document): Serialize a document, remove its _id, and deserialize as a new object"


def test_clone(session):
    """A new object with the same content and no id."""
    item = Item(name="a", tags=["x"])
    session.save(item)
    clone = session.clone(item)

    assert type(clone) is Item
    assert (clone.name, clone.tags) == ("a", ["x"])
    assert not clone.has_id()


# "classmethod connect(database, timezone=None, cache_size=0, auto_ensure=True, replica_set=None,
# *args, **kwds): connect is a thin wrapper around __init__ which creates the database connection
# that the session will use."
# "database – the database name to use." "safe – The value for the “safe” parameter of the Session
# init function" "replica_set – The replica-set to use (as a string)." "args – arguments for
# pymongo.mongo_client.MongoClient" "kwds – keyword arguments for pymongo.mongo_client.MongoClient"


def test_connect(server, database, client):
    """A session with a connection of its own, its settings, and the client's."""
    replica_set = client.admin.command("hello")["setName"]
    session = Session.connect(
        database.name, None, 3, False, replica_set, server.uri, safe=True, appname="founding"
    )
    session.save(Item(name="a"))

    assert names(database) == ["a"]
    assert session.safe is True
    assert session.cache_size == 3
    assert session.auto_ensure is False
    assert session.db.client.options.replica_set_name == replica_set
    assert session.db.client.options.pool_options.appname == "founding"
    session.close()


# "dereference(ref, allow_none=False)"


def test_dereference(session):
    """A reference gives its object, or none when allowed."""
    item = Item(name="a")
    session.save(item)
    assert session.dereference(item.to_ref()).name == "a"
    session.remove(item)

    assert session.dereference(item.to_ref(), allow_none=True) is None
    with pytest.raises(BadReferenceException):
        session.dereference(item.to_ref())


# "end(): End the session. Flush all pending operations and ending the pymongo request"


def test_end(session, database):
    """All pending operations are flushed."""
    session.add(Item(name="a"))
    session.end()

    assert names(database) == ["a"]


# "end_trans(exc_type=None, exc_val=None, exc_tb=None)"


@pytest.mark.parametrize("failed", [False, True])
def test_end_trans(session, database, failed):
    """Without an exception it flushes, with one it drops."""
    session.begin_trans()
    session.save(Item(name="a"))
    session.end_trans(*((ValueError, ValueError(), None) if failed else ()))

    assert names(database) == ([] if failed else ["a"])


# "ensure_indexes(cls)"


def test_ensure_indexes(make_session, database):
    """The indexes of the class are created, whatever `auto_ensure` says."""
    make_session(auto_ensure=False).ensure_indexes(Item)

    assert "name_1" in database[COLLECTION].index_information()


# "execute_query(query, session): Get the results of query. This method does flush in a
# transaction, so any objects retrieved which are not in the cache which would be updated when the
# transaction finishes will be stale"


def test_execute_query(session):
    """The results of a query are given."""
    session.save(Item(name="a"))

    assert [item.name for item in session.execute_query(session.query(Item), session)] == ["a"]


def test_objects_retrieved_in_a_transaction_are_stale(session):
    """What would be updated when the transaction finishes is retrieved as it was before."""
    item = Item(name="a", price=1)
    session.save(item)
    with session:
        item.price = 2
        session.save(item)
        (found,) = session.execute_query(session.query(Item), session)
        assert found.price == 1


# "flush(safe=None): Perform all database operations currently in the queue"


def test_flush(session, database):
    """Everything in the queue is performed."""
    session.add(Item(name="a"))
    session.add(Item(name="b"))
    session.flush()

    assert names(database) == ["a", "b"]
    assert session.queue == []


def test_flush_safe(session):
    """The `safe` of a flush holds for all that it performs."""
    session.save(Item(name="a"))
    session.add(Item(name="a"))

    with pytest.raises(DuplicateKeyError):
        session.flush(safe=True)


# "get_indexes(cls): Get the index information for the collection associated with cls. Index
# information is returned in the same format as pymongo."


def test_get_indexes(session, database):
    """The format is that of pymongo."""
    session.ensure_indexes(Item)

    assert session.get_indexes(Item) == database[COLLECTION].index_information()


# "insert(item, safe=None): [DEPRECATED] Please use save() instead. This actually calls the
# underlying save function, so the name is confusing. Insert an item into the work queue and
# flushes."


def test_insert(session, database):
    """It saves, flushes and says that it is deprecated."""
    item = Item(name="a")
    with pytest.warns(PendingDeprecationWarning):
        session.insert(item)
    item.price = 5
    with pytest.warns(PendingDeprecationWarning):
        session.insert(item)

    assert [stored["price"] for stored in database[COLLECTION].find()] == [5]


def test_insert_calls_save(database):
    """An application's own `save` is what `insert` calls."""
    saved = []

    class Saving(Session):
        def save(self, item, safe=None):
            saved.append((item.name, safe))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        Saving(database).insert(Item(name="a"), safe=True)

    assert saved == [("a", True)]


# "query(type, exclude_subclasses=False): Begin a query on the database’s collection for type."


def test_query(session):
    """A query on the class's collection begins."""
    session.save(Item(name="a"))

    assert isinstance(session.query(Item), Query)
    assert isinstance(session.query(Item).one(), Item)


# "If type is an instance of basesting, the query will be in raw query mode which will not check
# field values or transform returned results into python objects."


def test_raw_query(session, database):
    """Values are not checked, and results are plain."""
    database[COLLECTION].insert_one({"_id": 1, "name": ["not", "text"], "more": {"a": 1}})

    assert list(session.query(COLLECTION).filter(Q.more.a == 1)) == [
        {"_id": 1, "name": ["not", "text"], "more": {"a": 1}}
    ]


# "refresh(document): Load a new copy of a document from the database. does not replace the old
# one"


def test_refresh(make_session, database):
    """A new copy is loaded, the old one stays."""
    session = make_session(cache_size=10)
    item = Item(name="a")
    session.save(item)
    database[COLLECTION].update_one({}, {"$set": {"name": "b"}})
    fresh = session.refresh(item)

    assert (fresh.name, item.name) == ("b", "a")
    assert session.query(Item).one() is item


# "remove(obj, safe=None): Remove a particular object from the database. If the object has no mongo
# ID set, the method just returns. If this is a partial document without the mongo ID field
# retrieved a FieldNotRetrieved will be raised"


def test_remove(session, database):
    """Only the particular object is removed."""
    item = Item(name="a")
    session.save(item)
    session.save(Item(name="b"))
    session.remove(item)

    assert names(database) == ["b"]


def test_remove_without_an_id(session, commands):
    """The method just returns."""
    assert session.remove(Item(name="a")) is None
    assert session.queue == []
    assert commands.names() == []


def test_remove_of_a_partial_document_without_its_id(session, database):
    """`FieldNotRetrieved` is raised and nothing is removed."""
    session.save(Item(name="a"))
    partial = session.query(Item).fields(Item.name, Item.mongo_id.exclude()).one()
    with pytest.raises(FieldNotRetrieved):
        session.remove(partial)

    assert names(database) == ["a"]


# "safe – whether to wait for the operation to complete. Defaults to the session’s safe value."


def test_remove_safe(make_session, database):
    """A removal can be made safe for itself."""
    item = Item(name="a")
    session = make_session()
    session.save(item)

    assert session.remove(item, safe=True)["n"] == 1


# "remove_query(type): Begin a remove query on the database’s collection for type."


def test_remove_query(session, database):
    """A removal by a query begins."""
    session.save(Item(name="a"))
    session.save(Item(name="b"))
    removal = session.remove_query(Item)
    removal.filter(Item.name == "a").execute()

    assert isinstance(removal, RemoveQuery)
    assert names(database) == ["b"]


# "save(item, safe=None): Saves an item into the work queue and flushes."


def test_save(session, database):
    """An item is saved and everything is flushed."""
    session.add(Item(name="a"))
    session.save(Item(name="b"))

    assert names(database) == ["a", "b"]


# "update(item, id_expression=None, upsert=False, update_ops={}, safe=None, **kwargs): Update an
# item in the database. Uses the on_update keyword to each field to decide which operations to do"


def test_update(session, commands):
    """The `on_update` of each field decides its operation."""
    item = Item(name="a", count=1, tags=["x"])
    session.save(item)
    item.name, item.count, item.tags = "b", 2, ["y"]
    session.update(item)

    (sent,) = [event for event in commands.started if event.command_name == "update"]
    assert plain(sent.command["updates"][0]["u"]) == {
        "$set": {"name": "b"},
        "$inc": {"count": 2},
        "$push": {"tags": {"$each": ["y"]}},
    }


# "id_expression – A query expression that uniquely picks out the item which should be updated. If
# id_expression is not passed, update uses item.mongo_id."


def test_update_by_an_expression(session, database):
    """The expression picks the item out."""
    session.save(Item(name="a"))
    session.update(Item(name="a", price=5), Item.name == "a")

    assert database[COLLECTION].find_one()["price"] == 5


def test_update_by_the_id(session, database):
    """Without an expression the item's id does."""
    item = Item(name="a", mongo_id=ObjectId())
    session.save(item)
    session.save(Item(name="b"))
    item.price = 5
    session.update(item)

    assert database[COLLECTION].count_documents({"price": 5, "_id": item.mongo_id}) == 1
    assert database[COLLECTION].count_documents({"price": 5}) == 1


# "upsert – Whether the update operation should be an upsert. If the item may not be in the database
# yet this should be True"


def test_update_upsert(session, database):
    """An item that is not in the database yet is put there."""
    session.update(Item(name="a"), Item.name == "a", upsert=True)

    assert names(database) == ["a"]


# "update_ops – By default the operation used to update a field is specified with the on_update
# argument to its constructor. To override that value, use this dictionary, with QueryField objects
# as the keys and the mongo operation to use as the values."


def test_update_ops(session, database):
    """The dictionary overrides what the fields say."""
    item = Item(name="a", count=1, price=1)
    session.save(item)
    item.count, item.price = 5, 5
    session.update(item, update_ops={Item.count: "$set", Item.price: "$inc"})

    stored = database[COLLECTION].find_one()
    assert (stored["count"], stored["price"]) == (5, 6)


# "kwargs – The kwargs are merged into update_ops dict to decide which fields to update the
# operation for. These can only be for the top-level document since the keys are just strings."


def test_update_kwargs(session, database):
    """Keywords are merged into the dictionary."""
    item = Item(name="a", count=1, price=1)
    session.save(item)
    item.count, item.price = 5, 5
    session.update(item, update_ops={Item.count: "$set"}, price="$inc")

    stored = database[COLLECTION].find_one()
    assert (stored["count"], stored["price"]) == (5, 6)
