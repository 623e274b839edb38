"""What goes along with an update that no object knows of: versions, times, what is computed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ommongo.query_expression import FreeFormDoc
from ommongo.update_expression._document import UpdateDocument
from ommongo.update_expression._operands import Target

__all__ = ["add_renewals", "counts_version", "stale_after"]


def add_renewals(
    data: dict[str, dict[str, Any]], cls: Any, document: UpdateDocument, targets: Iterable[Target]
) -> None:
    """
    Let fields that the library keeps go along with an update, but for those that it names itself.

    Args:
        data: The update document, added to.
        cls: The class that the update is on.
        document: What the update does.
        targets: What it changes.
    """
    if isinstance(cls, FreeFormDoc):
        return
    places = {"": cls}
    for target in targets:
        for level in target.levels()[:-1]:
            below = getattr(level.get_type(), "document_class", None)
            if below is not None:
                places[level.get_absolute_name() + "."] = below
    for prefix, holder in places.items():
        for field in holder._plan.made:
            path = prefix + field.db_field
            renewal = None if document.touches(path) else field._renewal()
            if renewal is not None:
                operator, operand = renewal
                data[operator] = {**data.get(operator, {}), path: operand}


def counts_version(targets: Iterable[Target]) -> bool:
    """Tell whether an update counts the version: unless all that it changes says it does not."""
    return any(
        all(getattr(level.get_type(), "counts_version", True) for level in target.levels())
        for target in targets
    )


def stale_after(cls: Any, target: Target) -> list[tuple[str, str]]:
    """
    Give stored computed fields that a change leaves behind.

    Args:
        cls: The class that the update is on.
        target: What it changes.

    Returns:
        Stored dotted names, each with the Python name of the field that it depends on.
    """
    found: list[tuple[str, str]] = []
    if isinstance(cls, FreeFormDoc):
        return found
    holders, prefix = _family(cls), ""
    for level in target.levels():
        field = level.get_type()
        for holder in holders:
            found.extend(_dependents(holder, field, prefix))
        below = getattr(field, "document_class", None)
        holders = [] if below is None else _family(below)
        prefix = level.get_absolute_name() + "."
    return list(dict.fromkeys(found))


def _family(cls: Any) -> list[Any]:
    """Give a class and those below it that it is told from: an update may meet any of them."""
    family = [cls._selector]
    for known in family:
        if known.below is not None or known.own is not None:
            family.extend(known.children)
    return list(dict.fromkeys(each.cls for each in family))


def _dependents(holder: Any, field: Any, prefix: str) -> list[tuple[str, str]]:
    """Give the fields of a class that are computed from one of its fields."""
    changed = {field._name}
    found: list[tuple[str, str]] = []
    for _ in holder._plan.made:  # one may be computed from another, in any order
        for made in holder._plan.made:
            deps = getattr(made, "deps", ())
            if made._name not in changed and not changed.isdisjoint(deps):
                changed.add(made._name)
                if not made.one_time:
                    found.append((prefix + made.db_field, field._name))
    return found
