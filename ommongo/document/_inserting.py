"""What an upsert inserts: a document that its class could have saved, or none."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from bson import ObjectId

from ommongo._tracking import UNKNOWN, apply
from ommongo.exceptions import BadDocumentException, BadValueException, MissingValueException
from ommongo.fields import Field
from ommongo.query_expression import PATTERNS, is_operators
from ommongo.util import UNSET

__all__ = ["insertion"]


def insertion(
    cls: Any, filter: Mapping[str, Any], update: Mapping[str, Any], named: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """
    Give what an upsert has to store beside its filter and its update if it inserts.

    The server makes a document of the equalities of the filter and of the update. What a save of it
    would add (defaults, what is computed, the ``_id``) has to be said.

    Args:
        cls: The class of the document.
        filter: The filter.
        update: The update document.
        named: What selects the class, unless filter or update say it.

    Returns:
        The filter, as it is to be sent, and values by stored dotted name for ``$setOnInsert``.

    Raises:
        BadValueException: The class could not load what would be inserted.
        MissingValueException: A required field is in neither, and has no default.

    MongoDB manual:
        https://www.mongodb.com/docs/manual/reference/method/db.collection.updateOne/#upsert
    """
    raw: dict[str, Any] = {}
    sent = _without_nulls(cls, filter)
    on_insert: dict[str, Any] = dict(named)
    touched = {path for operands in update.values() for path in operands}
    touched.update(update.get("$rename", {}).values())
    equalities = _equalities(sent)
    for path, value in equalities:
        _put(raw, path.split("."), value)
    given = touched.union(path for path, _ in equalities)
    for name, value in list(raw.items()):
        field = cls._by_db_field.get(name)
        if field is None or field.is_valid_unwrap(value):
            continue
        if field.is_sequence_field and field.is_valid_unwrap([value]):
            # The filter asks for an item, and the server would store that in the place of a list.
            _check_untouched(cls, field, touched, update)
            raw[name] = on_insert[name] = [value]
    raw.update(named)
    _apply(raw, update)
    stored = _as_saved(cls, raw)
    _collect(cls, raw, stored, "", given, on_insert)
    return sent, on_insert


def _without_nulls(cls: Any, filter: Mapping[str, Any], is_joined: bool = False) -> dict[str, Any]:
    """Give a filter with the same meaning, of which the server makes no null that none stores."""
    sent: dict[str, Any] = {}
    for name, condition in filter.items():
        if name == "$and" or (name == "$or" and len(condition) == 1):
            sent[name] = [_without_nulls(cls, part, True) for part in condition]
        elif _asks_for_none(condition) and _stores_no_null(cls, name, is_joined):
            sent[name] = {"$not": {"$ne": None}}
        else:
            sent[name] = condition
    return sent


def _asks_for_none(condition: Any) -> bool:
    return condition is None or condition in ({"$eq": None}, {"$in": [None]})


def _stores_no_null(cls: Any, path: str, is_joined: bool) -> bool:
    """Whether a stored dotted name leads to a field of which a null says that it has no value."""
    field = cls
    for part in path.split("."):
        found = field._part(part, True)
        if found is None:
            return False
        field = found[1]
    if not isinstance(field, Field):
        return False
    is_simple = not is_joined and "." not in path
    return field.optional or (is_simple and not field.is_valid_unwrap(None))


def _check_untouched(cls: Any, field: Any, touched: set[str], update: Mapping[str, Any]) -> None:
    whole = update.get("$set", {}).keys() | update.get("$setOnInsert", {}).keys()
    if any(path.split(".")[0] == field.db_field for path in touched - whole):
        raise BadValueException(
            f"{cls.__name__}.{field._name}",
            None,
            "is a list of which the filter asks for an item, and an upsert would store that item "
            "in its place, for the update to work on. Ask for the list by elem_match().",
        )


def _equalities(filter: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Give paths and values that the server takes from a filter for a document to insert."""
    found: list[tuple[str, Any]] = []
    for name, condition in filter.items():
        if name == "$and" or (name == "$or" and len(condition) == 1):
            for part in condition:
                found.extend(_equalities(part))
        elif name.startswith("$") or isinstance(condition, PATTERNS):
            continue
        elif not is_operators(condition):
            found.append((name, condition))
        elif "$eq" in condition:
            found.append((name, condition["$eq"]))
        else:
            for operator in ("$in", "$all"):
                values = condition.get(operator)
                if isinstance(values, (list, tuple)) and values and _are_one(values):
                    found.append((name, values[0]))
    return found


def _are_one(values: Sequence[Any]) -> bool:
    first = values[0]
    if isinstance(first, PATTERNS) or is_operators(first):
        return False
    return all(value == first for value in values)


# -- what the update makes ------------------------------------------------------------------------


