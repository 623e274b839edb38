"""Query expressions and what joins them: not, or, and."""

from __future__ import annotations

from typing import Any, NoReturn

from ommongo.exceptions import BadQueryException
from ommongo.query_expression._conditions import (
    PATTERNS,
    count_operators,
    is_operator_name,
)
from ommongo.query_expression._merging import merge
from ommongo.query_expression._names import name_of

__all__ = ["QueryExpression"]


def _negated(key: Any, value: Any) -> dict[str, Any]:
    """Give the condition on a field that holds exactly where *value* does not."""
    count = count_operators(value)
    if 0 < count < len(value):
        raise BadQueryException(
            f"The condition on {name_of(key)} mixes operators (keys that begin with $) and plain "
            f"keys, so there is no telling what its negation is. Use operators only, or put the "
            f"value to compare with below $eq."
        )
    # The server refuses $ne with a regular expression.
    return {"$not" if count or isinstance(value, PATTERNS) else "$ne": value}


def _alternatives(query: dict[Any, Any]) -> list[Any]:
    """Give what ``$or`` is to list for a query: the members of its own ``$or``, or itself."""
    if len(query) == 1 and isinstance(query.get("$or"), list):
        return list(query["$or"])
    return [query]


class QueryExpression:
    """
    A condition on documents, as query fields make it.

    ``~`` negates it, ``|`` and ``&`` join two. Each gives a new expression and changes none, so
    expressions can be kept, shared between threads and used again. An expression has no truth
    value: ``not``, ``or``, ``and`` and chained comparisons would silently lose conditions, so
    they raise `TypeError`.

    Args:
        obj: The query dict; keys are Python names, stored names, query fields or operators.

    Raises:
        BadQueryException: *obj* is no dict.

    Example:
        >>> from ommongo.query_expression import Q
        >>> adults = (Q.age >= 18) & (Q.age < 65)
        >>> adults.obj
        {'age': {'$gte': 18, '$lt': 65}}
        >>> (adults | ~(Q.name == "Ada")).obj
        {'$or': [{'age': {'$gte': 18, '$lt': 65}}, {'name': {'$ne': 'Ada'}}]}

    MongoDB manual:
        https://www.mongodb.com/docs/manual/reference/operator/query-logical/
    """

    __slots__ = ("obj",)

    def __init__(self, obj: dict[Any, Any]) -> None:
        if not isinstance(obj, dict):
            raise BadQueryException(
                f"A query expression is made of a dict, not {type(obj).__name__}. Compare a query "
                f"field (User.age > 3), or pass a query dict."
            )
        self.obj = obj

    def not_(self) -> QueryExpression:
        """
        Negate this expression; the operator ``~`` does the same.

        Returns:
            An expression that matches exactly the documents that this one does not.

        Raises:
            BadQueryException: A value mixes operators and plain keys.

        Example:
            >>> QueryExpression({"i": 3}).not_().obj
            {'i': {'$ne': 3}}
            >>> QueryExpression({"i": {"$gt": 4}}).not_().obj
            {'i': {'$not': {'$gt': 4}}}
            >>> QueryExpression({"i": 3, "j": 4}).not_().obj
            {'$nor': [{'i': 3, 'j': 4}]}

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/query/not/ and
            https://www.mongodb.com/docs/manual/reference/operator/query/nor/
        """
        negated = {
            key: _negated(key, value)
            for key, value in self.obj.items()
            if not is_operator_name(key)
        }
        if len(self.obj) != 1 or (not negated and "$or" not in self.obj):
            return QueryExpression({"$nor": [self.obj]})
        return QueryExpression(negated or {"$nor": self.obj["$or"]})

    def or_(self, expression: QueryExpression | dict[Any, Any]) -> QueryExpression:
        """
        Join another expression as an alternative; the operator ``|`` does the same.

        Args:
            expression: An expression, or a query dict.

        Returns:
            An expression that matches what either matches; a chain is one flat ``$or``.

        Raises:
            BadQueryException: *expression* is neither.

        Example:
            >>> from ommongo.query_expression import Q
            >>> (Q.i == 1).or_(Q.i == 2).or_(Q.j == 3).obj
            {'$or': [{'i': 1}, {'i': 2}, {'j': 3}]}

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/query/or/
        """
        other = _query_of(expression, "or_()")
        return QueryExpression({"$or": _alternatives(self.obj) + _alternatives(other)})

    def and_(self, expression: QueryExpression | dict[Any, Any]) -> QueryExpression:
        """
        Join another expression as a further condition; the operator ``&`` does the same.

        Args:
            expression: An expression, or a query dict.

        Returns:
            An expression that matches what both match: one dict where that loses nothing, else
            joined by ``$and``.

        Raises:
            BadQueryException: *expression* is neither.

        Example:
            >>> from ommongo.query_expression import Q
            >>> (Q.i > 1).and_(Q.i < 9).obj
            {'i': {'$gt': 1, '$lt': 9}}
            >>> (Q.i == 1).and_(Q.i < 9).obj
            {'$and': [{'i': 1}, {'i': {'$lt': 9}}]}

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/query/and/
        """
        return QueryExpression(merge(self.obj, _query_of(expression, "and_()"), strict=False))

    def __invert__(self) -> QueryExpression:
        return self.not_()

    def __or__(self, other: QueryExpression | dict[Any, Any]) -> QueryExpression:
        if isinstance(other, (QueryExpression, dict)):
            return self.or_(other)
        return NotImplemented

    def __and__(self, other: QueryExpression | dict[Any, Any]) -> QueryExpression:
        if isinstance(other, QueryExpression):
            return QueryExpression(merge(self.obj, other.obj, strict=False))
        if isinstance(other, dict):
            return self.and_(other)
        return NotImplemented

    def __bool__(self) -> NoReturn:
        raise TypeError(
            "A query expression has no truth value: the server judges it. Write & for and, | for "
            "or, ~ for not, and (field > 3) & (field < 9) for a range; ask 'is not None' to find "
            "out whether there is an expression."
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.obj!r})"


def _query_of(expression: Any, method: str) -> dict[Any, Any]:
    """Give the query dict of an expression or of a dict."""
    if isinstance(expression, QueryExpression):
        return expression.obj
    if isinstance(expression, dict):
        return expression
    raise BadQueryException(
        f"{method} takes a query expression or a query dict, not {type(expression).__name__}."
    )
