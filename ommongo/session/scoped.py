"""`scoped_session`: one session for each thread, request or task, under one name."""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable, Hashable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Generic, Literal, Protocol, TypeVar, overload

from ommongo._spelling import an
from ommongo._unsent import tell_of_unsent
from ommongo.exceptions import InvalidConfigException, TransactionException
from ommongo.session.session import Session
from ommongo.util import UNSET

__all__ = ["scoped_session"]

S = TypeVar("S", bound=Session)


class _Scopes(Protocol[S]):
    """Where the sessions are, each in its scope."""

    def get(self) -> S | None:
        """Give the session of the scope that the running code is in, if there is one."""
        ...

    def put(self, session: S) -> S:
        """Have a session in this scope; give the one that is there, which another may have put."""
        ...

    def drop(self) -> None:
        """Have none in this scope."""
        ...


class _OfThread(threading.local, Generic[S]):
    """A session for each thread."""

    session: S | None = None

    def get(self) -> S | None:
        return self.session

    def put(self, session: S) -> S:
        self.session = session
        return session

    def drop(self) -> None:
        self.session = None


class _OfValue(Generic[S]):
    """A session for each value of a function."""

    def __init__(self, scope: Callable[[], Hashable]) -> None:
        self._scope = scope
        self._sessions: dict[Hashable, S] = {}

    def get(self) -> S | None:
        return self._sessions.get(self._scope())

    def put(self, session: S) -> S:
        return self._sessions.setdefault(self._scope(), session)

    def drop(self) -> None:
        self._sessions.pop(self._scope(), None)


class _OfContext(Generic[S]):
    """A session for each context, which copies of the context share."""

    def __init__(self) -> None:
        # In a list, so that a copy of the context can let go of it for all.
        self._session: ContextVar[list[S]] = ContextVar("ommongo_scoped_session")

    def get(self) -> S | None:
        held = self._session.get([])
        return held[0] if held else None

    def put(self, session: S) -> S:
        self._session.set([session])
        return session

    def drop(self) -> None:
        self._session.get([]).clear()


if TYPE_CHECKING:
    _Forwarding = Session  # what a checker, and so an editor, is to see
else:

    class _Forwarding:
        """What a session has, asked for by the name of the registry."""


