"""
What clients of the guest books receive over HTTP: a success is stored, and a failure is told.

Both examples (FastAPI under uvicorn, Flask under werkzeug) run as processes of their own, as the
page on web applications says. Tried are: a value that is taken, one that a field refuses, a stale
form, several stale forms at once, an unknown id, and writes that the server refuses or loses, in a
block, sent by a view, and only added by it; what a failed request has left; many requests at once.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from bson import ObjectId

from tests.docs.test_documentation import DOCS, ROOT
from tests.processes import wait_until

APP_NAME = "guestbook"

FASTAPI = ["-m", "uvicorn", "guestbook_fastapi:app", "--port", "0"]
FLASK = ["-m", "flask", "--app", "guestbook_flask", "run", "--port", "0"]


class Site:
    """A running guest book, as a client of its service sees it."""

    done = 201

    def __init__(self, client: httpx.Client, database: Any, log: Path) -> None:
        self.client, self.database, self.log = client, database, log

    def sign(self, name: str, city: str = "Blora", text: str = "hello") -> httpx.Response:
        """Sign for the first time."""
        return self.client.post("/guests", json={"name": name, "city": city, "text": text})

    def change(self, id: str, version: int, name: str, city: str = "") -> httpx.Response:
        """Change a guest."""
        return self.client.put(
            f"/guests/{id}", json={"version": version, "name": name, "city": city}
        )

    def write(self, id: str, text: str, *tags: str) -> httpx.Response:
        """Write once more."""
        return self.client.post(f"/guests/{id}/entries", json={"text": text, "tags": [*tags]})

    def show(self, id: str) -> httpx.Response:
        """Ask for a guest."""
        return self.client.get(f"/guests/{id}")

    def guest(self, name: str) -> Any:
        """Give what is stored of a guest."""
        return self.database["guests"].find_one({"name": name})

    def texts(self) -> list[str]:
        """Give the texts of all entries."""
        return sorted(entry["text"] for entry in self.database["entries"].find())

    def signed(self) -> str:
        """Have a new guest, and give the id."""
        name = uuid.uuid4().hex
        assert self.sign(name, text=name).status_code == self.done
        return str(self.guest(name)["_id"])


class Pages(Site):
    """The same with pages and forms."""

    done = 303

    def sign(self, name: str, city: str = "Blora", text: str = "hello") -> httpx.Response:
        return self.client.post("/guests", data={"name": name, "city": city, "text": text})

    def change(self, id: str, version: int, name: str, city: str = "") -> httpx.Response:
        form = {"version": str(version), "name": name, "city": city}
        return self.client.post(f"/guests/{id}", data=form)

    def write(self, id: str, text: str, *tags: str) -> httpx.Response:
        form = {"text": text, "tags": " ".join(tags)}
        return self.client.post(f"/guests/{id}/entries", data=form)


@pytest.fixture(scope="module", params=[(Site, FASTAPI), (Pages, FLASK)], ids=["fastapi", "flask"])
def site(request, server, tmp_path_factory) -> Iterator[Site]:
    """A guest book that runs."""
    kind, arguments = request.param
    name, log = f"ommongo_test_{uuid.uuid4().hex}", tmp_path_factory.mktemp("site") / "log"
    environment = {
        **os.environ,
        "MONGODB_URI": f"{server.uri}&appName={APP_NAME}",
        "MONGODB_DATABASE": name,
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
    }
    with server.client() as client, log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-B", *arguments],
            cwd=DOCS / "examples",
            env=environment,
            stdout=output,
            stderr=output,
        )
        try:

            def address() -> re.Match[str] | None:
                assert process.poll() is None, log.read_text()
                return re.search(r"unning on (http://[\d.]+:\d+)", log.read_text())

            wait_until(address, "the guest book is there", 60)
            # A connection for each request: uvicorn closes it behind an error that nobody handles.
            headers = {"Connection": "close"}
            with httpx.Client(base_url=address()[1], timeout=60, headers=headers) as http:
                yield kind(http, client[name], log)
        finally:
            process.terminate()
            process.wait(30)
            client.drop_database(name)


def test_what_is_answered_is_stored(site):
    """After a success the database holds it: by a block, by the request's own flush, by update."""
    assert site.sign("Pramoedya", text="bumi manusia").status_code == site.done
    guest = site.guest("Pramoedya")
    id = str(guest["_id"])
    assert (guest["city"], guest["version"]) == ("Blora", 1)
    assert (
        site.database["entries"].find_one({"text": "bumi manusia"})["guest_id"].id == guest["_id"]
    )

    assert site.write(id, "rumah kaca", "novel").status_code == site.done
    assert "rumah kaca" in site.texts()

    assert site.change(id, 1, "Pramoedya A. T.", "Jakarta").status_code in (200, 303)
    guest = site.guest("Pramoedya A. T.")
    assert (guest["city"], guest["version"]) == ("Jakarta", 2)
    assert "Jakarta" in site.show(id).text
    assert "Pramoedya A. T." in site.client.get("/guests").text


