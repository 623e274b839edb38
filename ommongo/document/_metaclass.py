"""How a class body becomes a document class: fields, settings, a place in the registries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from ommongo import _registry
from ommongo._tracking import Plan
from ommongo.document._codec import Codec
from ommongo.document._field_indexes import refuse_embedded_indexes, with_field_indexes
from ommongo.document._redeclared import note_declaration, warn_of_redeclared
from ommongo.document._shared_keys import prepare_keys
from ommongo.document._traits.aliases import ID_ALIAS, IdAlias, aliases, show_own_id
from ommongo.document._traits.declarations import check_declarations, check_settings
from ommongo.document._traits.given import refuse_positional
from ommongo.document._traits.habits import ELSEWHERE
from ommongo.document._traits.identity import check_identity_defaults
from ommongo.document._traits.polymorphism import Selector
from ommongo.document._traits.unknown_names import warn_of_settings
from ommongo.document.index import Index
from ommongo.exceptions import BadFieldSpecification, ExtraValueException
from ommongo.fields import Field, Following

if TYPE_CHECKING:
    from ommongo.fields import VersionField

__all__ = ["DocumentMeta"]


class DocumentMeta(type):
    """The class of document classes."""

    _fields: dict[str, Field[Any]]
    _by_db_field: dict[str, Field[Any]]
    # Other names of fields: the attributes that follow references, and that of the ``_id``.
    _aliases: dict[str, Field[Any]]
    _query_fields: dict[Field[Any], Any]
    _indexes: dict[str, Index]
    _selector: Selector
    _identities: dict[str, Any]
    _is_family: bool
    _version_name: str | None
    _overrides_init: bool
    _overrides_new: bool
    _overrides_subclass: bool
    _overrides_transform: bool
    _settings_checked: bool
    _is_declared: bool
    _declared_at: tuple[Any, int] | None
    _judged_attributes: set[str]
    # What follows from all of that.
    _plan: Plan
    _codec: Codec
    _direct: bool | None

    def __new__(
        mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **kwargs: Any
    ) -> Any:
        cls: Any = super().__new__(mcs, name, bases, namespace, **kwargs)
        bases_in_order: list[Any] = [b for b in cls.__mro__[1:] if isinstance(b, DocumentMeta)]
        base = bases_in_order[0] if bases_in_order else None
        show_own_id(cls)
        cls._fields = _collect(cls, Field)
        cls._query_fields = {}
        cls._settings_checked = False
        cls._is_declared = base is not None
        cls._direct = None
        cls._judged_attributes = set()
        note_declaration(cls)
        if base is not None:
            _refuse_reserved_names(cls)
            warn_of_settings(cls, namespace, stacklevel=2)
        _choose_id(cls)
        cls._by_db_field = _by_db_field(cls)
        id_field = cls._by_db_field["_id"]
        id_field._is_compound_id = not id_field.plain_types
        cls._aliases = aliases(cls, _collect(cls, Following))
        for field_name, field in cls._fields.items():
            if field._name != field_name:
                raise BadFieldSpecification(
                    f"{name}.{field_name} and {name}.{field._name} are one field object. Declare "
                    f"a field for each."
                )
            field._set_owner(cls)
        check_declarations(cls, namespace, Index)
        cls._version_name = _version_name(cls)
        cls._indexes = with_field_indexes(cls, _collect(cls, Index))
        for index in cls._indexes.values():
            index._set_owner(cls)
        if base is None:
            cls._overrides_init = cls._overrides_new = False
            cls._overrides_subclass = cls._overrides_transform = False
            cls._selector = Selector(cls)
            cls._identities, cls._is_family = {}, False
            cls._plan, cls._codec = Plan(cls), Codec(cls)
            return cls
        document = _root(cls)
        cls._overrides_init = cls.__init__ is not document.__init__
        cls._overrides_new = cls.__new__ is not document.__new__
        cls._overrides_subclass = cls.get_subclass.__func__ is not document.get_subclass.__func__
        cls._overrides_transform = (
            cls.transform_incoming.__func__ is not document.transform_incoming.__func__
        )
        check_settings(cls)
        prepare_keys(cls)
        inherits_collection = cls.config_polymorphic_collection and base is not document
        if inherits_collection and "config_collection_name" not in namespace:
            cls.config_collection_name = base.get_collection_name()
        parents: list[Any] = [b for b in bases if isinstance(b, DocumentMeta) and b is not document]
        cls._selector = Selector(cls, [parent._selector for parent in parents])
        cls._identities = cls._selector.identities()
        cls._is_family = cls._selector.own is not None
        check_identity_defaults(cls)
        refuse_embedded_indexes(cls)
        cls._plan, cls._codec = Plan(cls), Codec(cls)
        for parent in parents:
            parent.add_subclass(cls)
        _register(cls)
        return cls

    if not TYPE_CHECKING:  # what a call gives is of the class: checkers know that of `type`

        def __call__(cls, *args: Any, **values: Any) -> Any:
            """Make a document; of values that can be taken as they are in one go."""
            if not args:
                document = cls._codec.make(values)
                if document is not None:
                    return document
            elif not cls._overrides_init:
                refuse_positional(cls, args)
            if "loading_from_db" in values or "retrieved_fields" in values:
                _refuse_parameters(cls, values)
            return super().__call__(*args, **values)

    @property
    def _version_field(cls) -> VersionField | None:
        """The field that counts versions, if the class has one (the field, not a query field)."""
        if cls._version_name is None:
            return None
        return cast("VersionField", cls._fields[cls._version_name])


def _refuse_parameters(cls: Any, values: Mapping[str, Any]) -> None:
    """Refuse what is no value of a document, where it may have come with values from anywhere."""
    if values.get("loading_from_db"):
        raise ExtraValueException(
            f"{cls.__name__}(loading_from_db=True) would take values without a check, and by that "
            f"name a visitor could ask for it. Make documents of stored data by "
            f"{cls.__name__}.unwrap(); in an __init__ pass it on as it came.",
            name="loading_from_db",
            document_class=cls.__name__,
        )
    retrieved, id_name = values.get("retrieved_fields"), cls._plan.id_name
    named = retrieved if isinstance(retrieved, (list, tuple, set, frozenset, dict, str)) else ()
    if values.get(id_name) is not None and any(isinstance(name, str) for name in named):
        raise ExtraValueException(
            f"{cls.__name__}(retrieved_fields=...) with names as text and with {id_name} would be "
            f"a part of a stored document, and saving it would change that: a visitor could ask "
            f"for it. Pass query fields ({cls.__name__}.{id_name}) if it is meant.",
            name="retrieved_fields",
            document_class=cls.__name__,
        )


def _root(cls: Any) -> Any:
    """Give `Document` itself, which this module cannot import."""
    return next(base for base in reversed(cls.__mro__) if isinstance(base, DocumentMeta))


def _collect(cls: type, kind: type[Any]) -> dict[str, Any]:
    """Give the attributes of *kind* that a class and its bases declare, the bases' first."""
    found: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        for name, value in vars(base).items():
            if isinstance(value, kind):
                found[name] = value
            elif name in found and not isinstance(value, IdAlias):
                del found[name]
    return found


