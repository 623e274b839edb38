"""How a query, and its list of results, call what people look for under other names."""

from __future__ import annotations

from typing import Final

__all__ = ["ELSEWHERE", "OF_A_LIST", "OF_A_REMOVAL"]

_ORDER: Final = (
    "Call sort((User.age, -1), (User.name, 1)), or ascending(User.age) and descending(User.age)."
)
_NONE: Final = "first() gives None where there is none, and one() raises: answer 404 for that."
_SET: Final = "Call set(...), inc(...) or another operator, and execute() on what it gives."
_MULTI: Final = "Call set(...) or another operator, then multi() and execute()."
_MODIFY: Final = "Call find_and_modify().set(...).execute()."
_REMOVE: Final = "Call delete() for all matches, or find_and_modify(remove=True).execute() for one."
_FIELDS: Final = "Call fields(User.name, ...) to load these only."
_GROUP: Final = "Call aggregate([{'$group': ...}]): the query's filter comes first."
_JOIN: Final = (
    "References are followed from the objects (rel()); fields of embedded documents are reached by "
    "a dot; $lookup goes into aggregate([...])."
)
_SAVE: Final = "Make an object and call session.save(obj)."
_BEHIND: Final = "It comes behind another operator, set(...) or unset(...): .{}."
_PAGE: Final = "Take a part by query[a:b], or by skip(n) and limit(n)."
_LIMIT_TIME: Final = "Call max_time(ms)."

ELSEWHERE: Final = {
    # SQLAlchemy
    "except_": "Call not_(...).",
    "first_or_404": _NONE,
    "get_or_404": "get(id) gives None where there is none: answer 404 for that.",
    "group_by": _GROUP,
    "having": _GROUP,
    "join": _JOIN,
    "load_only": _FIELDS,
    "offset": "Call skip(n).",
    "one_or_404": _NONE,
    "one_or_none": "Call first(), or one() where exactly one has to be there.",
    "options": f"{_FIELDS} {_JOIN}",
    "order_by": _ORDER,
    "outerjoin": _JOIN,
    "paginate": _PAGE,
    "populate_existing": "session.refresh(obj) and session.reload(obj) load an object again.",
    "scalar": "Call one() or first(), and read the field of the object.",
    "scalars": "Call all(), or distinct(User.name) for the different values of a field.",
    "select": _FIELDS,
    "slice": _PAGE,
    "union": "Call or_(...), or join expressions by |.",
    "update": _SET,
    "where": "Call filter(...).",
    "with_entities": _FIELDS,
    "with_for_update": (
        "Nothing is locked: a find_and_modify(), a VersionField or a transaction notices others."
    ),
    "yield_per": "Iterate over the query: batches come one by one; batch_size(n) says how large.",
    # Django, MongoEngine, Flask, Beanie and others
    "add_each_to_set": _BEHIND.format("add_each_to_set(field, values)"),
    "annotate": _GROUP,
    "as_pymongo": "Call raw_output().",
    "average": _GROUP,
    "bulk_create": "Call session.add_all(objects) and session.flush().",
    "bulk_update": _MULTI,
    "create": _SAVE,
    "defer": "Call fields(User.name.exclude()) to leave a field out.",
    "exclude": "not_(...) keeps what does not match, fields(User.name.exclude()) loads no name.",
    "get_or_none": "Call get(id), or filter(...).first().",
    "in_bulk": "Call filter(User.mongo_id.in_(ids)).",
    "item_frequencies": _GROUP,
    "iterator": "Iterate over the query: batches come one by one.",
    "page": _PAGE,
    "last": "Call descending(User.age).first().",
    "latest": "Call descending(User.age).first().",
    "earliest": "Call ascending(User.age).first().",
    "len": "Call count().",
    "length": "Call count().",
    "modify": _MODIFY,
    "none": "Use an empty list.",
    "objects": "The query is what you have.",
    "only": _FIELDS,
    "order": _ORDER,
    "reverse": _ORDER,
    "save": _SAVE,
    "pluck": "Call distinct(User.name), or read the field of each object.",
    "select_related": _JOIN,
    "size": "Call count().",
    "sum": _GROUP,
    "update_or_create": "Call filter(...).set(...).upsert().execute().",
    "upsert": "Call set(...) or another operator, then upsert() and execute().",
    "value": "Call one() or first(), and read the field of the object.",
    "values": "Call fields(User.name).raw_output() for dicts.",
    "values_list": "Call fields(User.name).raw_output(), or distinct(User.name).",
    # the server's operators
    "current_date": _BEHIND.format("current_date(field)"),
    "max": f"{_GROUP} As an operator: {_BEHIND.format('max(field, value)')}",
    "min": f"{_GROUP} As an operator: {_BEHIND.format('min(field, value)')}",
    "mul": _BEHIND.format("mul(field, factor)"),
    "pop": "Call pop_first(field) or pop_last(field).",
    "pull": "Call remove(field, value), or remove_all(field, values).",
    "pull_all": "Call remove_all(field, values).",
    "push": (
        "Call append(field, value) or extend(field, values); "
        "with a position or a slice, push(...) comes behind another operator."
    ),
    "push_all": "Call extend(field, values).",
    "rename": _BEHIND.format("rename(field, name)"),
    "set_on_insert": _BEHIND.format("set_on_insert(field, value)"),
    # pymongo
    "count_documents": "Call count().",
    "delete_many": "Call delete().",
    "delete_one": _REMOVE,
    "estimated_document_count": "Call count(), or ask session.db.",
    "execute": "Iterate over the query, or call all(), first() or one(); delete() removes.",
    "fetch": "Call all().",
    "fetchall": "Call all().",
    "fetchone": "Call first().",
    "find": "Call filter(...).",
    "find_one": "Call filter(...).first().",
    "find_one_and_delete": "Call find_and_modify(remove=True).execute().",
    "find_one_and_replace": _MODIFY,
    "find_one_and_update": _MODIFY,
    "hint": "Call hint_asc(User.age) or hint_desc(User.age), once for each field of the index.",
    "insert_many": "Call session.add_all(objects) and session.flush().",
    "insert_one": _SAVE,
    "max_time_ms": _LIMIT_TIME,
    "next": "Write next(iter(query)), or call first().",
    "project": _FIELDS,
    "projection": _FIELDS,
    "replace_one": "Change the object and call session.save(obj).",
    "rewind": "Iterate over the query again: it asks anew.",
    "timeout": _LIMIT_TIME,
    "to_list": "Call all().",
    "update_many": _MULTI,
    "update_one": _SET,
}
"""What is to be written instead of a method of a query."""

