"""
Two threads in one session at the same time are noticed, and nothing is mixed.

A thread is held up inside a call, in what it sends or in a hook of what it loads, or stands in a
block or transaction that it has opened; a second one then makes every call that queues, sends,
loads, opens, ends or forgets. Each is refused and leaves everything as it was; the first goes on
as if there were no second.

Allowed are: a session that moves on once its thread is done; iterations that are left open; blocks
of a generator that one thread enters, another uses and a third leaves, as web frameworks do; the
same thread again, in hooks, listeners and signal handlers; and any thread after an exception that
a signal handler raised at any line.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from pymongo.monitoring import CommandListener

from ommongo import Document, IntField, RefField, Session, StringField
from ommongo.exceptions import SessionThreadError
from tests.interrupts import lines_of, struck

SECONDS = 30


class Author(Document):
    config_namespace = "tests.threads"

    name = StringField()


class SlowField(StringField):
    """A field that calls `hook` whenever a value is loaded."""

    hook: Any = staticmethod(lambda: None)

    def unwrap(self, value: Any, session: Any = None) -> Any:
        SlowField.hook()
        return super().unwrap(value, session)


class Book(Document):
    config_namespace = "tests.threads"

    number = IntField()
    title = SlowField(default="untitled")
    author_id = RefField(Author, required=False)
    author = author_id.rel(allow_none=True)


class Gate(CommandListener):
    """Holds the first thread that sends a command, once it is shut, until it is opened."""

    def __init__(self) -> None:
        self.inside, self.go = threading.Event(), threading.Event()
        self.is_shut = False

    def pass_through(self) -> None:
        """Be held, if this is the thread to be held."""
        if self.is_shut:
            self.is_shut = False
            self.inside.set()
            assert self.go.wait(SECONDS)

    def started(self, event: Any) -> None:
        if event.command_name not in ("hello", "ping", "endSessions"):
            self.pass_through()

    def succeeded(self, event: Any) -> None: ...

    def failed(self, event: Any) -> None: ...


@pytest.fixture
def gate() -> Iterator[Gate]:
    """What holds a thread of the test up."""
    gate = Gate()
    yield gate
    gate.go.set()


@pytest.fixture
def shared(server, database, gate) -> Iterator[Session]:
    """A session with three books in the database, of which it has loaded one, and an author."""
    with server.client(event_listeners=[gate]) as client:
        session = Session(client[database.name], safe=True, cache_size=None)
        author = Author(name="Pramoedya")
        session.add(author)
        for number in range(3):
            session.add(Book(number=number, author_id=author.to_ref()))
        session.flush()
        HALF_READ[:] = [iter(session.query(Book).batch_size(2))]
        next(HALF_READ[0])
        session.clear_cache()
        yield session
        HALF_READ.clear()
        SlowField.hook = staticmethod(lambda: None)
        session.clear_queue()


@contextmanager
def in_another_thread(call: Callable[[], Any], gate: Gate) -> Iterator[Callable[[], Any]]:
    """Have a call held up in another thread; it goes on when what is yielded is asked for it."""
    with ThreadPoolExecutor(1, "first") as pool:
        gate.is_shut = True
        done = pool.submit(call)
        try:
            assert gate.inside.wait(SECONDS)

            def result() -> Any:
                gate.go.set()
                return done.result(SECONDS)

            yield result
        finally:
            gate.go.set()


def loaded(session: Session) -> Book:
    """Give the first book."""
    return session.query(Book).ascending(Book.number).first()


def block_of(session: Session) -> None:
    """Write in a block, which is sent at its end."""
    with session:
        session.add(Book(number=10))


def transaction_of(session: Session) -> None:
    """Write in a transaction."""
    with session.transaction():
        session.save(Book(number=10))


HELD: dict[str, Callable[[Session], Any]] = {
    "save": lambda session: session.save(Book(number=10)),
    "block": block_of,
    "transaction": transaction_of,
    "commit": lambda session: (session.add(Book(number=10)), session.commit()),
    "update": lambda session: session.query(Book).set(Book.title, "new").execute(),
    "removal": lambda session: session.query(Book).filter(Book.number == 99).delete(),
    "find-and-modify": lambda session: (
        session.query(Book).find_and_modify().set(Book.title, "new").execute()
    ),
    "all": lambda session: session.query(Book).all(),
    "iteration": lambda session: list(iter(session.query(Book))),
    "next batch": lambda session: [*session.query(Book).batch_size(1)],
    "first": lambda session: session.query(Book).first(),
    "index": lambda session: session.query(Book)[1],
    "result": lambda session: iter(session.query(Book))[1],
    "count": lambda session: session.query(Book).count(),
    "exists": lambda session: session.query(Book).exists(),
    "distinct": lambda session: session.query(Book).distinct(Book.number),
    "explain": lambda session: session.query(Book).explain(),
    "aggregate": lambda session: session.query(Book).aggregate([]).to_list(),
    "get": lambda session: session.query(Author).get("0" * 24),
}


def open_block(session: Session) -> None:
    """Open a block, and end it."""
    with session:
        pass


def open_transaction(session: Session) -> None:
    """Open a transaction, and end it."""
    with session.transaction():
        pass


HALF_READ: list[Any] = []
"""A result of which one document was read."""

REFUSED: dict[str, Callable[[Session, Book], Any]] = {
    "add": lambda session, book: session.add(Book(number=20)),
    "save": lambda session, book: session.save(Book(number=20)),
    "insert_new": lambda session, book: session.insert_new(Book(number=20)),
    "update": lambda session, book: session.update(book),
    "remove": lambda session, book: session.remove(book),
    "update expression": lambda session, book: session.query(Book).inc(Book.number).execute(),
    "remove_query": lambda session, book: session.remove_query(Book).execute(),
    "delete": lambda session, book: session.query(Book).delete(),
    "clear_collection": lambda session, book: session.clear_collection(Book),
    "flush": lambda session, book: session.flush(),
    "clear_queue": lambda session, book: session.clear_queue(),
    "clear_cache": lambda session, book: session.clear_cache(),
    "expunge": lambda session, book: session.expunge(book),
    "iteration": lambda session, book: [*session.query(Book)],
    "all": lambda session, book: session.query(Book).all(),
    "one": lambda session, book: session.query(Book).one(),
    "index": lambda session, book: session.query(Book)[0],
    "get": lambda session, book: session.get(Book, book.mongo_id),
    "count": lambda session, book: session.query(Book).count(),
    "exists": lambda session, book: session.query(Book).exists(),
    "distinct": lambda session, book: session.query(Book).distinct(Book.number),
    "explain": lambda session, book: session.query(Book).explain(),
    "aggregate": lambda session, book: session.query(Book).aggregate([]),
    "find-and-modify": lambda session, book: (
        session.query(Book).find_and_modify().inc(Book.number).execute()
    ),
    "refresh": lambda session, book: session.refresh(book),
    "reload": lambda session, book: session.reload(book),
    "dereference": lambda session, book: session.dereference(book.to_ref()),
    "rel": lambda session, book: book.author,
    "block": lambda session, book: open_block(session),
    "transaction": lambda session, book: open_transaction(session),
    "run_in_transaction": lambda session, book: session.run_in_transaction(lambda _: None),
    "commit": lambda session, book: session.commit(),
    "rollback": lambda session, book: session.rollback(),
    "add_all": lambda session, book: session.add_all([Book(number=20)]),
    "end": lambda session, book: session.end(),
    "ensure_indexes": lambda session, book: session.ensure_indexes(Book),
    "auto_ensure_indexes": lambda session, book: session.auto_ensure_indexes(Book),
    "get_indexes": lambda session, book: session.get_indexes(Book),
    "clear_index": lambda session, book: session.clear_index(session.db["Book"]),
    "cache_write": lambda session, book: session.cache_write(book),
    "after_commit": lambda session, book: session.after_commit(print),
    "rewind": lambda session, book: HALF_READ[0].rewind(),
    "end_trans": lambda session, book: session.end_trans(),
    "close": lambda session, book: session.close(),
}


def refused(session: Session, book: Book) -> None:
    """Make every call of a second thread, each of which is refused."""
    queue, held = [*session.queue], session.cache.documents()
    for name, call in REFUSED.items():
        with pytest.raises(SessionThreadError) as error:
            call(session, book)
        assert "session" in str(error.value), name
        assert (error.value.thread, error.value.other_thread[:5]) == ("MainThread", "first"), name
        assert [*session.queue] == queue, name
    assert session.cache.documents() == held


def numbers(session: Session) -> list[int]:
    """Give the numbers of the books that are stored."""
    return sorted(row["number"] for row in session.db["Book"].find())


@pytest.mark.parametrize("name", HELD)
def test_a_second_thread_is_refused_while_a_call_is_under_way(shared, gate, name):
    """Whatever sends or loads in one thread, any call of another raises, and does nothing."""
    book = loaded(shared)
    writes = name in ("save", "commit", "block", "transaction")
    reads = not writes and name not in ("update", "find-and-modify", "explain")
    expected = [0, 1, 2, 10] if writes else [0, 1, 2]
    alone = HELD[name](shared) if reads else None
    with in_another_thread(lambda: HELD[name](shared), gate) as result:
        refused(shared, book)
        first = result()

    assert numbers(shared) == expected
    if reads:
        assert first == alone


def test_a_second_thread_is_refused_while_a_hook_of_a_load_runs(shared, gate):
    """A thread that is in the application's code, called by a load, is inside."""
    book = loaded(shared)
    shared.clear_cache()
    SlowField.hook = staticmethod(lambda: gate.pass_through())
    original, gate.started = gate.started, lambda event: None  # the hook alone holds
    with in_another_thread(lambda: shared.query(Book).all(), gate) as result:
        refused(shared, book)

        assert [found.number for found in result()] == [0, 1, 2]
    gate.started = original


