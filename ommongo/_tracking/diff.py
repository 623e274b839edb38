"""What is dirty: a document compared with what is stored of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ommongo._bson import compared, same, thaw
from ommongo._tracking.changes import ARGUMENT_OPERATORS, Change, Changes
from ommongo._tracking.committed import Committed, is_default, kept_form
from ommongo._tracking.extra import diff_extra
from ommongo._tracking.marks import (
    ASSIGNED,
    IN_DOUBT,
    UNCHANGED,
    UNKNOWN,
    is_in_doubt,
    is_known,
)
from ommongo._tracking.plan import Plan
from ommongo._tracking.state import State
from ommongo._tracking.tracked import Tracked, missing
from ommongo.exceptions import BadValueException, FieldNotRetrieved, MissingValueException
from ommongo.fields import ComputedField, Field, VersionField
from ommongo.util import UNSET

__all__ = ["full_diff", "goes_along", "is_part", "is_rewritten", "is_untouched", "renewal"]


class Diff:
    """
    One walk over a document and what is embedded in it, which collects what changed.

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
        # Whether it is about a document that was never loaded, of which it is only said what
        # changed: what is not set in it is left alone, at any depth.
        self._is_by_id_alone = False
        # The same, also where what is not set is to be inserted.
        self._is_new = False

    def walk(self, document: Tracked, committed: Committed, prefix: str) -> None:
        """Collect what changed in *document*, whose stored names begin with *prefix*."""
        sent = self.changes.sent
        before = len(sent)
        dirty: set[str] = set()
        plan = document._plan
        usual = self._usual_state(committed)
        for field in self._to_compare(document, plan, committed):
            name = field._name
            if name == plan.id_name and not prefix:
                continue
            count = len(sent)
            if usual is None or not self._at_a_glance(document, field, plan, usual, prefix):
                self._field(document, field, committed, prefix)
            if len(sent) > count:
                dirty.add(name)
        state = committed.state
        if state is not None and state.extra is not None:
            diff_extra(
                self.changes,
                document,
                committed,
                prefix,
                self.options,
                with_rest=self.with_required,
            )
        if plan.made:
            dirty = _with_dependents(dirty, plan.made)
            self._computed(document, plan.made, dirty, committed, prefix, before)

    def _to_compare(self, document: Tracked, plan: Plan, committed: Committed) -> list[Any]:
        """Give the fields that may have changed."""
        if self.with_required or committed.mapping is not None:
            return plan.own
        # The others were neither assigned nor read, or hold what cannot change in place.
        state = committed.state
        held = document.__dict__
        names = {name for name in plan.embedded if not is_untouched(held.get(name))}
        if state is not None:
            names.update(state.touched(held))
        return [field for field in plan.own if field._name in names] if names else []

    def _usual_state(self, committed: Committed) -> State | None:
        """Give the state by which fields are judged at a glance, if they can be."""
        state = committed.state
        if (
            state is None
            or committed.mapping is not None
            or self.with_required
            or self.operators
            or state.retrieved is not None
            or state.particulars.past is not None
            or any(origin is not ASSIGNED for origin in state.origins.values())
        ):
            return None
        return state

    def _at_a_glance(
        self, document: Tracked, field: Field[Any], plan: Plan, state: State, prefix: str
    ) -> bool:
        """Collect a plain value, or a list of such that did not change; tell whether it was one."""
        name = field._name
        tests = plan.settable.get(name)
        if tests is None or name not in document.__dict__:
            return False
        value = document.__dict__[name]
        is_same = compared(state.known(name), value)
        if is_same is None:
            return False
        if is_same:
            return True
        test = tests.get(type(value))
        if test is None or not test(value):
            return False
        self._add(document, field, prefix + field.db_field, "$set", value)
        return True

    def _add(
        self, document: Tracked, field: Field[Any], path: str, operator: str, value: Any
    ) -> None:
        if document._is_family:
            held = UNSET if operator == "$unset" else value
            document._check_identity_value(field._name, held)
        if operator == "$set" and field._asks_on_loading:
            field._check_loadable(value)
        self.changes.add(path, operator, value, document, field)

    def _field(
        self, document: Tracked, field: Field[Any], committed: Committed, prefix: str
    ) -> None:
        """Collect one field."""
        if isinstance(field, VersionField):
            return  # the session counts it
        name, path = field._name, prefix + field.db_field
        value = document.__dict__.get(name, UNSET)
        old = committed.of(field)
        operator = self.operators.get(path, field.on_update)
        if is_rewritten(document, field, value, old, self.options):
            return
        if value is UNSET or is_default(document, field, value, self.options):
            self._absent(document, field, path, operator, value, old)
        elif is_part(document, field, value, self.options):
            return
        elif operator == "ignore":
            self._clean(document, field, path, operator, value)
        elif operator in ARGUMENT_OPERATORS:
            self._argument(document, field, path, operator, value, old, committed)
        elif (
            isinstance(value, Tracked)
            and field.has_subfields
            and not (committed.is_stored and document._was_assigned(name))
        ):
            self._embedded(document, field, path, value, old)
        elif self._is_stored_so(document, field, value, old):
            self._clean(document, field, path, operator, value)
        else:
            self._add(document, field, path, operator, field.wrap(value))

    def _is_stored_so(self, document: Tracked, field: Field[Any], value: Any, old: Any) -> bool:
        """Whether *value*, untouched or compared with *old*, is what is stored."""
        if not is_known(old):
            return old is UNCHANGED
        if compared(old, value):
            return True
        new = kept_form(field, value)
        if same(old, new, self.options):
            return True
        if field._name not in document._plan.holding:
            return False
        # The times of modification of documents in a list are no change of the list.
        return same(field._steady(thaw(old)), field._steady(new), self.options)

    def _absent(
        self, document: Tracked, field: Field[Any], path: str, operator: str, value: Any, old: Any
    ) -> None:
        """Collect a field that is not set, or reads as its default only."""
        differs = is_known(old) or old is UNKNOWN
        if value is UNSET:
            differs = differs and document._is_retrieved(field._name)
            if field.optional and document._was_assigned(field._name):
                # None was assigned: that is said of it, whatever is stored. (An upsert has to
                # insert an embedded document as a whole.)
                is_told = self._is_by_id_alone or (self._is_new and path == field.db_field)
                differs = differs or is_told
        elif differs:  # defaults are stored where a document is stored as a whole
            differs = not self._is_stored_so(document, field, value, old)
        if self.with_required and (field.required or not differs):
            self._unset_required(document, field, path, operator)
        elif differs and operator != "ignore":
            self._add(document, field, path, "$unset", True)

    def _embedded(
        self, document: Tracked, field: Field[Any], path: str, value: Any, old: Any
    ) -> None:
        """Collect what changed inside an embedded document that was not replaced."""
        before = len(self.changes.sent)
        self._embedded_parts(document, field, path, value, old)
        if field._has_validators and len(self.changes.sent) > before:
            try:
                field._wrap_to_store(value)  # a part may be sent alone, and they judge the whole
            except (FieldNotRetrieved, MissingValueException):
                field.validate_wrap(value)

    def _embedded_parts(
        self, document: Tracked, field: Field[Any], path: str, value: Any, old: Any
    ) -> None:
        """Collect what changed in an embedded document, whatever its field says of the whole."""
        if old is UNCHANGED:
            self._walk_below(field, value, Committed(value), path)
            return
        if old is UNKNOWN or is_in_doubt(old):
            self._embedded_in_doubt(document, field, path, value)
            return
        stored = thaw(old) if is_known(old) else {}
        if not isinstance(stored, Mapping):
            self._add(document, field, path, "$set", field.wrap(value))
            return
        count = len(self.changes.sent)
        self._walk_below(field, value, Committed(value, stored), path)
        if old is UNSET and len(self.changes.sent) == count and not self._is_by_id_alone:
            for name in [name for name in self.changes.rest if name.startswith(path + ".")]:
                del self.changes.rest[name]  # it goes along with the whole
            whole = field.wrap(value) if self.with_required else {}
            self._add(document, field, path, "$set", whole)

    def _walk_below(
        self, field: Field[Any], value: Tracked, committed: Committed, path: str
    ) -> None:
        """Collect what changed in an embedded document, with errors named from above it."""
        try:
            self.walk(value, committed, path + ".")
        except BadValueException as error:
            raise error.within(field._name) from error

    def _embedded_in_doubt(
        self, document: Tracked, field: Field[Any], path: str, value: Any
    ) -> None:
        """Collect all of an embedded document of which nobody knows what is stored."""
        changes, self.changes = self.changes, Changes()
        in_doubt = dict.fromkeys(type(value)._by_db_field, IN_DOUBT)
        self._walk_below(field, value, Committed(value, in_doubt), path)
        collected, self.changes = self.changes, changes
        try:
            if all(change.operator in ("$set", "$unset") for change in collected.sent):
                self._add(document, field, path, "$set", field.wrap(value))
                return
        except FieldNotRetrieved:
            pass  # a part of it is not known either
        changes.sent.extend(collected.sent)
        changes.always.extend(collected.always)
        changes.rest.update(collected.rest)

    def _argument(
        self,
        document: Tracked,
        field: Field[Any],
        path: str,
        operator: str,
        value: Any,
        old: Any,
        committed: Committed,
    ) -> None:
        """Collect a field whose value is the argument of its operation."""
        if not committed.is_stored or document._was_assigned(field._name):
            self._add(document, field, path, operator, field.wrap(value))
        elif self._is_stored_so(document, field, value, old):
            self._clean(document, field, path, operator, value)
        elif field._mutable_values and (path in self.operators or operator == "$addToSet"):
            self._add(document, field, path, operator, field.wrap(value))
        else:
            # Changed in place, or through another document that shares an embedded one, the value
            # is the wanted result: pushing it would double the items.
            self._add(document, field, path, "$set", field.wrap(value))

    def _clean(
        self, document: Tracked, field: Field[Any], path: str, operator: str, value: Any
    ) -> None:
        """Note a set field that did not change, where an upsert wants it."""
        if not self.with_required:
            return
        if field.required and operator == "$set":
            self._add(document, field, path, operator, field.wrap(value))
        else:
            self.changes.rest[path] = field._wrap_to_store(value)

    def _unset_required(
        self, document: Tracked, field: Field[Any], path: str, operator: str
    ) -> None:
        """Let an upsert send a default, and refuse to go without a required value."""
        value = field._value_to_store(document)
        if value is not UNSET:
            self._clean(document, field, path, operator, value)
        elif field.required:
            raise missing(document, field)

    def _computed(
        self,
        document: Tracked,
        fields: list[Any],
        dirty: set[str],
        committed: Committed,
        prefix: str,
        before: int,
    ) -> None:
        """Collect computed fields and the time of modification."""
        always: list[Change] = []
        for field in fields:
            one_time = isinstance(field, ComputedField) and field.one_time
            is_retrieved = document._is_retrieved(field._name)
            if not (is_retrieved or goes_along(field) or (field._name in dirty and not one_time)):
                continue
            path = prefix + field.db_field
            operator = self.operators.get(path, field.on_update)
            if operator == "ignore":
                continue
            if not is_retrieved and not goes_along(field):
                check_dependencies(document, field)
            if one_time and field._name in document.__dict__ and committed.is_stored:
                self._field(document, field, committed, prefix)
                continue
            if one_time and self._is_by_id_alone and not document._was_assigned(field._name):
                continue  # another one may be stored
            wanted = self.with_required or not (committed.is_stored or self._is_by_id_alone)
            if one_time:
                document._remember(field)  # before it is computed, for it is then held
            if field._sent_with_changes:
                always.append(renewal(document, field, path, operator, is_embedded=bool(prefix)))
            elif wanted or field._name in dirty:
                value = field._value_to_store(document)
                if value is not UNSET:
                    self._add(document, field, path, operator, field.wrap(value))
                elif (
                    not is_retrieved  # one may be stored
                    or field._name in document.__dict__
                    or is_known(committed.of(field))
                ):
                    # A dependency is gone, and what was computed of it must not stay stored.
                    self._add(document, field, path, "$unset", True)
        if not prefix or len(self.changes.sent) > before:
            self.changes.always.extend(always)


