"""How a session calls what people look for under the names of other libraries."""

from __future__ import annotations

from typing import Final

__all__ = ["ELSEWHERE"]

_READ: Final = "Ask by session.query(cls).filter(...), and all(), first() or one()."
_SET: Final = "Write session.query(cls).filter(...).set(...).execute(), with multi() for all."
_CHANGED: Final = "Change the object and call session.update(obj)."
_MANY: Final = "Call session.add_all(objects) and session.flush(): they are sent together."
_EMPTY: Final = (
    "Call session.query(cls).filter(...).delete(), or session.clear_collection(cls) for all."
)
_COMMAND: Final = "Ask the driver's database: session.db."
_INDEXES: Final = "Declare an Index in the class; session.ensure_indexes(cls) makes it."

ELSEWHERE: Final = {
    # SQLAlchemy
    "begin": (
        "'with session:' is a block of writes, and 'with session.transaction():' a server "
        "transaction that covers reads."
    ),
    "begin_nested": "'with session:' blocks nest; an inner one that fails is dropped alone.",
    "bind": _COMMAND,
    "bulk_insert_mappings": _MANY,
    "bulk_save_objects": _MANY,
    "close_all": "Call close() on each session, or remove() on a scoped_session.",
    "connection": _COMMAND,
    "create_all": "The first write makes a collection; session.ensure_indexes(cls) makes indexes.",
    "deleted": "session.pending has the documents in the queue, session.queue the operations.",
    "exec": _READ,
    "drop_all": _EMPTY,
    "execute": f"{_READ} session.db takes commands, session.query(cls).aggregate(...) pipelines.",
    "expire": "session.reload(obj) loads an object again.",
    "expire_all": "session.clear_cache() lets the identity map forget all; reload(obj) loads one.",
    "expunge_all": "session.clear_cache() forgets what is held, clear_queue() what is pending.",
    "get_bind": _COMMAND,
    "identity_map": "It is session.cache.",
    "is_active": "session.in_transaction tells whether a block is open.",
    "is_modified": "Ask 'obj in session.dirty', or obj.get_dirty_ops().",
    "merge": (
        "session.save(obj) stores what an object holds, wherever it came from; session.get(cls, "
        "id) gives the one that is stored."
    ),
    "new": "session.pending has the documents that are to be stored.",
    "no_autoflush": "In a 'with session:' block nothing is flushed before its end.",
    "scalar": _READ,
    "scalars": _READ,
    # pymongo
    "aggregate": "Call it on a query: session.query(cls).aggregate(pipeline).",
    "bulk_write": "What a 'with session:' block queues is sent together.",
    "client": "It is session.db.client.",
    "command": _COMMAND,
    "commit_transaction": "The end of 'with session.transaction():' commits.",
    "abort_transaction": "An exception that leaves 'with session.transaction():' rolls it back.",
    "count_documents": "Call session.query(cls).filter(...).count().",
    "create_index": _INDEXES,
    "create_indexes": _INDEXES,
    "database": "It is session.db.",
    "delete_many": "Call session.query(cls).filter(...).delete().",
    "delete_one": "Call session.remove(obj), or session.query(cls).filter(...).delete().",
    "drop_database": _COMMAND,
    "drop_collection": "session.clear_collection(cls) removes its documents; or use session.db.",
    "find": _READ,
    "find_and_modify": "Call it on a query: session.query(cls).filter(...).find_and_modify().",
    "find_one": "Call session.query(cls).filter(...).first(), or session.get(cls, id).",
    "find_one_and_delete": "Call session.query(cls).find_and_modify(remove=True).execute().",
    "find_one_and_replace": "Call session.query(cls).find_and_modify().set(...).execute().",
    "find_one_and_update": "Call session.query(cls).find_and_modify().set(...).execute().",
    "insert_many": _MANY,
    "insert_one": "Call session.save(obj), or session.insert_new(obj) where its _id must be free.",
    "list_collection_names": _COMMAND,
    "replace_one": "Call session.save(obj).",
    "start_session": "session.transaction() opens a transaction, in a driver's session of its own.",
    "start_transaction": "Write 'with session.transaction():'.",
    "update_many": "Write session.query(cls).filter(...).set(...).multi().execute().",
    "update_one": f"{_CHANGED} {_SET}",
    "with_transaction": "Call session.run_in_transaction(function).",
    # Django, MongoEngine, Flask, Beanie and others
    "bulk_create": _MANY,
    "bulk_insert": _MANY,
    "clear": _EMPTY,
    "create": "Make the object and call session.save(obj).",
    "delete_all": _EMPTY,
    "filter": _READ,
    "find_all": "Call session.query(cls).all().",
    "first": _READ,
    "get_or_404": "session.get(cls, id) gives None where there is none: answer 404 for that.",
    "objects": "A query is session.query(cls).",
    "one": _READ,
    "remove_all": "Call session.query(cls).filter(...).delete(), or session.clear_collection(cls).",
    "save_all": _MANY,
    "select": _READ,
    "store": "Call session.save(obj).",
    "truncate": "Call session.clear_collection(cls).",
    "upsert": "session.save(obj) inserts or replaces; or session.update(obj, upsert=True).",
}
"""What is to be written instead, by name."""
