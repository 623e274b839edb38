"""
Load and store functions, written for each document class on first use.

The functions are straight-line source: type checks for the library's own fields, calls for any
field class that an application wrote. Their results equal those of the plain path
(`ommongo.document._plain`); on any surprise they leave the work to it, and it raises the precise
error. The source is in `linecache`, so tracebacks show it.
"""

from __future__ import annotations

import linecache
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from bson import Int64, ObjectId

from ommongo.document._hooks import holds_hooks
from ommongo.document._plain import load_plain, store_plain
from ommongo.document._state import UNSTORED
from ommongo.exceptions import BadValueException, ExtraValueException
from ommongo.fields import (
    AnythingField,
    BoolField,
    DateTimeField,
    DocumentField,
    Field,
    FloatField,
    IntField,
    ListField,
    ObjectIdField,
    StringField,
)
from ommongo.util import UNSET

__all__ = ["Codec", "codec_of"]

_MAX_INT = 2**63 - 1


class Codec:
    """
    The load and the store function of one document class.

    Args:
        cls: The class.
    """

    def __init__(self, cls: Any) -> None:
        self.cls = cls
        # Written on the first call: a class may name itself, or a class that comes later.
        self.load: Callable[[Any, Any], Any] = self._first_load
        self.store: Callable[[Any], dict[str, Any]] = self._first_store

    def _first_load(self, raw: Any, session: Any) -> Any:
        # A hook runs once, so what runs one cannot be given up half-way for the plain path.
        plain = self.cls._overrides_init or holds_hooks(self.cls)
        self.load = self._plain_load if plain else _write_load(self.cls)
        return self.load(raw, session)

    def _plain_load(self, raw: Any, session: Any) -> Any:
        return load_plain(self.cls, raw, session)

    def _first_store(self, document: Any) -> dict[str, Any]:
        self.store = _write_store(self.cls)
        return self.store(document)


def codec_of(cls: Any) -> Codec:
    """
    Give the codec of a document class.

    Args:
        cls: The class.

    Returns:
        Its codec, always the same one.
    """
    codec: Codec | None = cls.__dict__.get("_codec")
    if codec is None:
        codec = Codec(cls)
        cls._codec = codec
    return codec


# -- what can be written out ------------------------------------------------------------------

_PLAIN_TYPES: dict[type[Field[Any]], frozenset[type]] = {
    StringField: frozenset({str}),
    IntField: frozenset({int, Int64}),
    FloatField: frozenset({float}),
    BoolField: frozenset({bool}),
    ObjectIdField: frozenset({ObjectId}),
    DateTimeField: frozenset({datetime}),
}
"""The types that a field without further conditions takes as they are, loading and storing."""

_CONDITIONS = (
    "min_length",
    "max_length",
    "min_value",
    "max_value",
    "min_date",
    "max_date",
    "min_capacity",
    "max_capacity",
)


def _is_free(field: Field[Any]) -> bool:
    """Whether a field judges by type alone."""
    return (
        field._validator is None
        and field._unwrap_validator is None
        and field._wrap_validator is None
        and not getattr(field, "use_tz", False)
        and all(getattr(field, name, None) is None for name in _CONDITIONS)
    )


def _plain_types(field: Field[Any]) -> frozenset[type] | None:
    """Give the types that *field* takes as they are, or ``None`` if it has to be asked."""
    types = _PLAIN_TYPES.get(type(field))
    if types is None or not _is_free(field):
        return None
    return types | {type(None)} if field.allow_none else types


def _overrides(field: Field[Any], name: str) -> bool:
    """Whether a field's class has its own *name*."""
    return getattr(type(field), name) is not getattr(Field, name)


class _Source:
    """
    Source of one function, and the names that it uses.

    Args:
        cls: The document class that the function is for.
        kind: ``load`` or ``store``.
    """

    def __init__(self, cls: Any, kind: str) -> None:
        self.filename = f"<ommongo {kind} {cls.__module__}.{cls.__qualname__}>"
        self.lines: list[str] = []
        self.names: dict[str, Any] = {
            "UNSET": UNSET,
            "BadValueException": BadValueException,
            "ExtraValueException": ExtraValueException,
        }

    def name(self, value: Any) -> str:
        """Give a name for *value* in the source."""
        for name, held in self.names.items():
            if held is value:
                return name
        name = f"n{len(self.names)}"
        self.names[name] = value
        return name

    def add(self, indent: int, *lines: str) -> None:
        """Append lines."""
        self.lines.extend("    " * indent + line for line in lines)

    def function(self, name: str) -> Any:
        """Compile the source and give its function."""
        text = "\n".join(self.lines) + "\n"
        linecache.cache[self.filename] = (
            len(text),
            None,
            text.splitlines(keepends=True),
            self.filename,
        )
        exec(compile(text, self.filename, "exec"), self.names)
        return self.names[name]


