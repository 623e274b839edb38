"""The function that gives the dict to be stored."""

from __future__ import annotations

from collections.abc import Callable
from itertools import takewhile
from typing import Any

from ommongo._tracking import State
from ommongo.document._codec.interpreted import store_interpreted
from ommongo.document._codec.judging import STORED, judge
from ommongo.document._codec.source import Source, overrides, sure_fields, value_name
from ommongo.document._traits.described import Described
from ommongo.document._traits.identity import tell_identity
from ommongo.exceptions import BadValueException, DocumentException
from ommongo.fields import Field

__all__ = ["telling_store", "write_store"]

# By the plain path each is raised for the first of the fields that are to blame.
_REFUSALS = (BadValueException, DocumentException)


def write_store(cls: type[Described]) -> Callable[[Any], dict[str, Any]]:
    """
    Write the function that gives the dict to be stored for a document.

    Args:
        cls: The document's class.
    """
    source = Source(cls, "store")
    source.names.update(interpreted=store_interpreted, State=State, REFUSALS=_REFUSALS)
    fields = list(cls._fields.values())
    sure = [field for field in sure_fields(cls) if not overrides(field, "_value_to_store")]
    source.add(0, "def store(document):", "    state = document._known")
    source.add(1, "if type(state) is State and (state.retrieved is not None or state.extra")
    source.add(2, "or state.particulars.stored_id is not None):")
    source.add(2, "return interpreted(document)")
    source.add(1, "values = document.__dict__", "get = values.get", "try:", "    pass")
    source.add(2, *(f"{value_name(field)} = values[{field._name!r}]" for field in sure))
    source.add(1, "except KeyError:", "    return interpreted(document)", "try:", "    pass")
    for field in sure:
        _judge(source, field, value_name(field), 2)
    # The usual document is one display of a dict, up to the first field that may have no value.
    ids = [field for field in fields[:1] if field.is_id and field not in sure]
    rest = fields[len(ids) :]
    head = list(takewhile(lambda field: field in sure, rest))
    _show(source, cls, ids, head)
    for field in rest[len(head) :]:
        if field in sure:
            source.add(2, f"stored[{field.db_field!r}] = {value_name(field)}")
        else:
            _store_if_set(source, cls, field)
    source.add(1, "except REFUSALS:", "    return interpreted(document)")
    source.add(1, "return stored")
    return source.function("store")


def telling_store(store: Callable[[Any], dict[str, Any]]) -> Callable[[Any], dict[str, Any]]:
    """
    Give a function that stores a document with what tells its class, and with nothing else there.

    Args:
        store: The function that is written for its class.
    """

    def tell(document: Any) -> dict[str, Any]:
        stored = store(document)
        tell_identity(document, stored)
        return stored

    return tell


def _judge(source: Source, field: Field[Any], value: str, indent: int) -> None:
    """Write that a variable gets the stored form of its value."""
    wrap = "_wrap_to_store" if field._asks_on_loading else "wrap"
    asked = f"{value} = {source.name(field)}.{wrap}({value})"
    judge(source, field, value, STORED, indent, asked)


def _show(
    source: Source, cls: type[Described], ids: list[Field[Any]], fields: list[Field[Any]]
) -> None:
    """Write the display of the dict, with the ``_id`` in it if there is one."""
    shown = [f"{field.db_field!r}: {value_name(field)}" for field in fields]
    source.add(2, f"stored = {', '.join(shown).join('{}')}" if not ids else "pass")
    for field in ids:
        _get_value(source, cls, field)
        source.add(2, "if v is UNSET:")
        source.add(3, f"stored = {', '.join(shown).join('{}')}")
        source.add(2, "else:")
        _judge(source, field, "v", 3)
        source.add(3, f"stored = {', '.join([f'{field.db_field!r}: v', *shown]).join('{}')}")


def _store_if_set(source: Source, cls: type[Described], field: Field[Any]) -> None:
    """Write the storing of a value that may not be set."""
    nothing = _get_value(source, cls, field)
    source.add(2, f"if v is not {nothing}:")
    _judge(source, field, "v", 3)
    source.add(3, f"stored[{field.db_field!r}] = v")
    if field.required:
        source.add(2, "else:", "    return interpreted(document)")


def _get_value(source: Source, cls: type[Described], field: Field[Any]) -> str:
    """Write that ``v`` is the value of a field, its default included; give what is none."""
    asked = f"v = {source.name(field)}._value_to_store(document)"
    if overrides(field, "_value_to_store"):
        source.add(2, asked)
        return "UNSET"
    if field.db_field in cls._identities or field.has_default:
        source.add(2, f"v = get({field._name!r}, UNSET)", "if v is UNSET:", f"    {asked}")
        return "UNSET"
    if field.optional:
        source.add(2, f"v = get({field._name!r})")
        return "None"
    source.add(2, f"v = get({field._name!r}, UNSET)")
    return "UNSET"
