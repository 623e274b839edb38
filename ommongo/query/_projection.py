"""Which fields of its documents a query loads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ommongo.exceptions import BadQueryException
from ommongo.query_expression import FREE_TYPE

__all__ = ["add_fields", "projection_of", "without_id"]

Projection = dict[str, Any]


def add_fields(present: Mapping[str, Any], fields: Iterable[Any]) -> Projection:
    """
    Add fields to those that are to be loaded, or to be left out.

    Args:
        present: What is there already: stored name to ``True``, ``False`` or a dict.
        fields: Query fields, or what `QueryField.exclude`, `QueryField.elem_match` and their like
            gave.

    Returns:
        All of them, in a new dict.

    Raises:
        BadQueryException: A field is named in two ways, or some fields but ``_id`` are excluded and
            some are not.
    """
    chosen = dict(present)
    for field in fields:
        for name, wanted in field.fields_expression.items():
            if chosen.setdefault(name, wanted) != wanted:
                raise BadQueryException(f"fields() names {name!r} in two ways. Keep one of them.")
    _refuse_mixture(chosen)
    return _without_overlaps(chosen)


def projection_of(document_class: Any, chosen: Mapping[str, Any], raw: bool) -> Projection:
    """
    Give the projection to be sent.

    Args:
        document_class: The class of the query, or ``None`` for a free-form one.
        chosen: What `add_fields` gave.
        raw: Whether the results stay dicts, so that no class has to be chosen for them.

    Returns:
        The fields with ``_id`` and with what selects the subclass of an object.

    Raises:
        BadQueryException: What selects the subclass is excluded.
    """
    projection = dict(chosen)
    excludes = _excludes(chosen)
    projection.setdefault("_id", True)
    needed = () if document_class is None else _needed_names(document_class)
    for name in needed:
        if not excludes:
            projection.setdefault(name, True)
        elif name in chosen and not raw:
            raise BadQueryException(
                f"{name!r} tells the class or the version of a loaded {document_class.__name__}, "
                f"so it cannot be excluded. Load it, or ask for raw_output()."
            )
    if not excludes and document_class is not None:
        for name in chosen:
            for needed_name in _selecting_inside(document_class, name):
                projection.setdefault(needed_name, True)
    return _without_overlaps(projection)


def without_id(projection: Mapping[str, Any]) -> Mapping[str, Any]:
    """
    Give what says which fields a document has.

    Args:
        projection: What `projection_of` gave.

    Returns:
        The same, without the ``_id`` that is named beside exclusions only because it always is.
    """
    if _excludes({name: wanted for name, wanted in projection.items() if name != "_id"}):
        return {name: wanted for name, wanted in projection.items() if wanted is not True}
    return projection


def _excludes(chosen: Mapping[str, Any]) -> bool:
    """Tell whether fields are named to be left out; ``_id`` decides only where it is alone."""
    kinds = {wanted is False for name, wanted in chosen.items() if name != "_id"}
    return kinds == {True} or (not kinds and chosen.get("_id") is False)


def _refuse_mixture(chosen: Mapping[str, Any]) -> None:
    kinds = {wanted is False for name, wanted in chosen.items() if name != "_id"}
    if len(kinds) == 2:
        excluded = ", ".join(name for name, wanted in chosen.items() if wanted is False)
        raise BadQueryException(
            f"fields() excludes {excluded} and includes other fields, which the server refuses. "
            f"Name either what to load or what to leave out; only _id can be left out of fields "
            f"to load."
        )


def _without_overlaps(chosen: Projection) -> Projection:
    """Drop what is part of a field that is named as well: the server refuses both together."""
    kept = {}
    for name, wanted in chosen.items():
        above = next((parent for parent in _parents(name) if parent in chosen), None)
        if above is None:
            kept[name] = wanted
        elif chosen[above] != wanted:
            raise BadQueryException(
                f"fields() names {above!r} and, in another way, its part {name!r}. Keep one."
            )
    return kept


def _parents(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts))]


def _needed_names(document_class: Any) -> Iterator[str]:
    """Give the stored names that a loaded object cannot do without."""
    yield from _selecting_names(document_class._selector)
    if document_class._version_field is not None:
        yield document_class._version_field.db_field


def _selecting_inside(document_class: Any, name: str) -> Iterator[str]:
    """Give the stored names that select the classes of what a path leads through."""
    at, path = document_class, ""
    for part in name.split(".")[:-1]:
        found = at._part(part, True)
        if found is None:
            return
        path, at = f"{path}{part}.", found[1]
        inner = at
        while inner.is_sequence_field and inner is not FREE_TYPE:
            inner = inner.item_field
        embedded = getattr(inner, "document_class", None)
        if embedded is not None:
            yield from (path + selecting for selecting in _selecting_names(embedded._selector))


def _selecting_names(selector: Any) -> Iterator[str]:
    """Give the stored names that select a class at or below a place in its family."""
    if selector.below is not None:
        yield selector.below
    for child in selector.children:
        yield from _selecting_names(child)
