"""Values that are computed from others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, overload

from ommongo._spelling import an
from ommongo.exceptions import BadFieldSpecification, BadValueException, FieldNotRetrieved
from ommongo.fields._compound import CompoundField
from ommongo.fields._settings import check_field
from ommongo.fields._signatures import also_named
from ommongo.fields._types import V
from ommongo.fields._written import Name
from ommongo.fields.base import Field
from ommongo.util import UNSET

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ommongo.fields._types import Options, OrNone
    from ommongo.fields.choice import AnythingField
    from ommongo.query_expression import QueryField

__all__ = ["ComputedField", "computed_field"]

T = TypeVar("T")

Values = dict[str, Any]
"""What the function of a computed field gets: the values of its *deps* by name."""


class ComputedField(CompoundField[V]):
    """
    A value that a function computes from other fields; see `computed_field`.

    It is computed on every read, and stored with the document so that it can be queried. With
    *one_time* it is computed once, then kept and stored.

    Args:
        computed_field: The field of the result, which judges and converts it.
        fun: The function; it gets a dict of the values of *deps* by name.
        one_time: Whether to compute once.
        deps: The fields (or their names) that the function needs.
        kwargs: The options of every field, see `Field`. With *optional*, here or of the result's
            field, the function may give ``None``: nothing is then stored, and with *one_time* it is
            asked again at the next reading.

    Raises:
        BadFieldSpecification: *computed_field* is no field, or one of *deps* neither a field nor a
            name. A dependency that is no field of the class: when the class is declared.

    Example:
        >>> from ommongo import IntField
        >>> ComputedField(IntField(), lambda values: 3, one_time=True).one_time
        True

    MongoDB manual:
        https://www.mongodb.com/docs/manual/core/document/
    """

    _is_computed = True

    @overload
    def __init__(
        self: ComputedField[T],
        computed_field: Field[T],
        fun: Callable[[Values], Any],
        one_time: bool = False,
        deps: Iterable[Field[Any] | str] | None = None,
        **options: Unpack[Options[T]],
    ) -> None: ...
    @overload
    def __init__(
        self: ComputedField[T | None],
        computed_field: Field[T],
        fun: Callable[[Values], Any],
        one_time: bool = False,
        deps: Iterable[Field[Any] | str] | None = None,
        **options: Unpack[OrNone[T]],
    ) -> None: ...
    @also_named(computed_field="computed_type")
    def __init__(
        self,
        computed_field: Field[Any],
        fun: Callable[[Values], Any],
        one_time: bool = False,
        deps: Iterable[Field[Any] | str] | None = None,
        **kwargs: Any,
    ) -> None:
        check_field(computed_field, f"{type(self).__name__}: computed_field")
        if computed_field.optional:
            kwargs["optional"] = True  # it is the same value
        super().__init__(**kwargs)
        self.computed_type = computed_field
        self.fun = fun
        self.one_time = one_time
        self._mutable_values = computed_field._mutable_values
        self.is_sequence_field: bool = computed_field.is_sequence_field
        self._has_keys = computed_field._has_keys
        if self.is_sequence_field:
            self.item_field: Field[Any] = getattr(computed_field, "item_field", computed_field)
        self._deps = _checked_deps(type(self).__name__, deps)
        self._sent_with_changes = not self._deps and not one_time
        self.__doc__ = fun.__doc__

    @property
    def deps(self) -> list[str]:
        """The names of the fields that the function needs."""
        return [dep if isinstance(dep, str) else dep._name for dep in self._deps]

    @property
    def has_subfields(self) -> bool:
        """Whether there are fields below: those of the result's field."""
        return self.computed_type.has_subfields

    def subfields(self) -> Mapping[str, Field[Any]]:
        """Give the fields below the result's field by Python name."""
        return self.computed_type.subfields()

    def _part(self, name: str, stored: bool) -> tuple[str, Any] | None:
        return self.computed_type._part(name, stored)

    def schema_json(self) -> dict[str, Any]:
        """
        Describe this field.

        Returns:
            The settings of every field, ``computed_type`` (the schema of the result's field),
            ``one_time`` and ``deps`` (a list of names).
        """
        return {
            **super().schema_json(),
            "computed_type": self.computed_type.schema_json(),
            "one_time": self.one_time,
            "deps": self.deps,
        }

    def wrap_value(self, value: Any) -> Any:
        """
        Turn a value into what a query compares with.

        Args:
            value: What the result's field takes in a query.

        Returns:
            The BSON-ready value.

        Raises:
            BadValueException: The field can hold no such value.
        """
        if value is None and self._allow_none:
            return None
        return self._each(value, "wrap_value")

    def _set_owner(self, owner: Any) -> None:
        super()._set_owner(owner)
        for name in self.deps:
            if name not in owner._fields:
                raise BadFieldSpecification(
                    f"{owner.__name__}.{self._name} depends on {name or 'a field'!r}, which is no "
                    f"field of {owner.__name__}. Name attributes of the class in deps."
                )
        if self._deps and not any(owner._fields[name].counts_version for name in self.deps):
            self.counts_version = False  # it changes with what does not count

    _places_loaded = True

    def _loaded_source(self, value: str, name: Name) -> str:
        return self.computed_type._loaded_test(value, name)

    def _inner_fields(self) -> tuple[Field[Any], ...]:
        return (self.computed_type,)

    def _renewal(self) -> tuple[str, Any] | None:
        if not self._sent_with_changes or self.on_update == "ignore":
            return None
        value = self.wrap(self._kept(self.fun({})))
        return ("$unset", True) if value is None and self.optional else ("$set", value)

    def _kept(self, value: Any) -> Any:
        kept = self.computed_type._kept(value)
        return self._with_references(kept) if self._holds_references else kept

    @overload
    def __get__(self, instance: None, owner: type[Any]) -> QueryField[V]: ...
    @overload
    def __get__(self, instance: object, owner: type[Any]) -> V: ...
    def __get__(self, instance: Any, owner: type[Any]) -> Any:
        if instance is None:
            return self._query_field(owner)
        held = instance.__dict__.get(self._name, UNSET)
        if self.one_time and held is not UNSET:
            if self._mutable_values:
                instance._before_read(self)
            return held
        if not instance._is_retrieved(self._name):
            return instance._read_absent(self)
        return self._compute(instance, self._dependencies(instance))

    def _dependencies(self, instance: Any) -> dict[str, Any] | None:
        """Give what the function needs; ``None`` where the loaded result has to serve."""
        try:
            return {name: self._dependency(instance, name) for name in self.deps}
        except FieldNotRetrieved:
            # A partial document that loaded the result, but nothing that it is computed from.
            held = instance.__dict__
            if self._name not in held or not held.keys().isdisjoint(self.deps):
                raise
            return None

    def _dependency(self, instance: Any, name: str) -> Any:
        """Give the value of one dependency; one that is computed itself need not be retrieved."""
        dep = type(instance)._fields[name]
        if isinstance(dep, ComputedField) and not (dep.one_time or instance._is_retrieved(name)):
            return dep._compute(instance, dep._dependencies(instance))
        return getattr(instance, name)

    def _compute(self, instance: Any, values: dict[str, Any] | None) -> Any:
        """Give the result of the function, judged."""
        if values is None:
            return instance.__dict__[self._name]
        value = self._kept(self.fun(values))
        try:
            self.validate_wrap(value)
        except BadValueException as error:
            self._fail_validation(
                value,
                f"is computed, and its function gave {an(type(value).__name__)} that its field "
                f"refuses ({error}). Correct the function, or the field of its result.",
                error,
            )
        if self.one_time and not (value is None and self.optional):
            instance.__dict__[self._name] = value
        return value

    def set_value(self, instance: Any, value: Any, from_db: bool = False) -> None:
        """
        Put a value into a document; one that is not *one_time* still reads as computed.

        Args:
            instance: The document.
            value: The value, in its Python form.
            from_db: Whether it was loaded (and so is checked already) or assigned.

        Raises:
            BadValueException: The value is refused, or was computed once and is assigned again.
        """
        if self.one_time and not from_db and self._name in instance.__dict__:
            self._fail_validation(
                value,
                f"is computed once and has its value, so it takes no other {type(value).__name__}. "
                f"Leave it as it is, or declare the field without one_time.",
            )
        super().set_value(instance, value, from_db)

    def _value_to_store(self, instance: Any) -> Any:
        if self.one_time:
            held = instance.__dict__.get(self._name, UNSET)
            if held is not UNSET:
                return held
            if not instance._is_retrieved(self._name):
                return UNSET  # another one may be stored
        try:
            values = self._dependencies(instance)
        except AttributeError:
            return UNSET  # what is needed is not set
        value = self._compute(instance, values)
        return UNSET if value is None and self.optional else value


