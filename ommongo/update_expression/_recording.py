"""What both kinds of operators build on: the query, the class, and the document they fill."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ommongo.exceptions import UpdateException
from ommongo.update_expression._document import UpdateDocument
from ommongo.update_expression._operands import Target, target_of

if TYPE_CHECKING:
    from ommongo.update_expression._query_like import QueryLike

__all__ = ["Recording"]


class Recording:
    """
    An update that takes down what it is told.

    Args:
        query: The query whose matches are to be changed.
    """

    def __init__(self, query: QueryLike) -> None:
        self.query = query
        self._criteria = query._criteria
        self._document = UpdateDocument()

    def _target(self, field: Any, *operators: str) -> Target:
        """Find the field that an operator is to change; arguments and errors as in `target_of`."""
        return target_of(self.query.type, field, *operators)

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
            raise UpdateException(
                f"{operator} takes a field and a value, or name=value pairs, not {len(given)} "
                f"positional and {len(names)} keyword arguments.",
                operation=operator,
            )
        pairs: list[tuple[Any, Any]] = [(given[0], given[1])] if given else []
        return pairs + list(names.items())
