"""How documents and their classes call what people look for under other names."""

from __future__ import annotations

from typing import Final

from ommongo._habits import Missing

__all__ = ["ELSEWHERE", "Misnamed"]

_QUERY: Final = "A class does not ask by itself: use session.query(cls).filter(...)."
_OBJECT: Final = "An object does not store itself: call session.{call}."
_GET: Final = "Call session.get(cls, id), or session.query(cls).filter(...).first()."
_MANY: Final = "Call session.add_all(objects) and session.flush(): they are sent together."
_WRAP: Final = "wrap() gives the dict that is stored."
_OUT: Final = (
    "What goes out is up to the application, {'name': obj.name}; wrap() gives the dict that is "
    "stored."
)
_IN: Final = "Values by name make an object, cls(**values); cls.unwrap(data) loads stored data."
_COLLECTION: Final = "It is session.db[cls.get_collection_name()]."

ELSEWHERE: Final = {
    "_id": "The id is cls.mongo_id, or the field that is declared with _id=True.",
    "aggregate": "Call session.query(cls).aggregate(pipeline).",
    "all": "Call session.query(cls).all().",
    "as_dict": _WRAP,
    "assign": "Assign to the fields one by one: setattr(obj, name, value) for names that you take.",
    "bulk_create": _MANY,
    "collection": _COLLECTION,
    "count": "Call session.query(cls).count().",
    "count_documents": "Call session.query(cls).filter(...).count().",
    "create": _OBJECT.format(call="save(obj)"),
    "delete": _OBJECT.format(call="remove(obj)"),
    "delete_many": "Call session.query(cls).filter(...).delete().",
    "dict": _OUT,
    "drop_collection": "session.clear_collection(cls) removes its documents; or use session.db.",
    "ensure_indexes": "Call session.ensure_indexes(cls).",
    "filter": _QUERY,
    "find": _QUERY,
    "find_all": "Call session.query(cls).all().",
    "find_by_id": _GET,
    "find_one": _GET,
    "first": "Call session.query(cls).first().",
    "from_dict": _IN,
    "from_json": _IN,
    "from_mongo": "cls.unwrap(data) loads stored data.",
    "full_clean": "Values are checked when they are assigned, and by session.add(obj).",
    "get": _GET,
    "get_collection": _COLLECTION,
    "get_or_404": "session.get(cls, id) gives None where there is none: answer 404 for that.",
    "get_or_none": _GET,
    "insert": _OBJECT.format(call="save(obj)"),
    "insert_many": _MANY,
    "insert_one": _OBJECT.format(call="save(obj)"),
    "json": _OUT,
    "model_dump": _OUT,
    "model_dump_json": _OUT,
    "model_validate": _IN,
    "objects": _QUERY,
    "parse_obj": _IN,
    "pk": "The id is obj.id, which is mongo_id or the field with _id=True.",
    "query": _QUERY,
    "refresh": "Call session.reload(obj), or session.refresh(obj) for a copy.",
    "refresh_from_db": "Call session.reload(obj).",
    "reload": "Call session.reload(obj).",
    "replace": _OBJECT.format(call="save(obj)"),
    "save": _OBJECT.format(call="save(obj)"),
    "save_changes": _OBJECT.format(call="update(obj)"),
    "select": _QUERY,
    "to_dict": _OUT,
    "to_json": _OUT,
    "to_mongo": _WRAP,
    "update": (
        "An object does not store itself: assign to its fields and call session.update(obj). "
        "Many documents are changed by session.query(cls).filter(...).set(...).multi().execute()."
    ),
    "upsert": "Call session.save(obj), or session.update(obj, upsert=True).",
}
"""What is to be written instead, by name; fields and methods of an application may have these."""


class Misnamed:
    """Attributes that a document has not, and that say what is to be written instead."""

    __slots__ = ()


for _name, _instead in ELSEWHERE.items():
    _missing = Missing(_instead)
    _missing.__set_name__(Misnamed, _name)
    setattr(Misnamed, _name, _missing)
