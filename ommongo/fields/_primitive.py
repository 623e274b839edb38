"""What fields of one Python type have in common."""

from __future__ import annotations

from typing import Any

from ommongo.fields._scalar import ScalarField
from ommongo.fields._types import V

__all__ = ["PrimitiveField"]


class PrimitiveField(ScalarField[V]):
    """
    A value of one Python type, stored as it is: the base of text, numbers and their like.

    Args:
        constructor: The type of the values; one that a subclass accepts beside is turned into it.
        kwargs: The options of every field, see `Field`.

    Attributes:
        constructor: As given.

    Example:
        >>> class LevelField(PrimitiveField):
        ...     def __init__(self, **kwargs):
        ...         super().__init__(int, **kwargs)
        >>> LevelField().is_valid_wrap("high")
        False

    MongoDB manual:
        https://www.mongodb.com/docs/manual/reference/bson-types/
    """

    constructor: Any = None

    def __init__(self, constructor: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if constructor is not None:
            self.constructor = constructor

    def _check(self, value: Any) -> None:
        if isinstance(self.constructor, type) and not isinstance(value, self.constructor):
            self._fail_validation_type(value, self.constructor)

    def _to_stored(self, value: Any) -> Any:
        kind = self.constructor
        return value if not isinstance(kind, type) or isinstance(value, kind) else kind(value)
