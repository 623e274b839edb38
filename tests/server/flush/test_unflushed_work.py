"""Work that nobody flushed: it is warned of, and never sent behind the user's back."""

from __future__ import annotations

import gc
import re
import subprocess
import sys
import textwrap
import warnings
import weakref

import pytest

from ommongo import Session
from tests.helpers import numbers_of
from tests.models import User


def warnings_of(action):
    """Give the warnings that an action and a garbage collection after it emit."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        action()
        gc.collect()
    return [warning for warning in caught if issubclass(warning.category, ResourceWarning)]


def run(database, server, code):
    """Run a program of its own on the test's database; give what it wrote to stderr."""
    program = """
        import sys
        from ommongo import Document, Session, StringField

        class User(Document):
            config_collection_name = "users"
            name = StringField()

        session = Session.connect(sys.argv[1], host=sys.argv[2])
    """
    done = subprocess.run(
        [
            sys.executable,
            "-W",
            "always::ResourceWarning",
            "-c",
            textwrap.dedent(program) + textwrap.dedent(code),
            database.name,
            server.uri,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def resource_warnings(stderr):
    """Give the messages of the warnings, without the hint that Python adds to each."""
    return re.findall(r"ResourceWarning: (?!Enable tracemalloc)(.*)", stderr)


def test_a_forgotten_session_with_pending_operations_warns(database):
    """A garbage-collected session counts what was still queued."""

    def forget():
        session = Session(database)
        for name in ("ada", "bob", "eve"):
            session.add(User(name=name))

    (warning,) = warnings_of(forget)

    assert 3 in numbers_of(str(warning.message))


def test_a_forgotten_session_flushes_nothing(database):
    """Nothing is sent when a session goes."""

    def forget():
        Session(database).add(User(name="ada"))

    warnings_of(forget)

    assert database["users"].count_documents({}) == 0


def test_a_forgotten_session_without_pending_operations_is_silent(database):
    """A session whose work was flushed, or dropped, goes without a word."""

    def forget():
        session = Session(database)
        session.save(User(name="ada"))
        session.add(User(name="bob"))
        session.clear_queue()

    assert warnings_of(forget) == []


def test_a_session_forgotten_inside_a_block_warns(database):
    """What an open block queued is counted, too."""

    def forget():
        session = Session(database)
        session.begin_trans()
        session.save(User(name="ada"))

    (warning,) = warnings_of(forget)

    assert 1 in numbers_of(str(warning.message))


def test_a_session_after_a_failed_block_is_silent(database):
    """What an exception dropped is not pending."""

    def forget():
        with pytest.raises(ZeroDivisionError):
            with Session(database) as session:
                session.save(User(name="ada"))
                _ = 1 / 0

    assert warnings_of(forget) == []


def test_a_forgotten_session_with_an_identity_map_warns(database):
    """Held objects, which know their session, do not keep it from being collected."""

    def forget():
        session = Session(database, cache_size=None)
        session.add(User(name="ada"))

    assert len(warnings_of(forget)) == 1


def test_a_session_can_be_collected_while_its_documents_are_kept_or_serves_them(database):
    """A kept document either keeps its session usable, or lets it go without leaking it."""
    session = Session(database)
    user = User(name="ada")
    session.save(user)
    gone = weakref.ref(session)
    del session
    gc.collect()

    assert gone() is None or user._get_session() is gone()


def test_a_connected_session_that_is_forgotten_warns_and_closes(server, database):
    """A session with a client of its own warns of its pending operations and nothing else."""

    def forget():
        session = Session.connect(database.name, host=server.uri)
        session.add(User(name="ada"))

    (warning,) = warnings_of(forget)

    assert 1 in numbers_of(str(warning.message))


def test_pending_operations_at_the_end_of_a_program_are_warned_of(server, database):
    """A program that ends with work in the queue says so on stderr, with the number."""
    stderr = run(
        database,
        server,
        """
        session.add(User(name="ada"))
        session.add(User(name="bob"))
        """,
    )

    (message,) = resource_warnings(stderr)
    assert 2 in numbers_of(message)


def test_pending_operations_at_the_end_of_a_program_are_not_sent(server, database):
    """Nothing is flushed while the interpreter ends."""
    run(database, server, "session.add(User(name='ada'))")

    assert database["users"].count_documents({}) == 0


def test_a_program_that_flushed_ends_silently(server, database):
    """A program without pending work writes nothing, also when it closes nothing."""
    stderr = run(database, server, "session.save(User(name='ada'))")

    assert stderr == ""
    assert database["users"].count_documents({}) == 1


def test_a_program_that_forgets_a_session_in_a_cycle_is_told(server, database):
    """A session that is alive in a reference cycle at the end is counted once."""
    stderr = run(
        database,
        server,
        """
        session.me = session
        session.add(User(name="ada"))
        del session
        """,
    )

    assert len(resource_warnings(stderr)) == 1
