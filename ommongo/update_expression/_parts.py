"""What an update may change of a value: not every part of one can be changed by itself."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from ommongo.exceptions import BadValueException
from ommongo.query_expression import FREE_TYPE
from ommongo.update_expression._operands import Target
from ommongo.update_expression._rules import Leaf, asks_python

__all__ = ["check_parts", "missing_parts"]


def check_parts(target: Target, operator: str) -> None:
    """
    Refuse to change a part of what is judged as a whole.

    Args:
        target: What is changed.
        operator: The update operator.

    Raises:
        BadValueException: It is a part of such a value.
    """
    levels = target.levels()
    for above, below in itertools.pairwise(levels):
        field, part = above.get_type(), below.get_absolute_name().rpartition(".")[2]
        if field is FREE_TYPE:
            return
        reason = _refusal(field, part)
        if reason is not None:
            raise BadValueException(
                target.python_path,
                None,
                f"{reason} Set the whole of {above._python_path(False)}, or pass unchecked=True.",
            )
    if operator == "$unset" and len(levels) > 1 and _is_needed(levels[-2].get_type(), target):
        raise BadValueException(
            target.python_path,
            None,
            "is an item of an array, or a part that has to be there, and unset would leave None "
            "in its place. Take items out with remove(), or pass unchecked=True.",
        )


def _refusal(field: Any, part: str) -> str | None:
    """Say why a part of what a field holds is not changed by itself, if it is not."""
    if asks_python(field):
        return (
            "is a part of a value that has rules of its own (a validator, or a field class of the "
            "application), which only Python can ask about the whole of it."
        )
    if field._is_judged_whole:
        return "is a part of a value that is taken or refused as a whole."
    if field._fixed_size is not None and part.startswith("$"):
        return "does not say which of several values, each of a kind of its own, is meant."
    return None


def _is_needed(above: Any, target: Target) -> bool:
    """Whether something stays in the place of what is taken out, which its field refuses."""
    if above.is_sequence_field or above._fixed_size is not None:
        return target.field is not None and not target.field.allow_none
    return bool(above._needs_all_parts)


def missing_parts(target: Target, touches: Callable[[str], bool]) -> list[tuple[str, Leaf]]:
    """
    Say where a change would make a part of what is not there.

    Args:
        target: What is changed.
        touches: Tells whether the update changes what is stored under a path.

    Returns:
        Stored dotted names, and conditions on what is stored under them: of such a document the
        change would make what its field refuses.
    """
    found: list[tuple[str, Leaf]] = []
    for above, below in itertools.pairwise(target.levels()):
        field, path = above.get_type(), above.get_absolute_name()
        if field._fixed_size is not None:
            found.append((path, {f".{field._fixed_size - 1}": {"$exists": False}}))
        elif field._needs_all_parts and path.rpartition(".")[2].isdecimal():
            part = below.get_absolute_name().rpartition(".")[2]
            found.extend(
                (path, {f".{other}": {"$exists": False}})
                for other in field._parts
                if other != part and not touches(f"{path}.{other}")
            )
    return found
