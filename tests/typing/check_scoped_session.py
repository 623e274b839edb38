"""What checkers know of `scoped_session`: all that they know of a session."""

from __future__ import annotations

from typing import Any

from typing_extensions import assert_type

from ommongo import Document, Session, StringField, scoped_session
from ommongo.query import Query


class User(Document):
    """A document."""

    name = StringField()


class OwnSession(Session):
    """An application's session."""

    def tenant(self) -> str:
        """Give a name of its own."""
        return self.db.name


def check_registry(session: Session, own: OwnSession, user: User) -> None:
    """A registry has the methods of a session, and gives the scope's one."""
    registry = scoped_session(lambda: own)
    assert_type(registry, scoped_session[OwnSession])
    assert_type(registry(), OwnSession)
    assert_type(registry().tenant(), str)
    assert_type(registry.query(User), Query[User])
    assert_type(registry.query(User).first(), User | None)
    assert_type(registry.get(User, "id"), User | None)
    assert_type(registry.dirty, list[Document])
    assert_type(registry.remove(user), Any)
    registry.remove()
    registry.safe = True
    with registry as entered:
        assert_type(entered, OwnSession)
    scoped_session(lambda: session, "context")
    scoped_session(lambda: session, scope=lambda: 3)


def check_refusals(registry: scoped_session[Session]) -> None:
    """What a session has not, and a scope that there is not."""
    registry.save("text")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    scoped_session(registry, "no")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    scoped_session("factory")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
