"""What both kinds of operators build on: the query, the class, and the document they fill."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise, zip_longest
from typing import TYPE_CHECKING, Any

from ommongo.exceptions import BadValueException, InvalidModifierException, UpdateException
from ommongo.query_expression import FREE_TYPE, FreeFormDoc, QueryExpression, QueryField
from ommongo.update_expression._beside import stale_after
from ommongo.update_expression._document import UpdateDocument
from ommongo.update_expression._holders import REMOVING, holders_of, in_other_classes
from ommongo.update_expression._operands import Target, target_of
from ommongo.update_expression._parts import check_parts, missing_parts
from ommongo.update_expression.limits import Limits

if TYPE_CHECKING:
    from typing_extensions import Self

    from ommongo.update_expression._query_like import QueryLike

__all__ = ["Recording"]


# Operators of which the argument alone may tell that they leave what no field takes.
_TELLING = frozenset({"$push", "$addToSet", "$pull", "$pullAll"})

Put = Callable[[str, str, Any], None]


class Recording:
    """
    An update that takes down what it is told.

    Args:
        query: The query whose matches are to be changed.
    """

    # Whether somebody has sent it, or looked at what there is to send.
    _is_used = False
    # Whether an operation was begun, and not added: it was refused by an exception then.
    _is_unfinished = False

    _upsert: bool

    def __init__(self, query: QueryLike) -> None:
        self._query = query
        self._criteria = query._criteria
        self._document = UpdateDocument()
        # The targets by path: all of them, and those to be checked.
        self._targets: dict[str, Target] = {}
        self._checked: dict[str, Target] = {}

    def _copied(self) -> Self:
        """Give an update with the same operations; each can be added to without the other."""
        copied = object.__new__(type(self))
        copied.__dict__.update(self.__dict__)
        copied._document = self._document.copy()
        copied._targets, copied._checked = {**self._targets}, {**self._checked}
        return copied

    @property
    def query(self) -> QueryLike:
        """The query whose matches are to be changed."""
        self._is_used = True
        return self._query

    def _target(self, field: Any, *operators: str) -> Target:
        """Find the field that an operator is to change; arguments and errors as in `target_of`."""
        self._is_unfinished = True
        return target_of(self._query.type, field, *operators)

    def _record(
        self, operator: str, target: Target, operand: Any, unchecked: bool, put: Put | None = None
    ) -> None:
        """
        Add one operation.

        Args:
            operator: The update operator.
            target: What it changes.
            operand: What it is given, BSON-ready.
            unchecked: Whether it may leave what its field refuses.
            put: How it is added; beside no other one on the path when left out.

        Raises:
            BadValueException: It leaves what its field refuses, whatever is stored.
            UpdateException: Its path leads through an array, and does not say to which item.
            ConflictingModifierException: It cannot be in one update with another operation.
        """
        if not unchecked:
            self._check(operator, target, operand, set())
        self._add_operation(operator, target, operand, unchecked, put)

    def _add_operation(
        self, operator: str, target: Target, operand: Any, unchecked: bool, put: Put | None
    ) -> None:
        """Add an operation that was judged; as `_record`."""
        (put or self._document.put)(operator, target.name, operand)
        self._targets[target.name] = target
        if unchecked:
            self._checked.pop(target.name, None)
        else:
            self._checked[target.name] = target
        self._is_unfinished = False

    def _record_all(
        self,
        operations: Sequence[tuple[str, Target, Any]],
        unchecked: bool,
        put: Put | None = None,
    ) -> None:
        """Add several operations, or none of them; each as `_record`."""
        if not unchecked:
            names = {target.name for _, target, _ in operations}
            for operator, target, operand in operations:
                self._check(operator, target, operand, names)
        for operator, target, operand in operations:
            self._add_operation(operator, target, operand, unchecked, put)

    def _forget(self, operator: str, target: Target) -> None:
        """Take back an operation, if it was added."""
        if self._document.forget(operator, target.name):
            del self._targets[target.name]
            self._checked.pop(target.name, None)
        self._is_unfinished = False

    def _take_unchecked(self, names: dict[str, Any]) -> bool:
        """Take the keyword ``unchecked`` out of *names*, if it is not the name of a field."""
        cls = self._query.type
        if isinstance(cls, FreeFormDoc) or "unchecked" in cls._fields:
            return False
        return bool(names.pop("unchecked", False))

    def _check(self, operator: str, target: Target, operand: Any, beside: set[str]) -> None:
        """
        Refuse what leaves what its field refuses, as far as the argument tells; as `_record`.

        What is computed from the field would be left behind, unless it is changed as well: by
        another operation of the update, or among *beside*.
        """
        _places(target)
        check_parts(target, operator)
        if operator != "$setOnInsert":  # of what is inserted, it is computed
            self._check_computed(operator, target, beside)
        _entry(operator, target)
        if operator in _TELLING and target.field is not None:
            Limits().add(target.python_path, target.name, target.field, operator, operand)

    def _check_computed(self, operator: str, target: Target, beside: set[str]) -> None:
        """Refuse to leave behind what is computed from the field."""
        for path, dependency in stale_after(self._query.type, target):
            if path in beside or self._document.touches(path):
                continue
            raise InvalidModifierException(
                f"{operator} of {target.name!r} would leave {path!r} behind, which is computed "
                f"from {dependency!r} and stored: the server cannot compute it. Load the objects, "
                f"change and update them; set {path!r} first in this update; or pass "
                f"unchecked=True, and it is out of date until the object is saved.",
                name=target.name,
                operation=operator,
            )

    def _limits(self) -> Limits:
        """Give the conditions under which the update leaves nothing that its class refuses."""
        limits = Limits()
        for operator, operands in self._document.operators.items():
            for path, operand in operands.items():
                target = self._checked.get(path)
                if target is None:
                    continue
                name = target.python_path
                if operator != "$setOnInsert":
                    self._keep_class(limits, operator, target, operand)
                if operator == "$rename":  # nothing is known of what comes there
                    self._keep_class(limits, "", self._targets[operand], None)
                if target.field is not None:
                    limits.add(name, path, target.field, operator, operand)
                if operator not in (*REMOVING, "$setOnInsert"):
                    limits.require_places(name, path, _places(target))
                    for array, missing in missing_parts(target, self._document.touches):
                        limits.forbid(name, array, [missing])
                entry = _entry(operator, target)
                if entry is not None:
                    limits.require_own_key(name, entry, operand["k"] if entry == path else operand)
        return limits

    def _keep_class(self, limits: Limits, operator: str, target: Target, operand: Any) -> None:
        """Refuse to make a document one of another class; an upsert may insert one of it."""
        path = target.name
        holders = holders_of(self._query.type, target)
        for holder in holders:
            is_last = f"{holder.path}.{holder.name}".lstrip(".") == path
            if not (is_last and holder.is_told_by_it):
                leaves = in_other_classes(holder, operator, operand, is_last)
                limits.forbid(target.python_path, holder.path, leaves)
                continue
            if operator == "$set" and not holder.is_another_class(operand):
                continue
            if operator == "$set" and self._upsert and len(holders) == 1:
                limits.require_same(target.python_path, path, operand)
                continue
            raise BadValueException(
                target.python_path,
                None,
                "tells the class of a stored document, and an update would make a document one of "
                "another class, which may have no field for what it holds. Save an object of that "
                "class and remove this one; or pass unchecked=True, where you change all of it.",
            )

    def _pairs(
        self, operator: str, given: tuple[Any, ...], names: dict[str, Any]
    ) -> list[tuple[Any, Any]]:
        """
        Read the two forms of arguments, ``(field, value)`` and ``(name=value, …)``.

        Args:
            operator: The operator, for the message.
            given: The positional arguments.
            names: The keyword arguments.

        Returns:
            Fields and their values.

        Raises:
            UpdateException: There are no arguments, or some other number of positional ones.
        """
        if len(given) not in (0, 2) or not (given or names):
            hint = ""
            if len(given) == 1 and isinstance(given[0], Mapping):
                hint = f" Put two stars before a dict of names: {operator}(**values)."
            elif len(given) == 1 and isinstance(given[0], QueryExpression):
                hint = f" An update assigns, and does not compare: {operator}(User.age, 3)."
            raise UpdateException(
                f"{operator} takes a field and a value, or name=value pairs, not {len(given)} "
                f"positional and {len(names)} keyword arguments.{hint}",
                operation=operator,
            )
        pairs: list[tuple[Any, Any]] = [(given[0], given[1])] if given else []
        return pairs + list(names.items())


def _places(target: Target) -> list[tuple[str, int]]:
    """
    Give the arrays above a target in which it names an item by its index, and the indexes.

    Raises:
        UpdateException: The path leads through an array, and does not say to which item.
    """
    levels = target.levels()
    found: list[tuple[str, int]] = []
    for above, below in pairwise(levels):
        if not above.get_type().is_sequence_field or above.get_type() is FREE_TYPE:
            continue
        part = _last_part(below)
        if part.isdecimal():
            found.append((above.get_absolute_name(), int(part)))
        elif not part.startswith("$"):
            raise UpdateException(
                f"{target.name!r} leads through the array {above.get_absolute_name()!r} and does "
                f"not say to which item. Name one: matched_index() or a number.",
                name=target.name,
            )
    return found


def _entry(operator: str, target: Target) -> str | None:
    """
    Give the path of the entry of a dict whose key a target is, or is part of.

    Raises:
        BadValueException: Several entries would get one key, or one that is not known before.
    """
    levels = target.levels()
    for level, below in zip_longest(levels, levels[1:]):
        if not level.get_type()._needs_all_parts:
            continue
        if below is not None and _last_part(below) != "k":
            return None
        path = level.get_absolute_name()
        if operator not in ("$set", "$setOnInsert") or path.endswith("]"):
            raise BadValueException(
                target.python_path,
                None,
                "is a key of a dict that is stored as an array, and two entries might get the same "
                "one. Set the key of one entry, or pass unchecked=True.",
            )
        return path
    return None


def _last_part(query_field: QueryField[Any]) -> str:
    return query_field.get_absolute_name().rpartition(".")[2]
