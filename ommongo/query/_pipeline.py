"""Where a query's filter goes in an aggregation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ommongo.exceptions import BadQueryException
from ommongo.query.criteria import Draft, has_where, is_near
from ommongo.query_expression import merge

__all__ = ["pipeline_of"]

# Stages that have to come first, and give documents of the collection in another way.
_SEARCHES: Final = frozenset({"$search", "$vectorSearch"})

# Those that tell of the collection, and not of its documents.
_ABOUT_COLLECTION: Final = frozenset(
    {
        "$changeStream",
        "$collStats",
        "$indexStats",
        "$listSearchIndexes",
        "$planCacheStats",
        "$searchMeta",
    }
)


def pipeline_of(draft: Draft, stages: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """
    Give the pipeline that aggregates what a query matches.

    Args:
        draft: What the query asks for.
        stages: The stages that are to follow.

    Returns:
        The pipeline. The filter comes first, but for stages that have to be there themselves.

    Raises:
        BadQueryException: The filter asks for what no aggregation takes, or not beside such a
            stage.
    """
    name = _name_of(stages)
    if name in _ABOUT_COLLECTION:
        if draft.conditions or draft.search is not None:
            raise BadQueryException(
                f"{name} tells of a whole collection, so a filter on the query would not count. "
                f"Leave the filter out, or put a $match behind the stage."
            )
        return list(stages)
    query = draft.filter()
    if is_near(query):
        raise BadQueryException(
            "An aggregation takes no near() in its filter. Begin the pipeline with a $geoNear "
            "stage: the rest of the filter becomes its query."
        )
    if has_where(query):
        raise BadQueryException(
            "An aggregation takes no $where in its filter. Say it by operators, or in an $expr."
        )
    if not query:
        return list(stages)
    if name != "$geoNear" and name not in _SEARCHES:
        return [{"$match": query}, *stages]
    if draft.search is not None:
        raise BadQueryException(
            f"{name} and search() both have to come first, so one aggregation has one of them. "
            f"Leave one of them out."
        )
    first = stages[0]
    if name in _SEARCHES:
        return [first, {"$match": query}, *stages[1:]]
    near = first["$geoNear"]
    if not isinstance(near, Mapping):
        return list(stages)  # for the server to refuse
    own = near.get("query")
    joined = merge(query, dict(own), strict=False) if own else query
    return [{"$geoNear": {**near, "query": joined}}, *stages[1:]]


def _name_of(stages: Sequence[Mapping[str, Any]]) -> str | None:
    """Give the name of the first stage."""
    if not stages or not isinstance(stages[0], Mapping):
        return None
    return next(iter(stages[0]), None)
