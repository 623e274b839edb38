"""
A session or client that a forked process has of the one before is noticed, and harmless.

Forked by `os.fork`, and by a pool of ``multiprocessing`` (as servers do that load an application
before they fork). The child's calls raise, with what to do; what is pending stays the parent's,
which sends it once; the end of the child ends nothing of the parent's. A client that the child
makes, or that was not connected before, works.
"""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from typing import Any

import pytest

BEGIN = """
import json, os, sys, multiprocessing, warnings
from pymongo import MongoClient
from ommongo import Document, IntField, Session
from ommongo.exceptions import SessionThreadError
warnings.filterwarnings("ignore", category=DeprecationWarning)  # Python's own, about threads
uri, name = sys.argv[1:]

class Item(Document):
    number = IntField()

def said(call):
    try:
        return repr(call())
    except Exception as error:
        return f"{type(error).__name__}: {error}"

def in_child(work):
    read, write = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            os.write(write, json.dumps(work()).encode())
        finally:
            sys.stderr.flush()
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        found = json.loads(pipe.read())
    os.waitpid(pid, 0)
    return found

"""


@pytest.fixture
def run(server, database) -> Any:
    """Run a program, and give what it prints, and what it says beside."""

    def run(text: str) -> tuple[Any, str]:
        program = BEGIN + textwrap.dedent(text)
        done = subprocess.run(
            [sys.executable, "-c", program, server.uri, database.name],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout), done.stderr

    return run


def test_a_session_is_refused_in_a_forked_child(run):
    """Every call of the child raises and sends nothing; the parent's session is as it was."""
    (child, parent), said = run("""
        session = Session(MongoClient(uri)[name], safe=True)
        session.save(Item(number=1))
        item = session.query(Item).one()
        result = iter(session.query(Item))
        session.add(Item(number=2))

        def block():
            with session:
                pass

        calls = [
            session.flush, session.end, session.close, session.clear_queue, block,
            lambda: session.add(Item(number=3)), lambda: session.save(Item(number=3)),
            lambda: session.update(item), lambda: session.remove(item),
            lambda: session.query(Item).all(), lambda: session.query(Item).count(),
            lambda: next(result), lambda: session.get(Item, item.mongo_id),
            lambda: session.refresh(item), lambda: session.query(Item).delete(),
            lambda: session.query(Item).inc(Item.number).execute(),
            lambda: session.query(Item).find_and_modify().inc(Item.number).execute(),
            lambda: session.clear_collection(Item), session.commit, session.rollback,
            lambda: session.ensure_indexes(Item), lambda: session.get_indexes(Item),
            lambda: session.auto_ensure_indexes(Item),
            lambda: session.clear_index(session.db["Item"]),
            lambda: session.run_in_transaction(lambda _: None),
        ]
        child = in_child(lambda: [said(call) for call in calls])
        session.flush()
        parent = sorted(one.number for one in session.query(Item))
        print(json.dumps([child, parent]))
    """)

    assert len(child) == 25
    for error in child:
        assert error.startswith("SessionThreadError: This session was made before the process")
        assert "Connect anew" in error
    assert parent == [1, 2]
    assert said == ""


def test_a_client_is_refused_in_a_forked_child(run):
    """No session is made on a connected client of the parent's; one of its own works."""
    (carried, anew, unused, parent), said = run("""
        client = MongoClient(uri)
        client.admin.command("ping")
        later = MongoClient(uri, connect=False)

        def store(number, session):
            session.save(Item(number=number))
            session.close()
            return session.db.name == name

        carried = in_child(lambda: said(lambda: Session(client[name])))
        anew = in_child(lambda: said(lambda: store(1, Session.connect(name, host=uri))))
        unused = in_child(lambda: said(lambda: store(2, Session(later[name]))))
        parent = sorted(one.number for one in Session(client[name]).query(Item))
        print(json.dumps([carried, anew, unused, parent]))
    """)

    assert carried.startswith("SessionThreadError: This client was connected before the process")
    assert "Connect anew" in carried
    assert (anew, unused, parent) == ("True", "True", [1, 2])
    assert said == ""


def test_workers_of_multiprocessing_connect_anew(run):
    """A pool whose workers are forked has the error for the parent's, and works with their own."""
    (carried, own), said = run("""
        session = Session.connect(name, host=uri, safe=True)
        session.save(Item(number=0))

        def connect():
            global own
            own = Session.connect(name, host=uri, safe=True)

        def store(number):
            carried = said(lambda: session.save(Item(number=number)))
            own.save(Item(number=number))
            return carried[:18]

        with multiprocessing.get_context("fork").Pool(2, connect) as pool:
            carried = pool.map(store, range(1, 5))
            pool.close()
            pool.join()
        print(json.dumps([carried, sorted(one.number for one in session.query(Item))]))
    """)

    assert carried == ["SessionThreadError"] * 4
    assert own == [0, 1, 2, 3, 4]
    assert said == ""


def test_the_end_of_a_child_ends_nothing_of_the_parents(run):
    """A session that the child lets go closes no client, ends no session, and warns of nothing."""
    (child, parent), said = run("""
        import gc, logging
        logging.basicConfig()
        warnings.simplefilter("always", ResourceWarning)
        session = Session.connect(name, host=uri, safe=True, causal=True)
        session.save(Item(number=1))
        session.add(Item(number=2))

        def let_go():
            global session
            del session
            gc.collect()
            return "let go"

        child = in_child(let_go)
        session.flush()
        parent = sorted(one.number for one in session.query(Item))
        session.close()
        print(json.dumps([child, parent]))
    """)

    assert (child, parent) == ("let go", [1, 2])
    assert "never sent" not in said


def test_a_child_that_is_forked_inside_a_call_is_refused_too(run):
    """The fork may come from a hook, in the middle of a load, or from within an open block."""
    (inside, block, parent), said = run("""
        from ommongo import StringField

        class Forking(StringField):
            def unwrap(self, value, session=None):
                global found
                found = in_child(lambda: said(lambda: session.query(Item).count())[:18])
                return super().unwrap(value, session)

        class Other(Document):
            text = Forking()

        session = Session(MongoClient(uri)[name], safe=True)
        session.save(Other(text="x"))
        session.query(Other).one()
        inside = found
        with session:
            session.add(Item(number=1))
            block = in_child(lambda: said(lambda: session.flush())[:18])
        print(json.dumps([inside, block, session.query(Item).count()]))
    """)

    assert (inside, block, parent) == ("SessionThreadError", "SessionThreadError", 1)
    assert said == ""