def _checked_deps(
    owner: str, deps: Iterable[Field[Any] | str] | None
) -> tuple[Field[Any] | str, ...]:
    """Give the dependencies of a computed field, each a field or a name."""
    if deps is None:
        return ()
    if isinstance(deps, (str, Field)):
        raise BadFieldSpecification(
            f"{owner}: deps is {an(type(deps).__name__)}. Pass a list, also for one dependency."
        )
    checked = tuple(deps)
    for dep in checked:
        if not isinstance(dep, (str, Field)):
            raise BadFieldSpecification(
                f"{owner}: deps holds {an(type(dep).__name__)}. Name fields of the class: the "
                f"attributes of its body, or their names."
            )
    return checked


@overload
def computed_field(
    field: AnythingField,
    deps: Iterable[Field[Any] | str] | None = ...,
    one_time: bool = ...,
    **options: Unpack[OrNone[Any]],
) -> Callable[[Callable[[Any], T]], ComputedField[T]]: ...
@overload
def computed_field(
    field: Field[T],
    deps: Iterable[Field[Any] | str] | None = ...,
    one_time: bool = ...,
    **options: Unpack[Options[T]],
) -> Callable[[Callable[[Any], T]], ComputedField[T]]: ...
@overload
def computed_field(
    field: Field[T],
    deps: Iterable[Field[Any] | str] | None = ...,
    one_time: bool = ...,
    **options: Unpack[OrNone[T]],
) -> Callable[[Callable[[Any], T | None]], ComputedField[T | None]]: ...
def computed_field(
    field: Field[Any],
    deps: Iterable[Field[Any] | str] | None = None,
    one_time: bool = False,
    **kwargs: Any,
) -> Callable[[Callable[[Values], Any]], ComputedField[Any]]:
    """
    Make a field of a function that computes its value.

    Args:
        field: The field of the result, which judges and converts it.
        deps: The fields (or their names) that the function needs.
        one_time: Whether to compute once; the value is then kept and stored.
        kwargs: The options of every field, see `Field`.

    Returns:
        A decorator. The function gets a dict of the values of *deps* by name.

    Raises:
        BadFieldSpecification: *field* is no field, or one of *deps* neither a field nor a name. A
            dependency that is no field of the class: when the class is declared.

    Example:
        >>> from ommongo import Document, IntField
        >>> class Rectangle(Document):
        ...     width = IntField()
        ...     height = IntField()
        ...     @computed_field(IntField(), deps=[width, height])
        ...     def area(values):
        ...         return values["width"] * values["height"]
        >>> Rectangle(width=3, height=4).area
        12

    MongoDB manual:
        https://www.mongodb.com/docs/manual/core/document/
    """

    if callable(field) and not isinstance(field, (type, Field)):
        raise BadFieldSpecification(
            f"computed_field() was given the function {getattr(field, '__name__', '')}. Call it "
            f"with the field of the result: @computed_field(IntField(), deps=[...])."
        )

    def decorate(fun: Callable[[Values], Any]) -> ComputedField[Any]:
        return ComputedField(field, fun, one_time=one_time, deps=deps, **kwargs)

    return decorate
