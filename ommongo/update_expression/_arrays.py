"""The operators that change an array."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ommongo.update_expression._conditions import pull_condition
from ommongo.update_expression._document import Each
from ommongo.update_expression._operands import literal_item
from ommongo.update_expression._recording import Recording

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["ArrayOperators"]


class ArrayOperators(Recording):
    """The operators that change an array, each under the name of the API."""

    def append(self, field: Any, value: Any) -> Self:
        """
        Add an item at the end of a list.

        Args:
            field: A name, a dotted name or a query field.
            value: The item. Appending twice to one list adds both.

        Returns:
            This update, for chaining.

        Raises:
            FieldNotFoundException: The name is no field.
            InvalidModifierException: The field is no list.
            BadValueException: The list takes no such item.
            ConflictingModifierException: Another operator changes the field, its parent or a part
                of it.

        Example:
            >>> session.query(User).append(User.tags, "new").multi().execute()["n"]
            2

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/update/push/
        """
        target = self._target(field, "$push", "$pushAll")
        self._document.each("$push", target.name, literal_item(target.wrap_item(value)))
        return self

    def extend(self, field: Any, *values: Any) -> Self:
        """
        Add items at the end of a list; errors as in `append`.

        Args:
            field: A name, a dotted name or a query field.
            values: The items.

        Returns:
            This update, for chaining.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/update/each/
        """
        return self.push(field, *values)

    def push(
        self,
        field: Any,
        *values: Any,
        position: int | None = None,
        slice: int | None = None,
        sort: Any = None,
    ) -> Self:
        """
        Add items to a list, and keep it in order or in bounds; errors as in `append`.

        Args:
            field: A name, a dotted name or a query field.
            values: The items.
            position: Where to insert them, counted from the start, or from the end if negative.
            slice: How many items to keep: the first ones, or the last ones if negative.
            sort: The order to bring the whole list into: 1, -1, or for embedded documents a dict
                of stored names and directions.

        Returns:
            This update, for chaining.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/update/push/
        """
        target = self._target(field, "$push", "$pushAll")
        each = Each({"$each": target.wrap_items(values)})
        options = {"$position": position, "$slice": slice, "$sort": sort}
        each.update((name, value) for name, value in options.items() if value is not None)
        self._document.each("$push", target.name, each)
        return self

    def add_to_set(self, field: Any, value: Any) -> Self:
        """
        Add an item to a list or set that does not hold it yet; errors as in `append`.

        Args:
            field: A name, a dotted name or a query field.
            value: The item. Adding twice to one list adds both.

        Returns:
            This update, for chaining.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/update/addToSet/
        """
        target = self._target(field, "$addToSet")
        self._document.each("$addToSet", target.name, literal_item(target.wrap_item(value)))
        return self

    def add_each_to_set(self, field: Any, *values: Any) -> Self:
        """
        Add those items that a list or set does not hold yet; errors as in `append`.

        Args:
            field: A name, a dotted name or a query field.
            values: The items.

        Returns:
            This update, for chaining.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/update/addToSet/
        """
        target = self._target(field, "$addToSet")
        self._document.each("$addToSet", target.name, Each({"$each": target.wrap_items(values)}))
        return self

    def remove(self, field: Any, value: Any) -> Self:
        """
        Take every item out of a list that equals a value or fulfils a condition.

        Args:
            field: A name, a dotted name or a query field.
            value: An item; or a query expression on the list (``User.tags.in_("a", "b")``) or on
                the fields of its embedded documents (``Page.number > 3``), for which a dict may be
                given too.

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
        self._document.put("$pull", target.name, pull_condition(target, value))
        return self

    def remove_all(self, field: Any, *values: Any) -> Self:
        """
        Take every item out of a list that equals one of the values; errors as in `append`.

        Args:
            field: A name, a dotted name or a query field.
            values: The items. Removing twice from one list removes all of them.

        Returns:
            This update, for chaining.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/update/pullAll/
        """
        target = self._target(field, "$pullAll")
        self._document.lengthen("$pullAll", target.name, target.wrap_items(values))
        return self

    def pop_first(self, field: Any) -> Self:
        """
        Take the first item out of a list.

        Args:
            field: A name, a dotted name or a query field.

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
        self._document.put("$pop", self._target(field, "$pop").name, -1)
        return self

    def pop_last(self, field: Any) -> Self:
        """
        Take the last item out of a list; errors as in `pop_first`.

        Args:
            field: A name, a dotted name or a query field.

        Returns:
            This update, for chaining.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/update/pop/
        """
        self._document.put("$pop", self._target(field, "$pop").name, 1)
        return self
