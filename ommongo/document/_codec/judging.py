"""
How the source judges a value: by the tests that its field gives, and else by asking the field.

A value is judged in one of three ways: when it is given to a new document, when it is stored, and
when it is loaded. Of a list or a dict the parts are looked at in a loop.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ommongo.document._codec.source import Source, embedded_class, held_class
from ommongo.fields import ALWAYS, DocumentField, Field, PartTests

__all__ = ["GIVEN", "LOADED", "STORED", "Way", "judge"]


class Way(NamedTuple):
    """
    One of the three ways.

    Attributes:
        test: The method by which a field gives its test.
        parts: The method by which it says how parts are looked at.
        converts: Whether a document takes another form, by its codec.
    """

    test: str
    parts: str
    converts: bool


GIVEN = Way("_given_test", "_given_parts", False)
STORED = Way("_stored_test", "_stored_parts", True)
LOADED = Way("_loaded_test", "_loaded_parts", True)


def judge(
    source: Source,
    field: Field[Any],
    value: str,
    way: Way,
    indent: int,
    *asked: str,
    into: str = "",
) -> None:
    """
    Write that a variable gets the new form of its value.

    Args:
        source: Where to write.
        field: The field.
        value: The variable.
        way: How it is judged.
        indent: How deep the lines stand.
        asked: The lines by which the field is asked instead.
        into: What gets a new form, where that is more than the variable.
    """
    into = into or value
    parts = _parts(source, field, value, way)
    test = "" if parts else _test(source, field, value, way)
    if parts:
        form = _form(source, field, value, way, none=False)
        is_part = _part_test(source, parts, way)
        done = f"{into} = {form}" if form != value else "pass"
        source.add(indent, f"if {parts.test}:")
        if is_part == ALWAYS:
            source.add(indent + 1, done)
        else:
            source.add(indent + 1, f"for {parts.each}:", f"    if not ({is_part}):")
            source.add(indent + 3, *asked, "break")
            source.add(indent + 1, "else:", f"    {done}")
        source.add(indent, f"elif {value} is not None:" if field.allow_none else "else:")
        source.add(indent + 1, *asked)
    elif not test:
        source.add(indent, *asked)
    else:
        form = _form(source, field, value, way)
        if form == value:
            source.add(indent, f"if not ({test}):")
        else:
            source.add(indent, f"if {test}:", f"    {into} = {form}", "else:")
        source.add(indent + 1, *asked)


def _parts(source: Source, field: Field[Any], value: str, way: Way) -> PartTests | None:
    """Say how the parts are looked at; ``None`` where nobody looks at them."""
    if field._has_validators or field._is_compound_id:
        return None
    if way is STORED and field._asks_on_loading:
        return None  # the whole is judged once more, in its stored form
    parts: PartTests | None = getattr(field, way.parts)(value, source.name)
    if parts is None or parts.field._has_validators:
        return None  # validators of the first parts would be asked again, if the last is not usual
    if not _part_test(source, parts, way):
        return None
    return parts if _form_of(source, parts, way) else None


def _part_test(source: Source, parts: PartTests, way: Way) -> str:
    test = _test(source, parts.field, "x", way)
    return f"{parts.key_test} and {test}" if test and parts.key_test else test


def _test(source: Source, field: Field[Any], value: str, way: Way) -> str:
    """Give the test of a value; what has parts itself is tested by a function of its own."""
    test: str = getattr(field, way.test)(value, source.name)
    if type(field) is DocumentField and way.converts:
        test = _document_test(source, field, value, way)
    if test:
        return test
    parts = _parts(source, field, "v", way)
    if parts is None:
        return ""
    name = source.helper(
        f"if not ({parts.test}):",
        "    return False",
        f"for {parts.each}:",
        f"    if not ({_part_test(source, parts, way)}):",
        "        return False",
        "return True",
    )
    return f"({value} is None or {name}({value}))" if field.allow_none else f"{name}({value})"


def _document_test(source: Source, field: DocumentField[Any], value: str, way: Way) -> str:
    """Give the test that an embedded document can be left to its codec."""
    cls = embedded_class(field) if way is LOADED else held_class(field)
    if cls is None:
        return ""
    test = f"type({value}) is dict"
    if way is STORED:
        # A partial one is refused by its field: the rest of it would be missing.
        is_whole = f"(type({value}._known) is not State or {value}._known.retrieved is None)"
        test = f"type({value}) is {source.name(cls)} and {is_whole}"
    return f"({value} is None or {test})" if field.allow_none else test


def _form(source: Source, field: Field[Any], value: str, way: Way, none: bool = True) -> str:
    """Give the new form of a value that passed its test."""
    form = value
    if way.converts and type(field) is DocumentField:
        codec = source.codec(field.document_class)
        form = f"{codec}.store({value})" if way is STORED else f"{codec}.load({value}, session)"
    elif way.converts:
        parts: PartTests | None = getattr(field, way.parts)(value, source.name)
        form = value if parts is None else _form_of(source, parts, way)
    is_other = none and form != value and field.allow_none
    return f"(None if {value} is None else {form})" if is_other else form


def _form_of(source: Source, parts: PartTests, way: Way) -> str:
    """Give the new form of a value whose parts passed their tests; empty where there is none."""
    if not way.converts:
        return parts.result
    part = _form(source, parts.field, "x", way)
    return parts.result if part == "x" else parts.rebuilt.replace("{}", part)
