"""From the names that an application uses to the names that the server holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ommongo._cycles import refuse_endless
from ommongo._ownership import NO_ROOTS, Roots, fields_read, is_own, refuse_foreign
from ommongo._spelling import unknown_name
from ommongo.exceptions import BadQueryException, FieldNotFoundException
from ommongo.query_expression._conditions import LOGICAL_OPERATORS, is_operator_name
from ommongo.query_expression._free_type import FREE_TYPE
from ommongo.query_expression._merging import merge
from ommongo.query_expression._names import (
    ATOMS,
    NamedField,
    StoredName,
    name_of,
    own_copy,
)
from ommongo.query_expression.logical import QueryExpression

__all__ = [
    "flatten",
    "own_value",
    "stored_item_query",
    "stored_query",
    "translate",
]

# Operators whose argument is again a condition on the same field.
_TRANSPARENT = ("$not", "$all")
# Operators whose argument is compared with what the field holds: nothing in it is a condition.
_COMPARING = frozenset({"$eq", "$gt", "$gte", "$in", "$lt", "$lte", "$ne", "$nin"})

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

    So are the names below ``$elemMatch``. A Python name wins over an equal stored one. What is
    neither is refused, except below a field that holds anything and in a class that ignores extra
    fields: there nobody knows.

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
        FieldNotFoundException: A name is no field of *cls*, or a query field is one of another
            class.
    """
    return own_copy(stored_query(cls, raw))


def stored_query(cls: Any, raw: Any, *, checked: bool = True) -> dict[str, Any]:
    """
    Translate as `translate` does, without copying what needs no translation.

    Args:
        cls: As for `translate`.
        raw: As for `translate`.
        checked: Whether names that mean nothing are refused.

    Returns:
        A dict that is not to be changed: it may be that of an expression. `own_copy` makes one
        that may.

    Raises:
        BadQueryException: As from `translate`.
        FieldNotFoundException: As from `translate`.
    """
    # A free-form collection has a field of any name, this one too.
    scope: Any = cls if isinstance(cls, type) and hasattr(cls, "_part") else None
    if scope is not None and not checked:
        scope = _Unchecked(scope)
    if isinstance(raw, QueryExpression):
        if scope is not None and scope is cls:
            refuse_foreign(scope, raw._roots)
        if raw._final:
            return raw._query
    try:
        return _query(_dict_of(raw), scope, str)
    except RecursionError as error:
        refuse_endless(raw, error, "The query")


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


def stored_item_query(
    field: Any, raw: Any, own: str = "", roots: Roots = NO_ROOTS
) -> dict[str, Any]:
    """
    Translate a condition on the items of a list, so that it needs no translation later.

    Args:
        field: The field that holds the list.
        raw: A query dict with names of the items' fields, or an expression.
        own: The stored dotted name of the field, with which names may begin.
        roots: Those of its query field: what they are made of may be asked for, too.

    Returns:
        A new dict whose keys are final.

    Raises:
        FieldNotFoundException: A name is no field of the items, or a query field is one of
            another class.
    """
    return _query(_dict_of(raw), _Items(field, own, roots), StoredName)


class _Unchecked:
    """
    The names of a class or a field, as far as they are known, and all others beside.

    Args:
        scope: The class or the field.
    """

    def __init__(self, scope: Any) -> None:
        self._scope = scope

    def _part(self, name: str, stored: bool) -> tuple[str, Any]:
        found = self._scope._part(name, stored)
        return (name, FREE_TYPE) if found is None else (found[0], _Unchecked(found[1]))


class _Items:
    """
    The names of the items of an array, which may be told from where the document begins.

    Args:
        field: The field of the array.
        own: Its stored dotted name.
        roots: Those of its query field.
    """

    def __init__(self, field: Any, own: str, roots: Roots) -> None:
        self.item_field = getattr(field, "item_field", None)
        self._field, self.own, self.roots, self._name = field, own, roots, field._name

    def _part(self, name: str, stored: bool) -> Any:
        return self._field._part(name, stored)

    def without_own(self, name: str) -> str | None:
        """Give what a name goes on with that begins with the array's, and not with an item's."""
        if name != self.own and not name.startswith(self.own + "."):
            return None
        if self._part(name.split(".")[0], True) not in (None, (name.split(".")[0], FREE_TYPE)):
            return None
        return name[len(self.own) + 1 :]


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