def stand_in_a_block(session: Session, gate: Gate) -> None:
    """Be held up in a block, between what it queues."""
    with session:
        session.add(Book(number=10))
        gate.pass_through()
        session.add(Book(number=11))


def stand_in_a_transaction(session: Session, gate: Gate) -> None:
    """The same in a transaction."""
    with session.transaction():
        gate.is_shut = False
        session.save(Book(number=10))
        gate.is_shut = True
        gate.pass_through()
        session.save(Book(number=11))


def stand_in_a_function(session: Session, gate: Gate) -> None:
    """The same in a function that is run in a transaction."""

    def write(_: Session) -> None:
        session.save(Book(number=10))
        gate.is_shut = True
        gate.pass_through()
        session.save(Book(number=11))

    gate.is_shut = False
    session.run_in_transaction(write)


@pytest.mark.parametrize("stand", [stand_in_a_block, stand_in_a_transaction, stand_in_a_function])
def test_a_second_thread_is_refused_while_a_block_is_open(shared, gate, stand):
    """What another thread asks for is never part of an open block or transaction."""
    book = loaded(shared)
    with in_another_thread(lambda: stand(shared, gate), gate) as result:
        refused(shared, book)
        result()

    assert numbers(shared) == [0, 1, 2, 10, 11]


def test_a_refused_document_is_as_it_was(shared, gate):
    """What a second thread wanted to store has no _id, and belongs to no session."""
    book = Book(number=20)
    with in_another_thread(lambda: HELD["count"](shared), gate) as result:
        for call in (shared.add, shared.save, shared.insert_new):
            with pytest.raises(SessionThreadError):
                call(book)
        result()

    assert not book.has_id()
    assert book._session is None


