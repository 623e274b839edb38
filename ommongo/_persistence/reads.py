"""What is read in a transaction, and not known any more when that is not committed."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar

from ommongo._tracking import Held, Tracked, expire, held_values, put_back

__all__ = ["Reads"]


T = TypeVar("T")


if TYPE_CHECKING:
    from typing import Protocol

    class Result(Protocol):
        """What gives objects one by one, as it is seen here."""

        def _expire(self) -> None:
            """Give none any more."""


class Reads:
    """
    Everything that was loaded in a transaction.

    It is not kept alive: who throws away what was loaded need not wait for the transaction.
    """

    def __init__(self) -> None:
        self._loaded: dict[int, weakref.ref[Tracked]] = {}
        # Objects that were loaded anew in place, with what they held before and then.
        self._renewed: list[tuple[weakref.ref[Tracked], Held, Held]] = []
        self._results: list[weakref.ref[Result]] = []

    def note(self, document: Tracked) -> None:
        """Note an object that was loaded."""
        self._loaded[id(document)] = weakref.ref(document)

    def note_renewed(self, document: Tracked, before: Held) -> None:
        """
        Note an object that was loaded anew, in place.

        Args:
            document: The object.
            before: What it held before, of all that was loaded.
        """
        after = held_values(document, before)
        self._renewed.append((weakref.ref(document), before, after))

    def note_copy(self, document: Tracked, copy: Tracked) -> None:
        """Note the copy of an object, if that one is noted."""
        if self._has_loaded(document):
            self.note(copy)
        for known, before, after in [*self._renewed]:
            if known() is document:
                self._renewed.append((weakref.ref(copy), before, after))

    def note_result(self, result: Result) -> None:
        """Note what is going to give objects that were read."""
        self._results.append(weakref.ref(result))

    def expire(self) -> None:
        """Let nothing that was read count as known; what was changed in it stays, and is dirty."""
        results, self._results = self._results, []
        for result in _alive(results):
            result._expire()
        renewed, self._renewed = self._renewed, []
        loaded, self._loaded = self._loaded, {}
        for known, before, after in reversed(renewed):
            document = known()
            if document is not None:
                put_back(document, before, after)
                expire(document, before.keys())
        for document in _alive(loaded.values()):
            expire(document, type(document)._fields.keys(), is_loaded=True)

    def _has_loaded(self, document: Tracked) -> bool:
        """Whether an object was loaded here, and not only loaded anew."""
        loaded = self._loaded.get(id(document))
        return loaded is not None and loaded() is document


def _alive(known: Iterable[weakref.ref[T]]) -> Iterator[T]:
    """Give what has not been thrown away."""
    for one in known:
        found = one()
        if found is not None:
            yield found
