"""What fields of one undivided value have in common."""

from __future__ import annotations

from typing import Any

from ommongo.fields._types import V
from ommongo.fields.base import Field

__all__ = ["ScalarField"]


class ScalarField(Field[V]):
    """
    A field whose value is judged and converted as a whole.

    A subclass says what it accepts (`_check`, and `_check_stored` where loading is judged
    differently), and how it converts (`_to_stored`, `_to_python`), where it does.
    """

    _mutable_values = False

    def _check(self, value: Any) -> None:
        """Refuse what cannot be stored; nothing, unless a subclass knows better."""

    def _check_stored(self, value: Any) -> None:
        """Refuse what cannot be loaded."""
        self._check(value)

    def _to_stored(self, value: Any) -> Any:
        """Give an accepted value as BSON stores it."""
        return value

    def _to_python(self, value: Any, session: Any) -> Any:
        """Give an accepted stored value in its Python form."""
        return value

    def _partial_wrap(self, value: Any) -> Any:
        if value is None or type(self).wrap is not ScalarField.wrap:
            return super()._partial_wrap(value)
        return self._to_stored(value)

    def _part(self, name: str, stored: bool) -> tuple[str, Any] | None:
        is_ours = type(self).__module__.startswith("ommongo.fields")
        return None if is_ours else super()._part(name, stored)

    def validate_wrap(self, value: Any) -> None:
        """
        Judge a value that is to be stored.

        Args:
            value: The value, in its Python form.

        Raises:
            BadValueException: The field refuses it.
        """
        self._check(value)

    def validate_unwrap(self, value: Any) -> None:
        """
        Judge a value that was loaded.

        Args:
            value: What was stored.

        Raises:
            BadValueException: The field refuses it.
        """
        self._check_stored(value)

    def wrap(self, value: Any) -> Any:
        """
        Turn a Python value into what BSON stores.

        Args:
            value: The value.

        Returns:
            The BSON-ready value.

        Raises:
            BadValueException: The field refuses the value.
        """
        self.validate_wrap(value)
        return self._to_stored(value)

    def unwrap(self, value: Any, session: Any = None) -> Any:
        """
        Turn a stored value into its Python form.

        Args:
            value: What was stored.
            session: The session that loads it, if there is one.

        Returns:
            The Python value.

        Raises:
            BadValueException: The field refuses what was stored.
        """
        self.validate_unwrap(value)
        return self._to_python(value, session)
