"""The methods of a query that start an update."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ommongo.query._base import QueryBase

if TYPE_CHECKING:
    from ommongo.update_expression import FindAndModifyExpression, UpdateExpression

__all__ = ["Updating"]


R = TypeVar("R")


@cache
def _expressions() -> tuple[type[UpdateExpression], type[FindAndModifyExpression[Any]]]:
    """Import what changes when the first update is made: many programs never ask for one."""
    from ommongo.update_expression import FindAndModifyExpression, UpdateExpression

    return UpdateExpression, FindAndModifyExpression


class Updating(QueryBase, Generic[R]):
    """
    The methods of a query that start an update.

    Each gives an `UpdateExpression` on the query as it is now, with the operator of the same name
    in it; see there for arguments and errors. All raise `BadQueryException` for a query with a
    limit, a skip or an order of its own, which the server would ignore.
    """

    def _update(self) -> UpdateExpression:
        return _expressions()[0](self._copy())

    def set(self, /, *args: Any, **names: Any) -> UpdateExpression:
        """
        Start an update with `UpdateExpression.set`.

        Args:
            args: A field and its value.
            names: Values by name.

        Returns:
            The update.
        """
        return self._update().set(*args, **names)

    def unset(self, field: Any, *, unchecked: bool = False) -> UpdateExpression:
        """
        Start an update with `UpdateExpression.unset`.

        Args:
            field: The field to take out.
            unchecked: Whether it may leave what the field refuses to load.

        Returns:
            The update.
        """
        return self._update().unset(field, unchecked=unchecked)

    def inc(self, /, *args: Any, **names: Any) -> UpdateExpression:
        """
        Start an update with `UpdateExpression.inc`.

        Args:
            args: A field and how much to add to it.
            names: How much to add by name.

        Returns:
            The update.
        """
        return self._update().inc(*args, **names)

    def append(self, field: Any, value: Any, *, unchecked: bool = False) -> UpdateExpression:
        """
        Start an update with `UpdateExpression.append`.

        Args:
            field: The list.
            value: The item.
            unchecked: Whether it may leave what the field refuses to load.

        Returns:
            The update.
        """
        return self._update().append(field, value, unchecked=unchecked)

    def extend(self, field: Any, *values: Any, unchecked: bool = False) -> UpdateExpression:
        """
        Start an update with `UpdateExpression.extend`.

        Args:
            field: The list.
            values: The items, one by one or in one list.
            unchecked: Whether it may leave what the field refuses to load.

        Returns:
            The update.
        """
        return self._update().extend(field, *values, unchecked=unchecked)

    def remove(self, field: Any, value: Any, *, unchecked: bool = False) -> UpdateExpression:
        """
        Start an update with `UpdateExpression.remove`, which takes items out of a list.

        To remove documents, use `delete`.

        Args:
            field: The list.
            value: An item, or a condition on items.
            unchecked: Whether it may leave what the field refuses to load.

        Returns:
            The update.
        """
        return self._update().remove(field, value, unchecked=unchecked)

    def remove_all(self, field: Any, *values: Any, unchecked: bool = False) -> UpdateExpression:
        """
        Start an update with `UpdateExpression.remove_all`, which takes items out of a list.

        Args:
            field: The list.
            values: The items, one by one or in one list.
            unchecked: Whether it may leave what the field refuses to load.

        Returns:
            The update.
        """
        return self._update().remove_all(field, *values, unchecked=unchecked)

    def add_to_set(self, field: Any, value: Any, *, unchecked: bool = False) -> UpdateExpression:
        """
        Start an update with `UpdateExpression.add_to_set`.

        Args:
            field: The list or set.
            value: The item.
            unchecked: Whether it may leave what the field refuses to load.

        Returns:
            The update.
        """
        return self._update().add_to_set(field, value, unchecked=unchecked)

    def pop_first(self, field: Any, *, unchecked: bool = False) -> UpdateExpression:
        """
        Start an update with `UpdateExpression.pop_first`.

        Args:
            field: The list.
            unchecked: Whether it may leave what the field refuses to load.

        Returns:
            The update.
        """
        return self._update().pop_first(field, unchecked=unchecked)

    def pop_last(self, field: Any, *, unchecked: bool = False) -> UpdateExpression:
        """
        Start an update with `UpdateExpression.pop_last`.

        Args:
            field: The list.
            unchecked: Whether it may leave what the field refuses to load.

        Returns:
            The update.
        """
        return self._update().pop_last(field, unchecked=unchecked)

    def find_and_modify(
        self, new: bool = False, remove: bool = False
    ) -> FindAndModifyExpression[R]:
        """
        Start a change of the first match that also gives the object.

        Args:
            new: Whether the object comes as it is after the change instead of before.
            remove: Whether to remove it instead of changing it.

        Returns:
            An expression to say the change with, and to execute.

        Raises:
            BadQueryException: The query has a limit or a skip.
            UpdateException: *new* and *remove* are both given.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/command/findAndModify/
        """
        return _expressions()[1](self._copy(), new, remove)