def goes_along(field: Field[Any]) -> bool:
    """Whether a field goes along with every write, also of a document that lacks it."""
    return field._is_modified


def renewal(
    document: Tracked, field: Field[Any], path: str, operator: str, is_embedded: bool
) -> Change:
    """
    Give the change of a field that goes along with others.

    Args:
        document: The document.
        field: The field.
        path: Its stored dotted name.
        operator: Its operation.
        is_embedded: Whether the document is embedded in another: it could not be stored as a whole
            if the server's time were not known.
    """
    modified: Any = field if field._is_modified else None
    if modified is not None and modified.on_server and not is_embedded:
        return Change(path, "$currentDate", True, document, field)
    value = field._value_to_store(document)
    if value is UNSET:
        return Change(path, "$unset", True, document, field)
    return Change(path, operator, field.wrap(value), document, field)


def check_dependencies(document: Tracked, field: ComputedField[Any]) -> None:
    """
    Refuse to leave a computed field behind that was not retrieved, where it cannot be computed.

    Args:
        document: The document, in which something changed that the field is computed from.
        field: The field.

    Raises:
        FieldNotRetrieved: Something else that it is computed from was not retrieved.
    """
    for name in field.deps:
        dep = type(document)._fields[name]
        if isinstance(dep, ComputedField) and not dep.one_time:
            check_dependencies(document, dep)
        elif not document._is_retrieved(name):
            owner = type(document).__name__
            raise FieldNotRetrieved(
                f"{owner}.{field._name} is stored, and computed from what changed and from "
                f"{owner}.{name}, which was not retrieved. Load the document with {name}, too.",
                name=name,
                document_class=owner,
            )