def _apply(raw: dict[str, Any], update: Mapping[str, Any]) -> None:
    """Do to a document that is about to be inserted what an update does."""
    for operator, operands in update.items():
        for path, operand in operands.items():
            parts = path.split(".")
            if any(part.startswith("$") for part in parts):
                continue  # the server refuses to insert by it
            old = _get(raw, parts)
            if operator == "$rename":
                _put(raw, parts, UNSET)
                if old is not UNSET:
                    _put(raw, operand.split("."), old)
                continue
            make = _MADE.get(operator)
            new = make(old, operand) if make is not None else apply(operator, old, operand)
            if new is not UNKNOWN:
                _put(raw, parts, new)


def _pushed(old: Any, operand: Any) -> Any:
    each = isinstance(operand, Mapping) and "$each" in operand
    items = list(operand["$each"]) if each else [operand]
    if old is not UNSET and not isinstance(old, (list, tuple)):
        return UNKNOWN
    held = list(old) if isinstance(old, (list, tuple)) else []
    options: Mapping[str, Any] = operand if each else {}
    place = options.get("$position", len(held))
    made = [*held[:place], *items, *held[place:]]
    kept = options.get("$slice")
    if kept is None:
        return made
    return made[:kept] if kept >= 0 else made[kept:]


def _added(old: Any, operand: Any) -> Any:
    if isinstance(operand, Mapping) and "$each" in operand:
        return apply("$addToSet", old, list(operand["$each"]))
    return apply("$addToSet", old, [operand])


def _pulled(old: Any, operand: Any) -> Any:
    return UNSET if old is UNSET else UNKNOWN


_MADE: dict[str, Callable[[Any, Any], Any]] = {
    "$set": lambda old, operand: operand,
    "$setOnInsert": lambda old, operand: operand,
    "$unset": lambda old, operand: UNSET,
    "$currentDate": lambda old, operand: datetime.now(timezone.utc).replace(tzinfo=None),
    "$push": _pushed,
    "$addToSet": _added,
    "$pull": _pulled,
    "$pullAll": lambda old, operand: apply("$pullAll", old, list(operand)),
    "$pop": lambda old, operand: _popped(old, operand),
}


def _popped(old: Any, operand: Any) -> Any:
    if not isinstance(old, (list, tuple)):
        return old
    return list(old[1:] if operand == -1 else old[:-1])


def _get(raw: Any, parts: Sequence[str]) -> Any:
    for part in parts:
        if not isinstance(raw, Mapping) or part not in raw:
            return UNSET
        raw = raw[part]
    return raw


def _put(raw: Any, parts: Sequence[str], value: Any) -> None:
    for part in parts[:-1]:
        if part not in raw:
            if value is UNSET:
                return
            raw[part] = {}
        elif not isinstance(raw[part], dict):
            return  # the server refuses that
        raw = raw[part]
    if value is UNSET:
        raw.pop(parts[-1], None)
    else:
        raw[parts[-1]] = value


# -- what a save would make -----------------------------------------------------------------------


def _as_saved(cls: Any, raw: dict[str, Any]) -> dict[str, Any]:
    """Give the stored form of a document that would be inserted, with all that a save adds."""
    try:
        document = cls._load(copy.deepcopy(raw), None, None)
    except BadDocumentException as error:
        raise BadValueException(
            error.name,
            error.value,
            f"would be inserted by this upsert, and could not be loaded: it {error.reason}",
            error,
        ) from error
    id_field = document._id_field()
    if "_id" not in raw and not id_field.has_default and not _takes(id_field, ObjectId()):
        raise MissingValueException(
            f"{cls.__name__}.{id_field._name} is the _id, and neither the filter nor the update "
            f"gives it, so the server would make an ObjectId. Set it, or pass "
            f"upsert(unchecked=True).",
            name=id_field._name,
            document_class=cls.__name__,
        )
    stored: dict[str, Any] = document.wrap()
    version = type(document)._version_field
    if version is not None:
        stored.setdefault(version.db_field, 1)
    return stored


def _takes(field: Any, made: ObjectId) -> bool:
    """Whether a field takes an ``_id`` that the server makes, now and when it is loaded."""
    return bool(field.is_valid_wrap(made) and field.is_valid_unwrap(made))


def _collect(
    cls: Any,
    raw: Mapping[str, Any],
    stored: Mapping[str, Any],
    prefix: str,
    given: set[str],
    on_insert: dict[str, Any],
) -> None:
    """Collect what a save stores, and neither filter nor update: these give whole values."""
    for name, value in stored.items():
        path, old = prefix + name, raw.get(name, UNSET)
        if path in given or path in on_insert:
            continue
        if old is UNSET:
            if not any(other.startswith(path + ".") for other in given):
                on_insert[path] = value
        elif isinstance(old, Mapping) and isinstance(value, Mapping):
            below = getattr(cls._by_db_field.get(name), "document_class", None)
            if below is not None:
                _collect(below, old, value, path + ".", given, on_insert)