class scoped_session(_Forwarding, Generic[S]):
    """
    One name for many sessions: each thread, or each other scope, has its own.

    Every method and attribute of `Session` is that of the scope's session, which is made when it is
    first wanted. At the end of a request, job or task call ``remove()``.

    Args:
        factory: Makes a session: a function without arguments, such as
            ``lambda: Session(client["app"], safe=True)``.
        scope: What has a session of its own: each thread when left out; each value that this
            function gives; or with ``"context"`` each context of ``contextvars``, and so each task
            of asyncio. A copy of a context, such as that in which a framework runs a function in
            another thread, shares the session that was made before it was copied.

    Raises:
        InvalidConfigException: *factory* is no function, or *scope* neither a function nor
            ``"context"``.

    Example:
        >>> from ommongo import Session, scoped_session
        >>> registry = scoped_session(lambda: Session(session.db, safe=True))
        >>> registry.save(User(name="Ken"))
        >>> registry.query(User).filter(User.name == "Ken").count()
        1
        >>> registry() is registry()
        True
        >>> registry.remove()

    .. versionadded:: 2.0
    """

    def __init__(
        self,
        factory: Callable[[], S],
        scope: Callable[[], Hashable] | Literal["context"] | None = None,
    ) -> None:
        if not callable(factory):
            raise InvalidConfigException(
                f"scoped_session() takes a function that makes a session, not "
                f"{type(factory).__name__}. Pass lambda: Session(client['name'])."
            )
        scopes: _Scopes[S]
        if scope is None:
            scopes = _OfThread()
        elif scope == "context":
            scopes = _OfContext()
        elif callable(scope):
            scopes = _OfValue(scope)
        else:
            raise InvalidConfigException(
                f"scope is {scope!r}. It is None (a session for each thread), 'context' (for each "
                f"context of contextvars), or a function (for each value that it gives)."
            )
        object.__setattr__(self, "_factory", factory)
        object.__setattr__(self, "_scopes", scopes)

    if TYPE_CHECKING:
        _factory: Callable[[], S]
        _scopes: _Scopes[S]

    def __call__(self) -> S:
        """
        Give the session of this scope, made if there is none.

        Returns:
            The session.

        Raises:
            InvalidConfigException: The factory gives no session.
            Exception: What the factory raises.

        Example:
            >>> registry = scoped_session(lambda: Session(session.db))
            >>> registry()
            <Session on '...', 0 pending>
        """
        held = self._scopes.get()
        return self._scopes.put(self._made()) if held is None else held

    def _made(self) -> S:
        """Make a session."""
        session = self._factory()
        if not isinstance(session, Session):
            raise InvalidConfigException(
                f"The factory of this scoped_session gave {an(type(session).__name__)}, and no "
                f"Session. Let it return the session that it makes."
            )
        return session

    @overload
    def remove(self) -> None: ...
    @overload
    def remove(self, obj: Any, safe: bool | None = None) -> Any: ...
    def remove(self, obj: Any = UNSET, safe: bool | None = None) -> Any:
        """
        End this scope: let its session go, and close it. With a document: `Session.remove`.

        Nothing is sent: what is still pending is dropped, its documents are dirty again, and a
        ``ResourceWarning`` and a record at WARNING count it. Call ``flush()`` or ``end()`` before,
        where a failure can still be answered.

        Args:
            obj: A document to remove from the database, as `Session.remove` does.
            safe: As for `Session.remove`.

        Returns:
            ``None``; with a document what `Session.remove` returns.

        Raises:
            TransactionException: This is called inside a ``with`` block or a transaction of the
                session; nothing is ended.
            SessionThreadError: Another thread is inside the session; nothing is ended.

        Example:
            >>> registry = scoped_session(lambda: Session(session.db))
            >>> registry.save(User(name="Ken"))
            >>> registry.remove()
        """
        if obj is not UNSET:
            return self().remove(obj, safe)
        session = self._scopes.get()
        if session is None:
            return None
        if not session._turn.is_carried:  # else it is the other process's, and only let go
            _refuse_inside(session)
        self._scopes.drop()
        if not session._turn.is_carried:
            _end(session)
        return None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"scoped_session has no attribute {name!r}")
        return getattr(self(), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self(), name, value)

    def __delattr__(self, name: str) -> None:
        delattr(self(), name)

    def __dir__(self) -> list[str]:
        return sorted({*object.__dir__(self), *dir(Session)})

    def __contains__(self, document: object) -> bool:
        return document in self()

    # These two are known by their names: a block belongs to the function that calls them.

    def begin_trans(self) -> S:  # type: ignore[override]
        """Open a block in this scope's session; see `Session.begin_trans`."""
        return self().begin_trans()

    def end_trans(self, exc_type: Any = None, exc_val: Any = None, exc_tb: Any = None) -> bool:
        """Leave the innermost block of this scope's session; see `Session.end_trans`."""
        return self().end_trans(exc_type, exc_val, exc_tb)

    def __enter__(self) -> S:  # type: ignore[override]
        return self().__enter__()

    def __exit__(self, exc_type: Any, exc_val: Any, exc_tb: Any) -> bool:
        return self().__exit__(exc_type, exc_val, exc_tb)

    def __repr__(self) -> str:
        held = self._scopes.get()
        return f"<scoped_session, {'no session' if held is None else repr(held)} in this scope>"


def _forwarded(method: Callable[..., Any]) -> Callable[..., Any]:
    """Give a method that asks for the session when it is called, in whatever thread that is."""
    name = method.__name__

    @functools.wraps(method)
    def call(self: Any, *args: Any, **options: Any) -> Any:
        return getattr(self(), name)(*args, **options)

    return call


for _name in dir(Session):
    _method = getattr(Session, _name)
    if (
        not _name.startswith("_")
        and inspect.isfunction(_method)
        and _name not in vars(scoped_session)
    ):
        setattr(_Forwarding, _name, _forwarded(_method))


def _refuse_inside(session: Session) -> None:
    """Refuse to end a session of which a block or transaction is around the running code."""
    session._turn.check()
    inside = [block for block in session.transactions if session._turn.is_running(block)]
    if inside or session._scope.transaction is not None:
        raise TransactionException(
            "remove() inside a 'with' block or a transaction of the session that it would end. "
            "Leave the block first: it sends what is queued in it."
        )


def _end(session: Session) -> None:
    """Close a session that is let go, and tell of what it has not sent."""
    pending, was = len(session.queue), repr(session)
    session._scope.blocks.clear()  # such as begin_trans() of a request that has failed
    session.clear_queue()
    session.close()
    if pending:
        tell_of_unsent(
            f"remove() has dropped {pending} operation{'s'[: pending > 1]} of {was} that "
            f"{'were' if pending > 1 else 'was'} never sent. Call flush() before the answer is "
            f"made, or clear_queue() where they are not wanted.",
            session,
        )
