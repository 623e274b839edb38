"""
What type checkers know of fields: the types of their values, and the options of every field.

A field class is generic in the type of its values. Its constructor has two signatures: with
`Options` a value is of the class's own type, and with `OrNone` it may be ``None`` too. At run time
there is nothing of that but the type variables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from typing import Generic, Literal
    from uuid import UUID

    from bson.dbref import DBRef
    from bson.objectid import ObjectId
    from typing_extensions import TypedDict
    from typing_extensions import TypeVar as TypeVarWithDefault

    # Covariant, so that a `Field[str]` serves where `Field[str | None]` is wanted. What is
    # assigned is checked by the field's own type.
    V = TypeVarWithDefault("V", default=Any, covariant=True)
    Bool = TypeVarWithDefault("Bool", default=bool, covariant=True)
    Bytes = TypeVarWithDefault("Bytes", default=bytes, covariant=True)
    Date = TypeVarWithDefault("Date", default=datetime, covariant=True)
    Float = TypeVarWithDefault("Float", default=float, covariant=True)
    Id = TypeVarWithDefault("Id", default=ObjectId, covariant=True)
    Int = TypeVarWithDefault("Int", default=int, covariant=True)
    Place = TypeVarWithDefault("Place", default=tuple[float, float], covariant=True)
    Ref = TypeVarWithDefault("Ref", default=DBRef, covariant=True)
    Str = TypeVarWithDefault("Str", default=str, covariant=True)
    Tuple = TypeVarWithDefault("Tuple", default=tuple[Any, ...], covariant=True)

    # Those of containers, by what they hold.
    Item = TypeVarWithDefault("Item", default=Any)
    Key = TypeVarWithDefault("Key", default=Any)
    List = TypeVarWithDefault("List", default=list[Item], covariant=True)
    Set = TypeVarWithDefault("Set", default=set[Item], covariant=True)
    Dict = TypeVarWithDefault("Dict", default=dict[str, Item], covariant=True)
    Entries = TypeVarWithDefault("Entries", default=dict[Key, Item], covariant=True)
    # What a `rel()` gives.
    Rel = TypeVarWithDefault("Rel", default=Any, covariant=True)

    # A reference, or what one is made of.
    Reference = DBRef | ObjectId | str | bytes | float | datetime | UUID | dict[str, Any]

    W = TypeVar("W")
    Validator = Callable[[Any], Any]

    class _Common(TypedDict, total=False):
        required: bool
        db_field: str | None
        on_update: str
        validator: Validator | None
        unwrap_validator: Validator | None
        wrap_validator: Validator | None
        _id: bool
        proxy: Any
        iproxy: Any
        ignore_missing: bool
        counts_version: bool
        unique: bool
        index: bool

    class Options(_Common, Generic[W], total=False):
        """The options of a field whose values are never ``None``."""

        default: W
        default_f: Callable[[], W] | None
        allow_none: Literal[False]
        optional: Literal[False]

    class OrNone(_Common, Generic[W], total=False):
        """The options of a field whose values may be ``None``."""

        default: W | None
        default_f: Callable[[], W | None] | None
        allow_none: bool
        optional: bool

else:
    V = Bool = Bytes = Date = Float = Id = Int = Ref = Str = Tuple = TypeVar("V")
    List = Set = Dict = Entries = Place = V
    Item, Key, Rel = TypeVar("Item"), TypeVar("Key"), TypeVar("Rel")

__all__ = [
    "Bool",
    "Bytes",
    "Date",
    "Dict",
    "Entries",
    "Float",
    "Id",
    "Int",
    "Item",
    "Key",
    "List",
    "Options",
    "OrNone",
    "Place",
    "Ref",
    "Reference",
    "Rel",
    "Set",
    "Str",
    "Tuple",
    "V",
]
