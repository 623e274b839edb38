"""The function that makes a new document of the values that an application gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ommongo._tracking import UNSTORED
from ommongo.document._codec.judging import GIVEN, judge
from ommongo.document._codec.source import (
    Source,
    asks_application,
    overrides,
    sure_fields,
    value_name,
)
from ommongo.document._traits.described import Described
from ommongo.fields import Field
from ommongo.util import UNSET

__all__ = ["write_make"]


def write_make(cls: type[Described]) -> Callable[[dict[str, Any]], Any]:
    """
    Write the function that makes a document of values, if all of them are taken.

    Args:
        cls: The document's class.
    """
    source = Source(cls, "make")
    source.names.update(UNSTORED=UNSTORED)
    fields = list(cls._fields.values())
    source.add(0, "def make(values):")
    own_ways = [field for field in fields if field._own_set is not None]
    for field in own_ways:  # it may do anything, in the order in which values are given
        source.add(1, f"if {field._name!r} in values:", "    return None")
    if asks_application(fields):  # before anything is asked: to be asked again it would be wrong
        names = source.name(frozenset(cls._fields))
        source.add(1, f"if not {names}.issuperset(values):", "    return None")
    fields = [field for field in fields if field not in own_ways]
    sure = [field for field in sure_fields(cls) if field in fields]
    source.make_document()
    source.adopt_values()
    source.know_document("None", "UNSTORED")
    source.add(1, "try:", "    pass")
    source.add(2, *(f"{value_name(field)} = values[{field._name!r}]" for field in sure))
    source.add(1, "except KeyError:", "    return make_some(values, document)")
    source.add(1, "try:", "    pass")
    for field in sure:
        _judge(source, field, value_name(field), 2)
    source.add(2, f"if len(values) != {len(sure)}:")
    _judge_given(source, [field for field in fields if field not in sure], len(sure), 3)
    _finish(source)
    source.add(0, "def make_some(values, document):")
    source.add(1, "try:", "    pass")
    _judge_given(source, fields, 0, 2)
    _finish(source)
    return source.function("make")


def _finish(source: Source) -> None:
    """Write the end; what was raised is raised again by the interpreted path, which knows where."""
    source.add(1, "except Exception:", "    return None", "return document")


def _judge_given(source: Source, fields: Iterable[Field[Any]], count: int, indent: int) -> None:
    """Write the judgement of values that may be given, beside *count* others that are."""
    source.add(indent, f"get, count = values.get, {count}")
    for field in fields:
        source.add(indent, f"v = get({field._name!r}, UNSET)")
        if field.optional and field.db_field not in source.identities:
            source.add(indent, "if v is None:", f"    del values[{field._name!r}]", "    v = UNSET")
        source.add(indent, "if v is not UNSET:")
        _judge(source, field, "v", indent + 1)
        source.add(indent + 1, "count += 1")
    source.add(indent, "if count != len(values):", "    return None")


def _judge(source: Source, field: Field[Any], value: str, indent: int) -> None:
    """Write that a value is taken, or left to the interpreted path, which takes or refuses it."""
    identity = source.identities.get(field.db_field, UNSET)
    if identity is not UNSET:
        source.add(indent, f"if {value} != {source.name(identity)}:", "    return None")
    name, key = source.name(field), f"values[{field._name!r}]"
    judge(
        source,
        field,
        value,
        GIVEN,
        indent,
        # What was used up by reading it is not there any more to be judged again.
        *((f"{value} = {key} = {name}._kept({value})",) if overrides(field, "_kept") else ()),
        f"{key} = {name}._given({value}, document)",
    )
