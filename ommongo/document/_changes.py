"""What is dirty: a document compared with what is stored of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from ommongo.document._retrieved import Retrieved
from ommongo.document._state import State
from ommongo.document._stored import freeze, same, thaw
from ommongo.exceptions import (
    DocumentException,
    FieldNotRetrieved,
    InvalidUpdateException,
    MissingValueException,
)
from ommongo.fields import ComputedField
from ommongo.util import UNSET

__all__ = [
    "ARGUMENT_OPERATORS",
    "UNKNOWN",
    "Change",
    "Changes",
    "Truth",
    "collect",
    "count_version",
    "part_form",
    "stored_form",
]


class Mark:
    """A value of its own kind, named for messages."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name

    def __reduce__(self) -> str:
        return self.name


UNCHANGED: Final = Mark("UNCHANGED")
"""Nobody has touched the value: it is stored as it stands."""

UNKNOWN: Final = Mark("UNKNOWN")
"""The stored value was never retrieved."""

ARGUMENT_OPERATORS: Final = frozenset(
    {"$inc", "$mul", "$min", "$max", "$push", "$pushAll", "$addToSet", "$pull", "$pullAll", "$pop"}
)
"""Operators whose value is an argument and not what is stored afterwards."""


class Truth:
    """
    What is stored of one document, as far as it is known.

    A top-level document, and an embedded one that was loaded with it, tells it by its own state;
    an embedded document whose parent was saved since is told by its parent (*mapping*).

    Args:
        document: The document.
        mapping: Its stored form, when the parent knows it.
    """

    __slots__ = ("by_parent", "mapping", "state")

    def __init__(self, document: Any, mapping: Mapping[str, Any] | None = None) -> None:
        self.state: State | None = document._state
        self.mapping = mapping
        self.by_parent = mapping is not None
        state = self.state
        if mapping is None and state is not None:
            if not state.stored:
                self.mapping = {}
            elif state.source is not None:
                self.mapping = {**state.source.decode()}
                by_name = type(document)._fields
                for name, frozen in state.baseline.items():
                    if frozen is UNSET:
                        self.mapping.pop(by_name[name].db_field, None)
                    else:
                        self.mapping[by_name[name].db_field] = (
                            frozen if frozen is UNKNOWN else thaw(frozen)
                        )

    def of(self, field: Any) -> Any:
        """Give the stored value of *field* (or a snapshot of it), `UNSET` or a mark."""
        if self.mapping is not None:
            return self.mapping.get(field.db_field, UNSET)
        if self.state is None:
            return UNCHANGED
        return self.state.baseline.get(field._name, UNCHANGED)

    @property
    def is_stored(self) -> bool:
        """Whether anything of the document is stored."""
        return bool(self.mapping) if self.mapping is not None else True


class Change(NamedTuple):
    """One field that an update sends."""

    path: str
    operator: str
    value: Any
    document: Any
    field: Any


class Changes:
    """
    Everything that an update sends.

    Attributes:
        sent: What changed.
        always: What goes along with a change without being one.
        rest: Stored names (dotted) and values of what is set and did not change, for an upsert.
    """

    __slots__ = ("always", "rest", "sent")

    def __init__(self) -> None:
        self.sent: list[Change] = []
        self.always: list[Change] = []
        self.rest: dict[str, Any] = {}

    def operations(self) -> dict[str, dict[str, Any]]:
        """
        Give the update document.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/update/
        """
        update: dict[str, dict[str, Any]] = {}
        for change in (*self.sent, *self.always):
            operator, value = _as_sent(change.operator, change.value)
            update.setdefault(operator, {})[change.path] = value
        return update


def _as_sent(operator: str, value: Any) -> tuple[str, Any]:
    """Give operator and value as the server takes them."""
    if operator == "$unset":
        return operator, True
    if operator == "$pop":
        return operator, 1
    if operator in ("$push", "$pushAll", "$addToSet") and isinstance(value, list):
        return ("$push" if operator == "$pushAll" else operator), {"$each": value}
    if operator == "$pull" and isinstance(value, list):
        return operator, {"$in": value}
    return operator, value


