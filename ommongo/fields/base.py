"""What every field can do: be declared, judge a value, turn it into BSON and back."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, NoReturn

from ommongo.exceptions import BadValueException, InvalidConfigException
from ommongo.fields._attribute import Attribute, DataAttribute
from ommongo.fields._checks import check_functions, check_index_options
from ommongo.fields._optional import check_optional, says_optional
from ommongo.fields._overriding import guard
from ommongo.fields._types import V
from ommongo.fields._written import Written
from ommongo.query_expression import FREE_TYPE, holds_operators
from ommongo.util import UNSET

__all__ = ["SCALAR_MODIFIERS", "Field"]

Validator = Callable[[Any], Any]

SCALAR_MODIFIERS = frozenset({"$set", "$unset"})
"""The update operators that every field supports."""


class Field(Written, Attribute[V]):
    """
    One value of a document: what it accepts, how it is stored and how it reads.

    A field type is made by subclassing this class (or a concrete field) and overriding ``wrap``,
    ``unwrap``, ``validate_wrap`` and ``validate_unwrap``, or ``set_value``. ``None`` never
    reaches these methods where the field has ``allow_none``, and the declared validators are
    asked after each ``validate_…``, whoever wrote it.

    A field type whose values BSON holds as they are may say so by two members, and is then not
    asked about the usual value: nothing is called for it but `accepts_plain`, where a subclass has
    that. Its values must not be such as can be changed in place.

    Attributes:
        plain_types: The types of values that are stored and loaded as they are, or refused, but
            never converted; of exactly these types, not of subclasses. They are among ``str``,
            ``int``, ``float``, ``bool``, ``bytes``, ``datetime``, ``ObjectId`` and ``Int64``. A
            subclass has none unless it names them itself: it may override anything. So has one
            that overrides ``set_value`` or ``__set__``.
        optional: As given.

    Args:
        required: Whether a document without a value can be stored.
        default: The value of an unset field when it is read; ``None`` implies *allow_none*. The
            field has to accept it, or the class that declares the field is refused.
        default_f: A function without parameters that makes the default.
        db_field: The stored name; the attribute's name when left out.
        allow_none: Whether ``None`` is a value.
        on_update: The operation that `Session.update` sends for a change: one of
            ``valid_modifiers``, or ``"ignore"``.
        validator: Asked for every value, stored or loaded; ``False`` or a
            `BadValueException` refuses.
        unwrap_validator: The same, for loaded values.
        wrap_validator: The same, for values to be stored.
        _id: Whether this field is the document's ``_id``.
        proxy: Accepted and kept, without effect.
        iproxy: Accepted and kept, without effect.
        ignore_missing: Whether `rel` of a list leaves out references that lead nowhere.
        counts_version: Whether an update of this field counts the document's version; without, an
            update of such fields alone does not, and asks for no version. It holds in embedded
            documents too, and for what is below the field.
        optional: Whether the value may be missing, and missing is ``None``: an unset field reads
            so, ``None`` assigned unsets it, and nothing is stored for it. Implies
            ``required=False``.
        unique: Whether no two documents may have the same value: a unique `Index` of this field.
        index: Whether there is an ascending `Index` of this field.

    Raises:
        InvalidConfigException: *default* and *default_f*, or *_id* and *db_field*, are both
            given, or *on_update* is no operation of this field, *unique* or *index* is no bool, a
            function is none or *default_f* has parameters, or something contradicts *optional*: a
            default, *required*, *allow_none* or *_id*.
        TypeError: There is no such option; the message says what it is called here.

    Example:
        >>> from ommongo import Document, StringField
        >>> class UpperField(Field):
        ...     def validate_wrap(self, value):
        ...         if not isinstance(value, str):
        ...             self._fail_validation_type(value, str)
        ...     validate_unwrap = validate_wrap
        ...     def wrap(self, value):
        ...         self.validate_wrap(value)
        ...         return value.upper()
        ...     def unwrap(self, value, session=None):
        ...         self.validate_unwrap(value)
        ...         return value
        >>> UpperField().wrap("abc")
        'ABC'
        >>> class Person(Document):
        ...     nick = StringField(optional=True)
        >>> Person().nick is None, Person(nick=None).wrap()
        (True, {})
        >>> class CodeField(StringField):
        ...     plain_types = (str,)
        ...     def accepts_plain(self, value):
        ...         return len(value) == 3 and value.isascii() and value.isupper()
        ...     def validate_wrap(self, value):
        ...         super().validate_wrap(value)
        ...         if not self.accepts_plain(value):
        ...             self._fail_validation(value, "takes three capital letters")
        ...     validate_unwrap = validate_wrap
        >>> CodeField().is_valid_wrap("ab")
        False

    MongoDB manual:
        https://www.mongodb.com/docs/manual/core/document/
    """

    valid_modifiers: ClassVar[frozenset[str]] = SCALAR_MODIFIERS
    is_sequence_field: bool = False

    # Whether an update of something else sends this field along, without counting it as a change.
    _sent_with_changes: bool = False

    def _renewal(self) -> tuple[str, Any] | None:
        """
        Say what an update that no object knows of does to this field beside.

        Returns:
            An operator and its operand; ``None`` for a field that such an update leaves alone.
        """
        return None

    # Whether a stored value lacks none of the fields below this one.
    _needs_all_parts: bool = False

    # How many values it has, each of a kind of its own; ``None`` where it may have any number.
    _fixed_size: int | None = None

    # Whether it is a `ComputedField`, a `ModifiedField` or a `VersionField`, which few programs
    # import.
    _is_computed: bool = False
    _is_modified: bool = False
    _is_version: bool = False

    # Whether the fields below this one are of what a value leads to, and not of what it holds.
    _leads_elsewhere: bool = False

    # Whether it takes or refuses a value as a whole, which no change of a part of it asks for.
    _is_judged_whole: bool = False

    # Whether values are dicts with keys of any name, which query fields have as attributes.
    _has_keys: bool = False

    # Whether the class that declares this field has a (unique) index of it.
    _is_indexed: bool = False
    _is_unique: bool = False

    _owner: Any = None

    # Whether `default_f` has made a value that the field takes.
    _makes_defaults: bool = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.__hash__ is None:  # it says which fields are equal; each is a field of its own
            changed: Any = cls
            changed.__hash__ = object.__hash__
        guard(cls, (Field, Attribute, DataAttribute))
        cls._find_own_ways()
        cls._settle_plain_types()
        cls._settle_written()
        own = vars(cls)
        if "_mutable_values" not in own:
            if cls.plain_types:
                cls._mutable_values = False
            elif own.keys() & {"wrap", "unwrap", "set_value"}:
                cls._mutable_values = True
        cls._settle_reading()

    @says_optional
    def __init__(
        self,
        required: bool = True,
        default: Any = UNSET,
        default_f: Callable[[], Any] | None = None,
        db_field: str | None = None,
        allow_none: bool = False,
        on_update: str = "$set",
        validator: Validator | None = None,
        unwrap_validator: Validator | None = None,
        wrap_validator: Validator | None = None,
        _id: bool = False,
        proxy: Any = None,
        iproxy: Any = None,
        ignore_missing: bool = False,
        *,
        counts_version: bool = True,
        optional: bool = False,
        unique: bool = False,
        index: bool = False,
        **unknown: Any,
    ) -> None:
        if unknown:
            from ommongo.fields._options import refuse_options  # here: no class gets further

            refuse_options(type(self), unknown)
        check_index_options(type(self), unique=unique, index=index)
        check_functions(
            type(self),
            default_f=default_f,
            validator=validator,
            unwrap_validator=unwrap_validator,
            wrap_validator=wrap_validator,
        )
        if default is not UNSET and default_f is not None:
            raise InvalidConfigException(
                f"{type(self).__name__}: default and default_f were both given. Keep one."
            )
        if _id and db_field is not None:
            raise InvalidConfigException(
                f"{type(self).__name__}: _id and db_field={db_field!r} were both given. _id=True "
                f"already stores the field as '_id'; leave db_field out."
            )
        if on_update != "ignore" and on_update not in self.valid_modifiers:
            allowed = ", ".join(sorted(self.valid_modifiers))
            raise InvalidConfigException(
                f"{type(self).__name__}: on_update={on_update!r} is no operation of this field. "
                f"Use one of {allowed}, or 'ignore'."
            )
        self.required: bool = required and not optional
        self.optional = optional
        self.on_update = on_update
        self.ignore_missing = ignore_missing
        self.counts_version = counts_version
        self._is_unique = unique
        self._is_indexed = unique or index
        self.proxy = proxy
        self.iproxy = iproxy
        self._default = default
        self._default_f = default_f
        self._given_db_field = "_id" if _id else db_field
        self._allow_none = allow_none or default is None
        self._validator = validator
        self._unwrap_validator = unwrap_validator
        self._wrap_validator = wrap_validator
        self._has_validators = bool(validator or unwrap_validator or wrap_validator)
        if optional:
            check_optional(self)
            self._allow_none = True

    def _set_owner(self, owner: Any) -> None:
        """Remember the document class that declares this field (the first one holds)."""
        if self._owner is None:
            self._owner = owner
            for field in self._inner_fields():
                field._set_owner(owner)
                self._holds_references = self._holds_references or field._holds_references

    def _inner_fields(self) -> tuple[Field[Any], ...]:
        """Give the fields that this one is made of (the items of a list, of a tuple …)."""
        return ()

    # -- what it is -------------------------------------------------------------------------

    @property
    def db_field(self) -> str:
        """The stored name."""
        return self._given_db_field or self._name

    @property
    def is_id(self) -> bool:
        """Whether this field is stored as ``_id``."""
        return self.db_field == "_id"

    @property
    def allow_none(self) -> bool:
        """Whether ``None`` is taken for a value; for an optional one it is none."""
        return self._allow_none

    @property
    def default(self) -> Any:
        """The default as it was declared, or `UNSET`; what ``default_f`` makes, if there is one."""
        return self._default if self._default_f is None else self._default_f()

    @property
    def default_f(self) -> Callable[[], Any] | None:
        """The function that makes the default, if there is one."""
        return self._default_f

    @property
    def validator(self) -> Validator | None:
        """What is asked for every value, if it was given."""
        return self._validator

    @property
    def unwrap_validator(self) -> Validator | None:
        """What is asked for loaded values, if it was given."""
        return self._unwrap_validator

    @property
    def wrap_validator(self) -> Validator | None:
        """What is asked for values to be stored, if it was given."""
        return self._wrap_validator

    @property
    def has_default(self) -> bool:
        """Whether an unset field reads as something."""
        return self._default is not UNSET or self._default_f is not None

    @property
    def has_autoload(self) -> bool:
        """Whether `unwrap` may need the session (dates, documents, references)."""
        return False

    @property
    def has_subfields(self) -> bool:
        """Whether there are fields below this one, reached by a dot."""
        return False

    def subfields(self) -> Mapping[str, Field[Any]]:
        """Give the fields below this one by Python name."""
        return {}

    def _part(self, name: str, stored: bool) -> tuple[str, Any] | None:
        """
        Find what a dotted name goes on with below this field.

        Args:
            name: The next part of the name.
            stored: Whether stored names count as well as Python names.

        Returns:
            Its stored form and the field; ``None`` where nothing has this name. Of a field that an
            application wrote nobody knows.
        """
        return name, FREE_TYPE

    def _make_default(self) -> Any:
        """Give a default that no other document holds."""
        value = self._default if self._default_f is None else self._default_f()
        if self._holds_references:
            value = self._with_references(value)
        if self._default_f is None:
            return copy.deepcopy(value)
        if not self._makes_defaults:
            self._check_made(value)
        return value

    def _check_made(self, value: Any) -> None:
        """Judge the first value that *default_f* made; later ones are, when they are saved."""
        if value is not None or not self._allow_none:
            try:
                self.validate_wrap(value)
            except BadValueException as error:
                owner = "" if self._owner is None else f"{self._owner.__name__}."
                raise InvalidConfigException(
                    f"{owner}{self._name}: default_f made what the field refuses: it {error.reason}"
                ) from error
        self._makes_defaults = True

    def schema_json(self) -> dict[str, Any]:
        """
        Describe this field.

        Returns:
            A dict of its settings; see the reference for the keys of each class.
        """
        schema: dict[str, Any] = {
            "type": type(self).__name__,
            "required": self.required,
            "db_field": self._given_db_field,
            "allow_none": self._allow_none,
            "on_update": self.on_update,
            "validator_set": self._validator is not None,
            "unwrap_validator": self._unwrap_validator is not None,
            "wrap_validator": self._wrap_validator is not None,
            "ignore_missing": self.ignore_missing,
        }
        if self.optional:
            schema["optional"] = True
        if self._default_f is not None:
            schema["default_f"] = repr(self._default_f)
        elif self._default is UNSET:
            schema["default_unset"] = True
        else:
            schema["default"] = self._described(self._default)
        return schema

    def _described(self, value: Any) -> Any:
        """Give *value* for a schema: wrapped, or as it was declared where the field refuses it."""
        try:
            return self.wrap(value)
        except BadValueException:
            return value

    # -- how it judges and converts ---------------------------------------------------------

    def wrap(self, value: Any) -> Any:
        """
        Turn a Python value into what BSON stores.

        Args:
            value: The value.

        Returns:
            The BSON-ready value.

        Raises:
            BadValueException: The field refuses the value.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define wrap()")

    def unwrap(self, value: Any, session: Any = None) -> Any:
        """
        Turn a stored value into its Python form.

        Args:
            value: What was stored.
            session: The session that loads it, for time zones and references.

        Returns:
            The Python value.

        Raises:
            BadValueException: The field refuses what was stored.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define unwrap()")

    def validate_wrap(self, value: Any) -> None:
        """
        Judge a value that is to be stored.

        Args:
            value: The value, in its Python form.

        Raises:
            BadValueException: The field refuses it.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define validate_wrap()")

    def validate_unwrap(self, value: Any) -> None:
        """
        Judge a value that was loaded.

        Args:
            value: What was stored.

        Raises:
            BadValueException: The field refuses it.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define validate_unwrap()")

    def is_valid_wrap(self, value: Any) -> bool:
        """
        Tell whether a value can be stored.

        Args:
            value: The value, in its Python form.

        Returns:
            Whether `validate_wrap` accepts it.
        """
        try:
            self.validate_wrap(value)
        except BadValueException:
            return False
        return True

    def is_valid_unwrap(self, value: Any) -> bool:
        """
        Tell whether a stored value can be loaded.

        Args:
            value: What was stored.

        Returns:
            Whether `validate_unwrap` accepts it.
        """
        try:
            self.validate_unwrap(value)
        except BadValueException:
            return False
        return True

    def wrap_value(self, value: Any) -> Any:
        """
        Turn a value into what a query compares with.

        Args:
            value: The value; for a sequence field an item or a whole sequence.

        Returns:
            The BSON-ready value.

        Raises:
            BadValueException: The field can hold no such value.
        """
        return self.wrap(value)

    def _partial_wrap(self, value: Any) -> Any:
        """Give a value that a document holds in its stored form, though it may be refused now."""
        try:
            return self.wrap(value)
        except BadValueException:
            return value

    def _steady(self, stored: Any) -> Any:
        """Give a stored value without what every write of it renews (times of modification)."""
        return stored

    @functools.cached_property
    def _asks_on_loading(self) -> bool:
        """Whether a validator judges what is loaded, of the value or of what is in it."""
        return (
            self._validator is not None
            or self._unwrap_validator is not None
            or any(inner._asks_on_loading for inner in self._inner_fields())
        )

    def _wrap_to_store(self, value: Any) -> Any:
        """Wrap a value, and refuse it if a validator would refuse it when it is loaded."""
        stored = self.wrap(value)
        if stored is not value or self._unwrap_validator is not None:  # else they have seen it
            self._check_loadable(stored)
        return stored

    def _check_loadable(self, stored: Any) -> None:
        """Refuse what a validator would refuse when it is loaded, where one is asked then."""
        if not self._asks_on_loading:
            return
        try:
            self.validate_unwrap(stored)
        except BadValueException:
            raise
        except Exception as error:  # whatever an application's function raises
            self._fail_validation(
                stored,
                f"could be stored and not be loaded: a validator raised {type(error).__name__} on "
                f"the stored form, which is of type {type(stored).__name__}. A validator is asked "
                f"on loading, too; wrap_validator is asked on storing alone.",
                error,
            )

    def _ask_validators(self, value: Any, *, storing: bool) -> None:
        """Ask the declared validators, if there are any."""
        if not self._has_validators:
            return
        own = self._wrap_validator if storing else self._unwrap_validator
        for validator in (self._validator, own):
            if validator is not None and validator(value) is False:
                self._fail_validation(
                    value,
                    f"holds a value of type {type(value).__name__} that the validator "
                    f"{_name_of(validator)}() refuses. Give one that it accepts.",
                )

    def _refuse_operators(self, value: Any) -> None:
        """Refuse an ``_id`` that the server would not store, and might obey elsewhere."""
        if holds_operators(value):
            self._fail_validation(
                value,
                "is an _id, and got one that is a pattern or holds keys that begin with '$', which "
                "MongoDB takes for operators. Give one that is a plain value.",
            )

    def _fail_validation(
        self, value: Any, reason: str = "", cause: BaseException | None = None
    ) -> NoReturn:
        """Refuse a value, with what was wanted and what came."""
        raise BadValueException(self._name, value, reason or "refuses the value", cause)

    def _fail_validation_type(self, value: Any, *wanted: type, advice: str = "") -> NoReturn:
        """Refuse a value of a wrong type."""
        names = " or ".join(kind.__name__ for kind in wanted)
        advice = advice or "Convert the value, or declare a field that takes its type."
        self._fail_validation(value, f"takes {names}, not {type(value).__name__}. {advice}")


def _name_of(validator: Validator) -> str:
    """Give a name for *validator* that a reader can find."""
    return getattr(validator, "__qualname__", type(validator).__name__)
