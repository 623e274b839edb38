"""Text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, overload

from ommongo._spelling import counted
from ommongo.exceptions import InvalidConfigException
from ommongo.fields._primitive import PrimitiveField
from ommongo.fields._settings import check_bounds, check_order
from ommongo.fields._types import Str
from ommongo.fields._written import Name, all_of, is_within

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ommongo.fields._types import Options, OrNone

__all__ = ["RegExStringField", "StringField", "fits_utf8"]


def fits_utf8(text: str) -> bool:
    """
    Tell whether BSON can hold *text*.

    Args:
        text: The text.

    Returns:
        Whether UTF-8 can encode it: a lone half of a surrogate pair has no encoding.
    """
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class StringField(PrimitiveField[Str]):
    """
    Text.

    Args:
        max_length: The most characters (code points) that a value may have.
        min_length: The fewest.
        kwargs: The options of every field, see `Field`.

    Raises:
        InvalidConfigException: A length is no int.

    Example:
        >>> StringField(max_length=3).wrap("abc")
        'abc'
        >>> StringField(max_length=3).is_valid_wrap("abcd")
        False

    MongoDB manual:
        https://www.mongodb.com/docs/manual/reference/bson-types/#string
    """

    constructor = str
    plain_types: tuple[type, ...] = (str,)
    _refuses_lists = True
    _trusts_stored = _judges_bounds = True

    @overload
    def __init__(
        self: StringField[str],
        max_length: int | None = None,
        min_length: int | None = None,
        **options: Unpack[Options[str]],
    ) -> None: ...
    @overload
    def __init__(
        self: StringField[str | None],
        max_length: int | None = None,
        min_length: int | None = None,
        **options: Unpack[OrNone[str]],
    ) -> None: ...
    def __init__(
        self, max_length: int | None = None, min_length: int | None = None, **kwargs: Any
    ) -> None:
        owner = type(self).__name__
        check_bounds(owner, int, max_length=max_length, min_length=min_length)
        check_order(owner, ("min_length", min_length), ("max_length", max_length))
        super().__init__(**kwargs)
        self.max_length: int | None = max_length
        self.min_length: int | None = min_length
        self.max: int | None = max_length
        self.min: int | None = min_length

    @property
    def _has_bounds(self) -> bool:
        return self.max_length is not None or self.min_length is not None

    def accepts_plain(self, value: str) -> bool:
        """Tell whether UTF-8 can encode a text, of a length that is accepted."""
        least, most = self.min_length, self.max_length
        return (
            (least is None or len(value) >= least)
            and (most is None or len(value) <= most)
            and fits_utf8(value)
        )

    def _plain_values(self) -> Mapping[type, Callable[[Any], object]]:
        if self._has_bounds:
            return super()._plain_values()
        # Nearly every text is ASCII, which costs no call here. What is not is left to `wrap_value`.
        return {str: str.isascii} if self._is_plain else {}

    def _plain_source(self, value: str, name: Name) -> str:
        return f"({value}.isascii() or {name(fits_utf8)}({value}))"

    def _bounds_source(self, value: str, name: Name) -> str:
        return is_within(f"len({value})", self.min_length, self.max_length, name)

    def _check(self, value: Any) -> None:
        if type(value) is not str and not isinstance(value, str):
            self._fail_validation_type(value, str)
        if self.max_length is not None and len(value) > self.max_length:
            self._fail_validation(
                value,
                f"takes a str of at most {counted(self.max_length, 'character')}, not of "
                f"{len(value)}. Shorten it, or raise max_length.",
            )
        if self.min_length is not None and len(value) < self.min_length:
            self._fail_validation(
                value,
                f"takes a str of at least {counted(self.min_length, 'character')}, not of "
                f"{len(value)}. Give more, or lower min_length.",
            )
        if not fits_utf8(value):
            self._fail_validation(
                value,
                "takes a str that UTF-8 can encode, and got one with a lone surrogate. Decode the "
                "text properly where it is read, or store its bytes in a BinaryField().",
            )

    def _to_stored(self, value: Any) -> Any:
        # The driver stores some subclasses of str as something else (bson.Code as JavaScript),
        # and the others come back as str anyway.
        if type(value) is str or not isinstance(value, str):
            return value  # no text only where a subclass of this field accepts more
        return str.__str__(value)

    def _to_python(self, value: Any, session: Any) -> Any:
        return self._to_stored(value)


class RegExStringField(StringField[Str]):
    """
    Text that begins with a match of a regular expression.

    Args:
        regex: The expression, as text or compiled; end it with ``$`` (or ``\\Z``) to match the
            whole value.
        kwargs: The options of `StringField` and of every field.

    Raises:
        InvalidConfigException: *regex* is no regular expression for text.

    Example:
        >>> RegExStringField(r"[A-Z]{3}$").wrap("IDN")
        'IDN'
        >>> RegExStringField(r"[A-Z]{3}$").is_valid_wrap("idn")
        False

    MongoDB manual:
        https://www.mongodb.com/docs/manual/reference/bson-types/#string
    """

    plain_types: tuple[type, ...] = (str,)
    _trusts_stored = _judges_bounds = True
    _plain_source = StringField._plain_source

    @overload
    def __init__(
        self: RegExStringField[str],
        regex: str | re.Pattern[str],
        *,
        max_length: int | None = None,
        min_length: int | None = None,
        **options: Unpack[Options[str]],
    ) -> None: ...
    @overload
    def __init__(
        self: RegExStringField[str | None],
        regex: str | re.Pattern[str],
        *,
        max_length: int | None = None,
        min_length: int | None = None,
        **options: Unpack[OrNone[str]],
    ) -> None: ...
    def __init__(self, regex: str | re.Pattern[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)  # type: ignore[misc]  # it is what the overloads say
        try:
            self.regex: re.Pattern[str] = re.compile(regex)
        except (TypeError, re.error) as error:
            raise InvalidConfigException(
                f"{type(self).__name__}: regex cannot be compiled ({error}). Pass a regular "
                f"expression as text or as re.compile() gives it."
            ) from error
        if not isinstance(self.regex.pattern, str):
            raise InvalidConfigException(
                f"{type(self).__name__}: regex matches bytes. Pass an expression for text."
            )

    @property
    def _has_bounds(self) -> bool:
        return True

    def accepts_plain(self, value: str) -> bool:
        """Tell whether a text matches, and is one that `StringField` accepts."""
        return super().accepts_plain(value) and self.regex.match(value) is not None

    def _bounds_source(self, value: str, name: Name) -> str:
        return all_of(
            super()._bounds_source(value, name), f"{name(self.regex.match)}({value}) is not None"
        )

    def _check(self, value: Any) -> None:
        super()._check(value)
        if not self.regex.match(value):
            self._fail_validation(
                value,
                f"takes a str that matches the regular expression {self.regex.pattern!r}, and got "
                f"one that does not. Correct the text, or the field's regex.",
            )