class Collector:
    """
    One walk over a document and what is embedded in it.

    Args:
        operators: Operations by stored (dotted) name, over those that the fields declare.
        with_required: Whether to send every set required field.
        options: How snapshots are encoded.
    """

    def __init__(self, operators: Mapping[str, str], with_required: bool, options: Any) -> None:
        self.operators = operators
        self.with_required = with_required
        self.options = options
        self.changes = Changes()

    def walk(self, document: Any, truth: Truth, prefix: str) -> None:
        """Collect what changed in *document*, whose stored names begin with *prefix*."""
        before = len(self.changes.sent)
        late: list[Any] = []
        dirty: set[str] = set()
        for name, field in type(document)._fields.items():
            if field.is_id and not prefix:
                continue
            if field._sent_with_changes or isinstance(field, ComputedField):
                late.append(field)
                continue
            count = len(self.changes.sent)
            self._field(document, field, truth, prefix)
            if len(self.changes.sent) > count:
                dirty.add(name)
        _extra_fields(
            self.changes, document, truth, prefix, self.options, with_rest=self.with_required
        )
        self._computed(document, late, dirty, truth, prefix, before)

    def _add(self, document: Any, field: Any, path: str, operator: str, value: Any) -> None:
        self.changes.sent.append(Change(path, operator, value, document, field))

    def _field(self, document: Any, field: Any, truth: Truth, prefix: str) -> None:
        """Collect one field."""
        name, path = field._name, prefix + field.db_field
        value = document.__dict__.get(name, UNSET)
        old = truth.of(field)
        if value is UNSET:
            if _is_known(old) and document._is_retrieved(name):
                self._refuse_missing(document, field)
                operator = self.operators.get(path, field.on_update)
                if operator != "ignore":
                    self._add(document, field, path, "$unset", True)
            elif self.with_required:
                self._unset_required(document, field, path)
            return
        if _loaded_in_part(document, field, value, self.options):
            return
        declared = field.on_update
        operator = self.operators.get(path, declared)
        if operator == "ignore" or _is_default(document, field, value, self.options):
            self._clean(document, field, path, operator, value)
        elif operator in ARGUMENT_OPERATORS:
            self._argument(document, field, path, operator, value, old, truth)
        elif (
            _is_document(value)
            and field.has_subfields
            and not (truth.is_stored and _was_assigned(document, name))
        ):
            self._embedded(document, field, path, value, old)
        elif old is UNCHANGED or (_is_known(old) and same(old, field.wrap(value), self.options)):
            self._clean(document, field, path, operator, value)
        else:
            self._add(document, field, path, operator, field.wrap(value))

    def _embedded(self, document: Any, field: Any, path: str, value: Any, old: Any) -> None:
        """Collect what changed inside an embedded document that was not replaced."""
        if old is UNCHANGED:
            self.walk(value, Truth(value), path + ".")
            return
        stored = thaw(old) if _is_known(old) else {}
        if not isinstance(stored, Mapping):
            self._add(document, field, path, "$set", field.wrap(value))
            return
        count = len(self.changes.sent)
        self.walk(value, Truth(value, stored), path + ".")
        if old is UNSET and len(self.changes.sent) == count:
            self._add(document, field, path, "$set", {})

    def _argument(
        self,
        document: Any,
        field: Any,
        path: str,
        operator: str,
        value: Any,
        old: Any,
        truth: Truth,
    ) -> None:
        """Collect a field whose value is the argument of its operation."""
        if not truth.is_stored or _was_assigned(document, field._name):
            self._add(document, field, path, operator, field.wrap(value))
        elif (
            not field._mutable_values
            or old is UNCHANGED
            or (_is_known(old) and same(old, field.wrap(value), self.options))
        ):
            self._clean(document, field, path, operator, value)
        elif path in self.operators or operator == "$addToSet":
            self._add(document, field, path, operator, field.wrap(value))
        else:
            # Changed in place, the value is the wanted result: pushing it would double the items.
            self._add(document, field, path, "$set", field.wrap(value))

    def _clean(self, document: Any, field: Any, path: str, operator: str, value: Any) -> None:
        """Note a set field that did not change, where an upsert wants it."""
        if not self.with_required:
            return
        if field.required and operator == "$set":
            self._add(document, field, path, operator, field.wrap(value))
        else:
            self.changes.rest[path] = field.wrap(value)

    def _unset_required(self, document: Any, field: Any, path: str) -> None:
        """Let an upsert send a default, and refuse to go without a required value."""
        value = field._value_to_store(document)
        if value is UNSET:
            self._refuse_missing(document, field)
        else:
            self._clean(document, field, path, self.operators.get(path, field.on_update), value)

    def _refuse_missing(self, document: Any, field: Any) -> None:
        if self.with_required and field.required:
            raise missing(document, field)

    def _computed(
        self,
        document: Any,
        fields: list[Any],
        dirty: set[str],
        truth: Truth,
        prefix: str,
        before: int,
    ) -> None:
        """Collect computed fields and the time of modification."""
        always: list[Change] = []
        for field in fields:
            if not document._is_retrieved(field._name):
                continue
            path = prefix + field.db_field
            operator = self.operators.get(path, field.on_update)
            if operator == "ignore":
                continue
            one_time = getattr(field, "one_time", False)
            if one_time and field._name in document.__dict__ and truth.is_stored:
                self._field(document, field, truth, prefix)
                continue
            wanted = self.with_required or not truth.is_stored
            if field._sent_with_changes and not one_time:
                value = field._value_to_store(document)
                always.append(Change(path, operator, field.wrap(value), document, field))
            elif wanted or not dirty.isdisjoint(field.deps):
                value = field._value_to_store(document)
                if value is not UNSET:
                    self._add(document, field, path, operator, field.wrap(value))
                elif field._name in document.__dict__ or _is_known(truth.of(field)):
                    # A dependency is gone, and what was computed of it must not stay stored.
                    self._add(document, field, path, "$unset", True)
        if not prefix or len(self.changes.sent) > before:
            self.changes.always.extend(always)


