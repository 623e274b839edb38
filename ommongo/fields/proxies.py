"""Attributes that follow references."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, NoReturn, overload

from ommongo._spelling import an
from ommongo.exceptions import BadFieldSpecification, BadReferenceException
from ommongo.fields._attribute import Following
from ommongo.fields._followed import Followed
from ommongo.fields._types import Rel

if TYPE_CHECKING:
    from ommongo.fields._types import Reference
    from ommongo.query_expression import QueryField

__all__ = ["ListProxy", "Proxy", "check_target"]


def check_target(field: Any, target: Any) -> None:
    """
    Refuse a class that a reference does not lead to.

    Args:
        field: The field of the reference.
        target: The class that was given to ``rel()``, or ``None``.

    Raises:
        BadFieldSpecification: It is no document class, or another one than the field's.
    """
    if target is None:
        return
    if not isinstance(target, type) or not hasattr(target, "to_ref"):
        came = target.__name__ if isinstance(target, type) else f"{an(type(target).__name__)}"
        raise BadFieldSpecification(
            f"rel() was given {came}. Pass the document class that is referred to, or nothing."
        )
    held = getattr(field, "_document_field", None)
    if held is None:
        return
    wanted = held._class_name if held._class is None else held._class.__name__
    names = {name for cls in target.__mro__ for name in (cls.__name__, _full_name(cls))}
    if held._class is None:
        fits = wanted in names
    else:
        fits = issubclass(target, held._class) or issubclass(held._class, target)
    if not fits:
        raise BadFieldSpecification(
            f"rel() was given {target.__name__}, and the field refers to {wanted}. Pass that "
            f"class, or correct the field's type."
        )


def _full_name(cls: Any) -> Any:
    """Give the other name that a document class may be known by."""
    return vars(cls).get("config_full_name")


def _name_of(field: Any) -> str:
    """Give the name of the attribute that holds the references."""
    if not field._name:
        raise BadFieldSpecification(
            f"rel() was called on {an(type(field).__name__)} that is no attribute of a class, so "
            f"there is nothing to follow. Give the field a name in the class body: "
            f"boss_id = RefField(), then boss = boss_id.rel()."
        )
    name: str = field._name
    return name


def _session_of(instance: Any, name: str) -> Any:
    """Give the session that a document is bound to."""
    session = instance._get_session()
    if session is None:
        raise BadReferenceException(
            f"{type(instance).__name__}.{name} cannot be followed: this {type(instance).__name__} "
            f"is bound to no session. Bind it with session.add_to_session(document).",
            reference=instance.__dict__.get(name),
        )
    return session


def _fail_missing(instance: Any, name: str, reference: Any, option: str) -> NoReturn:
    """Say that a reference leads nowhere."""
    raise BadReferenceException(
        f"{type(instance).__name__}.{name} refers to {reference!r}, which does not exist. Correct "
        f"the reference, or declare the attribute with rel({option}=True).",
        reference=reference,
    )


class Proxy(Following, Generic[Rel]):
    """
    An attribute that follows one reference; made by `RefField.rel` and `SRefField.rel`.

    Reading it loads the document that is referred to, through the session that its owner is bound
    to. Assigning a document to it stores a reference to that, which names the database of one that
    is stored in another than its owner; deleting it unsets the reference. It is a keyword of the
    constructor, and on the class it is the query field of the reference.

    Args:
        field: The reference field.
        allow_none: Whether a reference that leads nowhere reads as ``None``.

    Example:
        >>> from bson import ObjectId
        >>> from ommongo import Document, SRefField
        >>> class Employee(Document):
        ...     boss_id = SRefField("Employee", required=False)
        ...     boss = boss_id.rel()
        >>> ada, bob = Employee(mongo_id=ObjectId()), Employee()
        >>> bob.boss = ada
        >>> bob.boss_id == ada.mongo_id
        True

    MongoDB manual:
        https://www.mongodb.com/docs/manual/reference/database-references/
    """

    def __init__(self, field: Any, allow_none: bool = False) -> None:
        self.field = field
        self.allow_none = allow_none

    @overload
    def __get__(self, instance: None, owner: type[Any]) -> QueryField[Any]: ...
    @overload
    def __get__(self, instance: object, owner: type[Any]) -> Rel: ...
    def __get__(self, instance: Any, owner: type[Any]) -> Any:
        name = _name_of(self.field)
        if instance is None:
            return getattr(owner, name)
        reference = self._reference_of(instance, name)
        if reference is None:
            return None
        session = _session_of(instance, name)
        ref = self.field._followed_from(reference, instance)
        [found] = session._follow([ref], self.field.target_class)
        if found is None and not self.allow_none:
            _fail_missing(instance, name, ref, "allow_none")
        return found

    def _reference_of(self, instance: Any, name: str) -> Any:
        """Give the reference that a document holds, or ``None``."""
        try:
            return getattr(instance, name)
        except AttributeError:
            if self.allow_none and name not in instance.__dict__ and not self.field.has_default:
                return None  # it is not set
            raise

    def __set__(self, instance: Any, value: Rel | Reference) -> None:
        setattr(instance, _name_of(self.field), value)

    def __delete__(self, instance: Any) -> None:
        delattr(instance, _name_of(self.field))


class ListProxy(Following, Generic[Rel]):
    """
    An attribute that follows the references in a list or a set; made by `ListField.rel`.

    Reading it gives a list of the documents that are referred to, loaded in one query for each
    collection. It is made anew each time, so it cannot be assigned, and the list refuses changes
    in place (`TypeError`): change the references. It is a keyword of the constructor all the same,
    for documents and references, and on the class it is the query field of these.

    Args:
        field: The field of the list or set.
        ignore_missing: Whether references that lead nowhere are left out.

    Example:
        >>> from ommongo import Document, ListField, SRefField
        >>> class Employee(Document):
        ...     friend_ids = ListField(SRefField("Employee"), default_empty=True)
        ...     friends = friend_ids.rel()
        >>> str(Employee.friends)
        'friend_ids'

    MongoDB manual:
        https://www.mongodb.com/docs/manual/reference/database-references/
    """

    def __init__(self, field: Any, ignore_missing: bool = False) -> None:
        self.field = field
        self.ignore_missing = ignore_missing or field.ignore_missing
        self._name: str | None = None

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type[Any]) -> QueryField[Any]: ...
    @overload
    def __get__(self, instance: object, owner: type[Any]) -> Rel: ...
    def __get__(self, instance: Any, owner: type[Any]) -> Any:
        name = _name_of(self.field)
        references = getattr(owner if instance is None else instance, name)
        if instance is None or references is None:
            return references
        item = self.field.item_field
        if not hasattr(item, "_followed_from"):
            raise BadReferenceException(
                f"{type(instance).__name__}.{name} holds no references: its items are those of "
                f"{an(type(item).__name__)}. Declare them as RefField() or SRefField() to follow "
                f"them.",
                reference=references,
            )
        session = _session_of(instance, name)
        # An item that is None reads as None, as a single reference does.
        refs = [None if ref is None else item._followed_from(ref, instance) for ref in references]
        known = [ref for ref in refs if ref is not None]
        found = iter(session._follow(known, item.target_class))
        documents = []
        for ref in refs:
            document = None if ref is None else next(found)
            if document is not None or ref is None:
                documents.append(document)
            elif not self.ignore_missing:
                _fail_missing(instance, name, ref, "ignore_missing")
        owner_name = type(instance).__name__
        return Followed(documents, f"{owner_name}.{self._name}", f"{owner_name}.{name}")

    def __set__(self, instance: Any, value: NoReturn) -> None:
        self._refuse(instance, "assigned", "Assign the references to")

    def __delete__(self, instance: Any) -> None:
        self._refuse(instance, "deleted", "Delete")

    def _refuse(self, instance: Any, done: str, advice: str) -> NoReturn:
        name, owner = _name_of(self.field), type(instance).__name__
        raise AttributeError(
            f"{owner}.{self._name} cannot be {done}: it is what {owner}.{name} leads to. {advice} "
            f"{name}."
        )
