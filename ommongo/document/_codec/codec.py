"""The functions of one document class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ommongo.document._codec.interpreted import load_interpreted, store_interpreted
from ommongo.document._traits.described import Described
from ommongo.document._traits.hooks import holds_hooks, knows_embedded

__all__ = ["Codec"]


class Codec:
    """
    The functions of one document class.

    Args:
        cls: The class.

    Attributes:
        load: Builds a document from driver-owned data.
        store: Gives the dict to be stored for a document.
        make: Makes a new document of a dict of values, which becomes its own; ``None`` where the
            values cannot be taken as they are, or the class makes its documents itself, so that
            the interpreted path takes or refuses them.
        judge: The same whether or not the class makes its documents itself.
    """

    def __init__(self, cls: type[Described]) -> None:
        self.cls = cls
        # Written on the first call: a class may name itself, or a class that comes later. What
        # writes them is imported then too: a program that makes no document need not wait for it.
        self.load: Callable[[Any, Any], Any] = self._first_load
        self.store: Callable[[Any], dict[str, Any]] = self._first_store
        self.make: Callable[[dict[str, Any]], Any] = self._first_make
        self.judge: Callable[[dict[str, Any]], Any] = self._first_judge

    def _first_load(self, raw: Any, session: Any) -> Any:
        if not knows_embedded(self.cls):  # a part of the application's classes may do
            return load_interpreted(self.cls, raw, session)
        # A hook runs once, so what runs one cannot be given up half-way for the interpreted path.
        # A class makes its documents itself by either method.
        is_made = self.cls._overrides_init or self.cls._overrides_new
        is_interpreted = is_made or holds_hooks(self.cls)
        if is_interpreted:
            self.load = self._interpreted_load
        else:
            from ommongo.document._codec.loading import write_load

            self.load = write_load(self.cls)
        return self.load(raw, session)

    def _interpreted_load(self, raw: Any, session: Any) -> Any:
        return load_interpreted(self.cls, raw, session)

    def _first_store(self, document: Described) -> dict[str, Any]:
        from ommongo.document._codec.storing import telling_store, write_store

        is_known = knows_embedded(self.cls)
        store = write_store(self.cls) if is_known else store_interpreted
        if self.cls._is_family:
            store = telling_store(store)
        if is_known:
            self.store = store
        return store(document)

    def _first_make(self, values: dict[str, Any]) -> Any:
        if not self.cls._settings_checked:
            self.cls._check_default_sort()
        cls = self.cls
        is_parameter = not {"retrieved_fields", "loading_from_db"}.isdisjoint(cls._fields)
        if cls._overrides_init or cls._overrides_new or is_parameter:
            self.make = _make_nothing
            return None
        made = self.judge(values)
        if knows_embedded(self.cls):
            self.make = self.judge
        return made

    def _first_judge(self, values: dict[str, Any]) -> Any:
        if not knows_embedded(self.cls):
            return None
        from ommongo.document._codec.making import write_make

        self.judge = write_make(self.cls)
        return self.judge(values)


def _make_nothing(values: dict[str, Any]) -> None:
    """Leave it to the class to make its documents."""
