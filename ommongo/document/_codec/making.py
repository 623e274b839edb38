"""The function that makes a new document of the values that an application gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ommongo._tracking import UNSTORED
from ommongo.document._codec.accepting import acceptance
from ommongo.document._codec.source import Source, sure_fields, value_name
from ommongo.document._traits.described import Described
from ommongo.fields import Field
from ommongo.util import UNSET

__all__ = ["write_make"]


def write_make(cls: type[Described]) -> Callable[[dict[str, Any]], Any]:
    """
    Write the function that makes a document of values, if they can be taken as they are.

    Args:
        cls: The document's class.
    """
    source = Source(cls, "make")
    source.names.update(UNSTORED=UNSTORED)
    fields = list(cls._fields.values())
    sure = sure_fields(cls)
    source.add(0, "def make(values):", "    try:", "        pass")
    source.add(2, *(f"{value_name(field)} = values[{field._name!r}]" for field in sure))
    source.add(1, "except KeyError:", "    return make_some(values)")
    for field in sure:
        _refuse(source, field, value_name(field), 1)
    source.add(1, f"if len(values) != {len(sure)}:")
    _judge_given(source, [field for field in fields if field not in sure], len(sure), 2)
    source.make_document("None", "UNSTORED")
    source.add(0, "def make_some(values):")
    _judge_given(source, fields, 0, 1)
    source.make_document("None", "UNSTORED")
    return source.function("make")


def _judge_given(source: Source, fields: Iterable[Field[Any]], count: int, indent: int) -> None:
    """Write the judgement of values that may be given, beside *count* others that are."""
    source.add(indent, f"get, count = values.get, {count}")
    for field in fields:
        source.add(indent, f"v = get({field._name!r}, UNSET)")
        if field.optional and field.db_field not in source.identities:
            source.add(indent, "if v is None:", f"    del values[{field._name!r}]", "    v = UNSET")
        source.add(indent, "if v is not UNSET:")
        _refuse(source, field, "v", indent + 1)
        source.add(indent + 1, "count += 1")
    source.add(indent, "if count != len(values):", "    return None")


def _refuse(source: Source, field: Field[Any], value: str, indent: int) -> None:
    """Write that a value which cannot be taken as it is is left to the interpreted path."""
    identity = source.identities.get(field.db_field, UNSET)
    if identity is not UNSET:
        source.add(indent, f"if {value} != {source.name(identity)}:", "    return None")
    item = field._plain_item()
    test = acceptance(source, field, value)
    if item is not None:
        source.add(indent, f"if type({value}) is not list:", "    return None")
        source.add(indent, f"for x in {value}:")
        source.add(indent + 1, f"if not ({acceptance(source, item, 'x')}):", "    return None")
    elif test:
        source.add(indent, f"if not ({test}):", "    return None")
    else:
        source.add(indent, "return None")
