"""Query expressions and what joins them: not, or, and."""

from __future__ import annotations

from typing import Any, NoReturn, cast

from ommongo._ownership import NO_ROOTS, Roots, fields_read, joined
from ommongo._shown import shown
from ommongo.exceptions import BadQueryException
from ommongo.query_expression._conditions import (
    PATTERNS,
    count_operators,
    is_operator_name,
)
from ommongo.query_expression._merging import absorb
from ommongo.query_expression._names import final_names, name_of
from ommongo.query_expression._parts import OR, both, condition_of
from ommongo.query_expression._slips import needs_parentheses, no_truth

__all__ = ["QueryExpression", "expression"]


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


def _alternatives(*queries: dict[Any, Any]) -> list[Any]:
    """Give what ``$or`` is to list for queries: the members of their own ``$or``, or themselves."""
    listed: list[Any] = []
    for query in queries:
        if "$or" in query and len(query) == 1 and isinstance(query["$or"], list):
            listed += query["$or"]
        else:
            listed.append(query)
    return listed


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

    __slots__ = ("_final", "_held", "_name", "_roots")

    # The only name that it has a condition on, and its parts; without a name a query dict.
    _name: str | None
    _held: Any
    # Whether the query has stored names only, as plain strings, and shares nothing that changes.
    _final: bool
    # Whose query fields it was made of.
    _roots: Roots

    def __init__(self, obj: dict[Any, Any]) -> None:
        if not isinstance(obj, dict):
            raise BadQueryException(
                f"A query expression is made of a dict, not {type(obj).__name__}. Compare a query "
                f"field (User.age > 3), or pass a query dict."
            )
        self._name = None
        self._held = obj
        self._final = False
        self._roots = NO_ROOTS

    @property
    def _query(self) -> dict[Any, Any]:
        """The query dict, which is not to be changed."""
        return cast("dict[Any, Any]", self._held) if self._name is None else condition_of(self)

    @property
    def obj(self) -> dict[Any, Any]:
        """
        The query dict: as it was given, or of a query field, in a new copy.

        The keys of a copy are strings that stay as they are in a dict that is made of it, also
        where they are Python names of other fields.
        """
        if not self._final:
            return self._query
        return cast("dict[Any, Any]", final_names(self._query, self._roots))

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
        query = self._query
        negated = {
            key: _negated(key, value) for key, value in query.items() if not is_operator_name(key)
        }
        if len(query) != 1 or (not negated and "$or" not in query):
            return expression({"$nor": [query]}, self._final, self._roots)
        return expression(negated or {"$nor": query["$or"]}, self._final, self._roots)

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
        return self | _as_expression(expression, "or_()")

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
        return self & _as_expression(expression, "and_()")

    def __invert__(self) -> QueryExpression:
        return self.not_()

    def __or__(self, other: QueryExpression | dict[Any, Any]) -> QueryExpression:
        if isinstance(other, QueryExpression):
            ours, theirs = self._roots, other._roots
            roots = (ours[0] if ours[0] is theirs[0] else None, (ours, theirs))
            if not (self._final and other._final):
                return expression({OR: _alternatives(self.obj, other.obj)}, False, roots)
            if self._name is None or other._name is None:
                return expression({OR: _alternatives(self._query, other._query)}, True, roots)
            first = self._held[1] if self._name == OR else (self,)
            second = other._held[1] if other._name == OR else (other,)
            made = _new(QueryExpression)
            made._name = OR
            made._held = (OR, first + second)
            made._final = True
            made._roots = roots
            return made
        if isinstance(other, dict):
            return self.or_(other)
        raise needs_parentheses(self, "|", other)

    def __ror__(self, other: dict[Any, Any]) -> QueryExpression:
        if isinstance(other, dict):
            return QueryExpression(other) | self
        raise needs_parentheses(other, "|", self)

    def __and__(self, other: QueryExpression | dict[Any, Any]) -> QueryExpression:
        if isinstance(other, QueryExpression):
            roots = joined(self._roots, other._roots)
            if not (self._final and other._final):
                return expression(absorb(dict(self.obj), other.obj, False), False, roots)
            if self._name is not None and self._name == other._name:
                operators = both(self._held, other._held)
                if operators is not None:
                    return expression({self._name: operators}, True, roots)
            return expression(absorb(dict(self._query), other._query, False), True, roots)
        if isinstance(other, dict):
            return self.and_(other)
        raise needs_parentheses(self, "&", other)

    def __rand__(self, other: dict[Any, Any]) -> QueryExpression:
        if isinstance(other, dict):
            return QueryExpression(other) & self
        raise needs_parentheses(other, "&", self)

    def __bool__(self) -> NoReturn:
        raise no_truth("query expression")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({shown(self.obj)})"

    def __getstate__(self) -> tuple[None, dict[str, Any]]:
        slots = [name for kind in type(self).__mro__ for name in getattr(kind, "__slots__", ())]
        state = {name: getattr(self, name) for name in slots}
        # A chain's roots are as deep as the chain is long: too deep to copy or pickle.
        state["_roots"] = (self._roots[0], tuple(fields_read(self._roots)))
        return None, state


def expression(
    query: dict[Any, Any],
    final: bool = True,
    roots: Roots = NO_ROOTS,
) -> QueryExpression:
    """
    Make an expression of what is surely a dict, at half of what the constructor costs.

    Args:
        query: The query dict.
        final: Whether nothing in it is to be translated, as a query field makes it. It then
            belongs to the expression with all that it holds.
        roots: Whose query fields it is made of.

    Returns:
        The expression.
    """
    made = _new(QueryExpression)
    made._name = None
    made._held = query
    made._final = final
    made._roots = roots
    return made


_new = object.__new__


def _as_expression(given: Any, method: str) -> QueryExpression:
    """Give the expression that an expression or a dict is."""
    if isinstance(given, QueryExpression):
        return given
    if isinstance(given, dict):
        return QueryExpression(given)
    raise BadQueryException(
        f"{method} takes a query expression or a query dict, not {type(given).__name__}."
    )
