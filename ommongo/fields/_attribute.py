"""A field as an attribute of documents: how it is read, set and deleted."""

from __future__ import annotations

from collections.abc import Callable
from types import GenericAlias
from typing import TYPE_CHECKING, Any, ClassVar, Generic, overload

from ommongo import query_expression
from ommongo.exceptions import BadValueException
from ommongo.fields._overriding import inherits
from ommongo.fields._types import V
from ommongo.util import UNSET

if TYPE_CHECKING:
    from ommongo.query_expression import QueryField

__all__ = ["Attribute", "DataAttribute", "Following"]


class Attribute(Generic[V]):
    """
    What a `Field` is to Python: a descriptor.

    It has no ``__set__``, so that a value is found in the document's ``__dict__`` at the speed of
    any attribute; but see `DataAttribute`.
    """

    # Whether a value of this field can change without an assignment. An application's own field
    # may do anything with its values, so that is what a class counts as unless it says otherwise.
    _mutable_values: bool = True
    # Whether a loaded document keeps, from the start, what is stored of this field (see `State`).
    _is_packed: bool = False
    # How values are set and deleted where a subclass has its own way.
    _own_set: ClassVar[Callable[..., None] | None] = None
    _own_delete: ClassVar[Callable[..., None] | None] = None

    # Whether there are references in a value, for which documents may be given.
    _holds_references: bool = False

    _name: str = ""

    if not TYPE_CHECKING:
        # Type variables have defaults for the checkers alone, so here any number of types will do.
        __class_getitem__ = classmethod(GenericAlias)

    # Whether ``None`` stands for no value: it is never held, but reads where nothing is.
    optional: bool = False

    @classmethod
    def _find_own_ways(cls) -> None:
        """Find how values are set and deleted, where it is not as in any document."""
        own_set: Any = None
        if not inherits(cls, "__set__", DataAttribute) and hasattr(cls, "__set__"):
            own_set = cls.__set__
        elif not inherits(cls, "set_value", Attribute):
            own_set = cls.set_value
        cls._own_set = own_set
        if not inherits(cls, "__delete__", DataAttribute) and hasattr(cls, "__delete__"):
            cls._own_delete = cls.__delete__

    @classmethod
    def _settle_reading(cls) -> None:
        """Let Python ask the field on every read, where it may have something to say."""
        is_asked = (
            cls._mutable_values
            or not inherits(cls, "__get__", Attribute)
            or hasattr(cls, "__set__")
            or hasattr(cls, "__delete__")
        )
        if is_asked and not issubclass(cls, DataAttribute):
            changed: Any = cls
            changed.__bases__ = (*cls.__bases__, DataAttribute)

    if TYPE_CHECKING:
        _is_compound_id: bool

        def validate_wrap(self, value: Any) -> None: ...
        def _refuse_operators(self, value: Any) -> None: ...

        # For the checkers only: real ones would make every read slow.
        def __set__(self, instance: object, value: V) -> None: ...  # type: ignore[misc]  # see V
        def __delete__(self, instance: object) -> None: ...

    def __set_name__(self, owner: type[Any], name: str) -> None:
        # The first name holds: a class body may name a field again, as a dependency for instance,
        # and the metaclass refuses a second name for a field of a document.
        self._name = self._name or name

    @overload
    def __get__(self, instance: None, owner: type[Any]) -> QueryField[V]: ...
    @overload
    def __get__(self, instance: object, owner: type[Any]) -> V: ...
    def __get__(self, instance: Any, owner: type[Any]) -> Any:
        if instance is None:
            try:
                return owner._query_fields[self]
            except (AttributeError, KeyError):
                pass
            return self._query_field(owner)
        try:
            value = instance.__dict__[self._name]
        except KeyError:
            return instance._read_absent(self)
        if self._mutable_values and not (self._is_packed and type(instance._known) is bytes):
            instance._before_read(self)
        return value

    def _query_field(self, owner: type[Any]) -> QueryField[V]:
        """Give the query field of this field on *owner*, made once for each class."""
        made: QueryField[V] = query_expression.QueryField(self, owner=owner)
        fields = owner.__dict__.get("_query_fields")
        if fields is not None:  # no mixin, but a document
            fields[self] = made
        return made

    def set_value(self, instance: Any, value: Any, from_db: bool = False) -> None:
        """
        Put a value into a document.

        Args:
            instance: The document.
            value: The value, in its Python form.
            from_db: Whether it was loaded (and so is checked already, and no change) or assigned.

        Raises:
            BadValueException: The value was assigned and is refused.
        """
        if not from_db:
            instance._assign(self, value)
        elif value is None and self.optional:
            instance._unset(self._name)
        else:
            instance.__dict__[self._name] = value

    def _put(self, instance: Any, value: Any) -> None:
        """Put a value into a document that keeps account of the change itself."""
        if value is None and self.optional:
            if instance._is_family:
                instance._check_identity_value(self._name, UNSET)
            instance._unset(self._name)
            return
        try:
            value = self._given(value, instance)
        except BadValueException as error:
            if value is None:
                raise query_expression.none_refused(error) from error
            raise
        if instance._is_family:
            instance._check_identity_value(self._name, value)
        instance.__dict__[self._name] = value

    def _given(self, value: Any, holder: Any) -> Any:
        """Give what a document holds of a value that it is given, or refuse that."""
        value = self._kept(value)
        if self._holds_references:
            value = self._with_references(value, holder)
        self.validate_wrap(value)
        if self._is_compound_id:
            self._refuse_operators(value)
        return value

    def _kept(self, value: Any) -> Any:
        """Give the form in which a document keeps *value*: as it is, unless reading uses it up."""
        return value

    def _with_references(self, value: Any, holder: Any = None) -> Any:
        """
        Give what an application gave, with the references that it stands for.

        Args:
            value: The value; documents and other forms of an id stand for references.
            holder: The document that is to hold it, if there is one.
        """
        return value

    def _value_to_store(self, instance: Any) -> Any:
        """Give the value of a document that is about to be stored, or `UNSET`."""
        try:
            value = instance.__dict__[self._name]
        except KeyError:
            return instance._default_of(self)
        return UNSET if value is None and self.optional else value


class DataAttribute:
    """
    The last base of a field class that Python has to ask on every read.

    With a ``__set__`` Python asks ``__get__`` first, and does not look into ``__dict__``. To one
    that overrides ``__set__`` or ``__delete__`` these are what ``super()`` gives.
    """

    __slots__ = ()

    def __set__(self, instance: Any, value: Any) -> None:
        field: Any = self
        field.set_value(instance, value)

    def __delete__(self, instance: Any) -> None:
        instance._delete(self)


class Following:
    """
    An attribute that follows references, as ``rel()`` of their field gives it.

    Attributes:
        field: The field of the references.
    """

    field: Any
