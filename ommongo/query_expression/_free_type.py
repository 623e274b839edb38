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

    db_field: ClassVar[str] = ""
    _name: ClassVar[str] = ""
    _owner: ClassVar[None] = None
    allow_none: ClassVar[bool] = True
    _needs_all_parts: ClassVar[bool] = False
    _fixed_size: ClassVar[None] = None
    _has_keys: ClassVar[bool] = True
    _is_verbatim: ClassVar[bool] = True
    _refuses_lists: ClassVar[bool] = False
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

    def _part(self, name: str, stored: bool) -> tuple[str, Any]:
        """Give what a dotted name goes on with: anything again."""
        return name, self

    def _plain_values(self) -> dict[type, Any]:
        """Give no tests: nothing is judged."""
        return {}

    def is_valid_wrap(self, value: Any) -> bool:
        """Tell that *value* can be stored."""
        return True

    def wrap(self, value: Any) -> Any:
        """Give *value* as it is."""
        return value

    def unwrap(self, value: Any, session: Any = None) -> Any:
        """Give *value* as it is."""
        return value

    wrap_value = wrap


FREE_TYPE = FreeType()
"""There is one only: nothing tells two apart."""
