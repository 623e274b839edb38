"""Removals by query."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ommongo._unsent import tell_of_unsent
from ommongo.exceptions import InvalidConfigException
from ommongo.query._filtering import Filtering
from ommongo.query._habits import OF_A_REMOVAL

if TYPE_CHECKING:
    from typing_extensions import Self

    from ommongo.query._session import SessionLike
    from ommongo.query.criteria import Criteria

__all__ = ["RemoveQuery"]

_WRITE_OPTIONS = frozenset({"w", "wtimeout", "j"})


class RemoveQuery(Filtering):
    """
    A removal of all documents that fulfil some conditions.

    Made by `Session.remove_query`. Without a condition it removes every document of the class.

    Args:
        type: A document class, or a collection's name.
        session: The session that is to run it; ``None`` for one that is only built.

    Raises:
        BadQueryException: *type* is neither.

    Example:
        >>> session.remove_query(User).filter(User.age > 80).execute()["n"]
        1

    MongoDB manual:
        https://www.mongodb.com/docs/manual/reference/command/delete/
    """

    _elsewhere = OF_A_REMOVAL

    # Whether somebody has sent it, or looked at it.
    _is_used = False

    def __init__(self, type: Any, session: SessionLike | None) -> None:
        super().__init__(type, session)
        self._safe: bool | None = None
        self._write_options: dict[str, Any] = {}

    @classmethod
    def _of(cls, criteria: Criteria, session: SessionLike) -> Self:
        """Give a removal of what a query asks for."""
        removal = cls(criteria.type, session)
        removal._draft = criteria.copy()
        return removal

    def set_safe(self, is_safe: bool, **kwargs: Any) -> Self:
        """
        Say whether an error of the server is raised, whatever the session's setting is.

        Args:
            is_safe: Whether it is raised, instead of logged.
            kwargs: Options of the write concern: ``w``, ``wtimeout``, ``j``.

        Returns:
            This removal, for chaining.

        Raises:
            InvalidConfigException: There is no such option.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/write-concern/
        """
        unknown = ", ".join(sorted(kwargs.keys() - _WRITE_OPTIONS))
        if unknown:
            raise InvalidConfigException(
                f"set_safe() knows no option {unknown}. Those of a write concern are w, wtimeout "
                f"and j."
            )
        self._safe = is_safe
        self._write_options = kwargs
        return self

    # `Any` for the `None` of a queued one, so that `execute()["n"]` needs no question before it.
    def execute(self) -> dict[str, Any] | Any:
        """
        Queue the removal and, outside a ``with session:`` block, flush.

        Returns:
            The server's reply (``ok``, ``n``) when it was flushed and acknowledged, else ``None``.

        Raises:
            BadQueryException: It was made without a session.
        """
        self._is_used = True
        return self._get_session().execute_remove(self)

    @property
    def query(self) -> dict[str, Any]:
        """The filter that would be sent; a new dict each time."""
        self._is_used = True
        return super().query

    def __copy__(self) -> Self:
        self._is_used = True  # who has a copy may send that
        return self._copy()

    def __del__(self) -> None:
        # One without a condition may be one whose condition was refused, by an exception.
        if self._is_used or getattr(self, "session", None) is None or not self._draft.conditions:
            return
        name = getattr(self.type, "__name__", None) or repr(self.type.get_collection_name())
        tell_of_unsent(
            f"A removal of {name} by query is gone and was never sent. Call execute(), also in a "
            f"'with session:' block.",
            self,
        )