def _type_test(source: _Source, value: str, types: Iterable[type]) -> str:
    """Give an expression that is true when *value* has one of *types*."""
    names = [source.name(kind) if kind is not type(None) else "" for kind in types]
    tests = [f"type({value}) is {name}" if name else f"{value} is None" for name in sorted(names)]
    return tests[0] if len(tests) == 1 else f"({' or '.join(tests)})"


# -- loading ------------------------------------------------------------------------------------


def _write_load(cls: Any) -> Callable[[Any, Any], Any]:
    """Write the function that builds a document of *cls* from driver-owned data."""
    source = _Source(cls, "load")
    document = next(base for base in reversed(cls.__mro__) if "_state" in vars(base))
    slots = vars(document)
    source.names.update(
        cls=cls,
        new=object.__new__,
        set_values=slots["__dict__"].__set__,
        set_session=slots["_session"].__set__,
        set_state=slots["_state"].__set__,
        plain=load_plain,
    )
    fields = list(cls._fields.values())
    source.add(0, "def load(raw, session):")
    if any(_overrides(field, "set_value") for field in fields):
        # A field that places its values itself is given them one by one.
        source.add(1, "return plain(cls, raw, session)")
        return source.function("load")  # type: ignore[no-any-return]
    source.add(1, "try:")
    shown = ", ".join(
        f"{field._name!r}: (v{i} := raw[{field.db_field!r}])" for i, field in enumerate(fields)
    )
    source.add(2, f"values = {{{shown}}}")
    source.add(1, "except KeyError:", "    return load_some(raw, session)")
    source.add(1, "try:", "    pass")
    for i, field in enumerate(fields):
        _load_field(source, field, f"v{i}", 2)
    _finish_load(source)
    source.add(0, "def load_some(raw, session):")
    source.add(1, "values = {}", "get = raw.get", "try:", "    pass")
    for i, field in enumerate(fields):
        value = f"v{i}"
        source.add(2, f"{value} = get({field.db_field!r}, UNSET)", f"if {value} is not UNSET:")
        source.add(3, f"values[{field._name!r}] = {value}")
        _load_field(source, field, value, 3)
    _finish_load(source)
    return source.function("load")  # type: ignore[no-any-return]


def _finish_load(source: _Source) -> None:
    source.add(1, "except (BadValueException, ExtraValueException):")
    source.add(2, "return plain(cls, raw, session)")
    source.add(1, "if len(values) != len(raw):", "    return plain(cls, raw, session)")
    source.add(
        1,
        "document = new(cls)",
        "set_values(document, values)",
        "set_session(document, session)",
        "set_state(document, None)",
        "return document",
    )


def _load_field(source: _Source, field: Field[Any], value: str, indent: int) -> None:
    """Write the check, and where needed the conversion, of one loaded value."""
    types = _plain_types(field)
    if types is not None:
        source.add(indent, f"if not {_type_test(source, value, types)}:")
        source.add(indent + 1, "return plain(cls, raw, session)")
        return
    if type(field) is AnythingField and _is_free(field):
        return
    key = f"values[{field._name!r}]"
    none = f" if {value} is not None else None" if field.allow_none else ""
    inner = _embedded_class(field)
    if inner is not None:
        source.add(indent, f"if type({value}) is not dict{_or_none(field, value)}:")
        source.add(indent + 1, "return plain(cls, raw, session)")
        codec = source.name(codec_of(inner))
        source.add(indent, f"{key} = {codec}.load({value}, session){none}")
        return
    if type(field) is ListField and _is_free(field):
        item: Field[Any] = field.item_field
        item_types, item_class = _plain_types(item), _embedded_class(item)
        if item_types is not None or (item_class is not None and not item.allow_none):
            allowed = source.name((item_types or frozenset({dict})).issuperset)
            wrong = f"type({value}) is not list or not {allowed}(map(type, {value}))"
            if field.allow_none:
                wrong = f"{value} is not None and ({wrong})"
            source.add(indent, f"if {wrong}:")
            source.add(indent + 1, "return plain(cls, raw, session)")
            if item_class is not None:
                codec = source.name(codec_of(item_class))
                source.add(indent, f"{key} = [{codec}.load(x, session) for x in {value}]{none}")
            return
    source.add(indent, f"{key} = {source.name(field)}.unwrap({value}, session)")


