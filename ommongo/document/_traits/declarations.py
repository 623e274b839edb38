"""What a class body declares, judged when the class is made, and not when an object is saved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ommongo._tracking import Tracked
from ommongo.exceptions import BadFieldSpecification, BadValueException, InvalidConfigException
from ommongo.fields import Field
from ommongo.util import UNSET

__all__ = ["check_declarations"]


def check_declarations(cls: Any, namespace: Mapping[str, Any]) -> None:
    """
    Refuse declarations that do not say what they seem to say.

    Args:
        cls: The class.
        namespace: Its body.

    Raises:
        BadFieldSpecification: An attribute is a class of fields, and no field.
        InvalidConfigException: A default is a function or a class, or the field refuses it.
    """
    for name, value in namespace.items():
        if isinstance(value, type) and issubclass(value, Field):
            raise BadFieldSpecification(
                f"{cls.__name__}.{name} is the class {value.__name__}, and no field. Call it: "
                f"{name} = {value.__name__}()."
            )
    for name, declared in cls._fields.items():
        if declared._owner is cls:  # not inherited from a document, which has been judged
            for path, field in _with_parts(declared, f"{cls.__name__}.{name}"):
                _check_default(path, field)


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
    try:
        field.validate_wrap(default)
    except BadFieldSpecification:
        return  # the name of a class that is declared later: the first document will tell
    except BadValueException as error:
        raise InvalidConfigException(
            f"{path} refuses its own default: it {error.reason}"
        ) from error
