"""Indexes that a field declares by itself: ``unique=True``, ``index=True``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ommongo import _registry
from ommongo.document.index import Index
from ommongo.exceptions import InvalidConfigException
from ommongo.fields import DocumentField, Field
from ommongo.util import UNSET

__all__ = ["refuse_embedded_indexes", "with_field_indexes"]


def with_field_indexes(cls: Any, declared: Mapping[str, Index]) -> dict[str, Index]:
    """
    Give the indexes of a class: those that its body and its bases declare, and those of its fields.

    Args:
        cls: The class.
        declared: The former, by attribute name.

    Returns:
        All of them; those of fields by the names of these.

    Raises:
        InvalidConfigException: A field cannot have the index that it declares, or an `Index` of
            the same field says something else.
    """
    indexes = dict(declared)
    for name, field in cls._fields.items():
        path = f"{cls.__name__}.{name}"
        for inner in _parts_of(field):
            if inner._is_indexed:
                raise InvalidConfigException(
                    f"{path}: the {type(inner).__name__} inside says {_said(inner)}, and only a "
                    f"whole field has an index. Give it to the {type(field).__name__}; an array is "
                    f"indexed by its items."
                )
        if field._is_indexed:
            _refuse_pointless(field, path)
            if not _has_its_own(cls, field, declared):
                indexes[name] = _inherited(cls, field) or _index_of(field)
    return indexes


def _parts_of(field: Field[Any]) -> Iterator[Field[Any]]:
    """Give the fields that a field is made of, at every depth."""
    for inner in field._inner_fields():
        yield inner
        yield from _parts_of(inner)


def _said(field: Field[Any]) -> str:
    """Give the option with which a field declares an index."""
    return "unique=True" if field._is_unique else "index=True"


def _refuse_pointless(field: Field[Any], path: str) -> None:
    """Refuse an index that is there anyway, or that would be good for nothing."""
    if field.is_id:
        raise InvalidConfigException(
            f"{path} is the _id, of which every collection has a unique index. Leave "
            f"{_said(field)} out."
        )
    from ommongo.fields import GeoField  # here: few classes get as far as this

    if isinstance(field, GeoField):
        raise InvalidConfigException(
            f"{path}: an ascending index of coordinates finds no places. Leave {_said(field)} out, "
            f"and declare Index().geo2d({field._name!r}) in the class."
        )


def _has_its_own(cls: Any, field: Field[Any], declared: Mapping[str, Index]) -> bool:
    """Tell whether an `Index` says more precisely which index of this one field there is."""
    name = field._name
    names = {name} if field.db_field in cls._fields else {name, field.db_field}
    own = [(at, index) for at, index in declared.items() if index._is_of(field, names)]
    for at, index in own:
        if field._is_unique and not index._is_unique:
            raise InvalidConfigException(
                f"{cls.__name__}.{name} says unique=True, and {at} is an index of it that is not. "
                f"Keep one of them: {at} = Index().ascending({name!r}).unique(), or the option."
            )
    return bool(own)


def _inherited(cls: Any, field: Field[Any]) -> Index | None:
    """Give the index of an inherited field that a base has made."""
    for base in cls.__mro__[1:]:
        if getattr(base, "_fields", {}).get(field._name) is field:
            index: Index | None = base._indexes.get(field._name)
            if index is not None:
                return index
    return None


def _index_of(field: Field[Any]) -> Index:
    """Make the index that a field declares."""
    name = field._name
    if not field._is_unique:
        return Index().ascending(name)
    # What is missing counts as a value, the same one in all documents that lack it.
    partial = {name: {"$exists": True}} if field.optional else None
    return Index(partial=partial).ascending(name).unique()


def refuse_embedded_indexes(cls: Any) -> None:
    """
    Refuse a class that embeds one whose fields declare indexes, or is embedded as one.

    There the option would be ignored: the documents are in another collection, and what is unique
    among them need not be so among copies of them.

    Args:
        cls: The class, which is not registered yet.

    Raises:
        InvalidConfigException: It is such a class.
    """
    _refuse_inside(cls, cls)
    if any(field._is_indexed for field in cls._fields.values()):
        for space in [*_registry.document_type_registry.values()]:
            for holder in [*space.values()]:
                _refuse_inside(holder, cls, only=cls)


def _refuse_inside(holder: Any, new: Any, only: Any = None) -> None:
    """Refuse what a class embeds: of every class, or of one that takes the place of its bases."""
    for name, field in holder._fields.items():
        for inner, path in _embedding(field, name):
            embedded = _embedded_class(inner, new)
            if only is not None and embedded is not None:
                embedded = only if issubclass(only, embedded) else None
            _refuse(holder, path, embedded)


def _refuse(holder: Any, path: str, embedded: Any) -> None:
    for name, field in getattr(embedded, "_fields", {}).items():
        if field._is_indexed:
            unique = ".unique()" if field._is_unique else ""
            raise InvalidConfigException(
                f"{holder.__name__} embeds {embedded.__name__}, whose field {name} says "
                f"{_said(field)}: that is an index of {embedded.__name__}'s own collection, and "
                f"nothing of what is embedded. If it is wanted there, declare "
                f"Index().ascending('{path}.{name}'){unique} in {holder.__name__}; in "
                f"{embedded.__name__} declare an Index() instead of the option, or none."
            )


def _embedding(field: Field[Any], path: str) -> Iterator[tuple[DocumentField[Any], str]]:
    """Give the fields that embed documents, at every depth, and how their documents are named."""
    if isinstance(field, DocumentField):
        yield field, path
    elif not field._leads_elsewhere:  # what a reference leads to is not embedded
        for inner in field._inner_fields():
            key = f".{inner._name}" if inner._name in ("k", "v") else ""
            yield from _embedding(inner, path + key)


def _embedded_class(field: DocumentField[Any], new: Any) -> Any:
    """Give the class that a field embeds, as far as it is declared; *new* is just being so."""
    if field._class is not None:
        return field._class
    namespace = field._namespace
    if namespace is UNSET:
        namespace = getattr(field._owner, "config_namespace", "global")
    if namespace == new.config_namespace and field._class_name == _registry.registered_name(new):
        return new
    return _registry.document_type_registry.get(namespace, {}).get(field._class_name)
