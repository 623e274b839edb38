"""
`scoped_session`: one name, and a session for each thread, value of a function, or context.

Forwarded are all public methods, properties and attributes of `Session`, those that can be set
too, ``with`` and ``in``. ``remove()`` lets the scope's session go and closes it: what is pending is
never sent, and said; what another scope has pending stays. Inside a block it is refused, but not
after a ``begin_trans()`` whose function is gone.
"""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pymongo.errors import DuplicateKeyError, InvalidOperation

from ommongo import Session, scoped_session
from ommongo.exceptions import InvalidConfigException, TransactionException
from tests.models import Account, User


@pytest.fixture
def registry(database) -> Any:
    """A registry by thread."""
    registry = scoped_session(lambda: Session(database, safe=True, cache_size=10))
    yield registry
    registry.clear_queue()


def names(database: Any) -> list[str]:
    """Give the names of the stored users."""
    return sorted(row["name"] for row in database["users"].find())


@pytest.mark.parametrize("name", [name for name in dir(Session) if not name.startswith("_")])
def test_every_public_name_of_a_session_is_forwarded(registry, name):
    """Methods and properties of the registry are those of the scope's session."""
    if name == "remove":
        registry.save(user := User(name="ada"))
        assert registry.remove(user)["n"] == 1
        return
    ours, its = getattr(registry, name), getattr(registry(), name)
    if inspect.ismethod(its):
        assert (ours.__doc__ is not None, ours.__name__) == (True, its.__name__)
        assert inspect.signature(ours).parameters == inspect.signature(its).parameters
    else:
        assert ours == its
    assert name in dir(registry)


def test_a_method_is_that_of_the_session_where_it_is_called(registry, database):
    """A method that is handed to another thread works on that thread's session."""
    method = registry.add
    with ThreadPoolExecutor(1) as pool:
        pool.submit(method, User(name="grace")).result()
        assert registry.queue == []
        with registry as mine:
            assert mine.transactions
            assert pool.submit(lambda: registry.in_transaction).result() is False
        assert names(database) == []
        pool.submit(registry.flush).result()

    assert names(database) == ["grace"]


def test_a_block_that_begins_and_ends_by_calls_is_that_of_the_caller(registry, database):
    """begin_trans() and end_trans() are the caller's, as on a session."""
    assert registry.begin_trans() is registry()
    registry.save(User(name="ada"))
    assert names(database) == []
    assert registry.end_trans() is False

    assert names(database) == ["ada"]


def test_attributes_are_those_of_the_session_and_can_be_set(registry, database):
    """What the constructor sets can be read, and settings hold for the scope's session."""
    assert (registry.db, len(registry.cache), list(registry.transactions)) == (database, 0, [])

    registry.safe = False

    assert registry().safe is False
    with pytest.raises(AttributeError, match="db is an attribute"):
        registry.db = database
    with pytest.raises(AttributeError, match="no_such"):
        registry.no_such


def test_a_session_is_used_by_the_name_of_the_registry(registry, database):
    """Documents are stored, found, changed and removed, in blocks and outside."""
    ada = User(name="ada")
    with registry as session:
        assert session is registry()
        registry.add(ada)
        assert ada in registry
        assert names(database) == []
    registry.save(User(name="grace"))
    ada = registry.query(User).filter(User.name == "ada").one()
    ada.age = 36
    registry.update(ada)

    assert registry.refresh(ada).age == 36
    with pytest.raises(ValueError), registry:
        registry.add(User(name="never"))
        raise ValueError
    assert names(database) == ["ada", "grace"]
    assert registry.queue == []


def test_each_thread_has_its_session(registry):
    """A thread finds its own session again, and never that of another."""
    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(1) as two:
        sessions = [pool.submit(registry).result() for pool in (one, two, one, two)]

    assert sessions[0] is sessions[2] is not sessions[1] is sessions[3]
    assert registry() is registry() is not sessions[0]


def test_each_value_of_a_function_has_its_session(database):
    """A function may say what belongs together, whatever the thread."""
    scope = "one"
    registry = scoped_session(lambda: Session(database), lambda: scope)
    first = registry()
    scope = "two"
    second = registry()
    registry.remove()
    scope = "one"
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(registry).result() is first is not second
    scope = "two"
    assert registry() is not second


def test_each_context_has_its_session(database):
    """Tasks have sessions of their own; a copy of a context shares what was there before."""
    registry = scoped_session(lambda: Session(database), scope="context")
    one, two = contextvars.copy_context(), contextvars.copy_context()
    first = one.run(registry)
    assert one.run(registry) is first
    assert two.run(registry) is not first
    copied = one.run(contextvars.copy_context)
    assert copied.run(registry) is first
    copied.run(registry.remove)
    assert one.run(registry) is not first

    async def request() -> tuple[Session, Session]:
        own = registry()
        await asyncio.sleep(0)
        in_thread = await asyncio.to_thread(registry)
        assert registry() is own
        return own, in_thread

    async def requests() -> list[tuple[Session, Session]]:
        return list(await asyncio.gather(request(), request()))

    (one_own, one_in_thread), (two_own, two_in_thread) = asyncio.run(requests())
    assert one_own is one_in_thread is not two_own is two_in_thread


