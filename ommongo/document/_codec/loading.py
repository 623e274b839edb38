"""The function that builds a document of stored data."""

from __future__ import annotations

import marshal
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ommongo._tracking import LISTS_END, LISTS_FORMAT
from ommongo.document._codec.accepting import loading_acceptance
from ommongo.document._codec.interpreted import load_interpreted
from ommongo.document._codec.source import (
    Source,
    embedded_class,
    overrides,
    sure_fields,
    value_name,
)
from ommongo.document._traits.described import Described
from ommongo.fields import AnythingField, Field, ListField

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
    if any(overrides(field, "set_value") for field in fields):
        # A field that places its values itself is given them one by one.
        source.add(1, "return interpreted(cls, raw, session)")
        return source.function("load")
    # What may be absent is looked for; what is required is taken, at the price of an exception for
    # the rare document that lacks it. Whether there is an _id is asked first: every stored document
    # has one, those that are embedded seldom do.
    sure = sure_fields(cls)
    ids = [field for field in fields if field.is_id and field not in sure]
    source.add(1, "try:")
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
    _load_the_rest(source, [field for field in fields if field not in sure + ids], 3)
    _finish_load(source, cls, sure)
    source.add(0, "def load_some(raw, session):")
    source.add(1, "values = {}", "try:", "    pass")
    _load_the_rest(source, fields, 2)
    _finish_load(source, cls, ())
    return source.function("load")


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


def _finish_load(source: Source, cls: type[Described], sure: Sequence[Field[Any]]) -> None:
    """Write the end: the document, and the snapshot of its lists."""
    source.add(1, "except DATA_ERRORS:")
    source.add(2, "return interpreted(cls, raw, session)")
    names = cls._plan.simple_lists
    is_kept = not cls._by_db_field["_id"]._is_plain
    keeping = ("document._keep_id(raw.get('_id', UNSET))",) if is_kept else ()
    if not names:
        source.make_document("session", "None", *keeping)
        return
    variables = {field._name: value_name(field) for field in sure}
    lists = [variables.get(name, f"values.get({name!r})") for name in names]
    # What `PackedLists` takes, in which the garbage collector has nothing to look at.
    source.add(1, "try:", f"    known = dumps(({', '.join(lists)}, {LISTS_END}), {LISTS_FORMAT})")
    source.add(1, "except ValueError:", "    known = None")
    source.make_document("session", "known", *keeping)


def _load_field(source: Source, field: Field[Any], value: str, indent: int) -> None:
    """Write the check, and where needed the conversion, of one loaded value."""
    if field._is_plain:
        source.add(indent, f"if not ({loading_acceptance(source, field, value)}):")
        source.add(indent + 1, "return interpreted(cls, raw, session)")
        return
    if type(field) is AnythingField and field._is_free:
        return
    key = f"values[{field._name!r}]"
    none = f" if {value} is not None else None" if field.allow_none else ""
    inner = embedded_class(field)
    if inner is not None:
        source.add(indent, f"if type({value}) is not dict{_or_none(field, value)}:")
        source.add(indent + 1, "return interpreted(cls, raw, session)")
        codec = source.codec(inner)
        source.add(indent, f"{key} = {codec}.load({value}, session){none}")
        return
    if type(field) is ListField and field._is_free:
        item: Field[Any] = field.item_field
        item_class = embedded_class(item)
        if item._is_plain or (item_class is not None and not item.allow_none):
            source.add(indent, f"if type({value}) is not list{_or_none(field, value)}:")
            source.add(indent + 1, "return interpreted(cls, raw, session)")
            items = f"{value} or ()" if field.allow_none else value
            source.add(indent, f"for x in {items}:")
            is_item = loading_acceptance(source, item, "x") if item._is_plain else "type(x) is dict"
            source.add(indent + 1, f"if not ({is_item}):")
            source.add(indent + 2, "return interpreted(cls, raw, session)")
            if item_class is not None:
                codec = source.codec(item_class)
                source.add(indent, f"{key} = [{codec}.load(x, session) for x in {value}]{none}")
            return
    source.add(indent, f"{key} = {source.name(field)}.unwrap({value}, session)")


def _or_none(field: Field[Any], value: str) -> str:
    return f" and {value} is not None" if field.allow_none else ""
