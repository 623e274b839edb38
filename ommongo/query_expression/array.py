"""Array query operators and the positions in arrays: ``$elemMatch``, ``$all``, ``$size``, ``$``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast, overload

from ommongo.exceptions import BadQueryException
from ommongo.query_expression._conditions import LOGICAL_OPERATORS, is_operators
from ommongo.query_expression._free_type import FreeType
from ommongo.query_expression._merging import merge
from ommongo.query_expression._names import StoredName
from ommongo.query_expression._operand import (
    Operand,
    is_number,
    yields_for_checkers,
    yields_to_subfield,
)
from ommongo.query_expression._translation import flatten, stored_item_query
from ommongo.query_expression._types import V
from ommongo.query_expression.logical import QueryExpression

if TYPE_CHECKING:
    from typing_extensions import Self

    from ommongo.query_expression._types import Reference, Referring, Several, Whole

__all__ = ["Array", "ElemMatchQueryExpression"]

T = TypeVar("T")


class ElemMatchQueryExpression(QueryExpression):
    """
    A condition that one item of an array meets as a whole; made by `Array.elem_match`.

    As an argument of `Query.fields` it loads, of the array, the first item that matches.

    Args:
        field: The query field of the array.
        obj: The query dict, ``{field: {"$elemMatch": …}}``.

    MongoDB manual:
        https://www.mongodb.com/docs/manual/reference/operator/projection/elemMatch/
    """

    __slots__ = ("_field",)

    def __init__(self, field: Operand, obj: dict[Any, Any]) -> None:
        super().__init__(obj)
        self._field = field
        self._roots = field._roots

    def __str__(self) -> str:
        return str(self._field)

    def get_absolute_name(self) -> str:
        """
        Give the stored dotted name of the array's field.

        Returns:
            The name.
        """
        return self._field.get_absolute_name()

    @property
    def fields_expression(self) -> dict[str, Any]:
        """The projection, with string keys."""
        return flatten(self.obj)


def _from_the_item(array: Operand, query: dict[str, Any]) -> dict[str, Any]:
    """Make names relative that begin where the document does, as those of ``array.name`` do."""
    own = array.get_absolute_name()
    below = array.get_type().subfields()
    # Where the items have a field of that name it is theirs, and nothing is known of free forms.
    if isinstance(array.get_type(), FreeType) or own.split(".")[0] in {
        field.db_field or name for name, field in below.items()
    }:
        return query
    if query.keys() == {own}:  # about the items themselves
        condition = query[own]
        if is_operators(condition):
            return cast("dict[str, Any]", condition)
        return {"$in": [condition]}  # not $eq: that takes a regular expression literally
    return _without_prefix(query, own + ".")


def _without_prefix(query: dict[str, Any], prefix: str) -> dict[str, Any]:
    """Take *prefix* off the names that begin with it."""
    result: dict[str, Any] = {}
    for name, value in query.items():
        if name in LOGICAL_OPERATORS:
            value = [_without_prefix(part, prefix) for part in value]
        result = merge(result, {StoredName(name.removeprefix(prefix)): value}, strict=False)
    return result


def _is_identifier(name: Any) -> bool:
    """Tell whether the server takes a name as the identifier of an array filter."""
    return isinstance(name, str) and re.fullmatch("[a-z][A-Za-z0-9]*", name) is not None


class Array(Operand, Generic[V]):
    """
    The operators that ask for items of an array.

    MongoDB manual:
        https://www.mongodb.com/docs/manual/reference/operator/query-array/
    """

    __slots__ = ()

    def elem_match(self, expression: QueryExpression | dict[Any, Any]) -> ElemMatchQueryExpression:
        """
        Ask for an array of which one item meets all conditions.

        Args:
            expression: A condition on the item's fields (``Page.number > 3``, or
                ``Book.pages.number > 3``) or on the items themselves (``Book.scores > 3``), or a
                query dict of names or of operators.

        Returns:
            An expression, which `Query.fields` takes too.

        Raises:
            BadQueryException: The field is not stored as an array of like items, or *expression*
                is neither of the two.
            FieldNotFoundException: A name is no field of the items, or a query field is one of
                another class.

        Example:
            >>> from ommongo.query_expression import Q
            >>> Q.scores.elem_match({"$gt": 3, "$lt": 9}).obj
            {'scores': {'$elemMatch': {'$gt': 3, '$lt': 9}}}

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/query/elemMatch/
        """
        if not self.get_type().is_sequence_field:
            raise BadQueryException(
                f"{self._path}.elem_match() needs a field that is stored as an array of like "
                f"items, but this is {type(self.get_type()).__name__}. Compare the field itself."
            )
        if not isinstance(expression, (QueryExpression, dict)):
            raise self._bad_argument(
                "elem_match()", "a query expression or a query dict", expression
            )
        query = _from_the_item(
            self, stored_item_query(self.get_type(), expression, self._path, self._roots)
        )
        return ElemMatchQueryExpression(self, {StoredName(self._path): {"$elemMatch": query}})

    @overload
    def all_(self: Array[Several[T]], *values: T | Iterable[T | Whole[T]]) -> QueryExpression: ...
    @overload
    def all_(
        self: Array[Reference], *values: Referring | Iterable[Referring]
    ) -> QueryExpression: ...
    @overload
    def all_(self, *values: V | Iterable[V]) -> QueryExpression: ...
    @yields_to_subfield
    def all_(self, *values: Any) -> QueryExpression:
        """
        Ask for an array that holds every one of several items.

        Args:
            values: The items, in any order, one by one or in one list; without any nothing matches.

        Returns:
            An expression.

        Raises:
            BadValueException: The field can hold no such item.

        Example:
            >>> from ommongo.query_expression import Q
            >>> Q.tags.all_("a", "b").obj
            {'tags': {'$all': ['a', 'b']}}

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/query/all/
        """
        return self._one_of("$all", values)

    @yields_for_checkers
    @yields_to_subfield
    def size(self, n: int) -> QueryExpression:
        """
        Ask for an array of a given length.

        Args:
            n: The number of items, 0 or more.

        Returns:
            An expression.

        Raises:
            BadQueryException: *n* is no such number.

        Example:
            >>> from ommongo.query_expression import Q
            >>> Q.tags.size(3).obj
            {'tags': {'$size': 3}}

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/query/size/
        """
        if not is_number(n, int) or n < 0:
            raise self._bad_argument("size()", "a whole number, 0 or more", n)
        return self._condition("$size", n)

    def matched_index(self) -> Self:
        """
        Name the item that the query matched, for a projection or an update.

        Returns:
            The field of that item.

        Example:
            >>> from ommongo.query_expression import Q
            >>> str(Q.pages.matched_index().number)
            'pages.$.number'

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/update/positional/
        """
        return self._at("$")

    @yields_to_subfield
    def any_index(self) -> Self:
        """
        Name every item of an array, for an update.

        Returns:
            The field of the items.

        Example:
            >>> from ommongo.query_expression import Q
            >>> str(Q.pages.any_index().number)
            'pages.$[].number'

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/update/positional-all/
        """
        return self._at("$[]")

    @yields_to_subfield
    def filtered_index(self, name: str) -> Self:
        """
        Name the items of an array that an array filter picks, for an update.

        Args:
            name: The filter's identifier: a lower-case letter, then letters and digits.

        Returns:
            The field of the items.

        Raises:
            BadQueryException: *name* is no identifier.

        Example:
            >>> from ommongo.query_expression import Q
            >>> str(Q.pages.filtered_index("long").number)
            'pages.$[long].number'

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/update/positional-filtered/
        """
        if not _is_identifier(name):
            raise self._bad_argument(
                "filtered_index()", "a lower-case letter, then letters and digits", name
            )
        return self._at(f"$[{name}]")