def test_the_end_of_a_scope_tells_what_was_not_sent(registry, database, caplog):
    """Pending work is dropped, its documents are dirty again, and it is said; others' stays."""
    ada = User(name="ada")
    registry.add(ada)
    session = registry()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(registry.add, User(name="grace")).result()
        with pytest.warns(ResourceWarning, match=r"dropped 1 operation of .* was never sent"):
            registry.remove()
        assert pool.submit(lambda: len(registry.queue)).result() == 1
        pool.submit(registry.flush).result()

    (record,) = caplog.records
    assert (record.levelno, record.name) == (logging.WARNING, "ommongo")
    assert "ada" not in record.getMessage()
    assert names(database) == ["grace"]
    assert session.queue == []
    assert ada.get_dirty_ops()
    assert registry() is not session
    registry.save(ada)
    assert names(database) == ["ada", "grace"]


def test_the_end_of_a_scope_without_pending_work_says_nothing(registry, caplog):
    """What was sent, or dropped on purpose, is no reason for a warning; nor is an empty scope."""
    registry.remove()
    registry.save(User(name="ada"))
    registry.remove()
    registry.save(Account(email="a"))
    with pytest.raises(DuplicateKeyError):
        registry.save(Account(email="a"))
    registry.remove()
    registry.add(User(name="grace"))
    registry.clear_queue()
    registry.remove()

    assert caplog.records == []
    assert repr(registry) == "<scoped_session, no session in this scope>"


def test_the_end_of_a_scope_closes_a_client_that_is_the_sessions(server, database):
    """A factory that connects has its clients closed, one by one."""
    registry = scoped_session(lambda: Session.connect(database.name, host=server.uri))
    registry.save(User(name="ada"))
    client = registry.db.client
    registry.remove()

    with pytest.raises(InvalidOperation):
        client.admin.command("ping")
    registry.save(User(name="grace"))
    registry.remove()
    assert names(database) == ["ada", "grace"]


def test_a_scope_does_not_end_inside_a_block(registry, database):
    """Inside a block or transaction remove() is refused, and the block goes on."""
    with registry:
        registry.add(User(name="ada"))
        with pytest.raises(TransactionException, match="remove\\(\\) inside"):
            registry.remove()
    with registry.transaction():
        registry.save(User(name="grace"))
        with pytest.raises(TransactionException, match="remove\\(\\) inside"):
            registry.remove()

    assert names(database) == ["ada", "grace"]


def test_a_block_that_nobody_ends_goes_with_its_scope(registry, database):
    """begin_trans() of a request that has failed is not the next one's."""

    def before_request() -> None:
        registry.begin_trans()
        registry.add(User(name="ada"))

    before_request()
    with pytest.warns(ResourceWarning, match="dropped 1 operation"):
        registry.remove()

    assert not registry.in_transaction
    registry.save(User(name="grace"))
    assert names(database) == ["grace"]


def test_a_factory_that_fails_leaves_no_session(database):
    """What the factory raises comes through, and the next call asks it again."""
    answers = [OSError("no settings"), Session(database)]

    def factory() -> Session:
        answer = answers.pop(0)
        if isinstance(answer, OSError):
            raise answer
        return answer

    registry = scoped_session(factory)
    with pytest.raises(OSError, match="no settings"):
        registry.query(User)
    registry.remove()
    assert registry.query(User).count() == 0


def test_the_session_of_a_scope_that_a_fork_carried_over_is_let_go(server, database):
    """In the child remove() neither sends nor ends anything of the parent's."""
    registry = scoped_session(lambda: Session(database))
    registry.add(User(name="ada"))
    carried = registry()
    carried._carry_over()  # as the fork does; see test_forked.py
    registry.remove()

    assert registry() is not carried
    assert len(carried.queue) == 1
    carried.queue.clear()


@pytest.mark.parametrize("arguments", [("factory",), (Session, "thread"), (Session, 3)])
def test_what_makes_no_sense_is_refused(arguments):
    """A factory is a function, and a scope one, "context" or None."""
    with pytest.raises(InvalidConfigException, match=r"scope is|takes a function"):
        scoped_session(*arguments)


@pytest.mark.parametrize("given", [None, 3, "session"])
def test_a_factory_that_gives_no_session(database, given):
    """It is told where it is asked, and not by an attribute that what it gave has not."""
    registry = scoped_session(lambda: given)

    with pytest.raises(InvalidConfigException, match=r"factory .* gave an? \w+, and no Session"):
        registry.query(User)
    registry.remove()
