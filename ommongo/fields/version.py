"""The version of a document, for optimistic locking."""

from __future__ import annotations

from typing import Any, ClassVar

from ommongo.fields._scalar import ScalarField
from ommongo.fields._written import Name

__all__ = ["VersionField"]

_MAX_VERSION = 2**63 - 1


class VersionField(ScalarField[int]):
    """
    A number that every write of the document increments, and that every write checks.

    It is 1 once the document is inserted. Saving, updating or removing a document whose stored
    version is no longer the loaded one raises `StaleDocumentException`: somebody else wrote it.

    Args:
        db_field: The stored name; the attribute's name when left out.

    Example:
        >>> from ommongo import Document, StringField
        >>> class Page(Document):
        ...     text = StringField()
        ...     version = VersionField()

    MongoDB manual:
        https://www.mongodb.com/docs/manual/core/write-operations-atomicity/
    """

    valid_modifiers: ClassVar[frozenset[str]] = frozenset()
    _is_version = True
    _mutable_values = False
    _places_loaded = True

    def _loaded_source(self, value: str, name: Name) -> str:
        return f"type({value}) is {name(int)} and 1 <= {value} <= {_MAX_VERSION}"

    def __init__(self, db_field: str | None = None) -> None:
        super().__init__(required=False, db_field=db_field, on_update="ignore")

    def set_value(self, instance: Any, value: Any, from_db: bool = False) -> None:
        """
        Put a loaded version into a document.

        Args:
            instance: The document.
            value: The version.
            from_db: Whether it was loaded.

        Raises:
            BadValueException: It was assigned: the session alone counts versions.
        """
        if not from_db:
            self._fail_validation(
                value,
                f"is counted by the session and takes no {type(value).__name__}. Leave it alone; "
                f"after a StaleDocumentException load the document anew.",
            )
        super().set_value(instance, value, from_db)

    def _check(self, value: Any) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            self._fail_validation_type(value, int)
        if not 1 <= value <= _MAX_VERSION:
            self._fail_validation(
                value, "takes an int from 1 on, within 64 bits. Leave the counting to the session."
            )