def _query(raw: dict[Any, Any], scope: Any, make: MakeName) -> dict[str, Any]:
    """Translate a dict of conditions; *scope* is the class, or the field, that has the names."""
    result: dict[str, Any] = {}
    for key, value in raw.items():
        name, field = _resolve(key, scope)
        name = make(name)
        if name in LOGICAL_OPERATORS:
            if not isinstance(value, (list, tuple)):
                raise BadQueryException(
                    f"{name} joins a list of queries, not {type(value).__name__}."
                )
            value = [_query(_dict_of(part), scope, make) for part in value]
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
                scope = None if isinstance(field, _Compared) else field
                result[name] = _query(_dict_of(part), scope, make)
            else:
                result[name] = _value(part, _below(field, name), make)
        if len(result) != len(value):
            raise BadQueryException(
                "A dict of a query names one field twice, as query field and as text. Keep one."
            )
        return result
    if isinstance(value, (list, tuple)):
        parts = [part if type(part) in ATOMS else _value(part, field, make) for part in value]
        return tuple(parts) if isinstance(value, tuple) else parts
    if type(type(value)) is not type and hasattr(type(value), "to_ref"):
        return _stored_form(value, field)
    return value


class _Compared:
    """
    A field with whose values something is compared.

    Args:
        field: The field.
    """

    __slots__ = ("field",)

    def __init__(self, field: Any) -> None:
        self.field = field


def _below(field: Any, operator: str) -> Any:
    """Give the field of which the argument of an operator tells; ``None`` where nobody knows."""
    if operator in _TRANSPARENT:
        return field
    return _Compared(field) if operator in _COMPARING and field is not None else None


def _stored_form(document: Any, field: Any) -> Any:
    """Give what a field stores of a document: a reference, or what is embedded."""
    field = field.field if isinstance(field, _Compared) else field
    if field is None or getattr(field, "_is_verbatim", True):
        kind = type(document).__name__
        raise BadQueryException(
            f"A condition holds an object of {kind}, and no field says what is stored of one. "
            f"Write its id (obj.id), or a DBRef (obj.to_ref()); a reference that is declared, "
            f"such as SRefField({kind}), takes the object itself."
        )
    return field.wrap_value(document)


def _resolve(key: Any, scope: Any) -> tuple[str, Any]:
    """Give the stored name that a key means, and its field (``None`` where nobody knows)."""
    if isinstance(key, NamedField):
        _refuse_foreign(scope, key._roots)
        return key.get_absolute_name(), key.get_type()
    if isinstance(key, StoredName):
        _refuse_foreign(scope, getattr(key, "roots", NO_ROOTS))
        return str(key), None
    if scope is None or is_operator_name(key):
        return name_of(key), None
    if isinstance(scope, _Items):
        rest = scope.without_own(name_of(key))
        if rest is not None:
            stored, at = _resolve(rest, scope) if rest else ("", scope._field)
            return f"{scope.own}.{stored}".rstrip("."), at
    parts = name_of(key).split(".")
    at = scope
    for position, part in enumerate(parts):
        found = at._part(part, True)
        if found is None:
            raise _unknown(scope, key, part, at)
        parts[position], at = found
    return ".".join(parts), at


def _refuse_foreign(scope: Any, roots: Roots) -> None:
    """Refuse fields that neither a class has, nor the items of an array, nor that array's class."""
    if isinstance(scope, type):
        refuse_foreign(scope, roots)
        return
    items = getattr(getattr(scope, "item_field", None), "document_class", None)
    if items is None:
        return
    above = scope.roots if isinstance(scope, _Items) else NO_ROOTS
    outside = fields_read(above)
    for owner, field in fields_read(roots) - outside:
        is_above = any(is_own(cls, owner, field) for cls, _ in outside if cls is not None)
        if not is_above and not is_own(items, owner, field, embedded=True):
            refuse_foreign(items, (owner, field))


def _unknown(scope: Any, name: str, part: str, at: Any) -> FieldNotFoundException:
    """Make the error for a name, a part of which means nothing where it is looked for."""
    owner = scope.__name__ if isinstance(scope, type) else f"What {scope._name!r} holds"
    at = at._field if isinstance(at, _Items) else at
    return FieldNotFoundException(
        f"{owner} has no field {unknown_name(at, name, part, stored=True)} Names are those of "
        f"the class or the stored ones, dotted into embedded documents. Of documents in another "
        f"form ask by query_bypass(), or by a query with the collection's name.",
        name=name,
        document_class=owner,
    )