def test_a_name_that_is_taken_is_a_conflict(site):
    """The second POST is a 409 that names the field, and leaves nothing, not even its entry."""
    assert site.sign("Chairil", text="aku").status_code == site.done
    answer = site.sign("Chairil", text="again")

    assert answer.status_code == 409
    assert "name" in answer.text
    assert "Chairil" not in answer.text
    assert "again" not in site.texts()
    assert site.database["guests"].count_documents({"name": "Chairil"}) == 1


def test_a_change_to_a_name_that_is_taken_is_a_conflict(site):
    """An update runs into a unique index as an insert does."""
    id = site.signed()
    site.sign("Rendra")

    assert site.change(id, 1, "Rendra").status_code == 409
    assert site.database["guests"].find_one({"_id": ObjectId(id)})["version"] == 1


@pytest.mark.parametrize(
    ("call", "path"),
    [
        (lambda site, id: site.sign("x" * 41), "Guest.name"),
        (lambda site, id: site.sign("Sapardi", text=""), "Entry.text"),
        (lambda site, id: site.change(id, 1, "Sapardi", "x" * 41), "Guest.city"),
        (lambda site, id: site.write(id, "text", "short", "x" * 21), "Entry.tags[1]"),
    ],
)
def test_a_value_that_a_field_refuses_is_named(site, call, path):
    """A bad value is a 422 with the path, without the value; what came before is not stored."""
    id = site.signed()
    answer = call(site, id)

    assert answer.status_code == 422
    assert path in answer.text
    assert "x" * 21 not in answer.text
    assert site.guest("Sapardi") is None
    assert "text" not in site.texts()


def test_a_stale_form_is_a_conflict(site):
    """Who changes what was changed in the meantime gets a 409, with what is stored now."""
    id = site.signed()
    assert site.change(id, 1, f"first {id}", "Solo").status_code in (200, 303)
    answer = site.change(id, 1, f"second {id}", "Bali")

    assert answer.status_code == 409
    assert "Solo" in answer.text
    assert site.guest(f"first {id}")["version"] == 2
    assert site.guest(f"second {id}") is None


def test_one_of_many_forms_at_once_wins(site):
    """Whether they meet before the update or in it, all but one of the forms are a 409."""
    id = site.signed()
    with ThreadPoolExecutor(8) as pool:
        answers = [*pool.map(lambda n: site.change(id, 1, f"{n} {id}").status_code, range(8))]

    assert sorted(answers)[1:] == [409] * 7 or sorted(answers)[:-1].count(409) == 7
    assert len([answer for answer in answers if answer in (200, 303)]) == 1
    assert site.database["guests"].find_one({"_id": ObjectId(id)})["version"] == 2


@pytest.mark.parametrize("id", ["650000000000000000000000", "no-id"])
def test_what_is_not_there_is_not_found(site, id):
    """An id of nobody, and what is no id, is a 404."""
    assert site.show(id).status_code == 404
    assert site.change(id, 1, "nobody").status_code == 404
    assert site.write(id, "to nobody").status_code == 404
    assert site.guest("nobody") is None


