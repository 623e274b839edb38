"""Bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

from bson.binary import Binary

from ommongo.fields._primitive import PrimitiveField
from ommongo.fields._types import Bytes
from ommongo.fields._written import Name, is_of_types

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ommongo.fields._types import Options, OrNone

__all__ = ["BinaryField"]


class BinaryField(PrimitiveField[Bytes]):
    """
    Bytes.

    Both conversions give a `bson.binary.Binary`, which is a ``bytes``; one that has a subtype keeps
    it.

    Args:
        kwargs: The options of every field, see `Field`.

    Example:
        >>> BinaryField().wrap(b"\\x00")
        Binary(b'\\x00', 0)

    MongoDB manual:
        https://www.mongodb.com/docs/manual/reference/bson-types/#binary-data
    """

    constructor = Binary

    def _given_source(self, value: str, name: Name) -> str:
        return is_of_types(value, (bytes, Binary), name)

    def _stored_source(self, value: str, name: Name) -> str:
        return is_of_types(value, (Binary,), name)

    if TYPE_CHECKING:

        @overload
        def __init__(
            self: BinaryField[bytes],
            **options: Unpack[Options[bytes]],
        ) -> None: ...
        @overload
        def __init__(
            self: BinaryField[bytes | None],
            **options: Unpack[OrNone[bytes]],
        ) -> None: ...
        def __init__(self, **options: Any) -> None: ...

    def _check(self, value: Any) -> None:
        if not isinstance(value, bytes):
            self._fail_validation_type(value, bytes, Binary)

    def _to_stored(self, value: Any) -> Any:
        if isinstance(value, Binary) or not isinstance(value, bytes):
            return value  # no bytes only where a subclass of this field accepts more
        return Binary(value)

    def _to_python(self, value: Any, session: Any) -> Any:
        return self._to_stored(value)
