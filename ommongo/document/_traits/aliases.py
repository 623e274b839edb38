"""Other names of fields: ``id`` for that of the ``_id``, and the ``rel`` of a reference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ommongo._bson import same
from ommongo.exceptions import ExtraValueException
from ommongo.fields import Field, Following

__all__ = ["ID_ALIAS", "IdAlias", "aliases", "given_by_alias", "show_own_id"]

ID_ALIAS: Final = "id"
"""The attribute that is the ``_id`` of every class which has no attribute of this name."""


class IdAlias:
    """
    The attribute ``id`` of documents: whatever field is stored as ``_id``.

    A field or another attribute of the same name takes its place in a class.
    """

    def __get__(self, instance: Any, owner: type[Any]) -> Any:
        name = owner._plan.id_name
        return getattr(owner if instance is None else instance, name)

    def __set__(self, instance: Any, value: Any) -> None:
        setattr(instance, instance._plan.id_name, value)

    def __delete__(self, instance: Any) -> None:
        delattr(instance, instance._plan.id_name)


def show_own_id(cls: Any) -> None:
    """
    Let an ``id`` of a class's bases be seen, though the alias comes before it.

    Args:
        cls: The class, just made.
    """
    found = [vars(base)[ID_ALIAS] for base in cls.__mro__ if ID_ALIAS in vars(base)]
    own = [value for value in found if not isinstance(value, IdAlias)]
    if own and own[0] is not found[0]:
        setattr(cls, ID_ALIAS, own[0])


def aliases(cls: Any, rels: Mapping[str, Following]) -> dict[str, Field[Any]]:
    """
    Give the other names of a class's fields.

    Args:
        cls: The class, whose fields are known.
        rels: Its attributes that follow references, by name.

    Returns:
        The fields by these names.
    """
    fields: Mapping[str, Field[Any]] = cls._fields
    found = {
        name: fields[rel.field._name] for name, rel in rels.items() if rel.field._name in fields
    }
    shown = next(vars(base)[ID_ALIAS] for base in cls.__mro__ if ID_ALIAS in vars(base))
    if isinstance(shown, IdAlias):
        found[ID_ALIAS] = cls._by_db_field["_id"]
    return found


def given_by_alias(cls: Any, name: str, given: Mapping[str, Any]) -> Field[Any] | None:
    """
    Give the field that a value is for which was given by the ``rel`` of a reference.

    ``id`` is no such name: a form or a request may bring one, of a document that is there already.

    Args:
        cls: The class of a document that is being made.
        name: The name.
        given: All values that were given, by name.

    Returns:
        The field; ``None`` where the name is none of a ``rel``.

    Raises:
        BadValueException: A reference is refused.
        ExtraValueException: The same reference was given by another name, too, and differs.
    """
    field: Field[Any] | None = None if name == ID_ALIAS else cls._aliases.get(name)
    if field is None:
        return None
    names = [field._name, *(other for other, one in cls._aliases.items() if one is field)]
    others = [other for other in names if other in given and other != name]
    if others:
        mine = field.wrap(given[name])
        for other in others:
            if not same(mine, field.wrap(given[other])):
                raise ExtraValueException(
                    f"{cls.__name__} was given {other!r} and {name!r}, which are one reference, "
                    f"and they differ. Give one of them.",
                    name=name,
                    document_class=cls.__name__,
                )
    return field