def is_untouched(value: Any) -> bool:
    """Whether a value is a document that was loaded, and in which nobody has touched anything."""
    return getattr(value, "_known", UNKNOWN) is None and value._plan.is_flat


def full_diff(
    document: Tracked, operators: Mapping[str, str] | None = None, with_required: bool = False
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
    found = Diff(operators or {}, with_required, document._snapshot_options())
    committed = Committed(document)
    found._is_new = not committed.is_stored
    found._is_by_id_alone = found._is_new and not with_required
    found.walk(document, committed, "")
    return found.changes


def _with_dependents(dirty: set[str], computed: list[Any]) -> set[str]:
    """Give the names of changed fields, and of those that are computed from them."""
    found = set(dirty)
    for _ in computed:  # one may be computed from another, in any order
        count = len(found)
        found.update(
            field._name
            for field in computed
            if isinstance(field, ComputedField) and not found.isdisjoint(field.deps)
        )
        if len(found) == count:
            break
    return found


def is_rewritten(document: Tracked, field: Field[Any], value: Any, old: Any, options: Any) -> bool:
    """
    Tell whether a value is what a hook made of more than was retrieved.

    Args:
        document: The document.
        field: The field.
        value: The value that the document holds.
        old: What is known of it.
        options: How snapshots are encoded.

    Returns:
        Whether it is, which an update leaves alone.

    Raises:
        FieldNotRetrieved: It was changed.
    """
    state = document._known
    if type(state) is not State or state.retrieved is None:
        return False
    if field._name not in state.retrieved.rewritten:
        return False
    if old is not UNCHANGED and not (
        is_known(old) and value is not UNSET and same(old, kept_form(field, value), options)
    ):
        owner = type(document).__name__
        raise FieldNotRetrieved(
            f"{owner}.{field._name} was made by transform_incoming(), with other fields that were "
            f"not retrieved. Stored without these it would be made anew of what is old. Load the "
            f"document as a whole to change it.",
            name=field._name,
            document_class=owner,
        )
    return True


def is_part(document: Tracked, field: Field[Any], value: Any, options: Any) -> bool:
    """
    Tell whether only a part of a value was loaded.

    Args:
        document: The document.
        field: The field.
        value: The value that the document holds.
        options: How snapshots are encoded.

    Returns:
        Whether it is such a part, which an update leaves alone.

    Raises:
        FieldNotRetrieved: It was changed in place.
    """
    state = document._state
    if state is None:
        return False
    past = state.particulars.past
    is_past = past is not None and field._name in past
    if is_past and isinstance(value, Tracked) and value._is_past():
        return False  # it says itself what of it is the past
    is_loaded_in_part = state.retrieved is not None and field._name in state.retrieved.parts
    if not (is_past or is_loaded_in_part):
        return False
    frozen = state.known(field._name)
    if frozen is not UNCHANGED and not same(frozen, kept_form(field, value), options):
        owner = type(document).__name__
        what = "holds what was stored before an update" if is_past else "was loaded only in part"
        raise FieldNotRetrieved(
            f"{owner}.{field._name} {what} and was then changed in place, so what to "
            f"store is not known. Load it as a whole, use an update expression, or assign a new "
            f"value that replaces it.",
            name=field._name,
            document_class=owner,
        )
    return True
