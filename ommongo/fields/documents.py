"""Embedded documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, overload

from ommongo._registry import class_by_name
from ommongo._spelling import an
from ommongo.exceptions import BadFieldSpecification, BadValueException, FieldNotRetrieved
from ommongo.fields._compound import CompoundField
from ommongo.fields._refusal import DATA_ERRORS, located
from ommongo.fields._signatures import also_named
from ommongo.fields._types import V
from ommongo.fields._written import Name, is_of_types
from ommongo.fields.base import Field
from ommongo.util import UNSET

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ommongo.fields._types import Options, OrNone

__all__ = ["DocumentField"]

D = TypeVar("D")


class _HoldingClass:
    """Gives the class of a field under its old name, which is that of a builtin too."""

    @property
    def type(self) -> Any:
        """The document class."""
        return self.document_class

    @property
    def document_class(self) -> Any:
        """The document class."""
        raise NotImplementedError


class DocumentField(_HoldingClass, CompoundField[V]):
    """
    A document within the document.

    Args:
        cls_or_name: The document class, or its name: a class may hold itself, or one that is
            declared later. A name is looked up when it is first needed, in the namespace
            (``config_namespace``) of the class that declares the field.
        kwargs: The options of every field, see `Field`.

    Raises:
        BadFieldSpecification: *cls_or_name* is neither a document class nor text.

    Example:
        >>> from ommongo import Document, StringField
        >>> class Address(Document):
        ...     city = StringField()
        >>> class Person(Document):
        ...     address = DocumentField(Address)
        >>> Person(address=Address(city="Surabaya")).wrap()
        {'address': {'city': 'Surabaya'}}

    MongoDB manual:
        https://www.mongodb.com/docs/manual/core/data-modeling-introduction/#embedded-data
    """

    @overload
    def __init__(
        self: DocumentField[D],
        cls_or_name: type[D],
        **options: Unpack[Options[D]],
    ) -> None: ...
    @overload
    def __init__(
        self: DocumentField[D | None],
        cls_or_name: type[D],
        **options: Unpack[OrNone[D]],
    ) -> None: ...
    @overload
    def __init__(self, cls_or_name: str, **options: Unpack[OrNone[Any]]) -> None: ...
    @also_named(cls_or_name="document_class")
    def __init__(self, cls_or_name: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._class: Any = None
        self._class_name = ""
        # Where to look the name up; UNSET: in the namespace of the class that declares the field.
        self._namespace: Any = UNSET
        if isinstance(cls_or_name, str):
            self._class_name = cls_or_name
        elif isinstance(cls_or_name, type) and hasattr(cls_or_name, "_unwrap_relative"):
            self._class = cls_or_name
        else:
            raise BadFieldSpecification(
                f"{type(self).__name__}: {cls_or_name!r} is no document class. Pass a subclass of "
                f"Document, or its name."
            )

    @property
    def document_class(self) -> Any:
        """The class of the embedded documents; `BadFieldSpecification` if its name is unknown."""
        if self._class is None:
            namespace = self._namespace
            if namespace is UNSET:
                namespace = "global" if self._owner is None else self._owner.config_namespace
            self._class = class_by_name(namespace, self._class_name)
        return self._class

    @property
    def _known_class(self) -> Any:
        """The same class; ``None`` as long as its name is unknown."""
        try:
            return self._class or self.document_class
        except BadFieldSpecification:
            return None

    @property
    def has_autoload(self) -> bool:
        """Whether `unwrap` may need the session: the embedded document is bound to it."""
        return True

    @property
    def has_subfields(self) -> bool:
        """Whether there are fields below: those of the embedded document."""
        return True

    def subfields(self) -> Mapping[str, Field[Any]]:
        """Give the fields of the embedded document, and of its subclasses, by Python name."""
        fields: Mapping[str, Field[Any]] = self.document_class._family_fields()
        return fields

    def _part(self, name: str, stored: bool) -> tuple[str, Any] | None:
        found: tuple[str, Any] | None = self.document_class._part(name, stored, embedded=True)
        return found

    def schema_json(self) -> dict[str, Any]:
        """
        Describe this field.

        Returns:
            The settings of every field, and ``subtype``: ``'namespace:ClassName'``.
        """
        cls = self.document_class
        return {
            **super().schema_json(),
            "subtype": f"{cls.config_namespace}:{cls.class_name()}",
        }

    def _given_source(self, value: str, name: Name) -> str:
        cls = self._known_class
        return "" if cls is None else is_of_types(value, (cls,), name)

    def _check(self, value: Any) -> None:
        # First the class: with a name that is unknown nothing can be said about any value.
        cls = self.document_class
        if not isinstance(value, cls):
            self._fail_validation_type(value, cls, advice="Pass an instance of that class.")
        if type(value) is not cls and not _loads_as(cls, type(value)):
            self._fail_validation(
                value,
                f"takes {an(cls.__name__)}, and what is stored of {an(type(value).__name__)} would "
                f"not tell that it is one, so it could not be loaded. Give {cls.__name__} a "
                f"config_polymorphic and both a config_polymorphic_identity, or declare the field "
                f"as a DocumentField({type(value).__name__}).",
            )

    def _check_stored(self, value: Any) -> None:
        self.document_class  # noqa: B018 - as in _check
        if not isinstance(value, Mapping):
            self._fail_validation_type(value, dict)

    def wrap_value(self, value: Any) -> Any:
        """
        Turn a value into what a query compares with.

        Args:
            value: A document; a partial one equals nothing that is stored.

        Returns:
            The BSON-ready value.

        Raises:
            BadValueException: The value is no document of the class.
            FieldNotRetrieved: It is partial.
        """
        wrapped = self.wrap(value)
        if value is not None and not value._is_whole():
            owner = type(value).__name__
            raise FieldNotRetrieved(
                f"This {owner} is partial, so nobody knows what a stored one would be equal to. "
                f"Compare the fields that it has.",
                document_class=owner,
            )
        return wrapped

    def _validate_parts(self, value: Any) -> None:
        """Leave the embedded document's values alone: it judged them when they were set."""

    def _validate_stored_parts(self, value: Any) -> None:
        cls = self.document_class.get_subclass(value) or self.document_class
        for field in cls._fields.values():
            if field.db_field in value:
                try:
                    field.validate_unwrap(value[field.db_field])
                except BadValueException as error:
                    raise error.within(self._name) from error

    def _refuse_operators(self, value: Any) -> None:
        super()._refuse_operators(value._partial_wrap())

    def _with_references(self, value: Any, holder: Any = None) -> Any:
        return value  # an embedded document has made those that it holds

    def _wrap_parts(self, value: Any, action: str = "wrap") -> Any:
        if self.is_id:
            stored = value._kept_whole()
            if stored is not UNSET:
                return stored
        try:
            return value._wrap_whole() if action == "wrap" else value._partial_wrap()
        except BadValueException as error:
            raise error.within(self._name) from error

    def _steady(self, stored: Any) -> Any:
        if not isinstance(stored, Mapping):
            return stored
        fields = (self.document_class.get_subclass(stored) or self.document_class)._by_db_field
        return {
            name: fields[name]._steady(value) if name in fields else value
            for name, value in stored.items()
            if name not in fields or not fields[name]._sent_with_changes
        }

    def _unwrap_parts(self, value: Any, session: Any) -> Any:
        try:
            document = self.document_class._unwrap_relative(value, session)
        except DATA_ERRORS as error:
            raise located(error, self._name, value) from error
        if self.is_id:
            document._keep_whole(value)
        return document


def _loads_as(cls: Any, own: Any) -> bool:
    """
    Whether what is stored of an object is loaded as that, or as something with the same fields.

    Args:
        cls: The class that the field is declared with.
        own: The object's, a subclass.
    """
    if cls._overrides_subclass or cls._overrides_transform:
        return True  # the application tells classes its own way
    if cls._selector.find(own._identities).cls is own:
        return True
    is_more_open = own.config_extra_fields != cls.config_extra_fields
    return not is_more_open and [*own._fields.values()] == [*cls._fields.values()]
