"""Options of a field that are refused for what was given, before a document needs them."""

from __future__ import annotations

from types import MethodType
from typing import Any

from ommongo.exceptions import InvalidConfigException

__all__ = ["check_functions", "check_index_options", "example_of"]


def check_index_options(cls: type[Any], **given: Any) -> None:
    """
    Refuse other values than ``True`` and ``False`` for the options that declare an index.

    Args:
        cls: The class of the field.
        given: What was given, by name.

    Raises:
        InvalidConfigException: One is neither.
    """
    for name, value in given.items():
        if not isinstance(value, bool):
            raise InvalidConfigException(
                f"{cls.__name__}: {name} is a value of {type(value).__name__}. Pass True for an "
                f"ascending index of this field, or declare an Index() in the class."
            )


def check_functions(cls: type[Any], **given: Any) -> None:
    """
    Refuse what cannot be called where a function is wanted, before a document needs it.

    Args:
        cls: The class of the field.
        given: What was given, by name; ``None`` where nothing was.

    Raises:
        InvalidConfigException: One cannot be called, or *default_f* has parameters.
    """
    for name, function in given.items():
        if function is None:
            continue
        if not callable(function):
            advice = f"Pass {example_of(name)}"
            if name == "default_f":
                advice += ", or the value itself as default"
            raise InvalidConfigException(
                f"{cls.__name__}: {name} is a value of {type(function).__name__}. {advice}."
            )
        if name == "default_f" and _has_parameters(function):
            raise InvalidConfigException(
                f"{cls.__name__}: default_f is called without arguments, and this function has "
                f"parameters. What is made of other values of a document is a @computed_field()."
            )


def _has_parameters(function: Any) -> bool:
    """Tell whether a function of Python's cannot be called without arguments; of others no."""
    is_bound = isinstance(function, MethodType)
    code = getattr(function, "__code__", None)
    if code is None:
        return False
    defaults = len(function.__defaults__ or ())
    by_name = len(function.__kwdefaults__ or ())
    return bool(code.co_argcount - is_bound > defaults or code.co_kwonlyargcount > by_name)


def example_of(option: str) -> str:
    """
    Give a value of an option, where a name alone would leave open what is wanted.

    Args:
        option: The name of the option.

    Returns:
        A piece of source, or of a sentence.
    """
    return {
        "_id": "True",
        "index": "True",
        "unique": "True",
        "use_tz": "True",
        "hidden": "True",
        "db_field": "'stored_name'",
        "default_f": "a function without parameters",
        **dict.fromkeys(
            ("unwrap_validator", "validator", "wrap_validator"),
            "one function, which returns False or raises BadValueException",
        ),
    }.get(option, "…")
