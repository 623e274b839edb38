"""Numbers and booleans."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, overload

from bson.int64 import Int64

from ommongo._bson import ANYTHING
from ommongo.exceptions import InvalidConfigException
from ommongo.fields._primitive import PrimitiveField
from ommongo.fields._scalar import ScalarField
from ommongo.fields._settings import check_bounds, check_order
from ommongo.fields._types import Bool, Float, Int, V
from ommongo.fields._written import Name, all_of, is_of_types, is_within
from ommongo.fields.base import SCALAR_MODIFIERS

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ommongo.fields._types import Options, OrNone

__all__ = ["NUMBER_MODIFIERS", "BoolField", "FloatField", "IntField", "NumberField"]

N = TypeVar("N")

NUMBER_MODIFIERS = SCALAR_MODIFIERS | {"$inc", "$mul", "$min", "$max"}
"""The update operators of numbers."""

_LEAST = -(2**63)
_TOO_GREAT = 2**63


class NumberField(PrimitiveField[V]):
    """
    A number; what `IntField` and `FloatField` have in common.

    ``True`` and ``False`` are no numbers here, although Python counts them as ints.

    Args:
        constructor: The type of the numbers.
        min_value: The least value that is accepted.
        max_value: The greatest.
        kwargs: The options of every field, see `Field`.

    Raises:
        InvalidConfigException: *constructor* is no type, or a bound no number.

    Example:
        >>> NumberField(int, min_value=1).is_valid_wrap(0)
        False

    MongoDB manual:
        https://www.mongodb.com/docs/manual/reference/bson-types/
    """

    valid_modifiers = NUMBER_MODIFIERS
    # What is accepted beside the constructor's own type.
    _also_accepted: tuple[type, ...] = ()

    @overload
    def __init__(
        self: NumberField[N],
        constructor: type[N],
        min_value: float | None = None,
        max_value: float | None = None,
        **options: Unpack[Options[N]],
    ) -> None: ...
    @overload
    def __init__(
        self: NumberField[N | None],
        constructor: type[N],
        min_value: float | None = None,
        max_value: float | None = None,
        **options: Unpack[OrNone[N]],
    ) -> None: ...
    def __init__(
        self,
        constructor: Any,
        min_value: float | None = None,
        max_value: float | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not isinstance(constructor, type):
            raise InvalidConfigException(
                f"{type(self).__name__}: constructor is a value of {type(constructor).__name__}. "
                f"Pass the type of the numbers, such as int or float."
            )
        owner = type(self).__name__
        check_bounds(owner, constructor, int, float, min_value=min_value, max_value=max_value)
        check_order(owner, ("min_value", min_value), ("max_value", max_value))
        self.constructor: Any = constructor
        self.min_value: float | None = min_value
        self.max_value: float | None = max_value
        self.min: float | None = min_value
        self.max: float | None = max_value

    def schema_json(self) -> dict[str, Any]:
        """
        Describe this field.

        Returns:
            The settings of every field, and ``min_value`` and ``max_value``.
        """
        return {
            **super().schema_json(),
            "min_value": self.min_value,
            "max_value": self.max_value,
        }

    @property
    def _has_bounds(self) -> bool:
        return self.min_value is not None or self.max_value is not None

    def accepts_plain(self, value: float) -> bool:
        """Tell whether a number is within the bounds."""
        least, most = self.min_value, self.max_value
        return (least is None or value >= least) and (most is None or value <= most)

    def _bounds_source(self, value: str, name: Name) -> str:
        return is_within(value, self.min_value, self.max_value, name)

    def _to_stored(self, value: Any) -> Any:
        if type(value) is self.constructor:
            return value
        if isinstance(value, (self.constructor, *self._also_accepted)):
            return self.constructor(value)
        return value  # of another type only where a subclass of this field accepts more

    def _to_python(self, value: Any, session: Any) -> Any:
        return self._to_stored(value)

    def _check(self, value: Any) -> None:
        if type(value) is not self.constructor:
            wanted = (self.constructor, *self._also_accepted)
            if isinstance(value, bool) or not isinstance(value, wanted):
                self._fail_validation_type(value, *wanted)
        if self.min_value is None and self.max_value is None:
            return
        if value != value:  # NaN is neither below nor above anything
            self._fail_validation(
                value,
                f"has bounds and so takes no {type(value).__name__} that is not a number. Give a "
                f"number, or declare the field without bounds.",
            )
        if self.min_value is not None and value < self.min_value:
            self._fail_validation(
                value,
                f"takes numbers from {self.min_value} up, and got a smaller "
                f"{type(value).__name__}. Correct the number, or lower min_value.",
            )
        if self.max_value is not None and value > self.max_value:
            self._fail_validation(
                value,
                f"takes numbers up to {self.max_value}, and got a greater "
                f"{type(value).__name__}. Correct the number, or raise max_value.",
            )


def _fits_64_bits(value: float) -> bool:
    return _LEAST <= value < _TOO_GREAT


class IntField(NumberField[Int]):
    """
    A whole number of at most 64 bits.

    The driver stores it in 32 bits where that is enough. A `bson.int64.Int64` stays one, so it is
    always stored in 64 bits.

    Args:
        min_value: The least value that is accepted.
        max_value: The greatest.
        kwargs: The options of every field, see `Field`.

    Example:
        >>> IntField(min_value=0).wrap(3)
        3
        >>> IntField().is_valid_wrap(2**63)
        False
        >>> IntField().is_valid_wrap(True)
        False

    MongoDB manual:
        https://www.mongodb.com/docs/manual/reference/bson-types/
    """

    plain_types: tuple[type, ...] = (int, Int64)
    _refuses_lists = True
    _trusts_stored = _judges_bounds = True
    _bounds_source = NumberField._bounds_source

    @overload
    def __init__(
        self: IntField[int],
        min_value: int | None = None,
        max_value: int | None = None,
        **options: Unpack[Options[int]],
    ) -> None: ...
    @overload
    def __init__(
        self: IntField[int | None],
        min_value: int | None = None,
        max_value: int | None = None,
        **options: Unpack[OrNone[int]],
    ) -> None: ...
    def __init__(
        self, min_value: int | None = None, max_value: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(
            int,  # type: ignore[arg-type]  # it is what the overloads say
            min_value=min_value,
            max_value=max_value,
            **kwargs,
        )

    def accepts_plain(self, value: float) -> bool:
        """Tell whether 64 bits hold an int that is within the bounds."""
        return _fits_64_bits(value) and super().accepts_plain(value)

    def _plain_values(self) -> Mapping[type, Callable[[Any], object]]:
        if self._has_bounds or not self._is_plain:
            return super()._plain_values()
        return dict.fromkeys(self.plain_types, _fits_64_bits)

    def _stored_source(self, value: str, name: Name) -> str:
        # A bound within the 64 bits says all that they do, and one test is enough.
        least, most = self.min_value, self.max_value
        least = _LEAST if least is None or least < _LEAST else least
        most = _TOO_GREAT - 1 if most is None or most >= _TOO_GREAT else most
        within = is_within(value, least, most, name)
        return all_of(is_of_types(value, self.plain_types, name), within)

    def _to_stored(self, value: Any) -> Any:
        return value if type(value) is Int64 else super()._to_stored(value)

    def _check(self, value: Any) -> None:
        super()._check(value)
        if not _fits_64_bits(value):
            self._fail_validation(
                value,
                "takes an int of at most 64 bits, and got a longer one. MongoDB has no greater "
                "ints: store its digits in a StringField(), or its nearest FloatField() value.",
            )


class FloatField(NumberField[Float]):
    """
    A floating-point number of 64 bits.

    Ints are accepted and stored as floats, so beyond 2**53 they are rounded.

    Args:
        min_value: The least value that is accepted.
        max_value: The greatest. Where there is a bound, NaN is refused.
        kwargs: The options of every field, see `Field`.

    Example:
        >>> FloatField().wrap(3)
        3.0

    MongoDB manual:
        https://www.mongodb.com/docs/manual/reference/bson-types/
    """

    plain_types: tuple[type, ...] = (float,)
    _refuses_lists = True
    _trusts_stored = _judges_bounds = True
    _bounds_source = NumberField._bounds_source
    _also_accepted = (int,)

    def _plain_values(self) -> Mapping[type, Callable[[Any], object]]:
        if self._has_bounds or not self._is_plain:
            return super()._plain_values()
        return dict.fromkeys(self.plain_types, ANYTHING)

    def _plain_source(self, value: str, name: Name) -> str:
        return ""

    @overload
    def __init__(
        self: FloatField[float],
        min_value: float | None = None,
        max_value: float | None = None,
        **options: Unpack[Options[float]],
    ) -> None: ...
    @overload
    def __init__(
        self: FloatField[float | None],
        min_value: float | None = None,
        max_value: float | None = None,
        **options: Unpack[OrNone[float]],
    ) -> None: ...
    def __init__(
        self, min_value: float | None = None, max_value: float | None = None, **kwargs: Any
    ) -> None:
        super().__init__(
            float,  # type: ignore[arg-type]  # it is what the overloads say
            min_value=min_value,
            max_value=max_value,
            **kwargs,
        )

    def _check(self, value: Any) -> None:
        super()._check(value)
        if type(value) is not float:
            try:
                stored = float(value)
            except OverflowError as error:
                self._fail_validation(
                    value,
                    "takes numbers that a float can hold, and got an int that is too great. Store "
                    "its digits in a StringField().",
                    error,
                )
            super()._check(stored)  # rounded, it may be out of the bounds


class BoolField(PrimitiveField[Bool]):
    """
    ``True`` or ``False``; the numbers 1 and 0 are refused.

    Args:
        kwargs: The options of every field, see `Field`.

    Example:
        >>> BoolField().wrap(True)
        True
        >>> BoolField().is_valid_wrap(1)
        False

    MongoDB manual:
        https://www.mongodb.com/docs/manual/reference/bson-types/
    """

    constructor = bool
    plain_types: tuple[type, ...] = (bool,)
    _refuses_lists = True
    # A value of another type that a subclass accepts is its own business.
    _to_stored = ScalarField._to_stored
    _trusts_stored = True

    if TYPE_CHECKING:

        @overload
        def __init__(
            self: BoolField[bool],
            **options: Unpack[Options[bool]],
        ) -> None: ...
        @overload
        def __init__(
            self: BoolField[bool | None],
            **options: Unpack[OrNone[bool]],
        ) -> None: ...
        def __init__(self, **options: Any) -> None: ...

    def _check(self, value: Any) -> None:
        if value is not True and value is not False:
            self._fail_validation_type(value, bool)
