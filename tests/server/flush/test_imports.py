"""The first flush of a process: nothing is imported once the queue is emptied."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

PROGRAM = """
    import logging
    import sys
    from ommongo import Document, Index, IntField, Session, StringField

    class User(Document):
        config_collection_name = "users"
        name = StringField()
        age = IntField(required=False)
        i_name = Index().ascending("name").unique()

    class Watch:
        def find_spec(self, name, path=None, target=None):
            if name.startswith("ommongo.") and not session.queue:
                print(name)

    session = Session.connect(sys.argv[1], host=sys.argv[2], safe=True)
    for name in ("ada", "bob"):
        session.add(User(name=name))
    sys.meta_path.insert(0, Watch())
"""

FLUSHES = {
    "flush": "session.flush()",
    "end": "session.end()",
    "block": """
        with session:
            session.add(User(name="eve"))
    """,
    "transaction": """
        with session.transaction():
            session.save(User(name="eve"))
    """,
    "atomic": """
        session.atomic = True
        with session:
            session.add(User(name="eve"))
    """,
    "queries": """
        with session:
            session.query(User).filter(User.name == "ada").set(User.age, 3).execute()
            session.query(User).filter(User.name == "eve").set(User.age, 3).upsert().execute()
            session.remove_query(User).filter(User.name == "eve").execute()
    """,
    "callbacks": """
        with session:
            session.add(User(name="eve"))
            session.after_commit(print)
    """,
    "passed over": """
        session.safe = False
        logging.getLogger("ommongo").disabled = True
        session.add(User(name="ada"))
        session.flush()
    """,
    "refused index": """
        session.db["users"].insert_many([{"name": "ada"}, {"name": "ada"}])
        try:
            session.flush()
        except Exception:
            pass
    """,
    "refused": """
        session.add(User(name="ada"))
        try:
            session.flush()
        except Exception:
            pass
    """,
}


@pytest.mark.parametrize("way", FLUSHES)
def test_a_flush_imports_what_it_needs_before_it_empties_the_queue(database, server, way):
    """A Ctrl-C during an import finds everything that is pending still in the queue."""
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            textwrap.dedent(PROGRAM) + textwrap.dedent(FLUSHES[way]),
            database.name,
            server.uri,
        ],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr, done.stdout.split()) == (0, "", [])
    assert database["users"].count_documents({}) >= 2
