"""What stands in for a field where no document class says what is stored."""

from __future__ import annotations

from collections.abc import Container
from typing import Any, ClassVar

__all__ = ["FREE_TYPE", "FreeType"]


class _Everything:
    """The set that everything is in."""

    def __contains__(self, item: object) -> bool:
        return True


class FreeType:
    """What a free-form field holds, in the words of a field: anything, unchecked."""

    is_sequence_field: ClassVar[bool] = True
    has_subfields: ClassVar[bool] = False
    valid_modifiers: ClassVar[Container[str]] = _Everything()

    @property
    def item_field(self) -> FreeType:
        """What the items are, where it is an array."""
        return self

    def subfields(self) -> dict[str, Any]:
        """Give nothing: no names are known."""
        return {}

    def wrap(self, value: Any) -> Any:
        """Give *value* as it is."""
        return value

    def unwrap(self, value: Any, session: Any = None) -> Any:
        """Give *value* as it is."""
        return value

    wrap_value = wrap


FREE_TYPE = FreeType()
"""There is one only: nothing tells two apart."""
