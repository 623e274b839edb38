"""One thread at a time: a second one in a session is noticed, and so is a process that forked."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from threading import get_ident
from types import CodeType, FrameType
from typing import Any

from pymongo import MongoClient

from ommongo.exceptions import SessionThreadError

__all__ = ["Turn", "check_client", "user_frame"]

_CARRIED = -1
"""In the place of a thread: the session was made in the process that this one is forked from."""

_SEVERAL = -2
"""In the place of a thread: more than one has something open."""

_LIBRARY = os.path.dirname(os.path.dirname(__file__)) + os.sep

_CONNECT_ANEW = (
    "Connect anew in this process: make the client, and the sessions on it, behind the fork "
    "(multiprocessing: in the worker's function or initializer; gunicorn with preload: in "
    "post_fork, or when the application starts up)."
)


class Turn:
    """
    Whose turn it is in a session.

    What queues, loads or sends takes the turn, which a second thread then finds taken. The same
    thread may take it again: in hooks, in references that are followed, in signal handlers. Where
    every object passes, `take` and what gives the turn back are written out, to save the calls:
    there is no call between the look at `thread` and its assignment, so that no thread comes
    between.

    Attributes:
        thread: The thread that is inside, if one is.
        home: The thread in which a block or a transaction was opened, if one is open.
    """

    __slots__ = ("_open", "home", "thread")

    def __init__(self) -> None:
        self.thread: int | None = None
        self.home: int | None = None
        # By block or transaction: the thread, and the function, that opened it.
        self._open: dict[Hashable, tuple[int, int, CodeType]] = {}

    def take(self) -> int | None:
        """
        Be inside, from here on.

        Returns:
            What `thread` is to be set to in the end.

        Raises:
            SessionThreadError: Another thread is inside, or inside an open block or transaction;
                or the session was made before this process was forked.
        """
        me, before = get_ident(), self.thread
        if (before or me) != me or (self.home or me) != me:
            before = self.check()
        self.thread = me
        return before

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Be inside for the length of a ``with`` block; raises as `take`."""
        before = self.take()
        try:
            yield
        finally:
            self.thread = before

    def check(self) -> int | None:
        """
        Refuse to go on where another thread is inside.

        Returns:
            The thread that is inside: this one, or ``None``.

        Raises:
            SessionThreadError: As `take`.
        """
        me, thread = get_ident(), self.thread
        if _CARRIED in (thread, self.home):
            raise SessionThreadError(
                f"This session was made before the process was forked. Its connections, and what "
                f"is pending in it, are those of the process that made it. {_CONNECT_ANEW}"
            )
        stacks = sys._current_frames() if {thread, self.home} - {None, me} else {}
        if thread is not None and thread != me:
            if _is_inside(stacks.get(thread)):
                raise _two_threads(thread, "loads, queues or sends something in it")
            thread = None  # an exception of a signal handler has struck before it was taken back
        for owner, identity, code in [*self._open.values()]:
            if owner != me and _is_running(stacks.get(owner), identity, code):
                raise _two_threads(owner, "has a block or a transaction of it open")
        return thread

    def open(self, what: Hashable, function: FrameType) -> None:
        """
        Note that a block or a transaction is opened.

        It keeps other threads out as long as the function that opened it runs. One that is
        suspended by a ``yield`` does not: its caller may have another thread go on with it.

        Args:
            what: The block or transaction.
            function: The function that opens it.
        """
        me = get_ident()
        self._open[what] = me, id(function), function.f_code
        if self.home != _CARRIED:
            self.home = me if self.home in (None, me) else _SEVERAL

    def close(self, what: Hashable) -> None:
        """Note that a block or a transaction is closed, if it is open."""
        self._open.pop(what, None)
        if not self._open and self.home != _CARRIED:
            self.home = None

    def is_running(self, what: Hashable) -> bool:
        """Tell whether the function that opened a block or a transaction is still running."""
        if what not in self._open:
            return False
        owner, identity, code = self._open[what]
        return _is_running(sys._current_frames().get(owner), identity, code)

    @property
    def is_carried(self) -> bool:
        """Whether the session was made before this process was forked."""
        return self.home == _CARRIED

    def carry(self) -> None:
        """Note that this process was forked from the one of the session."""
        self.thread = self.home = _CARRIED


def user_frame() -> FrameType:
    """Give the frame of the application's function that has called the library."""
    frame = sys._getframe()
    while frame.f_back is not None and (
        frame.f_code.co_filename.startswith(_LIBRARY)
        or frame.f_globals.get("__name__") == "contextlib"
    ):
        frame = frame.f_back
    return frame


def _is_inside(frame: FrameType | None) -> bool:
    """Tell whether a thread is inside the library; one that cannot be looked at is taken to be."""
    if frame is None:
        return True  # such as a greenlet
    while frame is not None and not frame.f_code.co_filename.startswith(_LIBRARY):
        frame = frame.f_back
    return frame is not None


def _is_running(frame: FrameType | None, identity: int, code: CodeType) -> bool:
    """Tell whether a function is on the stack of a thread."""
    while frame is not None and (id(frame) != identity or frame.f_code is not code):
        frame = frame.f_back
    return frame is not None


def _two_threads(other: int, what: str) -> SessionThreadError:
    """Give the error about a thread that comes while another one is inside."""
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    own, its = names.get(get_ident(), "?"), names.get(other, "?")
    return SessionThreadError(
        f"Thread {own!r} uses a session while thread {its!r} {what}. A session, and the objects it "
        f"has loaded, serve one thread at a time. Share the client, and give each thread, request "
        f"or task a session of its own: Session(client['name']), or scoped_session().",
        thread=own,
        other_thread=its,
    )


def check_client(client: MongoClient[Any]) -> None:
    """
    Refuse a client that was in use before this process was forked.

    Args:
        client: The client.

    Raises:
        SessionThreadError: It was.
    """
    opened_by = getattr(getattr(client, "_topology", None), "_pid", None)
    if opened_by is not None and opened_by != os.getpid():
        raise SessionThreadError(
            f"This client was connected before the process was forked, and its connections are "
            f"those of the process that made it. {_CONNECT_ANEW}"
        )
