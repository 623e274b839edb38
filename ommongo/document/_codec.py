"""
Load and store functions, written for each document class on first use.

The functions are straight-line source: type checks for the library's own fields, calls for any
field class that an application wrote. Their results equal those of the plain path
(`ommongo.document._plain`); on any surprise they leave the work to it, and it raises the precise
error. The source is in `linecache`, so tracebacks show it.
"""

from __future__ import annotations

import linecache
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from bson import ObjectId

from ommongo.document._hooks import holds_hooks
from ommongo.document._plain import load_plain, store_plain
from ommongo.document._plan import is_free, plain_types
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
    The functions of one document class.

    Args:
        cls: The class.

    Attributes:
        load: Builds a document from driver-owned data.
        store: Gives the dict to be stored for a document.
        accept: Tells whether the values with which a document is constructed may be taken as they
            are; the plain way takes or refuses the others.
    """

    def __init__(self, cls: Any) -> None:
        self.cls = cls
        # Written on the first call: a class may name itself, or a class that comes later.
        self.load: Callable[[Any, Any], Any] = self._first_load
        self.store: Callable[[Any], dict[str, Any]] = self._first_store
        self.accept: Callable[[dict[str, Any]], bool] = self._first_accept

    def _first_load(self, raw: Any, session: Any) -> Any:
        # A hook runs once, so what runs one cannot be given up half-way for the plain path.
        plain = self.cls._overrides_init or holds_hooks(self.cls)
        self.load = self._plain_load if plain else _write_load(self.cls)
        return self.load(raw, session)

    def _plain_load(self, raw: Any, session: Any) -> Any:
        return load_plain(self.cls, raw, session)

    def _first_accept(self, values: dict[str, Any]) -> bool:
        self.accept = _write_accept(self.cls)
        return self.accept(values)

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
    # What may be absent is looked for; what is required is taken, at the price of an exception for
    # the rare document that lacks it.
    sure = [field for field in fields if field.required and not field.has_default]
    source.add(1, "try:")
    shown = ", ".join(
        f"{field._name!r}: ({_value_name(field)} := raw[{field.db_field!r}])" for field in sure
    )
    source.add(2, f"values = {{{shown}}}")
    source.add(1, "except KeyError:", "    return load_some(raw, session)")
    source.add(1, "try:", "    pass")
    for field in fields:
        if field in sure:
            _load_field(source, field, _value_name(field), 2)
    _load_optional(source, [field for field in fields if field not in sure])
    _finish_load(source)
    source.add(0, "def load_some(raw, session):")
    source.add(1, "values = {}", "try:", "    pass")
    _load_optional(source, fields)
    _finish_load(source)
    return source.function("load")  # type: ignore[no-any-return]


def _value_name(field: Field[Any]) -> str:
    """Give the variable that holds a field's value; a field's name is an identifier."""
    return f"v_{field._name}"


def _load_optional(source: _Source, fields: Iterable[Field[Any]]) -> None:
    """Write the loading of fields that may be absent."""
    for field in fields:
        value = _value_name(field)
        source.add(2, f"{value} = raw.get({field.db_field!r}, UNSET)", f"if {value} is not UNSET:")
        source.add(3, f"values[{field._name!r}] = {value}")
        _load_field(source, field, value, 3)


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
    types = plain_types(field)
    if types is not None:
        source.add(indent, f"if not {_type_test(source, value, types)}:")
        source.add(indent + 1, "return plain(cls, raw, session)")
        return
    if type(field) is AnythingField and is_free(field):
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
    if type(field) is ListField and is_free(field):
        item: Field[Any] = field.item_field
        item_types, item_class = plain_types(item), _embedded_class(item)
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
    if type(field) is not DocumentField or not is_free(field):
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
    source.names.update(plain=store_plain, UNSTORED=UNSTORED)
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
    test = _python_test(source, field)
    copied = "v"
    if type(field) is ListField:
        copied = "v[:]"
    elif type(field) is DocumentField and test:
        copied = f"{source.name(codec_of(_embedded_class(field)))}.store(v)"
        # A partial one is refused by its field: the rest of it would be missing.
        test += " and (v._state is None or v._state.retrieved is None)"
    if test:
        source.add(indent, f"if {test}:", f"    {key} = {copied}", "else:", f"    {asked}")
    else:
        source.add(indent, asked)


def _python_test(source: _Source, field: Field[Any]) -> str:
    """
    Give an expression that is true when *field* surely accepts ``v`` and stores it as it is.

    Returns:
        The expression; empty for a field that has to be asked.
    """
    if type(field) is DocumentField:
        cls = _embedded_class(field)
        return "" if cls is None else f"type(v) is {source.name(cls)}"
    if type(field) is ListField and is_free(field):
        kind = _PYTHON_TYPES.get(type(field.item_field))
        if kind is None or plain_types(field.item_field) is None:
            return ""
        only = source.name(frozenset({kind}).issuperset)
        test = f"type(v) is list and {only}(map(type, v))"
        more = {str: _are_text, int: _are_64_bit, datetime: _are_naive}.get(kind)
        return test if more is None else f"{test} and {source.name(more)}(v)"
    kind = _PYTHON_TYPES.get(type(field))
    if kind is None or plain_types(field) is None:
        return ""
    test = f"type(v) is {source.name(kind)}"
    if kind is str:
        test += f" and (v.isascii() or {source.name(_are_text)}((v,)))"
    elif kind is int:
        test += f" and -{_MAX_INT} <= v <= {_MAX_INT}"
    elif kind is datetime:
        test += " and v.tzinfo is None"
    return test


_PYTHON_TYPES: dict[type[Field[Any]], type] = {
    StringField: str,
    IntField: int,
    FloatField: float,
    BoolField: bool,
    ObjectIdField: ObjectId,
    DateTimeField: datetime,
}
"""The one type of value that a plain field stores as it is."""


def _are_text(items: Sequence[str]) -> bool:
    """Whether UTF-8 can encode every item."""
    try:
        "".join(items).encode()
    except UnicodeEncodeError:
        return False
    return True


def _are_64_bit(items: Sequence[int]) -> bool:
    """Whether every number fits into 64 bits."""
    return not items or (min(items) >= -_MAX_INT and max(items) <= _MAX_INT)


def _are_naive(items: Sequence[datetime]) -> bool:
    """Whether no date has a time zone."""
    return all(item.tzinfo is None for item in items)


# -- constructing -------------------------------------------------------------------------------


def _write_accept(cls: Any) -> Callable[[dict[str, Any]], bool]:
    """Write the function that judges the values with which a document is constructed."""
    source = _Source(cls, "accept")
    source.add(0, "def accept(values):")
    source.add(1, "get = values.get", "count = 0")
    for field in cls._fields.values():
        source.add(1, f"v = get({field._name!r}, UNSET)", "if v is not UNSET:")
        test = _python_test(source, field)
        if test:
            source.add(2, f"if not ({test}):", "    return False")
        else:
            source.add(2, "return False")
        source.add(2, "count += 1")
    source.add(1, "return count == len(values)")
    return source.function("accept")  # type: ignore[no-any-return]
