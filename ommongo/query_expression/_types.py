"""What type checkers know of operators: which values a query field is compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from typing import Concatenate, Generic, ParamSpec, Protocol, overload

    from bson.dbref import DBRef
    from bson.objectid import ObjectId
    from typing_extensions import TypeVar as TypeVarWithDefault

    from ommongo.query_expression.comparison import Comparison

    # The type of a field's values; covariant, so that one signature is for a list and for one that
    # may be None. It is never used to put a value in.
    V = TypeVarWithDefault("V", default=Any, covariant=True)
    T = TypeVar("T")

    class Referable(Protocol):
        """A document, which stands for its reference."""

        def to_ref(self) -> DBRef: ...

    # What is stored as an array: it is compared with an item, or with a whole.
    Several = list[T] | set[T] | tuple[T, ...] | None
    Whole = list[T] | tuple[T, ...] | set[T] | frozenset[T]
    # An id or a reference: it is compared with whatever leads to it.
    Reference = ObjectId | DBRef | None
    Referring = ObjectId | DBRef | Referable | str | bytes

    P = ParamSpec("P")
    R = TypeVar("R")

    class Yielding(Generic[P, R]):
        """An operator, or a field of that name where documents are embedded."""

        @overload
        def __get__(
            self, field: Comparison[Referable | Collection[Referable] | None], owner: type[Any]
        ) -> Any: ...
        @overload
        def __get__(self, field: None, owner: type[Any]) -> Callable[Concatenate[Any, P], R]: ...
        @overload
        def __get__(self, field: object, owner: type[Any]) -> Callable[P, R]: ...
        def __get__(self, field: Any, owner: type[Any]) -> Any: ...

else:
    V = TypeVar("V")

__all__ = ["Reference", "Referring", "Several", "V", "Whole", "Yielding"]