def test_a_session_moves_to_another_thread_with_its_objects(shared):
    """Once a thread is done another one may go on, with what is loaded, pending and half read."""
    result = iter(shared.query(Book).ascending(Book.number).batch_size(1))
    book = next(result)
    shared.add(Book(number=10))
    with ThreadPoolExecutor(1) as pool:

        def go_on() -> list[int]:
            book.title = "moved"
            shared.update(book)
            return [one.number for one in result]

        assert pool.submit(go_on).result() == [1, 2]

    assert numbers(shared) == [0, 1, 2, 10]
    assert shared.refresh(book).title == "moved"


@pytest.mark.parametrize("opened", [lambda session: session, lambda s: s.transaction()])
def test_a_block_of_a_suspended_generator_is_used_by_other_threads(shared, opened):
    """A block that a framework enters, uses and leaves in three threads is one block."""

    def dependency() -> Iterator[Session]:
        with opened(shared):
            yield shared

    generator = dependency()
    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(1) as two, ThreadPoolExecutor(1) as three:
        session = one.submit(next, generator).result()
        two.submit(session.add, Book(number=10)).result()
        assert numbers(shared) == [0, 1, 2]
        three.submit(next, generator, None).result()

    assert numbers(shared) == [0, 1, 2, 10]
    assert shared.queue == []


def test_the_same_thread_may_enter_again(shared, gate):
    """Hooks of a load, listeners and signal handlers may use the session that calls them."""
    book = loaded(shared)
    shared.clear_cache()
    found = []

    def look(*_: Any) -> None:
        SlowField.hook = staticmethod(lambda: None)
        found.append((book.author.name, shared.query(Book).count()))

    before = signal.signal(signal.SIGUSR1, look)
    try:
        for hook in (look, lambda: signal.raise_signal(signal.SIGUSR1)):
            SlowField.hook = staticmethod(hook)
            assert len(shared.query(Book).all()) == 3
            shared.clear_cache()
    finally:
        signal.signal(signal.SIGUSR1, before)

    assert found == [("Pramoedya", 3)] * 2


@pytest.mark.parametrize("name", ["save", "block", "transaction", "all", "iteration"])
def test_an_exception_at_any_line_shuts_nobody_out(shared, name):
    """After a strike of a signal handler, wherever it was, another thread may go on."""

    def call() -> None:
        HELD[name](shared)

    lines = lines_of(call)
    with ThreadPoolExecutor(1) as pool:
        for line in lines[:: max(1, len(lines) // 60)]:
            place = struck(call, line)
            pool.submit(shared.clear_queue).result()
            assert pool.submit(shared.query(Book).count).result() >= 3, place
            while shared.transactions:
                shared.end_trans(Exception)
