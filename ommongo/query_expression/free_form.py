"""Queries without a document class: fields of any name, values of any type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from ommongo._bson import ANYTHING
from ommongo._spelling import suggestion
from ommongo.query_expression._conditions import is_obeyed
from ommongo.query_expression._free_type import FREE_TYPE
from ommongo.query_expression._habits import ELSEWHERE
from ommongo.query_expression._names import ATOMS
from ommongo.query_expression._translation import own_value
from ommongo.query_expression.array import Array
from ommongo.query_expression.comparison import Comparison
from ommongo.query_expression.element import Element
from ommongo.query_expression.evaluation import Evaluation
from ommongo.query_expression.geospatial import Geospatial
from ommongo.query_expression.projection import Projection

__all__ = ["FreeFormDoc", "FreeFormField", "Q"]


class FreeFormField(Comparison, Element, Evaluation, Geospatial, Array, Projection):
    """
    A field of a collection without a document class.

    It has the operators of a `QueryField`, and any other attribute is a field below it. Values
    are sent as they are.

    Args:
        name: The stored dotted name.

    Example:
        >>> (Q.any.name == 3).obj
        {'any.name': 3}
        >>> (FreeFormField("any.exists") == 3).obj
        {'any.exists': 3}

    MongoDB manual:
        https://www.mongodb.com/docs/manual/tutorial/query-documents/
    """

    __slots__ = ("_operator",)

    _operator: Callable[..., Any] | None
    _plain_values = dict.fromkeys(ATOMS, ANYTHING)

    def __init__(self, name: str) -> None:
        self._path = name
        self._projection = True
        self._operator = None

    def get_type(self) -> Any:
        """
        Give what judges the values.

        Returns:
            A stand-in for a field, which takes anything.
        """
        return FREE_TYPE

    def __getattr__(self, name: str) -> FreeFormField:
        # Protocols (copy, pickle, inspect …) ask for such names to see whether they are there.
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        return self._subfield(name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """
        Apply the operator of this name to the field above: ``Q.items.size(3)``.

        Without the call ``Q.items.size`` is a field: only the call tells.

        Args:
            args: The operator's arguments.
            kwargs: The same, by name.

        Returns:
            What the operator gives.

        Raises:
            TypeError: There is no operator of this name.
        """
        if self._operator is None:
            name = self._path.rpartition(".")[2]
            instead = ELSEWHERE.get(name)
            raise TypeError(
                f"{self._path} is a field and cannot be called: there is no such operator."
                f"{f' {instead}' if instead else suggestion(name, dir(FreeFormField))}"
            )
        return self._operator(*args, **kwargs)

    def _subfield(self, name: str) -> FreeFormField:
        """Give the field of that name below this one."""
        return FreeFormField(f"{self._path}.{name}")

    def _wrapped(self, value: Any) -> Any:
        wrapped = own_value(value)
        if isinstance(wrapped, dict) and is_obeyed(wrapped):
            raise self._obeyed(wrapped)
        return wrapped

    def _literal(self, value: Any) -> Any:
        return own_value(value)

    def _at(self, position: str) -> Any:
        return self._subfield(position)

    def _projected(self, projection: Any) -> Any:
        field = FreeFormField(self._path)
        field._projection = projection
        return field

    def _yield_to_subfield(self, name: str, operator: Callable[..., Any]) -> Any:
        field = self._subfield(name)
        field._operator = operator
        return field


class FreeFormDoc:
    """
    A collection without a document class; every attribute is a `FreeFormField`.

    Args:
        name: The collection's name.

    Example:
        >>> Q.population > 1000
        QueryExpression({'population': {'$gt': 1000}})

    MongoDB manual:
        https://www.mongodb.com/docs/manual/tutorial/query-documents/
    """

    # The long name leaves every name that a stored field may have.
    __slots__ = ("__collection_name",)

    config_default_sort: ClassVar[None] = None

    def __init__(self, name: str) -> None:
        self.__collection_name = name

    def get_collection_name(self) -> str:
        """
        Give the collection's name.

        Returns:
            The name.
        """
        return self.__collection_name

    def base_query(self, exclude_subclasses: bool = False) -> dict[str, Any]:
        """
        Give the condition that every query on this collection has.

        Args:
            exclude_subclasses: Accepted as document classes do, without effect.

        Returns:
            None: an empty dict.
        """
        return {}

    def __getattr__(self, name: str) -> FreeFormField:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        return FreeFormField(name)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.__collection_name!r})"


Q = FreeFormDoc("Q")
"""The root of free-form fields: ``Q.any.name == 3``."""
