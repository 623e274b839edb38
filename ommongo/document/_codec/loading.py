"""The function that builds a document of stored data."""

from __future__ import annotations

import marshal
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ommongo._tracking import LISTS_END, LISTS_FORMAT
from ommongo.document._codec.interpreted import load_interpreted
from ommongo.document._codec.judging import LOADED, judge
from ommongo.document._codec.source import (
    Source,
    asks_application,
    overrides,
    sure_fields,
    value_name,
)
from ommongo.document._shared_keys import shares_keys
from ommongo.document._traits.described import Described
from ommongo.fields import Field

__all__ = ["write_load"]


def write_load(cls: type[Described]) -> Callable[[Any, Any], Any]:
    """
    Write the function that builds a document from driver-owned data.

    Args:
        cls: The document's class.
    """
    source = Source(cls, "load")
    source.names.update(cls=cls, interpreted=load_interpreted, dumps=marshal.dumps)
    fields = list(cls._fields.values())
    source.add(0, "def load(raw, session):")
    if any(overrides(field, "set_value") and not field._places_loaded for field in fields):
        # A field that places its values itself is given them one by one.
        source.add(1, "return interpreted(cls, raw, session)")
        return source.function("load")
    if cls._plan.may_have_extra and asks_application(fields):
        # What is asked now would be asked again where there is something that is no field's.
        names = source.name(frozenset(cls._by_db_field))
        source.add(1, f"if not {names}.issuperset(raw):")
        source.add(2, "return interpreted(cls, raw, session)")
    # What may be absent is looked for; what is required is taken, at the price of an exception for
    # the rare document that lacks it. Whether there is an _id is asked first: every stored document
    # has one, those that are embedded seldom do.
    sure = sure_fields(cls)
    ids = [field for field in fields if field.is_id and field not in sure]
    rest = [field for field in fields if field not in sure + ids]
    is_shared = shares_keys(cls, [field._name for field in (*sure, *ids, *rest)])
    if is_shared:
        _begin(source, is_shared)
    source.add(1, "try:")
    if is_shared:
        source.add(2, *map(_take, sure), *(f"if '_id' in raw: {_take(field)}" for field in ids))
    else:
        whole = _shown_values(sure)
        if ids:
            whole = f"{_shown_values(sure + ids)} if '_id' in raw else {whole}"
        source.add(2, f"values = {whole}")
    source.add(1, "except KeyError:", "    return load_some(raw, session)")
    source.add(1, "try:", "    pass")
    for field in sure:
        _load_field(source, field, value_name(field), 2)
    for field in ids:
        source.add(2, f"if {field._name!r} in values:")
        _load_field(source, field, value_name(field), 3)
    source.add(2, "if len(values) != len(raw):", "    pass")
    _load_the_rest(source, rest, 3)
    _finish_load(source, cls, sure, is_shared)
    source.add(0, "def load_some(raw, session):")
    _begin(source, is_shared)
    source.add(1, "try:", "    pass")
    _load_the_rest(source, fields, 2)
    _finish_load(source, cls, (), is_shared)
    return source.function("load")


def _begin(source: Source, is_shared: bool) -> None:
    """Write what makes the dict of the values."""
    if is_shared:
        source.make_document()
    source.add(1, "values = document.__dict__" if is_shared else "values = {}")


def _take(field: Field[Any]) -> str:
    """Give the line that takes a value which has to be there, and keeps it in a variable too."""
    return f"{value_name(field)} = values[{field._name!r}] = raw[{field.db_field!r}]"


def _shown_values(fields: Iterable[Field[Any]]) -> str:
    """Give the display of a dict of values that have to be there, each kept in a variable too."""
    return ", ".join(
        f"{field._name!r}: ({value_name(field)} := raw[{field.db_field!r}])" for field in fields
    ).join("{}")


def _load_the_rest(source: Source, fields: Sequence[Field[Any]], indent: int) -> None:
    """Write the loading of fields that may be absent, and leave what is no field's."""
    count = "len(values)"
    if any(field.optional for field in fields):
        source.add(indent, "nulls = 0")
        count = "len(values) + nulls"
    for field in fields:
        value = value_name(field)
        source.add(indent, f"{value} = raw.get({field.db_field!r}, UNSET)")
        if field.optional:
            source.add(indent, f"if {value} is None:", "    nulls += 1")
        source.add(indent, f"{'elif' if field.optional else 'if'} {value} is not UNSET:")
        source.add(indent + 1, f"values[{field._name!r}] = {value}")
        _load_field(source, field, value, indent + 1)
    source.add(indent, f"if {count} != len(raw):", "    return interpreted(cls, raw, session)")


def _finish_load(
    source: Source, cls: type[Described], sure: Sequence[Field[Any]], is_shared: bool
) -> None:
    """Write the end: the document, and the snapshot of its lists."""
    source.add(1, "except DATA_ERRORS:")
    source.add(2, "return interpreted(cls, raw, session)")
    names = cls._plan.simple_lists
    is_kept = not cls._by_db_field["_id"]._is_plain
    known = "known" if names else "None"
    variables = {field._name: value_name(field) for field in sure}
    lists = [variables.get(name, f"values.get({name!r})") for name in names]
    if names:
        # What `PackedLists` takes, in which the garbage collector has nothing to look at.
        held = f"({', '.join(lists)}, {LISTS_END})"
        source.add(1, "try:", f"    known = dumps({held}, {LISTS_FORMAT})")
        source.add(1, "except ValueError:", "    known = None")
    if not is_shared:
        source.make_document()
        source.adopt_values()
    source.know_document("session", known)
    if is_kept:
        source.add(1, "document._keep_id(raw.get('_id', UNSET))")
    source.add(1, "return document")


def _load_field(source: Source, field: Field[Any], value: str, indent: int) -> None:
    """Write the check, and where needed the conversion, of one loaded value."""
    into = f"{value} = values[{field._name!r}]"
    asked = f"{into} = {source.name(field)}.unwrap({value}, session)"
    if field.is_id and field._is_plain:
        asked = "return interpreted(cls, raw, session)"  # which keeps it as it is stored
    judge(source, field, value, LOADED, indent, asked, into=into)