# What a document says of itself, and nobody else needs: a field of that name is as good.
_MAY_BE_HIDDEN = frozenset({ID_ALIAS, "partial", "retrieved_fields"})


def _refuse_reserved_names(cls: Any) -> None:
    """Refuse fields that hide what a document needs to work."""
    document = _root(cls)
    reserved = set(dir(document)) - set(document._fields) - _MAY_BE_HIDDEN - ELSEWHERE.keys()
    for name in cls._fields:
        if name in reserved:
            raise BadFieldSpecification(
                f"{cls.__name__}.{name} hides a member of Document. Give the attribute another "
                f"name, and keep the stored one with db_field={name!r}."
            )


def _choose_id(cls: Any) -> None:
    """Let a declared ``_id`` take the place of ``mongo_id``."""
    ids = [name for name, field in cls._fields.items() if field.is_id]
    declared = [name for name in ids if name != "mongo_id"]
    if len(declared) > 1:
        raise BadFieldSpecification(
            f"{cls.__name__} stores {' and '.join(declared)} as '_id'. A document has one _id: "
            f"declare one field with it."
        )
    if not ids:
        raise BadFieldSpecification(
            f"{cls.__name__}.mongo_id takes the place of the field that is stored as '_id', and is "
            f"none. Declare it with _id=True, or give it another name."
        )
    if declared and "mongo_id" in ids:
        del cls._fields["mongo_id"]
        cls.mongo_id = None


def _by_db_field(cls: Any) -> dict[str, Field[Any]]:
    """Give the fields by stored name, each of which belongs to one field."""
    found: dict[str, Field[Any]] = {}
    for name, field in cls._fields.items():
        given = field._given_db_field
        stored = field.db_field if given is None else given
        if not _is_storable(stored):
            raise BadFieldSpecification(
                f"{cls.__name__}.{name} has the stored name {stored!r}. A stored name is text, is "
                f"not empty, does not begin with '$' and holds neither '.' nor NUL."
            )
        if stored in found:
            raise BadFieldSpecification(
                f"{cls.__name__}.{found[stored]._name} and {cls.__name__}.{name} are both stored "
                f"as {stored!r}, so one would overwrite the other. Give one another db_field."
            )
        found[stored] = field
    return found


def _is_storable(name: Any) -> bool:
    """Tell whether the server takes a name for that of a field, and takes it for nothing else."""
    is_text = isinstance(name, str) and name != ""
    return is_text and not name.startswith("$") and "." not in name and "\0" not in name


def _version_name(cls: Any) -> str | None:
    """Give the name of the field that counts versions, if the class has one."""
    found = [name for name, field in cls._fields.items() if field._is_version]
    if len(found) > 1:
        raise BadFieldSpecification(
            f"{cls.__name__} has {len(found)} version fields. A document has one version: declare "
            f"one VersionField()."
        )
    return found[0] if found else None


def _register(cls: Any) -> None:
    """Put a class into the registries."""
    space = cls.config_namespace
    if space is None:
        return
    name = _registry.registered_name(cls)
    earlier = _registry.document_type_registry[space].get(name)
    if earlier is not None:
        warn_of_redeclared(cls, earlier, name)
    _registry.document_type_registry[space][name] = cls
    by_collection = _registry.collection_registry[space]
    collection = cls.get_collection_name()
    held = by_collection.get(collection)
    if held is None or not (cls.config_polymorphic_collection and issubclass(cls, held)):
        by_collection[collection] = cls
