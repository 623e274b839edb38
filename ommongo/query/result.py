"""The results of a query, one after the other."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import get_ident
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from bson.errors import InvalidBSON
from pymongo.cursor import Cursor
from pymongo.errors import OperationFailure

from ommongo._habits import Habits
from ommongo._notes import note_text_index
from ommongo._tracking import Retrieved
from ommongo.exceptions import BadDocumentException, TransactionException
from ommongo.query._habits import OF_A_LIST

if TYPE_CHECKING:
    from typing_extensions import Self

    from ommongo.query._session import SessionLike
    from ommongo.query.criteria import OnError

__all__ = ["Loaded", "QueryResult", "checked_index"]

log: logging.Logger = logging.getLogger("ommongo")

R = TypeVar("R")

# How many documents the driver is asked for at a time, where all are wanted: its own steps from one
# to the next cost more. All of a batch are in memory anyway.
_TOGETHER = 1000


class QueryResult(Generic[R]):
    """
    An iterator over what a query finds.

    Documents are fetched batch by batch and made objects one by one, so memory does not grow with
    the number of results that are only looked at.

    Args:
        session: The session that loads the objects.
        cursor: The driver's cursor.
        type: The class that was queried.
        raw_output: Whether results stay dicts.
        retrieved: What is loaded of each document; ``None`` for all.
        limit: How many results there are at most; 0 for all.
        score_key: The key under which documents bring their text-search score, if they do.
        is_encoded: Whether the cursor gives documents undecoded.
        on_error: What becomes of a document that its class cannot load.
        undecoded: Gives a cursor on the same documents undecoded, behind so many of them: for a
            batch that the driver cannot decode, because of one document in it.

    Attributes:
        cursor: The driver's cursor.
        errors: Why documents were left out up to now, where they are to be collected.

    Raises:
        BadDocumentException: By the step to a document that cannot be loaded; the next step goes on
            behind it.

    Example:
        >>> result = iter(session.query(User).ascending(User.name))
        >>> next(result).name
        'Ada'
        >>> result.rewind()[1].name
        'Grace'

    MongoDB manual:
        https://www.mongodb.com/docs/manual/tutorial/iterate-a-cursor/
    """

    def __init__(
        self,
        session: SessionLike,
        cursor: Cursor[dict[str, Any]],
        type: Any,
        raw_output: bool = False,
        retrieved: Retrieved | None = None,
        *,
        limit: int = 0,
        score_key: str | None = None,
        is_encoded: bool = False,
        on_error: OnError = "raise",
        undecoded: Callable[[int], Cursor[Any]] | None = None,
    ) -> None:
        self.cursor: Cursor[Any] = cursor
        self._session = session
        self._turn = session._turn
        self._type = type
        self._raw_output = raw_output
        self._retrieved = retrieved
        self._limit = limit
        self._score_key = score_key
        self._is_encoded = is_encoded
        self._on_error = on_error
        self.errors: list[BadDocumentException] = []
        self._undecoded = undecoded
        self._seen = 0
        self._from_start = cursor, undecoded, is_encoded
        # Whether the next result is the first, for which the server is asked.
        self._at_start = True
        self._is_lost = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> R:
        turn, me = self._turn, get_ident()  # as `take`, which would be a call more
        before = turn.thread
        if (before or me) != me or (turn.home or me) != me:
            before = turn.check()
        try:
            turn.thread = me
            if self._at_start:
                self._begin_read()
                self._at_start = False
            while True:
                try:
                    raw = next(self.cursor)
                except InvalidBSON:
                    if self._undecoded is None:
                        raise
                    self._go_on_undecoded(self._undecoded)
                    continue
                except OperationFailure as error:
                    note_text_index(error, self._type)
                    raise
                self._seen += 1
                try:
                    return self._made(raw)
                except BadDocumentException as error:
                    if self._on_error == "raise":
                        raise
                    self._leave_out(error)
        finally:
            turn.thread = before

    def __getitem__(self, index: int) -> R:
        index = checked_index(index)
        if self._limit and index >= self._limit:
            raise IndexError(f"The query is limited to {self._limit} results.")
        with self._turn.taken():
            self._begin_read()
            try:
                raw = self._from_start[0].clone()[index]
            except OperationFailure as error:
                note_text_index(error, self._type)
                raise
            return self._made(raw)

    def rewind(self) -> Self:
        """
        Begin again at the first result, by asking the server anew.

        Returns:
            This result.
        """
        self._turn.check()
        self._at_start = True
        self.errors = []
        self._seen = 0
        self.cursor, self._undecoded, self._is_encoded = self._from_start
        self.cursor.rewind()
        return self

    def clone(self) -> QueryResult[R]:
        """
        Give a result of the same query that begins at the first document.

        Returns:
            A new result, with a cursor of its own.
        """
        cursor, undecoded, is_encoded = self._from_start
        return QueryResult(
            self._session,
            cursor.clone(),
            self._type,
            self._raw_output,
            self._retrieved,
            limit=self._limit,
            score_key=self._score_key,
            is_encoded=is_encoded,
            on_error=self._on_error,
            undecoded=undecoded,
        )

    def _go_on_undecoded(self, undecoded: Callable[[int], Cursor[Any]]) -> None:
        """Read on one by one: the driver gave up a batch, and its cursor, because of one."""
        self.cursor, self._undecoded, self._is_encoded = undecoded(self._seen), None, True

    def _leave_out(self, error: BadDocumentException) -> None:
        """Tell of a document that cannot be loaded in the way that was asked for."""
        if self._on_error == "collect":
            self.errors.append(error)
        else:
            log.warning("%s It was left out.", error)

    def _rest(self) -> Loaded[R]:
        """Give all results that are left."""
        loaded: Loaded[R] = Loaded()
        if self._on_error != "raise":
            loaded.extend(self)
            loaded.errors = self.errors
            return loaded
        if self._raw_output or self._is_encoded or self._score_key is not None:
            loaded.extend(self)
            return loaded
        with self._turn.taken():
            self._load_rest(loaded)
        return loaded

    def _load_rest(self, loaded: Loaded[R]) -> None:
        """Load all results that are left, batch by batch."""
        if self._at_start:
            self._begin_read()
            self._at_start = False
        loader = self._session._loader
        while True:
            try:
                documents = self.cursor.to_list(_TOGETHER)
            except InvalidBSON:
                if self._undecoded is None:
                    raise
                self._go_on_undecoded(self._undecoded)
                loaded.extend(self)
                return
            except OperationFailure as error:
                note_text_index(error, self._type)
                raise
            if not documents:
                return
            self._seen += len(documents)
            loaded += loader.load_all(self._session, self._type, documents, self._retrieved)

    def _begin_read(self) -> None:
        """Let the session flush what the query is to see: the server is going to be asked."""
        if self._is_lost:
            raise TransactionException(
                "These results were read in a transaction that was not committed, so nobody knows "
                "whether they are stored. Run the query again."
            )
        self._session._collection_to_read(self._type)
        reads = self._session._loader.reads
        if reads is not None:
            reads.note_result(self)

    def _expire(self) -> None:
        """Give nothing any more of what was read in a transaction that was not committed."""
        self._at_start = self._is_lost = True

    def _made(self, raw: Any) -> R:
        """Give the result that a document becomes."""
        if self._raw_output:
            return cast("R", raw)
        session, loader = self._session, self._session._loader
        if self._is_encoded:
            return cast("R", loader.load_encoded(session, self._type, raw, self._retrieved))
        if self._score_key is None:
            return cast("R", loader.load(session, self._type, raw, self._retrieved))
        score = raw.pop(self._score_key)
        document = loader.load(session, self._type, raw, self._retrieved)
        document._set_index_score(score)
        return cast("R", document)


class Loaded(list[R], Habits):
    """
    The list of a query's results, some of whose documents may have been left out.

    Attributes:
        errors: Why, where that is to be collected.
    """

    _elsewhere = OF_A_LIST

    def __init__(self) -> None:
        self.errors: list[BadDocumentException] = []

    def count(self, *value: Any) -> int:
        """
        Tell how often a value is in the list, as a list does.

        Args:
            value: The value.

        Returns:
            How often.

        Raises:
            TypeError: There is no value: the query's own `Query.count` was meant.
        """
        if not value:
            raise TypeError(
                "This is the list that all() gave, and count() of a list takes a value. Call "
                "count() on the query, which loads nothing; or len() of the list."
            )
        return super().count(*value)

    def __reduce__(self) -> Any:  # elsewhere it is a list like any other
        return list, ([*self],)


def checked_index(index: Any) -> int:
    """
    Check the index of one result.

    Args:
        index: What stood between the brackets.

    Returns:
        The index.

    Raises:
        TypeError: It is no whole number.
        IndexError: It is negative.
    """
    if not isinstance(index, int):
        raise TypeError(f"Results are numbered by int, not by {type(index).__name__}.")
    if index < 0:
        raise IndexError(
            "Results are numbered from the first, so an index cannot be negative. Sort the query "
            "the other way round to reach the last."
        )
    return index
