"""Names that mean nothing to a class: assigned to its objects, or in its body."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from ommongo._habits import Missing
from ommongo._spelling import id_of, suggestion
from ommongo.exceptions import UnknownAttributeWarning

__all__ = ["about_annotation", "judge_attribute", "warn_of_settings"]

_MOST_JUDGED = 1000
"""How many names a class remembers; a program that makes up more of them means them."""

_PREFIX = "config_"

# Where other libraries have the settings of a class.
_ELSEWHERE = frozenset(
    {"Config", "Meta", "Settings", "__collection__", "__tablename__", "meta", "model_config"}
)


def judge_attribute(cls: Any, name: str) -> None:
    """
    Say of an attribute that it is no field, and will not be stored; once for each class and name.

    Args:
        cls: The class of the document, which has no field of this name.
        name: The name that is assigned.

    Raises:
        AttributeError: The name is ``_id``, or the class has ``config_strict_attributes``.
    """
    judged: set[str] = cls._judged_attributes
    if name == "_id" and not _has_attribute(cls, name):  # a name that means something elsewhere
        raise AttributeError(f"{cls.__name__} has no attribute '_id'.{id_of(cls)} Assign to that.")
    if name.startswith("_") or len(judged) >= _MOST_JUDGED or _has_attribute(cls, name):
        judged.add(name)
        return
    meant = id_of(cls) if name == "pk" else ""
    meant = meant or suggestion(name, [*cls._fields, *_public_attributes(cls)])
    text = f"{cls.__name__} has no field and no attribute {name!r}.{meant}"
    if cls.config_strict_attributes:
        raise AttributeError(
            f"{text} Correct the name, declare a field, or annotate an attribute that is not to be "
            f"stored ({name}: Any) in the class; config_strict_attributes refuses others."
        )
    judged.add(name)
    warnings.warn(
        f"{text} What is assigned to it is not stored. Correct the name, declare a field, or "
        f"annotate an attribute that is not to be stored ({name}: Any) in the class.",
        UnknownAttributeWarning,
        stacklevel=3,
    )


def _has_attribute(cls: type, name: str) -> bool:
    """
    Tell whether a class, or a base, declares an attribute.

    It is a value in the body, an annotation there, or what an ``__init__`` of its own names.
    """
    for base in cls.__mro__:
        code = getattr(vars(base).get("__init__"), "__code__", None)
        if code is not None and name in code.co_names:
            return True
        if name in vars(base) and not isinstance(vars(base)[name], Missing):
            return True
    return _is_annotated(cls, name)


def _is_annotated(cls: type, name: str) -> bool:
    for base in cls.__mro__:
        with suppress(NameError):  # Python 3.14 evaluates them, and names may be unknown yet
            if name in inspect.get_annotations(base):
                return True
    return False


def about_annotation(cls: type, name: str) -> str:
    """
    Say of a name that is no field, but annotated, that this makes none.

    Args:
        cls: The class.
        name: The name.

    Returns:
        A sentence with a space before it; empty where the class does not annotate the name.
    """
    if not _is_annotated(cls, name):
        return ""
    return (
        f" The class only annotates it ({name}: ...); a field is {name} = IntField() or the like."
    )


def _public_attributes(cls: type) -> Iterator[str]:
    """Give the names that a class and its bases declare, and the library does not."""
    for base in cls.__mro__:
        if not base.__module__.startswith("ommongo."):
            yield from (name for name in vars(base) if not name.startswith("_"))


def warn_of_settings(cls: Any, namespace: Mapping[str, Any], stacklevel: int) -> None:
    """
    Warn of what looks like a setting of a class, and is none.

    Args:
        cls: The class.
        namespace: Its body.
        stacklevel: How far above the caller the class statement is.
    """
    known = [name for name in dir(cls) if name.startswith(_PREFIX) and name not in namespace]
    settings = [name.removeprefix(_PREFIX) for name in known]
    for name, value in namespace.items():
        meant = ""
        if name in _ELSEWHERE and isinstance(value, (type, dict, str)):
            meant = (
                " The settings of a class are attributes whose names begin with config_, such as "
                "config_collection_name, and its indexes Index() in its body."
            )
        elif name.startswith(_PREFIX) and not _is_setting(cls, name):
            meant = suggestion(name.removeprefix(_PREFIX), settings).replace("'", f"'{_PREFIX}", 1)
        if meant:
            warnings.warn(
                f"{cls.__name__}.{name} sets nothing.{meant}",
                UnknownAttributeWarning,
                stacklevel=stacklevel + 1,
            )


def _is_setting(cls: type, name: str) -> bool:
    """Tell whether a base has an attribute, which a class then sets."""
    return any(name in vars(base) for base in cls.__mro__[1:])
