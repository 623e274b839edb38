"""Options that a field does not have: what the habit of another library is called here."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, NoReturn

from ommongo._spelling import suggestion
from ommongo.fields._checks import example_of

__all__ = ["refuse_options"]

_TEXTS = ("comment", "description", "doc", "help_text", "label", "title", "verbose_name")

# Taken for the sake of old declarations, or by the constructor of a base alone.
_NOT_OFFERED = frozenset({"constructor", "iproxy", "proxy"})

# What is the same under another name; of several names the first that the field class takes.
_RENAMED: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ("alias", "attribute", "column", "column_name", "data_key", "db_alias", "db_column"),
        ("db_field",),
    ),
    **dict.fromkeys(
        ("db_name", "field_name", "name", "serialization_alias", "validation_alias"), ("db_field",)
    ),
    **dict.fromkeys(("db_index", "indexed"), ("index",)),
    **dict.fromkeys(("unique_index", "is_unique"), ("unique",)),
    **dict.fromkeys(("is_pk", "is_primary", "pk", "primary", "primary_key"), ("_id",)),
    **dict.fromkeys(("default_factory", "factory", "load_default", "initial"), ("default_f",)),
    **dict.fromkeys(
        ("length", "max_items", "max_len", "max_size", "maxlen", "size"),
        ("max_length", "max_capacity"),
    ),
    **dict.fromkeys(("min_items", "min_len", "min_size", "minlen"), ("min_length", "min_capacity")),
    **dict.fromkeys(
        ("le", "lte", "max", "maximum"), ("max_value", "max_date", "max_length", "max_capacity")
    ),
    **dict.fromkeys(
        ("ge", "gte", "min", "minimum"), ("min_value", "min_date", "min_length", "min_capacity")
    ),
    **dict.fromkeys(("max_length", "max_value"), ("max_capacity", "max_date")),
    **dict.fromkeys(("min_length", "min_value"), ("min_capacity", "min_date")),
    **dict.fromkeys(("timezone", "tz", "tz_aware", "tzinfo"), ("use_tz",)),
    **dict.fromkeys(("clean", "validate", "validation", "validators"), ("validator",)),
    **dict.fromkeys(_TEXTS, ("description",)),
    "exclude": ("hidden",),
}

_IN_AN_INDEX = "It is one of an index: declare {index} in the class."

# What is done in another way.
_DONE_OTHERWISE: dict[str, str] = {
    **dict.fromkeys(
        ("allow_null", "none_ok", "null", "nullable"),
        "For a value that may be missing, and then reads as None, pass optional=True; where None "
        "is a value that is stored, allow_none=True.",
    ),
    **dict.fromkeys(
        ("allow_blank", "blank"),
        "For a value that may be missing pass required=False, or optional=True to have it read as "
        "None; an empty text is a value unless min_length=1.",
    ),
    **dict.fromkeys(
        ("choices", "enum", "literal", "one_of", "options", "values"),
        "A field of some values only is an EnumField: EnumField(StringField(), 'a', 'b').",
    ),
    **dict.fromkeys(
        ("match", "pattern", "regex"), "Text of a pattern is a RegExStringField(pattern)."
    ),
    **dict.fromkeys(
        ("gt", "lt"), "Bounds are included: min_value=, max_value=; for others pass validator=."
    ),
    **dict.fromkeys(
        _TEXTS, "A field carries no text for people: say it in the docstring of the class."
    ),
    "server_default": "The server has no defaults. Pass default=a value, or default_f=a function.",
    **dict.fromkeys(
        ("auto_now", "onupdate", "server_onupdate"),
        "The time of the last change is a field of its own: ModifiedField().",
    ),
    "auto_now_add": "The time of the first save is a field of its own: CreatedField().",
    **dict.fromkeys(
        ("auto_increment", "autoincrement"),
        "The _id of a new document is an ObjectId, made without asking the server.",
    ),
    **dict.fromkeys(
        ("unique_together", "unique_with"),
        _IN_AN_INDEX.format(index="Index().ascending('a').ascending('b').unique()"),
    ),
    **dict.fromkeys(
        ("expire", "expire_after", "expire_after_seconds", "expireAfterSeconds", "expires", "ttl"),
        _IN_AN_INDEX.format(index="Index().ascending('name').expire(after=3600)"),
    ),
    **dict.fromkeys(
        ("collation", "partial", "partialFilterExpression", "sparse"),
        _IN_AN_INDEX.format(index="Index(sparse=True).ascending('name')"),
    ),
    **dict.fromkeys(
        ("back_populates", "backref", "cascade", "foreign_key", "lazy", "on_delete", "ondelete"),
        "A reference is a field, SRefField('User') for one, and what follows it is made of it: "
        "author = author_id.rel().",
    ),
    **dict.fromkeys(
        ("related_name", "reverse_delete_rule"),
        "A document knows nothing of those that refer to it: query for them.",
    ),
    **dict.fromkeys(
        ("decimal_places", "max_digits", "precision", "scale"),
        "Numbers are whole (IntField) or floats (FloatField), and have bounds only.",
    ),
}

# No is the answer without these: whoever writes it out may leave it out.
_NO = (False, None)
_NEEDLESS_NO = frozenset(
    {
        "allow_null",
        "auto_increment",
        "auto_now",
        "auto_now_add",
        "autoincrement",
        "blank",
        "db_index",
        "null",
        "nullable",
        "pk",
        "primary_key",
        "sparse",
    }
)


def refuse_options(cls: type[Any], given: Mapping[str, Any]) -> NoReturn:
    """
    Refuse options that a field does not have, and say what they are called here.

    Args:
        cls: The class of the field.
        given: The options, of which the first is told of.

    Raises:
        TypeError: Always, as Python does it.
    """
    name, value = next(iter(given.items()))
    known = _options_of(cls)
    raise TypeError(f"{cls.__name__} has no option {name!r}.{_advice(name, value, known)}")


def _advice(name: str, value: Any, known: list[str]) -> str:
    """Say what to write."""
    if name in _NEEDLESS_NO and value in _NO:
        return " Leave it out: no field is so unless it says it."
    for other in _RENAMED.get(name, ()):
        if other in known:
            return f" Here it is called {other}: pass {other}={example_of(other)}."
    if name in _DONE_OTHERWISE:
        return f" {_DONE_OTHERWISE[name]}"
    return suggestion(name, known) or f" It has {', '.join(known)}."


def _options_of(cls: type[Any]) -> list[str]:
    """Give the options of a field class: those of its own constructor, and of those below it."""
    found: dict[str, None] = {}
    for base in cls.__mro__:
        init = vars(base).get("__init__")
        if init is None or not hasattr(base, "validate_wrap"):
            continue
        for name, parameter in [*inspect.signature(init).parameters.items()][1:]:
            is_named = parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
            if is_named and name not in _NOT_OFFERED:
                found.setdefault(name)
    return [*found]
