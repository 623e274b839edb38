"""The operators that change one value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ommongo.exceptions import BadValueException
from ommongo.query_expression import QueryExpression
from ommongo.update_expression._operands import Target, now
from ommongo.update_expression._parts import check_parts
from ommongo.update_expression._recording import Recording
from ommongo.update_expression._rules import renames_safely

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["ValueOperators"]


class ValueOperators(Recording):
    """The operators that change one value, each under the name of the API."""

    def set(self, /, *args: Any, **names: Any) -> Self:
        """
        Give fields a value: ``set(field, value)`` or ``set(name=value, …)``.

        Args:
            args: A field (its name, its dotted name or a query field) and its value.
            names: Values by name. Of two values for one field the last holds. *unchecked* is no
                name unless there is such a field: ``unchecked=True`` leaves out the condition that
                an array has a place for an item that is named by its index. ``None`` takes the
                value of an optional field out, as `unset` does.

        Returns:
            This update, for chaining.

        Raises:
            UpdateException: The arguments have neither form.
            FieldNotFoundException: A name is no field.
            InvalidModifierException: A field does not support the operator.
            BadValueException: A field refuses its value.
            ConflictingModifierException: Another operator changes the field, its parent or a part
                of it.
            UpdateException: The path leads through an array, and does not say to which item.

        Example:
            >>> session.query(User).filter(User.name == "Ada").set(User.age, 37).execute()["n"]
            1

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/update/set/
        """
        return self._assign("$set", "set", args, names)

    def set_on_insert(self, /, *args: Any, **names: Any) -> Self:
        """
        Give fields a value if the update inserts a document; arguments and errors as in `set`.

        Args:
            args: A field and its value.
            names: Values by name. For an optional field nothing is inserted by ``None``.

        Returns:
            This update, for chaining.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/update/setOnInsert/
        """
        return self._assign("$setOnInsert", "set_on_insert", args, names)

    def unset(self, field: Any, *, unchecked: bool = False) -> Self:
        """
        Take a field out of the document.

        Args:
            field: A name, a dotted name or a query field.
            unchecked: Whether to take out an item of an array too, which leaves null in its place.

        Returns:
            This update, for chaining.

        Raises:
            BadValueException: It is an item of an array, which takes no ``None`` in its place.
            FieldNotFoundException: The name is no field.
            InvalidModifierException: The field does not support the operator.
            ConflictingModifierException: Another operation changes the field, its parent or a
                part of it.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/update/unset/
        """
        self._record("$unset", self._target(field, "$unset"), True, unchecked)
        return self

    def inc(self, /, *args: Any, **names: Any) -> Self:
        """
        Add to numbers: ``inc(field, by=1)`` or ``inc(name=by, …)``.

        Args:
            args: A field and how much to add to it; 1 when left out.
            names: How much to add by name. Beside a field, *by* is how much to add to that.
                *unchecked* is no name unless there is such a field: ``unchecked=True`` leaves out
                the condition that the sum is within the field's bounds.

        Returns:
            This update, for chaining.

        Raises:
            UpdateException: The arguments have neither form.
            FieldNotFoundException: A name is no field.
            InvalidModifierException: A field is no number.
            BadValueException: An amount is no number of the field's kind.
            ConflictingModifierException: Another operation changes the field, its parent or a
                part of it.

        Example:
            >>> session.query(User).inc(User.visits).multi().execute()["n"]
            2

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/update/inc/
        """
        if len(args) == 1 and not isinstance(args[0], (Mapping, QueryExpression)):
            args = (args[0], names.pop("by", 1))
        self._add("$inc", "inc", args, names)
        return self

    def mul(self, /, *args: Any, **names: Any) -> Self:
        """
        Multiply numbers: ``mul(field, by)`` or ``mul(name=by, …)``; errors as in `inc`.

        Args:
            args: A field and its factor.
            names: Factors by name.

        Returns:
            This update, for chaining.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/update/mul/
        """
        self._add("$mul", "mul", args, names)
        return self

    def min(self, field: Any, value: Any) -> Self:
        """
        Lower a number to *value* where it is higher; errors as in `set`.

        Args:
            field: A name, a dotted name or a query field.
            value: The number.

        Returns:
            This update, for chaining.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/update/min/
        """
        return self._put("$min", field, value)

    def max(self, field: Any, value: Any) -> Self:
        """
        Raise a number to *value* where it is lower; errors as in `set`.

        Args:
            field: A name, a dotted name or a query field.
            value: The number.

        Returns:
            This update, for chaining.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/update/max/
        """
        return self._put("$max", field, value)

    def rename(self, field: Any, new_field: Any, *, unchecked: bool = False) -> Self:
        """
        Move a value from one field to another.

        Args:
            field: The field that loses the value: a name, a dotted name or a query field.
            new_field: The field that gets it; what it held is gone.
            unchecked: Whether to move it although the second field may not take it.

        Returns:
            This update, for chaining.

        Raises:
            FieldNotFoundException: A name is no field.
            InvalidModifierException: The first field does not support ``$unset``, or the second
                ``$set``.
            BadValueException: The second field does not take all that the first one holds.
            ConflictingModifierException: Another operation changes one of the fields, its parent
                or a part of it.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/update/rename/
        """
        source = self._target(field, "$rename", "$unset")
        goal = self._target(new_field, "$rename", "$set")
        if not unchecked and None not in (source.field, goal.field):
            _check_rename(source, goal)
        if not unchecked:
            check_parts(goal, "$rename")
            self._check_computed("$rename", goal, {source.name})
        self._record("$rename", source, goal.name, unchecked)
        self._document.claim("$rename", goal.name)
        self._targets[goal.name] = goal
        return self

    def current_date(self, field: Any) -> Self:
        """
        Set a date to the server's time.

        Args:
            field: A name, a dotted name or a query field.

        Returns:
            This update, for chaining.

        Raises:
            FieldNotFoundException: The name is no field.
            InvalidModifierException: The field holds no dates.
            BadValueException: The present time is out of the field's bounds.
            ConflictingModifierException: Another operation changes the field, its parent or a
                part of it.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/update/currentDate/
        """
        target = self._target(field, "$currentDate")
        target.wrap(now())
        self._record("$currentDate", target, True, False)
        return self

    def _put(self, operator: str, field: Any, value: Any) -> Self:
        target = self._target(field, operator)
        self._record(operator, target, target.wrap(value), False)
        return self

    def _assign(
        self, operator: str, name: str, args: tuple[Any, ...], names: dict[str, Any]
    ) -> Self:
        unchecked = self._take_unchecked(names)
        targets = [
            (self._target(field, operator, "$set"), value)
            for field, value in self._pairs(name, args, names)
        ]
        # All are judged before the first is taken down: a refused value leaves nothing behind.
        operations, missing = [], []
        for target, value in targets:
            if value is not None or not target.is_optional:
                operations.append((operator, target, target.wrap(value)))
            elif operator == "$set":
                operations.append(("$unset", target, True))
            else:
                missing.append(target)  # nothing is inserted for it
        self._record_all(operations, unchecked, self._document.replace)
        for target in missing:
            self._forget(operator, target)
        return self

    def _add(self, operator: str, name: str, args: tuple[Any, ...], names: dict[str, Any]) -> None:
        unchecked = self._take_unchecked(names)
        targets = [
            (self._target(field, operator), value)
            for field, value in self._pairs(name, args, names)
        ]
        operations = [(operator, target, target.wrap_amount(value)) for target, value in targets]
        self._record_all(operations, unchecked)


def _check_rename(source: Target, goal: Target) -> None:
    """Refuse to move what the field that gets it may not take."""
    if not renames_safely(source.field, goal.field):
        raise BadValueException(
            goal.python_path,
            None,
            f"does not take all that {source.python_path} holds, so a value that is moved there "
            f"might not be loaded. Declare both alike, or pass unchecked=True.",
        )
