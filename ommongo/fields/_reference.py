"""What fields of references have in common."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, overload

from bson.dbref import DBRef

from ommongo._spelling import an
from ommongo.exceptions import (
    BadFieldSpecification,
    BadValueException,
    UnsavedReferenceException,
)
from ommongo.fields._scalar import ScalarField
from ommongo.fields._settings import check_item
from ommongo.fields._types import Rel, V
from ommongo.fields.base import Field
from ommongo.fields.documents import DocumentField
from ommongo.fields.proxies import Proxy, check_target
from ommongo.util import UNSET

if TYPE_CHECKING:
    from ommongo.fields._types import Reference

__all__ = ["ReferenceField", "is_document", "takes_id", "wanted_of"]

T = TypeVar("T")


def is_document(value: Any) -> bool:
    """Tell whether a value is a document, of whatever class."""
    return hasattr(type(value), "to_ref")


def takes_id(field: Field[Any], value: Any) -> bool:
    """Tell whether a field of ids takes a value for one; a field of anything, no reference."""
    is_reference = is_document(value) or isinstance(value, DBRef)
    return not (is_reference and field._is_verbatim) and field.is_valid_wrap(value)


def wanted_of(cls: Any, error: BadValueException) -> str:
    """Say what a reference takes, with what the field of the ids says of a value."""
    return f"takes {cls.__name__} or its _id, which {error.reason}"


class ReferenceField(ScalarField[V], Generic[Rel, V]):
    """
    What `RefField` and `SRefField` share: a class that they refer to.

    Args:
        target: The class, its name, a `DocumentField`, or ``None`` for any class.
        kwargs: The options of every field, see `Field`.
    """

    def __init__(self, target: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if target is None or isinstance(target, DocumentField):
            if target is not None:
                check_item(target, f"{type(self).__name__}: type")
            self._document_field = target
        elif isinstance(target, Field):
            raise BadFieldSpecification(
                f"{type(self).__name__}: {an(type(target).__name__)} names no document class. Pass "
                f"a subclass of Document, its name, or a DocumentField of it."
            )
        else:
            self._document_field = DocumentField(target)

    _holds_references = True
    _leads_elsewhere = True

    if TYPE_CHECKING:  # as in `Attribute`

        def __set__(self, instance: object, value: V | Rel | Reference) -> None: ...

    @property
    def type(self) -> Any:
        """The field of the class that is referred to; ``None`` where it may be any."""
        return self._document_field

    @property
    def target_class(self) -> Any:
        """The class that is referred to, or ``None`` where it may be any."""
        return None if self._document_field is None else self._document_field.document_class

    @property
    def has_autoload(self) -> bool:
        """Whether `unwrap` may need the session: references are followed through it."""
        return True

    @overload
    def rel(self, *, allow_none: Literal[False] = ...) -> Proxy[Rel]: ...
    @overload
    def rel(self, *, allow_none: bool) -> Proxy[Rel | None]: ...
    @overload
    def rel(
        self: ReferenceField[Any, Reference],
        target: builtins.type[T],
        *,
        allow_none: Literal[False] = ...,
    ) -> Proxy[T]: ...
    @overload
    def rel(self, target: builtins.type[T], *, allow_none: bool = ...) -> Proxy[T | None]: ...
    def rel(self, target: Any = None, allow_none: bool = False) -> Proxy[Any]:
        """
        Make an attribute that follows this reference.

        Reading it loads the object; assigning an object to it stores the reference.

        Args:
            target: The class that is referred to, for type checkers, where the field has its name
                alone or no class.
            allow_none: Whether a reference that leads nowhere reads as ``None``.

        Returns:
            The attribute, for the class body.

        Example:
            >>> from ommongo import Document, SRefField
            >>> class Employee(Document):
            ...     boss_id = SRefField("Employee", required=False)
            ...     boss = boss_id.rel()
        """
        if isinstance(target, bool):  # as it could always be given
            target, allow_none = None, target
        check_target(self, target)
        return Proxy(self, allow_none=allow_none)

    def _with_references(self, value: Any, holder: Any = None) -> Any:
        """
        Give the reference that a value stands for; any other value as it is, to be judged.

        Args:
            value: A reference, a document, or what the ``_id`` field of its class takes.
            holder: The document that is to hold the reference, if there is one.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define _with_references()")

    def wrap_value(self, value: Any) -> Any:
        """
        Turn a value into what a query compares with.

        Args:
            value: A reference, or what stands for one.

        Returns:
            The BSON-ready value.

        Raises:
            BadFieldSpecification: The class is not known, so nobody knows what *value* stands for.
            BadValueException: It is none to the class.
        """
        return self.wrap(self._with_references(value))

    def _ask_validators(self, value: Any, *, storing: bool) -> None:
        # They judge references, in whatever form these were given.
        super()._ask_validators(self._with_references(value) if storing else value, storing=storing)

    def _inner_fields(self) -> tuple[Field[Any], ...]:
        return () if self._document_field is None else (self._document_field,)

    @property
    def _is_unknown(self) -> bool:
        """Whether the class is given by a name that nothing has, so that nothing is followed."""
        return self._document_field is not None and self._document_field._known_class is None

    @staticmethod
    def _database_of(document: Any, holder: Any) -> str | None:
        """Give the database of *document*, by name, if that is another one than *holder*'s."""
        home = document._home()
        if home is None:
            return None
        there = None
        if holder is not None:
            there = holder._home() or home.of(holder._get_session(), home.collection)
        if there is None:  # the holder may come to be stored anywhere
            name: str | None = document.to_ref().database
            return name
        return None if there.is_beside(home) else home.database

    def _followed_from(self, value: Any, holder: Any) -> Any:
        """Give a value of this field as what leads from its *holder* to the document."""
        ref, database = self._as_dbref(value), holder._database()
        if ref.database is None and database is not None:
            return DBRef(ref.collection, ref.id, database)
        return ref

    def _as_dbref(self, value: Any) -> DBRef:
        """Give a value of this field as what can be followed."""
        raise NotImplementedError(f"{type(self).__name__} does not define _as_dbref()")

    def _check_document(self, document: Any) -> None:
        """Refuse a document that this field cannot refer to."""
        cls, kind = self.target_class, type(document).__name__
        if cls is not None and not isinstance(document, cls):
            self._fail_validation_type(
                document, cls, advice=f"Refer to {an(cls.__name__)}, or correct the field's type."
            )
        if document._id_value() is UNSET:
            raise UnsavedReferenceException(
                self._name,
                document,
                f"refers to a document by its _id, and this {kind} has no _id yet. Save it, add it "
                f"to a session, or give it an _id first.",
            )