def collect(
    document: Any, operators: Mapping[str, str] | None = None, with_required: bool = False
) -> Changes:
    """
    Compare a document with what is stored of it.

    Args:
        document: The document.
        operators: Operations by stored (dotted) name, over those that the fields declare.
        with_required: Whether to send every set required field too.

    Returns:
        What an update has to send.

    Raises:
        BadValueException: A changed value cannot be stored.
        FieldNotRetrieved: A value that was loaded in part was changed in place.
        InvalidUpdateException: An extra field changed that no update can name.
        MissingValueException: With *with_required*, a required field is not set.
    """
    collector = Collector(operators or {}, with_required, document._snapshot_options())
    collector.walk(document, Truth(document), "")
    state = document._state
    if state is not None:
        for name in state.removed:
            collector.changes.sent.append(Change(name, "$unset", True, document, None))
    return collector.changes


def count_version(document: Any, changes: Changes) -> None:
    """
    Let an update increment the document's version, if its class counts versions.

    Args:
        document: The document.
        changes: What the update sends, added to.
    """
    field = type(document)._version_field
    if field is not None:
        changes.sent.append(Change(field.db_field, "$inc", 1, document, field))


def missing(document: Any, field: Any) -> DocumentException:
    """Give the error for a required field that is not set."""
    owner = type(document).__name__
    if not document._is_retrieved(field._name):
        return FieldNotRetrieved(
            f"{owner}.{field._name} is required and was not retrieved. Load the document with "
            f"this field, or save only what was retrieved.",
            name=field._name,
            document_class=owner,
        )
    return MissingValueException(
        f"{owner}.{field._name} is required and not set. Set it, give it a default, or declare "
        f"the field with required=False.",
        name=field._name,
        document_class=owner,
    )