_ONE: Final = (
    "All matches go; session.query(cls).sort(...).find_and_modify(remove=True) removes one of them."
)

OF_A_REMOVAL: Final = {
    "all": "A removal gives no objects: call execute(), or ask by session.query(cls).",
    "count": "Call session.query(cls).filter(...).count() before; execute() tells how many went.",
    "delete": "Call execute().",
    "first": "A removal gives no objects: ask by session.query(cls).",
    "delete_many": "Call execute().",
    "delete_one": _ONE,
    "limit": _ONE,
    "multi": "All matches go: call execute().",
    "one": "A removal gives no objects: ask by session.query(cls).",
    "order_by": _ONE,
    "remove": "Call execute().",
    "safe": "Call set_safe(True).",
    "skip": _ONE,
    "sort": _ONE,
    "where": "Call filter(...).",
}
"""What is to be written instead of a method of a removal."""

_OF_THE_QUERY: Final = (
    "This is the list that all() gave. Call {name}() on the query, before or in the place of all()."
)

OF_A_LIST: Final = {
    name: _OF_THE_QUERY.format(name=name)
    for name in (
        "ascending",
        "delete",
        "descending",
        "distinct",
        "explain",
        "exists",
        "filter",
        "filter_by",
        "first",
        "inc",
        "limit",
        "one",
        "set",
        "skip",
    )
} | {
    "all": "This is the list that all() gave.",
    "update": "This is the list that all() gave. Call set(...).multi().execute() on the query.",
    "order_by": f"This is the list that all() gave. {_ORDER}",
    "scalars": "This is the list that all() gave: iterate over it.",
    "to_list": "This is the list that all() gave.",
}
"""What is to be written instead of a method of a list of results."""
