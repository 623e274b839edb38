"""What a query asks for, apart from who asks and how it is run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, NoReturn

from ommongo._shown import shown
from ommongo._tracking import Retrieved
from ommongo.query._projection import projection_of, without_id
from ommongo.query_expression import FreeFormDoc, Parts, absorb, add, in_full, own_copy

__all__ = ["SCORE", "Criteria", "Draft", "OnError", "has_where", "is_near", "needs_find"]

SCORE: Final = "__ommongo_score"
"""The key under which a search delivers the score; no field can have it by accident."""

_BY_SCORE: Final = [(SCORE, {"$meta": "textScore"})]

_LOGICAL = ("$and", "$or", "$nor")

OnError = Literal["raise", "skip", "collect"]

Order = tuple[tuple[str, int], ...]


class Draft:
    """
    What a query asks for as far as it has been said, which the query itself changes.

    To replace a frozen value for each thing that is said makes building a query a third dearer. The
    values in a draft are never changed, only replaced, so its copies are independent of it.

    It is made without arguments, and `QueryBase` says the first two: a constructor in Python would
    double what making one costs.

    Attributes:
        type: A document class or a free-form document.
        exclude_subclasses: Whether documents of subclasses are left out.
        conditions: What was asked for itself, in parts, without the class's own conditions.
        is_bypassed: Whether these are all conditions there are, the class's own left out.
        search: The text to search for, a condition of its own kind: it also decides the order.
        sort: The order, as pairs of a stored name and 1 or -1.
        hints: The index to use, in the same form.
        limit: How many results there are at most; 0 for all.
        skip: How many results are left out.
        fields: What to load: stored name to ``True``, ``False`` or a dict; ``None`` for all.
        raw_output: Whether results of a document class stay dicts.
        comment: The mark for the server's log.
        max_time: After how many milliseconds the server gives up.
        batch_size: How many documents are fetched at a time; 0 for the server's choice.
        on_error: What a listing does with a document that its class cannot load.
    """

    type: Any
    conditions: dict[str, Parts]
    # Most queries have few of these, so an unset one costs nothing.
    exclude_subclasses: bool = False
    is_bypassed: bool = False
    search: str | None = None
    sort: Order = ()
    hints: Order = ()
    limit: int = 0
    skip: int = 0
    fields: Mapping[str, Any] | None = None
    raw_output: bool = False
    comment: Any = None
    max_time: int = 0
    batch_size: int = 0
    on_error: OnError = "raise"

    def copy(self) -> Draft:
        """Give a draft that can be changed without this one."""
        copy = object.__new__(Draft)
        copy.__dict__.update(self.__dict__)
        return copy

    def frozen(self) -> Criteria:
        """Give what was said up to now, as a value."""
        criteria = object.__new__(Criteria)
        criteria.__dict__.update(self.__dict__)
        return criteria

    @property
    def is_free_form(self) -> bool:
        """Whether there is no document class, so that nothing is checked or converted."""
        return isinstance(self.type, FreeFormDoc)

    @property
    def is_raw(self) -> bool:
        """Whether results stay dicts."""
        return self.raw_output or self.is_free_form

    @property
    def version_name(self) -> str | None:
        """The stored name of the class's version, if it counts versions."""
        field = None if self.is_free_form else self.type._version_field
        return None if field is None else str(field.db_field)

    def identity(self) -> dict[str, Any]:
        """Give what a new document of the class holds in the attributes that select it."""
        return {} if self.is_free_form else dict(self.type._identities)

    def insertion(
        self, update: Mapping[str, Any], named: Mapping[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """
        Give what an upsert has to store beside filter and update; arguments and errors as there.

        Args:
            update: The update document.
            named: What selects the class, unless filter or update say it.

        Returns:
            The filter to send, and values for ``$setOnInsert``.
        """
        filter = self.filter()
        if self.is_free_form:
            return filter, {**named}
        from ommongo.document import insertion  # here: few queries are for upserts

        return insertion(self.type, filter, update, named)

    def add(self, query: Mapping[str, Any], strict: bool) -> None:
        """Take in a query dict with stored names, which is not to change any more."""
        conditions = {**self.conditions}
        add(conditions, query, strict)
        self.conditions = conditions

    def asked(self) -> dict[str, Any]:
        """Give what was asked for itself; a new dict each time."""
        return in_full(self.conditions)

    def filter(self) -> dict[str, Any]:
        """Give all conditions as one, the class's own included; a new dict each time."""
        filter = in_full(self.conditions)
        if not self.is_bypassed:
            base = self.type.base_query(self.exclude_subclasses)
            if base:
                filter = absorb(own_copy(base), filter, strict=False)
        if self.search is not None:
            filter = absorb(filter, {"$text": {"$search": self.search}}, strict=False)
        return filter

    def described(self) -> str:
        """Say what is asked for, to whoever looks at it; values are shown."""
        name = repr(self.type.get_collection_name()) if self.is_free_form else self.type.__name__
        settings = {name: getattr(self, name) for name in ("sort", "skip", "limit", "fields")}
        said = [f"{name}={shown(value)}" for name, value in settings.items() if value]
        return ", ".join([f"{name} {shown(self.filter())}", *said])

    def order(self) -> list[tuple[str, Any]] | None:
        """Give the order that the server is to use, or ``None``."""
        if self.sort:
            return list(self.sort)
        if self.search is not None:
            return list(_BY_SCORE)
        default = None if self.is_free_form else self.type._check_default_sort()
        # A geo query has an order of its own: nearest first.
        return None if not default or is_near(self.filter()) else list(default)

    def projection(self) -> dict[str, Any] | None:
        """Give the projection that is sent, or ``None`` for whole documents."""
        chosen = self.chosen()
        if chosen is None or self.is_raw or not self.type._reads_whole():
            return chosen
        # A hook may need what the fields were called before. To slice leaves the rest as it is, to
        # pick an item does not.
        operators = {name: wanted for name, wanted in chosen.items() if isinstance(wanted, Mapping)}
        return chosen if _picks(operators) else operators or None

    def chosen(self) -> dict[str, Any] | None:
        """Give what was asked for as a projection, or ``None`` for whole documents."""
        if self.fields is None:
            return None
        document_class = None if self.is_free_form else self.type
        return projection_of(document_class, self.fields, self.is_raw)

    def retrieved(self) -> Retrieved | None:
        """Give what an object of the results will have, or ``None`` for all."""
        chosen = None if self.is_raw else self.chosen()
        if chosen is None:
            return None
        retrieved = Retrieved.from_projection(self.type, without_id(chosen))
        if _picks(chosen) and self.type._reads_whole():
            return retrieved.of_a_part()
        return retrieved

    def command_options(self) -> dict[str, Any]:
        """Give the options that every command on behalf of the query carries."""
        options: dict[str, Any] = {}
        if self.hints:
            options["hint"] = dict(self.hints)
        if self.comment is not None:
            options["comment"] = self.comment
        if self.max_time:
            options["maxTimeMS"] = self.max_time
        return options


class Criteria(Draft):
    """
    What a query asked for at one moment: a value, which nothing that is said later changes.

    It is what results, updates and removals are given of a query.
    """

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise AttributeError(f"{name!r} of a query's criteria cannot be set: they are a value.")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{name!r} of a query's criteria cannot be deleted.")


def _picks(projection: Mapping[str, Any]) -> bool:
    """Whether a projection picks items of arrays, which leaves out everything else."""
    return any(
        isinstance(wanted, Mapping) and "$elemMatch" in wanted for wanted in projection.values()
    )


def is_near(query: Mapping[str, Any]) -> bool:
    """
    Tell whether a filter asks for the order by distance.

    Args:
        query: The filter.

    Returns:
        Whether it has ``$near`` or ``$nearSphere`` where the server takes them.
    """
    return any(
        any(map(is_near, condition))
        if name == "$and"
        else isinstance(condition, dict) and ("$near" in condition or "$nearSphere" in condition)
        for name, condition in query.items()
    )


def needs_find(query: Mapping[str, Any]) -> bool:
    """
    Tell whether a filter works in ``find`` only and not in an aggregation.

    Args:
        query: The filter.

    Returns:
        Whether it has ``$near``, ``$nearSphere`` or ``$where``.
    """
    return is_near(query) or has_where(query)


def has_where(query: Mapping[str, Any]) -> bool:
    """
    Tell whether a filter has JavaScript in it.

    Args:
        query: The filter.

    Returns:
        Whether it has ``$where`` where the server takes it.
    """
    return any(
        name == "$where" or (name in _LOGICAL and any(map(has_where, condition)))
        for name, condition in query.items()
    )
