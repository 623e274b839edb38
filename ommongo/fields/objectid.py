"""Object ids."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, overload

from bson.objectid import ObjectId

from ommongo.exceptions import InvalidConfigException
from ommongo.fields._scalar import ScalarField
from ommongo.fields._types import Id

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ommongo.fields._types import Options, OrNone

__all__ = ["ObjectIdField"]

_HEX = r"[0-9a-fA-F]{24}"


class ObjectIdField(ScalarField[Id]):
    """
    An object id.

    Accepts an `ObjectId`, the 24 hexadecimal digits or the 12 bytes of one, and stores and gives an
    `ObjectId`.

    Args:
        session: Accepted and kept, without effect.
        auto: Whether an unset field gets a new id when it is first read or stored.
        kwargs: The options of every field, see `Field`.

    Raises:
        InvalidConfigException: *auto* and another default are both given.

    Example:
        >>> ObjectIdField().wrap("5f0c5e3b8f1b2c3d4e5f6a7b")
        ObjectId('5f0c5e3b8f1b2c3d4e5f6a7b')

    MongoDB manual:
        https://www.mongodb.com/docs/manual/reference/bson-types/#objectid
    """

    plain_types: tuple[type, ...] = (ObjectId,)
    _refuses_lists = True
    _trusts_stored = True

    if TYPE_CHECKING:

        def __set__(self, instance: object, value: Id | str | bytes) -> None: ...

    @overload
    def __init__(
        self: ObjectIdField[ObjectId],
        session: Any = None,
        auto: bool = False,
        **options: Unpack[Options[ObjectId | str | bytes]],
    ) -> None: ...
    @overload
    def __init__(
        self: ObjectIdField[ObjectId | None],
        session: Any = None,
        auto: bool = False,
        **options: Unpack[OrNone[ObjectId | str | bytes]],
    ) -> None: ...
    def __init__(self, session: Any = None, auto: bool = False, **kwargs: Any) -> None:
        if auto:
            if "default" in kwargs or "default_f" in kwargs:
                raise InvalidConfigException(
                    f"{type(self).__name__}: auto and a default were both given, and auto is a "
                    f"default. Keep one."
                )
            kwargs["default_f"] = self.gen
        super().__init__(**kwargs)
        self.session = session
        self.auto = auto

    def gen(self) -> ObjectId:
        """
        Make an id.

        Returns:
            A new `ObjectId`, as no other process makes it.
        """
        return ObjectId()

    def schema_json(self) -> dict[str, Any]:
        """
        Describe this field.

        Returns:
            The settings of every field, and ``auto``, also under its old name ``auth``.
        """
        return {**super().schema_json(), "auto": self.auto, "auth": self.auto}

    def _check(self, value: Any) -> None:
        if isinstance(value, ObjectId):
            return
        if isinstance(value, str):
            if not re.fullmatch(_HEX, value):
                self._fail_validation(
                    value,
                    "takes a str of 24 hexadecimal digits, and got another str. Pass the "
                    "ObjectId itself, or str() of it.",
                )
        elif isinstance(value, bytes):
            if len(value) != 12:
                self._fail_validation(
                    value,
                    f"takes bytes of length 12, not {len(value)} bytes. Pass the ObjectId itself, "
                    f"or its .binary.",
                )
        else:
            self._fail_validation_type(value, ObjectId, str, bytes)

    def _to_stored(self, value: Any) -> Any:
        return ObjectId(value) if isinstance(value, (str, bytes)) else value

    def _to_python(self, value: Any, session: Any) -> Any:
        return self._to_stored(value)