@pytest.mark.parametrize(
    ("failure", "status"), [({"errorCode": 121}, 500), ({"closeConnection": True}, 503)]
)
def test_a_write_that_fails_is_no_success(site, fail_command, failure, status):
    """What a view has only added fails before the answer: never a 201 for what is not stored."""
    id = site.signed()
    with fail_command("insert", "update", appName=APP_NAME, **failure):
        written = site.write(id, f"lost {status}")
        changed = site.change(id, 1, f"lost {id}")

    assert (written.status_code, changed.status_code) == (status, status)
    assert f"lost {status}" not in site.texts()
    assert site.guest(f"lost {id}") is None


def test_a_block_that_fails_is_no_success(site, fail_command):
    """Of a block that the server refuses nothing is stored, and the client is told."""
    with fail_command("insert", appName=APP_NAME, errorCode=121):
        answer = site.sign("Nobody", text="of a block")

    assert answer.status_code == 500
    assert site.guest("Nobody") is None
    assert "of a block" not in site.texts()


def test_nothing_of_a_failed_request_comes_with_the_next(site, fail_command):
    """What failed is not sent later, by whichever request the thread serves next."""
    id = site.signed()
    with fail_command("insert", appName=APP_NAME, errorCode=121):
        answers = [site.write(id, f"leak {n}").status_code for n in range(10)]
    assert answers == [500] * 10
    for n in range(20):
        assert site.write(id, f"kept {id} {n}").status_code == site.done

    assert not [text for text in site.texts() if text.startswith("leak")]
    assert sum(text.startswith(f"kept {id}") for text in site.texts()) == 20
    assert "never sent" not in site.log.read_text()


def test_requests_at_the_same_time_do_not_share_a_session(site):
    """Each of many requests at once has its own answer, and what is stored is that of it."""
    tag = uuid.uuid4().hex[:8]

    def sign(n: int) -> int:
        good, name = n % 3, f"{tag} {n}"
        return site.sign(name, text=name if good else "").status_code

    with ThreadPoolExecutor(16) as pool:
        answers = [*pool.map(sign, range(60))]

    assert answers == [site.done if n % 3 else 422 for n in range(60)]
    expected = sorted(f"{tag} {n}" for n in range(60) if n % 3)
    guests = {guest["_id"]: guest["name"] for guest in site.database["guests"].find()}
    entries = [*site.database["entries"].find({"text": {"$regex": f"^{tag}"}})]
    assert sorted(name for name in guests.values() if name.startswith(tag)) == expected
    assert sorted(entry["text"] for entry in entries) == expected
    assert all(guests[entry["guest_id"].id] == entry["text"] for entry in entries)
    assert "SessionThreadError" not in site.log.read_text()


def test_an_application_that_is_loaded_before_the_fork_serves_in_each_worker(server, database):
    """The page's Flask application may be preloaded: its client connects behind the fork."""
    program = """
import os
import guestbook_flask
from werkzeug.test import Client
for number in range(2):
    pid = os.fork()
    if not pid:
        form = {"name": f"worker {number}", "city": "", "text": "hello"}
        answer = Client(guestbook_flask.app).post("/guests", data=form)
        os._exit(0 if answer.status_code == 303 else 1)
    assert os.waitpid(pid, 0)[1] == 0
"""
    environment = {
        **os.environ,
        "MONGODB_URI": server.uri,
        "MONGODB_DATABASE": database.name,
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [sys.executable, "-B", "-c", program],
        cwd=DOCS / "examples",
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(guest["name"] for guest in database["guests"].find()) == ["worker 0", "worker 1"]


def test_the_test_that_the_page_shows_passes(server):
    """The page's test of the FastAPI application passes, as a user would run it."""
    environment = {**os.environ, "OMMONGO_TEST_URI": server.uri, "PYTHONPATH": str(ROOT)}
    plain = ["-c", os.devnull, "--rootdir", ".", "-p", "no:cacheprovider"]
    run = subprocess.run(
        [sys.executable, "-B", "-m", "pytest", "-q", *plain, "test_guestbook_fastapi.py"],
        cwd=DOCS / "examples",
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert "1 passed" in run.stdout
