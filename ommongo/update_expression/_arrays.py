"""The operators that change an array."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ommongo.query_expression import flatten, stored_item_query
from ommongo.update_expression._conditions import pull_condition
from ommongo.update_expression._document import Each
from ommongo.update_expression._operands import Target, literal_item
from ommongo.update_expression._recording import Recording

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["ArrayOperators"]


class ArrayOperators(Recording):
    """The operators that change an array, each under the name of the API."""

    def append(self, field: Any, value: Any, *, unchecked: bool = False) -> Self:
        """
        Add an item at the end of a list.

        Args:
            field: A name, a dotted name or a query field.
            value: The item. Appending twice to one list adds both.
            unchecked: Whether to change a list too that does not take what comes of it: without a
                condition on its size.

        Returns:
            This update, for chaining.

        Raises:
            FieldNotFoundException: The name is no field.
            InvalidModifierException: The field is no list.
            BadValueException: The list takes no such item, or not so many.
            UpdateException: The path leads through another list, and does not say to which item.
            ConflictingModifierException: Another operator changes the field, its parent or a part
                of it.

        Example:
            >>> session.query(User).append(User.tags, "new").multi().execute()["n"]
            2

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/update/push/
        """
        target = self._target(field, "$push", "$pushAll")
        item = literal_item(target.wrap_only(value, "extend"))
        return self._grow("$push", target, item, unchecked)

    def extend(self, field: Any, *values: Any, unchecked: bool = False) -> Self:
        """
        Add items at the end of a list; errors as in `append`.

        Args:
            field: A name, a dotted name or a query field.
            values: The items, one by one or in one list, tuple, set or generator. Where items can
                be lists, one list is one item.
            unchecked: As for `append`.

        Returns:
            This update, for chaining.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/update/each/
        """
        return self.push(field, *values, unchecked=unchecked)

    def push(
        self,
        field: Any,
        *values: Any,
        position: int | None = None,
        slice: int | None = None,
        sort: Any = None,
        unchecked: bool = False,
    ) -> Self:
        """
        Add items to a list, and keep it in order or in bounds; errors as in `append`.

        Args:
            field: A name, a dotted name or a query field.
            values: The items, one by one or in one list, tuple, set or generator. Where items can
                be lists, one list is one item.
            position: Where to insert them, counted from the start, or from the end if negative.
            slice: How many items to keep: the first ones, or the last ones if negative.
            sort: The order to bring the whole list into: 1, -1, or for embedded documents a dict
                of their names and directions.
            unchecked: As for `append`.

        Returns:
            This update, for chaining.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/update/push/
        """
        target = self._target(field, "$push", "$pushAll")
        each = Each({"$each": target.wrap_items(values)})
        if isinstance(sort, dict) and target.field is not None:
            sort = flatten(stored_item_query(target.field, sort))
        options = {"$position": position, "$slice": slice, "$sort": sort}
        each.update((name, value) for name, value in options.items() if value is not None)
        return self._grow("$push", target, each, unchecked)

    def add_to_set(self, field: Any, value: Any, *, unchecked: bool = False) -> Self:
        """
        Add an item to a list or set that does not hold it yet; errors as in `append`.

        Args:
            field: A name, a dotted name or a query field.
            value: The item. Adding twice to one list adds both.
            unchecked: As for `append`.

        Returns:
            This update, for chaining.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/update/addToSet/
        """
        target = self._target(field, "$addToSet")
        item = literal_item(target.wrap_only(value, "add_each_to_set"))
        return self._grow("$addToSet", target, item, unchecked)

    def add_each_to_set(self, field: Any, *values: Any, unchecked: bool = False) -> Self:
        """
        Add those items that a list or set does not hold yet; errors as in `append`.

        Args:
            field: A name, a dotted name or a query field.
            values: The items, one by one or in one list, tuple, set or generator. Where items can
                be lists, one list is one item.
            unchecked: As for `append`.

        Returns:
            This update, for chaining.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/update/addToSet/
        """
        target = self._target(field, "$addToSet")
        return self._grow(
            "$addToSet", target, Each({"$each": target.wrap_items(values)}), unchecked
        )

    def _grow(self, operator: str, target: Target, operand: Any, unchecked: bool) -> Self:
        """Add items, after those that are to be added already."""
        document, name = self._document, target.name
        together = document.together(operator, name, operand)
        self._record(operator, target, together, unchecked, document.replace)
        return self

    def remove(self, field: Any, value: Any, *, unchecked: bool = False) -> Self:
        """
        Take every item out of a list that equals a value or fulfils a condition.

        Args:
            field: A name, a dotted name or a query field.
            value: An item; or a query expression on the list (``User.tags.in_("a", "b")``) or on
                the fields of its embedded documents (``Page.number > 3``), for which a dict may be
                given too.
            unchecked: As for `append`.

        Returns:
            This update, for chaining.

        Raises:
            FieldNotFoundException: The name is no field.
            InvalidModifierException: The field is no list.
            BadValueException: The list can hold no such item.
            UpdateException: The condition says nothing, or is one on the list and on the fields of
                its items at once.
            ConflictingModifierException: Another operation changes the field, its parent or a
                part of it.

        Example:
            >>> session.query(User).remove(User.tags, User.tags.startswith("tmp")).execute()["n"]
            1

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/update/pull/
        """
        target = self._target(field, "$pull")
        self._record("$pull", target, pull_condition(target, value), unchecked)
        return self

    def remove_all(self, field: Any, *values: Any, unchecked: bool = False) -> Self:
        """
        Take every item out of a list that equals one of the values; errors as in `append`.

        Args:
            field: A name, a dotted name or a query field.
            values: The items, as for `extend`. Removing twice from one list removes all of them.
            unchecked: As for `append`.

        Returns:
            This update, for chaining.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/update/pullAll/
        """
        target = self._target(field, "$pullAll")
        document, values = self._document, target.wrap_items(values)
        together = document.lengthened("$pullAll", target.name, values)
        self._record("$pullAll", target, together, unchecked, document.replace)
        return self

    def pop_first(self, field: Any, *, unchecked: bool = False) -> Self:
        """
        Take the first item out of a list.

        Args:
            field: A name, a dotted name or a query field.
            unchecked: As for `append`.

        Returns:
            This update, for chaining.

        Raises:
            FieldNotFoundException: The name is no field.
            InvalidModifierException: The field is no list.
            ConflictingModifierException: Another operation changes the field, its parent or a
                part of it.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/update/pop/
        """
        self._record("$pop", self._target(field, "$pop"), -1, unchecked)
        return self

    def pop_last(self, field: Any, *, unchecked: bool = False) -> Self:
        """
        Take the last item out of a list; errors as in `pop_first`.

        Args:
            field: A name, a dotted name or a query field.
            unchecked: As for `append`.

        Returns:
            This update, for chaining.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/update/pop/
        """
        self._record("$pop", self._target(field, "$pop"), 1, unchecked)
        return self
