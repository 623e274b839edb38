"""The operators that change one value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ommongo.update_expression._recording import Recording

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
            names: Values by name. Of two values for one field the last holds.

        Returns:
            This update, for chaining.

        Raises:
            UpdateException: The arguments have neither form.
            FieldNotFoundException: A name is no field.
            InvalidModifierException: A field does not support the operator.
            BadValueException: A field refuses its value.
            ConflictingModifierException: Another operator changes the field, its parent or a part
                of it.

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
            names: Values by name.

        Returns:
            This update, for chaining.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/update/setOnInsert/
        """
        return self._assign("$setOnInsert", "set_on_insert", args, names)

    def unset(self, field: Any) -> Self:
        """
        Take a field out of the document.

        Args:
            field: A name, a dotted name or a query field.

        Returns:
            This update, for chaining.

        Raises:
            FieldNotFoundException: The name is no field.
            InvalidModifierException: The field does not support the operator.
            ConflictingModifierException: Another operation changes the field, its parent or a
                part of it.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/update/unset/
        """
        self._document.put("$unset", self._target(field, "$unset").name, True)
        return self

    def inc(self, /, *args: Any, **names: Any) -> Self:
        """
        Add to numbers: ``inc(field, by=1)`` or ``inc(name=by, …)``.

        Args:
            args: A field and how much to add to it; 1 when left out.
            names: How much to add by name. Beside a field, *by* is how much to add to that.

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
        if len(args) == 1:
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

    def rename(self, field: Any, new_field: Any) -> Self:
        """
        Move a value from one field to another.

        Args:
            field: The field that loses the value: a name, a dotted name or a query field.
            new_field: The field that gets it; what it held is gone.

        Returns:
            This update, for chaining.

        Raises:
            FieldNotFoundException: A name is no field.
            InvalidModifierException: The first field does not support ``$unset``, or the second
                ``$set``.
            ConflictingModifierException: Another operation changes one of the fields, its parent
                or a part of it.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/update/rename/
        """
        source = self._target(field, "$rename", "$unset").name
        goal = self._target(new_field, "$rename", "$set").name
        self._document.put("$rename", source, goal)
        self._document.claim("$rename", goal)
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
            ConflictingModifierException: Another operation changes the field, its parent or a
                part of it.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/update/currentDate/
        """
        self._document.put("$currentDate", self._target(field, "$currentDate").name, True)
        return self

    def _put(self, operator: str, field: Any, value: Any) -> Self:
        target = self._target(field, operator)
        self._document.put(operator, target.name, target.wrap(value))
        return self

    def _assign(
        self, operator: str, name: str, args: tuple[Any, ...], names: dict[str, Any]
    ) -> Self:
        targets = [
            (self._target(field, operator, "$set"), value)
            for field, value in self._pairs(name, args, names)
        ]
        # All are wrapped before the first is taken down: a refused value leaves nothing behind.
        for target, wrapped in [(target, target.wrap(value)) for target, value in targets]:
            self._document.replace(operator, target.name, wrapped)
        return self

    def _add(self, operator: str, name: str, args: tuple[Any, ...], names: dict[str, Any]) -> None:
        targets = [
            (self._target(field, operator), value)
            for field, value in self._pairs(name, args, names)
        ]
        for target, amount in [(target, target.wrap_amount(value)) for target, value in targets]:
            self._document.put(operator, target.name, amount)
