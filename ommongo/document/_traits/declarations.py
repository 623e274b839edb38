"""What a class body declares, judged when the class is made, and not when an object is saved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import FunctionType
from typing import Any, Final

from ommongo._spelling import an
from ommongo._tracking import Tracked
from ommongo.exceptions import (
    BadFieldSpecification,
    BadValueException,
    DocumentException,
    InvalidConfigException,
)
from ommongo.fields import Field
from ommongo.util import UNSET

__all__ = ["check_declarations", "check_settings"]


def check_declarations(cls: Any, namespace: Mapping[str, Any], index: type) -> None:
    """
    Refuse declarations that do not say what they seem to say.

    Args:
        cls: The class.
        namespace: Its body.
        index: The class of indexes, which this module cannot import.

    Raises:
        BadFieldSpecification: An attribute is what makes a field or an index, or holds one, and
            is none; or a field is annotated, and not assigned.
        InvalidConfigException: A default is a function or a class, or the field refuses it.
    """
    for name, value in namespace.items():
        if name.startswith("__"):
            continue
        _refuse_what_is_none(cls, name, value, [*namespace.values()], index)
    for name, value in namespace.get("__annotations__", {}).items():
        if name not in cls._fields and _is_call_of_field(value):
            raise BadFieldSpecification(
                f"{cls.__name__}.{name} is annotated with a field, and no field. Write an equals "
                f"sign for the colon: {name} = ...Field()."
            )
    for name, declared in cls._fields.items():
        if declared._owner is cls:  # not inherited from a document, which has been judged
            for path, field in _with_parts(declared, f"{cls.__name__}.{name}"):
                _check_default(path, field)


def _refuse_what_is_none(cls: Any, name: str, value: Any, declared: list[Any], index: type) -> None:
    """Refuse an attribute that looks like a field or an index, and would be nothing."""
    path = f"{cls.__name__}.{name}"
    if isinstance(value, type) and issubclass(value, (Field, index)):
        if issubclass(value, index):
            kind, call = "index", f"{value.__name__}().ascending('name')"
        else:
            kind, call = "field", f"{value.__name__}()"
        raise BadFieldSpecification(
            f"{path} is the class {value.__name__}, and no {kind}. Call it: {name} = {call}."
        )
    if isinstance(value, FunctionType) and value.__module__.startswith("ommongo.fields."):
        raise BadFieldSpecification(
            f"{path} is the function {value.__name__}, and no field. Call it: "
            f"{name} = {value.__name__}()."
        )
    if not isinstance(value, _HOLDERS):
        return
    items: Iterable[Any] = value.values() if isinstance(value, dict) else value
    for item in items:
        is_lost = isinstance(item, index) and all(item is not one for one in declared)
        if is_lost or _is_lost_field(item, is_alone=len(value) == 1):
            what = item if isinstance(item, type) else type(item)
            raise BadFieldSpecification(
                f"{path} is {an(type(value).__name__)} that holds {what.__name__}, and declares "
                f"nothing. {_meant(name, value, what)}"
            )


_HOLDERS: Final = (tuple, list, set, frozenset, dict)


def _is_lost_field(item: Any, *, is_alone: bool) -> bool:
    """Tell whether what a container holds is a field that is not declared besides."""
    if isinstance(item, type):  # several classes are a list of classes
        return is_alone and issubclass(item, Field)
    return isinstance(item, Field) and item._owner is None


def _meant(name: str, value: Any, what: type) -> str:
    """Say what was meant by a field, or an index, in a container."""
    if isinstance(value, tuple) and len(value) == 1:
        return f"Take away the comma behind {what.__name__}(...)."
    if not issubclass(what, Field):
        return "Give each index a name in the class body."
    if isinstance(value, dict):
        return "Give each field a name in the class body; a DocumentField embeds another class."
    return f"A list is declared by {name} = ListField({what.__name__}())."


def _is_call_of_field(annotation: Any) -> bool:
    """Tell whether an annotation is a field, made and ready, or text that says so."""
    if isinstance(annotation, str):
        return annotation.endswith(")") and annotation.partition("(")[0].endswith("Field")
    return isinstance(annotation, Field)


def _with_parts(field: Field[Any], path: str) -> Iterator[tuple[str, Field[Any]]]:
    """Give a field and the fields that it is made of, with what a message calls them."""
    yield path, field
    for part in field._inner_fields():
        yield from _with_parts(part, f"the {type(part).__name__} in {path}")


def _check_default(path: str, field: Field[Any]) -> None:
    """Refuse a default that a document could not be stored with."""
    default = field._default
    if default is UNSET or default is None:
        return
    if callable(default) and not isinstance(default, Tracked):
        raise InvalidConfigException(
            f"{path}: default is {getattr(default, '__qualname__', type(default).__name__)}, which "
            f"would be the value itself. Pass default_f= to have it called for each document."
        )
    if isinstance(default, Iterator):
        raise InvalidConfigException(
            f"{path}: default is {an(type(default).__name__)}, which gives its values only once. "
            f"Pass a list of them."
        )
    try:
        field.validate_wrap(default)
    except BadFieldSpecification:
        return  # the name of a class that is declared later: the first document will tell
    except BadValueException as error:
        raise InvalidConfigException(
            f"{path} refuses its own default: it {error.reason}"
        ) from error


_TEXT_OR_NONE: Final = (
    "config_collection_name",
    "config_namespace",
    "config_full_name",
    "config_polymorphic",
)


def check_settings(cls: Any) -> None:
    """
    Refuse settings that cannot work, as soon as the class is declared.

    Args:
        cls: The document class.

    Raises:
        DocumentException: A setting is of another type, or none of the values that there are.
    """
    for name in _TEXT_OR_NONE:
        value = getattr(cls, name)
        if value is not None and not isinstance(value, str):
            raise DocumentException(
                f"{cls.__name__}.{name} is of type {type(value).__name__}. It is text, or None.",
                document_class=cls.__name__,
            )
    if cls.config_extra_fields not in ("error", "ignore"):
        raise DocumentException(
            f"{cls.__name__}.config_extra_fields is {cls.config_extra_fields!r}. It is 'error' or "
            f"'ignore'.",
            document_class=cls.__name__,
        )
