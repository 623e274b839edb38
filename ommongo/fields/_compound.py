"""What fields whose values are made of other fields' values have in common."""

from __future__ import annotations

from typing import Any

from ommongo.fields._refusal import caught, located
from ommongo.fields._types import V
from ommongo.fields.base import Field

__all__ = ["CompoundField"]


class CompoundField(Field[V]):
    """
    A field that judges the whole of a value and leaves the parts to other fields.

    Each part judges itself while it is converted, so `wrap` and `unwrap` judge only the whole
    beforehand: judging all of it would visit an item at depth n n times.

    A subclass says what it accepts as a whole (`_check`, `_check_stored`) and how it visits the
    parts (`_each`), and whether a value can change in place (``_mutable_values``).
    """

    _mutable_values = False

    def _check(self, value: Any) -> None:
        """Refuse a value that is wrong as a whole and so cannot be stored."""

    def _check_stored(self, value: Any) -> None:
        """Refuse a stored value that is wrong as a whole."""

    def _each(self, value: Any, action: str, *args: Any) -> Any:
        """
        Call the method *action* of the parts' fields with each part, and give the results.

        A value has one part, itself, unless a subclass knows better.
        """
        [field] = self._inner_fields()
        try:
            return getattr(field, action)(value, *args)
        except caught(action) as error:
            raise located(error, self._name, value) from error

    def _validate_parts(self, value: Any) -> None:
        self._each(value, "validate_wrap")

    def _validate_stored_parts(self, value: Any) -> None:
        self._each(value, "validate_unwrap")

    def _wrap_parts(self, value: Any, action: str = "wrap") -> Any:
        return self._each(value, action)

    def _unwrap_parts(self, value: Any, session: Any) -> Any:
        return self._each(value, "unwrap", session)

    def _with_references(self, value: Any, holder: Any = None) -> Any:
        return self._each(value, "_with_references", holder)

    def _partial_wrap(self, value: Any) -> Any:
        if value is None or type(self).wrap is not CompoundField.wrap:
            return super()._partial_wrap(value)
        return self._wrap_parts(value, "_partial_wrap")

    def _steady(self, stored: Any) -> Any:
        try:
            return None if stored is None else self._each(stored, "_steady")
        except (AttributeError, KeyError, TypeError, ValueError):
            return stored  # of another shape, from before a migration

    @property
    def has_autoload(self) -> bool:
        """Whether `unwrap` may need the session, because a part's field does."""
        return any(field.has_autoload for field in self._inner_fields())

    def validate_wrap(self, value: Any) -> None:
        """
        Judge a value that is to be stored.

        Args:
            value: The value, in its Python form.

        Raises:
            BadValueException: The field, or that of a part, refuses it.
        """
        self._check(value)
        self._validate_parts(value)

    def validate_unwrap(self, value: Any) -> None:
        """
        Judge a value that was loaded.

        Args:
            value: What was stored.

        Raises:
            BadValueException: The field, or that of a part, refuses it.
        """
        self._check_stored(value)
        self._validate_stored_parts(value)

    def wrap(self, value: Any) -> Any:
        """
        Turn a Python value into what BSON stores.

        Args:
            value: The value.

        Returns:
            The BSON-ready value.

        Raises:
            BadValueException: The field, or that of a part, refuses the value.
        """
        value = self._kept(value)
        if type(self).validate_wrap is CompoundField.validate_wrap:
            self._check(value)
            self._ask_validators(value, storing=True)
        else:  # an application's own, which knows better
            self.validate_wrap(value)
        return self._wrap_parts(value)

    def unwrap(self, value: Any, session: Any = None) -> Any:
        """
        Turn a stored value into its Python form.

        Args:
            value: What was stored.
            session: The session that loads it, if there is one.

        Returns:
            The Python value.

        Raises:
            BadValueException: The field, or that of a part, refuses what was stored.
        """
        if type(self).validate_unwrap is CompoundField.validate_unwrap:
            self._check_stored(value)
            self._ask_validators(value, storing=False)
        else:
            self.validate_unwrap(value)
        return self._unwrap_parts(value, session)
