"""Conditions that only a query has: patterns, raw dicts, text search."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ommongo._spelling import suggestion
from ommongo.exceptions import (
    BadQueryException,
    FieldNotFoundException,
    InvalidConfigException,
)
from ommongo.query._base import QueryBase
from ommongo.query_expression import FREE_TYPE, QueryExpression, add

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Searching"]


class Searching(QueryBase):
    """The methods of a query that narrow it by patterns, by raw dicts and by text."""

    def filter_like(self, /, **names: Any) -> Self:
        """
        Keep what matches these patterns.

        Args:
            names: Regular expressions by Python name; case does not count.

        Returns:
            This query, for chaining.

        Raises:
            FieldNotFoundException: A name is no field.
            BadQueryException: There is a condition for equality on the field already.

        Example:
            >>> session.query(User).filter_like(name="^ad").one().name
            'Ada'

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/query/regex/
        """
        joined = {**self._draft.conditions}
        for name, text in names.items():
            pattern = self._field(name).regex(text, ignore_case=True)
            add(joined, self._stored(pattern, "filter_like"), strict=True)
        self._draft.conditions = joined
        return self

    def filter_dict(self, query: Mapping[str, Any]) -> Self:
        """
        Keep what fulfils a raw dict, whose values go to the server as they are.

        Args:
            query: Dotted names to values or conditions. The first part of each is a field's Python
                name or stored name.

        Returns:
            This query, for chaining.

        Raises:
            BadQueryException: *query* is no dict.
            FieldNotFoundException: The first part of a key is no field, or the key is an operator.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/core/document/#dot-notation
        """
        if not self._draft.is_free_form and isinstance(query, dict):
            _refuse_unknown_names(self.type, query)
        stored = self._stored(query, "filter_dict")
        strict = isinstance(query, QueryExpression)
        self._draft.add(stored, strict)
        return self

    def search(self, text: str, createIndex: list[Any] | None = None) -> Self:
        """
        Keep what contains words of a text, best matches first.

        How well an object matches is told by `Document.get_index_score`. An order of the query's
        own takes the place of the one by score.

        Args:
            text: The words, as ``$text`` takes them (``"a phrase"`` in quotes, ``-not`` this).
            createIndex: Names of fields, or query fields, on which to make a text index first.

        Returns:
            This query, for chaining.

        Raises:
            BadQueryException: *text* is no text, or the query searches for another one already.
            InvalidConfigException: *createIndex* is no list, or an empty one.
            FieldNotFoundException: A name in it is no field.
            TransactionException: An index cannot be created in a server transaction.
            OperationFailure: (pymongo) the collection has a text index on other fields; or, when
                the query is run, none at all.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/query/text/
        """
        if not isinstance(text, str):
            raise BadQueryException(
                f"search() takes text, not {type(text).__name__}. Pass the words as one string."
            )
        if self._draft.search is not None:
            raise BadQueryException(
                "The query searches for a text already, and the server takes one for a query. "
                "Put all words into one search()."
            )
        if createIndex is not None:
            self._create_text_index(createIndex)
        self._draft.search = text
        return self

    def _create_text_index(self, names: Any) -> None:
        if not isinstance(names, list) or not names:
            raise InvalidConfigException(
                f"createIndex is a list of one or more field names, not "
                f"{'an empty one' if names == [] else type(names).__name__}."
            )
        keys = [(self._field(name).get_absolute_name(), "text") for name in names]
        self._get_session()._create_index(self.type, keys)


def _refuse_unknown_names(document_class: Any, query: Mapping[Any, Any]) -> None:
    """Refuse a dict of which a name begins with what is no field of the class."""
    for name in query:
        if not isinstance(name, str):
            continue  # a query field
        first = name.split(".")[0]
        found = document_class._part(first, True)
        if found is None or found[1] is FREE_TYPE:
            raise FieldNotFoundException(
                f"{document_class.__name__} has no field {first!r}, with which a key of the dict "
                f"begins.{suggestion(first, document_class._fields)} filter_dict() takes names of "
                f"fields; use filter() for operators.",
                name=first,
                document_class=document_class.__name__,
            )
