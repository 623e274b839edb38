"""When a document was made, and when it was last stored."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, Literal

from ommongo.fields._types import Date
from ommongo.fields._written import Name, all_of, is_of_types
from ommongo.fields.base import Field
from ommongo.fields.computed import ComputedField
from ommongo.fields.dates import DateTimeField

__all__ = ["CreatedField", "ModifiedField"]


def _now(tz_aware: bool) -> datetime:
    """
    Give the present time.

    Args:
        tz_aware: Whether to give it aware.

    Returns:
        UTC, in whole milliseconds.
    """
    time = datetime.now(timezone.utc)
    # BSON dates hold milliseconds: cut the rest here, or what an object holds differs from what is
    # loaded later.
    time = time.replace(microsecond=time.microsecond // 1000 * 1000)
    return time if tz_aware else time.replace(tzinfo=None)


class ModifiedField(DateTimeField[Date]):
    """
    When the document was last stored.

    Each time the document is serialized or updated, the present time is stored. Read before, it is
    the time of that first reading.

    Args:
        tz_aware: Whether the times are aware (in UTC, and as a loaded date in the session's time
            zone) instead of naive.
        on_server: Whether updates let the server fill in its own time, instead of this computer's.
            An object that was updated so does not know it: the field is then not retrieved. A save
            of a whole document takes this computer's time all the same.
        kwargs: The options of `DateTimeField`, but *use_tz*, and of every field.

    Example:
        >>> from ommongo import Document
        >>> class Page(Document):
        ...     changed = ModifiedField()
        >>> page = Page()
        >>> page.changed <= page.wrap()["changed"]
        True

    MongoDB manual:
        https://www.mongodb.com/docs/manual/reference/bson-types/#date
    """

    _is_modified = True
    _sent_with_changes = True

    def _loaded_source(self, value: str, name: Name) -> str:
        if self.use_tz:
            return ""
        within = DateTimeField._bounds_source(self, value, name)
        return all_of(is_of_types(value, (datetime,), name), within)

    def __init__(self, tz_aware: bool = False, *, on_server: bool = False, **kwargs: Any) -> None:
        super().__init__(use_tz=tz_aware, **kwargs)  # type: ignore[misc]  # it is what the overloads say
        self.tz_aware = tz_aware
        self.on_server = on_server

    def _renewal(self) -> tuple[str, Any] | None:
        if self.on_update == "ignore":
            return None
        if self.on_server:
            return "$currentDate", True
        return "$set", self.wrap(_now(self.tz_aware))

    @property
    def has_default(self) -> bool:
        """Whether an unset field reads as something: always, as now."""
        return True

    def _make_default(self) -> Any:
        return _now(self.tz_aware)

    def _value_to_store(self, instance: Any) -> Any:
        return _now(self.tz_aware)


def CreatedField(
    name: str = "created",
    tz_aware: bool = False,
    *,
    out_of_range: Literal["error", "keep"] = "error",
    **kwargs: Any,
) -> ComputedField[datetime]:
    """
    Make a field that holds when the document was made.

    The time is taken when the field is first read or the document first stored, and then kept.

    Args:
        name: The name of the function that gives the time.
        tz_aware: Whether the time is aware (in UTC) instead of naive.
        out_of_range: As `DateTimeField` has it, for what is stored by others.
        kwargs: The options of every field, see `Field`.

    Returns:
        A one-time `ComputedField` of a `DateTimeField`.

    Example:
        >>> from ommongo import Document
        >>> class Letter(Document):
        ...     created = CreatedField()
        >>> letter = Letter()
        >>> letter.created == letter.wrap()["created"]
        True

    MongoDB manual:
        https://www.mongodb.com/docs/manual/reference/bson-types/#date
    """

    def created(values: dict[str, Any]) -> datetime:
        return _now(tz_aware)

    created.__name__ = created.__qualname__ = name
    date: Field[Any] = DateTimeField(use_tz=tz_aware, out_of_range=out_of_range)
    return ComputedField(date, created, one_time=True, **kwargs)
