"""What to load: the projection that a field stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ommongo.query_expression._operand import Operand, is_number, yields_to_subfield

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Projection"]


class Projection(Operand):
    """
    The forms of a field in `Query.fields`.

    MongoDB manual:
        https://www.mongodb.com/docs/manual/reference/operator/projection/
    """

    __slots__ = ()

    def exclude(self) -> Self:
        """
        Leave this field out when loading.

        Returns:
            The field, for `Query.fields`.

        Example:
            >>> from ommongo.query_expression import Q
            >>> Q.age.exclude().fields_expression
            {'age': False}

        MongoDB manual:
            https://www.mongodb.com/docs/manual/tutorial/project-fields-from-query-results/
        """
        return self._projected(False)

    @yields_to_subfield
    def slice(self, skip_or_count: int, count: int | None = None) -> Self:
        """
        Load a part of an array only: ``slice(n)`` or ``slice(skip, n)``.

        Args:
            skip_or_count: Alone, how many items to load, from the end when below 0. With *count*,
                how many to skip; below 0, the position counted from the end.
            count: How many items to load after those skipped, 1 or more.

        Returns:
            The field, for `Query.fields`.

        Raises:
            BadQueryException: An argument is no such number.

        Example:
            >>> from ommongo.query_expression import Q
            >>> Q.tags.slice(10, 5).fields_expression
            {'tags': {'$slice': [10, 5]}}

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/projection/slice/
        """
        if not is_number(skip_or_count, int):
            raise self._bad_argument("slice()", "whole numbers", skip_or_count)
        if count is None:
            return self._projected({"$slice": skip_or_count})
        if not is_number(count, int) or count < 1:
            raise self._bad_argument("slice()", "as count a whole number, 1 or more", count)
        return self._projected({"$slice": [skip_or_count, count]})

    @property
    def fields_expression(self) -> dict[str, Any]:
        """The projection that loads this field, or leaves it out."""
        return {self._path: self._projection}
