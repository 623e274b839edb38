"""How a document becomes an operation: an insert, a replacement or an update."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bson import ObjectId
from pymongo.collection import Collection

from ommongo import query_expression
from ommongo._bson import id_filter
from ommongo._spelling import an
from ommongo._tracking import (
    UNKNOWN,
    UNSTORED,
    State,
    Tracked,
    count_version,
    embedded_in,
    full_diff,
    is_as_removed,
    partial_diff,
    quick_diff,
)
from ommongo.document import Document
from ommongo.exceptions import (
    BadResultException,
    BadValueException,
    FieldNotRetrieved,
    InvalidModifierException,
    InvalidUpdateException,
    MissingValueException,
    StaleDocumentException,
)
from ommongo.ops._limited import limits_of
from ommongo.ops._saving import SaveOp
from ommongo.ops._updating import UpdateDocumentOp
from ommongo.util import UNSET, resolve_name

__all__ = ["make_known", "save_operation", "update_operation"]


def make_known(document: Document) -> None:
    """
    Load anew what is not known of a document any more, before it is written.

    Args:
        document: The document.

    Raises:
        FieldNotRetrieved: It is bound to no session that could load it.
        StaleDocumentException: It is not there.
    """
    try:
        document._renew()
    except BadResultException as error:
        name = type(document).__name__
        raise StaleDocumentException(
            f"This {name} was read in a transaction that was not committed, and it is not in the "
            f"collection {document.get_collection_name()!r}, so nothing was written. Save a new "
            f"{name} to store it.",
            document_class=name,
            document_id=document._wrapped_id(),
        ) from error


def save_operation(
    collection: Collection[Any],
    document: Document,
    safe: bool | None,
    insert: bool = False,
    upsert: bool = True,
) -> SaveOp | UpdateDocumentOp | None:
    """
    Make the operation that stores a document as it is.

    Args:
        collection: The collection to write to.
        document: The document; it gets an ``_id`` if it has none.
        safe: Whether an error of the server is raised.
        insert: Whether it is an insert, whatever is known of the document.
        upsert: Whether a stored document is inserted when it is gone.

    Returns:
        The operation; ``None`` for a partial document in which nothing is set.

    Raises:
        Exception: As `ommongo.Session.add`; the document is then unchanged.
    """
    if document._known is not UNSTORED:
        document._check_id_retrieved()
        document._check_id_unchanged()
        if not document._is_whole():
            make_known(document)
        if not document._is_whole():
            if insert:
                raise FieldNotRetrieved(
                    f"This {type(document).__name__} is partial, and an insert stores a whole "
                    f"document. Load it as a whole, or update what changed.",
                    document_class=type(document).__name__,
                )
            return _partial_save(collection, document, safe)
        _check_id_known(document)
        if document._is_version_unknown() and not insert:
            return _partial_save(collection, document, safe)
    is_new = document._known is UNSTORED
    given = _give_id(document)
    try:
        before = set() if is_new else {(id(holder), name) for holder, name in _held(document)}
        stored = document.wrap()
        if not insert:
            insert = (given and document._known is UNSTORED) or _is_insert(document, given)
        if not insert:
            _check_names(document, stored)
        made: list[tuple[Tracked, str]] = []
        if not is_new:
            made = [(holder, n) for holder, n in _held(document) if (id(holder), n) not in before]
        return SaveOp(collection, document, stored, insert, given, safe, made, upsert)
    except BaseException:
        if given:
            del document.__dict__[document._id_field()._name]
        raise


def _check_id_known(document: Document) -> None:
    """Refuse a document whose ``_id`` the reply to a pending update is to tell."""
    known, name = document._known, document._plan.id_name
    is_stored = type(known) is not State or known.committed is not None
    if is_stored and name not in document.__dict__:
        owner = type(document).__name__
        raise FieldNotRetrieved(
            f"The _id of this {owner} is not known: it is stored by an update that went by an "
            f"id_expression. Flush that first, or update the {owner} in the same way.",
            name=name,
            document_class=owner,
        )


def _give_id(document: Document) -> bool:
    """Give a document without ``_id`` a new one; tell whether that was necessary."""
    plan = document._plan
    name = plan.id_name
    held = document.__dict__.get(name, UNSET)
    if held is None:
        if document._wrapped_id() is None:
            return False  # it is stored under null
    elif held is not UNSET:
        return False
    if not plan.takes_new_id and document._id_value() is not UNSET:
        return False
    new = ObjectId()
    field = None if plan.takes_new_id else document._id_field()
    if field is not None and not field.is_valid_wrap(new):
        raise MissingValueException(
            f"{type(document).__name__}.{name} is the _id and is not set. A "
            f"{type(field).__name__} gets no automatic value: set one, or give it a default.",
            name=name,
            document_class=type(document).__name__,
        )
    document.__dict__[name] = new
    return True


def _is_insert(document: Document, given: bool) -> bool:
    """Whether a document is new to the server: its ``_id`` is ours, and no write of it was sent."""
    state = document._known
    if type(state) is not State:
        return False
    # With a version, a taken _id is an error, and not a document to replace.
    is_versioned = type(document)._version_name is not None
    if state.committed is not None:  # an insert may have an unknown outcome: it is tried again
        return is_versioned and state.known(document._plan.id_name) is UNKNOWN
    return is_versioned or given or state.id_is_new


def _check_names(document: Document, stored: Mapping[str, Any]) -> None:
    """Refuse names that the server stores by an insert only."""
    state = document._state
    if state is None or not state.extra:
        return  # a field's own name never begins so
    bad = next((name for name in state.extra if name.startswith("$")), None)
    if bad is not None:
        raise InvalidUpdateException(
            f"This {type(document).__name__} holds the extra field {bad!r}, and a name that begins "
            f"with '$' can be stored by an insert only. Update the fields that changed, or take "
            f"the field out.",
            document_class=type(document).__name__,
            document_id=stored.get("_id"),
        )


def _partial_save(
    collection: Collection[Any], document: Document, safe: bool | None
) -> UpdateDocumentOp | None:
    """
    Make the operation that stores what a partial document has, and erases nothing else.

    Of one as it was before an update only what was assigned since: the rest is the past.
    """
    target = _own_id(document)
    try:
        changes = full_diff(document) if document._is_past() else partial_diff(document)
    except BadValueException as error:
        raise error.within(type(document).__name__) from error
    if not changes.sent:
        return None
    limits = limits_of(changes)
    count_version(document, changes)
    return UpdateDocumentOp(
        collection,
        document,
        id_filter(target),
        changes.operations(),
        changes,
        by_id=True,
        upsert=False,
        safe=safe,
        limits=limits,
    )


def _held(document: Tracked) -> Iterator[tuple[Tracked, str]]:
    """Give every field that a document, or one embedded in it, holds a value of."""
    for name in document.__dict__:
        if name in type(document)._fields:
            yield document, name
    for inner in embedded_in(document):
        yield from _held(inner)


def _own_id(document: Document) -> Any:
    stored_id = document._wrapped_id()
    if stored_id is UNSET:
        raise InvalidUpdateException(
            f"This {type(document).__name__} has no _id, so there is nothing to update. Save it, "
            f"or pass id_expression.",
            document_class=type(document).__name__,
        )
    return stored_id


def update_operation(
    collection: Collection[Any],
    document: Document,
    id_expression: Any,
    upsert: bool,
    operators: Mapping[Any, str],
    safe: bool | None,
) -> UpdateDocumentOp | None:
    """
    Make the operation that stores what changed in a document.

    Args:
        collection: The collection to write to.
        document: The document.
        id_expression: What picks the stored document out; its ``_id`` when ``None``.
        upsert: Whether to insert when nothing matches.
        operators: Operations by query field or name.
        safe: Whether an error of the server is raised.

    Returns:
        The operation; ``None`` when nothing changed.

    Raises:
        Exception: As `ommongo.Session.update`; the document is then unchanged.
    """
    cls = type(document)
    by_id = id_expression is None
    if by_id and not upsert and not operators:
        values = quick_diff(document)
        if values is not None:
            if not values:
                return None
            return UpdateDocumentOp.of_assigned(collection, document, values, safe)
    make_known(document)
    if by_id and not upsert and is_as_removed(document):
        return None
    if by_id:
        document._check_id_retrieved()
        stored_id = document._wrapped_id() if not upsert else _wrapped_or_default_id(document)
        if stored_id is UNSET:
            _own_id(document)
        document._check_id_unchanged()
        condition = id_filter(stored_id)
    else:
        condition = {**cls.base_query(), **_filter(cls, id_expression)}
    try:
        checked = _checked_operators(cls, operators) if operators else {}
        changes = full_diff(document, checked, with_required=upsert)
    except BadValueException as error:
        raise error.within(cls.__name__) from error
    if not changes.sent:
        return None
    limits = limits_of(changes)
    count_version(document, changes)
    update = changes.operations()
    # A document with a loaded version is there, or it is stale: nothing is inserted in its place.
    upsert = upsert and not document._version_condition()
    if upsert:
        on_insert = dict(changes.rest)
        if not by_id and "_id" not in condition and document.has_id():
            on_insert["_id"] = document._wrapped_id()
        if on_insert:
            update["$setOnInsert"] = on_insert
        named = {
            name: identity
            for name, identity in cls._selector.identities().items()
            if not any(name in operands for operands in update.values())
        }
        from ommongo.document import insertion  # here: few updates of objects are upserts

        condition, beside = insertion(cls, condition, update, named)
        if beside:
            update["$setOnInsert"] = {**beside, **on_insert}
    return UpdateDocumentOp(
        collection,
        document,
        condition,
        update,
        changes,
        by_id=by_id,
        upsert=upsert,
        safe=safe,
        limits=limits,
    )


def _wrapped_or_default_id(document: Document) -> Any:
    """Give the id that an upsert may insert; an automatic one is made."""
    document._id_value()
    return document._wrapped_id()


def _filter(cls: Any, expression: Any) -> dict[str, Any]:
    """Give the filter that an ``id_expression`` means."""
    if isinstance(expression, (query_expression.QueryExpression, Mapping)):
        return query_expression.translate(cls, expression)
    raise InvalidUpdateException(
        f"id_expression is a query expression (User.email == 'a@b.c') or a dict, not "
        f"{type(expression).__name__}.",
        document_class=cls.__name__,
    )


def _checked_operators(cls: Any, operators: Mapping[Any, str]) -> dict[str, str]:
    """Give operations by stored (dotted) name."""
    checked: dict[str, str] = {}
    for key, operator in operators.items():
        query_field = resolve_name(cls, key)
        field = query_field.get_type()
        if operator != "ignore" and operator not in field.valid_modifiers:
            allowed = ", ".join(sorted(field.valid_modifiers))
            raise InvalidModifierException(
                f"{query_field._python_path(of_holder=False)}: {an(type(field).__name__)} cannot "
                f"be updated by {operator!r}. Use one of {allowed}, or 'ignore'.",
                name=str(query_field),
                operation=operator,
            )
        checked[str(query_field)] = operator
    return checked