def stored_form(document: Any, mapping: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """
    Give what is stored of an embedded document, as far as it is known.

    Args:
        document: The embedded document.
        mapping: Its stored form, when the parent knows it.

    Returns:
        A new dict of BSON-ready values by stored name.
    """
    if mapping is not None:
        return dict(mapping)
    truth = Truth(document)
    form: dict[str, Any] = {}
    for name, field in type(document)._fields.items():
        old = truth.of(field)
        if old is UNCHANGED and name in document.__dict__:
            value = document.__dict__[name]
            if _is_document(value) and field.has_subfields:
                form[field.db_field] = stored_form(value)
            else:
                form[field.db_field] = field.wrap(value)
        elif _is_known(old):
            form[field.db_field] = thaw(old)
    state = document._state
    if state is not None and state.extra is not None and truth.mapping is None:
        form.update(state.extra if state.extra_baseline is None else state.extra_baseline.decode())
    return form


def part_form(field: Any, value: Any) -> Any:
    """
    Give the stored form of a value that was loaded in part, as far as it is there.

    Args:
        field: Its field.
        value: The value: plain, or a list of partial documents.

    Returns:
        What to compare with a later one.
    """
    if isinstance(value, list) and any(map(_is_document, value)):
        return [_set_form(item) if _is_document(item) else item for item in value]
    return field.wrap(value)


def _set_form(document: Any) -> dict[str, Any]:
    """Give the set values of a document that may be partial, wrapped."""
    form: dict[str, Any] = {}
    for name, field in type(document)._fields.items():
        value = document.__dict__.get(name, UNSET)
        if value is not UNSET:
            whole = not (_is_document(value) and field.has_subfields)
            form[field.db_field] = part_form(field, value) if whole else _set_form(value)
    return form


def _is_known(old: Any) -> bool:
    """Whether *old* is a stored value (and no mark for one)."""
    return old is not UNSET and old is not UNCHANGED and old is not UNKNOWN


def _is_document(value: Any) -> bool:
    """Whether *value* is a document (told by what this room reads of it)."""
    return hasattr(value, "_state")


def _was_assigned(document: Any, name: str) -> bool:
    """Whether a field was assigned since it was loaded or stored."""
    state = document._state
    return state is not None and name in state.assigned


def _is_default(document: Any, field: Any, value: Any, options: Any) -> bool:
    """Whether *value* is a default that was only read."""
    state = document._state
    if state is None or state.defaults is None or field._name not in state.defaults:
        return False
    frozen = state.defaults[field._name]
    try:
        return frozen is UNKNOWN or same(frozen, field.wrap(value), options)
    except DocumentException:
        return False


def _loaded_in_part(document: Any, field: Any, value: Any, options: Any) -> bool:
    """Whether only a part of *value* was loaded; refuse one that was changed in place."""
    state = document._state
    if state is None or state.retrieved is None or field._name not in state.retrieved.parts:
        return False
    frozen = state.baseline.get(field._name, UNCHANGED)
    if frozen is not UNCHANGED and not same(frozen, part_form(field, value), options):
        owner = type(document).__name__
        raise FieldNotRetrieved(
            f"{owner}.{field._name} was loaded only in part and then changed in place, so what to "
            f"store is not known. Load it as a whole, use an update expression, or assign a new "
            f"value that replaces it.",
            name=field._name,
            document_class=owner,
        )
    return True


def _extra_fields(
    changes: Changes,
    document: Any,
    truth: Truth,
    prefix: str,
    options: Any,
    *,
    with_rest: bool,
) -> None:
    """Collect extra fields that were added, changed or deleted."""
    state = document._state
    if state is None or state.extra is None:
        return
    if state.extra_baseline is not None and not truth.by_parent:
        stored = state.extra_baseline.decode()
    elif truth.mapping is not None:
        fields = type(document)._by_db_field
        stored = {name: value for name, value in truth.mapping.items() if name not in fields}
    else:
        return  # loaded, and nobody asked for them since
    for name in [*state.extra, *(name for name in stored if name not in state.extra)]:
        value = state.extra.get(name, UNSET)
        if (
            name in stored
            and value is not UNSET
            and same(freeze(stored[name], options), value, options)
        ):
            if with_rest:
                changes.rest[prefix + name] = value
            continue
        if "." in name or name.startswith("$"):
            owner = type(document).__name__
            raise InvalidUpdateException(
                f"The extra field {name!r} of {owner} changed, and no update can name it: MongoDB "
                f"reads '.' as a path and '$' as an operator. Save the whole document, or rename "
                f"the field on the server.",
                document_class=owner,
            )
        operator = "$unset" if value is UNSET else "$set"
        changes.sent.append(
            Change(prefix + name, operator, True if value is UNSET else value, document, None)
        )


def whole_but_partial(document: Any) -> Changes:
    """
    Collect every field of a partial document that is set: what its save sends.

    Args:
        document: A partial document.

    Returns:
        ``$set`` for what is set, ``$unset`` for what was deleted.

    Raises:
        BadValueException: A value cannot be stored.
        FieldNotRetrieved: A value that was loaded in part was changed in place.
    """
    changes = Changes()
    _walk_partial(document, "", changes, document._snapshot_options())
    return changes


def _walk_partial(document: Any, prefix: str, changes: Changes, options: Any) -> None:
    truth = Truth(document)
    for name, field in type(document)._fields.items():
        if field.is_id and not prefix:
            continue
        path = prefix + field.db_field
        if name not in document.__dict__ and not document._is_retrieved(name):
            continue
        value = document.__dict__.get(name, UNSET)
        if value is UNSET:
            value = field._value_to_store(document)
        if value is UNSET:
            if _is_known(truth.of(field)):
                changes.sent.append(Change(path, "$unset", True, document, field))
        elif _loaded_in_part(document, field, value, options):
            continue
        elif _is_document(value) and field.has_subfields and _retrieved_of(value) is not None:
            _walk_partial(value, path + ".", changes, options)
        else:
            if isinstance(field, ComputedField) or field._sent_with_changes:
                value = field._value_to_store(document)
            changes.sent.append(Change(path, "$set", field.wrap(value), document, field))
    _extra_fields(changes, document, truth, prefix, options, with_rest=False)


def _retrieved_of(document: Any) -> Retrieved | None:
    """Give what a partial document has, ``None`` for a whole one."""
    state = document._state
    return None if state is None else state.retrieved
