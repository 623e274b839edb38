"""The update document while it grows: operators, the paths they touch, and what may meet."""

from __future__ import annotations

from typing import Any

from ommongo.exceptions import ConflictingModifierException

__all__ = ["Each", "UpdateDocument"]


class Each(dict[str, Any]):
    """The operand ``{"$each": (...)}``, which its type tells from a value."""

    @property
    def is_plain(self) -> bool:
        """Whether it says nothing about position, slice and sort."""
        return len(self) == 1


class UpdateDocument:
    """
    Operators and what they do to which path.

    Attributes:
        operators: Operator to stored name to operand, in the order in which they were asked for.
    """

    __slots__ = ("_above", "_given", "_touched", "operators")

    def __init__(self) -> None:
        self.operators: dict[str, dict[str, Any]] = {}
        # Every path that an operator touches, and every path above one of these.
        self._touched: dict[str, str] = {}
        self._above: set[str] = set()
        # Those of which the last operation wins.
        self._given: set[str] = set()

    def copy(self) -> UpdateDocument:
        """Give one with the same operations; each can grow without the other."""
        copied = UpdateDocument()
        copied.operators = {name: {**operands} for name, operands in self.operators.items()}
        copied._touched, copied._above = {**self._touched}, {*self._above}
        return copied

    def touches(self, path: str) -> bool:
        """Tell whether an operator changes *path*, a part of it or what it is a part of."""
        return path in self._touched or path in self._above or self._touched_above(path) is not None

    def put(self, operator: str, path: str, operand: Any) -> None:
        """
        Add one operation.

        Args:
            operator: The update operator.
            path: The stored dotted name.
            operand: What the operator is given.

        Raises:
            ConflictingModifierException: The path, its parent or a part of it is touched already.
        """
        self.claim(operator, path)
        self.operators.setdefault(operator, {})[path] = operand

    def replace(self, operator: str, path: str, operand: Any) -> None:
        """
        Add one operation of which the last on a path wins; arguments and errors as in `put`.

        A value and none, given by ``$set`` and ``$unset``, win over each other.
        """
        held = self._touched.get(path)
        if held and path in self._given and {held, operator} == {"$set", "$unset"}:
            self.forget(held, path)
        if self._touched.get(path) == operator:
            self.operators[operator][path] = operand
        else:
            self.put(operator, path, operand)
        self._given.add(path)

    def forget(self, operator: str, path: str) -> bool:
        """Take back an operation, if it was added; tell whether it was."""
        if self._touched.get(path) != operator:
            return False
        del self._touched[path], self.operators[operator][path]
        if not self.operators[operator]:
            del self.operators[operator]
        return True

    def lengthened(self, operator: str, path: str, items: tuple[Any, ...]) -> tuple[Any, ...]:
        """Give a tuple that follows the one that *operator* is given for *path*, if it is."""
        if self._touched.get(path) == operator:
            before: tuple[Any, ...] = self.operators[operator][path]
            return before + items
        return items

    def together(self, operator: str, path: str, operand: Any) -> Any:
        """
        Give the operand that adds items to an array after those that are to be added already.

        Args:
            operator: ``$push`` or ``$addToSet``.
            path: The stored dotted name.
            operand: One item, or `Each`.

        Raises:
            ConflictingModifierException: Either of two ``$push`` has a position, a slice or a sort.
        """
        if self._touched.get(path) != operator:
            return operand
        first, second = _as_each(self.operators[operator][path]), _as_each(operand)
        if not (first.is_plain and second.is_plain):
            raise _conflict(operator, path, operator, path)
        return Each({"$each": first["$each"] + second["$each"]})

    def claim(self, operator: str, path: str) -> None:
        """Remember that *operator* touches *path*; errors as in `put`."""
        if path in self._touched:
            raise _conflict(operator, path, self._touched[path], path)
        if path in self._above:
            below = next(other for other in self._touched if other.startswith(path + "."))
            raise _conflict(operator, path, self._touched[below], below)
        above = self._touched_above(path)
        if above is not None:
            raise _conflict(operator, path, self._touched[above], above)
        self._touched[path] = operator
        self._above.update(_parents(path))

    def _touched_above(self, path: str) -> str | None:
        return next((parent for parent in _parents(path) if parent in self._touched), None)


def _parents(path: str) -> list[str]:
    """Give the paths above *path*, shortest first."""
    return [path[:place] for place, letter in enumerate(path) if letter == "."]


def _as_each(operand: Any) -> Each:
    return operand if isinstance(operand, Each) else Each({"$each": (operand,)})


def _conflict(
    operator: str, path: str, other_operator: str, other_path: str
) -> ConflictingModifierException:
    other = other_operator if other_path == path else f"{other_operator} of {other_path!r}"
    return ConflictingModifierException(
        f"{operator} of {path!r} conflicts with {other} in the same update: the server takes one "
        f"operation for a path and what is below it. Make two updates of it.",
        name=path,
        operation=operator,
    )
