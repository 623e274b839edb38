"""A guest book as a web service: ``uvicorn guestbook_fastapi:app``."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from guestbook import Entry, Guest, find_guest, sign
from pydantic import BaseModel
from pymongo import MongoClient
from pymongo.errors import ConnectionFailure, DuplicateKeyError

from ommongo import Session
from ommongo.exceptions import (
    BadDocumentException,
    BadValueException,
    MissingValueException,
    StaleDocumentException,
)

# -- connection: once for each process, when it starts to serve ---------------------------------


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Connect when a worker starts, which is behind any fork, and close when it stops."""
    uri = os.environ.get("MONGODB_URI", "mongodb://localhost:27017")
    with MongoClient[dict[str, Any]](uri) as client:
        app.state.database = client[os.environ.get("MONGODB_DATABASE", "guestbook")]
        yield


app = FastAPI(lifespan=lifespan)

# -- a session for each request -----------------------------------------------------------------


def request_session(request: Request) -> Iterator[Session]:
    """Give a request its session, and send what is pending before the answer goes out."""
    session = Session(request.app.state.database, safe=True)
    try:
        yield session
        session.flush()
    finally:
        session.clear_queue()  # of a request that has failed: nothing of it is sent later


# Without scope="function" FastAPI ends it when the client has its answer: too late to say no.
RequestSession = Annotated[Session, Depends(request_session, scope="function")]

# -- what a client is told ----------------------------------------------------------------------


@app.exception_handler(BadValueException)
@app.exception_handler(MissingValueException)
def refuse(_: Request, error: BadValueException | MissingValueException) -> JSONResponse:
    """422: a field refuses what was sent. The path names it, and no value is repeated."""
    if isinstance(error, BadDocumentException):
        raise error  # what is stored is bad, not what was sent: a 500
    return JSONResponse({"path": error.name, "detail": str(error)}, 422)


@app.exception_handler(DuplicateKeyError)
def conflict(_: Request, error: DuplicateKeyError) -> JSONResponse:
    """409: a unique index holds that value already."""
    taken = (error.details or {}).get("keyPattern", {})
    return JSONResponse({"detail": "is taken", "fields": list(taken)}, 409)


@app.exception_handler(StaleDocumentException)
def stale(_: Request, error: StaleDocumentException) -> JSONResponse:
    """409: somebody else has changed or removed it since it was loaded."""
    return JSONResponse({"detail": "was changed in the meantime. Load it again."}, 409)


@app.exception_handler(ConnectionFailure)
def unavailable(_: Request, error: ConnectionFailure) -> JSONResponse:
    """503: the database cannot be reached, or was lost on the way."""
    return JSONResponse({"detail": "Try again later."}, 503, {"Retry-After": "5"})


# -- the service: plain `def`, which FastAPI runs in threads ------------------------------------


class NewGuest(BaseModel):
    """What a client sends to sign."""

    name: str
    city: str = ""
    text: str


class ChangedGuest(BaseModel):
    """What a client sends to change a guest, with the version that it has seen."""

    name: str
    city: str
    version: int


class NewEntry(BaseModel):
    """What a client sends to write once more."""

    text: str
    tags: list[str] = []


def get_or_404(session: Session, guest_id: str) -> Guest:
    """Give a guest, or end the request."""
    guest = find_guest(session, guest_id)
    if guest is None:
        raise HTTPException(404, "There is no such guest.")
    return guest


def shown(guest: Guest) -> dict[str, Any]:
    """Give what a client sees of a guest."""
    return {
        "id": str(guest.mongo_id),
        "name": guest.name,
        "city": guest.city,
        "version": guest.version,
    }


@app.get("/guests")
def list_guests(session: RequestSession) -> list[dict[str, Any]]:
    """Give all guests."""
    return [shown(guest) for guest in session.query(Guest).ascending(Guest.name)]


@app.post("/guests", status_code=201)
def add_guest(new: NewGuest, session: RequestSession) -> dict[str, Any]:
    """Sign for the first time."""
    return shown(sign(session, new.name, new.city, new.text))


@app.get("/guests/{guest_id}")
def show_guest(guest_id: str, session: RequestSession) -> dict[str, Any]:
    """Give one guest, with the version that a change has to name."""
    return shown(get_or_404(session, guest_id))


@app.put("/guests/{guest_id}")
def change_guest(guest_id: str, changed: ChangedGuest, session: RequestSession) -> dict[str, Any]:
    """Change a guest, unless somebody else has done so since the client looked."""
    guest = get_or_404(session, guest_id)
    if guest.version != changed.version:
        raise HTTPException(409, {"detail": "was changed in the meantime.", "now": shown(guest)})
    guest.name, guest.city = changed.name, changed.city
    session.update(guest)  # asks for that version once more, where the document is
    return shown(guest)


@app.delete("/guests/{guest_id}", status_code=204)
def remove_guest(guest_id: str, session: RequestSession) -> None:
    """Remove a guest and all entries."""
    guest = get_or_404(session, guest_id)
    with session:
        session.remove_query(Entry).filter(Entry.guest_id == guest.to_ref()).execute()
        session.remove(guest)


@app.post("/guests/{guest_id}/entries", status_code=201)
def add_entry(guest_id: str, new: NewEntry, session: RequestSession) -> dict[str, str]:
    """Write once more."""
    guest = get_or_404(session, guest_id)
    entry = Entry(guest_id=guest.to_ref(), text=new.text, tags=new.tags)
    session.add(entry)  # request_session sends it
    return {"id": str(entry.mongo_id)}
