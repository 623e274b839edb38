"""The interpreted path between documents and stored dicts: field by field, with precise errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from bson import ObjectId

from ommongo import _tracking
from ommongo._bson import fits_bson
from ommongo._spelling import suggestion
from ommongo._tracking import Retrieved, State, missing, set_session, set_state
from ommongo.document._traits.described import Described
from ommongo.document._traits.hooks import reads_whole
from ommongo.exceptions import BadValueException, UnknownKeyException
from ommongo.fields import DATA_ERRORS, Field, located, raised
from ommongo.util import UNSET

__all__ = [
    "FOREIGN",
    "foreign",
    "is_as_stored",
    "load_interpreted",
    "new_document",
    "store_interpreted",
]

# Generated code does not ask whether a server could hold a value that is loaded, nor whether a date
# has the time zone that the session's driver gives it. An application may have its data from
# anywhere: this path loads them, what is embedded in them included.
FOREIGN: Final[ContextVar[bool]] = ContextVar("foreign", default=False)
"""Whether what is being loaded is such data."""


def is_as_stored(raw: Mapping[str, Any], session: Any) -> bool:
    """
    Tell whether data might be a driver's, as far as that matters.

    Args:
        raw: The data.
        session: The session that they are loaded for, or ``None``.
    """
    return not getattr(session, "tz_aware", False) and fits_bson(raw)


@contextmanager
def foreign() -> Iterator[None]:
    """Load data as such that no driver gave."""
    token = FOREIGN.set(True)
    try:
        yield
    finally:
        FOREIGN.reset(token)


def store_interpreted(document: Described) -> dict[str, Any]:
    """
    Give the dict to be stored.

    Args:
        document: The document.

    Returns:
        A new dict of BSON-ready values by stored name.

    Raises:
        BadValueException: A value cannot be stored; the name is relative to the document.
        FieldNotRetrieved: A required field was not retrieved.
        MissingValueException: A required field is not set.
    """
    stored: dict[str, Any] = {}
    state = document._state
    for field in type(document)._fields.values():
        value = field._value_to_store(document)
        if value is not UNSET:
            is_kept = field.is_id and state is not None and state.particulars.stored_id is not None
            stored[field.db_field] = (
                document._wrapped_id() if is_kept else field._wrap_to_store(value)
            )
        elif field.required:
            raise missing(document, field)
    state = document._state  # reading a default may have given it one
    if state is not None and state.extra:
        _tracking.refuse_stored_names(document)
        stored.update(state.extra)
    return stored


def load_interpreted(
    cls: type[Described], raw: Mapping[str, Any], session: Any, retrieved: Retrieved | None = None
) -> Any:
    """
    Build a document from stored data.

    Args:
        cls: The class of the document.
        raw: What was stored.
        session: The session that loads it, or ``None``.
        retrieved: What a partial document has.

    Returns:
        The document, clean.

    Raises:
        BadValueException: A value is refused; the name is relative to the document.
        UnknownKeyException: A key is no field, and the class does not ignore such.
    """
    values: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    for key, stored in raw.items():
        field = cls._by_db_field.get(key)
        if field is None:
            extra[key] = stored
            continue
        below = None if retrieved is None else retrieved.names.get(field._name)
        if retrieved is not None and field._name not in retrieved and not field.is_id:
            continue
        if stored is None and field.optional:
            continue
        try:
            values[field._name] = _load_value(field, stored, session, below)
        except BadValueException:
            raise
        except DATA_ERRORS as error:
            raise raised(error, field._name, stored) from error
    if extra and retrieved is not None and reads_whole(cls):
        extra = {}  # nobody asked for it: it came along for the sake of a hook
    if extra and cls.config_extra_fields != "ignore":
        name = next(iter(extra))
        raise UnknownKeyException(
            name,
            extra[name],
            f"is stored, but {cls.__name__} has no field stored as {name!r}."
            f"{suggestion(name, cls._by_db_field)} Declare it, or set config_extra_fields = "
            f"'ignore' to keep such values.",
        )
    document = new_document(cls, values, session, retrieved)
    if "_id" in raw and not (cls._plan.takes_ids and type(raw["_id"]) is ObjectId):
        document._keep_id(raw["_id"])
    if extra:
        document._own_state().extra = extra
    return document


def _load_value(field: Field[Any], stored: Any, session: Any, below: Retrieved | None) -> Any:
    """Unwrap one value; embedded documents are partial by *below*."""
    if below is None or not isinstance(stored, (Mapping, list)):
        return field.unwrap(stored, session)
    holder: Any = field
    if isinstance(stored, Mapping):
        return _load_partial(holder, stored, session, below, holder._name)
    items = [
        _load_partial(holder.item_field, item, session, below, f"{holder._name}[{i}]")
        for i, item in enumerate(stored)
    ]
    return set(items) if getattr(field, "_own_type", list) is set else items


def _load_partial(field: Any, stored: Any, session: Any, retrieved: Retrieved, path: str) -> Any:
    """Unwrap one partial embedded document."""
    try:
        if isinstance(stored, Mapping):
            return field.document_class._unwrap_relative(stored, session, retrieved)
        return field.unwrap(stored, session)
    except DATA_ERRORS as error:
        raise located(error, path, stored) from error


def new_document(
    cls: type[Described], values: dict[str, Any], session: Any, retrieved: Retrieved | None
) -> Any:
    """
    Make a loaded document of values in Python form.

    Args:
        cls: The class.
        values: The values by Python name.
        session: The session it is bound to, or ``None``.
        retrieved: What a partial document has.

    Returns:
        The document, clean.
    """
    if cls._overrides_init:
        partial = {} if retrieved is None else {"retrieved_fields": retrieved}
        # Not by cls(...), which takes this parameter from nobody.
        document = type.__call__(cls, loading_from_db=True, **partial, **values)
    else:
        document = cls.__new__(cls)
        for name, value in values.items():
            cls._fields[name].set_value(document, value, from_db=True)
    set_session(document, session)
    state = None if retrieved is None else State({}, retrieved)
    set_state(document, state)
    return document