def _or_none(field: Field[Any], value: str) -> str:
    return f" and {value} is not None" if field.allow_none else ""


def _embedded_class(field: Field[Any]) -> Any:
    """Give the class of an embedded document that can be loaded without asking its field."""
    if type(field) is not DocumentField or not _is_free(field):
        return None
    cls: Any = field.document_class
    if cls._overrides_transform or cls._selector.below is not None or cls._selector.children:
        return None
    document = next(base for base in reversed(cls.__mro__) if "_state" in vars(base))
    if cls.get_subclass.__func__ is not document.get_subclass.__func__:
        return None
    return cls


# -- storing ------------------------------------------------------------------------------------


def _write_store(cls: Any) -> Callable[[Any], dict[str, Any]]:
    """Write the function that gives the dict to be stored for a document of *cls*."""
    source = _Source(cls, "store")
    source.names.update(plain=store_plain, UNSTORED=UNSTORED, all_text=_all_text)
    identities = cls._selector.identities()
    source.add(0, "def store(document):")
    source.add(1, "state = document._state")
    source.add(
        1,
        "if state is not None and state is not UNSTORED "
        "and (state.retrieved is not None or state.extra):",
        "    return plain(document)",
    )
    source.add(
        1, "values = document.__dict__", "get = values.get", "stored = {}", "try:", "    pass"
    )
    for field in cls._fields.values():
        has_default = field.has_default or field.db_field in identities
        if _overrides(field, "_value_to_store"):
            source.add(2, f"v = {source.name(field)}._value_to_store(document)")
        else:
            source.add(2, f"v = get({field._name!r}, UNSET)")
        if has_default and not _overrides(field, "_value_to_store"):
            source.add(2, "if v is UNSET:")
            source.add(3, f"v = {source.name(field)}._value_to_store(document)")
        source.add(2, "if v is not UNSET:")
        _store_field(source, field, 3)
        if field.required:
            source.add(2, "else:", "    return plain(document)")
    source.add(1, "except BadValueException:", "    return plain(document)")
    source.add(1, "return stored")
    return source.function("store")  # type: ignore[no-any-return]


def _store_field(source: _Source, field: Field[Any], indent: int) -> None:
    """Write the check and the conversion of one value to be stored."""
    key = f"stored[{field.db_field!r}]"
    asked = f"{key} = {source.name(field)}.wrap(v)"
    types = _plain_types(field)
    test = copied = ""
    if types is not None:
        test, copied = _type_test(source, "v", types), "v"
        if type(field) is IntField:
            test = f"type(v) is {source.name(int)} and -{_MAX_INT} <= v <= {_MAX_INT}"
        elif type(field) is StringField:
            test += (
                " and v.isascii()" if not field.allow_none else " and (v is None or v.isascii())"
            )
    elif type(field) is ListField and _is_free(field):
        item_types = _plain_types(field.item_field)
        if item_types is not None and item_types == {str}:
            allowed = source.name(item_types.issuperset)
            test = f"type(v) is list and {allowed}(map(type, v)) and all_text(v)"
            copied = "v[:]"
        elif item_types is not None and type(field.item_field) in (FloatField, BoolField):
            allowed = source.name(item_types.issuperset)
            test, copied = f"type(v) is list and {allowed}(map(type, v))", "v[:]"
    elif _embedded_class(field) is not None:
        inner = _embedded_class(field)
        # A partial one is refused by its field: the rest of it would be missing.
        test = (
            f"type(v) is {source.name(inner)} and (v._state is None or v._state.retrieved is None)"
        )
        copied = f"{source.name(codec_of(inner))}.store(v)"
    if test:
        source.add(indent, f"if {test}:", f"    {key} = {copied}", "else:", f"    {asked}")
    else:
        source.add(indent, asked)


def _all_text(items: list[str]) -> bool:
    """Whether every item is surely text that UTF-8 can encode."""
    return "".join(items).isascii()
