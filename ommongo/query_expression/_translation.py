"""From the names that an application uses to the names that the server holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ommongo.exceptions import BadQueryException
from ommongo.query_expression._conditions import LOGICAL_OPERATORS, is_operator_name
from ommongo.query_expression._merging import merge
from ommongo.query_expression._names import (
    ATOMS,
    NamedField,
    StoredName,
    is_position,
    name_of,
    own_copy,
)
from ommongo.query_expression.logical import QueryExpression

__all__ = ["flatten", "own_value", "stored_item_query", "stored_query", "translate"]

# Operators whose argument is again a condition on the same field.
_TRANSPARENT = ("$not", "$all")
_NO_FIELDS: Mapping[str, Any] = {}

MakeName = Callable[[str], str]


def flatten(obj: Any) -> dict[str, Any]:
    """
    Give a query dict with string keys at every level.

    Args:
        obj: A query dict whose keys may be query fields, or an expression.

    Returns:
        A new dict: query fields are replaced by their stored dotted names, other names are left.

    Raises:
        BadQueryException: A key is neither text nor a query field.

    Example:
        >>> from ommongo.query_expression import Q
        >>> flatten({"$or": [{Q.a.b: 1}, {"c": 2}]})
        {'$or': [{'a.b': 1}, {'c': 2}]}
    """
    return translate(None, obj)


def translate(cls: Any, raw: Any) -> dict[str, Any]:
    """
    Give a query dict with stored names at every level of ``$and``, ``$or``, ``$nor``.

    So are the names below ``$elemMatch`` where the item's fields are known. A Python name wins
    over an equal stored one; names that are neither are left as they are, for the server to judge.

    Args:
        cls: The document class that the query is for. For anything else, such as a `FreeFormDoc`,
            this is `flatten`.
        raw: A query dict whose keys may be Python names, stored names (both may be dotted) or
            query fields, or an expression. Translate each dict once: a stored name can be
            another field's Python name.

    Returns:
        A new dict with plain string keys.

    Raises:
        BadQueryException: A key is neither text nor a query field, or what a logical operator
            joins is no list.
    """
    return own_copy(stored_query(cls, raw))


def stored_query(cls: Any, raw: Any) -> dict[str, Any]:
    """
    Translate as `translate` does, without copying what needs no translation.

    Args:
        cls: As for `translate`.
        raw: As for `translate`.

    Returns:
        A dict that is not to be changed: it may be that of an expression. `own_copy` makes one
        that may.

    Raises:
        BadQueryException: As from `translate`.
    """
    if isinstance(raw, QueryExpression) and raw._final:
        return raw._query
    fields: Mapping[str, Any] = _NO_FIELDS
    if isinstance(cls, type):  # a free-form collection has a field of any name, this one too
        fields = getattr(cls, "_fields", _NO_FIELDS)
    return _query(_dict_of(raw), fields, str)


def own_value(value: Any) -> Any:
    """
    Give what an expression compares with a form of its own, in which nothing is to be translated.

    Args:
        value: The value.

    Returns:
        Dicts, lists and tuples that nobody else holds; any other value as it is.

    Raises:
        BadQueryException: A dict has a key that is neither text nor a query field.
    """
    return _value(value, None, str)


def stored_item_query(field: Any, raw: Any) -> dict[str, Any]:
    """
    Translate a condition on the items of a list, so that it needs no translation later.

    Args:
        field: The field that holds the list.
        raw: A query dict with names of the items' fields, or an expression.

    Returns:
        A new dict whose keys are final.
    """
    return _query(_dict_of(raw), field.subfields(), StoredName)


def _dict_of(obj: Any) -> dict[Any, Any]:
    """Give the query dict of an expression or of a dict."""
    if isinstance(obj, dict):
        return obj
    if isinstance(obj, QueryExpression):
        return obj.obj
    raise BadQueryException(
        f"A query is a dict or a query expression, not {type(obj).__name__}. Compare a query "
        f"field (User.age > 3), or pass a query dict."
    )


def _query(raw: dict[Any, Any], fields: Mapping[str, Any], make: MakeName) -> dict[str, Any]:
    """Translate a dict of conditions."""
    result: dict[str, Any] = {}
    for key, value in raw.items():
        name, field = _resolve(key, fields)
        name = make(name)
        if name in LOGICAL_OPERATORS:
            if not isinstance(value, (list, tuple)):
                raise BadQueryException(
                    f"{name} joins a list of queries, not {type(value).__name__}."
                )
            value = [_query(_dict_of(part), fields, make) for part in value]
        elif type(value) not in ATOMS:
            value = _value(value, field, make)
        if name in result:  # two names of one field
            result = merge(result, {name: value}, strict=False)
        else:
            result[name] = value
    return result


def _value(value: Any, field: Any, make: MakeName) -> Any:
    """Translate what a dict of conditions holds under a name."""
    if isinstance(value, dict):
        result: dict[str, Any] = {}
        for key, part in value.items():
            name = make(name_of(key))
            if type(part) in ATOMS:
                result[name] = part
            elif name == "$elemMatch" and isinstance(part, (dict, QueryExpression)):
                below = _NO_FIELDS if field is None else field.subfields()
                result[name] = _query(_dict_of(part), below, make)
            else:
                result[name] = _value(part, field if name in _TRANSPARENT else None, make)
        if len(result) != len(value):
            raise BadQueryException(
                "A dict of a query names one field twice, as query field and as text. Keep one."
            )
        return result
    if isinstance(value, (list, tuple)):
        parts = [part if type(part) in ATOMS else _value(part, field, make) for part in value]
        return tuple(parts) if isinstance(value, tuple) else parts
    return value


def _resolve(key: Any, fields: Mapping[str, Any]) -> tuple[str, Any]:
    """Give the stored name that a key means, and its field (``None`` where there is none)."""
    if isinstance(key, NamedField):
        return key.get_absolute_name(), key.get_type()
    if isinstance(key, StoredName) or not fields or is_operator_name(key):
        return name_of(key), None
    parts = name_of(key).split(".")
    field: Any = None
    below = fields
    for position, part in enumerate(parts):
        if field is not None and field.is_sequence_field and is_position(part):
            continue
        found = _stored_field(part, below)
        if found is None:  # a key inside a dict, or a name for the server to judge
            return ".".join(parts), None
        parts[position], field = found
        below = field.subfields()
    return ".".join(parts), field


def _stored_field(name: str, fields: Mapping[str, Any]) -> tuple[str, Any] | None:
    """Find a field by its Python name, or else by its stored name."""
    field = fields.get(name)
    if field is not None:
        return field.db_field or name, field
    for field in fields.values():
        if field.db_field == name:
            return name, field
    return None
