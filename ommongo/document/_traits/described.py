"""A document, as far as what is true of its class is concerned."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from ommongo._tracking import Retrieved, Tracked
from ommongo.document._traits.polymorphism import Selector
from ommongo.fields import Field

if TYPE_CHECKING:
    from typing_extensions import Self

    class ClassCodec(Protocol):
        """The functions of a class, as far as those of another one call them."""

        load: Callable[[Any, Any], Any]
        store: Callable[[Any], dict[str, Any]]
        judge: Callable[[dict[str, Any]], Any]


__all__ = ["Described"]


class Described(Tracked):
    """
    What a document is to whatever asks its class: the codec, the hooks, the settings.

    The metaclass finds these out when the class is declared.
    """

    __slots__ = ()

    _selector: ClassVar[Selector]
    # What an object of the class holds in the attributes that select it, by stored name.
    _identities: ClassVar[dict[str, Any]]
    # Whether there are such attributes.
    _is_family: ClassVar[bool]
    _overrides_init: ClassVar[bool]
    _overrides_new: ClassVar[bool]
    _overrides_subclass: ClassVar[bool]
    _overrides_transform: ClassVar[bool]
    _settings_checked: ClassVar[bool]
    _aliases: ClassVar[Mapping[str, Field[Any]]]
    # Found out when it is first asked for: a class that is embedded may be declared later.
    _direct: ClassVar[bool | None]
    _migrating: ClassVar[tuple[Field[Any], ...]]

    config_collection_name: ClassVar[str | None]
    config_namespace: ClassVar[str | None]
    config_full_name: ClassVar[str | None]
    config_polymorphic: ClassVar[str | None]
    config_polymorphic_identity: ClassVar[Any]
    config_polymorphic_collection: ClassVar[bool]
    config_default_sort: ClassVar[list[tuple[Any, int]] | None]
    config_extra_fields: ClassVar[str]
    config_strict_attributes: ClassVar[bool]

    # Names that were assigned to objects and are no fields, about which all is said.
    _judged_attributes: ClassVar[set[str]]

    if TYPE_CHECKING:
        _codec: ClassVar[ClassCodec]

        def __init__(self, **values: Any) -> None: ...
        @classmethod
        def get_collection_name(cls) -> str: ...
        @classmethod
        def get_subclass(cls, obj: Mapping[str, Any]) -> type[Self] | None: ...
        @classmethod
        def transform_incoming(cls, obj: dict[str, Any], session: Any) -> dict[str, Any]: ...
        @classmethod
        def _check_default_sort(cls) -> list[tuple[str, int]] | None: ...
        @classmethod
        def _unwrap_relative(
            cls, raw: Any, session: Any = None, retrieved: Retrieved | None = None
        ) -> Any: ...
        @classmethod
        def _build(cls, raw: Any, session: Any, retrieved: Retrieved | None) -> Any: ...
        def get_extra_fields(self) -> dict[str, Any]: ...
