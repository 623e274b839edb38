"""A guest book with pages and forms: ``flask --app guestbook_flask run``."""

from __future__ import annotations

import os
from typing import Any

from flask import Flask, abort, redirect, render_template_string, request
from flask.typing import ResponseReturnValue
from guestbook import Entry, Guest, find_guest, sign
from pymongo import MongoClient
from pymongo.errors import ConnectionFailure, DuplicateKeyError

from ommongo import Session, scoped_session
from ommongo.exceptions import (
    BadDocumentException,
    BadValueException,
    MissingValueException,
    StaleDocumentException,
)

# -- connection: each process connects with its first request, which is behind any fork ---------

client: MongoClient[dict[str, Any]] = MongoClient(
    os.environ.get("MONGODB_URI", "mongodb://localhost:27017"), connect=False
)
database = client[os.environ.get("MONGODB_DATABASE", "guestbook")]

# -- a session for each request -----------------------------------------------------------------

session = scoped_session(lambda: Session(database, safe=True))  # a thread serves one at a time


class Guestbook(Flask):
    """An application whose answers are true: what a view has added is sent before."""

    def dispatch_request(self, *args: Any) -> ResponseReturnValue:
        """Run the view, and send what is pending while an error can still be answered."""
        try:
            answer = super().dispatch_request(*args)
            session.flush()
        finally:
            session.clear_queue()  # of a view that has failed: nothing of it is sent later
        return answer


app = Guestbook(__name__)


@app.teardown_request
def end_session(error: BaseException | None) -> None:
    """End the session of the request, whatever became of it."""
    session.remove()


# -- what a client is told ----------------------------------------------------------------------


@app.errorhandler(BadValueException)
@app.errorhandler(MissingValueException)
def refuse(error: BadValueException | MissingValueException) -> ResponseReturnValue:
    """422: a field refuses what was sent. The path names it, and no value is repeated."""
    if isinstance(error, BadDocumentException):
        raise error  # what is stored is bad, not what was sent: a 500
    return page("error.html", message=str(error)), 422


@app.errorhandler(DuplicateKeyError)
def conflict(error: DuplicateKeyError) -> ResponseReturnValue:
    """409: a unique index holds that value already."""
    taken = ", ".join((error.details or {}).get("keyPattern", {}))
    return page("error.html", message=f"This {taken} is taken."), 409


@app.errorhandler(StaleDocumentException)
def stale(error: StaleDocumentException) -> ResponseReturnValue:
    """409: somebody else has changed or removed it since it was loaded."""
    return page("error.html", message="It was changed in the meantime. Load it again."), 409


@app.errorhandler(ConnectionFailure)
def unavailable(error: ConnectionFailure) -> ResponseReturnValue:
    """503: the database cannot be reached, or was lost on the way."""
    return page("error.html", message="Try again later."), 503, {"Retry-After": "5"}


# -- the pages ----------------------------------------------------------------------------------

PAGES = {
    "guests.html": """
        <h1>Guests</h1>
        <ul>{% for guest in guests %}
          <li><a href="/guests/{{ guest.mongo_id }}">{{ guest.name }}</a> {{ guest.city }}</li>
        {% endfor %}</ul>
        <form method="post" action="/guests">
          <input name="name" placeholder="name"> <input name="city" placeholder="city">
          <input name="text" placeholder="what you want to say"> <button>Sign</button>
        </form>""",
    "guest.html": """
        <h1>{{ guest.name }}</h1>
        {% if mine %}<p>Somebody else has changed it. You wanted: {{ mine.name }},
          {{ mine.city }}. Below is what is stored now.</p>{% endif %}
        <form method="post">
          <input type="hidden" name="version" value="{{ guest.version }}">
          <input name="name" value="{{ guest.name }}"> <input name="city" value="{{ guest.city }}">
          <button>Change</button>
        </form>
        <ul>{% for entry in entries %}<li>{{ entry.text }}</li>{% endfor %}</ul>
        <form method="post" action="/guests/{{ guest.mongo_id }}/entries">
          <input name="text"> <input name="tags"> <button>Write</button>
        </form>""",
    "error.html": "<h1>That did not work</h1><p>{{ message }}</p>",
}


def page(name: str, **values: Any) -> str:
    """Make a page, whole: what it shows is loaded while there is a session."""
    return render_template_string(PAGES[name], **values)


def get_or_404(guest_id: str) -> Guest:
    """Give a guest, or end the request."""
    return find_guest(session, guest_id) or abort(404)


@app.get("/guests")
def list_guests() -> ResponseReturnValue:
    """Show all guests."""
    return page("guests.html", guests=session.query(Guest).ascending(Guest.name).all())


@app.post("/guests")
def add_guest() -> ResponseReturnValue:
    """Sign for the first time."""
    guest = sign(session, request.form["name"], request.form["city"], request.form["text"])
    return redirect(f"/guests/{guest.mongo_id}", 303)


@app.get("/guests/<guest_id>")
def show_guest(guest_id: str) -> ResponseReturnValue:
    """Show one guest, in a form that carries the version."""
    return guest_page(get_or_404(guest_id)), 200


def guest_page(guest: Guest, mine: Any = None) -> str:
    """Make the page of a guest."""
    entries = session.query(Entry).filter(Entry.guest_id == guest.to_ref()).all()
    return page("guest.html", guest=guest, entries=entries, mine=mine)


@app.post("/guests/<guest_id>")
def change_guest(guest_id: str) -> ResponseReturnValue:
    """Change a guest, unless somebody else has done so since the form was made."""
    guest, form = get_or_404(guest_id), request.form
    if str(guest.version) != form["version"]:
        return guest_page(guest, mine=form), 409
    guest.name, guest.city = form["name"], form["city"]
    session.update(guest)  # asks for that version once more, where the document is
    return redirect(f"/guests/{guest_id}", 303)


@app.post("/guests/<guest_id>/entries")
def add_entry(guest_id: str) -> ResponseReturnValue:
    """Write once more."""
    guest, form = get_or_404(guest_id), request.form
    entry = Entry(guest_id=guest.to_ref(), text=form["text"], tags=form["tags"].split())
    session.add(entry)  # dispatch_request sends it
    return redirect(f"/guests/{guest_id}", 303)
