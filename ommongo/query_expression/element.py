"""Element query operators: ``$exists`` and ``$type``."""

from __future__ import annotations

from typing import Any

from ommongo.query_expression._operand import (
    Operand,
    is_number,
    yields_for_checkers,
    yields_to_subfield,
)
from ommongo.query_expression._translation import own_value
from ommongo.query_expression.logical import QueryExpression

__all__ = ["Element"]


class Element(Operand):
    """
    The operators that ask whether there is a value, and of what type.

    MongoDB manual:
        https://www.mongodb.com/docs/manual/reference/operator/query-element/
    """

    __slots__ = ()

    def exists(self, exists: bool = True) -> QueryExpression:
        """
        Ask whether the field is stored; a stored ``None`` is.

        Args:
            exists: Whether it is to be there.

        Returns:
            An expression.

        Raises:
            BadQueryException: *exists* is no truth value.

        Example:
            >>> from ommongo.query_expression import Q
            >>> Q.age.exists(False).obj
            {'age': {'$exists': False}}

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/query/exists/
        """
        if exists not in (True, False):
            raise self._bad_argument("exists()", "True or False", exists)
        return self._condition("$exists", bool(exists))

    @yields_for_checkers
    @yields_to_subfield
    def type_(self, bson_type: str | int | list[str | int]) -> QueryExpression:
        """
        Ask for a stored type.

        Args:
            bson_type: A BSON type by name (``"string"``) or number, or a list of these.

        Returns:
            An expression.

        Raises:
            BadQueryException: *bson_type* is nothing of the kind.

        Example:
            >>> from ommongo.query_expression import Q
            >>> Q.age.type_("number").obj
            {'age': {'$type': 'number'}}

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/query/type/
        """
        types: list[Any] = bson_type if isinstance(bson_type, list) else [bson_type]
        for item in types:
            if not isinstance(item, str) and not is_number(item, int):
                raise self._bad_argument("type_()", "names or numbers of BSON types", item)
        return self._condition("$type", own_value(bson_type))
