"""Whether a class, and what is stored of its objects, say the same about which class that is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ommongo._spelling import an
from ommongo.document._traits.described import Described
from ommongo.exceptions import BadFieldSpecification, BadValueException
from ommongo.util import UNSET

__all__ = ["check_identity", "check_identity_defaults", "check_identity_value", "tell_identity"]


def check_identity_defaults(cls: Any) -> None:
    """
    Refuse a class that declares another default for its identity than the identity.

    An inherited default gives way: it is the identity of the class that declared it.

    Args:
        cls: The class.

    Raises:
        BadFieldSpecification: It does.
    """
    for stored_name, identity in cls._identities.items():
        field = cls._by_db_field.get(stored_name)
        if field is None or field._owner is not cls or field.default is UNSET:
            continue
        if field.default != identity:
            raise BadFieldSpecification(
                f"{cls.__name__}.{field._name} has the default {field.default!r}, and tells of a "
                f"stored document that it is {an(cls.__name__)} by {identity!r}, its "
                f"config_polymorphic_identity. Leave out the default: it is the identity anyway."
            )


def check_identity_value(cls: type[Described], stored_name: str, value: Any) -> None:
    """
    Refuse a value that says of an object of a class that it is of another.

    Args:
        cls: The class of the object.
        stored_name: The stored name of the value, one of those that select the class.
        value: The value.

    Raises:
        BadValueException: It does.
    """
    identity = cls._identities[stored_name]
    if value == identity:
        return
    field = cls._by_db_field.get(stored_name)
    other = None if value is UNSET else cls._selector.named(stored_name, value)
    which = f"that of {other.__name__}, {value!r}" if other is not None else "none of its family"
    raise BadValueException(
        stored_name if field is None else field._name,
        None if value is UNSET else value,
        f"is {identity!r} in every {cls.__name__}: it tells the class. Here it is {which}. Make an "
        f"object of the class that you want, and remove this one.",
    )


def check_identity(cls: type[Described], stored: Mapping[str, Any]) -> None:
    """
    Refuse what is stored, or about to be, under the identity of another class.

    Args:
        cls: The class of the object.
        stored: What is stored of it; what it lacks contradicts nothing.

    Raises:
        BadValueException: It says that it is of another class.
    """
    for stored_name in cls._identities:
        value = stored.get(stored_name, UNSET)
        if value is not UNSET:
            check_identity_value(cls, stored_name, value)


def tell_identity(document: Described, stored: dict[str, Any]) -> None:
    """
    Let what is about to be stored of a document tell its class.

    Args:
        document: The document.
        stored: What is stored of it. An identity that belongs to no field is put into it, and among
            the document's extra fields.

    Raises:
        BadValueException: It cannot tell its class, or tells another one.
    """
    cls = type(document)
    if cls._overrides_subclass:
        return
    if not cls._selector.is_told:
        raise BadValueException(
            cls._selector.own or "",
            None,
            f"cannot tell that this is {an(cls.__name__)}, so it could not be loaded as one. Give "
            f"the class a config_polymorphic_identity.",
        )
    check_identity(cls, stored)
    state = document._state
    if state is not None and state.retrieved is not None:
        return
    for stored_name, identity in cls._identities.items():
        if stored_name in stored or stored_name in cls._by_db_field:
            continue
        if cls.config_extra_fields != "ignore":
            raise BadValueException(
                stored_name,
                None,
                f"tells the class of a stored document, and {cls.__name__} has no field for it. "
                f"Declare one.",
            )
        stored[stored_name] = document.get_extra_fields()[stored_name] = identity
