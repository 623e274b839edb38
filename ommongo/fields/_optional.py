"""Values that may be missing: how a field is declared so."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from ommongo.exceptions import InvalidConfigException

__all__ = ["check_optional", "says_optional"]

M = TypeVar("M", bound=Callable[..., Any])


def says_optional(constructor: M) -> M:
    """
    Let the constructor of fields know whether ``required`` was given, which is true without that.

    Args:
        constructor: The constructor, which refuses what else contradicts ``optional``.

    Returns:
        A constructor that refuses ``required=True`` beside ``optional=True``.
    """

    @functools.wraps(constructor)
    def checked(self: Any, *args: Any, **kwargs: Any) -> None:
        if kwargs.get("optional") and (args[0] if args else kwargs.get("required")):
            raise InvalidConfigException(
                f"{type(self).__name__}: optional=True and required=True were both given. A "
                f"document can be stored without an optional value. Keep one."
            )
        constructor(self, *args, **kwargs)

    return checked  # type: ignore[return-value]  # with the signature of what it calls


def check_optional(field: Any) -> None:
    """
    Refuse what contradicts ``optional=True``.

    Args:
        field: The field, which was declared so.

    Raises:
        InvalidConfigException: An unset value would read as something else than ``None``, ``None``
            would be stored, or the field is the ``_id``.
    """
    owner = type(field).__name__
    if field.has_default:
        raise InvalidConfigException(
            f"{owner}: optional=True and a default were both given. An unset optional value reads "
            f"as None, and not as a default. Keep one."
        )
    if field._allow_none:
        raise InvalidConfigException(
            f"{owner}: optional=True and allow_none=True were both given. Of None the one stores "
            f"nothing, and the other a null. Keep optional=True, which loads a stored null as "
            f"None, too."
        )
    if field._given_db_field == "_id":
        raise InvalidConfigException(
            f"{owner}: optional=True was given for the _id, which every stored document has. Leave "
            f"it out."
        )
