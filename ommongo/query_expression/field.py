"""Query fields: what ``User.age`` is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Generic

from ommongo._cycles import refuse_endless
from ommongo._ownership import Roots
from ommongo._spelling import NOT_FOLLOWED, suggestion
from ommongo.exceptions import BadQueryException, BadValueException
from ommongo.query_expression._conditions import is_obeyed
from ommongo.query_expression._habits import ELSEWHERE
from ommongo.query_expression._names import is_position
from ommongo.query_expression._none import none_refused
from ommongo.query_expression._translation import own_value
from ommongo.query_expression._types import V
from ommongo.query_expression.array import Array
from ommongo.query_expression.comparison import Comparison
from ommongo.query_expression.element import Element
from ommongo.query_expression.evaluation import Evaluation
from ommongo.query_expression.geospatial import Geospatial
from ommongo.query_expression.projection import Projection

__all__ = ["QueryField"]


class QueryField(Comparison[V], Element, Evaluation, Geospatial, Array[V], Projection, Generic[V]):
    """
    A field of a document class, as queries and updates name it.

    Reading a field on its class gives one (``User.age``); fields of embedded documents, also of
    those in lists, are its attributes (``User.address.city``). Any other attribute is that of the
    underlying field (``User.age.db_field``). A query field never changes: its methods give
    expressions, or other query fields.

    Args:
        field: The underlying field.
        parent: The query field through which this one is reached.
        owner: The class on which it is read, for error messages: that of the field by default.

    Example:
        >>> from ommongo import Document, IntField
        >>> class Person(Document):
        ...     age = IntField(db_field="a")
        >>> (Person.age > 3).obj
        {'a': {'$gt': 3}}
        >>> Person.age
        QueryField(a)
        >>> Person.age.required
        True

    MongoDB manual:
        https://www.mongodb.com/docs/manual/tutorial/query-documents/
    """

    __slots__ = ("_children", "_field", "_parent", "_plain_values", "_read_on", "_roots", "_wrap")

    _field: Any
    _parent: QueryField[Any] | None
    _read_on: Any
    _wrap: Callable[[Any], Any]
    _children: dict[str, QueryField[Any]]
    _roots: Roots

    def __init__(
        self, field: Any, parent: QueryField[Any] | None = None, *, owner: Any = None
    ) -> None:
        name = field.db_field
        path = name if parent is None else f"{parent._path}.{name}"
        self._set_up(field, parent, path, owner=owner)

    def _set_up(
        self,
        field: Any,
        parent: QueryField[Any] | None,
        path: str,
        *,
        projection: Any = True,
        owner: Any = None,
    ) -> None:
        """Fill a new query field; nothing but the cache of sub-fields changes afterwards."""
        self._field = field
        self._parent = parent
        self._path = path
        self._projection = projection
        self._read_on = owner
        self._roots = (owner, field) if parent is None else parent._roots
        self._wrap = field.wrap_value
        self._plain_values = field._plain_values()
        self._children = {}

    @classmethod
    def _made(
        cls, field: Any, parent: QueryField[Any] | None, path: str, **settings: Any
    ) -> QueryField[Any]:
        """Make a query field whose name is not that of its field."""
        made = cls.__new__(cls)
        made._set_up(field, parent, path, **settings)
        return made

    def get_type(self) -> Any:
        """
        Give the underlying field.

        Returns:
            The field as the document class declares it; below `matched_index` and its kin, the
            field of the items.
        """
        return self._field

    def _get_parent(self) -> QueryField[Any] | None:
        """Give the query field through which this one was reached."""
        return self._parent

    def __getattr__(self, name: str) -> Any:
        # Protocols (copy, pickle, inspect …) ask for such names to see whether they are there.
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        child = self._declared(name)
        if child is not None:
            return child
        field = self._field
        try:
            return getattr(field, name)
        except AttributeError:
            key = self._subfield(name) if field._has_keys else None
            if key is not None:
                return key
            if field.has_subfields:
                raise BadQueryException(
                    f"{self._path}.{name} is no field: nothing in {self._path} has this name."
                    f"{_meant(name, field.subfields())} Names are the attribute names of the "
                    f"embedded document."
                ) from None
            raise AttributeError(
                f"{self._path} ({type(field).__name__}) has no field and no attribute "
                f"{name!r}.{NOT_FOLLOWED if _asks_target(field, name) else _meant(name, ())}"
            ) from None

    def _declared(self, name: str) -> QueryField[Any] | None:
        """Give the field of that Python name (or position) below this one, if one is declared."""
        field = self._field
        if field.has_subfields or (field.is_sequence_field and is_position(name)):
            return self._subfield(name)
        return None

    def _subfield(self, name: str) -> QueryField[Any] | None:
        """Give what that Python name, position or key means below this field, if anything."""
        found = self._field._part(name, False)
        if found is None:
            return None
        stored, below = found
        child = self._children.get(name)
        if child is None or child._field is not below:  # its class may have been declared anew
            child = QueryField._made(below, self, f"{self._path}.{stored}")
            if below._name:  # keys of dicts may be any, and without end
                self._children[name] = child
        return child

    def _wrapped(self, value: Any) -> Any:
        is_plain = self._plain_values.get(type(value))
        if is_plain is not None and is_plain(value):
            return value
        wrapped = self._literal(value)
        if is_obeyed(wrapped):
            raise self._obeyed(wrapped)
        return wrapped

    def _literal(self, value: Any) -> Any:
        """Give a value in its stored form, whatever the server might make of it."""
        try:
            return own_value(self._wrap(value))
        except BadValueException as error:
            path = self._python_path(bool(error.name))
            refusal = error
            if value is None:
                refusal = none_refused(error, "Ask for what is missing by exists(False).")
            raise refusal.within(path) from error
        except RecursionError as error:
            refuse_endless(value, error, self._python_path(False))

    def _python_path(self, of_holder: bool) -> str:
        """Give the path for an error message: that of what holds this field, or its own."""
        names = []
        level: QueryField[Any] = self
        while True:
            names.append(level._field._name or level._path.rpartition(".")[2])
            if level._parent is None:
                break
            level = level._parent
        owner = level._read_on or level._field._owner
        if owner is not None:
            names.append(owner.__name__)
        return ".".join(reversed(names[1:] if of_holder else names))

    def _at(self, position: str) -> Any:
        field = getattr(self._field, "item_field", self._field)
        return QueryField._made(field, self, f"{self._path}.{position}")

    def _projected(self, projection: Any) -> Any:
        made = QueryField._made(
            self._field, self._parent, self._path, projection=projection, owner=self._read_on
        )
        made._roots = self._roots
        return made

    def _yield_to_subfield(self, name: str, operator: Callable[..., Any]) -> Any:
        child = self._declared(name)
        return operator if child is None else child


def _asks_target(field: Any, name: str) -> bool:
    """Tell whether a name below a reference is one of what it leads to, and no operator."""
    return getattr(field, "_holds_references", False) and name not in ELSEWHERE


def _meant(name: str, fields: Iterable[str]) -> str:
    """Say what a name that is none may have meant: an operator of this library, or a field."""
    if name in ELSEWHERE:
        return f" {ELSEWHERE[name]}"
    operators = (known for known in dir(QueryField) if not known.startswith("_"))
    return suggestion(name, (*fields, *operators))
