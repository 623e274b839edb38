"""What a field says of its type: which values it takes as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from ommongo._bson import ANYTHING, CONSTANTS
from ommongo.exceptions import InvalidConfigException
from ommongo.fields._overriding import inherits

__all__ = ["PlainValues"]


class PlainValues:
    """
    What a `Field` takes as it is.

    Nobody else knows it: generated code, change tracking and queries ask the field. By what is
    said here they take the usual value without asking about each one.
    """

    plain_types: tuple[type, ...] = ()
    # Whether all that can be stored of these types is accepted, within the declared bounds.
    _trusts_stored: ClassVar[bool] = False
    # Whether `accepts_plain` judges such bounds, too.
    _judges_bounds: ClassVar[bool] = False
    # Whether it is certain that no list, tuple or set is a value.
    _refuses_lists: ClassVar[bool] = False
    # Whether dicts are stored, with everything in them, as they are held.
    _is_verbatim: bool = False

    # Whether this is an ``_id`` that may be more than one plain value.
    _is_compound_id: bool = False

    _own_set: ClassVar[Callable[..., None] | None]
    _has_validators: bool
    _allow_none: bool

    @classmethod
    def _settle_plain_types(cls) -> None:
        """Keep what a class says itself; anything that it overrides may make the rest untrue."""
        for name in _SAID_ANEW - vars(cls).keys():
            setattr(cls, name, vars(PlainValues)[name])
        for kind in cls.plain_types:
            if kind is type(None) or kind not in CONSTANTS:
                known = ", ".join(sorted(k.__name__ for k in CONSTANTS if k is not type(None)))
                raise InvalidConfigException(
                    f"{cls.__name__}.plain_types holds {kind!r}, of which no value can be stored "
                    f"and loaded as it is. They are among {known}."
                )
        if cls._own_set is not None:
            cls.plain_types = ()

    @property
    def _has_bounds(self) -> bool:
        """Whether this field takes some values of its types only, by what was declared."""
        return False

    def accepts_plain(self, value: Any) -> bool:
        """
        Tell whether a value of one of the ``plain_types`` is accepted.

        It is asked in place of `wrap` and `unwrap`, which are asked where it says no.

        Args:
            value: The value, the same in Python as stored.

        Returns:
            Whether the field stores, and loads, the value; always, unless a subclass knows better.
        """
        return True

    @property
    def _is_free(self) -> bool:
        """Whether values are judged by what the class says alone, and nothing declared beside."""
        return not self._has_validators and not self._is_compound_id and self._is_fully_judged

    @property
    def _is_fully_judged(self) -> bool:
        """Whether `accepts_plain` knows all that was declared, but for the validators."""
        return self._judges_bounds or not self._has_bounds

    @property
    def _is_plain(self) -> bool:
        """Whether there are values that are taken as they are."""
        return bool(self.plain_types) and self._is_free

    def _takes_any(self, kind: type) -> bool:
        """Tell whether every value of a type is taken as it is."""
        return self._is_plain and kind in self.plain_types and self._accepts_all

    def _taken_types(self) -> frozenset[type]:
        """Give the types whose values, once accepted, are held as they are stored."""
        none = (type(None),) if self._allow_none else ()
        return frozenset((*self.plain_types, *none)) if self._is_plain else frozenset()

    def _plain_values(self) -> Mapping[type, Callable[[Any], object]]:
        """
        Give a test, by type, that tells of a value that `wrap_value` gives it back as it is.

        Queries ask it first, so that the usual value costs little; for what it does not know they
        ask `wrap_value`.
        """
        if not self._is_plain:
            return {}
        test = ANYTHING if self._accepts_all else self.accepts_plain
        return dict.fromkeys(self.plain_types, test)

    @property
    def _accepts_all(self) -> bool:
        return inherits(type(self), "accepts_plain", PlainValues)

    @property
    def _loads_any(self) -> bool:
        """Whether all that can be stored of the plain types is loaded as it is."""
        return self._trusts_stored and self._is_plain and not self._has_bounds

    def _plain_item(self) -> Any:
        """Give the field of the items where a list of what that takes as it is is taken so too."""
        return None


# What a subclass has to say itself.
_SAID_ANEW = frozenset(
    {
        "plain_types",
        "_trusts_stored",
        "_judges_bounds",
        "_refuses_lists",
        "_is_verbatim",
        "_plain_values",
        "_plain_item",
    }
)
