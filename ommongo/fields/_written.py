"""
What a field says to the code that is written for a document class.

That code makes, stores and loads documents without a call for the usual value: each field class
gives it the source of a test, and so says which values and which conditions it knows. Where a class
gives none, or a value fails the test, the field is asked about that value, and about no other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from ommongo.fields._plain import PlainValues

__all__ = ["ALWAYS", "Name", "PartTests", "Written", "all_of", "is_of_types", "is_within"]

Name = Callable[[Any], str]
"""Gives a name for an object that the source needs."""


ALWAYS: Final = "True"
"""The test that every value passes."""


class PartTests(NamedTuple):
    """
    How the parts of a value are looked at, one by one, in the variable ``x``.

    Attributes:
        test: What the whole has to be.
        each: What stands between ``for`` and ``:``.
        field: The field of the parts.
        key_test: What the key of a part has to be, if it has one.
        result: The whole in its new form where each part keeps its own.
        rebuilt: The whole made of new parts, with ``{}`` in the place of a part.
    """

    test: str
    each: str
    field: Any
    key_test: str = ""
    result: str = ""
    rebuilt: str = ""


class Written(PlainValues):
    """
    The tests that a `Field` gives for generated code.

    A subclass of a field inherits none of what its class says here: it may override anything.
    """

    _validator: Callable[[Any], Any] | None
    _wrap_validator: Callable[[Any], Any] | None
    _unwrap_validator: Callable[[Any], Any] | None

    # Whether `set_value` does nothing of its own with what was loaded.
    _places_loaded: bool = False

    @classmethod
    def _settle_written(cls) -> None:
        """Keep what a class says itself."""
        for name in _SAID_ANEW - vars(cls).keys():
            setattr(cls, name, vars(Written)[name])

    # -- what a class says, without None and the validators ---------------------------------------

    def _given_source(self, value: str, name: Name) -> str:
        """Give a test that a value is taken, and held as it is given; empty: it is not known."""
        return self._stored_source(value, name)

    def _stored_source(self, value: str, name: Name) -> str:
        """Give a test that a value is accepted, and stored as it is held."""
        if not self.plain_types or not self._is_fully_judged:
            return ""
        return all_of(
            is_of_types(value, self.plain_types, name),
            self._plain_source(value, name),
            self._bounds_source(value, name),
        )

    def _loaded_source(self, value: str, name: Name) -> str:
        """Give a test that a value is accepted, and loaded as it is stored."""
        if not self._trusts_stored:
            return self._stored_source(value, name)
        if not self._is_fully_judged:
            return ""
        return all_of(is_of_types(value, self.plain_types, name), self._bounds_source(value, name))

    def _plain_source(self, value: str, name: Name) -> str:
        """Give the test that BSON holds a value of the plain types; empty: it holds them all."""
        return "" if self._accepts_all else f"{name(self.accepts_plain)}({value})"

    def _bounds_source(self, value: str, name: Name) -> str:
        """Give the test that a value of the plain types is within the bounds that were declared."""
        return ""

    def _given_parts(self, value: str, name: Name) -> PartTests | None:
        """Say how parts are looked at where a value is held as given if each of them is."""
        return None

    def _stored_parts(self, value: str, name: Name) -> PartTests | None:
        """The same, of what is to be stored."""
        return None

    def _loaded_parts(self, value: str, name: Name) -> PartTests | None:
        """The same, of what was stored."""
        return None

    # -- the whole of it ---------------------------------------------------------------------------

    def _given_test(self, value: str, name: Name) -> str:
        """
        Give a test that a document holds a value just as it is given.

        Args:
            value: The expression of the value.
            name: Gives names.

        Returns:
            The test; empty for a field that has to be asked.
        """
        test = self._given_source(value, name)
        return self._and_validators(test, value, name, self._wrap_validator)

    def _stored_test(self, value: str, name: Name) -> str:
        """The same, that a value is stored just as it is held."""
        if self._unwrap_validator is not None:
            return ""  # it is asked, too: what is stored is to be loaded
        test = self._stored_source(value, name)
        return self._and_validators(test, value, name, self._wrap_validator)

    def _loaded_test(self, value: str, name: Name) -> str:
        """The same, that a value is loaded just as it is stored."""
        test = self._loaded_source(value, name)
        return self._and_validators(test, value, name, self._unwrap_validator)

    def _and_validators(self, test: str, value: str, name: Name, own: Any) -> str:
        if not test or self._is_compound_id:
            return ""
        asked = [v for v in (self._validator, own) if v is not None]
        test = all_of(test, *(f"{name(v)}({value}) is not False" for v in asked))
        return f"({value} is None or {test})" if self._allow_none else test


def all_of(*tests: str) -> str:
    """Give the test that all of these hold, as far as they say anything."""
    return " and ".join(filter(None, tests))


def is_of_types(value: str, types: tuple[type, ...], name: Name) -> str:
    """Give the test that a value is of exactly one of some types."""
    tests = [f"type({value}) is {name(kind)}" for kind in types]
    return tests[0] if len(tests) == 1 else f"({' or '.join(tests)})"


def is_within(value: str, least: Any, most: Any, name: Name) -> str:
    """Give the test that a value is between two others, of which ``None`` is none."""
    if least is None and most is None:
        return ""
    low = "" if least is None else f"{name(least)} <= "
    high = "" if most is None else f" <= {name(most)}"
    return f"{low}{value}{high}"


# What a subclass has to say itself.
_SAID_ANEW = frozenset(
    {
        "_places_loaded",
        "_given_source",
        "_stored_source",
        "_loaded_source",
        "_plain_source",
        "_bounds_source",
        "_given_parts",
        "_stored_parts",
        "_loaded_parts",
    }
)
