"""What every kind of query stands on: a class of documents, what is asked for, a session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ommongo._habits import Habits
from ommongo._ownership import Roots, refuse_foreign
from ommongo.document import DocumentMeta
from ommongo.exceptions import BadQueryException
from ommongo.query._habits import ELSEWHERE
from ommongo.query._slips import kind, no_class, no_condition, no_field
from ommongo.query.criteria import Draft
from ommongo.query_expression import (
    FreeFormDoc,
    FreeFormField,
    QueryExpression,
    QueryField,
    stored_query,
)
from ommongo.util import resolve_name

if TYPE_CHECKING:
    from typing_extensions import Self

    from ommongo.query._session import SessionLike
    from ommongo.query.criteria import Criteria

__all__ = ["FieldName", "QueryBase"]

FieldName = str | QueryField[Any]


class QueryBase(Habits):
    """
    Documents of a class, of which some are asked for.

    Args:
        type: A document class, or a collection's name (or free-form document) for raw dicts.
        session: The session that is to run it; ``None`` for one that is only built.
        exclude_subclasses: Whether documents of subclasses are left out.

    Raises:
        BadQueryException: *type* is none of these.
        BadFieldSpecification: The class's ``config_default_sort`` cannot work.
    """

    _elsewhere = ELSEWHERE

    type: Any
    session: SessionLike | None

    def __init__(
        self, type: Any, session: SessionLike | None, exclude_subclasses: bool = False
    ) -> None:
        if isinstance(type, DocumentMeta):  # Document and what inherits from it; quickly told
            document_class: Any = type
            if not document_class._settings_checked:
                document_class._check_default_sort()
        elif isinstance(type, str):
            type = FreeFormDoc(type)
        elif not isinstance(type, FreeFormDoc):
            raise BadQueryException(no_class(type))
        if exclude_subclasses is not False and not isinstance(exclude_subclasses, int):
            raise BadQueryException(
                f"exclude_subclasses is True or False, not {kind(exclude_subclasses)}. A query is "
                f"for one class: make one for each."
            )
        self.type = type
        self.session = session
        self._draft = draft = Draft()
        draft.type = type
        draft.conditions = {}
        if exclude_subclasses:
            draft.exclude_subclasses = exclude_subclasses

    @property
    def query(self) -> dict[str, Any]:
        """The filter that would be sent; a new dict each time."""
        return self._draft.filter()

    @property
    def _criteria(self) -> Criteria:
        """What is asked for by now, for those who are not to see what is asked for later."""
        return self._draft.frozen()

    def _copy(self) -> Self:
        """Give a query with all settings of this one; each can be changed without the other."""
        copy = type(self).__new__(type(self))
        copy.__dict__.update(self.__dict__)
        copy._draft = self._draft.copy()
        return copy

    __copy__ = _copy  # a copy of another kind would share what is asked for

    def _field(self, field: Any) -> Any:
        """Give the query field that *field* is or names."""
        if type(field) is QueryField:
            if field._roots[0] is not self.type:  # nearly never: quickly told
                self._refuse_foreign(field._roots)
            return field
        if isinstance(field, str):
            found = getattr(self.type, field, None)
            if type(found) is QueryField and field not in self.type._aliases:  # nearly always
                return found
            return (
                FreeFormField(field) if self._draft.is_free_form else resolve_name(self.type, field)
            )
        if not hasattr(field, "get_absolute_name"):
            raise BadQueryException(no_field(field))
        return field if self._draft.is_free_form else resolve_name(self.type, field)

    def _refuse_foreign(self, roots: Roots) -> None:
        """Refuse fields of another class; a free-form document has fields of any."""
        if not self._draft.is_free_form:
            refuse_foreign(self.type, roots)

    def _stored(self, condition: Any, method: str) -> dict[str, Any]:
        """Give a condition with stored names, which are not to be translated again."""
        if isinstance(condition, (QueryExpression, dict)):
            # Beside a filter that nobody has checked anything may be asked for.
            return stored_query(self.type, condition, checked=not self._draft.is_bypassed)
        raise BadQueryException(no_condition(condition, method, self.type))

    def __repr__(self) -> str:
        draft = self.__dict__.get("_draft")
        if draft is None:  # the constructor has failed
            return object.__repr__(self)
        return f"<{type(self).__name__} of {draft.described()}>"

    def _get_session(self) -> SessionLike:
        """Give the session, which only a query that is run needs."""
        if self.session is None:
            raise BadQueryException(
                "This query cannot be run: it was made without a session. Use session.query(...)."
            )
        return self.session
