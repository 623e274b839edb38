"""What to do about an index that the server refused, by the cause."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from pymongo.collection import Collection
from pymongo.errors import OperationFailure, PyMongoError

from ommongo.document import Index

__all__ = ["about_index", "about_language"]

_CONFLICTS = frozenset({85, 86})
_DUPLICATES = frozenset({11000, 11001})
_NOT_OPTIONS = frozenset({"v", "ns", "key", "name", "background", "textIndexVersion"})
_LANGUAGE = 17262

_ADVICE = {
    13: "This user may not create indexes. Let one who may call session.ensure_indexes({name}), "
    "and give the session auto_ensure=False.",
    67: "The server has no index like that. Correct the declaration.",
    166: "It is a view, which has no indexes. Declare them for what it shows, and give the session "
    "auto_ensure=False.",
    197: "The server has no index with such options. Correct the declaration.",
    276: "The server has given up building it. The next write, or session.ensure_indexes({name}), "
    "tries again.",
    _LANGUAGE: "A stored document names a language that the server does not know. Name another key "
    "for it: Index().text(..., language_override='idx_language').",
}


def about_index(
    error: OperationFailure, index: Index, document_class: Any, collection: Collection[Any]
) -> str:
    """
    Give the note for an error with which the server refused an index.

    Args:
        error: The error.
        index: The index.
        document_class: The class that declares or inherits it.
        collection: Its collection.

    Returns:
        The note: which index it is, and what to do.

    MongoDB manual:
        https://www.mongodb.com/docs/manual/reference/command/createIndexes/
    """
    name = document_class.__name__
    server_name = index.server_name(document_class)
    where = (
        f"While ensuring the index {server_name!r} of {name} on the collection {collection.name!r}."
    )
    if error.code in _CONFLICTS:
        return f"{where} {_about_conflict(index, document_class, collection)}"
    if error.code in _DUPLICATES:
        return (
            f"{where} Documents are stored that have the same values in it, so it cannot be "
            f"unique. Find them with an aggregation ($group, $match count > 1) and put them right, "
            f"or declare it without unique()."
        )
    advice = _ADVICE.get(error.code or 0)
    return where if advice is None else f"{where} {advice.format(name=name)}"


def _about_conflict(index: Index, document_class: Any, collection: Collection[Any]) -> str:
    """Say what is declared, what is there, and how the one becomes the other."""
    keys, options = index.specification(document_class)
    wanted = {"key": keys, **options}
    server_name = index.server_name(document_class)
    found: Mapping[str, Any] | None = None
    there = server_name
    with suppress(PyMongoError):  # who may not ask still has the server's own words
        existing = collection.index_information()
        found = existing.get(server_name)
        if found is None:
            same = (name for name, one in existing.items() if one["key"] == keys)
            there = next(same, server_name)
            found = existing.get(there)
    declared = f"Declared is {_described(wanted)}"
    rebuild = (
        f"drop the one that is there (session.db[{collection.name!r}].drop_index({there!r})) and "
        f"call session.ensure_indexes({document_class.__name__})"
    )
    if found is None:
        return (
            f"{declared}, and another of that name or of these keys is there. To change it, "
            f"{rebuild}."
        )
    text = f"{declared}, and there is {there!r}: {_described(found)}."
    if there == server_name and _only_expiry(wanted, found):
        new = {"name": there, "expireAfterSeconds": options["expireAfterSeconds"]}
        return (
            f"{text} That can be changed in place: session.db.command('collMod', "
            f"{collection.name!r}, index={new!r})."
        )
    return f"{text} To change it, {rebuild}. Or give one of them another name."


def _described(definition: Mapping[str, Any]) -> str:
    """Show a definition without what says nothing of it."""
    shown = {name: value for name, value in definition.items() if name not in _NOT_OPTIONS}
    keys = dict(definition["key"])
    return f"{keys!r}" + (f" with {shown!r}" if shown else "")


def _only_expiry(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    """Tell whether two definitions differ in when documents expire, and in nothing else."""
    both = {"expireAfterSeconds"} <= wanted.keys() & found.keys()
    named = (wanted.keys() | found.keys()) - (_NOT_OPTIONS - {"key"}) - {"expireAfterSeconds"}
    return both and all(wanted.get(name) == found.get(name) for name in named)


def about_language(error: BaseException, document_class: Any) -> str:
    """
    Give the note for a write that a text index refused because of a stored language.

    Args:
        error: What the write failed with.
        document_class: The class that was written.

    Returns:
        The note; empty for any other error.

    MongoDB manual:
        https://www.mongodb.com/docs/manual/tutorial/specify-language-for-text-index/
    """
    if getattr(error, "code", None) != _LANGUAGE or not isinstance(document_class, type):
        return ""
    cls: Any = document_class
    options = [index.specification(cls)[1] for index in cls.get_indexes()]
    key = next((one["language_override"] for one in options if "language_override" in one), None)
    key = key or "language"
    paths = sorted(_stored_as(cls._fields, key, cls.__name__, 4))
    return (
        f"A text index takes the key {key!r} of a document, and of each one embedded in it, for "
        f"the language of its text, and the server knows no such language. Where that key means "
        f"something else{' (' + ', '.join(paths) + ')' if paths else ''}, let the index look at "
        f"another one: Index().text(..., language_override='idx_language'); or store the field "
        f"under another name, by db_field."
    )


def _stored_as(fields: Mapping[str, Any], key: str, above: str, depth: int) -> set[str]:
    """Give the paths of the fields that are stored under a name, down to some depth."""
    found = {f"{above}.{name}" for name, field in fields.items() if field.db_field == key}
    for name, field in fields.items():
        if depth and field.has_subfields:
            found |= _stored_as(field.subfields(), key, f"{above}.{name}", depth - 1)
    return found
