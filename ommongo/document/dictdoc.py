"""Fields of a document by subscription."""

from __future__ import annotations

from typing import Any

__all__ = ["DictDoc"]


class DictDoc:
    """
    A mixin that gives a document's fields by name, as a dict does.

    Example:
        >>> from ommongo import Document, DictDoc, IntField
        >>> class Counter(Document, DictDoc):
        ...     hits = IntField(required=False)
        >>> counter = Counter()
        >>> counter.setdefault("hits", 3)
        3
        >>> counter["hits"] += 1
        >>> "hits" in counter, counter.hits
        (True, 4)
    """

    __slots__ = ()

    def _field_name(self, name: Any) -> str:
        fields: Any = getattr(type(self), "_fields", {})
        if name not in fields:
            raise KeyError(name)
        return str(name)

    def __getitem__(self, name: str) -> Any:
        return getattr(self, self._field_name(name))

    def __setitem__(self, name: str, value: Any) -> None:
        setattr(self, self._field_name(name), value)

    def __contains__(self, name: object) -> bool:
        document: Any = self
        if name not in document._fields:
            return False
        if not document._is_retrieved(name):
            document._renew()
        return bool(document._is_set(name))

    def setdefault(self, name: str, value: Any) -> Any:
        """
        Give a field's value, after setting it where it is unset.

        Args:
            name: The field's name.
            value: The value for an unset field.

        Returns:
            The field's value.

        Raises:
            BadValueException: The field is unset and refuses *value*.
            FieldNotRetrieved: The field of a partial document was not retrieved.
            KeyError: There is no such field.
        """
        document: Any = self
        if self._field_name(name) not in self and document._is_retrieved(name):
            self[name] = value
        return self[name]  # raises where the field was not retrieved: what is stored is not known
